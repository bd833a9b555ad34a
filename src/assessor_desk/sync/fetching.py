"""The bytes of one artifact, from a source into the vault: gone on with where they stopped, counted, checked, kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assessor_desk.artifacts.downloads import GivenUp
from assessor_desk.artifacts.sealed_stream import CHUNK, HEADER_LENGTH, unsound
from assessor_desk.domain.errors import Damaged
from assessor_desk.protocol.streams import PieceReader

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Sealed, Vault
    from assessor_desk.domain.changes import Blob
    from assessor_desk.sync.source import Source

#: A file of which no more than this part is bad is mended, and else fetched anew.
_WORTH_MENDING = 4

#: How many bytes are here; raises whatever is to end the download.
Told = Callable[[int], None]


@dataclass(frozen=True)
class Fetching:
    """Takes files from one source. Raises what `Source.fetch` does, and `NoRoom` for a full disk."""

    source: Source
    vault: Vault

    def fetch(self, blob: Blob, told: Told) -> bool:
        """Download a sealed file unless it is here; False where somebody else is downloading it already.

        Raises `GivenUp` where it is not wanted any more.
        """
        if self.vault.holds(blob.digest):
            return True
        with self.vault.downloads.one(blob.digest) as given_up:
            if given_up is None:
                return False
            self._download_and_adopt(blob, heeding(given_up, told))
        return True

    def fetch_plain(self, blob: Blob, told: Told) -> Sealed:
        """From a source of plain files: sealed as the bytes come in, so that none reach the disk in the open."""
        told(0)
        pieces = _counted(self.source.fetch(blob, 0), told, 0)
        return self.vault.write(PieceReader(pieces), blob.length)

    def _download_and_adopt(self, blob: Blob, told: Told) -> None:
        self._download(blob, told)
        try:
            self.vault.adopt(blob.digest, keep_bad=True)
        except Damaged:
            self._drop_bad_parts(blob, told)
            self._download(blob, told)
            self.vault.adopt(blob.digest)

    def _drop_bad_parts(self, blob: Blob, told: Told) -> None:
        """Fetch the bad chunks anew; where that is most of the file, or cannot be told, all of it is dropped."""
        bad = self._bad_parts(blob)
        if bad is None and blob.key:
            self._mend(blob, [(0, min(HEADER_LENGTH, blob.length))], told)
            bad = self._bad_parts(blob)
        if not bad and bad is not None:
            return
        if bad is None or sum(length for _, length in bad) > blob.length // _WORTH_MENDING + CHUNK:
            self.vault.partial(blob.digest).unlink()
            return
        self._mend(blob, bad, told)

    def _bad_parts(self, blob: Blob) -> list[tuple[int, int]] | None:
        """None where it cannot be told, as where the beginning itself is bad, on which all the rest depends."""
        try:
            bad = unsound(self.vault.partial(blob.digest), blob.key) if blob.key else None
        except Damaged:
            return None
        return None if bad and sum(length for _, length in bad) >= blob.length - HEADER_LENGTH else bad

    def _mend(self, blob: Blob, parts: list[tuple[int, int]], told: Told) -> None:
        with self.vault.partial(blob.digest).open("rb+") as file:
            for offset, length in parts:
                file.seek(offset)
                for piece in self.source.fetch(blob, offset, offset + length):
                    file.write(piece)
                    told(blob.length)

    def _download(self, blob: Blob, told: Told) -> None:
        """Go on where an earlier download stopped."""
        partial = self.vault.partial(blob.digest)
        offset = self.vault.partial_length(blob.digest)
        if offset > blob.length:
            partial.unlink()
            offset = 0
        if offset == blob.length:
            return
        told(offset)
        pieces = self.source.fetch(blob, offset)
        with self.vault.refusing_a_full_disk(blob.length - offset), partial.open("ab") as file:
            for piece in _counted(pieces, told, offset):
                file.write(piece)


def heeding(given_up: threading.Event, told: Told) -> Told:
    """As `told`, and ends the download once `given_up` is set."""

    def tell(here: int) -> None:
        told(here)
        if given_up.is_set():
            raise GivenUp

    return tell


def _counted(pieces: Iterator[bytes], told: Told, offset: int) -> Iterator[bytes]:
    here = offset
    for piece in pieces:
        yield piece
        here += len(piece)
        told(here)
