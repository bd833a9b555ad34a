"""The lines of the inbox, painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from assessor_desk.gui import theme
from assessor_desk.gui.controls import TONES
from assessor_desk.gui.inbox_model import QUEUED, ROW, InboxModel
from assessor_desk.gui.inbox_words import DONE, due_in_words, ended, joined, pills, progress, told

if TYPE_CHECKING:
    from assessor_desk.desk import InboxRow
    from assessor_desk.desk.queued import Queued

Index = QModelIndex | QPersistentModelIndex
# As numbers: an enumeration of Python's takes longer to compare than a word to paint.
_SELECTED = QStyle.StateFlag.State_Selected.value
_HOVERED = QStyle.StateFlag.State_MouseOver.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value
_PILL_AIR, _PILL_GAP = 14, 4
_AT_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def fitting(pills: list[tuple[str, str]], metrics: QFontMetrics, room: int) -> list[tuple[str, str]]:
    """Of these pills those that fit into so many pixels, whole: the first go first. All is said in the line's words."""
    widths = [metrics.horizontalAdvance(text) + _PILL_AIR for text, _ in pills]
    first = 0
    while first < len(pills) and sum(widths[first:]) + _PILL_GAP * (len(pills) - first - 1) > room:
        first += 1
    return pills[first:]


class Heights(NamedTuple):
    """In pixels: of a heading, of a line of two rows of words, and of one of three."""

    heading: int
    short: int
    tall: int

    @classmethod
    def of(cls, metrics: QFontMetrics) -> Heights:
        """In that text size."""
        height = metrics.height()
        return cls(height + 18, height * 2 + 20, height * 3 + 30)


class _Sized(NamedTuple):
    """A font and what measures its words: making the two takes as long as painting a word."""

    font: QFont
    metrics: QFontMetrics

    @classmethod
    def of(cls, font: QFont, pixels: int, *, bold: bool = False) -> _Sized:
        """In so many pixels where the text size is that of the design, 13, and otherwise in proportion."""
        sized = QFont(font)
        sized.setPixelSize(max(9, round(font.pixelSize() * pixels / 13)))
        sized.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return cls(sized, QFontMetrics(sized))


class _Dress(NamedTuple):
    """The fonts of a text size."""

    size: QFont
    heading: _Sized
    key: _Sized
    pill: _Sized
    words: _Sized

    @classmethod
    def of(cls, font: QFont) -> _Dress:
        """What goes with it."""
        return cls(
            QFont(font), _Sized.of(font, 11, bold=True), _Sized.of(font, 13, bold=True), _Sized.of(font, 11),
            _Sized.of(font, 12),
        )  # fmt: skip


class InboxDelegate(QStyledItemDelegate):
    """Paints a row: key and pills, title, progress, due."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._dress = _Dress.of(parent.font())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Three lines for open work, two for what is done, one for a heading."""
        heights, model = Heights.of(option.fontMetrics), index.model()
        assert isinstance(model, InboxModel)
        block, place = model.at(index.row())
        return QSize(100, heights.heading if place < 0 else heights.short if block.short else heights.tall)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Heading or row."""
        line = index.data(ROW)
        if option.font != self._dress.size:
            self._dress = _Dress.of(option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(line, tuple):
            self._paint_heading(painter, option, line)
        elif line is None:
            self._paint_unread(painter, option)
        else:
            self._paint_row(painter, option, line, index.data(QUEUED))
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, line: tuple[str, int]) -> None:
        painter.setFont(self._dress.heading.font)
        painter.setPen(theme.colour("muted"))
        rect = option.rect.adjusted(16, 10, -16, 0)
        painter.drawText(rect, _AT_LEFT, line[0])
        painter.drawText(rect, _AT_RIGHT, f"{line[1]:,}")

    def _paint_unread(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """Where the words will stand, for the moment until they are read."""
        height, inner = option.fontMetrics.height(), option.rect.adjusted(16, 9, -16, -9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sunken"))
        for line, part in enumerate((0.3, 0.7)):
            top = inner.top() + line * (height + 2) + 3
            painter.drawRoundedRect(QRectF(inner.left(), top, inner.width() * part, height - 6), 4, 4)

    def _paint_row(
        self, painter: QPainter, option: QStyleOptionViewItem, row: InboxRow, queued: Queued | None
    ) -> None:
        ground = option.rect.adjusted(8, 1, -8, -1)
        state = option.state.value
        selected, hovered = state & _SELECTED, state & _HOVERED
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("soft" if selected else "sunken"))
            painter.drawRoundedRect(ground, 6, 6)
        if state & _FOCUSED:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), 6, 6)
        inner = ground.adjusted(8, 8, -8, -8)
        height = option.fontMetrics.height()
        first = QRect(inner.left(), inner.top(), inner.width(), height)
        self._paint_key(painter, row, first, queued)
        second = first.translated(0, height + 2)
        title = row.short_title or row.title
        if queued is not None:
            outcome, when = told(row, queued)
            # How long it waits stands beside the key: titles are long.
            self._paint_line(painter, first, "", when if queued.waits else "")
            self._paint_line(painter, second, title, "" if queued.waits else joined(outcome, when))
            return
        done = str(row.state) in DONE
        self._paint_line(painter, second, title, ended(row) if done else "")
        if done:
            return
        self._paint_bar(painter, row, QRectF(inner.left(), second.bottom() + 6, inner.width(), 4))
        third = second.translated(0, height + 10)
        due = f"due {due_in_words(row.due_at)}" if row.due_at else ""
        self._paint_line(painter, third, progress(row), due)

    def _paint_key(self, painter: QPainter, row: InboxRow, rect: QRect, queued: Queued | None) -> None:
        dress = self._dress
        painter.setFont(dress.key.font)
        painter.setPen(theme.colour("text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, row.key)
        left = rect.left() + dress.key.metrics.horizontalAdvance(row.key) + 6
        right = told(row, queued)[1] if queued is not None and queued.waits else ""
        taken = dress.words.metrics.horizontalAdvance(right) + 8 if right else 0
        for text, tone in fitting(pills(row, queued), dress.pill.metrics, rect.right() - taken - left):
            left = self._paint_pill(painter, text, tone, left, rect)

    def _paint_pill(self, painter: QPainter, text: str, tone: str, left: int, rect: QRect) -> int:
        font, metrics = self._dress.pill
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

    def _paint_line(self, painter: QPainter, rect: QRect, left: str, right: str) -> None:
        font, metrics = self._dress.words
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        room = rect.width() - (metrics.horizontalAdvance(right) + 8 if right else 0)
        if left:
            words = metrics.elidedText(left, Qt.TextElideMode.ElideRight, room)
            painter.drawText(rect, _AT_LEFT, words)
        if right:
            painter.drawText(rect, _AT_RIGHT, right)

    def _paint_bar(self, painter: QPainter, row: InboxRow, rect: QRectF) -> None:
        count = max(1, row.criteria)
        width = (rect.width() - 3 * (count - 1)) / count
        painter.setPen(Qt.PenStyle.NoPen)
        for number in range(count):
            if number in (0, row.scored):
                painter.setBrush(theme.colour("accent" if number < row.scored else "hair"))
            painter.drawRoundedRect(QRectF(rect.left() + number * (width + 3), rect.top(), width, 4), 2, 2)
