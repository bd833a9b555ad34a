"""The hub's database: SQLCipher in the hub's folder, or a PostgreSQL server (docs/decisions/0178).

Both are reached through SQLAlchemy Core by the same statements. It names educators, files and keys of blobs, so a copy
of it alone must say nothing: the file is encrypted as a whole, and on a server whatever names, tells or opens something
is encrypted column by column (`secret_columns`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from assessor_desk.domain.errors import Refused
from assessor_desk.hub.whereabouts import key_of, whereabouts_of

NEWEST = "0019"
_SCRIPTS = Path(__file__).parent / "migrations"


class Home(Protocol):
    """Where a database is: what a file and a server do differently."""

    #: What sentences call it.
    place: str
    #: Whether processes on other computers reach it.
    shared: bool
    engine: sa.Engine

    def close(self) -> None:
        """Close all connections, those in use as soon as they are not."""

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A connection with one consistent view, which refuses or discards what is written."""

    def looking(self) -> AbstractContextManager[sa.Connection]:
        """A connection without a transaction: each statement sees what there is when it is asked."""

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A connection that, once its transaction has begun, writes alone among all processes."""

    def turn(self, name: str, patience: float | None = None) -> AbstractContextManager[None]:
        """To be alone with something among all threads and processes, without a transaction."""

    def try_turn(self, name: str) -> AbstractContextManager[bool]:
        """As `turn`, but False at once where somebody else has it."""

    def telling(self) -> AbstractContextManager[None]:
        """Says in a sentence what the driver says of disk, file, network and server."""

    def keep_before(self, version: str, now: datetime) -> None:
        """A back-up of a database that is about to be migrated from `version`."""


class Database:
    """An open hub database. Reading and writing take one transaction each; writers wait for each other.

    That they do is part of the contract: a desk's cursor is a `changes.seq`, and a number given out by a transaction
    that commits after a later number was read would never be told.
    """

    def __init__(self, folder: Path) -> None:
        self.home = _home(folder)

    @property
    def shares_papers(self) -> bool:
        """Whether processes on other computers use it too, so that the hub's papers have to lie in it."""
        return self.home.shared

    def close(self) -> None:
        """Close all connections."""
        self.home.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent view; nothing may be written."""
        with self.home.telling(), self.home.reading() as connection:
            yield connection

    @contextlib.contextmanager
    def looking(self) -> Iterator[sa.Connection]:
        """For one statement that writes nothing: cheaper than a view, which on a server is three questions more."""
        with self.home.telling(), self.home.looking() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction, kept when the block ends in peace and rolled back otherwise.

        No network, hash or signature inside: every other writer waits meanwhile. Raises Unavailable, with nothing
        written, where others write for longer than a desk would wait.
        """
        with self.home.telling(), self.home.writing() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def turn(self, name: str, patience: float | None = None) -> Iterator[None]:
        """To be alone with what `name` stands for, among all processes of the hub, while others read and write.

        Turns of different names may lie in each other; of the same name never. What takes long, as an import, is waited
        for as long as it takes; with a `patience` for so many seconds, and then it is Unavailable.
        """
        with self.home.turn(name, patience):
            yield

    @contextlib.contextmanager
    def try_turn(self, name: str) -> Iterator[bool]:
        """As `turn`, but False at once where somebody else has it."""
        with self.home.try_turn(name) as mine:
            yield mine

    def migrate(self, now: datetime, scripts: Path = _SCRIPTS, newest: str = NEWEST) -> None:
        """Bring the database to the newest version, each migration whole or not at all, after a back-up.

        Of several processes that start together one migrates, and the others wait for it. Raises Refused for a
        database from a newer program, which is left as it is.
        """
        if self._version() == newest:
            return
        with self.turn("migrating"):
            version = self._version()
            if version == newest:
                return
            if version is not None and version > newest:
                raise Refused(
                    f"The hub in {self.home.place} was last used with a newer Assessor Desk. Update this one; "
                    "nothing was changed"
                )
            if version is not None:
                self.home.keep_before(version, now)
            self._run_migrations(scripts, newest)

    def _version(self) -> str | None:
        with self.reading() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return None if found is None else str(found)

    def _run_migrations(self, scripts: Path, newest: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        script = ScriptDirectory.from_config(config)

        def steps(revision: Any, _: Any) -> Any:
            return script._upgrade_revs(newest, revision)

        with (
            self.home.telling(),
            self.home.writing() as connection,
            EnvironmentContext(config, script, fn=steps) as environment,
        ):
            environment.configure(connection=connection, transaction_per_migration=True)
            environment.run_migrations()


def _home(folder: Path) -> Home:
    told = whereabouts_of(folder)
    if told.database:
        from assessor_desk.hub.database_server import ServerHome

        return ServerHome(told.database, key_of(folder))
    from assessor_desk.hub.database_file import FileHome

    return FileHome(folder, key_of(folder))
