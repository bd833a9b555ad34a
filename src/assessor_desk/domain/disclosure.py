"""What may be shown of a cohort's figures: small counts are hidden, and what would give them away.

Tables share totals, so each is protected with the others in mind: levels add up to a rubric's reviews, rubrics
and districts to all reviews, and whoever earned has passed every criterion that the rule asks for. Attempts and
months, which would cross with outcomes, are put together until each line is large enough, and hide nothing.
One report is protected against itself, not against another over nearly the same reviews.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from .cohort import CohortFigures, CriterionFigures, RubricFigures, Share, Span, Turnaround, quantile
from .rubric import Criterion, Rubric
from .suppression import Hidden, Shown, shown_levels, shown_parts, shown_within, sides_are_known, stretches

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShownCriterion:
    """How often each level was reached, lowest first, and from how many reviews at each level a next step goes out."""

    criterion: Criterion
    levels: tuple[Shown, ...]
    next_steps: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class ShownRubric:
    """The reviews by one version of a rubric; without criteria where their number is hidden."""

    rubric: Rubric
    scored: Shown
    criteria: tuple[ShownCriterion, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring attempts, or months by their first days, put together.

    `open_end` says that there is none after it. `earned` is None where outcomes are hidden, `deciding` (median of
    working days) where the stretch has too few reviews.
    """

    first: int | date
    last: int | date
    scored: int
    earned: int | None
    deciding: float | None = None
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Half are below `median`, half between `quarters`, nine of ten below `most`; None where too few lie beyond."""

    median: float | None
    quarters: tuple[float, float] | None
    most: float | None


@dataclass(frozen=True, slots=True)
class ShownTurnaround:
    """How long one span took."""

    span: Span
    days: Quantiles
    working_days: Quantiles


@dataclass(frozen=True, slots=True)
class Disclosed:
    """All that a report may say. Where `scored` is hidden there is nothing else."""

    smallest: int
    scored: Shown
    earned: Shown = Hidden.WITHHELD
    not_yet: Shown = Hidden.WITHHELD
    incomplete: Shown = Hidden.WITHHELD
    rubrics: tuple[ShownRubric, ...] = ()
    districts: tuple[tuple[str, Shown], ...] = ()
    attempts: tuple[Stretch, ...] = ()
    months: tuple[Stretch, ...] = ()
    turnaround: tuple[ShownTurnaround, ...] = ()
    punctual: tuple[Shown, Shown] | None = None


@dataclass(frozen=True, slots=True)
class Concealed:
    """How many of a report's counts are hidden: few ones, and those withheld beside them."""

    counts: int
    few: int
    withheld: int


def concealed(shown: Disclosed) -> Concealed:
    """What is hidden of a report."""
    counts = [shown.earned, shown.not_yet, shown.incomplete, *(shown.punctual or ())]
    counts += [count for _, count in shown.districts]
    for rubric in shown.rubrics:
        counts.append(rubric.scored)
        for criterion in rubric.criteria:
            counts += [*criterion.levels, *criterion.next_steps]
    return Concealed(len(counts), counts.count(Hidden.FEW), counts.count(Hidden.WITHHELD))


def disclosed(figures: CohortFigures, smallest: int, *, outcomes_crossed: bool = True) -> Disclosed:
    """What may be shown of `figures` where counts below `smallest` may not.

    `outcomes_crossed` False leaves outcomes out of attempts and months, for a selection in which their share means
    nothing.
    """
    if figures.scored < max(smallest, 1):
        return Disclosed(smallest, Hidden.FEW if smallest > 1 else figures.scored)
    earned, not_yet = shown_parts((figures.earned, figures.not_yet), smallest)
    crossed = outcomes_crossed and not isinstance(earned, Hidden)
    return Disclosed(
        smallest,
        figures.scored,
        earned,
        not_yet,
        _alone(figures.incomplete, smallest),
        _rubrics(figures, smallest, earned, not_yet),
        _districts(figures, smallest),
        _attempts(figures, smallest, crossed),
        _months(figures, smallest, crossed),
        tuple(_turnaround(one, smallest) for one in figures.turnaround if one.days),
        _punctual(figures, smallest),
    )


