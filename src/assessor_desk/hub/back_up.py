"""Backing a hub up while it serves: one consistent copy of the database, and the sealed files that it names.

The database is copied first, as of one moment. Whatever it names was written before it was named, so the files are all
there, and nothing removes one meanwhile: whoever does waits (`sweeping.KEEPING`). In a folder that has earlier back-ups
only new files are copied. What was written is read again before the back-up counts (docs/decisions/0173).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import sqlalchemy as sa
from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Damaged, NoRoom, Refused, Unavailable
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, head_of, note
from assessor_desk.hub.blobs import Blobs, FolderBlobs
from assessor_desk.hub.database import NEWEST
from assessor_desk.hub.database_file import DATABASE_FILE, FileHome
from assessor_desk.hub.endings_kept import keep_endings
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.kept import (
    FILES,
    MANIFEST,
    MANIFEST_DIGEST,
    ONE_FILE,
    SECRETS,
    Kept,
    Manifest,
    free_name,
    names_in,
    opened,
    sealed_name,
)
from assessor_desk.hub.server_back_up import DUMP, dump, is_on_servers
from assessor_desk.hub.sweeping import KEEPING
from assessor_desk.hub.whereabouts import KEY_FILE, key_of, whereabouts_of
from assessor_desk.keys.envelope import unwrap, wrap
from assessor_desk.keys.private_files import flush_folder
from assessor_desk.places.flushing import flush

_UNFINISHED = ".unfinished-"
_PIECE = 1 << 20
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_KEPT = re.compile(r"hub(-.*)?\.db(-.*)?|.*\.lock|.*\.unfinished|\..*")
#: What a database names: files of artifacts, of what was delivered; the end of its audit log; how much of what.
_Named = tuple[list[str], list[str], str, dict[str, int]]
#: The tables whose rows are counted for whoever restores.
_COUNTED = (
    t.people,
    t.devices,
    t.submissions,
    t.artifacts,
    t.assignments,
    t.packets,
    t.decisions,
    t.releases,
)


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A back-up that was made: `place` is its file or folder, `new` and `new_bytes` the sealed files copied for it.

    `missing` are sealed files that the hub names and does not have as they were.
    """

    place: Path
    manifest: Manifest
    new: int
    new_bytes: int
    removed: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        return self.manifest.missing


def back_up(
    hub: Hub, target: Path, passphrase: str | None = None, *, keep: int = 0, link: bool = False
) -> BackedUp:
    """Back `hub` up into the folder `target`, or into one file where its name ends in “.zip”.

    With a `passphrase` what opens the database and signs for the programme is wrapped by it. `keep` removes all but so
    many of the folder's back-ups once this one is whole; `link` lets files of the same disk be one. Raises Refused
    where there is such a file; NoRoom and Unavailable for the disk, and for servers. Nothing counts then, and what was
    there stays.
    """
    is_on_servers(whereabouts_of(hub.folder))
    one_file = target.suffix == ONE_FILE
    with telling_of_room(target), hub.database.turn(KEEPING):
        _refuse_in_the_way(hub, target, one_file)
        folder = target.parent if one_file else target
        name = free_name(folder, hub.clock())
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = f"{_UNFINISHED}{hashlib.sha256(hub.identity.encode()).hexdigest()[:8]}-"
        _clear_unfinished(folder, own)
        work = folder / f"{own}{secrets.token_hex(4)}"
        work.mkdir(mode=0o700)
        try:
            shelf = _OneFile(work / "back-up", name) if one_file else _Shelf(target, work, link)
            manifest = _Making(hub, shelf, work, name, passphrase).make()
            place = shelf.finish(target, name)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        removed = () if one_file or not keep else _remove_old(target, keep)
    keep_endings(hub)
    note(hub, Line(Act.BACKED_UP, manifest.name, detail=manifest.audit))
    return BackedUp(place, manifest, shelf.new, shelf.new_bytes, removed)


class _Target(Protocol):
    """Where a back-up is written."""

    new: int
    new_bytes: int

    def add(self, name: str, content: BinaryIO) -> tuple[str, int]:
        """Write a file of this back-up; its SHA-256 and length."""

    def add_sealed(self, digest: str, source: Path) -> int:
        """Have a sealed file; its length. Raises Damaged where it is not what its name says."""

    def has(self, digest: str) -> int:
        """The length of a sealed file that an earlier back-up brought here; 0 where it has to be fetched."""

    def finish(self, target: Path, name: str) -> Path:
        """Make it count, once it was read again; where it is."""


