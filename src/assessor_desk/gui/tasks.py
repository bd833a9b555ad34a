"""The only threads of the window: one lane for the store, a few side lanes for everything else that may block.

Work runs off the GUI thread; its result, or its DeskError, comes back on it through one signal. The store
lane is one thread, so that acts happen in the order in which they were made. `drain` waits for what is under
way before the program ends.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from assessor_desk.domain.errors import DeskError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")
#: A round, looking through what came and an original being fetched may each take one for long.
SIDE_LANES = 5
TURN_SECONDS = 0.0005
"""How long a thread may keep the interpreter while another waits for it."""
Answer = Callable[[Any], None] | None


class Tasks(QObject):
    """Runs work and brings results home. `crashed` carries what is a defect of the program, not of its world."""

    crashed = Signal(object)
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self._arrived.connect(self._deliver)

    @cached_property
    def _store(self) -> ThreadPoolExecutor:
        return _lanes(1, "store-lane")

    @cached_property
    def _side(self) -> ThreadPoolExecutor:
        return _lanes(SIDE_LANES, "side-lane")

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

        def run() -> None:
            """On the lane: the signal is emitted there, so that Qt queues it even when the work was quick."""
            try:
                result = work()
            except Exception as error:  # noqa: BLE001  # every failure goes home and is sorted there
                self._arrived.emit((None, error, done, failed))
            else:
                self._arrived.emit((result, None, done, failed))

        lane.submit(run)

    def _deliver(self, arrived: tuple[Any, Exception | None, Answer, Answer]) -> None:
        result, error, done, failed = arrived
        if self._closed or _gone(done) or _gone(failed):
            return
        if error is None:
            if done:
                done(result)
        elif isinstance(error, DeskError) and failed:
            failed(error)
        else:
            self.crashed.emit(error)


def _gone(answer: Answer) -> bool:
    """Whether the answer is for a widget that has been closed meanwhile."""
    owner = getattr(answer, "__self__", None)
    return isinstance(owner, QObject) and not isValid(owner)


def _lanes(count: int, name: str) -> ThreadPoolExecutor:
    """Imported here, because the first paint comes before the first work.

    With lanes beside it, the GUI thread waits for its turn at the interpreter after each call of Qt's that gives it
    up: at Python's own interval of 5 ms a painting of thirty such calls stood still for 0.15 s.
    """
    from concurrent.futures import ThreadPoolExecutor

    sys.setswitchinterval(TURN_SECONDS)
    return ThreadPoolExecutor(count, name)
