"""A field for one text of a review: grows with its text, and keeps what is typed safe.

While somebody types, the text goes out as a durable draft at most every 150 ms; on leaving the field, after two seconds
of quiet, or when asked to flush, it goes out as an entry. What the desk could not take stays in the field and goes out
again with the next word, and every few seconds. The widget's own undo is off: undo steps are entries of the review.
What would make the text longer than any may be is not put in, and that is told.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QResizeEvent,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QScrollArea, QSizePolicy, QWidget

from assessor_desk.domain.text_fields import LONGEST_TEXT, too_long

DRAFT_EVERY_MS = 150
QUIET_MS = 2000
#: A line at a place has no drafts; it becomes an entry sooner instead.
LINE_QUIET_MS = 600
RETRY_MS = 5000
#: The frame, its padding and the document's own margin, on each side but the frame's last pixel.
_MARGIN = 8


class TextField(QPlainTextEdit):
    """One text. `drafted` and `written` carry the text as it stands, `too_much` why something was not put in."""

    drafted = Signal(str)
    written = Signal(str)
    too_much = Signal(str)
    focused = Signal()
    grown = Signal()

    keeps_drafts = True
    quiet_ms = QUIET_MS
    #: The text's name and its criterion, where phrases of the bank may be put into it.
    phrases_for: tuple[str, str] | None = None
    #: What is told of the text stands here, below it.
    told_below: QWidget | None = None

    def __init__(self, title: str, audience: str, lines: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._lines = lines
        self._stored = ""
        self._over = ""
        self._in_flight = 0
        self._refused = False
        self._given_up = False
        self._drafted: str | None = None
        self._dropping = False
        self.setAccessibleName(f"{title}, {audience}")
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._draft_timer = self._timer(DRAFT_EVERY_MS, self._send_draft)
        self._quiet_timer = self._timer(self.quiet_ms, self.flush)
        self._retry_timer = self._timer(RETRY_MS, self.flush)
        self.textChanged.connect(self._on_text_changed)
        self._fit_height()

    @property
    def over(self) -> str:
        """The words shown here when typing began: whatever came for this place since, the person has not seen."""
        return self._over

    @property
    def dirty(self) -> bool:
        """Whether there is text, or a draft of it, that is not an entry yet."""
        return self._drafted is not None or self.toPlainText() != self._stored

    @property
    def unwritten(self) -> bool:
        """Whether something typed is not an entry on the disk yet."""
        if self._given_up:
            return False
        return self._refused or bool(self._in_flight) or (self.dirty and not self.isReadOnly())

    @property
    def refused(self) -> bool:
        """Whether what was sent last could not be stored."""
        return self._refused and not self._given_up

    def give_up(self) -> None:
        """Take no more care of a text that could not be stored; the field is about to go."""
        self._given_up = True
        self.allow_writing(False)
        self._retry_timer.stop()

    def renew(self) -> None:
        """Be empty, as if just made: the text that stood here has been taken care of."""
        for timer in (self._draft_timer, self._quiet_timer, self._retry_timer):
            timer.stop()
        self._in_flight, self._refused, self._given_up = 0, False, False
        self._drafted = None
        self.show_text("")

    def allow_writing(self, allowed: bool) -> None:
        """Whether the text can be changed, or read and copied only; it looks accordingly.

        What was typed up to then and has not been sent goes out first.
        """
        if self.isReadOnly() == (not allowed):
            return
        if not allowed and not self._given_up and self.toPlainText() != self._sent:
            self.flush()
        self.setReadOnly(not allowed)
        self.style().unpolish(self)
        self.style().polish(self)

    def show_text(self, text: str) -> None:
        """Show the text of the review, unless newer text is being typed, is on its way or could not be taken."""
        if self._is_ahead():
            return
        self._stored = self._over = text
        if text == self.toPlainText():
            return
        position = self.textCursor().position()
        self.blockSignals(True)
        self.setPlainText(text)
        self.blockSignals(False)
        cursor = self.textCursor()
        cursor.setPosition(min(position, len(text)))
        self.setTextCursor(cursor)
        self._fit_height()

    def flush(self) -> None:
        """Send what was typed as an entry, if it is not one yet."""
        self._draft_timer.stop()
        self._quiet_timer.stop()
        if (self.dirty or self._refused) and not self.isReadOnly():
            self._stored, self._drafted = self.toPlainText(), None
            self._in_flight += 1
            self.written.emit(self._stored)

    def arrived(self, *, stored: bool) -> None:
        """The text sent last has been stored, or could not be: then it stays as it was typed."""
        self._in_flight = max(0, self._in_flight - 1)
        self._refused = not stored
        if stored:
            self._retry_timer.stop()
        else:
            self._retry_timer.start()

    def insert_words(self, words: str) -> bool:
        """Put words where the cursor stands, apart from what is there, and go on writing after them.

        False, with nothing put in, where they are too many.
        """
        before = self.toPlainText()[: self.textCursor().position()]
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        words = f" {words}" if before and not before[-1].isspace() else words
        if not self._has_room_for(words):
            return False
        self.insertPlainText(words)
        return True

    def insert_phrase(self, words: str) -> None:
        """Put a phrase where the cursor stands, as one step to be undone, its first placeholder selected."""
        from assessor_desk.domain.phrases import next_gap

        self.flush()
        start = self._before(self.textCursor().selectionStart())
        put_in = self.insert_words(words)
        self.flush()
        if put_in and next_gap(words) is not None:
            self.select_gap(len(start))

    @property
    def at_an_empty_place(self) -> bool:
        """Whether nothing but space, or nothing at all, stands beside the cursor."""
        cursor = self.textCursor()
        text, before = self.toPlainText(), self._before(cursor.position())
        after = text[len(before) :]
        beside = (before[-1:], after[:1])
        return not cursor.hasSelection() and all(not one or one.isspace() for one in beside)

    def select_gap(self, start: int | None = None) -> bool:
        """Select the next placeholder after the cursor, or from a letter on; False where none is left."""
        from assessor_desk.domain.phrases import next_gap

        text, cursor = self.toPlainText(), self.textCursor()
        begin = len(self._before(cursor.selectionEnd())) if start is None else start
        gap = next_gap(text, begin)
        if gap is None:
            return False
        cursor.setPosition(_units(text[: gap[0]]))
        cursor.setPosition(_units(text[: gap[1]]), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        return True

    def _before(self, position: int) -> str:
        """The text before a position, which Qt counts in UTF-16."""
        return self.toPlainText().encode("utf-16-le")[: 2 * position].decode("utf-16-le", "ignore")

    def _is_ahead(self) -> bool:
        if self.isReadOnly():
            return self._refused or bool(self._in_flight)
        typing = self._draft_timer.isActive() or (self.dirty and self.hasFocus())
        return bool(self._in_flight) or self._refused or typing

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _on_text_changed(self) -> None:
        self._fit_height()
        if not self.dirty:
            return
        if self.keeps_drafts and not self._draft_timer.isActive():
            self._draft_timer.start()
        self._quiet_timer.start()

    @property
    def _sent(self) -> str:
        """The text as it went out last, as an entry or a draft."""
        return self._stored if self._drafted is None else self._drafted

    def _send_draft(self) -> None:
        text = self.toPlainText()
        if text != self._sent:
            self._drafted = text
            self._in_flight += 1
            self.drafted.emit(text)

    def _fit_height(self) -> None:
        wanted = max(self._lines * self.fontMetrics().lineSpacing(), self._text_height())
        height = wanted + 2 * _MARGIN + 2
        if height != self.height():
            self.setFixedHeight(height)
            if self.hasFocus():
                self.grown.emit()

    def _text_height(self) -> int:
        """Measured: a script from another face has taller lines than the field's own font."""
        height, block = 0.0, self.document().begin()
        while block.isValid():
            height += self.blockBoundingRect(block).height()
            block = block.next()
        return ceil(height)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the card that it is being worked on."""
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field makes its text an entry."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.flush()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps otherwise."""
        super().resizeEvent(event)
        self._fit_height()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the field for the pane around it, so that single keys work again."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            return
        typed = event.text()
        if (typed.isprintable() or typed == "\r") and typed and not self._has_room_for(typed):
            return
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """What an input method puts together is typed too."""
        if event.commitString() and not self._has_room_for(event.commitString()):
            event.setCommitString("")
        super().inputMethodEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """What is pasted goes in as a whole or not at all: it is still where it came from."""
        if self._dropping or not source.hasText() or self._has_room_for(source.text()):
            super().insertFromMimeData(source)

    def dropEvent(self, event: QDropEvent) -> None:
        """What is dragged here goes in as a whole, or stays where it was: a drop that is taken is removed there."""
        words, move = event.mimeData().text(), event.dropAction() == Qt.DropAction.MoveAction
        within = move and event.source() is self.viewport()
        if not within and not self._has_room_for(words, beside_the_selection=True):
            super().dragLeaveEvent(QDragLeaveEvent())
            event.setDropAction(Qt.DropAction.IgnoreAction)
            event.ignore()
            return
        self._dropping = True
        try:
            super().dropEvent(event)
        finally:
            self._dropping = False

    def _has_room_for(self, words: str, beside_the_selection: bool = False) -> bool:
        """Whether the text has room for these in the place of what is selected, or beside it. It is told where not."""
        if self.isReadOnly() or self.document().characterCount() + len(words) * 2 <= LONGEST_TEXT:
            return True
        now = len(self.toPlainText())
        goes = 0 if beside_the_selection else len(self.textCursor().selectedText())
        length = now - goes + len(words)
        if length <= max(LONGEST_TEXT, now):  # one from before this counted may become shorter
            return True
        self.too_much.emit(f"{too_long(length)}. Nothing was put in.")
        return False

    def _leave(self) -> None:
        around = self.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        if around is None:
            self.clearFocus()
        else:
            around.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """A larger font needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_height()

    def sizeHint(self) -> QSize:
        """As high as its text."""
        return QSize(200, self.height())


def _units(text: str) -> int:
    """How many positions of Qt's a text takes: an emoji takes two."""
    return len(text.encode("utf-16-le")) // 2


class LineField(TextField):
    """A line at a place in the evidence: it goes out as an entry once it is left, or after a moment of quiet."""

    keeps_drafts = False
    quiet_ms = LINE_QUIET_MS
