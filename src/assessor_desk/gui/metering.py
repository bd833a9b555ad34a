"""Whether the connection is paid for by volume, as far as the system says: for commands, which have no window.

Asked in a process of its own. Qt wants an application to ask it, a process can have one, and that of a command without
a screen would keep the process from ever showing a window.
"""

from __future__ import annotations

import subprocess
import sys

FLAG = "--metered"
"""What `__main__` starts `main` with."""

_METERED = 10
_SECONDS = 10.0


def metered_now() -> bool:
    """Whether the system says that volume costs; False where it cannot tell, or not soon."""
    program = (
        [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-m", "assessor_desk"]
    )
    try:
        asked = subprocess.run(
            [*program, FLAG],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == _METERED


def main() -> int:
    """Ask the system, and say it by the exit code."""
    try:
        from PySide6.QtCore import QCoreApplication
        from PySide6.QtNetwork import QNetworkInformation
    except ImportError:
        return 0
    application = QCoreApplication([])
    metered = QNetworkInformation.Feature.Metered
    if not QNetworkInformation.loadBackendByFeatures(metered):
        return 0
    information = QNetworkInformation.instance()
    told = information.supports(metered) and information.isMetered()
    del application
    return _METERED if told else 0
