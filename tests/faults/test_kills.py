"""A desk that types, syncs and seals is killed, or its disk is full, at any instant: nothing acknowledged is lost.

Without a window, so that there can be many; with one: tests/journey/test_kill_at_any_moment.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.faults import clerk
from tests.faults.prepared import Prepared

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import DeskError

#: In lines of what it says.
_LONGEST_LIFE = 25
#: Seconds: longer than any act.
_INSTANTS = 0.1
_PATIENCE = 90.0


@dataclass
class Ward:
    """Clerks on one desk, one after the other, each killed; what they said and what stands."""

    prepared: Prepared
    folder: Path
    nursery: subprocess.Popen[str]
    chance: random.Random
    lives: int = 0
    said: list[list[Any]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    not_opening: list[str] = field(default_factory=list)

    def live_and_die(self) -> None:
        """One life, ended at a random instant, and the check of what it left."""
        child, marks = self._begin()
        try:
            # So long that it comes to something on a slow machine too, then any instant; of some, while it begins.
            self._wait_for(marks, self.chance.choice((1, 1, self.chance.randint(2, _LONGEST_LIFE))))
            time.sleep(self.chance.uniform(0, _INSTANTS))
        finally:
            os.kill(child, signal.SIGKILL)
        self._end(marks)

    def live_until_full(self, changes: int) -> None:
        """One life on a disk that is full after so many changes, until it says so; and the check of what it left."""
        _, marks = self._begin(limit=str(changes))
        self._end(marks)

    def _begin(self, **more: str) -> tuple[int, Path]:
        self.lives += 1
        marks = self.folder / f"{self.lives}.marks"
        told = {
            "desk": str(self.folder / "desk"), "key_file": str(self.prepared.key_file), "marks": str(marks),
            "seed": self.lives, **more,
        }  # fmt: skip
        assert self.nursery.stdin is not None
        self.nursery.stdin.write(json.dumps(told) + "\n")
        self.nursery.stdin.flush()
        return int(self._hear()), marks

    def _end(self, marks: Path) -> None:
        assert self._hear() == "gone"
        self._check(marks)
        marks.unlink()

    def _hear(self) -> str:
        assert self.nursery.stdout is not None
        return self.nursery.stdout.readline().strip()

    def _wait_for(self, marks: Path, lines: int) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not marks.exists() or marks.read_bytes().count(b"\n") < lines:
            assert time.monotonic() < deadline, "the clerk does not work"
            time.sleep(0.002)

    def _check(self, marks: Path) -> None:
        whole, _, _torn = marks.read_text(encoding="utf-8").rpartition("\n")
        said = [json.loads(line) for line in whole.splitlines()]
        self.kinds.update(place.split(" ")[0] for verb, place, _ in said if verb == "done")
        self.said += said
        try:
            with Desk.open_with_key(self.folder / "desk", self.prepared.key, lambda: clerk.BEGINNING) as desk:
                found = clerk.standing(desk)
        except DeskError as error:
            self.not_opening.append(f"life {self.lives}: {error}")
            return
        self.lost += [f"life {self.lives}: {one}" for one in clerk.lost(self.said, found)]
        # What stands now is what the next life begins with, whichever way the act went that was under way.
        self.said = [["done", place, stands] for place, stands in found.items() if stands is not None]

    def tell(self) -> str:
        """In a line."""
        return f"{self.lives} kills: {len(self.lost)} lost, {len(self.not_opening)} not opening; {dict(self.kinds)}"


@contextlib.contextmanager
def warded(prepared: Prepared, folder: Path, **environment: str) -> Iterator[Ward]:
    if not hasattr(os, "fork"):
        pytest.skip("Clerks are forked, which this system does not know")
    prepared.copy(folder / "desk")
    warming = (prepared.copy(folder / "warming"), prepared.key_file, folder / "warming.marks")
    words = [sys.executable, str(Path(__file__).with_name("nursery.py")), *map(str, warming)]
    with (folder / "told").open("w+", encoding="utf-8") as told, subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True, env=os.environ | environment
    ) as nursery:  # fmt: skip
        ward = Ward(prepared, folder, nursery, random.Random(20261122))
        assert ward._hear() == "warm"
        yield ward
        said = (folder / "told").read_text(encoding="utf-8")
        assert "Traceback" not in said, said


@pytest.fixture
def ward(prepared: Prepared, tmp_path: Path) -> Iterator[Ward]:
    with warded(prepared, tmp_path) as ward:
        yield ward


@pytest.fixture
def filling(prepared: Prepared, tmp_path: Path, recorder: Path) -> Iterator[Ward]:
    """Its disk can be full."""
    with warded(prepared, tmp_path, LD_PRELOAD=str(recorder), RECORD_ROOT=str(tmp_path)) as ward:
        yield ward


def full_at(ward: Ward, places: Iterable[int]) -> None:
    for place in places:
        ward.live_until_full(place)
    assert (ward.lost, ward.not_opening) == ([], []), ward.tell()
    said = (ward.folder / "told").read_text(encoding="utf-8").splitlines()
    assert len(said) == ward.lives
    assert all(re.search("full|free|room|Make room|could not be", line) for line in said), said


def test_a_disk_that_is_full_at_any_of_fifteen_writes_loses_nothing(filling: Ward) -> None:
    full_at(filling, (1, 2, 3, 5, 8, 13, *(filling.chance.randint(14, 300) for _ in range(9))))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_disk_that_is_full_at_any_of_three_hundred_writes_loses_nothing(filling: Ward) -> None:
    full_at(filling, (*range(1, 200), *(filling.chance.randint(200, 1500) for _ in range(100))))


def test_a_hundred_kills_lose_nothing(ward: Ward) -> None:
    for _ in range(92):  # and eight with a window
        ward.live_and_die()
    assert (ward.lost, ward.not_opening) == ([], []), ward.tell()
    assert ward.kinds["text"] > 20, ward.tell()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_thousand_kills_lose_nothing(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(950):  # and fifty with a window
        ward.live_and_die()
    with capsys.disabled():
        sys.stdout.write(f"\n{ward.tell()}\n")
    assert (ward.lost, ward.not_opening) == ([], []), ward.tell()
    assert all(ward.kinds[kind] for kind in ("text", "level", "anchor", "sealed", "assigned", "setting"))
