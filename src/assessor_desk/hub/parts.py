"""Long lists in parts: a statement takes so many values at most (SQLite 32,766, PostgreSQL 65,535)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

#: So many go into one statement: far below what any database takes.
AT_ONCE = 500


def in_parts(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """All of them, in order, so many at a time; nothing where there are none."""
    for at in range(0, len(things), AT_ONCE):
        yield things[at : at + AT_ONCE]
