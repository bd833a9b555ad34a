"""Where a hub is put back that lost everything: a new folder, or an empty database and a place for files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
from tests.beyond import Beyond

from assessor_desk.hub.whereabouts import KEY_FILE, keep_whereabouts, whereabouts_of


class Elsewhere:
    """Places that have nothing yet, each in the home that `like` has: its own key lies in those on servers."""

    def __init__(self, like: Path, folder: Path, beyond: Beyond | None) -> None:
        self._like, self._folder, self._beyond = like, folder, beyond
        self._made: list[Path] = []

    def named(self, name: str = "again", with_key: bool = True) -> Path:
        """One of them: a folder that is not there, or one that says where database and files are to be."""
        place = self._folder / name
        if self._beyond is not None:
            place.mkdir(mode=0o700)
            keep_whereabouts(place, self._beyond.place())
            if with_key:
                shutil.copy(self._like / KEY_FILE, place)
            self._made.append(place)
        return place

    def beside_its_files(self, name: str = "beside its files") -> Path:
        """Where a hub is put back whose database is lost and whose files are not: its own folder, or a new database."""
        if self._beyond is None:
            return self._like
        place = self.named(name)
        keep_whereabouts(place, replace(whereabouts_of(place), blobs=whereabouts_of(self._like).blobs))
        return place

    def is_empty(self, place: Path) -> bool:
        """Whether nothing was put there."""
        if self._beyond is None:
            return not place.exists()
        with psycopg.connect(whereabouts_of(place).database) as server:
            found = server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        return found == (0,)

    def forget(self) -> None:
        """Remove their databases."""
        for place in self._made if self._beyond is not None else ():
            assert self._beyond is not None
            self._beyond.forget(place)
