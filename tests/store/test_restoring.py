"""A desk's file put together again: whatever was damaged, nothing acknowledged is lost while any copy has it."""

from __future__ import annotations

import errno
import random
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.store.conftest import NOW, SOURCE, MakeEntry, MakePage

from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.domain.review import Draft, Entry, EntryKind, TextField
from assessor_desk.domain.roles import Purpose
from assessor_desk.domain.submission import review_id
from assessor_desk.keys.derivation import derive
from assessor_desk.store.connection import connect
from assessor_desk.store.journal import Journal
from assessor_desk.store.lines import OutboxLine, ReviewLine
from assessor_desk.store.snapshots import Why, snapshots_in, thin
from assessor_desk.store.store import Store
from assessor_desk.store.swapping import BEFORE, finish, ready_to_replace

REVIEW = review_id("p-17", "assignment-7F3A-00", 1)
Rows = dict[str, list[tuple[Any, ...]]]


def rows_of(path: Path, key: bytes) -> Rows:
    """Everything a file holds but which device it is and what SQLite keeps for itself."""
    with closing(connect(path, derive(key, "desk file"))) as raw:
        names = [
            name
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", "review_texts_"))
        ]
        return {
            name: sorted(
                (row for row in raw.execute(f"SELECT * FROM {name}") if row[0] != "device"), key=repr
            )
            for name in names
        }


@dataclass
class Working:
    """A store at work, whose clock goes on by a minute with each act."""

    path: Path
    key: bytes
    entry: MakeEntry
    now: list[datetime] = field(default_factory=lambda: [NOW])
    written: int = 0

    def open(self) -> Store:
        return Store.open(self.path, self.key, lambda: self.now[0])

    def work(self, store: Store, acts: int = 5) -> None:
        """Drafts rewritten, entries, and now and then a packet."""
        for _ in range(acts):
            self.written += 1
            self.now[0] += timedelta(minutes=1)
            number = self.written
            own_id = store.inbox()[0].submission_id
            with store.quick() as quick:
                quick.write_draft(Draft(REVIEW, TextField.NOTES, "", "t" * number), self.now[0])
                quick.commit()
            with store.quick() as quick:
                if number == 1:
                    quick.open_review(
                        ReviewLine(REVIEW, own_id, "assignment-7F3A-00", 1, Purpose.ASSESS, NOW)
                    )
                quick.record([self.entry(number)])
                if number % 2:
                    quick.drop_drafts([Draft(REVIEW, TextField.NOTES, "", "")])
                quick.commit()
        line = OutboxLine(
            f"line-{self.written}", SOURCE, "packet", REVIEW, self.path.parent / "outbox" / "p", 10, b"\0k" * 16,
            "d" * 64, waiting_since=NOW,
        )  # fmt: skip
        store.record([], [line])


@pytest.fixture
def working(tmp_path: Path, key: bytes, entry: MakeEntry, page: MakePage) -> Working:
    """A store with three assigned submissions, a snapshot, and work after it; closed."""
    own = Working(tmp_path / "desk.db", key, entry)
    store = own.open()
    store.accept(page(3), SOURCE)
    own.work(store)
    store.take_snapshot(Why.HOURLY)
    own.work(store)
    store.close()
    return own


def flip(path: Path, place: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 0x10
    path.write_bytes(content)


def cut(path: Path, place: float) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * place)])


def restored(working: Working, snapshot_place: int | None = None) -> Rows:
    """Restore without opening the damaged file, as a command does; what the file holds then."""
    from assessor_desk.store.restoring import Restoring

    folder = working.path.parent
    means = Restoring(
        working.path, derive(working.key, "desk file"), derive(working.key, "journal"), folder / "snapshots",
        folder / "journal",
    )  # fmt: skip
    snapshot = means.newest() if snapshot_place is None else means.choices()[snapshot_place].snapshot
    means.restore(snapshot, working.now[0])
    return rows_of(working.path, working.key)


