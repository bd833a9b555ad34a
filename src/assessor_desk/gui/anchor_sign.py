"""The sign of a criterion as the window paints it: its colour in the appearance in force, and its shape."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from assessor_desk.domain.anchor_signs import Shape

_CORNERS: dict[Shape, tuple[int, float]] = {
    Shape.DIAMOND: (4, -90.0),
    Shape.TRIANGLE: (3, -90.0),
    Shape.HEXAGON: (6, 0.0),
}


def paint_sign(painter: QPainter, place: QRectF, colour: QColor, shape: Shape) -> None:
    """Fill the shape within `place`, which is square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if shape in _CORNERS:
        painter.drawPolygon(_polygon(place, *_CORNERS[shape]))
    elif shape is Shape.CIRCLE:
        painter.drawEllipse(place)
    elif shape is Shape.PILL:
        thin = place.adjusted(-1, place.height() * 0.22, 1, -place.height() * 0.22)
        painter.drawRoundedRect(thin, thin.height() / 2, thin.height() / 2)
    else:
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 1.5, 1.5)
    painter.restore()


def _polygon(place: QRectF, corners: int, first: float) -> QPolygonF:
    """A regular one, a little larger than the circle, so that all signs weigh the same."""
    reach = place.width() * 0.6
    angles = (math.radians(first + 360 * each / corners) for each in range(corners))
    middle = place.center()
    return QPolygonF([middle + QPointF(reach * math.cos(one), reach * math.sin(one)) for one in angles])
