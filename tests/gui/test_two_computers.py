"""Two computers of one person in the window: two texts in one place, and letting a computer in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from tests.desk.conftest import new_desk
from tests.desk.test_own_devices import connected, issuer, made_issuer, server
from tests.desk.test_own_devices import opened as computers

from assessor_desk.desk import Desk
from assessor_desk.domain.review import TextField
from assessor_desk.domain.wordings import Wording
from assessor_desk.gui.dialogs.devices import DevicesDialog
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.writing.text_block import TextBlock

__all__ = ["computers", "connected", "issuer", "made_issuer", "new_desk", "server"]

PATIENCE_MS = 20_000
CODE = re.compile(r"\d{4} \d{4}")
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STAND = (Wording("a", "Waits.", "desk-a", AT), Wording("b", "", "desk-b", AT))


def _words(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_two_texts_stand_in_the_fields_place_each_with_where_it_was_written(qtbot: QtBot) -> None:
    block = TextBlock(TextField.OVERALL)
    qtbot.addWidget(block)
    block.show()
    block.show_disputed(STAND, {"desk-a": "School desktop"})
    assert block.field.isHidden()
    assert block.two_texts.texts == ["Waits.", ""]
    told = " ".join(_words(block.two_texts))
    assert "School desktop" in told
    assert "Another computer" in told
    assert "(left empty)" in told
    chosen: list[object] = []
    block.two_texts.chosen.connect(chosen.append)
    for button in block.two_texts.findChildren(QPushButton):
        button.click()
    assert chosen == ["Waits.", "", None]
    block.show_disputed(STAND, {}, to_choose=False)
    assert block.two_texts.texts == ["Waits.", ""]
    assert not [one for one in block.two_texts.findChildren(QPushButton) if one.isVisible()]
    block.show_disputed((), {})
    assert not block.field.isHidden()
    assert block.two_texts.isHidden()


def _button(dialog: DevicesDialog, words: str) -> QPushButton | None:
    found = dialog.findChildren(QPushButton)
    return next((one for one in found if one.text() == words and not one.isHidden()), None)


def _press(dialog: DevicesDialog, words: str, qtbot: QtBot) -> None:
    """As a person would, once it is there."""
    qtbot.waitUntil(lambda: _button(dialog, words) is not None, timeout=PATIENCE_MS)
    button = _button(dialog, words)
    assert button is not None
    button.click()


def _code(dialog: DevicesDialog) -> str:
    return next((one for one in _words(dialog) if CODE.fullmatch(one)), "")


@pytest.fixture
def screens(
    computers: Callable[[str], Desk], tasks: Tasks, qtbot: QtBot
) -> tuple[DevicesDialog, DevicesDialog]:
    """*Your devices* on two computers of one person that are connected to one hub."""
    dialogs = tuple(DevicesDialog(tasks, computers(name)) for name in ("school", "home"))
    for one in dialogs:
        qtbot.addWidget(one)
        one._timer.setInterval(100)
        one.show()
    return dialogs[0], dialogs[1]


def test_a_computer_is_let_in_by_the_same_code_on_both_and_removed_with_the_passphrase(
    screens: tuple[DevicesDialog, DevicesDialog], qtbot: QtBot
) -> None:
    school, home = screens
    qtbot.waitUntil(lambda: school.name.text() == "School desktop", timeout=PATIENCE_MS)
    _press(home, "Ask to be let in", qtbot)
    qtbot.waitUntil(lambda: bool(_code(school)) and bool(_code(home)), timeout=PATIENCE_MS)
    assert _code(school) == _code(home)
    assert any("“Home desktop”" in one for one in _words(school))

    _press(home, "It is the same", qtbot)
    _press(school, "It is the same: let in", qtbot)
    qtbot.waitUntil(lambda: "shares what you write" in home.told.text(), timeout=PATIENCE_MS)
    assert home._desk.shares_entries()

    line = next(one for one in school._desk.devices() if one.title == "Home desktop")
    school._on_remove(line)
    assert school.told.text().startswith("Give your passphrase")
    school.passphrase_row._field.setText("wrong")
    school._on_remove(line)
    qtbot.waitUntil(lambda: "not right" in school.told.text(), timeout=PATIENCE_MS)
    school.passphrase_row._field.setText("demo")
    school._on_remove(line)
    qtbot.waitUntil(lambda: school.told.text() == "“Home desktop” was removed.", timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: [one for one in _words(school) if "Home desktop" in one] == [school.told.text()],
        timeout=PATIENCE_MS,
    )
    for one in screens:
        one.close()


def test_a_computer_whose_code_differs_is_turned_away(
    screens: tuple[DevicesDialog, DevicesDialog], qtbot: QtBot
) -> None:
    school, home = screens
    _press(home, "Ask to be let in", qtbot)
    qtbot.waitUntil(lambda: bool(_code(school)), timeout=PATIENCE_MS)
    _press(school, "Turn away", qtbot)
    qtbot.waitUntil(lambda: not _code(school) and not _code(home), timeout=PATIENCE_MS)
    assert not home._desk.shares_entries()
    qtbot.waitUntil(lambda: _button(home, "Ask to be let in") is not None, timeout=PATIENCE_MS)
    for one in screens:
        one.close()
