"""Which counts may be shown, so that no small one can be computed from what is.

A count below the programme's smallest cell is said to be *few*, and no more. Where a total is known, another count
beside it is *withheld*, as it would give the first away. What is withheld depends on places and on what is shown,
never on the size of what is hidden, so that knowing this rule tells nothing more (tests try every small table).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import TypeVar


class Hidden(StrEnum):
    """Why a count is not shown: it is below the smallest cell, or it would give such a count away."""

    FEW = "few"
    WITHHELD = "withheld"


Shown = int | Hidden
T = TypeVar("T")


def shown_parts(counts: Sequence[int], smallest: int) -> tuple[Shown, ...]:
    """The parts of a total that is known and itself not small.

    Beside few ones the nearest part that is not is withheld; what stays hidden must leave each few one open from 0
    to the smallest cell. Where that cannot be had, all parts are withheld alike.
    """
    few = [place for place, count in enumerate(counts) if count < smallest]
    if not few or smallest <= 1:
        return tuple(counts)
    total = sum(counts[place] for place in few)
    if _few_alone_are_open(total, len(few), smallest):
        return _with(counts, few)
    beside = _nearest(few, len(counts))
    if beside is not None and total + counts[beside] >= 2 * smallest - 1:
        return _with(counts, few, beside)
    return (Hidden.WITHHELD,) * len(counts)


def _few_alone_are_open(total: int, parts: int, smallest: int) -> bool:
    """Whether each of so many few parts can be anything from 0 to the highest, and all together are not few."""
    return smallest <= total <= (parts - 1) * (smallest - 1)


def _nearest(few: Sequence[int], length: int) -> int | None:
    """The place nearest to the first few one that holds none; of two, the later."""
    others = [place for place in range(length) if place not in few]
    return min(others, key=lambda place: (abs(place - few[0]), -place), default=None)


def _with(counts: Sequence[int], few: Sequence[int], beside: int | None = None) -> tuple[Shown, ...]:
    return tuple(
        Hidden.FEW if place in few else Hidden.WITHHELD if place == beside else count
        for place, count in enumerate(counts)
    )


def shown_levels(counts: Sequence[int], passing: int, smallest: int) -> tuple[Shown, ...]:
    """How often each level was reached, lowest first; `passing` is the place of the lowest passing one.

    The two sides of the pass line are kept apart where neither is small, so that what is hidden on one side does not
    hide how many passed. Where one is, its levels are few and those of the other withheld: which side is small would
    bound any level that was shown beside it.
    """
    below, above = counts[:passing], counts[passing:]
    if sides_are_known(counts, passing, smallest):
        return shown_parts(below, smallest) + shown_parts(above, smallest)
    if not below or not above:
        return shown_parts(counts, smallest)
    under, over = shown_parts((sum(below), sum(above)), smallest)
    return (under,) * len(below) + (over,) * len(above)


def sides_are_known(counts: Sequence[int], passing: int, smallest: int) -> bool:
    """Whether it can be told how many passed and how many did not."""
    return smallest <= 1 or min(sum(counts[:passing]), sum(counts[passing:])) >= smallest


def shown_within(part: int, whole: int, whole_shown: Shown, smallest: int) -> Shown:
    """A count of some of `whole`; neither it nor the others of `whole` may be small, but for none being left over."""
    if isinstance(whole_shown, Hidden):
        return whole_shown
    if smallest <= 1:
        return part
    if part < smallest:
        return Hidden.FEW
    return Hidden.WITHHELD if 0 < whole - part < smallest else part


def stretches(
    parts: Sequence[T], add: Callable[[T, T], T], enough: Callable[[T], bool]
) -> list[tuple[int, int, T]]:
    """Neighbouring parts put together until each stretch is enough: first place, last place, sum.

    What is left at the end joins the last stretch. Empty where all of it is not enough.
    """
    found: list[tuple[int, int, T]] = []
    start = 0
    while start < len(parts):
        sums = accumulate(parts[start:], add)
        ended = next(((start + more, total) for more, total in enumerate(sums) if enough(total)), None)
        if ended is None:
            break
        found.append((start, *ended))
        start = ended[0] + 1
    if found and start < len(parts):
        first, _, total = found[-1]
        for part in parts[start:]:
            total = add(total, part)
        found[-1] = (first, len(parts) - 1, total)
    return found
