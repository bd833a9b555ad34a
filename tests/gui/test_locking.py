"""The lock: nothing of a submission in sight, nothing lost, and only the passphrase brings it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QClipboard, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QWidget
from tests.gui.conftest import PASSPHRASE, SETTLES_MS, Open

from assessor_desk.domain.review import TextField
from assessor_desk.gui import locking
from assessor_desk.gui.locking import Locking
from assessor_desk.gui.out_of_sight import out_of_sight
from assessor_desk.gui.pages.locked import Locked
from assessor_desk.gui.panes.evidence.pane import EvidencePane
from assessor_desk.gui.verified import print_verdicts


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


def test_a_box_of_files_goes_as_if_it_were_cancelled_and_does_not_come_back(
    opened: Open, lock: Locking
) -> None:
    QTimer.singleShot(0, lambda: opened.workbench.run("lock"))
    chosen = QFileDialog.getSaveFileName(
        opened.window,
        "Save the record of 7F3A-00",
        "record.pdf",
        options=QFileDialog.Option.DontUseNativeDialog,
    )
    assert chosen == ("", "")
    assert lock.page is not None
    assert out_of_sight()
    _unlock(lock, opened)
    assert not out_of_sight()
    assert [one for one in QApplication.topLevelWidgets() if one.isVisible()] == [opened.window]


def test_nothing_is_printed_that_was_asked_for_before_the_lock(
    opened: Open, lock: Locking, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[object] = []

    def answered_by_somebody_else(_: object) -> int:
        _locked(lock, opened)
        return 1

    monkeypatch.setattr(QPrintDialog, "exec", answered_by_somebody_else)
    monkeypatch.setattr(QTextDocument, "print_", lambda *_: printed.append(1))
    print_verdicts([], "", opened.window)
    assert not printed


def test_a_box_of_printers_is_not_there_any_more_after_the_lock(opened: Open, lock: Locking) -> None:
    QTimer.singleShot(0, lambda: opened.workbench.run("lock"))
    print_verdicts([], "", opened.window)
    assert lock.page is not None
    _unlock(lock, opened)
    assert [one for one in QApplication.topLevelWidgets() if one.isVisible()] == [opened.window]


def test_the_keys_that_lock_do_so_in_a_box_too(opened: Open, lock: Locking) -> None:
    box = _Box(opened.window)
    box.open()
    opened.qtbot.waitUntil(box.isActiveWindow, timeout=SETTLES_MS)
    handle = box.windowHandle()
    assert handle is not None
    with opened.qtbot.waitSignal(lock.locked, timeout=SETTLES_MS):
        QTest.keyClick(
            handle, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        )
    assert not box.isVisible()
    _unlock(lock, opened)
    box.done(0)


def test_a_box_that_would_open_meanwhile_waits_and_is_not_seen_for_a_moment(
    opened: Open, lock: Locking
) -> None:
    _locked(lock, opened)
    box = _Box(opened.window)
    box.open()
    handle = box.windowHandle()
    assert handle is None or not handle.isVisible()
    opened.qtbot.waitUntil(lambda: not box.isVisible(), timeout=SETTLES_MS)
    _unlock(lock, opened)
    assert box.isVisible()
    handle = box.windowHandle()
    assert handle is not None
    assert handle.isVisible()
    box.done(0)


def test_a_box_opened_from_a_box_comes_back_above_it(opened: Open, lock: Locking) -> None:
    below = _Box(opened.window)
    below.open()
    above = _Box(below)
    above.open()
    shown: list[QWidget] = []
    for box in (below, above):
        box.installEventFilter(_Shown(shown, box))
    _locked(lock, opened)
    _unlock(lock, opened)
    assert shown == [below, above]
    above.done(0)
    below.done(0)


class _Shown(QObject):
    def __init__(self, into: list[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self._into, self._box = into, parent

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._into.append(self._box)
        return super().eventFilter(watched, event)


def test_the_window_that_had_the_keys_has_them_again(opened: Open, lock: Locking) -> None:
    beside = QWidget(opened.window, Qt.WindowType.Window)
    beside.show()
    opened.window.activateWindow()
    opened.qtbot.waitUntil(opened.window.isActiveWindow, timeout=SETTLES_MS)
    _locked(lock, opened)
    assert not beside.isVisible()
    _unlock(lock, opened)
    assert beside.isVisible()
    opened.settle()
    assert opened.window.isActiveWindow()
    beside.close()


def test_a_menu_of_the_page_itself_may_open(opened: Open, lock: Locking) -> None:
    page = _locked(lock, opened)
    menu = QMenu(page.field)
    menu.addAction("Paste")
    menu.popup(page.field.mapToGlobal(page.field.rect().center()))
    opened.settle()
    assert menu.isVisible()
    menu.close()


def test_what_was_copied_here_is_not_in_the_clipboard_while_it_is_locked(
    opened: Open, lock: Locking, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The platform without a screen does not know whose it is.
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _: True)
    clipboard = QApplication.clipboard()
    clipboard.setText("a quokka asks")
    _locked(lock, opened)
    assert clipboard.text() == ""
    _unlock(lock, opened)
    assert clipboard.text() == "a quokka asks"


def test_what_was_copied_elsewhere_stays_in_the_clipboard(opened: Open, lock: Locking) -> None:
    clipboard = QApplication.clipboard()
    clipboard.setText("from elsewhere")
    _locked(lock, opened)
    assert clipboard.text() == "from elsewhere"


class _Playback:
    playing = True

    def seek_by(self, ms: int) -> None:
        raise AssertionError(ms)


class _Plays:
    def __init__(self) -> None:
        self.playback = _Playback()

    def toggle_play(self) -> None:
        self.playback.playing = not self.playback.playing

    def pause_to_write(self) -> bool:
        return False

    def resume(self) -> None:
        raise AssertionError


def test_a_recording_in_the_other_half_of_the_evidence_is_silent_too(
    opened: Open, lock: Locking, own_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.choose(own_id)
    evidence = opened.workbench.evidence
    first = evidence.current_artifact
    assert first is not None
    opened.workbench.run("beside")
    evidence.half.bring(first.id)
    opened.qtbot.waitUntil(lambda: len(evidence.viewers) == 2, timeout=SETTLES_MS)
    both = [_Plays(), _Plays()]
    with monkeypatch.context() as patch:
        patch.setattr(EvidencePane, "viewers", property(lambda _: both))
        _locked(lock, opened)
    assert [viewer.playback.playing for viewer in both] == [False, False]


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


@dataclass
class Clocks:
    """Those that the lock looks at, ahead by so many minutes. Its own: a hub's thread that saw the computer's leap
    would wait for as long, and a test that stops it too.
    """

    steady: float = 0
    wall: float = 0

    def monotonic(self) -> float:
        """As `time.monotonic`."""
        return time.monotonic() + 60 * self.steady

    def time(self) -> float:
        """As `time.time`."""
        return time.time() + 60 * self.wall


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Clocks that a test moves."""
    clocks = Clocks()
    monkeypatch.setattr(locking, "time", clocks)
    return clocks


