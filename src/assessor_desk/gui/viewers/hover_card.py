"""What is at the place under the mouse: the time, and a small picture."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.anchor import clock
from assessor_desk.gui import theme

_PICTURE = QSize(160, 90)
_MARGIN = 4
_WORDS = 20
_FAR_MS = 60_000


class HoverCard(QWidget):
    """Stands above the timeline, inside the viewer; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ms, self._pictured = 0, False
        self._image, self._image_ms = QImage(), -_FAR_MS
        self.hide()

    def show_time(self, ms: int, pictured: bool) -> None:
        """Say the time; a picture follows where there is any."""
        self._ms, self._pictured = ms, pictured
        height = _WORDS + _MARGIN * 2 + (_PICTURE.height() if pictured else 0)
        self.resize((_PICTURE.width() if pictured else 64) + _MARGIN * 2, height)
        self.raise_()
        self.show()
        self.update()

    def show_picture(self, ms: int, image: QImage) -> None:
        """The picture near a moment."""
        self._image, self._image_ms = image, ms
        self.update()

    def stand_above(self, place: QPoint) -> None:
        """Stand above a place of the parent, not sticking out of it."""
        parent = self.parentWidget()
        room = (parent.width() if parent is not None else 0) - self.width()
        left = max(0, min(place.x() - self.width() // 2, room))
        self.move(left, max(0, place.y() - self.height() - 2))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, picture, time."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(QPen(theme.colour("hair"), 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if self._pictured:
            frame = QRectF(_MARGIN, _MARGIN, _PICTURE.width(), _PICTURE.height())
            painter.fillRect(frame, theme.colour("video"))
            if not self._image.isNull() and abs(self._image_ms - self._ms) < _FAR_MS:
                size = self._image.size().scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
                inner = QRectF(0, 0, size.width(), size.height())
                inner.moveCenter(frame.center())
                painter.drawImage(inner, self._image)
        painter.setPen(theme.colour("text"))
        words = QRectF(0, self.height() - _WORDS - _MARGIN / 2, self.width(), _WORDS)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, clock(self._ms))
