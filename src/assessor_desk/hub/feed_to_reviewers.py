"""What deciding adds to the feed: packets to decide on, reviews passed back, holds, whom a report
goes to, and badges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.badges import oldest_first
from assessor_desk.hub.hub import Hub
from assessor_desk.protocol.baked import baked_png, baked_svg
from assessor_desk.protocol.messages import (
    BadgeMessage,
    DeliveredPacketMessage,
    HeldMessage,
    PassedBackMessage,
    RecipientMessage,
    TimeStampMessage,
)


def packets_told(
    hub: Hub, view: sa.Connection, person: str, page: Sequence[Any], standing: Iterable[Any]
) -> tuple[DeliveredPacketMessage, ...]:
    """Packets that were delivered, and all of a submission that the person is newly to decide on."""
    submissions = [row.submission_id for row in standing if row.purpose == Purpose.DECIDE.value]
    digests = _subjects(page, "packet")
    if not submissions and not digests:
        return ()
    wanted = sa.or_(t.packets.c.digest.in_(digests), t.assignments.c.submission_id.in_(submissions))
    query = _to_decide(person).add_columns(t.stamps.c.token)
    query = query.outerjoin(t.stamps, t.stamps.c.digest == t.packets.c.digest)
    rows = view.execute(query.where(wanted).order_by(t.packets.c.received_at)).all()
    lengths = ((row, hub.packets.length(row.file)) for row in rows)
    return tuple(_packet(row, length) for row, length in lengths if length)


def stamps_told(view: sa.Connection, page: Sequence[Any]) -> tuple[TimeStampMessage, ...]:
    """Time-stamps over what the person delivered."""
    rows = _rows(view, t.stamps, t.stamps.c.digest, _subjects(page, "stamp"))
    return tuple(TimeStampMessage(packet=row.digest, token=row.token) for row in rows if row.token)


def passed_back_told(view: sa.Connection, person: str, page: Sequence[Any]) -> tuple[PassedBackMessage, ...]:
    """The person's own packets that a reviewer passed back."""
    decisions = _rows(view, t.decisions, t.decisions.c.digest, _subjects(page, "passed_back"))
    return tuple(message for row in decisions for message in _passed_back(view, person, row))


def _passed_back(view: sa.Connection, person: str, decision: Any) -> Iterator[PassedBackMessage]:
    packets = t.packets.c
    at = view.execute(sa.select(packets.received_at).where(packets.digest == decision.digest)).scalar_one()
    own = sa.select(t.packets).where(packets.digest.in_(decision.bases), packets.person == person)
    for packet in view.execute(own):
        yield PassedBackMessage(
            decision=decision.digest,
            assignment_id=packet.assignment_id,
            packet=packet.digest,
            reason=decision.reason,
            at=at,
        )


def holds_told(
    view: sa.Connection, person: str, page: Sequence[Any], standing: Iterable[Any]
) -> tuple[HeldMessage, ...]:
    """Holds that were put on or lifted, and those that stand on a submission newly assigned.

    What the concern is about and what was written is for the submission's reviewers and whoever raised it: others hear
    that it is on hold, since when, and until when.
    """
    own, packets = t.holds.c, t.packets.c
    fresh = [row.submission_id for row in standing]
    wanted = sa.or_(
        own.id.in_(_subjects(page, "hold")), sa.and_(own.submission_id.in_(fresh), own.lifted_at.is_(None))
    )
    raised = sa.select(t.holds, packets.person).join(t.packets, packets.digest == own.id).where(wanted)
    rows = view.execute(raised.order_by(own.id)).all()
    reviewed = _reviewed(view, person, {row.submission_id for row in rows})
    return tuple(_held(row, row.person == person or row.submission_id in reviewed) for row in rows)


def _held(row: Any, whole: bool) -> HeldMessage:
    told = {name: value for name, value in row._mapping.items() if name != "person"}
    return HeldMessage.model_validate(told if whole else {**told, "kind": "", "words": "", "artifact_id": ""})


def _reviewed(view: sa.Connection, person: str, submissions: Iterable[str]) -> set[str]:
    """Of these submissions those that the person is to decide on."""
    own = t.assignments.c
    reviewing = (own.role == Role.REVIEWER.value, own.withdrawn_at.is_(None))
    query = sa.select(own.submission_id, own.person).where(
        *reviewing, own.submission_id.in_(list(submissions))
    )
    return {row.submission_id for row in view.execute(query) if row.person == person}


def recipients_told(view: sa.Connection, person: str, page: Sequence[Any]) -> tuple[RecipientMessage, ...]:
    """Whom the reports on submissions that the person decided go to."""
    rows = _rows(view, t.submissions, t.submissions.c.id, _subjects(page, "recipient"))
    return tuple(
        RecipientMessage(
            submission_id=row.id,
            educator_key=row.educator_key,
            name=row.educator_name,
            email=row.email,
            district=row.district,
            disclosure_agreed=row.disclosure_agreed,
        )
        for row in rows
    )


def badges_told(view: sa.Connection, page: Sequence[Any]) -> tuple[BadgeMessage, ...]:
    """Badges for what the person decided: each submission's newest, also once it was revoked."""
    own = t.badges.c
    wanted = _subjects(page, "badge")
    if not wanted:
        return ()
    rows = view.execute(sa.select(t.badges).where(own.submission_id.in_(wanted)).order_by(*oldest_first()))
    newest = {row.submission_id: row for row in rows}
    return tuple(_badge(row) for row in newest.values())


def _badge(row: Any) -> BadgeMessage:
    return BadgeMessage(
        id=row.id,
        submission_id=row.submission_id,
        decision=row.subject,
        issued_at=row.issued_at,
        revoked_at=row.revoked_at,
        credential=row.credential,
        png=baked_png(row.png, row.credential),
        svg=baked_svg(row.svg.decode(), row.credential),
    )


def may_decide_on(view: sa.Connection, person: str, file: str) -> bool:
    """Whether the sealed file holds a packet on a submission that the person decides on."""
    return view.execute(_to_decide(person).where(t.packets.c.file == file)).first() is not None


def _to_decide(person: str) -> sa.Select[Any]:
    """Assessors' packets on the submissions that a person decides on."""
    own = t.assignments.alias("own")
    deciding = sa.select(own.c.submission_id).where(
        own.c.person == person, own.c.purpose == Purpose.DECIDE.value, own.c.withdrawn_at.is_(None)
    )
    return (
        sa.select(t.packets, t.assignments.c.submission_id)
        .join(t.assignments, t.assignments.c.id == t.packets.c.assignment_id)
        .where(t.packets.c.kind == "packet", t.assignments.c.submission_id.in_(deciding))
    )


def _packet(row: Any, length: int) -> DeliveredPacketMessage:
    return DeliveredPacketMessage(
        digest=row.digest,
        submission_id=row.submission_id,
        assignment_id=row.assignment_id,
        person=row.person,
        received_at=row.received_at,
        blob=row.file,
        length=length,
        key=row.file_key,
        receipt=row.receipt,
        time_stamp=row.token or b"",
    )


def _subjects(page: Sequence[Any], kind: str) -> list[str]:
    return [row.subject for row in page if row.kind == kind]


def _rows(view: sa.Connection, table: sa.Table, column: Any, wanted: list[str]) -> Sequence[Any]:
    return view.execute(sa.select(table).where(column.in_(wanted)).order_by(column)).all() if wanted else ()
