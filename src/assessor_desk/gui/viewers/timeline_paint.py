"""How a timeline looks: waveform, marks told apart by number, hatching and shape as well as colour, times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from assessor_desk.gui import theme
from assessor_desk.gui.anchor_sign import paint_sign
from assessor_desk.gui.viewers.held_mark import HeldMark, Part, span_of
from assessor_desk.gui.viewers.timeline_rows import Rows, small_font
from assessor_desk.gui.viewers.timeline_scale import Scale
from assessor_desk.gui.viewers.viewer import Mark

_BAR, _BAR_STEP = 2.0, 3.5
_SIGN = 8.0
_BESIDE = 14.0
"""A number that would have to stand further from its mark is left out; zooming in brings it back."""

#: By criterion, so that spans differ without colour too.
HATCHES = (
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.HorPattern,
    Qt.BrushStyle.FDiagPattern,
    Qt.BrushStyle.VerPattern,
    Qt.BrushStyle.DiagCrossPattern,
    Qt.BrushStyle.Dense6Pattern,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a timeline shows of the anchors now."""

    marks: Sequence[Mark]
    chosen: str = ""
    playing: str = ""
    held: HeldMark | None = None

    def held_of(self, mark: Mark) -> HeldMark | None:
        """Where a mark would be now, if it is the one that is held."""
        return self.held if self.held and self.held.mark.anchor.id == mark.anchor.id else None


class Waveform:
    """Loudness over time, kept as a picture until the part shown, the size or the sound itself changes."""

    def __init__(self) -> None:
        self._peaks = bytearray()
        self._per_second = 10
        self._heard = 0
        self._picture, self._of = QPixmap(), (Scale(), QSize(), 0, "")

    def forget(self) -> None:
        """Silence."""
        self._peaks = bytearray()
        self.refresh()

    def refresh(self) -> None:
        """Show all that was added; painting it for each addition would hold up the window."""
        self._heard += 1

    def add(self, first: int, peaks: memoryview, per_second: int) -> None:
        """One byte per slice of time, from slice `first` on."""
        self._per_second = per_second
        self._peaks.extend(bytes(max(0, first + len(peaks) - len(self._peaks))))
        self._peaks[first : first + len(peaks)] = peaks

    def paint(self, painter: QPainter, wave: QRectF, scale: Scale, ratio: float) -> None:
        """Bars about the middle of the row."""
        size = wave.size().toSize() * ratio
        of = (scale, size, self._heard, theme.colour("border").name())
        if of != self._of:
            self._of, self._picture = of, self._painted(wave, scale, size, ratio)
        painter.drawPixmap(wave.topLeft(), self._picture)

    def _painted(self, wave: QRectF, scale: Scale, size: QSize, ratio: float) -> QPixmap:
        picture = QPixmap(size)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme.colour("border")
        colour.setAlphaF(0.65)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        lefts = [number * _BAR_STEP for number in range(int(wave.width() / _BAR_STEP))]
        painter.drawRects([self._bar(scale, left, wave.height()) for left in lefts])
        painter.end()
        return picture

    def _bar(self, scale: Scale, left: float, room: float) -> QRectF:
        height = max(1.5, self._loudness(scale, left, left + _BAR_STEP) * room)
        return QRectF(left, (room - height) / 2, _BAR, height)

    def _loudness(self, scale: Scale, left: float, right: float) -> float:
        """The loudest between two places, from 0 to 1, quiet speech lifted so that it shows."""
        first = scale.ms(left) * self._per_second // 1000
        last = max(first + 1, scale.ms(right) * self._per_second // 1000)
        peak = max(self._peaks[first:last], default=0)
        return float((peak / 255) ** 0.6)


def paint_marks(painter: QPainter, rows: Rows, scale: Scale, shown: Shown) -> None:
    """Every mark, the one held where it would be now, with handles; numbers above them."""
    for mark in shown.marks:
        held = shown.held_of(mark)
        rect = _rect_of(mark, held, rows, scale)
        _paint_mark(painter, mark, rect)
        if mark.anchor.id == shown.chosen:
            _paint_chosen(painter, rect, held)
    _paint_numbers(painter, rows, scale, shown)


def _rect_of(mark: Mark, held: HeldMark | None, rows: Rows, scale: Scale) -> QRectF:
    span = held.span if held else span_of(mark)
    return rows.mark_rect(mark, scale, span.start_ms, span.end_ms)


def _paint_mark(painter: QPainter, mark: Mark, rect: QRectF) -> None:
    rect = rect.adjusted(0.75, 0.75, -0.75, -0.75)
    ground = QColor(mark.colour)
    ground.setAlphaF(0.45)
    painter.setPen(QPen(mark.colour, 1.5))
    painter.setBrush(ground)
    span = span_of(mark)
    if span.end_ms is not None:
        painter.drawRoundedRect(rect, 3, 3)
        hatched = QColor(mark.colour)
        hatched.setAlphaF(0.55)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(hatched, hatch_of(mark)))
        painter.drawRoundedRect(rect, 3, 3)
        return
    stem = QRectF(rect.center().x() - 1, rect.top() + 4, 2, rect.height() - 4)
    painter.fillRect(stem, mark.colour)
    painter.setBrush(mark.colour)
    head = QRectF(rect.center().x() - 4, rect.top(), 8, 8)
    painter.drawRect(head) if span.still else painter.drawEllipse(head)


