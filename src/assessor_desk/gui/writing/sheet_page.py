"""The page on which somebody works: what it is about on top, cards to be scrolled, and where it leads at the foot."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.gui.tab_order import in_layout_order, set_tab_order
from assessor_desk.gui.writing.banner import Banner
from assessor_desk.gui.writing.text_field import TextField

#: Pixels kept in sight above and below the line being written.
_ROOM_AROUND_CURSOR = 60
#: Pixels kept free between what is told below a text and the page's foot.
_ROOM_BELOW = 12
#: Pixels along the edges in which something carried scrolls the page, and by how many at a time.
_EDGE = 40
_EDGE_STEP = 24


class SheetPage(QWidget):
    """Header, cards and footer. What is being written stays in sight, and Tab goes from top to bottom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card: QWidget | None = None
        self.title, self.facts, self.banner = QLabel(self), QLabel(self), Banner(self)
        self.progress = QLabel(self)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setAccessibleName("Criterion by criterion")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setAccessibleName("Criteria and texts")
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header())
        column.addWidget(self._scroll, 1)
        column.addWidget(self._footer())
        self._tabs_timer = self._soon(self._arrange_tabs)
        self._sight_timer = self._soon(self._bring_into_sight)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_room_changed)

    def _soon(self, slot: Callable[[], None]) -> QTimer:
        """Started, it runs `slot` once, after the layouts have settled."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    def _header(self) -> QWidget:
        header = QWidget(self)
        header.setObjectName("rubricHeader")
        lines = QVBoxLayout(header)
        lines.setContentsMargins(16, 14, 16, 10)
        lines.setSpacing(2)
        self.title.setObjectName("paneTitle")
        self.facts.setObjectName("muted")
        for label in (self.title, self.facts):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            lines.addWidget(label)
        lines.addWidget(self.banner)
        return header

    def _footer(self) -> QWidget:
        footer = QWidget(self)
        footer.setObjectName("rubricFooter")
        footer.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._foot = QHBoxLayout(footer)
        self._foot.setContentsMargins(16, 10, 16, 10)
        self._foot.setSpacing(8)
        self.progress.setObjectName("muted")
        self.progress.setWordWrap(True)
        self._foot.addWidget(self.progress, 1)
        return footer

    def lead_to(self, *buttons: QPushButton) -> None:
        """Put buttons at the foot, from left to right."""
        for button in buttons:
            self._foot.addWidget(button)

    def show_cards(self, content: QWidget) -> None:
        """Show these cards; those of before go."""
        self._card = None
        self._scroll.setWidget(content)
        self._arrange_tabs()

    def renew(self) -> None:
        """From the top, with no cursor in the cards: they are about to show another submission."""
        self._card = None
        self._sight_timer.stop()
        content, focused = self._scroll.widget(), QApplication.focusWidget()
        if content is not None and focused is not None and content.isAncestorOf(focused):
            self.take_focus()
        self._scroll.verticalScrollBar().setValue(0)

    def follow(self, card: QWidget | None) -> None:
        """Bring a card into sight once it has its height, and what is written in it."""
        self._card = card
        self._sight_timer.start()

    def follow_writing(self) -> None:
        """Bring into sight what is being written."""
        self._sight_timer.start()

    def reveal(self, widget: QWidget) -> None:
        """Scroll until a widget can be seen."""
        self._scroll.ensureWidgetVisible(widget)

    def scroll_at_edge(self, where: QPoint) -> None:
        """Scroll on while something is carried along the upper or lower edge."""
        view, bar = self._scroll.viewport(), self._scroll.verticalScrollBar()
        height = view.mapFromGlobal(where).y()
        if height < _EDGE:
            bar.setValue(bar.value() - _EDGE_STEP)
        elif height > view.height() - _EDGE:
            bar.setValue(bar.value() + _EDGE_STEP)

    def rearranged(self) -> None:
        """Widgets have come or gone: Tab shall still go from top to bottom."""
        self._tabs_timer.start()

    def take_focus(self) -> None:
        """Take the keys out of the cards, so that they go into no text."""
        self._scroll.setFocus(Qt.FocusReason.OtherFocusReason)

    def _bring_into_sight(self) -> None:
        """What is being written in sight, else the current card from its heading on."""
        content, card = self._scroll.widget(), self._card
        if content is None:
            return
        QApplication.sendPostedEvents(content, QEvent.Type.LayoutRequest)
        writing = content.focusWidget()
        # Asked of the window, not of the field: a dialog that is still closing has the keys for a moment longer.
        if isinstance(writing, TextField) and self._writes_in(writing):
            cursor = writing.mapTo(content, writing.cursorRect().center())
            self._bring_told(content, writing, cursor)
            self._scroll.ensureVisible(cursor.x(), cursor.y(), 0, _ROOM_AROUND_CURSOR)
        elif card is not None:
            self._scroll.ensureWidgetVisible(card, 0, 12)
            if card.height() > self._scroll.viewport().height():
                self._scroll.verticalScrollBar().setValue(card.y() - 12)

    def _bring_told(self, content: QWidget, writing: TextField, cursor: QPoint) -> None:
        """What is told below a text in sight to its last line, as far as the cursor leaves room for it."""
        told = writing.told_below
        if told is None or not told.isVisible():
            return
        end = told.mapTo(content, QPoint(0, told.height())).y()
        room = self._scroll.viewport().height() - _ROOM_AROUND_CURSOR - _ROOM_BELOW
        self._scroll.ensureVisible(cursor.x(), min(end, cursor.y() + room), 0, _ROOM_BELOW)

    def _writes_in(self, field: TextField) -> bool:
        return field is self.window().focusWidget()

    def _on_room_changed(self) -> None:
        """Cards take their heights in several passes; what is being written must be in sight after the last."""
        content = self._scroll.widget()
        writing = content.focusWidget() if content else None
        if isinstance(writing, TextField) and self._writes_in(writing):
            self._sight_timer.start()

    def _arrange_tabs(self) -> None:
        """Chips come and go; the Tab key still goes through the page from top to bottom."""
        set_tab_order(in_layout_order(self))
