"""Keys and help on one sheet: what each key does, and how the work goes, in a few lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.gui.actions import TABLE, Actions
from assessor_desk.gui.controls import KeyCap, outlined_button
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled

_HOW = (
    "Check first that everything is there and can be opened. Then choose a level for each criterion, anchor what you "
    "saw, and say why. What is still needed before sealing stands where it belongs, and nothing is lost when you "
    "stop half-way."
)
_LEFT = ("Review", "Recording", "Recording, while it has the focus")


class HelpSheet(QDialog):
    """The keys in force, by section; Escape closes it."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setWindowTitle("Keys and help")
        resize_within(self, 940, 640)
        how = QLabel(_HOW, self)
        how.setObjectName("muted")
        how.setWordWrap(True)
        columns = QHBoxLayout()
        columns.setSpacing(32)
        left, right = self._columns()
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 20, 20, 12)
        column.setSpacing(16)
        column.addWidget(how)
        column.addLayout(columns)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inside, "Keys and help", self), 1)
        outer.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        close = outlined_button("Close", self)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setContentsMargins(20, 8, 20, 16)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _columns(self) -> tuple[QVBoxLayout, QVBoxLayout]:
        left, right = QVBoxLayout(), QVBoxLayout()
        for side in (left, right):
            side.setSpacing(12)
        sections = list(dict.fromkeys(action.section for action in TABLE))
        for section in sections:
            side = left if section in _LEFT else right
            side.addLayout(self._section(section, self._keys_of(section)))
        for side in (left, right):
            side.addStretch(1)
        return left, right

    def _keys_of(self, section: str) -> list[tuple[str, tuple[str, ...]]]:
        """Titles and keys, the digits told in one line."""
        told = [action for action in TABLE if action.section == section]
        levels = [action for action in told if action.id.startswith("level_")]
        lines = [
            (action.title.rstrip("…"), self._actions.keys(action.id))
            for action in told
            if action not in levels
        ]
        if levels:
            keys = [self._actions.keys(action.id) for action in levels]
            first, last = (keys[0] or ("",))[0], (keys[-1] or ("",))[0]
            lines.insert(0, ("Choose a level", (f"{first} … {last}",) if first else ()))
        return lines

    def _section(self, title: str, lines: Sequence[tuple[str, tuple[str, ...]]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        heading = QLabel(title, self)
        heading.setObjectName("sectionHeading")
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, (words, keys) in enumerate(lines, start=1):
            label = QLabel(words, self)
            label.setObjectName("muted")
            label.setWordWrap(True)
            grid.addWidget(label, row, 0)
            grid.addLayout(self._caps(keys), row, 1)
        return grid

    def _caps(self, keys: tuple[str, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addStretch(1)
        for key in keys:
            row.addWidget(KeyCap(_native(key), self), 0, Qt.AlignmentFlag.AlignRight)
        return row


def _native(key: str) -> str:
    """The key as this system writes it; a range stays as it is."""
    return (
        QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key if "…" not in key else key
    )
