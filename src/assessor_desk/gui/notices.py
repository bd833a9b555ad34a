"""Short sentences at the lower edge of the evidence: what was done, what was refused, and what to do about it.

They cover no controls. Notices queue before there is a window, stack, are never told twice at the same time, and leave
by themselves unless they need a person. Screen readers hear them.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from assessor_desk.gui import icons, theme
from assessor_desk.gui.controls import TONES, quiet_button

SHOWN_MS = 6000
MOST = 4
_NARROWEST = 240


class Notices(QWidget):
    """The stack of notices, over the lower edge of the window it settles on."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._shown: list[_Notice] = []
        self._stage: Callable[[], QWidget] | None = None
        self._hushed = False
        self.hide()

    def stay_over(self, stage: Callable[[], QWidget]) -> None:
        """From now on stay within what `stage` gives, asked each time: a part of the window without controls."""
        self._stage = stage
        self._place()

    def settle_on(self, window: QWidget) -> None:
        """Move over the lower edge of a window, with what was told before there was one."""
        self.setParent(window)
        window.installEventFilter(self)
        self._place()

    def hush(self, hushed: bool) -> None:
        """Show none while the window is locked; they are there again afterwards."""
        self._hushed = hushed
        self._place()

    @property
    def sentences(self) -> list[str]:
        """What is being told, oldest first."""
        return [notice.sentence for notice in self._shown]

    def tell(
        self,
        sentence: str,
        tone: str = "neutral",
        action: tuple[str, Callable[[], None]] | None = None,
        whole: str = "",
    ) -> None:
        """Tell a sentence. Those in tone `danger` or with an action stay until they are closed.

        `whole` is what was shortened in the sentence, for its tooltip and for screen readers.
        """
        if sentence in self.sentences:
            return
        while len(self._shown) >= MOST:
            self._drop(self._shown[0])
        notice = _Notice(sentence, tone, action, whole, self)
        notice.cross.clicked.connect(lambda: self._drop(notice))
        self._shown.append(notice)
        self._column.addWidget(notice)
        if tone != "danger" and action is None:
            QTimer.singleShot(SHOWN_MS, notice, lambda: self._drop(notice))
        self._place()
        if not self._hushed:
            self._announce(sentence)

    def take_back(self, sentence: str) -> None:
        """Take a sentence away that no longer holds."""
        for notice in [one for one in self._shown if one.sentence == sentence]:
            self._drop(notice)

    def clear(self) -> None:
        """Take all of them away."""
        for notice in list(self._shown):
            self._drop(notice)

    def _drop(self, notice: _Notice) -> None:
        if notice in self._shown:
            self._shown.remove(notice)
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
            self._place()

    def _announce(self, sentence: str) -> None:
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))

    def _place(self) -> None:
        parent = self.parentWidget()
        self.setVisible(bool(self._shown) and parent is not None and not self._hushed)
        if parent is None or self.isHidden():
            return
        room = self._room(parent)
        width = min(560, room.width() - 32)
        self.setFixedWidth(width)
        heights = [notice.keep_height(width) for notice in self._shown]
        height = sum(heights) + self._column.spacing() * (len(heights) - 1)
        left, low = room.left() + (room.width() - width) // 2, room.bottom() - height - 12
        self.setGeometry(left, max(0, low), width, height)
        self.raise_()

    def _room(self, parent: QWidget) -> QRect:
        stage = self._stage() if self._stage is not None else None
        if stage is None or not stage.isVisible() or stage.width() < _NARROWEST:
            return parent.rect().adjusted(0, 0, 0, -52)
        return QRect(stage.mapTo(parent, QPoint(0, 0)), stage.size())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge when the window changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)


class _Notice(QWidget):
    """One sentence, perhaps an act, and a cross."""

    def __init__(
        self,
        sentence: str,
        tone: str,
        action: tuple[str, Callable[[], None]] | None,
        whole: str,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.sentence = sentence
        self._tone = tone
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        label = QLabel(sentence, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setToolTip(whole)
        label.setAccessibleDescription(whole)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cross = QToolButton(self)
        self.cross.setIcon(icons.icon("x"))
        self.cross.setAccessibleName("Close this notice")
        row.addWidget(label, 1)
        if action is not None:
            button = quiet_button(action[0], self)
            button.clicked.connect(action[1])
            button.clicked.connect(self.cross.click)
            row.addWidget(button)
        row.addWidget(self.cross)

    def keep_height(self, width: int) -> int:
        """As many lines as the sentence takes at this width, in pixels.

        The column leaves out what is not shown yet, and shares what is left of the height among the others.
        """
        row = self.layout()
        assert row is not None
        row.activate()
        height = row.heightForWidth(width) if row.hasHeightForWidth() else row.sizeHint().height()
        self.setFixedHeight(height)
        return height

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A raised surface with an edge in the tone."""
        text, ground = TONES[self._tone]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(text), 1))
        painter.setBrush(theme.colour("surface" if self._tone == "neutral" else ground))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)
