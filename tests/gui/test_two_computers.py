"""Two computers of one person in the window: two texts in one place, and letting a computer in."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from tests.desk.conftest import new_desk
from tests.desk.test_own_devices import connected, issuer, let_in, made_issuer, server
from tests.desk.test_own_devices import opened as computers
from tests.desk.test_programmes import desk, made, other, programmes
from tests.desk.test_with_a_hub import Issuer

from assessor_desk.desk import Desk
from assessor_desk.desk.devices import HubHere
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable
from assessor_desk.domain.own_devices import OwnDevice
from assessor_desk.domain.review import TextField
from assessor_desk.domain.wordings import Wording
from assessor_desk.gui.dialogs.devices import DevicesDialog
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.writing.text_block import TextBlock
from assessor_desk.hub.serve import Server

__all__ = [
    "computers", "connected", "desk", "issuer", "made", "made_issuer", "new_desk", "other", "programmes", "server",
]  # fmt: skip

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


def _press(dialog: DevicesDialog, words: str, qtbot: QtBot, *, by_key: bool = False) -> None:
    """As a person would, once it is there."""
    qtbot.waitUntil(lambda: _button(dialog, words) is not None, timeout=PATIENCE_MS)
    button = _button(dialog, words)
    assert button is not None
    if by_key:
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Space)
    else:
        button.click()


def _held(dialog: DevicesDialog) -> str:
    """What stands on the button that has the keys."""
    held = dialog.focusWidget()
    return held.text() if isinstance(held, QPushButton) else str(held)


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


def test_the_keys_stay_with_what_stands_in_the_place_of_what_was_pressed(
    computers: Callable[[str], Desk], tasks: Tasks, qtbot: QtBot
) -> None:
    school, home = computers("school"), DevicesDialog(tasks, computers("home"))
    home._timer.setInterval(100)
    qtbot.addWidget(home)
    home.show()
    _press(home, "Ask to be let in", qtbot, by_key=True)
    qtbot.waitUntil(lambda: _held(home) == "Ask no longer", timeout=PATIENCE_MS)
    assert school.joins()
    qtbot.waitUntil(lambda: bool(_code(home)), timeout=PATIENCE_MS)
    assert _held(home) == "It differs", "a key that was to withdraw confirms no code"
    _press(home, "It differs", qtbot, by_key=True)
    qtbot.waitUntil(lambda: _button(home, "Ask to be let in") is not None, timeout=PATIENCE_MS)
    assert _held(home) == "Ask to be let in"
    home.close()


def _named(dialog: DevicesDialog, *words: str) -> list[QPushButton]:
    """The buttons that say all of these words to those who hear the screen."""
    found = [one for one in dialog.findChildren(QPushButton) if one.isVisibleTo(dialog)]
    return [one for one in found if all(each in one.accessibleName() for each in words)]


@pytest.fixture
def two_ask(computers: Callable[[str], Desk], tasks: Tasks, qtbot: QtBot) -> tuple[DevicesDialog, Desk, Desk]:
    """*Your devices* on a computer that two of one title ask, and those: the code of the second one stands there."""
    school, home, third = (computers(name) for name in ("school", "home", "third"))
    for one in (home, third):
        one.call_device("Assessor Desk on Windows")
        one.ask_to_join()
    assert len(school.joins()) == 2
    third.joining()
    dialog = DevicesDialog(tasks, school)
    dialog._timer.setInterval(100)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(_code(dialog)), timeout=PATIENCE_MS)
    return dialog, home, third


def _spelt(desk: Desk) -> str:
    """The code that a computer shows which asks, as it is read out."""
    joining = desk.joining()
    assert joining is not None
    return " ".join(joining.code.replace(" ", ""))


def test_the_keys_go_to_no_other_computer_s_button_where_both_look_alike(
    two_ask: tuple[DevicesDialog, Desk, Desk], qtbot: QtBot
) -> None:
    dialog, home, third = two_ask
    (let_in,) = _named(dialog, "It is the same: let in", _spelt(third))
    let_in.setFocus()
    home.joining()
    qtbot.waitUntil(lambda: len(_named(dialog, "It is the same: let in")) == 2, timeout=PATIENCE_MS)
    held = dialog.focusWidget()
    assert [held] == _named(dialog, "It is the same: let in", _spelt(third))
    qtbot.keyClick(held, Qt.Key.Key_Space)
    third.confirm_joining()
    home.confirm_joining()
    qtbot.waitUntil(lambda: third.joining() is None, timeout=PATIENCE_MS)
    assert third.shares_entries()
    home.joining()
    assert not home.shares_entries()
    dialog.close()


def test_a_window_that_comes_up_late_has_the_keys_on_no_button_that_lets_a_computer_in(
    two_ask: tuple[DevicesDialog, Desk, Desk], tasks: Tasks, qtbot: QtBot
) -> None:
    dialog = DevicesDialog(tasks, two_ask[0]._desk)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: bool(_code(dialog)), timeout=PATIENCE_MS)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: dialog.focusWidget() is not None, timeout=PATIENCE_MS)
    assert dialog.focusWidget() is dialog.name
    two_ask[0].close()
    dialog.close()


@pytest.mark.parametrize("place", [0, 1])
def test_the_keys_stay_with_the_removal_of_one_computer_among_those_of_one_title(
    two_ask: tuple[DevicesDialog, Desk, Desk], qtbot: QtBot, place: int
) -> None:
    dialog, home, _ = two_ask
    before = _named(dialog, "Remove Assessor Desk on Windows")
    assert len(before) == 2
    before[place].setFocus()
    home.withdraw_joining()
    qtbot.waitUntil(lambda: dialog.focusWidget() is not before[place], timeout=PATIENCE_MS)
    assert dialog.focusWidget() is _named(dialog, "Remove Assessor Desk on Windows")[place]
    dialog.close()


@pytest.mark.parametrize("which", ["first", "second"])
def test_after_a_computer_is_turned_away_the_keys_are_on_no_button_that_lets_another_in(
    two_ask: tuple[DevicesDialog, Desk, Desk], qtbot: QtBot, which: str
) -> None:
    dialog, home, third = two_ask
    turned_away = third if which == "second" else home
    left = home if which == "second" else third
    code, theirs = _spelt(turned_away), _spelt(left)
    qtbot.waitUntil(lambda: len(_named(dialog, "Turn", "away", "code")) == 2, timeout=PATIENCE_MS)
    (away,) = _named(dialog, "Turn", "away", code)
    away.setFocus()
    qtbot.keyClick(away, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not _named(dialog, code), timeout=PATIENCE_MS)
    assert _named(dialog, "let in", theirs)
    assert _held(dialog) == "Close"
    dialog.close()


def test_a_computer_that_was_removed_and_is_connected_again_can_ask_to_be_let_in(
    computers: Callable[[str], Desk], issuer: Issuer, server: Server, tasks: Tasks, qtbot: QtBot
) -> None:
    school, home = computers("school"), computers("home")
    let_in(school, home)
    school.remove_device(next(one.id for one in school.devices() if one.title == "Home desktop"), "demo")
    home.connect(server.url, issuer.code(), "demo")
    dialog = DevicesDialog(tasks, home)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "Keeps what you write to itself so far" in _words(dialog), timeout=PATIENCE_MS)
    _press(dialog, "Ask to be let in", qtbot)
    qtbot.waitUntil(lambda: any("it then shows a code" in one for one in _words(dialog)), timeout=PATIENCE_MS)
    dialog.close()


def test_the_copy_of_the_key_at_the_hub_is_deleted_by_its_own_button_and_its_going_is_told(
    computers: Callable[[str], Desk], tasks: Tasks, qtbot: QtBot
) -> None:
    school, home = computers("school"), computers("home")
    let_in(school, home)
    dialog = DevicesDialog(tasks, school)
    dialog._timer.setInterval(100)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "Home desktop" in _words(dialog), timeout=PATIENCE_MS)
    assert dialog.take_back.isHidden()
    assert dialog.removal_words.isHidden()
    dialog.key_passphrase.setText("five words taken by chance")
    _press(dialog, "Leave the key at the hub", qtbot)
    qtbot.waitUntil(dialog.take_back.isVisible, timeout=PATIENCE_MS)
    assert "Removing a computer deletes it" in dialog.removal_words.text()
    _press(dialog, "Leave the key at the hub", qtbot)
    assert dialog.told.text().startswith("Type the passphrase")
    assert school.key_copy_kept()
    _press(dialog, "Delete the copy at the hub", qtbot)
    qtbot.waitUntil(dialog.take_back.isHidden, timeout=PATIENCE_MS)
    assert not school.key_copy_kept()
    school.leave_key_copy("five words taken by chance")
    qtbot.waitUntil(dialog.removal_words.isVisible, timeout=PATIENCE_MS)
    dialog.passphrase_row._field.setText("demo")
    dialog._on_remove(next(one for one in school.devices() if one.title == "Home desktop"))
    qtbot.waitUntil(lambda: "leave a new copy" in dialog.told.text(), timeout=PATIENCE_MS)
    dialog.close()


def test_a_new_computer_uses_the_copy_of_the_key_that_a_lost_one_left(
    computers: Callable[[str], Desk], tasks: Tasks, qtbot: QtBot
) -> None:
    """Alone, it once put a key of its own in the copy's place."""
    school, home = computers("school"), computers("home")
    school.leave_key_copy("five words taken by chance")
    for title in ("School desktop", "Third desktop"):
        home.remove_device(next(one.id for one in home.devices() if one.title == title), "demo")
    dialog = DevicesDialog(tasks, home)
    dialog._timer.setInterval(100)
    qtbot.addWidget(dialog)
    dialog.show()
    _press(dialog, "Use the key at the hub", qtbot)
    assert dialog.told.text().startswith("Type the passphrase")
    dialog.key_passphrase.setText("five words taken by chance")
    _press(dialog, "Use the key at the hub", qtbot)
    qtbot.waitUntil(lambda: "shares what you write" in dialog.told.text(), timeout=PATIENCE_MS)
    dialog.close()


