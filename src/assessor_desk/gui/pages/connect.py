"""Connect to a hub: by its address and the one-time code that the programme gave, or by a stick in two trips."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from assessor_desk.domain.addresses import FOLDER, folder_named, is_folder
from assessor_desk.domain.errors import DeskError, Unavailable, WrongPassphrase, sentence
from assessor_desk.gui.pages.page import Page, announce
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Changes
    from assessor_desk.desk.by_folder import Asked

#: Address, code and passphrase, to be called off the GUI thread.
Connect = Callable[[str, str, str], "Changes"]
#: The request that waits on a stick, if one does; also off the GUI thread.
FindAsked = Callable[[], "Asked | None"]
_CODE, _FINGERPRINT = "One-time code", "Your programme’s fingerprint, once the stick is back"


def _nothing_asked() -> None:
    """Where there are no sticks."""


class ConnectPage(Page):
    """Enrols with a hub. `left` comes when connected, with the changes, or when put off, with None.

    `by_file_wanted`: the programme has no hub, and certifies by file. `asked` finds the request that waits on a stick:
    with an address that begins with `folder:` the first trip leaves one there, and the page stays.

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
        asked: FindAsked = _nothing_asked,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            "online",
            "Connect to your programme",
            "The programme that assigns submissions to you runs a hub. It gave you an address and a code that can be "
            "used once. A signing key is made on this computer; the hub certifies it under your number, not your name.",
            parent,
        )
        self._tasks, self._connect, self._passphrase, self._asked = tasks, connect, passphrase, asked
        self.address = self.add_field("Address of the hub", hint="https://hub.example.org")
        self.code = self.add_field(_CODE)
        self.passphrase = None if passphrase else self.add_field("Your passphrase", secret=True)
        self.told = self.add_paragraph()
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.told.hide()
        self.add_trouble()
        _, put_off = self.add_buttons("Connect", later)
        self.by_stick = self.add_quiet("No network here: by a stick…")
        self.by_stick.clicked.connect(self._on_by_stick)
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
        self.address.textChanged.connect(self._on_address)
        if asked is not _nothing_asked:
            self._tasks.store(self._asked, self._show_asked, lambda _: None)

    @property
    def _is_stick(self) -> bool:
        return is_folder(self.address.text())

    def _on_by_stick(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, "Choose the stick, or a folder on it"):
            self.choose_stick(Path(folder))

    def choose_stick(self, folder: Path) -> None:
        """Connect by a stick that lies there."""
        self.address.setText(f"{FOLDER}{folder}")

    def _on_address(self) -> None:
        self.name_field(self.code, _FINGERPRINT if self._is_stick else _CODE)

    def _show_asked(self, asked: Asked | None) -> None:
        """A request lies on a stick: what to do with it, and how its key reads."""
        if asked is None:
            self.told.hide()
            return
        if not self.address.text():
            self.address.setText(asked.address)
        self._tell(
            f"The request is on the stick, in {folder_named(asked.address)}. Take it to your programme, which "
            f"compares its key with you: {asked.key_words}. When the stick is back, connect once more."
        )

    def _tell(self, words: str) -> None:
        self.told.setText(words)
        self.told.show()
        announce(self.told, words)

    def _on_go(self) -> None:
        address, code = self.address.text().strip(), self.code.text().strip()
        passphrase = self.passphrase.text() if self.passphrase is not None else self._passphrase
        missing = {
            "the address of the hub": address,
            "the one-time code": code or self._is_stick,
            "your passphrase": passphrase,
        }
        lacking = [name for name, value in missing.items() if not value]
        if lacking:
            self.tell_trouble(f"Still needed: {', '.join(lacking)}.")
            return
        by_stick = self._is_stick
        self.busy("Connecting…")

        def connect() -> tuple[Changes, Asked | None]:
            changes = self._connect(address, code, passphrase)
            return changes, self._asked() if by_stick else None

        self._tasks.store(connect, self._on_connected, self._on_refused)

    def _on_connected(self, done: tuple[Changes, Asked | None]) -> None:
        changes, asked = done
        self.busy("")
        if asked is None:
            self.left.emit(changes)
        else:
            self._show_asked(asked)

    def _on_refused(self, error: DeskError) -> None:
        from assessor_desk.desk.by_folder import Unconfirmed

        self.busy("")
        if isinstance(error, Unconfirmed):  # a step on the way, and nobody's fault
            self._tell(sentence(error))
            self.code.setFocus()
            return
        self.tell_trouble(sentence(error))
        field = self.address if isinstance(error, Unavailable) else self.code
        if self.passphrase is not None and isinstance(error, WrongPassphrase):
            field = self.passphrase
        field.selectAll()
        field.setFocus()
