"""A coach's notes as they go back to the educator: what was written, with all that one needs to read it elsewhere.

Made once from the coach's work (`handed_notes`); the document that goes through the source, the files for people and
the annotated copies all say what stands here. There is no place for a level in it, nor for the coach's private notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from .anchor import Anchor, Box, ImageRegion, PageRegion, TextQuote, TimeSpan, region
from .coaching import CoachingNotes, Uptake, note_key
from .policy import Policy
from .review import COACHING_FIELDS, TITLES, TextField
from .rubric import Criterion, Rubric
from .submission import Assignment, Submission


@dataclass(frozen=True, slots=True)
class NotesFacts:
    """What notes are made from. `covers` are the ids of the entries that go back.

    `earlier` are the notes on this educator's draft before this one, with that draft, where there was one.
    """

    notes: CoachingNotes
    submission: Submission
    assignment: Assignment
    rubric: Rubric
    policy: Policy
    programme: str
    at: datetime
    covers: tuple[str, ...] = ()
    earlier: tuple[CoachingNotes, Submission] | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """A rubric or a policy, by name."""

    id: str
    version: str
    title: str


@dataclass(frozen=True, slots=True)
class CriterionNotes:
    """What is said on one criterion. `anchors` are the ids of the places it speaks of."""

    criterion: str
    title: str
    present: str = ""
    try_next: str = ""
    question: str = ""
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedNote:
    """A note at a place of the draft. `place` says it in words: “Lesson video 02:13–02:41”."""

    anchor: Anchor
    artifact: str
    place: str


@dataclass(frozen=True, slots=True)
class EarlierNote:
    """A note on the draft before, and what became of it; `uptake` is None where the coach does not say.

    `key` is its `coaching.note_key`; `about` says what it was about, a criterion or a place.
    """

    key: str
    about: str
    words: str
    uptake: Uptake | None


@dataclass(frozen=True, slots=True)
class HandedNotes:
    """Notes as handed back. `placed` are in the order in which one meets them in the draft.

    `kept_days` is how long the programme keeps them, `questions` whom to ask.
    """

    id: str
    at: datetime
    programme: str
    person: str
    assignment_id: str
    submission_id: str
    submission_key: str
    submission_version: str
    language: str
    rubric: Title
    policy: Title
    overall: str
    criteria: tuple[CriterionNotes, ...]
    placed: tuple[PlacedNote, ...]
    earlier: tuple[EarlierNote, ...]
    kept_days: int
    questions: str
    covers: tuple[str, ...]

    def on(self, artifact_id: str) -> tuple[PlacedNote, ...]:
        """The notes at places of one artifact."""
        return tuple(one for one in self.placed if one.anchor.artifact_id == artifact_id)

    def criteria_citing(self, anchor_id: str) -> tuple[CriterionNotes, ...]:
        """The criteria that speak of a place."""
        return tuple(one for one in self.criteria if anchor_id in one.anchors)


def handed_notes(facts: NotesFacts) -> HandedNotes:
    """The notes as they go back, in the rubric's order, dated to the second."""
    submission, assignment = facts.submission, facts.assignment
    return HandedNotes(
        id=facts.notes.id,
        at=facts.at.astimezone(UTC).replace(microsecond=0),
        programme=facts.programme,
        person=assignment.person,
        assignment_id=assignment.id,
        submission_id=submission.id,
        submission_key=submission.key,
        submission_version=submission.version,
        language=submission.language,
        rubric=Title(facts.rubric.id, facts.rubric.version, facts.rubric.title),
        policy=Title(facts.policy.id, facts.policy.version, facts.policy.title),
        overall=facts.notes.overall,
        criteria=tuple(_criteria(facts)),
        placed=_placed(facts.notes, submission),
        earlier=tuple(_earlier(facts)),
        kept_days=facts.policy.retention.drafts_and_coaching,
        questions=facts.policy.contacts.questions,
        covers=facts.covers,
    )


def place_in_words(submission: Submission, anchor: Anchor) -> str:
    """Where an anchor is for somebody who has no picture of it: a box is said too (“…, page 2, part: top left”)."""
    said = submission.place(anchor)
    match anchor.selector:
        case ImageRegion(box) | PageRegion(_, Box() as box):
            return f"{said}: {region(box)}"
        case _:
            return said


def _criteria(facts: NotesFacts) -> Iterator[CriterionNotes]:
    for criterion in facts.rubric.criteria:
        work = facts.notes.work(criterion.id)
        given = tuple(one for one in work.anchors if facts.notes.anchor(one) is not None)
        present, try_next, question = (work.text(which) for which in COACHING_FIELDS)
        if given or present.strip() or try_next.strip() or question.strip():
            yield CriterionNotes(criterion.id, criterion.title, present, try_next, question, given)


def _placed(notes: CoachingNotes, submission: Submission) -> tuple[PlacedNote, ...]:
    order = {artifact.id: number for number, artifact in enumerate(submission.artifacts)}
    sorted_ = sorted(notes.anchors, key=lambda one: (order.get(one.artifact_id, len(order)), _position(one)))
    return tuple(
        PlacedNote(one, submission.title_of(one.artifact_id), place_in_words(submission, one))
        for one in sorted_
    )


def _position(anchor: Anchor) -> tuple[float, float]:
    """Where one meets it in its artifact: notes on the whole first, quotations without a page as they were made."""
    match anchor.selector:
        case TimeSpan(start):
            return start, 0
        case PageRegion(page, box):
            return page, box.y if box else -1
        case ImageRegion(box):
            return 0, box.y
        case TextQuote(page=page):
            return page or 0, 0
        case _:
            return 0, -1


def _earlier(facts: NotesFacts) -> Iterator[EarlierNote]:
    """What the educator was asked to try or to look at, then each place, as `coaching.note_keys` names them."""
    if facts.earlier is None:
        return
    notes, submission = facts.earlier
    for criterion in facts.rubric.criteria:
        for which in COACHING_FIELDS[1:]:
            yield from _earlier_on(facts, notes, criterion, which)
    for placed in _placed(notes, submission):
        if placed.anchor.note:
            key = note_key("anchor", placed.anchor.id)
            yield EarlierNote(key, placed.place, placed.anchor.note, facts.notes.uptake.get(key))


def _earlier_on(
    facts: NotesFacts, notes: CoachingNotes, criterion: Criterion, which: TextField
) -> Iterator[EarlierNote]:
    said = notes.work(criterion.id).text(which)
    if said.strip():
        key = note_key(criterion.id, which.value)
        yield EarlierNote(
            key, f"{criterion.title}: {TITLES[which].lower()}", said, facts.notes.uptake.get(key)
        )
