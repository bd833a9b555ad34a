"""One process at a time holds a desk; whoever ends lets go, however it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from assessor_desk.domain.errors import Unavailable
from assessor_desk.store.holding import Held, Hold

_HOLDING = """
import sys, pathlib
from assessor_desk.store.holding import Hold
hold = Hold.take(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_hold_in_the_same_process_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first = Hold.take(tmp_path / "desk.lock")
    with pytest.raises(Held):
        Hold.take(tmp_path / "desk.lock")
    first.release()
    first.release()
    Hold.take(tmp_path / "desk.lock").release()


def test_a_process_that_is_killed_lets_go(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", _HOLDING, str(tmp_path / "desk.lock")]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Held):
            Hold.take(tmp_path / "desk.lock")
        other.kill()
        other.wait()
    Hold.take(tmp_path / "desk.lock").release()


def test_a_folder_that_is_not_there_cannot_be_held(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot be written|unable to open"):
        Hold.take(tmp_path / "nowhere" / "desk.lock")
