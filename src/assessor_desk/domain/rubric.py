"""Micro-credentials and their rubrics: what is looked for, and how well it was shown.

Levels and the decision rule are data of the rubric, never code: one programme says *Demonstrated ·
Progressing · Not met*, another *Meets · Does not meet*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .errors import Refused


class Outcome(StrEnum):
    """What a review recommends and a decision says."""

    EARNED = "earned"
    NOT_YET = "not_yet"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class PerformanceLevel:
    """One level of one criterion; `descriptor` says what can be seen at this level."""

    id: str
    title: str
    descriptor: str
    what_counts: tuple[str, ...] = ()
    near_miss: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One skill that the evidence must show.

    `levels` are ordered lowest first; `passing` is the id of the lowest passing one.
    """

    id: str
    title: str
    levels: tuple[PerformanceLevel, ...]
    passing: str

    def level(self, level_id: str) -> PerformanceLevel:
        """The level with that id. Raises Refused naming the levels there are."""
        for level in self.levels:
            if level.id == level_id:
                return level
        known = ", ".join(level.id for level in self.levels)
        raise Refused(f"Criterion “{self.title}” has no level “{level_id}”; its levels are {known}")

    def rank(self, level_id: str) -> int:
        """Position of a level, 0 for the lowest."""
        return self.levels.index(self.level(level_id))

    def passes(self, level_id: str) -> bool:
        """Whether the level is the passing one or higher."""
        return self.rank(level_id) >= self.rank(self.passing)

    def next_level(self, level_id: str) -> PerformanceLevel | None:
        """The level above, or None at the highest."""
        rank = self.rank(level_id) + 1
        return self.levels[rank] if rank < len(self.levels) else None


@dataclass(frozen=True, slots=True)
class EvidenceRequirement:
    """What the educator must hand in, and which criteria it can speak to (criterion ids)."""

    id: str
    title: str
    kind: str
    amount: str
    length: str
    conditions: str
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """`every`: each criterion passes. `at_least`: so many pass, and all of `required` (criterion ids) do."""

    kind: str = "every"
    count: int = 0
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandardSetting:
    """How the passing standard came about; `method` is "sample" for rubrics not meant for decisions."""

    method: str
    panel: str = ""
    date: str = ""
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Research or a resource, cited so that it can be found."""

    citation: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rubric:
    """A micro-credential with the rubric that the earner saw and the assessor uses."""

    id: str
    version: str
    title: str
    issuer: str
    competency: str
    key_method: str
    components: tuple[str, ...]
    research: tuple[Reference, ...]
    resources: tuple[Reference, ...]
    evidence: tuple[EvidenceRequirement, ...]
    criteria: tuple[Criterion, ...]
    decision_rule: DecisionRule
    standard_setting: StandardSetting
    sample: bool = False
    short_title: str = ""

    def criterion(self, criterion_id: str) -> Criterion:
        """The criterion with that id. Raises Refused naming the criteria there are."""
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        known = ", ".join(criterion.id for criterion in self.criteria)
        raise Refused(f"“{self.title}” has no criterion “{criterion_id}”; its criteria are {known}")

    def evidence_for(self, criterion_id: str) -> tuple[EvidenceRequirement, ...]:
        """The evidence requirements that can speak to a criterion."""
        return tuple(piece for piece in self.evidence if criterion_id in piece.criteria)

    def outcome(self, levels: Mapping[str, str]) -> Outcome | None:
        """What the decision rule says of the levels chosen (criterion id → level id).

        None while one is missing.
        """
        if any(criterion.id not in levels for criterion in self.criteria):
            return None
        passed = {c.id for c in self.criteria if c.passes(levels[c.id])}
        if self.decision_rule.kind == "at_least":
            earned = len(passed) >= self.decision_rule.count and passed.issuperset(
                self.decision_rule.required
            )
        else:
            earned = len(passed) == len(self.criteria)
        return Outcome.EARNED if earned else Outcome.NOT_YET
