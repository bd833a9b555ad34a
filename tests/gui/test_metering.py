"""What a command asks of the system about its connection leaves its process as it was."""

from __future__ import annotations

import subprocess
import sys

import pytest

from assessor_desk.gui import metering

_ASKED = """
import sys
from assessor_desk.gui.metering import metered_now
assert metered_now() in (True, False)
print([name for name in sys.modules if name.startswith("PySide6")])
"""


def test_a_process_that_asked_whether_its_connection_is_metered_has_loaded_nothing_of_qt() -> None:
    said = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, timeout=60)
    assert (said.stdout, said.returncode) == ("[]\n", 0), said.stderr


def test_the_system_is_asked_by_a_process_that_ends_in_peace() -> None:
    asked = subprocess.run([sys.executable, "-m", "assessor_desk", metering.FLAG], timeout=60)
    assert asked.returncode in (0, 10)


@pytest.mark.parametrize(("code", "metered"), [(10, True), (0, False), (1, False)])
def test_what_it_says_by_its_exit_code_is_heard(
    monkeypatch: pytest.MonkeyPatch, code: int, metered: bool
) -> None:
    ended = subprocess.CompletedProcess([], code)
    monkeypatch.setattr(metering.subprocess, "run", lambda *_, **__: ended)
    assert metering.metered_now() is metered
