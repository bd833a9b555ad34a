"""A hub's sealed files in an S3-compatible store, shared by all its processes.

::

    PREFIX/blobs/ab/abcdef…       a whole file under the SHA-256 of its sealed bytes, as in a folder
    PREFIX/incoming/…             a file being written: its digest is known only at its end
    PREFIX/uploads/…              what came of deliveries that broke off (`upload_parts`)

A file is sealed while it comes in, a few megabytes at a time, and takes its name by a copy within the store once all of
it was there and was what was announced. So nothing half-written is ever found under a digest, and nothing of it lies on
a disk of the hub's. Desks fetch from the store itself, by addresses that hold for some minutes (docs/decisions/0180).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.artifacts.sealed_stream import SealedReader, Source, new_key, seal, sealed_length, unseal
from assessor_desk.artifacts.vault import Sealed
from assessor_desk.domain.errors import Damaged, DeskError, NoRoom, Refused, Unavailable
from assessor_desk.hub.blobs import Stored

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from obstore.store import S3Store

    from assessor_desk.hub.whereabouts import ObjectStore

#: How long an address that was handed out holds: until the desk has followed it, with some for clocks that differ. A
#: download that was begun goes on after that, and one that broke off asks the hub again.
ADDRESS_LIFE = timedelta(minutes=2)
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: Held in memory while writing: one part on its way, one being filled. Stores take parts from 5 MiB on.
_PART, _PARTS_AT_ONCE = 8 << 20, 2
_READ_AHEAD = 1 << 20
#: What S3 copies in one request; a larger file could not take its name.
_LARGEST = 5 << 30
_PATIENCE = {"timeout": "60s", "connect_timeout": "10s"}
_RETRIES: dict[str, Any] = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}


class StoredBlobs:
    """Files in a bucket; `room` keeps what lies there apart from the hub's others."""

    def __init__(self, told: ObjectStore, room: str) -> None:
        self._store = _opened(told, told.endpoint)
        self._shown = _opened(told, told.public) if told.public else self._store
        self._place = told.endpoint or f"the bucket {told.bucket}"
        self._room = f"{told.prefix}/{room}".lstrip("/")

    @property
    def spool(self) -> Path:
        return Path(tempfile.gettempdir())

    def write(self, source: Source, size: int, sha256: str = "") -> Sealed:
        """As the protocol says. A file beyond 5 GiB is `Refused`: no store would copy it."""
        if sealed_length(size) > _LARGEST:
            raise Refused(
                "A file of more than 5 GiB is not taken by the hub's object store. Hand in a smaller one"
            )
        key, incoming = new_key(), f"{self._room}/incoming/{secrets.token_hex(16)}"
        plain = _Hashing(source)
        with self._telling():
            digest = self._send(plain, incoming, key, size)
            try:
                if sha256 and plain.digest != sha256:
                    raise Refused("The source holds other bytes than were announced. Look at it again.")
                self._take_the_name(incoming, digest, sealed_length(size))
            finally:
                self._forget(incoming)
        return Sealed(digest, sealed_length(size), key)

    def put_back(self, digest: str, sealed: bytes) -> None:
        """A sealed file out of a back-up, which has compared it with its digest."""
        import obstore

        with self._telling():
            obstore.put(self._store, self._name(digest), sealed)

    def open(self, digest: str, key: bytes, name: str) -> SealedReader:
        """Read by parts of a megabyte, as they are asked for."""
        import obstore

        with self._telling():
            try:
                file = obstore.open_reader(self._store, self._name(digest), buffer_size=_READ_AHEAD)
            except FileNotFoundError as error:
                raise Damaged(f"“{name}” is not in {self._place}. Restore it from a back-up") from error
            return unseal(_Reading(file, self._place), key, name)

    def holds(self, digest: str) -> bool:
        return self.length(digest) > 0

    def length(self, digest: str) -> int:
        import obstore

        with self._telling():
            try:
                return int(obstore.head(self._store, self._name(digest))["size"])
            except FileNotFoundError:
                return 0

    @contextlib.contextmanager
    def at_hand(self, digest: str) -> Iterator[Path]:
        """A copy, sealed as it is, for as long as the block lasts."""
        import obstore

        with tempfile.TemporaryDirectory(prefix="hub-") as folder:
            path = Path(folder) / digest
            with self._telling(), path.open("wb") as copy:
                try:
                    for piece in obstore.get(self._store, self._name(digest)).stream(
                        min_chunk_size=_READ_AHEAD
                    ):
                        copy.write(piece)
                except FileNotFoundError:
                    copy.truncate(0)  # which its reader calls damaged, as it does in a folder
            yield path

    def address(self, digest: str) -> str:
        import obstore

        with self._telling():
            return obstore.sign(self._shown, "GET", self._name(digest), ADDRESS_LIFE)

    def remove(self, digest: str) -> None:
        with self._telling():
            self._forget(self._name(digest))

    def stored(self) -> Iterator[Stored]:
        import obstore

        with self._telling():
            for page in obstore.list(self._store, prefix=f"{self._room}/blobs"):
                for one in page:
                    yield Stored(one["path"].rpartition("/")[2], one["size"], one["last_modified"])

    def clear_unfinished(self, before: datetime) -> None:
        import obstore

        with self._telling():
            found = obstore.list(self._store, prefix=f"{self._room}/incoming").collect()
            for one in found:
                if one["last_modified"] < before:
                    self._forget(one["path"])

    def _name(self, digest: str) -> str:
        """A digest becomes an object's name, and it comes from elsewhere."""
        if not _DIGEST.fullmatch(digest):
            raise Refused(f"“{digest}” is not a SHA-256 in lower-case hexadecimal.")
        return f"{self._room}/blobs/{digest[:2]}/{digest}"

    def _send(self, plain: _Hashing, name: str, key: bytes, size: int) -> str:
        """Seal into the store and give the digest; a writer that is not closed leaves no object."""
        import obstore

        writer = obstore.open_writer(self._store, name, buffer_size=_PART, max_concurrency=_PARTS_AT_ONCE)
        target = _HashingTarget(writer, self._place)
        seal(plain, target, key, size)
        target.close()
        return target.digest

    def _take_the_name(self, incoming: str, digest: str, length: int) -> None:
        """What the store says it has is what was sent: its own checks are over each part."""
        import obstore

        if obstore.head(self._store, incoming)["size"] != length:
            raise Unavailable(f"{self._place} kept less than it was sent. Nothing was changed; try again")
        obstore.copy(self._store, incoming, self._name(digest))

    def _forget(self, name: str) -> None:
        import obstore

        with contextlib.suppress(FileNotFoundError):
            obstore.delete(self._store, name)

    def _telling(self) -> contextlib.AbstractContextManager[None]:
        return _telling_of(self._place)