def _alone(count: int, smallest: int) -> Shown:
    """A count that is part of no total that is shown."""
    return Hidden.FEW if smallest > 1 and count < smallest else count


def _districts(figures: CohortFigures, smallest: int) -> tuple[tuple[str, Shown], ...]:
    shown = shown_parts([count for _, count in figures.districts], smallest)
    return tuple((name, count) for (name, _), count in zip(figures.districts, shown, strict=True))


def _punctual(figures: CohortFigures, smallest: int) -> tuple[Shown, Shown] | None:
    if figures.on_time is None or figures.late is None:
        return None
    if figures.on_time + figures.late < smallest:
        return Hidden.WITHHELD, Hidden.WITHHELD
    on_time, late = shown_parts((figures.on_time, figures.late), smallest)
    return on_time, late


# -- attempts and months -----------------------------------------------------------------------------------


def _together(shares: Sequence[Share], smallest: int, *, crossed: bool) -> list[tuple[int, int, Share]]:
    def enough(share: Share) -> bool:
        least = min(share.earned, share.scored - share.earned) if crossed else share.scored
        return smallest <= 1 or least >= smallest

    return stretches(shares, Share.__add__, enough)


def _attempts(figures: CohortFigures, smallest: int, crossed: bool) -> tuple[Stretch, ...]:
    numbers = [number for number, _ in figures.attempts]
    found = _together([share for _, share in figures.attempts], smallest, crossed=crossed)
    return tuple(
        Stretch(
            numbers[first],
            numbers[last],
            share.scored,
            share.earned if crossed else None,
            open_end=last == len(numbers) - 1,
        )
        for first, last, share in found
    )


def _months(figures: CohortFigures, smallest: int, crossed: bool) -> tuple[Stretch, ...]:
    months = figures.months
    found = _together([month.share for month in months], smallest, crossed=crossed)
    return tuple(
        Stretch(
            months[first].month,
            months[last].month,
            share.scored,
            share.earned if crossed else None,
            _quantile(
                sorted(days for one in months[first : last + 1] for days in one.deciding), 0.5, smallest
            ),
        )
        for first, last, share in found
    )


# -- turnaround --------------------------------------------------------------------------------------------


def _turnaround(figures: Turnaround, smallest: int) -> ShownTurnaround:
    return ShownTurnaround(
        figures.span, _quantiles(figures.days, smallest), _quantiles(figures.working_days, smallest)
    )


def _quantiles(ordered: Sequence[float], smallest: int) -> Quantiles:
    lower, upper = _quantile(ordered, 0.25, smallest), _quantile(ordered, 0.75, smallest)
    quarters = None if lower is None or upper is None else (lower, upper)
    return Quantiles(_quantile(ordered, 0.5, smallest), quarters, _quantile(ordered, 0.9, smallest))


def _quantile(ordered: Sequence[float], share: float, smallest: int) -> float | None:
    """A quantile that at least `smallest` reviews lie beyond, on either side; a rarer one is nearly a review's own."""
    beyond = round(len(ordered) * min(share, 1 - share), 6)
    if not ordered or (smallest > 1 and beyond < smallest):
        return None
    return quantile(ordered, share)


