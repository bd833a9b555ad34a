"""What becomes of an open review when its rubric is published anew and the review is moved to the new version.

A review stays on its version by itself. Moving is one act of the person, told beforehand: what was written stays where
its criterion still is; a level that was chosen on other words is to be chosen again; what was done on a criterion that
is gone is kept and no longer counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

from .review import CriterionWork, Review, TextField
from .rubric import Criterion, PerformanceLevel, Rubric


class CriterionChange(StrEnum):
    """What became of a criterion. `EXAMPLES`: only what counts, or the near miss, is worded otherwise."""

    UNCHANGED = "unchanged"
    EXAMPLES = "examples"
    REWORDED = "reworded"
    LEVELS = "levels"
    GONE = "gone"
    NEW = "new"


class ScoreAfter(StrEnum):
    """What becomes of a level that was chosen; `NONE` where there was none."""

    CARRIED = "carried"
    AGAIN = "again"
    KEPT = "kept"
    NONE = "none"


#: Changes that leave a chosen level as it is.
_HARMLESS = frozenset({CriterionChange.UNCHANGED, CriterionChange.EXAMPLES})
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Rewording:
    """One text of a criterion before and after; `place` says which, in words."""

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CriterionMove:
    """One criterion in both versions, and what becomes of the work on it."""

    id: str
    title: str
    change: CriterionChange
    rewordings: tuple[Rewording, ...]
    score: ScoreAfter
    level_before: str
    texts: tuple[tuple[TextField, str], ...]
    anchors: int
    no_evidence: bool

    @property
    def worked_on(self) -> bool:
        """Whether anything was done on it."""
        return bool(self.level_before or self.texts or self.anchors or self.no_evidence)


@dataclass(frozen=True, slots=True)
class RubricMove:
    """What moving a review from one version of its rubric to another does, in the order of the new one.

    `about_all` are texts of the whole rubric that differ: its title, the competency, the evidence asked for, its rule.
    """

    rubric_id: str
    before: str
    after: str
    about_all: tuple[Rewording, ...]
    criteria: tuple[CriterionMove, ...]

    @property
    def again(self) -> tuple[str, ...]:
        """The criteria whose level is to be chosen once more."""
        return tuple(one.id for one in self.criteria if one.score is ScoreAfter.AGAIN)

    @property
    def reworded(self) -> tuple[str, ...]:
        """The criteria whose levels are chosen by other words than before, whether or not one was chosen."""
        return tuple(one.id for one in self.criteria if one.change not in _HARMLESS)

    @property
    def kept(self) -> tuple[CriterionMove, ...]:
        """Criteria that are gone and were worked on: what was done is kept and no longer counts."""
        return tuple(one for one in self.criteria if one.change is CriterionChange.GONE and one.worked_on)

    @property
    def unchanged(self) -> bool:
        """Whether no criterion differs."""
        return all(one.change is CriterionChange.UNCHANGED for one in self.criteria)


def moving(review: Review, before: Rubric, after: Rubric) -> RubricMove:
    """What moving `review` from one version of its rubric to the other does."""
    known = {criterion.id: criterion for criterion in before.criteria}
    ids = {criterion.id for criterion in after.criteria}
    moves = [_move(review.work(one.id), known.get(one.id), one) for one in after.criteria]
    moves += [_move(review.work(one.id), one, None) for one in before.criteria if one.id not in ids]
    return RubricMove(after.id, before.version, after.version, tuple(_about_all(before, after)), tuple(moves))


def counted(review: Review, rubric: Rubric) -> Review:
    """The review as far as it counts by this rubric: no criterion and no level that it does not have.

    The rest is kept in the entries, and in the review itself, to be read.
    """
    works = {}
    for criterion in rubric.criteria:
        if criterion.id in review.works:
            works[criterion.id] = _with_known_level(review.work(criterion.id), criterion)
    return review if works == review.works else replace(review, works=works)


def with_known_levels(review: Review, rubric: Rubric) -> Review:
    """The review without levels that the rubric lacks, as when another device chose one by the version before."""
    known = {criterion.id: criterion for criterion in rubric.criteria}
    works = {
        own_id: _with_known_level(work, known[own_id]) if own_id in known else work
        for own_id, work in review.works.items()
    }
    return review if works == review.works else replace(review, works=works)


def _with_known_level(work: CriterionWork, criterion: Criterion) -> CriterionWork:
    known = work.level is None or any(level.id == work.level for level in criterion.levels)
    return work if known else replace(work, level=None)


def marked(before: str, after: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Both texts in pieces, each with whether it differs, word by word; joined, the pieces are the texts."""
    old, new = _pieces(before), _pieces(after)
    matcher = SequenceMatcher(a=[one.strip() for one in old], b=[one.strip() for one in new], autojunk=False)
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for kind, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        for side, words in ((left, old[from_old:to_old]), (right, new[from_new:to_new])):
            if words:
                side.append(("".join(words), kind != "equal"))
    return left, right


