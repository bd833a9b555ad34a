"""Files on a stick: whole or not at all, and looked at again once written, since sticks are pulled out and wear out."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from assessor_desk.domain.errors import NoRoom, Unavailable
from assessor_desk.places.flushing import flush

#: What a file is called until all of it is on the stick; whoever reads passes it over.
UNFINISHED = ".unfinished"
_PIECE = 1 << 20
_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_whole(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a file and give its length: flushed, read back, compared, and only then called `path`.

    Raises NoRoom for a full stick and Unavailable for one that was pulled out, is write-protected or gives back other
    bytes than were written; whatever had the name before is untouched then.
    """
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    with telling_of(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            length = _write_checked(beside, pieces, path)
            beside.replace(path)
            flush_names(path.parent)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
    return length


def _write_checked(beside: Path, pieces: Iterable[bytes], path: Path) -> int:
    written, length = hashlib.sha256(), 0
    with os.fdopen(os.open(beside, _NEW_FILE, 0o666), "w+b", buffering=0) as file:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[file.write(view) :]
            written.update(piece)
            length += len(piece)
        flush(file.fileno())
        _forget_cached(file.fileno())
        file.seek(0)
        if hashlib.file_digest(file, "sha256").digest() != written.digest():
            raise Unavailable(
                f"{path} was not kept by the stick as it was written. Use another stick: this one is failing"
            )
    return length


def _forget_cached(descriptor: int) -> None:
    """Have what is read next come from the stick, where the system can be asked to."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def flush_names(folder: Path) -> None:
    """Have the names in a folder reach the stick, where the system can be asked to."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flush(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system without it says so and is believed
            raise
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file; one that is gone is no fault."""
    with telling_of(path):
        path.unlink(missing_ok=True)


def clear_unfinished(folder: Path) -> None:
    """Remove what interrupted writing left in a folder."""
    with telling_of(folder):
        for path in folder.glob(f"*{UNFINISHED}"):
            path.unlink(missing_ok=True)


def read_whole(path: Path) -> bytes:
    """The bytes of a file. Raises Unavailable where it cannot be read."""
    with telling_of(path, "read"):
        return path.read_bytes()


def read_pieces(path: Path, start: int, length: int) -> Iterator[bytes]:
    """A stretch of a file, in pieces; fewer bytes where it ends before. Raises Unavailable where it cannot be read."""
    with telling_of(path, "read"), path.open("rb") as file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(_PIECE, length))):
            length -= len(piece)
            yield piece


@contextlib.contextmanager
def telling_of(path: Path, act: str = "written") -> Iterator[None]:
    """Say in a sentence that a stick is full or cannot be used."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(
                f"The stick is full: {path} does not fit. Make room on it, or use a larger one"
            ) from error
        why = error.strerror or type(error).__name__
        raise Unavailable(
            f"{path} could not be {act} ({why}). Is the stick still in, and not locked?"
        ) from error
