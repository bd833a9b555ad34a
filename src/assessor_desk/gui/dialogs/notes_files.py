"""Save a coach's notes as files: which forms, and where to. What went back is what is written, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.exports import NotesFormat
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.folder_row import FolderRow
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk.notes_files import NotesFiles

_FORMATS = {
    NotesFormat.PDF: ("Notes as PDF", "To read and to print."),
    NotesFormat.DOCX: ("Notes as Word", "The same notes as a DOCX file."),
    NotesFormat.HTML: ("Notes as a web page", "The same notes as one HTML file."),
    NotesFormat.JSON: ("Notes as data", "The very document that went back."),
    NotesFormat.JSONLD: ("W3C annotations", "Each note at its place, for other programs."),
    NotesFormat.ANNOTATED: (
        "The educator’s own documents, with your notes in them",
        "PDF files with annotations and Word files with comments that other programs show and edit.",
    ),
}
_NOT_BACK = "The notes have not gone back yet. Hand them back first: the files say exactly what went."
_CARRIED_ON = (
    "You have carried on since the notes went back. The files say what went; hand back again for the rest."
)


class NotesFilesDialog(QDialog):
    """Forms to tick and a folder; stays open with the sentence where it is refused. `exported` carries the paths."""

    exported = Signal(object)

    def __init__(
        self, session: Session, case: Case, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._case, self._preferences = session, case, preferences
        self.into = FolderRow(preferences.export_folder, "Save into a folder", self)
        self.setWindowTitle(f"Save the notes on draft {case.submission.key}")
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 20, 20, 0)
        column.setSpacing(0)
        if told := self._standing():
            column.addWidget(wrapped_label(told, "muted", self))
            column.addSpacing(12)
        self.choices = {format_: self._choice(column, format_) for format_ in NotesFormat}
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 16)
        outer.setSpacing(12)
        outer.addWidget(scrolled(inside, "What to save", self), 1)
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self.into.changed.connect(self.trouble.hide)
        foot = QVBoxLayout()
        foot.setContentsMargins(20, 0, 20, 0)
        foot.setSpacing(12)
        foot.addWidget(self.into)
        foot.addWidget(self.trouble)
        foot.addLayout(self._buttons())
        outer.addLayout(foot)
        resize_within(self, 520, 470)
        self._allow()
        next(iter(self.choices.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def _standing(self) -> str:
        assert self._case.notes is not None
        if self._case.notes.handed_back is None:
            return _NOT_BACK
        return _CARRIED_ON if self._case.changed_since else ""

    def _choice(self, column: QVBoxLayout, format_: NotesFormat) -> QCheckBox:
        title, words = _FORMATS[format_]
        box = QCheckBox(title, self)
        box.setChecked(True)
        box.setAccessibleDescription(words)
        box.toggled.connect(self._allow)
        about = wrapped_label(words, "muted", self)
        about.setContentsMargins(26, 0, 0, 8)
        column.addWidget(box)
        column.addWidget(about)
        return box

    def _buttons(self) -> QHBoxLayout:
        cancel = outlined_button("Not now", self)
        cancel.clicked.connect(self.reject)
        self.go = primary_button("Save", self)
        self.go.clicked.connect(self._on_go)
        return button_row(cancel, self.go)

    @property
    def chosen(self) -> tuple[NotesFormat, ...]:
        """What is to be written."""
        return tuple(format_ for format_, box in self.choices.items() if box.isChecked())

    def _allow(self) -> None:
        back = self._case.notes is not None and self._case.notes.handed_back is not None
        self.go.setEnabled(back and bool(self.chosen))

    def _on_go(self) -> None:
        self.setEnabled(False)
        self.go.setText("Saving…")
        desk, own_id = self._session.desk, self._case.submission.id
        folder, formats = self.into.folder, self.chosen
        self._session.tasks.side(
            lambda: desk.export_notes(own_id, folder, formats), self._on_written, self._on_refused
        )

    def _on_written(self, files: NotesFiles) -> None:
        self._preferences.export_folder = str(self.into.folder)
        self.setEnabled(True)
        self.accept()
        if files:
            self.exported.emit(list(files))
        for told in files.troubles:
            self._session.notices.tell(told, "caution")

    def _on_refused(self, error: DeskError) -> None:
        self.setEnabled(True)
        self.go.setText("Save")
        self.trouble.setText(sentence(error))
        self.trouble.show()
