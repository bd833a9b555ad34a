"""The two lists of a release: reports that wait, to be ticked, and those that went, with where to and to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.queued import ReportLine
from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.deciding_words import moment
from assessor_desk.gui.queue_words import OUTCOMES

_TICKED = Qt.CheckState.Checked
_NOT = Qt.CheckState.Unchecked


class WaitingList(QWidget):
    """Reports to be picked: Space ticks one, the buttons all or none. `preview_wanted` carries id and key."""

    changed = Signal()
    preview_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[ReportLine] = ()
        self.table = _table("Reports to release", ("Submission", "Micro-credential", "Outcome", "For"), self)
        self.table.itemChanged.connect(lambda _: self._say())
        self.table.itemSelectionChanged.connect(self._allow)
        self._told = QLabel(self)
        self._told.setObjectName("muted")
        self._told.setWordWrap(True)
        self._preview = quiet_button("Preview this report", self)
        self._preview.clicked.connect(self._on_preview)
        everything, nothing = quiet_button("Choose all", self), quiet_button("Choose none", self)
        everything.clicked.connect(lambda: self._choose(lambda line: not line.why_not))
        nothing.clicked.connect(lambda: self._choose(lambda _: False))
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._told, 1)
        for button in (self._preview, everything, nothing):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        self._allow()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The submissions ticked, in their order."""
        return tuple(
            line.submission_id
            for number, line in enumerate(self._lines)
            if _cell(self.table, number).checkState() is _TICKED
        )

    def show_lines(self, lines: Sequence[ReportLine]) -> None:
        """Show these; all that can be released are ticked, but for those that were left out before."""
        left_out = {
            line.submission_id
            for number, line in enumerate(self._lines)
            if not line.why_not and _cell(self.table, number).checkState() is _NOT
        }
        self._lines = lines
        self.table.blockSignals(True)
        self.table.setRowCount(len(lines))
        for number, line in enumerate(lines):
            words = (line.key, line.title, OUTCOMES[line.outcome], line.to)
            _fill(self.table, number, words, line.why_not)
            out = line.why_not or line.submission_id in left_out
            _cell(self.table, number).setCheckState(_NOT if out else _TICKED)
            if line.why_not:
                for column in range(self.table.columnCount()):
                    item = _cell(self.table, number, column)
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        self.table.blockSignals(False)
        if lines:
            self.table.selectRow(0)
        self._say()

    def _choose(self, wanted: Callable[[ReportLine], bool]) -> None:
        for number, line in enumerate(self._lines):
            _cell(self.table, number).setCheckState(_TICKED if wanted(line) else _NOT)

    def _say(self) -> None:
        if not self._lines:
            self._told.setText(
                "Nothing waits: a report can be released once its decision is sealed and on the hub."
            )
        else:
            self._told.setText(f"{len(self.chosen)} of {len(self._lines)} chosen")
        self._allow()
        self.changed.emit()

    def _allow(self) -> None:
        row = self.table.currentRow()
        line = self._lines[row] if 0 <= row < len(self._lines) else None
        self._preview.setEnabled(line is not None)
        if line is not None and line.why_not:
            self._told.setText(f"{line.key}: {line.why_not}")

    def _on_preview(self) -> None:
        line = self._lines[self.table.currentRow()]
        self.preview_wanted.emit(line.submission_id, line.key)


class ReleasedList(QWidget):
    """What was released: to whom, when, and where to. To be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heads = ("Submission", "Outcome", "For", "Released", "Where to")
        self.table = _table("Reports released", heads, self)
        self.told = QLabel("Nothing was released yet.", self)
        self.told.setObjectName("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.told)

    def show_lines(self, lines: Sequence[ReportLine]) -> None:
        """Show these, the newest first."""
        self.table.setRowCount(len(lines))
        for number, line in enumerate(lines):
            when = moment(line.at) if line.at else ""
            where = line.folder if line.how == "folder" else "Through the hub"
            _fill(self.table, number, (line.key, OUTCOMES[line.outcome], line.to, when, where))
        self.told.setVisible(not lines)


def _table(name: str, heads: Sequence[str], parent: QWidget) -> QTableWidget:
    table = QTableWidget(0, len(heads), parent)
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(heads))
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(len(heads) - 1, QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    table.horizontalHeader().setHighlightSections(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 14)
    table.setShowGrid(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    return table


def _cell(table: QTableWidget, row: int, column: int = 0) -> QTableWidgetItem:
    item = table.item(row, column)
    assert item is not None
    return item


def _fill(table: QTableWidget, row: int, words: Sequence[str], tip: str = "") -> None:
    for column, word in enumerate(words):
        item = QTableWidgetItem(word)
        item.setToolTip(tip or word)
        table.setItem(row, column, item)
