"""No small count can be computed from what is shown, not even by somebody who knows how it was hidden."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor_desk.domain.cohort import Share
from assessor_desk.domain.suppression import (
    Hidden,
    Shown,
    shown_levels,
    shown_parts,
    shown_within,
    stretches,
)

FEW, WITHHELD = Hidden.FEW, Hidden.WITHHELD
counts = st.lists(st.integers(0, 60) | st.integers(0, 12), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((40, 50, 60), (40, 50, 60)),
        ((3, 40, 91), (FEW, WITHHELD, 91)),
        ((40, 3, 91), (40, FEW, WITHHELD)),
        ((40, 91, 0), (40, WITHHELD, FEW)),
        ((4, 8, 5, 91), (FEW, FEW, FEW, 91)),  # 17 of three: each can be 0 to 9
        ((9, 9, 91), (FEW, FEW, WITHHELD)),  # 18 of two would be nine each
        ((3, 12, 91), (WITHHELD, WITHHELD, WITHHELD)),  # 15 of two, one at least 10: the other below 6
        ((5, 95), (FEW, WITHHELD)),
        ((5, 9), (WITHHELD, WITHHELD)),
    ],
)
def test_beside_few_ones_another_part_is_withheld(parts: tuple[int, ...], shown: tuple[Shown, ...]) -> None:
    assert shown_parts(parts, 10) == shown


def test_nothing_is_hidden_where_the_smallest_cell_is_one() -> None:
    assert shown_parts((0, 1, 5), 1) == (0, 1, 5)
    assert shown_levels((0, 1, 5), 2, 0) == (0, 1, 5)


def test_what_is_hidden_below_the_pass_line_does_not_hide_how_many_passed() -> None:
    assert shown_levels((4, 30, 40), 2, 10) == (FEW, WITHHELD, 40)
    assert shown_levels((4, 12, 40), 2, 10) == (WITHHELD, WITHHELD, 40)
    assert shown_levels((4, 3, 40), 2, 10) == (FEW, FEW, WITHHELD)


# -- by somebody who knows the totals ----------------------------------------------------------------------


def could_be(parts: Sequence[int], shown: Sequence[Shown], place: int, smallest: int) -> list[int]:
    """What a hidden part can be, by the total, the parts shown, and that few means below `smallest`, withheld not."""
    left = sum(part for part, said in zip(parts, shown) if isinstance(said, Hidden))
    partial = FEW in shown
    bounds = [
        (0, smallest - 1) if said is FEW else (smallest if partial else 0, left)
        for number, said in enumerate(shown)
        if isinstance(said, Hidden) and number != place
    ]
    least, most = sum(low for low, _ in bounds), sum(high for _, high in bounds)
    own = (0, smallest - 1) if shown[place] is FEW else (0, left)
    return [value for value in range(own[0], own[1] + 1) if least <= left - value <= most]


@given(counts, st.integers(2, 12))
def test_a_few_can_be_anything_from_none_to_the_smallest_cell(parts: list[int], smallest: int) -> None:
    if sum(parts) < smallest:
        return
    shown = shown_parts(parts, smallest)
    for place, said in enumerate(shown):
        if said is FEW:
            assert could_be(parts, shown, place, smallest) == list(range(smallest))
        elif said is WITHHELD:
            assert len(could_be(parts, shown, place, smallest)) >= smallest
        else:
            assert said == parts[place] >= smallest


@given(counts, st.integers(2, 12))
def test_what_is_hidden_together_is_not_small_either(parts: list[int], smallest: int) -> None:
    hidden = [part for part, said in zip(parts, shown_parts(parts, smallest)) if isinstance(said, Hidden)]
    assert not hidden or sum(hidden) >= smallest or sum(parts) < smallest


# -- by somebody who knows the rule as well ----------------------------------------------------------------


def parted(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to part a total."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in parted(total - first, parts - 1):
            yield first, *rest


RULES: dict[str, Callable[[tuple[int, ...], int], tuple[Shown, ...]]] = {
    "parts": shown_parts,
    "levels": lambda parts, smallest: shown_levels(parts, len(parts) - 1, smallest),
    "two passing": lambda parts, smallest: shown_levels(parts, max(1, len(parts) - 2), smallest),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("smallest", [3, 4])
@pytest.mark.parametrize("parts", [2, 3, 4])
def test_knowing_the_rule_computes_no_hidden_part(rule: str, smallest: int, parts: int) -> None:
    for total in range(smallest, 15):
        alike = defaultdict[tuple[Shown, ...], list[tuple[int, ...]]](list)
        for table in parted(total, parts):
            alike[RULES[rule](table, smallest)].append(table)
        for shown, tables in alike.items():
            for place, said in enumerate(shown):
                if isinstance(said, Hidden):
                    assert len({table[place] for table in tables}) > 1, (shown, tables)


def enough(smallest: int) -> Callable[[Share], bool]:
    """Whether both outcomes are large enough."""
    return lambda share: min(share.earned, share.scored - share.earned) >= smallest


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=24), st.integers(2, 12))
def test_stretches_are_all_large_enough_and_leave_nothing_out(
    months: list[tuple[int, int]], smallest: int
) -> None:
    shares = [Share(earned + not_yet, earned) for earned, not_yet in months]
    found = stretches(shares, Share.__add__, enough(smallest))
    if not found:
        assert not shares or not enough(smallest)(sum(shares[1:], shares[0]))
        return
    assert [first for first, _, _ in found] == [0, *(last + 1 for _, last, _ in found[:-1])]
    assert found[-1][1] == len(shares) - 1
    for first, last, share in found:
        assert share == sum(shares[first + 1 : last + 1], shares[first])
        assert enough(smallest)(share)


def test_knowing_the_rule_computes_no_month_of_a_stretch() -> None:
    possible = [Share(earned + not_yet, earned) for earned in range(4) for not_yet in range(4)]
    alike = defaultdict[tuple[tuple[int, int, Share], ...], list[tuple[Share, ...]]](list)
    for months in itertools.product(possible, repeat=3):
        alike[tuple(stretches(months, Share.__add__, enough(2)))].append(months)
    # Totals at the very edge of what was tried have too few tables here to say anything.
    inner = {key: tables for key, tables in alike.items() if all(s.scored <= 6 for _, _, s in key)}
    assert len(inner) > 30
    for found, tables in inner.items():
        for first, last, _ in found:
            if last > first:
                for place in range(first, last + 1):
                    assert len({table[place] for table in tables}) > 1, (found, tables)


def test_a_part_of_a_part_leaves_no_small_rest() -> None:
    assert shown_within(50, 50, 50, 10) == 50
    assert shown_within(40, 50, 50, 10) == 40
    assert shown_within(45, 50, 50, 10) is WITHHELD
    assert shown_within(4, 50, 50, 10) is FEW
    assert shown_within(30, 50, WITHHELD, 10) is WITHHELD
