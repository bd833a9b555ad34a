"""The vault: sealed files on this computer, each under the SHA-256 of its sealed bytes.

::

    ab/abcdef…            a whole file, verified, never changed
    partial/abcdef…       a download under way, resumed where it stopped
    partial/….incoming    a file being sealed here

A file comes under its own name only by an atomic rename, after its bytes have reached the disk: nothing
half-written is ever taken for complete.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from assessor_desk.artifacts.downloads import Downloads
from assessor_desk.artifacts.sealed_stream import Source, new_key, seal, sealed_length
from assessor_desk.domain.errors import Damaged, NoRoom, Refused
from assessor_desk.keys.private_files import flush_folder, make_folder
from assessor_desk.places.flushing import flush

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PARTIAL = "partial"
_INCOMING = ".incoming"
#: EFBIG: what FAT32, as on sticks, says of a file beyond 4 GB, and a limit on the process of any other.
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True)
class Sealed:
    """A file that the vault sealed: SHA-256 and length of the sealed bytes, and the key that opens them."""

    digest: str
    length: int
    key: bytes


class Vault:
    """One folder of sealed files. Digests are lower-case hexadecimal; anything else is `Refused`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads = Downloads()
        #: What `mark` and others like it said when it was last looked whether everything is here.
        self.looked_over: object = None
        #: Files that were removed because their bytes had changed, until they are here again.
        self.spoilt: set[str] = set()
        self.make()

    def make(self) -> None:
        """Make the folder where it is not there (any more)."""
        make_folder(self.folder / _PARTIAL)

    @property
    def spool(self) -> Path:
        """A folder of its own for what is on its way here."""
        return self.folder / _PARTIAL

    def path(self, digest: str) -> Path:
        """Where the whole file is, or would be."""
        return self.folder / _checked(digest)[:2] / digest

    def holds(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def partial(self, digest: str) -> Path:
        """Where a download is written, from `partial_length(digest)` on; `adopt` makes it whole."""
        return self.folder / _PARTIAL / _checked(digest)

    def partial_length(self, digest: str) -> int:
        """Bytes already downloaded, 0 when none."""
        try:
            return self.partial(digest).stat().st_size
        except FileNotFoundError:
            return 0

    def mark(self) -> tuple[tuple[str, int], ...]:
        """What is another once a file has come or gone, found without looking at each of them."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self.folder) as folders:
            return tuple(sorted((each.name, each.stat().st_mtime_ns) for each in folders if each.is_dir()))
        return ()

    def adopt(self, digest: str, keep_bad: bool = False) -> None:
        """Take the download as complete. Once the file is whole, adopting it again changes nothing.

        Raises `Damaged`, and unless `keep_bad` drops the download, when its SHA-256 is not `digest`.
        """
        partial = self.partial(digest)
        if not partial.exists() and self.holds(digest):
            return
        if _sha256_of(partial) != digest:
            if not keep_bad:
                partial.unlink()
            raise Damaged(
                "The file arrived damaged: its SHA-256 is not the announced one. It is fetched anew."
            )
        self._keep(partial, digest)

    def write(self, source: Source, size: int, sha256: str = "") -> Sealed:
        """Seal `size` bytes of `source` with a key of their own.

        Raises `NoRoom` when the disk is full, `Refused` when the source holds more or fewer bytes, or others than
        those whose digest is `sha256`. Nothing is kept then.
        """
        key = new_key()
        incoming = self.folder / _PARTIAL / (secrets.token_hex(16) + _INCOMING)
        try:
            with self.refusing_a_full_disk(sealed_length(size)), _private(incoming) as target:
                plain, hashing = _HashingSource(source), _HashingTarget(target)
                seal(plain if sha256 else source, hashing, key, size)
            if sha256 and plain.digest != sha256:
                raise Refused("The source holds other bytes than were announced. Look at it again.")
            digest = hashing.digest
            self._keep(incoming, digest)
        finally:
            incoming.unlink(missing_ok=True)
        return Sealed(digest, sealed_length(size), key)

    def drop_where_spoilt(self, digest: str) -> bool:
        """Remove a whole file whose bytes are not any more what its name says; whether that was so.

        Reads all of it. One that cannot be read for another reason is left alone.
        """
        try:
            spoilt = self.holds(digest) and _sha256_of(self.path(digest)) != digest
        except OSError:
            return False
        if spoilt:
            self.spoilt.add(digest)
            with contextlib.suppress(OSError):  # open elsewhere, on Windows: the next time
                self.path(digest).unlink(missing_ok=True)
        return spoilt

    def remove(self, digest: str) -> None:
        """Forget the file and any download of it; what is not there is no fault."""
        self.path(digest).unlink(missing_ok=True)
        self.partial(digest).unlink(missing_ok=True)

    def digests(self) -> set[str]:
        """Whatever is kept or being downloaded here."""
        found = (each.name for each in self.folder.rglob("*") if each.is_file())
        return {name for name in found if _DIGEST.fullmatch(name)}

    def size_on_disk(self) -> int:
        """Bytes of all files, downloads under way among them."""
        return sum(each.stat().st_size for each in self.folder.rglob("*") if each.is_file())

    def clear_unfinished(self) -> None:
        """Remove what an interrupted `write` left behind; downloads stay, to be resumed."""
        for leftover in (self.folder / _PARTIAL).glob(f"*{_INCOMING}"):
            leftover.unlink(missing_ok=True)

    @contextlib.contextmanager
    def refusing_a_full_disk(self, needed: int) -> Iterator[None]:
        """Turn a full disk into a `NoRoom` that says how many bytes are needed; wrap downloads in it too."""
        try:
            yield
        except OSError as error:
            if error.errno not in _FULL:
                raise
            free = shutil.disk_usage(self.folder).free
            raise NoRoom(
                f"The disk is full: {_size(needed)} are needed in {self.folder}, {_size(free)} are free. "
                "Make room and try again; nothing was lost."
            ) from error

    def _keep(self, finished: Path, digest: str) -> None:
        target = self.path(digest)
        make_folder(target.parent)
        _flush_to_disk(finished)
        finished.replace(target)
        flush_folder(target.parent)
        self.spoilt.discard(digest)


class _HashingTarget:
    """Passes bytes on and keeps their SHA-256, so that a large file is not read twice."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return self._target.write(data)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


class _HashingSource:
    """Reads from a source and keeps the SHA-256 of what it gave."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size) or b""
        self._hash.update(piece)
        return piece

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _checked(digest: str) -> str:
    """A digest becomes a file name, and it comes from elsewhere."""
    if not _DIGEST.fullmatch(digest):
        raise Refused(f"“{digest}” is not a SHA-256 in lower-case hexadecimal.")
    return digest


def _private(path: Path) -> BinaryIO:
    return cast(
        "BinaryIO", os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb")
    )


_BINARY = getattr(os, "O_BINARY", 0)  # Windows alone has it, and needs it


def _sha256_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise Refused("There is no download to complete.") from error


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        flush(file.fileno())


def _size(count: int) -> str:
    for unit, bound in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= bound:
            return f"{count / bound:.1f} {unit}"
    return f"{count} bytes"
