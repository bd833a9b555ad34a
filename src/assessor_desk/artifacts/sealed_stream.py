"""Files encrypted in chunks, so that any part can be read alone and any change is noticed.

The STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", CRYPTO 2015) over AES-256-GCM::

    header  magic "ADSEAL" | version u16 | chunk size u32 | plain size u64 | nonce prefix, 7 bytes
    chunks  AES-256-GCM of 64 KiB each (the last may be shorter), each followed by its 16-byte tag
    nonce   prefix | chunk number u32 | 1 for the last chunk, else 0
    AAD     the header; numbers are big endian

A key seals one file and no other, so a nonce never repeats. Chunks cannot be changed, swapped, dropped or
added: the number, the last-flag and the size under the tag give each of these away.
"""

from __future__ import annotations

import io
import os
import struct
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assessor_desk.domain.errors import Damaged, Refused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"ADSEAL"
VERSION = 1
CHUNK = 64 * 1024
TAG = 16
_HEADER = struct.Struct(">6sHIQ7s")
HEADER_LENGTH = _HEADER.size
_LARGEST_CHUNK = 16 * 1024 * 1024
_CHUNKS_KEPT = 8


class Source(Protocol):
    """Whatever bytes to be sealed are read from."""

    def read(self, size: int = ..., /) -> bytes | None: ...


class Sink(Protocol):
    """Whatever sealed bytes are written to."""

    def write(self, data: bytes, /) -> Any: ...


def new_key() -> bytes:
    """A random 256-bit key, for one file."""
    return AESGCM.generate_key(256)


def sealed_length(plain_size: int) -> int:
    """Bytes that `plain_size` bytes take up when sealed."""
    return HEADER_LENGTH + plain_size + TAG * _chunk_count(plain_size, CHUNK)


def seal(source: Source, target: Sink, key: bytes, size: int) -> None:
    """Seal the next `size` bytes of `source` into `target`.

    Raises `Refused` when the source holds fewer or more bytes than `size`.
    """
    with SealingWriter(target, key, size) as writer:
        while piece := source.read(CHUNK):
            writer.write(piece)


def open_sealed(path: Path, key: bytes, name: str | None = None) -> SealedReader:
    """Open a sealed file for reading. `name` is what errors call it (its path's last part otherwise).

    Raises `Damaged` when the file is missing, cut short, changed, or sealed with another key.
    """
    called = name or path.name
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise Damaged(f"“{called}” cannot be read from this computer's vault. Fetch it again.") from error
    return unseal(file, key, called)


def unseal(file: io.RawIOBase, key: bytes, name: str) -> SealedReader:
    """Read a sealed file that is open; it is closed with the reader, and if it is not what was sealed.

    Raises `Damaged` when it is cut short, changed, or sealed with another key.
    """
    try:
        return SealedReader(file, key, name)
    except BaseException:
        file.close()
        raise


