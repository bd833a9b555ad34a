"""Another passphrase for the desk and the signing key; the recovery key stays as it was."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.sizing import resize_within
from assessor_desk.gui.pages.page import add_eye, announce
from assessor_desk.gui.pages.passphrase import hint, why_not
from assessor_desk.gui.session import Session

_WORDS = (
    "It opens this desk, and your signing key each time you seal. The recovery key stays as it was. A packet that is "
    "sealed already is not touched."
)


class ChangePassphraseDialog(QDialog):
    """The present one, and the new one twice; stays open with the sentence where it is refused.

    While it is being changed nobody leaves: whether it was would not be told.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._resting = False
        self.setWindowTitle("Change passphrase")
        self.setMinimumWidth(420)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(20, 20, 20, 16)
        self._lines.setSpacing(6)
        self._lines.addWidget(wrapped_label(_WORDS, "muted", self))
        self._lines.addSpacing(8)
        self.present = self._field("Present passphrase")
        self.first = self._field("New passphrase")
        self.strength = wrapped_label(hint("")[0], "muted", self)
        self._lines.addWidget(self.strength)
        self.second = self._field("The new passphrase again")
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self._lines.addWidget(self.trouble)
        self._lines.addStretch(1)
        self.change = primary_button("Change", self)
        self.change.setDefault(True)
        self.change.clicked.connect(self._on_change)
        self.cancel = outlined_button("Cancel", self)
        self.cancel.clicked.connect(self.reject)
        self._lines.addSpacing(8)
        self._lines.addLayout(button_row(self.cancel, self.change))
        session.tasks.crashed.connect(self._on_defect)
        self.first.textChanged.connect(lambda text: self.strength.setText(hint(text)[0]))
        resize_within(self, 440, 400)

    def _field(self, title: str) -> QLineEdit:
        label = QLabel(title, self)
        label.setObjectName("fieldLabel")
        field = QLineEdit(self)
        field.setMinimumHeight(32)
        field.setAccessibleName(title)
        add_eye(field)
        label.setBuddy(field)
        field.textEdited.connect(lambda: self._tell(""))
        self._lines.addWidget(label)
        self._lines.addWidget(field)
        return field

    def _on_change(self) -> None:
        present, wanted = self.present.text(), self.first.text()
        if not present:
            self._tell("Type the passphrase that opens this desk now.")
        elif why := why_not(wanted, self.second.text()):
            self._tell(why)
        elif wanted == present:
            self._tell("That is the passphrase you have now. Choose another one.")
        else:
            self._tell("")
            self._rest(True)
            desk = self._session.desk
            self._session.tasks.store(
                lambda: desk.change_passphrase(present, wanted),
                lambda _: self._on_changed(),
                self._on_refused,
            )

    def _on_changed(self) -> None:
        self._session.notices.tell("The passphrase of this desk was changed.", "positive")
        self.accept()

    def _on_refused(self, error: DeskError) -> None:
        self._rest(False)
        self._tell(sentence(error))
        self.present.selectAll()
        self.present.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_defect(self) -> None:
        """No answer may come any more, and whoever waits for it would be held for ever."""
        self._rest(False)

    def _rest(self, resting: bool) -> None:
        self._resting = resting
        for widget in (self.present, self.first, self.second, self.change, self.cancel):
            widget.setEnabled(not resting)

    def reject(self) -> None:
        """Leave it as it is, unless it is being changed."""
        if not self._resting:
            super().reject()

    def _tell(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))
        if words:
            announce(self.trouble, words)
