"""Writing a file whole or not at all, for its owner's eyes alone where it is not for everybody."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assessor_desk.domain.errors import Unavailable
from assessor_desk.places.flushing import flush

_BINARY = getattr(os, "O_BINARY", 0)  # Windows alone has it, and needs it
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY


def write_privately(path: Path, content: bytes) -> None:
    """Replace a file as a whole, readable by its owner alone, on the disk before it takes the name.

    Raises Unavailable, with the old file untouched, where the disk is full or cannot be written.
    """
    _replace(path, (content,), 0o600)


def write_privately_in_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """As `write_privately`, for what is too large for the memory; what `pieces` raises leaves no file."""
    _replace(path, pieces, 0o600)


def write_openly(path: Path, content: bytes) -> None:
    """As `write_privately`, but for a file that others are meant to read."""
    _replace(path, (content,), 0o666)


def write_openly_together(contents: Mapping[Path, bytes]) -> None:
    """Replace several files that belong together: all are on the disk before the first takes its name.

    So whoever reads them meanwhile finds them of one making but for the instant between two renamings. Raises
    Unavailable, with the old files untouched, as `write_openly` does.
    """
    unfinished: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            unfinished[path] = _write_unfinished(path, (content,), 0o666)
        for path, beside in unfinished.items():
            _take_the_name(path, beside)
    finally:
        for beside in unfinished.values():
            _clear(beside)


def write_privately_together(contents: Mapping[Path, bytes]) -> None:
    """As `write_privately`, several files that belong together: all are on the disk before the first takes its name.

    Then they take their names at once, in this order. Raises Unavailable, with the old files untouched where there is
    no room. What an earlier try left that was killed is cleared away first.
    """
    for left in [one for path in contents for one in path.parent.glob(f"{path.name}.????????.unfinished")]:
        _clear(left)
    unfinished: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            unfinished[path] = _write_unfinished(path, (content,), 0o600)
        for path, beside in unfinished.items():
            with _telling_of(path):
                beside.replace(path)
        for path in unfinished:
            with _telling_of(path):
                flush_folder(path.parent)
    finally:
        for beside in unfinished.values():
            _clear(beside)


def flush_folder(folder: Path) -> None:
    """Have the names in a folder reach the disk: a rename or a removal lasts only then.

    Windows has no such call and does not need it; a file system without it (some on a network) says so and is believed.
    """
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flush(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder, with those it lies in, for its owner alone, so that it lasts. Raises OSError where that fails."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    flush_folder(path.parent)


def _replace(path: Path, pieces: Iterable[bytes], mode: int) -> None:
    beside = _write_unfinished(path, pieces, mode)
    try:
        _take_the_name(path, beside)
    finally:
        _clear(beside)


def _write_unfinished(path: Path, pieces: Iterable[bytes], mode: int) -> Path:
    """The whole of a file on the disk under another name beside it; what `pieces` raises leaves none."""
    beside = path.with_name(f"{path.name}.{os.urandom(4).hex()}.unfinished")
    try:
        with _telling_of(path):
            make_folder(path.parent)
            with os.fdopen(os.open(beside, _NEW_FILE, mode), "wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                flush(file.fileno())
    except BaseException:
        _clear(beside)
        raise
    return beside


def _take_the_name(path: Path, beside: Path) -> None:
    with _telling_of(path):
        beside.replace(path)
        flush_folder(path.parent)


def _clear(beside: Path) -> None:
    with contextlib.suppress(OSError):  # where no folder could be made there is nothing to remove
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def _telling_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"{path} could not be written ({error.strerror}). Make room, or choose another folder"
        ) from error
