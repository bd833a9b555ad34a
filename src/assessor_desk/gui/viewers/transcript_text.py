"""The words of a transcript: one line per caption, its time beside it, the one being said marked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QTextEdit, QWidget

from assessor_desk.domain.anchor import TimeSpan
from assessor_desk.gui import theme
from assessor_desk.gui.viewers import markings
from assessor_desk.gui.viewers.recording_handle import Cue
from assessor_desk.gui.viewers.time_words import time_words
from assessor_desk.gui.viewers.timeline_rows import small_font

_READING_MS = 5_000
"""So long after somebody scrolled by hand, it does not follow."""
_MOST_HITS = 400
_LONGEST_LINE = 300


class TranscriptText(QPlainTextEdit):
    """Read only. A click, or Enter, goes to where words are said; words can be selected and anchored."""

    cue_chosen = Signal(int)
    """Milliseconds at which the words that were chosen begin."""

    words_selected = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._times = _Times(self)
        self._cues: Sequence[Cue] = ()
        self._current = -1
        self._hits: list[tuple[int, int]] = []
        self._hit = -1
        self._pressed = QPoint()
        self.setAccessibleName("Transcript")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_READING_MS)
        self.updateRequest.connect(lambda *_: self._times.update())
        self.verticalScrollBar().sliderPressed.connect(self._reading.start)
        self.selectionChanged.connect(lambda: self.words_selected.emit(self.textCursor().hasSelection()))
        theme.changed.connect(self._mark)
        self._fit_times()

    def show_cues(self, cues: Sequence[Cue]) -> None:
        """Show captions as lines."""
        self._cues, self._current = tuple(cues), -1
        self._hits, self._hit = [], -1
        self.setPlainText("\n".join(" ".join(cue.text.split()) for cue in self._cues))
        self._fit_times()
        self._mark()

    def show_current(self, index: int) -> None:
        """Mark the line being said, and keep it in sight unless somebody reads elsewhere."""
        if index == self._current:
            return
        self._current = index
        self._mark()
        if index >= 0 and not self._reading.isActive() and not self.textCursor().hasSelection():
            self._bring_into_sight(index)

    def _bring_into_sight(self, index: int) -> None:
        block = self.document().findBlockByNumber(index)
        box = self.blockBoundingGeometry(block).translated(self.contentOffset())
        hidden = not block.isVisible() or self.firstVisibleBlock().blockNumber() > index
        if hidden or box.bottom() > self.viewport().height() * 0.9:
            self.setTextCursor(QTextCursor(block))
            self.centerCursor()

    # Words

    def selection(self) -> tuple[TimeSpan, str] | None:
        """The time of the lines that words are selected in, and those words; None without a selection."""
        cursor = self.textCursor()
        if not cursor.selectedText().strip():
            return None
        cursor = _whole_words(cursor)
        words = " ".join(cursor.selectedText().split())
        document = self.document()
        first = self._cues[document.findBlock(cursor.selectionStart()).blockNumber()]
        last = self._cues[document.findBlock(cursor.selectionEnd() - 1).blockNumber()]
        short = words if len(words) <= _LONGEST_LINE else words[: _LONGEST_LINE - 1].rstrip() + "…"
        return TimeSpan(first.start_ms, max(last.end_ms, first.end_ms)), f"“{short}”"

    def select_nothing(self) -> None:
        """Let go of the words selected."""
        cursor = self.textCursor()
        cursor.clearSelection()
        self.setTextCursor(cursor)

    # Searching

    def search(self, query: str) -> int:
        """Mark all places where words stand; how many there are."""
        self._hits = list(self._places(query)) if query.strip() else []
        self._hit = -1
        self._mark()
        return len(self._hits)

    def _places(self, query: str) -> Iterator[tuple[int, int]]:
        document = self.document()
        found = document.find(query, 0)
        while not found.isNull():
            yield found.selectionStart(), found.selectionEnd() - found.selectionStart()
            found = document.find(query, found)

    def step_hit(self, step: int) -> int:
        """Go to the next (1) or previous (-1) place found, from the line being said at first; its number from 0."""
        if not self._hits:
            return -1
        if self._hit < 0:
            here = self.document().findBlockByNumber(max(0, self._current)).position()
            self._hit = bisect_left(self._hits, (here, 0)) - (step < 0)
        else:
            self._hit += step
        self._hit %= len(self._hits)
        self._mark()
        index = self.document().findBlock(self._hits[self._hit][0]).blockNumber()
        self._bring_into_sight(index)
        self.cue_chosen.emit(self._cues[index].start_ms)
        return self._hit

    # Marking

    def _mark(self) -> None:
        marked = [] if self._current < 0 else [self._whole_line(self._current)]
        around = range(max(0, self._hit - _MOST_HITS), self._hit + _MOST_HITS)
        for place, (position, length) in enumerate(self._hits):
            if place in around or place < _MOST_HITS:
                marked.append(self._words_found(position, length, place == self._hit))
        self.setExtraSelections(marked)
        self._times.update()

    def _whole_line(self, index: int) -> QTextEdit.ExtraSelection:
        line = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document().findBlockByNumber(index))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        line.cursor = cursor
        line.format = _format(theme.colour("soft"), theme.colour("text"))
        line.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        return line

    def _words_found(self, position: int, length: int, current: bool) -> QTextEdit.ExtraSelection:
        found = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
        found.cursor = cursor
        ground = markings.CURRENT_HIT if current else markings.HIT
        found.format = _format(ground, QColor("black"))
        found.format.setFontUnderline(current)
        return found

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click is told from a selection by how far it goes."""
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click goes to where the words are said."""
        super().mouseReleaseEvent(event)
        moved = (event.position().toPoint() - self._pressed).manhattanLength()
        near = moved < QApplication.startDragDistance()
        if event.button() == Qt.MouseButton.LeftButton and near and not self.textCursor().hasSelection():
            self.choose_at(event.position().toPoint())

    def choose_at(self, place: QPoint) -> None:
        """Go to where the words of a line are said."""
        self._choose(self.cursorForPosition(place).blockNumber())

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._cues):
            self.cue_chosen.emit(self._cues[index].start_ms)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to where the words at the cursor are said."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._choose(self.textCursor().blockNumber())
            return
        if event.key() == Qt.Key.Key_Escape and self.textCursor().hasSelection():
            self.select_nothing()
            return
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._reading.start()
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            # The recording's: to its start and its end.
            event.ignore()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: object) -> None:
        """Scrolled by hand: it does not follow for a while."""
        self._reading.start()
        super().wheelEvent(event)  # type: ignore[arg-type]

    # Times

    def lines(self) -> Iterator[tuple[int, QTextBlock, QRectF]]:
        """The lines in sight: number, block, and where it is."""
        block = self.firstVisibleBlock()
        while block.isValid():
            box = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if box.top() > self.viewport().height():
                return
            yield block.blockNumber(), block, box
            block = block.next()

    def time_of(self, index: int) -> str:
        """When a line is said."""
        return time_words(self._cues[index].start_ms) if 0 <= index < len(self._cues) else ""

    @property
    def current(self) -> int:
        """The line being said; -1 for none."""
        return self._current

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The times stay beside the lines."""
        super().resizeEvent(event)
        self._place_times()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room for the times."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_times"):
            self._fit_times()

    def _fit_times(self) -> None:
        longest = time_words(self._cues[-1].end_ms) if self._cues else "00:00"
        width = round(QFontMetricsF(small_font(self.font())).horizontalAdvance(longest)) + 18
        self.setViewportMargins(width, 0, 0, 0)
        self._times.resize(width, self.height())
        self._place_times()

    def _place_times(self) -> None:
        inside = self.contentsRect()
        self._times.setGeometry(inside.left(), inside.top(), self._times.width(), inside.height())


