"""Stretches of a recording that a person sets while it plays: the span to be anchored, and the loop from A to B."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from assessor_desk.domain.anchor import TimeSpan
from assessor_desk.gui.viewers.held_mark import SHORTEST_MS
from assessor_desk.gui.viewers.playback import Loop, Playback
from assessor_desk.gui.viewers.timeline import Timeline

_BEFORE_MS = 5_000


class Stretches(QObject):
    """In and out points, A and B; the timeline shows both."""

    span_changed = Signal()
    loop_changed = Signal()

    def __init__(self, playback: Playback, timeline: Timeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._playback, self._timeline = playback, timeline
        self._in_ms: int | None = None
        self._loop_from: int | None = None
        self.span: TimeSpan | None = None
        timeline.span_chosen.connect(self.choose_span)
        timeline.loop_dragged.connect(self._on_loop_dragged)
        playback.moved.connect(self._on_moved)

    # The span to be anchored

    def choose_span(self, span: TimeSpan | None) -> None:
        """Have a span, or none."""
        self.span, self._in_ms = span, None
        self._timeline.set_span(span)
        self.span_changed.emit()

    @property
    def begun(self) -> bool:
        """Whether there is a span, or the beginning of one."""
        return self.span is not None or self._in_ms is not None

    def set_in(self) -> None:
        """Begin a span here."""
        self._in_ms = self._playback.position_ms
        self.span = None
        self._timeline.set_span(TimeSpan(self._in_ms))
        self.span_changed.emit()

    def set_out(self) -> None:
        """End the span here; it begins where `set_in` was, else five seconds ago."""
        end = self._playback.position_ms
        start = self._in_ms if self._in_ms is not None else max(0, end - _BEFORE_MS)
        if end - start >= SHORTEST_MS:
            self.choose_span(TimeSpan(start, end))

    def span_to(self, here_ms: int) -> TimeSpan | None:
        """The span, one that was begun ending here; None without any."""
        if self.span is None and self._in_ms is not None and here_ms - self._in_ms >= SHORTEST_MS:
            return TimeSpan(self._in_ms, here_ms)
        return self.span

    def _on_moved(self, ms: int) -> None:
        if self._in_ms is not None and self.span is None:
            self._timeline.set_span(TimeSpan(self._in_ms, ms) if ms > self._in_ms else TimeSpan(self._in_ms))

    # The loop

    @property
    def looping(self) -> bool:
        """Whether A is set."""
        return self._loop_from is not None

    def set_loop_start(self) -> None:
        """Point A is here; B stays where it is further on."""
        self._set_loop(
            self._playback.position_ms, self._playback.loop.end_ms if self._playback.loop else None
        )

    def set_loop_end(self) -> None:
        """Point B is here: repeat from A (else from the start) to it."""
        start, end = self._loop_from or 0, self._playback.position_ms
        if end - start >= SHORTEST_MS:
            self._set_loop(start, end)

    def cycle_loop(self) -> None:
        """What the A–B button does: set A, then B, then neither."""
        if self._loop_from is None:
            self.set_loop_start()
        elif self._playback.loop is None and self._playback.position_ms - self._loop_from >= SHORTEST_MS:
            self.set_loop_end()
        else:
            self.forget_loop()

    def forget_loop(self) -> None:
        """Repeat nothing."""
        self._loop_from = None
        self._playback.set_loop(None)
        self._show_loop()

    def forget(self) -> None:
        """Neither span nor loop, for another recording."""
        self.forget_loop()
        self.choose_span(None)

    def _on_loop_dragged(self, letter: str, ms: int, _dragging: bool) -> None:
        start, loop = self._loop_from, self._playback.loop
        if letter == "A":
            end = loop.end_ms if loop else None
            self._set_loop(ms if end is None else min(ms, end - SHORTEST_MS), end)
        elif loop is not None and start is not None:
            self._set_loop(start, max(ms, start + SHORTEST_MS))

    def _set_loop(self, start: int, end: int | None) -> None:
        whole = end is not None and end - start >= SHORTEST_MS
        self._loop_from = max(0, start)
        self._playback.set_loop(Loop(self._loop_from, end) if whole and end is not None else None)
        self._show_loop()

    def _show_loop(self) -> None:
        loop = self._playback.loop
        self._timeline.set_loop(self._loop_from, loop.end_ms if loop else None)
        self.loop_changed.emit()
