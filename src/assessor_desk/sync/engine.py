"""One round with a source: deliver the outbox, take changes, fetch bytes, compare counts.

Each step may be repeated, interrupted or killed and begun again: a packet is delivered under its digest, a page of
changes is the present state of things, a download goes on where it stopped and counts only once its SHA-256 is right.
Nothing here holds a transaction while it talks to the source.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from assessor_desk.artifacts.downloads import GivenUp
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.changes import Blob, DeliveryKind, Published, Receipt, SourceChanges, TimeStamp
from assessor_desk.domain.errors import Damaged, DeskError, NoRoom, Refused, Unavailable, sentence
from assessor_desk.sync.fetching import Fetching
from assessor_desk.sync.source import Busy, EnrolmentRevoked, OnItsWay, Source

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.store.lines import OutboxLine, WantedArtifact
    from assessor_desk.store.store import Store

T = TypeVar("T")

#: A source that asks for longer is left alone until then, and the round ends.
LONGEST_WAIT = 20.0
#: No source is left alone for longer, whatever it asks for.
LONGEST_REST = timedelta(days=1)
#: So many artifacts in a row that the source could not give mean that it is gone.
FAILURES_IN_A_ROW = 3


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

    `troubles` are sentences on what did not go through, `told` on what did and is worth knowing. `stopped` says that a
    person stopped it, `not_before` that the source asked to be left alone until then.
    """

    delivered: int = 0
    taken: int = 0
    fetched: int = 0
    waiting: int = 0
    troubles: tuple[str, ...] = ()
    stopped: bool = False
    not_before: datetime | None = None
    told: tuple[str, ...] = ()


CheckReceipt = Callable[[Receipt, str], None]
CheckTrust = Callable[[Mapping[str, bytes]], None]
CheckStamp = Callable[[TimeStamp], None]
#: Given a rubric, policy or phrase bank and which of these it is.
Vouch = Callable[[Published, str], Published]


