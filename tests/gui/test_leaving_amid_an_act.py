"""Amid an act no box is left, since nobody would hear what came of it; the lock takes it out of sight all the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from tests.gui.conftest import PASSPHRASE, SETTLES_MS, Open

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import DeskError, Refused, Unavailable, WrongPassphrase
from assessor_desk.domain.own_devices import OwnDevice
from assessor_desk.gui.dialogs.change_passphrase import ChangePassphraseDialog
from assessor_desk.gui.dialogs.connect import ConnectDialog
from assessor_desk.gui.dialogs.devices import DevicesDialog
from assessor_desk.gui.dialogs.identity import IdentityDialog
from assessor_desk.gui.dialogs.stays_open import StaysOpenDialog
from assessor_desk.gui.locking import Locking
from assessor_desk.gui.tasks import Tasks

ANOTHER = "orange lantern meadow"
RENEWED = "Your certificate was renewed."
HERE, OTHER = (
    OwnDevice(title, title, datetime(2026, 11, 20, 9, 0, tzinfo=UTC), None, None, title == "School desktop")
    for title in ("School desktop", "Home desktop")
)


class _Act:
    """In place of an act of the desk's: under way until it is let end, with what it is given."""

    def __init__(self) -> None:
        self._begun, self._may_end = threading.Event(), threading.Event()
        self._error: Exception | None = None

    def __call__(self, *_: object) -> Changes:
        self._begun.set()
        assert self._may_end.wait(20)
        if self._error is not None:
            raise self._error
        return Changes.of(Kind.SETTINGS)

    def is_under_way(self) -> bool:
        return self._begun.wait(5)

    def end(self, error: Exception | None = None) -> None:
        self._error = error
        self._may_end.set()


@pytest.fixture
def act(tasks: Tasks) -> Iterator[_Act]:
    """It ends before the lanes are drained."""
    assert tasks
    made = _Act()
    yield made
    made.end()


Begin = Callable[[Open, _Act, pytest.MonkeyPatch], QDialog]


def _changing(opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch) -> QDialog:
    monkeypatch.setattr(opened.session.desk, "change_passphrase", act)
    opened.workbench.run("change_passphrase")
    [box] = opened.workbench.findChildren(ChangePassphraseDialog)
    for field, words in ((box.present, PASSPHRASE), (box.first, ANOTHER), (box.second, ANOTHER)):
        field.setText(words)
    QTest.keyClick(box.second, Qt.Key.Key_Return)
    return box


def _removing(opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch) -> QDialog:
    desk = opened.session.desk
    monkeypatch.setattr(desk, "devices", lambda _: (HERE, OTHER))
    monkeypatch.setattr(desk, "shares_entries", lambda _: True)
    monkeypatch.setattr(desk, "waits_for_key", lambda _: False)
    monkeypatch.setattr(desk, "joining", lambda _: None)
    monkeypatch.setattr(desk, "joins", lambda _: ())
    monkeypatch.setattr(desk, "key_copy_kept", lambda _: False)
    monkeypatch.setattr(desk, "key_copy_gone", lambda _: "")
    monkeypatch.setattr(desk, "remove_device", act)
    opened.workbench.run("devices")
    [box] = opened.workbench.findChildren(DevicesDialog)
    opened.qtbot.waitUntil(lambda: box.name.text() == HERE.title, timeout=SETTLES_MS)
    box.passphrase_row._field.setText(PASSPHRASE)
    box._on_remove(OTHER)
    return box


def _connecting(opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch) -> QDialog:
    monkeypatch.setattr(opened.session.desk, "connect", act)
    monkeypatch.setattr(opened.workbench.syncing, "start", lambda: None)
    opened.workbench.run("connect")
    [box] = opened.workbench.findChildren(ConnectDialog)
    assert box.page.passphrase is not None
    for field, words in (
        (box.page.address, "https://hub.example.org"),
        (box.page.code, "ABCD"),
        (box.page.passphrase, PASSPHRASE),
    ):
        field.setText(words)
    box.page.go.click()
    return box


def _renewing(opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch) -> QDialog:
    monkeypatch.setattr(opened.session.desk, "renew_certificate", lambda *_: (act(), RENEWED))
    opened.workbench.run("identity")
    [box] = opened.workbench.findChildren(IdentityDialog)
    opened.qtbot.waitUntil(lambda: box.identity is not None, timeout=SETTLES_MS)
    box.passphrase_row._field.setText(PASSPHRASE)
    box.renew.click()
    return box


def _stays(box: QDialog) -> bool:
    QTest.keyClick(box, Qt.Key.Key_Escape)
    QTest.keyClick(box, Qt.Key.Key_Return)
    box.close()
    return box.isVisible()


