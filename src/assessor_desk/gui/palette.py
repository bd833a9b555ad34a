"""Ctrl+K: every command and every submission, found by a few letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

MOST = 40


@dataclass(frozen=True)
class Entry:
    """Something to go to or to do; `hint` stands behind it (keys, a due date)."""

    title: str
    hint: str
    run: Callable[[], None]


def matches(words: str, title: str) -> int | None:
    """How well `title` fits the letters typed, lower is better; None where it does not.

    The letters must occur in order; a run of them, and the beginning of a word, count as better.
    """
    wanted, text = words.casefold().replace(" ", ""), title.casefold()
    if words.casefold().strip() in text:
        return text.index(words.casefold().strip())
    score, place = 100, -1
    for letter in wanted:
        found = text.find(letter, place + 1)
        if found < 0:
            return None
        score += found - place - 1
        place = found
    return score


class Palette(QDialog):
    """A field and a list; the arrows choose, Return does it, Escape leaves."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._entries = entries
        self._field = QLineEdit(self)
        self._field.setPlaceholderText("A command or a submission")
        self._field.setAccessibleName("Find a command or a submission")
        self._field.textChanged.connect(self._fill)
        self._field.returnPressed.connect(self._on_chosen)
        self._field.installEventFilter(self)
        self._list = QListWidget(self)
        self._list.setAccessibleName("Found")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemClicked.connect(self._on_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._field)
        column.addWidget(self._list)
        width = min(560, parent.width() - 40)
        self.resize(width, min(460, parent.height() - 80))
        where = parent.mapToGlobal(parent.rect().topLeft())
        self.move(where.x() + (parent.width() - width) // 2, where.y() + 52)
        self._found: list[Entry] = []
        self._fill("")
        self._field.setFocus()

    def _fill(self, words: str) -> None:
        scored = [(matches(words, entry.title), number) for number, entry in enumerate(self._entries)]
        fitting = sorted((score, number) for score, number in scored if score is not None)
        self._found = [self._entries[number] for _, number in fitting[:MOST]]
        self._list.clear()
        for entry in self._found:
            self._list.addItem(
                QListWidgetItem(f"{entry.title}    {entry.hint}" if entry.hint else entry.title)
            )
        if self._found:
            self._list.setCurrentRow(0)

    def _on_chosen(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._found):
            chosen = self._found[row]
            self.accept()
            chosen.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list while the field keeps the cursor."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
                Qt.Key(event.key())
            )
            if step:
                row = max(0, min(self._list.count() - 1, self._list.currentRow() + step))
                self._list.setCurrentRow(row)
                return True
        return super().eventFilter(watched, event)
