"""Asks what is seen at an anchor, in one line.

It closes only once the words are stored: those that the disk refuses stay where they were typed.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from assessor_desk.domain import anchor as anchors
from assessor_desk.domain.anchor import Anchor
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.session import Session


class NameAnchorDialog(QDialog):
    """Where the anchor is, and a line for what is seen there. Enter saves; an empty line takes the words away."""

    def __init__(
        self, session: Session, submission_id: str, anchor: Anchor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._submission_id, self._anchor = session, submission_id, anchor
        self.setWindowTitle("Say what is seen there")
        self.setMinimumWidth(440)
        question = f"What is seen at {anchors.words(anchor.selector)}?"
        self.note = QLineEdit(anchor.note, self)
        self.note.setAccessibleName(question)
        self.note.selectAll()
        self.hint = self._label("One line. It stands beside the anchor, also in the record.", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        column.addWidget(self._label(question, "criterionTitle"))
        column.addWidget(self.note)
        column.addWidget(self.hint)
        column.addSpacing(8)
        column.addLayout(self._buttons())

    def _label(self, words: str, name: str) -> QLabel:
        label = QLabel(words, self)
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _buttons(self) -> QHBoxLayout:
        self.save = primary_button("Save", self)
        self.save.setDefault(True)
        self.save.clicked.connect(self._record)
        cancel = outlined_button("Cancel", self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.save)
        return row

    def _record(self) -> None:
        self._rest(True)
        own_id, anchor_id, note = self._submission_id, self._anchor.id, self.note.text().strip()
        self._session.act(lambda desk: desk.name_anchor(own_id, anchor_id, note), self._on_stored)

    def reject(self) -> None:
        """Leave without saving, unless that is under way."""
        if not self.note.isReadOnly():
            super().reject()

    def _rest(self, resting: bool) -> None:
        self.note.setReadOnly(resting)
        self.save.setEnabled(not resting)

    def _on_stored(self, stored: bool) -> None:
        self._rest(False)
        if stored:
            self.accept()
            return
        self.hint.setText("This could not be saved; it stays here until you try again.")
        self.note.setFocus(Qt.FocusReason.OtherFocusReason)
