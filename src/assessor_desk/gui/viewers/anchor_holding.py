"""Choosing, playing and moving the anchors of a recording, by mouse and by keys.

While an anchor is held, what is held of it (its start, its end, or the whole) follows the place that is shown: every
key that moves through the recording, picture by picture or by seconds, moves it, and one sees what it would begin or
end with. It is kept once it has rested for a moment, and at once by Enter, by playing and by letting go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from assessor_desk.domain.anchor import TimeSpan
from assessor_desk.gui.viewers.held_mark import HeldMark, Part, span_of
from assessor_desk.gui.viewers.playback import Playback
from assessor_desk.gui.viewers.timeline import Timeline, told
from assessor_desk.gui.viewers.viewer import Mark

_RESTED_MS = 1200


class AnchorHolding(QObject):
    """Which anchor keys act on, and where it is moved to. `key_of` an act's id says its key in words."""

    moved = Signal(str, object)
    """The id of an anchor, and where it is now."""

    said = Signal(str)
    """What lasts: which anchor is chosen; below it, in a line of its own, how one that is held is moved."""

    def __init__(
        self,
        playback: Playback,
        timeline: Timeline,
        key_of: Callable[[str], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._playback, self._timeline, self._key_of = playback, timeline, key_of
        self._held: HeldMark | None = None
        self._dragging = False
        self._origin: TimeSpan | None = None
        self._sent: TimeSpan | None = None
        self._named = False
        """Whether the last words said were where an anchor is."""
        self.said.connect(self._on_said)
        self._rested = QTimer(self)
        self._rested.setSingleShot(True)
        self._rested.setInterval(_RESTED_MS)
        self._rested.timeout.connect(self._keep)
        timeline.mark_chosen.connect(self._on_chosen)
        timeline.mark_dragged.connect(self._on_dragged)
        playback.moved.connect(self._on_moved)
        playback.playing_changed.connect(lambda playing: self.let_go() if playing else None)

    def _on_said(self, _words: str) -> None:
        self._named = False

    @property
    def held(self) -> HeldMark | None:
        """What is held, where it would be now."""
        return self._held

    @property
    def chosen(self) -> Mark | None:
        """The anchor that keys act on."""
        return self._timeline.mark(self._timeline.chosen)

    # Choosing

    def step(self, step: int) -> None:
        """Choose the next (1) or previous (-1) anchor."""
        if not self._timeline.choose_next(step):
            self.said.emit(
                "There is no further anchor on the timeline." if self._timeline.marks else "No anchors yet."
            )

    def _on_chosen(self, anchor_id: str) -> None:
        if self._dragging:
            return
        self.let_go()
        mark = self._timeline.mark(anchor_id)
        if mark is None:
            self.said.emit("")
            return
        self._playback.pause()
        self._playback.seek(span_of(mark).start_ms)
        keys = f"{self._key_of('play_mark')} plays, {self._key_of('hold_mark')} moves it"
        self.said.emit(f"{_named(mark)} · {keys if self._timeline.movable else keys.split(',')[0]}")

    def choose_nothing(self) -> None:
        """Keys act on no anchor."""
        self.let_go()
        self._timeline.choose("")

    # Holding

    def hold(self) -> None:
        """Hold the start of the anchor chosen (else the nearest), then its end, then the whole, then let go."""
        mark = self.chosen or self._nearest()
        if mark is None or not self._timeline.movable:
            self.said.emit(
                "No anchor to move." if mark is None else "Anchors of a sealed review are not moved."
            )
            return
        if self._held is None:
            self._timeline.choose(mark.anchor.id)
            self._take(HeldMark.of(mark, Part.START))
            return
        part = self._held.next_part()
        self._keep()
        if part is None:
            self.let_go()
        else:
            self._take(HeldMark(mark, part, self._held.span))

    def _take(self, held: HeldMark) -> None:
        if self._origin is None:
            self._origin = held.span
        self._playback.pause()
        # Where it is comes first: what follows it must not be moved by going there.
        self._held = None
        self._playback.seek(held.at_ms)
        self._held = held
        self._timeline.hold(held)
        self._say_held(held)

    def _say_held(self, held: HeldMark) -> None:
        what = {Part.START: "start", Part.END: "end", Part.WHOLE: "place"}[held.part]
        keys = [
            f"{self._key_of('step_back')} {self._key_of('step_forward')} by a picture",
            f"{self._key_of('seek_back_little')} {self._key_of('seek_forward_little')} by a second",
            f"{self._key_of('hold_mark')} next part",
            f"{self._key_of('play_mark')} keeps it",
            "Esc puts it back",
        ]
        self.said.emit(f"Moving the {what} of {_named(held.mark, held.span)}\n{' · '.join(keys)}")

    def _nearest(self) -> Mark | None:
        here = self._playback.position_ms
        return min(self._timeline.marks, key=lambda mark: _distance(span_of(mark), here), default=None)

    def _on_moved(self, ms: int) -> None:
        if self._held is None or self._dragging or self._playback.playing:
            return
        self._held = self._held.to(ms, self._playback.duration_ms)
        self._timeline.hold(self._held)
        self._say_held(self._held)
        if self._held.moved:
            self._rested.start()

    def _keep(self) -> None:
        """What rests is an act: undone as one."""
        self._rested.stop()
        if self._held is not None:
            self._send(self._held.mark, self._held.span)

    def _send(self, mark: Mark, span: TimeSpan) -> None:
        known = self._sent if self._sent is not None else span_of(mark)
        if span != known:
            self._sent = span
            self.moved.emit(mark.anchor.id, span)

    def let_go(self) -> bool:
        """Keep where it is and hold it no more; False where nothing was held."""
        if self._held is None:
            return False
        self._keep()
        self._release()
        return True

    def put_back(self) -> bool:
        """Put what is held where it was, also where that was kept already; False where nothing was held."""
        if self._held is None:
            return False
        self._rested.stop()
        mark, origin = self._held.mark, self._origin
        if origin is not None:
            self._send(mark, origin)
        self._release()
        self._playback.seek(span_of(mark).start_ms if origin is None else origin.start_ms)
        return True

    def _release(self) -> None:
        self._held = self._origin = self._sent = None
        self._dragging = False
        self._timeline.hold(None)
        if self.chosen is not None:
            self._say_where(self.chosen)
        else:
            self.said.emit("")

    def _say_where(self, mark: Mark, span: TimeSpan | None = None) -> None:
        self.said.emit(_named(mark, span))
        self._named = True

    def forget(self) -> None:
        """Another recording: nothing is held or chosen."""
        self._rested.stop()
        self._held = self._origin = self._sent = None
        self._dragging = False

    def heed_marks(self) -> None:
        """Marks were replaced: what is held goes on as the new one."""
        if self._dragging:
            return
        if self._held is None:
            self._sent = None
            self._timeline.hold(None)
            if self._named and self.chosen is not None:
                self._say_where(self.chosen)  # undone, it is where it was
            return
        mark = self._timeline.mark(self._held.mark.anchor.id)
        if mark is None:
            self._rested.stop()
            self._release()
            return
        kept = span_of(mark) if self._sent is not None else self._held.span
        self._held = HeldMark(mark, self._held.part, self._held.span if self._rested.isActive() else kept)
        self._sent = None
        self._timeline.hold(self._held)

    # Dragging

    def _on_dragged(self, held: HeldMark | None, dragging: bool) -> None:
        if held is None:
            self._release()
            return
        self._playback.pause()
        if not self._dragging:
            self.let_go()
            self._dragging = True
            self._timeline.choose(held.mark.anchor.id)
        self._held = held
        self._timeline.hold(held)
        self._playback.seek(held.at_ms, scrubbing=dragging)
        self._say_where(held.mark, held.span)
        if dragging:
            return
        self._send(held.mark, held.span)
        # The timeline shows it where it was let go of until the review says so.
        self._held, self._dragging = None, False


def _named(mark: Mark, span: TimeSpan | None = None) -> str:
    moved = mark if span is None else replace(mark, anchor=replace(mark.anchor, selector=span))
    return f"Anchor {told(moved).removeprefix('·').strip()}"


def _distance(span: TimeSpan, ms: int) -> int:
    end = span.start_ms if span.end_ms is None else span.end_ms
    return 0 if span.start_ms <= ms <= end else min(abs(span.start_ms - ms), abs(end - ms))
