"""The keys of artifacts, one wrapped key each, in a file of their own that no snapshot ever holds.

A snapshot or a back-up of the desk's file therefore brings no artifact back: destroying the key here destroys
it (DESIGN §3). Wrapping is AES Key Wrap (RFC 3394) under a key derived from the desk's data key.

A key belongs to the bytes it opens: a replaced artifact's new key comes beside the old one, which is forgotten once the
ledger names the new bytes. Whatever is interrupted in between, the bytes that the ledger names can be opened.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.errors import Damaged
from assessor_desk.keys.derivation import derive
from assessor_desk.store.connection import connect, telling_of_disk_trouble

if TYPE_CHECKING:
    from assessor_desk.domain.changes import Blob

_TABLE = """CREATE TABLE IF NOT EXISTS blob_keys (
    submission_id VARCHAR NOT NULL, artifact_id VARCHAR NOT NULL, digest VARCHAR NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (submission_id, artifact_id, digest))"""
_KEEP = """INSERT INTO blob_keys VALUES (?, ?, ?, ?)
    ON CONFLICT (submission_id, artifact_id, digest) DO UPDATE SET wrapped = excluded.wrapped"""
# The first version kept one key an artifact, without saying of which bytes: these count for any, after all others.
_FIND = """SELECT wrapped FROM blob_keys WHERE submission_id = ? AND artifact_id = ? AND digest IN (?, '')
    ORDER BY digest DESC LIMIT 1"""
_TAKE_OVER = (
    "INSERT OR IGNORE INTO blob_keys SELECT submission_id, artifact_id, '', wrapped FROM artifact_keys"
)
_DESTROY = "DELETE FROM blob_keys WHERE submission_id = ? AND (? = '' OR artifact_id = ?)"
_FORGET = "DELETE FROM blob_keys WHERE submission_id = ? AND artifact_id = ? AND digest = ?"

# What was made here of an artifact's bytes, a document as laid out: it goes with them.
_MADE_TABLE = """CREATE TABLE IF NOT EXISTS made_here (
    submission_id VARCHAR NOT NULL, artifact_id VARCHAR NOT NULL, source_digest VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL, digest VARCHAR NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (submission_id, artifact_id, source_digest, purpose))"""
_KEEP_MADE = "INSERT OR REPLACE INTO made_here VALUES (?, ?, ?, ?, ?, ?)"
_FIND_MADE = """SELECT digest, wrapped FROM made_here
    WHERE submission_id = ? AND artifact_id = ? AND source_digest = ? AND purpose = ?"""
_DESTROY_MADE = "DELETE FROM made_here WHERE submission_id = ? AND (? = '' OR artifact_id = ?)"
_FORGET_MADE = "DELETE FROM made_here WHERE submission_id = ? AND artifact_id = ? AND source_digest = ?"

#: Submission, artifact, and the SHA-256 of the sealed bytes.
Held = tuple[str, str, str]


class ArtifactKeys:
    """One file of wrapped keys. Thread-safe; opened when first asked."""

    def __init__(self, path: Path, data_key: bytes) -> None:
        self._path = path
        self._file_key = derive(data_key, "artifact key file")
        self._wrapping_key = derive(data_key, "artifact keys")
        self._lock = threading.Lock()
        self._opened: Any = None

    def keep(self, blobs: Iterable[Blob]) -> None:
        """Keep the keys of `blobs`, all or none; those without a key are passed over."""
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap

        self._change_all(
            _KEEP,
            [
                (b.submission_id, b.artifact_id, b.digest, aes_key_wrap(self._wrapping_key, b.key))
                for b in blobs
                if b.key
            ],
        )

    def key(self, submission_id: str, artifact_id: str, digest: str) -> bytes | None:
        """The key of an artifact's bytes; None where there is none, or no longer. Raises Damaged for a changed one."""
        with self._lock, telling_of_disk_trouble(self._path):
            found = self._connection().execute(_FIND, (submission_id, artifact_id, digest)).fetchone()
        if found is None:
            return None
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

        try:
            return aes_key_unwrap(self._wrapping_key, found[0])
        except InvalidUnwrap as error:
            raise Damaged(
                f"The key of artifact “{artifact_id}” is damaged; sync again to get it anew"
            ) from error

    def held(self) -> set[Held]:
        """Whose keys are here; the digest is empty for one that the first version of the file kept."""
        with self._lock, telling_of_disk_trouble(self._path):
            if self._opened is None and not self._path.exists():  # nothing is made for a question
                return set()
            found = self._connection().execute("SELECT submission_id, artifact_id, digest FROM blob_keys")
            return {(row[0], row[1], row[2]) for row in found}

    def of(self, submission_id: str) -> set[tuple[str, str]]:
        """Artifact and digest of the keys of a submission."""
        return self._pairs("SELECT artifact_id, digest FROM blob_keys WHERE submission_id = ?", submission_id)

    def made_of(self, submission_id: str) -> set[tuple[str, str]]:
        """Artifact and digest of what was made here of a submission's evidence."""
        return self._pairs("SELECT artifact_id, digest FROM made_here WHERE submission_id = ?", submission_id)

    def _pairs(self, query: str, submission_id: str) -> set[tuple[str, str]]:
        with self._lock, telling_of_disk_trouble(self._path):
            if self._opened is None and not self._path.exists():
                return set()
            return {(row[0], row[1]) for row in self._connection().execute(query, (submission_id,))}

    def mark(self) -> tuple[int, int, int] | None:
        """What is another once a key has come or gone, found without reading any; None where there is no file."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def keep_made(self, source: Held, purpose: str, digest: str, key: bytes) -> None:
        """Keep the key of what was made here, for a purpose, of the bytes that `source` names."""
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap

        self._change_all(_KEEP_MADE, [(*source, purpose, digest, aes_key_wrap(self._wrapping_key, key))])

    def made(self, source: Held, purpose: str) -> tuple[str, bytes] | None:
        """Digest and key of what was made of these bytes; None where nothing was, or its key is damaged."""
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

        with self._lock, telling_of_disk_trouble(self._path):
            found = self._connection().execute(_FIND_MADE, (*source, purpose)).fetchone()
        try:
            return None if found is None else (found[0], aes_key_unwrap(self._wrapping_key, found[1]))
        except InvalidUnwrap:
            return None

    def made_digests(self) -> set[str]:
        """The vault's files that were made here."""
        return {digest for _, digest in self._all_made()}

    def _all_made(self) -> list[tuple[Held, str]]:
        with self._lock, telling_of_disk_trouble(self._path):
            if self._opened is None and not self._path.exists():
                return []
            found = self._connection().execute(
                "SELECT submission_id, artifact_id, source_digest, digest FROM made_here"
            )
            return [((row[0], row[1], row[2]), row[3]) for row in found]

    def forget_made(self, submission_id: str) -> None:
        """Destroy the keys of what was made here of a submission's evidence; it can be made anew."""
        with self._lock, telling_of_disk_trouble(self._path):
            self._connection().execute(_DESTROY_MADE, (submission_id, "", ""))

    def destroy(self, submission_id: str, artifact_id: str = "") -> None:
        """Destroy the keys of a submission's artifacts, or of one: no copy of the bytes can be read any more.

        Nor of what was made of them here.
        """
        with self._lock, telling_of_disk_trouble(self._path):
            for statement in (_DESTROY, _DESTROY_MADE):
                self._connection().execute(statement, (submission_id, artifact_id, artifact_id))

    def forget_all_but(self, named: AbstractSet[Held], submissions: AbstractSet[str] | None = None) -> None:
        """Forget keys of bytes that the ledger does not name (any more), of these submissions or of all."""
        of_any = {(submission_id, artifact_id) for submission_id, artifact_id, _ in named}
        gone = [
            one
            for one in self.held()
            if (submissions is None or one[0] in submissions)
            and one not in named
            and (one[2] or one[:2] not in of_any)
        ]
        self._change_all(_FORGET, gone)
        stale = [
            source
            for source, _ in self._all_made()
            if (submissions is None or source[0] in submissions) and source not in named
        ]
        self._change_all(_FORGET_MADE, stale)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _change_all(self, statement: str, rows: list[Any]) -> None:
        """All rows or none."""
        if not rows:
            return
        with self._lock, telling_of_disk_trouble(self._path):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany(statement, rows)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connection(self) -> Any:
        if self._opened is None:
            try:
                self._opened = self._open()
            except Damaged:
                self._begin_anew()
                self._opened = self._open()
        return self._opened

    def _open(self) -> Any:
        with telling_of_disk_trouble(self._path):
            # Without a write-ahead log: a destroyed key must not live on in one.
            opened = connect(self._path, self._file_key, journal="DELETE")
            try:
                if opened.execute("PRAGMA cipher_integrity_check").fetchall():
                    raise Damaged(f"“{self._path.name}” in {self._path.parent} is damaged")
                _prepare(opened)
            except BaseException:
                opened.close()
                raise
            return opened

    def _begin_anew(self) -> None:
        """A damaged file goes: keys come again with the next round, and nothing destroyed may lie about in it."""
        for end in ("", "-journal"):
            self._path.with_name(self._path.name + end).unlink(missing_ok=True)


def _prepare(connection: Any) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_TABLE)
    connection.execute(_MADE_TABLE)
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'artifact_keys'").fetchone():
        connection.execute(_TAKE_OVER)
        connection.execute("DROP TABLE artifact_keys")
    connection.execute("COMMIT")
