"""The desk's store: one encrypted file, opened once, with turns for whoever writes.

Reading goes on beside writing (write-ahead log). SQLAlchemy is imported by the first `reading` or
`transaction`; opening, the inbox and the drafts do without.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from assessor_desk.domain.errors import DeskError, Refused, Unavailable
from assessor_desk.domain.renditions import Shown, rendition_id
from assessor_desk.keys.derivation import derive
from assessor_desk.store.artifact_keys import ArtifactKeys, Held
from assessor_desk.store.browsing import Browsing
from assessor_desk.store.connection import connect, telling_of_disk_trouble
from assessor_desk.store.first_page import keep_fact, kept_fact
from assessor_desk.store.journal import Journal
from assessor_desk.store.lines import DAMAGED_HERE, ArtifactLine, InboxRow, OutboxLine, WantedArtifact
from assessor_desk.store.quick import Quick
from assessor_desk.store.snapshots import ALWAYS, Snapshot, Why, snapshots_in, take_snapshot, thin
from assessor_desk.store.swapping import finish
from assessor_desk.store.turns import Gate, Turns
from assessor_desk.store.upgrading import NEWEST, bring_up_to_date
from assessor_desk.store.witness import Witness, catch_up, number_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from assessor_desk.domain.changes import Blob, SourceChanges, SourceCounts, WithdrawalReason
    from assessor_desk.domain.review import Entry
    from assessor_desk.store.connection import Connection
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.restoring import Built, Restoring, Told
    from assessor_desk.store.scrubbing import LetGo
    from assessor_desk.store.writing import Writing

ARTIFACT_KEYS = "artifact-keys.db"
SNAPSHOTS = "snapshots"
OUTBOX = "outbox"
JOURNAL = "journal"
#: While something changes.
HOURLY = timedelta(hours=1)
_DEVICE, _PLACE = "device", "place"
#: Of which words that were let go of the journal holds nothing any more (`LetGo.words_told`).
_JOURNAL_WITHOUT = "journal_without"


def _now() -> datetime:
    return datetime.now(UTC)


def _new_name() -> str:
    from uuid import uuid4  # seldom: the window opens sooner without it

    return str(uuid4())


class Store:
    """One desk's durable facts. Thread-safe; `open` makes one."""

    def __init__(self, path: Path, key: bytes, clock: Callable[[], datetime] = _now) -> None:
        self.path = path
        self._clock = clock
        self.keys = ArtifactKeys(path.parent / ARTIFACT_KEYS, key)
        #: Counts the transactions committed, so that whoever keeps something in memory knows when to read it again.
        #: What goes through `quick` is not counted: its one caller knows what it wrote.
        self.generation = 0
        self._file_key = derive(key, "desk file")
        self._journal_key = derive(key, "journal")
        self._turns, self._gate = Turns(), Gate()
        # The one connection of the inbox and the drafts; this lock keeps a reader out of a writer's transaction.
        self._first_lock = threading.Lock()
        self.browsing = Browsing(path, self._file_key, self._gate)
        self._snapshotting = threading.Lock()
        self._before_a_round: Callable[[], object] | None = None
        self._open_file()

    def _open_file(self) -> None:
        self._first = connect(self.path, self._file_key)
        self._journal = Journal(self.path.parent / JOURNAL, self._journal_key)
        try:
            with telling_of_disk_trouble(self.path):
                #: How many transactions the file lacked, and got back from the journal, when it was opened.
                self.brought_back = self._compare_with_journal()
                known = kept_fact(self._first, _DEVICE)
                #: This desk's own name among the person's devices; it breaks ties between entries.
                self.device = _new_name() if known is None else str(known)
                if known is None:
                    self._witness.with_the_next(partial(keep_fact, name=_DEVICE, value=self.device))
        except BaseException:
            self._close_file()
            raise

    @classmethod
    def open(cls, path: Path, key: bytes, clock: Callable[[], datetime] = _now) -> Store:
        """Open the file at `path` with the desk's data key, making it where there is none, migrating it where
        it is older.

        Raises Refused for a file of a newer program, Damaged for one this key does not open, Unavailable for the disk.
        """
        finish(path)
        bring_up_to_date(path, derive(key, "desk file"), path.parent / SNAPSHOTS, clock())
        return cls(path, key, clock)

    def close(self) -> None:
        """Close the file; the write-ahead log is folded into it."""
        self.keys.close()
        self._close_file()

    def _close_file(self) -> None:
        if "_engine" in self.__dict__:
            self._engine.dispose()
            del self._engine
        self.browsing.close()
        with self._first_lock:
            self._first.close()
        with contextlib.suppress(DeskError):  # the file itself is on the disk
            self._journal.flush()
        self._journal.close()

    def _compare_with_journal(self) -> int:
        """Bring the file up to the journal, or begin the journal anew where it lacks what the file has.

        Where its last record is torn the file is brought up to those before: their numbers are not given out again.
        """
        number = number_of(self._first)
        checked = self._journal.said() != number
        last = self._journal.last() if checked else number
        brought_back = 0
        if last is None or last > number:
            brought_back = catch_up(self._first, self._journal, number) - number
        #: The journal does not say all that the file holds since the last snapshot: another one is due.
        self.snapshot_wanted = number + brought_back > 0 if last is None else last < number
        if last is not None and last >= number:
            self._journal.resume(None if checked else self._want_a_snapshot)
        whole = number == 0 and not self._journal.segments() and kept_fact(self._first, _DEVICE) is None
        self._witness = Witness(self._journal, number + brought_back, self._clock, whole=whole)
        return brought_back

    def _want_a_snapshot(self) -> None:
        self.snapshot_wanted = True

    def settle_in(self, here: Mapping[str, str]) -> Mapping[str, str] | None:
        """This file is now at a place (`desk.whereabouts`). Where it is a copy made elsewhere: where that was.

        A copy has a name of its own among the person's devices. Both are written with whatever is written next.
        """
        with self._first_lock:
            before: dict[str, str] | None = kept_fact(self._first, _PLACE)
        if before == here:
            return None
        copied = before is not None and any(before.get(name) != here[name] for name in ("computer", "file"))
        if copied:
            self.device = _new_name()
        device = self.device

        def note(connection: Any) -> None:
            keep_fact(connection, _DEVICE, device)
            keep_fact(connection, _PLACE, dict(here))

        self._witness.with_the_next(note)
        return before if copied else None

    # -- snapshots ---------------------------------------------------------------------------------------------

    @property
    def snapshots(self) -> Path:
        """The folder of encrypted copies."""
        return self.path.parent / SNAPSHOTS

    def take_snapshot(self, why: Why) -> Snapshot | None:
        """Copy the file as it stands, verified, beside whoever writes; None where nothing changed since the last.

        Then older ones are thinned, and the journal lets go of what the newest few all hold. Raises Damaged where the
        file does not hold any more, Unavailable for the disk.
        """
        with self._snapshotting:
            newest = next(iter(snapshots_in(self.snapshots)), None)
            if newest is not None and newest.number >= self._witness.number:
                return None
            with self._turns.taken():
                self._journal.rotate()
            now = self._clock()
            taken = take_snapshot(self.path, self._file_key, self.snapshots, NEWEST, now, why)
            self.snapshot_wanted = False
            thin(self.snapshots)
            found = snapshots_in(self.snapshots)
            if len(found) >= ALWAYS:
                self._journal.drop_before(found[ALWAYS - 1].number)
            return taken

    def snapshot_due(self) -> bool:
        """Whether the last snapshot is an hour old, or from a time to come, and something changed since."""
        self._journal.check()
        newest = next(iter(snapshots_in(self.snapshots)), None)
        if newest is not None and newest.number >= self._witness.number:
            return False
        since = [one.begun for one in self._journal.segments()[:1]] if newest is None else [newest.taken_at]
        return self.snapshot_wanted or any(not timedelta() <= self._clock() - at < HOURLY for at in since)

    @contextlib.contextmanager
    def round_watched(self) -> Iterator[None]:
        """Within the block, the first thing that a source has to say is preceded by a snapshot."""
        self._before_a_round = lambda: self.take_snapshot(Why.ROUND)
        try:
            yield
        finally:
            self._before_a_round = None

    def _a_round_changes_something(self) -> None:
        act, self._before_a_round = self._before_a_round, None
        if act is not None:
            # A disk too full for a snapshot is told by whatever needs it; a damaged file is told at once.
            with contextlib.suppress(Unavailable):
                act()

    @contextlib.contextmanager
    def held_still(self) -> Iterator[None]:
        """Within the block nobody writes."""
        with self._turns.taken():
            yield

    def scrub_copies(self, known: LetGo | None) -> LetGo:
        """Let copies of the file let go of what the file let go of since `known`; what that is by now.

        The journal lets go of words that were dropped and of notes that were forgotten, by this process or one before.
        Blocks. Raises Damaged and Unavailable as `take_snapshot` does.
        """
        from assessor_desk.store.scrubbing import LetGo, scrub

        gone = LetGo.of(self.path, self._file_key)
        if gone != known:
            scrub(self.snapshots, self._file_key, gone)
        if self.fact(_JOURNAL_WITHOUT, "") != gone.words_told:
            self.forget_in_journal()
            # Kept in the file: the next process neither takes an end in between for done, nor does it all again.
            self.set_fact(_JOURNAL_WITHOUT, gone.words_told)
        return gone

    def forget_in_journal(self) -> None:
        """What the file holds no more is in the journal no more: a snapshot first, of the file as it is.

        Blocks. Raises Damaged and Unavailable as `take_snapshot` does.
        """
        self._fold_log()
        with self._turns.taken():
            # Where a snapshot already holds all, none is taken, and the segment that was open would stay.
            self._journal.rotate()
        self.take_snapshot(Why.HOURLY)
        self._journal.drop_before(max((one.number for one in snapshots_in(self.snapshots)), default=0))

    @property
    def restoring(self) -> Restoring:
        """The means to look at what restoring would do. To do it, `restore`."""
        from assessor_desk.store.restoring import Restoring

        return Restoring(
            self.path, self._file_key, self._journal_key, self.snapshots, self.path.parent / JOURNAL
        )

    def restore(self, snapshot: Snapshot | None, told: Told | None = None) -> tuple[Built, Path]:
        """Put the file together again from a snapshot while it is open; see `Restoring.restore`.

        Whoever reads or writes waits. Raises Refused where somebody reads without end, Damaged for a damaged snapshot,
        Unavailable for the disk, and what `told` raises, with nothing changed.
        """
        from assessor_desk.store.restoring import silently

        with self._snapshotting, self._turns.taken(), self._gate.closed():
            self._close_file()
            try:
                return self.restoring.restore(snapshot, self._clock(), told or silently)
            finally:
                self._open_file()
                self.generation += 1

    def flush_journal(self) -> None:
        """Have the journal reach the disk; key presses leave that to the system for a while."""
        self._journal.flush()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Writing]:
        """Wait for a turn, first come, first served, and change several things at once.

        Whatever was not committed when the block ends is rolled back. Raises Unavailable, with nothing changed,
        for a full disk. Keep it short: no network, no hashing, no signing within.
        """
        from assessor_desk.store.engine import WRITING
        from assessor_desk.store.writing import Writing

        with self._turns.taken(), telling_of_disk_trouble(self.path), self._engine.connect() as plain:
            connection = plain.execution_options(**WRITING)
            raw = cast("Connection", plain.connection.driver_connection)
            self._witness.watch(raw)
            commit = partial(self._witness.commit, raw, connection.commit)
            work = Writing(connection, self.keys, self.path.parent / OUTBOX, self._clock(), commit)
            try:
                yield work
            finally:
                self.generation += work.committed

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reading]:
        """Ask several things of one consistent view, beside whoever writes."""
        from assessor_desk.store.reading import Reading

        with self._gate.passed(), telling_of_disk_trouble(self.path), self._engine.connect() as connection:
            yield Reading(connection, self.keys, self.path.parent / OUTBOX)

    # -- without SQLAlchemy ------------------------------------------------------------------------------------

    def inbox(self, search: str = "") -> list[InboxRow]:
        """The whole inbox in its order; see `first_page.read_inbox`. A window asks `browsing` for what it shows."""
        return self.browsing.all(search)

    @contextlib.contextmanager
    def quick(self) -> Iterator[Quick]:
        """Wait for a turn, and do in one small commit what a key press asks for. As `transaction` in all else."""
        with self._turns.taken(), self._first_lock, telling_of_disk_trouble(self.path):
            quick = Quick(self._first, self._witness)
            try:
                yield quick
            finally:
                quick.roll_back()

    # -- one thing at a time -----------------------------------------------------------------------------------

    def record(self, entries: Iterable[Entry], outbox: Iterable[OutboxLine] = ()) -> None:
        """Append what a person did, with what a source must hear of it, in one transaction."""
        with self.transaction() as work:
            work.record(entries, outbox)
            work.commit()

    def accept(self, changes: SourceChanges, source: str = "") -> set[str]:
        """Take one page of changes, and its cursor where `source` is named, in one transaction.

        The artifacts' keys are kept first, in their own file, beside those of the bytes they replace, which are
        forgotten last: a key without a ledger row harms nothing, a ledger row without its key would. Returns the
        digests of the vault's files whose evidence was recalled.
        """
        self._a_round_changes_something()
        self.keys.keep(changes.ledger_blobs)
        touched = {one.submission_id for one in changes.blobs} | {one.id for one in changes.submissions}
        with self.transaction() as work:
            work.accept(changes, source)
            named, dropped = work.evidence_named(touched), work.dropped()
            work.commit()
        if touched:
            self.keys.forget_all_but(named, touched)
        return dropped

    def outbox_waiting(self, source: str | None = None) -> list[OutboxLine]:
        """What still has to be delivered, oldest first."""
        with self.reading() as view:
            return view.outbox_waiting(source)

    def outbox_delivered(self, line_id: str, receipt: bytes, at: datetime) -> None:
        """A source has taken a packet; `receipt` is what it signed, empty where it cannot."""
        self._a_round_changes_something()
        with self.transaction() as work:
            work.outbox_delivered(line_id, receipt, at)
            work.commit()

    def outbox_failed(self, line_id: str, trouble: str, refused: bool = False) -> None:
        """A delivery did not succeed; the line keeps waiting, with `trouble` as a sentence.

        `refused`: the source answered that it will not take it.
        """
        with self.transaction() as work:
            work.outbox_failed(line_id, trouble, refused)
            work.commit()

    def cursor(self, source: str) -> str:
        """The place after the last page taken from a source."""
        with self.reading() as view:
            return view.cursor(source)

    def artifacts_wanted(self, source: str, originals: bool = False) -> list[WantedArtifact]:
        """What is still to be fetched, due first and then small first; see `Reading.artifacts_wanted`."""
        with self.reading() as view:
            return view.artifacts_wanted(source, originals)

    def artifact_arrived(
        self, submission_id: str, artifact_id: str, digest: str = "", key: bytes = b""
    ) -> None:
        """The sealed bytes are in the vault.

        `digest` and `key` only where they were sealed here, from a plain source.
        """
        if key:
            from assessor_desk.domain.changes import Blob

            self.keys.keep([Blob(submission_id, artifact_id, digest, 0, key)])
        with self.transaction() as work:
            work.artifact_arrived(submission_id, artifact_id, digest)
            work.commit()

    def artifact_failed(self, submission_id: str, artifact_id: str, trouble: str) -> None:
        """Why the bytes of an artifact are not here, as a sentence."""
        with self.transaction() as work:
            work.artifact_failed(submission_id, artifact_id, trouble)
            work.commit()

    def ask_for_original(self, submission_id: str, artifact_id: str, wanted: bool = True) -> None:
        """A recording is wanted although a small rendition of it is here, or is not any more."""
        with self.transaction() as work:
            work.renditions.ask(submission_id, artifact_id, wanted)
            work.weigh(submission_id)
            work.commit()

    def keep_rendition(self, made: Blob, shown: Shown, of: str) -> bool:
        """A rendition that was made here stands beside its recording, which is what `made.artifact_id` names.

        False, and nothing is kept, where the bytes it was made `of` are not here any more, as once they are recalled.
        """
        with self.transaction() as work:
            if not work.is_here((made.submission_id, made.artifact_id, of)):
                return False
            # Within the transaction: a recall, which destroys keys with its commit, comes before both or after.
            self.keys.keep([replace(made, artifact_id=rendition_id(made.artifact_id, shown))])
            work.renditions.keep(made.submission_id, made.artifact_id, shown, made.digest, made.length)
            work.commit()
        return True

    def keep_made(self, source: Held, purpose: str, digest: str, key: bytes) -> bool:
        """Keep the key of what was made here, for a purpose, of the bytes that `source` names; else as above."""
        with self.transaction() as work:
            if not work.is_here(source):
                return False
            self.keys.keep_made(source, purpose, digest, key)
        return True

    def artifact(self, submission_id: str, artifact_id: str) -> ArtifactLine:
        """The ledger's line of one artifact. Raises Refused where the source captured no bytes for it."""
        with self.reading() as view:
            for line in view.artifacts(submission_id):
                if line.artifact_id == artifact_id:
                    return line
        raise Refused(f"There are no bytes for artifact “{artifact_id}”: the source captured none")

    def artifact_key(self, submission_id: str, artifact_id: str) -> bytes:
        """What opens an artifact's bytes. Raises Refused where its key was destroyed or never came."""
        line = self.artifact(submission_id, artifact_id)
        key = None if line.removed else self.keys.key(submission_id, artifact_id, line.blob_digest)
        if key is None:
            raise Refused(
                f"Artifact “{artifact_id}” can no longer be opened on this computer: its key is not here"
            )
        return key

    def set_aside(
        self, assignment_ids: Iterable[str], reasons: Mapping[str, WithdrawalReason] | None = None
    ) -> set[str]:
        """Set assignments aside; their work stays. Returns the digests of the files whose evidence is recalled."""
        with self.transaction() as work:
            work.set_aside(assignment_ids, reasons)
            dropped = work.dropped()
            work.commit()
        return dropped

    def end_enrolment(self, source: str) -> set[str]:
        """This desk is no longer enrolled with a source; see `Writing.end_enrolment`. Returns as `set_aside`."""
        with self.transaction() as work:
            work.end_enrolment(source)
            dropped = work.dropped()
            work.commit()
        return dropped

    def take_away_evidence(self, submission_id: str, why: str) -> None:
        """The evidence of a submission leaves this desk; see `Writing.take_away_evidence`."""
        with self.transaction() as work:
            work.take_away_evidence(submission_id, why)
            work.commit()

    def note_missing(self, is_there: Callable[[str], bool], damaged: AbstractSet[str] = frozenset()) -> int:
        """Correct the ledger where bytes, or the key that opens them, are not here though it says so; how many.

        `is_there` tells of a digest whether the vault has its file; `damaged` are digests of files that had changed.
        """
        with self.reading() as view:
            lines = view.artifacts_here()
        held = self.keys.held()
        of_any = {(submission_id, artifact_id) for submission_id, artifact_id, digest in held if not digest}
        missing = {
            place: line.blob_digest
            for line in lines
            for place in [(line.submission_id, line.artifact_id)]
            if not ((*place, line.blob_digest) in held or place in of_any) or not is_there(line.blob_digest)
        }
        if missing:
            spoilt = {place for place, digest in missing.items() if digest in damaged}
            with self.transaction() as work:
                work.artifacts_missing(missing.keys() - spoilt)
                work.artifacts_missing(spoilt, DAMAGED_HERE)
                work.commit()
        return len(missing)

    def drop_wordings(self, review_id: str, entry_ids: Iterable[str]) -> None:
        """The words of these entries of a sealed review go, from the write-ahead log too."""
        with self.transaction() as work:
            work.drop_wordings(review_id, entry_ids)
            work.commit()
        self._fold_log()

    def forget_notes(self, review_id: str) -> None:
        """What a coach wrote goes, from the write-ahead log too; see `Writing.forget_notes`."""
        with self.transaction() as work:
            work.forget_notes(review_id)
            work.commit()
        self._fold_log()

    def _fold_log(self) -> None:
        """Nothing that is gone stays in the write-ahead log."""
        with self._turns.taken(), self._first_lock, telling_of_disk_trouble(self.path):
            self._first.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def counts(self, source: str) -> SourceCounts:
        """What stands here from one source."""
        with self.reading() as view:
            return view.counts(source)

    def fact(self, name: str, otherwise: Any = None) -> Any:
        """A small fact kept under a name."""
        with self.reading() as view:
            return view.fact(name, otherwise)

    def set_fact(self, name: str, value: Any) -> None:
        """Keep a small fact under a name; None forgets it."""
        with self.transaction() as work:
            work.set_fact(name, value)
            work.commit()

    @cached_property
    def _engine(self) -> sa.Engine:
        from assessor_desk.store.engine import engine_of

        return engine_of(self.path, self._file_key)
