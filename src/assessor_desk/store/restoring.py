"""Putting a desk's file together again: from a snapshot, from the journal, and from what can still be read of the file.

Nothing that was made since the snapshot is lost while any of these has it. What is built takes the file's place only
once it is whole, verified and on the disk; the file as it was is kept beside it. An end of the program or of the
power at any moment leaves either the one or the other (`swapping`).
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Damaged, DeskError, Refused
from assessor_desk.places.flushing import flush
from assessor_desk.store.connection import connect, telling_of_disk_trouble
from assessor_desk.store.first_page import keep_fact
from assessor_desk.store.journal import Journal, Record
from assessor_desk.store.snapshots import (
    Held,
    Snapshot,
    held_in,
    remove_with_journals,
    require_sound,
    snapshots_in,
)
from assessor_desk.store.swapping import finish, ready_to_replace, withdraw
from assessor_desk.store.upgrading import NEWEST, migrate, refuse_newer, version_of
from assessor_desk.store.witness import number_of, put, replay, tables_of

#: Of each submission: how many entries of each kind, texts still being typed (`draft`), sealed packets (`packet`).
Tally = dict[str, Counter[str]]
#: How much is done between two words on how far it is: pages of a file, records of a journal.
_PAGES, _RECORDS = 2048, 200

#: Drafts that became entries: the entry takes the place of the texts over which the draft was begun, and says the same,
#: or was written here and not undone since. No clock is asked, which may have been set back in between.
_OVERTAKEN = """EXISTS (SELECT 1 FROM entries AS e
    WHERE e.review_id = drafts.review_id AND e.kind = 'text_written'
    AND e.data ->> '$.field' = drafts.field AND coalesce(e.data ->> '$.criterion', '') = drafts.criterion
    AND CASE WHEN drafts.seen IS NULL THEN e.data ->> '$.text' = drafts.text
        ELSE e.data -> '$.replaces' = json(drafts.seen) AND (e.data ->> '$.text' = drafts.text
            OR e.device = (SELECT value ->> '$' FROM facts WHERE name = 'device') AND NOT EXISTS (
                SELECT 1 FROM entries AS u WHERE u.review_id = e.review_id AND u.kind = 'undone'
                AND u.data ->> '$.undoes' = e.step)) END)"""
_DRAFTS_OVERTAKEN = f"DELETE FROM drafts WHERE {_OVERTAKEN}"  # noqa: S608 (words of our own)
_OF_WHICH = f"""SELECT r.submission_id, count(*) FROM drafts JOIN reviews AS r ON r.id = drafts.review_id
    WHERE {_OVERTAKEN} GROUP BY r.submission_id"""  # noqa: S608 (words of our own)
#: Words of packets are found by an index of its own, which the journal does not repeat: they are read once more.
_READ_AGAIN = """UPDATE delivered SET stated = NULL, verdict = '', held = 0
    WHERE stated IS NOT NULL AND digest NOT IN (SELECT digest FROM review_texts)"""
_NOT_FOUND_ANY_MORE = "DELETE FROM review_texts WHERE digest NOT IN (SELECT digest FROM delivered)"


class Step(Enum):
    """What is being done; `REPLACING` alone cannot be ended any more."""

    COPYING = auto()
    REPLAYING = auto()
    READING = auto()
    CHECKING = auto()
    REPLACING = auto()


Told = Callable[[Step, int, int], None]
"""Hears which step is under way, and how much of how much of it is done, 0 of 0 where that cannot be said.

Raises what is to end it, with nothing changed, unless the step is `REPLACING`.
"""


def silently(_step: Step, _done: int, _of: int) -> None:
    """Tells nobody, and goes on."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A snapshot to restore from. `held` is None where it is damaged itself."""

    snapshot: Snapshot
    held: Held | None


@dataclass(frozen=True, slots=True)
class Built:
    """A file put together, and how it compares: with the snapshot, and with what can be read of the present file.

    `complete`: the journal goes on from the snapshot without a gap to the last transaction that any of them knows.
    `overtaken`: drafts left out of the result because they became entries, which are in it.
    """

    path: Path
    names: dict[str, tuple[str, str]]
    in_snapshot: Tally
    in_result: Tally
    in_present: Tally | None
    overtaken: Tally
    complete: bool


