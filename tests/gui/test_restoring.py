"""Restoring in the window: what a snapshot would change is said before, and a desk that does not open leads there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from tests.gui.conftest import PASSPHRASE, Open

from assessor_desk.desk.restoring import Preview, Restorer, SnapshotLine
from assessor_desk.domain.errors import DeskError, Refused, Restorable, Unavailable
from assessor_desk.gui import app
from assessor_desk.gui.dialogs.restore import RestoreDialog
from assessor_desk.gui.pages.unlock import Openers, Unlock
from assessor_desk.gui.tasks import Tasks
from assessor_desk.store.restoring import Restoring, Step, Told
from assessor_desk.store.snapshots import Snapshot, Why

SLOW = 20_000


def words_in(dialog: RestoreDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def looked(dialog: RestoreDialog, qtbot: QtBot) -> RestoreDialog:
    """Once it said what would change: a layout shows what was put into it with the next events alone."""
    qtbot.waitUntil(lambda: dialog.preview is not None, timeout=SLOW)
    QCoreApplication.processEvents()
    return dialog


def restoring(opened: Open) -> RestoreDialog:
    opened.workbench.run("restore")
    opened.qtbot.waitUntil(lambda: bool(opened.workbench.findChildren(RestoreDialog)), timeout=SLOW)
    return looked(opened.workbench.findChildren(RestoreDialog)[-1], opened.qtbot)


def test_the_dialog_says_what_a_snapshot_holds_and_that_nothing_made_since_is_lost(
    opened: Open, own_id: str
) -> None:
    desk = opened.session.desk
    desk.record_completeness(own_id)
    desk.store.take_snapshot(Why.HOURLY)
    criterion = desk.case(own_id).rubric.criteria[0]
    desk.record_score(own_id, criterion.id, criterion.levels[0].id)
    dialog = restoring(opened)
    assert "1 review" in dialog.list.item(0).text()
    said = words_in(dialog)
    assert "The database is sound." in said
    assert "Made after the snapshot, and kept: 1 level." in said
    with opened.qtbot.waitSignal(dialog.restored, timeout=SLOW) as done:
        dialog.go.click()
    opened.settle()
    assert done.args[0].kept.is_dir()
    assert desk.case(own_id).review.work(criterion.id).level == criterion.levels[0].id


def test_before_the_first_snapshot_there_is_the_journal(opened: Open, own_id: str) -> None:
    opened.session.desk.record_completeness(own_id)
    dialog = restoring(opened)
    assert "no snapshot yet" in words_in(dialog) or dialog.list.count() == 0
    assert dialog.go.isEnabled()
    dialog.reject()
    opened.settle()


@pytest.fixture
def unlock(tmp_path: Path, new_desk: Any, tasks: Tasks, qtbot: QtBot) -> Unlock:
    """The page of a real desk whose database is empty."""
    folder = new_desk.copy_to(tmp_path / "desk")
    with app.open_desk(folder, PASSPHRASE) as desk:
        desk.store.set_fact("something", 1)
    (folder / "desk.db").write_bytes(b"")
    page = Unlock(
        folder,
        tasks,
        Openers(app.open_desk_and_remember, app.open_desk_with_recovery_key, closed=app.closed_desk),
    )
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    return page


def test_a_desk_whose_database_is_empty_leads_to_its_snapshots_and_opens(
    unlock: Unlock, qtbot: QtBot
) -> None:
    assert not unlock.by_passphrase.restore.isVisible()
    unlock.by_passphrase.field.setText(PASSPHRASE)
    unlock.by_passphrase.go.click()
    qtbot.waitUntil(unlock.by_passphrase.restore.isVisible, timeout=SLOW)
    assert "“desk.db” is empty" in unlock.by_passphrase.trouble
    unlock.by_passphrase.restore.click()
    qtbot.waitUntil(lambda: bool(unlock.findChildren(RestoreDialog)), timeout=SLOW)
    (dialog,) = unlock.findChildren(RestoreDialog)
    looked(dialog, qtbot)
    assert "The database cannot be read." in words_in(dialog)
    with qtbot.waitSignal(unlock.opened, timeout=SLOW) as opened:
        dialog.go.click()
    opened.args[0].close()


def test_a_dialog_that_is_left_lets_go_of_the_desk(unlock: Unlock, qtbot: QtBot) -> None:
    unlock.by_passphrase.field.setText(PASSPHRASE)
    unlock.restore()
    qtbot.waitUntil(lambda: bool(unlock.findChildren(RestoreDialog)), timeout=SLOW)
    (dialog,) = unlock.findChildren(RestoreDialog)
    looked(dialog, qtbot).reject()
    qtbot.waitUntil(lambda: not unlock.findChildren(RestoreDialog), timeout=SLOW)
    app.closed_desk(unlock._folder, PASSPHRASE).close()


def test_a_snapshot_that_is_due_is_taken_while_the_window_is_open(opened: Open, own_id: str) -> None:
    opened.session.desk.record_completeness(own_id)
    opened.session.desk.store.snapshot_wanted = True
    opened.workbench.keeping.keep()
    snapshots = opened.session.desk.snapshots().snapshots
    opened.qtbot.waitUntil(lambda: len(snapshots()) == 1, timeout=SLOW)


def test_a_disk_too_full_for_a_snapshot_is_told_once(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> bool:
        raise Unavailable("No room for a snapshot")

    told: list[str] = []
    monkeypatch.setattr(opened.session.desk, "keep_snapshot", full)
    monkeypatch.setattr(opened.session.notices, "tell", lambda words, *_: told.append(words))
    for _ in range(2):
        opened.workbench.keeping.keep()
    opened.qtbot.waitUntil(lambda: bool(told), timeout=SLOW)
    opened.settle()
    assert told == ["No room for a snapshot."]


def test_what_was_restored_is_told_as_done(opened: Open, own_id: str) -> None:
    opened.session.desk.record_completeness(own_id)
    opened.session.desk.store.take_snapshot(Why.HOURLY)
    dialog = restoring(opened)
    assert "Nothing you see would change." in words_in(dialog)
    with opened.qtbot.waitSignal(dialog.restored, timeout=SLOW):
        dialog.go.click()
    opened.settle()
    (told,) = [words for words in opened.session.notices.sentences if words.startswith("Restored.")]
    assert told == "Restored. Nothing you see has changed. Everything made since this snapshot was kept."


def test_where_every_snapshot_is_damaged_they_are_listed_and_the_journal_is_named(
    opened: Open, own_id: str
) -> None:
    desk = opened.session.desk
    desk.record_completeness(own_id)
    desk.store.take_snapshot(Why.HOURLY)
    for snapshot in (desk.folder / "snapshots").glob("*.db"):
        snapshot.write_bytes(snapshot.read_bytes()[:5000])
    dialog = restoring(opened)
    said = words_in(dialog)
    assert "Every snapshot is damaged." in said
    assert "no snapshot yet" not in said
    assert "after the snapshot" not in said
    assert dialog.list.isVisible()
    assert "damaged" in dialog.list.item(0).text()
    dialog.reject()
    opened.settle()


def test_a_restore_is_stopped_until_it_takes_the_databases_place_and_nobody_leaves_before_it_is_told(
    opened: Open, own_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    real = Restoring._begin

    def slowly(self: Restoring, target: Path, snapshot: Snapshot | None, told: Told) -> None:
        told(Step.COPYING, 1, 2)
        reached.set()
        assert go_on.wait(20)
        real(self, target, snapshot, told)

    desk = opened.session.desk
    desk.record_completeness(own_id)
    desk.store.take_snapshot(Why.HOURLY)
    dialog = restoring(opened)
    monkeypatch.setattr(Restoring, "_begin", slowly)
    dialog.go.click()
    assert reached.wait(20)
    opened.qtbot.waitUntil(lambda: dialog.bar.value() > 0, timeout=SLOW)
    assert "Copying the snapshot" in words_in(dialog)
    assert dialog.leave.text() == "Cancel"
    dialog.leave.click()
    assert dialog.isVisible()
    go_on.set()
    opened.qtbot.waitUntil(
        lambda: "Restoring was stopped. Nothing was changed." in words_in(dialog), timeout=SLOW
    )
    assert not dialog.trouble.isVisible()
    assert not (desk.folder / "before-restoring").exists()
    assert desk.case(own_id).review.completeness == ()

    dialog.go.click()
    told = opened.session.notices
    opened.qtbot.waitUntil(
        lambda: any(words.startswith("Restored.") for words in told.sentences), timeout=SLOW
    )
    opened.settle()


def test_once_it_takes_the_databases_place_a_restore_cannot_be_stopped(opened: Open, own_id: str) -> None:
    opened.session.desk.record_completeness(own_id)
    dialog = restoring(opened)
    dialog._rest(threading.Event())
    dialog._on_progress(Step.REPLACING, 0, 0)
    assert not dialog.leave.isEnabled()
    dialog.reject()
    assert dialog.isVisible()
    assert "Taking the database" in words_in(dialog)
    dialog._rest(None)
    dialog.reject()
    opened.settle()


def test_a_refused_restore_may_be_tried_again(
    opened: Open, own_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("The disk is full")

    opened.session.desk.record_completeness(own_id)
    opened.session.desk.store.take_snapshot(Why.HOURLY)
    dialog = restoring(opened)
    monkeypatch.setattr(opened.session.desk.store, "restore", full)
    dialog.go.click()
    opened.qtbot.waitUntil(dialog.trouble.isVisible, timeout=SLOW)
    assert dialog.trouble.text() == "The disk is full."
    assert dialog.go.isEnabled()
    dialog.reject()
    assert not dialog.isVisible()
    opened.settle()


def test_a_notice_of_a_damaged_database_leads_to_restoring(
    opened: Open, own_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_: str) -> None:
        raise Restorable("“desk.db” is damaged")

    monkeypatch.setattr(opened.session.desk, "case", damaged)
    opened.session.select(own_id)
    told = opened.session.notices
    opened.qtbot.waitUntil(lambda: "“desk.db” is damaged." in told.sentences, timeout=SLOW)
    (lead,) = [one for one in told.findChildren(QPushButton) if one.text() == "Restore…"]
    lead.click()
    opened.qtbot.waitUntil(lambda: bool(opened.workbench.findChildren(RestoreDialog)), timeout=SLOW)
    looked(opened.workbench.findChildren(RestoreDialog)[-1], opened.qtbot).reject()
    opened.settle()


# -- choosing among snapshots ------------------------------------------------------------------------------


class _Looks:
    """In place of a desk's snapshots: what is looked at, each look under way until it is let end or given up."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.given_up: list[str] = []
        self.refused: dict[str, DeskError] = {}
        self.may_end, self.heeds = threading.Event(), threading.Event()
        self.heeds.set()

    def snapshots(self) -> list[SnapshotLine]:
        at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        return [SnapshotLine(name, at, 1000, "while you worked", "1 review", True) for name in "ABCDE"]

    def preview(self, name: str = "", stop: threading.Event | None = None) -> Preview:
        self.begun.append(name)
        while not self.may_end.wait(0.01):
            if stop is not None and stop.is_set() and self.heeds.is_set():
                self.given_up.append(name)
                raise Refused("Restoring was stopped. Nothing was changed")
        if name in self.refused:
            raise self.refused[name]
        return Preview(name, "The database is sound.", True, f"As of {name}.", ())