# -- damage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0.0, 0.001, 0.3, 0.5, 0.8, 0.999])
@pytest.mark.parametrize("spoil", [flip, cut])
def test_a_damaged_file_comes_back_whole_and_the_damaged_one_is_kept(
    working: Working, spoil: Callable[[Path, float], None], place: float
) -> None:
    before = rows_of(working.path, working.key)
    spoil(working.path, place)
    damaged = working.path.read_bytes()
    assert restored(working) == before
    (kept,) = (working.path.parent / BEFORE).iterdir()
    assert (kept / "desk.db").read_bytes() == damaged
    working.open().close()


@pytest.mark.parametrize("gone", ["desk.db", "snapshots"])
def test_what_is_missing_is_made_up_for_by_the_rest(working: Working, gone: str) -> None:
    before = rows_of(working.path, working.key)
    victim = working.path.parent / gone
    shutil.rmtree(victim) if victim.is_dir() else victim.unlink()
    assert restored(working) == before


def test_without_any_snapshot_the_journal_alone_tells_everything(working: Working) -> None:
    before = rows_of(working.path, working.key)
    shutil.rmtree(working.path.parent / "snapshots")
    flip(working.path, 0.5)
    assert restored(working) == before


def test_a_damaged_newest_snapshot_gives_way_to_the_one_before(working: Working) -> None:
    store = working.open()
    store.take_snapshot(Why.HOURLY)
    working.work(store)
    store.close()
    before = rows_of(working.path, working.key)
    flip(snapshots_in(working.path.parent / "snapshots")[0].path, 0.5)
    flip(working.path, 0.5)
    assert restored(working) == before


def test_without_a_journal_what_can_be_read_of_the_file_is_merged_in(working: Working) -> None:
    before = rows_of(working.path, working.key)
    shutil.rmtree(working.path.parent / "journal")
    after = restored(working)
    assert after["entries"] == before["entries"]
    assert after["drafts"] == before["drafts"]
    assert after["outbox"] == before["outbox"]
    assert not [name for name, *_ in after["facts"] if name.startswith("cursor ")], "all is taken once more"


# -- texts still being typed ---------------------------------------------------------------------------------


def typed_over(working: Working, *, saved_as: str, device: str = "", undone: bool = False) -> None:
    """A text is saved; then the clock is set back by an hour, and somebody types on, over what stood then.

    `saved_as` is what that came to after the snapshot, empty while it is typed still.
    """
    store = working.open()
    own = device or store.device
    draft = Draft(REVIEW, TextField.NOTES, "", "what is typed", ("entry-90",))

    def written(number: int, text: str, *replaces: str) -> Entry:
        made = working.entry(number, field="notes", criterion="", text=text, replaces=list(replaces))
        return replace(made, at=working.now[0], device=own)

    with store.quick() as quick:
        quick.record([written(90, "what was saved")])
        quick.drop_drafts([draft])
        quick.commit()
    working.now[0] -= timedelta(hours=1)
    with store.quick() as quick:
        quick.write_draft(draft, working.now[0])
        quick.commit()
    store.take_snapshot(Why.HOURLY)
    if saved_as:
        made = [written(91, saved_as, "entry-90")]
        if undone:
            undoing = {"undoes": made[0].step}
            made.append(replace(working.entry(92), kind=EntryKind.UNDONE, data=undoing, device=own))
        store.record(made)
    store.close()


def drafts_of(rows: Rows) -> list[str]:
    return [text for _, _, _, text, *_ in rows["drafts"]]


@pytest.mark.parametrize("journal", ["whole", "gone"])
def test_a_text_being_typed_since_the_clock_was_set_back_stays(working: Working, journal: str) -> None:
    typed_over(working, saved_as="")
    if journal == "gone":
        shutil.rmtree(working.path.parent / "journal")
    assert drafts_of(restored(working)) == ["what is typed"]


