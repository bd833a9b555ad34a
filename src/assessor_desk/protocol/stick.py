"""How a folder on a stick is laid out that goes between a hub and desks without a network (docs/folder-source.md).

::

    assessor-desk.json                 whose stick it is
    for/<desk>/bundle-00000007.age     what the hub tells a desk: everything, encrypted to it and signed
    for/<desk>/files-00000007-0001.bin sealed files one after the other; the bundle says which is where, and their keys
    from/<desk>/request.json           a desk asks to be let in
    from/<desk>/letter-00000004.age    what a desk hands in, encrypted to the hub

A desk is called by a digest of its encryption key. All names are lower case and digits, so that FAT and exFAT keep
them as they are; no file is larger than `VOLUME`. Numbers only ever grow: the largest counts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.protocol.documents import canonical
from assessor_desk.protocol.stick_files import read_whole, telling_of, write_whole

VERSION = 1
MARKER, REQUEST = "assessor-desk.json", "request.json"
STICK_KIND, REQUEST_KIND = "assessor-desk stick", "assessor-desk stick request"
#: FAT keeps no file of 4 GiB; a smaller one is sooner whole.
VOLUME = 1 << 30
_FOR, _FROM = "for", "from"
_NUMBERED = re.compile(r"(bundle|letter|files)-(\d{8})(?:-(\d{4}))?\.(?:age|bin)", re.ASCII)
_DESK = re.compile(r"[0-9a-f]{24}", re.ASCII)
#: No marker and no request is larger.
_LARGEST = 64 << 10


@dataclass(frozen=True, slots=True)
class Marker:
    """Whose stick it is: the hub's identity and title; both empty where only a desk has written to it."""

    hub: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class StickRequest:
    """A desk asks to be let in by its certificate request (PKCS #10, PEM), whose common name is its encryption key.

    So the signature in the request holds for both keys, and comparing the one's words vouches for the other.
    """

    csr: str
    device: str = ""


def desk_name(recipient: str) -> str:
    """What the desk with that encryption key is called on a stick."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Stick:
    """A folder of that layout. Reading and writing raise Unavailable where the stick is gone."""

    root: Path

    @property
    def is_here(self) -> bool:
        """Whether there is a folder."""
        try:
            return self.root.is_dir()
        except OSError:  # a stick that was pulled out while it was looked at
            return False

    def for_desk(self, desk: str) -> Path:
        """Where the hub puts what is for a desk."""
        return self.root / _FOR / desk

    def from_desk(self, desk: str) -> Path:
        """Where a desk puts what is for the hub."""
        return self.root / _FROM / desk

    def desks(self) -> list[str]:
        """Every desk that has a folder here."""
        names = {path.name for way in (_FOR, _FROM) for path in _listed(self.root / way)}
        return sorted(name for name in names if _DESK.fullmatch(name))

    def has_bundles(self) -> bool:
        """Whether a hub put anything here, for whichever desk."""
        return any(self.bundles(desk) for desk in self.desks())

    def marker(self) -> Marker | None:
        """Whose it is; None where nobody marked it. Raises Refused for a newer form, Damaged for one that is cut."""
        path = self.root / MARKER
        if not _is_there(path):
            return None
        try:
            told = _document(path, STICK_KIND)
        except Damaged as error:
            raise Damaged(
                f"{path} was cut off, or is no file of this program's. Take the stick to the programme's hub, which "
                "writes it anew"
            ) from error
        return Marker(str(told.get("hub", "")), str(told.get("title", "")))

    def mark(self, marker: Marker) -> None:
        """Say whose it is, unless it says so already; what was cut off is written anew."""
        try:
            same = self.marker() == marker
        except Damaged:
            same = False
        if not same:
            _write(self.root / MARKER, STICK_KIND, asdict(marker))

    def bundles(self, desk: str) -> list[tuple[int, Path]]:
        """Bundles for a desk, the newest last."""
        return _numbered(self.for_desk(desk), "bundle")

    def letters(self, desk: str) -> list[tuple[int, Path]]:
        """A desk's letters, the newest last."""
        return _numbered(self.from_desk(desk), "letter")

    def volumes(self, desk: str) -> list[tuple[int, Path]]:
        """Files with sealed files for a desk, by the number of the bundle that they belong to."""
        return _numbered(self.for_desk(desk), "files")

    def bundle(self, desk: str, number: int) -> Path:
        """Where the bundle with that number is."""
        return self.for_desk(desk) / f"bundle-{number:08}.age"

    def letter(self, desk: str, number: int) -> Path:
        """Where the letter with that number is."""
        return self.from_desk(desk) / f"letter-{number:08}.age"

    def volume(self, desk: str, number: int, part: int) -> Path:
        """Where a bundle's sealed files are; parts count from 1."""
        return self.for_desk(desk) / f"files-{number:08}-{part:04}.bin"

    def request(self, desk: str) -> StickRequest | None:
        """A desk's request, None where there is none. Raises Refused or Damaged as `marker`."""
        path = self.from_desk(desk) / REQUEST
        if not _is_there(path):
            return None
        told = _document(path, REQUEST_KIND)
        if not isinstance(told.get("csr"), str):
            raise Damaged(f"{path} is damaged: it holds no certificate request")
        return StickRequest(told["csr"], str(told.get("device", ""))[:100])

    def ask(self, desk: str, request: StickRequest) -> None:
        """Put a request here."""
        _write(self.from_desk(desk) / REQUEST, REQUEST_KIND, asdict(request))


def _is_there(path: Path) -> bool:
    with telling_of(path, "read"):
        return path.exists()


def _listed(folder: Path) -> list[Path]:
    with telling_of(folder, "read"):
        return list(folder.iterdir()) if folder.is_dir() else []


def _numbered(folder: Path, kind: str) -> list[tuple[int, Path]]:
    return sorted(_matching(folder, kind))


def _matching(folder: Path, kind: str) -> Iterator[tuple[int, Path]]:
    for path in _listed(folder):
        found = _NUMBERED.fullmatch(path.name)
        if found is not None and found[1] == kind:
            yield int(found[2]), path


def _write(path: Path, kind: str, told: dict[str, Any]) -> None:
    write_whole(path, [canonical({"kind": kind, "version": VERSION, **told})])


def _document(path: Path, kind: str) -> dict[str, Any]:
    content = read_whole(path)
    try:
        told = json.loads(content) if len(content) <= _LARGEST else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("kind") != kind:
        raise Damaged(f"{path} is damaged, or no file of this program's")
    refuse_newer(told.get("version"), path)
    return told


def refuse_newer(version: object, path: Path) -> None:
    """Raise Refused for a form that this program does not know."""
    if version != VERSION:
        raise Refused(f"{path} is in a newer form than this program knows. Update Assessor Desk")
