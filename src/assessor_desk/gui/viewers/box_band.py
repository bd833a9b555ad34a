"""A box being placed on a page or picture: dragged with the mouse, or moved and sized with the arrow keys.

Everything is in fractions of the page, so a box survives zooming while it is being placed.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt

_STEP = 0.01
_FIRST = QRectF(0.3, 0.4, 0.4, 0.2)

_ARROWS = {
    Qt.Key.Key_Left: (-_STEP, 0.0),
    Qt.Key.Key_Right: (_STEP, 0.0),
    Qt.Key.Key_Up: (0.0, -_STEP),
    Qt.Key.Key_Down: (0.0, _STEP),
}


@dataclass(frozen=True, slots=True)
class Band:
    """From where it was begun to where it is now; once `placed` it waits to be cited."""

    page: int
    origin: QPointF
    corner: QPointF
    placed: bool = False

    @classmethod
    def for_keys(cls, page: int) -> Band:
        """A box in the middle of the page, to be moved."""
        return cls(page, _FIRST.topLeft(), _FIRST.bottomRight(), placed=True)

    @property
    def share(self) -> QRectF:
        """The box in fractions."""
        return QRectF(self.origin, self.corner).normalized()

    def dragged(self, corner: QPointF) -> Band:
        return Band(self.page, self.origin, corner)

    def at_rest(self) -> Band:
        """The box once the mouse lets go."""
        return Band(self.page, self.origin, self.corner, placed=True)

    def after_key(self, key: int, sizing: bool) -> Band | None:
        """The box after an arrow key: moved, or with `sizing` its lower right corner; None for other keys."""
        step = _ARROWS.get(Qt.Key(key))
        if step is None:
            return None
        share = self.share
        if sizing:
            share.setRight(min(max(share.right() + step[0], share.left() + _STEP), 1.0))
            share.setBottom(min(max(share.bottom() + step[1], share.top() + _STEP), 1.0))
        else:
            share.moveLeft(min(max(share.left() + step[0], 0.0), 1.0 - share.width()))
            share.moveTop(min(max(share.top() + step[1], 0.0), 1.0 - share.height()))
        return Band(self.page, share.topLeft(), share.bottomRight(), placed=True)
