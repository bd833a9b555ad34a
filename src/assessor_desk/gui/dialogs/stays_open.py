"""A box that stays open while things are done in it, and is not left amid one."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.tasks import Tasks


class StaysOpenDialog(QDialog):
    """While something is being done nobody leaves: what came of it would not be told.

    Each act says when it begins and when it ends, by `_begin` and `_end`. `leave` is what is pressed to leave.
    """

    leave: QPushButton

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._under_way = 0
        tasks.crashed.connect(self._on_defect)

    def _make_leave(self) -> QPushButton:
        """To be made after all other controls, as the keys come to it after them."""
        self.leave = quiet_button("Close", self)
        self.leave.clicked.connect(self.accept)
        return self.leave

    def _begin(self) -> None:
        self._rest(self._under_way + 1)

    def _end(self) -> None:
        self._rest(self._under_way - 1)

    def _on_defect(self) -> None:
        """No answer may come any more, and whoever waits for it would be held for ever."""
        self._rest(0)

    def _rest(self, under_way: int) -> None:
        self._under_way = max(0, under_way)
        self.leave.setEnabled(not self._under_way)

    def done(self, result: int) -> None:
        """Leave, unless something is being done: neither Esc nor the window's own button does."""
        if not self._under_way:
            super().done(result)