def hatch_of(mark: Mark) -> Qt.BrushStyle:
    """The hatching of the first criterion that cites an anchor; none before one does."""
    first = mark.number.split(",")[0]
    return HATCHES[(int(first) - 1) % len(HATCHES)] if first.isdigit() else Qt.BrushStyle.NoBrush


def _paint_chosen(painter: QPainter, rect: QRectF, held: HeldMark | None) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("text"), 2))
    painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), 4, 4)
    if held is None:
        return
    places = {Part.START: [rect.left()], Part.END: [rect.right()], Part.WHOLE: [rect.left(), rect.right()]}
    painter.setPen(QPen(theme.colour("surface"), 1))
    painter.setBrush(theme.colour("text"))
    for x in places[held.part]:
        painter.drawRoundedRect(QRectF(x - 3.5, rect.center().y() - 8, 7, 16), 3, 3)


def _paint_numbers(painter: QPainter, rows: Rows, scale: Scale, shown: Shown) -> None:
    """Signs and numbers above their marks; those that would cover others move beside them, or are left out."""
    font = small_font(painter.font(), bold=True)
    painter.save()
    painter.setFont(font)
    metrics, free_from = QFontMetricsF(font), 0.0
    lefts = [_rect_of(mark, shown.held_of(mark), rows, scale).left() for mark in shown.marks]
    for own, place in sorted((left, place) for place, left in enumerate(lefts)):
        mark = shown.marks[place]
        lead = _SIGN + 3 + (_SIGN + 2 if mark.anchor.id == shown.playing else 0)
        width = lead + metrics.horizontalAdvance(mark.number)
        left = min(max(own, free_from), scale.width - width)
        important = mark.anchor.id in (shown.playing, shown.chosen)
        if own < -_BESIDE or own > scale.width or (left - own > _BESIDE and not important):
            continue
        _paint_number(painter, mark, QRectF(left, 0, width, rows.numbers.height()), lead)
        free_from = left + width + 4
    painter.restore()


def _paint_number(painter: QPainter, mark: Mark, place: QRectF, lead: float) -> None:
    """A triangle if it is playing, the sign of its criterion, and the number in the colour of the text."""
    middle = place.center().y()
    if lead > _SIGN + 3:
        _paint_playing(painter, QPointF(place.left(), middle))
    sign = QRectF(place.left() + lead - _SIGN - 3, middle - _SIGN / 2, _SIGN, _SIGN)
    paint_sign(painter, sign, mark.colour, mark.shape)
    painter.setPen(theme.colour("text"))
    painter.drawText(place.adjusted(lead, 0, 2, 0), Qt.AlignmentFlag.AlignVCenter, mark.number)


def _paint_playing(painter: QPainter, at: QPointF) -> None:
    """A triangle before the number of what is playing."""
    corners = [at + QPointF(0, -4), at + QPointF(7, 0), at + QPointF(0, 4)]
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("text"))
    painter.drawPolygon(QPolygonF(corners))
    painter.restore()


