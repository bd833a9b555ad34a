"""The checks of DOMAIN.md on a review: all local, all explainable, none writes the text.

One table, `CHECKS`, holds every check; the programme's policy says what each does (`off`, `warn`, `block`,
`block_unless_reason`). A finding reads as what is *needed before sealing*, never as scolding. Checks that
need more than the review itself (earlier texts, other submissions, word lists) join the table with what they
need on `Look`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from .anchor import TextQuote
from .policy import CheckState, Policy
from .review import FEEDBACK_FIELDS, TITLES, Review, TextField
from .rubric import Criterion, EvidenceRequirement, Rubric
from .submission import Submission


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    `subject` is a criterion's id, or empty for the whole review; `kept` is the reason it was kept for.
    """

    check: str
    state: CheckState
    subject: str
    field: TextField | None
    sentence: str
    kept: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the seal must wait for this."""
        unkept = self.state is CheckState.BLOCK_UNLESS_REASON and not self.kept
        return self.state is CheckState.BLOCK or unkept

    @property
    def can_be_kept(self) -> bool:
        """Whether a reason lets it stand."""
        return self.state in (CheckState.WARN, CheckState.BLOCK_UNLESS_REASON)


@dataclass(frozen=True, slots=True)
class Look:
    """What a check may look at."""

    review: Review
    rubric: Rubric
    policy: Policy
    submission: Submission

    def scored(self) -> Iterator[tuple[Criterion, str]]:
        """Each criterion that has a level, with its level's id."""
        for criterion in self.rubric.criteria:
            if level := self.review.work(criterion.id).level:
                yield criterion, level

    def below_passing(self) -> Iterator[Criterion]:
        """The criteria scored below their passing level."""
        return (criterion for criterion, level in self.scored() if not criterion.passes(level))

    def feedback(self, criterion_id: str) -> str:
        """All that the educator will read about one criterion."""
        work = self.review.work(criterion_id)
        return " ".join(filter(None, (work.text(field).strip() for field in FEEDBACK_FIELDS)))

    def texts(self) -> Iterator[tuple[str, TextField, str]]:
        """Every text that leaves the desk: criterion id (or empty), field, text. Never the private notes."""
        if self.review.overall.strip():
            yield "", TextField.OVERALL, self.review.overall
        for criterion in self.rubric.criteria:
            for field in (TextField.RATIONALE, *FEEDBACK_FIELDS):
                if text := self.review.work(criterion.id).text(field).strip():
                    yield criterion.id, field, text


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its id in DOMAIN.md, what it is about, and what finds.

    `for_incomplete`: also when competence is not scored.
    """

    id: str
    title: str
    find: Callable[[Look], Iterator[Finding]]
    for_incomplete: bool = False


def findings(review: Review, rubric: Rubric, policy: Policy, submission: Submission) -> tuple[Finding, ...]:
    """What the programme's checks find in a review, in the order of the rubric and then of the checks."""
    look = Look(review, rubric, policy, submission)
    found = [finding for check in CHECKS.values() for finding in _run(check, look)]
    place = {criterion.id: index for index, criterion in enumerate(rubric.criteria)}
    return tuple(sorted(found, key=lambda finding: place.get(finding.subject, len(place))))


