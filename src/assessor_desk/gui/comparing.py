"""Has the words of documents read for the checks while a submission is open, and asks the checks once more then.

The desk reads them on a side lane, some time after the submission was opened: what is looked at comes first.
"""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QTimer

from assessor_desk.desk.changes import Changes
from assessor_desk.gui.session import Session

#: A submission that is merely passed over is not read.
_PAUSE_MS = 1500


class Comparing(QObject):
    """Reads each submission's documents once they are here."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._read: set[tuple[str, frozenset[str]]] = set()
        self._stop = threading.Event()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)
        session.case_changed.connect(self._on_case)

    def leave(self) -> None:
        """Read no more."""
        self._pause.stop()
        self._stop.set()

    def _on_case(self) -> None:
        if self._what() in self._read:
            self._pause.stop()
        elif not self._pause.isActive():
            self._pause.start()

    def _on_pause(self) -> None:
        what = self._what()
        if what in self._read or not what[0]:
            return
        self._read.add(what)
        desk, own_id, stop = self._session.desk, what[0], self._stop
        self._session.tasks.side(lambda: desk.read_words(own_id, stop), self._on_read, lambda _: None)

    def _what(self) -> tuple[str, frozenset[str]]:
        """The submission that is open, and which of its artifacts are here; nothing for one that is read alone."""
        case = self._session.case
        if case is None or case.read_only or case.set_aside:
            return "", frozenset()
        return case.submission.id, frozenset(
            own_id for own_id, one in case.artifact_states.items() if one.here
        )

    def _on_read(self, changes: Changes) -> None:
        if self._session.submission_id in changes.submissions:
            self._session.refresh()
