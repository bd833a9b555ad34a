"""The checks as they read for a coach's notes on a draft, where there are no levels; and the limits of such help."""

from __future__ import annotations

from collections.abc import Iterator

from .checking import Finding, Look, found
from .coaching import CoachingNotes
from .review import COACHING_FIELDS, TextField
from .wording import plain_words

#: More steps than these at once, none of them first, are a list and no help (F11).
STEPS_AT_ONCE = 3


def something_that_is_there(look: Look) -> Iterator[Finding]:
    """F5 for a coach: say once what is there already, and anchor it."""
    works = [look.sheet.work(criterion.id) for criterion in look.rubric.criteria]
    if not any(work.text(one).strip() for work in works for one in COACHING_FIELDS):
        return
    present = [work for work in works if work.text(TextField.PRESENT).strip()]
    if not present:
        yield found("F5", "Say of one criterion what is there already, with its evidence")
    elif not any(work.anchors for work in present):
        yield found("F5", "Anchor the evidence for something that you say is there")


def no_more_than_three_to_try(look: Look) -> Iterator[Finding]:
    """F11 for a coach: more than three things to try next, none marked as the first."""
    yield from too_many_steps(look, TextField.TRY_NEXT, "things to try next")


def too_many_steps(look: Look, which: TextField, what: str) -> Iterator[Finding]:
    """F11: more than three steps in this field, and nothing says which comes first."""
    steps = [text for one in look.rubric.criteria if (text := look.sheet.work(one.id).text(which).strip())]
    if len(steps) <= STEPS_AT_ONCE:
        return
    said = f" {' '.join(' '.join(plain_words(text)) for text in (*steps, look.sheet.overall))} "
    if not any(f" {turn} " in said for words in look.word_lists for turn in words.first):
        sentence = f"{len(steps)} {what}; say in the overall feedback which one comes first"
        yield found("F11", sentence, "", TextField.OVERALL)


def long_enough_notes(look: Look) -> Iterator[Finding]:
    """F12 for a coach: what is written on a criterion, and overall, is not below the programme's floor."""
    floors = look.policy.floors
    count = len(look.sheet.overall.split())
    if 0 < count < floors.words_overall:
        sentence = f"{counted(count)} of overall feedback; the programme asks for {floors.words_overall}"
        yield found("F12", sentence, "", TextField.OVERALL)
    for criterion in look.rubric.criteria:
        work = look.sheet.work(criterion.id)
        written = [one for one in COACHING_FIELDS if work.text(one).strip()]
        count = sum(len(work.text(one).split()) for one in written)
        if 0 < count < floors.words_per_criterion:
            sentence = (
                f"{counted(count)} about this criterion; the programme asks for {floors.words_per_criterion}"
            )
            yield found("F12", sentence, criterion.id, written[0])


def counted(count: int) -> str:
    """So many words, in words."""
    return "1 word" if count == 1 else f"{count} words"


def within_the_limits(look: Look) -> Iterator[Finding]:
    """C1: how far the policy lets help go: on which criteria, and how many notes."""
    if not isinstance(look.sheet, CoachingNotes):
        return
    limits = look.policy.coaching
    if limits.criteria:
        yield from _beyond_criteria(look, limits.criteria)
    over = look.sheet.written - limits.notes_at_most
    if limits.notes_at_most and over > 0:
        sentence = (
            f"{look.sheet.written} notes; the programme allows {limits.notes_at_most} on one draft. "
            f"Take back {over}, the ones that matter least"
        )
        yield found("C1", sentence)


def _beyond_criteria(look: Look, allowed: tuple[str, ...]) -> Iterator[Finding]:
    open_to_help = " or ".join(f"“{one.title}”" for one in look.rubric.criteria if one.id in allowed)
    for criterion in look.rubric.criteria:
        work = look.sheet.work(criterion.id)
        noted = any(anchor.note and anchor.id in work.anchors for anchor in look.sheet.anchors)
        if criterion.id not in allowed and (noted or any(work.text(one).strip() for one in COACHING_FIELDS)):
            sentence = (
                f"The programme leaves “{criterion.title}” to the educator; move the note to {open_to_help}"
            )
            yield found("C1", sentence, criterion.id)
