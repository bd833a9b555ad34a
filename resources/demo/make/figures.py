"""People, tables and boards of the schematic classroom, drawn with QPainter in logical pixels of a 1280×720 picture."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lettering import font
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

INK = QColor("#2b3640")
SKINS = ("#f1cfae", "#e3b48c", "#c98f66", "#a56f4a", "#7c5038", "#5d3c2b")
HAIRS = ("#2a211d", "#3d2b20", "#6b4423", "#8a5a2b", "#c99b4f", "#1d1d24")
SHIRTS = ("#5b8fb9", "#d98a5b", "#6fa58a", "#b8799c", "#d6b454", "#7d83b8", "#8fb05f", "#c46a6a", "#4f9aa0")


@dataclass(frozen=True, slots=True)
class Looks:
    """How a pupil looks: colours, and one of six kinds of hair."""

    skin: str
    hair: str
    shirt: str
    style: int


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a pupil is and what they do; `hand` and `board` go from 0 (down) to 1 (up), `gaze` from -1 to 1."""

    x: float
    y: float
    scale: float
    gaze: float = 0.0
    down: float = 0.0
    mouth: float = 0.0
    hand: float = 0.0
    board: float = 0.0
    answer: str = ""
    stride: float = 0.0
    blink: bool = False


def cast(seed: int, count: int) -> list[Looks]:
    """That many pupils, always the same for one seed."""
    chance = random.Random(seed)
    return [
        Looks(chance.choice(SKINS), chance.choice(HAIRS), SHIRTS[n % len(SHIRTS)], chance.randrange(6))
        for n in range(count)
    ]


@contextmanager
def placed(painter: QPainter, x: float, y: float, scale: float = 1.0) -> Iterator[None]:
    """Draw with the origin at a point and everything scaled."""
    painter.save()
    painter.translate(x, y)
    painter.scale(scale, scale)
    yield
    painter.restore()


def pupil(p: QPainter, looks: Looks, pose: Pose) -> None:
    """A pupil from the front; the origin is where the chest meets the table."""
    with placed(p, pose.x, pose.y, pose.scale):
        if pose.stride:
            _legs(p, pose.stride)
        _hair_behind(p, looks)
        _body(p, looks, pose)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor(looks.skin).darker(112))
        p.drawRoundedRect(QRectF(-7, -46, 14, 20), 6, 6)
        _face(p, looks, pose)
        _hair_front(p, looks, pose.gaze)
        if pose.hand > 0.02:
            _raised_hand(p, looks, pose.hand)
        if pose.board > 0.02:
            _held_board(p, looks, pose)


