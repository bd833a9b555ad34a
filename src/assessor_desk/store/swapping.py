"""Letting a file that was put together take the place of the desk's file, whatever is interrupted.

Once a file lies there under the name that says that it is whole, it will take the place: at once, or before the desk's
file is opened the next time. Where somebody goes on working with the desk's file instead, it must be gone before that:
what it holds is older then.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

from assessor_desk.domain.errors import Unavailable
from assessor_desk.keys.private_files import flush_folder, make_folder

#: Where files are kept as they were before they were restored, each in a folder named for the moment.
BEFORE = "before-restoring"
_READY = ".restored-"
#: A log before the file itself: beside another file it would be taken for that one's.
_PARTS = ("-wal", "-shm", "-journal", "")


def ready_to_replace(path: Path, now: datetime) -> Path:
    """The name of a whole file that is to take the place of the one at `path`."""
    return path.with_name(f"{path.name}{_READY}{now.astimezone(UTC):%Y%m%dT%H%M%S%f}")


def finish(path: Path) -> list[Path]:
    """Let files that were put together take the place of the one at `path`; where each former one is kept.

    To be called before the file is opened; nothing to finish is the rule. Raises Unavailable for the disk: then the
    file is where it was, and the next call tries again.
    """
    kept = []
    try:
        for ready in sorted(path.parent.glob(f"{path.name}{_READY}*")):
            aside = path.parent / BEFORE / ready.name.rpartition("-")[2]
            flush_folder(path.parent)
            try:
                _set_aside(path, aside)
                ready.replace(path)
            except BaseException:
                if ready.exists():
                    _put_back(path, aside)
                raise
            flush_folder(path.parent)
            kept.append(aside)
    except OSError as error:
        raise Unavailable(
            f"The disk with {path.parent} cannot be written ({error.strerror}). Try again"
        ) from error
    return kept


def withdraw(ready: Path, path: Path) -> None:
    """A file that was to take the place of the one at `path` shall not, where that one is still there.

    Raises Unavailable for the disk.
    """
    try:
        if path.exists():
            ready.unlink(missing_ok=True)
            flush_folder(path.parent)
    except OSError as error:
        raise Unavailable(
            f"{ready} cannot be removed ({error.strerror}). Close the program and remove it before you open the desk "
            "again: it would take the desk's place, without what you do from now on"
        ) from error


def _set_aside(path: Path, aside: Path) -> None:
    make_folder(aside)
    for end in _PARTS:
        present = path.with_name(path.name + end)
        if present.exists():
            present.replace(aside / present.name)
    for folder in (aside, path.parent):
        flush_folder(folder)


def _put_back(path: Path, aside: Path) -> None:
    """The inverse of `_set_aside`, as far as that came."""
    for end in reversed(_PARTS):
        present = path.with_name(path.name + end)
        if (aside / present.name).exists():
            (aside / present.name).replace(present)
    with contextlib.suppress(OSError):
        aside.rmdir()
