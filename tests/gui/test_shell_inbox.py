"""The inbox: what is due when, how far it is, and how much of it is here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.gui.conftest import page_of

from assessor_desk.desk import InboxOrder, InboxRow, InboxSection, InboxState, Ledger
from assessor_desk.domain.roles import Role
from assessor_desk.gui.dialogs.connect import ConnectDialog
from assessor_desk.gui.inbox import InboxPane, Lines, Read
from assessor_desk.gui.inbox_lines import fitting
from assessor_desk.gui.inbox_list import InboxList
from assessor_desk.gui.inbox_model import OWN_ID, ROW, InboxModel, arranged
from assessor_desk.gui.inbox_words import done_in_words, due_in_words
from assessor_desk.gui.sizes import bytes_in_words

NOW = datetime.now().astimezone().replace(hour=12)
ROW_NEW = InboxRow(
    "s-1", "7F3A-21", "Formative Assessment", "Formative", 2, NOW, 1, 4, InboxState.IN_REVIEW, 10, 10,
    Role.ASSESSOR, False,
)  # fmt: skip


def read_of(*rows: InboxRow, section: InboxSection = InboxSection.DUE_TODAY) -> Read:
    """These rows, as they are read when they all stand in one section."""
    order = InboxOrder({section: [row.submission_id for row in rows]} if rows else {})
    return Read(order, arranged(order), Lines({row.submission_id: row for row in rows}))


def show(model: InboxModel, *rows: InboxRow, section: InboxSection = InboxSection.DUE_TODAY) -> None:
    read = read_of(*rows, section=section)
    model.show(read.blocks, read.lines.rows)


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
    show(model, ROW_NEW, replace(ROW_NEW, submission_id="s-2"))
    assert model.index(0).data(ROW) == ("Due today", 2)
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.ids() == ["s-1", "s-2"]


def test_a_screen_reader_hears_the_whole_row() -> None:
    model = InboxModel()
    show(model, ROW_NEW)
    words = model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == f"7F3A-21, Formative, 1 of 4 scored, due {due_in_words(NOW)}"


def test_a_row_on_hold_says_what_that_means(qtbot: QtBot) -> None:
    model = InboxModel()
    show(model, replace(ROW_NEW, on_hold_for=("privacy",)))
    means = "On hold for a privacy concern: nothing is decided or released until the programme lifts it"
    assert means in model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert means in model.index(1).data(Qt.ItemDataRole.ToolTipRole)
    show(model, ROW_NEW)
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
    show(words, delivered, section=InboxSection.SEALED)
    told = words.index(1).data()
    assert told.count("on the hub") == 1
    assert "due" not in told


def test_a_row_that_changed_is_redrawn_without_losing_ones_place(qtbot: QtBot) -> None:
    model = InboxModel()
    show(model, ROW_NEW)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        show(model, replace(ROW_NEW, scored=2))
    with qtbot.waitSignal(model.modelReset):
        show(model, replace(ROW_NEW, state=InboxState.DELIVERED), section=InboxSection.SEALED)


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
    inbox.show_read(read_of())
    assert not inbox.list.isVisible()
    inbox.show_read(read_of(ROW_NEW))
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
    inbox.show_read(read_of())
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


# -- very many ---------------------------------------------------------------------------------------------


class _CountingModel(InboxModel):
    asked: set[int] = set()

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        self.asked.add(index.row())
        return super().data(index, role)


def _many(count: int) -> tuple[_CountingModel, InboxList]:
    """A list of so many lines, half of them due today and half sealed, in a window of 248 × 700."""
    model = _CountingModel()
    view = InboxList(model)
    view.resize(248, 700)
    ids = [f"s-{number}" for number in range(count)]
    half = count // 2
    model.show(
        arranged(InboxOrder({InboxSection.DUE_TODAY: ids[:half], InboxSection.SEALED: ids[half:]})), {}
    )
    view.show()
    return model, view


def test_of_a_hundred_thousand_rows_only_those_in_sight_are_asked_for(qtbot: QtBot) -> None:
    model, view = _many(100_000)
    qtbot.addWidget(view)
    looked: list[tuple[int, int]] = []
    view.looked_at.connect(lambda first, last: looked.append((first, last)))
    model.asked.clear()
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    view.grab()
    assert 0 < len(model.asked) < 20
    assert all(0 < last - first < 20 for first, last in looked)


def test_every_line_is_where_it_is_painted_and_found_there(qtbot: QtBot) -> None:
    model, view = _many(2_000)
    qtbot.addWidget(view)
    bottom = 0
    for number in range(model.rowCount()):
        rect = view.visualRect(model.index(number))
        assert rect.top() == bottom
        assert view.indexAt(rect.center()).row() == number
        bottom = rect.bottom() + 1
    assert view.verticalScrollBar().maximum() == bottom - view.viewport().height()


def test_keys_lead_from_the_first_line_to_the_last_and_never_onto_a_heading(qtbot: QtBot) -> None:
    model, view = _many(2_000)
    qtbot.addWidget(view)
    view.setCurrentIndex(model.first())
    reached = []
    keys = [
        Qt.Key.Key_Down,
        Qt.Key.Key_End,
        Qt.Key.Key_Up,
        Qt.Key.Key_Home,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_PageUp,
    ]
    for key in keys:
        qtbot.keyClick(view, key)
        reached.append(view.currentIndex().data(OWN_ID))
        assert view.viewport().rect().contains(view.visualRect(view.currentIndex()))
    page = int(reached[4].removeprefix("s-"))
    assert reached == ["s-1", "s-1999", "s-1998", "s-0", f"s-{page}", "s-0"]
    assert 4 < page < 9
    view.setCurrentIndex(model.index_of("s-999"))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().data(OWN_ID) == "s-1000", "a heading stands between the two"
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().data(OWN_ID) == "s-999"


def test_pages_of_keys_pass_through_every_part_of_the_list(qtbot: QtBot) -> None:
    model, view = _many(60)
    qtbot.addWidget(view)
    view.setCurrentIndex(model.first())
    for _ in range(30):
        qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.currentIndex().data(OWN_ID) == "s-59"
    for _ in range(30):
        qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert view.currentIndex().data(OWN_ID) == "s-0"


@dataclass
class _Long:
    """The inbox of a desk with 400 submissions, and what was asked of the desk: how many lines, and each search."""

    pane: InboxPane
    lines: list[int]
    searches: list[str]

    def read(self) -> list[int]:
        """The numbers of the submissions whose lines have been read."""
        return sorted(int(row.key.removeprefix("7F3A-")) for row in self.pane.rows)


@pytest.fixture
def long_inbox(session: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> _Long:
    session.desk.store.accept(page_of(400))
    found = _Long(InboxPane(session), [], [])
    rows, order = session.desk.inbox_rows, session.desk.inbox_order

    def inbox_rows(ids: list[str]) -> Any:
        found.lines.append(len(ids))
        return rows(ids)

    def inbox_order(search: str, now: datetime) -> Any:
        found.searches.append(search)
        return order(search, now)

    monkeypatch.setattr(session.desk, "inbox_rows", inbox_rows)
    monkeypatch.setattr(session.desk, "inbox_order", inbox_order)
    qtbot.addWidget(found.pane)
    found.pane.resize(248, 700)
    found.pane.show()
    with qtbot.waitSignal(found.pane.shown):
        found.pane.refresh()
    return found


def test_lines_are_read_by_pages_where_one_looks(long_inbox: _Long, qtbot: QtBot) -> None:
    pane = long_inbox.pane
    assert pane.count == 400
    assert long_inbox.read()[0] == 0
    assert len(long_inbox.read()) < 120
    pane.list.verticalScrollBar().setValue(pane.list.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: 399 in long_inbox.read())
    assert 200 not in long_inbox.read()
    assert max(long_inbox.lines) < 120


def test_a_line_that_one_comes_to_before_it_is_read_has_its_words_soon(
    long_inbox: _Long, qtbot: QtBot
) -> None:
    pane = long_inbox.pane
    chosen: list[str] = []
    pane.submission_chosen.connect(chosen.append)
    pane.list.setFocus()
    qtbot.keyClick(pane.list, Qt.Key.Key_End)
    assert chosen == [pane.list.currentIndex().data(OWN_ID)], "it opens at once"
    qtbot.waitUntil(lambda: (pane.list.currentIndex().data() or "").startswith("7F3A-399"))


def test_what_is_typed_while_the_inbox_is_read_is_looked_for_once_at_the_end(
    long_inbox: _Long, qtbot: QtBot
) -> None:
    long_inbox.searches.clear()
    qtbot.keyClicks(long_inbox.pane._search, "7f3a-39")
    qtbot.waitUntil(lambda: long_inbox.pane.count == 11)
    assert long_inbox.searches[-1] == "7f3a-39"
    assert len(long_inbox.searches) < 4


def test_what_is_found_is_shown_from_the_top(long_inbox: _Long, qtbot: QtBot) -> None:
    bar = long_inbox.pane.list.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    long_inbox.pane._search.setText("7f3a-1")
    qtbot.waitUntil(lambda: long_inbox.pane.count == 110)
    assert bar.value() == 0


def test_a_refresh_keeps_ones_place_and_what_is_open(long_inbox: _Long, session: Any, qtbot: QtBot) -> None:
    pane = long_inbox.pane
    session.wanted = pane.list.model().ids()[200]
    pane.choose(session.wanted)
    place = pane.list.verticalScrollBar().value()
    assert place > 0
    with qtbot.waitSignal(pane.shown):
        pane.refresh()
    assert pane.list.verticalScrollBar().value() == place
    assert pane.list.currentIndex().data(OWN_ID) == session.wanted
    pane.step(1)
    assert pane.list.currentIndex().data(OWN_ID) == pane.list.model().ids()[201]


def test_letters_typed_go_to_the_next_key_that_begins_so_read_or_not(long_inbox: _Long, qtbot: QtBot) -> None:
    pane = long_inbox.pane
    pane.list.setFocus()

    def here() -> str:
        return (pane.list.currentIndex().data() or "").partition(",")[0]

    qtbot.keyClicks(pane.list, "7f3a-31")
    qtbot.waitUntil(lambda: here() == "7F3A-31")
    pane.list._last_letter.invalidate()
    qtbot.keyClicks(pane.list, "7")
    qtbot.waitUntil(lambda: here() == "7F3A-32")
    pane.list._last_letter.invalidate()
    qtbot.keyClicks(pane.list, "7f3a-399")
    qtbot.waitUntil(lambda: here() == "7F3A-399")
    pane.list._last_letter.invalidate()
    qtbot.keyClicks(pane.list, "7")
    qtbot.waitUntil(lambda: here() == "7F3A-00")