def paint_times(painter: QPainter, rows: Rows, scale: Scale, taken: Sequence[QRectF]) -> None:
    """Round times along the bottom; none where something else is written."""
    font = small_font(painter.font())
    metrics = QFontMetricsF(font)
    painter.save()
    painter.setFont(font)
    for tick in scale.ticks(metrics.horizontalAdvance):
        x, width = scale.x(tick.ms), metrics.horizontalAdvance(tick.label)
        left = max(0.0, min(x - width / 2, scale.width - width))
        box = QRectF(left, rows.times.top(), width + 1, rows.times.height())
        painter.fillRect(QRectF(x, rows.times.top() - 3, 1, 4), theme.colour("border"))
        if not any(box.intersects(other) for other in taken):
            painter.setPen(theme.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, tick.label)
    painter.restore()


def paint_loop(painter: QPainter, rows: Rows, ends: Sequence[tuple[str, float]]) -> list[QRectF]:
    """The points A and B as lettered flags below the waveform; where they stand."""
    accent = theme.colour("accent")
    if len(ends) == 2:
        ground = QColor(accent)
        ground.setAlphaF(0.14)
        painter.fillRect(
            QRectF(ends[0][1], rows.wave.top(), ends[1][1] - ends[0][1], rows.wave.height()), ground
        )
    flags = [flag_rect(rows, letter, x, painter.font()) for letter, x in ends]
    for (letter, x), flag in zip(ends, flags, strict=True):
        painter.fillRect(QRectF(x - 1, rows.wave.top(), 2, rows.wave.height() + 2), accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(flag, 3, 3)
        painter.setPen(theme.colour("on"))
        painter.save()
        painter.setFont(small_font(painter.font(), bold=True))
        painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, letter)
        painter.restore()
    return flags


def flag_rect(rows: Rows, letter: str, x: float, font: QFont) -> QRectF:
    """Where the flag of A (to the left of its line) or B (to the right) stands."""
    width = QFontMetricsF(small_font(font, bold=True)).horizontalAdvance(letter) + 8
    left = x - width + 1 if letter == "A" else x - 1
    return QRectF(left, rows.times.top(), width, rows.times.height() - 1)


def paint_span(painter: QPainter, rows: Rows, scale: Scale, start_ms: int, end_ms: int | None) -> None:
    """A span chosen and not anchored yet: dashed."""
    left, right = scale.x(start_ms), scale.x(start_ms if end_ms is None else end_ms)
    ground = theme.colour("accent")
    ground.setAlphaF(0.22)
    painter.setPen(QPen(theme.colour("accent"), 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(ground)
    box = QRectF(left, rows.wave.top() - 2, max(3.0, right - left), rows.wave.height() + 4)
    painter.drawRoundedRect(box, 3, 3)


def paint_missing(painter: QPainter, rows: Rows, left: float, right: float) -> None:
    """What the recording should hold and does not."""
    painter.fillRect(QRectF(left, rows.wave.top(), right - left, rows.wave.height()), theme.colour("sunken"))
    painter.fillRect(
        QRectF(left, rows.wave.top(), right - left, rows.wave.height()),
        QBrush(theme.colour("danger"), Qt.BrushStyle.BDiagPattern),
    )


def paint_lines(painter: QPainter, rows: Rows, position: float, hover: float | None) -> None:
    """The playhead with its head, and the line under the mouse."""
    top, height = rows.wave.top() - 4, rows.wave.height() + 8
    if hover is not None:
        painter.fillRect(QRectF(hover, top, 1, height), theme.colour("border"))
    painter.fillRect(QRectF(position - 1, top, 2, height), theme.colour("text"))


def paint_overview(painter: QPainter, rows: Rows, scale: Scale) -> None:
    """Which part of the whole is shown, along the lowest edge."""
    if not scale.zoomed:
        return
    groove = QRectF(0, rows.times.bottom() - 3, scale.width, 3)
    painter.fillRect(groove, theme.colour("hair"))
    left = scale.first_ms / scale.duration_ms * scale.width
    width = max(12.0, scale.shown_ms / scale.duration_ms * scale.width)
    painter.fillRect(QRectF(left, groove.top(), width, 3), theme.colour("accent"))