def _way_out(box: Any) -> Any:
    """What is pressed to leave it."""
    if isinstance(box, ChangePassphraseDialog):
        return box.cancel
    if isinstance(box, StaysOpenDialog):
        return box.leave
    return next(one for one in box.page.findChildren(type(box.page.go)) if one.text() == "Not now")


def _trouble(box: Any) -> str:
    if isinstance(box, ConnectDialog):
        return box.page.trouble
    return str((box.trouble if isinstance(box, ChangePassphraseDialog) else box.told).text())


@pytest.mark.parametrize("begin", [_changing, _removing, _connecting, _renewing])
@pytest.mark.parametrize(
    "error", [WrongPassphrase("This passphrase is not right"), Unavailable("The hub does not answer")]
)
def test_a_refusal_is_told_in_the_box_that_somebody_tried_to_leave_meanwhile(
    opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch, begin: Begin, error: DeskError
) -> None:
    box = begin(opened, act, monkeypatch)
    assert act.is_under_way()
    assert not _way_out(box).isEnabled()
    assert _stays(box)
    act.end(error)
    opened.qtbot.waitUntil(lambda: _trouble(box) == f"{error}.", timeout=SETTLES_MS)
    assert _way_out(box).isEnabled()
    _way_out(box).click()
    assert not box.isVisible()
    opened.settle()


def test_a_change_that_somebody_tried_to_leave_is_told(
    opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = _changing(opened, act, monkeypatch)
    assert act.is_under_way()
    assert _stays(box)
    with opened.qtbot.waitSignal(box.accepted, timeout=SETTLES_MS):
        act.end()
    assert opened.session.notices.sentences == ["The passphrase of this desk was changed."]


def test_a_removal_that_somebody_tried_to_leave_is_told(
    opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = _removing(opened, act, monkeypatch)
    assert act.is_under_way()
    assert _stays(box)
    act.end()
    opened.qtbot.waitUntil(lambda: _trouble(box) == "“Home desktop” was removed.", timeout=SETTLES_MS)
    box.close()
    assert not box.isVisible()


def test_a_renewal_that_somebody_tried_to_leave_is_told_and_changes_what_is_shown(
    opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = _renewing(opened, act, monkeypatch)
    assert isinstance(box, IdentityDialog)
    assert act.is_under_way()
    assert _stays(box)
    with opened.qtbot.waitSignal(box.changed, timeout=SETTLES_MS):
        act.end()
    assert _trouble(box) == RENEWED
    box.close()
    assert not box.isVisible()
    opened.settle()


def test_a_connection_that_somebody_tried_to_leave_is_heard_of(
    opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = _connecting(opened, act, monkeypatch)
    assert isinstance(box, ConnectDialog)
    assert act.is_under_way()
    assert _stays(box)
    with opened.qtbot.waitSignal(box.connected, timeout=SETTLES_MS):
        act.end()
    assert not box.isVisible()


@pytest.mark.parametrize("begin", [_changing, _removing, _connecting, _renewing])
def test_a_defect_holds_nobody_in_a_box(
    opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch, begin: Begin
) -> None:
    box = begin(opened, act, monkeypatch)
    assert act.is_under_way()
    with opened.qtbot.waitSignal(opened.session.tasks.crashed, timeout=SETTLES_MS):
        act.end(ZeroDivisionError())
    opened.qtbot.waitUntil(lambda: _way_out(box).isEnabled(), timeout=SETTLES_MS)
    box.close()
    assert not box.isVisible()


@pytest.mark.parametrize("begin", [_changing, _removing, _connecting, _renewing])
def test_the_lock_takes_a_box_out_of_sight_amid_its_act_and_it_comes_back(
    opened: Open, act: _Act, monkeypatch: pytest.MonkeyPatch, begin: Begin
) -> None:
    lock = Locking(opened.window, opened.workbench, opened.session, opened.preferences)
    box = begin(opened, act, monkeypatch)
    assert act.is_under_way()
    opened.workbench.run("lock")
    assert lock.page is not None
    assert not box.isVisible()
    act.end(Refused("It is out of the question"))
    opened.qtbot.waitUntil(lambda: "out of the question" in _trouble(box), timeout=SETTLES_MS)
    assert not box.isVisible()
    with opened.qtbot.waitSignal(lock.unlocked, timeout=SETTLES_MS):
        lock.page.field.setText(PASSPHRASE)
        lock.page.go.click()
    assert box.isVisible()
    assert "out of the question" in _trouble(box)
    box.close()
    assert not box.isVisible()
