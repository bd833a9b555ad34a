"""Moving an anchor of a time: which part of it is held, and where it then lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from assessor_desk.domain.anchor import TimeSpan
from assessor_desk.gui.viewers.viewer import Mark

SHORTEST_MS = 100


class Part(StrEnum):
    """What of a span is held."""

    START = "start"
    END = "end"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class HeldMark:
    """A mark being moved. `span` is where it would be now."""

    mark: Mark
    part: Part
    span: TimeSpan

    @classmethod
    def of(cls, mark: Mark, part: Part) -> HeldMark:
        """As it lies; of a moment there is nothing to hold but the whole, and the end it does not have yet."""
        span = span_of(mark)
        held = Part.WHOLE if span.end_ms is None and part is Part.START else part
        return cls(mark, held, span)

    @property
    def at_ms(self) -> int:
        """The moment that is held."""
        if self.part is Part.END and self.span.end_ms is not None:
            return self.span.end_ms
        return self.span.start_ms

    @property
    def moved(self) -> bool:
        """Whether it would be somewhere else."""
        return self.span != span_of(self.mark)

    def to(self, ms: int, duration_ms: int) -> HeldMark:
        """With the held part at a moment of a recording that long; the ends never cross."""
        return replace(self, span=_moved(self.span, self.part, max(0, min(ms, duration_ms)), duration_ms))

    def next_part(self) -> Part | None:
        """What is held when one asks for the next: the end after the start, then the whole, then nothing."""
        span = span_of(self.mark)
        if span.end_ms is None:
            after = {Part.WHOLE: None if span.still else Part.END}
        else:
            after = {Part.START: Part.END, Part.END: Part.WHOLE}
        return after.get(self.part)


def span_of(mark: Mark) -> TimeSpan:
    """The time of a mark on a timeline: other marks never come there."""
    span = mark.anchor.selector
    assert isinstance(span, TimeSpan)
    return span


def _moved(span: TimeSpan, part: Part, ms: int, duration_ms: int) -> TimeSpan:
    if part is Part.END:
        end = min(duration_ms, max(ms, span.start_ms + SHORTEST_MS))
        return replace(span, end_ms=end) if end > span.start_ms else span
    if span.end_ms is None:
        return TimeSpan(ms, still=span.still)
    if part is Part.START:
        return TimeSpan(max(0, min(ms, span.end_ms - SHORTEST_MS)), span.end_ms)
    length = span.end_ms - span.start_ms
    start = max(0, min(ms, duration_ms - length))
    return TimeSpan(start, start + length)
