"""A page of changes asks the database as often for many rows as for few, and by the keys of what it names.

Once SQLite took the index of all that a person was ever assigned in place of these keys, four times a page: a first
round of 10,000 assignments took seven times as long, and everything else was right.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.hub.asking import Asked, what_is_asked
from tests.hub.making import import_quickly, write_rows

from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.feed import changes_since
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller, add_person

pytestmark = pytest.mark.in_a_folder(reason="how SQLite goes about it; a server plans by its statistics")

KEYS = [f"M-{number:02}" for number in range(9)]
LARGE = ("assignments", "submissions", "artifacts", "blobs", "changes")


@dataclass(frozen=True)
class Told:
    """Somebody who knows of all but their nine submissions of two artifacts each: those come after `cursor`."""

    caller: Caller
    cursor: str


@pytest.fixture
def told(hub: Hub, tmp_path: Path) -> Told:
    """They were assigned a moment ago."""
    rows = [f"{key},E-{key},Anna Berg,formative-assessment-math,1,no,D,en,yes," for key in KEYS]
    artifacts = [f"{key},work,https://example.org/{key}/{n},," for key in KEYS for n in range(2)]
    (tmp_path / "nine").mkdir()
    write_rows(tmp_path / "nine", rows, artifacts)
    import_quickly(hub, tmp_path / "nine")
    person = add_person(hub, "Sample assessor", [Role.ASSESSOR])
    caller = Caller(person, "a device", (Role.ASSESSOR,))
    page = changes_since(hub, caller, "")
    assert not page.more
    for key in KEYS:
        assign(hub, key, person)
    return Told(caller, page.cursor)


def _asked(hub: Hub, told: Told, most: int) -> tuple[int, list[Asked]]:
    """How many assignments the next page of so many rows has, and what was asked for it."""
    with what_is_asked(hub) as asked:
        page = changes_since(hub, told.caller, told.cursor, most=most)
    return len(page.assignments), [one for one in asked if one[0].startswith("SELECT")]


def _plan(hub: Hub, words: str, values: object) -> list[str]:
    with hub.database.looking() as view:
        steps = view.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values)  # type: ignore[arg-type]
        return [row[3] for row in steps]


def test_a_page_asks_as_often_for_many_rows_as_for_few(hub: Hub, told: Told) -> None:
    few, asked_for_few = _asked(hub, told, 6)
    many, asked_for_many = _asked(hub, told, 100)
    assert (few, many) == (3, len(KEYS))
    assert len(asked_for_many) == len(asked_for_few) < 35


def test_a_page_goes_through_no_table_and_through_nobodys_assignments(hub: Hub, told: Told) -> None:
    _, asked = _asked(hub, told, 100)
    steps = [step for words, values in asked for step in _plan(hub, words, values)]
    assert any("SEARCH assignments" in step for step in steps)
    assert [step for step in steps if step.startswith(tuple(f"SCAN {table}" for table in LARGE))] == []
    assert [step for step in steps if "ix_assignments_person" in step] == []
