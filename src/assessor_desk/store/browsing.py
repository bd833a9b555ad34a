"""The inbox's own connection to the desk's file: a search through very much keeps no key press waiting."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.store.connection import connect, telling_of_disk_trouble
from assessor_desk.store.first_page import read_inbox, read_keys, read_order, read_rows
from assessor_desk.store.queue import read_decided, read_policies, read_queue, read_queue_lines
from assessor_desk.store.seeking import seek_artifacts, seek_submissions

if TYPE_CHECKING:
    from assessor_desk.store.connection import Connection
    from assessor_desk.store.lines import InboxOrder, InboxRow
    from assessor_desk.store.queue import QueueEnd, QueueFilter, QueueLine, QueueOrder
    from assessor_desk.store.turns import Gate

#: In KiB, taken only as it is needed: the order of 100,000 lines is searched without decrypting it each time.
_ROOM = "PRAGMA cache_size = -32768"


class Browsing:
    """Reads the inbox, beside whoever writes. Thread-safe; the connection is made when the first asks."""

    def __init__(self, path: Path, key: bytes, gate: Gate) -> None:
        self._path, self._key, self._gate = path, key, gate
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def all(self, search: str) -> list[InboxRow]:
        """See `first_page.read_inbox`. Raises Damaged and Unavailable for the file and the disk, as all here."""
        with self._reading() as connection:
            return read_inbox(connection, search)

    def order(self, search: str, now: datetime) -> InboxOrder:
        """See `first_page.read_order`."""
        with self._reading() as connection:
            return read_order(connection, search, now)

    def rows(self, ids: Sequence[str]) -> dict[str, InboxRow]:
        """See `first_page.read_rows`."""
        with self._reading() as connection:
            return read_rows(connection, ids)

    def keys(self, letters: str) -> set[str]:
        """See `first_page.read_keys`."""
        with self._reading() as connection:
            return read_keys(connection, letters)

    def seek(self, words: str, most: int) -> tuple[list[str], list[tuple[str, str, str, str, str]]]:
        """Submissions and artifacts; see `seeking`."""
        with self._reading() as connection:
            return seek_submissions(connection, words, most), seek_artifacts(connection, words, most)

    def queue(self, search: str, wanted: QueueFilter, ends: Iterable[QueueEnd]) -> QueueOrder:
        """See `queue.read_queue`."""
        with self._reading() as connection:
            return read_queue(connection, search, wanted, ends)

    def queue_lines(self, ids: Sequence[str]) -> list[QueueLine]:
        """See `queue.read_queue_lines`."""
        with self._reading() as connection:
            return read_queue_lines(connection, ids)

    def decided(self) -> list[QueueLine]:
        """See `queue.read_decided`."""
        with self._reading() as connection:
            return read_decided(connection)

    def policies(self) -> list[tuple[str, str, str, bytes]]:
        """See `queue.read_policies`."""
        with self._reading() as connection:
            return read_policies(connection)

    def close(self) -> None:
        """Close the connection; the next who asks opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._gate.passed(), self._lock, telling_of_disk_trouble(self._path):
            if self._connection is None:
                self._connection = connect(self._path, self._key, journal=None)
                self._connection.execute(_ROOM)
            yield self._connection