@dataclass(frozen=True, slots=True)
class Found:
    """An object by its name within its room, and since when it is there."""

    name: str
    since: datetime


class Bucket:
    """Small objects of the hub's under names of their own; `room` keeps them apart from its others."""

    def __init__(self, told: ObjectStore, room: str) -> None:
        self._store = _opened(told, told.endpoint)
        self._place = told.endpoint or f"the bucket {told.bucket}"
        self._room = f"{told.prefix}/{room}".lstrip("/")

    def under(self, name: str) -> list[Found]:
        """All whose names begin with this one and a slash; with none, all that there are."""
        import obstore

        with _telling_of(self._place):
            found = obstore.list(self._store, prefix=f"{self._room}/{name}".rstrip("/")).collect()
        return [Found(one["path"].removeprefix(f"{self._room}/"), one["last_modified"]) for one in found]

    def get(self, name: str) -> bytes:
        """Its content; nothing where it is gone."""
        import obstore

        with _telling_of(self._place):
            try:
                return bytes(obstore.get(self._store, f"{self._room}/{name}").bytes())
            except FileNotFoundError:
                return b""

    def put(self, name: str, content: bytes) -> None:
        """Write it as a whole."""
        import obstore

        with _telling_of(self._place):
            obstore.put(self._store, f"{self._room}/{name}", content)

    def remove(self, name: str) -> None:
        """Remove it; what is not there is no fault."""
        import obstore

        with _telling_of(self._place), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._store, f"{self._room}/{name}")


def _opened(told: ObjectStore, endpoint: str) -> S3Store:
    from obstore.store import S3Store

    where: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
    if told.access_key_id:
        where |= {"access_key_id": told.access_key_id, "secret_access_key": told.secret_access_key}
    # Plain http is for a store beside the hub: what lies there is sealed, and desks are never sent there by it.
    options: Any = {"allow_http": endpoint.startswith("http://"), **_PATIENCE}
    return S3Store(told.bucket, region=told.region, client_options=options, retry_config=_RETRIES, **where)  # type: ignore[arg-type]


@contextlib.contextmanager
def _telling_of(place: str) -> Iterator[None]:
    """Say in a sentence that a store cannot be reached, is full, or does not let the hub in."""
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        raise _told(place, str(error)) from error


@contextlib.contextmanager
def _telling_of_sending(place: str) -> Iterator[None]:
    """The same of what is written, where the library has one kind of error alone."""
    try:
        yield
    except OSError as error:
        raise _told(place, str(error)) from error


def _told(place: str, words: str) -> DeskError:
    """What a store's answer means, by its status and the codes that stores have for it."""
    if any(sign in words for sign in ("403 Forbidden", "401 Unauthorized")):
        # Not Refused: whoever asks the hub meanwhile is to come again, and keeps what was to be delivered.
        return Unavailable(f"{place} does not let the hub in. Check its access key, and what that may do")
    if any(sign in words for sign in ("QuotaExceeded", "StorageFull", "507 Insufficient Storage")):
        return NoRoom(f"{place} has no room. Make room and try again; nothing was lost")
    return Unavailable(f"{place} cannot be reached, or gave up. Nothing was changed; try again")


class _Hashing:
    """Reads from a source and keeps the SHA-256 of what it gave."""

    def __init__(self, source: Source) -> None:
        self._source, self._hash = source, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size) or b""
        self._hash.update(piece)
        return piece

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


class _HashingTarget:
    """Passes sealed bytes on and keeps their SHA-256."""

    def __init__(self, target: Any, place: str) -> None:
        self._target, self._place, self._hash = target, place, hashlib.sha256()

    def write(self, data: bytes, /) -> None:
        self._hash.update(data)
        with _telling_of_sending(self._place):
            self._target.write(data)

    def close(self) -> None:
        """Let the store take the last of it."""
        with _telling_of_sending(self._place):
            self._target.close()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


class _Reading(io.RawIOBase):
    """An object as a seekable file."""

    def __init__(self, file: Any, place: str) -> None:
        super().__init__()
        self._file, self._place = file, place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        with _telling_of(self._place):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        with _telling_of(self._place):
            while filled < len(view) and (piece := bytes(self._file.read(len(view) - filled))):
                view[filled : filled + len(piece)] = piece
                filled += len(piece)
        return filled

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