def _chunk_count(plain_size: int, chunk: int) -> int:
    """An empty file has one chunk too, or nothing would prove that it is empty."""
    return max(1, -(-plain_size // chunk))


@dataclass(frozen=True)
class _Layout:
    """Where the chunks of one sealed file are, as its header says."""

    header: bytes
    chunk: int
    plain_size: int
    prefix: bytes

    @classmethod
    def fresh(cls, plain_size: int) -> _Layout:
        prefix = os.urandom(7)
        return cls(_HEADER.pack(MAGIC, VERSION, CHUNK, plain_size, prefix), CHUNK, plain_size, prefix)

    @classmethod
    def parse(cls, header: bytes, name: str) -> _Layout:
        if len(header) != HEADER_LENGTH:
            raise Damaged(f"“{name}” is cut short. Fetch it again.")
        magic, version, chunk, plain_size, prefix = _HEADER.unpack(header)
        if magic != MAGIC or not 0 < chunk <= _LARGEST_CHUNK:
            raise Damaged(f"“{name}” is damaged: it does not begin like a sealed file. Fetch it again.")
        if version != VERSION:
            raise Damaged(f"“{name}” is sealed in format {version}, which this version cannot read.")
        return cls(header, chunk, plain_size, prefix)

    @property
    def chunks(self) -> int:
        return _chunk_count(self.plain_size, self.chunk)

    @property
    def sealed_length(self) -> int:
        return HEADER_LENGTH + self.plain_size + TAG * self.chunks

    def nonce(self, number: int) -> bytes:
        last = number == self.chunks - 1
        return self.prefix + struct.pack(">IB", number, last)

    def offset(self, number: int) -> int:
        return HEADER_LENGTH + number * (self.chunk + TAG)

    def length(self, number: int) -> int:
        """Sealed bytes of one chunk, its tag among them."""
        return min(self.chunk, self.plain_size - number * self.chunk) + TAG


class SealingWriter:
    """Seals what is written to it piece by piece, as it comes in from a network.

    The size must be known beforehand, since every chunk is bound to it. Leaving the `with` block in peace
    writes the last chunk; `Refused` is raised when more or fewer bytes came than announced.
    """

    def __init__(self, target: Sink, key: bytes, size: int) -> None:
        self._target = target
        self._cipher = AESGCM(key)
        self._layout = _Layout.fresh(size)
        self._pending = bytearray()
        self._taken = 0
        self._next = 0
        target.write(self._layout.header)

    def write(self, data: bytes) -> int:
        self._taken += len(data)
        if self._taken > self._layout.plain_size:
            raise Refused("The file grew while it was being read. Try again when nothing writes to it.")
        self._pending += data
        # The last chunk is kept back: only `close` knows that it is the last.
        while len(self._pending) > CHUNK:
            self._seal_chunk(bytes(self._pending[:CHUNK]))
            del self._pending[:CHUNK]
        return len(data)

    def close(self) -> None:
        """Write the last chunk. Raises `Refused` when bytes are missing."""
        if self._taken < self._layout.plain_size:
            raise Refused("The file was cut short while it was being read. Try again with the whole file.")
        self._seal_chunk(bytes(self._pending))
        self._pending.clear()

    def _seal_chunk(self, plain: bytes) -> None:
        sealed = self._cipher.encrypt(self._layout.nonce(self._next), plain, self._layout.header)
        self._target.write(sealed)
        self._next += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()


class SealedReader(io.RawIOBase):
    """A sealed file as a seekable stream of its plain bytes, which are only ever in memory.

    One reader may be used from several threads; seeking and reading are then each whole, so a thread that
    needs both together has its own reader. `Damaged` is raised for bytes that are not what was sealed.
    """

    def __init__(self, file: io.RawIOBase, key: bytes, name: str) -> None:
        super().__init__()
        self.name = name
        self._file = file
        self._cipher = AESGCM(key)
        self._lock = threading.RLock()
        self._position = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._layout = _Layout.parse(file.read(HEADER_LENGTH) or b"", name)
        self._check_length()
        # The last chunk proves the key, the header and the size before anything is believed.
        self._chunk(self._layout.chunks - 1)

    @property
    def size(self) -> int:
        """Plain bytes."""
        return self._layout.plain_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with self._lock:
            start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
            if start + offset < 0:
                raise ValueError("seek before the beginning of the file")
            self._position = start + offset
            return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer` unless the end comes first: readers of documents do not expect short reads."""
        view = memoryview(buffer).cast("B")
        with self._lock:
            wanted = max(0, min(len(view), self.size - self._position))
            filled = 0
            while filled < wanted:
                filled += self._copy(view[filled:wanted])
            return filled

    def readall(self) -> bytes:
        with self._lock:
            rest = bytearray(max(0, self.size - self._position))
            self.readinto(rest)
            return bytes(rest)

    def close(self) -> None:
        with self._lock:
            self._kept.clear()
            self._file.close()
            super().close()

    def _copy(self, view: memoryview) -> int:
        number, within = divmod(self._position, self._layout.chunk)
        piece = memoryview(self._chunk(number))[within : within + len(view)]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _chunk(self, number: int) -> bytes:
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        plain = self._unseal(number)
        self._kept[number] = plain
        if len(self._kept) > _CHUNKS_KEPT:
            self._kept.popitem(last=False)
        return plain

    def _unseal(self, number: int) -> bytes:
        try:
            self._file.seek(self._layout.offset(number))
            sealed = self._file.read(self._layout.length(number)) or b""
            return self._cipher.decrypt(self._layout.nonce(number), sealed, self._layout.header)
        except (InvalidTag, OSError) as error:
            raise Damaged(
                f"“{self.name}” is damaged: part {number + 1} of {self._layout.chunks} "
                "is not what was sealed. Fetch it again."
            ) from error

    def _check_length(self) -> None:
        found, expected = self._file.seek(0, io.SEEK_END), self._layout.sealed_length
        if found < expected:
            raise Damaged(f"“{self.name}” is cut short: {found} of {expected} bytes. Fetch it again.")
        if found > expected:
            raise Damaged(f"“{self.name}” is damaged: {found - expected} bytes too many. Fetch it again.")


def unsound(path: Path, key: bytes) -> list[tuple[int, int]]:
    """Where the sealed file is not what was sealed: offset and length of its bad chunks, neighbours as one.

    Raises `Damaged` where not even its beginning tells what it is, or its length is not what that says.
    """
    with path.open("rb") as file:
        layout = _Layout.parse(file.read(HEADER_LENGTH), path.name)
        if os.fstat(file.fileno()).st_size != layout.sealed_length:
            raise Damaged(f"“{path.name}” has another length than its beginning says. Fetch it again.")
        cipher, found = AESGCM(key), list[tuple[int, int]]()
        for number in range(layout.chunks):
            start, sealed = layout.offset(number), file.read(layout.length(number))
            try:
                cipher.decrypt(layout.nonce(number), sealed, layout.header)
            except InvalidTag:
                if found and sum(found[-1]) == start:
                    start, _ = found.pop()
                found.append((start, layout.offset(number) + len(sealed) - start))
    return found
