"""The list of the inbox: knows where each line is without asking for any, so that 100,000 open as soon as ten.

Qt's own list measures every line before it shows one. Here all lines of a block are equally high, and what is where
follows from the blocks: `visualRect`, `indexAt`, `moveCursor` and the rest are answered from that, and a screen reader
is told by this class what Qt's would have said.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from PySide6.QtCore import (
    QElapsedTimer,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QCursor,
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QRegion,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from assessor_desk.gui.inbox_lines import Heights, InboxDelegate
from assessor_desk.gui.inbox_model import InboxModel

Index = QModelIndex | QPersistentModelIndex
_Move = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


@dataclass(frozen=True, slots=True)
class _Span:
    """Equally high lines: from which one on, how many, from where on, each how high."""

    first: int
    count: int
    top: int
    height: int

    @property
    def bottom(self) -> int:
        return self.top + self.count * self.height


class InboxList(QListView):
    """The focus alone opens nothing: whoever passes by with Tab stays where they were.

    `looked_at` tells which lines are in sight, whenever that changes or some of them are not read; `letters_typed` the
    letters typed one after the other, to go to the next line after one that begins so.
    """

    looked_at = Signal(int, int)
    letters_typed = Signal(str, int)

    def __init__(self, model: InboxModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Inbox")
        self.setViewport(self._own_viewport())
        self._spans: list[_Span] = []
        self._lines = model
        self._in_sight = (0, -1)
        self.letters, self._last_letter = "", QElapsedTimer()
        self.setModel(model)
        self.setItemDelegate(InboxDelegate(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _own_viewport(self) -> QWidget:
        """As Qt's own. One made here is known for what it is: to tell what Qt's is, the binding would first make the
        Python classes of all widgets that there are, a twentieth of the time until the inbox is shown.
        """
        viewport = QWidget(self)
        viewport.setObjectName("qt_scrollarea_viewport")
        viewport.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        viewport.setBackgroundRole(QPalette.ColorRole.Base)
        viewport.setAutoFillBackground(True)
        return viewport

    # Where lines are

    def doItemsLayout(self) -> None:
        """Where the blocks are, by the text size."""
        heights, self._spans, first, top = Heights.of(self.fontMetrics()), [], 0, 0
        for block in self._lines.blocks:
            line = heights.short if block.short else heights.tall
            parts = ((bool(block.heading), heights.heading), (len(block.ids), line))
            for count, height in parts:
                if count:
                    self._spans.append(_Span(first, count, top, height))
                    first, top = first + count, top + count * height
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        """The scroll bar goes over all lines, read or not."""
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setSingleStep(Heights.of(self.fontMetrics()).heading)
        bar.setPageStep(room)
        bar.setRange(0, max(0, self._height - room))
        QAbstractItemView.updateGeometries(self)

    @property
    def _height(self) -> int:
        return self._spans[-1].bottom if self._spans else 0

    def _top_of(self, number: int) -> tuple[int, int]:
        """Where a line begins, from the top of the list, and how high it is."""
        span = self._spans[bisect_right(self._spans, number, key=lambda one: one.first) - 1]
        return span.top + (number - span.first) * span.height, span.height

    def _line_at(self, y: int) -> int:
        """The line at a height from the top of the list, -1 outside."""
        if not 0 <= y < self._height:
            return -1
        span = self._spans[bisect_right(self._spans, y, key=lambda one: one.top) - 1]
        return span.first + (y - span.top) // span.height

    def visualRect(self, index: Index) -> QRect:
        """Where a line is, in sight or not."""
        self.executeDelayedItemsLayout()
        if not index.isValid() or not self._spans:
            return QRect()
        top, height = self._top_of(index.row())
        return QRect(0, top - self.verticalOffset(), self.viewport().width(), height)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The line at a point of the viewport."""
        self.executeDelayedItemsLayout()
        number = self._line_at(point.y() + self.verticalOffset())
        return self._lines.index(number) if number >= 0 else QModelIndex()

    def verticalOffset(self) -> int:
        """In pixels."""
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        """Lines are as wide as the list."""
        return 0

    def isIndexHidden(self, _index: Index) -> bool:
        """None is."""
        return False

    def scrollTo(self, index: Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        """Bring a line into sight."""
        rect, room, bar = self.visualRect(index), self.viewport().height(), self.verticalScrollBar()
        if not rect.isValid():
            return
        top, over = self.verticalOffset() + rect.top(), rect.bottom() + 1 - room
        if hint == _Hint.PositionAtCenter:
            bar.setValue(top - (room - rect.height()) // 2)
        elif hint == _Hint.PositionAtTop or (hint == _Hint.EnsureVisible and rect.top() < 0):
            bar.setValue(top)
        elif hint == _Hint.PositionAtBottom or over > 0:
            bar.setValue(self.verticalOffset() + over)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """What stays in sight is moved, not painted again."""
        self.viewport().scroll(dx, dy)

    # Choosing

    def moveCursor(self, action: _Move, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Where a key leads to from the line that has the keys; headings are passed over."""
        self.executeDelayedItemsLayout()
        here, count = self.currentIndex().row(), self._lines.submissions
        if not count:
            return QModelIndex()
        if here < 0:
            return self._lines.first()
        if action in (_Move.MovePageUp, _Move.MovePageDown):
            return self._lines.index(self._page_from(here, down=action == _Move.MovePageDown))
        steps = {_Move.MoveHome: -count, _Move.MoveEnd: count, _Move.MoveDown: 1, _Move.MoveNext: 1,
                 _Move.MoveUp: -1, _Move.MovePrevious: -1}  # fmt: skip
        return self._lines.index(self._lines.neighbour(here, steps.get(action, 0)))

    def _page_from(self, here: int, *, down: bool) -> int:
        top, height = self._top_of(here)
        page = max(height, self.viewport().height() - height)
        y = max(0, min(self._height - 1, top + page if down else top - page))
        wanted = self._line_at(y)
        if self._lines.id_at(wanted):
            return wanted
        return self._lines.neighbour(wanted, 0 if down else -1)

    def keyboardSearch(self, search: str) -> None:
        """Qt would ask for the words of every line."""
        fresh = (
            not self._last_letter.isValid()
            or self._last_letter.elapsed() > QApplication.keyboardInputInterval()
        )
        self._last_letter.start()
        self.letters = search if fresh else self.letters + search
        self.letters_typed.emit(self.letters, self.currentIndex().row() - (not fresh))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """One line, that where a drag ends."""
        index = self.indexAt(rect.bottomRight())
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.selectionModel().select(index, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """What of it is in sight."""
        region, sight = QRegion(), self.viewport().rect()
        for index in selection.indexes():
            region += QRegion(self.visualRect(index) & sight)
        return region

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

    # For whoever hears the screen

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Qt's list would look for the line among those that it measured."""
        QAbstractItemView.currentChanged(self, current, previous)
        self._say(current, QAccessible.Event.Focus)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """As `currentChanged`."""
        QAbstractItemView.selectionChanged(self, selected, deselected)
        for index in selected.indexes()[:1]:
            self._say(index, QAccessible.Event.Selection)

    def say_current(self) -> None:
        """The words of the line that has the keys have come."""
        self._say(self.currentIndex(), QAccessible.Event.Focus)

    def _say(self, index: Index, what: QAccessible.Event) -> None:
        if QAccessible.isActive() and index.isValid() and self.hasFocus():
            event = QAccessibleEvent(self, what)
            event.setChild(index.row())
            QAccessible.updateAccessibility(event)

    # Painting

    @property
    def in_sight(self) -> tuple[int, int]:
        """The first and the last line in sight; none where the last is before the first."""
        self.executeDelayedItemsLayout()
        top = self.verticalOffset()
        last = self._line_at(min(self._height - 1, top + self.viewport().height() - 1))
        return max(0, self._line_at(top)), last

    def paintEvent(self, event: QPaintEvent) -> None:
        """Only the lines that are to be painted anew."""
        first, last = self.in_sight
        if (first, last) != self._in_sight or self._lines.lacking(first, last):
            self._in_sight = (first, last)
            self.looked_at.emit(first, last)
        painter, plain = QPainter(self.viewport()), QStyleOptionViewItem()
        self.initViewItemOption(plain)
        plain.state &= ~QStyle.StateFlag.State_HasFocus
        at_mouse = self._at_mouse()
        for number in range(first, last + 1):
            index = self._lines.index(number)
            rect = self.visualRect(index)
            if event.region().intersects(rect):
                self._paint(painter, plain, index, rect, at_mouse=number == at_mouse)
        painter.end()

    def _paint(
        self,
        painter: QPainter,
        plain: QStyleOptionViewItem,
        index: QModelIndex,
        rect: QRect,
        *,
        at_mouse: bool,
    ) -> None:
        option = QStyleOptionViewItem(plain)
        option.rect = rect
        if at_mouse:
            option.state |= QStyle.StateFlag.State_MouseOver
        if self.selectionModel().isSelected(index):
            option.state |= QStyle.StateFlag.State_Selected
        if self.hasFocus() and index == self.currentIndex():
            option.state |= QStyle.StateFlag.State_HasFocus
        self.itemDelegate().paint(painter, option, index)

    def _at_mouse(self) -> int:
        if not self.viewport().underMouse():
            return -1
        return self.indexAt(self.viewport().mapFromGlobal(QCursor.pos())).row()
