"""Opening an encrypted SQLite file with a raw key, and what its errors mean for a person.

SQLCipher 4 with a raw 256-bit key skips its own key derivation (https://www.zetetic.net/sqlcipher/sqlcipher-api/#key).
The key goes to the connection by PRAGMA: never into a URL, an argument or a log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Damaged, Restorable
from assessor_desk.store.disks import not_written

KEY_BYTES = 32
_BUSY_MILLISECONDS = 10_000
# Result codes (https://www.sqlite.org/rescode.html), told here because Python's own module loads another SQLite.
_READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 8, 10, 11, 13, 14, 26
_FULL_OR_BROKEN = {_FULL, _IOERR, _READONLY, _CANTOPEN}
_DESK = "desk.db"
_DAMAGED = {_CORRUPT, _NOTADB}


#: Rows as they stand, by table and key, in the order of their columns; None for one that is gone.
Changed = dict[tuple[str, tuple[Any, ...]], tuple[Any, ...] | None]


class Connection(sqlcipher.Connection):  # type: ignore[misc]
    """The driver's connection; `changed` is where a `Witness` notes what the transaction under way changes."""

    changed: Changed | None = None


def connect(path: Path, key: bytes, *, journal: str | None = "WAL") -> Any:
    """A connection to the encrypted file at `path`, made if it is not there; statements commit by themselves.

    Every commit reaches the disk, freed pages are overwritten (`secure_delete`), and nothing temporary is written to a
    file. With None for `journal` the file keeps the kind it has. Raises Damaged when the file is no desk file of this
    key, Unavailable for the disk.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a raw key has 32 bytes")
    with telling_of_disk_trouble(path):
        connection = sqlcipher.connect(
            str(path),
            isolation_level=None,
            check_same_thread=False,
            timeout=_BUSY_MILLISECONDS / 1000,
            factory=Connection,
        )
        try:
            _prepare(connection, key, journal)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: Any, key: bytes, journal: str | None) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA secure_delete = ON")
    if journal is not None:
        connection.execute(f"PRAGMA journal_mode = {journal}")
    # Without a write-ahead log it is the removal of the journal that commits: the folder must reach the disk as well.
    connection.execute(f"PRAGMA synchronous = {'FULL' if journal in ('WAL', None) else 'EXTRA'}")
    for flushed in ("fullfsync", "checkpoint_fullfsync"):
        connection.execute(f"PRAGMA {flushed} = ON")  # macOS alone knows the difference (`places.flushing`)
    connection.execute("PRAGMA foreign_keys = ON")


@contextlib.contextmanager
def telling_of_disk_trouble(path: Path) -> Iterator[None]:
    """Turn the driver's errors about disk and file into a sentence; whatever was under way is rolled back by SQLite.

    Works for the driver's own errors and for SQLAlchemy's, which carry them as `orig`.
    """
    try:
        yield
    except Exception as error:
        told = _told(error, path)
        if told is None:
            raise
        raise told from error


def _told(error: Exception, path: Path) -> Exception | None:
    driver_error = getattr(error, "orig", None) or error
    if not isinstance(driver_error, sqlcipher.DatabaseError):
        return None
    code = (getattr(driver_error, "sqlite_errorcode", None) or _code_of(str(driver_error))) & 0xFF
    if code in _DAMAGED:
        told = f"“{path.name}” in {path.parent} is damaged or belongs to another desk"
        if path.name != _DESK:
            return Damaged(told)
        return Restorable(
            f"{told}. “Restore” puts it together again from a snapshot and what was saved since"
        )
    if code in _FULL_OR_BROKEN:
        return not_written(path, driver_error)
    return None


def _code_of(words: str) -> int:
    """SQLite's result code behind its words, for drivers that do not pass the code on."""
    known = {
        "database or disk is full": _FULL,
        "disk I/O error": _IOERR,
        "unable to open database file": _CANTOPEN,
        "attempt to write a readonly database": _READONLY,
        "database disk image is malformed": _CORRUPT,
        "file is not a database": _NOTADB,
    }
    return next((code for said, code in known.items() if said in words), 0)
