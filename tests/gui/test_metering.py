"""What a command asks of the system about its connection leaves the process as it was."""

from __future__ import annotations

import subprocess
import sys

_ASKED = """
from assessor_desk.gui.metering import metered_now
assert metered_now() in (True, False)
metered_now()
from PySide6.QtWidgets import QApplication, QLabel
application = QApplication([])
QLabel("a window").show()
metered_now()
assert QApplication.instance() is application
print("shown")
"""


def test_a_process_that_asked_whether_its_connection_is_metered_can_still_show_a_window() -> None:
    said = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, timeout=60)
    assert (said.stdout, said.returncode) == ("shown\n", 0), said.stderr
