"""Bringing a desk's file to the newest version: a snapshot first, each migration whole or not at all.

The version is read without Alembic, so that a file that is up to date opens without importing it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from assessor_desk.domain.errors import Refused
from assessor_desk.store.connection import connect, telling_of_disk_trouble
from assessor_desk.store.snapshots import Why, take_snapshot

NEWEST = "0016"
_SCRIPTS = Path(__file__).parent / "migrations"


def version_of(connection: Any) -> str | None:
    """The version of an open file, None for a new and empty one."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    if not tables:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if found is None else str(found[0])


def bring_up_to_date(
    path: Path, key: bytes, snapshots: Path, now: datetime, scripts: Path = _SCRIPTS, newest: str = NEWEST
) -> None:
    """Migrate the file at `path` to `newest`, after a snapshot where it held anything before.

    Raises Refused for a file from a newer program, which is left as it is.
    """
    connection = connect(path, key)
    try:
        version = version_of(connection)
        if version == newest:
            return
        if version is not None:
            refuse_newer(version, path, newest)
            take_snapshot(path, key, snapshots, version, now, Why.UPGRADE)
    finally:
        connection.close()
    migrate(path, key, scripts, newest)


def refuse_newer(version: str, path: Path, newest: str = NEWEST) -> None:
    """Raise Refused where the file at `path` has a version that only a newer program knows."""
    if version > newest:
        raise Refused(
            f"The desk in {path.parent} was last used with a newer Assessor Desk (its file has version {version}, "
            f"this program knows {newest}). Update the program; nothing was changed"
        )


def migrate(path: Path, key: bytes, scripts: Path = _SCRIPTS, newest: str = NEWEST) -> None:
    """Bring a file to `newest`, each migration whole or not at all, without a snapshot."""
    with telling_of_disk_trouble(path):
        _migrate(path, key, scripts, newest)


def _migrate(path: Path, key: bytes, scripts: Path, newest: str) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    from assessor_desk.store.engine import WRITING, engine_of

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    engine = engine_of(path, key)
    try:
        with (
            engine.connect().execution_options(**WRITING) as connection,
            EnvironmentContext(
                config,
                script,
                fn=lambda revision, _: script._upgrade_revs(newest, revision),
            ) as environment,
        ):
            environment.configure(connection=connection, transaction_per_migration=True)
            environment.run_migrations()
    finally:
        engine.dispose()
