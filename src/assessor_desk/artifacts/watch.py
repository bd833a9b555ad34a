"""A watch over questions that must not take too long.

One thread for a child's whole life, mostly asleep: starting and joining a thread for each question takes longer than
most answers, and on a busy computer much longer.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable


class Watch:
    """Calls `end` when a question is overdue. Stop it: its thread goes with it."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._changed = threading.Condition()
        self._due = self._wakes = math.inf
        self._stopped = False
        self.overdue = False
        """Whether the last question took too long."""
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def begin(self, seconds: float) -> None:
        """A question is asked, and may take that long."""
        with self._changed:
            self.overdue = False
            self._due = time.monotonic() + seconds
            if self._due < self._wakes:
                self._changed.notify()

    def finish(self) -> None:
        """It was answered, or never will be."""
        with self._changed:
            self._due = math.inf

    def stop(self) -> None:
        """End the thread; harmless the second time."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                if self._due <= now:
                    self.overdue, self._due = True, math.inf
                    self._end()
                self._wakes = self._due
                self._changed.wait(None if self._wakes == math.inf else self._wakes - now)
