"""Playing an anchor: from a little before it, to its end, saying which one it is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from assessor_desk.domain.anchor import TimeSpan
from assessor_desk.gui.recording_preferences import RecordingPreferences
from assessor_desk.gui.viewers.held_mark import span_of
from assessor_desk.gui.viewers.playback import Playback
from assessor_desk.gui.viewers.timeline import Timeline, told

_AFTER_MS = 3_000
"""So long after its moment an anchor without an end counts as played."""


class AnchorPlaying(QObject):
    """Which anchor is being played, if any."""

    said = Signal(str)

    def __init__(self, playback: Playback, timeline: Timeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._playback, self._timeline = playback, timeline
        self._preferences = RecordingPreferences()
        self._span: TimeSpan | None = None
        self._from_ms = 0
        self._words = ""
        playback.moved.connect(self._on_moved)
        playback.span_played.connect(self._on_played)

    def prefer(self, preferences: RecordingPreferences) -> None:
        """Pre-roll, and what happens at the end, as they are set."""
        self._preferences = preferences

    def play(self, span: TimeSpan) -> None:
        """Play it; a still is shown."""
        self._name(span)
        if span.still:
            self._playback.pause()
            self._playback.seek(span.start_ms)
            self.said.emit(self._words)
            self.forget()
            return
        before = self._preferences.pre_roll_s
        self._from_ms = max(0, span.start_ms - before * 1000)
        self._playback.play_from(self._from_ms, span.end_ms if self._preferences.stops_after_span else None)
        self._span = span
        self.said.emit(f"Playing {self._words}" + (f", from {before} s before" if before else ""))

    def _name(self, span: TimeSpan) -> None:
        mark = next((mark for mark in self._timeline.marks if span_of(mark) == span), None)
        self._timeline.show_playing(mark.anchor.id if mark else "")
        self._words = f"anchor {told(mark).removeprefix('·').strip()}" if mark else "an anchor"

    def forget(self) -> None:
        """Nothing of an anchor is played."""
        self._span = None
        self._timeline.show_playing("")

    def _on_moved(self, ms: int) -> None:
        span = self._span
        if span is None:
            return
        end = span.start_ms + _AFTER_MS if span.end_ms is None else span.end_ms
        if not self._from_ms - 1_000 <= ms <= end:
            self.forget()
            self.said.emit("")

    def _on_played(self) -> None:
        words = self._words
        self.forget()
        self.said.emit(f"Played {words}.")
