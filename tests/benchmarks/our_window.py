"""The program as it starts, which says when its first window is painted, or when the inbox is there to use.

our_window.py painted FOLDER
our_window.py inbox FOLDER COUNT    so many submissions; the data key, in hexadecimal, comes on standard input
"""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

# What the command line imports before it opens the window is part of the start.
import assessor_desk.cli.command_line  # noqa: F401
from assessor_desk.gui.app import Program, application


def announce(word: str) -> None:
    print(word, flush=True)
    QTimer.singleShot(0, app.closeAllWindows)


def announce_inbox() -> None:
    """The list has been painted; it counts if every submission has its place in it, those in sight have their words,
    and the person can see it."""
    workbench = program.window.workbench
    assert workbench is not None
    inbox = workbench.inbox
    assert inbox.count >= int(count[0])
    assert inbox.list.model().lacking(*inbox.list.in_sight) == []
    assert inbox.list.isVisible()
    announce("inbox")


if __name__ == "__main__":
    waited_for, folder, *count = sys.argv[1:]
    key = bytes.fromhex(sys.stdin.readline()) if waited_for == "inbox" else None
    app = application()
    program = Program(Path(folder), data_key=key)
    if waited_for == "painted":
        program.window.painted.connect(lambda: announce("painted"))
    else:
        program.ready.connect(announce_inbox)
    with program:
        sys.exit(app.exec())
