"""The classroom itself: walls, windows, clock, seats, and the camera that looks at it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lettering import font
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen

WIDTH, HEIGHT = 1280, 720
BOARD = QRectF(60, 52, 510, 262)


@dataclass(frozen=True, slots=True)
class Desks:
    """A table's place: where its middle is, how large it is drawn, how wide it is before scaling."""

    x: float
    y: float
    scale: float
    width: float

    def seat(self, number: int) -> tuple[float, float, float]:
        """Seat 0–3 as x, y and scale."""
        return self.x + (number - 1.5) * self.width / 4 * self.scale, self.y, self.scale


TABLES = (
    Desks(215, 566, 1.0, 330),
    Desks(640, 586, 1.0, 330),
    Desks(1065, 566, 1.0, 330),
    Desks(830, 404, 0.78, 316),
    Desks(1112, 404, 0.78, 316),
)


def eased(now: float, start: float, seconds: float) -> float:
    """0 before `start`, 1 when that many seconds have passed, smooth between."""
    share = min(1.0, max(0.0, (now - start) / seconds))
    return share * share * (3 - 2 * share)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A value that eases from key to key: (second, values) in order, each reached `ramp` seconds after its second."""

    keys: Sequence[tuple[float, tuple[float, ...]]]
    ramp: float = 1.6

    def at(self, now: float) -> tuple[float, ...]:
        """The values at a second."""
        value = self.keys[0][1]
        for start, target in self.keys[1:]:
            share = eased(now, start, self.ramp)
            value = tuple(a + (b - a) * share for a, b in zip(value, target, strict=True))
        return value

    def moving(self, now: float) -> bool:
        """Whether the value changes at that second."""
        return self.at(now) != self.at(now + 0.05)


def look_at(p: QPainter, x: float, y: float, zoom: float) -> None:
    """Turn the camera to a point, never beyond the edges of the picture."""
    half_width, half_height = WIDTH / zoom / 2, HEIGHT / zoom / 2
    x = min(max(x, half_width), WIDTH - half_width)
    y = min(max(y, half_height), HEIGHT - half_height)
    p.translate(WIDTH / 2, HEIGHT / 2)
    p.scale(zoom, zoom)
    p.translate(-x, -y)


def walls(p: QPainter, now: float, wall: str, minutes_past_ten: float) -> None:
    """Everything that stands still: wall, floor, windows, clock, shelf, the frame of the board."""
    light = QLinearGradient(0, 0, WIDTH, 0)
    light.setColorAt(0, QColor(wall).darker(106))
    light.setColorAt(1, QColor(wall).lighter(106))
    p.fillRect(QRectF(0, 0, WIDTH, 372), light)
    floor = QLinearGradient(0, 372, 0, HEIGHT)
    floor.setColorAt(0, QColor("#bda888"))
    floor.setColorAt(1, QColor("#d3c1a3"))
    p.fillRect(QRectF(0, 372, WIDTH, HEIGHT - 372), floor)
    p.fillRect(QRectF(0, 366, WIDTH, 9), QColor(wall).darker(125))
    for left in (760, 1010):
        _window(p, QRectF(left, 46, 210, 190), now)
    _clock(p, 664, 92, minutes_past_ten + now / 60)
    _number_line(p, QRectF(764, 262, 452, 26))
    p.setPen(QPen(QColor("#8f969b"), 7))
    p.setBrush(QColor("#fbfcfa"))
    p.drawRoundedRect(BOARD, 4, 4)
    p.fillRect(QRectF(BOARD.x() + 20, BOARD.bottom() + 3, BOARD.width() - 40, 8), QColor("#7c8388"))
    for x, tint in ((120, "#c05050"), (150, "#3b6fb0"), (180, "#3f8f5f")):
        p.fillRect(QRectF(x, BOARD.bottom(), 22, 5), QColor(tint))


def _window(p: QPainter, frame: QRectF, now: float) -> None:
    sky = QLinearGradient(frame.topLeft(), frame.bottomLeft())
    sky.setColorAt(0, QColor("#bfdcef"))
    sky.setColorAt(1, QColor("#eaf3f5"))
    p.fillRect(frame, sky)
    p.save()
    p.setClipRect(frame)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(255, 255, 255, 190))
    drift = (now * 1.6) % 300 - 60
    for dx, dy, r in ((0, 50, 20), (24, 44, 26), (52, 52, 19)):
        p.drawEllipse(QPointF(frame.x() + drift + dx, frame.y() + dy), r * 1.4, r * 0.8)
    p.setBrush(QColor("#8fb58a"))
    for dx, r in ((20, 46), (90, 58), (165, 50), (215, 44)):
        p.drawEllipse(QPointF(frame.x() + dx, frame.bottom() + 12), r, r)
    p.restore()
    p.setPen(QPen(QColor("#f7f5ef"), 8))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRect(frame)
    p.drawLine(QPointF(frame.center().x(), frame.y()), QPointF(frame.center().x(), frame.bottom()))


def _clock(p: QPainter, x: float, y: float, minutes: float) -> None:
    p.setPen(QPen(QColor("#4b545c"), 4))
    p.setBrush(QColor("#fdfdfb"))
    p.drawEllipse(QPointF(x, y), 34, 34)
    for hand, length, thick in (
        (minutes / 720 + 10 / 12, 17, 4),
        (minutes / 60, 25, 3),
        (minutes % 1, 27, 1),
    ):
        angle = hand * math.tau
        p.setPen(
            QPen(
                QColor("#b3423a") if thick == 1 else QColor("#2b3640"),
                thick,
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
            )
        )
        p.drawLine(QPointF(x, y), QPointF(x + length * math.sin(angle), y - length * math.cos(angle)))


def _number_line(p: QPainter, strip: QRectF) -> None:
    p.fillRect(strip, QColor("#fffdf5"))
    p.setPen(QPen(QColor("#47525b"), 2))
    middle = strip.y() + 8
    p.drawLine(QPointF(strip.x() + 14, middle), QPointF(strip.right() - 14, middle))
    p.setFont(font("print", 11))
    for index, label in enumerate(("0", "1/4", "2/4", "3/4", "1", "5/4", "6/4", "7/4", "2")):
        x = strip.x() + 22 + index * (strip.width() - 44) / 8
        p.drawLine(QPointF(x, middle - 4), QPointF(x, middle + 4))
        p.drawText(QRectF(x - 18, middle + 4, 36, 14), Qt.AlignmentFlag.AlignCenter, label)


def honest_corner(p: QPainter) -> None:
    """The small text that stays in the picture throughout."""
    p.setFont(font("print", 15))
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(20, 26, 32, 150))
    p.drawRoundedRect(QRectF(14, 684, 252, 25), 5, 5)
    p.setPen(QColor("#ffffff"))
    p.drawText(QRectF(14, 684, 252, 25), Qt.AlignmentFlag.AlignCenter, "Synthetic sample: no real people")


def slate(p: QPainter, title: str, lines: Sequence[str], faded: float) -> None:
    """The card at the start that says what this is; `faded` goes to 1 as it leaves."""
    p.setOpacity(1 - faded)
    p.fillRect(QRectF(0, 0, WIDTH, HEIGHT), QColor("#2a2f35"))
    p.fillRect(QRectF(160, 250, 6, 210), QColor("#82b7f2"))
    p.setPen(QColor("#f4f2ec"))
    p.setFont(font("print", 46))
    p.drawText(QRectF(192, 244, 1000, 64), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
    p.setFont(font("print", 25))
    p.setPen(QColor("#c9cfd4"))
    for row, line in enumerate(lines):
        p.drawText(
            QRectF(192, 322 + 44 * row, 1000, 40),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            line,
        )
    p.setOpacity(1)
