"""Connect to a hub: its address and the one-time code that the programme gave."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.errors import DeskError, Unavailable, WrongPassphrase, sentence
from assessor_desk.gui.pages.page import Page
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Changes

#: Address, code and passphrase, to be called off the GUI thread.
Connect = Callable[[str, str, str], "Changes"]


class ConnectPage(Page):
    """Enrols with a hub. `left` comes when connected, with the changes, or when put off, with None.

    `by_file_wanted`: the programme has no hub, and certifies by file.

    Without `passphrase` the page asks for it: the signing key is made now and wrapped by it.
    """

    left = Signal(object)
    by_file_wanted = Signal()

    def __init__(
        self,
        tasks: Tasks,
        connect: Connect,
        passphrase: str = "",
        *,
        later: str = "Later",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            "online",
            "Connect to your programme",
            "The programme that assigns submissions to you runs a hub. It gave you an address and a code that can be "
            "used once. A signing key is made on this computer; the hub certifies it under your number, not your name.",
            parent,
        )
        self._tasks, self._connect, self._passphrase = tasks, connect, passphrase
        self.address = self.add_field("Address of the hub", hint="https://hub.example.org")
        self.code = self.add_field("One-time code")
        self.passphrase = None if passphrase else self.add_field("Your passphrase", secret=True)
        self.add_trouble()
        _, put_off = self.add_buttons("Connect", later)
        self.by_file = self.add_quiet("My programme has no hub: a certificate by file…")
        self.by_file.clicked.connect(self.by_file_wanted)
        self.finish()
        assert put_off is not None
        put_off.clicked.connect(lambda: self.left.emit(None))
        self.go.clicked.connect(self._on_go)
        fields = [field for field in (self.address, self.code, self.passphrase) if field is not None]
        for field, following in pairwise(fields):
            field.returnPressed.connect(following.setFocus)
        fields[-1].returnPressed.connect(self._on_go)
        for field in fields:
            field.textChanged.connect(lambda: self.tell_trouble(""))

    def _on_go(self) -> None:
        address, code = self.address.text().strip(), self.code.text().strip()
        passphrase = self.passphrase.text() if self.passphrase is not None else self._passphrase
        missing = {
            "the address of the hub": address,
            "the one-time code": code,
            "your passphrase": passphrase,
        }
        lacking = [name for name, value in missing.items() if not value]
        if lacking:
            self.tell_trouble(f"Still needed: {', '.join(lacking)}.")
            return
        self.busy("Connecting…")
        self._tasks.store(
            lambda: self._connect(address, code, passphrase), self._on_connected, self._on_refused
        )

    def _on_connected(self, changes: Changes) -> None:
        self.busy("")
        self.left.emit(changes)

    def _on_refused(self, error: DeskError) -> None:
        self.busy("")
        self.tell_trouble(sentence(error))
        field = self.address if isinstance(error, Unavailable) else self.code
        if self.passphrase is not None and isinstance(error, WrongPassphrase):
            field = self.passphrase
        field.selectAll()
        field.setFocus()
