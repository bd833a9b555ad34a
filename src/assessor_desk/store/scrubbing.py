"""What was let go of goes from the snapshots too: earlier wordings, a coach's notes, words of recalled evidence.

Snapshots are brought in line with the file as it is now, each in one transaction. One that cannot be is removed.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import DeskError
from assessor_desk.store.connection import connect, telling_of_disk_trouble
from assessor_desk.store.snapshots import remove_with_journals, snapshots_in
from assessor_desk.store.witness import tables_of

_DROPPED = "SELECT data, id FROM entries WHERE data ->> '$.dropped'"
_FORGOTTEN = "SELECT forgotten_at, id FROM reviews WHERE forgotten_at IS NOT NULL"
_UNLIKE = "SELECT DISTINCT submission_id FROM preflights WHERE origin = 'desk' AND likeness = '' ORDER BY 1"
#: What is in one of these and not in the file any more was taken away since.
_TAKEN_AWAY = ("delivered", "preflights", "review_texts")


@dataclass(frozen=True, slots=True)
class LetGo:
    """What the file has let go of; two that are equal need no scrubbing in between."""

    dropped: tuple[tuple[str, str], ...]
    forgotten: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, frozenset[str]], ...]
    unlike: tuple[tuple[str], ...] = ()

    @property
    def words_told(self) -> str:
        """The words and notes among it, told in few letters; empty where there are none."""
        gone = sorted(self.dropped), sorted(self.forgotten)
        return hashlib.sha256(repr(gone).encode()).hexdigest() if any(gone) else ""

    @classmethod
    def of(cls, path: Path, key: bytes) -> LetGo:
        """Read from the file."""
        with telling_of_disk_trouble(path), closing(connect(path, key)) as file:
            dropped, forgotten, unlike = (
                tuple(file.execute(words)) for words in (_DROPPED, _FORGOTTEN, _UNLIKE)
            )
            kept = tuple((table, frozenset(_names(file, table))) for table in _TAKEN_AWAY)
        return cls(dropped, forgotten, kept, unlike)


def scrub(folder: Path, key: bytes, gone: LetGo) -> None:
    """Bring every snapshot in `folder` in line."""
    for snapshot in snapshots_in(folder):
        try:
            with (
                telling_of_disk_trouble(snapshot.path),
                closing(connect(snapshot.path, key, journal="DELETE")) as file,
            ):
                _scrub(file, gone)
        except (DeskError, sqlcipher.DatabaseError):
            remove_with_journals(snapshot.path)


def _scrub(file: Any, gone: LetGo) -> None:
    known = {*tables_of(file), "review_texts"}
    file.execute("BEGIN IMMEDIATE")
    file.executemany("UPDATE entries SET data = ?1 WHERE id = ?2 AND data IS NOT ?1", gone.dropped)
    reviews = "(SELECT review_id FROM entries WHERE id = ?2)"
    file.executemany(f"DELETE FROM drafts WHERE ?1 IS ?1 AND review_id IN {reviews}", gone.dropped)  # noqa: S608
    file.executemany("UPDATE reviews SET forgotten_at = ?1 WHERE id = ?2", gone.forgotten)
    own = "review_id = ?2 AND kind <> 'handed_back' AND at <= ?1"
    file.executemany(f"DELETE FROM entries WHERE {own}", gone.forgotten)  # noqa: S608 (no words from elsewhere)
    file.executemany("DELETE FROM drafts WHERE ?1 IS ?1 AND review_id = ?2", gone.forgotten)
    if "preflights" in known:
        file.executemany("UPDATE preflights SET likeness = '' WHERE submission_id = ?", gone.unlike)
    for table, kept in gone.kept:
        if table in known:
            name = _NAME_OF[table]
            over = [(one,) for one in _names(file, table) - kept]
            file.executemany(f"DELETE FROM {table} WHERE {name} = ?", over)  # noqa: S608 (our own tables)
    file.execute("COMMIT")


_NAME_OF = {"delivered": "digest", "preflights": "submission_id", "review_texts": "digest"}


def _names(file: Any, table: str) -> set[str]:
    return {row[0] for row in file.execute(f"SELECT DISTINCT {_NAME_OF[table]} FROM {table}")}  # noqa: S608