def _legs(p: QPainter, stride: float) -> None:
    p.setPen(QPen(QColor("#46505c"), 13, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    swing = 9 * math.sin(stride)
    p.drawLine(QPointF(-9, 36), QPointF(-9 + swing, 78 - abs(swing) / 3))
    p.drawLine(QPointF(9, 36), QPointF(9 - swing, 78 - abs(swing) / 3))


def _body(p: QPainter, looks: Looks, pose: Pose) -> None:
    shirt = QColor(looks.shirt)
    body = QPainterPath(QPointF(-32, 44))
    body.cubicTo(-36, 0, -34, -30, -12, -34)
    body.lineTo(12, -34)
    body.cubicTo(34, -30, 36, 0, 32, 44)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(shirt)
    p.drawPath(body)
    p.setBrush(shirt.darker(112))
    p.drawEllipse(QRectF(-12, -40, 24, 13))
    if pose.board < 0.3:
        p.setPen(QPen(shirt.darker(116), 11, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if pose.hand < 0.3:
            p.drawLine(QPointF(27, -14), QPointF(20 - 6 * pose.down, 10))
        p.drawLine(QPointF(-27, -14), QPointF(-18 + 6 * pose.down, 10))


def _face(p: QPainter, looks: Looks, pose: Pose) -> None:
    skin = QColor(looks.skin)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(skin)
    p.drawEllipse(QRectF(-20, -84, 40, 46))
    for side in (-20, 20):
        p.drawEllipse(QPointF(side, -60), 4, 6)
    shift, drop = 6 * pose.gaze, 5 * pose.down
    p.setBrush(INK)
    tall = 0.6 if pose.blink else 2.9
    for eye in (-7.5, 7.5):
        p.drawEllipse(QPointF(eye + shift, -63 + drop), 2.4, tall)
    p.setPen(QPen(skin.darker(135), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawLine(QPointF(shift * 1.3, -59 + drop), QPointF(shift * 1.3 + 1.5, -55 + drop))
    if pose.mouth > 0.05:
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor("#7a3b3b"))
        p.drawEllipse(QPointF(shift, -47.5 + drop / 2), 4.5, 1 + 3.6 * pose.mouth)
    else:
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawArc(QRectF(shift - 5, -52 + drop / 2, 10, 6), 200 * 16, 140 * 16)


def _hair_behind(p: QPainter, looks: Looks) -> None:
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(looks.hair))
    if looks.style == 1:
        p.drawRoundedRect(QRectF(-25, -84, 50, 62), 20, 20)
    elif looks.style == 2:
        p.drawEllipse(QPointF(0, -68), 29, 27)
    elif looks.style == 4:
        p.setBrush(QColor(looks.shirt).darker(135))
        p.drawRoundedRect(QRectF(-27, -90, 54, 70), 24, 24)
    elif looks.style == 5:
        for side in (-25, 25):
            p.drawEllipse(QPointF(side, -56), 9, 15)


def _hair_front(p: QPainter, looks: Looks, gaze: float) -> None:
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(looks.shirt).darker(135) if looks.style == 4 else QColor(looks.hair))
    cap = QPainterPath(QPointF(-21.5, -62))
    cap.cubicTo(-25, -94, 25, -94, 21.5, -62)
    parting = 8 * gaze
    cap.cubicTo(17, -76, 6 + parting, -76, parting, -74)
    cap.cubicTo(-6 + parting, -76, -17, -76, -21.5, -62)
    p.drawPath(cap)
    if looks.style == 3:
        p.drawEllipse(QPointF(0, -92), 10, 9)


def _raised_hand(p: QPainter, looks: Looks, up: float) -> None:
    elbow, hand = QPointF(34, -18 - 34 * up), QPointF(30 - 2 * up, -14 - 96 * up)
    p.setPen(QPen(QColor(looks.shirt).darker(108), 12, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawLine(QPointF(26, -16), elbow)
    p.setPen(QPen(QColor(looks.skin), 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawLine(elbow, hand)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(looks.skin))
    p.drawEllipse(hand, 7.5, 8.5)


def _held_board(p: QPainter, looks: Looks, pose: Pose) -> None:
    middle = QPointF(0, 8 - 122 * pose.board)
    p.setPen(QPen(QColor(looks.shirt).darker(108), 11, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for side in (-1, 1):
        p.drawLine(QPointF(26 * side, -16), QPointF(31 * side, middle.y() + 18))
    sheet = QRectF(middle.x() - 35, middle.y() - 24, 70, 48)
    p.setPen(QPen(QColor("#4a5560"), 3))
    p.setBrush(QColor("#fdfdfa"))
    p.drawRoundedRect(sheet, 5, 5)
    p.setPen(QColor("#1f3f73"))
    p.setFont(font("felt", 36))
    p.drawText(sheet, Qt.AlignmentFlag.AlignCenter, pose.answer)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(looks.skin))
    for side in (-1, 1):
        p.drawEllipse(QPointF(35 * side, middle.y() + 14), 6, 7)


def teacher(
    p: QPainter,
    x: float,
    feet: float,
    mouth: float,
    reach: tuple[float, float] | None,
    stride: float,
    who: Looks,
) -> None:
    """The teacher, standing with the feet at a point; `reach` is where the near hand points, from the feet."""
    with placed(p, x, feet):
        p.setPen(QPen(QColor("#39424d"), 17, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        swing = 14 * math.sin(stride)
        for side in (-1, 1):
            p.drawLine(QPointF(10 * side, -90), QPointF(10 * side + side * swing, -6))
        coat = QColor(who.shirt)
        _arm(p, coat, who.skin, QPointF(28, -172), QPointF(40, -92))
        shape = QPainterPath(QPointF(-28, -70))
        shape.cubicTo(-34, -130, -36, -186, -13, -194)
        shape.lineTo(13, -194)
        shape.cubicTo(36, -186, 34, -130, 28, -70)
        shape.closeSubpath()
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(coat)
        p.drawPath(shape)
        p.setBrush(QColor("#f4efe4"))
        p.drawPolygon(QPolygonF([QPointF(-11, -194), QPointF(11, -194), QPointF(0, -150)]))
        with placed(p, 0, -160, 1.06):
            _hair_behind(p, who)
            _face(p, who, Pose(0, 0, 1, gaze=0.6, mouth=mouth))
            _hair_front(p, who, 0.4)
        _arm(
            p, coat.darker(106), who.skin, QPointF(-28, -172), QPointF(*reach) if reach else QPointF(-40, -92)
        )


def _arm(p: QPainter, sleeve: QColor, skin: str, shoulder: QPointF, hand: QPointF) -> None:
    across = hand - shoulder
    far = math.hypot(across.x(), across.y()) or 1.0
    reachable = min(far, 104.0)
    hand = shoulder + across * (reachable / far)
    bend = math.sqrt(max(0.0, 54.0**2 - (reachable / 2) ** 2))
    side = -1 if hand.x() < 0 else 1
    normal = QPointF(-across.y(), across.x()) * (side * bend / far)
    elbow = (shoulder + hand) / 2 + (normal if normal.y() > 0 else -normal)
    p.setPen(QPen(sleeve, 15, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawPolyline(QPolygonF([shoulder, elbow, hand]))
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(skin))
    p.drawEllipse(hand, 8, 8)


def table(p: QPainter, x: float, y: float, scale: float, width: float, card: str = "") -> None:
    """A table before four pupils; `card` is the colour of the task card lying on it."""
    with placed(p, x, y, scale):
        half = width / 2
        p.setPen(QPen(QColor("#8d8577"), 9))
        for leg in (-half + 6, half - 6):
            p.drawLine(QPointF(leg, 46), QPointF(leg, 96))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor("#e6d3b3"))
        p.drawPolygon(
            QPolygonF([QPointF(-half, 0), QPointF(half, 0), QPointF(half + 16, 38), QPointF(-half - 16, 38)])
        )
        p.setBrush(QColor("#c7ae86"))
        p.drawRoundedRect(QRectF(-half - 16, 38, width + 32, 11), 3, 3)
        for seat in range(4):
            _sheet(p, (seat - 1.5) * width / 4)
        if card:
            p.setPen(QPen(QColor(card).darker(130), 2))
            p.setBrush(QColor(card))
            p.drawPolygon(QPolygonF([QPointF(-26, 8), QPointF(26, 8), QPointF(30, 32), QPointF(-30, 32)]))


def _sheet(p: QPainter, x: float) -> None:
    p.setPen(QPen(QColor("#cfc9bb"), 1))
    p.setBrush(QColor("#fbfaf5"))
    p.drawPolygon(
        QPolygonF([QPointF(x - 16, 6), QPointF(x + 14, 6), QPointF(x + 18, 24), QPointF(x - 18, 24)])
    )
    p.setPen(QPen(QColor("#a8b4bd"), 1))
    for row in (11, 15, 19):
        p.drawLine(QPointF(x - 13, row), QPointF(x + 10, row))


def fraction(p: QPainter, x: float, y: float, top: str, bottom: str, size: float) -> float:
    """A fraction written upright with its bar at `y`; returns its width."""
    width = size * 0.62 * max(len(top), len(bottom)) + 6
    p.setFont(font("board", size))
    p.drawText(QRectF(x, y - size * 1.22, width, size * 1.2), Qt.AlignmentFlag.AlignCenter, top)
    p.drawText(QRectF(x, y + size * 0.02, width, size * 1.2), Qt.AlignmentFlag.AlignCenter, bottom)
    p.drawLine(QPointF(x, y), QPointF(x + width, y))
    return width


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar model: how many equal parts, how many shaded, what each says, and how much is drawn yet."""

    parts: int
    shaded: float
    label: str
    drawn: float = 1.0
    written: float = 0.0
    tint: str = "#9cc3e6"


def bar_model(p: QPainter, box: QRectF, bar: Bar, pen: QColor) -> None:
    """Draw the bar model in a box: parts appear one by one as `drawn` goes to 1, labels as `written` does."""
    part = box.width() / bar.parts
    for index in range(bar.parts):
        share = min(1.0, max(0.0, bar.shaded - index))
        if share > 0:
            p.fillRect(QRectF(box.x() + index * part, box.y(), part * share, box.height()), QColor(bar.tint))
    p.setPen(
        QPen(
            pen,
            max(1.5, box.height() / 18),
            Qt.PenStyle.SolidLine,
            Qt.PenCapStyle.RoundCap,
            Qt.PenJoinStyle.RoundJoin,
        )
    )
    p.setBrush(Qt.BrushStyle.NoBrush)
    outline = min(1.0, bar.drawn * 2)
    p.drawRect(QRectF(box.x(), box.y(), box.width() * outline, box.height()))
    for index in range(1, bar.parts):
        if bar.drawn >= 0.5 + 0.5 * index / bar.parts:
            p.drawLine(
                QPointF(box.x() + index * part, box.y()), QPointF(box.x() + index * part, box.bottom())
            )
    p.setFont(font("felt", box.height() * 0.58))
    for index in range(bar.parts):
        if bar.written >= (index + 1) / bar.parts:
            p.drawText(
                QRectF(box.x() + index * part, box.y(), part, box.height()),
                Qt.AlignmentFlag.AlignCenter,
                bar.label,
            )
