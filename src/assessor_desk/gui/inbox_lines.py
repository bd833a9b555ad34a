"""The lines of the inbox: rows under headings, as a model, in words, and painted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from assessor_desk.domain.roles import Role
from assessor_desk.gui import queue_words, theme
from assessor_desk.gui.controls import TONES
from assessor_desk.gui.ordinals import ordinal_in_words
from assessor_desk.gui.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk import InboxRow
    from assessor_desk.desk.queued import Queued

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
#: A heading with the number of rows under it, or a row.
Line: TypeAlias = "tuple[str, int] | InboxRow"
_NO_QUEUE: Mapping[str, Queued] = MappingProxyType({})
ROW = Qt.ItemDataRole.UserRole
#: How a row stands in a reviewer's queue; None for what is assessed or coached here.
QUEUED = Qt.ItemDataRole.UserRole + 1
_PILLS = {
    "new": ("new", "accent"),
    "checking": ("check first", "caution"),
    "in_review": ("", "neutral"),
    "incomplete": ("incomplete", "caution"),
    "ready_to_seal": ("ready to seal", "accent"),
    "sealed_waiting": ("to send", "neutral"),
    "delivered": ("on the hub", "positive"),
    "set_aside": ("set aside", "neutral"),
    "passed_back": ("passed back", "caution"),
    "awaited": ("awaiting a review", "neutral"),
    "to_decide": ("to decide", "accent"),
    "released": ("released", "positive"),
}
_ON_HOLD = ("on hold", "caution")
_PILL_AIR, _PILL_GAP = 14, 4
_DONE = {"sealed_waiting", "delivered", "released"}


_SECTIONS = (
    "Passed back to you", "Overdue", "Due today", "This week", "Later", "No due date", "Drafts to coach", "To decide",
    "On hold", "Awaiting a review", "Passed back", "Sealed", "Handed back", "Decided", "Released", "Set aside",
)  # fmt: skip


def section_of(row: InboxRow, now: datetime, queued: Queued | None = None) -> str:
    """The heading a row stands under."""
    state = str(row.state)
    if state == "set_aside":
        return "Set aside"
    if queued is not None:
        return queue_words.section_of(queued)
    if state == "passed_back":
        return "Passed back to you"
    if state in _DONE:
        return "Handed back" if row.role is Role.COACH else "Sealed"
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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []
        self._queue: Mapping[str, Queued] = {}

    def show_rows(
        self, rows: Sequence[InboxRow], now: datetime, queue: Mapping[str, Queued] = _NO_QUEUE
    ) -> None:
        """Replace everything: rows by section, within one as they come, of a queue what waits longest first."""
        self._queue = queue
        sections: dict[str, list[InboxRow]] = {name: [] for name in _SECTIONS}
        for row in rows:
            sections[section_of(row, now, queue.get(row.submission_id))].append(row)
        for held in sections.values():
            held.sort(key=lambda row: -_waited(queue.get(row.submission_id)))
        lines: list[Line] = []
        for name, held in sections.items():
            lines += [(name, len(held)), *held] if held else []
        if [_place(line) for line in lines] == [_place(line) for line in self._lines]:
            self._lines = lines
            if lines:
                self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Rows and headings."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line itself, and its words for screen readers."""
        line = self._lines[index.row()]
        if role == ROW:
            return line
        queued = None if isinstance(line, tuple) else self._queue.get(line.submission_id)
        if role == QUEUED:
            return queued
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return f"{line[0]}, {line[1]}" if isinstance(line, tuple) else _in_words(line, queued)
        if role == Qt.ItemDataRole.ToolTipRole and not isinstance(line, tuple):
            return "\n".join(filter(None, (line.title, hold_in_words(line))))
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

    def first(self) -> QModelIndex:
        """Where the first submission stands, invalid if there is none."""
        return self.index_of(next(iter(self.ids()), ""))

    def ids(self) -> list[str]:
        """The submissions, as they stand."""
        return [line.submission_id for line in self._lines if not isinstance(line, tuple)]


def _waited(queued: Queued | None) -> int:
    return queued.day if queued is not None and queued.waits else 0


def _place(line: Line) -> tuple[str, bool]:
    """What must stay the same for the list to keep its place: which line it is, and how high."""
    return (line[0], False) if isinstance(line, tuple) else (line.submission_id, str(line.state) in _DONE)