class Restoring:
    """The means to restore the file at `path`, which nobody else has open. Nothing is changed but by `restore`."""

    def __init__(
        self, path: Path, file_key: bytes, journal_key: bytes, snapshots: Path, journal: Path
    ) -> None:
        self.path = path
        self.key = file_key
        self._snapshots = snapshots
        self._journal = Journal(journal, journal_key)

    def choices(self) -> list[Choice]:
        """Newest first."""
        return [Choice(one, self._held(one)) for one in snapshots_in(self._snapshots)]

    def _held(self, snapshot: Snapshot) -> Held | None:
        try:
            require_sound(snapshot.path, self.key)
            return held_in(snapshot.path, self.key)
        except DeskError:
            return None

    def newest(self) -> Snapshot | None:
        """The newest snapshot that is not damaged; None where there is none, but a journal from the very beginning.

        Raises Damaged where there is neither.
        """
        for one in snapshots_in(self._snapshots):
            if self._held(one) is not None:
                return one
        if any(segment.whole for segment in self._journal.segments()[:1]):
            return None
        raise Damaged(
            f"There is neither a sound snapshot of the desk in {self.path.parent} nor a journal from its beginning. "
            "Put the folder back from a back-up of your own, or make another desk and connect it again"
        )

    @contextlib.contextmanager
    def built(self, snapshot: Snapshot | None, now: datetime, told: Told = silently) -> Iterator[Built]:
        """The file put together for a look, and gone after the block."""
        unfinished = self.path.with_name(self.path.name + ".unfinished")
        remove_with_journals(unfinished)
        try:
            with telling_of_disk_trouble(self.path):
                yield self._build(unfinished, snapshot, now, told)
        finally:
            remove_with_journals(unfinished)

    def restore(self, snapshot: Snapshot | None, now: datetime, told: Told = silently) -> tuple[Built, Path]:
        """Put the file together and let it take the present one's place; and where that is kept.

        Raises Damaged for a damaged snapshot, Refused for a desk of a newer program, Unavailable for the disk, and what
        `told` raises, with nothing changed.
        """
        with self.built(snapshot, now, told) as built:
            told(Step.REPLACING, 0, 0)
            with built.path.open("rb+") as file:
                flush(file.fileno())
            ready = ready_to_replace(self.path, now)
            built.path.rename(ready)
        try:
            return built, finish(self.path)[-1]
        except BaseException:
            # Whoever hears of it works on: what is saved from now on would be lost with the next opening.
            withdraw(ready, self.path)
            raise

    def _build(self, target: Path, snapshot: Snapshot | None, now: datetime, told: Told) -> Built:
        self._refuse_newer_present()
        self._begin(target, snapshot, told)
        after = snapshot.number if snapshot else 0
        with closing(connect(target, self.key, journal="MEMORY")) as connection:
            in_snapshot = _tally(connection)
            records = list(self._journal.records(after))
            replay(connection, _telling(records, told))
            reached, present = number_of(connection), self._number_of_present()
            gaps = _gaps(records, after) or (present or 0) > reached
            told(Step.READING, 0, 0)
            in_present = None
            if present is not None:
                run = [] if present > reached else _last_run(records)
                in_present = self._merge(connection, told, run, gaps=gaps, present=present)
            overtaken = _put_in_order(connection, gaps=gaps)
            # Above all that is here, damaged or not: what is no newer than a snapshot counts as held by it.
            others = [segment.first for segment in self._journal.segments()]
            others += [one.number for one in snapshots_in(self._snapshots)]
            last = max([reached, present or 0, *others])
            connection.execute(f"PRAGMA user_version = {last + 1}")
            connection.execute("PRAGMA journal_mode = DELETE")
            found = connection.execute("SELECT submission_id, key, short_title FROM inbox")
            names = {own_id: (key, title) for own_id, key, title in found}
            built = Built(target, names, in_snapshot, _tally(connection), in_present, overtaken, not gaps)
        told(Step.CHECKING, 0, 0)
        require_sound(target, self.key)
        return built

    def _begin(self, target: Path, snapshot: Snapshot | None, told: Told) -> None:
        told(Step.COPYING, 0, 0)
        if snapshot is None:
            migrate(target, self.key)
        else:
            require_sound(snapshot.path, self.key)
            with (
                closing(connect(snapshot.path, self.key, journal=None)) as here,
                closing(connect(target, self.key, journal="MEMORY")) as there,
            ):
                here.backup(
                    there,
                    pages=_PAGES,
                    progress=lambda _, left, of: told(Step.COPYING, of - left, of),
                )
                version = version_of(there)
            if version is not None and version > NEWEST:
                raise Refused(
                    f"Snapshot {snapshot.id} was taken by a newer Assessor Desk. Update the program"
                )
            migrate(target, self.key)

    def _refuse_newer_present(self) -> None:
        """An older program knows nothing of what a newer one keeps there, and would leave it out."""
        version = None
        with contextlib.suppress(sqlcipher.DatabaseError, DeskError):
            if self.path.is_file() and self.path.stat().st_size:
                with closing(connect(self.path, self.key, journal=None)) as present:
                    version = version_of(present)
        if version is not None:
            refuse_newer(version, self.path)

    def _number_of_present(self) -> int | None:
        """The last transaction of the present file, as far as it can be opened."""
        try:
            with telling_of_disk_trouble(self.path):
                if not self.path.is_file() or not self.path.stat().st_size:
                    return None
                with closing(connect(self.path, self.key, journal=None)) as present:
                    return number_of(present)
        except DeskError:
            return None

    def _merge(self, connection: Any, told: Told, run: list[Record], *, gaps: bool, present: int) -> Tally:
        """Count what can be read of the present file, and take it in where the journal leaves gaps.

        Without gaps the journal knows all that the file does, and what was removed since too. With gaps it knows that
        of the rows in its last `run` alone; how all others stood last the present file tells, where it saw as much.
        """
        columns = tables_of(connection)
        known = {
            (table, tuple(row.get(name) for name in columns[table][1]))
            for record in run
            for table, row, _ in record.changes
            if table in columns
        }
        older = bool(run) and present < run[0].number - 1
        tally = _Tallying()
        connection.execute("BEGIN IMMEDIATE")
        for place, table in enumerate(columns):
            told(Step.READING, place, len(columns))
            for row in _readable(self.path, self.key, table):
                tally.count(table, row)
                if gaps and (table, tuple(row.get(name) for name in columns[table][1])) not in known:
                    put(connection, columns, (table, row, False), new_only=older)
        connection.execute("COMMIT")
        return tally.tally()


