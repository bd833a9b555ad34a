"""The picture of a recording, with its captions over it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from assessor_desk.gui import theme

_RADIUS = 6.0
_SETTLED_MS = 120
_CAPTION_GROUND = QColor(0, 0, 0, 204)
_CAPTION_TEXT = QColor(255, 255, 255)
_NORMAL_TEXT = 13
_LOWEST = 40
"""Between two artifacts on a small screen a picture is small, but all of it is seen."""
_FLAGS = int(Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value)


class PictureView(QWidget):
    """Paints the last picture as large as it fits. Captions stay white on black in every appearance."""

    room_changed = Signal(QSize)
    """Device pixels there are for a picture, once resizing has settled."""

    clicked = Signal()
    double_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(_LOWEST)
        self._image = QImage()
        self._caption, self._words = "", ""
        self._shape = QSize(16, 9)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._settled.timeout.connect(lambda: self.room_changed.emit(self.room()))

    def room(self) -> QSize:
        """Device pixels there are for a picture."""
        scale = self.devicePixelRatioF()
        return QSize(round(self.width() * scale), round(self.height() * scale))

    def set_shape(self, width: int, height: int) -> None:
        """The proportions of the pictures to come."""
        self._shape = QSize(max(1, width), max(1, height))
        self._image = QImage()
        self.update()

    def show_picture(self, image: QImage) -> None:
        """Show another picture."""
        self._image = image
        self.update()

    def show_caption(self, text: str) -> None:
        """Show words over the picture, or none."""
        if text != self._caption:
            self._caption = text
            self.update()

    def show_words(self, text: str) -> None:
        """Say in the middle what is going on, or nothing."""
        if text != self._words:
            self._words = text
            self.update()

    @property
    def words(self) -> str:
        """What it says in the middle."""
        return self._words

    @property
    def image(self) -> QImage:
        """The picture in sight."""
        return self._image

    @property
    def caption(self) -> str:
        """The words in sight."""
        return self._caption

    def fitted(self, room: QSize) -> QSize:
        """How large a picture would be in so much room."""
        return self._shape.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)

    def frame(self) -> QRectF:
        """Where the picture is painted."""
        size = self.fitted(self.size())
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, picture, caption."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self.frame()
        rounded = QPainterPath()
        rounded.addRoundedRect(frame, _RADIUS, _RADIUS)
        if self._image.isNull():
            painter.fillPath(rounded, theme.colour("video"))
        else:
            self._paint_image(painter, frame, rounded)
        if self._caption:
            paint_caption(painter, frame, self._caption, self.fontInfo().pixelSize() / _NORMAL_TEXT)
        if self._words:
            paint_notice(painter, frame, self._words)

    def _paint_image(self, painter: QPainter, frame: QRectF, rounded: QPainterPath) -> None:
        # A picture that already has the right size is copied; clipping it smoothly would cost ten times that.
        target = frame.toRect()
        scale = self.devicePixelRatioF()
        near = abs(self._image.width() - target.width() * scale) <= 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not near)
        painter.drawImage(target, self._image)
        corners = QPainterPath()
        corners.addRect(QRectF(target))
        painter.fillPath(corners.subtracted(rounded), self.palette().color(self.backgroundRole()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for pictures of another size once the window is at rest."""
        super().resizeEvent(event)
        self._settled.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click plays or pauses."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click fills the screen, or leaves it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()


def paint_caption(painter: QPainter, frame: QRectF, text: str, text_size: float = 1.0) -> None:
    """White words on black, centred near the bottom of `frame`; as large as the text of the window is, times normal.

    Nothing where they would cover more of a small picture than they leave.
    """
    font = QFont(painter.font())
    own = max(13.0, min(32.0, frame.height() * 0.038)) * text_size
    font.setPixelSize(round(min(own, max(13.0, frame.height() * 0.1))))
    painter.setFont(font)
    ground = _ground_of(painter, frame, text)
    if ground.height() > frame.height() / 2:
        return
    ground.moveBottom(frame.bottom() - max(10.0, min(22.0, frame.height() * 0.05)))
    _paint_on_black(painter, ground, text)


def paint_notice(painter: QPainter, frame: QRectF, text: str) -> None:
    """A word on what is going on, in the middle of `frame`."""
    painter.save()
    _paint_on_black(painter, _ground_of(painter, frame, text), text)
    painter.restore()


def _ground_of(painter: QPainter, frame: QRectF, text: str) -> QRectF:
    room = QRectF(0, 0, frame.width() * 0.86, frame.height() * 0.6)
    words = QFontMetricsF(painter.font()).boundingRect(room, _FLAGS, text)
    ground = QRectF(0, 0, words.width() + 24, words.height() + 10)
    ground.moveCenter(frame.center())
    return ground


def _paint_on_black(painter: QPainter, ground: QRectF, text: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_CAPTION_GROUND)
    painter.drawRoundedRect(ground, 4, 4)
    painter.setPen(_CAPTION_TEXT)
    painter.drawText(ground, _FLAGS, text)
