"""Turns over files that several processes share, by a lock beside them: whoever waits for too long is told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from filelock import FileLock, Timeout

from assessor_desk.domain.errors import Unavailable

#: Seconds that whoever answers somebody waits for others: a desk gives up after 30.
PATIENCE = 25.0


@contextlib.contextmanager
def having(lock: FileLock, patience: float | None, place: str) -> Iterator[None]:
    """The turn that `lock` stands for; with a `patience` it is waited for so many seconds, and then it is Unavailable.

    `place` is what the sentence calls that at which others are at work.
    """
    try:
        lock.acquire(timeout=-1 if patience is None else patience)
    except Timeout as error:
        raise busy(place) from error
    try:
        yield
    finally:
        lock.release()


def busy(place: str) -> Unavailable:
    """What is told where others have a lock for longer than somebody waits."""
    return Unavailable(
        f"Somebody else is at work in {place} for longer than is waited for. Nothing was changed; try again"
    )
