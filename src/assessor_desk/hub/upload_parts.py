"""Where the parts of deliveries that broke off lie: in the hub's folder, or in its object store for all processes.

::

    uploads/<name>/<start>-<token>                 in a folder: one file per attempt, which grows record by record
    PREFIX/uploads/<name>/<start>-<length>-<token> in a store: an object cannot grow, so an attempt leaves several,
                                                   a megabyte each, and a shorter one where its connection broke

A part is a run of sealed records, each with its plain length and nonce before it. What of it was written counts, and
the delivery is read from its parts once all of it is there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assessor_desk.domain.errors import NoRoom

if TYPE_CHECKING:
    from assessor_desk.hub.object_store import Bucket
    from assessor_desk.hub.whereabouts import Whereabouts

FOLDER = "uploads"
RECORD = 64 * 1024
_HEAD = struct.Struct(">I12s")
_TAG = 16
#: Plain bytes of one object: few enough to be sent again, enough that few requests are made of the store.
OBJECT = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """Plain bytes `start` to `end` of a delivery; `place` is its file or object."""

    start: int
    end: int
    place: str


class Attempt(Protocol):
    """One connection that brings a delivery, or the rest of one."""

    def write(self, piece: bytes) -> None:
        """What came; kept by whole records. Raises NoRoom, or Unavailable; then no more is kept."""

    def end(self) -> None:
        """No more is coming: the last of it is kept. Raises as `write`."""


class Parts(Protocol):
    """Parts of the deliveries of one hub, each under the delivery's name."""

    def of(self, name: str) -> list[Part]:
        """All that is here of a delivery, in no order."""

    def read(self, name: str, part: Part, key: bytes) -> Iterator[bytes]:
        """Its plain records, up to the first that is not what was kept."""

    def attempt(self, name: str, start: int, key: bytes) -> Attempt:
        """Keep what comes from byte `start` on, apart from every other attempt. Raises NoRoom where there is none."""

    def forget(self, name: str) -> None:
        """Remove all of a delivery; what is not there is no fault."""

    def sweep(self, before: datetime) -> int:
        """Remove the deliveries of which nothing came since; how many."""


def seal_record(cipher: AESGCM, plain: bytes, aad: bytes) -> bytes:
    """One record: length, nonce, sealed bytes."""
    nonce = os.urandom(12)
    return _HEAD.pack(len(plain), nonce) + cipher.encrypt(nonce, plain, aad)


def _aad(name: str, start: int) -> bytes:
    return f"{name}/{start}".encode()


def _opened(read: Callable[[int], bytes], key: bytes, aad: bytes) -> Iterator[bytes]:
    cipher = AESGCM(key)
    while len(head := read(_HEAD.size)) == _HEAD.size:
        length, nonce = _HEAD.unpack(head)
        try:
            yield cipher.decrypt(nonce, read(length + _TAG), aad)
        except InvalidTag:  # the last record of a hub that was killed, or a bad disk
            return


class FolderParts:
    """Files in a folder of the hub's, which all its processes share where there are several."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, name: str) -> list[Part]:
        folder = self._folder / name
        return [
            Part(int(start), int(start) + _plain_length(path), path.name)
            for path in (folder.iterdir() if folder.is_dir() else ())
            for start in (path.name.partition("-")[0],)
            if start.isdecimal()
        ]

    def read(self, name: str, part: Part, key: bytes) -> Iterator[bytes]:
        with (self._folder / name / part.place).open("rb") as file:
            yield from _opened(file.read, key, _aad(name, part.start))

    def attempt(self, name: str, start: int, key: bytes) -> Attempt:
        folder = self._folder / name
        with _telling():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = (folder / f"{start}-{secrets.token_hex(8)}").open("xb")
        return _GrowingFile(file, AESGCM(key), _aad(name, start))

    def forget(self, name: str) -> None:
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def sweep(self, before: datetime) -> int:
        swept = 0
        for folder in self._folder.glob("*"):
            with contextlib.suppress(OSError):  # finished, and removed, at this moment
                newest = max(
                    (one.stat().st_mtime for one in folder.iterdir()), default=folder.stat().st_mtime
                )
                if datetime.fromtimestamp(newest, UTC) < before:
                    shutil.rmtree(folder)
                    swept += 1
        return swept


class _GrowingFile:
    """One attempt's file, which grows by sealed records."""

    def __init__(self, file: BinaryIO, cipher: AESGCM, aad: bytes) -> None:
        self._file, self._cipher, self._aad = file, cipher, aad
        self._pending = bytearray()
        self._full = False

    def write(self, piece: bytes) -> None:
        self._pending += piece
        while len(self._pending) >= RECORD:
            self._seal(bytes(self._pending[:RECORD]))
            del self._pending[:RECORD]

    def end(self) -> None:
        try:
            if self._pending:
                self._seal(bytes(self._pending))
        finally:
            with contextlib.suppress(OSError):  # which writes again what found no room
                self._file.close()

    def _seal(self, plain: bytes) -> None:
        if self._full:  # nothing comes after a record that is torn
            return
        self._full = True
        with _telling():
            self._file.write(seal_record(self._cipher, plain, self._aad))
            self._file.flush()
        self._full = False


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NoRoom(f"The hub cannot keep what comes in ({error.strerror})") from error


