"""The hub's own papers, which are neither rows nor sealed files: keys, certificates and lists of its authority, the
trust list, what it publishes beside badges, its look.

They are files in the hub's folder, written whole or not at all. A hub with its database on a server keeps them there
too, sealed by the hub's key, and the folder of each process is a working copy: brought up to date before whoever takes
a turn over the papers looks at them, and given back at its end. So processes on different machines share them, and a
container may begin with an empty folder (docs/decisions/0182).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from filelock import FileLock

from assessor_desk.hub import tables as t
from assessor_desk.hub.database import Database
from assessor_desk.hub.whereabouts import WHEREABOUTS_FILE
from assessor_desk.keys.file_turns import PATIENCE, busy, having
from assessor_desk.keys.private_files import write_privately

_AUTHORITY = "authority"
_ENDINGS = {".json", ".p7s", ".pem", ".png", ".svg", ".yaml"}
_NOT_SHARED = {".lock", ".unfinished"}
_VERSIONS = sa.select(t.papers.c.name, t.papers.c.version)


class Papers(Protocol):
    """What a hub has its papers from."""

    @property
    def authority_turns(self) -> Callable[[str], AbstractContextManager[Any]] | None:
        """Turns over the authority's own files, where they are taken elsewhere than on locks beside them."""

    def turn(self, name: str) -> AbstractContextManager[None]:
        """To be alone, among all processes of the hub, with what `name` stands for; never within itself."""

    def refresh(self) -> None:
        """Let the folder have what another process changed."""

    def glance(self) -> None:
        """As `refresh`, unless a turn is under way here, whose beginning does the same: for each request."""


class OwnPapers:
    """Files in a folder that all processes of the hub share."""

    authority_turns = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """A lock on a file beside them."""
        with having(FileLock(self._folder / f"{name}.lock"), PATIENCE, str(self._folder)):
            yield

    def refresh(self) -> None:
        """Nothing: what another process changed is there."""

    def glance(self) -> None:
        """Nothing, too."""


class SharedPapers:
    """A folder that is this process's working copy of what the database has."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder, self._database = folder, database
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock, self._beside = threading.RLock(), FileLock(folder / "papers.lock", thread_local=False)
        #: By name: the version in the table that the file came from, and how the file looked then.
        self._known: dict[str, tuple[str, tuple[int, int, int]]] = {}
        self.authority_turns: Callable[[str], AbstractContextManager[Any]] = self.turn

    @contextlib.contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """What was written is given to all even where the turn ends in an error: it counts, as in a shared folder."""
        with self._alone(), self._database.turn(f"papers {name}", PATIENCE):
            self.refresh()
            try:
                yield
            finally:
                self._give()

    def refresh(self) -> None:
        """One question; files are written where the table has another version than this process saw last."""
        with self._alone(), self._database.reading() as view:
            versions = dict(view.execute(_VERSIONS).all())
            news = [name for name, version in versions.items() if self._version(name) != version]
            rows = view.execute(sa.select(t.papers).where(t.papers.c.name.in_(news))).all() if news else []
            for row in rows:
                self._write(row.name, row.version, row.content, row.written_at)
            for name in self._known.keys() - versions.keys():
                (self._folder / name).unlink(missing_ok=True)
                del self._known[name]

    def glance(self) -> None:
        """Nobody waits here for a turn that waits for another computer."""
        if self._lock.acquire(blocking=False):
            try:
                with self._database.looking() as view:
                    versions = dict(view.execute(_VERSIONS).all())
                if versions != {name: version for name, (version, _) in self._known.items()}:
                    self.refresh()
            finally:
                self._lock.release()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes into the folder meanwhile: nor does another process that was given the same one.

        Else what one has written and not yet given could be overwritten by what another just fetched.
        """
        give_up = time.monotonic() + PATIENCE
        if not self._lock.acquire(timeout=PATIENCE):
            raise busy(str(self._folder))
        try:
            with having(self._beside, max(0.0, give_up - time.monotonic()), str(self._folder)):
                yield
        finally:
            self._lock.release()

    def _version(self, name: str) -> str:
        return self._known[name][0] if name in self._known else ""

    def _write(self, name: str, version: str, content: bytes, written: datetime) -> None:
        path = self._folder / name
        write_privately(path, content)
        os.utime(path, (written.timestamp(), written.timestamp()))  # the age of a paper is looked at
        self._known[name] = version, _looks(path)

    def _give(self) -> None:
        """Put into the table what differs from what came out of it."""
        changed = {name: path for name, path in self._files() if self._looked(name) != _looks(path)}
        gone = [name for name in self._known if not (self._folder / name).exists()]
        if not changed and not gone:
            return
        given = {
            name: (secrets.token_hex(8), _looks(path), path.read_bytes()) for name, path in changed.items()
        }
        with self._database.writing() as work:
            work.execute(sa.delete(t.papers).where(t.papers.c.name.in_([*given, *gone])))
            for name, (version, looks, content) in given.items():
                at = datetime.fromtimestamp(looks[1] / 1e9, UTC)
                row = {"name": name, "version": version, "content": content, "written_at": at}
                work.execute(sa.insert(t.papers).values(**row))
        self._known |= {name: (version, looks) for name, (version, looks, _) in given.items()}
        for name in gone:
            del self._known[name]

    def _looked(self, name: str) -> tuple[int, int, int] | None:
        return self._known[name][1] if name in self._known else None

    def _files(self) -> Iterator[tuple[str, Path]]:
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.suffix in _ENDINGS and path.name != WHEREABOUTS_FILE:
                yield path.name, path
        authority = self._folder / _AUTHORITY
        for path in authority.iterdir() if authority.is_dir() else ():
            if path.is_file() and path.suffix not in _NOT_SHARED:
                yield f"{_AUTHORITY}/{path.name}", path


def papers_of(folder: Path, database: Database) -> Papers:
    """The papers of the hub in `folder`, shared by its database where that is on a server."""
    return SharedPapers(folder, database) if database.shares_papers else OwnPapers(folder)


def _looks(path: Path) -> tuple[int, int, int]:
    """What is another once a file was replaced by another."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
