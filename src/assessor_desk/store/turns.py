"""Turns, first come, first served.

SQLite's busy handler polls, so that a short save can wait more than a second behind a busy background pull. A queue of
threads in front of the file brings the worst wait down to the longest transaction (DESIGN §1).
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator

from assessor_desk.domain.errors import Refused


class Turns:
    """A lock whose waiters are served in the order in which they came. A thread takes one turn at a time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._holder: int | None = None

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for one's turn and hold it. Raises RuntimeError where this thread holds it already."""
        self._take()
        try:
            yield
        finally:
            self._pass_on()

    def _take(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("A transaction was begun inside a transaction")
            if self._holder is None:
                self._holder = me
                return
            called = threading.Event()
            self._waiting.append(called)
        called.wait()
        with self._guard:
            self._holder = me

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                # Handed over directly: between two turns nobody else may step in.
                self._holder = -1
                self._waiting.popleft().set()
            else:
                self._holder = None


class Gate:
    """Lets any number through at once, or closes once nobody is within."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._within = 0
        self._closed = False

    @contextlib.contextmanager
    def passed(self) -> Iterator[None]:
        """Wait until it is open, and go through."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._within += 1
        try:
            yield
        finally:
            with self._changed:
                self._within -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def closed(self, patience: float = 10.0) -> Iterator[None]:
        """Wait until nobody is within, and keep it closed. Raises Refused where that takes longer than `patience`."""
        with self._changed:
            self._closed = True
            empty = self._changed.wait_for(lambda: not self._within, patience)
            self._closed = empty
            self._changed.notify_all()
        if not empty:
            raise Refused("The desk is being read without a pause. Wait until that has ended, and try again")
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()
