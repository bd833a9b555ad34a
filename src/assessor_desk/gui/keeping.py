"""Snapshots while the window is open, every so often on a side lane: nobody waits for one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from assessor_desk.domain.errors import DeskError, Restorable, sentence
from assessor_desk.gui.session import Session

#: Whether one is due is asked much more often than one is taken; the journal reaches the disk as often.
EVERY_MS = 60_000


class Keeping(QObject):
    """Asks the desk to keep a snapshot where one is due."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._told = ""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.keep)
        self._timer.start(EVERY_MS)

    def keep(self) -> None:
        """Take a snapshot where one is due."""
        self._session.tasks.side(self._session.desk.keep_snapshot, lambda _: None, self._refuse)

    def _refuse(self, error: DeskError) -> None:
        """Once: a full disk is still full a minute later, and whatever needs it says so too."""
        words = sentence(error)
        if words != self._told:
            self._told = words
            self._session.notices.tell(words, "danger" if isinstance(error, Restorable) else "caution")
