"""Where a passphrase is given to sign with: the field, and why the last attempt was refused."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from assessor_desk.domain.errors import DeskError, sentence


class PassphraseRow(QWidget):
    """A heading, a field and a sentence below it. `given` comes with Return."""

    given = Signal()
    typed = Signal()

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(heading, self)
        title.setObjectName("sectionHeading")
        self._field = QLineEdit(self)
        self._field.setEchoMode(QLineEdit.EchoMode.Password)
        self._field.setAccessibleName("Passphrase")
        self._field.textChanged.connect(self.typed)
        self._field.returnPressed.connect(self.given)
        title.setBuddy(self._field)
        self._trouble = QLabel(self)
        self._trouble.setObjectName("trouble")
        self._trouble.setWordWrap(True)
        self._trouble.setTextFormat(Qt.TextFormat.PlainText)
        self._trouble.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (title, self._field, self._trouble):
            column.addWidget(widget)

    @property
    def passphrase(self) -> str:
        """What was typed."""
        return self._field.text()

    @property
    def trouble(self) -> str:
        """Why the last attempt was refused; empty where none was."""
        return self._trouble.text()

    def refuse(self, error: DeskError) -> None:
        """Say why it was refused, for another attempt."""
        self._trouble.setText(sentence(error))
        self._trouble.show()
        self._field.selectAll()
        self._field.setFocus()

    def clear(self) -> None:
        """Forget what was typed, once it has signed."""
        self._field.clear()

    def clear_trouble(self) -> None:
        """Take the last refusal back."""
        self._trouble.setText("")
        self._trouble.hide()
