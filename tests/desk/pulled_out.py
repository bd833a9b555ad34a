"""A stick that is pulled out, or is full, at the n-th thing that is written to it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest

from assessor_desk.places.flushing import flush
from assessor_desk.protocol import stick_files


class Writings:
    """Counts what is written below a folder, and lets it fail from the `last` on; halves of pieces stay behind.

    A stick that was pulled out takes nothing any more, not even tidying up; a full one takes what needs no room.
    """

    def __init__(self, folder: Path, last: int, error: int) -> None:
        self._folder, self._last, self._error = folder, last, error
        self.count = 0

    def step(self, needs_room: bool = True) -> None:
        """One more thing is to be done to the stick."""
        if self._error == errno.ENOSPC and not needs_room:
            return
        self.count += 1
        if self.failed:
            raise OSError(self._error, os.strerror(self._error))

    @property
    def failed(self) -> bool:
        """Whether the stick has failed by now."""
        return self.count > self._last

    def concerns(self, path: Path) -> bool:
        """Whether a path is on the stick."""
        return self._folder in path.parents or path == self._folder


class _System:
    """The calls of `os` that writing to a stick makes."""

    def __init__(self, writings: Writings) -> None:
        self._writings = writings

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Path, *flags: int) -> int:
        self._writings.step()
        return os.open(path, *flags)

    def fdopen(self, *given: Any, **options: Any) -> Any:
        return _File(os.fdopen(*given, **options), self._writings)


class _File:
    def __init__(self, file: Any, writings: Writings) -> None:
        self._file, self._writings = file, writings

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, piece: memoryview) -> int:
        try:
            self._writings.step()
        except OSError:
            self._file.write(piece[: len(piece) // 2])
            raise
        return int(self._file.write(piece))


@contextmanager
def failing(folder: Path, last: int, error: int = errno.EIO) -> Iterator[Writings]:
    """The stick in `folder` takes `last` steps of writing and then fails."""
    writings = Writings(folder, last, error)
    replace, unlink = Path.replace, Path.unlink

    def replaced(self: Path, target: Any) -> Path:
        if writings.concerns(self):
            writings.step(needs_room=False)
        return replace(self, target)

    def unlinked(self: Path, missing_ok: bool = False) -> None:
        if writings.concerns(self):
            writings.step(needs_room=False)
        unlink(self, missing_ok)

    def flushed(descriptor: int) -> None:
        writings.step()
        flush(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stick_files, "os", _System(writings))
        patch.setattr(stick_files, "flush", flushed)
        patch.setattr(Path, "replace", replaced)
        patch.setattr(Path, "unlink", unlinked)
        yield writings
