"""Qt's void calls leave the count of references to None as it was.

PySide6 6.12.0 on Python 3.11 takes one reference away at every call that returns nothing, and the interpreter
aborts after a few thousand of them. From Python 3.12 on None is immortal and the count says nothing.
"""

import subprocess
import sys

import pytest

CALLS = 5000
TOLERANCE = 50

COUNT = f"""
import sys
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication, QLabel

app = QApplication([])
label, timer = QLabel(), QTimer()
calls = (
    QCoreApplication.processEvents,
    lambda: label.setText("words"),
    lambda: label.setEnabled(True),
    lambda: label.resize(10, 10),
    lambda: label.setStyleSheet(""),
    label.update,
    timer.stop,
)
for call in calls:
    call()
before = sys.getrefcount(None)
for number in range({CALLS}):
    calls[number % len(calls)]()
print(before - sys.getrefcount(None))
"""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_five_thousand_void_calls_cost_no_reference_to_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert abs(int(done.stdout)) <= TOLERANCE
