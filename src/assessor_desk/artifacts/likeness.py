"""Where in a text something stands that is much like given words (rapidfuzz)."""

from __future__ import annotations

_LONGEST = 2_000
"""Characters of the words that are compared: comparing takes their number times that of the text's."""


def near(words: str, text: str, least: float) -> tuple[int, int] | None:
    """The part of `text` most like `words`, at least by `least` per cent (Indel similarity); None if there is none."""
    from rapidfuzz import fuzz  # a viewer opens sooner without it

    beginning = words[:_LONGEST]
    if not beginning or len(beginning) > len(text):
        return None
    found = fuzz.partial_ratio_alignment(beginning, text, score_cutoff=least)
    if found is None or found.score < least:
        return None
    return found.dest_start, min(len(text), found.dest_end + len(words) - len(beginning))
