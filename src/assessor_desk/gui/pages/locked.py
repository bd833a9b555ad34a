"""What stands in the window while it is locked: nothing of any submission, and a field for the passphrase."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.pages.waiting import WaitingPage, Waits

_WORDS = "Everything is as you left it, and saved. What is being synced goes on."


class Locked(WaitingPage):
    """`given` carries a passphrase, `leaving` says that the program is to be closed."""

    given = Signal(str)
    leaving = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("lock", "Locked", _WORDS, parent)
        self.field = self.add_field("Passphrase", secret=True)
        self.add_trouble()
        _, leave = self.add_buttons("Unlock", "Close Assessor Desk")
        assert leave is not None
        self.leave = leave
        self.finish()
        self._waits = Waits((self,), self)
        self.field.textEdited.connect(lambda: self.tell_trouble(""))
        self.field.returnPressed.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        self.leave.clicked.connect(self.leaving)

    def refuse(self, error: DeskError) -> None:
        """Say why it stays locked; a wrong passphrase may make the next one wait."""
        self.busy("")
        self.tell_trouble(sentence(error))
        self.field.selectAll()
        self.field.setFocus()
        self._waits.heed(error)

    def end(self) -> None:
        """The right one was given: nothing of it is left for the next time."""
        self._waits.forget()
        self.field.clear()
        self.tell_trouble("")
        self.busy("")

    def _on_go(self) -> None:
        if not self.go.isEnabled():
            return
        if self.field.text():
            self.busy("Unlocking…")
            self.given.emit(self.field.text())
        else:
            self.tell_trouble("Type the passphrase of this desk.")
