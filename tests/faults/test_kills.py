"""`kill -9` of a desk that types, syncs and seals, at any instant: it opens, with everything that was acknowledged.

Without a window, so that there can be many; with one: tests/journey/test_kill_at_any_moment.py.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.faults import clerk
from tests.faults.prepared import Prepared

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import DeskError

#: In lines of what it says.
_LONGEST_LIFE = 60
#: Seconds: longer than any act.
_INSTANTS = 0.1
_PATIENCE = 30.0


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
        self.lives += 1
        marks = self.folder / f"{self.lives}.marks"
        told = {
            "desk": str(self.folder / "desk"), "key_file": str(self.prepared.key_file), "marks": str(marks),
            "seed": self.lives,
        }  # fmt: skip
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(json.dumps(told) + "\n")
        self.nursery.stdin.flush()
        child = int(self.nursery.stdout.readline())
        # So long that it comes to something on a slow machine too, then any instant; of some, while it begins.
        self._wait_for(marks, self.chance.choice((1, 1, self.chance.randint(2, _LONGEST_LIFE))))
        time.sleep(self.chance.uniform(0, _INSTANTS))
        os.kill(child, signal.SIGKILL)
        assert self.nursery.stdout.readline() == "gone\n"
        self._check(marks)
        marks.unlink()

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


@pytest.fixture
def ward(prepared: Prepared, tmp_path: Path) -> Iterator[Ward]:
    if not hasattr(os, "fork"):
        pytest.skip("Clerks are forked, which this system does not know")
    prepared.copy(tmp_path / "desk")
    warming = (prepared.copy(tmp_path / "warming"), prepared.key_file, tmp_path / "warming.marks")
    words = [sys.executable, str(Path(__file__).with_name("nursery.py")), *map(str, warming)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:
        assert nursery.stdout is not None
        assert nursery.stdout.readline() == "warm\n"
        yield Ward(prepared, tmp_path, nursery, random.Random(20261122))


def test_sixty_kills_lose_nothing(ward: Ward) -> None:
    for _ in range(60):
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
