"""What was saved, a second time: every transaction on the desk's file, appended, encrypted, beside the file.

A damaged database can so be put together again from a snapshot and what came after it, and one that lost its
write-ahead log is brought up to date when it is opened. See `docs/decisions/0183-a-journal-beside-the-database.md`.

A segment is a header and records, each encrypted by itself (AES-256-GCM, random nonce) and bound to its segment and
its place in the order, so that none can be moved, repeated or left out unseen::

    "ADJ1" · segment (16 bytes) · first number · begun (µs since 1970) · whole (1: the file was new, and empty, before)
    length · number · nonce (12 bytes) · sealed rows · length of the record

Rows are MessagePack: table, what stands in its columns by name (or in its key alone), and whether the row is gone.
Records from before are JSON, with binary values as `{"b": base64}`; both are read.

Numbers count transactions; the desk's file carries that of its last one (`PRAGMA user_version`). Segments follow each
other; one ends where a snapshot was taken. Records reach the disk with the file's close, with each snapshot and with
whatever is no key press; until then they are in the system's hands, which survives the end of the program.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from assessor_desk.keys.private_files import flush_folder, make_folder
from assessor_desk.places.flushing import flush
from assessor_desk.store.disks import not_written

_HEADER = struct.Struct(">4s16sQQB")
_MAGIC = b"ADJ1"
_RECORD = struct.Struct(">IQ12s")
_TAIL = struct.Struct(">I")
_BINARY = getattr(os, "O_BINARY", 0)  # Windows alone has it, and needs it

#: How the rows of a record begin that is from before MessagePack, which begins no array so.
_JSON = b"["

#: A row as it stands after a transaction: table, and its columns; or its key alone where it is gone.
Change = tuple[str, dict[str, Any], bool]


@dataclass(frozen=True, slots=True)
class Record:
    """One transaction, and what it changed."""

    number: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One file. `whole`: the desk's file was new, and empty, before its first record."""

    path: Path
    token: bytes
    first: int
    begun: datetime
    whole: bool

    @classmethod
    def read(cls, path: Path) -> Segment | None:
        """Its header; None where that is none."""
        try:
            with path.open("rb") as file:
                magic, token, first, begun, whole = _HEADER.unpack(file.read(_HEADER.size))
            at = datetime.fromtimestamp(begun / 1e6, UTC)
        except (OSError, struct.error, ValueError, OverflowError):
            return None
        return cls(path, token, first, at, bool(whole)) if magic == _MAGIC else None


