"""The window with evidence in it, told on standard input what to do; `done` follows acts that have an end.

evidence_window.py FOLDER          the first line: the desk's data key, in hexadecimal

    first           the first submission: `done` once its first artifact is there
    open NUMBER     bring that artifact of the submission to the front
    switch          to the other submission
    scroll          through all pages of the document in front, a view at a time
    pictures        through all artifacts, each for as long as it takes to be seen
    quit

What opens says nothing: it is seen on the screen.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

# What the command line imports before it opens the window is part of the start.
import assessor_desk.cli.command_line  # noqa: F401
from assessor_desk.gui.app import Program, application


def until(seen: Callable[[], bool]) -> None:
    """Let the window work."""
    end = time.monotonic() + 30
    while not seen():
        if time.monotonic() > end:
            raise RuntimeError("waited in vain")
        QApplication.processEvents()
        time.sleep(0.001)


class Acts:
    """What may be asked of the window."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._forth = True

    def begin(self) -> None:
        """The window stands there, empty."""
        bench = self._program.window.workbench
        assert bench is not None
        until(lambda: bench.furnished and len(bench.inbox.rows) > 0)
        print("done", flush=True)

    def do(self, line: str) -> None:
        bench, session = self._program.window.workbench, self._program.session
        assert bench is not None
        assert session is not None
        match line.split():
            case ["first"]:
                bench.inbox.step(1)
                until(lambda: self._canvas() is not None and self._settled())
                print("done", flush=True)
            case ["open", number]:
                assert session.case is not None
                bench.evidence.half.bring(session.case.submission.shown[int(number)].id)
            case ["switch"]:
                bench.run("next_submission" if self._forth else "previous_submission")
                self._forth = not self._forth
            case ["scroll"]:
                self._scroll()
            case ["pictures"]:
                self._pictures()
            case _:
                self._program.window.close()

    def _canvas(self) -> object:
        bench = self._program.window.workbench
        viewer = bench.evidence.viewer if bench is not None else None
        return getattr(viewer, "_canvas", None)

    def _settled(self) -> bool:
        canvas = self._canvas()
        return canvas is None or (getattr(canvas, "_handle", None) is not None and canvas._renders.idle)  # type: ignore[attr-defined]

    def _shows_picture(self, artifact_id: str) -> bool:
        bench = self._program.window.workbench
        viewer = bench.evidence.viewer if bench is not None else None
        return getattr(viewer, "artifact_id", "") == artifact_id and self._settled()

    def _scroll(self) -> None:
        canvas = self._canvas()
        bar = canvas.verticalScrollBar()  # type: ignore[attr-defined]
        bar.setValue(0)
        while bar.value() < bar.maximum():
            bar.setValue(bar.value() + bar.pageStep())
            until(self._settled)
        print("done", flush=True)

    def _pictures(self) -> None:
        bench, session = self._program.window.workbench, self._program.session
        assert bench is not None
        assert session is not None
        assert session.case is not None
        for artifact in session.case.submission.shown:
            bench.evidence.half.bring(artifact.id)
            until(lambda own=artifact.id: self._shows_picture(own))  # type: ignore[misc]
        print("done", flush=True)


class Told:
    """Lines from standard input as they come, read past Python's buffer: a second line would wait in it unheard."""

    def __init__(self) -> None:
        self._begun = b""

    def lines(self) -> list[str]:
        """Those that have come whole; waits where none has begun."""
        *whole, self._begun = (self._begun + os.read(sys.stdin.fileno(), 65536)).split(b"\n")
        return [line.decode() for line in whole]


if __name__ == "__main__":
    told = Told()
    [first] = told.lines()
    key = bytes.fromhex(first)
    app = application()
    program = Program(Path(sys.argv[1]), data_key=key)
    acts = Acts(program)
    listener = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

    def hear() -> None:
        """One act after the other: while one waits, the window works and must not be told of the next."""
        listener.setEnabled(False)
        for line in told.lines():
            acts.do(line)
        listener.setEnabled(True)

    listener.activated.connect(lambda *_: hear())
    # Only after `ready` has been heard by all is the window furnished.
    program.ready.connect(lambda: QTimer.singleShot(0, acts.begin))
    with program:
        program.window.resize(1366, 768)
        sys.exit(app.exec())