@pytest.mark.parametrize(
    ("saved_as", "device", "undone", "left"),
    [
        pytest.param("what is typed", "", False, [], id="as it stood"),
        pytest.param("what is typed, and more", "", False, [], id="with more words"),
        pytest.param("what is typed, and more", "", True, ["what is typed"], id="and undone"),
        pytest.param("what another typed", "device-b", False, ["what is typed"], id="on another computer"),
    ],
)
def test_with_gaps_in_the_journal_a_text_goes_that_became_an_entry_and_no_other(
    working: Working, saved_as: str, device: str, undone: bool, left: list[str]
) -> None:
    typed_over(working, saved_as=saved_as, device=device, undone=undone)
    shutil.rmtree(working.path.parent / "journal")
    assert drafts_of(restored(working)) == left


def test_a_restore_from_an_older_snapshot_of_a_sound_file_loses_nothing(working: Working) -> None:
    store = working.open()
    working.work(store)
    store.take_snapshot(Why.HOURLY)
    working.work(store)
    store.close()
    before = rows_of(working.path, working.key)
    assert restored(working, snapshot_place=1) == before


def test_a_snapshot_from_before_the_journal_begins_brings_nothing_back_as_it_stood_then(
    working: Working,
) -> None:
    store = working.open()
    store.set_fact("sources", ["the first"])
    store.take_snapshot(Why.HOURLY)
    (first,) = [one.number for one in snapshots_in(store.snapshots)][:1]
    store.set_fact("sources", ["the first", "the second"])
    store.outbox_delivered(store.outbox_waiting()[0].id, b"signed", NOW)
    store.set_aside(["assignment-7F3A-00"])
    for _ in range(4):
        working.now[0] += timedelta(hours=1)
        working.work(store, 1)
        store.take_snapshot(Why.HOURLY)
    working.work(store, 1)
    store.close()
    before = rows_of(working.path, working.key)
    numbers = [one.number for one in snapshots_in(working.path.parent / "snapshots")]
    after = restored(working, snapshot_place=numbers.index(first))
    assert not [name for name, *_ in after["facts"] if name.startswith("cursor ")], "the journal leaves a gap"
    before["facts"] = [row for row in before["facts"] if not row[0].startswith("cursor ")]
    assert after == before


def test_a_file_that_lost_its_last_transactions_takes_nothing_back_that_the_journal_tells(
    working: Working,
) -> None:
    store = working.open()
    for _ in range(4):
        working.now[0] += timedelta(hours=1)
        working.work(store, 1)
        store.take_snapshot(Why.HOURLY)
    store.set_fact("sources", ["the first"])
    store.set_fact("asked", "for a time")
    store.close()
    lost = working.path.read_bytes()
    store = working.open()
    store.set_fact("sources", ["the first", "the second"])
    store.set_fact("asked", None)
    store.close()
    before = rows_of(working.path, working.key)
    working.path.write_bytes(lost)
    after = restored(working, snapshot_place=len(snapshots_in(working.path.parent / "snapshots")) - 1)
    before["facts"] = [row for row in before["facts"] if not row[0].startswith("cursor ")]
    assert after == before


def test_what_is_done_after_a_restore_gets_snapshots_though_damaged_ones_are_newer(working: Working) -> None:
    store = working.open()
    working.work(store)
    store.take_snapshot(Why.HOURLY)
    store.close()
    flip(snapshots_in(working.path.parent / "snapshots")[0].path, 0.5)
    shutil.rmtree(working.path.parent / "journal")
    working.path.unlink()
    restored(working)
    store = working.open()
    store.set_fact("sources", ["the first"])
    assert store.snapshot_due()
    assert store.take_snapshot(Why.HOURLY) is not None
    store.close()