class _Making:
    """One back-up under way."""

    def __init__(self, hub: Hub, shelf: _Target, work: Path, name: str, passphrase: str | None) -> None:
        self._hub, self._shelf, self._work = hub, shelf, work
        self._name, self._passphrase = name, passphrase
        self._files: dict[str, tuple[str, int]] = {}
        self._missing: list[str] = []

    def make(self) -> Manifest:
        """Everything, the manifest last."""
        made_at = self._hub.clock()
        copy = self._work / "copy"
        copy.mkdir(mode=0o700)
        name, (blobs, packets, head, counts) = self._copy_database(copy)
        with (copy / name).open("rb") as database:
            self._files[name] = self._shelf.add(name, database)
        self._add_papers()
        manifest = Manifest(
            name=self._name,
            made_at=made_at,
            title=self._hub.title,
            programme=self._hub.programme,
            identity=self._hub.identity,
            version=NEWEST,
            audit=head,
            files=self._files,
            blobs=self._sealed(self._hub.blobs, blobs),
            packets=self._sealed(self._hub.packets, packets),
            missing=tuple(self._missing),
            counts=counts,
        )
        content = manifest.encoded()
        self._shelf.add(MANIFEST, io.BytesIO(content))
        self._shelf.add(MANIFEST_DIGEST, io.BytesIO(hashlib.sha256(content).hexdigest().encode()))
        return manifest

    def _copy_database(self, copy: Path) -> tuple[str, _Named]:
        """The database as of one moment, and what it names then."""
        home = self._hub.database.home
        if isinstance(home, FileHome):
            home.copy_to(copy / DATABASE_FILE)
            return DATABASE_FILE, _looked_into(copy, key_of(self._hub.folder))
        with self._hub.database.reading() as view:
            dump(whereabouts_of(self._hub.folder).database, view, copy / DUMP)
            return DUMP, _named_in(view)

    def _add_papers(self) -> None:
        """The small files; on a server they are in the database, but for the key, which is wrapped or not there."""
        secret: dict[str, bytes] = {}
        plain: dict[str, bytes] = {}
        if self._hub.database.shares_papers:
            if self._passphrase is None:
                return
            secret[KEY_FILE] = key_of(self._hub.folder).encode()
        for name, path in () if self._hub.database.shares_papers else _papers(self._hub):
            guarded = name == KEY_FILE or name.startswith("authority/")
            (secret if guarded else plain)[name] = path.read_bytes()
        if self._passphrase is not None:
            plain[SECRETS] = json.dumps(wrap(packed(secret), self._passphrase)).encode()
        else:
            plain |= secret
        for name, content in plain.items():
            self._files[name] = self._shelf.add(name, io.BytesIO(content))

    def _sealed(self, place: Blobs, digests: Iterable[str]) -> dict[str, int]:
        lengths = {}
        for digest in digests:
            if not isinstance(place, FolderBlobs) and (length := self._shelf.has(digest)):
                lengths[digest] = length
                continue
            try:
                with place.at_hand(digest) as path:
                    lengths[digest] = self._shelf.add_sealed(digest, path)
            except (FileNotFoundError, Damaged):
                self._missing.append(digest)
        return lengths


def _papers(hub: Hub) -> Iterator[tuple[str, Path]]:
    """The hub's small files. `revoked.json` comes last: lists made meanwhile then hold no revocation that it lacks."""
    for path in sorted(hub.folder.iterdir()):
        if path.is_file() and not _NOT_KEPT.fullmatch(path.name):
            yield path.name, path
    inside = [path for path in hub.authority.folder.iterdir() if path.is_file()]
    for path in sorted(
        inside, key=lambda path: (path.name != "authority.json", path.name == "revoked.json", path)
    ):
        if not _NOT_KEPT.fullmatch(path.name):
            yield f"authority/{path.name}", path


