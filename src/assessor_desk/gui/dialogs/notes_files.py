"""Save a coach's notes as files: which forms, and where to. What went back is what is written, word for word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.exports import NotesFormat
from assessor_desk.gui.controls import ElidedLabel, outlined_button, primary_button
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
        self.folder = Path(preferences.export_folder or _documents())
        self.setWindowTitle(f"Save the notes on draft {case.submission.key}")
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 20, 20, 0)
        column.setSpacing(0)
        if told := self._standing():
            column.addWidget(self._label(told, "muted"))
            column.addSpacing(12)
        self.choices = {format_: self._choice(column, format_) for format_ in NotesFormat}
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 16)
        outer.setSpacing(12)
        outer.addWidget(scrolled(inside, "What to save", self), 1)
        self.trouble = self._label("", "trouble")
        self.trouble.hide()
        for row in (self._folder_row(), self._trouble_row(), self._buttons()):
            row.setContentsMargins(20, 0, 20, 0)
            outer.addLayout(row)
        resize_within(self, 520, 470)
        self._allow()

    def _standing(self) -> str:
        assert self._case.notes is not None
        if self._case.notes.handed_back is None:
            return _NOT_BACK
        return _CARRIED_ON if self._case.changed_since else ""

    def _label(self, words: str, name: str) -> QLabel:
        label = QLabel(words, self)
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _choice(self, column: QVBoxLayout, format_: NotesFormat) -> QCheckBox:
        title, words = _FORMATS[format_]
        box = QCheckBox(title, self)
        box.setChecked(True)
        box.setAccessibleDescription(words)
        box.toggled.connect(self._allow)
        about = self._label(words, "muted")
        about.setContentsMargins(26, 0, 0, 8)
        column.addWidget(box)
        column.addWidget(about)
        return box

    def _folder_row(self) -> QHBoxLayout:
        title = self._label("Into", "muted")
        title.setWordWrap(False)
        self._where = ElidedLabel(str(self.folder), self)
        change = outlined_button("Change…", self)
        change.setAccessibleName("Change the folder")
        change.clicked.connect(self._on_change)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self._where, 1)
        row.addWidget(change)
        return row

    def _trouble_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.trouble)
        return row

    def _buttons(self) -> QHBoxLayout:
        cancel = outlined_button("Not now", self)
        cancel.clicked.connect(self.reject)
        self.go = primary_button("Save", self)
        self.go.clicked.connect(self._on_go)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.go)
        return row

    @property
    def chosen(self) -> tuple[NotesFormat, ...]:
        """What is to be written."""
        return tuple(format_ for format_, box in self.choices.items() if box.isChecked())

    def _allow(self) -> None:
        back = self._case.notes is not None and self._case.notes.handed_back is not None
        self.go.setEnabled(back and bool(self.chosen))

    def choose_folder(self, folder: Path) -> None:
        """Take another folder."""
        self.folder = folder
        self._where.say(str(folder))
        self.trouble.hide()

    def _on_change(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Save into a folder", str(self.folder))
        if folder:
            self.choose_folder(Path(folder))

    def _on_go(self) -> None:
        self.setEnabled(False)
        self.go.setText("Saving…")
        desk, own_id = self._session.desk, self._case.submission.id
        folder, formats = self.folder, self.chosen
        self._session.tasks.side(
            lambda: desk.export_notes(own_id, folder, formats), self._on_written, self._on_refused
        )

    def _on_written(self, files: NotesFiles) -> None:
        self._preferences.export_folder = str(self.folder)
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


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
