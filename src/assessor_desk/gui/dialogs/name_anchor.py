"""Asks what is seen at an anchor, in one line."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from assessor_desk.domain import anchor as anchors
from assessor_desk.domain.anchor import Anchor
from assessor_desk.domain.text_fields import LONGEST_TEXT
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.recording_dialog import RecordingDialog
from assessor_desk.gui.session import Session

_CUT = f"A line has {LONGEST_TEXT:,} characters at most; what was more is not in it"


class NameAnchorDialog(RecordingDialog):
    """Where the anchor is, and a line for what is seen there. Enter saves; an empty line takes the words away."""

    def __init__(
        self, session: Session, submission_id: str, anchor: Anchor, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, "Say what is seen there", 440, parent)
        self._submission_id, self._anchor = submission_id, anchor
        question = f"What is seen at {anchors.words(anchor.selector)}?"
        self.note = QLineEdit(self)
        # Qt's own longest cuts what stands there; it counts UTF-16.
        self.note.setMaxLength(max(LONGEST_TEXT, 2 * len(anchor.note)))
        self.note.setText(anchor.note)
        self.note.inputRejected.connect(lambda: self.hint.setText(f"{_CUT}."))
        self.note.setAccessibleName(question)
        self.note.setProperty("takesNotes", True)
        self.note.selectAll()
        self.hint.setText("One line. It stands beside the anchor, also in the record.")
        column = self.column
        column.addWidget(wrapped_label(question, "criterionTitle", self))
        column.addWidget(self.note)
        column.addWidget(self.hint)
        column.addSpacing(8)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        self.save = primary_button("Save", self)
        self.save.setDefault(True)
        self.save.clicked.connect(self._record)
        cancel = outlined_button("Cancel", self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        return button_row(cancel, self.save)

    @property
    def field(self) -> QLineEdit:
        """Where the words are typed."""
        return self.note

    @property
    def go(self) -> QPushButton:
        """What saves them."""
        return self.save

    def _record(self) -> None:
        own_id, anchor_id, note = self._submission_id, self._anchor.id, self.note.text().strip()
        self.record(lambda desk: desk.name_anchor(own_id, anchor_id, note))
