"""Which part of a recording a timeline shows, and where in it each moment lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from assessor_desk.gui.viewers.time_words import time_words

SHORTEST_SHOWN_MS = 2_000
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
_APART = 18.0
"""Pixels between two labels at the least."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled moment."""

    ms: int
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """`shown_ms` from `first_ms` on, over `width` pixels. Without a duration everything lies at 0."""

    duration_ms: int = 0
    first_ms: float = 0.0
    shown_ms: float = 0.0
    width: int = 1

    @classmethod
    def whole(cls, duration_ms: int, width: int) -> Scale:
        """All of a recording."""
        return cls(duration_ms, 0.0, float(duration_ms), max(1, width))

    @property
    def zoomed(self) -> bool:
        """Whether only a part is shown."""
        return self.shown_ms < self.duration_ms

    def x(self, ms: float) -> float:
        """Where a moment lies; outside of 0 to `width` where it is not shown."""
        return (ms - self.first_ms) / self.shown_ms * self.width if self.shown_ms else 0.0

    def ms(self, x: float) -> int:
        """The moment at a place, kept within what is shown."""
        share = max(0.0, min(1.0, x / self.width))
        return min(self.duration_ms, round(self.first_ms + share * self.shown_ms))

    def resized(self, width: int) -> Scale:
        """The same part over another width."""
        return replace(self, width=max(1, width))

    def closer(self, factor: float, at_ms: float) -> Scale:
        """Less time (`factor` above 1) or more, the moment `at_ms` staying where it is."""
        if not self.duration_ms:
            return self
        least = min(SHORTEST_SHOWN_MS, self.duration_ms)
        shown = max(float(least), min(float(self.duration_ms), self.shown_ms / factor))
        share = (at_ms - self.first_ms) / self.shown_ms if self.shown_ms else 0.5
        return replace(self, shown_ms=shown, first_ms=self._within(at_ms - share * shown, shown))

    def shifted(self, ms: float) -> Scale:
        """Earlier (below 0) or later, not beyond the ends."""
        return replace(self, first_ms=self._within(self.first_ms + ms, self.shown_ms))

    def showing(self, ms: float) -> Scale:
        """Turned on like a page when a moment is not in sight, which then lies near the left."""
        if self.first_ms <= ms <= self.first_ms + self.shown_ms:
            return self
        return replace(self, first_ms=self._within(ms - self.shown_ms * 0.1, self.shown_ms))

    def ticks(self, wide: Callable[[str], float]) -> Iterator[Tick]:
        """Round times to be labelled, so far apart that their labels, `wide` pixels each, never touch."""
        if not self.shown_ms:
            return
        room = wide(time_words(self.duration_ms)) + _APART
        per_second = self.width * 1000 / self.shown_ms
        step = next((one for one in _STEPS_S if one * per_second >= room), _STEPS_S[-1]) * 1000
        at = -(-int(self.first_ms) // step) * step
        while at <= self.first_ms + self.shown_ms:
            yield Tick(at, time_words(at))
            at += step

    def _within(self, first: float, shown: float) -> float:
        return max(0.0, min(first, self.duration_ms - shown))
