"""The row in which words are searched: how many places were found, and the way from one to the next."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from assessor_desk.gui.viewers import look

_QUIET_MS = 200


class FindBar(QWidget):
    """Hidden until opened; Escape closes it and forgets the search."""

    query_changed = Signal(str)
    stepped = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._words = QLineEdit(self)
        self._words.setPlaceholderText("Find in this document")
        self._words.setAccessibleName("Find in this document")
        self._words.setMaximumWidth(320)
        self._words.setProperty("seeks", True)  # Shift+Return is the field's
        self._count = look.quiet_label(self)
        self._count.setMinimumWidth(96)
        look.tabular(self._count)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_QUIET_MS)
        self._pause.timeout.connect(lambda: self.query_changed.emit(self._words.text()))
        self._words.textEdited.connect(lambda _: self._pause.start())
        self._words.textChanged.connect(self._on_text_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 6)
        row.setSpacing(4)
        row.addWidget(self._words, 1)
        row.addWidget(
            look.tool_button(
                self, "chevron-left", "Previous place", "find_previous", lambda: self.stepped.emit(-1)
            )
        )
        row.addWidget(
            look.tool_button(self, "chevron-right", "Next place", "find_next", lambda: self.stepped.emit(1))
        )
        row.addWidget(self._count)
        row.addStretch(1)
        close = look.tool_button(self, "x", "Close the search", "", self.close_search)
        look.tell(close, "Close the search (Esc)")
        row.addWidget(close)
        self.hide()

    @property
    def query(self) -> str:
        """The words searched; empty while the row is closed."""
        return self._words.text() if not self.isHidden() else ""

    def open(self) -> None:
        """Show the row with the cursor in it."""
        self.show()
        self._words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._words.selectAll()
        if self._words.text():
            self.query_changed.emit(self._words.text())

    def close_search(self) -> None:
        """Hide the row and forget what was found."""
        if self.isHidden():
            return
        self.hide()
        self._pause.stop()
        self.query_changed.emit("")
        self._parent.setFocus()

    def search_for(self, words: str) -> None:
        """Put words into the row, as if they had been typed."""
        self._words.setText(words)
        self.open()

    def say(self, words: str) -> None:
        """How many places were found."""
        self._count.setText(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_search()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._search_at_once()
            self.stepped.emit(-1 if back else 1)
        else:
            super().keyPressEvent(event)

    def _search_at_once(self) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self.query_changed.emit(self._words.text())

    def _on_text_changed(self, words: str) -> None:
        if not words:
            self._pause.stop()
            self.query_changed.emit("")


def places_found(current: int, count: int, searching: bool) -> str:
    """The count in words: `3 of 12`, with an ellipsis while the rest is being searched."""
    more = "…" if searching else ""
    if count == 0:
        return "Searching…" if searching else "Not found"
    return f"{current + 1} of {count}{more}"
