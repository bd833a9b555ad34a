"""Sizes in words."""

from __future__ import annotations


def shortened(words: str, most: int) -> str:
    """Words of `most` characters, an ellipsis in the middle: of a path both ends tell where it leads."""
    if len(words) <= most:
        return words
    end = (most - 1) * 2 // 3
    return f"{words[: most - 1 - end]}…{words[-end:]}"


def bytes_in_words(count: int) -> str:
    """A number of bytes for people, in powers of ten: `1.4 GB`, `84 kB`."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
