"""The lanes: in order, off the GUI thread and back on it, drained at the end."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.gui.tasks import Tasks


def test_work_runs_off_the_gui_thread_and_its_result_comes_back_on_it(tasks: Tasks, qtbot: QtBot) -> None:
    came: list[tuple[str, str]] = []
    tasks.side(
        lambda: threading.current_thread().name,
        lambda there: came.append((there, threading.current_thread().name)),
    )
    qtbot.waitUntil(lambda: bool(came))
    assert came[0][0].startswith("side-lane")
    assert came[0][1] == threading.main_thread().name


def test_acts_on_the_store_happen_in_the_order_they_were_made(tasks: Tasks, qtbot: QtBot) -> None:
    written: list[int] = []
    finished: list[int] = []
    for number in range(50):
        tasks.store(
            lambda number=number: written.append(number), lambda _, number=number: finished.append(number)
        )
    qtbot.waitUntil(lambda: len(finished) == 50)
    assert written == finished == list(range(50))


def test_a_refusal_comes_back_to_whoever_asked(tasks: Tasks, qtbot: QtBot) -> None:
    told: list[DeskError] = []

    def refuse() -> None:
        raise Refused("No")

    tasks.store(refuse, None, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert str(told[0]) == "No"


def test_what_nobody_expected_is_told_as_a_defect(tasks: Tasks, qtbot: QtBot) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with qtbot.waitSignal(tasks.crashed) as crashed:
        tasks.side(fail, None, lambda _: pytest.fail("a defect is no refusal"))
    assert isinstance(crashed.args[0], ZeroDivisionError)


def test_draining_finishes_what_was_to_be_written(qtbot: QtBot) -> None:
    lanes, written = Tasks(), list[int]()
    for number in range(20):
        lanes.store(lambda number=number: written.append(number))
    lanes.drain()
    assert written == list(range(20))


def test_after_draining_nothing_more_is_taken(qtbot: QtBot) -> None:
    lanes = Tasks()
    lanes.drain()
    lanes.side(lambda: pytest.fail("taken after all"))
    lanes.store(lambda: pytest.fail("taken after all"))
    assert not [thread for thread in threading.enumerate() if "lane" in thread.name]


def test_what_was_asked_for_a_widget_that_is_gone_is_dropped(tasks: Tasks, qtbot: QtBot) -> None:
    class Asking(QWidget):
        def take(self, result: int) -> None:
            pytest.fail(f"{result} came to a widget that is gone")

    asking, told = Asking(), list[int]()
    tasks.store(lambda: 1, asking.take)
    delete(asking)
    tasks.store(lambda: 2, told.append)
    qtbot.waitUntil(lambda: told == [2])