def test_a_computer_that_was_not_let_in_offers_to_let_nobody_in(
    computers: Callable[[str], Desk], tasks: Tasks, qtbot: QtBot
) -> None:
    school, home, third = (computers(name) for name in ("school", "home", "third"))
    let_in(school, home)
    home.store.set_fact(f"devices {home.store.fact('sources')[0]['identity']}", None)
    home.ask_to_join()
    dialog = DevicesDialog(tasks, third)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "Home desktop" in _words(dialog), timeout=PATIENCE_MS)
    assert _button(dialog, "Turn away") is None
    assert not any("asks to join" in one for one in _words(dialog))
    dialog.key_passphrase.setText("five words taken by chance")
    _press(dialog, "Leave the key at the hub", qtbot)
    qtbot.waitUntil(lambda: "another of yours has your key" in dialog.told.text(), timeout=PATIENCE_MS)
    dialog.close()


def test_of_two_hubs_one_is_chosen_and_what_is_done_is_done_there(
    desk: Desk, other: Desk, tasks: Tasks, qtbot: QtBot
) -> None:
    other.call_device("Other at the bay", "BAY-1 hub")
    dialog = DevicesDialog(tasks, desk)
    dialog._timer.setInterval(100)
    qtbot.addWidget(dialog)
    dialog.show()
    assert [dialog.hub.itemText(place) for place in range(dialog.hub.count())] == ["LAKE-1 hub", "BAY-1 hub"]
    assert dialog.hub.isVisible()
    qtbot.waitUntil(lambda: bool(dialog.name.text()), timeout=PATIENCE_MS)
    assert "Other at the bay" not in _words(dialog)
    dialog.hub.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "Other at the bay" in _words(dialog), timeout=PATIENCE_MS)
    dialog.name.setText("Mine at the bay")
    _press(dialog, "Rename", qtbot)
    qtbot.waitUntil(lambda: "Mine at the bay (this computer)" in _words(dialog), timeout=PATIENCE_MS)
    _press(dialog, "Ask to be let in", qtbot)
    qtbot.waitUntil(
        lambda: any("choose “BAY-1 hub” there" in one for one in _words(dialog)), timeout=PATIENCE_MS
    )
    dialog.hub.setFocus()
    dialog.focusNextChild()
    assert _held(dialog) == "Ask no longer"
    qtbot.waitUntil(lambda: bool(other.joins("BAY-1 hub")), timeout=PATIENCE_MS)
    assert other.joins("LAKE-1 hub") == ()
    dialog.hub.setCurrentIndex(0)
    qtbot.waitUntil(lambda: _button(dialog, "Ask to be let in") is not None, timeout=PATIENCE_MS)
    assert "Mine at the bay (this computer)" not in _words(dialog)
    dialog.close()


