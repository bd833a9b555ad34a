"""What is deleted is overwritten: a key that was destroyed must not lie on a freed page, for whoever has the file's."""

from contextlib import closing
from pathlib import Path

import pytest

from assessor_desk.store.connection import connect

SECRET = b"\x11quokka of thirty-two bytes here\x11"


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_row_that_is_deleted_leaves_a_freed_page_that_sqlite_overwrote(
    tmp_path: Path, journal: str
) -> None:
    with closing(connect(tmp_path / "keys.db", b"k" * 32, journal=journal)) as file:
        file.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, secret BLOB)")
        file.executemany("INSERT INTO kept (secret) VALUES (?)", [(SECRET * 60,)] * 30)
        file.execute("DELETE FROM kept")
        assert file.execute("PRAGMA freelist_count").fetchone()[0] > 0
        assert file.execute("PRAGMA secure_delete").fetchone()[0] == 1
