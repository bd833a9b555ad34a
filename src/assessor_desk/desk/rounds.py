"""Rounds with the sources of a desk, and letting go of what has had its time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes
from assessor_desk.desk.room import Room
from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.store.snapshots import Why
from assessor_desk.store.swapping import BEFORE

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Progress, RoundResult
    from assessor_desk.desk.source_standing import SourceStanding


#: Days are what retention counts in.
_TIDY_EVERY = timedelta(hours=3)


class Rounds(Room):
    """What is taken from sources and delivered to them."""

    def sync(
        self,
        progress: Callable[[Progress], None] = lambda _: None,
        stop: threading.Event | None = None,
        originals: bool = False,
        asked: bool = True,
        with_bytes: bool = True,
    ) -> RoundResult:
        """One round: deliver the outbox, take what is new, fetch bytes, compare counts. Blocks; call it on a side lane.

        `stop` ends it soon, with all kept that came so far. With `originals` recordings are fetched too of which there
        are small renditions, without `with_bytes` no files at all: packets and news cost little. What nobody `asked`
        for passes over a source that is to be left alone for now (`desk.resting`). Raises Refused where there is no
        source or a round is under way already, Unavailable where the source cannot be reached.
        """
        from assessor_desk.desk.connecting import Terms, run_rounds

        terms, quiet = Terms(originals, asked, with_bytes), False
        if not self._round.acquire(blocking=False):
            raise Refused("A round with the source is under way already. Wait until it has ended")
        try:
            with self._upkeep.rounds, self.store.round_watched():
                result = run_rounds(self._surroundings, progress, stop or threading.Event(), terms)
            quiet = result.quiet
            return result
        finally:
            self._round.release()
            # A disk that is full now is told by whatever needs it; what could not be done is the next time.
            with contextlib.suppress(DeskError):
                self._after(quiet)

    def sources(self) -> tuple[SourceStanding, ...]:
        """How each source stands: what waits, why, and when it is tried next."""
        from assessor_desk.desk.source_standing import sources_of

        return sources_of(self.store)

    def _after(self, quiet: bool) -> None:
        """Where nothing came or went, looking through everything for what has had its time can wait."""
        at, now = self._upkeep.tidied_at, self._clock()
        if quiet and at is not None and timedelta() <= now - at < _TIDY_EVERY:
            self.keep_snapshot()
            return
        self._take_in()
        self.tidy()
        self._send_receipts()

    def _send_receipts(self) -> None:
        """What was destroyed in this round is told to its source at once."""
        from assessor_desk.desk.connecting import send_receipts

        send_receipts(self._surroundings)

    def _take_in(self) -> None:
        """Read the packets that came to be decided on."""
        from assessor_desk.domain.roles import Role

        kept = self.store.fact("profile")
        if kept is not None and Role.REVIEWER.value in kept["roles"]:
            from assessor_desk.desk.deciding import take_in

            take_in(self._pen, self.vault)

    def keep_snapshot(self) -> bool:
        """Take a snapshot where one is due (`Store.snapshot_due`), and let the journal reach the disk; whether one was.

        Blocks; call it on a side lane, every few minutes while the desk is open. Raises Damaged where the database
        does not hold any more, Unavailable for the disk.
        """
        self.store.flush_journal()
        return self.store.snapshot_due() and self.store.take_snapshot(Why.HOURLY) is not None

    def tidy(self) -> Changes:
        """Let go of what has had its time (`desk.retention`): after opening, and after each round by itself.

        Blocks; call it on a side lane. Does nothing while a round is under way.
        """
        from assessor_desk.desk import phrase_bank
        from assessor_desk.desk.retention import Premises, tidy

        if not self._upkeep.rounds.acquire(blocking=False):
            return Changes()
        try:
            place = self._place
            phrase_bank.remember_samples(self.store)
            aside = place.path / BEFORE
            premises = Premises(self.store, self.vault, place.outbox, place.snapshots, aside, self._clock)
            changes = tidy(premises, self._upkeep)
            self._upkeep.tidied_at = self._clock()
            self.keep_snapshot()
            return changes
        finally:
            self._upkeep.rounds.release()
