"""A box that asks for words and has them recorded. It closes only once they are stored.

Words that the disk refuses stay where they were typed.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from assessor_desk.gui.abstract_widget import AbstractWidget
from assessor_desk.gui.controls import wrapped_label
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk import Changes, Desk


class RecordingDialog(QDialog, metaclass=AbstractWidget):
    """A field, the button that records, and a hint below; a subclass makes the first two and puts all in `column`."""

    def __init__(self, session: Session, title: str, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._shown = session, session.case
        self.setWindowTitle(title)
        self.setMinimumWidth(width)
        self.hint = wrapped_label("", "muted", self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 20, 20, 16)
        self.column.setSpacing(8)

    @property
    @abstractmethod
    def field(self) -> QLineEdit | QPlainTextEdit:
        """Where the words are typed."""

    @property
    @abstractmethod
    def go(self) -> QPushButton:
        """What records them."""

    def record(self, act: Callable[[Desk], Changes]) -> None:
        """Have it done; meanwhile nothing can be changed or left. What came since the box opened was not seen."""
        self._rest(True)
        self._session.act(act, self._on_stored, self._shown)

    def reject(self) -> None:
        """Leave without recording, unless that is under way."""
        if not self.field.isReadOnly():
            super().reject()

    def _rest(self, resting: bool) -> None:
        self.field.setReadOnly(resting)
        self.go.setEnabled(not resting)

    def _on_stored(self, stored: bool) -> None:
        self._rest(False)
        if stored:
            self.accept()
            return
        self.hint.setText("This could not be saved; it stays here until you try again.")
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
