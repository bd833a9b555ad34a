"""Into which folder files go: its path, and a button to choose another."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QWidget

from assessor_desk.gui.controls import ElidedLabel, outlined_button


class FolderRow(QWidget):
    """Holds `folder`, the one given or else the person's documents; `changed` when it is another."""

    changed = Signal()

    def __init__(self, folder: str, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = Path(folder or _documents())
        self._question = question
        title = QLabel("Into", self)
        title.setObjectName("muted")
        self._where = ElidedLabel(str(self.folder), self, Qt.TextElideMode.ElideMiddle)
        change = outlined_button("Change…", self)
        change.setAccessibleName("Change the folder")
        change.clicked.connect(self._on_change)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self._where, 1)
        row.addWidget(change)

    def choose(self, folder: Path) -> None:
        """Take another folder."""
        self.folder = folder
        self._where.say(str(folder))
        self.changed.emit()

    def _on_change(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, self._question, str(self.folder)):
            self.choose(Path(folder))


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
