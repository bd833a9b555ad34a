"""What a coach does beyond writing: notes go back to the educator, and the notes on the draft before are at hand.

Handing back is no seal: the notes may be carried on and go back once more. What goes back is one document, made when
nothing more is needed; it waits, encrypted, in the outbox. No signature, no level, never the private notes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.outgoing import outgoing
from assessor_desk.desk.shown import Shown, refuse_unshown
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.coaching import CoachingNotes, fold_notes
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.handed_notes import NotesFacts, handed_notes
from assessor_desk.domain.review import EntryKind
from assessor_desk.domain.roles import Purpose
from assessor_desk.domain.submission import Submission
from assessor_desk.protocol.documents import LARGEST_DOCUMENT
from assessor_desk.protocol.notes import notes_bytes, notes_digest
from assessor_desk.store.lines import InboxState

if TYPE_CHECKING:
    from assessor_desk.desk.pen import Pen
    from assessor_desk.desk.standing import Standing
    from assessor_desk.store.lines import OutboxLine
    from assessor_desk.store.reading import Reading


def hand_back(pen: Pen, submission_id: str, outbox: Path, shown: Shown | None = None) -> Changes:
    """Hand the notes back. Raises Refused, with nothing changed, saying all that is needed first.

    Raises ChangedElsewhere where other notes would go than were shown; None shows nothing, as a command does.
    """
    pen.settle(submission_id)
    with pen.store.reading() as view:
        standing = pen.look(view, submission_id)
    refuse_unready(standing)
    refuse_unshown(standing, shown, then="hand the notes back")
    facts = _facts(standing, pen.clock())
    content = notes_bytes(handed_notes(facts))
    if len(content) > LARGEST_DOCUMENT:
        raise Refused(
            f"The notes on {standing.submission.key} take {len(content):,} bytes, and {LARGEST_DOCUMENT:,} go back at "
            "most. Shorten the longest of them"
        )
    digest, source = notes_digest(content), standing.submission.source
    with outgoing(outbox, source, DeliveryKind.NOTES, facts.notes.id, content, digest, pen.clock()) as line:
        _record(pen, facts, line)
    return Changes.of(Kind.INBOX, Kind.REVIEW, Kind.OUTBOX, Kind.LEDGER, submission=submission_id)


def refuse_unready(standing: Standing) -> None:
    """Raise Refused saying everything that keeps the notes from going back."""
    standing.require_open()
    key, notes = standing.submission.key, standing.notes
    if notes is None:
        raise Refused(f"{key} is not assigned to you to coach, so there are no notes to hand back")
    if _is_empty(notes):
        raise Refused(
            f"There are no notes on {key} to hand back yet. Say what is there, what to try next, or ask a question"
        )
    if notes.handed_back is not None and not standing.changed_since:
        raise Refused(f"The notes on {key} went back as they stand; there is nothing new to hand back")
    if standing.version_changed:
        raise Refused(
            f"The evidence of {key} was replaced since these notes were begun. Look at it again before handing back"
        )
    if needed := standing.needed:
        raise Refused(f"Needed before handing back {key}: {'; '.join(needed)}")


def earlier_notes(view: Reading, submission: Submission) -> tuple[CoachingNotes, Submission] | None:
    """This coach's notes on the educator's draft before this one as they last went back, with that draft.

    None where there is no such draft here, or nothing went back, or what went back had its time.
    """
    draft = view.submission(submission.previous) if submission.previous else None
    lines = [line for line in view.reviews(submission.previous) if line.purpose is Purpose.COACH]
    if draft is None or not lines:
        return None
    entries = view.entries(lines[-1].id)
    back = fold_notes(lines[-1].id, entries).handed_back
    if back is None:
        return None
    went = [one for one in entries if one.id in back.covers or one.kind is EntryKind.HANDED_BACK]
    notes = fold_notes(lines[-1].id, went)
    return None if _is_empty(notes) else (notes, draft)


def _is_empty(notes: CoachingNotes) -> bool:
    written = notes.overall.strip() or notes.anchors or notes.uptake
    return not (written or any(map(notes.speaks_of, notes.works)))


def _facts(standing: Standing, now: datetime) -> NotesFacts:
    assert standing.notes is not None
    return NotesFacts(
        notes=standing.notes, submission=standing.submission, assignment=standing.assignment, rubric=standing.rubric,
        policy=standing.policy, programme=standing.policy.programme, at=now.replace(microsecond=0),
        covers=_covers(standing), earlier=standing.previous,
    )  # fmt: skip


def _covers(standing: Standing) -> tuple[str, ...]:
    return tuple(entry.id for entry in standing.entries if entry.kind is not EntryKind.HANDED_BACK)


def _record(pen: Pen, facts: NotesFacts, line: OutboxLine) -> None:
    """That the notes went back as an entry, its outbox line and the inbox's line, in one transaction."""
    submission_id = facts.submission.id
    with pen.store.transaction() as work:
        standing = pen.look(work, submission_id)
        if standing.drafts or _covers(standing) != facts.covers:
            raise Refused(
                f"The notes on {facts.submission.key} were changed while they were handed back. Hand them back again"
            )
        standing.require_open()
        told = {"digest": line.digest, "covers": list(facts.covers)}
        (entry,) = pen.entries(facts.notes.id, [(EntryKind.HANDED_BACK, told)], work.highest_counter())
        work.record([replace(entry, at=facts.at)], [line])
        work.set_progress(submission_id, standing.done, InboxState.SEALED_WAITING)
        work.commit()
