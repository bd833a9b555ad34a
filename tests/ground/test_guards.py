"""The guards of conftest.py, each seen to catch a culprit and to name it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MISBEHAVING = """
import logging, subprocess, sys, threading, time, warnings
from pathlib import Path

def test_warns():
    warnings.warn("old ways", DeprecationWarning)

def test_logs():
    logging.getLogger("somewhere").warning("left %s", "behind")

def test_logs_where_nobody_listens():
    logger = logging.getLogger("somewhere.quiet")
    logger.propagate = False
    logger.error("unheard")

def test_expects_a_record_that_never_comes(expected_log):
    with expected_log("flood"):
        pass

def test_starts_a_thread():
    threading.Thread(target=time.sleep, args=(20,), name="sleeper", daemon=True).start()

def test_starts_a_process():
    global process
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

def test_writes_here():
    Path("scribble.txt").write_text("x")

def test_leaves_a_window(qapp):
    from PySide6.QtWidgets import QWidget
    global window
    window = QWidget()
    window.setObjectName("forgotten")

def test_makes_qt_warn(qapp):
    from PySide6.QtCore import qWarning
    qWarning("Qt is worried")

def test_expects_and_gets_its_record(expected_log):
    with expected_log("fl.od", logger="some") as records:
        logging.getLogger("somewhere").warning("flood")
    assert len(records) == 1

def test_behaves(qtbot):
    from PySide6.QtWidgets import QWidget
    qtbot.addWidget(QWidget())
    thread = threading.Thread(target=time.sleep, args=(0.2,))
    thread.start()
    subprocess.run([sys.executable, "-c", ""], check=True)
    logging.getLogger("somewhere").info("fine")
"""

#: What outlives these tests does so on purpose: nothing is gained by waiting for it.
_GRACE, _SHORTER = "GRACE_SECONDS = 3.0", "GRACE_SECONDS = 0.6"

CAUGHT = {
    "test_warns": "old ways",
    "test_logs": "WARNING somewhere: left behind",
    "test_logs_where_nobody_listens": "ERROR somewhere.quiet: unheard",
    "test_expects_a_record_that_never_comes": "No log record matching 'flood' came from any logger",
    "test_starts_a_thread": "sleeper",
    "test_starts_a_process": "time.sleep(60)",
    "test_writes_here": "Left in the current folder: scribble.txt",
    "test_leaves_a_window": "Windows still alive (now deleted): QWidget forgotten",
    "test_makes_qt_warn": "Qt is worried",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says about misbehaving tests under our conftest and our settings."""
    root = Path(__file__).resolve().parents[2]
    folder = tmp_path_factory.mktemp("misbehaving")
    conftest = (root / "tests" / "conftest.py").read_text(encoding="utf-8")
    assert _GRACE in conftest
    (folder / "conftest.py").write_text(conftest.replace(_GRACE, _SHORTER), encoding="utf-8")
    shutil.copy(root / "pyproject.toml", folder)
    for part in ("spreading.py", "model/telling.py"):  # which conftest.py imports
        (folder / "tests" / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "tests" / part, folder / "tests" / part)
    (folder / "test_culprits.py").write_text(MISBEHAVING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=short"]
    command += ["--basetemp", str(folder / "temporary")]
    done = subprocess.run(
        [*command, "test_culprits.py"], cwd=folder, check=False, capture_output=True, text=True, timeout=100
    )
    return done.stdout


@pytest.mark.parametrize("culprit", CAUGHT)
def test_a_misbehaving_test_is_caught_and_the_reason_named(report: str, culprit: str) -> None:
    assert re.search(rf"^(FAILED|ERROR) test_culprits.py::{culprit}( |$)", report, re.MULTILINE), report
    assert CAUGHT[culprit] in report


def test_nobody_else_is_blamed(report: str) -> None:
    blamed = set(re.findall(r"^(?:FAILED|ERROR) test_culprits.py::(\w+)", report, re.MULTILINE))
    assert blamed == set(CAUGHT), report


def test_a_tool_that_is_here_is_given_by_its_path(tool: Callable[[str], str]) -> None:
    assert Path(tool("git")).is_file()


def test_a_missing_tool_is_named_where_people_work_and_fails_on_ci(
    tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="nobody-has-this is not installed here"):
        tool("nobody-has-this")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="nobody-has-this is not installed here"):
        tool("nobody-has-this")
