"""Export: which copy of a review, and where to. What was chosen last comes first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.exports import ExportFormat
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.folder_row import FolderRow
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
_DECISION = "Your decision, signed. “Export reviews…” has the assessors’ packets too."
_NEEDS_REVIEW = "There is one once a review is delivered."
_NEEDS = {
    ExportFormat.PACKET: "There is a decision to export once it is sealed.",
    ExportFormat.HTML: "The record is its assessor’s, in the packet as PDF and Word.",
}
_NEEDS_SEAL = "There is a packet once the review is sealed."


class ExportDialog(QDialog):
    """Choices and a folder; stays open with the sentence where it is refused. `exported` carries the paths."""

    exported = Signal(object)

    def __init__(
        self, session: Session, case: Case, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._case, self._preferences = session, case, preferences
        self.into = FolderRow(preferences.export_folder, "Export into a folder", self)
        self.setWindowTitle(f"Export {case.submission.key}")
        self.setMinimumWidth(500)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(0)
        self.choices = {format_: self._choice(column, format_) for format_ in ExportFormat}
        self._choose_first()
        column.addSpacing(12)
        column.addWidget(self.into)
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self.into.changed.connect(self.trouble.hide)
        column.addWidget(self.trouble)
        column.addSpacing(12)
        column.addLayout(self._buttons())

    def _choice(self, column: QVBoxLayout, format_: ExportFormat) -> QRadioButton:
        title, words = _FORMATS[format_]
        possible = format_ is not ExportFormat.PACKET or self._case.review.sealed
        if not possible and self._case.supersedes:
            possible, words = True, _BEFORE_CORRECTION
        if self._case.decision is not None:
            possible, words = self._of_decision(format_, words)
        button = QRadioButton(title, self)
        button.setEnabled(possible)
        needs = _NEEDS_SEAL if self._case.decision is None else _NEEDS.get(format_, _NEEDS_REVIEW)
        about = wrapped_label(words if possible else needs, "muted", self)
        about.setContentsMargins(26, 0, 0, 10)
        button.setAccessibleDescription(about.text())
        column.addWidget(button)
        column.addWidget(about)
        return button

    def _of_decision(self, format_: ExportFormat, words: str) -> tuple[bool, str]:
        """Whoever decides has a decision to hand on, and what its assessor put into the packet."""
        assert self._case.decision is not None
        if format_ is ExportFormat.PACKET:
            return self._case.decision.seal is not None, _DECISION
        return bool(self._case.delivered) and format_ is not ExportFormat.HTML, words

    def _choose_first(self) -> None:
        group = QButtonGroup(self)
        for button in self.choices.values():
            group.addButton(button)
        last = self.choices.get(ExportFormat(self._preferences.export_format))
        possible = [button for button in self.choices.values() if button.isEnabled()]
        if possible:
            (last if last in possible else possible[0]).setChecked(True)

    def _buttons(self) -> QHBoxLayout:
        cancel = outlined_button("Not now", self)
        cancel.clicked.connect(self.reject)
        self.go = primary_button("Export", self)
        self.go.setDefault(True)
        self.go.setEnabled(any(button.isEnabled() for button in self.choices.values()))
        self.go.clicked.connect(self._on_go)
        return button_row(cancel, self.go)

    @property
    def chosen(self) -> ExportFormat:
        """What is to be written."""
        return next(format_ for format_, button in self.choices.items() if button.isChecked())

    def _on_go(self) -> None:
        self.setEnabled(False)
        desk, own_id = self._session.desk, self._case.submission.id
        folder, format_ = self.into.folder, self.chosen
        self._session.tasks.store(
            lambda: desk.export(own_id, folder, format_.value), self._on_written, self._on_refused
        )

    def _on_written(self, paths: list[Path]) -> None:
        self._preferences.export_format, self._preferences.export_folder = (
            self.chosen.value,
            str(self.into.folder),
        )
        self.setEnabled(True)
        self.accept()
        self.exported.emit(paths)

    def _on_refused(self, error: DeskError) -> None:
        self.setEnabled(True)
        self.trouble.setText(sentence(error))
        self.trouble.show()
