"""`kill -9` of the window at any moment: what was typed until half a second before is there, nothing is left running.

A process of its own opens the real window and works without rest (`typist.py`); its log, outside the desk, says what
was typed and when. Kills fall at random moments of starting, typing and acting.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.gui.assessing.making import Template, assign, make_template, usual

from assessor_desk.desk import Desk
from assessor_desk.desk.answers import Case
from assessor_desk.domain.review import AUDIENCE, TITLES, TextField

KEPT_AFTER_SECONDS = 0.5
_LOOKED_BACK_SECONDS = 2.0
_A_TURN_SECONDS = 0.1
_LONGEST_LIFE = 2.0
_START_PATIENCE = 30.0
_CHILD_PATIENCE = 5.0


@dataclass
class Victim:
    """A desk whose window is killed again and again, and what must be on it."""

    template: Template
    folder: Path
    log: Path
    key_file: Path
    chance: random.Random
    typing: int = 0
    starting: int = 0
    children: int = 0
    checked_texts: int = 0
    checked_levels: int = 0

    def live_and_die(self, number: int) -> None:
        """One life of the window, ended at a random moment, and the check of what it left."""
        command = [sys.executable, str(Path(__file__).with_name("typist.py"))]
        arguments = [str(self.folder), str(self.key_file), str(self.log), str(number)]
        process = subprocess.Popen([*command, *arguments], env=os.environ | {"QT_QPA_PLATFORM": "offscreen"})
        try:
            self._let_live(process, during_start=number % 6 == 5)
            own = psutil.Process(process.pid)
            children = own.children(recursive=True)
        finally:
            killed_at = time.time()
            process.kill()
            process.wait()
        self.children += len(children)
        _, alive = psutil.wait_procs(children, _CHILD_PATIENCE)
        assert alive == [], f"life {number} left {[' '.join(one.cmdline()) for one in alive]}"
        self._check(process.pid, killed_at)

    def _let_live(self, process: subprocess.Popen[bytes], *, during_start: bool) -> None:
        if during_start:
            self.starting += 1
            time.sleep(self.chance.uniform(0.1, 1.2))
            return
        self.typing += 1
        deadline = time.monotonic() + _START_PATIENCE
        while not any(line["what"] == "text" for line in self._lines(process.pid)):
            assert process.poll() is None, "the window ended by itself"
            assert time.monotonic() < deadline, "the window did not come up"
            time.sleep(0.02)
        time.sleep(self.chance.uniform(0.05, _LONGEST_LIFE))
        assert process.poll() is None, "the window ended by itself"

    def _lines(self, pid: int) -> list[dict[str, Any]]:
        """What one life wrote down."""
        if not self.log.exists():
            return []
        whole, _, _torn = self.log.read_text(encoding="utf-8").rpartition("\n")
        lines = [json.loads(line) for line in whole.splitlines()]
        return [line for line in lines if line["pid"] == pid]

    def _check(self, pid: int, killed_at: float) -> None:
        done = [line for line in self._lines(pid) if line["what"] in ("text", "level")]
        with Desk.open_with_key(self.folder, self.template.data_key) as desk:
            cases = {row.submission_id: desk.case(row.submission_id) for row in desk.inbox()}
        due = [
            line
            for line in done
            if line["at"] <= killed_at - KEPT_AFTER_SECONDS - _stood_still(done, killed_at)
        ]
        for place in {_place(line) for line in due}:
            before = [line for line in due if _place(line) == place][-1]
            after = [line for line in done if _place(line) == place and line["at"] > before["at"]]
            may_stand = [line["stands"] for line in (before, *after)]
            case = cases[before["submission"]]
            if before["what"] == "text":
                self.checked_texts += 1
                assert _text(case, before) in may_stand, f"{place}, {killed_at - before['at']:.3f} s before"
            else:
                self.checked_levels += 1
                assert _digit(case, before) in may_stand, f"{place}, {killed_at - before['at']:.3f} s before"


def _stood_still(done: list[dict[str, Any]], killed_at: float) -> float:
    """How long the machine gave the program no turn shortly before the end: it works every 15 ms when it has one.

    The half second is the program's own time; a machine that runs other tests beside this one may stop it for longer.
    """
    times = [at for line in done if (at := line["at"]) > killed_at - _LOOKED_BACK_SECONDS]
    gaps = [later - earlier for earlier, later in pairwise([*times, killed_at])]
    return sum(gap - _A_TURN_SECONDS for gap in gaps if gap > _A_TURN_SECONDS)


def _place(line: dict[str, Any]) -> tuple[str, ...]:
    return line["what"], line["submission"], line["criterion"], line["field"]


def _text(case: Case, line: dict[str, Any]) -> str:
    (which,) = [one for one in TextField if f"{TITLES[one]}, {AUDIENCE[one]}" == line["field"]]
    return case.review.text(which, line["criterion"])


def _digit(case: Case, line: dict[str, Any]) -> int | None:
    criterion = case.rubric.criterion(line["criterion"])
    level = case.review.work(criterion.id).level
    return None if level is None else criterion.rank(level) + 1


@pytest.fixture
def victim(tmp_path: Path, root: Path) -> Iterator[Victim]:
    template = make_template(tmp_path, root)
    with Desk.open_with_key(template.folder, template.data_key) as desk:
        for key in ("7F3A-21", "91BB-02"):
            desk.record_completeness(assign(desk, template, usual(key)))
    key_file = tmp_path / "key"
    key_file.write_bytes(template.data_key)
    yield Victim(template, template.folder, tmp_path / "log", key_file, random.Random(20261122))
    with contextlib.suppress(FileNotFoundError):
        key_file.unlink()


def test_six_kills_lose_nothing_and_leave_nobody(victim: Victim) -> None:
    for number in range(6):
        victim.live_and_die(number)
    assert victim.checked_texts > 0
    assert victim.children > 0


@pytest.mark.long
@pytest.mark.timeout(900)
def test_fifty_kills_lose_nothing_and_leave_nobody(victim: Victim) -> None:
    for number in range(50):
        victim.live_and_die(number)
    assert (victim.typing, victim.starting) == (42, 8)
    assert victim.checked_texts >= 42
    assert victim.checked_levels > 0
    assert victim.children >= 42
