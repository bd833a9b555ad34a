"""What a hub's database and its place for sealed files promise, in each of their homes."""

import io
import secrets
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from filelock import FileLock
from tests.beyond import Beyond
from tests.hub.processes import empty_folder

from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.hub import papers
from assessor_desk.hub import tables as t
from assessor_desk.hub.database import NEWEST, Database
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.whereabouts import keep_whereabouts, make_key

pytestmark = pytest.mark.both_homes
PATIENCE = 20.0


def _seen(database: Database, after: int) -> list[int]:
    """What a desk with that cursor is told, as `hub.feed` asks."""
    seq = t.changes.c.seq
    with database.reading() as view:
        return list(view.execute(sa.select(seq).where(seq > after).order_by(seq)).scalars())


def test_no_change_is_passed_over_by_whoever_reads_meanwhile(hub: Hub) -> None:
    """The one that began first commits last. Else its change would never be told."""
    begun, may_end, others_done = threading.Event(), threading.Event(), threading.Event()
    start = max(_seen(hub.database, 0), default=0)

    def slow() -> None:
        with hub.database.writing() as work:
            note_change(work, "phrases", "slow")
            begun.set()
            may_end.wait(PATIENCE)

    def quick() -> None:
        begun.wait(PATIENCE)
        with hub.database.writing() as work:
            note_change(work, "phrases", "quick")
        others_done.set()

    threads = [threading.Thread(target=each) for each in (slow, quick)]
    for thread in threads:
        thread.start()
    begun.wait(PATIENCE)
    others_done.wait(0.5)
    told = _seen(hub.database, start)
    may_end.set()
    for thread in threads:
        thread.join()
    told += _seen(hub.database, max(told, default=start))
    assert len(told) == 2


def test_what_is_read_in_one_view_is_of_one_moment(hub: Hub) -> None:
    with hub.database.reading() as view:
        before = view.execute(sa.select(sa.func.count()).select_from(t.facts)).scalar_one()
        with hub.database.writing() as work:
            work.execute(sa.insert(t.facts).values(name="meanwhile", value=1))
        after = view.execute(sa.select(sa.func.count()).select_from(t.facts)).scalar_one()
    assert before == after


def test_papers_of_a_folder_at_which_another_process_is_for_long_are_told_and_later_are_free(
    hub: Hub, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On servers, too, where the folder is what a process has of them, which a second one was given as well."""
    monkeypatch.setattr(papers, "PATIENCE", 0.3)
    theirs = FileLock(hub.folder / ("badge.lock" if home == "folder" else "papers.lock"))
    with theirs, pytest.raises(Unavailable, match="for longer than is waited for"), hub.turn("badge"):
        pass
    with hub.turn("badge"):
        assert hub.trust()


def test_a_turn_is_one_processs_at_a_time_and_ends_with_it(hub: Hub, tmp_path: Path, home: str) -> None:
    """Another process takes the turn and is killed with it: nobody waits for the dead."""
    folder = hub.folder if home == "folder" else empty_folder(hub.folder, tmp_path / "other")
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom assessor_desk.hub.database import Database\n"
        "with Database(Path(sys.argv[1])).turn('import'):\n    print('mine', flush=True)\n    time.sleep(60)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "mine\n"
    with hub.database.try_turn("import") as mine:
        assert not mine
    with hub.database.try_turn("another") as mine:
        assert mine
    other.kill()
    other.wait()
    other.stdout.close()
    with hub.database.turn("import"):
        pass


def test_of_many_processes_that_start_together_one_migrates(
    tmp_path: Path, home: str, beyond: Beyond | None
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    if beyond is not None:
        keep_whereabouts(folder, beyond.place())
    make_key(folder)
    script = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from assessor_desk.hub.database import Database\n"
        "database = Database(Path(sys.argv[1]))\nsys.stdin.readline()\ndatabase.migrate(datetime.now(UTC))\n"
    )
    command = [sys.executable, "-c", script, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    together = [subprocess.Popen(command, **pipes) for _ in range(4)]  # type: ignore[call-overload]
    for each in together:
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [each.communicate(timeout=60)[1] for each in together]
    assert [each.returncode for each in together] == [0, 0, 0, 0], said
    database = Database(folder)
    with database.reading() as view:
        versions = view.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    database.close()
    if beyond is not None:
        beyond.forget(folder)
    assert versions == [NEWEST]


# -- sealed files ------------------------------------------------------------------------------------------


def test_a_file_comes_back_from_any_place_in_it(hub: Hub) -> None:
    content = secrets.token_bytes(300_000)
    sealed = hub.blobs.write(io.BytesIO(content), len(content))
    assert hub.blobs.holds(sealed.digest)
    assert hub.blobs.length(sealed.digest) == sealed.length
    with hub.blobs.open(sealed.digest, sealed.key, "the file") as reader:
        reader.seek(200_000)
        assert reader.read(1000) == content[200_000:201_000]
        reader.seek(0)
        assert reader.read() == content
    with hub.blobs.at_hand(sealed.digest) as path:
        assert path.stat().st_size == sealed.length
        assert content[:64] not in path.read_bytes()


def test_a_file_of_several_parts_arrives_whole(hub: Hub) -> None:
    content = secrets.token_bytes(1 << 20) * 18
    sealed = hub.blobs.write(io.BytesIO(content), len(content))
    with hub.blobs.open(sealed.digest, sealed.key, "the file") as reader:
        assert reader.read() == content


class _Breaking(io.BytesIO):
    """A sender who is gone after so many bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 12 << 20:
            raise ConnectionError("gone")
        return super().read(size)


def test_what_breaks_off_or_is_another_leaves_nothing(hub: Hub) -> None:
    with pytest.raises(ConnectionError):
        hub.packets.write(_Breaking(bytes(20 << 20)), 20 << 20)
    with pytest.raises(Refused):
        hub.packets.write(io.BytesIO(b"short"), 100)
    with pytest.raises(Refused, match="other bytes than were announced"):
        hub.packets.write(io.BytesIO(b"other"), 5, "0" * 64)
    assert list(hub.packets.stored()) == []


def test_what_lies_there_is_listed_and_removed(hub: Hub) -> None:
    one, two = (hub.packets.write(io.BytesIO(each), len(each)) for each in (b"one", b"three"))
    assert {(each.digest, each.length) for each in hub.packets.stored()} == {
        (one.digest, one.length),
        (two.digest, two.length),
    }
    assert all(abs(each.since - datetime.now(UTC)) < timedelta(minutes=5) for each in hub.packets.stored())
    assert list(hub.blobs.stored()) == [], "one kind of file is not another"
    hub.packets.remove(one.digest)
    hub.packets.remove(one.digest)
    assert [each.digest for each in hub.packets.stored()] == [two.digest]
    hub.packets.clear_unfinished(datetime.now(UTC) + timedelta(days=1))
    assert hub.packets.holds(two.digest)


def test_what_is_not_there_and_what_is_no_digest(hub: Hub) -> None:
    absent = "0" * 64
    assert not hub.blobs.holds(absent)
    assert hub.blobs.length(absent) == 0
    with pytest.raises(Damaged, match="the plan"):
        hub.blobs.open(absent, bytes(32), "the plan")
    for odd in ("../hub.db", "A" * 64, ""):
        with pytest.raises(Refused):
            hub.blobs.holds(odd)


def test_another_key_opens_nothing(hub: Hub) -> None:
    sealed = hub.blobs.write(io.BytesIO(b"marbles"), 7)
    with pytest.raises(Damaged):
        hub.blobs.open(sealed.digest, bytes(32), "the file")
