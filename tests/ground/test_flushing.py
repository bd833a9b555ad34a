"""What is said to be on the disk is past the drive's own cache, where the system can be asked for that."""

import errno
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from assessor_desk.hub import database_file
from assessor_desk.keys.private_files import write_privately
from assessor_desk.places import flushing
from assessor_desk.store.connection import connect

#: As on macOS.
F_FULLFSYNC = 51


@pytest.fixture
def macos(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """`macos(0)`: a system with F_FULLFSYNC, or one whose file system answers with that error; what it was asked."""

    def begin(error: int) -> list[str]:
        asked: list[str] = []
        fsync = os.fsync

        def fcntl(_descriptor: int, command: int) -> int:
            assert command == F_FULLFSYNC
            asked.append("full")
            if error:
                raise OSError(error, os.strerror(error))
            return 0

        def plain(descriptor: int) -> None:
            asked.append("plain")
            fsync(descriptor)

        monkeypatch.setattr(flushing, "_FULL", F_FULLFSYNC)
        monkeypatch.setattr(flushing, "fcntl", SimpleNamespace(fcntl=fcntl), raising=False)
        monkeypatch.setattr(os, "fsync", plain)
        return asked

    return begin


def test_where_the_drives_cache_can_be_passed_it_is(
    tmp_path: Path, macos: Callable[[int], list[str]]
) -> None:
    asked = macos(0)
    write_privately(tmp_path / "file", b"content")
    assert set(asked) == {"full"}


@pytest.mark.parametrize("error", [errno.ENOTSUP, errno.ENOTTY, errno.EINVAL])
def test_a_file_system_that_knows_only_the_plain_call_is_asked_for_that(
    tmp_path: Path, macos: Callable[[int], list[str]], error: int
) -> None:
    asked = macos(error)
    with (tmp_path / "file").open("wb") as file:
        flushing.flush(file.fileno())
    assert asked == ["full", "plain"]


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_failed_is_not_asked_until_it_says_otherwise(
    tmp_path: Path, macos: Callable[[int], list[str]], error: int
) -> None:
    asked = macos(error)
    with (tmp_path / "file").open("wb") as file, pytest.raises(OSError, match=os.strerror(error)):
        flushing.flush(file.fileno())
    assert asked == ["full"]


def test_the_databases_of_desk_and_hub_pass_the_drives_cache_too(tmp_path: Path) -> None:
    desk = connect(tmp_path / "desk.db", b"k" * 32)
    hub = database_file._connect(tmp_path / "hub.db", (b"k" * 32).hex())
    for connection in (desk, hub):
        with closing(connection):
            for pragma in ("fullfsync", "checkpoint_fullfsync"):
                assert connection.execute(f"PRAGMA {pragma}").fetchone() == (1,)


def test_there_is_one_place_that_flushes(root: Path) -> None:
    package = root / "src" / "assessor_desk"
    found = [path for path in package.rglob("*.py") if "os.fsync(" in path.read_text(encoding="utf-8")]
    assert [path.relative_to(package).as_posix() for path in found] == ["places/flushing.py"]
