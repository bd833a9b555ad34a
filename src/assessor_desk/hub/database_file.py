"""The hub's database as a file in its folder: SQLite, encrypted by SQLCipher.

The key lies beside it in `hub.key`, readable by this user only: a hub starts without a person who types
(docs/decisions/0030).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Damaged, Unavailable
from assessor_desk.keys.file_turns import having

DATABASE_FILE = "hub.db"
_BUSY_SECONDS = 30
_WRITING: dict[str, Any] = {"hub_writes": True}
_ALONE: dict[str, Any] = {"hub_asks_once": True}


class FileHome:
    """`hub.db` in a hub's folder. SQLite lets one process write at a time."""

    shared = False

    def __init__(self, folder: Path, key: str) -> None:
        self._path = folder / DATABASE_FILE
        self.place = str(folder)
        self.engine = _engine(self._path, key)

    def close(self) -> None:
        """SQLite closes what is returned later by itself."""
        self.engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A deferred transaction: its view is that of its first statement."""
        with self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def looking(self) -> Iterator[sa.Connection]:
        """SQLite gives each statement a view of its own where no transaction was begun."""
        with self.engine.connect() as connection:
            yield connection.execution_options(**_ALONE)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that begins by waiting until nobody else writes."""
        with self.engine.connect() as connection:
            yield connection.execution_options(**_WRITING)

    @contextlib.contextmanager
    def turn(self, name: str, patience: float | None = None) -> Iterator[None]:
        """A lock on a file beside the database."""
        with having(FileLock(self._path.with_name(f"{name}.lock")), patience, self.place):
            yield

    @contextlib.contextmanager
    def try_turn(self, name: str) -> Iterator[bool]:
        """The same lock, if it is free."""
        lock = FileLock(self._path.with_name(f"{name}.lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Say in a sentence what the driver says of disk and file; SQLite has rolled back by then."""
        try:
            yield
        except (sa.exc.DatabaseError, sqlcipher.DatabaseError) as error:
            words = str(getattr(error, "orig", None) or error)
            if "not a database" in words or "malformed" in words:
                raise Damaged(
                    f"{self._path} is damaged or has another key. Restore the folder from a back-up"
                ) from error
            if any(sign in words for sign in ("full", "disk I/O", "readonly", "unable to open", "locked")):
                raise Unavailable(f"{self._path} cannot be written ({words}). Nothing was changed") from error
            raise

    def keep_before(self, version: str, now: datetime) -> None:
        """A copy beside the file, encrypted like it."""
        self.copy_to(self._path.with_name(f"hub-{version}-{now:%Y%m%dT%H%M%S%f}.db"))

    def copy_to(self, target: Path) -> None:
        """A whole copy as of one moment, with the same key, made while others read and write."""
        raw = self.engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM INTO ?", (str(target),))
        finally:
            raw.close()


def _engine(path: Path, key: str) -> sa.Engine:
    # hide_parameters: names and keys must not reach a traceback.
    engine = sa.create_engine(
        "sqlite+pysqlite://",
        module=sqlcipher,
        creator=lambda: _connect(path, key),
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=32,
        hide_parameters=True,
    )
    sa.event.listen(engine, "begin", _begin)
    return engine


def _connect(path: Path, key: str) -> Any:
    connection = sqlcipher.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
    )
    try:
        for pragma in (
            "cipher_log_level = NONE",
            f"key = \"x'{key}'\"",
            "temp_store = MEMORY",
            "journal_mode = WAL",
            "synchronous = FULL",
            # macOS alone knows the difference (`places.flushing`).
            "fullfsync = ON",
            "checkpoint_fullfsync = ON",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: sa.Connection) -> None:
    how = connection.get_execution_options()
    if "hub_asks_once" not in how:
        # By the driver itself: what SQLAlchemy does around a statement takes several times as long as beginning.
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE" if how.get("hub_writes") else "BEGIN")
