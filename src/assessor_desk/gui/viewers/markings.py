"""How marks, hits and selections look on a page: like a marker pen on paper, with the number beside it.

The words underneath stay readable, since colour is multiplied and not painted over, and the number says what
the colour says. Pages are white in every theme, so these colours do not follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.viewer import Mark

HIT = QColor("#FFE58A")
CURRENT_HIT = QColor("#FFB454")
CURRENT_EDGE = QColor("#8A4B00")
SELECTION = QColor("#B7D4F5")
_NOTE = QColor("#6B6259")
_BADGE = 18.0


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark where it lies now, in pixels. `lines` are of quoted words; a `box` frames a part."""

    anchor_id: str
    colour: QColor
    number: str
    title: str
    badge: QRectF
    lines: tuple[QRectF, ...] = ()
    box: QRectF | None = None

    def holds(self, point: QPointF) -> bool:
        """Whether a click there means this mark: its number, its words, or the frame of its box."""
        if self.badge.contains(point) or any(line.contains(point) for line in self.lines):
            return True
        if self.box is None:
            return False
        return self.box.adjusted(-4, -4, 4, 4).contains(point) and not self.box.adjusted(
            6, 6, -6, -6
        ).contains(point)


def spoken(mark: Mark) -> str:
    """What a mark says when pointed at."""
    cited = f"Criterion {mark.number}" if mark.number[:1].isdigit() else "Not cited yet"
    return f"{cited}: {mark.title}" if mark.title else cited


def badge_rect(number: str, right: float, top: float, taken: Sequence[QRectF]) -> QRectF:
    """A place for a number that ends at `right`, below those already there."""
    width = max(_BADGE, 8.0 + 7.0 * len(number))
    rect = QRectF(right - width, top, width, _BADGE)
    while any(rect.intersects(other) for other in taken):
        rect.translate(0, _BADGE + 2)
    return rect


def paint_mark(painter: QPainter, mark: PlacedMark) -> None:
    """The mark's colour on the page, and its number."""
    with _Multiplying(painter):
        for line in mark.lines:
            painter.fillRect(line, lightened(mark.colour, 0.68))
        if mark.box is not None:
            painter.fillRect(mark.box, lightened(mark.colour, 0.91))
    for line in mark.lines:
        painter.fillRect(QRectF(line.left(), line.bottom() - 1.5, line.width(), 2), mark.colour)
    if mark.box is not None:
        _frame(painter, mark.box, mark.colour)
    paint_badge(painter, mark)


def paint_badge(painter: QPainter, mark: PlacedMark) -> None:
    """The number in its colour, dark on light or light on dark, whichever reads better."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mark.colour)
    painter.drawRoundedRect(mark.badge, 5, 5)
    font = QFont(painter.font())
    font.setPixelSize(11)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(readable_on(mark.colour))
    painter.drawText(mark.badge, Qt.AlignmentFlag.AlignCenter, mark.number)
    painter.restore()


def paint_lines(painter: QPainter, lines: Sequence[QRectF], colour: QColor) -> None:
    """Selected or found words."""
    with _Multiplying(painter):
        for line in lines:
            painter.fillRect(line, colour)


def paint_current_hit(painter: QPainter, lines: Sequence[QRectF]) -> None:
    """The hit that was jumped to: framed as well, not by colour alone."""
    paint_lines(painter, lines, CURRENT_HIT)
    for line in lines:
        _frame(painter, line.adjusted(-1, -1, 1, 1), CURRENT_EDGE)


def paint_note(painter: QPainter, box: QRectF) -> None:
    """An annotation that the evidence itself has: dotted and grey, as no mark of ours is."""
    painter.setPen(QPen(_NOTE, 1.2, Qt.PenStyle.DotLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box.adjusted(-2, -2, 2, 2))


def paint_rubber_band(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """A box being drawn."""
    painter.fillRect(box, QColor(colour.red(), colour.green(), colour.blue(), 36))
    painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def paint_revealed(painter: QPainter, area: QRectF, colour: QColor) -> None:
    """A quiet frame around what was just brought into sight."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area.adjusted(-5, -4, 5, 4), 5, 5)
    painter.restore()


def paint_handles(painter: QPainter, points: Sequence[QPointF], colour: QColor) -> None:
    """By what a box can be made larger or smaller."""
    painter.save()
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(QColor("white"))
    for point in points:
        painter.drawRect(QRectF(point.x() - 4, point.y() - 4, 8, 8))
    painter.restore()


def paint_saying(painter: QPainter, view: QRectF, words: str) -> None:
    """What keys do now, at the lower end of what is in sight."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipping(False)
    room = view.adjusted(12, 8, -12, -12)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    needed = painter.boundingRect(room.adjusted(12, 0, -12, 0), flags, words)
    plate = needed.adjusted(-12, -8, 12, 8)
    plate.moveBottom(room.bottom())
    painter.setPen(QPen(look.colour("border"), 1))
    painter.setBrush(look.colour("surface"))
    painter.drawRoundedRect(plate, 6, 6)
    painter.setPen(look.colour("text"))
    painter.drawText(plate, flags, words)
    painter.restore()


def lightened(colour: QColor, share: float) -> QColor:
    """Towards white by `share`, as ink thins."""
    return QColor(
        *(round(part + (255 - part) * share) for part in (colour.red(), colour.green(), colour.blue()))
    )


def readable_on(colour: QColor) -> QColor:
    """Black or white, whichever has the higher contrast (WCAG 2.1) on `colour`."""
    light = _luminance(colour)
    return QColor("black") if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else QColor("white")


def _luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2.1."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def _frame(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(
        QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


class _Multiplying:
    """Colour laid on as ink is, darkening and never covering."""

    def __init__(self, painter: QPainter) -> None:
        self._painter = painter

    def __enter__(self) -> None:
        self._painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)

    def __exit__(self, *_: object) -> None:
        self._painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
