"""Releasing reports: each decision once, never while a concern stands, and what was released to whom is on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from assessor_desk.artifacts.vault import Sealed
from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.errors import NoRoom
from assessor_desk.domain.policy import Confirmation
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.holds import refuse_held
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller, refuse_ended
from assessor_desk.hub.resubmissions import tell_later_attempts
from assessor_desk.hub.stamping import asks_somebody, has_stamp
from assessor_desk.hub.sweeping import remove_unnamed
from assessor_desk.protocol.messages import ReleaseAnswer
from assessor_desk.protocol.streams import PieceReader
from assessor_desk.rubric_files import policy_from_json

LARGEST_REPORTS = 64 << 20


class How(StrEnum):
    """Who hands the report on: the reviewer from a folder, or the issuer from the hub."""

    FOLDER = "folder"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Released:
    """A release as `hub releases` lists it."""

    submission_id: str
    key: str
    outcome: str
    person: str
    how: str
    released_at: datetime
    decision: str


def release(
    hub: Hub, caller: Caller, decision: str, how: How, length: int, pieces: Iterator[bytes]
) -> tuple[ReleaseAnswer, bool]:
    """Release the report on a decision of the caller's; for `hub` the body is a ZIP of its documents.

    Releasing again is answered as the first time; the flag says whether it is new. Raises Declined: 404 for a decision
    that is not the caller's, 409 while a concern stands, for a pass-back, or where a later decision replaced it.
    """
    known = _known(hub, caller, decision)
    if known is not None:
        return known, False
    sealed = _spool(hub, length, pieces) if how is How.HUB else None
    answer = ReleaseAnswer(decision=decision, released_at=hub.clock().replace(microsecond=0), how=how.value)
    try:
        new = _keep(hub, caller, answer, sealed)
    except BaseException:  # of a commit the answer alone may have been lost
        if sealed is not None:
            remove_unnamed(hub, hub.packets, [sealed.digest])
        raise
    if not new:
        _drop(hub, sealed)
        answer = _known(hub, caller, decision) or answer
    return answer, new


def releases(hub: Hub) -> list[Released]:
    """Everything that was released, oldest first."""
    query = (
        sa.select(t.releases, t.submissions.c.key, t.decisions.c.outcome, t.decisions.c.submission_id)
        .join(t.decisions, t.decisions.c.digest == t.releases.c.decision)
        .join(t.submissions, t.submissions.c.id == t.decisions.c.submission_id)
        .order_by(t.releases.c.released_at, t.submissions.c.key)
    )
    with hub.database.reading() as view:
        rows = view.execute(query).all()
    return [
        Released(r.submission_id, r.key, r.outcome, r.person, r.how, r.released_at, r.decision) for r in rows
    ]


def released_documents(hub: Hub, decision: str) -> bytes:
    """The ZIP of documents that a release left with the hub. Raises Declined (404) where there is none."""
    with hub.database.reading() as view:
        row = view.execute(sa.select(t.releases).where(t.releases.c.decision == decision)).first()
    if row is None or not row.file:
        raise Declined(404, "The hub holds no report on that decision")
    with hub.packets.open(row.file, row.file_key, "the report") as reader:
        return reader.read()


def _spool(hub: Hub, length: int, pieces: Iterator[bytes]) -> Sealed:
    try:
        return hub.packets.write(PieceReader(pieces), length)
    except NoRoom as error:
        raise Declined(507, "The hub has no room for reports now. Release again later") from error


def _drop(hub: Hub, sealed: Sealed | None) -> None:
    if sealed is not None:
        with suppress(OSError):
            hub.packets.remove(sealed.digest)


def _keep(hub: Hub, caller: Caller, answer: ReleaseAnswer, sealed: Sealed | None) -> bool:
    with hub.database.writing() as work:
        row = _decision(work, caller, answer.decision)
        refuse_ended(work, caller)
        refuse_held(work, row.submission_id)
        _refuse_unconfirmed(work, answer.decision)
        if work.execute(sa.select(t.releases).where(t.releases.c.decision == answer.decision)).first():
            return False
        values = {
            "decision": answer.decision,
            "person": caller.person,
            "how": answer.how,
            "released_at": answer.released_at,
            "file": sealed.digest if sealed else "",
            "file_key": sealed.key if sealed else b"",
        }
        work.execute(sa.insert(t.releases).values(**values))
        tell_later_attempts(work, row.submission_id)
        who = {"person": caller.person, "device": caller.device}
        append(
            work,
            hub.clock(),
            Line(Act.RELEASED, answer.decision, row.submission_id, detail=answer.how, **who),
        )
    return True


def _refuse_unconfirmed(work: sa.Connection, decision: str) -> None:
    """Raises Declined (409) where the policy asks for a time-stamp over the decision and there is none yet."""
    own = t.assignments.c
    query = (
        sa.select(t.documents.c.canonical)
        .join(
            t.assignments,
            sa.and_(t.documents.c.id == own.policy_id, t.documents.c.version == own.policy_version),
        )
        .join(t.packets, t.packets.c.assignment_id == own.id)
        .where(t.packets.c.digest == decision, t.documents.c.kind == "policy")
    )
    policy = policy_from_json(work.execute(query).scalar_one())
    if policy.release_needs is not Confirmation.TIME_STAMP or has_stamp(work, decision):
        return
    words = "The policy asks for a time-stamp over the decision, and it has none yet. "
    if asks_somebody(work):
        raise Declined(409, f"{words}The hub asks for it again by itself. Sync, and release later")
    raise Declined(409, f"{words}No time-stamping authority is configured here: hub stamp --authority")


def _decision(work: sa.Connection, caller: Caller, digest: str) -> Any:
    query = sa.select(t.decisions).join(t.packets, t.packets.c.digest == t.decisions.c.digest)
    row = work.execute(
        query.where(t.decisions.c.digest == digest, t.packets.c.person == caller.person)
    ).first()
    if row is None:
        raise Declined(404, "There is no such decision of yours here. Sync first, so that the hub has it")
    if row.kind == DecisionKind.PASSED_BACK.value:
        raise Declined(409, "A review that was passed back has no report to release")
    replaced = sa.select(t.packets.c.digest).where(t.packets.c.supersedes == digest)
    if work.execute(replaced).first() is not None:
        raise Declined(409, "A later decision replaced this one. Release that one's report")
    return row


def _known(hub: Hub, caller: Caller, decision: str) -> ReleaseAnswer | None:
    own = t.releases.c
    with hub.database.reading() as view:
        row = view.execute(
            sa.select(t.releases).where(own.decision == decision, own.person == caller.person)
        ).first()
    return (
        None
        if row is None
        else ReleaseAnswer(decision=row.decision, released_at=row.released_at, how=row.how)
    )
