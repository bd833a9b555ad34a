"""The power goes while a desk is written: it opens, with everything that was acknowledged.

A real session is recorded, every write, flush, rename and removal. Then states are made that a disk may be in after a
cut at one of many places (`crash_states`), and each is opened by the program.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.faults import clerk
from tests.faults.conftest import run_clerk
from tests.faults.crash_states import Losing, Record
from tests.faults.prepared import Prepared

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import DeskError

SEED = 20261122


@dataclass
class Session:
    """What was recorded, where, and the key."""

    record: Record
    root: Path
    key: bytes

    def cut(self, where: int, losing: Losing, folder: Path) -> list[str]:
        """What is lost after a cut there."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.record.write_state(self.root, folder, where, losing, random.Random(f"{SEED} {where} {losing}"))
        try:
            with Desk.open_with_key(folder / "desk", self.key, lambda: clerk.BEGINNING) as desk:
                return clerk.lost(self.record.acknowledged(where), clerk.standing(desk))
        except DeskError as error:
            return [f"It does not open: {error}"]

    def places(self, count: int) -> list[int]:
        """Spread over the session; the moments around a flush, a rename and a removal more than others."""
        chance = random.Random(SEED)
        telling = [at for at, kind in enumerate(self.record.kinds, start=1) if kind in "sfru"]
        near = [
            max(1, at + chance.randint(-2, 1)) for at in chance.sample(telling, min(count // 2, len(telling)))
        ]
        return sorted(near + [chance.randint(1, self.record.length) for _ in range(count - len(near))])


def recorded(acts: int, recorder: Path, prepared: Prepared, folder: Path) -> Session:
    root = folder / "session"
    root.mkdir()
    desk = prepared.copy(root / "desk")
    done = run_clerk(
        desk, prepared.key_file, root / "clerk.marks", 1, acts, LD_PRELOAD=str(recorder), RECORD_ROOT=str(root),
        RECORD_LOG=str(folder / "log"),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    shutil.copytree(prepared.folder, folder / "before" / "desk")
    return Session(Record.read(folder / "log", root, folder / "before"), root, prepared.key)


def survives(session: Session, count: int, folder: Path) -> None:
    """At so many places, each time losing another part of what was not flushed."""
    ways, losses = list(Losing), {}
    for number, where in enumerate(session.places(count)):
        losing = ways[number % len(ways)]
        lost = session.cut(where, losing, folder / "state")
        if lost:
            losses[where, losing] = lost
    assert losses == {}


def test_the_power_may_go_at_any_of_fifty_moments(recorder: Path, prepared: Prepared, tmp_path: Path) -> None:
    session = recorded(22, recorder, prepared, tmp_path)
    said = Counter(said[1].split(" ")[0] for _, said in session.record.marks if said[0] == "done")
    assert {"text", "level", "sealed", "assigned"} <= set(said), "the session has a bit of everything"
    # Few of fifty moments fall just after a renaming, so all of them are looked at.
    assert session.record.renamed()
    assert session.record.renamed_too_early() == []
    survives(session, 50, tmp_path)


_KEYS_ANEW = """
import sys
from pathlib import Path
from assessor_desk.keys.envelope import Envelope
Envelope.load(Path(sys.argv[1])).save(Path(sys.argv[1]))
"""


def test_the_wrapped_key_takes_the_name_of_the_one_before_once_it_is_on_the_disk(
    recorder: Path, prepared: Prepared, tmp_path: Path
) -> None:
    """As whatever else is written beside a file, in a folder of secrets, and put in its place."""
    root = tmp_path / "session"
    desk = prepared.copy(root / "desk")
    recording = {"LD_PRELOAD": str(recorder), "RECORD_ROOT": str(root), "RECORD_LOG": str(tmp_path / "log")}
    command = [sys.executable, "-c", _KEYS_ANEW, str(desk / "keys.json")]
    subprocess.run(command, env=os.environ | recording, check=True)
    shutil.copytree(prepared.folder, tmp_path / "before" / "desk")
    record = Record.read(tmp_path / "log", root, tmp_path / "before")
    assert {Path(step.names[1]).name for step in record.renamed()} == {"keys.json", "keys-copy.json"}
    assert record.renamed_too_early() == []
    assert all(step.sure for step in record.renamed()), "the folder was flushed as well"


def test_a_program_that_flushes_nothing_would_be_caught(
    recorder: Path, prepared: Prepared, tmp_path: Path
) -> None:
    session = recorded(8, recorder, prepared, tmp_path)
    session.record.forget_flushes()
    assert len(session.record.renamed_too_early()) == len(session.record.renamed()) > 0
    assert any(session.cut(where, Losing.ALL, tmp_path / "state") for where in session.places(4))


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_power_may_go_at_any_of_six_hundred_moments(
    recorder: Path, prepared: Prepared, tmp_path: Path
) -> None:
    session = recorded(150, recorder, prepared, tmp_path)
    survives(session, 600, tmp_path)
