"""The program as it starts, which says when its first window is painted, or when the inbox is there to use.

our_window.py painted FOLDER
our_window.py inbox FOLDER          the desk's data key, in hexadecimal, comes on standard input
"""

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer

# What the command line imports before it opens the window is part of the start.
import assessor_desk.cli.command_line  # noqa: F401
from assessor_desk.gui.app import Program, application

INBOX = 1000


class Watch(QObject):
    """Waits for one widget to be painted."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, lambda: announce("inbox"))
        return False


def announce(word: str) -> None:
    print(word, flush=True)
    QTimer.singleShot(0, app.closeAllWindows)


def watch_list() -> None:
    """The rows are in the list; they count once they are on the screen."""
    workbench = program.window.workbench
    assert workbench is not None
    assert len(workbench.inbox.rows) >= INBOX
    workbench.inbox.list.viewport().installEventFilter(watch)


if __name__ == "__main__":
    waited_for, folder = sys.argv[1:]
    key = bytes.fromhex(sys.stdin.readline()) if waited_for == "inbox" else None
    app, watch = application(), Watch()
    with Program(Path(folder), data_key=key) as program:
        if waited_for == "painted":
            program.window.painted.connect(lambda: announce("painted"))
        else:
            program.ready.connect(watch_list)
        sys.exit(app.exec())
