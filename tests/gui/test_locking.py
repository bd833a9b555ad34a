"""The lock: nothing of a submission in sight, nothing lost, and only the passphrase brings it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from tests.gui.conftest import PASSPHRASE, SETTLES_MS, Open

from assessor_desk.domain.review import TextField
from assessor_desk.gui import locking
from assessor_desk.gui.locking import Locking
from assessor_desk.gui.pages.locked import Locked


@pytest.fixture
def lock(opened: Open) -> Iterator[Locking]:
    made = Locking(opened.window, opened.workbench, opened.session, opened.preferences)
    yield made
    if made.page is not None:
        _unlock(made, opened)


def _locked(lock: Locking, opened: Open) -> Locked:
    with opened.qtbot.waitSignal(lock.locked, timeout=SETTLES_MS):
        opened.workbench.run("lock")
    assert lock.page is not None
    return lock.page


def _unlock(lock: Locking, opened: Open) -> None:
    page = lock.page
    assert page is not None
    page.field.setText(PASSPHRASE)
    with opened.qtbot.waitSignal(lock.unlocked, timeout=SETTLES_MS):
        page.go.click()


def _in_sight() -> list[str]:
    """Every word that any widget shows."""
    words = [one.windowTitle() for one in QApplication.topLevelWidgets() if one.isVisible()]
    for widget in QApplication.allWidgets():
        if widget.isVisible():
            for attribute in ("text", "toPlainText"):
                told = getattr(widget, attribute, None)
                words.append(str(told()) if callable(told) else "")
    return words


def test_a_locked_window_shows_nothing_of_any_submission(opened: Open, lock: Locking, own_id: str) -> None:
    opened.choose(own_id)
    opened.session.notices.tell("7F3A-00 was sealed.", "danger")
    assert any("7F3A-00" in words for words in _in_sight())
    _locked(lock, opened)
    assert not any("7F3A" in words or "quokka" in words for words in _in_sight())
    opened.session.notices.tell("7F3A-01 came in.")
    opened.session.refresh()
    opened.settle()
    assert not any("7F3A" in words for words in _in_sight())


def test_the_passphrase_brings_everything_back_as_it_was(opened: Open, lock: Locking, own_id: str) -> None:
    opened.choose(own_id)
    opened.session.notices.tell("Something to know.", "danger")
    title, artifact = opened.window.windowTitle(), opened.workbench.evidence.half.current_artifact
    opened.workbench.inbox.list.setFocus()
    _locked(lock, opened)
    _unlock(lock, opened)
    assert opened.window.page is opened.workbench
    assert opened.workbench.inbox.list.hasFocus()
    assert opened.window.windowTitle() == title
    assert opened.workbench.evidence.half.current_artifact == artifact
    assert opened.session.notices.isVisible()


def test_a_wrong_passphrase_stays_locked_and_says_so(opened: Open, lock: Locking) -> None:
    page = _locked(lock, opened)
    page.field.setText("wrong")
    page.go.click()
    opened.qtbot.waitUntil(lambda: bool(page.trouble), timeout=SETTLES_MS)
    assert "not right" in page.trouble
    assert opened.window.page is page
    page.field.clear()
    page.go.click()
    assert "Type the passphrase" in page.trouble


def test_what_is_being_typed_is_on_the_disk_once_it_is_locked(
    opened: Open, lock: Locking, own_id: str
) -> None:
    opened.choose(own_id)
    opened.session.act(lambda desk: desk.record_completeness(own_id))
    opened.settle()
    opened.workbench.run("write")
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "Asks and waits.")
    _locked(lock, opened)
    opened.settle()
    case = opened.session.desk.case(own_id)
    assert case.review is not None
    written = [case.review.text(kind, one.id) for kind in TextField for one in case.rubric.criteria]
    assert "Asks and waits." in written


class _Box(QDialog):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About 7F3A-00")


def test_a_box_that_is_open_goes_out_of_sight_and_comes_back_with_what_is_in_it(
    opened: Open, lock: Locking
) -> None:
    box = _Box(opened.window)
    ended: list[int] = []
    box.finished.connect(ended.append)
    box.open()
    _locked(lock, opened)
    assert not box.isVisible()
    _unlock(lock, opened)
    assert box.isVisible()
    assert box.isModal()
    assert not ended
    box.done(0)


def test_a_box_that_would_open_meanwhile_waits(opened: Open, lock: Locking) -> None:
    _locked(lock, opened)
    box = _Box(opened.window)
    box.open()
    opened.qtbot.waitUntil(lambda: not box.isVisible(), timeout=SETTLES_MS)
    _unlock(lock, opened)
    assert box.isVisible()
    box.done(0)


def test_keys_of_the_workbench_do_nothing_while_it_is_locked(
    opened: Open, lock: Locking, own_id: str
) -> None:
    opened.choose(own_id)
    page = _locked(lock, opened)
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_K):
        QTest.keyClick(page.field, key, Qt.KeyboardModifier.ControlModifier)
    opened.settle()
    assert opened.session.submission_id == own_id
    assert opened.window.page is page


def test_nobody_there_for_a_while_locks_it(
    opened: Open, lock: Locking, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = locking.time.monotonic()
    monkeypatch.setattr(locking.time, "monotonic", lambda: now + 14 * 60)
    lock._on_look()
    assert lock.page is None
    monkeypatch.setattr(locking.time, "monotonic", lambda: now + 16 * 60)
    lock._on_look()
    assert lock.page is not None


def test_whoever_moves_the_mouse_or_types_is_there(
    opened: Open, lock: Locking, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle, now = opened.window.windowHandle(), locking.time.monotonic()
    assert handle is not None
    monkeypatch.setattr(locking.time, "monotonic", lambda: now + 14 * 60)
    QTest.keyClick(handle, Qt.Key.Key_Shift)
    monkeypatch.setattr(locking.time, "monotonic", lambda: now + 20 * 60)
    lock._on_look()
    assert lock.page is None


def test_it_is_never_locked_by_itself_where_the_person_wants_that(
    opened: Open, lock: Locking, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.preferences.lock_minutes = 0
    now = locking.time.monotonic()
    monkeypatch.setattr(locking.time, "monotonic", lambda: now + 10 * 3600)
    lock._on_look()
    assert lock.page is None


def test_a_locked_program_can_be_closed(opened: Open, lock: Locking) -> None:
    page = _locked(lock, opened)
    with opened.qtbot.waitSignal(opened.window.closed, timeout=SETTLES_MS):
        page.leave.click()
    lock._unlock()
