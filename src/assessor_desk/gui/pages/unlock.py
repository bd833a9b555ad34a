"""Unlock a desk with its passphrase, or with the recovery key when the passphrase is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QStackedWidget, QWidget

from assessor_desk.domain.errors import DeskError, Restorable, sentence
from assessor_desk.gui.pages.page import Page, keep_room
from assessor_desk.gui.pages.passphrase import hint, why_not
from assessor_desk.gui.pages.waiting import WaitingPage, Waits
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Desk
    from assessor_desk.desk.restoring import ClosedDesk

_REMEMBERING = "The system’s keyring opens the desk next time. Sealing still asks for the passphrase."
_NO_KEYRING = (
    "This computer has no keyring that encrypts what it keeps, so the passphrase is always asked for."
)


@dataclass(frozen=True)
class Openers:
    """The ways to open a desk; all block, and raise DeskError.

    `passphrase` is told whether the system's keyring shall remember; `keyring_here` tells whether there is one that
    may. `closed` gives the snapshots of a desk that does not open.
    """

    passphrase: Callable[[Path, str, bool], Desk]
    recovery_key: Callable[[Path, str, str], Desk]
    keyring_here: Callable[[], bool] = lambda: False
    closed: Callable[[Path, str], ClosedDesk] | None = None


class Unlock(QStackedWidget):
    """Two pages; `opened` carries the desk. Every wrong try after the second makes the next one wait longer."""

    opened = Signal(object)

    def __init__(
        self,
        folder: Path,
        tasks: Tasks,
        openers: Openers,
        parent: QWidget | None = None,
        *,
        remembered: bool = False,
    ) -> None:
        super().__init__(parent)
        self._folder, self._tasks, self._openers = folder, tasks, openers
        self.by_passphrase = PassphrasePage(folder, self, remembered=remembered)
        tasks.side(openers.keyring_here, self.by_passphrase.offer_remembering)
        self.by_passphrase.given.connect(self.open_with)
        self.by_passphrase.lost.connect(self._show_recovery)
        self.by_passphrase.restore.clicked.connect(self.restore)
        self.by_key = RecoveryPage(self)
        self.by_key.given.connect(self._recover)
        self.by_key.left.connect(lambda: self.setCurrentIndex(0))
        pages = (self.by_passphrase, self.by_key)
        self._waits = Waits(pages, self)
        for page in pages:
            self.addWidget(page)

    @property
    def page(self) -> Page:
        """The page in front."""
        return self.by_passphrase if self.currentIndex() == 0 else self.by_key

    def open_with(self, passphrase: str) -> None:
        """Open the desk with a passphrase, off the GUI thread."""
        folder, opener = self._folder, self._openers.passphrase
        remember = self.by_passphrase.remember
        self._begin(lambda: opener(folder, passphrase, remember))

    def refuse(self, error: DeskError) -> None:
        """Say why it did not go; a wrong secret also makes the next try wait."""
        self.page.busy("")
        self.page.tell_trouble(sentence(error))
        field = self.page.findChild(QLineEdit)
        if field is not None:
            field.selectAll()
            field.setFocus()
        self._waits.heed(error)
        self.by_passphrase.offer_restoring(isinstance(error, Restorable) and self._openers.closed is not None)

    def _begin(self, work: Callable[[], Desk]) -> None:
        self.page.tell_trouble("")
        self.page.busy("Opening your desk…")
        self._tasks.store(work, self.opened.emit, self.refuse)

    def _recover(self, recovery_key: str, passphrase: str) -> None:
        folder, opener = self._folder, self._openers.recovery_key
        self._begin(lambda: opener(folder, recovery_key, passphrase))

    def restore(self) -> None:
        """Show the snapshots of the desk; once it is restored it is opened."""
        from assessor_desk.gui.restoring import Restoring

        passphrase = self.by_passphrase.field.text()
        if self._openers.closed is None:
            return
        if not passphrase:
            self.by_passphrase.tell_trouble("Type the passphrase of this desk.")
            return
        folder, closed = self._folder, self._openers.closed
        restoring = Restoring(self._tasks, lambda: closed(folder, passphrase), self)
        restoring.restored.connect(lambda: self.open_with(passphrase))
        restoring.refused.connect(self.refuse)
        restoring.begin()

    def _show_recovery(self) -> None:
        self.setCurrentIndex(1)


class PassphrasePage(WaitingPage):
    """Asks for the passphrase."""

    given = Signal(str)
    lost = Signal()

    def __init__(self, folder: Path, parent: QWidget | None = None, *, remembered: bool = False) -> None:
        super().__init__(
            "lock", "Open your desk", f"Everything in {folder} is encrypted with your passphrase.", parent
        )
        self._remembered = remembered
        self.field = self.add_field("Passphrase", secret=True)
        self._remember = QCheckBox("Remember on this computer", self.column)
        self._remember.setEnabled(False)
        self.lines.addWidget(self._remember)
        self._about_remembering = self.add_paragraph(_REMEMBERING)
        self._about_remembering.setContentsMargins(26, 2, 0, 0)
        keep_room(self._about_remembering, lines=2)
        self._remember.setAccessibleDescription(_REMEMBERING)
        self.add_trouble()
        self.add_buttons("Open")
        lost = self.add_quiet("Use the recovery key instead")
        self.restore = self.add_quiet("Restore from a snapshot…")
        self.restore.hide()
        self.finish()
        lost.clicked.connect(self.lost)
        self.field.textEdited.connect(lambda: self.tell_trouble(""))
        self.field.returnPressed.connect(self._on_go)
        self.go.clicked.connect(self._on_go)

    def offer_restoring(self, possible: bool) -> None:
        """The database does not open, and there may be something to restore it from."""
        self.restore.setVisible(possible)

    @property
    def remember(self) -> bool:
        """Whether the system's keyring shall open the desk next time."""
        return self._remember.isChecked()

    def offer_remembering(self, possible: bool) -> None:
        """Known only a moment after the page is shown; the page does not move."""
        self._remember.setEnabled(possible)
        self._remember.setChecked(possible and self._remembered)
        words = _REMEMBERING if possible else _NO_KEYRING
        self._about_remembering.setText(words)
        self._remember.setAccessibleDescription(words)

    def _on_go(self) -> None:
        if not self.go.isEnabled():
            return
        if self.field.text():
            self.given.emit(self.field.text())
        else:
            self.tell_trouble("Type the passphrase of this desk.")


