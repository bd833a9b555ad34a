"""Export: which copy of a review, and where to. What was chosen last comes first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Case
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.exports import ExportFormat
from assessor_desk.gui.controls import ElidedLabel, outlined_button, primary_button
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

_FORMATS = {
    ExportFormat.PACKET: ("Packet", "Everything, signed: what others can check without this program."),
    ExportFormat.PDF: ("Record as PDF", "The record of this review, to read and to print."),
    ExportFormat.DOCX: ("Record as Word", "The same record as a DOCX file."),
    ExportFormat.HTML: ("Record as a web page", "The same record as one HTML file."),
    ExportFormat.CSV: ("Table", "A CSV file: one row for each criterion."),
}
_BEFORE_CORRECTION = "As it was sealed before; this correction is not in it yet."
_NEEDS_SEAL = "There is a packet once the review is sealed."


class ExportDialog(QDialog):
    """Choices and a folder; stays open with the sentence where it is refused. `exported` carries the paths."""

    exported = Signal(object)

    def __init__(
        self, session: Session, case: Case, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._case, self._preferences = session, case, preferences
        self.folder = Path(preferences.export_folder or _documents())
        self.setWindowTitle(f"Export {case.submission.key}")
        self.setMinimumWidth(500)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(0)
        self.choices = {format_: self._choice(column, format_) for format_ in ExportFormat}
        self._choose_first()
        column.addSpacing(12)
        column.addLayout(self._folder_row())
        self.trouble = self._label("", "trouble")
        self.trouble.hide()
        column.addWidget(self.trouble)
        column.addSpacing(12)
        column.addLayout(self._buttons())

    def _label(self, words: str, name: str) -> QLabel:
        label = QLabel(words, self)
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _choice(self, column: QVBoxLayout, format_: ExportFormat) -> QRadioButton:
        title, words = _FORMATS[format_]
        possible = format_ is not ExportFormat.PACKET or self._case.review.sealed
        if not possible and self._case.supersedes:
            possible, words = True, _BEFORE_CORRECTION
        button = QRadioButton(title, self)
        button.setEnabled(possible)
        about = self._label(words if possible else _NEEDS_SEAL, "muted")
        about.setContentsMargins(26, 0, 0, 10)
        button.setAccessibleDescription(about.text())
        column.addWidget(button)
        column.addWidget(about)
        return button

    def _choose_first(self) -> None:
        group = QButtonGroup(self)
        for button in self.choices.values():
            group.addButton(button)
        last = self.choices.get(ExportFormat(self._preferences.export_format))
        possible = [button for button in self.choices.values() if button.isEnabled()]
        (last if last in possible else possible[0]).setChecked(True)

    def _folder_row(self) -> QHBoxLayout:
        title = QLabel("Into", self)
        title.setObjectName("muted")
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

    def _buttons(self) -> QHBoxLayout:
        cancel = outlined_button("Not now", self)
        cancel.clicked.connect(self.reject)
        self.go = primary_button("Export", self)
        self.go.setDefault(True)
        self.go.clicked.connect(self._on_go)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.go)
        return row

    @property
    def chosen(self) -> ExportFormat:
        """What is to be written."""
        return next(format_ for format_, button in self.choices.items() if button.isChecked())

    def choose_folder(self, folder: Path) -> None:
        """Take another folder."""
        self.folder = folder
        self._where.say(str(folder))
        self.trouble.hide()

    def _on_change(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export into a folder", str(self.folder))
        if folder:
            self.choose_folder(Path(folder))

    def _on_go(self) -> None:
        self.setEnabled(False)
        desk, own_id = self._session.desk, self._case.submission.id
        folder, format_ = self.folder, self.chosen
        self._session.tasks.store(
            lambda: desk.export(own_id, folder, format_.value), self._on_written, self._on_refused
        )

    def _on_written(self, paths: list[Path]) -> None:
        self._preferences.export_format, self._preferences.export_folder = self.chosen.value, str(self.folder)
        self.setEnabled(True)
        self.accept()
        self.exported.emit(paths)

    def _on_refused(self, error: DeskError) -> None:
        self.setEnabled(True)
        self.trouble.setText(sentence(error))
        self.trouble.show()


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
