"""Numbers of bytes in words."""

from __future__ import annotations


def bytes_in_words(count: int) -> str:
    """A number of bytes for people, in powers of ten: `1.4 GB`, `84 kB`."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