def without_vouching(thing: Published, _: str) -> Published:
    """For a source that signs nothing: what it publishes is taken as it is, and told as unsigned."""
    return thing


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
    """
    checks = (check_receipt, check_trust, vouch, check_stamp)
    going = _Round(store, vault, source, clock, progress, stop, *checks, originals)
    try:
        going.run()
    except _Stopped:
        going.stopped = True
    except EnrolmentRevoked as revoked:
        going.remove(store.end_enrolment(source.identity))
        words = "The evidence was removed from this computer; what you wrote can be read and exported."
        raise Refused(f"{sentence(revoked)} {words}") from revoked
    except Busy as busy:
        going.troubles.append(sentence(busy))
        going.not_before = clock() + timedelta(seconds=min(busy.seconds, LONGEST_REST.total_seconds()))
    return RoundResult(
        going.delivered,
        going.taken,
        going.fetched,
        len(store.outbox_waiting(source.identity)),
        tuple(going.troubles),
        going.stopped,
        going.not_before,
    )


class _Stopped(Exception):
    """The person stopped the round."""


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
    delivered: int = 0
    taken: int = 0
    fetched: int = 0
    troubles: list[str] = field(default_factory=list)
    stopped: bool = False
    not_before: datetime | None = None

    def run(self) -> None:
        self._deliver_outbox()
        self._take_changes()
        self._look_for_missing()
        self._fetch_bytes()
        self._fetch_packets()
        self._compare_counts()

    def remove(self, digests: Iterable[str]) -> None:
        """Delete files of evidence that was recalled. One that is open elsewhere is swept up later: its key is gone."""
        for digest in digests:
            with contextlib.suppress(OSError):
                self.vault.remove(digest)

    @property
    def _fetching(self) -> Fetching:
        return Fetching(self.source, self.vault)

    def _heed_stop(self) -> None:
        if self.stop.is_set():
            raise _Stopped

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

    def _deliver_outbox(self) -> None:
        for line in self.store.outbox_waiting(self.source.identity):
            self.progress(Progress("delivering", line.digest))
            try:
                receipt = self._patiently(lambda line=line: self._deliver(line))  # type: ignore[misc]
            except OnItsWay as way:
                self.store.outbox_failed(line.id, sentence(way))
                continue
            except (Unavailable, EnrolmentRevoked) as error:
                self.store.outbox_failed(line.id, sentence(error))
                raise
            except DeskError as error:
                # What is damaged on its way says nothing of whether the source has it; a refusal does.
                self.store.outbox_failed(line.id, sentence(error), isinstance(error, Refused))
                self.troubles.append(sentence(error))
                continue
            self.store.outbox_delivered(line.id, receipt.signed, self.clock())
            self.delivered += 1

    def _deliver(self, line: OutboxLine) -> Receipt:
        with open_sealed(line.path, line.key, "the sealed packet") as packet:
            receipt = self.source.deliver(
                cast("BinaryIO", packet), line.length, line.digest, DeliveryKind(line.kind)
            )
        if receipt.packet_digest != line.digest:
            raise Damaged(f"{self.source.title} signed for another packet than the one sent")
        if receipt.signed:
            self.check_receipt(receipt, line.digest)
        return receipt

    # -- take --------------------------------------------------------------------------------------------------

    def _take_changes(self) -> None:
        self.progress(Progress("asking"))
        more = True
        while more:
            cursor = self.store.cursor(self.source.identity)
            page = self._vetted(self._patiently(lambda cursor=cursor: self.source.changes(cursor)))  # type: ignore[misc]
            more = page.more
            if more and page.cursor == cursor:
                raise Damaged(f"{self.source.title} keeps sending the same changes. Tell the issuer")
            if not page.empty or page.cursor != cursor:
                self.remove(self.store.accept(page, self.source.identity))
            self.taken += len(page.assignments) + len(page.withdrawn)

    def _vetted(self, page: SourceChanges) -> SourceChanges:
        """The page without a trust list that does not hold: kept even for a moment, it would vouch for the next one.

        And without rubrics, policies and phrase banks that are not what their issuer signed, nor assignments that
        would need them.
        """
        if page.trust:
            try:
                self.check_trust(page.trust)
            except Damaged as error:
                self._tell_trouble(sentence(error))
                page = replace(page, trust={})
        page = replace(page, phrase_banks=self._vouched(page.phrase_banks, "phrase bank"))
        page = replace(page, time_stamps=tuple(one for one in page.time_stamps if self._stamps(one)))
        rubrics, policies = self._vouched(page.rubrics, "rubric"), self._vouched(page.policies, "policy")
        if len(rubrics) + len(policies) == len(page.rubrics) + len(page.policies):
            return replace(page, rubrics=rubrics, policies=policies)
        return self._without_assignments_lacking(replace(page, rubrics=rubrics, policies=policies))

    def _stamps(self, stamp: TimeStamp) -> bool:
        """Whether a time-stamp holds; kept with a packet, one that does not would spoil it."""
        try:
            self.check_stamp(stamp)
        except DeskError as error:
            self._tell_trouble(sentence(error))
            return False
        return True

    def _vouched(self, things: Iterable[Published], kind: str) -> tuple[Published, ...]:
        """Those that hold."""
        holding = []
        for thing in things:
            try:
                holding.append(self.vouch(thing, kind))
            except Damaged as error:
                self._tell_trouble(f"{sentence(error)} It was not taken. Tell the issuer.")
        return tuple(holding)

    def _without_assignments_lacking(self, page: SourceChanges) -> SourceChanges:
        """The page without assignments whose rubric or policy neither it nor the store holds."""
        rubrics = {(one.id, one.version) for one in page.rubrics}
        policies = {(one.id, one.version) for one in page.policies}
        with self.store.reading() as view:
            rubrics |= {(one.id, one.version) for one in view.published_of("rubric")}
            policies |= {(one.id, one.version) for one in view.published_of("policy")}
        kept = tuple(
            one
            for one in page.assignments
            if (one.rubric_id, one.rubric_version) in rubrics
            and (one.policy_id, one.policy_version) in policies
        )
        ids = {one.id for one in kept}
        attested = tuple(one for one in page.attested if one.assignment_id in ids)
        return replace(page, assignments=kept, attested=attested)

    def _tell_trouble(self, words: str) -> None:
        """Once a round: everything may be taken twice in one."""
        if words not in self.troubles:
            self.troubles.append(words)

    # -- fetch -------------------------------------------------------------------------------------------------

    def _look_for_missing(self) -> None:
        """Files and keys may have been deleted, or a folder been put back from a back-up without them.

        Files are wanted again. Keys come with the changes alone, so these are taken once more from the beginning.
        """
        self.vault.make()
        self.store.note_missing(self.vault.holds)
        with self.store.reading() as view:
            lacking = view.lacks_keys(self.source.identity)
        if lacking:
            self.store.accept(SourceChanges(cursor=""), self.source.identity)
            self._take_changes()

    def _fetch_bytes(self) -> None:
        wanted = self.store.artifacts_wanted(self.source.identity, self.originals)
        done = 0
        total = sum(each.length for each in wanted)
        failures = 0
        for number, each in enumerate(wanted):
            told = Progress("fetching", each.artifact_id, done, total, number, len(wanted))
            failures = 0 if self._fetch_telling(each, told) else failures + 1
            if failures == FAILURES_IN_A_ROW:
                raise Unavailable(self.troubles[-1])
            done += each.length
        if wanted:
            self.progress(Progress("fetching", "", total, total, len(wanted), len(wanted)))

    def _fetch_telling(self, wanted: WantedArtifact, told: Progress) -> bool:
        """Whether the artifact could be had; if not, the reason is kept with it, and the round goes on.

        One that is being fetched beside the round, or is not wanted any more, is passed over.
        """
        try:
            self._patiently(lambda: self._fetch(wanted, told))
        except (Busy, EnrolmentRevoked):
            raise
        except GivenUp:
            return True
        except OnItsWay as way:
            self.store.artifact_failed(wanted.submission_id, wanted.artifact_id, sentence(way))
            return True
        except DeskError as error:
            self.store.artifact_failed(wanted.submission_id, wanted.artifact_id, sentence(error))
            self.troubles.append(sentence(error))
            return not isinstance(error, Unavailable) or isinstance(error, NoRoom)
        self.fetched += 1
        return True

    def _fetch(self, wanted: WantedArtifact, told: Progress) -> None:
        if wanted.plain:
            sealed = self._fetching.fetch_plain(wanted.blob, self._told(told))
            self.store.artifact_arrived(wanted.submission_id, wanted.artifact_id, sealed.digest, sealed.key)
            return
        if not wanted.blob.key:
            raise Damaged(
                f"{self.source.title} sent no key for artifact “{wanted.artifact_id}”. Tell the issuer"
            )
        if not self._fetching.fetch(wanted.blob, self._told(told)):
            raise GivenUp
        self.store.artifact_arrived(wanted.submission_id, wanted.artifact_id)

    def _fetch_packets(self) -> None:
        """Packets to decide on are fetched as artifacts are. Their own seal is checked when they are read."""
        with self.store.reading() as view:
            gone = [blob for blob in view.deciding.files_here() if not self.vault.holds(blob)]
        if gone:
            with self.store.transaction() as work:
                work.deciding.missing(gone)
                work.commit()
        with self.store.reading() as view:
            lines = view.deciding.wanted(self.source.identity)
        for line in lines:
            blob = Blob(line.submission_id, line.digest, line.blob, line.length, line.key)
            told = Progress("fetching", line.digest, 0, line.length, 0, len(lines))
            try:
                self._patiently(lambda blob=blob, told=told: self._fetching.fetch(blob, self._told(told)))  # type: ignore[misc]
            except (Busy, EnrolmentRevoked):
                raise
            except DeskError as error:
                self._tell_trouble(sentence(error))
                continue
            with self.store.transaction() as work:
                work.deciding.arrived(line.digest)
                work.commit()
            self.fetched += 1

    def _told(self, told: Progress) -> Callable[[int], None]:
        """What a download is to call: it tells how far it is, and ends where the round is stopped."""

        def tell(here: int) -> None:
            self.progress(replace(told, bytes_done=told.bytes_done + here))
            self._heed_stop()

        return tell

    # -- compare -----------------------------------------------------------------------------------------------

    def _compare_counts(self) -> None:
        """Where the two disagree something was missed: take everything again, once, and say so if that did not help."""
        if self._counts_agree():
            return
        self.store.accept(SourceChanges(cursor=""), self.source.identity)
        self._take_changes()
        self._fetch_bytes()
        if not self._counts_agree():
            there, here = self.source.counts(), self.store.counts(self.source.identity)
            self.troubles.append(
                f"{self.source.title} holds {there.assignments} assignments with {there.artifacts} files for you, "
                f"this computer has {here.assignments} with {here.artifacts}. Tell the issuer."
            )

    def _counts_agree(self) -> bool:
        return self._patiently(self.source.counts) == self.store.counts(self.source.identity)
