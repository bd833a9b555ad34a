"""Rounds with the source: on start, every few minutes, and when asked for. Offline is calm.

A round runs on a side lane; what it tells on its way comes to the window through signals.
"""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from assessor_desk.desk.answers import Changes, Kind
from assessor_desk.domain.errors import DeskError, Unavailable, sentence
from assessor_desk.gui.session import Session

#: A round's progress may be told thousands of times; the window needs a few a second.
_TELL_EVERY_MS = 150


class Syncing(QObject):
    """Starts, pauses and tells of rounds."""

    progressed = Signal(object)
    ended = Signal()
    _told = Signal(object)

    def __init__(self, session: Session, every_minutes: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._stop = threading.Event()
        self._running = False
        self._latest: Any = None
        self._told.connect(self._on_told)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.start_quietly)
        self._breath = QTimer(self)
        self._breath.setInterval(_TELL_EVERY_MS)
        self._breath.timeout.connect(self._tell)
        self.set_interval(every_minutes)

    @property
    def running(self) -> bool:
        """Whether a round is under way."""
        return self._running

    def set_interval(self, minutes: int) -> None:
        """Minutes between rounds; 0 means only when asked for."""
        self._timer.stop()
        if minutes > 0:
            self._timer.start(minutes * 60_000)

    def start_quietly(self) -> None:
        """A round that nobody asked for: being offline is no news."""
        self._start(asked=False)

    def start(self) -> None:
        """A round that the person asked for."""
        self._start(asked=True)

    def pause(self) -> None:
        """End the round soon; what has arrived stays."""
        self._stop.set()

    def _start(self, *, asked: bool) -> None:
        if self._running or self._session.desk.profile is None:
            return
        self._running, self._stop = True, threading.Event()
        stop, told, desk = self._stop, self._told, self._session.desk
        self._breath.start()
        self._session.tasks.side(
            lambda: desk.sync(told.emit, stop),
            lambda result: self._on_done(result, asked=asked),
            lambda error: self._on_failed(error, asked=asked),
        )

    def _on_told(self, progress: Any) -> None:
        self._latest = progress

    def _tell(self) -> None:
        if self._latest is not None and self._running:
            latest, self._latest = self._latest, None
            self.progressed.emit(latest)
            self._session.changed.emit(Changes.of(Kind.LEDGER))
            self._session.refresh()

    def _on_done(self, result: Any, *, asked: bool) -> None:
        self._finish()
        for trouble in result.troubles:
            self._session.notices.tell(trouble, "caution")
        if asked and not result.troubles:
            self._session.notices.tell(_in_words(result))

    def _on_failed(self, error: DeskError, *, asked: bool) -> None:
        self._finish()
        if asked or not isinstance(error, Unavailable):
            self._session.notices.tell(sentence(error), "caution")

    def _finish(self) -> None:
        self._running = False
        self._latest = None
        self._breath.stop()
        self.ended.emit()
        self._session.announce(Changes.of(Kind.INBOX, Kind.LEDGER, Kind.OUTBOX))


def _in_words(result: Any) -> str:
    """What a round did, in one sentence."""
    done = []
    if result.delivered:
        done.append(f"{result.delivered} packet{'s' if result.delivered > 1 else ''} delivered")
    if result.taken:
        done.append(f"{result.taken} change{'s' if result.taken > 1 else ''} taken in")
    if result.fetched:
        done.append(f"{result.fetched} artifact{'s' if result.fetched > 1 else ''} fetched")
    return f"Synced: {', '.join(done)}." if done else "Synced: nothing new."


def round_in_words(progress: Any) -> str:
    """Where a round stands, in words."""
    match progress.step:
        case "delivering":
            return "Delivering packets"
        case "fetching":
            return f"Fetching evidence, {progress.artifacts_done} of {progress.artifacts_total}"
        case _:
            return "Asking what is new"
