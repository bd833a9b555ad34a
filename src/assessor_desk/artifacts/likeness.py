"""Where in a text something stands that is much like given words (rapidfuzz)."""

from __future__ import annotations

import re

_LONGEST = 2_000
"""Characters of the words that are compared: comparing takes their number times that of the text's."""
_MORE_OR_LESS = 3
"""Words by which the place found may be longer or shorter at either end."""


def near(words: str, text: str, least: float) -> tuple[int, int] | None:
    """The part of `text` most like `words`, at least by `least` per cent (Indel similarity); None if there is none."""
    from rapidfuzz import fuzz  # a viewer opens sooner without it

    beginning = words[:_LONGEST]
    if not beginning or len(beginning) > len(text):
        return None
    found = fuzz.partial_ratio_alignment(beginning, text, score_cutoff=least)
    if found is None or found.score < least:
        return None
    start, end = found.dest_start, min(len(text), found.dest_end + len(words) - len(beginning))
    starts, ends = _edges(text, start, end)
    return max(
        ((one, other) for one in starts for other in ends if one < other),
        key=lambda place: fuzz.ratio(words, text[place[0] : place[1]]),
        default=(start, end),
    )


def _edges(text: str, start: int, end: int) -> tuple[list[int], list[int]]:
    """Where words begin near `start`, and where they end near `end`: a place found need not lie between words."""
    room = 40 * _MORE_OR_LESS
    begin = max(0, start - room)
    around = [match.span() for match in re.finditer(r"\S+", text[begin : end + room])]
    starts = sorted((first + begin for first, _ in around), key=lambda at: abs(at - start))
    ends = sorted((last + begin for _, last in around), key=lambda at: abs(at - end))
    return starts[: 2 * _MORE_OR_LESS], ends[: 2 * _MORE_OR_LESS]
