"""By what a box is taken: its four corners and four sides, or as a whole. Pure geometry, in pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt

SMALLEST = 10.0
"""Pixels a box keeps when it is made smaller."""
_ROOM_FOR_SIDE = 48.0
"""A shorter side has handles at its ends alone."""


@dataclass(frozen=True, slots=True)
class Grip:
    """Which sides follow."""

    left: bool = False
    top: bool = False
    right: bool = False
    bottom: bool = False

    @property
    def cursor(self) -> Qt.CursorShape:
        """How the pointer looks over it."""
        if self == WHOLE:
            return Qt.CursorShape.SizeAllCursor
        if self.left + self.right + self.top + self.bottom == 1:
            along = self.left or self.right
            return Qt.CursorShape.SizeHorCursor if along else Qt.CursorShape.SizeVerCursor
        falling = self.left == self.top
        return Qt.CursorShape.SizeFDiagCursor if falling else Qt.CursorShape.SizeBDiagCursor


WHOLE = Grip(True, True, True, True)
CORNER = Grip(right=True, bottom=True)


def grips_of(box: QRectF) -> Iterator[tuple[QPointF, Grip]]:
    """Where the handles of a box are, corners first."""
    yield box.topLeft(), Grip(left=True, top=True)
    yield box.topRight(), Grip(right=True, top=True)
    yield box.bottomLeft(), Grip(left=True, bottom=True)
    yield box.bottomRight(), CORNER
    middle = box.center()
    if box.width() >= _ROOM_FOR_SIDE:
        yield QPointF(middle.x(), box.top()), Grip(top=True)
        yield QPointF(middle.x(), box.bottom()), Grip(bottom=True)
    if box.height() >= _ROOM_FOR_SIDE:
        yield QPointF(box.left(), middle.y()), Grip(left=True)
        yield QPointF(box.right(), middle.y()), Grip(right=True)


def grown(box: QRectF, grip: Grip, distance: QPointF, limits: QRectF) -> QRectF:
    """The box after its sides followed so far, within limits and never turned inside out."""
    x, y = distance.x(), distance.y()
    if grip == WHOLE:
        x = min(max(x, limits.left() - box.left()), limits.right() - box.right())
        y = min(max(y, limits.top() - box.top()), limits.bottom() - box.bottom())
        return box.translated(x, y)
    made = QRectF(box)
    if grip.left:
        made.setLeft(min(max(box.left() + x, limits.left()), box.right() - SMALLEST))
    if grip.top:
        made.setTop(min(max(box.top() + y, limits.top()), box.bottom() - SMALLEST))
    if grip.right:
        made.setRight(max(min(box.right() + x, limits.right()), box.left() + SMALLEST))
    if grip.bottom:
        made.setBottom(max(min(box.bottom() + y, limits.bottom()), box.top() + SMALLEST))
    return made
