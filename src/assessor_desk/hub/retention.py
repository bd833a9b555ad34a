"""Evidence that is kept at the hub by policy: for so long after the decision, longer while a hold stands.

What is over is destroyed (`destroying`); decisions, packets, reports and the audit log stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.policy import Policy
from assessor_desk.hub import tables as t
from assessor_desk.hub.destroying import Ending, end, end_without_consent, finish, held, weight
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import published_policy
from assessor_desk.rubric_files import policy_from_json


def over(hub: Hub) -> list[Ending]:
    """What would be destroyed now: decided evidence whose days have passed, which nothing holds and nobody needs.

    A policy that says no days keeps it. A draft's go as a coach's help does. What is still worked on stays, also by
    whoever assesses a later attempt of the same educator's; so does what can still be appealed.
    """
    now = hub.clock()
    with hub.database.reading() as view:
        return [one for row in _finished(view) if (one := _ending(view, row, now)) is not None]


def expire(hub: Hub) -> list[Ending]:
    """Destroy it, and what is here without consent since a hold is over; each is a line in the audit log."""
    done = end_without_consent(hub)
    for ending in over(hub):
        with hub.database.reading() as view:
            busy = _at_work(view, ending.submission_id)
        if not busy and end(hub, ending, _at_work):
            done.append(ending)
    finish(hub)
    return done


def _finished(view: sa.Connection) -> Iterator[Any]:
    """Submissions with evidence here that were decided, or drafts that went back: since when, under which policy."""
    s, a, p, own = t.submissions.c, t.artifacts.c, t.packets.c, t.assignments.c
    here = sa.exists().where(a.submission_id == s.id, a.blob.is_not(None))
    decided = (
        sa.select(
            s.id, s.key, s.draft, own.policy_id, own.policy_version, p.received_at, t.releases.c.released_at,
            t.decisions.c.kind,
        )
        .select_from(
            t.submissions.join(t.assignments, own.submission_id == s.id)
            .join(t.packets, p.assignment_id == own.id)
            .outerjoin(t.decisions, t.decisions.c.digest == p.digest)
            .outerjoin(t.releases, t.releases.c.decision == p.digest)
        )
        .where(here, sa.or_(t.decisions.c.digest.is_not(None), sa.and_(s.draft, p.kind == "notes")))
        .order_by(s.key, p.received_at)
    )  # fmt: skip
    newest = {row.id: row for row in view.execute(decided)}
    yield from (row for row in newest.values() if row.kind != "passed_back")


def _ending(view: sa.Connection, row: Any, now: datetime) -> Ending | None:
    policy = _policy(view, row.policy_id, row.policy_version)
    if policy is None:
        return None
    terms = policy.retention
    days = terms.drafts_and_coaching if row.draft else terms.evidence_with_programme
    since = max(filter(None, (row.received_at, row.released_at)))
    until = since + timedelta(days=days)
    if row.released_at is not None:
        until = max(until, row.released_at + timedelta(days=policy.appeal.window_days))
    if not days or now < until or held(view, row.id, now) or _at_work(view, row.id):
        return None
    files, size = weight(view, row.id)
    what = "a draft’s evidence" if row.draft else "decided evidence"
    return Ending(row.id, row.key, files, size, f"{policy.id} keeps {what} {days} days", since)


def _policy(view: sa.Connection, policy_id: str, version: str) -> Policy | None:
    content = published_policy(view, policy_id, version)
    return None if content is None else policy_from_json(content)


def _at_work(view: sa.Connection, submission_id: str) -> bool:
    """Whether somebody has yet to hand in what is theirs to do with it, or with a later attempt of the same work."""
    s, own, p = t.submissions.c, t.assignments.c, t.packets.c
    mine = view.execute(sa.select(t.submissions).where(s.id == submission_id)).one()
    later = sa.and_(
        s.educator_key == mine.educator_key, s.rubric_id == mine.rubric_id, s.attempt > mine.attempt
    )
    open_work = (
        sa.select(own.id)
        .join(t.submissions, s.id == own.submission_id)
        .where(sa.or_(s.id == submission_id, later), own.withdrawn_at.is_(None))
        .where(
            sa.not_(sa.exists().where(p.assignment_id == own.id, p.kind.in_(("packet", "decision", "notes"))))
        )
    )
    return view.execute(open_work.limit(1)).first() is not None
