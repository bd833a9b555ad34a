"""Where a hub's sealed files lie: artifacts and renditions, packets, reports, case files.

Each lies under the SHA-256 of its sealed bytes, encrypted with a key of its own that the database keeps, so whoever
only has the place learns nothing. There are two homes for them, which pass the same tests: a folder (`FolderBlobs`) and
an S3-compatible store (`object_store.StoredBlobs`). Nothing else in the hub knows where a file is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from assessor_desk.artifacts.sealed_stream import SealedReader, Source, open_sealed
from assessor_desk.artifacts.vault import Sealed, Vault
from assessor_desk.hub.whereabouts import Whereabouts


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it lies there: the digest and length of its sealed bytes, and since when."""

    digest: str
    length: int
    since: datetime


class Blobs(Protocol):
    """Sealed files by digest. A digest that is none is `Refused`; a place out of reach is `Unavailable`."""

    @property
    def spool(self) -> Path:
        """A folder on this computer for what is on its way, sealed by whoever writes there."""

    def write(self, source: Source, size: int, sha256: str = "") -> Sealed:
        """Seal `size` bytes of `source` with a key of their own; under its digest only once it is whole.

        Raises `NoRoom` where there is none, `Refused` where the source holds more or fewer bytes, or others than those
        whose digest is `sha256`. Nothing is kept then.
        """

    def open(self, digest: str, key: bytes, name: str) -> SealedReader:
        """Its plain bytes, seekable. Raises `Damaged`, calling it `name`, where they are not what was sealed."""

    def holds(self, digest: str) -> bool:
        """Whether it is here."""

    def length(self, digest: str) -> int:
        """Sealed bytes, 0 where it is not here."""

    def at_hand(self, digest: str) -> AbstractContextManager[Path]:
        """The sealed file on this computer's disk, for a reader in a process of its own."""

    def address(self, digest: str) -> str:
        """Where anyone who is told may fetch it for some minutes; empty where only the hub can hand it out."""

    def remove(self, digest: str) -> None:
        """Forget it; what is not there is no fault."""

    def stored(self) -> Iterator[Stored]:
        """Whatever lies there, in no order."""

    def clear_unfinished(self, before: datetime) -> None:
        """Remove what interrupted writing left behind before that time."""


class FolderBlobs:
    """Files in a folder of the hub's, laid out as a vault."""

    def __init__(self, folder: Path) -> None:
        self._vault = Vault(folder)

    @property
    def spool(self) -> Path:
        return self._vault.spool

    def write(self, source: Source, size: int, sha256: str = "") -> Sealed:
        return self._vault.write(source, size, sha256)

    def open(self, digest: str, key: bytes, name: str) -> SealedReader:
        return open_sealed(self._vault.path(digest), key, name)

    def holds(self, digest: str) -> bool:
        return self._vault.holds(digest)

    def length(self, digest: str) -> int:
        try:
            return self._vault.path(digest).stat().st_size
        except FileNotFoundError:
            return 0

    @contextlib.contextmanager
    def at_hand(self, digest: str) -> Iterator[Path]:
        yield self._vault.path(digest)

    def address(self, digest: str) -> str:
        return ""

    def remove(self, digest: str) -> None:
        self._vault.remove(digest)

    def stored(self) -> Iterator[Stored]:
        for digest in self._vault.digests():
            with contextlib.suppress(FileNotFoundError):  # removed meanwhile, or not whole yet
                found = self._vault.path(digest).stat()
                yield Stored(digest, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def clear_unfinished(self, before: datetime) -> None:
        for leftover in self._vault.spool.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if leftover.stat().st_mtime < before.timestamp():
                    leftover.unlink()


def blobs_of(folder: Path, told: Whereabouts, room: str) -> Blobs:
    """The files that a hub keeps under the name `room`, in the folder or where it was told."""
    if told.blobs is None:
        return FolderBlobs(folder / room)
    from assessor_desk.hub.object_store import StoredBlobs

    return StoredBlobs(told.blobs, room)
