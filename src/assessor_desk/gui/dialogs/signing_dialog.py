"""A box over the window in which something is signed: while that is under way it cannot be left."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.desk.shown import Shown, came_meanwhile
from assessor_desk.domain.errors import ChangedElsewhere, DeskError, OthersUnheard
from assessor_desk.gui.abstract_widget import AbstractWidget
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.dialogs.passphrase_row import PassphraseRow
from assessor_desk.gui.session import Session


class SigningDialog(QDialog, metaclass=AbstractWidget):
    """Passphrase, progress and two buttons; a subclass says what is signed, and signs it in `sign`.

    `unheard`: the person was told that their other computers cannot be heard, and may sign all the same. Emits
    `changed_elsewhere` where something came from these, so that what is shown here is not what would be signed.
    """

    changed_elsewhere = Signal()

    def __init__(self, heading: str, verb: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unheard = False
        self.passphrase_row = PassphraseRow(heading, self)
        self.passphrase_row.typed.connect(self.allow)
        self.passphrase_row.given.connect(self._on_go)
        self.progress = QLabel(self)
        self.progress.setObjectName("muted")
        self.progress.setWordWrap(True)
        self.go: QPushButton = primary_button(verb, self)
        self.go.clicked.connect(self._on_go)
        self._leave = outlined_button("Cancel", self)
        self._leave.clicked.connect(self.reject)

    def fit(self, width: int, height: int) -> None:
        """As large as that, where the screen has room for it."""
        room = self.screen().availableSize()
        self.resize(min(width, room.width() - 40), min(height, room.height() - 60))

    def buttons(self) -> QHBoxLayout:
        """The foot: how it stands, and what can be done."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.progress, 1)
        row.addWidget(self._leave)
        row.addWidget(self.go)
        return row

    @property
    def wanting(self) -> str:
        """What is wanted before it can be signed; empty where nothing is."""
        return "" if self.passphrase_row.passphrase else "Give your passphrase"

    @abstractmethod
    def sign(self, passphrase: str) -> None:
        """Sign it; ends with `accept` or `refuse`."""

    def allow(self) -> None:
        """Let it be signed where nothing is wanted."""
        self.go.setEnabled(not self.wanting)
        self.go.setToolTip(self.wanting)

    def _on_go(self) -> None:
        if not self.go.isEnabled() or self.wanting:
            return
        self.setEnabled(False)
        self.passphrase_row.clear_trouble()
        self.sign(self.passphrase_row.passphrase)

    def refuse(self, error: DeskError) -> None:
        """Nothing has changed: say why, and let it be tried again."""
        self.setEnabled(True)
        self.progress.setText("Nothing was sealed.")
        self.passphrase_row.refuse(error)
        if isinstance(error, OthersUnheard) and not self.unheard:
            self.unheard = True
            self.go.setText(f"{self.go.text()} all the same")
        if isinstance(error, ChangedElsewhere):
            self.go.hide()
            self._leave.setText("Close")
            self.changed_elsewhere.emit()

    def sign_only(self, session: Session, case: Case) -> None:
        """Let nothing be signed but what is shown here, `shown`: a round may bring something else."""
        self._watched, self._own_id = session, case.submission.id
        self.shown = Shown.of(case)
        session.case_changed.connect(self._look_again)

    def _look_again(self) -> None:
        now = self._watched.case
        if now is None or now.submission.id != self._own_id or not self.isEnabled() or self.go.isHidden():
            return
        if Shown.of(now) != self.shown:
            self.refuse(came_meanwhile(now.submission.key))

    def reject(self) -> None:
        """Leave without signing, unless that is under way."""
        if self.isEnabled():
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is under way cannot be left half done."""
        if not self.isEnabled():
            event.ignore()
            return
        super().closeEvent(event)