class RecoveryPage(WaitingPage):
    """Asks for the recovery key and a new passphrase."""

    given = Signal(str, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "lock",
            "Open with the recovery key",
            "You set a new passphrase, and all your work is there again. The old passphrase alone opened your signing "
            "key: to seal, ask your programme for a new code and connect once more.",
            parent,
        )
        self.key = self.add_field("Recovery key", hint="XXXX-XXXX-XXXX-…")
        self.first = self.add_field("New passphrase", secret=True)
        self.strength = self.add_paragraph()
        keep_room(self.strength, lines=2)
        self.second = self.add_field("The same passphrase again", secret=True)
        self.add_trouble()
        _, back = self.add_buttons("Set it and open", "Back")
        self.finish()
        assert back is not None
        back.clicked.connect(self.left)
        self.first.textChanged.connect(lambda text: self.strength.setText(hint(text)[0]))
        self.strength.setText(hint("")[0])
        fields = (self.key, self.first, self.second)
        for field in fields:
            field.textEdited.connect(lambda: self.tell_trouble(""))
        for field, following in pairwise(fields):
            field.returnPressed.connect(following.setFocus)
        self.second.returnPressed.connect(self._on_go)
        self.go.clicked.connect(self._on_go)

    def _on_go(self) -> None:
        if not self.go.isEnabled():
            return
        if not self.key.text().strip():
            self.tell_trouble("Type the recovery key that was shown when this desk was made.")
        elif why := why_not(self.first.text(), self.second.text()):
            self.tell_trouble(why)
        else:
            self.given.emit(self.key.text().strip(), self.first.text())
