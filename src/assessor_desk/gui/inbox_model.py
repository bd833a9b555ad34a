"""The inbox as a model: headings and ids whole, what stands on a line only where somebody looks."""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from assessor_desk.desk import InboxSection
from assessor_desk.desk.queued import Queued, QueueOrder
from assessor_desk.gui import queue_words
from assessor_desk.gui.inbox_words import hold_in_words, in_words

if TYPE_CHECKING:
    from assessor_desk.desk import InboxOrder, InboxRow

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_NO_QUEUE = QueueOrder()
_NONE_QUEUED: Mapping[str, Queued] = MappingProxyType({})
#: A heading with the number of lines under it, an `InboxRow`, or None until that is read.
ROW = Qt.ItemDataRole.UserRole
#: How a row stands in a reviewer's queue; None for what is assessed or coached here.
QUEUED = Qt.ItemDataRole.UserRole + 1
#: The submission of a line, whether or not it is read; empty for a heading.
OWN_ID = Qt.ItemDataRole.UserRole + 2

_HEADINGS = {
    InboxSection.PASSED_BACK: "Passed back to you",
    InboxSection.OVERDUE: "Overdue",
    InboxSection.DUE_TODAY: "Due today",
    InboxSection.THIS_WEEK: "This week",
    InboxSection.LATER: "Later",
    InboxSection.NO_DUE_DATE: "No due date",
    InboxSection.DRAFTS: "Drafts to coach",
    InboxSection.SEALED: "Sealed",
    InboxSection.HANDED_BACK: "Handed back",
    InboxSection.SET_ASIDE: "Set aside",
}
#: All headings in their order, those of a reviewer's queue among them.
_IN_ORDER = (
    "Passed back to you", "Overdue", "Due today", "This week", "Later", "No due date", "Drafts to coach", "To decide",
    "On hold", "Awaiting a review", "Passed back", "Sealed", "Handed back", "Decided", "Released", "Set aside",
)  # fmt: skip
_DONE = {InboxSection.SEALED, InboxSection.HANDED_BACK}


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one height under a heading, which is empty where they go on under that of the block before.

    `count` is how many stand under the heading altogether, `short` whether they take two rows of words.
    """

    heading: str
    count: int
    ids: Sequence[str]
    short: bool

    @property
    def lines(self) -> int:
        """How many lines it takes, its heading among them."""
        return len(self.ids) + bool(self.heading)


def arranged(order: InboxOrder, queue: QueueOrder = _NO_QUEUE, *, everything: bool = True) -> list[Block]:
    """What is shown of the inbox, from top to bottom: of the queue what is wanted, and beside it `everything` else."""
    under: dict[str, list[tuple[Sequence[str], bool]]] = {name: [] for name in _IN_ORDER}
    for where, held in queue.sections.items():
        under[queue_words.HEADINGS[where]].append((held, True))
    for section, ids in order.sections.items():
        if everything and section is not InboxSection.QUEUE:
            under[_HEADINGS[section]].append((ids, section in _DONE))
    return [block for name, parts in under.items() for block in _blocks(name, parts)]


def _blocks(name: str, parts: Sequence[tuple[Sequence[str], bool]]) -> Iterator[Block]:
    count = sum(len(ids) for ids, _ in parts)
    for number, (ids, short) in enumerate(parts):
        yield Block("" if number else name, count, ids, short)


class InboxModel(QAbstractListModel):
    """Lines and their headings in one list. What is not read yet has no words; `lacking` says what to read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blocks: list[Block] = []
        self._starts: list[int] = [0]
        self._rows: dict[str, InboxRow] = {}
        self._queue: dict[str, Queued] = {}

    def show(
        self, blocks: list[Block], rows: Mapping[str, InboxRow], queue: Mapping[str, Queued] = _NONE_QUEUED
    ) -> None:
        """Replace everything. Where no line came, went or moved, the list keeps its place."""
        same = blocks == self.blocks
        if not same:
            self.beginResetModel()
        self.blocks, self._rows, self._queue = blocks, dict(rows), dict(queue)
        self._starts = [0, *accumulate(block.lines for block in blocks)]
        if not same:
            self.endResetModel()
        elif blocks:
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def add(self, rows: Mapping[str, InboxRow], queue: Mapping[str, Queued] = _NONE_QUEUED) -> None:
        """Some lines have been read, and how those of them stand that are decided on."""
        self._rows.update(rows)
        self._queue.update(queue)
        if rows and self.blocks:
            # Where they are need not be looked for: the list paints what is in sight.
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def lacking(self, first: int, last: int) -> list[str]:
        """The submissions on these lines that are not read, both ends included."""
        return [own_id for own_id in self.ids(first, last) if own_id not in self._rows]

    # -- places ------------------------------------------------------------------------------------------------

    def at(self, number: int) -> tuple[Block, int]:
        """The block of a line and its place in it, -1 for the heading."""
        which = bisect_right(self._starts, number) - 1
        block = self.blocks[which]
        return block, number - self._starts[which] - bool(block.heading)

    def id_at(self, number: int) -> str:
        """The submission on a line, empty for a heading."""
        block, place = self.at(number)
        return "" if place < 0 else block.ids[place]

    def place_of(self, submission_id: str) -> int:
        """The line on which a submission stands, -1 if on none."""
        if not submission_id:
            return -1
        for start, block in zip(self._starts, self.blocks):
            with contextlib.suppress(ValueError):
                return start + bool(block.heading) + block.ids.index(submission_id)
        return -1

    def neighbour(self, number: int, by: int) -> int:
        """The line that is `by` submissions after a line, or before it, none beyond the first and the last.

        -1 where there are none.
        """
        bounds = [
            (start + bool(block.heading), start + block.lines)
            for start, block in zip(self._starts, self.blocks)
        ]
        before = sum(max(0, min(number, end) - begin) for begin, end in bounds)
        wanted = max(0, min(self.submissions - 1, before + by))
        for begin, end in bounds:
            if wanted < end - begin:
                return begin + wanted
            wanted -= end - begin
        return -1

    @property
    def submissions(self) -> int:
        """How many there are."""
        return sum(len(block.ids) for block in self.blocks)

    def ids(self, first: int = 0, last: int | None = None) -> list[str]:
        """The submissions as they stand, on these lines, both ends included."""
        end = self.rowCount() if last is None else last + 1
        found: list[str] = []
        for start, block in zip(self._starts, self.blocks):
            begin = start + bool(block.heading)
            found += block.ids[max(0, first - begin) : max(0, end - begin)]
        return found

    def rows(self) -> list[InboxRow]:
        """What has been read, as it stands."""
        read, left = [], len(self._rows)
        for block in self.blocks:
            for own_id in block.ids:
                if left and own_id in self._rows:
                    read.append(self._rows[own_id])
                    left -= 1
        return read

    def index_of(self, submission_id: str) -> QModelIndex:
        """Where a submission stands, invalid if it does not."""
        place = self.place_of(submission_id)
        return self.index(place) if place >= 0 else QModelIndex()

    def first(self) -> QModelIndex:
        """Where the first submission stands, invalid if there is none."""
        return self.index(1) if self.blocks else QModelIndex()

    # -- Qt's -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Lines and headings."""
        return 0 if parent.isValid() else self._starts[-1]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What stands on a line, and its words for screen readers."""
        block, place = self.at(index.row())
        if place < 0:
            return self._of_heading(block, role)
        own_id = block.ids[place]
        if role == OWN_ID:
            return own_id
        if role == QUEUED:
            return self._queue.get(own_id)
        row = self._rows.get(own_id)
        if role == ROW or row is None:
            return row
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return in_words(row, self._queue.get(own_id))
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (row.title, hold_in_words(row))))
        return None

    def _of_heading(self, block: Block, role: int) -> Any:
        if role == ROW:
            return (block.heading, block.count)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return f"{block.heading}, {block.count:,}"
        return "" if role == OWN_ID else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if self.at(index.row())[1] < 0:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
