"""Which of many places found are painted: a letter is found a hundred thousand times, and each layer takes its time."""

from __future__ import annotations

from bisect import bisect_left

_NEARLY_SEEN, _AT_A_TIME = 2_000, 50
"""Characters above and below what is seen in which hits are painted, and how many hits come or go at a time."""


def hits_near(hits: list[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """Those of the hits, which are in order, that are seen or nearly while these characters are in sight."""
    begin = bisect_left(hits, (first - _NEARLY_SEEN, 0))
    end = bisect_left(hits, (last + _NEARLY_SEEN, 0))
    return hits[begin - begin % _AT_A_TIME : end + -end % _AT_A_TIME]
