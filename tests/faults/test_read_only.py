"""A desk on a disk that may only be read: told as that, left as it is, and whole again where it can be written."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.faults.prepared import Prepared

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.review import TextField

ReadOnly = Callable[[Path], contextlib.AbstractContextManager[None]]
SAID = "can only be read: its disk is read-only, or you may not change what lies there"
WORDS = "Every pupil writes an answer before one is heard."


@contextlib.contextmanager
def _mounted_to_read(folder: Path) -> Iterator[None]:
    """Rights do not bind root; a disk that is mounted for reading does."""
    made = subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"Nothing can be mounted here: {made.stderr.decode().strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextlib.contextmanager
def _without_the_right(folder: Path) -> Iterator[None]:
    every = [folder, *folder.rglob("*")]
    rights = {path: stat.S_IMODE(path.stat().st_mode) for path in every}
    try:
        for path in reversed(every):
            path.chmod(rights[path] & ~0o222)
        yield
    finally:
        for path in every:
            path.chmod(rights[path])


@pytest.fixture
def read_only() -> ReadOnly:
    """`with read_only(folder):` what lies there can be read and not changed."""
    if sys.platform == "win32":
        pytest.skip("Windows does not tell by a folder's rights what may be written in it")
    return _mounted_to_read if os.geteuid() == 0 else _without_the_right


@pytest.fixture
def folder(prepared: Prepared, tmp_path: Path) -> Path:
    """A desk, closed, in which words were written."""
    shutil.copytree(prepared.folder, tmp_path / "desk")
    with Desk.open_with_key(tmp_path / "desk", prepared.key) as desk:
        own_id = desk.inbox()[0].submission_id
        desk.record_completeness(own_id)
        desk.write_text(own_id, TextField.OVERALL, WORDS)
    return tmp_path / "desk"


def bytes_of(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def words_in(folder: Path, key: bytes) -> str:
    with Desk.open_with_key(folder, key) as desk:
        return desk.case(desk.inbox()[0].submission_id).review.text(TextField.OVERALL)


def test_a_desk_that_can_only_be_read_says_so_and_is_left_as_it_is(
    folder: Path, prepared: Prepared, read_only: ReadOnly
) -> None:
    before = bytes_of(folder)
    with read_only(folder), pytest.raises(Unavailable, match=SAID) as told:
        Desk.open_with_key(folder, prepared.key)
    assert str(folder) in str(told.value)
    assert "free some space" not in str(told.value)
    assert bytes_of(folder) == before
    assert words_in(folder, prepared.key) == WORDS


def test_a_copy_of_it_on_another_disk_opens_with_everything(
    folder: Path, prepared: Prepared, read_only: ReadOnly, tmp_path: Path
) -> None:
    with read_only(folder):
        shutil.copytree(folder, tmp_path / "copy")
    for path in (tmp_path / "copy", *(tmp_path / "copy").rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)  # which a copy keeps from where it came
    assert words_in(tmp_path / "copy", prepared.key) == WORDS


def test_a_desk_that_was_killed_and_can_only_be_read_since_opens_whole_once_it_can_be_written(
    folder: Path, prepared: Prepared, read_only: ReadOnly, tmp_path: Path
) -> None:
    """What was acknowledged last still lies in the write-ahead log then."""
    with Desk.open_with_key(folder, prepared.key) as desk:
        desk.write_text(desk.inbox()[0].submission_id, TextField.OVERALL, f"{WORDS} And again.")
        shutil.copytree(folder, tmp_path / "killed")
    assert (tmp_path / "killed" / "desk.db-wal").stat().st_size
    before = bytes_of(tmp_path / "killed")
    with read_only(tmp_path / "killed"), pytest.raises(Unavailable, match=SAID):
        Desk.open_with_key(tmp_path / "killed", prepared.key)
    assert bytes_of(tmp_path / "killed") == before
    assert words_in(tmp_path / "killed", prepared.key) == f"{WORDS} And again."


@pytest.mark.parametrize("name", ["desk.db", "desk.lock", "journal"])
def test_one_part_that_can_only_be_read_is_told_the_same(
    folder: Path, prepared: Prepared, name: str, read_only: ReadOnly
) -> None:
    def work() -> None:
        with Desk.open_with_key(folder, prepared.key) as desk:
            desk.write_text(desk.inbox()[0].submission_id, TextField.OVERALL, "Something else.")

    with read_only(folder / name), pytest.raises(Unavailable, match=SAID):
        work()
    assert words_in(folder, prepared.key) == WORDS


def test_a_new_desk_where_nothing_can_be_written_is_refused_by_the_same_words(
    read_only: ReadOnly, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with read_only(tmp_path / "empty"), pytest.raises(Unavailable, match=SAID):
        Desk.create(tmp_path / "empty", "thirteen quiet quokkas")
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_command_says_it_in_its_one_sentence_and_ends_as_for_what_cannot_be_reached(
    folder: Path, read_only: ReadOnly, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passphrase.txt").write_text("demo\n", encoding="utf-8")
    with read_only(folder):
        code = run_command(
            ["inbox", "--desk", str(folder), "--passphrase-file", str(tmp_path / "passphrase.txt")]
        )
    said = capsys.readouterr().err
    assert code == 3
    assert SAID in said
    assert said.count("\n") == 1
