"""The timeline of a recording: its waveform, the anchors in it, and where one is.

A click or drag goes there. A drag in the strip of numbers above the waveform, or with Shift anywhere, chooses a
span to anchor. A click on a mark goes to its anchor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from assessor_desk.domain.anchor import TimeSpan, clock
from assessor_desk.gui import theme
from assessor_desk.gui.viewers.viewer import Mark

_NUMBERS = 16
_WAVE = 28
_BELOW = 14
_TALLEST = 300
_BAR, _BAR_STEP = 2.0, 3.5
_PIN = 6.0
_NEAR = 4.0
_SHORTEST_SPAN_MS = 200


@dataclass(frozen=True, slots=True)
class _Grip:
    """A drag under way: it goes to a moment, or spans from one."""

    spans: bool
    from_ms: int


class Timeline(QWidget):
    """Time from left to right. `large` for sound alone, where the waveform is all there is to see."""

    sought = Signal(int, bool)
    """A moment to go to; True while the mouse is still down."""

    span_chosen = Signal(object)
    """A `TimeSpan` that was drawn with the mouse."""

    mark_clicked = Signal(str)
    hovered = Signal(int, int)
    """Milliseconds and x under the mouse; -1 when it has left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._large = False
        self.set_large(False)
        self.forget()

    def forget(self) -> None:
        """Show nothing."""
        self._duration = 0
        self._position = 0
        self._peaks = bytearray()
        self._per_second = 10
        self._marks: tuple[Mark, ...] = ()
        self._marks_visible = True
        self._span: TimeSpan | None = None
        self._loop: tuple[int, int | None] | None = None
        self._grip: _Grip | None = None
        self._hover = -1
        self.update()

    def set_large(self, large: bool) -> None:
        """Take all the room there is, or the least."""
        self._large = large
        policy = QSizePolicy.Policy.Expanding if large else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Expanding, policy)
        self.setMinimumHeight(_NUMBERS + _WAVE + _BELOW)
        self.setMaximumHeight(_TALLEST if large else _NUMBERS + _WAVE + _BELOW)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The height of the workbench's timeline."""
        return QSize(400, 220 if self._large else _NUMBERS + _WAVE + _BELOW)

    # What is shown

    def set_duration(self, ms: int) -> None:
        """How long the recording is."""
        self._duration = ms
        self.update()

    def set_position(self, ms: int) -> None:
        """Where it is played."""
        before, self._position = self._x(self._position), ms
        after = self._x(ms)
        if round(before) != round(after):
            for x in (before, after):
                self.update(round(x) - 3, 0, 7, self.height())

    def add_peaks(self, first: int, peaks: memoryview, per_second: int) -> None:
        """More of the waveform: one byte per slice of time, from slice `first` on."""
        self._per_second = per_second
        missing = first + len(peaks) - len(self._peaks)
        self._peaks.extend(bytes(max(0, missing)))
        self._peaks[first : first + len(peaks)] = peaks
        self.update()

    def set_marks(self, marks: Sequence[Mark], visible: bool) -> None:
        """The anchors to show; only those of a time are."""
        self._marks = tuple(mark for mark in marks if isinstance(mark.anchor.selector, TimeSpan))
        self._marks_visible = visible
        self.update()

    def set_span(self, span: TimeSpan | None) -> None:
        """The span chosen but not anchored."""
        self._span = span
        self.update()

    def set_loop(self, start_ms: int | None, end_ms: int | None) -> None:
        """The points A and B."""
        self._loop = None if start_ms is None else (start_ms, end_ms)
        self.update()

    # Places

    def _x(self, ms: int) -> float:
        return self.width() * ms / self._duration if self._duration else 0.0

    def _ms(self, x: float) -> int:
        return round(max(0.0, min(1.0, x / max(1, self.width()))) * self._duration)

    def _wave(self) -> QRectF:
        return QRectF(0, _NUMBERS, self.width(), self.height() - _NUMBERS - _BELOW)

    def mark_rect(self, mark: Mark) -> QRectF:
        """Where a mark is painted: a box for a span, a pin for a moment."""
        span, wave = mark.anchor.selector, self._wave()
        assert isinstance(span, TimeSpan)
        left = self._x(span.start_ms)
        if span.end_ms is None:
            return QRectF(left - _PIN / 2, wave.top(), _PIN, wave.height())
        return QRectF(left, wave.top(), max(_PIN, self._x(span.end_ms) - left), wave.height())

    def _mark_at(self, where: QPointF) -> Mark | None:
        """The narrowest mark there."""
        if not self._marks_visible:
            return None
        under = [
            mark
            for mark in self._marks
            if self.mark_rect(mark).adjusted(-_NEAR, -_NUMBERS, _NEAR, 0).contains(where)
        ]
        return min(under, key=lambda mark: self.mark_rect(mark).width(), default=None)

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Waveform, marks, span, loop, hover, playhead, focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_wave(painter)
        self._paint_loop(painter)
        self._paint_span(painter)
        if self._marks_visible:
            for mark in self._marks:
                self._paint_mark(painter, mark)
            self._paint_numbers(painter)
        self._paint_lines(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_wave(self, painter: QPainter) -> None:
        wave = self._wave()
        colour = theme.colour("border")
        colour.setAlphaF(0.65)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for number in range(int(wave.width() / _BAR_STEP)):
            left = number * _BAR_STEP
            height = max(1.5, self._loudness(left, left + _BAR_STEP) * wave.height())
            painter.drawRoundedRect(QRectF(left, wave.center().y() - height / 2, _BAR, height), 1, 1)

    def _loudness(self, left: float, right: float) -> float:
        """The loudest between two places, from 0 to 1, quiet speech lifted so that it shows."""
        first = self._ms(left) * self._per_second // 1000
        last = max(first + 1, self._ms(right) * self._per_second // 1000)
        peak = max(self._peaks[first:last], default=0)
        return float((peak / 255) ** 0.6)

    def _paint_mark(self, painter: QPainter, mark: Mark) -> None:
        rect = self.mark_rect(mark).adjusted(0.75, 0.75, -0.75, -0.75)
        ground = QColor(mark.colour)
        ground.setAlphaF(0.45)
        painter.setPen(QPen(mark.colour, 1.5))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, 3, 3)

    def _paint_numbers(self, painter: QPainter) -> None:
        """Numbers above their marks; one that would cover another moves beside it."""
        font = QFont(self.font())
        font.setPixelSize(max(9, round(self.fontInfo().pixelSize() * 11 / 13)))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        metrics, free_from = QFontMetricsF(font), 0.0
        for mark in sorted(self._marks, key=lambda mark: self.mark_rect(mark).left()):
            width = metrics.horizontalAdvance(mark.number)
            left = min(max(self.mark_rect(mark).left(), free_from), self.width() - width)
            painter.drawText(QRectF(left, 0, width + 2, _NUMBERS), Qt.AlignmentFlag.AlignVCenter, mark.number)
            free_from = left + width + 3

    def _paint_span(self, painter: QPainter) -> None:
        if self._span is None:
            return
        wave = self._wave()
        end = self._span.end_ms if self._span.end_ms is not None else self._span.start_ms
        left, right = self._x(self._span.start_ms), self._x(end)
        ground = theme.colour("accent")
        ground.setAlphaF(0.22)
        painter.setPen(QPen(theme.colour("accent"), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(left, wave.top() - 2, max(3.0, right - left), wave.height() + 4), 3, 3)

    def _paint_loop(self, painter: QPainter) -> None:
        if self._loop is None:
            return
        start, end = self._loop
        base = self.height() - _BELOW / 2
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawLine(QPointF(self._x(start), base - 4), QPointF(self._x(start), base + 4))
        if end is not None:
            painter.drawLine(QPointF(self._x(end), base - 4), QPointF(self._x(end), base + 4))
            painter.drawLine(QPointF(self._x(start), base), QPointF(self._x(end), base))

    def _paint_lines(self, painter: QPainter) -> None:
        if not self._duration:
            return
        top, bottom = _NUMBERS - 6, self.height() - _BELOW + 6
        if self._hover >= 0 and self._grip is None:
            painter.fillRect(QRectF(self._x(self._hover), top, 1, bottom - top), theme.colour("border"))
        painter.fillRect(QRectF(self._x(self._position) - 1, top, 2, bottom - top), theme.colour("text"))

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to go somewhere, or to span."""
        if event.button() != Qt.MouseButton.LeftButton or not self._duration:
            return
        where, ms = event.position(), self._ms(event.position().x())
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        mark = self._mark_at(where)
        if mark is not None and not shifted:
            self.mark_clicked.emit(mark.anchor.id)
            return
        self._grip = _Grip(shifted or where.y() < _NUMBERS, ms)
        if not self._grip.spans:
            self.sought.emit(ms, True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go there while dragging; else say what is there."""
        ms = self._ms(event.position().x())
        if self._grip is None:
            self._set_hover(ms, round(event.position().x()))
        elif self._grip.spans:
            self.set_span(_between(self._grip.from_ms, ms))
        else:
            self.sought.emit(ms, True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Be there, or have a span."""
        grip, self._grip = self._grip, None
        if grip is None:
            return
        ms = self._ms(event.position().x())
        if not grip.spans:
            self.sought.emit(ms, False)
        elif span := _between(grip.from_ms, ms):
            self.span_chosen.emit(span)
        else:
            self.sought.emit(ms, False)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self._set_hover(-1, -1)

    def _set_hover(self, ms: int, x: int) -> None:
        if self._duration:
            self._hover = ms
            self.hovered.emit(ms, x)
            self.update()

    def event(self, event: QEvent) -> bool:
        """Tell what a mark is."""
        if isinstance(event, QHelpEvent) and (mark := self._mark_at(QPointF(event.pos()))):
            span = mark.anchor.selector
            assert isinstance(span, TimeSpan)
            when = clock(span.start_ms) + ("" if span.end_ms is None else f"–{clock(span.end_ms)}")
            QToolTip.showText(event.globalPos(), f"{mark.number}  {when} {mark.title}".strip(), self)
            return True
        return super().event(event)


def _between(one: int, other: int) -> TimeSpan | None:
    """The span between two moments in either order; None when it is too short to be meant."""
    start, end = sorted((one, other))
    return TimeSpan(start, end) if end - start >= _SHORTEST_SPAN_MS else None
