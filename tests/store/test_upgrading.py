"""Migrations: a snapshot first, each whole or not at all, and a newer file left alone."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from assessor_desk.domain.errors import Refused
from assessor_desk.store import upgrading
from assessor_desk.store.connection import connect
from assessor_desk.store.engine import engine_of
from assessor_desk.store.tables import metadata
from assessor_desk.store.upgrading import NEWEST, bring_up_to_date, migrate, version_of

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))

_NEXT = """
from alembic import op
revision, down_revision = "9000", "{newest}"
def upgrade():
    op.execute("CREATE TABLE later (id INTEGER)")
    op.execute("{statement}")
"""


def scripts_with(folder: Path, statement: str) -> Path:
    """The program's migrations and one more."""
    versions = folder / "scripts" / "versions"
    versions.mkdir(parents=True)
    for script in (Path(upgrading.__file__).parent / "migrations" / "versions").glob("v*.py"):
        (versions / script.name).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    (versions / "v9000_next.py").write_text(
        _NEXT.format(statement=statement, newest=NEWEST), encoding="utf-8"
    )
    return folder / "scripts"


def tables_of(path: Path) -> set[str]:
    with closing(connect(path, KEY)) as raw:
        return {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A desk's file of the newest version, with one fact in it."""
    made = tmp_path / "desk.db"
    bring_up_to_date(made, KEY, tmp_path / "snapshots", NOW)
    with closing(connect(made, KEY)) as raw:
        raw.execute("INSERT INTO facts VALUES ('name', '1')")
    return made


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_a_new_file_gets_the_tables_that_the_program_believes_in(path: Path) -> None:
    engine = engine_of(path, KEY)
    with engine.connect() as connection:
        # SQLAlchemy has no word for a full-text index: its tables are SQLite's own.
        own = {
            "compare_type": False,
            "include_name": lambda name, *_: not str(name).startswith("review_texts"),
        }
        context = MigrationContext.configure(connection, opts=own)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_new_file_and_one_that_is_up_to_date_need_no_snapshot(path: Path, tmp_path: Path) -> None:
    bring_up_to_date(path, KEY, tmp_path / "snapshots", NOW)
    assert not (tmp_path / "snapshots").exists()


def test_an_older_file_is_migrated_after_an_encrypted_snapshot(path: Path, tmp_path: Path) -> None:
    scripts = scripts_with(tmp_path, "INSERT INTO later VALUES (1)")
    bring_up_to_date(path, KEY, tmp_path / "snapshots", NOW, scripts, "9000")
    with closing(connect(path, KEY)) as raw:
        assert version_of(raw) == "9000"
        assert raw.execute("SELECT value FROM facts").fetchall() == [("1",)]
    (snapshot,) = (tmp_path / "snapshots").iterdir()
    assert b"SQLite format" not in snapshot.read_bytes()
    with closing(connect(snapshot, KEY)) as raw:
        assert version_of(raw) == NEWEST
        assert raw.execute("SELECT value FROM facts").fetchall() == [("1",)]


def test_a_migration_that_fails_half_way_leaves_the_file_as_it_was(path: Path, tmp_path: Path) -> None:
    before = tables_of(path)
    scripts = scripts_with(tmp_path, "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(sa.exc.OperationalError):
        bring_up_to_date(path, KEY, tmp_path / "snapshots", NOW, scripts, "9000")
    assert tables_of(path) == before
    with closing(connect(path, KEY)) as raw:
        assert version_of(raw) == NEWEST


def test_a_file_of_a_newer_program_is_refused_and_left_as_it_is(path: Path, tmp_path: Path) -> None:
    with closing(connect(path, KEY)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="newer Assessor Desk"):
        bring_up_to_date(path, KEY, tmp_path / "snapshots", NOW)
    with closing(connect(path, KEY)) as raw:
        assert version_of(raw) == "9999"
    assert not (tmp_path / "snapshots").exists()


def test_deliveries_of_before_are_told_to_other_computers_once_more_and_later_ones_once(
    tmp_path: Path,
) -> None:
    """Which of them had been told was asked of the clock."""
    path = tmp_path / "desk.db"
    migrate(path, KEY, newest="0015")
    line = """INSERT INTO outbox (id, source, kind, review_id, file, length, file_key, digest, attempts, waiting_since,
        last_trouble, delivered_at, receipt) VALUES (?, ?, 'packet', ?, '', 0, x'', ?, 0, ?, '', ?, ?)"""
    with closing(connect(path, KEY)) as raw:
        raw.execute("INSERT INTO facts VALUES ('devices shared', '{}')")
        for own, source, receipt in (
            ("a", "shared", b"r"), ("b", "alone", b"r"), ("c", "shared", None), ("d", "alone", None)
        ):  # fmt: skip
            at = NOW.isoformat(timespec="microseconds")
            raw.execute(line, (own, source, own, own, at, at if receipt else None, receipt))
    bring_up_to_date(path, KEY, tmp_path / "snapshots", NOW)
    untold = "SELECT line_id FROM deliveries_to_send ORDER BY line_id"
    with closing(connect(path, KEY)) as raw:
        assert raw.execute(untold).fetchall() == [("a",)]
        for _ in range(2):
            raw.execute("UPDATE outbox SET receipt = x'72', attempts = 1 WHERE id IN ('a', 'c', 'd')")
            assert raw.execute(untold).fetchall() == [("a",), ("c",)]
        raw.execute("DELETE FROM deliveries_to_send")
        raw.execute("UPDATE outbox SET receipt = x'7273'")
        assert raw.execute(untold).fetchall() == []
