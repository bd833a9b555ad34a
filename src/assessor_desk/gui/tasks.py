"""The only threads of the window: one lane for the store, a few side lanes for everything else that may block.

Work runs off the GUI thread; its result, or its DeskError, comes back on it through one signal. The store
lane is one thread,
so that acts happen in the order in which they were made. `drain` waits for what is under way before the program ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from assessor_desk.domain.errors import DeskError

T = TypeVar("T")
SIDE_LANES = 3
Arrived = tuple[Future[Any], Callable[[Any], None] | None, Callable[[DeskError], None] | None]


class Tasks(QObject):
    """Runs work and brings results home. `crashed` carries what is a defect of the program, not of its world."""

    crashed = Signal(object)
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = ThreadPoolExecutor(1, "store-lane")
        self._side = ThreadPoolExecutor(SIDE_LANES, "side-lane")
        self._waiting = 0
        self._idle = threading.Condition()
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def store(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[DeskError], None] | None = None,
    ) -> None:
        """Run work that writes, after all that was handed in before."""
        self._run(self._store, work, done, failed)

    def side(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[DeskError], None] | None = None,
    ) -> None:
        """Run work that may take its time, beside other such work."""
        self._run(self._side, work, done, failed)

    def drain_store(self) -> None:
        """Wait until everything handed to the store lane has been written."""
        if not self._closed:
            self._store.submit(lambda: None).result()

    def drain(self) -> None:
        """Finish what is under way, drop what has not begun on the side lanes, and take no more."""
        self._closed = True
        self._store.shutdown(wait=True)
        self._side.shutdown(wait=True, cancel_futures=True)

    def _run(
        self,
        lane: ThreadPoolExecutor,
        work: Callable[[], T],
        done: Callable[[T], None] | None,
        failed: Callable[[DeskError], None] | None,
    ) -> None:
        if self._closed:
            return

        def finished(future: Future[T]) -> None:
            if not future.cancelled():
                self._arrived.emit((future, done, failed))

        lane.submit(work).add_done_callback(finished)

    def _deliver(self, arrived: Arrived) -> None:
        future, done, failed = arrived
        error = future.exception()
        if error is None:
            if done:
                done(future.result())
        elif isinstance(error, DeskError) and failed:
            failed(error)
        else:
            self.crashed.emit(error)
