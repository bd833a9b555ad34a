"""The hub's database: SQLite, encrypted by SQLCipher, reached through SQLAlchemy Core.

It names educators, files and keys of blobs, so a copy of the file alone must say nothing. The key lies
beside it in `hub.key`, readable by this user only: a hub starts without a person who types
(docs/decisions/0030).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.keys.private_files import write_privately

NEWEST = "0009"
DATABASE_FILE = "hub.db"
KEY_FILE = "hub.key"
_SCRIPTS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 30
_WRITING: dict[str, Any] = {"hub_writes": True}


class Database:
    """An open hub database. Reading and writing take one transaction each; writers wait for each other."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / DATABASE_FILE
        self._engine = _engine(self._path, _read_key(folder))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent view; nothing may be written."""
        with _telling_of_trouble(self._path), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction, kept when the block ends in peace and rolled back otherwise.

        No network, hash or signature inside: every other writer waits meanwhile.
        """
        with _telling_of_trouble(self._path), self._engine.connect() as connection:
            connection = connection.execution_options(**_WRITING)
            with connection.begin():
                yield connection

    def migrate(self, now: datetime, scripts: Path = _SCRIPTS, newest: str = NEWEST) -> None:
        """Bring the file to the newest version, each migration whole or not at all, after a back-up.

        Raises Refused for a file from a newer program, which is left as it is.
        """
        version = self._version()
        if version == newest:
            return
        if version is not None and version > newest:
            raise Refused(
                f"The hub in {self._path.parent} was last used with a newer Assessor Desk. Update this one; "
                "nothing was changed"
            )
        if version is not None:
            self._back_up(version, now)
        self._run_migrations(scripts, newest)

    def _version(self) -> str | None:
        with self.reading() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return None if found is None else str(found)

    def _back_up(self, version: str, now: datetime) -> None:
        target = self._path.with_name(f"hub-{version}-{now:%Y%m%dT%H%M%S%f}.db")
        raw = self._engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM INTO ?", (str(target),))
        finally:
            raw.close()

    def _run_migrations(self, scripts: Path, newest: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        script = ScriptDirectory.from_config(config)

        def steps(revision: Any, _: Any) -> Any:
            return script._upgrade_revs(newest, revision)

        with (
            _telling_of_trouble(self._path),
            self._engine.connect().execution_options(**_WRITING) as connection,
            EnvironmentContext(config, script, fn=steps) as environment,
        ):
            environment.configure(connection=connection, transaction_per_migration=True)
            environment.run_migrations()


def make_key(folder: Path) -> None:
    """Write a new random database key into `folder`."""
    write_privately(folder / KEY_FILE, secrets.token_hex(32).encode())


def _read_key(folder: Path) -> str:
    try:
        key = (folder / KEY_FILE).read_text(encoding="ascii").strip()
    except OSError as error:
        raise Refused(
            f"{folder} holds no hub, or its {KEY_FILE} cannot be read. Make one with hub init"
        ) from error
    if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
        raise Damaged(f"{KEY_FILE} in {folder} is damaged. Restore it from a back-up")
    return key


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
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("hub_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def _telling_of_trouble(path: Path) -> Iterator[None]:
    """Say in a sentence what the driver says of disk and file; SQLite has rolled back by then."""
    try:
        yield
    except (sa.exc.DatabaseError, sqlcipher.DatabaseError) as error:
        words = str(getattr(error, "orig", None) or error)
        if "not a database" in words or "malformed" in words:
            raise Damaged(
                f"{path} is damaged or has another key. Restore the folder from a back-up"
            ) from error
        if any(sign in words for sign in ("full", "disk I/O", "readonly", "unable to open", "locked")):
            raise Unavailable(f"{path} cannot be written ({words}). Nothing was changed") from error
        raise
