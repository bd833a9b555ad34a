"""Export a copy of an artifact: what that means, said first; then where to, and only with a tick that it was read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QDialog, QVBoxLayout, QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.exports import COPY_WARNING
from assessor_desk.domain.submission import Artifact
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.folder_row import FolderRow
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk import Changes


class ExportCopyDialog(QDialog):
    """Writes the copy on a side lane, since it may be large; stays open with the sentence where it is refused."""

    def __init__(
        self, session: Session, submission_id: str, artifact: Artifact, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._submission_id, self._artifact = session, submission_id, artifact
        self.setWindowTitle("Export a copy")
        self.setMinimumWidth(500)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(10)
        column.addWidget(wrapped_label(f"Export a copy of “{artifact.name}”?", "criterionTitle", self))
        column.addWidget(wrapped_label(COPY_WARNING, "", self))
        self.understood = QCheckBox("I need the copy for the assessment, and will delete it", self)
        self.understood.toggled.connect(self._allow)
        column.addWidget(self.understood)
        self.into = FolderRow("", "Export a copy into a folder", self)
        column.addWidget(self.into)
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self.into.changed.connect(self.trouble.hide)
        column.addWidget(self.trouble)
        column.addSpacing(4)
        cancel = outlined_button("Cancel", self)
        cancel.clicked.connect(self.reject)
        self.go = primary_button("Export the copy", self)
        self.go.clicked.connect(self._on_go)
        column.addLayout(button_row(cancel, self.go))
        self._allow()

    def reject(self) -> None:
        """Leave, unless the copy is being written."""
        if self.isEnabled():
            super().reject()

    def _allow(self) -> None:
        self.go.setEnabled(self.understood.isChecked())
        self.go.setToolTip("" if self.go.isEnabled() else "Say first that you need the copy")

    def _on_go(self) -> None:
        self.setEnabled(False)
        desk, own_id, artifact, folder = (
            self._session.desk, self._submission_id, self._artifact.id, self.into.folder,
        )  # fmt: skip
        self._session.tasks.side(
            lambda: desk.export_copy(own_id, artifact, folder), self._on_written, self._on_refused
        )

    def _on_written(self, made: tuple[Changes, Path]) -> None:
        changes, path = made
        self.setEnabled(True)
        self.accept()
        self._session.announce(changes)
        self._session.notices.tell(
            f"Copied to {path}. The review records it; delete the copy when it has served."
        )

    def _on_refused(self, error: DeskError) -> None:
        self.setEnabled(True)
        self.trouble.setText(sentence(error))
        self.trouble.show()
