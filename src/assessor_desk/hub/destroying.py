"""Evidence that the hub destroys: keys first, in the transaction that says so, its files after, then a signed record.

Packets, decisions, reports, the digests of what was handed in and the audit log stay: they are not the evidence. The
record is made once no file is left; whoever was interrupted in between, or met a store out of reach, goes on with the
next look (`finish`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.errors import DeskError, Unavailable
from assessor_desk.domain.sizes import bytes_in_words
from assessor_desk.hub import tables as t
from assessor_desk.hub.alike import Compared
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.held_files import kept_beside
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.looks import compare_without, forget_looks
from assessor_desk.hub.parts import in_parts
from assessor_desk.keys.cms import sign_with_content
from assessor_desk.protocol.documents import canonical, instant

RECORD_FORMAT = "assessor-desk/hub-destruction/1"


@dataclass(frozen=True, slots=True)
class Ending:
    """Evidence of a submission whose time is over, or was: `files` of `bytes`, by which rule, since when."""

    submission_id: str
    key: str
    files: int
    bytes: int
    why: str
    since: datetime


def without_consent(hub: Hub) -> list[Ending]:
    """What is here of submissions whose educator withdrew their consent, and nothing holds."""
    s, now = t.submissions.c, hub.clock()
    query = sa.select(s.id, s.key, s.consent_withdrawn_at).where(
        s.consent_withdrawn_at.is_not(None), s.id.not_in(sa.select(t.evidence_ended.c.submission_id))
    )
    with hub.database.reading() as view:
        rows = [row for row in view.execute(query.order_by(s.key)).all() if not held(view, row.id, now)]
        return [
            Ending(row.id, row.key, *weight(view, row.id), _consent(row.consent_withdrawn_at),
                   row.consent_withdrawn_at)
            for row in rows
        ]  # fmt: skip


def end_without_consent(hub: Hub, *submissions: str) -> list[Ending]:
    """Destroy that, and say so; of these submissions alone where some are named.

    What a hold keeps goes when it is released; when its time is over `retention.expire` looks, each day.
    """
    which = [one for one in without_consent(hub) if not submissions or one.submission_id in submissions]
    done = [one for one in which if end(hub, one)]
    finish(hub)
    return done


def end(hub: Hub, ending: Ending, needed: Callable[[sa.Connection, str], bool] = lambda *_: False) -> bool:
    """Destroy the keys of a submission's evidence; False where a hold stands since, or another was faster.

    `needed`: whether somebody needs it all the same, as it is when it would go; nor does it go then.
    """
    now, own = hub.clock(), t.evidence_ended.c
    with hub.database.reading() as view:
        compared = compare_without(view, [ending.submission_id])
    with hub.database.writing() as work:
        known = work.execute(sa.select(own.at).where(own.submission_id == ending.submission_id)).first()
        stays = held(work, ending.submission_id, now) or needed(work, ending.submission_id)
        if known is not None or stays:
            return False
        destroy(work, ending.submission_id, compared)
        row = {"at": now, "why": ending.why, "files": ending.files, "bytes": ending.bytes}
        work.execute(sa.insert(t.evidence_ended).values(submission_id=ending.submission_id, **row))
        told = f"{ending.files} files; {ending.why}"
        append(work, now, Line(Act.DESTROYED, ending.key, ending.submission_id, detail=told))
    return True


def destroy(work: sa.Connection, submission_id: str, compared: Compared | None = None) -> None:
    """Within a transaction: keys, renditions, and what copies are told by; and which files are to go after it.

    `compared`: what `compare_without` came to before, which takes long where many have one picture.
    """
    _destroy_keys(work, submission_id)
    forget_looks(work, [submission_id], compared)


def _destroy_keys(work: sa.Connection, submission_id: str) -> None:
    a, r, b, gone = t.artifacts.c, t.renditions.c, t.blobs.c, t.ended_blobs.c
    named = sa.union(
        sa.select(a.blob).where(a.submission_id == submission_id, a.blob.is_not(None)),
        sa.select(r.blob).where(r.submission_id == submission_id, r.blob.is_not(None)),
    )
    digests = list(work.execute(named).scalars())
    work.execute(sa.update(t.artifacts).where(a.submission_id == submission_id).values(blob=None))
    work.execute(sa.delete(t.renditions).where(r.submission_id == submission_id))
    still = sa.union(
        sa.select(a.blob).where(a.blob.in_(digests)), sa.select(r.blob).where(r.blob.in_(digests))
    )
    ended = sorted(set(digests) - set(work.execute(still).scalars()))
    work.execute(sa.delete(t.blobs).where(b.digest.in_(ended)))
    work.execute(sa.delete(t.ended_blobs).where(gone.digest.in_(ended)))
    if ended:
        rows = [{"digest": one, "submission_id": submission_id} for one in ended]
        work.execute(sa.insert(t.ended_blobs), rows)
    _tell(work, submission_id)


def destroy_again(work: sa.Connection) -> None:
    """A back-up that was restored brought keys back: where evidence was destroyed they go once more."""
    ended = work.execute(sa.select(t.evidence_ended.c.submission_id)).scalars().all()
    for submission_id in ended:
        _destroy_keys(work, submission_id)
    forget_looks(work, ended)  # of all at once: each hash is compared once


def finish(hub: Hub) -> None:
    """Remove the files whose keys are gone, and sign what that was. A store out of reach is asked again later."""
    own, gone = t.evidence_ended.c, t.ended_blobs.c
    with hub.database.reading() as view:
        left = list(view.execute(sa.select(gone.digest).where(gone.removed_at.is_(None))).scalars())
    for some in in_parts(left):
        removed, away = _removed(hub, some)
        with hub.database.writing() as work:
            of_these = sa.update(t.ended_blobs).where(gone.digest.in_(removed))
            work.execute(of_these.values(removed_at=hub.clock()))  # not before: a term's files take an hour
        if away:
            break
    with hub.database.reading() as view:
        unsigned = view.execute(sa.select(t.evidence_ended).where(own.record.is_(None))).all()
    for row in unsigned:
        record = _record(hub, row)
        if record:
            with hub.database.writing() as work:
                which = (own.submission_id == row.submission_id, own.record.is_(None))
                work.execute(sa.update(t.evidence_ended).where(*which).values(record=record))


def ended_artifacts(submission_ids: Any) -> sa.Select[Any]:
    """Submission and artifact ids of files that were here, and told to desks, until they were destroyed."""
    own = t.artifacts.c
    ended = sa.select(t.evidence_ended.c.submission_id)
    return sa.select(own.submission_id, own.id.label("artifact_id")).where(
        own.submission_id.in_(submission_ids),
        own.submission_id.in_(ended),
        own.sha256 != "",
        own.blob.is_(None),
        sa.not_(kept_beside()),
    )


def not_there(hub: Hub, person: str, digest: str) -> Declined:
    """What to answer to somebody who asks for a file that is not theirs, or no more: 410 where it was assigned to them
    once and was destroyed here, else 404, in the same words whether it exists or not.
    """
    own, gone, s, mine = t.evidence_ended.c, t.ended_blobs.c, t.submissions.c, t.assignments.c
    query = (
        sa.select(s.key, own.at, own.why)
        .select_from(t.ended_blobs)
        .join(t.evidence_ended, own.submission_id == gone.submission_id)
        .join(t.submissions, s.id == gone.submission_id)
        .where(gone.digest == digest)
        .where(sa.exists().where(mine.submission_id == s.id, mine.person == person))
    )
    with hub.database.reading() as view:
        row = view.execute(query).first()
    if row is None:
        return Declined(404, "There is no such artifact among those assigned to you")
    return Declined(
        410, f"The evidence of {row.key} was destroyed here on {row.at:%Y-%m-%d} and cannot be had any more: {row.why}"
    )  # fmt: skip


def what_became(hub: Hub, key: str) -> str:
    """In a sentence, what became here of a submission whose consent was withdrawn."""
    own, s = t.evidence_ended.c, t.submissions.c
    query = sa.select(s.id, t.evidence_ended).outerjoin(t.evidence_ended, own.submission_id == s.id)
    with hub.database.reading() as view:
        row = view.execute(query.where(s.key == key)).one()
    if row.at is None:
        return (
            f"{key}: kept here while a hold stands, out of everybody’s reach; destroyed within a day after it"
        )
    size = bytes_in_words(row.bytes)
    left = "" if row.record else "; what is left of its files goes as soon as their place can be reached"
    files = "1 file" if row.files == 1 else f"{row.files} files"
    return f"{key}: {files} ({size}) destroyed here on {row.at:%Y-%m-%d}{left}"


def records(hub: Hub, submission_ids: set[str]) -> list[tuple[str, bytes]]:
    """The hub's signed records of what it destroyed, of these submissions or of all, by submission."""
    own = t.evidence_ended.c
    query = (
        sa.select(own.submission_id, own.record).where(own.record.is_not(None)).order_by(own.submission_id)
    )
    with hub.database.reading() as view:
        rows = view.execute(query.where(own.submission_id.in_(submission_ids)) if submission_ids else query)
        return [(row.submission_id, row.record) for row in rows.all()]


