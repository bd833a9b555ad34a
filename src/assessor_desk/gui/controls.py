"""Small widgets that every pane uses, so that they look and behave alike."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.domain.anchor_signs import Shape
from assessor_desk.gui import icons, theme
from assessor_desk.gui.anchor_sign import paint_sign
from assessor_desk.gui.dialogs.sizing import scrolled

#: Tone → (text, ground) by name of colour.
TONES = {
    "neutral": ("muted", "sunken"),
    "positive": ("positive", "positive_soft"),
    "caution": ("caution", "caution_soft"),
    "danger": ("danger", "danger_soft"),
    "accent": ("accent", "soft"),
}


def primary_button(text: str, parent: QWidget | None = None) -> QPushButton:
    """The one button a page leads to."""
    return _button(text, "primary", parent)


def outlined_button(text: str, parent: QWidget | None = None) -> QPushButton:
    """A button beside the primary one."""
    return _button(text, "outlined", parent)


def quiet_button(text: str, parent: QWidget | None = None) -> QPushButton:
    """A button without a frame, for acts that are seldom or small."""
    return _button(text, "quiet", parent)


class _Button(QPushButton):
    """Return presses the button that has the focus, never the default one instead of it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and Enter press, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.click()
        else:
            super().keyPressEvent(event)


def _button(text: str, name: str, parent: QWidget | None) -> QPushButton:
    button = _Button(text, parent)
    button.setObjectName(name)
    button.setAutoDefault(False)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def set_icon(button: QPushButton, name: str, colour: str = "accent") -> None:
    """Put an icon before a button's words, apart from them."""
    button.setIcon(icons.icon(name, colour))
    button.setIconSize(QSize(21, 16))


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet asks for, and have the widget look as it says."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Card(QFrame):
    """A surface with a hairline; the current one has a frame in the accent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")

    def set_current(self, current: bool) -> None:
        """Frame it as the one being worked on."""
        restyle(self, "current", current)


class Pill(QWidget):
    """A word or two on a rounded ground; its tone never says anything the words do not."""

    def __init__(self, text: str, tone: str = "neutral", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._tone = text, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.say(text, tone)

    def say(self, text: str, tone: str = "neutral") -> None:
        """Say something else."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def sizeHint(self) -> QSize:
        """As wide as the words."""
        metrics = self._metrics()
        return QSize(metrics.horizontalAdvance(self._text) + 16, metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        """The words are never cut."""
        return self.sizeHint()

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(self._small())

    def _small(self) -> QFont:
        font = self.font()
        font.setPixelSize(max(9, round(self.fontInfo().pixelSize() * 11 / 13)))
        return font

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground and words."""
        text, ground = TONES[self._tone]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(self.rect(), 10, 10)
        painter.setPen(theme.colour(text))
        painter.setFont(self._small())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)


class Chip(QAbstractButton):
    """An anchor to click: its criterion's sign, its words, and a cross, darker under the mouse or focus."""

    removed = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(
        self,
        text: str,
        colour: QColor,
        parent: QWidget | None = None,
        *,
        removable: bool = False,
        shape: Shape = Shape.SQUARE,
    ) -> None:
        super().__init__(parent)
        self._colour, self._shape = colour, shape
        self._removable = removable
        self.setText(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Square, words, and room for the cross."""
        width = self.fontMetrics().horizontalAdvance(self.text()) + 34 + (16 if self._removable else 0)
        return QSize(min(width, 420), max(24, self.fontMetrics().height() + 8))

    def minimumSizeHint(self) -> QSize:
        """Long words are elided."""
        return QSize(60, self.sizeHint().height())

    def _cross(self) -> QRectF:
        return QRectF(self.width() - 22, (self.height() - 14) / 2, 14, 14)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, square, words, cross."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(
            QPen(theme.colour("accent" if self.hasFocus() else "hair"), 2 if self.hasFocus() else 1)
        )
        painter.setBrush(theme.colour("sunken" if self.underMouse() else "surface"))
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        paint_sign(painter, QRectF(10, (self.height() - 9) / 2, 9, 9), self._colour, self._shape)
        room = self.width() - 34 - (16 if self._removable else 0)
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room + 2)
        painter.setPen(theme.colour("text"))
        painter.drawText(QRectF(24, 0, room + 4, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
        if self._removable:
            held = self.underMouse() or self.hasFocus()
            icons.icon("x", "text" if held else "border").paint(painter, self._cross().toRect())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the cross removes; elsewhere it goes to the anchor."""
        if self._removable and self._cross().adjusted(-4, -6, 4, 6).contains(event.position()):
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes, Return goes there, the menu key opens the menu."""
        if self._removable and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu."""
        self.menu_wanted.emit(event.globalPos())


class KeyCap(QLabel):
    """A key to press, as a small cap."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("keyCap")
        self.setAccessibleName(f"key {text}")


def wrapped_label(words: str, name: str, parent: QWidget) -> QLabel:
    """Plain words over as many lines as they take, in the style of that name."""
    label = QLabel(words, parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def button_row(*buttons: QPushButton, left: QPushButton | None = None) -> QHBoxLayout:
    """The foot of a box: its buttons at the right, one at the left where there is one."""
    row = QHBoxLayout()
    row.setSpacing(8)
    if left is not None:
        row.addWidget(left)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row


class ElidedLabel(QLabel):
    """One line of text that shows what fits and tells the rest in its tooltip; a path keeps both its ends."""

    def __init__(
        self,
        text: str,
        parent: QWidget | None = None,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._whole, self._mode = text, elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(40)
        self._elide()

    def say(self, text: str) -> None:
        """Say something else."""
        self._whole = text
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._mode, max(self.width(), 40))
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")
        self.setAccessibleName(self._whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width shows more or less."""
        super().resizeEvent(event)
        self._elide()


class EmptyState(QWidget):
    """What stands where nothing is yet: an icon, what this place is for, and what to do.

    Where there is too little room for the words, as in one of two halves at 200 %, they scroll.
    """

    def __init__(
        self,
        icon: str,
        title: str,
        words: str,
        action: QPushButton | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._title = QLabel(self)
        self._title.setObjectName("emptyTitle")
        self._words = QLabel(self)
        self._words.setObjectName("muted")
        inside = QWidget(self)
        column = self.column = QVBoxLayout(inside)
        column.setContentsMargins(6, 12, 6, 12)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self._icon)
        for label in (self._title, self._words):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        if action is not None:
            action.setParent(self)
            column.addWidget(action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._scroll = scrolled(inside, title, self)
        # A button that is wider yet is reached, and not cut.
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        around = QVBoxLayout(self)
        around.setContentsMargins(6, 6, 6, 6)
        around.addWidget(self._scroll)
        theme.changed.connect(self._draw_icon)
        self.say(icon, title, words)

    @property
    def title(self) -> str:
        """Its first line."""
        return self._title.text()

    @property
    def words(self) -> str:
        """What it says to do."""
        return self._words.text()

    def say(self, icon: str, title: str, words: str) -> None:
        """Say something else."""
        self._icon_name = icon
        self._title.setText(title)
        self._words.setText(words)
        self._scroll.setAccessibleName(title)
        self._draw_icon()

    def _draw_icon(self) -> None:
        self._icon.setPixmap(
            icons.icon(self._icon_name, "muted").pixmap(QSize(32, 32), self.devicePixelRatioF())
        )
