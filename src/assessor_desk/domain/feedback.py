"""The checks of DOMAIN.md: all local, all explainable, none writes the text.

One table, `CHECKS`, holds every check, for reviews, a coach's notes and a reviewer's decision alike; the programme's
policy says what each does (`off`, `warn`, `block`, `block_unless_reason`). A finding reads as what is *needed before
sealing*, never as scolding. What a check needs beside the sheet is handed in (`checking.Surroundings`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .anchor import TextQuote
from .checking import NOTHING_AROUND, Check, Finding, Look, Surroundings, found
from .choice_words import what_was_chosen
from .choices import criterion_of
from .coaching_checks import (
    counted,
    long_enough_notes,
    no_more_than_three_to_try,
    something_that_is_there,
    too_many_steps,
    within_the_limits,
)
from .identifying import identifies
from .phrases import gaps
from .policy import CheckState, Policy
from .review import TITLES, Review, Sheet, TextField
from .rubric import EvidenceRequirement, Rubric
from .submission import Submission
from .wording import are_alike, plain_words
from .wording_checks import (
    about_the_person,
    away_from_next_level,
    contradicts_the_level,
    fits_any_submission,
    hard_to_read,
    said_before,
)

__all__ = ["CHECKS", "Check", "Finding", "Look", "Surroundings", "blocking", "findings"]


def findings(
    sheet: Sheet,
    rubric: Rubric,
    policy: Policy,
    submission: Submission,
    around: Surroundings = NOTHING_AROUND,
) -> tuple[Finding, ...]:
    """What the programme's checks find in a sheet, in the order of the rubric and then of the checks."""
    look = Look(sheet, rubric, policy, submission, around)
    every = [finding for check in CHECKS.values() for finding in _run(check, look)]
    place = {criterion.id: index for index, criterion in enumerate(rubric.criteria)}
    return tuple(sorted(every, key=lambda finding: place.get(finding.subject, len(place))))


