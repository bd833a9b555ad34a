"""The pages before the workbench: first run, unlock, connect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assessor_desk.desk import Changes, Desk
from assessor_desk.desk.by_folder import Asked
from assessor_desk.domain.errors import DeskError, Refused, Unavailable, WrongPassphrase
from assessor_desk.domain.patience import TooSoon
from assessor_desk.gui import app
from assessor_desk.gui.pages.connect import ConnectPage
from assessor_desk.gui.pages.first_run import FirstRun
from assessor_desk.gui.pages.passphrase import LEAST, hint, worth
from assessor_desk.gui.pages.recovery_key import RecoveryKeyPage
from assessor_desk.gui.pages.unlock import Openers, RecoveryPage, Unlock
from assessor_desk.gui.tasks import Tasks

PASSPHRASE = "violet harbour ladder"


@pytest.fixture
def first_run(tmp_path: Path, tasks: Tasks, qtbot: QtBot) -> Iterator[FirstRun]:
    """The first run on an empty folder."""
    pages = FirstRun(tmp_path / "desk", tasks, app.create_desk)
    qtbot.addWidget(pages)
    pages.show()
    yield pages
    tasks.drain()
    if pages.desk is not None:
        pages.desk.close()


def _choose(pages: FirstRun, qtbot: QtBot, first: str, second: str) -> None:
    pages.choose.first.setText(first)
    pages.choose.second.setText(second)
    qtbot.keyClick(pages.choose.second, Qt.Key.Key_Return)


def test_a_first_run_leads_from_passphrase_to_desk(first_run: FirstRun, qtbot: QtBot, tmp_path: Path) -> None:
    _choose(first_run, qtbot, PASSPHRASE, PASSPHRASE)
    qtbot.waitUntil(lambda: first_run.currentIndex() == 1, timeout=10_000)
    first_run.recovery.field.setText(first_run.recovery.asked_group.lower())
    first_run.recovery.go.click()
    assert first_run.currentWidget() is first_run.connect_page
    with qtbot.waitSignal(first_run.opened) as opened:
        first_run.connect_page.left.emit(None)
    assert isinstance(opened.args[0], Desk)
    assert Desk.exists(tmp_path / "desk")


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "easily guessed"),
        (PASSPHRASE, PASSPHRASE + "x", "differ"),
        ("", "", "easily guessed"),
    ],
)
def test_a_passphrase_that_will_not_do_is_told_and_no_desk_is_made(
    first_run: FirstRun, qtbot: QtBot, tmp_path: Path, first: str, second: str, words: str
) -> None:
    _choose(first_run, qtbot, first, second)
    assert words in first_run.choose.trouble
    assert not (tmp_path / "desk").exists()


def test_a_folder_in_a_cloud_service_is_refused_in_the_page(
    tasks: Tasks, qtbot: QtBot, tmp_path: Path
) -> None:
    pages = FirstRun(tmp_path / "Dropbox" / "desk", tasks, app.create_desk)
    qtbot.addWidget(pages)
    _choose(pages, qtbot, PASSPHRASE, PASSPHRASE)
    qtbot.waitUntil(lambda: "Dropbox" in pages.choose.trouble)
    assert pages.choose.column.isEnabled()


@pytest.mark.parametrize(
    "weak", ["password2024", "aaaaaaaaaaaaaa", "1234567890", "abcdefgh12345678", "short"]
)
def test_what_is_guessed_first_is_worth_little(weak: str) -> None:
    assert worth(weak) < LEAST
    assert hint(weak)[1] == "caution"


def test_several_words_are_strong() -> None:
    assert hint(PASSPHRASE) == ("Strong.", "positive")


KEY = "ADF0-5KRD-Z7SD-Q06P-MBX6-ZA7R-R0GJ-998S"


@pytest.fixture
def recovery(qtbot: QtBot) -> RecoveryKeyPage:
    """The page that shows the recovery key."""
    page = RecoveryKeyPage(KEY)
    qtbot.addWidget(page)
    return page


def test_the_recovery_key_can_be_copied(recovery: RecoveryKeyPage) -> None:
    recovery._copy()
    assert QGuiApplication.clipboard().text() == KEY
    assert "Copied" in recovery.kept.text()


def test_the_recovery_key_can_be_saved(recovery: RecoveryKeyPage, tmp_path: Path) -> None:
    recovery.save_to(tmp_path / "key.txt")
    assert KEY in (tmp_path / "key.txt").read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_told(recovery: RecoveryKeyPage, tmp_path: Path) -> None:
    recovery.save_to(tmp_path / "no-such-folder" / "key.txt")
    assert "no-such-folder" in recovery.trouble


def test_the_first_page_stays_where_it_is_while_it_speaks(first_run: FirstRun, qtbot: QtBot) -> None:
    page = first_run.choose
    first_run.resize(900, 700)
    QApplication.processEvents()
    places = lambda: [one.mapTo(page, QPoint(0, 0)) for one in (page.first, page.second, page.go)]  # noqa: E731
    before = places()
    for words in ("a", "aaaaaaaaaaaa", "violet harbour", PASSPHRASE):
        page.first.setText(words)
        QApplication.processEvents()
        assert places() == before
    page.go.click()
    QApplication.processEvents()
    assert "differ" in page.trouble
    assert places() == before


def test_a_wrong_group_does_not_lead_on(recovery: RecoveryKeyPage, qtbot: QtBot) -> None:
    recovery.field.setText("ZZZZ")
    with qtbot.assertNotEmitted(recovery.confirmed):
        recovery.go.click()
    assert "not group" in recovery.trouble


# -- unlocking ---------------------------------------------------------------------------------------------


def test_return_leads_from_the_recovery_key_through_both_passphrases_and_opens(qtbot: QtBot) -> None:
    page = RecoveryPage()
    qtbot.addWidget(page)
    page.show()
    for field, words in ((page.key, KEY), (page.first, PASSPHRASE), (page.second, PASSPHRASE)):
        if field is page.key:
            field.setFocus()
        assert page.focusWidget() is field
        field.setText(words)
        if field is page.second:
            with qtbot.waitSignal(page.given) as given:
                QTest.keyClick(field, Qt.Key.Key_Return)
            assert given.args == [KEY, PASSPHRASE]
        else:
            QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.fixture
def unlock(tmp_path: Path, new_desk: Any, tasks: Tasks, qtbot: QtBot) -> Unlock:
    """The unlock page of a real desk."""
    openers = Openers(app.open_desk_and_remember, app.open_desk_with_recovery_key)
    page = Unlock(new_desk.copy_to(tmp_path / "desk"), tasks, openers)
    qtbot.addWidget(page)
    page.show()
    return page


def test_the_right_passphrase_opens_the_desk(unlock: Unlock, qtbot: QtBot) -> None:
    unlock.by_passphrase.field.setText(PASSPHRASE)
    with qtbot.waitSignal(unlock.opened, timeout=10_000) as opened:
        qtbot.keyClick(unlock.by_passphrase.field, Qt.Key.Key_Return)
    opened.args[0].close()


def test_a_wrong_passphrase_is_told_and_can_be_corrected(unlock: Unlock, qtbot: QtBot) -> None:
    unlock.by_passphrase.field.setText("wrong")
    unlock.by_passphrase.go.click()
    qtbot.waitUntil(lambda: "passphrase" in unlock.by_passphrase.trouble, timeout=10_000)
    assert unlock.by_passphrase.go.isEnabled()


def test_many_wrong_tries_make_the_next_one_wait(unlock: Unlock) -> None:
    for _ in range(4):
        unlock.refuse(WrongPassphrase("Wrong passphrase"))
    assert not unlock.by_passphrase.go.isEnabled()
    assert unlock.by_passphrase._busy.text() == "Try again in 4 s"
    for _ in range(4):
        unlock._waits._on_tick()
    assert unlock.by_passphrase.go.isEnabled()


def test_a_disk_that_does_not_answer_costs_no_waiting(unlock: Unlock) -> None:
    for _ in range(6):
        unlock.refuse(Unavailable("The disk does not answer"))
    assert unlock.by_passphrase.go.isEnabled()


def test_tries_from_before_the_window_was_opened_make_it_wait_too(unlock: Unlock) -> None:
    unlock.refuse(TooSoon(7))
    assert not unlock.by_passphrase.go.isEnabled()
    assert "7 seconds" in unlock.by_passphrase.trouble


def test_the_recovery_key_opens_the_desk_under_a_new_passphrase(
    unlock: Unlock, qtbot: QtBot, new_desk: Any, tmp_path: Path
) -> None:
    unlock.by_passphrase.lost.emit()
    page = unlock.by_key
    page.key.setText(new_desk.recovery_key)
    page.first.setText("orange lantern meadow")
    page.second.setText("orange lantern meadow")
    with qtbot.waitSignal(unlock.opened, timeout=10_000) as opened:
        page.go.click()
    opened.args[0].close()
    Desk.open(tmp_path / "desk", "orange lantern meadow").close()


# -- connecting --------------------------------------------------------------------------------------------


def _page(tasks: Tasks, qtbot: QtBot, connect: Any, passphrase: str = "") -> ConnectPage:
    page = ConnectPage(tasks, connect, passphrase)
    qtbot.addWidget(page)
    page.address.setText(" https://hub.example.org ")
    page.code.setText(" 1234 ")
    return page


def test_what_was_typed_goes_to_the_hub_without_stray_blanks(tasks: Tasks, qtbot: QtBot) -> None:
    given: list[tuple[str, ...]] = []

    def connect(*words: str) -> Changes:
        given.append(words)
        return Changes()

    page = _page(tasks, qtbot, connect, PASSPHRASE)
    with qtbot.waitSignal(page.left) as left:
        page.go.click()
    assert given == [("https://hub.example.org", "1234", PASSPHRASE)]
    assert isinstance(left.args[0], Changes)


def test_what_is_missing_is_named_before_anything_is_sent(tasks: Tasks, qtbot: QtBot) -> None:
    page = _page(tasks, qtbot, lambda *_: pytest.fail("sent after all"))
    page.go.click()
    assert page.trouble == "Still needed: your passphrase."


def test_a_hub_that_is_down_is_told_and_one_can_try_again(tasks: Tasks, qtbot: QtBot) -> None:
    def connect(*_: str) -> Changes:
        raise Unavailable("The hub at hub.example.org does not answer")

    page = _page(tasks, qtbot, connect, PASSPHRASE)
    page.go.click()
    qtbot.waitUntil(lambda: page.trouble == "The hub at hub.example.org does not answer.")
    assert page.column.isEnabled()
    assert page.address.text().strip() == "https://hub.example.org"


@pytest.mark.parametrize(
    ("error", "at_fault"),
    [
        (Refused("This code is not known"), "code"),
        (Unavailable("The hub does not answer"), "address"),
        (WrongPassphrase("Wrong passphrase"), "passphrase"),
    ],
)
def test_after_a_refusal_one_types_on_in_the_field_that_is_at_fault(
    error: DeskError, at_fault: str, tasks: Tasks, qtbot: QtBot
) -> None:
    def connect(*_: str) -> Changes:
        raise error

    page = _page(tasks, qtbot, connect)
    assert page.passphrase is not None
    page.passphrase.setText(PASSPHRASE)
    page.show()
    page.go.setFocus()
    page.go.click()

    qtbot.waitUntil(lambda: bool(page.trouble))
    field = getattr(page, at_fault)
    assert page.window().focusWidget() is field
    assert field.selectedText() == field.text()


def test_by_stick_the_page_stays_and_says_what_the_programme_will_compare(tasks: Tasks, qtbot: QtBot) -> None:
    waiting: list[Asked] = []

    def connect(address: str, code: str, _: str) -> Changes:
        if not code:
            waiting[:] = [Asked(address, "12AB-34CD-56EF-7890")]
        else:
            waiting.clear()
        return Changes()

    page = ConnectPage(tasks, connect, PASSPHRASE, asked=lambda: waiting[0] if waiting else None)
    qtbot.addWidget(page)
    page.choose_stick(Path("/media/stick"))
    assert page.address.text() == "folder:/media/stick"
    assert "fingerprint" in page.code.accessibleName()
    page.go.click()
    qtbot.waitUntil(lambda: "12AB-34CD-56EF-7890" in page.told.text())
    assert page.trouble == ""
    page.code.setText("AAAA-BBBB")
    with qtbot.waitSignal(page.left) as left:
        page.go.click()
    assert isinstance(left.args[0], Changes)


def test_a_request_that_waits_on_a_stick_is_told_when_the_page_comes_again(
    tasks: Tasks, qtbot: QtBot
) -> None:
    asked = Asked("folder:/media/stick", "12AB-34CD-56EF-7890")
    page = ConnectPage(tasks, lambda *_: Changes(), PASSPHRASE, asked=lambda: asked)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page.address.text() == "folder:/media/stick")
    assert "12AB-34CD-56EF-7890" in page.told.text()
