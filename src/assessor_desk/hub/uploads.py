"""What came of deliveries whose connection broke: kept so that the rest alone has to be sent (docs/decisions/0188).

::

    uploads/<name>/<start>-<token>      bytes from `start` on, sealed record by record; one file per attempt

The name is a digest of who delivers what: device, kind, the delivery's own digest, and SHA-256 and length of its bytes.
Each attempt writes a file of its own, so that one whose connection hangs disturbs no other, whichever process serves
it. What is read is the longest run from the beginning. Nothing here counts for anything but saving a person's time:
the whole is hashed and judged as if it had come at once. `sweep` removes what nobody came back for.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assessor_desk.domain.errors import Damaged
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller

FOLDER = "uploads"
#: How long the rest of a delivery is waited for.
LIFE = timedelta(days=3)
#: Shorter deliveries are sent again as a whole: asking where to go on would take as long.
WORTH_KEEPING = 64 * 1024
_RECORD = 64 * 1024
_HEAD = struct.Struct(">I12s")
_TAG = 16
_KEY = "uploads key"


@dataclass(frozen=True)
class Upload:
    """What is here of one delivery. `length` and `sha256` are of its bytes as a whole."""

    folder: Path
    length: int
    key: bytes = field(repr=False)

    @property
    def kept(self) -> int:
        """Bytes from the beginning on that need not be sent again."""
        return max((end for _, _, end in self._run()), default=0)

    def read(self, count: int) -> Iterator[bytes]:
        """The first `count` bytes. Raises Damaged where they are not what was kept."""
        at = 0
        for start, path, _ in self._run():
            place = start
            for piece in self._records(start, path):
                fresh = piece[max(0, at - place) :][: count - at] if place <= at else b""
                place += len(piece)
                at += len(fresh)
                if fresh:
                    yield fresh
        if at < count:
            raise Damaged("What was kept of an unfinished upload is damaged. Send it as a whole")

    def keeping(self, pieces: Iterator[bytes], start: int) -> Iterator[bytes]:
        """Pass pieces on that begin at byte `start`, and keep them; a full disk only means that they are not kept."""
        with contextlib.ExitStack() as leaving:
            part: _Part | None = None
            with contextlib.suppress(OSError):
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                path = self.folder / f"{start}-{secrets.token_hex(8)}"
                part = _Part(leaving.enter_context(path.open("xb")), AESGCM(self.key), self._aad(start))
                leaving.callback(part.end)
            for piece in pieces:
                if part is not None:
                    part.write(piece)
                yield piece

    def forget(self) -> None:
        """It has arrived, or will not be taken: nothing of it is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _aad(self, start: int) -> bytes:
        return f"{self.folder.name}/{start}".encode()

    def _run(self) -> list[tuple[int, Path, int]]:
        """The files that together have the longest run from the beginning: where each begins, and where it ends."""
        files = [
            (int(name), path, int(name) + _plain_length(path))
            for path in (self.folder.iterdir() if self.folder.is_dir() else ())
            for name in (path.name.partition("-")[0],)
            if name.isdecimal()
        ]
        run: list[tuple[int, Path, int]] = []
        at = 0
        while further := [one for one in files if one[0] <= at < min(one[2], self.length)]:
            run.append(max(further, key=lambda one: one[2]))
            at = run[-1][2]
        return run

    def _records(self, start: int, path: Path) -> Iterator[bytes]:
        cipher = AESGCM(self.key)
        with path.open("rb") as file:
            while len(head := file.read(_HEAD.size)) == _HEAD.size:
                length, nonce = _HEAD.unpack(head)
                try:
                    yield cipher.decrypt(nonce, file.read(length + _TAG), self._aad(start))
                except InvalidTag:  # the last record of a hub that was killed, or a bad disk
                    return


class _Part:
    """One attempt's file, which grows by sealed records."""

    def __init__(self, file: BinaryIO, cipher: AESGCM, aad: bytes) -> None:
        self._file, self._cipher, self._aad = file, cipher, aad
        self._pending = bytearray()
        self._full = False

    def write(self, piece: bytes) -> None:
        self._pending += piece
        while len(self._pending) >= _RECORD:
            self._seal(bytes(self._pending[:_RECORD]))
            del self._pending[:_RECORD]

    def end(self) -> None:
        if self._pending:
            self._seal(bytes(self._pending))

    def _seal(self, plain: bytes) -> None:
        nonce = os.urandom(12)
        sealed = _HEAD.pack(len(plain), nonce) + self._cipher.encrypt(nonce, plain, self._aad)
        try:
            if not self._full:
                self._file.write(sealed)
                self._file.flush()
        except OSError:
            self._full = True


def upload_of(hub: Hub, caller: Caller, kind: str, digest: str, length: int, sha256: str) -> Upload:
    """The delivery of `length` bytes with that SHA-256 by a device; there may be nothing of it here."""
    told = "\n".join((caller.device, kind, digest, str(length), sha256))
    name = hashlib.sha256(told.encode()).hexdigest()
    return Upload(hub.folder / FOLDER / name, length, _key(hub))


def sweep(hub: Hub, now: datetime, life: timedelta = LIFE) -> int:
    """Remove the uploads that nobody has gone on with for so long; how many."""
    swept = 0
    for folder in (hub.folder / FOLDER).glob("*"):
        with contextlib.suppress(OSError):  # finished, and removed, at this moment
            newest = max((one.stat().st_mtime for one in folder.iterdir()), default=folder.stat().st_mtime)
            if now - datetime.fromtimestamp(newest, UTC) > life:
                shutil.rmtree(folder)
                swept += 1
    return swept


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


def _key(hub: Hub) -> bytes:
    """What unfinished uploads are sealed with; made with the first one."""
    query = sa.select(t.facts.c.value).where(t.facts.c.name == _KEY)
    with hub.database.reading() as view:
        known = view.execute(query).scalar()
    if known is None:
        with hub.database.writing() as work:
            if work.execute(query).scalar() is None:
                work.execute(sa.insert(t.facts).values(name=_KEY, value=secrets.token_hex(32)))
            known = work.execute(query).scalar()
    return bytes.fromhex(str(known))
