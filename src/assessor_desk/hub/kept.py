"""How a back-up of a hub lies on a disk, and reading one.

In a folder, which may hold many, the sealed files are shared: each is there once, whichever back-ups have it::

    files/ab/abcdef…              artifacts, packets, reports, case files, under the SHA-256 of their sealed bytes
    hub-20260531T120000Z/         one back-up
        hub.db  hub.key           the database as of one moment, encrypted as it is, and its key
        authority/…  trust.pem …  the hub's own papers
        secrets.json              instead of hub.key and authority/, where a passphrase was given: both, wrapped
        manifest.json             what all of this must be: names, lengths, SHA-256; and which sealed files go with it
        manifest.sha256           the manifest's own SHA-256, written last

As one file it is a ZIP, not compressed, with the same content. A back-up without its `manifest.sha256` was not
finished.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from assessor_desk.domain.errors import Damaged, Refused

FORMAT = "assessor-desk hub back-up 1"
MANIFEST, MANIFEST_DIGEST = "manifest.json", "manifest.sha256"
SECRETS = "secrets.json"
FILES = "files"
ONE_FILE = ".zip"
_NAME = re.compile(r"hub-\d{8}T\d{6}Z(-\d+)?")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a back-up says of itself. `files` and `sealed`: name or digest → (SHA-256 or nothing, bytes)."""

    name: str
    made_at: datetime
    title: str
    programme: str
    identity: str
    version: str
    audit: str
    files: Mapping[str, tuple[str, int]]
    #: Artifacts with their lengths; then whatever people delivered or the issuer sealed.
    blobs: Mapping[str, int]
    packets: Mapping[str, int]
    #: Sealed files that the hub names and did not have any more, or not as they were: the back-up is without them.
    missing: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """As it is kept."""
        told = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(told, ensure_ascii=False, indent=1).encode()

    @classmethod
    def parse(cls, content: bytes, place: str) -> Manifest:
        """Raises Refused for a later format, Damaged for no manifest."""
        try:
            told: dict[str, Any] = json.loads(content)
            if told.pop("format") != FORMAT:
                raise Refused(f"{place} was made by a newer Assessor Desk. Update this one to restore it")
            told["made_at"] = datetime.fromisoformat(told["made_at"])
            told["files"] = {name: (digest, length) for name, (digest, length) in told["files"].items()}
            return cls(**{**told, "missing": tuple(told["missing"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Damaged(f"{MANIFEST} of {place} is damaged. Restore another back-up") from error


class Kept:
    """One back-up, open for reading."""

    def __init__(self, place: Path, name: str, archive: zipfile.ZipFile | None = None) -> None:
        self._place, self._name, self._archive = place, name, archive
        content = self.read(MANIFEST)
        if (
            hashlib.sha256(content).hexdigest()
            != self.read(MANIFEST_DIGEST).decode("ascii", "replace").strip()
        ):
            raise Damaged(f"{MANIFEST} of {self} is damaged. Restore another back-up")
        self.manifest = Manifest.parse(content, str(self))

    def __str__(self) -> str:
        return str(self._place if self._archive else self._place / self._name)

    def read(self, name: str) -> bytes:
        """One of its files as a whole."""
        with self.open(name) as file:
            return file.read()

    def open(self, name: str) -> IO[bytes]:
        """One of its files. Raises Damaged where it is not there."""
        return self._open(f"{self._name}/{name}")

    def open_sealed(self, digest: str) -> IO[bytes]:
        """A sealed file. Raises Damaged where it is not there."""
        return self._open(sealed_name(digest))

    def verify(self) -> int:
        """Read everything. Returns how many bytes; raises Damaged naming the first file that is not what it was."""
        total = 0
        for name, (digest, length) in self.manifest.files.items():
            with self.open(name) as file:
                total += _same(file, digest, length, f"{name} of {self}")
        for digest, length in {**self.manifest.blobs, **self.manifest.packets}.items():
            with self.open_sealed(digest) as file:
                total += _same(file, digest, length, f"{sealed_name(digest)} in {self._place}")
        return total

    def _open(self, name: str) -> IO[bytes]:
        try:
            if self._archive is not None:
                return self._archive.open(name)
            return (self._place / name).open("rb")
        except (KeyError, FileNotFoundError) as error:
            raise Damaged(f"{name} is missing from {self._place}. Restore another back-up") from error
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise Damaged(f"{name} in {self._place} cannot be read. Restore another back-up") from error


def sealed_name(digest: str) -> str:
    """Where a sealed file lies among the back-ups of a folder."""
    return f"{FILES}/{digest[:2]}/{digest}"


def free_name(folder: Path, made_at: datetime) -> str:
    """A name for a back-up made now that the folder has none of yet."""
    name = f"hub-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next(each for each in names if not (folder / each).exists())


def names_in(folder: Path) -> list[str]:
    """The finished back-ups in a folder, oldest first."""
    found = (each.name for each in folder.iterdir() if _NAME.fullmatch(each.name)) if folder.is_dir() else ()
    return sorted(name for name in found if (folder / name / MANIFEST_DIGEST).is_file())


@contextlib.contextmanager
def opened(place: Path) -> Iterator[Kept]:
    """The back-up in a file, the newest in a folder, or one of a folder's by its own name.

    Raises Refused where there is none, Damaged where it cannot be read.
    """
    if place.is_file():
        with _archive(place) as archive:
            yield Kept(place, _name_in(archive, place), archive)
    elif _NAME.fullmatch(place.name) and (place / MANIFEST).is_file():
        yield Kept(place.parent, place.name)
    else:
        names = names_in(place)
        if not names:
            raise Refused(f"{place} holds no back-up of a hub")
        yield Kept(place, names[-1])


def _archive(place: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(place)
    except (zipfile.BadZipFile, OSError) as error:
        raise Damaged(f"{place} is no back-up of a hub, or it is damaged. Restore another") from error


def _name_in(archive: zipfile.ZipFile, place: Path) -> str:
    names = [name for name in archive.namelist() if name.endswith(f"/{MANIFEST_DIGEST}")]
    if len(names) != 1:
        raise Damaged(f"{place} is no back-up of a hub, or it was not finished. Restore another")
    return names[0].partition("/")[0]


def _same(file: IO[bytes], digest: str, length: int, what: str) -> int:
    hashed, total = hashlib.sha256(), 0
    try:
        while piece := file.read(_PIECE):
            hashed.update(piece)
            total += len(piece)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise Damaged(f"{what} cannot be read. Nothing was restored; restore another back-up") from error
    if hashed.hexdigest() != digest or total != length:
        raise Damaged(f"{what} is damaged. Nothing was restored; restore another back-up")
    return total
