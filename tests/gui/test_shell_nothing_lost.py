"""A full disk and what is typed meanwhile: it stays in sight, no way leads away from it, and it is tried again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit

from assessor_desk.desk import Desk
from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.gui.dialogs.seal import SealDialog
from assessor_desk.gui.writing import text_field

from .conftest import Open

#: More than the free room in any page of the database: it needs pages that a full disk does not have.
TYPED = "The quokka waits until every pupil has answered. " * 800
SETTLES_MS = 5000


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_field, "RETRY_MS", 300)


@pytest.fixture
def fill(desk: Desk) -> Callable[[bool], None]:
    """`fill(True)`: SQLite refuses every further page, with the very error of a full disk."""

    def limit(full: bool) -> None:
        desk.store._first.execute(f"PRAGMA max_page_count = {1 if full else 1_000_000}")

    return limit


@pytest.fixture
def typed(opened: Open, own_id: str, fill: Callable[[bool], None]) -> QPlainTextEdit:
    """A private note too long for the full disk, typed and refused once."""
    opened.choose(own_id)
    note = _note(opened)
    note.setFocus()
    fill(True)
    note.setPlainText(TYPED)
    opened.qtbot.waitUntil(lambda: opened.workbench.top.save_state == "Not saved yet", timeout=SETTLES_MS)
    return note


def _note(opened: Open) -> QPlainTextEdit:
    return [
        one
        for one in opened.workbench.rubric.findChildren(QPlainTextEdit)
        if one.isVisibleTo(opened.workbench)
    ][-1]


def _stays(opened: Open) -> bool:
    return any("stays open" in words for words in opened.session.notices.sentences)


def test_another_submission_is_not_opened_over_a_text_that_the_disk_refused(
    opened: Open, own_id: str, typed: QPlainTextEdit, fill: Callable[[bool], None]
) -> None:
    opened.workbench.inbox.choose(opened.session.desk.find("7F3A-01"))
    opened.qtbot.waitUntil(lambda: _stays(opened), timeout=SETTLES_MS)
    assert opened.session.submission_id == own_id
    assert opened.workbench.inbox.list.currentIndex().data().startswith("7F3A-00")
    assert typed.toPlainText() == TYPED
    assert any("disk is full" in words for words in opened.session.notices.sentences)
    fill(False)
    desk = opened.session.desk
    opened.qtbot.waitUntil(lambda: desk.case(own_id).review.notes == TYPED, timeout=SETTLES_MS)
    opened.qtbot.waitUntil(lambda: not _stays(opened), timeout=SETTLES_MS)
    assert opened.session.notices.sentences == []
    assert opened.workbench.top.save_state.startswith("Saved on this computer")


def test_once_there_is_room_the_other_submission_opens_and_the_text_is_kept(
    opened: Open, own_id: str, typed: QPlainTextEdit, fill: Callable[[bool], None]
) -> None:
    fill(False)
    other = opened.session.desk.find("7F3A-01")
    opened.workbench.inbox.step(1)
    opened.qtbot.waitUntil(lambda: opened.session.submission_id == other, timeout=SETTLES_MS)
    assert opened.session.desk.case(own_id).review.notes == TYPED


def test_a_text_typed_a_moment_before_leaving_keeps_the_submission_open_too(
    opened: Open, own_id: str, fill: Callable[[bool], None]
) -> None:
    """Neither draft nor entry had been sent when the other submission was chosen."""
    opened.choose(own_id)
    fill(True)
    note = _note(opened)
    note.setFocus()
    note.setPlainText(TYPED)
    opened.session.select(opened.session.desk.find("7F3A-01"))
    opened.qtbot.waitUntil(lambda: _stays(opened), timeout=SETTLES_MS)
    assert opened.session.submission_id == own_id
    assert note.toPlainText() == TYPED


def test_of_several_submissions_chosen_while_saving_the_last_one_opens(opened: Open, own_id: str) -> None:
    opened.choose(own_id)
    note = _note(opened)
    note.setFocus()
    note.setPlainText("The quokka waits.")
    opened.workbench.inbox.step(1)
    opened.workbench.inbox.step(1)
    third = opened.session.desk.find("7F3A-02")
    opened.qtbot.waitUntil(lambda: opened.session.submission_id == third, timeout=SETTLES_MS)
    assert opened.session.desk.case(own_id).review.notes == "The quokka waits."


def test_a_round_of_syncing_leaves_a_refused_text_where_it_is(
    opened: Open, own_id: str, typed: QPlainTextEdit
) -> None:
    opened.session.announce(Changes.of(Kind.INBOX, Kind.LEDGER, Kind.REVIEW, submission=own_id))
    opened.settle()
    assert opened.session.submission_id == own_id
    assert typed.toPlainText() == TYPED


def test_nothing_is_sealed_while_a_text_is_refused(opened: Open, own_id: str, typed: QPlainTextEdit) -> None:
    opened.workbench.run("seal")
    opened.qtbot.waitUntil(
        lambda: any("nothing can be sealed" in words for words in opened.session.notices.sentences),
        timeout=SETTLES_MS,
    )
    assert not opened.workbench.findChildren(SealDialog)
    assert not [one for one in opened.workbench.findChildren(QDialog) if one.isVisible()]


def test_the_window_stays_open_on_a_text_refused_before_it_was_closed(
    opened: Open, typed: QPlainTextEdit, fill: Callable[[bool], None]
) -> None:
    opened.window.close()
    opened.qtbot.waitUntil(lambda: _stays(opened), timeout=SETTLES_MS)
    assert opened.window.isVisible()
    assert typed.toPlainText() == TYPED
    fill(False)
    opened.qtbot.waitUntil(lambda: opened.session.notices.sentences == [], timeout=SETTLES_MS)
    assert opened.workbench.top.save_state.startswith("Saved on this computer")


def test_where_the_disk_stays_full_one_may_take_the_text_along_and_leave(
    opened: Open, own_id: str, typed: QPlainTextEdit
) -> None:
    other = opened.session.desk.find("7F3A-01")
    opened.workbench.inbox.choose(other)
    opened.qtbot.waitUntil(lambda: _stays(opened), timeout=SETTLES_MS)
    _press(opened, "Copy it and leave")
    opened.qtbot.waitUntil(
        lambda: bool(opened.session.case) and opened.session.case.submission.id == other, timeout=SETTLES_MS
    )
    assert TYPED.strip() in QGuiApplication.clipboard().text()
    opened.qtbot.waitUntil(lambda: _note(opened).toPlainText() == "", timeout=SETTLES_MS)


def _press(opened: Open, words: str) -> None:
    from PySide6.QtWidgets import QPushButton

    (button,) = [one for one in opened.session.notices.findChildren(QPushButton) if one.text() == words]
    button.click()