def test_an_open_store_is_restored_under_the_hands_of_whoever_works(working: Working) -> None:
    store = working.open()
    snapshot, device = snapshots_in(store.snapshots)[0], store.device
    stop, read = threading.Event(), []

    def look() -> None:
        while not stop.is_set():
            with store.reading() as view:
                read.append(len(view.entries(REVIEW)))

    reader = threading.Thread(target=look)
    reader.start()
    built, kept = store.restore(snapshot)
    stop.set()
    reader.join()
    assert built.complete
    assert (kept / "desk.db").is_file()
    assert set(read) == {10}
    assert store.device != device
    working.work(store)
    store.close()
    assert len(rows_of(working.path, working.key)["entries"]) == 15


def test_with_nothing_left_to_restore_from_it_says_so_and_changes_nothing(working: Working) -> None:
    for gone in ("journal", "snapshots"):
        shutil.rmtree(working.path.parent / gone)
    flip(working.path, 0.5)
    before = working.path.read_bytes()
    with pytest.raises(Damaged, match="neither a sound snapshot"):
        restored(working)
    assert working.path.read_bytes() == before


def test_an_interrupted_swap_is_finished_at_the_next_opening(working: Working, monkeypatch: Any) -> None:
    before = rows_of(working.path, working.key)
    flip(working.path, 0.5)
    with monkeypatch.context() as patch:
        patch.setattr("assessor_desk.store.restoring.finish", lambda path: [path])
        store_files = set(working.path.parent.iterdir())
        from assessor_desk.store.restoring import Restoring

        folder = working.path.parent
        keys = derive(working.key, "desk file"), derive(working.key, "journal")
        means = Restoring(working.path, *keys, folder / "snapshots", folder / "journal")
        means.restore(means.newest(), NOW)
        assert len(set(folder.iterdir()) - store_files) == 1
    working.open().close()
    assert rows_of(working.path, working.key) == before


@pytest.mark.parametrize("denied", ["the folder aside", "the file itself", "the file built"])
def test_a_restore_that_failed_takes_no_place_later_and_what_is_saved_after_it_stays(
    working: Working, monkeypatch: Any, denied: str
) -> None:
    folder = working.path.parent
    store = working.open()
    if denied == "the folder aside":
        (folder / BEFORE).write_bytes(b"where a folder should be")
    device, rename = store.device, Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "desk.db" and denied == "the file itself" and target.parent != folder:
            raise PermissionError(errno.EACCES, "Somebody has it open")
        if ".restored-" in path.name:
            raise PermissionError(errno.EACCES, "Somebody looks at it")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(Unavailable, match="cannot be written"):
            store.restore(snapshots_in(store.snapshots)[0])
    assert store.device == device
    store.set_fact("name", "one")
    working.work(store, 1)
    expected = len(rows_of(working.path, working.key)["entries"])
    store.close()
    assert not list(folder.glob("*.restored-*"))
    again = working.open()
    assert again.fact("name") == "one"
    assert again.device == device
    with again.reading() as view:
        assert len(view.entries(REVIEW)) == expected == 11
    again.close()


