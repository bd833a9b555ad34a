"""Encrypted copies of the desk's file: taken whole, verified, thinned. What opens evidence is in none of them.

A copy is made page by page by SQLite itself (https://www.sqlite.org/backup.html) on a connection of its own: whoever
writes meanwhile does not wait. It gets its name only once it was read back and is on the disk.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Damaged, DeskError, Unavailable
from assessor_desk.keys.private_files import flush_folder, make_folder
from assessor_desk.places.flushing import flush
from assessor_desk.store.connection import connect, telling_of_disk_trouble
from assessor_desk.store.times import unstamp
from assessor_desk.store.witness import number_of

HOURS, DAYS, WEEKS = 24, 14, 8
#: Of all snapshots together; so many of the newest stay whatever they weigh.
MOST_BYTES, ALWAYS = 2 * 10**9, 3
_UNFINISHED = ".unfinished"
_NAME = re.compile(r"desk-(\d{4})-(\d{8}T\d{12})(?:-([a-z]+)-(\d+))?\.db")
_STAMP = "%Y%m%dT%H%M%S%f"


class Why(StrEnum):
    """What a snapshot was taken before, or for."""

    HOURLY = "hourly"
    ROUND = "round"
    UPGRADE = "upgrade"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One copy: of which version of the file, when by the clock of then, and after which transaction."""

    path: Path
    version: str
    taken_at: datetime
    why: Why
    number: int
    bytes: int

    @property
    def id(self) -> str:
        """A short name: the moment, in UTC, to the second."""
        return f"{self.taken_at:%Y%m%d-%H%M%S}"


@dataclass(frozen=True, slots=True)
class Held:
    """What a snapshot holds."""

    submissions: int
    reviews: int
    entries: int
    waiting: int
    last_entry_at: datetime | None


def snapshots_in(folder: Path) -> list[Snapshot]:
    """Newest first, in the order of what they hold: a clock may have been set back."""
    found = []
    for path in folder.glob("desk-*.db"):
        named = _NAME.fullmatch(path.name)
        with contextlib.suppress(ValueError, OSError):
            if named is not None:
                at = datetime.strptime(named[2], _STAMP).replace(tzinfo=UTC)
                why = Why(named[3] or Why.UPGRADE)
                found.append(Snapshot(path, named[1], at, why, int(named[4] or 0), path.stat().st_size))
    return sorted(found, key=lambda one: (one.number, one.taken_at), reverse=True)


def take_snapshot(path: Path, key: bytes, folder: Path, version: str, now: datetime, why: Why) -> Snapshot:
    """Copy the file at `path` into `folder`.

    Raises Damaged where the file, or the copy as it was read back, does not hold; Unavailable for the disk. Then
    nothing is left that would be taken for a snapshot.
    """
    told = f"desk-{version}-{now.astimezone(UTC).strftime(_STAMP)}-{why}"
    unfinished = folder / (told + _UNFINISHED)
    try:
        with _telling_of(path):
            make_folder(folder)
            number = _copy(path, key, unfinished)
            require_sound(unfinished, key)
            target = folder / f"{told}-{number}.db"
            _settle(unfinished, target)
    finally:
        remove_with_journals(unfinished)
    return Snapshot(target, version, now, why, number, target.stat().st_size)


def _copy(path: Path, key: bytes, target: Path) -> int:
    target.unlink(missing_ok=True)
    with closing(connect(path, key)) as here, closing(connect(target, key, journal="MEMORY")) as there:
        there.execute("PRAGMA synchronous = OFF")  # it is flushed as a whole
        here.backup(there)
        there.execute("PRAGMA journal_mode = DELETE")
        return number_of(there)


@contextlib.contextmanager
def _telling_of(path: Path) -> Iterator[None]:
    """Of a full disk in a sentence, whether SQLite or the system says it."""
    try:
        with telling_of_disk_trouble(path):
            yield
    except OSError as error:
        raise Unavailable(f"No snapshot of {path} could be kept ({error.strerror}). Make room") from error


def _settle(unfinished: Path, target: Path) -> None:
    with unfinished.open("rb+") as file:
        flush(file.fileno())
    unfinished.replace(target)
    flush_folder(target.parent)


def require_sound(path: Path, key: bytes) -> None:
    """Raise Damaged unless every page of a file is as it was written, and all of it fits together."""
    whole = False
    try:
        if path.is_file() and path.stat().st_size:  # SQLite would make one, or take it for a new one
            whole = _is_whole(path, key)
    except (sqlcipher.DatabaseError, DeskError):
        whole = False
    if not whole:
        raise Damaged(f"“{path.name}” in {path.parent} is damaged")


def _is_whole(path: Path, key: bytes) -> bool:
    with closing(connect(path, key, journal=None)) as connection:
        every_page = not connection.execute("PRAGMA cipher_integrity_check").fetchall()
        return every_page and connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]


def held_in(path: Path, key: bytes) -> Held:
    """What a file holds. Raises Damaged where that cannot be read."""
    with telling_of_disk_trouble(path), closing(connect(path, key, journal=None)) as connection:
        last = connection.execute("SELECT max(at) FROM entries").fetchone()[0]
        return Held(
            _count(connection, "submissions"),
            _count(connection, "reviews"),
            _count(connection, "entries"),
            _count(connection, "outbox WHERE delivered_at IS NULL"),
            None if last is None else unstamp(last),
        )


def _count(connection: Any, of: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {of}").fetchone()[0])  # noqa: S608 (names of our own tables)


def thin(folder: Path, most_bytes: int = MOST_BYTES) -> None:
    """Remove what is not the newest of its hour, day or week, nor among the last few; and what was left unfinished."""
    for left in folder.glob(f"*{_UNFINISHED}*"):
        _remove(left)
    found = snapshots_in(folder)
    kept = set(_kept(found))
    weight = 0
    for place, snapshot in enumerate(found):
        weight += snapshot.bytes if snapshot in kept else 0
        if snapshot not in kept or (place >= ALWAYS and weight > most_bytes):
            remove_with_journals(snapshot.path)


def _kept(found: Sequence[Snapshot]) -> Iterator[Snapshot]:
    yield from found[:ALWAYS]
    for most, span in ((HOURS, timedelta(hours=1)), (DAYS, timedelta(days=1)), (WEEKS, timedelta(weeks=1))):
        newest_of: dict[int, Snapshot] = {}
        for snapshot in found:
            newest_of.setdefault(int(snapshot.taken_at.timestamp() // span.total_seconds()), snapshot)
        yield from list(newest_of.values())[:most]


def _files_of(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + end) for end in ("-journal", "-wal", "-shm"))]


def remove_with_journals(path: Path) -> None:
    """Remove a file of SQLite's, with what may lie beside it."""
    for one in _files_of(path):
        _remove(one)


def _remove(path: Path) -> None:
    """Windows removes no file that is open: it goes the next time."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
