"""The inbox: what is due when, how far it is, and how much of it is here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication, QListView
from pytestqt.qtbot import QtBot

from assessor_desk.desk import InboxRow, InboxState, Ledger
from assessor_desk.domain.roles import Role
from assessor_desk.gui.dialogs.connect import ConnectDialog
from assessor_desk.gui.inbox import InboxPane
from assessor_desk.gui.inbox_lines import (
    ROW,
    InboxDelegate,
    InboxModel,
    done_in_words,
    due_in_words,
    fitting,
    section_of,
)
from assessor_desk.gui.sizes import bytes_in_words

NOW = datetime.now().astimezone().replace(hour=12)
ROW_NEW = InboxRow(
    "s-1", "7F3A-21", "Formative Assessment", "Formative", 2, NOW, 1, 4, InboxState.IN_REVIEW, 10, 10,
    Role.ASSESSOR, False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("days", "changes", "section"),
    [
        (0, {}, "Due today"),
        (-1, {}, "Overdue"),
        (3, {}, "This week"),
        (8, {}, "Later"),
        (0, {"due_at": None}, "No due date"),
        (0, {"draft": True}, "Drafts to coach"),
        (0, {"state": InboxState.SEALED_WAITING}, "Sealed"),
        (0, {"state": InboxState.DELIVERED, "draft": True}, "Sealed"),
        (0, {"state": InboxState.SET_ASIDE}, "Set aside"),
    ],
)
def test_a_row_stands_where_one_looks_for_it(days: int, changes: dict[str, Any], section: str) -> None:
    row = replace(ROW_NEW, due_at=NOW + timedelta(days=days))
    assert section_of(replace(row, **changes), NOW) == section


def test_a_due_date_is_said_as_shortly_as_it_can_be() -> None:
    assert due_in_words(NOW.replace(hour=17, minute=0)) == "17:00"
    assert due_in_words(NOW + timedelta(days=2)) == f"{NOW + timedelta(days=2):%a}"
    later = NOW + timedelta(days=30)
    assert due_in_words(later) == f"{later.day} {later:%b}"


@pytest.mark.parametrize(("count", "words"), [(0, "0 bytes"), (84_000, "84 kB"), (1_400_000_000, "1.4 GB")])
def test_sizes_are_said_in_powers_of_ten(count: int, words: str) -> None:
    assert bytes_in_words(count) == words


def test_headings_count_their_rows_and_cannot_be_chosen() -> None:
    model = InboxModel()
    model.show_rows([ROW_NEW, replace(ROW_NEW, submission_id="s-2")], NOW)
    assert model.index(0).data(ROW) == ("Due today", 2)
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.ids() == ["s-1", "s-2"]


def test_a_screen_reader_hears_the_whole_row() -> None:
    model = InboxModel()
    model.show_rows([ROW_NEW], NOW)
    words = model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == f"7F3A-21, Formative, 1 of 4 scored, due {due_in_words(NOW)}"


def test_a_row_on_hold_says_what_that_means(qtbot: QtBot) -> None:
    model = InboxModel()
    model.show_rows([replace(ROW_NEW, on_hold_for=("privacy",))], NOW)
    means = "On hold for a privacy concern: nothing is decided or released until the programme lifts it"
    assert means in model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert means in model.index(1).data(Qt.ItemDataRole.ToolTipRole)
    model.show_rows([ROW_NEW], NOW)
    assert model.index(1).data(Qt.ItemDataRole.ToolTipRole) == ROW_NEW.title


def test_pills_are_shown_whole_or_not_at_all(qtbot: QtBot) -> None:
    pills = [("attempt 2", "neutral"), ("ready to seal", "accent"), ("on hold", "caution")]
    metrics = QFontMetrics(QFont())
    assert fitting(pills, metrics, 1000) == pills
    last = metrics.horizontalAdvance("on hold") + 30
    assert fitting(pills, metrics, last) == pills[2:]
    assert fitting(pills, metrics, 10) == []


def test_a_sealed_row_says_when_it_was_sealed_or_reached_the_hub_and_no_due_date() -> None:
    before = datetime.now(UTC) - timedelta(days=40)
    sealed = replace(ROW_NEW, state=InboxState.SEALED_WAITING, sealed_at=before)
    delivered = replace(sealed, state=InboxState.DELIVERED, delivered_at=before + timedelta(days=2))
    day = f"{before.astimezone().day} {before.astimezone():%b}"
    after = before + timedelta(days=2)
    assert done_in_words(sealed) == f"sealed {day}"
    assert done_in_words(delivered) == f"on the hub {after.astimezone().day} {after.astimezone():%b}"
    words = InboxModel()
    words.show_rows([delivered], datetime.now().astimezone())
    told = words.index(1).data()
    assert told.count("on the hub") == 1
    assert "due" not in told


def test_a_row_that_changed_is_redrawn_without_losing_ones_place(qtbot: QtBot) -> None:
    model = InboxModel()
    model.show_rows([ROW_NEW], NOW)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.show_rows([replace(ROW_NEW, scored=2)], NOW)
    with qtbot.waitSignal(model.modelReset):
        model.show_rows([replace(ROW_NEW, state=InboxState.DELIVERED)], NOW)


# -- in the window -----------------------------------------------------------------------------------------


def test_choosing_a_row_opens_its_submission(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    assert opened.session.case.submission.id == own_id
    assert opened.window.windowTitle().startswith("7F3A-00")


def test_the_keyboard_goes_through_the_list(opened: Any) -> None:
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    opened.settle()
    assert opened.session.case.submission.key == "7F3A-00"
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    opened.settle()
    assert opened.session.case.submission.key == "7F3A-01"


def test_a_window_just_opened_has_the_keys_in_the_inbox(opened: Any) -> None:
    lines = opened.workbench.inbox.list
    opened.qtbot.waitUntil(lambda: lines.currentIndex().isValid())
    assert opened.window.focusWidget() is lines
    assert opened.session.case is None
    opened.qtbot.keyClick(lines, Qt.Key.Key_Down)
    opened.settle()
    assert opened.session.case.submission.key == "7F3A-01"


def test_a_desk_that_gets_its_first_lines_later_has_the_keys_in_them_then(session: Any, qtbot: QtBot) -> None:
    inbox = InboxPane(session)
    qtbot.addWidget(inbox)
    inbox.show()
    inbox.take_the_keys()
    inbox.show_rows([])
    assert not inbox.list.isVisible()
    inbox.show_rows([ROW_NEW])
    assert inbox.focusWidget() is inbox.list


def test_the_focus_alone_opens_nothing_and_return_does(opened: Any) -> None:
    inbox = opened.workbench.inbox
    inbox._search.setFocus()
    opened.qtbot.keyClick(inbox._search, Qt.Key.Key_Tab)
    opened.settle()
    assert inbox.list.hasFocus()
    assert inbox.list.currentIndex().data(ROW).key == "7F3A-00"
    assert opened.session.case is None
    opened.qtbot.keyClick(inbox.list, Qt.Key.Key_Return)
    opened.settle()
    assert opened.session.case.submission.key == "7F3A-00"
    assert [index.data(ROW).key for index in inbox.list.selectedIndexes()] == ["7F3A-00"]


def test_a_click_opens_the_line_that_the_focus_came_to(opened: Any) -> None:
    lines = opened.workbench.inbox.list
    lines.setFocus(Qt.FocusReason.TabFocusReason)
    place = lines.visualRect(lines.currentIndex()).center()
    opened.qtbot.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place)
    opened.settle()
    assert opened.session.case.submission.key == "7F3A-00"


def test_larger_text_makes_higher_rows(opened: Any) -> None:
    inbox = opened.workbench.inbox
    before = inbox.list.visualRect(inbox._model.index(1)).height()
    font = QFont(inbox.font())
    font.setPixelSize(40)
    inbox.setFont(font)
    inbox.list.setFont(font)
    QApplication.processEvents()
    assert inbox.list.visualRect(inbox._model.index(1)).height() > before


def test_a_level_chosen_moves_the_rows_progress_on(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    opened.session.act(lambda desk: desk.record_completeness(own_id))
    criterion = opened.session.case.rubric.criteria[0]
    opened.session.act(lambda desk: desk.record_score(own_id, criterion.id, criterion.levels[0].id))
    opened.settle()
    opened.qtbot.waitUntil(lambda: opened.workbench.inbox.rows[0].scored == 1)


def test_a_search_leaves_what_fits_and_says_when_nothing_does(opened: Any) -> None:
    inbox = opened.workbench.inbox
    inbox._search.setText("7F3A-02")
    opened.qtbot.waitUntil(lambda: [row.key for row in inbox.rows] == ["7F3A-02"])
    inbox._search.setText("quagga")
    opened.qtbot.waitUntil(lambda: inbox.rows == [])
    assert not inbox._empty.isHidden()
    assert "quagga" in inbox._empty.words


def test_a_desk_without_a_source_is_told_how_to_get_one(opened: Any) -> None:
    inbox = opened.workbench.inbox
    inbox.show_rows([])
    inbox.show_ledger(Ledger(0, 0, 0, 0, 0), connected=False)
    assert inbox._empty.title == "Not connected yet"
    inbox._connect.click()
    dialog = opened.window.findChild(ConnectDialog)
    assert dialog.isVisible()
    dialog.reject()
    inbox.show_ledger(Ledger(0, 0, 0, 0, 0), connected=True)
    assert inbox._empty.title == "Nothing assigned"
    assert inbox._connect.isHidden()


def test_the_ledger_says_what_is_here_and_what_is_still_to_come(opened: Any) -> None:
    inbox = opened.workbench.inbox
    inbox.show_ledger(Ledger(4, 6, 1_400_000_000, 5_000_000_000, 0), connected=True)
    assert inbox._ledger.text() == "4 of 6 files ready offline · 1.4 GB to go"
    inbox.show_ledger(Ledger(6, 6, 0, 5_000_000_000, 0), connected=True)
    assert inbox._ledger.text() == "6 of 6 files ready offline"


class _CountingModel(InboxModel):
    asked: set[int] = set()

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        self.asked.add(index.row())
        return super().data(index, role)


def test_of_a_thousand_rows_only_those_in_sight_are_painted(qtbot: QtBot) -> None:
    model, view = _CountingModel(), QListView()
    qtbot.addWidget(view)
    view.setModel(model)
    view.setItemDelegate(InboxDelegate(view))
    view.resize(248, 700)
    view.show()
    model.show_rows([replace(ROW_NEW, submission_id=f"s-{n}", key=f"K-{n:04}") for n in range(1000)], NOW)
    view.doItemsLayout()
    model.asked.clear()
    view.grab()
    assert 0 < len(model.asked) < 20