def _plain_length(path: Path) -> int:
    """Plain bytes of the whole records in a file, by their heads."""
    total = 0
    with contextlib.suppress(OSError), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, _ = _HEAD.unpack(head)
            if file.seek(length + _TAG, os.SEEK_CUR) > size:
                break
            total += length
    return total


class StoredParts:
    """Objects in the hub's store. Its names tell start and length, so that a list of them says what is here."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def of(self, name: str) -> list[Part]:
        found = []
        for one in self._bucket.under(name):
            start, _, rest = one.name.rpartition("/")[2].partition("-")
            length = rest.partition("-")[0]
            if start.isdecimal() and length.isdecimal():
                found.append(Part(int(start), int(start) + int(length), one.name))
        return found

    def read(self, name: str, part: Part, key: bytes) -> Iterator[bytes]:
        content = memoryview(self._bucket.get(part.place))
        at = 0

        def read(count: int) -> bytes:
            nonlocal at
            at += count
            return bytes(content[at - count : at])

        yield from _opened(read, key, _aad(name, part.start))

    def attempt(self, name: str, start: int, key: bytes) -> Attempt:
        return _Objects(self._bucket, name, start, AESGCM(key))

    def forget(self, name: str) -> None:
        for one in self._bucket.under(name):
            self._bucket.remove(one.name)

    def sweep(self, before: datetime) -> int:
        newest: dict[str, datetime] = {}
        for one in self._bucket.under(""):
            name = one.name.partition("/")[0]
            newest[name] = max(one.since, newest.get(name, one.since))
        old = [name for name, since in newest.items() if since < before]
        for name in old:
            self.forget(name)
        return len(old)


class _Objects:
    """One attempt's objects."""

    def __init__(self, bucket: Bucket, name: str, start: int, cipher: AESGCM) -> None:
        self._bucket, self._name, self._at, self._cipher = bucket, name, start, cipher
        self._pending = bytearray()
        self._full = False

    def write(self, piece: bytes) -> None:
        self._pending += piece
        while len(self._pending) >= OBJECT:
            self._put(bytes(self._pending[:OBJECT]))
            del self._pending[:OBJECT]

    def end(self) -> None:
        if self._pending:
            self._put(bytes(self._pending))

    def _put(self, plain: bytes) -> None:
        aad = _aad(self._name, self._at)
        sealed = b"".join(
            seal_record(self._cipher, plain[at : at + RECORD], aad) for at in range(0, len(plain), RECORD)
        )
        place = f"{self._name}/{self._at}-{len(plain)}-{secrets.token_hex(8)}"
        self._at += len(plain)
        if self._full:  # what comes after a gap is of no use
            return
        self._full = True
        self._bucket.put(place, sealed)
        self._full = False


def parts_of(folder: Path, told: Whereabouts) -> Parts:
    """Where the parts of a hub are: beside its packets, in the folder or where it was told."""
    if told.blobs is None:
        return FolderParts(folder / FOLDER)
    from assessor_desk.hub.object_store import Bucket

    return StoredParts(Bucket(told.blobs, FOLDER))