def test_what_could_not_take_the_place_leaves_file_and_log_where_they_were_and_does_the_next_time(
    tmp_path: Path, monkeypatch: Any
) -> None:
    path = tmp_path / "desk.db"
    ready, log, rename = ready_to_replace(path, NOW), tmp_path / "desk.db-wal", Path.replace
    for each in (path, log, ready):
        each.write_text(each.name)

    def refuse(each: Path, target: Path) -> Path:
        if each.name == "desk.db":
            raise PermissionError(errno.EACCES, "Somebody has it open")
        return rename(each, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(Unavailable, match="cannot be written"):
            finish(path)
    assert (path.read_text(), log.read_text()) == ("desk.db", "desk.db-wal")
    (aside,) = finish(path)
    assert path.read_text() == ready.name
    assert not log.exists()
    assert (aside / log.name).read_text() == "desk.db-wal"


# -- the write-ahead log -----------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", [
    pytest.param(lambda log: flip(log, 0.4), id="a bit flipped"),
    pytest.param(lambda log: cut(log, 0.4), id="cut short"),
    pytest.param(lambda log: log.write_bytes(b""), id="of zero bytes"),
    pytest.param(Path.unlink, id="missing"),
])  # fmt: skip
def test_a_lost_write_ahead_log_is_made_up_for_when_the_file_is_opened(
    working: Working, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    store = working.open()
    working.work(store)
    died = tmp_path / "died"
    died.mkdir()
    for each in working.path.parent.iterdir():
        if each.name.startswith("desk.db"):
            shutil.copy(each, died)
    shutil.copytree(working.path.parent / "journal", died / "journal")
    store.close()
    expected = rows_of(working.path, working.key)
    spoil(died / "desk.db-wal")
    again = Store.open(died / "desk.db", working.key, lambda: working.now[0])
    assert again.brought_back > 0
    again.close()
    assert rows_of(died / "desk.db", working.key) == expected


@pytest.fixture
def died(working: Working, tmp_path: Path) -> tuple[Path, Rows, int]:
    """A file that lost its write-ahead log, beside a journal of which the last record is torn.

    With what was saved before that one, and where in the journal begins what the file lacks.
    """
    path = tmp_path / "died" / "desk.db"
    path.parent.mkdir()
    store, lacks = working.open(), max((working.path.parent / "journal").iterdir()).stat().st_size
    working.work(store)
    shutil.copy(working.path, path)
    store.close()
    saved = rows_of(working.path, working.key)
    store = working.open()
    store.record([working.entry(99)])
    shutil.copytree(working.path.parent / "journal", path.parent / "journal")
    store.close()
    newest = max((path.parent / "journal").iterdir())
    newest.write_bytes(newest.read_bytes()[:-30])
    return path, saved, lacks


def test_where_the_last_record_is_torn_the_file_is_brought_up_to_those_before_and_no_number_is_given_twice(
    working: Working, died: tuple[Path, Rows, int]
) -> None:
    path, saved, _ = died
    store = Store.open(path, working.key, lambda: working.now[0])
    assert (store.brought_back > 0, store.snapshot_wanted) == (True, True)
    store.record([working.entry(100)])
    store.close()
    rows = rows_of(path, working.key)
    assert {name: rows[name] for name in rows if name != "entries"} == {
        name: saved[name] for name in saved if name != "entries"
    }
    assert {row[0] for row in rows["entries"]} == {row[0] for row in saved["entries"]} | {"entry-100"}
    journal = Journal(path.parent / "journal", derive(working.key, "journal"))
    numbers = [one.number for one in journal.records()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_where_the_last_record_is_torn_and_one_before_too_that_the_file_lacks_it_is_to_be_restored(
    working: Working, died: tuple[Path, Rows, int]
) -> None:
    path, _, lacks = died
    newest = max((path.parent / "journal").iterdir())
    content = bytearray(newest.read_bytes())
    content[lacks + 100] ^= 1
    newest.write_bytes(content)
    with pytest.raises(Damaged, match="older than what was saved"):
        Store.open(path, working.key, lambda: working.now[0])


def test_what_follows_a_torn_record_is_read_also_where_the_clock_was_set_back_in_between(
    tmp_path: Path,
) -> None:
    for text, at in (("torn", NOW), ("whole", NOW - timedelta(days=1))):
        journal = Journal(tmp_path, b"k" * 32)
        journal.append(5, [("facts", {"name": "said", "value": text}, False)], at)
        journal.close()
        if text == "torn":
            (segment,) = tmp_path.iterdir()
            cut(segment, 0.8)
    journal = Journal(tmp_path, b"k" * 32)
    assert journal.last() == 5
    assert [one.changes[0][1]["value"] for one in journal.records(4)] == ["whole"]


def test_a_file_older_than_the_journal_that_cannot_be_brought_up_says_so(working: Working) -> None:
    store = working.open()
    old = working.path.with_name("old")
    shutil.copy(snapshots_in(store.snapshots)[0].path, old)
    for _ in range(3):
        working.work(store)
        store.take_snapshot(Why.HOURLY)
    working.work(store)
    store.close()
    expected = rows_of(working.path, working.key)
    old.replace(working.path)
    with pytest.raises(Damaged, match="older than what was saved"):
        working.open()
    assert restored(working) == expected


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9, 0.9999])
def test_a_damaged_journal_does_not_keep_the_desk_from_opening(working: Working, place: float) -> None:
    before = rows_of(working.path, working.key)
    for segment in (working.path.parent / "journal").iterdir():
        flip(segment, place)
    store = working.open()
    working.work(store)
    store.close()
    after = rows_of(working.path, working.key)
    assert all(set(before[name]) <= set(after[name]) for name in ("entries", "outbox", "reviews"))


