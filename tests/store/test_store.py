"""The store's promises.

Appended and never changed, whole or not at all, encrypted, and nothing leaves but domain objects.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.domain.review import Draft, Entry, TextField
from assessor_desk.keys.derivation import derive
from assessor_desk.store.connection import connect
from assessor_desk.store.lines import InboxState, OutboxLine
from assessor_desk.store.store import Store

MakePage = Callable[..., SourceChanges]
MakeEntry = Callable[..., Entry]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NOTES = TextField.NOTES


def first_id(store: Store) -> str:
    return store.inbox()[0].submission_id


def keep_draft(store: Store, draft: Draft) -> None:
    with store.quick() as quick:
        quick.write_draft(draft, NOW)
        quick.commit()


def packet_line(page: SourceChanges, review_id: str, path: Path) -> OutboxLine:
    source = page.submissions[0].source
    return OutboxLine("line-1", source, "packet", review_id, path, 10, b"k" * 32, "d" * 64, waiting_since=NOW)


# -- entries -----------------------------------------------------------------------------------------------


def test_entries_come_back_as_they_were_recorded(store: Store, entry: MakeEntry) -> None:
    written = [entry(1), entry(2)]
    store.record(written)
    with store.reading() as view:
        assert view.entries(written[0].review_id) == written
        assert view.highest_counter() == 2


def test_recording_an_entry_twice_keeps_it_once(store: Store, entry: MakeEntry) -> None:
    store.record([entry(1)])
    store.record([entry(1)])
    with store.reading() as view:
        assert len(view.entries(entry(1).review_id)) == 1


@pytest.mark.parametrize("statement", ["UPDATE entries SET data = '{}'", "DELETE FROM entries"])
def test_the_file_itself_refuses_to_change_or_remove_entries(
    store: Store, key: bytes, entry: MakeEntry, statement: str
) -> None:
    store.record([entry(1)])
    with closing(connect(store.path, derive(key, "desk file"))) as raw:
        with pytest.raises(Exception, match="entries are never"):
            raw.execute(statement)
        assert raw.execute("SELECT count(*) FROM entries").fetchone() == (1,)


# -- transactions ------------------------------------------------------------------------------------------


def test_a_transaction_that_is_not_committed_leaves_nothing(store: Store, entry: MakeEntry) -> None:
    with store.transaction() as work:
        work.record([entry(1)])
        work.set_fact("name", "value")
    assert store.fact("name") is None
    with store.reading() as view:
        assert view.entries(entry(1).review_id) == []


def test_a_failing_transaction_leaves_nothing_and_lets_the_next_one_in(
    store: Store, entry: MakeEntry
) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as work:
        work.record([entry(1)])
        raise ZeroDivisionError
    store.record([entry(2)])
    with store.reading() as view:
        assert [one.id for one in view.entries(entry(1).review_id)] == ["entry-2"]


def test_a_transaction_inside_a_transaction_is_a_defect_and_not_a_deadlock(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="inside a transaction"):
        store.set_fact("name", 17)


def test_reading_goes_on_beside_a_transaction_and_does_not_see_it(store: Store) -> None:
    store.set_fact("name", "before")
    with store.transaction() as work:
        work.set_fact("name", "after")
        assert store.fact("name") == "before"
        assert store.inbox() == []
        work.commit()
    assert store.fact("name") == "after"


@pytest.mark.parametrize("value", [17, 2.5, "17", "words", True, ["a", 1], {"a": None}])
def test_a_fact_comes_back_as_it_was_kept(store: Store, value: object) -> None:
    store.set_fact("name", value)
    assert store.fact("name") == value
    store.set_fact("name", None)
    assert store.fact("name", "otherwise") == "otherwise"


def test_a_quick_act_that_is_not_committed_leaves_nothing(store: Store, entry: MakeEntry) -> None:
    with store.quick() as quick:
        quick.record([entry(1)])
    with pytest.raises(ZeroDivisionError), store.quick() as quick:
        quick.record([entry(1)])
        raise ZeroDivisionError
    with store.reading() as view:
        assert view.entries(entry(1).review_id) == []


def test_a_quick_act_and_a_transaction_write_the_same(store: Store, entry: MakeEntry) -> None:
    with store.quick() as quick:
        quick.record([entry(1)])
        quick.commit()
    store.record([entry(2)])
    with store.reading() as view:
        assert view.entries(entry(1).review_id) == [entry(1), entry(2)]


def test_only_what_others_may_have_to_read_again_counts_as_a_generation(
    store: Store, entry: MakeEntry
) -> None:
    before = store.generation
    with store.quick() as quick:
        quick.record([entry(1)])
        quick.commit()
    with store.transaction() as work:
        work.set_fact("name", 1)
    assert store.generation == before
    store.set_fact("name", 1)
    assert store.generation == before + 1


# -- drafts ------------------------------------------------------------------------------------------------


def test_a_draft_is_rewritten_in_place_and_forgotten_when_dropped(store: Store) -> None:
    draft = Draft("r1", TextField.RATIONALE, "c1", "Waits for the third hand")
    keep_draft(store, Draft("r1", TextField.RATIONALE, "c1", "Wai"))
    keep_draft(store, draft)
    with store.reading() as view:
        assert view.drafts("r1") == [draft]
        assert view.saved_at("r1") == NOW
    with store.quick() as quick:
        quick.drop_drafts([draft])
        quick.commit()
    with store.reading() as view:
        assert view.drafts("r1") == []


# -- what comes from a source ------------------------------------------------------------------------------


def test_a_page_of_changes_fills_the_inbox_in_order_of_due_dates(store: Store, page: MakePage) -> None:
    changes = page(3)
    store.accept(changes, changes.submissions[0].source)
    assert [row.key for row in store.inbox()] == ["7F3A-00", "7F3A-01", "7F3A-02"]
    row = store.inbox()[0]
    assert (row.state, row.scored, row.criteria, row.total_bytes) == (InboxState.NEW, 0, 5, 1090)
    assert store.cursor(changes.submissions[0].source) == "c1"


def test_taking_the_same_page_twice_changes_nothing(store: Store, page: MakePage) -> None:
    store.accept(page(2))
    store.artifact_arrived(first_id(store), "plan")
    before = store.inbox()
    store.accept(page(2))
    assert store.inbox() == before
    assert before[0].ready_bytes == 140


def test_submissions_and_assignments_come_back_as_they_came(store: Store, page: MakePage) -> None:
    changes = page(1)
    store.accept(changes)
    with store.reading() as view:
        assert view.submission(changes.submissions[0].id) == changes.submissions[0]
        assert view.assignments(changes.submissions[0].id) == [(changes.assignments[0], False)]
        assert (
            view.published("rubric", changes.rubrics[0].id, changes.rubrics[0].version) == changes.rubrics[0]
        )


def test_a_page_that_assigns_a_submission_it_never_sent_is_refused_whole(
    store: Store, page: MakePage
) -> None:
    changes = page(2)
    torn = SourceChanges(
        "c2", rubrics=changes.rubrics, submissions=changes.submissions[:1], assignments=changes.assignments
    )
    with pytest.raises(Refused, match="never sent"):
        store.accept(torn, "source")
    assert store.inbox() == []
    assert store.cursor("source") == ""


def test_small_artifacts_of_what_is_due_first_are_wanted_first(store: Store, page: MakePage) -> None:
    changes = page(2)
    store.accept(changes)
    wanted = store.artifacts_wanted(changes.submissions[0].source)
    first, second = changes.submissions
    assert [(one.submission_id, one.artifact_id) for one in wanted] == [
        (first.id, "plan"), (first.id, "video"), (second.id, "plan"), (second.id, "video"),
    ]  # fmt: skip
    assert wanted[0].blob == changes.blobs[1]


def test_a_replaced_artifact_is_wanted_again_under_its_new_key(store: Store, page: MakePage) -> None:
    changes = page(1)
    store.accept(changes)
    own_id, source = changes.submissions[0].id, changes.submissions[0].source
    store.artifact_arrived(own_id, "plan")
    assert [one.artifact_id for one in store.artifacts_wanted(source)] == ["video"]
    fresh = type(changes.blobs[1])(own_id, "plan", "f" * 64, 200, b"n" * 32)
    store.accept(SourceChanges("c2", blobs=(fresh,)))
    assert store.artifacts_wanted(source)[0].blob == fresh
    assert store.inbox()[0].ready_bytes == 0


def test_what_is_withdrawn_is_set_aside_and_nothing_of_it_is_lost(
    store: Store, page: MakePage, entry: MakeEntry
) -> None:
    changes = page(2)
    source = changes.submissions[0].source
    store.accept(changes)
    store.record([entry(1)])
    store.accept(SourceChanges("c2", withdrawn=("assignment-7F3A-00",)))
    assert [(row.key, row.state.value) for row in store.inbox()] == [
        ("7F3A-01", "new"),
        ("7F3A-00", "set_aside"),
    ]
    assert {one.submission_id for one in store.artifacts_wanted(source)} == {changes.submissions[1].id}
    assert store.counts(source).assignments == 1
    with store.reading() as view:
        assert view.entries(entry(1).review_id) == [entry(1)]
    store.accept(SourceChanges("c3", assignments=changes.assignments[:1]))
    assert [row.state.value for row in store.inbox()] == ["new", "new"]


def test_the_counts_are_what_a_source_would_count(store: Store, page: MakePage) -> None:
    changes = page(3)
    store.accept(changes)
    counts = store.counts(changes.submissions[0].source)
    assert (counts.assignments, counts.artifacts, counts.bytes) == (3, 6, 3 * 1090)


def test_the_inbox_is_searched_by_key_and_title_without_wildcards(store: Store, page: MakePage) -> None:
    store.accept(page(3))
    assert [row.key for row in store.inbox("3a-01")] == ["7F3A-01"]
    assert len(store.inbox("FORMATIVE")) == 3
    assert store.inbox("%") == []


# -- the outbox --------------------------------------------------------------------------------------------


def test_a_delivery_that_failed_waits_on_and_one_that_succeeded_counts_as_delivered(
    store: Store, page: MakePage, entry: MakeEntry, tmp_path: Path
) -> None:
    from assessor_desk.store.lines import ReviewLine

    changes = page(1)
    store.accept(changes)
    own = changes.assignments[0]
    review_id = entry(1).review_id
    line = packet_line(changes, review_id, tmp_path / "outbox" / "p.sealed")
    with store.quick() as quick:
        quick.open_review(ReviewLine(review_id, own.submission_id, own.id, 1, own.purpose, NOW))
        quick.commit()
    with store.transaction() as work:
        work.record([entry(1)], [line])
        work.set_progress(own.submission_id, 5, InboxState.SEALED_WAITING)
        work.commit()
    assert store.outbox_waiting(changes.submissions[0].source) == [line]
    store.outbox_failed("line-1", "The hub is down.")
    waiting = store.outbox_waiting()[0]
    assert (waiting.attempts, waiting.last_trouble) == (1, "The hub is down.")
    store.outbox_delivered("line-1", b"receipt", NOW)
    assert store.outbox_waiting() == []
    assert store.inbox()[0].state is InboxState.DELIVERED
    with store.reading() as view:
        found = view.outbox_of(review_id)
        assert found is not None
        assert found.receipt == b"receipt"


# -- encryption, keys, damage ------------------------------------------------------------------------------


def test_no_word_of_a_submission_stands_in_any_file(store: Store, page: MakePage, tmp_path: Path) -> None:
    store.accept(page(2))
    keep_draft(store, Draft("r1", NOTES, "", "Quokkas wander by"))
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 3
    for word in (b"Quokkas", b"lesson.mp4", b"Formative", b"7F3A-00", b"SQLite format 3"):
        assert not any(word in content for content in files)


def test_a_destroyed_key_takes_its_artifacts_with_it_and_no_others(store: Store, page: MakePage) -> None:
    changes = page(2)
    store.accept(changes)
    gone, kept = (one.id for one in changes.submissions)
    assert store.artifact_key(gone, "plan") == b"\x02" * 32
    store.keys.destroy(gone)
    with pytest.raises(Refused, match="no longer be opened"):
        store.artifact_key(gone, "plan")
    assert store.artifact_key(kept, "plan") == b"\x02" * 32


def test_another_key_does_not_open_the_file(store: Store, tmp_path: Path) -> None:
    store.set_fact("name", 17)
    with pytest.raises(Damaged, match=r"desk\.db"):
        Store.open(tmp_path / "desk.db", os.urandom(32))


def test_a_file_that_is_no_desk_file_is_called_damaged_and_left_alone(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(Damaged, match=r"desk\.db"):
        Store.open(path, key)
    assert path.read_bytes() == b"not a database" * 500


# -- disk and power ----------------------------------------------------------------------------------------


def test_a_full_disk_is_told_in_a_sentence_and_the_store_goes_on(
    store: Store, key: bytes, entry: MakeEntry
) -> None:
    """SQLite's own limit on pages raises the very error of a full disk."""
    store.set_fact("name", "before")

    def limit(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    sa.event.listen(store._engine, "begin", limit)
    large = entry(1, field="notes", criterion="", text="x" * 500_000)
    with pytest.raises(Unavailable, match="full") as told:
        store.record([large])
    assert "Nothing was changed" in str(told.value)
    sa.event.remove(store._engine, "begin", limit)
    store._engine.dispose()
    with store.reading() as view:
        assert view.entries(large.review_id) == []
    store.record([large])
    assert store.fact("name") == "before"


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from assessor_desk.domain.review import Draft, Entry, EntryKind, TextField
from assessor_desk.store.store import Store
store = Store.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
now, number = datetime.now(UTC), int(sys.argv[3])
while True:
    number += 1
    with store.quick() as quick:
        quick.write_draft(Draft("r", TextField.NOTES, "", str(number)), now)
        quick.commit()
    sys.stdout.write(f"draft {number}\\n"); sys.stdout.flush()
    store.record([Entry(f"e{number}", "r", EntryKind.TEXT_WRITTEN, {"n": number}, now, "d", number, "s")])
    sys.stdout.write(f"entry {number}\\n"); sys.stdout.flush()
"""


def test_whatever_was_acknowledged_is_there_after_the_process_was_killed(tmp_path: Path, key: bytes) -> None:
    path, start = tmp_path / "desk.db", 0
    for seconds in (0.05, 0.11, 0.23):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), key.hex(), str(start)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        lines = [first, *writer.stdout.read().splitlines()]
        writer.stdout.close()
        writer.wait()
        told = {kind: int(number) for kind, number in (line.split() for line in lines if line.strip())}
        with closing(Store.open(path, key)) as store, store.reading() as view:
            numbers = [one.counter for one in view.entries("r")]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) >= told.get("entry", 0)
            assert int(view.drafts("r")[0].text) >= told["draft"]
            start = len(numbers)


_FILLS_ITS_DISK = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.review import Draft, Entry, EntryKind, TextField
from assessor_desk.store.store import Store
store = Store.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
now = datetime.now(UTC)
store.record([Entry("e1", "r", EntryKind.TEXT_WRITTEN, {"n": 1}, now, "d", 1, "s")])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
largest = Path(sys.argv[1] + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 4096, resource.RLIM_INFINITY))
try:
    store.record([Entry("e2", "r", EntryKind.TEXT_WRITTEN, {"n": "x" * 300000}, now, "d", 2, "s")])
except Unavailable as error:
    print(error)
try:
    with store.quick() as quick:
        quick.write_draft(Draft("r", TextField.NOTES, "", "y" * 300000), now)
        quick.commit()
except Unavailable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with store.reading() as view:
    print([one.id for one in view.entries("r")], view.drafts("r"))
store.record([Entry("e3", "r", EntryKind.TEXT_WRITTEN, {"n": 3}, now, "d", 3, "s")])
store.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on a file's size is POSIX's")
def test_a_disk_that_takes_no_more_bytes_loses_nothing(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "desk.db"
    done = subprocess.run(
        [sys.executable, "-c", _FILLS_ITS_DISK, str(path), key.hex()],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *told, left = done.stdout.splitlines()
    assert len(told) == 2
    assert all("Nothing was changed" in sentence for sentence in told)
    assert left == "['e1'] []"
    with closing(Store.open(path, key)) as store, store.reading() as view:
        assert [one.id for one in view.entries("r")] == ["e1", "e3"]


def test_submissions_beside_one_are_found_by_their_index_however_many_there_are(
    store: Store, page: MakePage
) -> None:
    store.accept(page(3))
    asked: list[str] = []
    with store.reading() as view:
        raw = view._connection.connection.driver_connection
        raw.set_trace_callback(asked.append)
        rubric = view.submission(store.inbox()[0].submission_id).rubric_id
        beside = view.submissions_beside(store.inbox()[0].submission_id, rubric, 2)
        raw.set_trace_callback(None)
        assert [one.key for one in beside] == ["7F3A-01", "7F3A-02"]
        statement = next(one for one in asked if "json_extract" in one)
        plan = " ".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}"))
    assert "USING INDEX submissions_of_rubric" in plan
    assert "TEMP" not in plan
