"""Rounds with the source: on start, every few minutes, and when asked for. Offline is calm.

A round runs on a side lane; what it tells on its way comes to the window through one signal, a few times a second.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import DeskError, Unavailable, sentence
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from PySide6.QtNetwork import QNetworkInformation

    from assessor_desk.desk import Desk
    from assessor_desk.desk.source_standing import SourceStanding

#: A round's progress may be told thousands of times; the eye needs a few a second, the panes less often.
_SHOW_EVERY_MS = 150
_REFRESH_EVERY = 8
#: A pause that a source asked for may be long; whoever wakes a sleeping computer wants news.
_LONGEST_TIMER_MS = 30 * 60 * 1000
#: Hours between which recordings themselves are fetched, where that is wanted.
_NIGHT_BEGINS, _NIGHT_ENDS = 22, 6
_FILES_WAIT = "Files wait: this connection is metered. What you seal and what is new goes on."


class Told(Protocol):
    """What a round tells on its way; bytes are sealed bytes of this round."""

    @property
    def step(self) -> str:
        """`delivering`, `asking` or `fetching`."""

    @property
    def what(self) -> str:
        """The thing it is about."""

    @property
    def bytes_done(self) -> int:
        """Bytes that have come."""

    @property
    def bytes_total(self) -> int:
        """Bytes that are wanted."""


class Done(Protocol):
    """What a round did."""

    @property
    def delivered(self) -> int:
        """Packets delivered."""

    @property
    def taken(self) -> int:
        """Changes taken in."""

    @property
    def fetched(self) -> int:
        """Artifacts that have come."""

    @property
    def troubles(self) -> tuple[str, ...]:
        """Sentences on what did not go through."""

    @property
    def told(self) -> tuple[str, ...]:
        """Sentences on what went through and is worth knowing."""

    @property
    def stopped(self) -> bool:
        """Whether a person stopped it."""


@dataclass
class _Round:
    """A round under way. The lane writes `latest`, the window reads it."""

    asked: bool
    stop: threading.Event
    with_bytes: bool = True
    latest: Told | None = None

    def tell(self, told: Told) -> None:
        """Keep what was told last."""
        self.latest = told


class Syncing(QObject):
    """Starts, pauses, cancels and tells of rounds."""

    progressed = Signal(object)
    ended = Signal()
    standing_read = Signal(object)

    def __init__(self, session: Session, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
        self._round: _Round | None = None
        self._examining: threading.Event | None = None
        self._beats = 0
        self._watching = False
        self.paused = False
        self.waits_for_unmetered = False
        self._once_more = False
        self._asked_meanwhile = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.start_quietly)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.start_quietly)
        self._breath = QTimer(self)
        self._breath.setInterval(_SHOW_EVERY_MS)
        self._breath.timeout.connect(self._show)
        self.heed_preferences()

    @property
    def running(self) -> bool:
        """Whether a round is under way."""
        return self._round is not None

    def heed_preferences(self) -> None:
        """Take the interval as it is set now; 0 minutes means only when asked for."""
        self._timer.stop()
        if not self._preferences.pause_on_metered:
            self._wait_for_unmetered(False)
        if self._preferences.sync_minutes > 0:
            self._timer.start(self._preferences.sync_minutes * 60_000)

    def begin(self) -> None:
        """The desk was just opened: let go of what has had its time, and have a first round."""
        self._session.tasks.side(self._session.desk.tidy, self._on_tidied, self._on_failed_to_tidy)
        self.start_quietly()

    def start_quietly(self) -> None:
        """A round that nobody asked for: being offline is no news, and on a metered connection files wait."""
        if self.paused:
            return
        self._watch_metering()
        self._wait_for_unmetered(self._preferences.pause_on_metered and on_metered_connection())
        self._start(asked=False)

    @property
    def by_itself(self) -> bool:
        """Whether rounds begin without being asked for."""
        return self._preferences.sync_minutes > 0

    def show_standing(self) -> None:
        """Read how each source stands; `standing_read` then carries it."""
        desk = self._session.desk
        self._session.tasks.side(desk.sources, self.standing_read.emit)

    def _plan(self, stopped: bool) -> None:
        """A source that was out of reach is tried again when its pause is over, and not only with the next round.

        Where that was over already when a round was stopped, none is to follow.
        """
        if self.by_itself:
            self._session.tasks.side(
                self._session.desk.sources, lambda sources: self._on_pauses(sources, stopped)
            )

    def _on_pauses(self, sources: Sequence[SourceStanding], stopped: bool) -> None:
        now = now_utc()
        pauses = [one.try_again_at for one in sources if one.try_again_at is not None]
        soonest = min((at for at in pauses if at > now or not stopped), default=None)
        if soonest is not None and self._round is None:
            left = (soonest - now).total_seconds()
            self._again.start(min(_LONGEST_TIMER_MS, max(1000, int(1000 * left) + 500)))

    @property
    def why_paused(self) -> str:
        """A sentence on why no round begins by itself; empty where one does."""
        return "Syncing is paused." if self.paused else ""

    @property
    def why_files_wait(self) -> str:
        """A sentence on what rounds leave out that begin by themselves; empty where they fetch everything."""
        return _FILES_WAIT if self.waits_for_unmetered and not self.paused else ""

    def _watch_metering(self) -> None:
        if self._watching or not self._preferences.pause_on_metered:
            return
        self._watching = True
        if (information := _network_information()) is not None:
            information.isMeteredChanged.connect(self._on_metering_changed)
            information.reachabilityChanged.connect(self._on_reachability_changed)

    def _on_metering_changed(self, metered: bool) -> None:
        """A round that nobody asked for fetches no files where volume begins to cost, and all where it ceases to."""
        if not self._preferences.pause_on_metered:
            return
        self._wait_for_unmetered(metered)
        going = self._round
        if metered and going is not None and not going.asked and going.with_bytes:
            self._once_more = True
            going.stop.set()
        elif not metered:
            self.start_quietly()

    def _on_reachability_changed(self, reachability: object) -> None:
        """Back on a network: whatever was out of reach is tried at once."""
        from PySide6.QtNetwork import QNetworkInformation

        online = reachability == QNetworkInformation.Reachability.Online
        if online and self.by_itself and not self.paused:
            self._start(asked=False, at_once=True)

    def _wait_for_unmetered(self, waits: bool) -> None:
        if waits != self.waits_for_unmetered:
            self.waits_for_unmetered = waits
            self._session.announce(Changes.of(Kind.LEDGER))

    def start(self) -> None:
        """A round that the person asked for; it ends a pause. Where one is under way, another follows it."""
        self.paused = False
        self._start(asked=True)

    def pause(self) -> None:
        """End the round soon, and begin no other until asked to; what has arrived stays."""
        self.paused = True
        self.cancel()

    def cancel(self) -> None:
        """End this round soon, and let none follow that was asked for before; what has arrived stays."""
        self._asked_meanwhile = False
        if self._round is not None:
            self._round.stop.set()
        if self._examining is not None:
            self._examining.set()

    def _start(self, *, asked: bool, at_once: bool = False) -> None:
        if self._round is not None:
            if asked:
                # It may fetch no files, and may be past what is wanted now.
                self._round.asked = self._asked_meanwhile = True
            return
        with_bytes = asked or not self.waits_for_unmetered
        desk, going = self._session.desk, _Round(asked, threading.Event(), with_bytes)
        originals = self._preferences.originals_overnight and at_night(datetime.now().astimezone())
        self._round = going
        self._breath.start()

        def work() -> Done | None:
            now = asked or at_once
            return (
                desk.sync(going.tell, going.stop, originals, now, with_bytes) if _has_source(desk) else None
            )

        self._session.tasks.side(work, self._on_done, self._on_failed)

    def _show(self) -> None:
        told = self._round.latest if self._round else None
        if told is None:
            return
        self.progressed.emit(told)
        self._beats = (self._beats + 1) % _REFRESH_EVERY
        if self._beats == 0:
            self._session.announce(Changes.of(Kind.INBOX, Kind.LEDGER))

    def _on_done(self, done: Done | None) -> None:
        asked = self._finish()
        if done is None:
            return
        for trouble in done.troubles:
            self._session.notices.tell(trouble, "caution")
        for words in done.told:
            self._session.notices.tell(words)
        if asked and not (done.troubles or done.told) and not done.stopped:
            self._session.notices.tell(in_words(done))

    def _on_failed(self, error: DeskError) -> None:
        asked = self._finish()
        if asked or not isinstance(error, Unavailable):
            self._session.notices.tell(sentence(error), "caution")

    def _on_tidied(self, changes: Changes) -> None:
        if changes:
            self._session.announce(changes)

    def _on_failed_to_tidy(self, error: DeskError) -> None:
        self._session.notices.tell(sentence(error), "caution")

    def _finish(self) -> bool:
        """The round is over; whether a person had asked for it."""
        asked = self._round is not None and self._round.asked
        stopped = self._round is not None and self._round.stop.is_set()
        self._round = None
        self._breath.stop()
        self.ended.emit()
        self._session.announce(Changes.of(Kind.INBOX, Kind.LEDGER, Kind.OUTBOX))
        self._plan(stopped)
        self._examine()
        asked_meanwhile, self._asked_meanwhile = self._asked_meanwhile, False
        once_more, self._once_more = self._once_more, False
        if asked_meanwhile:
            self._start(asked=True)
        elif once_more:
            self.start_quietly()  # what is small goes on
        return asked

    def _examine(self) -> None:
        """Look through what came, on a lane of its own: a recording made playable may take minutes."""
        if self._examining is not None:
            return
        desk, stop = self._session.desk, threading.Event()
        self._examining = stop
        self._session.tasks.side(lambda: desk.examine(stop), self._on_examined, self._on_failed_to_examine)

    def _on_examined(self, changes: Changes) -> None:
        self._examining = None
        if changes:
            self._session.announce(changes)

    def _on_failed_to_examine(self, error: DeskError) -> None:
        self._examining = None
        self._session.notices.tell(sentence(error), "caution")


def _has_source(desk: Desk) -> bool:
    """Whether there is anybody to have a round with: a certificate may have come by file."""
    profile = desk.profile
    return profile is not None and bool(profile.source_address)


def now_utc() -> datetime:
    """The clock that pauses are reckoned by."""
    return datetime.now(UTC)


def at_night(now: datetime) -> bool:
    """Whether nobody is likely to need the connection, by this computer's clock."""
    return now.hour >= _NIGHT_BEGINS or now.hour < _NIGHT_ENDS


def in_words(done: Done) -> str:
    """What a round did, in one sentence."""
    counts = {
        "packet{} delivered": done.delivered,
        "change{} taken in": done.taken,
        "artifact{} fetched": done.fetched,
    }
    told = [f"{count} {words.format('' if count == 1 else 's')}" for words, count in counts.items() if count]
    return f"Synced: {', '.join(told)}." if told else "Synced: nothing new."


def on_metered_connection() -> bool:
    """Whether the system says that the connection is paid for by volume; False where it cannot tell."""
    information = _network_information()
    return information is not None and information.isMetered()


def can_tell_metered() -> bool:
    """Whether this system says of a connection that it is paid for by volume."""
    return _network_information() is not None


def _network_information() -> QNetworkInformation | None:
    from PySide6.QtNetwork import QNetworkInformation

    metered = QNetworkInformation.Feature.Metered
    if not QNetworkInformation.loadBackendByFeatures(metered):
        return None
    information = QNetworkInformation.instance()
    return information if information.supports(metered) else None
