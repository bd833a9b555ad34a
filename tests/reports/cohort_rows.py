"""Cohorts that nobody assessed: rows by chance, the same at every run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from assessor_desk.domain.cohort import CohortRow
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.rubric import Outcome, Rubric
from assessor_desk.places import rubrics as rubrics_folder
from assessor_desk.rubric_files import load_rubric

LOOK = ProgrammeLook("Lakeside Regional Programme (sample)")
POLICY = Policy("default", "2026.1", "One assessor decides", LOOK.programme)
BEGINNING = datetime(2026, 1, 5, 15, 30, tzinfo=UTC)
DISTRICTS = ("Cedar Valley", "Lakeside", "North Fork", "Tân Phú")


@cache
def shipped(name: str) -> Rubric:
    """A rubric that comes with the program."""
    return load_rubric(rubrics_folder() / f"{name}.yaml")


MATHS, RELATIONSHIPS = "formative-assessment-math", "positive-relationships"


def some_rows(
    count: int,
    *,
    names: Sequence[str] = (MATHS,),
    passing: float = 0.85,
    incomplete: float = 0.05,
    days: int = 300,
    seed: int = 7,
    districts: Sequence[str] = DISTRICTS,
) -> list[CohortRow]:
    """So many decided attempts, spread over so many days; `passing` is how likely one criterion passes."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        rubric = shipped(chance.choice(names))
        is_incomplete = chance.random() < incomplete
        levels = {} if is_incomplete else _levels(chance, rubric, passing)
        outcome = Outcome.INCOMPLETE if is_incomplete else rubric.outcome(levels)
        assert outcome is not None
        submitted = BEGINNING + timedelta(days=chance.random() * days)
        delivered = submitted + timedelta(days=chance.gammavariate(3, 1.3))
        decided = delivered + timedelta(days=chance.gammavariate(2, 0.8))
        released = decided + timedelta(days=chance.random() * 2) if chance.random() < 0.97 else None
        below = tuple(c.id for c in rubric.criteria if c.id in levels and not c.passes(levels[c.id]))
        rows.append(
            CohortRow(
                decision=f"{number:064x}",
                micro_credential=rubric.id,
                rubric_version=rubric.version,
                district=chance.choice(districts),
                attempt=1 + (chance.random() < 0.45) + (chance.random() < 0.1),
                outcome=outcome,
                levels=levels,
                next_steps=below,
                submitted_at=submitted,
                delivered_at=delivered,
                decided_at=decided,
                released_at=released,
                agreed=chance.random() < 0.3,
            )
        )
    return rows


def _levels(chance: random.Random, rubric: Rubric, passing: float) -> dict[str, str]:
    found = {}
    for place, criterion in enumerate(rubric.criteria):
        passed = chance.random() < passing - 0.04 * place
        rank = criterion.rank(criterion.passing)
        levels = criterion.levels[rank:] if passed else criterion.levels[:rank]
        weights = range(1, len(levels) + 1)
        found[criterion.id] = chance.choices(levels, weights)[0].id
    return found


def rubrics_of(*names: str) -> dict[tuple[str, str], Rubric]:
    """Rubrics by id and version."""
    return {(one.id, one.version): one for one in map(shipped, names or (MATHS, RELATIONSHIPS))}
