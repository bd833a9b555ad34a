"""Connecting later than at the first run: the page of the first run in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from assessor_desk.gui.pages.connect import ConnectPage
from assessor_desk.gui.session import Session


class ConnectDialog(QDialog):
    """Emits `connected` once the desk is enrolled."""

    connected = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Connect to a hub")
        self.resize(560, 620)
        desk = session.desk
        self.page = ConnectPage(
            session.tasks, desk.connect, later="Not now", asked=desk.asked_by_stick, parent=self
        )
        self.page.left.connect(self._on_left)
        self.page.by_file_wanted.connect(self._on_by_file)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        session.tasks.crashed.connect(self._on_defect)

    def _on_by_file(self) -> None:
        from assessor_desk.gui.dialogs.identity import IdentityDialog

        dialog = IdentityDialog(self._session.tasks, self._session.desk, parent=self)
        dialog.changed.connect(self._session.changed)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_defect(self) -> None:
        """No answer may come any more, and whoever waits for it would be held for ever."""
        self.page.busy("")

    def reject(self) -> None:
        """Leave it for later, unless it is connecting: the code is spent then, and what came of it would be missed."""
        if not self.page.is_busy:
            super().reject()

    def _on_left(self, changes: object) -> None:
        if changes is None:
            self.reject()
            return
        self.accept()
        self._session.changed.emit(changes)
        self.connected.emit()
