"""The inbox: what is assigned, by when, how far it is, and how much of it is on this computer.

A list view over the rows that the store has sorted; nothing is sorted or filtered here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Changes, Ledger
from assessor_desk.domain.submission import Role
from assessor_desk.gui import theme
from assessor_desk.gui.controls import TONES, EmptyState
from assessor_desk.gui.session import Session
from assessor_desk.gui.sizes import bytes_in_words

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_PILLS = {
    "new": ("", "neutral"),
    "checking": ("check first", "caution"),
    "in_review": ("", "neutral"),
    "incomplete": ("incomplete", "caution"),
    "ready_to_seal": ("ready to seal", "accent"),
    "sealed_waiting": ("to send", "neutral"),
    "delivered": ("on the hub", "positive"),
    "set_aside": ("set aside", "neutral"),
}
_DONE = {"sealed_waiting", "delivered"}


def section_of(row: Any, now: datetime) -> str:
    """The heading a row stands under."""
    state = str(row.state)
    if state == "set_aside":
        return "Set aside"
    if state in _DONE:
        return "Sealed"
    if row.draft or row.role is Role.COACH:
        return "Drafts to coach"
    if row.due_at is None:
        return "No due date"
    days = (row.due_at.astimezone().date() - now.astimezone().date()).days
    if days < 0:
        return "Overdue"
    return "Due today" if days == 0 else "This week" if days < 7 else "Later"


class InboxModel(QAbstractListModel):
    """Rows and section headings in one list."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines: list[Any] = []

    def show_rows(self, rows: Sequence[Any], now: datetime) -> None:
        """Replace everything. Rows of one section are brought together in the order of their first."""
        sections: dict[str, list[Any]] = {}
        for row in rows:
            sections.setdefault(section_of(row, now), []).append(row)
        self.beginResetModel()
        self._lines = [line for name, held in sections.items() for line in ((name, len(held)), *held)]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Rows and headings."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line itself, and its words for screen readers."""
        line = self._lines[index.row()]
        if role == ROW:
            return line
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return f"{line[0]}, {line[1]}" if isinstance(line, tuple) else _in_words(line)
        if role == Qt.ItemDataRole.ToolTipRole and not isinstance(line, tuple):
            return line.title
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if isinstance(self._lines[index.row()], tuple):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def index_of(self, submission_id: str) -> QModelIndex:
        """Where a submission stands, invalid if it does not."""
        for number, line in enumerate(self._lines):
            if not isinstance(line, tuple) and line.submission_id == submission_id:
                return self.index(number)
        return QModelIndex()

    def ids(self) -> list[str]:
        """The submissions, as they stand."""
        return [line.submission_id for line in self._lines if not isinstance(line, tuple)]


def _in_words(row: Any) -> str:
    due = f", due {due_in_words(row.due_at)}" if row.due_at else ""
    pill = _PILLS[str(row.state)][0]
    state = f", {pill}" if pill else ""
    return f"{row.key}, {row.short_title or row.title}{state}, {row.scored} of {row.criteria} scored{due}"


def due_in_words(due: datetime) -> str:
    """`17:00` today, `Tue` this week, `3 Dec` later."""
    local, today = due.astimezone(), datetime.now().astimezone().date()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%a}" if 0 < days < 7 else f"{local.day} {local:%b}"


