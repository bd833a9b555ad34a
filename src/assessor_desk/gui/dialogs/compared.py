"""A programme's fingerprint, to be compared by a person before anything that the programme vouches for counts here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.gui.controls import outlined_button
from assessor_desk.gui.pages.page import announce

if TYPE_CHECKING:
    from assessor_desk.desk.by_file import AnswerSeen


class ComparedFingerprint(QWidget):
    """Hidden until it is asked. `same` carries the file and the groups that the person found to be the same."""

    same = Signal(object, str)
    other = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._path, self._groups = Path(), ""
        self.words = QLabel("", self)
        self.words.setWordWrap(True)
        self.groups = QLabel("", self)
        self.groups.setObjectName("headline")
        self.groups.setWordWrap(True)
        self.groups.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.yes = outlined_button("They are the same", self)
        self.yes.clicked.connect(self._on_same)
        self.no = outlined_button("They differ", self)
        self.no.clicked.connect(self._on_other)
        buttons = QHBoxLayout()
        for button in (self.yes, self.no):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.words)
        column.addWidget(self.groups)
        column.addLayout(buttons)
        self.hide()

    def ask(self, path: Path, seen: AnswerSeen) -> None:
        """Show the groups of the answer in a file, and what to compare them with."""
        self._path, self._groups = path, seen.fingerprint
        self.words.setText(
            f"{seen.programme} certifies {seen.person}, says the file. This desk does not know the programme yet: "
            "compare these groups with those that it tells you by telephone or on paper."
        )
        self.groups.setText(seen.fingerprint.replace("-", " "))
        self.groups.setAccessibleName(f"Fingerprint {' '.join(seen.fingerprint)}")
        self.show()
        announce(self.words, self.words.text())
        self.no.setFocus()

    def _on_same(self) -> None:
        self.hide()
        self.same.emit(self._path, self._groups)

    def _on_other(self) -> None:
        self.hide()
        self.other.emit()