def held(view: sa.Connection, submission_id: str, now: datetime) -> bool:
    """Whether anything keeps the evidence of a submission now: such a hold, or a concern that stands."""
    own, concerns = t.retention_holds.c, t.holds.c
    standing = sa.select(own.id).where(
        own.submission_id == submission_id,
        own.released_at.is_(None),
        sa.or_(own.until.is_(None), own.until > now),
    )
    raised = sa.select(concerns.id).where(
        concerns.submission_id == submission_id, concerns.lifted_at.is_(None)
    )
    return any(view.execute(query.limit(1)).first() is not None for query in (standing, raised))


def heard(view: sa.Connection, submission_id: str) -> bool:
    """Whether a review of a submission was handed in, or a decision: its files are what that was made of."""
    p, own = t.packets.c, t.assignments.c
    made = (
        sa.select(p.digest)
        .join(t.assignments, own.id == p.assignment_id)
        .where(own.submission_id == submission_id, p.kind.in_(("packet", "decision")))
    )
    return view.execute(made.limit(1)).first() is not None


def weight(view: sa.Connection, submission_id: str) -> tuple[int, int]:
    """How many sealed files of a submission's are here, and their bytes; renditions aside."""
    a, b = t.artifacts.c, t.blobs.c
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(b.length), 0)).join(
        t.artifacts, a.blob == b.digest
    )
    files, size = view.execute(query.where(a.submission_id == submission_id)).one()
    return int(files), int(size)


