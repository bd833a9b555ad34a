"""The time of a recording being played: steady by the wall clock, corrected by what has been heard."""

from __future__ import annotations

import time
from collections.abc import Callable

_FAR_MS = 120.0
_CORRECTION = 0.08
"""The part of the difference that is corrected each time: a device tells its place in steps."""


class Clock:
    """Milliseconds into a recording. `now` gives seconds of a clock that only goes forward."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._ms, self._since = 0.0, 0.0
        self._rate = 1.0
        self.running = False

    def read(self) -> float:
        """Where it is."""
        if not self.running:
            return self._ms
        return self._ms + (self._now() - self._since) * 1000 * self._rate

    def set(self, ms: float) -> None:
        """Put it to a moment, running or not."""
        self._ms, self._since = ms, self._now()

    def start(self, rate: float) -> None:
        """Run on at so many milliseconds of the recording per millisecond."""
        self.set(self.read())
        self._rate, self.running = rate, True

    def stop(self) -> None:
        """Stay where it is."""
        self.set(self.read())
        self.running = False

    def follow(self, heard_ms: float) -> None:
        """Keep to the sound: jump when far away, else draw closer."""
        here = self.read()
        away = heard_ms - here
        self.set(heard_ms if abs(away) > _FAR_MS else here + away * _CORRECTION)