def test_that_the_last_record_was_changed_is_found_before_anything_is_added_and_a_snapshot_makes_up_for_it(
    working: Working,
) -> None:
    """Opening goes by its number: after a round that brought much, decrypting it would keep the inbox waiting."""
    segment = max((working.path.parent / "journal").iterdir())
    content = bytearray(segment.read_bytes())
    content[-20] ^= 1
    segment.write_bytes(content)
    store = working.open()
    assert not store.snapshot_wanted
    working.work(store)
    assert store.snapshot_wanted
    assert store.snapshot_due()
    assert len(list((working.path.parent / "journal").iterdir())) > 1
    store.close()


def test_that_the_last_record_was_changed_is_found_when_the_desk_is_closed_at_the_latest(
    working: Working,
) -> None:
    segment = max((working.path.parent / "journal").iterdir())
    content = bytearray(segment.read_bytes())
    content[-20] ^= 1
    segment.write_bytes(content)
    store = working.open()
    store.snapshot_due()
    assert store.snapshot_wanted
    store.close()


# -- snapshots ---------------------------------------------------------------------------------------------


def test_a_snapshot_keeps_nobody_from_scoring(working: Working, page: MakePage) -> None:
    store = working.open()
    store.accept(page(60, cursor="c2"), SOURCE)
    done = threading.Event()

    def take() -> None:
        store.take_snapshot(Why.HOURLY)
        done.set()

    side, waits = threading.Thread(target=take), []
    side.start()
    while not done.is_set():
        began = time.perf_counter()
        working.work(store, 1)
        waits.append(time.perf_counter() - began)
    side.join()
    store.close()
    assert max(waits) < 0.5, "of one draft, one entry and one packet"


def test_a_snapshot_is_due_after_an_hour_in_which_something_changed(working: Working) -> None:
    store = working.open()
    assert not store.snapshot_due()
    working.now[0] += timedelta(hours=1)
    assert store.snapshot_due()
    assert store.take_snapshot(Why.HOURLY)
    working.now[0] += timedelta(hours=1)
    assert not store.snapshot_due()
    assert store.take_snapshot(Why.HOURLY) is None
    store.close()


def test_a_clock_set_back_a_year_neither_hides_nor_drops_what_is_newest(working: Working) -> None:
    store = working.open()
    for _ in range(30):
        working.now[0] += timedelta(hours=1)
        working.work(store, 1)
        store.take_snapshot(Why.HOURLY)
    working.now[0] -= timedelta(days=365)
    working.work(store, 1)
    assert store.snapshot_due()
    taken = store.take_snapshot(Why.HOURLY)
    assert taken is not None
    assert snapshots_in(store.snapshots)[0].path == taken.path
    assert not store.snapshot_due()
    store.close()


