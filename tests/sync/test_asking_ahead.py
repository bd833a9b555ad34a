"""The next page is asked for while one is written; what was asked for ahead counts for nothing before its turn."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.hub.making import import_quickly, write_rows
from tests.sync import faulty
from tests.sync.conftest import Bench

from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Unavailable
from assessor_desk.hub.assigning import assign
from assessor_desk.store.store import Store
from assessor_desk.sync.asking_ahead import AskingAhead
from assessor_desk.sync.hub_source import _next_size

KEYS = [f"M-{number:02}" for number in range(5)]


@pytest.fixture
def many(bench: Bench, tmp_path: Path) -> Bench:
    """Five submissions of 45 links each beside the two: more than a first page takes."""
    folder = tmp_path / "many"
    folder.mkdir()
    rows = [f"{key},E-{key},Anna Berg,formative-assessment-math,1,no,D,en,yes," for key in KEYS]
    artifacts = [f"{key},work,https://example.org/{key}/{n},," for key in KEYS for n in range(45)]
    write_rows(folder, rows, artifacts)
    import_quickly(bench.hub, folder)
    for key in KEYS:
        assign(bench.hub, key, bench.device.person)
    return bench


def _asked(bench: Bench) -> list[str]:
    return [path for _, path, _ in bench.network.asked if "/changes" in path]


def test_every_page_is_asked_for_once_and_each_is_larger_than_the_one_before(many: Bench) -> None:
    result = many.sync()
    assert (result.taken, result.troubles) == (7, ())
    asked = _asked(many)
    assert len(asked) == len(set(asked)) == 2
    assert [path.rpartition("most=")[2] for path in asked] == ["200", "800"]


def test_a_fault_in_a_page_asked_for_ahead_takes_nothing_from_the_one_before(many: Bench) -> None:
    many.network.first(1, faulty.status(500), of="most=800")
    with pytest.raises(Unavailable):
        many.sync()
    here = len(many.store.inbox())
    assert 0 < here < 7
    assert many.store.cursor(many.source.identity)
    many.network.fault = faulty.none
    assert many.sync().troubles == ()
    assert len(many.store.inbox()) == 7


def test_half_of_a_page_asked_for_ahead_is_not_taken(many: Bench) -> None:
    many.network.first(1, faulty.cut(900, of="/changes"), of="most=800")
    with pytest.raises(Unavailable):
        many.sync()
    cursor, here = many.store.cursor(many.source.identity), len(many.store.inbox())
    assert 0 < here < 7
    many.network.fault = faulty.none
    many.sync()
    assert many.store.cursor(many.source.identity) != cursor
    assert len(many.store.inbox()) == 7


def test_a_page_that_could_not_be_written_leaves_the_one_asked_for_ahead_unheard(
    many: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> set[str]:
        raise Unavailable("The disk is full")

    with monkeypatch.context() as context:
        context.setattr(many.store, "accept", full)
        with pytest.raises(Unavailable, match="disk is full"):
            many.sync()
    assert many.store.cursor(many.source.identity) == ""
    assert many.store.inbox() == []
    assert many.sync().taken == 7


def test_the_source_is_asked_while_a_page_is_written() -> None:
    came, written = threading.Event(), threading.Event()

    def ask(cursor: str, agreed: bool) -> SourceChanges:
        came.set()
        assert written.wait(10)
        return SourceChanges(f"{cursor}+")

    with AskingAhead(ask) as asking:
        asking.begin("c1")
        assert came.wait(10)  # and the page before is still being written here
        written.set()
        assert asking.answer("c1", False).cursor == "c1+"


def test_an_answer_for_another_place_than_the_one_wanted_is_dropped() -> None:
    asked: list[str] = []

    def ask(cursor: str, agreed: bool) -> SourceChanges:
        asked.append(cursor)
        if cursor == "c1":
            raise Unavailable("not this one")
        return SourceChanges(cursor)

    with AskingAhead(ask) as asking:
        asking.begin("c1")
        assert asking.answer("c2", False).cursor == "c2"
    assert asked == ["c1", "c2"]


@pytest.mark.parametrize(
    ("rows", "seconds", "following"),
    [(200, 0.1, 800), (800, 0.1, 2000), (2000, 0.1, 2000), (800, 8, 800), (2000, 20, 500), (200, 60, 200)],
)
def test_pages_grow_where_they_come_soon_and_shrink_where_they_come_late(
    rows: int, seconds: float, following: int
) -> None:
    assert _next_size(rows, seconds) == following


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Store]:
    folder = tmp_path / "fresh"
    folder.mkdir()
    with closing(
        Store.open(folder / "desk.db", b"k" * 32, lambda: datetime(2026, 11, 20, tzinfo=UTC))
    ) as store:
        yield store


@pytest.mark.both_homes
def test_one_large_page_leaves_what_many_small_ones_leave(many: Bench, fresh: Store) -> None:
    """Whatever the size of its pages, a first round ends in the same desk."""
    identity, cursor, more = many.source.identity, "", True
    while more:
        many.source._most = 200
        page = many.source.changes(cursor)
        fresh.accept(page, identity)
        more, cursor = page.more, page.cursor
    many.source._most = 2000
    page = many.source.changes("")
    assert not page.more
    many.store.accept(page, identity)
    assert sorted(map(str, many.store.inbox())) == sorted(map(str, fresh.inbox()))
    assert many.store.counts(identity) == fresh.counts(identity)
    assert many.store.cursor(identity) == fresh.cursor(identity)
