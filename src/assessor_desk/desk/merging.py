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
from assessor_desk.domain.review import (
    Draft,
    Entry,
    EntryKind,
    fold,
    seal_digest,
    seal_withdrawn,
    standing_seals,
    under_seal,
)
from assessor_desk.domain.roles import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assessor_desk.desk.pen import Pen
    from assessor_desk.store.lines import OutboxLine, ReviewLine
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
            _withdraw_refused(work, line)
        if line.purpose not in _NO_REVIEW:
            _settle(pen, work, line)
            _open_next(pen, work, line)
    standing = Standing.of(work, pen.shelf, submission_id, pen.clock())
    work.set_progress(submission_id, standing.done, standing.state)


def _withdraw_refused(work: Writing, line: ReviewLine) -> None:
    """Of two seals the source took one: the other never was the source's, and goes there no more.

    While the source took neither, as far as is known here, both stand: it may take one yet.
    """
    entries = work.entries(line.id)
    seals = standing_seals(entries)
    if len(seals) < 2 and all(one.kind is not EntryKind.SEAL_WITHDRAWN for one in entries):
        return
    sent = {one.digest: one for one in work.all_outbox_of(line.id)}
    told = list(_withdrawals(seals, sent, work.fact(OWN_NAME)))
    work.record(told)
    entries = [*entries, *told]
    gone = {one.data["packet_digest"] for one in entries if one.kind is EntryKind.SEAL_WITHDRAWN}
    for digest in gone - {seal_digest(one) for one in standing_seals(entries)}:
        own = sent.get(digest)
        if own is not None and own.delivered_at is None and not own.receipt:
            work.travelling.drop_packet(own.id)


def _withdrawals(seals: Sequence[Entry], sent: Mapping[str, OutboxLine], here: str) -> Iterator[Entry]:
    """Which seals of a review the source refused, or will, since it has another.

    Of one that was made here its refusal tells, or that a correction took its place. Of a review whoever knows what the
    source took says so: the computer that sealed the other may never come back. Of a decision it does not follow: the
    source may take one after a pass-back.
    """
    lines = [(seal, sent.get(seal_digest(seal))) for seal in seals]
    there = next((seal for seal, own in lines if own and own.delivered_at is not None), None)
    # One that a restored source lacks counts too, where it refused this one.
    taken = there or next((seal for seal, own in lines if own and own.receipt), None)
    for seal, own in lines:
        if own is None and seal.device != here:
            instead = there if seal.kind is EntryKind.SEALED else None
        else:
            instead = taken if own is None or own.turned_away else None
        if instead is not None:
            yield seal_withdrawn(seal, instead)


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