def test_snapshots_are_thinned_to_hours_days_and_weeks(tmp_path: Path) -> None:
    chance, at = random.Random(6), NOW
    for number in range(1, 600):
        at += timedelta(hours=chance.choice((1, 2, 5)))
        (tmp_path / f"desk-0010-{at:%Y%m%dT%H%M%S%f}-hourly-{number}.db").write_bytes(bytes(1000))
        thin(tmp_path)
    kept = [at - one.taken_at for one in snapshots_in(tmp_path)]
    assert 30 < len(kept) <= 24 + 14 + 8
    assert sum(age <= timedelta(days=5) for age in kept) >= 24
    assert max(kept) > timedelta(weeks=6)
    thin(tmp_path, most_bytes=10_000)
    assert len(snapshots_in(tmp_path)) == 10
    thin(tmp_path, most_bytes=10)
    assert len(snapshots_in(tmp_path)) == 3


def test_the_journal_lets_go_of_what_three_snapshots_hold(working: Working) -> None:
    store = working.open()
    for _ in range(5):
        working.work(store)
        store.take_snapshot(Why.HOURLY)
    assert len(list((working.path.parent / "journal").iterdir())) <= 4
    store.close()


def test_the_journal_forgets_what_a_snapshot_of_an_earlier_process_holds(working: Working) -> None:
    """No snapshot is due then, and the segment that the desk was opened with is in use."""
    store = working.open()
    store.take_snapshot(Why.HOURLY)
    store.close()
    store = working.open()
    store.forget_in_journal()
    assert not list((working.path.parent / "journal").iterdir())
    working.work(store)
    store.close()
    store = working.open()
    assert store.brought_back == 0
    store.close()


@pytest.mark.parametrize("what", ["round", "nothing"])
def test_a_round_that_changes_something_is_preceded_by_a_snapshot(
    working: Working, page: MakePage, what: str
) -> None:
    store = working.open()
    before = len(snapshots_in(store.snapshots))
    with store.round_watched():
        if what == "round":
            store.accept(page(4, cursor="c3"), SOURCE)
            store.accept(page(5, cursor="c4"), SOURCE)
    snapshots = snapshots_in(store.snapshots)
    assert len(snapshots) == before + (what == "round")
    if what == "round":
        assert snapshots[0].why is Why.ROUND
        assert len(rows_of(snapshots[0].path, working.key)["submissions"]) == 3
    store.close()


def test_a_snapshot_of_a_newer_program_is_not_restored(working: Working) -> None:
    (snapshot,) = snapshots_in(working.path.parent / "snapshots")
    with closing(connect(snapshot.path, derive(working.key, "desk file"), journal="DELETE")) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="newer Assessor Desk"):
        restored(working, 0)


def test_a_desk_that_a_newer_program_used_is_not_restored_by_this_one(working: Working) -> None:
    """What the newer one keeps there would be left out; the desk itself is sound."""
    with closing(connect(working.path, derive(working.key, "desk file"))) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    before = working.path.read_bytes()
    with pytest.raises(Refused, match="last used with a newer Assessor Desk"):
        restored(working, 0)
    assert working.path.read_bytes() == before


# -- copies ------------------------------------------------------------------------------------------------


HERE = {"computer": "a", "file": "1", "folder": "/home/kim/desk"}


def test_a_copied_file_gets_a_name_of_its_own_with_the_next_thing_written(
    working: Working, page: Callable[..., SourceChanges], entry: Callable[..., Entry]
) -> None:
    store = working.open()
    assert store.settle_in(HERE) is None
    working.work(store, 1)
    first = store.device
    store.close()
    moved, copy = HERE | {"folder": "/elsewhere"}, HERE | {"file": "2"}
    store = working.open()
    assert store.settle_in(moved) is None
    assert store.device == first
    assert store.settle_in(copy) == HERE
    second = store.device
    assert second != first
    store.close()
    store = working.open()
    assert store.device == first, "looking writes nothing"
    store.settle_in(copy)
    working.work(store, 1)
    second = store.device
    store.close()
    store = working.open()
    assert store.settle_in(copy) is None
    assert store.device == second != first
    store.close()