class Journal:
    """The journal of one desk, in `folder`. Thread-safe; a file is made with the first record."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self._key = key
        self._lock = threading.RLock()
        self._file: int | None = None
        self._open: Segment | None = None
        self._before_last = 0
        self._unchecked: Callable[[], object] | None = None

    # -- writing -----------------------------------------------------------------------------------------------

    def append(self, number: int, changes: Sequence[Change], begun: datetime, *, whole: bool = False) -> None:
        """Add a transaction. Raises Unavailable, with nothing added, where the disk is full or cannot be written.

        `begun` and `whole` are for the header, where this is the first record of a segment.
        """
        self.check()
        with self._lock, self._telling():
            if self._file is None or self._open is None:
                self._begin(number, begun, whole)
            assert self._file is not None
            assert self._open is not None
            self._before_last = os.lseek(self._file, 0, os.SEEK_END)
            record = _sealed(self._key, self._open, number, changes)
            try:
                _write_all(self._file, record)
            except OSError:
                self.take_back()
                raise

    def take_back(self) -> None:
        """The transaction appended last did not come to pass."""
        with self._lock, contextlib.suppress(OSError):
            if self._file is not None:
                os.ftruncate(self._file, self._before_last)

    def flush(self) -> None:
        """Have what was appended reach the disk. Raises Unavailable where that fails."""
        with self._lock, self._telling():
            if self._file is not None:
                flush(self._file)

    def rotate(self) -> None:
        """What is appended from now on goes into a segment of its own."""
        with self._lock:
            self.flush()
            self.close()
            self._open = None

    def resume(self, damaged: Callable[[], object] | None = None) -> None:
        """Go on with the newest segment, whose end was found whole; or with `damaged` is still to be, by `check`."""
        with self._lock:
            self._unchecked = damaged
            self._open = next(iter(self.segments()[-1:]), None)
            if self._open is not None:
                with self._telling():
                    self._file = os.open(self._open.path, os.O_RDWR | os.O_APPEND | _BINARY)

    def check(self) -> None:
        """Find out, once, whether the last record from before can be read. If not that is said to `damaged`, and what
        is appended goes into a segment of its own.

        A round that brought much leaves a large record: whoever opens the desk need not wait until it is decrypted.
        """
        with self._lock:
            damaged, self._unchecked = self._unchecked, None
            if damaged is None or self._open is None or _last_of(self._open, self._key) is not None:
                return
            damaged()
            self.close()
            self._open = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def drop_before(self, number: int) -> None:
        """Remove segments of which every record is of that transaction or an earlier one. One that is in use stays."""
        with self._lock:
            found = self.segments()
            ends = [following.first - 1 for following in found[1:]]
            ends += [_last_of(found[-1], self._key) or 0] if found else []
            for segment, end in zip(found, ends):
                if 0 < end <= number and segment != self._open:
                    with contextlib.suppress(OSError):
                        segment.path.unlink()

    def _begin(self, number: int, begun: datetime, whole: bool) -> None:
        make_folder(self.folder)
        # It comes after one of which nothing could be read, whatever the clock says now.
        torn = [one.begun for one in self.segments() if one.first == number]
        begun = max([begun, *(at + timedelta(microseconds=1) for at in torn)])
        token = os.urandom(16)
        path = self.folder / f"{number:010d}-{token.hex()[:8]}.journal"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY, 0o600)
        try:
            microseconds = max(0, int(begun.timestamp() * 1e6))
            _write_all(file, _HEADER.pack(_MAGIC, token, number, microseconds, whole))
            flush(file)
            flush_folder(self.folder)
        except OSError:
            os.close(file)
            path.unlink(missing_ok=True)
            raise
        self._file, self._open = file, Segment(path, token, number, begun, whole)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise not_written(self.folder, error.strerror) from error

    # -- reading -----------------------------------------------------------------------------------------------

    def segments(self) -> list[Segment]:
        """In the order of their transactions."""
        found = [Segment.read(path) for path in self.folder.glob("*.journal")]
        return sorted((one for one in found if one is not None), key=lambda one: (one.first, one.begun))

    def said(self) -> int | None:
        """What the newest segment's last record says in the clear is its number; None where it does not end well.

        Where that is a number wanted, `check` tells later whether the record holds. Else ask for `last`.
        """
        found = self.segments()
        told = _last_record(found[-1]) if found else None
        return None if told is None else told[0]

    def last(self) -> int | None:
        """The number of the last transaction, where the newest segment ends as it should; else None."""
        found = self.segments()
        return None if not found else _last_of(found[-1], self._key)

    def records(self, after: int = 0) -> Iterator[Record]:
        """What can be read of the transactions after that number, in order. What is damaged is passed over."""
        found = self.segments()
        for segment, following in zip(found, [*found[1:], None]):
            if following is None or following.first - 1 > after:
                for record in _records(segment, self._key):
                    if record.number > after:
                        yield record


def _sealed(key: bytes, segment: Segment, number: int, changes: Sequence[Change]) -> bytes:
    import msgspec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    told = msgspec.msgpack.encode(changes)
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, told, _place(segment, number))
    whole = _RECORD.size + len(sealed) + _TAIL.size
    return _RECORD.pack(len(sealed), number, nonce) + sealed + _TAIL.pack(whole)


def _opened(key: bytes, segment: Segment, number: int, nonce: bytes, sealed: bytes) -> Record | None:
    told = _told(key, segment, number, nonce, sealed)
    if told is None:
        return None
    return Record(number, tuple(_rows_of(told)))


def _rows_of(told: bytes) -> Iterator[Change]:
    import msgspec

    if told.startswith(_JSON):
        rows = json.loads(told.decode("utf-8", "surrogatepass"))
        yield from ((table, _bytes_again(row), gone) for table, row, gone in rows)
    else:
        yield from msgspec.msgpack.decode(told, type=list[Change])


def _told(key: bytes, segment: Segment, number: int, nonce: bytes, sealed: bytes) -> bytes | None:
    """The rows of a record; None where any of it was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(nonce, sealed, _place(segment, number))
    except InvalidTag:
        return None


def _place(segment: Segment, number: int) -> bytes:
    return segment.token + number.to_bytes(8, "big")


def _last_of(segment: Segment, key: bytes) -> int | None:
    """Its last number; None where the file was cut short, or its last record changed."""
    told = _last_record(segment)
    if told is None:
        return None
    number, nonce, sealed = told
    whole = not nonce or _told(key, segment, number, nonce, sealed) is not None
    return number if whole else None


def _last_record(segment: Segment) -> tuple[int, bytes, bytes] | None:
    """Number, nonce and sealed rows of its last record; of a segment without any the number before its first."""
    try:
        with segment.path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            if end == _HEADER.size:
                return segment.first - 1, b"", b""
            file.seek(max(_HEADER.size, end - _TAIL.size))
            (whole,) = _TAIL.unpack(file.read())
            file.seek(max(_HEADER.size, end - whole))
            length, number, nonce = _RECORD.unpack(file.read(_RECORD.size))
            sealed = file.read(length)
    except (OSError, struct.error):
        return None
    return (number, nonce, sealed) if length + _RECORD.size + _TAIL.size == whole else None


def _records(segment: Segment, key: bytes) -> Iterator[Record]:
    try:
        content = segment.path.read_bytes()
    except OSError:
        return
    at = _HEADER.size
    while at + _RECORD.size <= len(content):
        length, number, nonce = _RECORD.unpack_from(content, at)
        sealed = content[at + _RECORD.size : at + _RECORD.size + length]
        record = _opened(key, segment, number, nonce, sealed)
        if record is not None:
            yield record
        elif not _ends_there(content, at, length):
            return  # where the next one begins cannot be known
        at += _RECORD.size + length + _TAIL.size


def _ends_there(content: bytes, at: int, length: int) -> bool:
    """Whether what follows a damaged record says that one of this length ends there."""
    end = at + _RECORD.size + length
    return content[end : end + _TAIL.size] == _TAIL.pack(_RECORD.size + length + _TAIL.size)


def _bytes_again(row: dict[str, Any]) -> dict[str, Any]:
    return {name: b64decode(value["b"]) if isinstance(value, dict) else value for name, value in row.items()}


def _write_all(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]
