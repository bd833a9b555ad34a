"""The keys of artifacts, one wrapped key each, in a file of their own that no snapshot ever holds.

A snapshot or a back-up of the desk's file therefore brings no artifact back: destroying the key here destroys
it (DESIGN §3). Wrapping is AES Key Wrap (RFC 3394) under a key derived from the desk's data key.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from assessor_desk.domain.errors import Damaged
from assessor_desk.keys.derivation import derive
from assessor_desk.store.connection import connect, telling_of_disk_trouble

if TYPE_CHECKING:
    from assessor_desk.domain.changes import Blob

_TABLE = """CREATE TABLE IF NOT EXISTS artifact_keys (
    submission_id VARCHAR NOT NULL, artifact_id VARCHAR NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (submission_id, artifact_id))"""
_KEEP = """INSERT INTO artifact_keys VALUES (?, ?, ?)
    ON CONFLICT (submission_id, artifact_id) DO UPDATE SET wrapped = excluded.wrapped"""


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
        rows = [
            (b.submission_id, b.artifact_id, aes_key_wrap(self._wrapping_key, b.key)) for b in blobs if b.key
        ]
        if not rows:
            return
        with self._lock, telling_of_disk_trouble(self._path):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany(_KEEP, rows)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def key(self, submission_id: str, artifact_id: str) -> bytes | None:
        """The key of one artifact; None where there is none, or no longer. Raises Damaged for a changed one."""
        with self._lock, telling_of_disk_trouble(self._path):
            found = (
                self._connection()
                .execute(
                    "SELECT wrapped FROM artifact_keys WHERE submission_id = ? AND artifact_id = ?",
                    (submission_id, artifact_id),
                )
                .fetchone()
            )
        if found is None:
            return None
        try:
            return aes_key_unwrap(self._wrapping_key, found[0])
        except InvalidUnwrap as error:
            raise Damaged(
                f"The key of artifact “{artifact_id}” is damaged; sync again to get it anew"
            ) from error

    def destroy(self, submission_id: str) -> None:
        """Destroy the keys of a submission's artifacts: no copy of the bytes can be read any more."""
        with self._lock, telling_of_disk_trouble(self._path):
            self._connection().execute("DELETE FROM artifact_keys WHERE submission_id = ?", (submission_id,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _connection(self) -> Any:
        if self._opened is None:
            # Without a write-ahead log: a destroyed key must not live on in one.
            self._opened = connect(self._path, self._file_key, journal="DELETE")
            self._opened.execute(_TABLE)
        return self._opened
