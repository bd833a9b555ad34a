"""Opens the real window on a desk and works in it without rest, writing down outside the desk what was done and when.

    python typist.py DESK KEY_FILE LOG SEED

KEY_FILE holds the desk's data key. Each line of LOG is a JSON document: when (seconds since 1970), where (submission,
criterion, field) and what stands there from then on. Ends when it is killed.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from assessor_desk.gui.app import Program, application
from assessor_desk.gui.workbench import Workbench

_EVERY_MS = 15
_LETTERS = "abcdefgh ijklmno pqrstu vwxyz 123"


class Log:
    """Lines that are in the kernel's hands once written: killing this process loses none of them."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, **facts: object) -> None:
        line = json.dumps({"at": time.time(), "pid": os.getpid(), **facts})
        os.write(self._file, line.encode() + b"\n")


class Typist(QObject):
    """Types letters into the texts, and every now and then does something else."""

    def __init__(self, bench: Workbench, program: Program, log: Log, chance: random.Random) -> None:
        super().__init__()
        self._bench, self._program, self._log, self._chance = bench, program, log, chance
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._work)
        self._timer.start(_EVERY_MS)

    def _work(self) -> None:
        session = self._program.session
        assert session is not None
        if session.case is None or session.case.submission.id != session.submission_id:
            return  # still being opened: a person waits too
        if self._chance.random() < 0.03:
            self._do_something_else()
        else:
            self._type()

    def _type(self) -> None:
        fields = [one for one in self._bench.rubric.findChildren(QPlainTextEdit) if one.isVisible()]
        field = QApplication.focusWidget()
        if field not in fields:
            field = self._chance.choice(fields)
            field.setFocus()
        assert isinstance(field, QPlainTextEdit)
        QTest.keyClick(field, self._chance.choice(_LETTERS))
        self._tell("text", field.accessibleName(), field.toPlainText())

    def _do_something_else(self) -> None:
        chosen = self._chance.choice(
            ("level", "criterion", "anchor", "artifact", "submission", "leave", "undo")
        )
        getattr(self, f"_{chosen}")()

    def _level(self) -> None:
        digit = self._chance.randint(1, 3)
        self._bench.run(f"level_{digit}")
        self._tell("level", "", digit)

    def _criterion(self) -> None:
        self._bench.run(self._chance.choice(("next_criterion", "previous_criterion")))

    def _anchor(self) -> None:
        self._bench.run("anchor")

    def _artifact(self) -> None:
        self._bench.run("next_artifact")

    def _submission(self) -> None:
        self._bench.run(self._chance.choice(("next_submission", "previous_submission")))

    def _leave(self) -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QWidget):
            QTest.keyClick(focused, Qt.Key.Key_Escape)

    def _undo(self) -> None:
        """Take back a step and bring it back at once, which changes nothing."""
        for verb in ("undo", "redo"):
            self._bench.run(verb)

    def _tell(self, what: str, field: str, stands: object) -> None:
        case = self._program.session.case if self._program.session else None
        assert case is not None
        of_criterion = not field.startswith(("Overall", "Notes"))
        criterion = self._bench.rubric.current_criterion if of_criterion else ""
        self._log.write(
            what=what, submission=case.submission.id, criterion=criterion, field=field, stands=stands
        )


def main(desk: Path, key_file: Path, log: Log, seed: int) -> None:
    app = application()
    log.write(what="begun")
    with Program(desk, data_key=key_file.read_bytes()) as program:
        hands: list[Typist] = []

        def begin() -> None:
            bench = program.window.workbench
            if bench is None or not bench.furnished:
                QTimer.singleShot(5, begin)
                return
            bench.inbox.step(1)
            hands.append(Typist(bench, program, log, random.Random(seed)))
            log.write(what="typing")

        program.ready.connect(begin)
        app.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Log(Path(sys.argv[3])), int(sys.argv[4]))
