"""One process at a time: a lock that the operating system drops when its holder ends, however it ends.

It is an exclusive transaction on an empty SQLite file (https://www.sqlite.org/lockingv3.html), which the driver of the
store brings along on every system; a library of locks would cost a third of a bare window's start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Unavailable


class Held(Exception):
    """Another process, or another place in this one, holds it."""


class Hold:
    """Holds the file until `release`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    def take(cls, path: Path) -> Hold:
        """Take the lock at once. Raises Held where somebody has it, Unavailable where the file cannot be written."""
        try:
            connection = sqlcipher.connect(
                str(path), isolation_level=None, check_same_thread=False, timeout=0
            )
        except sqlcipher.OperationalError as error:
            raise Unavailable(f"The folder {path.parent} cannot be written ({error})") from error
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlcipher.OperationalError as error:
            connection.close()
            if "locked" in str(error):
                raise Held from error
            raise Unavailable(f"The folder {path.parent} cannot be written ({error})") from error
        return cls(connection)

    def release(self) -> None:
        """Let go; harmless the second time."""
        self._connection.close()