def hold_in_words(row: InboxRow) -> str:
    """What it means that a concern holds a submission; empty where none does."""
    if not row.on_hold_for:
        return ""
    kinds = " and ".join(filter(None, row.on_hold_for))
    concern = f"a {kinds} concern" if kinds else "a concern"
    return (
        f"On hold for {concern}: nothing is decided or released until the programme lifts it. "
        "Your own work is kept, and can go on."
    )


def _in_words(row: InboxRow, queued: Queued | None = None) -> str:
    told = _said(row, queued)
    return f"{told}. {hold_in_words(row)}" if row.on_hold_for else told


def _said(row: InboxRow, queued: Queued | None) -> str:
    if queued is not None:
        parts = (row.key, row.short_title or row.title, queue_words.STATES[queued.state], *_told(row, queued))
        return ", ".join(filter(None, parts))
    done = str(row.state) in _DONE
    due = f", due {due_in_words(row.due_at)}" if row.due_at and not done else ""
    due = f", {done_in_words(row)}" if done and done_in_words(row) else due
    pill = "" if row.delivered_at is not None and done else _PILLS[str(row.state)][0]
    state = f", {pill}" if pill else ""
    draft = f", {ordinal_in_words(row.attempt, draft=True)}" if row.draft else ""
    return f"{row.key}, {row.short_title or row.title}{draft}{state}, {_count(row)}{due}"


def _told(row: InboxRow, queued: Queued) -> tuple[str, str]:
    """What the last line of a reviewer's row says at its left and right."""
    if queued.waits:
        return "", queue_words.age_in_words(queued)
    at = (row.delivered_at or row.sealed_at) if str(row.state) in _DONE else None
    return queue_words.outcome_in_words(queued), past_in_words(at) if at else ""


def _joined(*words: str) -> str:
    return " · ".join(filter(None, words))


def due_in_words(due: datetime) -> str:
    """`17:00` today, `Tue` this week, `3 Dec` later."""
    local, today = due.astimezone(), datetime.now().astimezone().date()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%a}" if 0 < days < 7 else f"{local.day} {local:%b}"


def done_in_words(row: InboxRow) -> str:
    """`sealed 17:00`, of notes `handed back 17:00`, until the hub has it, then `on the hub 3 Dec`; empty if unknown."""
    if row.delivered_at is not None:
        return f"on the hub {past_in_words(row.delivered_at)}"
    done = "handed back" if row.role is Role.COACH else "sealed"
    return f"{done} {past_in_words(row.sealed_at)}" if row.sealed_at is not None else ""


def _ended(row: InboxRow) -> str:
    """The same beside the pill, which says already that the hub has it."""
    return past_in_words(row.delivered_at) if row.delivered_at is not None else done_in_words(row)


def past_in_words(at: datetime) -> str:
    """`17:00` today, `3 Dec` before."""
    local = at.astimezone()
    today = local.date() == datetime.now().astimezone().date()
    return f"{local:%H:%M}" if today else f"{local.day} {local:%b}"


def _pills(row: InboxRow, queued: Queued | None) -> list[tuple[str, str]]:
    """The pills beside a key, in their order: what matters most stands last."""
    draft = ordinal_in_words(row.attempt, draft=True) if row.draft else ""
    attempt = f"attempt {row.attempt}" if row.attempt > 1 and not row.draft else ""
    state = queue_words.pill_of(queued) if queued is not None else _PILLS[str(row.state)]
    pills = [(attempt, "neutral"), (draft, "neutral"), state]
    if row.on_hold_for and state[0] != _ON_HOLD[0]:
        pills.append(_ON_HOLD)
    return [pill for pill in pills if pill[0]]


def fitting(pills: list[tuple[str, str]], metrics: QFontMetrics, room: int) -> list[tuple[str, str]]:
    """Of these pills those that fit into so many pixels, whole: the first go first. All is said in the line's words."""
    widths = [metrics.horizontalAdvance(text) + _PILL_AIR for text, _ in pills]
    first = 0
    while first < len(pills) and sum(widths[first:]) + _PILL_GAP * (len(pills) - first - 1) > room:
        first += 1
    return pills[first:]