def _pieces(text: str) -> list[str]:
    """Words and signs, each with the space after it."""
    starts = [found.start() for found in _WORD.finditer(text)]
    if not starts:
        return [text] if text else []
    starts[0] = 0
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)])]


def _move(work: CriterionWork, before: Criterion | None, after: Criterion | None) -> CriterionMove:
    either = after or before
    assert either is not None
    change = _change(before, after)
    return CriterionMove(
        id=either.id,
        title=either.title,
        change=change,
        rewordings=tuple(_rewordings(before, after)),
        score=_score_after(work, change, after),
        level_before=_level_title(work, before),
        texts=tuple((field, words) for field, words in work.texts.items() if words.strip()),
        anchors=len(work.anchors),
        no_evidence=work.no_evidence,
    )


def _change(before: Criterion | None, after: Criterion | None) -> CriterionChange:
    if before is None:
        return CriterionChange.NEW
    if after is None:
        return CriterionChange.GONE
    if _scale(before) != _scale(after):
        return CriterionChange.LEVELS
    if _said(before) != _said(after):
        return CriterionChange.REWORDED
    return CriterionChange.UNCHANGED if _aids(before) == _aids(after) else CriterionChange.EXAMPLES


def _scale(criterion: Criterion) -> tuple[tuple[str, ...], str]:
    return tuple(level.id for level in criterion.levels), criterion.passing


def _said(criterion: Criterion) -> list[str]:
    """What a level is chosen by, without what spaces, capitals and signs alone make different."""
    texts = [criterion.title]
    for level in criterion.levels:
        texts += [level.title, level.descriptor]
    return [_plain(text) for text in texts]


def _aids(criterion: Criterion) -> list[object]:
    return [(level.what_counts, level.near_miss, level.descriptor) for level in criterion.levels]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _score_after(work: CriterionWork, change: CriterionChange, after: Criterion | None) -> ScoreAfter:
    if not work.level:
        return ScoreAfter.NONE
    if after is None:
        return ScoreAfter.KEPT
    if change is CriterionChange.NEW:  # chosen in a version before the one before, and kept since
        return ScoreAfter.AGAIN
    return ScoreAfter.CARRIED if change in _HARMLESS else ScoreAfter.AGAIN


def _level_title(work: CriterionWork, criterion: Criterion | None) -> str:
    if not work.level:
        return ""
    levels = criterion.levels if criterion else ()
    return next((level.title for level in levels if level.id == work.level), work.level)


def _rewordings(before: Criterion | None, after: Criterion | None) -> Iterable[Rewording]:
    """Texts that differ; of a criterion that is new or gone all of them."""
    if before is None or after is None or before.title != after.title:
        yield Rewording("Title", before.title if before else "", after.title if after else "")
    old = {level.id: level for level in before.levels} if before else {}
    new = {level.id: level for level in after.levels} if after else {}
    for own_id in dict.fromkeys([*new, *old]):
        yield from _of_level(old.get(own_id), new.get(own_id))
    if before and after and before.passing != after.passing:
        yield Rewording("Passing level", before.level(before.passing).title, after.level(after.passing).title)


def _of_level(before: PerformanceLevel | None, after: PerformanceLevel | None) -> Iterable[Rewording]:
    either = after or before
    assert either is not None
    place = f"Level “{either.title}”"
    if before and after and before.title != after.title:
        yield Rewording(f"{place}, its name", before.title, after.title)
    parts = (
        (place, before.descriptor if before else "", after.descriptor if after else ""),
        (f"{place}, what counts", _listed(before), _listed(after)),
        (f"{place}, near miss", before.near_miss if before else "", after.near_miss if after else ""),
    )
    yield from (Rewording(*one) for one in parts if one[1] != one[2])


def _listed(level: PerformanceLevel | None) -> str:
    return "; ".join(level.what_counts) if level else ""


def _about_all(before: Rubric, after: Rubric) -> Iterable[Rewording]:
    texts = (
        ("Title", before.title, after.title),
        ("Competency", before.competency, after.competency),
        ("Key method", before.key_method, after.key_method),
        ("Evidence asked for", _evidence(before), _evidence(after)),
        ("How it is decided", _rule(before), _rule(after)),
    )
    yield from (Rewording(*one) for one in texts if one[1] != one[2])


def _evidence(rubric: Rubric) -> str:
    lines = (
        ", ".join(filter(None, (one.title, one.amount, one.length, one.conditions)))
        for one in rubric.evidence
    )
    return "; ".join(lines)


def _rule(rubric: Rubric) -> str:
    rule = rubric.decision_rule
    if rule.kind != "at_least":
        return "Every criterion passes"
    required = f", among them {', '.join(rule.required)}" if rule.required else ""
    return f"At least {rule.count} criteria pass{required}"
