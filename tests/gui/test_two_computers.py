"""Two computers of one person in the window: two texts in one place, and letting a computer in."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from assessor_desk.desk.devices import DeviceLine, Joining, JoinState
from assessor_desk.domain.review import TextField
from assessor_desk.domain.wordings import Wording
from assessor_desk.gui.dialogs.devices import DevicesDialog
from assessor_desk.gui.writing.text_block import TextBlock

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
    block.show_disputed((), {})
    assert not block.field.isHidden()
    assert block.two_texts.isHidden()


class _Tasks:
    """Does things at once."""

    def side(self, work: Any, done: Any, failed: Any) -> None:
        done(work())


class _Desk:
    """A computer with the key, and one that asks."""

    def __init__(self) -> None:
        self.let: list[str] = []
        self.state = JoinState.ASKED

    def devices(self) -> tuple[DeviceLine, ...]:
        own = DeviceLine("1", "School desktop", AT, AT, None, this=True, shares=True)
        return (own, DeviceLine("2", "Home laptop", AT, None, None, this=False, shares=False))

    def shares_entries(self) -> bool:
        return True

    def joining(self) -> None:
        return None

    def joins(self) -> tuple[Joining, ...]:
        code = "1234 5678" if self.state is not JoinState.ASKED else ""
        return (Joining("j", "Home laptop", self.state, code),)

    def let_in(self, join_id: str) -> None:
        self.let.append(join_id)
        self.state = JoinState.LET_IN


def test_a_computer_that_asks_is_let_in_only_once_there_is_a_code_to_compare(qtbot: QtBot) -> None:
    desk = _Desk()
    dialog = DevicesDialog(_Tasks(), desk)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()

    def button(words: str) -> QPushButton | None:
        found = dialog.findChildren(QPushButton)
        return next((one for one in found if one.text() == words and not one.isHidden()), None)

    assert button("It is the same: let in") is None
    assert dialog.name.text() == "School desktop"
    desk.state = JoinState.COMPARE
    dialog._look()
    assert "1234 5678" in _words(dialog)
    let_in = button("It is the same: let in")
    assert let_in is not None
    let_in.click()
    assert desk.let == ["j"]
    assert any("is let in" in one for one in _words(dialog))
    dialog.close()


def test_a_computer_is_removed_only_with_the_passphrase(qtbot: QtBot) -> None:
    removed: list[tuple[str, str]] = []
    desk = _Desk()
    desk.remove_device = lambda own, words: removed.append((own, words))  # type: ignore[attr-defined]
    dialog = DevicesDialog(_Tasks(), desk)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    line = SimpleNamespace(id="2", title="Home laptop")
    dialog._on_remove(line)  # type: ignore[arg-type]
    assert removed == []
    assert "passphrase" in dialog.told.text()
    dialog.passphrase_row._field.setText("demo")
    dialog._on_remove(line)  # type: ignore[arg-type]
    assert removed == [("2", "demo")]
    dialog.close()
