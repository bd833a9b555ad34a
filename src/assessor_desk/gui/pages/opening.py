"""What stands in the window at first: nothing, or that a desk opens which needs no passphrase from the person.

It is drawn without the `Qt` namespace, whose enumerations cost a fifth of a bare window's start.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.domain.errors import DeskError, sentence


class Opening(QFrame):
    """One line in the middle; light enough to be painted before anything else is imported."""

    opened = Signal(object)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._label = QLabel(words, self)
        self._label.setObjectName("muted")
        self._label.setWordWrap(True)
        self._label.setMaximumWidth(560)
        column = QVBoxLayout(self)
        column.addStretch(1)
        self._line(column).insertWidget(1, self._label)
        self._acts = self._line(column)
        column.addStretch(1)

    @property
    def words(self) -> str:
        """What stands there."""
        return self._label.text()

    def refuse(self, error: DeskError) -> None:
        """Say why the desk does not open."""
        self._in_trouble(sentence(error))

    def offer(self, *acts: tuple[str, Callable[[], object]]) -> None:
        """What stands there is trouble; below it a button for each thing to do about it; the keys are at the last."""
        self._in_trouble(self.words)
        for words, act in acts:
            button = QPushButton(words, self)
            button.clicked.connect(act)
            self._acts.insertWidget(self._acts.count() - 1, button)
            button.setFocus()

    def _line(self, column: QVBoxLayout) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addStretch(1)
        column.addLayout(row)
        return row

    def _in_trouble(self, words: str) -> None:
        self._label.setObjectName("trouble")
        self._label.setText(words)
        self._label.setContentsMargins(12, 8, 12, 8)
        self._label.style().unpolish(self._label)
        self._label.style().polish(self._label)