class InboxDelegate(QStyledItemDelegate):
    """Paints a row: key and pills, title, progress, due."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Three lines for open work, two for what is done, one for a heading."""
        line = index.data(ROW)
        height = option.fontMetrics.height()
        if isinstance(line, tuple):
            return QSize(100, height + 18)
        two_lines = index.data(QUEUED) is not None or str(line.state) in _DONE
        return QSize(100, height * 2 + 20 + (0 if two_lines else height + 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Heading or row."""
        line = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(line, tuple):
            self._paint_heading(painter, option, line)
        else:
            self._paint_row(painter, option, line, index.data(QUEUED))
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, line: tuple[str, int]) -> None:
        painter.setFont(_sized(option.font, 11, bold=True))
        painter.setPen(theme.colour("muted"))
        rect = option.rect.adjusted(16, 10, -16, 0)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line[0])
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line[1]))

    def _paint_row(
        self, painter: QPainter, option: QStyleOptionViewItem, row: InboxRow, queued: Queued | None
    ) -> None:
        ground = option.rect.adjusted(8, 1, -8, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("soft" if selected else "sunken"))
            painter.drawRoundedRect(ground, 6, 6)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), 6, 6)
        inner = ground.adjusted(8, 8, -8, -8)
        height = option.fontMetrics.height()
        first = QRect(inner.left(), inner.top(), inner.width(), height)
        self._paint_key(painter, option, row, first, queued)
        second = first.translated(0, height + 2)
        title = row.short_title or row.title
        if queued is not None:
            outcome, when = _told(row, queued)
            # How long it waits stands beside the key: titles are long.
            self._paint_line(painter, option, first, "", when if queued.waits else "")
            self._paint_line(painter, option, second, title, "" if queued.waits else _joined(outcome, when))
            return
        done = str(row.state) in _DONE
        self._paint_line(painter, option, second, title, _ended(row) if done else "")
        if done:
            return
        self._paint_bar(painter, row, QRectF(inner.left(), second.bottom() + 6, inner.width(), 4))
        third = second.translated(0, height + 10)
        due = f"due {due_in_words(row.due_at)}" if row.due_at else ""
        self._paint_line(painter, option, third, _progress(row), due)

    def _paint_key(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        row: InboxRow,
        rect: QRect,
        queued: Queued | None,
    ) -> None:
        font = _sized(option.font, 13, bold=True)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, row.key)
        left = rect.left() + QFontMetrics(font).horizontalAdvance(row.key) + 6
        right = _told(row, queued)[1] if queued is not None and queued.waits else ""
        taken = QFontMetrics(_sized(option.font, 12)).horizontalAdvance(right) + 8 if right else 0
        metrics = QFontMetrics(_sized(option.font, 11))
        for text, tone in fitting(_pills(row, queued), metrics, rect.right() - taken - left):
            left = self._paint_pill(painter, option, text, tone, left, rect)

    def _paint_pill(
        self, painter: QPainter, option: QStyleOptionViewItem, text: str, tone: str, left: int, rect: QRect
    ) -> int:
        font = _sized(option.font, 11)
        metrics = QFontMetrics(font)
        width = metrics.horizontalAdvance(text) + _PILL_AIR
        pill = QRectF(left, rect.center().y() - metrics.height() / 2 - 1, width, metrics.height() + 3)
        words, ground = TONES[tone]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setPen(theme.colour(words))
        painter.setFont(font)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        return left + width + _PILL_GAP

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

    def _paint_bar(self, painter: QPainter, row: InboxRow, rect: QRectF) -> None:
        count = max(1, row.criteria)
        width = (rect.width() - 3 * (count - 1)) / count
        painter.setPen(Qt.PenStyle.NoPen)
        for number in range(count):
            painter.setBrush(theme.colour("accent" if number < row.scored else "hair"))
            painter.drawRoundedRect(QRectF(rect.left() + number * (width + 3), rect.top(), width, 4), 2, 2)


def _progress(row: InboxRow) -> str:
    if row.total_bytes and row.ready_bytes < row.total_bytes:
        return f"not offline yet, {bytes_in_words(row.total_bytes - row.ready_bytes)} to go"
    if not row.scored and str(row.state) in ("incomplete", "ready_to_seal"):
        return "not scored"
    return _count(row)


def _count(row: InboxRow) -> str:
    """A coach scores nothing: what counts is on how many criteria there is a word."""
    if row.role is Role.COACH:
        return f"notes on {row.scored} of {row.criteria}"
    return f"{row.scored} of {row.criteria} scored"


def _sized(font: QFont, pixels: int, *, bold: bool = False) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(max(9, round(font.pixelSize() * pixels / 13)))
    sized.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return sized
