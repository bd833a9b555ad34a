"""What came from the person's other devices becomes part of what this desk shows.

Entries are in the store by then. Here a text still being typed in a review that was sealed elsewhere becomes an entry,
what came after a seal opens the next revision, and the inbox's lines are brought in line. All of it may be done again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from assessor_desk.desk.pen import told_again
from assessor_desk.desk.standing import OWN_NAME, Standing, revision_of
from assessor_desk.domain.late import carried_over, late_entries, taken_over
from assessor_desk.domain.review import Draft, Entry, EntryKind, fold, seal_digest, standing_seals, under_seal
from assessor_desk.domain.roles import Purpose

if TYPE_CHECKING:
    from assessor_desk.desk.pen import Pen
    from assessor_desk.store.lines import ReviewLine
    from assessor_desk.store.writing import Writing

_NO_REVIEW = (Purpose.COACH, Purpose.DECIDE)


def merge_arrived(pen: Pen) -> set[str]:
    """Take in what came; the submissions that it is about. One that is not here yet waits for its assignment."""
    with pen.store.reading() as view:
        arrived = view.travelling.arrived()
        lines = view.travelling.revisions(arrived)
        here = {one.submission_id for one in lines if view.assignments(one.submission_id)}
    for submission_id in sorted(here):
        with pen.store.transaction() as work:
            _merge(pen, work, submission_id)
            work.travelling.looked_at(one.id for one in lines if one.submission_id == submission_id)
            work.commit()
        if pen.shelf.neighbours is not None:
            pen.shelf.neighbours.wrote(submission_id)
    return here


def _merge(pen: Pen, work: Writing, submission_id: str) -> None:
    for line in work.reviews(submission_id):
        if line.purpose is not Purpose.COACH:
            _withdraw_refused(pen, work, line)
        if line.purpose not in _NO_REVIEW:
            _settle(pen, work, line)
            _open_next(pen, work, line)
    standing = Standing.of(work, pen.shelf, submission_id, pen.clock())
    work.set_progress(submission_id, standing.done, standing.state)


def _withdraw_refused(pen: Pen, work: Writing, line: ReviewLine) -> None:
    """Of two seals the source took the other: this one's never was the source's.

    While the source took neither, as far as is known here, both stand: it may take one yet.
    """
    seals = standing_seals(work.entries(line.id))
    sent = {one.digest: one for one in work.all_outbox_of(line.id)} if len(seals) > 1 else {}
    if not any(one.delivered_at is not None or one.receipt for one in sent.values()):
        return
    for seal in seals:
        digest = seal_digest(seal)
        own = sent.get(
            digest
        )  # None: a correction was begun before the other was heard of, or it is another's
        if own.turned_away if own else seal.device == work.fact(OWN_NAME):
            told = [(EntryKind.SEAL_WITHDRAWN, {"packet_digest": digest})]
            work.record(pen.entries(line.id, told, work.highest_counter()))
            if own is not None:
                work.travelling.drop_packet(own.id)


def _settle(pen: Pen, work: Writing, line: ReviewLine) -> None:
    """A text that was being typed here while another device sealed the review is not lost."""
    drafts = work.drafts(line.id)
    if not drafts or under_seal(work.entries(line.id)) is None:
        return
    sealed = fold(line.id, work.entries(line.id))
    counter = work.highest_counter()
    for draft in drafts:
        if sealed.text(draft.field, draft.criterion) != draft.text:
            work.record(_written(pen, line.id, draft, counter))
            counter += 1
    work.travelling.drop_drafts(line.id)


def _written(pen: Pen, review_id: str, draft: Draft, counter: int) -> list[Entry]:
    told = {
        "field": draft.field.value, "criterion": draft.criterion, "text": draft.text,
        "replaces": list(draft.seen or ()),
    }  # fmt: skip
    return pen.entries(review_id, [(EntryKind.TEXT_WRITTEN, told)], counter, str(uuid4()))


def _open_next(pen: Pen, work: Writing, line: ReviewLine) -> None:
    """What was written into a review that another device had sealed opens the next revision (DESIGN §2)."""
    entries = work.entries(line.id)
    if not late_entries(entries):
        return
    known = (one for one, _ in work.assignments(line.submission_id) if one.id == line.assignment_id)
    assignment = next(known, None)
    if assignment is None:  # withdrawn before this computer came: whoever made the next revision sends it
        return
    following = revision_of(assignment, line.revision + 1, pen.clock())
    sealed = fold(line.id, entries, purpose=line.purpose)
    there = {one.id for one in work.entries(following.id)}
    carried = carried_over(following.id, sealed, told_again(sealed), there)
    work.travelling.open_revision(following)
    work.record([*carried, *taken_over(following.id, entries, carried)])
