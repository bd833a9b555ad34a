"""What the checks look at, and what they find: shared by all of them, whatever the sheet is (domain.feedback)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from .coaching import CoachingNotes
from .phrases import without_gaps
from .policy import CheckState, Policy
from .review import AUDIENCE, COACHING_FIELDS, FEEDBACK_FIELDS, TITLES, Review, Sheet, TextField
from .rubric import Criterion, Rubric
from .submission import Submission
from .word_lists import WORD_LISTS, WordList
from .wording import Likeness, content_roots, difflib_likeness, plain_words


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    `subject` is a criterion's id, or empty for the whole sheet; `kept` is the reason it was kept for.
    """

    check: str
    state: CheckState
    subject: str
    field: TextField | None
    sentence: str
    kept: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the seal, or handing notes back, must wait for this."""
        unkept = self.state is CheckState.BLOCK_UNLESS_REASON and not self.kept
        return self.state is CheckState.BLOCK or unkept

    @property
    def can_be_kept(self) -> bool:
        """Whether a reason lets it stand."""
        return self.state in (CheckState.WARN, CheckState.BLOCK_UNLESS_REASON)


def found(
    check: str,
    sentence: str,
    subject: str = "",
    which: TextField | None = None,
    state: CheckState = CheckState.OFF,
) -> Finding:
    """A finding; with a `state` of its own where that is stricter than what the programme says of the whole check."""
    return Finding(check, state, subject, which, sentence)


@dataclass(frozen=True, slots=True)
class EarlierText:
    """A text written before, and where, in words for a sentence (“the review of 7F3A-21”, “the phrase bank”)."""

    text: str
    where: str


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What checks need from outside the sheet, all of it plain and handed in.

    `earlier` are this person's texts about other submissions (never an earlier revision about this one) and `phrases`
    the wordings of the phrase bank (F6). `submission_roots` are the content roots (`wording.content_roots`) of the
    evidence as far as it is here and can be read, `evidence_read` whether that is all of it, and `common_roots` those
    of most other submissions (`wording.common_roots`; F7). One that stays the same should be handed in as the same
    object: what was compared with it is then remembered.
    """

    earlier: tuple[EarlierText, ...] = ()
    phrases: tuple[str, ...] = ()
    submission_roots: frozenset[str] = frozenset()
    common_roots: frozenset[str] = frozenset()
    evidence_read: bool = False
    likeness: Likeness = difflib_likeness

    @cached_property
    def known_words(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The words of every phrase, without its placeholders, and of every earlier text; and where each stands."""
        bank = tuple(("the phrase bank", plain_words(without_gaps(phrase))) for phrase in self.phrases)
        return bank + tuple((one.where, plain_words(one.text)) for one in self.earlier)

    @cached_property
    def whole_phrases(self) -> tuple[tuple[str, ...], ...]:
        """The words of the phrases that have no placeholder, so that each may be left as it came."""
        return tuple(plain_words(one) for one in self.phrases if without_gaps(one) == one)


NOTHING_AROUND = Surroundings()


@dataclass(frozen=True, slots=True)
class Passage:
    """A text on its way out: a field of a criterion or of the whole, or (`field` is None) the line at an anchor."""

    subject: str
    field: TextField | None
    text: str

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return TITLES[self.field].lower() if self.field else "the line at an anchor"

    @property
    def for_educator(self) -> bool:
        """Whether the educator reads it."""
        return self.field is None or AUDIENCE[self.field] == "for the educator"


@dataclass(frozen=True)
class Look:
    """What a check may look at. `sheet` is a review, a coach's notes or a decision."""

    sheet: Sheet
    rubric: Rubric
    policy: Policy
    submission: Submission
    around: Surroundings = field(default=NOTHING_AROUND)

    @property
    def completeness(self) -> tuple[str, ...] | None:
        """A review's completeness (None: not checked yet); nothing else has one to check."""
        return self.sheet.completeness if isinstance(self.sheet, Review) else ()

    def scored(self) -> Iterator[tuple[Criterion, str]]:
        """Each criterion that has a level, with its level's id."""
        for criterion in self.rubric.criteria:
            if level := self.sheet.work(criterion.id).level:
                yield criterion, level

    def below_passing(self) -> Iterator[Criterion]:
        """The criteria scored below their passing level."""
        return (criterion for criterion, level in self.scored() if not criterion.passes(level))

    def feedback(self, criterion_id: str) -> str:
        """All that the educator will read about one criterion."""
        work = self.sheet.work(criterion_id)
        fields = (*FEEDBACK_FIELDS, *COACHING_FIELDS)
        return " ".join(filter(None, (work.text(one).strip() for one in fields)))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every text that leaves the desk. Never the private notes; a coach's lines at anchors are read too."""
        return tuple(self._passages())

    def _passages(self) -> Iterator[Passage]:
        for whole in (TextField.OVERALL, TextField.REASON):
            if text := self.sheet.text(whole).strip():
                yield Passage("", whole, text)
        for criterion in self.rubric.criteria:
            work = self.sheet.work(criterion.id)
            for one in (TextField.RATIONALE, *FEEDBACK_FIELDS, *COACHING_FIELDS):
                if text := work.text(one).strip():
                    yield Passage(criterion.id, one, text)
        if isinstance(self.sheet, CoachingNotes):
            for anchor in self.sheet.anchors:
                if anchor.note.strip():
                    yield Passage(self.subject_of(anchor.id), None, anchor.note.strip())

    def subject_of(self, anchor_id: str) -> str:
        """The criterion that an anchor was first given to, or empty."""
        cited = self.sheet.criteria_citing(anchor_id)
        return cited[0] if cited else ""

    @property
    def word_lists(self) -> tuple[WordList, ...]:
        """The words known of the programme's languages; none where no list is kept."""
        return tuple(WORD_LISTS[one] for one in self.policy.languages if one in WORD_LISTS)

    @cached_property
    def own_roots(self) -> frozenset[str]:
        """The roots of words that are this submission's and not the rubric's nor most others'."""
        of_artifacts = frozenset[str]().union(
            *(content_roots(f"{one.name} {one.label}") for one in self.submission.artifacts)
        )
        mine = self.around.submission_roots | of_artifacts
        return mine - rubric_roots(self.rubric) - self.around.common_roots


@lru_cache(8)
def rubric_roots(rubric: Rubric) -> frozenset[str]:
    """The roots of all words of a rubric that an assessor or a coach works with."""
    texts = [rubric.title, rubric.competency, rubric.key_method, *rubric.components]
    for piece in rubric.evidence:
        texts += [piece.title, piece.kind, piece.amount, piece.length, piece.conditions]
    for criterion in rubric.criteria:
        texts += [criterion.title, *(f"{level.title} {level.descriptor}" for level in criterion.levels)]
    return content_roots(" ".join(texts))


Find = Callable[[Look], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its id in DOMAIN.md, what it is about, and what finds it in which sheet.

    `for_incomplete`: also when competence is not scored. `notes` and `decision` find in a coach's notes and in a
    reviewer's decision; None where the check makes no sense there. `always` is the state of a check that policies do
    not name, because it holds limits that they set elsewhere.
    """

    id: str
    title: str
    find: Find | None
    notes: Find | None = None
    decision: Find | None = None
    for_incomplete: bool = False
    always: CheckState | None = None

    def find_in(self, sheet: Sheet) -> Find | None:
        """What finds in this sheet, or None."""
        if isinstance(sheet, CoachingNotes):
            return self.notes
        return self.find if isinstance(sheet, Review) else self.decision