@pytest.fixture
def looks(tasks: Tasks) -> Iterator[_Looks]:
    """Its last look ends before the lanes are drained."""
    assert tasks
    made = _Looks()
    yield made
    made.may_end.set()


@pytest.fixture
def choosing(looks: _Looks, tasks: Tasks, qtbot: QtBot) -> RestoreDialog:
    """Amid the look at the first of five snapshots."""
    dialog = RestoreDialog(tasks, lambda: cast("Restorer", looks))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: looks.begun == ["A"], timeout=SLOW)
    return dialog


def test_snapshots_that_were_only_passed_on_the_way_are_not_looked_at(
    choosing: RestoreDialog, looks: _Looks, qtbot: QtBot
) -> None:
    looks.heeds.clear()
    for _ in range(4):
        QTest.keyClick(choosing.list, Qt.Key.Key_Down)
    looks.heeds.set()
    qtbot.waitUntil(lambda: looks.begun == ["A", "E"], timeout=SLOW)
    assert looks.given_up == ["A"]
    looks.may_end.set()
    assert "As of E." in words_in(looked(choosing, qtbot))
    assert not choosing.trouble.isVisible()
    assert looks.begun == ["A", "E"]


def test_what_is_typed_does_not_wait_for_looks_in_a_box_that_was_left(
    choosing: RestoreDialog, looks: _Looks, tasks: Tasks, qtbot: QtBot
) -> None:
    choosing.list.setCurrentRow(1)
    qtbot.waitUntil(lambda: looks.begun == ["A", "B"], timeout=SLOW)
    choosing.list.setCurrentRow(2)
    choosing.reject()
    written: list[object] = []
    tasks.store(lambda: None, written.append)
    qtbot.waitUntil(lambda: bool(written), timeout=SLOW)
    assert looks.begun == looks.given_up == ["A", "B"]


