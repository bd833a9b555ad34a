"""One round with a source: deliver the outbox, take changes, fetch bytes, compare counts.

Each step may be repeated, interrupted or killed and begun again: a packet is delivered under its digest, a page of
changes is the present state of things, a download goes on where it stopped and counts only once its SHA-256 is right.
Nothing here holds a transaction while it talks to the source. A round with nothing new is one question, and takes no
longer with many assignments than with few (docs/decisions/0190).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from assessor_desk.artifacts.downloads import GivenUp
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.changes import (
    Blob,
    DeliveryKind,
    Receipt,
    SourceChanges,
    SourceCounts,
)
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable, sentence
from assessor_desk.sync.asking_ahead import AskingAhead
from assessor_desk.sync.custody import deliver_receipts
from assessor_desk.sync.downloading import (
    FAILURES_IN_A_ROW,
    LONGEST_WAIT,
    Downloading,
    Standing,
    Stopped,
    Wanted,
)
from assessor_desk.sync.fetching import Fetching, Told
from assessor_desk.sync.interrupting import interrupting
from assessor_desk.sync.lost_files import receipt_of_lost
from assessor_desk.sync.source import (
    LONGEST_REST,
    Busy,
    EnrolmentRevoked,
    Held,
    NotEnrolled,
    OnItsWay,
    Source,
    UnknownCursor,
)
from assessor_desk.sync.uncollected import uncollected
from assessor_desk.sync.unreached import is_silence, may_be_of_one_thing
from assessor_desk.sync.vetting import CheckStamp, CheckTrust, Vetting, Vouch, without_vouching

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.store.deciding import DeliveredLine
    from assessor_desk.store.lines import OutboxLine, WantedArtifact
    from assessor_desk.store.store import Store

T = TypeVar("T")

#: How long it is taken on trust that source and desk hold the same, where nothing new was told.
_TRUSTED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a round stands: `step` is `delivering`, `asking` or `fetching`; bytes are sealed bytes of this round."""

    step: str
    what: str = ""
    bytes_done: int = 0
    bytes_total: int = 0
    artifacts_done: int = 0
    artifacts_total: int = 0


@dataclass(frozen=True, slots=True)
class RoundResult:
    """What a round did: packets delivered, changes taken, artifacts fetched, packets still waiting.

    `troubles` are sentences on what did not go through, `told` on what did and is worth knowing, `again` on packets
    that did not go for the same reason before. `offered`: the source was offered all that waits for it. `stopped` says
    that a person stopped it, `not_before` that the source asked to be left alone until then. `clock_off` is by how much
    this computer's clock is ahead of the source's, where that shows one.
    """

    delivered: int = 0
    taken: int = 0
    fetched: int = 0
    waiting: int = 0
    troubles: tuple[str, ...] = ()
    stopped: bool = False
    not_before: datetime | None = None
    told: tuple[str, ...] = ()
    clock_off: timedelta = timedelta()
    entries: int = 0  # that came from the person's other devices
    again: tuple[str, ...] = ()
    offered: bool = True

    @property
    def whole(self) -> bool:
        """Whether the round came to its end."""
        return not self.stopped and self.not_before is None

    @property
    def quiet(self) -> bool:
        """Whether nothing changed here."""
        return not (
            self.delivered or self.taken or self.fetched or self.troubles or self.told or self.stopped
        )


CheckReceipt = Callable[[Receipt, str], None]


