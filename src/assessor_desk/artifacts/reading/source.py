"""What is handed to parsers: a sealed or plain file that remembers why reading it failed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import Damaged, DeskError, Refused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Source(io.RawIOBase):
    """Passes reads on. A `Damaged` file looks cut short to the parser, whose own error says less.

    C libraries cannot carry an exception through a callback, so it is kept in `fault`.
    """

    def __init__(self, reader: io.RawIOBase, name: str) -> None:
        super().__init__()
        self.name = name
        self.fault: DeskError | None = None
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        return self._reader.tell()

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        try:
            while filled < len(view):
                count = self._reader.readinto(view[filled:])
                if not count:
                    break
                filled += count
        except Damaged as error:
            self.fault = error
            return 0
        return filled

    def size(self) -> int:
        """Bytes in all; the place is left at the beginning."""
        size = self.seek(0, io.SEEK_END)
        self.seek(0)
        return size

    def whole(self, largest: int) -> bytes:
        """All bytes. Raises `Refused` beyond `largest`, and whatever made reading fail."""
        size = self.size()
        if size > largest:
            raise Refused(f"“{self.name}” is too large to show: more than {largest // 10**6} MB.")
        data = self.read(size) or b""
        self.check()
        return data

    def check(self) -> None:
        """Raise what made an earlier read fail, if anything did."""
        if self.fault is not None:
            raise self.fault

    def close(self) -> None:
        self._reader.close()
        super().close()
