"""The inbox: what is assigned, by when, how far it is, and how much of it is on this computer.

A list view over the rows that the store has sorted; nothing is sorted or filtered here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QStackedWidget, QVBoxLayout, QWidget

from assessor_desk.desk.queued import Queued, QueueFilter
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.roles import Role
from assessor_desk.gui.controls import EmptyState, primary_button
from assessor_desk.gui.inbox_lines import ROW, InboxDelegate, InboxModel
from assessor_desk.gui.queue_filter import FilterButton
from assessor_desk.gui.session import Session
from assessor_desk.gui.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk import Desk, InboxRow
    from assessor_desk.desk.answers import Ledger
    from assessor_desk.desk.changes import Changes


_NO_QUEUE: Mapping[str, Queued] = MappingProxyType({})


@dataclass(frozen=True)
class _Read:
    """What was read at once: the rows, how those stand that are decided on, and what to filter them by."""

    rows: list[InboxRow]
    queue: Mapping[str, Queued] = field(default_factory=dict)
    filters: Mapping[str, QueueFilter] = field(default_factory=dict)

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the micro-credentials that are decided on, by id."""
        named = {row.submission_id: row.short_title or row.title for row in self.rows}
        return {
            one.rubric_id: named[one.submission_id]
            for one in self.queue.values()
            if one.submission_id in named
        }


def read_inbox(desk: Desk, search: str) -> _Read:
    """The inbox, and the queue where this person decides on anything. Blocks."""
    rows = desk.inbox(search)
    if not any(row.role is Role.REVIEWER for row in rows):
        return _Read(rows)
    return _Read(rows, desk.queue.standing(), desk.queue.filters())


class _Lines(QListView):
    """The focus alone opens nothing: whoever passes by with Tab stays where they were."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first line the current one; that is no choice yet."""
        selection = self.selectionModel()
        selection.blockSignals(True)
        super().focusInEvent(event)
        selection.blockSignals(False)
        self.viewport().update()

    def come_to(self, index: QModelIndex) -> None:
        """Put the keys on a line, unless they are on one, without choosing it."""
        if not self.currentIndex().isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.viewport().update()


class InboxPane(QWidget):
    """Ledger line, search, list, or what to do when there is nothing."""

    submission_chosen = Signal(str)
    connect_wanted = Signal()
    shown = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: list[InboxRow] = []
        self._all: list[InboxRow] = []
        self._queue: Mapping[str, Queued] = {}
        self.setMinimumWidth(200)
        self._ledger = QLabel(self)
        self._ledger.setObjectName("muted")
        self._ledger.setWordWrap(True)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText("Search key or title")
        self._search.setAccessibleName("Search the inbox")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self.refresh)
        self.filter = FilterButton(self)
        self.filter.hide()
        self.filter.changed.connect(self._show_lines)
        self.filter.saved.connect(self._on_filter_saved)
        self.filter.forgotten.connect(self._on_filter_forgotten)
        self.list = _Lines(self)
        self.list.setAccessibleName("Inbox")
        self._model = InboxModel(self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(InboxDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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
        """Read the inbox again."""
        search, desk = self._search.text(), self._session.desk
        self._session.tasks.side(lambda: read_inbox(desk, search), self._show_read)

    def _show_read(self, read: _Read) -> None:
        self.filter.offer(read.titles, read.filters)
        self.filter.setVisible(bool(read.queue) or not self.filter.wanted.empty)
        self.show_rows(read.rows, read.queue)

    def show_rows(self, rows: list[InboxRow], queue: Mapping[str, Queued] = _NO_QUEUE) -> None:
        """Show these rows, the open submission staying chosen; `queue` says how those stand that are decided on."""
        self._all, self._queue = rows, queue
        self._show_lines()

    def _show_lines(self) -> None:
        fits = self.filter.wanted.fits
        queue, everything = self._queue, self.filter.wanted.empty
        self._rows = [
            row
            for row in self._all
            if everything or ((one := queue.get(row.submission_id)) is not None and fits(one))
        ]
        selection = self.list.selectionModel()
        selection.blockSignals(True)
        place = self.list.verticalScrollBar().value()
        self._model.show_rows(self._rows, datetime.now().astimezone(), queue)
        selection.blockSignals(False)
        self._show_chosen()
        self.list.verticalScrollBar().setValue(place)
        self._say_why_empty()
        if self._keys_wanted and self._rows:
            self._keys_wanted = False
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.shown.emit()

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
        ids = self._model.ids()
        if ids:
            here = ids.index(self._session.wanted) if self._session.wanted in ids else -by
            self.choose(ids[max(0, min(len(ids) - 1, here + by))])

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
        """The rows shown."""
        return self._rows

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        line = current.data(ROW)
        if line is not None and not isinstance(line, tuple):
            self.submission_chosen.emit(line.submission_id)

    def _on_meant(self, index: QModelIndex) -> None:
        """Open the line that the focus came to, which changes no current line."""
        line = index.data(ROW)
        if not isinstance(line, tuple) and line.submission_id != self._session.wanted:
            self.list.setCurrentIndex(index)
            self.submission_chosen.emit(line.submission_id)

    def _on_changed(self, changes: Changes) -> None:
        if changes.kinds & {"inbox", "ledger"}:
            self.refresh()

    def _say_ledger(self, ledger: Ledger) -> None:
        if not ledger.total:
            self._ledger.setText("")
            return
        to_go = f" · {bytes_in_words(ledger.bytes_to_go)} to go" if ledger.bytes_to_go else ""
        later = (
            f" · originals of {bytes_in_words(ledger.later_bytes)} on demand" if ledger.later_bytes else ""
        )
        self._ledger.setText(f"{ledger.ready} of {ledger.total} files ready offline{to_go}{later}")

    def _say_why_empty(self) -> None:
        self._pages.setCurrentIndex(0 if self._rows else 1)
        unconnected = self._connected is False and not self._search.text()
        self._connect.setVisible(unconnected)
        if self._all and not self.filter.wanted.empty:
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
