"""The program from its first paint to its end, on a real desk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from assessor_desk.artifacts.documents import WORKER_MODULE
from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Unavailable
from assessor_desk.gui import app
from assessor_desk.gui.pages.first_run import FirstRun
from assessor_desk.gui.pages.opening import Opening
from assessor_desk.gui.pages.unlock import Unlock
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.workbench import Workbench
from assessor_desk.settings import Settings

TYPED = "the quokka waits"


@pytest.fixture
def folder(tmp_path: Path, desk: Desk, new_desk: Any) -> Path:
    """The folder of a closed desk with submissions."""
    desk.close()
    return desk.folder


def _ready(program: app.Program, qtbot: QtBot) -> Workbench:
    with qtbot.waitSignal(program.ready, timeout=10_000):
        pass
    workbench = program.window.workbench
    assert workbench is not None
    qtbot.waitUntil(lambda: workbench.furnished)
    return workbench


def _close(program: app.Program, qtbot: QtBot) -> None:
    with qtbot.waitSignal(program.window.closed, timeout=10_000):
        program.window.close()


def test_an_empty_folder_begins_with_a_first_run(tmp_path: Path, qtbot: QtBot) -> None:
    with app.Program(tmp_path / "desk") as program:
        qtbot.waitUntil(lambda: isinstance(program.window.page, FirstRun))
        _close(program, qtbot)
    assert not (tmp_path / "desk").exists()


def test_a_desk_asks_for_its_passphrase(folder: Path, qtbot: QtBot) -> None:
    with app.Program(folder) as program:
        qtbot.waitUntil(lambda: isinstance(program.window.page, Unlock))
        _close(program, qtbot)


def test_with_its_key_a_desk_opens_on_its_inbox(folder: Path, new_desk: Any, qtbot: QtBot) -> None:
    with app.Program(folder, data_key=new_desk.data_key) as program:
        assert isinstance(program.window.page, Opening)
        workbench = _ready(program, qtbot)
        assert [row.key for row in workbench.inbox.rows] == [f"7F3A-{number:02}" for number in range(4)]
        _close(program, qtbot)
    Desk.open_with_key(folder, new_desk.data_key).close()


def test_the_reader_of_documents_stands_ready_before_the_first_is_opened(
    folder: Path, new_desk: Any, qtbot: QtBot
) -> None:
    with app.Program(folder, data_key=new_desk.data_key) as program:
        _ready(program, qtbot)
        qtbot.waitUntil(lambda: any(WORKER_MODULE in each.cmdline() for each in psutil.Process().children()))
        _close(program, qtbot)


def test_the_window_is_painted_before_the_desk_is_opened(folder: Path, new_desk: Any, qtbot: QtBot) -> None:
    with app.Program(folder, data_key=new_desk.data_key) as program:
        with qtbot.waitSignal(program.window.painted):
            assert program.desk is None
        _ready(program, qtbot)
        _close(program, qtbot)


def test_a_wrong_passphrase_given_at_the_start_is_told_in_the_window(folder: Path, qtbot: QtBot) -> None:
    with app.Program(folder, passphrase="wrong") as program:
        page = program.window.page
        assert isinstance(page, Opening)
        qtbot.waitUntil(lambda: "passphrase" in page.words, timeout=10_000)
        _close(program, qtbot)


def test_what_is_being_typed_when_the_window_closes_is_kept(
    folder: Path, new_desk: Any, qtbot: QtBot
) -> None:
    with app.Program(folder, data_key=new_desk.data_key) as program:
        workbench = _ready(program, qtbot)
        _type_a_note(program, workbench, qtbot, "the quokka waits")
        _close(program, qtbot)
    with Desk.open_with_key(folder, new_desk.data_key) as desk:
        assert desk.case(desk.find("7F3A-00")).review.notes == "the quokka waits"


def test_a_window_whose_text_the_disk_refuses_stays_open_and_says_so(
    folder: Path, new_desk: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("The disk is full")

    with app.Program(folder, data_key=new_desk.data_key) as program:
        workbench = _ready(program, qtbot)
        monkeypatch.setattr(Desk, "write_text", full)
        _type_a_note(program, workbench, qtbot, "the quokka waits")
        program.window.close()
        session = program.session
        assert session is not None
        qtbot.waitUntil(lambda: any("stays open" in words for words in session.notices.sentences))
        assert program.window.isVisible()
        assert "The disk is full." in session.notices.sentences
        program.window.close_now()


def _type_a_note(program: app.Program, workbench: Workbench, qtbot: QtBot, words: str) -> None:
    workbench.inbox.step(1)
    qtbot.waitUntil(lambda: program.session is not None and program.session.case is not None)
    note = [one for one in workbench.rubric.findChildren(QPlainTextEdit) if one.isVisibleTo(workbench)][-1]
    note.setFocus()
    note.setPlainText(words)


def test_the_layout_is_as_it_was_left(folder: Path, new_desk: Any, qtbot: QtBot) -> None:
    with app.Program(folder, data_key=new_desk.data_key) as program:
        workbench = _ready(program, qtbot)
        program.window.resize(1200, 700)
        workbench.panes.setSizes([300, 500, 400])
        workbench.panes.splitterMoved.emit(300, 1)
        left = workbench.panes.sizes()
        _close(program, qtbot)
    with app.Program(folder, data_key=new_desk.data_key) as program:
        workbench = _ready(program, qtbot)
        assert program.window.height() == 700
        assert workbench.panes.isAncestorOf(workbench.rubric)
        assert Preferences(Settings.load(folder)).pane_widths == pytest.approx(left, abs=2)
        _close(program, qtbot)


def test_a_defect_becomes_a_notice_that_holds_nothing_of_a_submission(
    folder: Path, new_desk: Any, qtbot: QtBot
) -> None:
    with app.Program(folder, data_key=new_desk.data_key) as program:
        _ready(program, qtbot)
        assert program.session is not None
        try:
            raise ValueError(TYPED)
        except ValueError as error:
            sys.excepthook(ValueError, error, error.__traceback__)
        told = program.session.notices.sentences
        assert any("went wrong (ValueError)" in words for words in told)
        assert not any("quokka" in words for words in told)
        next(
            one for one in program.session.notices.findChildren(QPushButton) if one.text() == "Copy details"
        ).click()
        assert "test_shell_app" in QApplication.clipboard().text()
        assert "quokka" not in QApplication.clipboard().text()
        _close(program, qtbot)


def test_a_defect_while_the_desk_opens_is_told_and_the_desk_can_be_asked_for_again(
    folder: Path, new_desk: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_imported(*_: object) -> None:
        raise ImportError(TYPED)

    monkeypatch.setattr(app, "open_desk_with_key", half_imported)
    with app.Program(folder, data_key=new_desk.data_key) as program:
        qtbot.waitUntil(lambda: bool(_buttons(program)))
        page = program.window.findChild(Opening)
        assert page is not None
        assert "went wrong (ImportError)" in page.words
        _buttons(program)["Copy details"].click()
        assert "half_imported" in QApplication.clipboard().text()
        assert "quokka" not in QApplication.clipboard().text() + page.words
        _buttons(program)["Try again"].click()
        qtbot.waitUntil(lambda: program.window.findChild(Unlock) is not None)
        _close(program, qtbot)


def _buttons(program: app.Program) -> dict[str, QPushButton]:
    page = program.window.findChild(Opening)
    return {} if page is None else {one.text(): one for one in page.findChildren(QPushButton)}


def test_run_stays_until_the_window_is_closed(folder: Path, new_desk: Any, qapp: QApplication) -> None:
    QTimer.singleShot(300, qapp.closeAllWindows)
    assert app.run(folder, data_key=new_desk.data_key) == 0