class _Times(QWidget):
    """The column of times; a click goes there."""

    def __init__(self, text: TranscriptText) -> None:
        super().__init__(text)
        self._text = text
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """As wide as the text wants it."""
        return QSize(self.width(), 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Times, and a bar beside what is being said."""
        painter = QPainter(self)
        lift = self._text.viewport().y() - self.y()
        for index, _block, box in self._text.lines():
            current = index == self._text.current
            painter.setFont(small_font(self._text.font(), bold=current))
            painter.setPen(theme.colour("text" if current else "muted"))
            line = QRectF(0, box.top() + lift, self.width() - 8, self._text.fontMetrics().lineSpacing() + 4)
            painter.drawText(
                line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text.time_of(index)
            )
            if current:
                painter.fillRect(QRectF(2, box.top() + lift, 3, box.height()), theme.colour("accent"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        lift = self._text.viewport().y() - self.y()
        self._text.choose_at(QPoint(2, round(event.position().y()) - lift))


def _whole_words(selected: QTextCursor) -> QTextCursor:
    """A selection that cuts no word in two: people drag roughly."""
    first, last = QTextCursor(selected), QTextCursor(selected)
    text = selected.selectedText()
    first.setPosition(selected.selectionStart())
    last.setPosition(selected.selectionEnd())
    if text[:1].isalnum():
        first.movePosition(QTextCursor.MoveOperation.StartOfWord)
    if text[-1:].isalnum():
        last.movePosition(QTextCursor.MoveOperation.EndOfWord)
    first.setPosition(max(first.position(), last.position()), QTextCursor.MoveMode.KeepAnchor)
    return first


def _format(ground: QColor, words: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setBackground(ground)
    made.setForeground(words)
    return made
