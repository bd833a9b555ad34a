"""The inbox: what is assigned, by when, how far it is, and how much of it is on this computer.

A list over the order that the store keeps; nothing is sorted or searched here. The order comes whole, as ids under
headings; what stands on the lines is read where somebody looks, with a little before and after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from assessor_desk.desk import InboxSection
from assessor_desk.desk.queued import Queued, QueueFilter
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import EmptyState, primary_button
from assessor_desk.gui.inbox_list import InboxList
from assessor_desk.gui.inbox_model import OWN_ID, ROW, Block, InboxModel, arranged
from assessor_desk.gui.queue_filter import FilterButton
from assessor_desk.gui.search_field import SearchField
from assessor_desk.gui.session import Session
from assessor_desk.gui.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk import Desk, InboxOrder, InboxRow
    from assessor_desk.desk.answers import Ledger
    from assessor_desk.desk.changes import Changes

#: So many lines before and after those in sight are read with them, and more as soon as fewer than that are.
_AROUND, _SOON = 48, 16
#: The lines of a list that has not been shown yet.
_AT_FIRST = (0, 8)


@dataclass(frozen=True)
class Lines:
    """What stands on some lines, by submission; `queue` is how those stand that are decided on."""

    rows: Mapping[str, InboxRow]
    queue: Mapping[str, Queued] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """What was read at once: the order, the lines that are looked at, and what to filter a queue by: `titles` of
    micro-credentials, by id, and filters that were saved."""

    order: InboxOrder
    blocks: list[Block]
    lines: Lines
    filters: Mapping[str, QueueFilter] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    search: str = ""

    @property
    def decides(self) -> bool:
        """Whether this person decides on any of it."""
        return bool(self.order.sections.get(InboxSection.QUEUE))


def read_inbox(desk: Desk, search: str, wanted: QueueFilter, sight: tuple[int, int]) -> Read:
    """The inbox, and the queue where this person decides on anything; of its lines those in sight. Blocks."""
    order = desk.inbox_order(search, datetime.now().astimezone())
    if not order.sections.get(InboxSection.QUEUE):
        blocks = arranged(order, everything=wanted.empty)
        return Read(order, blocks, Lines(desk.inbox_rows(_around(blocks, sight))), search=search)
    queue = desk.queue.order(search, wanted)
    blocks = arranged(order, queue, everything=wanted.empty)
    lines = read_lines(desk, _around(blocks, sight), decides=True)
    return Read(order, blocks, lines, desk.queue.filters(), queue.titles, search)


def read_lines(desk: Desk, ids: Sequence[str], *, decides: bool) -> Lines:
    """What stands on these lines. Blocks."""
    return Lines(desk.inbox_rows(ids), desk.queue.standing(ids) if decides else {})


def _around(blocks: Sequence[Block], sight: tuple[int, int]) -> list[str]:
    """The submissions on the lines in sight, and on some before and after them."""
    first, last = max(0, sight[0] - _AROUND), sight[1] + _AROUND
    found: list[str] = []
    for block in blocks:
        if last >= 0:
            head = bool(block.heading)
            found += block.ids[max(0, first - head) : last + 1 - head]
        first, last = first - block.lines, last - block.lines
    return found


class InboxPane(QWidget):
    """Ledger line, search, list, or what to do when there is nothing."""

    submission_chosen = Signal(str)
    connect_wanted = Signal()
    shown = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._count, self._searched = 0, ""
        #: How many there are altogether, as far as was read yet: a search shows fewer.
        self.assigned = 0
        self._reading, self._again = False, False
        self._fetching, self._decides = False, False
        self.setMinimumWidth(200)
        self._ledger = QLabel(self)
        self._ledger.setObjectName("muted")
        self._ledger.setWordWrap(True)
        self._search = SearchField(self)
        self._search.setPlaceholderText("Search key or title")
        self._search.setAccessibleName("Search the inbox")
        self._search.textChanged.connect(self.refresh)
        self.filter = FilterButton(self)
        self.filter.hide()
        self.filter.changed.connect(self.refresh)
        self.filter.saved.connect(self._on_filter_saved)
        self.filter.forgotten.connect(self._on_filter_forgotten)
        self._model = InboxModel(self)
        self.list = InboxList(self._model, self)
        self.list.looked_at.connect(self._on_looked_at)
        self.list.letters_typed.connect(self._on_letters)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.clicked.connect(self._on_meant)
        self.list.activated.connect(self._on_meant)
        self._connected: bool | None = None
        self._keys_wanted = False
        self._connect = primary_button("Connect…", self)
        self._connect.clicked.connect(self.connect_wanted)
        self._empty = EmptyState("inbox", "", "", self._connect, self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.list)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        holder = QVBoxLayout()
        holder.setContentsMargins(16, 4, 16, 4)
        holder.setSpacing(8)
        holder.addWidget(self._ledger)
        holder.addWidget(self._search)
        holder.addWidget(self.filter)
        column.addLayout(holder)
        column.addWidget(self._pages, 1)
        session.changed.connect(self._on_changed)
        session.stayed.connect(self._show_chosen)

    def take_the_keys(self) -> None:
        """Have the keys in the list as soon as there is a line in it."""
        self._keys_wanted = True

    def refresh(self, _search: str = "") -> None:
        """Read the inbox again. What changes while it is being read is read after that, once."""
        if self._reading:
            self._again = True
            return
        self._reading, self._again = True, False
        search, wanted, desk = self._search.text(), self.filter.wanted, self._session.desk
        sight = self.list.in_sight if self._model.blocks and search == self._searched else _AT_FIRST
        self._session.tasks.side(
            lambda: read_inbox(desk, search, wanted, sight), self._on_read, self._on_unread
        )

    def _on_read(self, read: Read) -> None:
        self._reading = False
        self.show_read(read)
        if self._again:
            self.refresh()

    def _on_unread(self, error: DeskError) -> None:
        self._reading = False
        self._tell(error)

    def show_read(self, read: Read) -> None:
        """Show what was read, the open submission staying chosen."""
        self.filter.offer(read.titles, read.filters)
        self.filter.setVisible(read.decides or not self.filter.wanted.empty)
        self._count, self._decides = read.order.count, read.decides
        self.assigned = max(self.assigned, self._count) if read.search else self._count
        selection = self.list.selectionModel()
        selection.blockSignals(True)
        place = self.list.verticalScrollBar().value() if read.search == self._searched else 0
        self._searched = read.search
        self._model.show(read.blocks, read.lines.rows, read.lines.queue)
        selection.blockSignals(False)
        self._show_chosen()
        self.list.executeDelayedItemsLayout()
        self.list.verticalScrollBar().setValue(place)
        self._say_why_empty()
        if self._keys_wanted and self._model.blocks:
            self._keys_wanted = False
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.shown.emit()

    def _on_looked_at(self, first: int, last: int) -> None:
        """Read the lines in sight, and some around them; one reading at a time, that of where one is by then."""
        if self._fetching or not self._model.lacking(max(0, first - _SOON), last + _SOON):
            return
        self._fetching = True
        desk, wanted = self._session.desk, self._model.lacking(max(0, first - _AROUND), last + _AROUND)
        decides = self._decides
        self._session.tasks.side(
            lambda: read_lines(desk, wanted, decides=decides), self._on_lines, self._on_no_lines
        )

    def _on_lines(self, lines: Lines) -> None:
        self._fetching = False
        unread = self.list.currentIndex().data(ROW) is None
        self._model.add(lines.rows, lines.queue)
        if unread and self.list.currentIndex().data(ROW) is not None:
            self.list.say_current()

    def _on_letters(self, letters: str, after: int) -> None:
        """Go to the next line after that one, from the end on to the first, whose key begins so."""
        desk, ids = self._session.desk, self._model.ids()
        before = self._model.ids(0, after)
        begin = len(before)

        def find() -> tuple[str, str]:
            keys = desk.inbox_keys(letters)
            in_turn = chain(islice(ids, begin, None), before)
            return letters, next((one for one in in_turn if one in keys), "")

        self._session.tasks.side(find, self._on_found, self._tell)

    def _on_found(self, found: tuple[str, str]) -> None:
        letters, submission_id = found
        index = self._model.index_of(submission_id)
        if index.isValid() and letters == self.list.letters:
            self.list.setCurrentIndex(index)

    def _on_no_lines(self, error: DeskError) -> None:
        """Those in sight are asked for again when the list is next painted."""
        self._fetching = False
        self._tell(error)

    def _on_filter_saved(self, name: str, wanted: QueueFilter) -> None:
        queue = self._session.desk.queue
        self._session.tasks.store(
            lambda: queue.save_filter(name, wanted), lambda _: self.refresh(), self._tell
        )

    def _on_filter_forgotten(self, name: str) -> None:
        queue = self._session.desk.queue
        self._session.tasks.store(lambda: queue.forget_filter(name), lambda _: self.refresh(), self._tell)

    def _tell(self, error: DeskError) -> None:
        self._session.notices.tell(sentence(error), "danger")

    def _show_chosen(self) -> None:
        """Put the light on the submission that is open, or being opened, without opening it again."""
        selection = self.list.selectionModel()
        selection.blockSignals(True)
        index = self._model.index_of(self._session.wanted)
        if index.isValid():
            self.list.setCurrentIndex(index)
            self.list.viewport().update()
        elif self.list.hasFocus():
            self.list.come_to(self._model.first())
        selection.blockSignals(False)

    def show_ledger(self, ledger: Ledger, *, connected: bool) -> None:
        """Say how much of what was assigned is on this computer."""
        self._connected = connected
        self._say_ledger(ledger)
        self._say_why_empty()

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) submission."""
        here = self._model.place_of(self._session.wanted)
        next_one = self._model.neighbour(here, by) if here >= 0 else self._model.first().row()
        if next_one >= 0:
            self.choose(self._model.id_at(next_one))

    def choose(self, submission_id: str) -> None:
        """Choose a submission as if it were clicked."""
        index = self._model.index_of(submission_id)
        if not index.isValid():
            self.submission_chosen.emit(submission_id)
        elif index == self.list.currentIndex():
            self._on_meant(index)
        else:
            self.list.setCurrentIndex(index)

    @property
    def rows(self) -> Sequence[InboxRow]:
        """Of the lines shown those that have been read: what is in sight, and more."""
        return self._model.rows()

    @property
    def count(self) -> int:
        """How many lines are shown, headings not counted."""
        return self._model.submissions

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        own_id = current.data(OWN_ID)
        if own_id:
            self.submission_chosen.emit(own_id)

    def _on_meant(self, index: QModelIndex) -> None:
        """Open the line that the focus came to, which changes no current line."""
        own_id = index.data(OWN_ID)
        if own_id and own_id != self._session.wanted:
            self.list.setCurrentIndex(index)
            self.submission_chosen.emit(own_id)

    def _on_changed(self, changes: Changes) -> None:
        if changes.kinds & {"inbox", "ledger"}:
            self.refresh()

    def _say_ledger(self, ledger: Ledger) -> None:
        self._ledger.setVisible(bool(ledger.total))
        if not ledger.total:
            return
        to_go = f" · {bytes_in_words(ledger.bytes_to_go)} to go" if ledger.bytes_to_go else ""
        later = (
            f" · originals of {bytes_in_words(ledger.later_bytes)} on demand" if ledger.later_bytes else ""
        )
        told = f"{ledger.ready} of {ledger.total} files ready offline{to_go}{later}"
        self._ledger.setText("\n".join(filter(None, (told, ledger.no_room, *ledger.closing))))

    def _say_why_empty(self) -> None:
        self._pages.setCurrentIndex(0 if self._model.blocks else 1)
        if self._model.blocks:
            return
        unconnected = self._connected is False and not self._search.text()
        self._connect.setVisible(unconnected)
        if self._count and not self.filter.wanted.empty:
            words = f"Nothing here fits “{self.filter.words}”. Show everything to see the rest."
            self._empty.say("search", "Nothing fits the filter", words)
        elif self._search.text():
            self._empty.say("search", "Nothing found", f"No submission matches “{self._search.text()}”.")
        elif unconnected:
            words = "Your programme’s hub sends what is assigned to you. It gave you an address and a one-time code."
            self._empty.say("inbox", "Not connected yet", words)
        else:
            words = "What is assigned to you appears here after the next sync, and stays here offline."
            self._empty.say("inbox", "Nothing assigned", words)

    def changeEvent(self, event: QEvent) -> None:
        """Another text size needs other heights."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "list"):
            self.list.scheduleDelayedItemsLayout()
