"""One set of outlined icons (Lucide, ISC licence), drawn in the text's colour of the appearance in force."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from assessor_desk.gui import theme
from assessor_desk.places import resources


@cache
def _drawing(name: str) -> str:
    return (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


class _Outline(QIconEngine):
    """Draws an SVG outline in a colour of the theme, sharp at any size."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name, self._colour = name, colour

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Paint into `rect`, muted where disabled; in a wide one at its left, so that a button's words keep away."""
        colour = theme.colour("muted" if mode == QIcon.Mode.Disabled else self._colour).name()
        drawing = _drawing(self._name).replace("currentColor", colour)
        QSvgRenderer(QByteArray(drawing.encode())).render(painter, _square(QRectF(rect)))  # type: ignore[call-overload]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Paint onto a transparent pixmap; Qt also asks for one without a size."""
        pixmap = QPixmap(size)
        if size.isEmpty():
            return pixmap
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """A copy, as Qt asks for."""
        return _Outline(self._name, self._colour)


def _square(rect: QRectF) -> QRectF:
    side = min(rect.width(), rect.height())
    left = rect.left() if rect.width() > side * 1.1 else rect.left() + (rect.width() - side) / 2
    return QRectF(left, rect.top() + (rect.height() - side) / 2, side, side)


def icon(name: str, colour: str = "text") -> QIcon:
    """The icon of that name. Raises FileNotFoundError where there is none."""
    _drawing(name)
    return QIcon(_Outline(name, colour))