def unpacked(kept: Kept, passphrase: str) -> dict[str, bytes]:
    """What `packed` and a passphrase closed. Raises Refused for another one, Damaged for what does not open."""
    try:
        content = unwrap(json.loads(kept.read(SECRETS)), passphrase)
    except ValueError as error:
        raise Damaged(f"{SECRETS} of {kept} is damaged. Restore another back-up") from error
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: dict[str, bytes]) -> bytes:
    """Several files as one."""
    packing = io.BytesIO()
    with zipfile.ZipFile(packing, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return packing.getvalue()


def _looked_into(folder: Path, key: str) -> _Named:
    """What the copied database names."""
    home = FileHome(folder, key)
    try:
        with home.reading() as view:
            return _named_in(view)
    finally:
        home.engine.dispose()


def _named_in(view: sa.Connection) -> _Named:
    """Files of artifacts, and of what was delivered; where the audit log ends; how much of what there is."""
    blobs = list(view.execute(sa.select(t.blobs.c.digest)).scalars())
    files = (sa.select(own.c.file).where(own.c.file != "") for own in (t.packets, t.releases, t.awards))
    packets = list(dict.fromkeys(one for query in files for one in view.execute(query).scalars()))
    counts = {
        table.name: int(view.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        for table in _COUNTED
    }
    return blobs, packets, str(head_of(view)), counts


class _Shelf:
    """A folder of back-ups that share their sealed files."""

    def __init__(self, folder: Path, work: Path, link: bool) -> None:
        self._folder, self._own, self._link = folder, work / "own", link
        self._written: list[tuple[Path, str]] = []
        self.new = self.new_bytes = 0

    def add(self, name: str, content: BinaryIO) -> tuple[str, int]:
        path = self._own / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, length = _write(path, content)
        self._written.append((path, digest))
        return digest, length

    def add_sealed(self, digest: str, source: Path) -> int:
        path, length = self._folder / sealed_name(digest), source.stat().st_size
        if path.is_file() and path.stat().st_size == length:
            return length
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._own.parent / digest
        if not (self._link and _linked(source, beside)):
            with source.open("rb") as content:
                _write(beside, content)
        if _digest_of(beside) != digest:
            beside.unlink()
            raise Damaged(f"{digest} is not what it was")
        beside.replace(path)
        flush_folder(path.parent)
        self.new, self.new_bytes = self.new + 1, self.new_bytes + length
        return length

    def has(self, digest: str) -> int:
        path = self._folder / sealed_name(digest)
        return path.stat().st_size if path.is_file() else 0

    def finish(self, target: Path, name: str) -> Path:
        for path, digest in self._written:
            if _digest_of(path) != digest:
                raise Damaged(f"{path.name} could not be read back as it was written. Try another disk")
        for folder in {path.parent for path, _ in self._written}:
            flush_folder(folder)
        self._own.replace(target / name)
        flush_folder(target)
        return target / name


class _OneFile:
    """A ZIP with one back-up in it."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._archive = zipfile.ZipFile(path, "x", allowZip64=True)
        self._has: set[str] = set()
        self.new = self.new_bytes = 0

    def add(self, name: str, content: BinaryIO) -> tuple[str, int]:
        return self._put(f"{self._name}/{name}", content)

    def add_sealed(self, digest: str, source: Path) -> int:
        if _digest_of(source) != digest:
            raise Damaged(f"{digest} is not what it was")
        length = source.stat().st_size
        if digest not in self._has:
            with source.open("rb") as content:
                self._put(sealed_name(digest), content)
            self._has.add(digest)
            self.new, self.new_bytes = self.new + 1, self.new_bytes + length
        return length

    def has(self, digest: str) -> int:
        return 0

    def finish(self, target: Path, name: str) -> Path:
        self._archive.close()
        with self._path.open("rb+") as file:
            flush(file.fileno())
        with opened(self._path) as kept:
            kept.verify()
        self._path.replace(target)
        flush_folder(target.parent)
        return target

    def _put(self, name: str, content: BinaryIO) -> tuple[str, int]:
        hashed, total = hashlib.sha256(), 0
        with self._archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
            while piece := content.read(_PIECE):
                hashed.update(piece)
                total += file.write(piece)
        return hashed.hexdigest(), total


def _write(path: Path, content: BinaryIO) -> tuple[str, int]:
    """Write a file for its owner's eyes, on the disk when this returns."""
    hashed, total = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb") as file:
        while piece := content.read(_PIECE):
            hashed.update(piece)
            total += file.write(piece)
        file.flush()
        flush(file.fileno())
    return hashed.hexdigest(), total


_BINARY = getattr(os, "O_BINARY", 0)  # Windows alone has it, and needs it


def _linked(source: Path, path: Path) -> bool:
    try:
        path.hardlink_to(source)
    except OSError:  # another disk, or one that knows no links
        return False
    return True


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_in_the_way(hub: Hub, target: Path, one_file: bool) -> None:
    if target.resolve().is_relative_to(hub.folder.resolve()):
        raise Refused("A back-up belongs outside the hub's folder, best on another disk. Name another place")
    if one_file and target.exists():
        raise Refused(f"{target} is there already. Name a new file, or a folder, which keeps several")
    if not one_file and target.exists() and not target.is_dir():
        raise Refused(f"{target} is a file. Name a folder, or a new file that ends in {ONE_FILE}")
    if (
        not one_file
        and (names := names_in(target))
        and Kept(target, names[-1]).manifest.identity != hub.identity
    ):
        raise Refused(f"{target} has back-ups of another hub. Name a folder of its own for each")


def _clear_unfinished(folder: Path, own: str) -> None:
    """What a back-up of this hub that was killed left behind; the turn says that none is under way."""
    for leftover in folder.glob(f"{own}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _remove_old(folder: Path, keep: int) -> tuple[str, ...]:
    """All but the newest, and the sealed files that none of those left has."""
    names = names_in(folder)
    gone = tuple(names[:-keep])
    for name in gone:
        (folder / name / MANIFEST_DIGEST).unlink()  # first: without it no one takes what is left for whole
        shutil.rmtree(folder / name)
    if gone:
        used: set[str] = set()
        for name in names_in(folder):
            manifest = Kept(folder, name).manifest
            used |= {*manifest.blobs, *manifest.packets}
        for path in (folder / FILES).glob("*/*"):
            if path.name not in used:
                path.unlink()
    return gone


@contextlib.contextmanager
def telling_of_room(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(
                f"There is no room in {target}. What was there before is untouched; make room and try again"
            ) from error
        raise Unavailable(f"{target} cannot be written ({error.strerror}). Name another place") from error
    except (sa.exc.DatabaseError, sqlcipher.DatabaseError) as error:
        if "full" in str(error):
            raise NoRoom(
                f"There is no room in {target}. What was there before is untouched; make room and try again"
            ) from error
        raise