def blocking(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that the seal must wait for."""
    return tuple(finding for finding in found if finding.blocks)


def _run(check: Check, look: Look) -> Iterator[Finding]:
    state = check.always or look.policy.check_state(check.id)
    find = check.find_in(look.sheet)
    if find is None or state is CheckState.OFF or (look.completeness and not check.for_incomplete):
        return
    for finding in find(look):
        kept = look.sheet.kept.get((check.id, finding.subject), "")
        yield replace(finding, state=_stricter(finding.state, state), kept=kept)


def _stricter(own: CheckState, programme: CheckState) -> CheckState:
    """A finding may carry a state of its own (F5's extension warns, F12's placeholder blocks).

    Else the programme's counts.
    """
    return programme if own is CheckState.OFF else own


def _all_there(look: Look) -> Iterator[Finding]:
    """F1: a level and a rationale for every criterion, feedback where the programme wants it, overall
    feedback always.
    """
    if look.completeness is None:
        yield found("F1", "Do the completeness check first")
    if not look.sheet.overall.strip():
        yield found(
            "F1",
            "Write the overall feedback; it goes to the educator whatever the outcome",
            "",
            TextField.OVERALL,
        )
    if look.completeness:
        return
    for criterion in look.rubric.criteria:
        work = look.sheet.work(criterion.id)
        if not work.level:
            yield found("F1", "Choose a level", criterion.id)
        elif not work.text(TextField.RATIONALE).strip():
            yield found("F1", "Write why this level, for reviewers", criterion.id, TextField.RATIONALE)
    if look.policy.floors.feedback_on == "all":
        for criterion, _ in look.scored():
            if not look.feedback(criterion.id):
                yield found("F1", "Write feedback for the educator", criterion.id, TextField.STRENGTH)


def _overall_is_its_own(look: Look) -> Iterator[Finding]:
    """F2: the overall feedback is not a criterion's text again."""
    overall = plain_words(look.sheet.overall)
    if not overall:
        return
    for criterion in look.rubric.criteria:
        texts = [look.feedback(criterion.id), look.sheet.work(criterion.id).text(TextField.RATIONALE)]
        if any(_repeats(overall, plain_words(text), look) for text in texts):
            sentence = f"Say what holds across the criteria; this repeats “{criterion.title}”"
            yield found("F2", sentence, "", TextField.OVERALL)
            return


def _repeats(overall: tuple[str, ...], other: tuple[str, ...], look: Look) -> bool:
    return len(other) >= 5 and are_alike(overall, other, look.around.likeness)


def _scores_cite_evidence(look: Look) -> Iterator[Finding]:
    """F3: every score cites an anchor, or says that no evidence was found."""
    for criterion, _ in look.scored():
        work = look.sheet.work(criterion.id)
        if not work.anchors and not work.no_evidence:
            yield found("F3", "Anchor the evidence for this level, or say that none was found", criterion.id)
        elif work.anchors and not any(_is_there(look, one) for one in work.anchors):
            sentence = (
                "The evidence anchored here is gone: anchor what is there now, or say that none was found"
            )
            yield found("F3", sentence, criterion.id)


def _is_there(look: Look, anchor_id: str) -> bool:
    """Whether an anchor lies on something that the submission still has, or had an attempt before."""
    anchor = look.sheet.anchor(anchor_id)
    return anchor is not None and look.submission.piece(anchor.artifact_id) is not None


def _way_forward(look: Look) -> Iterator[Finding]:
    """F4: below passing, a next step and which of the rubric's evidence requirements would show it."""
    for criterion in look.below_passing():
        work = look.sheet.work(criterion.id)
        if not work.text(TextField.NEXT_STEP).strip():
            yield found("F4", "Give a next step towards the next level", criterion.id, TextField.NEXT_STEP)
        would_show = work.text(TextField.WOULD_SHOW).strip()
        requirements = look.rubric.evidence_for(criterion.id)
        if not would_show:
            yield found("F4", "Name the evidence that would show it", criterion.id, TextField.WOULD_SHOW)
        elif not any(_speaks_of(would_show, requirement) for requirement in requirements):
            titles = " or ".join(f"“{requirement.title}”" for requirement in requirements)
            sentence = f"Say which evidence of the rubric would show it: {titles}"
            yield found("F4", sentence, criterion.id, TextField.WOULD_SHOW)


def _a_strength_and_an_extension(look: Look) -> Iterator[Finding]:
    """F5: a strength with its evidence somewhere in the report (else block).

    One extension step (else warn).
    """
    works = [look.sheet.work(criterion.id) for criterion in look.rubric.criteria]
    if not any(work.level for work in works):
        return
    strengths = [work for work in works if work.text(TextField.STRENGTH).strip()]
    nothing_found = all(work.no_evidence for work in works)
    if not strengths:
        yield found("F5", "Name one strength, in any criterion, with its evidence")
    elif not nothing_found and not any(work.anchors for work in strengths):
        yield found("F5", "Anchor the evidence for one of the strengths you name")
    if not any(work.text(TextField.EXTENSION).strip() for work in works):
        yield found(
            "F5", "One step “if you like” would help an educator who wants more", "", None, CheckState.WARN
        )


def _nobody_named(look: Look) -> Iterator[Finding]:
    """F10: names, addresses, telephone numbers and identifying file names, in texts and in anchors."""
    for passage in look.passages:
        if passage.field and (word := identifies(passage.text, look.submission)):
            sentence = f"“{word}” in {passage.title} may identify somebody"
            yield found("F10", sentence, passage.subject, passage.field)
    for anchor in look.sheet.anchors:
        quoted = anchor.selector.exact if isinstance(anchor.selector, TextQuote) else ""
        if word := identifies(f"{anchor.note} {quoted}", look.submission):
            sentence = f"“{word}” in an anchor may identify somebody"
            yield found("F10", sentence, look.subject_of(anchor.id))


def _earlier_steps_marked(look: Look) -> Iterator[Finding]:
    """F15: on a resubmission whose earlier feedback is shown, each next step of it is marked."""
    earlier = look.submission.earlier
    if not isinstance(look.sheet, Review) or earlier is None or earlier.feedback is None:
        return
    asked = {criterion.id for criterion in look.rubric.criteria}
    for step in earlier.feedback.steps():
        if step.criterion in asked and step.criterion not in look.sheet.earlier_steps:
            sentence = f"Say whether the next step of attempt {earlier.attempt} was addressed, partly or not"
            yield found("F15", sentence, step.criterion)


def _places_say_what_is_seen(look: Look) -> Iterator[Finding]:
    """F16: each anchor that a score cites says in one line what is seen there, for whoever has not the evidence."""
    for criterion, _ in look.scored():
        cited = (look.sheet.anchor(one) for one in look.sheet.work(criterion.id).anchors)
        silent = [anchor for anchor in cited if anchor is not None and not anchor.note]
        if silent:
            more = f" and at {len(silent) - 1} more of its places" if len(silent) > 1 else ""
            sentence = f"Say in one line what is seen at {look.submission.place(silent[0])}{more}"
            yield found("F16", sentence, criterion.id)


def _no_more_than_three_steps(look: Look) -> Iterator[Finding]:
    """F11: more than three next steps, none marked as the first."""
    yield from too_many_steps(look, TextField.NEXT_STEP, "next steps")


def _long_enough(look: Look) -> Iterator[Finding]:
    """F12: not shorter than the programme's floor (warn); no placeholder left unfilled (block)."""
    floors = look.policy.floors
    count = len(look.sheet.overall.split())
    if 0 < count < floors.words_overall:
        sentence = f"{counted(count)} of overall feedback; the programme asks for {floors.words_overall}"
        yield found("F12", sentence, "", TextField.OVERALL)
    for criterion, _ in look.scored():
        rationale = look.sheet.work(criterion.id).text(TextField.RATIONALE)
        count = len(rationale.split()) + len(look.feedback(criterion.id).split())
        if 0 < count < floors.words_per_criterion:
            sentence = (
                f"{counted(count)} about this criterion; the programme asks for {floors.words_per_criterion}"
            )
            yield found("F12", sentence, criterion.id, TextField.RATIONALE)
    yield from _unfilled(look)


def _unfilled(look: Look) -> Iterator[Finding]:
    """F12's other half: a placeholder of a phrase, left as it came (block)."""
    for passage in look.passages:
        if gap := next(gaps(passage.text), None):
            yield found("F12", f"Fill in {gap}", passage.subject, passage.field, CheckState.BLOCK)


def _notes_long_enough(look: Look) -> Iterator[Finding]:
    yield from long_enough_notes(look)
    yield from _unfilled(look)


def _one_of_each(look: Look) -> Iterator[Finding]:
    """D1: where two devices wrote or chose without seeing each other, the person says what stays.

    What was done on a criterion that the rubric has no longer does not count, and waits for nobody; nor do criteria
    where competence is not scored.
    """
    ids = set() if look.completeness else {criterion.id for criterion in look.rubric.criteria}
    for which, criterion in look.sheet.disputed:
        if not criterion or criterion in ids:
            words = f"Two texts stand under {TITLES[which].lower()}: keep one of them, or both"
            yield found("D1", words, criterion, which)
    for place, stand in look.sheet.chosen_twice.items():
        criterion = criterion_of(place, ids)
        if not criterion or criterion in ids:
            words = f"{what_was_chosen(place, stand, look.sheet)}: keep one of them"
            yield found("D1", words, criterion)


CHECKS: Mapping[str, Check] = {
    check.id: check
    for check in (
        Check("F1", "Nothing missing", _all_there, for_incomplete=True),
        Check("F2", "Overall feedback of its own", _overall_is_its_own),
        Check("F3", "Scores cite evidence", _scores_cite_evidence),
        Check("F4", "A way forward", _way_forward),
        Check("F5", "A strength and an extension", _a_strength_and_an_extension, something_that_is_there),
        Check("F6", "Words of its own", said_before, said_before),
        Check("F7", "About this submission", fits_any_submission, fits_any_submission),
        Check(
            "F8",
            "About the evidence",
            about_the_person,
            about_the_person,
            about_the_person,
            for_incomplete=True,
        ),
        Check("F9", "Text and level agree", contradicts_the_level),
        Check("F10", "Nobody named", _nobody_named, _nobody_named, _nobody_named, for_incomplete=True),
        Check("F11", "Not too many steps", _no_more_than_three_steps, no_more_than_three_to_try),
        Check(
            "F12",
            "Long enough, nothing unfilled",
            _long_enough,
            _notes_long_enough,
            _unfilled,
            for_incomplete=True,
        ),
        Check("F13", "Towards the next level", away_from_next_level),
        Check("F14", "Easy to read", hard_to_read, hard_to_read, hard_to_read, for_incomplete=True),
        Check("F15", "Earlier next steps looked at", _earlier_steps_marked),
        Check("F16", "Places say what is seen", _places_say_what_is_seen),
        Check(
            "D1",
            "One text, one answer in each place",
            _one_of_each,
            _one_of_each,
            _one_of_each,
            for_incomplete=True,
            always=CheckState.BLOCK,
        ),
        Check("C1", "Help within the limits", None, within_the_limits, always=CheckState.BLOCK),
    )
}


def _speaks_of(text: str, requirement: EvidenceRequirement) -> bool:
    """Whether a text names a requirement: by a word longer than three letters of its title or kind, or by what is
    counted in its amount ("one *clip*", "six *pieces*, two at each level").
    """
    counted = " ".join(requirement.amount.partition(",")[0].split()[1:2])
    about = f"{requirement.title} {requirement.kind} {counted}"
    named = {word for word in plain_words(about) if len(word) > 3}
    said = set(plain_words(text))
    return bool(named & (said | {word.rstrip("s") for word in said} | {word + "s" for word in said}))
