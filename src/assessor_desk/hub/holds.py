"""Holds: a submission about which somebody raised a concern is neither decided nor released until that is lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.destroying import end_without_consent
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub, note_change


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as `hub holds` lists it."""

    id: str
    key: str
    kind: str
    words: str
    raised_at: datetime
    person: str
    artifact_id: str
    lifted_at: datetime | None


def holds(hub: Hub, *, lifted: bool = False) -> list[Hold]:
    """The holds that stand, oldest first; with `lifted` those of the past too."""
    query = (
        sa.select(t.holds, t.submissions.c.key, t.packets.c.person)
        .join(t.submissions, t.submissions.c.id == t.holds.c.submission_id)
        .join(t.packets, t.packets.c.digest == t.holds.c.id)
        .order_by(t.holds.c.raised_at, t.holds.c.id)
    )
    with hub.database.reading() as view:
        rows = view.execute(query if lifted else query.where(t.holds.c.lifted_at.is_(None))).all()
    return [
        Hold(r.id, r.key, r.kind, r.words, r.raised_at, r.person, r.artifact_id, r.lifted_at) for r in rows
    ]


def lift_holds(hub: Hub, key: str) -> int:
    """Lift every hold on the submission `key`; quarantined files are sent out again.

    What they alone kept of a submission without consent goes with them. Raises Refused where none stands.
    """
    with hub.database.writing() as work:
        own_id = refuse_unknown(work, key)
        standing = (t.holds.c.submission_id == own_id, t.holds.c.lifted_at.is_(None))
        raised = sa.select(t.holds.c.id, t.packets.c.person).join(
            t.packets, t.packets.c.digest == t.holds.c.id
        )
        found = work.execute(raised.where(*standing)).all()
        if not found:
            raise Refused(f"{key} is not on hold")
        work.execute(sa.update(t.holds).where(*standing).values(lifted_at=hub.clock()))
        for row in found:
            tell_of_hold(work, row.id, own_id, row.person)
        append(work, hub.clock(), *(Line(Act.LIFTED, row.id, own_id) for row in found))
    end_without_consent(hub, own_id)
    return len(found)


def tell_of_hold(work: sa.Connection, hold_id: str, submission_id: str, raised_by: str) -> None:
    """Let everyone who works on it hear of a hold, and whoever raised it; every desk takes its evidence anew."""
    own = t.assignments.c
    query = sa.select(own.id, own.person).where(
        own.submission_id == submission_id, own.withdrawn_at.is_(None)
    )
    rows = work.execute(query).all()
    for person in sorted({raised_by, *(row.person for row in rows)}):
        note_change(work, "hold", hold_id, person)
    for row in rows:
        note_change(work, "assignment", row.id, row.person)


def refuse_held(work: sa.Connection, submission_id: str) -> None:
    """Raises Declined (409) where a hold stands."""
    standing = (t.holds.c.submission_id == submission_id, t.holds.c.lifted_at.is_(None))
    row = work.execute(sa.select(t.holds.c.kind, t.holds.c.raised_at).where(*standing)).first()
    if row is not None:
        raise Declined(
            409,
            f"The submission is on hold since {row.raised_at:%Y-%m-%d}: a {row.kind} concern was raised. "
            "The programme lifts it",
        )


def quarantined(submission_ids: Any) -> sa.Select[Any]:
    """Submission and artifact ids of files that nobody may fetch now: those a concern names, with their captions."""
    own, files = t.holds.c, t.artifacts.c
    closed = (own.lifted_at.is_(None), own.artifact_id != "", own.submission_id.in_(submission_ids))
    named = sa.select(own.submission_id, own.artifact_id).where(*closed)
    spoken = sa.select(own.submission_id, files.captions).join(
        t.artifacts, sa.and_(files.submission_id == own.submission_id, files.id == own.artifact_id)
    )
    both = named.union(spoken.where(*closed, files.captions != "")).subquery()
    return sa.select(both.c.submission_id, both.c.artifact_id)