# -- what looking says, and what acts say ------------------------------------------------------------------


class _Answers:
    """In place of a desk: one computer, and what a look or a renaming is refused with."""

    def __init__(self) -> None:
        self.missed: DeskError | None = None
        self.refused: DeskError | None = None
        self.looks = self.copies_asked = 0

    def hubs(self) -> tuple[HubHere, ...]:
        return ()

    def devices(self, _: str) -> tuple[OwnDevice, ...]:
        return (OwnDevice("school", "School desktop", AT, None, None, this=True),)

    def shares_entries(self, _: str) -> bool:
        return True

    def waits_for_key(self, _: str) -> bool:
        return False

    def joining(self, _: str) -> None:
        return None

    def joins(self, _: str) -> tuple[()]:
        self.looks += 1
        if self.missed is not None:
            raise self.missed
        return ()

    def key_copy_kept(self, _: str) -> bool:
        self.copies_asked += 1
        return False

    def call_device(self, *_: str) -> None:
        if self.refused is not None:
            raise self.refused


OUT_OF_REACH = "The hub does not answer."
FORGED = "“Home” showed another key: somebody may be between your computers."


@pytest.fixture
def answers() -> _Answers:
    return _Answers()


@pytest.fixture
def screen(answers: _Answers, tasks: Tasks, qtbot: QtBot) -> DevicesDialog:
    """*Your devices*, which looks when a test says so."""
    dialog = DevicesDialog(tasks, cast("Desk", answers))
    dialog._timer.stop()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog._looking, timeout=PATIENCE_MS)
    return dialog


