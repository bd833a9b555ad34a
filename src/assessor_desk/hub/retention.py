"""Evidence that is kept at the hub by policy: for so long after the decision, longer while a hold stands.

What is over is destroyed keys first, in the transaction that says so, and its files at once after, or by the sweep.
Decisions, packets, reports and the audit log stay: they are not the evidence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.policy import Policy
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.publishing import published_policy
from assessor_desk.hub.retention_holds import held
from assessor_desk.rubric_files import policy_from_json


@dataclass(frozen=True, slots=True)
class Ending:
    """Evidence of a submission whose time is over, or was: `files` of `bytes`, by which rule, since when."""

    submission_id: str
    key: str
    files: int
    bytes: int
    why: str
    since: datetime


def over(hub: Hub) -> list[Ending]:
    """What would be destroyed now: decided evidence whose days have passed, which nothing holds and nobody needs.

    A policy that says no days keeps it. A draft's go as a coach's help does. What is still worked on stays, also by
    whoever assesses a later attempt of the same educator's; so does what can still be appealed.
    """
    now = hub.clock()
    with hub.database.reading() as view:
        return [one for row in _finished(view) if (one := _ending(view, row, now)) is not None]


def expire(hub: Hub) -> list[Ending]:
    """Destroy it. Keys go with the transaction, files after; each is a line in the audit log."""
    done = []
    for ending in over(hub):
        with hub.database.writing() as work:
            if held(work, ending.submission_id, hub.clock()) or _at_work(work, ending.submission_id):
                continue
            gone = destroy(work, ending.submission_id)
            row = {"at": hub.clock(), "why": ending.why, "files": ending.files, "bytes": ending.bytes}
            work.execute(sa.insert(t.evidence_ended).values(submission_id=ending.submission_id, **row))
            told = f"{ending.files} files; {ending.why}"
            append(work, hub.clock(), Line(Act.DESTROYED, ending.key, ending.submission_id, detail=told))
        for digest in gone:
            with contextlib.suppress(OSError):  # the sweep removes what is left
                hub.blobs.remove(digest)
        done.append(ending)
    return done


def destroy(work: sa.Connection, submission_id: str) -> list[str]:
    """Within a transaction: keys, renditions, and what copies are told by. Returns the files that nothing names now."""
    a, r, b = t.artifacts.c, t.renditions.c, t.blobs.c
    named = sa.union(
        sa.select(a.blob).where(a.submission_id == submission_id, a.blob.is_not(None)),
        sa.select(r.blob).where(r.submission_id == submission_id, r.blob.is_not(None)),
    )
    digests = list(work.execute(named).scalars())
    work.execute(sa.update(t.artifacts).where(a.submission_id == submission_id).values(blob=None))
    work.execute(sa.delete(t.renditions).where(r.submission_id == submission_id))
    work.execute(sa.delete(t.looks).where(t.looks.c.submission_id == submission_id))
    pairs = sa.or_(t.copies.c.submission_id == submission_id, t.copies.c.other_submission == submission_id)
    work.execute(sa.delete(t.copies).where(pairs))
    still = sa.union(
        sa.select(a.blob).where(a.blob.in_(digests)), sa.select(r.blob).where(r.blob.in_(digests))
    )
    used = set(work.execute(still).scalars())
    gone = [one for one in digests if one not in used]
    work.execute(sa.delete(t.blobs).where(b.digest.in_(gone)))
    own = t.assignments.c
    standing = sa.select(own.id, own.person).where(
        own.submission_id == submission_id, own.withdrawn_at.is_(None)
    )
    for row in work.execute(standing).all():
        note_change(work, "assignment", row.id, row.person)
    return gone


def destroy_again(work: sa.Connection) -> None:
    """A back-up that was restored brought keys back: of evidence whose time was over they go once more."""
    for submission_id in work.execute(sa.select(t.evidence_ended.c.submission_id)).scalars().all():
        destroy(work, submission_id)


def ended_artifacts(submission_ids: Any) -> sa.Select[Any]:
    """Submission and artifact ids of files that were here until their time was over."""
    own = t.artifacts.c
    ended = sa.select(t.evidence_ended.c.submission_id)
    return sa.select(own.submission_id, own.id.label("artifact_id")).where(
        own.submission_id.in_(submission_ids),
        own.submission_id.in_(ended),
        own.sha256 != "",
        own.blob.is_(None),
    )


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
    a, b = t.artifacts.c, t.blobs.c
    weight = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(b.length), 0)).join(
        t.artifacts, a.blob == b.digest
    )
    files, size = view.execute(weight.where(a.submission_id == row.id)).one()
    what = "a draft’s evidence" if row.draft else "decided evidence"
    return Ending(row.id, row.key, int(files), int(size), f"{policy.id} keeps {what} {days} days", since)


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
