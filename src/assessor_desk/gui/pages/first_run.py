"""The first run: choose a passphrase, keep the recovery key, connect to a hub now or later.

Three pages, one after the other. The desk exists once its passphrase is chosen; whatever happens after that, the next
start asks for the passphrase.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.pages.connect import ConnectPage
from assessor_desk.gui.pages.page import Page, keep_room
from assessor_desk.gui.pages.passphrase import LEAST, hint, why_not, worth
from assessor_desk.gui.pages.recovery_key import RecoveryKeyPage
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Desk

Create = Callable[[Path, str], "tuple[Desk, str]"]


class FirstRun(QStackedWidget):
    """Leads to a desk. `made` carries it as soon as there is one, `opened` at the end.

    `create` makes one, off the GUI thread.
    """

    made = Signal(object)
    opened = Signal(object)

    def __init__(self, folder: Path, tasks: Tasks, create: Create, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder, self._tasks, self._create = folder, tasks, create
        self.desk: Desk | None = None
        self._passphrase = ""
        self.choose = ChoosePassphrasePage(folder, self)
        self.choose.chosen.connect(self._on_chosen)
        self.addWidget(self.choose)

    def _on_chosen(self, passphrase: str) -> None:
        self._passphrase = passphrase
        self.choose.busy("Making the desk…")
        self._tasks.store(lambda: self._create(self._folder, passphrase), self._on_made, self._on_refused)

    def _on_refused(self, error: DeskError) -> None:
        self.choose.busy("")
        self.choose.tell_trouble(sentence(error))

    def _on_made(self, made: tuple[Desk, str]) -> None:
        self.desk, recovery_key = made
        self.made.emit(self.desk)
        self.recovery = RecoveryKeyPage(recovery_key, self)
        self.recovery.confirmed.connect(self._on_confirmed)
        self.setCurrentIndex(self.addWidget(self.recovery))

    def _on_confirmed(self) -> None:
        assert self.desk is not None
        desk = self.desk
        self.connect_page = ConnectPage(
            self._tasks, desk.connect, self._passphrase, asked=desk.asked_by_stick, parent=self
        )
        self.connect_page.left.connect(self._on_left)
        self.connect_page.by_file_wanted.connect(self._on_by_file)
        self.setCurrentIndex(self.addWidget(self.connect_page))

    def _on_by_file(self) -> None:
        from assessor_desk.gui.dialogs.identity import IdentityDialog

        assert self.desk is not None
        dialog = IdentityDialog(self._tasks, self.desk, self._passphrase, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_left(self) -> None:
        self._passphrase = ""
        self.opened.emit(self.desk)


class ChoosePassphrasePage(Page):
    """A passphrase, twice, with a hint on its strength."""

    chosen = Signal(str)

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(
            "lock",
            "Welcome to Assessor Desk",
            "Submissions you assess are kept encrypted on this computer, under a passphrase that only you know. You "
            "give it when the program starts, and again when you seal a review: it is what you sign with.",
            parent,
        )
        self.first = self.add_field("Passphrase", secret=True)
        self.strength = self.add_paragraph()
        keep_room(self.strength, lines=2)
        self.second = self.add_field("The same passphrase again", secret=True)
        self.place = self.add_paragraph(f"The desk will be in {folder}")
        self.add_trouble()
        self.add_buttons("Make the desk")
        self.finish()
        self.first.textChanged.connect(self._on_typed)
        self.second.textChanged.connect(self._on_typed)
        self.first.returnPressed.connect(self.second.setFocus)
        self.second.returnPressed.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        self._on_typed()

    def _on_typed(self) -> None:
        words, _tone = hint(self.first.text())
        self.strength.setText(words)
        self.tell_trouble("")

    def _on_go(self) -> None:
        first, second = self.first.text(), self.second.text()
        if why := why_not(first, second):
            self.tell_trouble(why)
            (self.first if worth(first) < LEAST else self.second).setFocus()
        else:
            self.chosen.emit(first)