class InboxDelegate(QStyledItemDelegate):
    """Paints a row: key and pills, title, progress, due."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Three lines for open work, two for what is done, one for a heading."""
        line = index.data(ROW)
        height = option.fontMetrics.height()
        if isinstance(line, tuple):
            return QSize(100, height + 18)
        return QSize(100, height * 2 + 20 + (0 if str(line.state) in _DONE else height + 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Heading or row."""
        line = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(line, tuple):
            self._paint_heading(painter, option, line)
        else:
            self._paint_row(painter, option, line)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, line: tuple[str, int]) -> None:
        painter.setFont(_sized(option.font, 11, bold=True))
        painter.setPen(theme.colour("muted"))
        rect = option.rect.adjusted(16, 10, -16, 0)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line[0])
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line[1]))

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, row: Any) -> None:
        ground = option.rect.adjusted(8, 1, -8, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("soft" if selected else "sunken"))
            painter.drawRoundedRect(ground, 6, 6)
        inner = ground.adjusted(8, 8, -8, -8)
        height = option.fontMetrics.height()
        first = QRect(inner.left(), inner.top(), inner.width(), height)
        self._paint_key(painter, option, row, first)
        second = first.translated(0, height + 2)
        title = row.short_title or row.title
        done = str(row.state) in _DONE
        self._paint_line(
            painter, option, second, title, due_in_words(row.due_at) if done and row.due_at else ""
        )
        if done:
            return
        self._paint_bar(painter, row, QRectF(inner.left(), second.bottom() + 6, inner.width(), 4))
        third = second.translated(0, height + 10)
        due = f"due {due_in_words(row.due_at)}" if row.due_at else ""
        self._paint_line(painter, option, third, _progress(row), due)

    def _paint_key(self, painter: QPainter, option: QStyleOptionViewItem, row: Any, rect: QRect) -> None:
        font = _sized(option.font, 13, bold=True)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, row.key)
        left = rect.left() + QFontMetrics(font).horizontalAdvance(row.key) + 6
        attempt = f"attempt {row.attempt}" if row.attempt > 1 else ""
        for text, tone in (
            (attempt, "neutral"),
            ("draft" if row.draft else "", "neutral"),
            _PILLS[str(row.state)],
        ):
            if text:
                left = self._paint_pill(painter, option, text, tone, left, rect)

    def _paint_pill(
        self, painter: QPainter, option: QStyleOptionViewItem, text: str, tone: str, left: int, rect: QRect
    ) -> int:
        font = _sized(option.font, 11)
        metrics = QFontMetrics(font)
        width = metrics.horizontalAdvance(text) + 14
        pill = QRectF(left, rect.center().y() - metrics.height() / 2 - 1, width, metrics.height() + 3)
        words, ground = TONES[tone]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setPen(theme.colour(words))
        painter.setFont(font)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        return left + width + 4

    def _paint_line(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, left: str, right: str
    ) -> None:
        font = _sized(option.font, 12)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        room = rect.width() - (metrics.horizontalAdvance(right) + 8 if right else 0)
        words = metrics.elidedText(left, Qt.TextElideMode.ElideRight, room)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)

    def _paint_bar(self, painter: QPainter, row: Any, rect: QRectF) -> None:
        count = max(1, row.criteria)
        width = (rect.width() - 3 * (count - 1)) / count
        painter.setPen(Qt.PenStyle.NoPen)
        for number in range(count):
            painter.setBrush(theme.colour("accent" if number < row.scored else "hair"))
            painter.drawRoundedRect(QRectF(rect.left() + number * (width + 3), rect.top(), width, 4), 2, 2)


def _progress(row: Any) -> str:
    if row.total_bytes and row.ready_bytes < row.total_bytes:
        percent = 100 * row.ready_bytes // row.total_bytes
        return f"{bytes_in_words(row.total_bytes)}, {percent} % here"
    return f"{row.scored} of {row.criteria} scored"


def _sized(font: QFont, pixels: int, *, bold: bool = False) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(max(9, round(font.pixelSize() * pixels / 13)))
    sized.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return sized


class InboxPane(QWidget):
    """Ledger line, search, list, or what to do when there is nothing."""

    submission_chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: list[Any] = []
        self.setMinimumWidth(200)
        self._ledger = QLabel(self)
        self._ledger.setObjectName("muted")
        self._ledger.setWordWrap(True)
        self._ledger.setContentsMargins(16, 8, 16, 4)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText("Search key or title")
        self._search.setAccessibleName("Search the inbox")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self.refresh)
        self._list = QListView(self)
        self._list.setAccessibleName("Inbox")
        self._model = InboxModel(self)
        self._list.setModel(self._model)
        self._list.setItemDelegate(InboxDelegate(self._list))
        self._list.setMouseTracking(True)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.selectionModel().currentChanged.connect(self._on_current)
        self._empty = EmptyState("inbox", "", "", parent=self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._list)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._ledger)
        holder = QVBoxLayout()
        holder.setContentsMargins(16, 0, 16, 0)
        holder.addWidget(self._search)
        column.addLayout(holder)
        column.addWidget(self._pages, 1)
        session.changed.connect(self._on_changed)
        theme.changed.connect(self._list.viewport().update)

    def refresh(self, _search: str = "") -> None:
        """Read the inbox and the ledger again."""
        search = self._search.text()
        desk = self._session.desk
        self._session.tasks.side(
            lambda: (desk.inbox(search), desk.ledger()), lambda both: self.show_rows(*both)
        )

    def show_rows(self, rows: list[Any], ledger: Ledger) -> None:
        """Show these rows."""
        self._rows = rows
        chosen = self._session.submission_id
        selection = self._list.selectionModel()
        selection.blockSignals(True)
        self._model.show_rows(rows, datetime.now().astimezone())
        index = self._model.index_of(chosen)
        if index.isValid():
            self._list.setCurrentIndex(index)
        selection.blockSignals(False)
        self._say_ledger(ledger)
        self._pages.setCurrentIndex(0 if rows else 1)
        if not rows:
            self._say_why_empty()

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) submission."""
        ids = self._model.ids()
        if ids:
            here = ids.index(self._session.submission_id) if self._session.submission_id in ids else -by
            self.choose(ids[max(0, min(len(ids) - 1, here + by))])

    def choose(self, submission_id: str) -> None:
        """Choose a submission as if it were clicked."""
        index = self._model.index_of(submission_id)
        if index.isValid():
            self._list.setCurrentIndex(index)
        else:
            self.submission_chosen.emit(submission_id)

    @property
    def rows(self) -> Sequence[Any]:
        """The rows shown."""
        return self._rows

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        line = current.data(ROW)
        if line is not None and not isinstance(line, tuple):
            self.submission_chosen.emit(line.submission_id)

    def _on_changed(self, changes: Changes) -> None:
        if changes:
            self.refresh()

    def _say_ledger(self, ledger: Ledger) -> None:
        if not ledger.total:
            self._ledger.setText("")
            return
        to_go = f" · {bytes_in_words(ledger.bytes_to_go)} to go" if ledger.bytes_to_go else ""
        self._ledger.setText(f"{ledger.ready} of {ledger.total} ready offline{to_go}")

    def _say_why_empty(self) -> None:
        if self._search.text():
            self._empty.say("search", "Nothing found", f"No submission matches “{self._search.text()}”.")
        elif self._session.desk.profile is None:
            words = "Connect to your programme’s hub: it gave you an address and a one-time code."
            self._empty.say("inbox", "Not connected yet", words)
        else:
            words = "What is assigned to you appears here after the next sync, and stays here offline."
            self._empty.say("inbox", "Nothing assigned", words)

    def changeEvent(self, event: QEvent) -> None:
        """Another text size needs other heights."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_list"):
            self._list.scheduleDelayedItemsLayout()
