"""Releasing reports from the window: picked, into a folder or through the hub, cancelled and gone on with."""

from __future__ import annotations

import csv
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from tests.gui.conftest import Open
from tests.gui.deciding.making import KEY, PASSPHRASE
from tests.gui.deciding.test_deciding_pane import dialog_of, give_passphrase

from assessor_desk.desk import Changes, Desk
from assessor_desk.desk.queued import ReportLine
from assessor_desk.desk.releasing import ReleaseProgress, ReleaseResult
from assessor_desk.domain.errors import Unavailable
from assessor_desk.gui.dialogs.release import ReleaseDialog


@pytest.fixture
def decided(desk: Desk) -> str:
    """The id of a submission whose decision is on the hub."""
    own_id = desk.find(KEY)
    desk.decide(own_id, PASSPHRASE)
    desk.sync()
    return own_id


@pytest.fixture
def dialog(decided: str, opened: Open) -> ReleaseDialog:
    """The release's dialog with its lists read."""
    found = dialog_of(opened, "release", ReleaseDialog)
    assert isinstance(found, ReleaseDialog)
    wait_read(found, opened)
    return found


def wait_read(dialog: ReleaseDialog, opened: Open) -> None:
    """Until both lists are there; side lanes overtake one another."""
    opened.qtbot.waitUntil(lambda: dialog._tabs.tabText(0).endswith(")"), timeout=8000)


def waiting(count: int) -> list[ReportLine]:
    return [ReportLine(f"s{one}", f"7F3A-{one:02}", "Formative", "earned", "E-1") for one in range(count)]


def test_what_is_decided_waits_ticked_with_whom_it_is_for(dialog: ReleaseDialog, decided: str) -> None:
    assert dialog.waiting.chosen == (decided,)
    row = [dialog.waiting.table.item(0, column).text() for column in range(4)]  # type: ignore[union-attr]
    assert row[0] == KEY
    assert row[2:] == ["not yet", "Nguyễn Thị Hồng Nhung"]
    assert dialog.go.text() == "Release 1 report"
    assert dialog.wanting == "Give your passphrase"
    dialog.reject()


def test_reports_go_into_a_folder_with_a_table_for_letters_and_are_listed_as_released(
    dialog: ReleaseDialog, opened: Open, desk: Desk, tmp_path: Path
) -> None:
    out = tmp_path / "reports"
    out.mkdir()
    dialog.choose_folder(out)
    with opened.qtbot.waitSignal(dialog.released, timeout=20_000):
        give_passphrase(dialog, PASSPHRASE)
    opened.qtbot.waitUntil(lambda: dialog.before.table.rowCount() == 1, timeout=8000)
    opened.settle()

    names = {path.name for path in out.iterdir()}
    assert names == {f"{KEY}-feedback.{one}" for one in ("pdf", "docx", "html")} | {"mail-merge.csv"}
    with (out / "mail-merge.csv").open(encoding="utf-8-sig") as file:
        assert [row["Submission"] for row in csv.DictReader(file)] == [KEY]
    assert dialog.progress.text() == "1 report released."
    assert dialog.waiting.chosen == ()
    shown = [dialog.before.table.item(0, column).text() for column in (0, 2, 4)]  # type: ignore[union-attr]
    assert shown == [KEY, "Nguyễn Thị Hồng Nhung", str(out)]
    assert opened.preferences.release_how == "folder"
    dialog.reject()
    rows = opened.workbench.inbox.list.model()
    opened.qtbot.waitUntil(lambda: "Released, 1" in [str(rows.index(row, 0).data()) for row in range(4)])


def test_reports_go_through_the_hub(dialog: ReleaseDialog, opened: Open, desk: Desk, decided: str) -> None:
    dialog.through_hub.setChecked(True)
    with opened.qtbot.waitSignal(dialog.released, timeout=20_000):
        give_passphrase(dialog, PASSPHRASE)
    opened.settle()
    released = desk.case(decided).released
    assert released is not None
    assert released.how == "hub"
    dialog.reject()


def test_a_wrong_passphrase_releases_nothing_and_is_told_in_place(
    dialog: ReleaseDialog, opened: Open, desk: Desk, decided: str
) -> None:
    give_passphrase(dialog, "wrong")
    opened.qtbot.waitUntil(lambda: "not right" in dialog.passphrase_row.trouble, timeout=8000)
    assert desk.case(decided).released is None
    assert dialog.waiting.chosen == (decided,)
    dialog.reject()


def test_what_is_not_on_the_hub_yet_cannot_be_chosen(desk: Desk, opened: Open) -> None:
    desk.decide(desk.find(KEY), PASSPHRASE)
    dialog = dialog_of(opened, "release", ReleaseDialog)
    assert isinstance(dialog, ReleaseDialog)
    wait_read(dialog, opened)
    assert dialog.waiting.chosen == ()
    assert not dialog.waiting.table.item(0, 0).flags() & Qt.ItemFlag.ItemIsEnabled  # type: ignore[union-attr]
    assert "not on the hub yet" in dialog.waiting.table.item(0, 0).toolTip()  # type: ignore[union-attr]
    dialog.reject()


def test_a_release_shows_how_far_it_is_can_be_cancelled_and_gone_on_with(
    dialog: ReleaseDialog, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog.waiting.show_lines(waiting(5))
    going, asked = threading.Event(), []

    def release(
        _: Desk, ids: tuple[str, ...], passphrase: str, out: Any, told: Any, stop: threading.Event
    ) -> object:
        asked.append(ids)
        told(ReleaseProgress(0, len(ids)))
        told(ReleaseProgress(2, len(ids), "7F3A-01"))
        going.set()
        assert stop.wait(8)
        return ReleaseResult(Changes(), ("7F3A-00", "7F3A-01"), stopped=True)

    monkeypatch.setattr(Desk, "release", release)
    give_passphrase(dialog, PASSPHRASE)
    opened.qtbot.waitUntil(
        lambda: dialog.progress.text() == "2 of 5 released, the last 7F3A-01", timeout=5000
    )
    assert dialog.wanting == "Reports are being released"
    dialog.reject()
    assert dialog.isVisible()
    with opened.qtbot.waitSignal(dialog.released, timeout=8000):
        dialog._cancel.click()
    assert dialog.progress.text() == "2 reports released. Stopped; releasing again does the rest."
    assert asked == [tuple(f"s{one}" for one in range(5))]
    dialog.reject()


def test_what_was_left_out_stays_so_when_the_lists_are_read_again(dialog: ReleaseDialog) -> None:
    dialog.waiting.show_lines(waiting(3))
    cell = dialog.waiting.table.item(1, 0)
    assert cell is not None
    cell.setCheckState(Qt.CheckState.Unchecked)
    dialog.waiting.show_lines([*waiting(4)[1:]])
    assert dialog.waiting.chosen == ("s2", "s3")
    dialog.reject()


def test_a_network_that_breaks_off_leaves_the_rest_to_be_released(
    dialog: ReleaseDialog, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def release(*_: object) -> object:
        raise Unavailable("The hub cannot be reached. Check the network and try again")

    monkeypatch.setattr(Desk, "release", release)
    give_passphrase(dialog, PASSPHRASE)
    opened.qtbot.waitUntil(lambda: "cannot be reached" in dialog.passphrase_row.trouble, timeout=5000)
    assert dialog.progress.text() == "Releasing again goes on with what is left."
    assert dialog.go.isEnabled()
    dialog.reject()
