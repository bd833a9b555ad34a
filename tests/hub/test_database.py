"""The hub's database: made by migrations, whole or not at all, and of no use without its key."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.hub.making import StandingClock

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.database import NEWEST, Database
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.whereabouts import make_key


def _facts(database: Database) -> list[str]:
    with database.reading() as view:
        return list(view.execute(sa.select(t.facts.c.name)).scalars())


def test_migrations_make_exactly_the_tables(hub: Hub) -> None:
    with hub.database.reading() as view:
        assert compare_metadata(MigrationContext.configure(view), t.metadata) == []


def test_a_failed_write_leaves_nothing_behind(hub: Hub) -> None:
    with pytest.raises(RuntimeError), hub.database.writing() as work:
        work.execute(sa.insert(t.facts).values(name="half", value=1))
        raise RuntimeError
    assert "half" not in _facts(hub.database)


def test_a_file_of_a_newer_program_is_refused_and_left_alone(hub: Hub, clock: StandingClock) -> None:
    with hub.database.writing() as work:
        work.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="newer Assessor Desk"):
        hub.database.migrate(clock())
    assert "title" in _facts(hub.database)


def test_a_failing_migration_rolls_back_and_a_backup_was_made_before(
    hub: Hub, clock: StandingClock, tmp_path: Path, home: str
) -> None:
    import assessor_desk.hub.database as database

    scripts = tmp_path / "migrations"
    shutil.copytree(Path(database.__file__).parent / "migrations", scripts)
    (scripts / "versions" / "v9000_next.py").write_text(
        f"from alembic import op\nimport sqlalchemy as sa\nrevision = '9000'\ndown_revision = '{NEWEST}'\n"
        "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer))\n    raise ValueError('half way')\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="half way"):
        hub.database.migrate(clock(), scripts, "9000")
    with hub.database.reading() as view:
        assert not sa.inspect(view).has_table("half")
    if home == "folder":
        assert len(list(hub.folder.glob(f"hub-{NEWEST}-*.db"))) == 1


def test_another_key_is_told_as_damage(hub: Hub) -> None:
    hub.close()
    make_key(hub.folder)
    with pytest.raises(Damaged, match="has another key"):
        Hub.open(hub.folder)


def test_a_folder_without_a_hub_and_a_folder_in_use_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no hub"):
        Hub.open(tmp_path)
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="is not empty"):
        Hub.create(tmp_path, "title", "programme")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thesis.txt"]


def test_an_authority_under_a_passphrase_opens_with_it_alone(tmp_path: Path) -> None:
    Hub.create(tmp_path / "hub", "title", "programme", "correct horse").close()
    with pytest.raises(Refused, match="passphrase"):
        Hub.open(tmp_path / "hub")
    with pytest.raises(Refused):
        Hub.open(tmp_path / "hub", "wrong horse")
    Hub.open(tmp_path / "hub", "correct horse").close()


def test_an_old_trust_list_is_renewed_and_everybody_hears_of_it(hub: Hub, clock: StandingClock) -> None:
    before = hub.trust()
    hub.renew_old_trust()
    assert hub.trust() == before
    clock.move(days=2)
    hub.renew_old_trust()
    assert hub.trust() != before
    with hub.database.reading() as view:
        assert [row.kind for row in view.execute(sa.select(t.changes)) if row.kind == "trust"] == ["trust"]