def test_nobody_there_for_a_while_locks_it(opened: Open, lock: Locking, clocks: Clocks) -> None:
    clocks.steady = 14
    lock._on_look()
    assert lock.page is None
    clocks.steady = 16
    lock._on_look()
    assert lock.page is not None


def test_whoever_moves_the_mouse_or_types_is_there(opened: Open, lock: Locking, clocks: Clocks) -> None:
    handle = opened.window.windowHandle()
    assert handle is not None
    clocks.steady = 14
    QTest.keyClick(handle, Qt.Key.Key_Shift)
    clocks.steady = 20
    lock._on_look()
    assert lock.page is None


def test_a_computer_that_slept_meanwhile_is_found_locked(opened: Open, lock: Locking, clocks: Clocks) -> None:
    handle = opened.window.windowHandle()
    assert handle is not None
    clocks.wall = 16
    QTest.keyClick(handle, Qt.Key.Key_A)
    assert lock.page is not None
    assert lock.page.field.text() == ""


def test_it_is_never_locked_by_itself_where_the_person_wants_that(
    opened: Open, lock: Locking, clocks: Clocks
) -> None:
    opened.preferences.lock_minutes = 0
    clocks.steady = 10 * 60
    lock._on_look()
    assert lock.page is None


def test_a_locked_program_says_why_it_does_not_close(opened: Open, lock: Locking) -> None:
    page = _locked(lock, opened)
    opened.window._stay_open()
    assert "could be saved" in page.trouble


def test_a_locked_program_can_be_closed(opened: Open, lock: Locking) -> None:
    page = _locked(lock, opened)
    with opened.qtbot.waitSignal(opened.window.closed, timeout=SETTLES_MS):
        page.leave.click()
    lock._unlock()