def _consent(at: datetime) -> str:
    return f"the educator withdrew their consent on {at:%Y-%m-%d}"


def _tell(work: sa.Connection, submission_id: str) -> None:
    own = t.assignments.c
    standing = sa.select(own.id, own.person).where(
        own.submission_id == submission_id, own.withdrawn_at.is_(None)
    )
    for row in work.execute(standing).all():
        note_change(work, "assignment", row.id, row.person)


def _removed(hub: Hub, digests: Iterable[str]) -> tuple[list[str], bool]:
    """Those that are gone now, and whether the store is out of reach, which is not waited for once for each of them."""
    gone = list[str]()
    for digest in digests:
        try:
            hub.blobs.remove(digest)
        except Unavailable:
            return gone, True
        except (DeskError, OSError):
            continue
        gone.append(digest)
    return gone, False


def _record(hub: Hub, row: Any) -> bytes:
    """What was destroyed, signed as receipts are; nothing while a file of it is left."""
    gone, a = t.ended_blobs.c, t.artifacts.c
    left = sa.select(gone.digest).where(gone.submission_id == row.submission_id, gone.removed_at.is_(None))
    pieces = sa.select(a.id, a.sha256, a.size).where(a.submission_id == row.submission_id, a.sha256 != "")
    with hub.database.reading() as view:
        if view.execute(left.limit(1)).first() is not None:
            return b""
        files = [
            {"artifact": one.id, "sha256": one.sha256, "length": one.size}
            for one in view.execute(pieces.order_by(a.position, a.id)).all()
        ]
    # Read once all is gone; a clock that went back meanwhile says nothing.
    now = max(hub.clock(), row.at)
    content = canonical(
        {
            "format": RECORD_FORMAT, "hub": hub.identity, "submission": row.submission_id, "why": row.why,
            "destroyed_at": instant(row.at), "gone_at": instant(now), "files": files,
        }
    )  # fmt: skip
    signer = hub.authority.hub_signer()
    return sign_with_content(content, signer.key, signer.certificate, now)
