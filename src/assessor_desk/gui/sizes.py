"""Sizes in words."""

from __future__ import annotations

from assessor_desk.domain.sizes import bytes_in_words as bytes_in_words


def shortened(words: str, most: int) -> str:
    """Words of `most` characters, an ellipsis in the middle: of a path both ends tell where it leads."""
    if len(words) <= most:
        return words
    end = (most - 1) * 2 // 3
    return f"{words[: most - 1 - end]}…{words[-end:]}"
