"""Search in the words of all delivered reviews: type, see where they stand, go there."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from assessor_desk.desk.queued import FoundText
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui import theme
from assessor_desk.gui.session import Session

AT_ONCE = 30
#: What the style sheet keeps free around an entry of a list.
_ENTRY_PADDING = 10
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}


class SearchReviews(QDialog):
    """The first results at once, more as one goes down the list. `chosen` carries the text to go to."""

    chosen = Signal(object)

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.found: list[FoundText] = []
        self._asked = 0
        self._all_here = True
        self.setWindowTitle("Search in reviews")
        self.resize(min(680, parent.width() - 40), min(560, parent.height() - 80))
        self.field = QLineEdit(self)
        self.field.setMinimumHeight(32)
        self.field.setPlaceholderText("Words of a rationale, of feedback, of an anchor")
        self.field.setAccessibleName("Search in all delivered reviews")
        self.field.textChanged.connect(self._begin)
        self.field.returnPressed.connect(self._on_chosen)
        self.field.installEventFilter(self)
        self.told = QLabel("All texts of the reviews delivered to you.", self)
        self.told.setObjectName("muted")
        self.told.setWordWrap(True)
        self.list = self._make_list()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(8)
        for widget in (self.field, self.told, self.list):
            column.addWidget(widget)
        self.field.setFocus()

    def _make_list(self) -> QListWidget:
        found = QListWidget(self)
        found.setAccessibleName("Texts found")
        found.setWordWrap(True)
        found.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        found.itemActivated.connect(self._on_chosen)
        found.itemClicked.connect(self._on_chosen)
        found.currentRowChanged.connect(self._on_row)
        found.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        return found

    # Asking

    def _begin(self) -> None:
        self._asked += 1
        self._ask(0)

    def _ask(self, offset: int) -> None:
        """Ask for the next results; an answer to words that were typed over is dropped."""
        asked, words, queue = self._asked, self.field.text(), self._session.desk.queue
        self._all_here = True

        def done(found: list[FoundText]) -> None:
            if asked == self._asked:
                self._show(found, offset)

        self._session.tasks.side(lambda: queue.search(words, AT_ONCE, offset), done, self._refuse)

    def _refuse(self, error: DeskError) -> None:
        self.told.setText(sentence(error))

    def _show(self, found: list[FoundText], offset: int) -> None:
        if not offset:
            self.found = []
            self.list.clear()
        self.found += found
        self._all_here = len(found) < AT_ONCE
        for one in found:
            self._add(one)
        if not offset and found:
            self.list.setCurrentRow(0)
        self.told.setText(self._in_words())

    def _in_words(self) -> str:
        if not self.field.text().strip():
            return "All texts of the reviews delivered to you."
        count = len(self.found)
        if not count:
            return "Nowhere do all these words stand together in one text."
        more = "" if self._all_here else ", and more below"
        return f"{count} text{'' if count == 1 else 's'}{more}"

    def _add(self, one: FoundText) -> None:
        item = QListWidgetItem(self.list)
        item.setData(
            Qt.ItemDataRole.AccessibleTextRole, f"{one.key}, {one.where}: {one.before}{one.hit}{one.after}"
        )
        muted, accent = theme.colour("muted").name(), theme.colour("accent").name()
        label = QLabel(
            f"<b>{escape(one.key)}</b> <span style='color:{muted}'>{escape(one.where)}</span><br>"
            f"{escape(one.before)}<b style='color:{accent}'>{escape(one.hit)}</b>{escape(one.after)}",
            self.list,
        )
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setWordWrap(True)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        room = self.list.viewport().width() - 2 * _ENTRY_PADDING
        item.setSizeHint(QSize(0, label.heightForWidth(room) + 2 * _ENTRY_PADDING))
        self.list.setItemWidget(item, label)

    # Choosing

    def _on_row(self, row: int) -> None:
        if row >= len(self.found) - 5 and not self._all_here:
            self._ask(len(self.found))

    def _on_scrolled(self, value: int) -> None:
        if value >= self.list.verticalScrollBar().maximum() - 200 and not self._all_here:
            self._ask(len(self.found))

    def _on_chosen(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.found):
            self.accept()
            self.chosen.emit(self.found[row])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list while the field keeps the cursor."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _STEPS.get(Qt.Key(event.key()))
            if step and self.list.count():
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
                return True
        return super().eventFilter(watched, event)
