"""Each screen of the reviewer by keyboard alone, named for a screen reader, and whole on a small screen."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QWidget
from shiboken6 import isValid
from tests.gui.conftest import Open
from tests.gui.deciding.making import KEY, PASSPHRASE
from tests.gui.deciding.test_deciding_pane import dialog_of, shown

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Refused
from assessor_desk.gui.actions import TABLE
from assessor_desk.gui.dialogs.co_sign import CoSignDialog
from assessor_desk.gui.dialogs.cohort_report import CohortReportDialog
from assessor_desk.gui.dialogs.decide import DecideDialog
from assessor_desk.gui.dialogs.export_many import ExportManyDialog
from assessor_desk.gui.dialogs.pass_back import PassBackDialog
from assessor_desk.gui.dialogs.preview_report import ReportPreview
from assessor_desk.gui.dialogs.release import ReleaseDialog
from assessor_desk.gui.dialogs.search_reviews import SearchReviews

DIALOGS: dict[str, type[QDialog]] = {
    "decide": DecideDialog,
    "pass_back": PassBackDialog,
    "report": ReportPreview,
    "release": ReleaseDialog,
    "search_reviews": SearchReviews,
    "cohort_report": CohortReportDialog,
    "export_many": ExportManyDialog,
    "co_sign": CoSignDialog,
}


def focusable(root: QWidget) -> Iterator[QWidget]:
    """Everything below `root` that Tab can come to and that is seen."""
    for one in root.findChildren(QWidget):
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield one


def nameless(root: QWidget) -> list[str]:
    """What a screen reader would come to and could not name."""
    return [
        f"{type(one).__name__} {one.objectName()}"
        for one in focusable(root)
        if not (QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name) or "").strip()
    ]


def test_everything_in_the_window_that_takes_the_keys_has_a_name(opened: Open) -> None:
    shown(opened)
    assert list(focusable(opened.window))
    assert nameless(opened.window) == []


@pytest.mark.parametrize("act", DIALOGS)
def test_everything_in_a_dialog_that_takes_the_keys_has_a_name(opened: Open, act: str) -> None:
    shown(opened)
    dialog = dialog_of(opened, act, DIALOGS[act])
    opened.settle()
    assert list(focusable(dialog))
    assert nameless(dialog) == []
    dialog.reject()
    opened.settle()


def test_the_review_is_read_with_the_tab_key_from_top_to_bottom(opened: Open) -> None:
    pane = shown(opened)
    pane.header.findChildren(QAbstractButton)[0].setFocus()
    come_to: list[str] = []
    for _ in range(30):
        focused = opened.window.focusWidget()
        assert focused is not None
        if not pane.isAncestorOf(focused):
            break
        come_to.append(QAccessible.queryAccessibleInterface(focused).text(QAccessible.Text.Name))
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    rationales = [one for one in come_to if one.startswith("Rationale, ")]
    assert [one.partition(": ")[2][:6] for one in rationales] == [f"Line {one}" for one in range(1, 6)]
    assert come_to[-3:] == ["Look at the report", "Pass back…", "Decide and seal…"]


def test_each_act_of_the_reviewer_has_keys_and_can_be_done(opened: Open, desk: Desk) -> None:
    waited_for = {action.when for action in TABLE if action.section == "Decision"}
    shown(opened)
    held = opened.workbench.reviewing.facts(reviewer=True)
    assert waited_for - held == {"several", "refused", "badged"}
    assert [action.id for action in TABLE if action.section == "Decision" and not action.keys] == []


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (683, 384)])
def test_nothing_is_cut_on_a_small_screen(opened: Open, width: int, height: int) -> None:
    opened.window.resize(width, height)
    pane = shown(opened)
    opened.settle()
    for button in (pane._report, pane._back, pane._decide):
        assert button.width() >= button.sizeHint().width(), button.text()
        assert pane.rect().contains(
            button.geometry().translated(button.parentWidget().mapTo(pane, button.pos()) - button.pos())
        )


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (683, 384)])
def test_a_long_reason_leaves_passphrase_and_button_on_the_screen(
    opened: Open, monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    screen = SimpleNamespace(availableSize=lambda: QSize(width, height))
    monkeypatch.setattr(PassBackDialog, "screen", lambda _: screen)
    shown(opened)
    dialog = dialog_of(opened, "pass_back", PassBackDialog)
    assert isinstance(dialog, PassBackDialog)
    field = dialog.reason.field
    field.setFocus()
    for _ in range(30):
        QTest.keyClicks(field, "Look again. ")
        QTest.keyClick(field, Qt.Key.Key_Return)
    dialog.passphrase_row.refuse(
        Refused("The passphrase is not right. Try it again, or ask the programme" * 2)
    )
    field.setFocus()
    opened.settle()

    def in_sight() -> bool:
        view = dialog._scroll.viewport()
        return view.rect().contains(field.mapTo(view, field.cursorRect().center()))

    opened.qtbot.waitUntil(in_sight)
    assert dialog.width() <= width
    assert dialog.height() + 32 <= height, "with its title bar"
    for one in (dialog.passphrase_row, dialog.go, dialog._leave):
        place = one.geometry().translated(one.parentWidget().mapTo(dialog, QPoint()))
        assert dialog.rect().contains(place), one
        assert one.height() >= one.minimumSizeHint().height(), one
    QTest.keyClick(field, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    opened.qtbot.waitUntil(in_sight)
    dialog.reject()
    opened.qtbot.waitUntil(lambda: not isValid(dialog) or not dialog.isVisible(), timeout=8000)


def test_a_decision_is_taken_by_keyboard_alone(opened: Open, desk: Desk) -> None:
    shown(opened)
    keys = opened.workbench.actions_table.keys("decide")[0]
    assert keys == "Ctrl+Shift+D"
    QTest.keyClick(
        opened.window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    opened.qtbot.waitUntil(lambda: bool(opened.window.findChildren(DecideDialog)), timeout=5000)
    dialog = opened.window.findChildren(DecideDialog)[0]
    opened.qtbot.waitUntil(lambda: dialog.focusWidget() is not None)
    while dialog.focusWidget().accessibleName() != "Passphrase":
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClicks(dialog.focusWidget(), PASSPHRASE)
    while dialog.focusWidget() is not dialog.go:
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyPress(dialog.focusWidget(), Qt.Key.Key_Space)
    QTest.keyRelease(dialog.focusWidget(), Qt.Key.Key_Space)
    opened.qtbot.waitUntil(lambda: desk.case(desk.find(KEY)).read_only, timeout=8000)
    opened.settle()
