"""A cohort's figures: equal to those of another library, and nothing small in what is shown of them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.reports.cohort_rows import (
    BEGINNING,
    MATHS,
    POLICY,
    RELATIONSHIPS,
    rubrics_of,
    shipped,
    some_rows,
)

from assessor_desk.domain.cohort import (
    CohortFigures,
    CohortRow,
    CriterionFigures,
    Recipient,
    RubricFigures,
    Selection,
    Span,
    chosen,
    cohort_figures,
    quantile,
)
from assessor_desk.domain.disclosure import Disclosed, disclosed
from assessor_desk.domain.due import DayCount
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import DueRule
from assessor_desk.domain.rubric import Criterion, DecisionRule, Outcome, PerformanceLevel, Rubric
from assessor_desk.domain.suppression import Hidden, Shown
from assessor_desk.rubric_files.calendars import working_days

US = working_days("US")


def figures_of(rows: Sequence[CohortRow], due: DueRule = POLICY.due) -> CohortFigures:
    """All figures of rows by the rubrics that come with the program."""
    return cohort_figures(rows, rubrics_of(), US, due)


# -- recomputed by pandas ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows() -> list[CohortRow]:
    """Seven hundred attempts at two micro-credentials."""
    return some_rows(700, names=(MATHS, RELATIONSHIPS))


@pytest.fixture(scope="module")
def figures(rows: list[CohortRow]) -> CohortFigures:
    """What we make of them."""
    return figures_of(rows)


@pytest.fixture(scope="module")
def frame(rows: list[CohortRow]) -> pd.DataFrame:
    """The same as a data frame, the incomplete ones left out."""
    names = CohortRow.__slots__
    whole = pd.DataFrame([{name: getattr(row, name) for name in names} for row in rows])
    return whole[whole.outcome != "incomplete"]


def test_outcomes_and_districts_are_those_of_pandas(
    figures: CohortFigures, frame: pd.DataFrame, rows: list[CohortRow]
) -> None:
    assert figures.scored == len(frame)
    assert figures.incomplete == len(rows) - len(frame) > 0
    assert figures.earned == (frame.outcome == "earned").sum()
    assert dict(figures.districts) == frame.district.value_counts().to_dict()


def test_levels_and_next_steps_are_those_of_pandas(figures: CohortFigures, frame: pd.DataFrame) -> None:
    long = pd.DataFrame(
        [
            (row.micro_credential, criterion, level, criterion in row.next_steps)
            for row in frame.itertuples()
            for criterion, level in row.levels.items()
        ],
        columns=["rubric", "criterion", "level", "step"],
    )
    counted = long.groupby(["rubric", "criterion", "level"]).size()
    steps = long[long.step].groupby(["rubric", "criterion", "level"]).size()
    for rubric in figures.rubrics:
        for line in rubric.criteria:
            keys = [(rubric.rubric.id, line.criterion.id, level.id) for level in line.criterion.levels]
            assert line.levels == tuple(counted.get(key, 0) for key in keys)
            assert line.next_steps == tuple(steps.get(key, 0) for key in keys)


def test_months_and_attempts_are_those_of_pandas(figures: CohortFigures, frame: pd.DataFrame) -> None:
    earned = (frame.outcome == "earned").groupby(frame.decided_at.dt.strftime("%Y-%m")).agg(["size", "sum"])
    ours = [[f"{one.month:%Y-%m}", one.share.scored, one.share.earned] for one in figures.months]
    assert [one for one in ours if one[1]] == [[month, *row] for month, row in earned.iterrows()]

    by_attempt = (frame.outcome == "earned").groupby(frame.attempt).agg(["size", "sum"])
    assert [[n, one.scored, one.earned] for n, one in figures.attempts] == [
        [attempt, *row] for attempt, row in by_attempt.iterrows()
    ]


SPANS = {
    Span.ASSESSING: ("submitted_at", "delivered_at"),
    Span.DECIDING: ("delivered_at", "decided_at"),
    Span.RELEASING: ("decided_at", "released_at"),
    Span.WHOLE: ("submitted_at", "released_at"),
}


@pytest.mark.parametrize("span", Span)
def test_turnaround_is_that_of_pandas_and_numpy(
    span: Span, figures: CohortFigures, frame: pd.DataFrame
) -> None:
    import holidays

    [ours] = [one for one in figures.turnaround if one.span is span]
    start, end = (pd.to_datetime(frame[name], utc=True) for name in SPANS[span])
    taken = (end - start).dropna().dt.total_seconds() / 86400
    free = np.array(sorted(holidays.country_holidays("US", years=range(2026, 2028))), dtype="datetime64[D]")
    known = end.notna()
    days = [
        (time[known].dt.tz_localize(None).to_numpy().astype("datetime64[D]") + np.timedelta64(1))
        for time in (start, end)
    ]
    business = np.busday_count(*days, holidays=free)
    for share in (0.1, 0.25, 0.5, 0.9):
        assert quantile(ours.days, share) == pytest.approx(taken.quantile(share))
        assert quantile(ours.working_days, share) == np.quantile(business, share)


def test_on_time_is_by_the_end_of_the_last_day() -> None:
    friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # Thanksgiving is on the 26th
    ends = [datetime(2026, 11, 30, 23, 50, tzinfo=UTC), datetime(2026, 12, 1, 0, 10, tzinfo=UTC)]
    rows = [
        replace(
            row,
            submitted_at=friday,
            delivered_at=end,
            decided_at=end + timedelta(days=1),
            released_at=None,
        )
        for row, end in zip(some_rows(2, incomplete=0), ends, strict=True)
    ]

    assert (figures_of(rows).on_time, figures_of(rows).late) == (1, 1)
    calendar = figures_of(rows, DueRule(10, "calendar"))
    assert (calendar.on_time, calendar.late) == (1, 1)
    assert figures_of(rows, DueRule(0)).on_time is None


def test_working_days_count_as_a_due_date_does() -> None:
    count = DayCount(US, BEGINNING, BEGINNING + timedelta(days=60))
    monday = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)

    assert count.between(monday, monday + timedelta(hours=3)) == 0
    assert count.between(monday, monday + timedelta(days=7)) == 4  # the 19th is a holiday
    assert count.between(monday + timedelta(days=1), monday) == -1


# -- who may see what --------------------------------------------------------------------------------------


def test_a_selection_goes_by_micro_credential_district_and_the_day_of_the_decision(
    rows: list[CohortRow],
) -> None:
    selection = Selection((MATHS,), ("Lakeside",), date(2026, 3, 1), date(2026, 3, 31))
    found = chosen(rows, selection, Recipient(), POLICY)

    assert found == [
        row
        for row in rows
        if row.micro_credential == MATHS and row.district == "Lakeside" and row.decided_at.month == 3
    ]
    assert found


def test_a_district_sees_its_own_earned_ones_and_others_that_agreed(rows: list[CohortRow]) -> None:
    found = chosen(rows, Selection(), Recipient("district", "Lakeside"), POLICY)

    assert {row.district for row in found} == {"Lakeside"}
    assert {row.outcome for row in found if not row.agreed} == {Outcome.EARNED}
    assert {row.outcome for row in found if row.agreed} == set(Outcome)


def test_nobody_but_the_programme_hears_of_a_decision_before_its_educator(rows: list[CohortRow]) -> None:
    everything = replace(POLICY, disclosure={"district": "all", "state": "all"})
    unreleased = [row for row in rows if row.released_at is None]
    state = chosen(rows, Selection(), Recipient("state"), everything)

    assert unreleased
    assert state == [row for row in rows if row.released_at]
    assert chosen(unreleased, Selection(), Recipient("district", "Lakeside"), everything) == []
    early = replace(everything, before_release=("programme", "state"))
    assert chosen(rows, Selection(), Recipient("state"), early) == rows
    of_released = replace(everything, before_release=())
    assert chosen(rows, Selection(), Recipient(), of_released) == state


def test_who_policy_does_not_name_sees_the_narrower_and_the_programme_everything(
    rows: list[CohortRow],
) -> None:
    assert Recipient("state").earned_alone(POLICY)
    assert Recipient("district").earned_alone(replace(POLICY, disclosure={"district": "a typing error"}))
    assert not Recipient("state").earned_alone(replace(POLICY, disclosure={"state": "all"}))
    assert chosen(rows, Selection(), Recipient(), POLICY) == rows


def test_a_district_must_be_named() -> None:
    with pytest.raises(Refused, match="Name the district"):
        chosen([], Selection(), Recipient("district"), POLICY)


def test_a_rubric_that_is_missing_and_a_level_that_is_missing_are_named(rows: list[CohortRow]) -> None:
    with pytest.raises(Refused, match=r"The rubric positive-relationships 2026\.1 is not here"):
        cohort_figures(rows, rubrics_of(MATHS), US, POLICY.due)
    gap = replace(next(row for row in rows if row.levels), levels={})
    with pytest.raises(Refused, match="has no known level for"):
        figures_of([gap])


# -- what may be shown -------------------------------------------------------------------------------------


def test_too_few_reviews_show_nothing_and_none_look_the_same() -> None:
    nothing = Disclosed(10, Hidden.FEW)
    assert disclosed(figures_of([]), 10) == nothing
    assert disclosed(figures_of(some_rows(9, incomplete=0)), 10) == nothing
    assert disclosed(figures_of([]), 1).scored == 0


def test_a_quantile_is_shown_where_enough_reviews_lie_beyond_it() -> None:
    for count, known in ((19, (False, False, False)), (20, (True, False, False)), (100, (True, True, True))):
        [_, deciding, *_] = disclosed(figures_of(some_rows(count, incomplete=0)), 10).turnaround
        days = deciding.days
        assert (days.median is not None, days.quarters is not None, days.most is not None) == known


def test_months_are_put_together_until_both_outcomes_are_large_enough(figures: CohortFigures) -> None:
    shown = disclosed(figures, 10)

    assert 1 < len(shown.months) <= len(figures.months)
    assert all(one.earned is not None and 10 <= one.earned <= one.scored - 10 for one in shown.months)
    assert sum(one.scored for one in shown.months) == figures.scored


def test_outcomes_that_are_hidden_are_in_no_month_and_no_attempt() -> None:
    shown = disclosed(figures_of(some_rows(300, passing=1.2, incomplete=0)), 10)

    assert shown.not_yet is Hidden.FEW
    assert {one.earned for one in (*shown.months, *shown.attempts)} == {None}


def tiny_rubric(criteria: int, rule: DecisionRule) -> Rubric:
    """A rubric of few criteria with three levels, the highest passing."""
    levels = tuple(PerformanceLevel(one, one, one) for one in ("low", "middle", "high"))
    return replace(
        shipped(MATHS),
        criteria=tuple(Criterion(f"c{n}", f"C{n}", levels, "high") for n in range(criteria)),
        decision_rule=rule,
    )


def tiny_figures(rubric: Rubric, reviews: dict[tuple[int, ...], int]) -> CohortFigures:
    """Figures of so many reviews of each pattern of levels (0 lowest)."""
    count = sum(reviews.values())
    lines = tuple(
        CriterionFigures(
            criterion,
            found := tuple(
                sum(n for pattern, n in reviews.items() if pattern[place] == rank) for rank in range(3)
            ),
            (*found[:2], 0),
        )
        for place, criterion in enumerate(rubric.criteria)
    )
    names = ("low", "middle", "high")
    earned = sum(
        n
        for pattern, n in reviews.items()
        if rubric.outcome({f"c{place}": names[rank] for place, rank in enumerate(pattern)}) is Outcome.EARNED
    )
    empty: tuple[Any, ...] = ()
    return CohortFigures(
        count, 0, earned, (RubricFigures(rubric, count, lines),), empty, empty, empty, empty, None, None
    )


def test_levels_and_outcomes_together_give_no_small_count_away() -> None:
    rubric = tiny_rubric(2, DecisionRule())
    both, low, middle = (2, 2), (0, 2), (1, 2)
    # 40 not yet, 31 of them below in the first criterion: all nine of the second are below there.
    reviews = {both: 60, low: 15, middle: 16, (2, 0): 4, (2, 1): 5}
    shown = disclosed(tiny_figures(rubric, reviews), 10)

    assert shown.not_yet == 40
    first, second = shown.rubrics[0].criteria
    assert first.levels == second.levels == (Hidden.WITHHELD,) * 3


def hidden_cells(shown: Disclosed) -> list[Shown]:
    """Outcomes and levels in one order."""
    lines = [level for rubric in shown.rubrics for line in rubric.criteria for level in line.levels]
    return [shown.earned, shown.not_yet, *lines]


def exact_cells(figures: CohortFigures) -> list[int]:
    """The same, exact."""
    lines = [level for rubric in figures.rubrics for line in rubric.criteria for level in line.levels]
    return [figures.earned, figures.not_yet, *lines]


@pytest.mark.parametrize("rule", [DecisionRule(), DecisionRule("at_least", 1)], ids=["every", "at least"])
@pytest.mark.parametrize("total", [6, 7, 8])
def test_no_hidden_level_or_outcome_follows_from_all_that_is_shown(total: int, rule: DecisionRule) -> None:
    """Every cohort of so many reviews: whatever a report shows, each cell that it hides could be several numbers."""
    rubric, smallest = tiny_rubric(2, rule), 3
    patterns = list(itertools.product(range(3), repeat=2))
    alike = defaultdict[str, list[tuple[Disclosed, CohortFigures]]](list)
    for chosen_patterns in itertools.combinations_with_replacement(patterns, total):
        reviews = {pattern: chosen_patterns.count(pattern) for pattern in set(chosen_patterns)}
        figures = tiny_figures(rubric, reviews)
        shown = disclosed(figures, smallest)
        alike[repr((hidden_cells(shown), shown.scored))].append((shown, figures))
    assert len(alike) > 3
    for same in alike.values():
        exact = [exact_cells(figures) for _, figures in same]
        for place, said in enumerate(hidden_cells(same[0][0])):
            if isinstance(said, Hidden):
                assert len({cells[place] for cells in exact}) > 1, (hidden_cells(same[0][0]), exact)


def test_what_two_clocks_put_before_its_beginning_took_no_time(rows: list[CohortRow]) -> None:
    scored = next(row for row in rows if row.outcome is not Outcome.INCOMPLETE and row.delivered_at)
    assert scored.delivered_at is not None
    crossed = replace(scored, decided_at=scored.delivered_at - timedelta(seconds=1))

    [deciding] = [one for one in figures_of([crossed]).turnaround if one.span is Span.DECIDING]
    assert deciding.days == (0.0,)