# -- levels ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """One criterion's levels as they are to be shown, with what follows from outcomes about them.

    `most_below` is how many at most can be below passing, as far as a reader can tell; `known` whether that is
    exactly how many.
    """

    rubric: RubricFigures
    figures: CriterionFigures
    levels: tuple[Shown, ...]
    most_below: int
    known: bool

    @property
    def at_least(self) -> int:
        """How many criteria must be below passing before it is not yet."""
        rule = self.rubric.rubric.decision_rule
        return len(self.rubric.criteria) - rule.count + 1 if rule.kind == "at_least" else 1


def _rubrics(figures: CohortFigures, smallest: int, earned: Shown, not_yet: Shown) -> tuple[ShownRubric, ...]:
    numbers = shown_parts([one.scored for one in figures.rubrics], smallest)
    lines = {
        place: [_line(rubric, one, smallest) for one in rubric.criteria]
        for place, (rubric, number) in enumerate(zip(figures.rubrics, numbers, strict=True))
        if not isinstance(number, Hidden)
    }
    unseen = sum(one.scored for place, one in enumerate(figures.rubrics) if place not in lines)
    kept = _guarded(
        [line for found in lines.values() for line in found], unseen, figures, earned, not_yet, smallest
    )
    shown = {id(line.figures): line for line in kept}
    return tuple(
        ShownRubric(
            one.rubric,
            numbers[place],
            tuple(_criterion(shown[id(line.figures)], smallest) for line in lines.get(place, ())),
        )
        for place, one in enumerate(figures.rubrics)
    )


def _line(rubric: RubricFigures, figures: CriterionFigures, smallest: int) -> _Line:
    passing = figures.criterion.rank(figures.criterion.passing)
    known = sides_are_known(figures.levels, passing, smallest)
    below = sum(figures.levels[:passing])
    levels = shown_levels(figures.levels, passing, smallest)
    most = below if known else smallest - 1 if below < smallest else rubric.scored
    return _Line(rubric, figures, levels, most, known)


def _withheld(line: _Line) -> _Line:
    nothing = (Hidden.WITHHELD,) * len(line.levels)
    return replace(line, levels=nothing, most_below=line.rubric.scored, known=False)


def _guarded(
    lines: list[_Line], unseen: int, figures: CohortFigures, earned: Shown, not_yet: Shown, smallest: int
) -> list[_Line]:
    """Lines of which enough are withheld that outcomes tell nothing of what they hide, nor they of outcomes.

    Whoever has not yet earned is below passing somewhere: were all but one criterion known, the last could have a
    lower bound. Lines are withheld from the first on until there is none; all of them where outcomes are hidden too
    or hardly any is known, so that nothing follows from which ones are.
    """
    if smallest <= 1 or not _gives_away(lines, unseen, figures, earned, not_yet):
        return lines
    if not isinstance(not_yet, Hidden) and sum(line.known for line in lines) > 1:
        for place, line in enumerate(lines):
            if line.known:
                lines = [*lines[:place], _withheld(line), *lines[place + 1 :]]
            if not _gives_away(lines, unseen, figures, earned, not_yet):
                return lines
    return [_withheld(line) for line in lines]


def _gives_away(
    lines: Sequence[_Line], unseen: int, figures: CohortFigures, earned: Shown, not_yet: Shown
) -> bool:
    """Whether more follows from lines and outcomes together than from each alone.

    A rule that asks for fewer than all criteria ties passing and outcome both ways: there everything must be known.
    """
    if any(line.at_least > 1 for line in lines):
        return isinstance(not_yet, Hidden) or not all(line.known for line in lines)
    if earned is Hidden.FEW:
        return figures.scored > _not_yet_at_most(lines, unseen)
    if isinstance(not_yet, Hidden):
        return False
    return any(
        not_yet > _not_yet_at_most([one for one in lines if one is not line], unseen)
        for line in lines
        if Hidden.FEW in line.levels and not line.known
    )


def _not_yet_at_most(lines: Sequence[_Line], unseen: int) -> int:
    return unseen + sum(line.most_below for line in lines)


def _criterion(line: _Line, smallest: int) -> ShownCriterion:
    figures = line.figures
    steps = (
        shown_within(step, level, shown, smallest)
        for step, level, shown in zip(figures.next_steps, figures.levels, line.levels, strict=True)
    )
    return ShownCriterion(figures.criterion, line.levels, tuple(steps))
