"""Badges: issued for decisions that are earned and released, shown, baked into pictures, and revoked."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from assessor_desk.domain.badge import Identity, Stack, years_after
from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.rubric import Outcome, Rubric
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append, note
from assessor_desk.hub.badge_papers import badge_key, renew_status, setting
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.endings import places_revoked
from assessor_desk.hub.endings_kept import keep_soon
from assessor_desk.hub.holds import refuse_held
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.keys.data_integrity import with_proof
from assessor_desk.packets.badge import Educator, Issuing, badge_for_decision
from assessor_desk.protocol.baked import baked_png, baked_svg
from assessor_desk.protocol.documents import canonical
from assessor_desk.protocol.status_list import PLACES
from assessor_desk.reports.badge_picture import BadgePicture, badge_picture, badge_png, badge_svg
from assessor_desk.rubric_files import policy_from_json, rubric_from_json
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import FEEDBACK, POLICY, RUBRIC

#: Pixels of the picture inside the credential; the baked one has twice as many.
_INSIDE = 256
_DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge as it is listed. `key` is the submission's, empty for a stack's; `replaced` says that a later decision
    took the place of the one it was issued for.
    """

    id: str
    key: str
    title: str
    educator: str
    issued_at: datetime
    valid_until: datetime | None
    revoked_at: datetime | None
    reason: str
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class BadgeFiles:
    """A badge as files: the credential, and pictures with it inside."""

    id: str
    json: bytes
    png: bytes
    svg: bytes


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a badge is issued for: `subject` names it, `credential` makes the unsigned credential."""

    kind: str
    subject: str
    achievement: str
    title: str
    identity: Identity
    valid_years: int
    educator: Any
    submission_id: str | None = None


def issue_badge(hub: Hub, key: str) -> str:
    """Issue the badge for a submission's decision; its id. One that stands already is not issued twice.

    Raises Refused where nothing was earned or released yet, while a concern stands, and before badges were set up.
    """
    setting(hub)
    with hub.database.reading() as view:
        decided = _earned(view, refuse_unknown(view, key), key)
        standing = _standing(view, decided.digest)
        educator = view.execute(
            sa.select(t.submissions).where(t.submissions.c.id == decided.submission_id)
        ).one()
    if standing is not None:
        return str(standing)
    files = _bag(hub, decided)
    rubric, terms = rubric_from_json(files[RUBRIC]), policy_from_json(files[POLICY]).badge
    feedback = json.loads(files[FEEDBACK])
    levels = {one["criterion"]: one["level"] for one in feedback["criteria"]}
    award = Grounds(
        _DECISION,
        decided.digest,
        rubric.id,
        rubric.title,
        terms.identity,
        terms.valid_years,
        educator,
        decided.submission_id,
    )
    picture = pictured(hub, rubric)
    issuing = begin(hub, award, picture)
    return keep(hub, award, issuing, picture, badge_for_decision(issuing, rubric, levels, decided.digest))


def waiting_for_badges(hub: Hub) -> list[str]:
    """Keys of submissions that were earned and released and have no badge, oldest first."""
    issued = sa.select(t.badges.c.subject).where(t.badges.c.kind == _DECISION)
    query = (
        sa.select(t.submissions.c.key)
        .join(t.decisions, t.decisions.c.submission_id == t.submissions.c.id)
        .join(t.releases, t.releases.c.decision == t.decisions.c.digest)
        .where(t.decisions.c.outcome == Outcome.EARNED.value, t.decisions.c.digest.not_in(issued))
        .where(t.decisions.c.digest.not_in(_replaced()))
        .order_by(t.releases.c.released_at, t.submissions.c.key)
    )
    with hub.database.reading() as view:
        return list(view.execute(query).scalars())


def oldest_first() -> tuple[sa.ColumnElement[Any], ...]:
    """The order of badges. One that was issued anew within the second comes after the one that it replaced."""
    own = t.badges.c
    return own.issued_at, own.revoked_at.is_(None), own.id


def badges(hub: Hub) -> list[Badge]:
    """Every badge, oldest first."""
    query = (
        sa.select(t.badges, t.submissions.c.key, t.badges.c.subject.in_(_replaced()).label("replaced"))
        .outerjoin(t.submissions, t.submissions.c.id == t.badges.c.submission_id)
        .order_by(*oldest_first())
    )
    with hub.database.reading() as view:
        rows = view.execute(query).all()
    return [
        Badge(
            r.id, r.key or "", r.title, r.educator_key, r.issued_at, r.valid_until, r.revoked_at, r.reason,
            bool(r.replaced),
        )
        for r in rows
    ]  # fmt: skip


def revoke_badge(hub: Hub, name: str, reason: str) -> str:
    """Revoke a badge, named by its id or its submission's key; its id. The status list says so at once.

    Raises Refused for one that does not stand, or without a reason.
    """
    if not reason.strip():
        raise Refused("Say why the badge is revoked; the reason is kept with it")
    with hub.database.writing() as work:
        row = _named(work, name)
        if row.revoked_at is not None:
            raise Refused(f"The badge of {name} was revoked on {row.revoked_at:%Y-%m-%d} already")
        values = {"revoked_at": hub.clock(), "reason": reason.strip()}
        work.execute(sa.update(t.badges).where(t.badges.c.id == row.id).values(**values))
        tell_of_badge(work, row.submission_id)
        append(work, hub.clock(), Line(Act.REVOKED_BADGE, row.id, row.submission_id or ""))
    renew_status(hub)
    keep_soon(hub)
    return str(row.id)


def badge_files(hub: Hub, name: str) -> BadgeFiles:
    """A badge's files, by its id or its submission's key. Raises Refused where there is none."""
    with hub.database.reading() as view:
        row = _named(view, name)
    note(hub, Line(Act.EXPORTED, row.id, row.submission_id or "", detail="badge"))
    return BadgeFiles(
        row.id,
        row.credential,
        baked_png(row.png, row.credential),
        baked_svg(row.svg.decode(), row.credential),
    )


def badge_for(hub: Hub, decision: str) -> bytes | None:
    """The credential that stands for a decision, named by its digest; None where none was issued."""
    with hub.database.reading() as view:
        own = t.badges.c
        query = sa.select(own.credential).where(own.subject == decision, own.revoked_at.is_(None))
        return view.execute(query).scalars().first()


# -- what stacks need too ----------------------------------------------------------------------------------


def pictured(hub: Hub, thing: Rubric | Stack) -> BadgePicture:
    """The picture of a micro-credential, or of a stack."""
    short = thing.short_title if isinstance(thing, Rubric) else ""
    return badge_picture(short or thing.title, hub.title, setting(hub).look)


def begin(hub: Hub, award: Grounds, picture: BadgePicture) -> Issuing:
    """Everything about a badge but what it is for; a place in the status list is chosen by chance."""
    chosen, now = setting(hub), hub.clock().replace(microsecond=0)
    row = award.educator
    until = years_after(now, award.valid_years) if award.valid_years else None
    return Issuing(
        uuid4(),
        badge_key(hub).did,
        hub.title,
        chosen.address,
        chosen.status_list,
        _free_place(hub),
        Educator(row.educator_key, row.educator_name, row.email),
        award.identity,
        badge_png(picture, _INSIDE),
        now,
        until,
    )


def keep(
    hub: Hub, award: Grounds, issuing: Issuing, picture: BadgePicture, unsigned: Mapping[str, Any]
) -> str:
    """Sign the credential and keep it with its pictures; its id, or that of one that came first."""
    key = badge_key(hub)
    if key.did != issuing.did:
        raise Refused("The key for badges was replaced just now. Issue the badge again")
    credential = canonical(with_proof(unsigned, key, issuing.issued_at))
    row = {
        "id": issuing.id.urn,
        "kind": award.kind,
        "subject": award.subject,
        "submission_id": award.submission_id,
        "educator_key": award.educator.educator_key,
        "achievement": award.achievement,
        "title": award.title,
        "list": setting(hub).number,
        "place": issuing.place,
        "issued_at": issuing.issued_at,
        "valid_until": issuing.valid_until,
        "credential": credential,
        "svg": badge_svg(picture).encode(),
        "png": badge_png(picture),
    }
    with hub.database.writing() as work:
        first = _standing(work, award.subject, award.educator.educator_key)
        if first is not None:
            return str(first)
        work.execute(sa.insert(t.badges).values(**row))
        tell_of_badge(work, award.submission_id)
        append(work, hub.clock(), Line(Act.ISSUED_BADGE, row["id"], award.submission_id or ""))
    renew_status(hub)  # a list from before the badge says nothing about it
    return issuing.id.urn


def tell_of_badge(work: sa.Connection, submission_id: str | None) -> None:
    """Let whoever decided on a submission hear that its badge was issued or revoked."""
    decided = t.decisions.c
    query = (
        sa.select(t.packets.c.person)
        .join(t.decisions, decided.digest == t.packets.c.digest)
        .where(decided.submission_id == submission_id, decided.outcome != "")
    )
    for person in list(work.execute(query.distinct()).scalars()):
        note_change(work, "badge", str(submission_id), person)


def _standing(view: sa.Connection, subject: str, educator: str = "") -> str | None:
    own = t.badges.c
    query = sa.select(own.id).where(own.subject == subject, own.revoked_at.is_(None))
    return view.execute(query.where(own.educator_key == educator) if educator else query).scalars().first()


def _free_place(hub: Hub) -> int:
    with hub.database.reading() as view:
        number = setting(hub).number
        issued = view.execute(sa.select(t.badges.c.place).where(t.badges.c.list == number)).scalars()
        taken = {*issued, *places_revoked(view, number)}
    if len(taken) >= PLACES:
        raise Refused(f"The status list has {PLACES} places, and all are taken")
    while (place := secrets.randbelow(PLACES)) in taken:
        pass
    return place


def _replaced() -> sa.Select[Any]:
    """Digests of decisions that a later one took the place of."""
    return sa.select(t.packets.c.supersedes).where(t.packets.c.supersedes != "")


def _earned(view: sa.Connection, submission_id: str, key: str) -> Any:
    """The decision that stands, with its file. Raises Refused saying why no badge can be issued for it."""
    decided = t.decisions.c
    query = (
        sa.select(t.decisions, t.packets.c.file, t.packets.c.file_key, t.releases.c.released_at)
        .join(t.packets, t.packets.c.digest == decided.digest)
        .outerjoin(t.releases, t.releases.c.decision == decided.digest)
        .where(decided.submission_id == submission_id, decided.kind != DecisionKind.PASSED_BACK.value)
        .where(decided.digest.not_in(_replaced()))
    )
    row = view.execute(query.order_by(t.packets.c.received_at.desc())).first()
    if row is None:
        raise Refused(f"{key} is not decided yet; a badge follows an earned decision")
    if row.outcome != Outcome.EARNED.value:
        raise Refused(f"{key} was decided {row.outcome.replace('_', ' ')}; a badge is for what was earned")
    if row.released_at is None:
        raise Refused(f"{key} was decided, but its report is not released yet. The educator hears that first")
    refuse_held(view, submission_id)
    return row


def _bag(hub: Hub, row: Any) -> dict[str, bytes]:
    with hub.packets.open(row.file, row.file_key, "the decision") as reader:
        return parse_archive(reader.read()).files


def _named(view: sa.Connection, name: str) -> Any:
    """The row of a badge: by its id, or the newest of a submission's key."""
    query = (
        sa.select(t.badges)
        .outerjoin(t.submissions, t.submissions.c.id == t.badges.c.submission_id)
        .where(sa.or_(t.badges.c.id.in_((name, f"urn:uuid:{name}")), t.submissions.c.key == name))
        .order_by(*oldest_first())
    )
    row = next(reversed(view.execute(query).all()), None)
    if row is None:
        raise Refused(f"There is no badge “{name}” here; “hub badge list” shows those that there are")
    return row