class _Tallying:
    """Counts rows in whatever order tables come."""

    def __init__(self) -> None:
        self._submissions: dict[str, str] = {}
        self._kinds: list[tuple[str, str]] = []

    def count(self, table: str, row: dict[str, Any]) -> None:
        if table == "reviews":
            self._submissions[row["id"]] = row["submission_id"]
        elif table == "entries":
            self._kinds.append((row["review_id"], row["kind"]))
        elif table == "drafts":
            self._kinds.append((row["review_id"], "draft"))
        elif table == "outbox":
            self._kinds.append((row["review_id"], "packet"))

    def tally(self) -> Tally:
        found: Tally = {}
        for review_id, kind in self._kinds:
            submission_id = self._submissions.get(review_id)
            if submission_id is not None:
                found.setdefault(submission_id, Counter())[kind] += 1
        return found


def _tally(connection: Any) -> Tally:
    tally = _Tallying()
    for table, columns in (
        ("reviews", ("id", "submission_id")),
        ("entries", ("review_id", "kind")),
        ("drafts", ("review_id",)),
        ("outbox", ("review_id",)),
    ):
        for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table}"):  # noqa: S608 (names of our own tables)
            tally.count(table, dict(zip(columns, row)))
    return tally.tally()


def _readable(path: Path, key: bytes, table: str) -> Iterator[dict[str, Any]]:
    """Rows of a table from its beginning, and from its end, up to where a damaged page stops the reading.

    Each direction on a connection of its own: one that met damage answers nothing any more.
    """
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        with (
            contextlib.suppress(sqlcipher.DatabaseError, DeskError),
            closing(connect(path, key, journal=None)) as present,
        ):
            cursor = present.execute(f"SELECT rowid AS own_row, * FROM {table} ORDER BY rowid {order}")  # noqa: S608 (names of our own tables)
            names = [column[0] for column in cursor.description][1:]
            for own_row, *values in cursor:
                if own_row in seen:
                    break  # the first direction came so far
                seen.add(own_row)
                yield dict(zip(names, values))
            else:
                return


def _telling(records: Sequence[Record], told: Told) -> Iterable[Record]:
    for place, record in enumerate(records):
        if place % _RECORDS == 0:
            told(Step.REPLAYING, place, len(records))
        yield record


def _gaps(records: list[Record], after: int) -> bool:
    numbers = [one.number for one in records]
    return numbers != list(range(after + 1, after + 1 + len(numbers)))


def _last_run(records: list[Record]) -> list[Record]:
    """The records at the end between which none is missing."""
    begin = len(records)
    while begin and (begin == len(records) or records[begin].number == records[begin - 1].number + 1):
        begin -= 1
    return records[begin:]


def _put_in_order(connection: Any, *, gaps: bool) -> Tally:
    """What several parts together may have left at odds; with gaps, everything is taken from the sources once more.
    Gives the drafts that became entries: without gaps none, since the journal knows which ended.

    The file has another name among the person's devices from now on: should anything made here be missing, what is
    made next is not taken for it.
    """
    connection.execute("BEGIN IMMEDIATE")
    overtaken = _drop_overtaken(connection) if gaps else {}
    connection.execute(_NOT_FOUND_ANY_MORE)
    connection.execute(_READ_AGAIN)
    if gaps:
        connection.execute("DELETE FROM facts WHERE name LIKE 'cursor %'")
    keep_fact(connection, "device", str(uuid4()))
    connection.execute("COMMIT")
    return overtaken


def _drop_overtaken(connection: Any) -> Tally:
    found = connection.execute(_OF_WHICH).fetchall()
    connection.execute(_DRAFTS_OVERTAKEN)
    return {submission_id: Counter(draft=count) for submission_id, count in found}
