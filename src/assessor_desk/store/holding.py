"""One process at a time: a lock that the operating system drops when its holder ends, however it ends.

It is an exclusive transaction on an empty SQLite file (https://www.sqlite.org/lockingv3.html), which the driver of the
store brings along on every system; a library of locks would cost a third of a bare window's start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Damaged
from assessor_desk.store.connection import telling_of_disk_trouble
from assessor_desk.store.disks import not_written, only_readable


class Held(Exception):
    """Another process, or another place in this one, holds it."""


class Hold:
    """Holds the file until `release`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    def take(cls, path: Path) -> Hold:
        """Take the lock at once.

        Raises Held where somebody has it, Unavailable where the disk is full or the file cannot be written.
        """
        try:
            return cls._take(path)
        except Damaged:
            # It holds nothing: whatever else lies there under its name is not missed, and nobody has it open.
            path.unlink(missing_ok=True)
            return cls._take(path)

    @classmethod
    def _take(cls, path: Path) -> Hold:
        with telling_of_disk_trouble(path):
            connection = sqlcipher.connect(
                str(path), isolation_level=None, check_same_thread=False, timeout=0
            )
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlcipher.DatabaseError as error:
                connection.close()
                if "locked" in str(error):
                    raise Held from error
                raise
            # Where it may only be read SQLite says nothing, and holds it together with whoever else reads it.
            if only_readable(path) is not None:
                connection.close()
                raise not_written(path, "nobody else could be kept from opening it")
        return cls(connection)

    def release(self) -> None:
        """Let go; harmless the second time."""
        self._connection.close()
