"""What a hub asks its database, statement by statement."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sized
from typing import Any

import sqlalchemy as sa

from assessor_desk.hub.hub import Hub

Asked = tuple[str, Any]
"""A statement's words, and the values that went with it."""


@contextlib.contextmanager
def what_is_asked(hub: Hub) -> Iterator[list[Asked]]:
    """The statements of this process in the meantime, one after the other."""
    asked: list[Asked] = []

    def note(_connection: object, _cursor: object, words: str, values: object, *_: object) -> None:
        asked.append((words, values))

    engine = hub.database.home.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def most_values(asked: list[Asked]) -> int:
    """How many values went with the statement that had most; of one made for many rows, with each row."""
    return max(_count(values) for _, values in asked)


def _count(values: Any) -> int:
    many = isinstance(values, list) and values and isinstance(values[0], (tuple, list, dict))
    counted: Sized = values[0] if many else values or ()
    return len(counted)