def run_round(
    store: Store,
    vault: Vault,
    source: Source,
    clock: Callable[[], datetime],
    progress: Callable[[Progress], None],
    stop: threading.Event,
    check_receipt: CheckReceipt,
    check_trust: CheckTrust,
    vouch: Vouch = without_vouching,
    originals: bool = False,
    check_stamp: CheckStamp = lambda _: None,
    with_bytes: bool = True,
    between: Callable[[], object] = lambda: None,
) -> RoundResult:
    """Carry out one round; `stop` ends it soon, with everything that came so far kept.

    `check_receipt` raises Damaged for a receipt that does not hold for a packet's digest: only a packet whose
    signed receipt was verified counts as on the hub. `check_trust` raises Damaged for a trust list that the one
    at hand does not vouch for: it is left out before anything is written. `vouch` raises Damaged for a rubric or
    policy that its issuer did not sign so; it is left out with the assignments that name it, and told. Trouble with
    one packet or artifact (refused, damaged, no room on the disk) is told in the result and the round goes on;
    Unavailable is raised where the source is lost as a whole, Refused where it does not know this device any more.
    Where it says that the enrolment was revoked, the evidence that came from it is removed first. Recordings with a
    small rendition are fetched where they were asked for, or with `originals`. `check_stamp` raises a DeskError for a
    time-stamp that is not over what was delivered from here, or not by whom the trust list names: it is left out.
    Without `with_bytes` no files are fetched, as where volume costs; what is done `between` news and files is small.
    """
    checks = (check_receipt, check_trust, vouch, check_stamp)
    going = _Round(store, vault, source, clock, progress, stop, *checks, originals, with_bytes, between)
    try:
        with interrupting(source, stop):
            going.run()
    except Stopped:
        going.stopped = True
    except EnrolmentRevoked as revoked:
        going.remove(store.end_enrolment(source.identity))
        words = "The evidence was removed from this computer; what you wrote can be read and exported."
        raise Refused(f"{sentence(revoked)} {words}") from revoked
    except Busy as busy:
        going.troubles.append(sentence(busy))
        going.not_before = clock() + timedelta(seconds=min(busy.seconds, LONGEST_REST.total_seconds()))
    except Unavailable:
        if not stop.is_set():
            raise
        going.stopped = True
    return RoundResult(
        going.delivered,
        going.taken,
        going.fetched,
        len(store.outbox_waiting(source.identity)),
        tuple(going.troubles),
        going.stopped,
        going.not_before,
        tuple(going.told),
        going.clock_off,
        again=tuple(going.again),
        offered=going.offered,
    )


