"""One open file read at several places at once: each reader of it has a position of its own."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True)
class Shared:
    """A recording that is open already; see `recording.Place`."""

    file: BinaryIO
    name: str
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> BinaryIO:
        """A reader at its beginning; closing it leaves the file open."""
        return cast("BinaryIO", _View(self.file, self._lock))


class _View(io.RawIOBase):
    def __init__(self, file: BinaryIO, lock: threading.Lock) -> None:
        super().__init__()
        self._file, self._lock, self._position = file, lock, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with self._lock:
            start = self._position if whence == io.SEEK_CUR else 0
            if whence == io.SEEK_END:
                start = self._file.seek(0, io.SEEK_END)
        if start + offset < 0:
            raise ValueError("seek before the beginning of the file")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        with self._lock:
            self._file.seek(self._position)
            piece = self._file.read(len(view))
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)
