"""Evidence that is being fetched because somebody asked for it: recordings in full, and what is not here at all; one
after the other, told on the way.

They outlive the viewer that asked, and the submission that was open. What is not here when the window closes stays
wanted, and comes with a later round.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import DeskError, Unavailable, sentence
from assessor_desk.gui.original import Stage, Standing

if TYPE_CHECKING:
    from assessor_desk.desk.answers import ArtifactState
    from assessor_desk.gui.session import Session

_SHOW_EVERY_MS = 200


@dataclass
class _Fetch:
    """One that is wanted now. A side lane writes `here` and `of`, the window reads them."""

    submission_id: str
    artifact_id: str
    name: str
    brought: bool = False  # an artifact of which nothing is here, and not the original behind a small copy
    stop: threading.Event = field(default_factory=threading.Event)
    here: int = 0
    of: int = 0

    def tell(self, here: int, of: int) -> None:
        """Keep what was told last."""
        self.here, self.of = here, of


class Originals(QObject):
    """Fetches originals, and gives them up. `changed` comes a few times a second while one comes."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._wanted: list[_Fetch] = []
        self._breath = QTimer(self)
        self._breath.setInterval(_SHOW_EVERY_MS)
        self._breath.timeout.connect(self.changed)

    def standing(self, submission_id: str, artifact_id: str, state: ArtifactState | None) -> Standing:
        """How far an original is, by what is under way here and by what the desk knows."""
        fetch = self._fetch(submission_id, artifact_id)
        if fetch is not None:
            of = fetch.of or (state.later_bytes if state else 0)
            return Standing(Stage.COMING, fetch.here or (state.later_here if state else 0), of)
        if state is None or not state.later_bytes:
            return Standing(Stage.HERE)
        return Standing(Stage.WAITING if state.asked else Stage.LATER, state.later_here, state.later_bytes)

    def want(self, submission_id: str, artifact_id: str, name: str) -> None:
        """Fetch an original now, after those that were wanted before."""
        if self._fetch(submission_id, artifact_id) is not None:
            return
        fetch = _Fetch(submission_id, artifact_id, name)
        self._wanted.append(fetch)
        self.changed.emit()
        self._session.act(
            lambda desk: desk.ask_for_original(submission_id, artifact_id),
            lambda done: self._begin() if done else self._forget(fetch),
        )

    def bring(self, submission_id: str, artifact_id: str, name: str) -> None:
        """Fetch now what is not here at all, after those that were wanted before."""
        if self._fetch(submission_id, artifact_id) is None:
            self._wanted.append(_Fetch(submission_id, artifact_id, name, brought=True))
            self.changed.emit()
            self._begin()

    def coming(self, submission_id: str, artifact_id: str) -> tuple[int, int] | None:
        """How many bytes of how many are here of what is being brought; None where it is not."""
        fetch = self._fetch(submission_id, artifact_id)
        return (fetch.here, fetch.of) if fetch is not None else None

    def stop(self, submission_id: str, artifact_id: str) -> None:
        """Fetch it no further now; what came is kept, and the rest comes with a round."""
        fetch = self._fetch(submission_id, artifact_id)
        if fetch is None:
            return
        fetch.stop.set()
        if self._wanted[0] is not fetch:
            self._forget(fetch)

    def give_up(self, submission_id: str, artifact_id: str) -> None:
        """Fetch it neither now nor later; what came so far is kept, to go on with."""
        fetch = self._fetch(submission_id, artifact_id)
        if fetch is not None:
            fetch.stop.set()
        self._session.act(lambda desk: desk.give_up_original(submission_id, artifact_id))

    def leave(self) -> None:
        """End what is under way, because the window closes; it stays wanted."""
        self._breath.stop()
        for fetch in self._wanted:
            fetch.stop.set()

    def _fetch(self, submission_id: str, artifact_id: str) -> _Fetch | None:
        own = (submission_id, artifact_id)
        return next((one for one in self._wanted if (one.submission_id, one.artifact_id) == own), None)

    def _begin(self) -> None:
        """One at a time, so that two do not share a thin line, and lanes stay free for opening evidence."""
        if self._breath.isActive() or not self._wanted:
            return
        desk, fetch = self._session.desk, self._wanted[0]
        self._breath.start()

        def work() -> bool:
            fetching = desk.bring_here if fetch.brought else desk.fetch_original
            return fetching(fetch.submission_id, fetch.artifact_id, fetch.tell, fetch.stop)

        self._session.tasks.side(
            work, lambda here: self._on_done(fetch, here), lambda error: self._on_failed(fetch, error)
        )

    def _on_done(self, fetch: _Fetch, here: bool) -> None:
        self._forget(fetch)
        if here and not fetch.brought:
            self._session.notices.tell(f"The original of {fetch.name} is here.")
        self._session.announce(_touched(fetch))
        self._begin()

    def _on_failed(self, fetch: _Fetch, error: DeskError) -> None:
        self._forget(fetch)
        later = f" {fetch.name} stays wanted and comes with the next round."
        words = sentence(error) + (later if isinstance(error, Unavailable) else "")
        self._session.notices.tell(words, "caution")
        self._session.announce(_touched(fetch))
        self._begin()

    def _forget(self, fetch: _Fetch) -> None:
        if self._wanted[:1] == [fetch]:
            self._breath.stop()
        self._wanted.remove(fetch)
        self.changed.emit()


def _touched(fetch: _Fetch) -> Changes:
    return Changes.of(Kind.INBOX, Kind.LEDGER, Kind.REVIEW, submission=fetch.submission_id)