@dataclass
class _Round:
    store: Store
    vault: Vault
    source: Source
    clock: Callable[[], datetime]
    progress: Callable[[Progress], None]
    stop: threading.Event
    check_receipt: CheckReceipt
    check_trust: CheckTrust
    vouch: Vouch
    check_stamp: CheckStamp
    originals: bool = False
    with_bytes: bool = True
    between: Callable[[], object] = lambda: None
    delivered: int = 0
    taken: int = 0
    fetched: int = 0
    troubles: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    stopped: bool = False
    not_before: datetime | None = None
    offered: bool = False
    clock_off: timedelta = timedelta()
    _counted: SourceCounts | None = None
    _settled: bool = False
    _taken_anew: bool = False
    _tried: set[str] = field(default_factory=set)
    _refused: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        unheard = self._delivered_unheard()
        self.delivered += deliver_receipts(
            self.store, self.source, self.clock, self.check_receipt, self._heed_stop
        )
        self._deliver_outbox()
        self._take_changes()
        self._hear_of_deliveries(unheard)
        self._settle_refused()
        self._deliver_again()
        self.between()
        self._look_for_missing()
        if self.with_bytes:
            self._fetch_bytes()
            self._fetch_packets()
        self._compare_counts()

    def remove(self, digests: Iterable[str]) -> None:
        """Delete files of evidence that was recalled. One that is open elsewhere is swept up later: its key is gone."""
        for digest in digests:
            with contextlib.suppress(OSError):
                self.vault.remove(digest)

    @cached_property
    def _vetting(self) -> Vetting:
        checks = (self.check_trust, self.vouch, self.check_stamp)
        return Vetting(self.store, self.source, *checks, self._tell_trouble)

    @property
    def _fetching(self) -> Fetching:
        return Fetching(self.source, self.vault)

    def _heed_stop(self) -> None:
        if self.stop.is_set():
            raise Stopped

    def _patiently(self, call: Callable[[], T]) -> T:
        """Ask once more after a source's own waiting time, unless that is long."""
        self._heed_stop()
        try:
            return call()
        except Busy as busy:
            if busy.seconds > LONGEST_WAIT:
                raise
            self.stop.wait(busy.seconds)
        self._heed_stop()
        return call()

    # -- deliver -----------------------------------------------------------------------------------------------

    def _deliver_outbox(self, but: Collection[str] = ()) -> None:
        """Offer what waits. What the source cannot take now, a large packet perhaps, keeps back neither the others nor
        the news: whether it is lost as a whole shows there.
        """
        self.offered, failures = False, 0
        for line in self._to_offer():
            if line.id in but:
                continue
            self._tried.add(line.id)
            if failures >= FAILURES_IN_A_ROW:
                continue  # it waits for the next round
            self.progress(Progress("delivering", line.digest))
            try:
                receipt = self._patiently(lambda line=line: self._deliver(line))  # type: ignore[misc]
            except OnItsWay as way:
                self.store.outbox_failed(line.id, sentence(way))
                continue
            except NotEnrolled as error:
                self.store.outbox_failed(line.id, sentence(error))
                raise
            except Unavailable as error:
                self._heed_stop()
                words = sentence(error)
                self.store.outbox_failed(line.id, words)
                if not may_be_of_one_thing(error):
                    raise
                if words not in (*self.troubles, *self.again):
                    self._tell_again(line, words)
                failures += FAILURES_IN_A_ROW if is_silence(error) else 1
                continue
            except DeskError as error:
                # What is damaged on its way says nothing of whether the source has it; a refusal does.
                words = sentence(error)
                self.store.outbox_failed(line.id, words, isinstance(error, Refused))
                self._refused[line.digest] = words
                self._tell_again(line, words, known=line.refused)
                continue
            self.store.outbox_delivered(line.id, receipt.signed, self.clock())
            self.delivered, failures = self.delivered + 1, 0
        self.offered = True

    def _to_offer(self) -> list[OutboxLine]:
        with self.store.reading() as view:
            return view.outbox_to_offer(self.source.identity)

    def _tell_again(self, line: OutboxLine, words: str, known: bool = True) -> None:
        (self.again if known and line.last_trouble == words else self.troubles).append(words)

    def _settle_refused(self) -> None:
        """What was refused because its assignment was just withdrawn stays here, which is no trouble; what stands again
        goes at once. What a correction has taken the place of went with its refusal, and stays nowhere.
        """
        waiting = {line.digest for line in self.store.outbox_waiting(self.source.identity)}
        with self.store.reading() as view:
            held_back = [own for own in self._refused if own not in waiting and view.outbox_named(own)]
        kept = [self._refused[digest] for digest in held_back]
        for words in kept:
            (self.troubles if words in self.troubles else self.again).remove(words)
        if kept:
            many = "1 sealed review stays" if len(kept) == 1 else f"{len(kept)} sealed reviews stay"
            self.told.append(f"{many} on this computer: {self.source.title} has withdrawn the assignment.")
        if waiting - self._tried:
            self._deliver_outbox(but=frozenset(self._tried))

    def _deliver(self, line: OutboxLine) -> Receipt:
        try:
            with open_sealed(line.path, line.key, "the sealed packet") as packet:
                receipt = self.source.deliver(
                    cast("BinaryIO", packet), line.length, line.digest, DeliveryKind(line.kind)
                )
        except Damaged as damage:
            receipt = receipt_of_lost(self.source, line, damage)
        if receipt.packet_digest != line.digest:
            raise Damaged(f"{self.source.title} signed for another packet than the one sent")
        if receipt.signed:
            self.check_receipt(receipt, line.digest)
        return receipt

    def _delivered_unheard(self) -> bool:
        with self.store.reading() as view:
            return view.delivered_unheard(self.source.identity)

    def _hear_of_deliveries(self, before: bool) -> None:
        """The cursor lies behind what was delivered in this round: a source that is put back now shows itself by it.

        What an earlier round delivered, that ended before it took changes, is asked for by its digest.
        """
        if self._delivered_unheard():
            with self.store.transaction() as work:
                work.heard_of_deliveries(self.source.identity, at_once=not before)
                work.commit()

    def _deliver_again(self) -> None:
        """A source that was restored from a back-up may lack what it gave a receipt for: it gets that once more."""
        identity = self.source.identity
        with self.store.reading() as view:
            if not view.was_restored(identity):
                return
            digests = [*view.outbox_receipted(identity), *view.custody.sent(identity)]
        try:
            held = self._patiently(lambda: self.source.held(digests))
        except Refused:  # a source of an earlier version cannot say; a later one may
            return
        lost = [digest for digest in digests if digest not in held.delivered]
        unreleased = self._unreleased(held)
        with self.store.transaction() as work:
            work.deliver_again(identity, lost)
            work.custody.send_again(identity, held.delivered)
            for decision in unreleased:
                work.deciding.forget_release(decision)
            work.commit()
        self._tell_of_restoring(len(lost), len(unreleased))
        if lost:  # what waits anyway was tried in this round already
            self._deliver_outbox()

    def _unreleased(self, held: Held) -> list[str]:
        """Decisions whose report was released here, and of which the source knows no more."""
        with self.store.reading() as view:
            released = view.deciding.releases_through(self.source.identity)
        return [decision for decision in released if decision not in held.released]

    def _tell_of_restoring(self, lost: int, unreleased: int) -> None:
        if lost:
            what = "1 delivery that it lacked is" if lost == 1 else f"{lost} deliveries that it lacked are"
            self.told.append(f"{self.source.title} was restored from a back-up: {what} sent again.")
        if unreleased:
            what = "1 report is" if unreleased == 1 else f"{unreleased} reports are"
            self.told.append(
                f"{self.source.title} was restored from a back-up: {what} to be released again, under Release."
            )

    # -- take --------------------------------------------------------------------------------------------------

    def _take_changes(self) -> None:
        self.progress(Progress("asking"))
        with AskingAhead(self._ask_changes) as asking:
            while self._take_page(asking):
                pass

    def _take_page(self, asking: AskingAhead) -> bool:
        """Take the page after the one taken last, while the source makes the next; whether there is one."""
        cursor = self.store.cursor(self.source.identity)
        agreed = self._agreed_at(cursor)
        page = self._page_after(cursor, agreed, asking)
        if page.more and page.cursor == cursor:
            raise Damaged(f"{self.source.title} keeps sending the same changes. Tell the issuer")
        if page.more:
            asking.begin(page.cursor)
        if not page.empty or page.cursor != cursor or page.anew:
            self.remove(self._accept(page))
        self.taken += len(page.assignments) + len(page.withdrawn)
        self._counted = page.counts
        self._settled = agreed and page.empty and page.cursor == cursor
        if page.told_at is not None:
            self.clock_off = self.clock() - page.told_at
        return page.more

    def _accept(self, page: SourceChanges) -> set[str]:
        with uncollected():
            return self.store.accept(page, self.source.identity)

    def _ask_changes(self, cursor: str, agreed: bool) -> SourceChanges:
        return self._patiently(lambda: self.source.changes(cursor, agreed))

    def _page_after(self, cursor: str, agreed: bool, asking: AskingAhead) -> SourceChanges:
        try:
            page = asking.answer(cursor, agreed)
            with uncollected():
                return self._vetting.vetted(page)
        except UnknownCursor:
            # The source is not what it was: another version of it, or restored from before there were such cursors.
            self.store.accept(SourceChanges(cursor="", anew=True), self.source.identity)
            return self._vetting.vetted(self._ask_changes("", False))

    def _tell_trouble(self, words: str) -> None:
        """Once a round: everything may be taken twice in one."""
        if words not in self.troubles:
            self.troubles.append(words)

    # -- fetch -------------------------------------------------------------------------------------------------

    def _look_for_missing(self) -> None:
        """Files and keys may have been deleted, or a folder been put back from a back-up without them.

        Files are wanted again. Keys come with the changes alone, so these are taken once more from the beginning. Where
        neither came nor went since the last look, it is not repeated.
        """
        self.vault.make()
        marks = (self.vault.mark(), self.store.keys.mark())
        if self.vault.looked_over == marks:
            return
        self.store.note_missing(self.vault.holds)
        with self.store.reading() as view:
            lacking = view.lacks_keys(self.source.identity)
            gone = [blob for blob in view.deciding.files_here() if not self.vault.holds(blob)]
        if gone:
            with self.store.transaction() as work:
                work.deciding.missing(gone)
                work.commit()
        if lacking:
            self._take_all_anew()
        self.vault.looked_over = marks

    def _take_all_anew(self) -> None:
        self.store.accept(SourceChanges(cursor=""), self.source.identity)
        self._take_changes()
        self._taken_anew = True

    def _fetch_bytes(self) -> None:
        lines = self.store.artifacts_wanted(self.source.identity, self.originals)
        if not self._taken_anew and any(not (line.plain or line.blob.key) for line in lines):
            # Kept as long as policy says and wanted again, as for a correction: the key went with the file.
            self._take_all_anew()
            lines = self.store.artifacts_wanted(self.source.identity, self.originals)
        alike: dict[object, list[WantedArtifact]] = {}
        for line in lines:
            name: object = (line.submission_id, line.artifact_id) if line.plain else line.blob_digest
            alike.setdefault(name, []).append(line)
        self._download([self._wanted(several) for several in alike.values()])

    def _wanted(self, several: list[WantedArtifact]) -> Wanted:
        """The same file may be in several places, and is fetched once."""
        first = several[0]

        def fetch(told: Told) -> None:
            if first.plain:
                sealed = self._fetching.fetch_plain(first.blob, told)
                self.store.artifact_arrived(first.submission_id, first.artifact_id, sealed.digest, sealed.key)
                return
            if not first.blob.key:
                raise Damaged(
                    f"{self.source.title} sent no key for artifact “{first.artifact_id}”. Tell the issuer"
                )
            if not self._fetching.fetch(first.blob, told):
                raise GivenUp
            for one in several:
                self.store.artifact_arrived(one.submission_id, one.artifact_id)

        def failed(words: str) -> None:
            for one in several:
                self.store.artifact_failed(one.submission_id, one.artifact_id, words)

        return Wanted(first.artifact_id, first.length, fetch, failed)

    def _fetch_packets(self) -> None:
        """Packets to decide on are fetched as artifacts are. Their own seal is checked when they are read."""
        with self.store.reading() as view:
            lines = view.deciding.wanted(self.source.identity)
        self._download([self._wanted_packet(line) for line in lines])

    def _wanted_packet(self, line: DeliveredLine) -> Wanted:
        blob = Blob(line.submission_id, line.digest, line.blob, line.length, line.key)

        def fetch(told: Told) -> None:
            if not self._fetching.fetch(blob, told):
                raise GivenUp
            with self.store.transaction() as work:
                work.deciding.arrived(line.digest)
                work.commit()

        return Wanted(line.digest, line.length, fetch, lambda _: None)

    def _download(self, wanted: list[Wanted]) -> None:
        total = sum(each.length for each in wanted)

        def tell(now: Standing) -> None:
            self.progress(Progress("fetching", now.name, now.bytes_here, total, now.files_done, len(wanted)))

        going = Downloading(wanted, tell, self.stop)
        try:
            going.run()
        finally:
            self.fetched += going.fetched
            for words in going.troubles:
                self._tell_trouble(words)

    # -- compare -----------------------------------------------------------------------------------------------

    def _compare_counts(self) -> None:
        """Where the two disagree something was missed: take everything again, once, and say so if that did not help.

        How they differ is kept: while that is as before, everything is not taken again. What was left out because it
        did not hold is asked for in every round.
        """
        if self._settled:
            return
        off = self._difference()
        if any(off) and off != self._known_difference():
            self._take_all_anew()
            if self.with_bytes:
                self._fetch_bytes()
            off = self._difference()
        if any(off):
            self._tell_difference()
        cursor, at = self.store.cursor(self.source.identity), self.clock().isoformat()
        agreed = {"cursor": cursor, "at": at, "off": off}
        self.store.set_fact(self._agreement, None if self._vetting.left_out else agreed)

    @property
    def _agreement(self) -> str:
        return f"agreed {self.source.identity}"

    def _agreed_at(self, cursor: str) -> bool:
        """Whether the two were compared as of this cursor, and not long ago."""
        kept = self.store.fact(self._agreement)
        if not cursor or kept is None or kept["cursor"] != cursor:
            return False
        return abs(self.clock() - datetime.fromisoformat(kept["at"])) < _TRUSTED_FOR

    def _known_difference(self) -> list[int]:
        kept = self.store.fact(self._agreement)
        return [0, 0, 0] if kept is None else list(kept["off"])

    def _difference(self) -> list[int]:
        there, here = self._counts_there(), self.store.counts(self.source.identity)
        return [
            there.assignments - here.assignments,
            there.artifacts - here.artifacts,
            there.bytes - here.bytes,
        ]

    def _counts_there(self) -> SourceCounts:
        """As the last page said; a source that did not is asked."""
        if self._counted is None:
            self._counted = self._patiently(self.source.counts)
        return self._counted

    def _tell_difference(self) -> None:
        there, here = self._counts_there(), self.store.counts(self.source.identity)
        self._tell_trouble(
            f"{self.source.title} holds {there.assignments} assignments with {there.artifacts} files for you, "
            f"this computer has {here.assignments} with {here.artifacts}. Tell the issuer."
        )