def blocking(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that the seal must wait for."""
    return tuple(finding for finding in found if finding.blocks)


def _run(check: Check, look: Look) -> Iterator[Finding]:
    state = look.policy.check_state(check.id)
    if state is CheckState.OFF or (look.review.incomplete and not check.for_incomplete):
        return
    for finding in check.find(look):
        kept = look.review.kept.get((check.id, finding.subject), "")
        yield replace(finding, state=_stricter(finding.state, state), kept=kept)


def _stricter(own: CheckState, programme: CheckState) -> CheckState:
    """A finding may carry a state of its own (F5's extension warns, F12's placeholder blocks).

    Else the programme's counts.
    """
    return programme if own is CheckState.OFF else own


def _found(
    check: str,
    sentence: str,
    subject: str = "",
    field: TextField | None = None,
    state: CheckState = CheckState.OFF,
) -> Finding:
    return Finding(check, state, subject, field, sentence)


def _all_there(look: Look) -> Iterator[Finding]:
    """F1: a level and a rationale for every criterion, feedback where the programme wants it, overall
    feedback always.
    """
    if look.review.completeness is None:
        yield _found("F1", "Do the completeness check first")
    if not look.review.overall.strip():
        yield _found(
            "F1",
            "Write the overall feedback; it goes to the educator whatever the outcome",
            "",
            TextField.OVERALL,
        )
    if look.review.incomplete:
        return
    for criterion in look.rubric.criteria:
        work = look.review.work(criterion.id)
        if not work.level:
            yield _found("F1", "Choose a level", criterion.id)
        elif not work.text(TextField.RATIONALE).strip():
            yield _found("F1", "Write why this level, for reviewers", criterion.id, TextField.RATIONALE)
    if look.policy.floors.feedback_on == "all":
        for criterion, _ in look.scored():
            if not look.feedback(criterion.id):
                yield _found("F1", "Write feedback for the educator", criterion.id, TextField.STRENGTH)


def _overall_is_its_own(look: Look) -> Iterator[Finding]:
    """F2: the overall feedback is not a criterion's text again."""
    overall = _plain_words(look.review.overall)
    if not overall:
        return
    for criterion in look.rubric.criteria:
        texts = [look.feedback(criterion.id), look.review.work(criterion.id).text(TextField.RATIONALE)]
        if any(_alike(overall, _plain_words(text)) for text in texts):
            sentence = f"Say what holds across the criteria; this repeats “{criterion.title}”"
            yield _found("F2", sentence, "", TextField.OVERALL)
            return


def _scores_cite_evidence(look: Look) -> Iterator[Finding]:
    """F3: every score cites an anchor, or says that no evidence was found."""
    for criterion, _ in look.scored():
        work = look.review.work(criterion.id)
        if not work.anchors and not work.no_evidence:
            yield _found("F3", "Anchor the evidence for this level, or say that none was found", criterion.id)


def _way_forward(look: Look) -> Iterator[Finding]:
    """F4: below passing, a next step and which of the rubric's evidence requirements would show it."""
    for criterion in look.below_passing():
        work = look.review.work(criterion.id)
        if not work.text(TextField.NEXT_STEP).strip():
            yield _found("F4", "Give a next step towards the next level", criterion.id, TextField.NEXT_STEP)
        would_show = work.text(TextField.WOULD_SHOW).strip()
        requirements = look.rubric.evidence_for(criterion.id)
        if not would_show:
            yield _found("F4", "Name the evidence that would show it", criterion.id, TextField.WOULD_SHOW)
        elif not any(_speaks_of(would_show, requirement) for requirement in requirements):
            titles = " or ".join(f"“{requirement.title}”" for requirement in requirements)
            sentence = f"Say which evidence of the rubric would show it: {titles}"
            yield _found("F4", sentence, criterion.id, TextField.WOULD_SHOW)


def _a_strength_and_an_extension(look: Look) -> Iterator[Finding]:
    """F5: a strength with its evidence somewhere in the report (else block).

    One extension step (else warn).
    """
    works = [look.review.work(criterion.id) for criterion in look.rubric.criteria]
    if not any(work.level for work in works):
        return
    strengths = [work for work in works if work.text(TextField.STRENGTH).strip()]
    nothing_found = all(work.no_evidence for work in works)
    if not strengths:
        yield _found("F5", "Name one strength, in any criterion, with its evidence")
    elif not nothing_found and not any(work.anchors for work in strengths):
        yield _found("F5", "Anchor the evidence for one of the strengths you name")
    if not any(work.text(TextField.EXTENSION).strip() for work in works):
        yield _found(
            "F5", "One step “if you like” would help an educator who wants more", "", None, CheckState.WARN
        )


def _nobody_named(look: Look) -> Iterator[Finding]:
    """F10: names, addresses, telephone numbers and identifying file names, in texts and in anchors."""
    for criterion, field, text in look.texts():
        if word := _identifying(text, look.submission):
            yield _found(
                "F10", f"“{word}” in {TITLES[field].lower()} may identify somebody", criterion, field
            )
    for anchor in look.review.anchors:
        quoted = anchor.selector.exact if isinstance(anchor.selector, TextQuote) else ""
        if word := _identifying(f"{anchor.note} {quoted}", look.submission):
            cited = look.review.criteria_citing(anchor.id)
            yield _found("F10", f"“{word}” in an anchor may identify somebody", cited[0] if cited else "")


def _long_enough(look: Look) -> Iterator[Finding]:
    """F12: not shorter than the programme's floor (warn); no placeholder left unfilled (block)."""
    floors = look.policy.floors
    count = len(look.review.overall.split())
    if 0 < count < floors.words_overall:
        sentence = f"{_words(count)} of overall feedback; the programme asks for {floors.words_overall}"
        yield _found("F12", sentence, "", TextField.OVERALL)
    for criterion, _ in look.scored():
        rationale = look.review.work(criterion.id).text(TextField.RATIONALE)
        count = len(rationale.split()) + len(look.feedback(criterion.id).split())
        if 0 < count < floors.words_per_criterion:
            sentence = (
                f"{_words(count)} about this criterion; the programme asks for {floors.words_per_criterion}"
            )
            yield _found("F12", sentence, criterion.id, TextField.RATIONALE)
    for subject, field, text in look.texts():
        if gap := _PLACEHOLDER.search(text):
            yield _found("F12", f"Fill in {gap.group()}", subject, field, CheckState.BLOCK)


CHECKS: Mapping[str, Check] = {
    check.id: check
    for check in (
        Check("F1", "Nothing missing", _all_there, for_incomplete=True),
        Check("F2", "Overall feedback of its own", _overall_is_its_own),
        Check("F3", "Scores cite evidence", _scores_cite_evidence),
        Check("F4", "A way forward", _way_forward),
        Check("F5", "A strength and an extension", _a_strength_and_an_extension),
        Check("F10", "Nobody named", _nobody_named, for_incomplete=True),
        Check("F12", "Long enough, nothing unfilled", _long_enough, for_incomplete=True),
    )
}

_PLACEHOLDER = re.compile(r"\[[^\]\n]{1,60}\]")
# A word is begun at its beginning only and has a bound, so that long text without spaces takes no longer than other.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{0,200}\w")
_TELEPHONE = re.compile(r"(?<![\w:.,–-])\+?\(?\d{2,4}\)?(?:[\s./-]\d{2,4}){2,4}(?![\w:])")
_TITLED_NAME = re.compile(r"\b(?:Mrs?|Ms|Mx|Miss|Dr|Prof|Sr|Sra|Herr|Frau)\.?\s+[A-Z][\w'’-]+")
_FILE_NAME = re.compile(
    r"(?<![\w-])[\w-]{1,200}\.(?:docx?|pdf|mp4|mov|jpe?g|png|heic|pptx?|xlsx?)\b", re.IGNORECASE
)


def _identifying(text: str, submission: Submission) -> str | None:
    """The first word group in `text` that may identify a person, or None."""
    for pattern in (_EMAIL, _TELEPHONE, _TITLED_NAME):
        if found := pattern.search(text):
            return found.group()
    own_files = {artifact.name.casefold() for artifact in submission.artifacts}
    for found in _FILE_NAME.finditer(text):
        if found.group().casefold() not in own_files:
            return found.group()
    folded = {word.casefold(): word for word in re.findall(r"[^\W\d_]+", text)}
    return next(
        (folded[name.casefold()] for name in submission.name_words if name.casefold() in folded), None
    )


#: A text of more words is a report of its own; comparing takes time by the square of them.
_WORDS_COMPARED = 600


def _plain_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _alike(one: list[str], other: list[str]) -> bool:
    """Whether two texts say the same in nearly the same words (nine in ten in the same order)."""
    if len(other) < 5:
        return False
    matcher = SequenceMatcher(None, one[:_WORDS_COMPARED], other[:_WORDS_COMPARED], autojunk=False)
    return matcher.real_quick_ratio() >= 0.9 and matcher.quick_ratio() >= 0.9 and matcher.ratio() >= 0.9


def _speaks_of(text: str, requirement: EvidenceRequirement) -> bool:
    """Whether a text names a requirement: by a word longer than three letters of its title or kind, or by what is
    counted in its amount ("one *clip*", "six *pieces*, two at each level").
    """
    counted = " ".join(requirement.amount.partition(",")[0].split()[1:2])
    about = f"{requirement.title} {requirement.kind} {counted}"
    named = {word for word in _plain_words(about) if len(word) > 3}
    said = set(_plain_words(text))
    return bool(named & (said | {word.rstrip("s") for word in said} | {word + "s" for word in said}))


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count} words"