def _look(dialog: DevicesDialog, answers: _Answers, qtbot: QtBot, missed: DeskError | None) -> str:
    """What stands below once it has looked."""
    before, answers.missed = answers.looks, missed
    dialog._look()
    qtbot.waitUntil(lambda: answers.looks > before and not dialog._looking, timeout=PATIENCE_MS)
    return dialog.told.text()


def _rename(dialog: DevicesDialog, answers: _Answers, qtbot: QtBot, refused: DeskError | None) -> str:
    """What stands below once it was renamed, and looked at once more."""
    before, answers.refused = answers.looks, refused
    dialog._on_rename()
    qtbot.waitUntil(
        lambda: dialog.leave.isEnabled() and (refused is not None or answers.looks > before),
        timeout=PATIENCE_MS,
    )
    qtbot.waitUntil(lambda: not dialog._looking, timeout=PATIENCE_MS)
    return dialog.told.text()


class _OneIsSilent(_Answers):
    """Of two hubs the first does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer, self.asked = threading.Event(), list[str]()

    def hubs(self) -> tuple[HubHere, ...]:
        return HubHere("lake", "LAKE-1 hub"), HubHere("bay", "BAY-1 hub")

    def joins(self, source: str) -> tuple[()]:
        self.asked.append(source)
        if source == "lake":
            self.may_answer.wait(20)
        return super().joins(source)


def test_however_often_another_hub_is_chosen_one_look_waits_for_one_that_does_not_answer(
    tasks: Tasks, qtbot: QtBot
) -> None:
    answers = _OneIsSilent()
    dialog = DevicesDialog(tasks, cast("Desk", answers))
    dialog._timer.stop()
    qtbot.addWidget(dialog)
    for _ in range(3):
        dialog.hub.setCurrentIndex(1)
        qtbot.waitUntil(lambda: dialog.told.text() == "", timeout=PATIENCE_MS)
        dialog.hub.setCurrentIndex(0)
        assert dialog.told.text() == "Looking…"
    assert answers.asked.count("lake") == 1
    answers.may_answer.set()
    qtbot.waitUntil(lambda: dialog.told.text() == "", timeout=PATIENCE_MS)
    assert dialog.name.text() == "School desktop"


def test_a_hub_that_is_back_is_no_longer_told_as_out_of_reach(
    screen: DevicesDialog, answers: _Answers, qtbot: QtBot
) -> None:
    assert screen.told.text() == ""
    for _ in range(2):
        assert _look(screen, answers, qtbot, Unavailable(OUT_OF_REACH)) == OUT_OF_REACH
    assert _look(screen, answers, qtbot, None) == ""


def test_the_hub_is_not_asked_for_the_copy_of_the_key_with_every_look(
    screen: DevicesDialog, answers: _Answers, qtbot: QtBot
) -> None:
    """It writes down each time who took it."""
    for _ in range(5):
        _look(screen, answers, qtbot, None)
    assert answers.copies_asked == 1
    _rename(screen, answers, qtbot, None)
    assert answers.copies_asked == 2


def test_why_something_was_refused_outlasts_looks(
    screen: DevicesDialog, answers: _Answers, qtbot: QtBot
) -> None:
    refused = "There is a computer of that name."
    assert _rename(screen, answers, qtbot, Refused(refused)) == refused
    assert _look(screen, answers, qtbot, Unavailable(OUT_OF_REACH)) == refused
    assert _look(screen, answers, qtbot, None) == refused
    assert _rename(screen, answers, qtbot, None) == ""


def test_a_warning_of_a_forged_key_stays_until_something_is_done(
    screen: DevicesDialog, answers: _Answers, qtbot: QtBot
) -> None:
    assert _look(screen, answers, qtbot, Damaged(FORGED)) == FORGED
    assert _look(screen, answers, qtbot, None) == FORGED
    assert _look(screen, answers, qtbot, Unavailable(OUT_OF_REACH)) == f"{FORGED} {OUT_OF_REACH}"
    assert _look(screen, answers, qtbot, Damaged(FORGED)) == FORGED
    assert _look(screen, answers, qtbot, None) == FORGED
    assert screen.told.objectName() == "trouble"
    assert _rename(screen, answers, qtbot, None) == ""


def test_a_warning_of_a_forged_key_that_the_very_first_look_gives_stays(
    answers: _Answers, tasks: Tasks, qtbot: QtBot
) -> None:
    answers.missed = Damaged(FORGED)
    dialog = DevicesDialog(tasks, cast("Desk", answers))
    dialog._timer.stop()
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.told.text() == FORGED, timeout=PATIENCE_MS)
    assert _look(dialog, answers, qtbot, None) == FORGED
    assert dialog.name.text() == "School desktop"


def test_what_was_done_does_not_hide_a_warning_that_came_meanwhile(
    screen: DevicesDialog, answers: _Answers, tasks: Tasks, qtbot: QtBot
) -> None:
    may_end = threading.Event()
    screen._do(lambda: may_end.wait(20), said="Done.")
    assert "One moment" in screen.told.text()
    assert FORGED in _look(screen, answers, qtbot, Damaged(FORGED))
    answers.missed = None
    may_end.set()
    qtbot.waitUntil(lambda: screen.told.text() == f"{FORGED} Done.", timeout=PATIENCE_MS)
