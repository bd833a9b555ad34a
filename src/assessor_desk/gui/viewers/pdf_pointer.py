"""What the mouse and a few keys do on the pages of a PDF: select words, drag a box, push the page along."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from assessor_desk.domain.anchor import PageRegion
from assessor_desk.domain.page_ends import MOST_PAGES, Part
from assessor_desk.gui.viewers import look, markings
from assessor_desk.gui.viewers.box_band import Band
from assessor_desk.gui.viewers.offer_pill import OfferPill
from assessor_desk.gui.viewers.page_layout import box_of, share_of_rect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessor_desk.gui.viewers.pdf_canvas import PdfCanvas

_FOLLOWING = 60.0
"""Pixels that pages move on at a time while one selects beyond the edge."""
_CLICK = 4.0
"""Pixels the mouse may move between press and release of a click."""


@dataclass(frozen=True, slots=True)
class Span:
    """Selected characters from `start` on a page up to `end`, left out, on the same or a later one."""

    page: int
    start: int
    last_page: int
    end: int

    def parts(self, texts: Mapping[int, str]) -> list[Part]:
        """Page by page; none of the pages whose words are not known (yet)."""
        found = []
        for page in range(self.page, self.last_page + 1):
            start = self.start if page == self.page else 0
            end = self.end if page == self.last_page else len(texts.get(page, ""))
            if start < end:
                found.append(Part(page, start, end))
        return found


@dataclass(frozen=True, slots=True)
class Unread:
    """A press on a page whose words are still to come, and where the pointer has got to since."""

    page: int
    share: QPointF
    latest: QPointF
    let_go: bool = False


class Pointer:
    """One of: nothing, a selection (growing or done), a box (growing or placed by keys), a page being pushed."""

    def __init__(self, canvas: PdfCanvas) -> None:
        self._canvas = canvas
        self._pressed: QPointF | None = None
        self._pushing: QPointF | None = None
        self._anchored: tuple[int, int] | None = None
        self._unread: Unread | None = None
        self._box_tool = False
        self.band: Band | None = None
        self.span: Span | None = None
        self._offer = OfferPill(canvas.viewport(), self._on_offer)

    def clear(self) -> None:
        """Select nothing."""
        had = self.span is not None or self.band is not None
        self.span, self.band, self._anchored, self._pushing, self._pressed = None, None, None, None, None
        self._unread = None
        self._offer.hide()
        if had:
            self._canvas.selection_changed.emit()
            self._canvas.viewport().update()

    def set_box_tool(self, on: bool) -> None:
        self._box_tool = on
        self.clear()
        self._canvas.viewport().setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def pending_region(self) -> PageRegion | None:
        """The box that was placed, as a selector."""
        box = box_of(self.band.share) if self.band is not None and self.band.placed else None
        return PageRegion(self.band.page + 1, box) if self.band is not None and box is not None else None

    # Mouse

    def press(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position()
        self.clear()
        framing = self._box_tool or event.modifiers() & Qt.KeyboardModifier.AltModifier
        if not framing and self._canvas.boxes.press(point):
            return
        self._pressed = point
        page = self._canvas.page_under(point)
        if page is None:
            self._pushing = point
        elif framing:
            share = self._canvas.share(point, page)
            self.band = Band(page, share, share)
        elif self._canvas.texts.pending(page):
            self._unread = Unread(page, self._canvas.share(point, page), point)
        elif (index := self._character_at(point, page)) is not None:
            self._anchored = (page, index)
        else:
            self._pushing = point

    def move(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._canvas.boxes.drag(point):
            return
        if self._pressed is None:
            self._show_cursor(point)
        elif self.band is not None:
            self.band = self.band.dragged(self._canvas.share(point, self.band.page))
            self._canvas.viewport().update()
        elif self._unread is not None:
            self._unread = replace(self._unread, latest=point)
        elif self._anchored is not None:
            self._grow(point)
        elif self._pushing is not None:
            self._canvas.scroll_by(self._pushing - point)
            self._pushing = point

    def release(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._canvas.boxes.release(event.position()) or self._pressed is None:
            return
        moved = (event.position() - self._pressed).manhattanLength() > _CLICK
        band = self.band
        self._pressed, self._pushing, self._anchored = None, None, None
        if self._unread is not None:
            self._unread = replace(self._unread, latest=event.position(), let_go=True) if moved else None
        if not moved:
            self.band = None
            self._click(event.position())
        else:
            self.band = band.at_rest() if band is not None and box_of(band.share) is not None else None
            self._canvas.selection_changed.emit()
            self._place_offer()
            self._canvas.viewport().update()

    def double_click(self, event: QMouseEvent) -> None:
        """Select the word."""
        page = self._canvas.page_under(event.position())
        index = self._character_at(event.position(), page) if page is not None else None
        text = self._canvas.texts.get(page) if page is not None else None
        if page is None or index is None or text is None:
            return
        start, end = text.word_at(index)
        self.span = Span(page, start, page, end)
        self._canvas.selection_changed.emit()
        self._place_offer()
        self._canvas.viewport().update()

    def words_arrived(self, page: int) -> None:
        """A press that came before its page's words is now what it would have been after them."""
        unread = self._unread
        if unread is None or unread.page != page:
            return
        self._unread = None
        index = self._index_at(unread.share, page)
        if index is None:
            self._pushing = None if unread.let_go else unread.latest
            return
        self._anchored = (page, index)
        if unread.latest != self._pressed:
            self._grow(unread.latest)
        if unread.let_go:
            self._anchored = None
            self._canvas.selection_changed.emit()
            self._place_offer()

    def view_changed(self) -> None:
        if self.span is not None or self.band is not None:
            self._place_offer()

    # Keys

    def key(self, event: QKeyEvent) -> bool:
        """Place a box with the arrows while the box tool is on; Escape lets go of everything."""
        if event.key() == Qt.Key.Key_Escape and (self.span is not None or self.band is not None):
            self.clear()
            return True
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self._canvas.selector_at_hand() is not None
        ):
            self._on_offer()
            return True
        if not self._box_tool and self.band is None:
            return False
        if self.band is None:
            self.band = Band.for_keys(self._canvas.page)
        sizing = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        after = self.band.after_key(event.key(), sizing)
        if after is None:
            return False
        self.band = after
        self._place_offer()
        self._canvas.viewport().update()
        return True

    # What is seen

    def paint(self, painter: QPainter) -> None:
        lines = self._selected_lines()
        if lines:
            markings.paint_lines(painter, lines, markings.SELECTION)
        if self.band is not None:
            area = self._canvas.pixels(self.band.share, self.band.page)
            markings.paint_rubber_band(painter, area, look.colour("accent"))

    def _selected_lines(self) -> list[QRectF]:
        lines: list[QRectF] = []
        for part in self.span.parts(self.known_texts()) if self.span is not None else ():
            text = self._canvas.texts.get(part.page)
            found = text.lines(part.start, part.end) if text is not None else ()
            lines += [self._canvas.pixels(share_of_rect(line), part.page) for line in found]
        return lines

    def known_texts(self) -> dict[int, str]:
        """The words of the pages on which something is selected, as far as they are known."""
        span = self.span
        pages = range(span.page, span.last_page + 1) if span is not None else ()
        texts = {page: self._canvas.texts.get(page) for page in pages}
        return {page: text.text for page, text in texts.items() if text is not None}

    def _show_cursor(self, point: QPointF) -> None:
        shape = Qt.CursorShape.ArrowCursor
        page = self._canvas.page_under(point)
        if self._box_tool:
            shape = Qt.CursorShape.CrossCursor
        elif (over := self._canvas.boxes.cursor(point)) is not None:
            shape = over
        elif self._canvas.mark_at(point) is not None or self._canvas.link_at(point) is not None:
            shape = Qt.CursorShape.PointingHandCursor
        elif page is not None and self._character_at(point, page) is not None:
            shape = Qt.CursorShape.IBeamCursor
        self._canvas.viewport().setCursor(shape)

    def _place_offer(self) -> None:
        lines = self._selected_lines()
        if lines and self._canvas.selection is not None:
            self._offer.offer("Anchor these words", "Cite the selected words")
            self._offer.place(lines[0], lines[-1])
        elif self.band is not None and self.band.placed:
            area = self._canvas.pixels(self.band.share, self.band.page)
            self._offer.offer("Anchor this part", "Cite this part of the page")
            self._offer.place(area, area)
        else:
            self._offer.hide()

    # What is meant

    def _character_at(self, point: QPointF, page: int) -> int | None:
        """The character under or beside the pointer, where there are words."""
        return self._index_at(self._canvas.share(point, page), page)

    def _index_at(self, share: QPointF, page: int) -> int | None:
        text = self._canvas.texts.get(page)
        if text is None or not text.over_text(share.x(), share.y()):
            return None
        return text.index_at(share.x(), share.y())

    def _grow(self, point: QPointF) -> None:
        """Up to the character nearest to the pointer, also on a page before or after."""
        assert self._anchored is not None
        self._follow(point)
        page = self._canvas.page_nearest(point)
        if page is None or abs(page - self._anchored[0]) >= MOST_PAGES:
            return
        text, share = self._canvas.texts.get(page), self._canvas.share(point, page)
        index = text.index_at(share.x(), share.y()) if text is not None else None
        if index is not None:
            first, last = sorted((self._anchored, (page, index)))
            self.span = Span(*first, last[0], last[1] + 1)
            self._canvas.viewport().update()

    def _follow(self, point: QPointF) -> None:
        """Pages move on while one selects beyond the edge of what is in sight."""
        height = self._canvas.viewport().height()
        beyond = min(0.0, point.y()) + max(0.0, point.y() - height)
        if beyond:
            self._canvas.scroll_by(QPointF(0, max(-_FOLLOWING, min(_FOLLOWING, beyond))))

    def _click(self, point: QPointF) -> None:
        self._canvas.click(point)
        self._canvas.viewport().update()

    def _on_offer(self) -> None:
        selector = self._canvas.selector_at_hand()
        self.clear()
        if selector is not None:
            self._canvas.selector_drawn.emit(selector)
