"""After wrong passphrases the next try waits: the button rests, and says for how long."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer

from assessor_desk.domain.errors import DeskError, WrongPassphrase
from assessor_desk.domain.patience import TooSoon, seconds_to_wait
from assessor_desk.gui.pages.page import Page


class WaitingPage(Page):
    """A page whose button rests while a wait is on."""

    def make_wait(self, seconds: int) -> None:
        """Let the button rest for so many seconds, and say so."""
        self.go.setEnabled(not seconds)
        self._busy.setText(f"Try again in {seconds} s" if seconds else "")


class Waits(QObject):
    """Counts wrong tries, whichever of the pages they were made on, and lets all of them rest."""

    def __init__(self, pages: Sequence[WaitingPage], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pages = pages
        self._refusals = self._left = 0
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._on_tick)

    def heed(self, error: DeskError) -> None:
        """A try was refused. What has nothing to do with the passphrase costs no waiting."""
        if isinstance(error, TooSoon):
            self._wait(error.seconds)
        elif isinstance(error, WrongPassphrase):
            self._refusals += 1
            self._wait(seconds_to_wait(self._refusals))

    def forget(self) -> None:
        """The right one was given."""
        self._refusals = 0

    def _wait(self, seconds: int) -> None:
        self._left = seconds
        if seconds:
            self._tick.start()
        self._show()

    def _on_tick(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._tick.stop()
        self._show()

    def _show(self) -> None:
        for page in self._pages:
            page.make_wait(self._left)