def test_a_snapshot_that_was_left_again_is_not_refused_beside_the_one_that_is_shown(
    choosing: RestoreDialog, looks: _Looks, tasks: Tasks, qtbot: QtBot
) -> None:
    looks.refused["A"] = Unavailable("The disk is full")
    looks.may_end.set()
    tasks.drain_store()  # its answer is on its way
    choosing.list.setCurrentRow(1)
    assert "As of B." in words_in(looked(choosing, qtbot))
    assert not choosing.trouble.isVisible()
    assert choosing.go.isEnabled()


def test_the_refusal_of_the_snapshot_that_is_chosen_is_told_until_another_is_shown(
    choosing: RestoreDialog, looks: _Looks, qtbot: QtBot
) -> None:
    looks.refused["A"] = Unavailable("The disk is full")
    looks.may_end.set()
    qtbot.waitUntil(choosing.trouble.isVisible, timeout=SLOW)
    assert choosing.trouble.text() == "The disk is full."
    assert not choosing.go.isEnabled()
    choosing.list.setCurrentRow(1)
    assert "As of B." in words_in(looked(choosing, qtbot))
    assert not choosing.trouble.isVisible()


def test_a_look_at_a_snapshot_ends_once_it_is_given_up_and_leaves_nothing(
    opened: Open, own_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up, real = threading.Event(), Restoring._begin

    def begin(self: Restoring, target: Path, snapshot: Snapshot | None, told: Told) -> None:
        real(self, target, snapshot, told)
        given_up.set()

    desk = opened.session.desk
    desk.record_completeness(own_id)
    desk.store.take_snapshot(Why.HOURLY)
    monkeypatch.setattr(Restoring, "_begin", begin)
    with pytest.raises(Refused, match="stopped"):
        desk.snapshots().preview(stop=given_up)
    assert not [one for one in desk.folder.iterdir() if "unfinished" in one.name]
    assert desk.snapshots().preview().present_sound
