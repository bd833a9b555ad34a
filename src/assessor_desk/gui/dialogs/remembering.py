"""Whether the system's keyring opens the desk without asking: turned off at once, turned on with the passphrase."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import outlined_button
from assessor_desk.gui.pages.page import tell
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

_WORDS = "The system’s keyring holds a copy of the key. Sealing still asks for the passphrase."
_NO_KEYRING = "This computer has no keyring that encrypts what it keeps."


class Remembering(QWidget):
    """A tick; ticking it asks for the passphrase beneath, as only that gives the key."""

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._preferences = session, preferences
        self.box = QCheckBox("Open without asking on this computer", self)
        self.box.setChecked(preferences.remembered)
        self.box.setEnabled(preferences.remembered)
        self.words = QLabel(_WORDS, self)
        self.words.setObjectName("muted")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.box.setAccessibleDescription(_WORDS)
        self._asking = self._passphrase_row()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.box)
        for below in (self.words, self._asking):
            inset = QHBoxLayout()
            inset.setContentsMargins(26, 0, 0, 0)
            inset.addWidget(below)
            column.addLayout(inset)
        self.box.clicked.connect(self._on_clicked)
        session.tasks.side(session.desk.keyring_here, self._offer)

    def _passphrase_row(self) -> QWidget:
        asking = QWidget(self)
        self.passphrase = QLineEdit(asking)
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setPlaceholderText("Passphrase of this desk")
        self.passphrase.setAccessibleName("Passphrase of this desk")
        self.passphrase.returnPressed.connect(self._on_given)
        go = outlined_button("Remember", asking)
        go.clicked.connect(self._on_given)
        row = QHBoxLayout(asking)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.passphrase, 1)
        row.addWidget(go)
        asking.hide()
        return asking

    def _offer(self, possible: bool) -> None:
        """A copy that was kept can always be forgotten."""
        self.box.setEnabled(possible or self._preferences.remembered)
        if not possible:
            self._say(_NO_KEYRING)

    def _say(self, words: str, *, trouble: bool = False) -> None:
        tell(self.words, words, trouble=trouble)
        self.box.setAccessibleDescription(words)

    def _on_clicked(self, wanted: bool) -> None:
        self._say(_WORDS)
        self._asking.setVisible(wanted)
        if wanted:
            self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._preferences.remembered:
            self._preferences.remembered = False
            self._session.tasks.store(self._session.desk.forget_in_keyring, None, self._on_refused)

    def _on_given(self) -> None:
        passphrase, desk = self.passphrase.text(), self._session.desk
        self.passphrase.clear()
        self._asking.setEnabled(False)
        self._session.tasks.store(
            lambda: desk.remember_in_keyring(passphrase), self._on_kept, self._on_refused
        )

    def _on_kept(self, kept: bool) -> None:
        self._asking.setEnabled(True)
        self._asking.hide()
        self._preferences.remembered = kept
        self.box.setChecked(kept)
        self._say(_WORDS if kept else "The system’s keyring did not take the key.", trouble=not kept)

    def _on_refused(self, error: DeskError) -> None:
        self._asking.setEnabled(True)
        self.box.setChecked(self._preferences.remembered or not self._asking.isHidden())
        self._say(sentence(error), trouble=True)
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
