"""The timeline of a recording: its waveform, the anchors in it, and where one is.

A click or drag goes there. A drag in the strip of numbers above the waveform, or with Shift anywhere, chooses a
span to anchor. A click on a mark plays its anchor; a drag moves it, at its ends makes it longer or shorter. The flags
A and B of a loop are dragged likewise. The wheel with Ctrl, or two fingers, bring less time closer; the wheel alone
moves on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from assessor_desk.domain.anchor import TimeSpan, clock
from assessor_desk.gui import theme
from assessor_desk.gui.viewers import timeline_paint as look
from assessor_desk.gui.viewers.held_mark import HeldMark, Part, span_of
from assessor_desk.gui.viewers.timeline_rows import Rows, height_for
from assessor_desk.gui.viewers.timeline_scale import Scale
from assessor_desk.gui.viewers.viewer import Mark

_TALLEST = 300
_NEAR = 4.0
_EDGE = 5.0
_MEANT_PX = 4.0
"""A press that moves less than this is a click."""
_SHORTEST_SPAN_MS = 200
_HEARD_EVERY_MS = 150
_NOTCH = 120.0
_ZOOM = 1.25


@dataclass(slots=True)
class _Grip:
    """A press, and what it holds: a moment to go to, a span being drawn, a mark or an end of the loop."""

    at: QPointF
    from_ms: int
    spans: bool = False
    held: HeldMark | None = None
    loop: str = ""
    meant: bool = False


class Timeline(QWidget):
    """Time from left to right. `large` for sound alone, where the waveform is all there is to see."""

    sought = Signal(int, bool)
    """A moment to go to; True while the mouse is still down."""

    span_chosen = Signal(object)
    """A `TimeSpan` that was drawn with the mouse."""

    mark_clicked = Signal(str)
    mark_chosen = Signal(str)
    """The id of the anchor that keys act on now; empty for none."""

    mark_dragged = Signal(object, bool)
    """A `HeldMark` where it is dragged; False once it is let go of, None when the drag was given up."""

    loop_dragged = Signal(str, int, bool)
    """`A` or `B`, and where it is dragged; False once it is let go of."""

    hovered = Signal(int, int)
    """Milliseconds and x under the mouse; -1 when it has left."""

    _large = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._wave = look.Waveform()
        self._hearing = QTimer(self)
        self._hearing.setSingleShot(True)
        self._hearing.setInterval(_HEARD_EVERY_MS)
        self._hearing.timeout.connect(self._show_heard)
        self.movable = True
        self.set_large(False)
        self.forget()

    def forget(self) -> None:
        """Show nothing."""
        self.scale = Scale()
        self._position = 0
        self._wave.forget()
        self._marks: tuple[Mark, ...] = ()
        self._marks_visible = True
        self._chosen, self._playing = "", ""
        self._held: HeldMark | None = None
        self._span: TimeSpan | None = None
        self._loop: tuple[int | None, int | None] = (None, None)
        self.ends_ms: int | None = None
        self._grip: _Grip | None = None
        self._hover = -1
        self.update()

    def set_large(self, large: bool) -> None:
        """Take all the room there is, or the least."""
        self._large = large
        policy = QSizePolicy.Policy.Expanding if large else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Expanding, policy)
        self._fit_height()

    def _fit_height(self) -> None:
        self.setMinimumHeight(height_for(self.font()))
        self.setMaximumHeight(_TALLEST if self._large else height_for(self.font()))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The height of the workbench's timeline."""
        return QSize(400, 220 if self._large else height_for(self.font()))

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The same part over another width."""
        super().resizeEvent(event)
        self.scale = self.scale.resized(self.width())

    # What is shown

    def set_duration(self, ms: int) -> None:
        """How long the recording is; all of it is shown."""
        self._show(Scale.whole(ms, self.width()))

    def set_position(self, ms: int, follow: bool = False) -> None:
        """Where it is played; `follow` turns on like a page when that goes out of sight."""
        before, self._position = self.scale.x(self._position), ms
        if follow and self._grip is None:
            self._show(self.scale.showing(ms))
        after = self.scale.x(ms)
        if round(before) != round(after):
            for x in (before, after):
                self.update(round(x) - 3, 0, 7, self.height())

    def set_ending(self, ms: int | None) -> None:
        """Where the recording ends, when that is earlier than it says."""
        self.ends_ms = ms
        self.update()

    def add_peaks(self, first: int, peaks: memoryview, per_second: int) -> None:
        """More of the waveform: one byte per slice of time, from slice `first` on."""
        self._wave.add(first, peaks, per_second)
        if not self._hearing.isActive():
            self._hearing.start()

    def _show_heard(self) -> None:
        self._wave.refresh()
        self.update()

    def set_marks(self, marks: Sequence[Mark], visible: bool) -> None:
        """The anchors to show; only those of a time are."""
        timed = (mark for mark in marks if isinstance(mark.anchor.selector, TimeSpan))
        self._marks = tuple(sorted(timed, key=lambda mark: (span_of(mark).start_ms, mark.anchor.id)))
        self._marks_visible = visible
        self.update()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The anchors shown, in the order of their times; none while they are hidden."""
        return self._marks if self._marks_visible else ()

    def mark(self, anchor_id: str) -> Mark | None:
        """The mark of an anchor."""
        return next((mark for mark in self._marks if mark.anchor.id == anchor_id), None)

    @property
    def chosen(self) -> str:
        """The anchor that keys act on; empty for none."""
        return self._chosen

    def choose(self, anchor_id: str) -> None:
        """Let keys act on an anchor."""
        if anchor_id != self._chosen:
            self._chosen = anchor_id
            self.mark_chosen.emit(anchor_id)
            self.update()

    def choose_next(self, step: int) -> bool:
        """Choose the next (1) or previous (-1) anchor, beginning where it is played; False where there is none."""
        marks = self.marks
        ids = [mark.anchor.id for mark in marks]
        if self._chosen in ids:
            place = ids.index(self._chosen) + step
        else:
            before = sum(span_of(mark).start_ms < self._position for mark in marks)
            place = before if step > 0 else before - 1
        if not 0 <= place < len(ids):
            return False
        self.choose(ids[place])
        return True

    def show_playing(self, anchor_id: str) -> None:
        """The anchor being played; empty for none."""
        if anchor_id != self._playing:
            self._playing = anchor_id
            self.update()

    def hold(self, held: HeldMark | None) -> None:
        """Show an anchor where it would be now, with handles."""
        self._held = held
        self.update()

    def set_span(self, span: TimeSpan | None) -> None:
        """The span chosen but not anchored."""
        if span != self._span:
            self._span = span
            self.update()

    def set_loop(self, start_ms: int | None, end_ms: int | None) -> None:
        """The points A and B."""
        self._loop = (start_ms, end_ms)
        self.update()

    # Nearer and further

    def zoom(self, steps: float, at_ms: float | None = None) -> None:
        """Show less time (above 0) or more, a moment (else where it is played) staying where it is."""
        at = self._position if at_ms is None else at_ms
        if not self.scale.first_ms <= at <= self.scale.first_ms + self.scale.shown_ms:
            at = self.scale.first_ms + self.scale.shown_ms / 2
        self._show(self.scale.closer(_ZOOM**steps, at))

    def show_all(self) -> None:
        """All of the recording."""
        self.set_duration(self.scale.duration_ms)

    def _show(self, scale: Scale) -> None:
        if scale != self.scale:
            self.scale = scale
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl nearer or further, else on or back where only a part is shown."""
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(turned.y() / _NOTCH, self.scale.ms(event.position().x()))
        elif self.scale.zoomed:
            notches = (turned.x() or turned.y()) / _NOTCH
            self._show(self.scale.shifted(-notches * self.scale.shown_ms / 8))
        else:
            super().wheelEvent(event)
            return
        event.accept()

    # Places

    def rows(self) -> Rows:
        """Where the rows are."""
        return Rows.of(self.width(), self.height(), self.font())

    def mark_rect(self, mark: Mark) -> QRectF:
        """Where a mark is painted."""
        return self.rows().mark_rect(mark, self.scale)

    def _mark_at(self, where: QPointF) -> Mark | None:
        """The narrowest mark there, its number belonging to it."""
        rows = self.rows()
        if where.y() > rows.wave.bottom():
            return None
        reach = rows.numbers.height()
        under = [
            mark
            for mark in self.marks
            if self.mark_rect(mark).adjusted(-_NEAR, -reach, _NEAR, 0).contains(where)
        ]
        return min(under, key=lambda mark: self.mark_rect(mark).width(), default=None)

    def _part_at(self, mark: Mark, where: QPointF) -> Part:
        rect = self.mark_rect(mark)
        if span_of(mark).end_ms is not None:
            if abs(where.x() - rect.right()) <= _EDGE and where.x() > rect.center().x():
                return Part.END
            if abs(where.x() - rect.left()) <= _EDGE:
                return Part.START
        return Part.WHOLE

    def _loop_ends(self) -> list[tuple[str, float]]:
        return [
            (letter, self.scale.x(ms)) for letter, ms in zip("AB", self._loop, strict=True) if ms is not None
        ]

    def _loop_end_at(self, where: QPointF) -> str:
        rows = self.rows()
        for letter, x in self._loop_ends():
            if look.flag_rect(rows, letter, x, self.font()).adjusted(-2, -2, 2, 2).contains(where):
                return letter
        return ""

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Waveform, marks, span, loop, times, playhead, focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows, scale = self.rows(), self.scale
        self._wave.paint(painter, rows.wave, scale, self.devicePixelRatioF())
        if self.ends_ms is not None:
            look.paint_missing(painter, rows, scale.x(self.ends_ms), scale.x(scale.duration_ms))
        flags = look.paint_loop(painter, rows, self._loop_ends())
        look.paint_times(painter, rows, scale, flags)
        if self._span is not None:
            look.paint_span(painter, rows, scale, self._span.start_ms, self._span.end_ms)
        shown = look.Shown(self.marks, self._chosen, self._playing, self._held)
        look.paint_marks(painter, rows, scale, shown)
        if scale.duration_ms:
            hover = scale.x(self._hover) if self._hover >= 0 and self._grip is None else None
            look.paint_lines(painter, rows, scale.x(self._position), hover)
        look.paint_overview(painter, rows, scale)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to go somewhere, to span, or to move something."""
        if event.button() != Qt.MouseButton.LeftButton or not self.scale.duration_ms:
            return
        self._set_hover(-1, -1)
        where, ms = event.position(), self.scale.ms(event.position().x())
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if letter := self._loop_end_at(where):
            self._grip = _Grip(where, ms, loop=letter)
            return
        mark = None if shifted else self._mark_at(where)
        if mark is not None:
            self._grip = _Grip(where, ms, held=HeldMark.of(mark, self._part_at(mark, where)))
            return
        self._grip = _Grip(where, ms, spans=shifted or where.y() < self.rows().numbers.height())
        if not self._grip.spans:
            self.sought.emit(ms, True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go there while dragging; else say what is there."""
        grip, ms = self._grip, self.scale.ms(event.position().x())
        if grip is None:
            self._set_hover(ms, round(event.position().x()))
            self._set_cursor(event.position())
            return
        grip.meant = grip.meant or abs(event.position().x() - grip.at.x()) >= _MEANT_PX
        if grip.loop:
            self.loop_dragged.emit(grip.loop, ms, True)
        elif grip.held is not None:
            if grip.meant and self.movable:
                self.mark_dragged.emit(self._dragged(grip, ms), True)
        elif grip.spans:
            self.set_span(_between(grip.from_ms, ms))
        else:
            self.sought.emit(ms, True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Be there, have a span, or have moved something."""
        grip, self._grip = self._grip, None
        if grip is None:
            return
        ms = self.scale.ms(event.position().x())
        if self.rect().contains(event.position().toPoint()):
            self._set_hover(ms, round(event.position().x()))
        if grip.loop:
            self.loop_dragged.emit(grip.loop, ms, False)
        elif grip.held is not None:
            self._let_go(grip, ms)
        elif grip.spans and (span := _between(grip.from_ms, ms)):
            self.span_chosen.emit(span)
        else:
            self.sought.emit(ms, False)

    def _let_go(self, grip: _Grip, ms: int) -> None:
        assert grip.held is not None
        if not grip.meant:
            self.choose(grip.held.mark.anchor.id)
            self.mark_clicked.emit(grip.held.mark.anchor.id)
        elif self.movable:
            self.mark_dragged.emit(self._dragged(grip, ms), False)

    def _dragged(self, grip: _Grip, ms: int) -> HeldMark:
        """The whole keeps its distance to the pointer."""
        assert grip.held is not None
        start = HeldMark.of(grip.held.mark, grip.held.part)
        return start.to(start.at_ms + ms - grip.from_ms, self.scale.duration_ms)

    def _set_cursor(self, where: QPointF) -> None:
        mark = self._mark_at(where)
        sideways = bool(self._loop_end_at(where)) or (
            mark is not None and self.movable and self._part_at(mark, where) is not Part.WHOLE
        )
        shape = Qt.CursorShape.SizeHorCursor if sideways else Qt.CursorShape.ArrowCursor
        self.setCursor(Qt.CursorShape.PointingHandCursor if mark and not sideways else shape)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self._set_hover(-1, -1)

    def _set_hover(self, ms: int, x: int) -> None:
        if self.scale.duration_ms:
            self._hover = ms
            self.hovered.emit(ms, x)
            self.update()

    # Keys

    def focusNextPrevChild(self, onward: bool) -> bool:
        """Tab goes from mark to mark, and on after the last."""
        return self.choose_next(1 if onward else -1) or super().focusNextPrevChild(onward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives up a drag."""
        grip = self._grip
        if event.key() == Qt.Key.Key_Escape and grip is not None and grip.held is not None:
            self._grip = None
            self.mark_dragged.emit(None, False)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell what a mark is; two fingers zoom."""
        if isinstance(event, QHelpEvent) and (mark := self._mark_at(QPointF(event.pos()))):
            QToolTip.showText(event.globalPos(), told(mark), self)
            return True
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom(4 * event.value(), self.scale.ms(event.position().x()))
            return True
        return super().event(event)


def told(mark: Mark) -> str:
    """A mark in words: number, time, and what is seen there."""
    span = span_of(mark)
    when = clock(span.start_ms) + ("" if span.end_ms is None else f"–{clock(span.end_ms)}")
    kind = " (still)" if span.still else ""
    return f"{mark.number}  {when}{kind} {mark.title}".strip()


def _between(one: int, other: int) -> TimeSpan | None:
    """The span between two moments in either order; None when it is too short to be meant."""
    start, end = sorted((one, other))
    return TimeSpan(start, end) if end - start >= _SHORTEST_SPAN_MS else None
