"""Words to read: a text browser that loads nothing, finds quotations and marks them.

Pictures come as data inside the words and are of the two formats that the worker writes; anything else, and
everything with an address, is not loaded.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QToolTip, QWidget

from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.quotation import Quotable, says_something
from assessor_desk.gui.viewers import look, markings, settling
from assessor_desk.gui.viewers.bit_by_bit import BitByBit
from assessor_desk.gui.viewers.hits_near import hits_near
from assessor_desk.gui.viewers.offer_pill import OfferPill
from assessor_desk.gui.viewers.reading_style import style_sheet
from assessor_desk.gui.viewers.shown_words import Heading, ShownWords, shown_words, without
from assessor_desk.gui.viewers.viewer import Mark

_BEYOND_16_BITS = re.compile("[^\x00-\uffff]")
_GUTTER = 34.0
_IN_SIGHT = 60
_TO_THE_END = (
    QKeySequence.StandardKey.MoveToEndOfDocument,
    QKeySequence.StandardKey.SelectEndOfDocument,
    QKeySequence.StandardKey.SelectAll,
)
_LAYING_OUT = "One moment: the lines up to here are being laid out…"
_MEASURE = 760
"""Widest column of words, in pixels: lines longer than about ninety characters are hard to read."""


_SURELY_LONG = 20_000
"""Characters that fill more than any screen."""

_NO_PAGE = QSizeF(0, 0)
_NOTHING_SAID = ShownWords((), {}, ())


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark with the characters it stands for."""

    mark: Mark
    start: int
    end: int


