"""How fast bytes may come and go: a person's other calls need the line too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: Bytes that may pass at once after a pause, as seconds of the pace.
_BURST_SECONDS = 0.25


def unlimited() -> int:
    """No bound."""
    return 0


class Pace:
    """One bound for everything that a source sends and gets, however many downloads there are.

    `most` is asked each time, in bytes a second, so that a changed setting counts at once; 0 is no bound.
    """

    def __init__(
        self, most: Callable[[], int] = unlimited, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at = 0.0

    @property
    def piece(self) -> int:
        """How many bytes are best passed at once."""
        most = self._most()
        return 256 * 1024 if most == 0 else max(4096, min(256 * 1024, int(most * _BURST_SECONDS)))

    def take(self, count: int, stop: threading.Event) -> None:
        """Wait until `count` bytes more may have passed, or `stop` is set."""
        most = self._most()
        if most <= 0:
            return
        with self._lock:
            now = self._clock()
            self._free_at = max(self._free_at, now - _BURST_SECONDS) + count / most
            wait = self._free_at - now
        if wait > 0:
            stop.wait(wait)
