"""Restoring a desk that does not open, from the page that asks for its passphrase."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from assessor_desk.gui.dialogs.restore import RestoreDialog
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk.restoring import ClosedDesk


class Restoring(QObject):
    """Holds the desk on the store lane for as long as the dialog is open. `restored` when it may be opened again."""

    restored = Signal()
    refused = Signal(object)

    def __init__(self, tasks: Tasks, take: Callable[[], ClosedDesk], window: QWidget) -> None:
        super().__init__(window)
        self._tasks, self._take, self._window = tasks, take, window
        self._again = False

    def begin(self) -> None:
        """Take hold of the desk, and show its snapshots."""
        self._tasks.store(self._take, self._show, self.refused.emit)

    def _show(self, desk: ClosedDesk) -> None:
        self.dialog = RestoreDialog(self._tasks, lambda: desk, self._window)
        self.dialog.restored.connect(self._on_restored)
        self.dialog.finished.connect(
            lambda: self._tasks.store(desk.close, self._on_let_go, self.refused.emit)
        )
        self.dialog.open()

    def _on_restored(self) -> None:
        self._again = True

    def _on_let_go(self, _: None) -> None:
        self.dialog.deleteLater()
        self.deleteLater()
        if self._again:
            self.restored.emit()