class ReadingPane(QTextBrowser):
    """Shows clean HTML or plain text; positions are those of `quotable.text`."""

    mark_clicked = Signal(str)
    offer_taken = Signal()
    link_refused = Signal(str)
    remark_clicked = Signal(int)
    """The number of one of the educator's remarks, by its sign in the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quotable = self._words = Quotable("")
        self._shown = _NOTHING_SAID
        self._wide: list[int] = []
        self._pictures: list[tuple[QTextCursor, float]] = []
        self._markup: str | None = None
        self._text_pixels = 14
        self._own: QTextDocument | None = None
        self._laying_out = BitByBit(self)
        self._marked: tuple[Marked, ...] = ()
        self._marks_visible = True
        self._hits: list[tuple[int, int]] = []
        self._hits_painted: list[tuple[int, int]] = []
        self._hit: tuple[int, int] | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("readingPane")
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.anchorClicked.connect(self._on_link)
        self._offer = OfferPill(self.viewport(), self.offer_taken.emit)
        self._offer.offer("Anchor these words", "Cite the selected words")
        self.selectionChanged.connect(self._place_offer)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # What is shown

    def show_html(self, markup: str) -> None:
        """Show clean HTML (see `artifacts.reading.writing`) from its beginning."""
        self._markup = markup
        document = self._new_document()
        document.setDefaultStyleSheet(style_sheet(self._text_pixels, markup))
        document.setHtml(settling.with_pictures(document, markup))
        settling.settle_tables(document)
        self._begin(document)

    def show_text(self, text: str) -> None:
        """Show plain text from its beginning."""
        self._markup = None
        document = self._new_document()
        font = self.font()
        font.setPixelSize(self._text_pixels)
        document.setDefaultFont(font)
        document.setPlainText(text)
        self._begin(document)

    def _new_document(self) -> QTextDocument:
        """Without a page, so that nothing of it is laid out until it is filled and settled."""
        before, document = self._own, settling.ClosedDocument(self)
        self.setExtraSelections([])  # else their places are looked for in the new document, which lays it out
        self._hits, self._hit = [], None
        document.setUndoRedoEnabled(False)
        self._own = document
        self.setDocument(document)
        document.setPageSize(_NO_PAGE)
        if before is not None:
            before.deleteLater()
        return document

    def enlarge(self, pixels: int) -> None:
        """Larger or smaller words."""
        self._text_pixels += pixels
        self.restyle()

    def restyle(self) -> None:
        """Take on the colours of the theme in force."""
        place = self.verticalScrollBar().value()
        marked, hits, hit = self._marked, self._hits, self._hit
        if self._markup is not None:
            self.show_html(self._markup)
        else:
            self.show_text(self._words.text)
        self._marked, self._hits, self._hit = marked, hits, hit
        self._paint_over_words()
        self.verticalScrollBar().setValue(place)

    def clear_document(self) -> None:
        """Show nothing."""
        self.show_text("")

    @property
    def quotable(self) -> Quotable:
        """The words as they are quoted: numbers of lists, struck words and the like are passed over."""
        return self._quotable

    @property
    def long(self) -> bool:
        """Whether looking for words takes so long that it is prepared elsewhere."""
        return len(self._words.text) > _SURELY_LONG

    def prepare(self) -> None:
        """Make ready to look for words; may run on any lane."""
        self._words.prepare()
        self._quotable.prepare()

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings of the document in front."""
        return self._shown.headings

    def find_all(self, words: str) -> list[tuple[int, int]]:
        """Every place where words stand, also those that are not quoted."""
        return self._words.find_all(words)

    def words_in_sight(self) -> TextQuote | None:
        """The words at the top of what is seen; None at the very beginning, and where there are none."""
        if not self.verticalScrollBar().value():
            return None
        start = self._from_qt(self.cursorForPosition(QPoint(self.viewport().width() // 2, 16)).position())
        return self._quotable.quote(start, start + _IN_SIGHT)

    def go_to(self, place: int) -> None:
        """Put a place, in Qt's characters, at the top, and the cursor there."""
        self._laying_out.when(place, lambda: self._go_to_now(place))

    def _go_to_now(self, place: int) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(place, self.document().characterCount() - 1))
        self.setTextCursor(cursor)
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(cursor).top() - 12)

    def go_to_remark(self, number: int) -> bool:
        """Bring the sign of one of the educator's remarks into sight; whether it stands in this part."""
        place = self._shown.remarks.get(number)
        if place is None:
            return False
        self.go_to(place)
        return True

    def _begin(self, document: QTextDocument) -> None:
        """Put a document into the pane in place of the one before."""
        settling.space_lines(document, self._text_pixels)
        if self._markup is not None:
            settling.hang_paragraphs(document)
        text = document.toPlainText()
        self._wide = [found.start() for found in _BEYOND_16_BITS.finditer(text)]
        self._shown = shown_words(document) if self._markup is not None else _NOTHING_SAID
        unquoted = tuple((self._from_qt(start), self._from_qt(end)) for start, end in self._shown.unquoted)
        quoted = without(text, unquoted) if unquoted else text
        self._words = self._words if self._words.text == text else Quotable(text)
        if self._quotable.text != quoted:
            self._quotable = Quotable(quoted) if unquoted else self._words
        self._marked = ()
        self._pictures = settling.find_pictures(document) if self._markup is not None else []
        self.setTextCursor(
            QTextCursor(document)
        )  # filling pushed it to the end: arrow keys would begin there
        self._set_margins(document)
        self._expect_length(document.characterCount())
        self.setLineWrapColumnOrWidth(0)  # gives it a page: the first lines are laid out, the rest bit by bit
        self._laying_out.begin(document)
        self._paint_over_words()

    def _expect_length(self, characters: int) -> None:
        """A scroll bar that comes while words are laid out makes them narrower, and all begins again."""
        always, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(always if characters > _SURELY_LONG else needed)

    # Places

    def selected(self) -> tuple[int, int] | None:
        """The selected characters."""
        cursor = self.textCursor()
        if not cursor.hasSelection():
            return None
        return self._from_qt(cursor.selectionStart()), self._from_qt(cursor.selectionEnd())

    def clear_selection(self) -> None:
        """Select nothing, and stay where one is."""
        cursor = self.textCursor()
        cursor.clearSelection()
        self.setTextCursor(cursor)

    def _on_scrolled(self) -> None:
        self._place_offer()
        if self._hits and self._hits_in_sight() != self._hits_painted:
            self._paint_over_words()

    def _place_offer(self) -> None:
        cursor = self.textCursor()
        end = cursor.selectionEnd()
        if not cursor.hasSelection() or not says_something(cursor.selectedText()):
            self._offer.hide()
            return
        if not self._laying_out.has(end):
            self._offer.hide()
            self._laying_out.when(end, self._place_offer)
            return
        first, last = (QTextCursor(self.document()) for _ in range(2))
        first.setPosition(cursor.selectionStart())
        last.setPosition(cursor.selectionEnd())
        self._offer.place(QRectF(self.cursorRect(first)), QRectF(self.cursorRect(last)))

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Mark the quotations among `marks` that are found."""
        found = ((mark, self._place(mark)) for mark in marks)
        self._marked = tuple(Marked(mark, *place) for mark, place in found if place is not None)
        self._paint_over_words()

    def set_marks_visible(self, visible: bool) -> None:
        self._marks_visible = visible
        self._paint_over_words()

    def show_hits(self, hits: list[tuple[int, int]], current: tuple[int, int] | None) -> None:
        """Mark what a search found, the current hit more strongly, and bring that into sight."""
        changed, self._hits, self._hit = current != self._hit, hits, current
        self._paint_over_words()
        if current is not None and changed:
            self.bring_into_sight(current)

    def reveal(self, quote: TextQuote) -> bool:
        """Select the quoted words and bring them into sight; whether they are there."""
        place = self._quotable.find(quote)
        if place is None:
            return False
        found = place

        def show() -> None:
            self.setTextCursor(self._cursor(*found))
            self.bring_into_sight(found)

        self._laying_out.when(self._to_qt(found[1]), show)
        return True

    def bring_into_sight(self, place: tuple[int, int]) -> None:
        """Scroll until the words stand at a third of the height, as soon as they are laid out."""
        self._laying_out.when(self._to_qt(place[1]), lambda: self._bring_into_sight_now(place))

    def _bring_into_sight_now(self, place: tuple[int, int]) -> None:
        area = self.cursorRect(self._cursor(place[0], place[0]))
        if area.top() < 24 or area.bottom() > self.viewport().height() - 24:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + area.top() - self.viewport().height() // 3)

    def _place(self, mark: Mark) -> tuple[int, int] | None:
        selector = mark.anchor.selector
        return self._quotable.find(selector) if isinstance(selector, TextQuote) else None

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._to_qt(start))
        cursor.setPosition(self._to_qt(end), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _to_qt(self, place: int) -> int:
        """Qt counts UTF-16 units: each character beyond the first 65,536 is two."""
        return place + bisect_left(self._wide, place)

    def _from_qt(self, place: int) -> int:
        for wide in self._wide:
            if wide + 1 >= place:
                break
            place -= 1
        return place

    # How it looks

    def _set_margins(self, document: QTextDocument) -> None:
        """Words in a column of readable width, with room for the numbers of marks to its left."""
        spare = max(0, self.viewport().width() - _MEASURE - int(_GUTTER)) // 2
        frame = document.rootFrame()
        layout = frame.frameFormat()
        layout.setLeftMargin(_GUTTER + spare)
        layout.setRightMargin(max(16, spare))
        layout.setTopMargin(18)
        layout.setBottomMargin(36)
        frame.setFrameFormat(layout)
        self._fit_pictures(self.viewport().width() - layout.leftMargin() - layout.rightMargin())

    def _fit_pictures(self, width: float) -> None:
        """No picture wider than the column, none larger than its own pixels."""
        for cursor, natural in self._pictures:
            picture = cursor.charFormat().toImageFormat()
            picture.setWidth(min(natural, width))
            cursor.setCharFormat(picture)

    def _paint_over_words(self) -> None:
        """Qt lays out all that comes before a layer: those of places far down come once these are laid out."""
        self._hits_painted = self._hits_in_sight()
        layers = [self._layer(*hit, look.colour("caution_soft")) for hit in self._hits_painted]
        if self._hit is not None:
            layers.append(self._current_hit_layer())
        if self._marks_visible:
            layers.extend(self._mark_layer(marked) for marked in self._marked)
        ends = [layer.cursor.selectionEnd() for layer in layers]
        there = [layer for layer, end in zip(layers, ends, strict=True) if self._laying_out.has(end)]
        self.setExtraSelections(there)
        self.viewport().update()
        if len(there) < len(layers):
            self._laying_out.when(max(ends), self._paint_over_words)

    def _hits_in_sight(self) -> list[tuple[int, int]]:
        if not self._hits:
            return []
        across, height = self.viewport().width() // 2, self.viewport().height()
        # Within the column: of a place in its margin Qt says where it has laid out to, as long as it goes on with that.
        ends = (self.cursorForPosition(QPoint(across, at)).position() for at in (height, 20))
        last, first = (self._from_qt(end) for end in ends)
        return hits_near(self._hits, min(first, last), last)

    def _layer(self, start: int, end: int, colour: QColor) -> QTextEdit.ExtraSelection:
        layer = QTextEdit.ExtraSelection()
        layer.cursor = self._cursor(start, end)
        layer.format = QTextCharFormat()
        layer.format.setBackground(colour)
        return layer

    def _current_hit_layer(self) -> QTextEdit.ExtraSelection:
        assert self._hit is not None
        layer = self._layer(*self._hit, markings.CURRENT_HIT)
        layer.format.setForeground(QColor("black"))
        return layer

    def _mark_layer(self, marked: Marked) -> QTextEdit.ExtraSelection:
        colour = QColor(marked.mark.colour)
        wash = QColor(colour)
        wash.setAlpha(56)
        layer = self._layer(marked.start, marked.end, wash)
        layer.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
        layer.format.setUnderlineColor(colour)
        layer.format.setFontUnderline(True)
        return layer

    def badges(self) -> list[markings.PlacedMark]:
        """The numbers of the marks, in the margin, where they stand now."""
        found: list[markings.PlacedMark] = []
        marks = (each for each in self._marked if self._laying_out.has(self._to_qt(each.start)))
        for marked in marks if self._marks_visible else ():
            line = self.cursorRect(self._cursor(marked.start, marked.start))
            left = self.document().rootFrame().frameFormat().leftMargin() - self.horizontalScrollBar().value()
            badge = markings.badge_rect(
                marked.mark.number, left - 8, line.top(), [each.badge for each in found]
            )
            title = markings.spoken(marked.mark)
            found.append(
                markings.PlacedMark(
                    marked.mark.anchor.id, marked.mark.colour, marked.mark.number, title, badge
                )
            )
        return found

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        bottom = self.verticalScrollBar().value() + self.viewport().height()
        if not self._laying_out.covers(bottom):
            markings.paint_saying(QPainter(self.viewport()), QRectF(self.viewport().rect()), _LAYING_OUT)
            self.viewport().update()
            return
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        for badge in self.badges():
            if badge.badge.intersects(QRectF(self.viewport().rect())):
                markings.paint_badge(painter, badge)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            pointed = next(
                (each for each in self.badges() if each.badge.contains(QPointF(event.pos()))), None
            )
            QToolTip.showText(
                event.globalPos(), pointed.title if pointed is not None else "", self.viewport()
            )
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Margins change while the words have no page to be laid out on: all is laid out once, a part at a time."""
        if event.size().width() != event.oldSize().width():
            self.document().setPageSize(_NO_PAGE)
            self._set_margins(self.document())
            self._laying_out.begin(self.document())
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """To the end as soon as it is laid out."""
        end = self.document().characterCount() - 1
        if any(event.matches(key) for key in _TO_THE_END) and not self._laying_out.has(end):
            again = QKeyEvent(event)
            self._laying_out.when(end, lambda: self.keyPressEvent(again))
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            clicked = self._mark_at(event.position())
            if clicked is not None:
                self.mark_clicked.emit(clicked)

    def _mark_at(self, point: QPointF) -> str | None:
        for badge in self.badges():
            if badge.badge.contains(point):
                return badge.anchor_id
        place = self._from_qt(self.cursorForPosition(point.toPoint()).position())
        marked = [each for each in self._marked if each.start <= place <= each.end and self._marks_visible]
        return marked[-1].mark.anchor.id if marked else None

    def _on_link(self, address: QUrl) -> None:
        """Links within the document are followed, others told: evidence never opens anything."""
        remark = address.fragment().removeprefix("remark-")
        if not address.scheme() and remark.isdecimal():
            self.remark_clicked.emit(int(remark))
        elif not address.scheme() and address.hasFragment():
            self.scrollToAnchor(address.fragment())
        else:
            self.link_refused.emit(address.toString())

    def sizeHint(self) -> QSize:
        return QSize(_MEASURE, 600)
