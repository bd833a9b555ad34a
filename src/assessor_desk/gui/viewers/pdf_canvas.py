"""What lies over the pages of a PDF: marks, hits of a search, its own annotations, words selected, boxes drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.anchor import PageRegion, Selector, TextQuote, Whole
from assessor_desk.domain.page_ends import MOST_PAGES, Pages, Part, parts_of
from assessor_desk.gui.viewers import look, markings
from assessor_desk.gui.viewers.handles import Hit, PageLink, PageNote, PageText, PdfHandle, Rect
from assessor_desk.gui.viewers.page_layout import MARGIN, share_of_box, share_of_rect
from assessor_desk.gui.viewers.pdf_pages import PdfPages
from assessor_desk.gui.viewers.pdf_pointer import Pointer
from assessor_desk.gui.viewers.per_page import PerPage
from assessor_desk.gui.viewers.renders import Renders
from assessor_desk.gui.viewers.viewer import Mark


class PdfCanvas(PdfPages):
    """Marks, hits and what is selected lie over the pages."""

    selection_changed = Signal()
    link_refused = Signal(str)

    def __init__(
        self,
        renders: Renders,
        parts: Renders,
        texts: PerPage[PageText],
        links: PerPage[Sequence[PageLink]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(renders, parts, parent)
        self._hits: tuple[Hit, ...] = ()
        self._hit: Hit | None = None
        self._notes: tuple[PageNote, ...] = ()
        self._labels: Sequence[str] = ()
        self._wanted: Selector | None = None
        self._revealed: tuple[tuple[int, QRectF], ...] = ()
        self._found: dict[TextQuote, tuple[Part, ...]] = {}
        self._texts, self._links = texts, links
        self._pointer = Pointer(self)
        texts.arrived.connect(self._on_text)

    # What is shown

    def open(self, handle: PdfHandle) -> None:
        """Show a document from its first page."""
        super().open(handle)
        self._texts.begin(handle.text)
        self._links.begin(handle.links)

    def clear(self) -> None:
        """Show nothing."""
        self._marks, self._hits, self._hit = (), (), None
        self._notes, self._labels = (), ()
        self._wanted, self._revealed = None, ()
        self._found.clear()
        self._texts.clear()
        self._links.clear()
        self.boxes.forget()
        self._pointer.clear()
        super().clear()

    def show_notes(self, notes: Sequence[PageNote]) -> None:
        """The document's own annotations."""
        self._notes = tuple(notes)
        self.viewport().update()

    def name_pages(self, labels: Sequence[str]) -> None:
        """What the document calls its pages; none where they are merely counted."""
        self._labels = labels

    def label(self, page: int) -> str:
        """What the document calls a page; empty where it is merely counted."""
        return self._labels[page] if page < len(self._labels) else ""

    @property
    def texts(self) -> PerPage[PageText]:
        return self._texts

    def show_hits(self, hits: Sequence[Hit], current: Hit | None) -> None:
        """Mark what a search found; the current hit is brought into sight when it changes."""
        before, self._hits, self._hit = self._hit, tuple(hits), current
        if current is not None and current is not before and current.lines:
            self.bring_into_sight(current.page, share_of_rect(current.lines[0]))
        self.viewport().update()

    # Selecting and finding places

    @property
    def selection(self) -> TextQuote | None:
        """The selected words."""
        span, texts = self._pointer.span, self._pointer.known_texts()
        if span is None or len(texts) <= span.last_page - span.page:
            return None
        pages = Pages(span.page, tuple(texts[page] for page in sorted(texts)))
        quote = pages.quote(span.start, span.last_page, span.end)
        return replace(quote, label=self.label(span.page)) if quote is not None else None

    def current_selector(self) -> Selector | None:
        """The selected words, else the box that was placed, else the page in sight."""
        if not self._points:
            return None
        return self.selector_at_hand() or PageRegion(self._page + 1, None, self.label(self._page))

    def selector_at_hand(self) -> TextQuote | PageRegion | None:
        """The selected words or the box that was placed."""
        region = self._pointer.pending_region()
        return self.selection or (replace(region, label=self.label(region.page - 1)) if region else None)

    def set_box_tool(self, on: bool) -> None:
        """Drag boxes instead of selecting words; with keys: arrows move, Shift+arrows size, Enter cites."""
        self._pointer.set_box_tool(on)

    def clear_selection(self) -> None:
        self._pointer.clear()

    def reveal(self, selector: Selector) -> None:
        """Bring a place into sight, as soon as its words are known."""
        self._wanted = selector
        self.boxes.choose_at(selector)
        self._try_to_reveal()

    # Revealing

    def _try_to_reveal(self) -> None:
        selector = self._wanted
        if selector is None or not self._points:
            return
        match selector:
            case PageRegion(page, None):
                self._shown(page - 1, ())
                self.go_to(page - 1)
            case PageRegion(page, box) if box is not None:
                self._shown(page - 1, ((page - 1, share_of_box(box)),))
            case TextQuote(page=int(page)):
                self._reveal_quote(selector, page - 1)
            case Whole():
                self._wanted = None
                self.go_to(0)

    def _reveal_quote(self, quote: TextQuote, page: int) -> None:
        if not 0 <= page < len(self._points):
            self._wanted = None
            return
        parts = self._places_of(quote)
        if parts is None:
            self.go_to(page)
        else:
            self._shown(page, self._lines_of(parts))

    def _places_of(self, quote: TextQuote) -> tuple[Part, ...] | None:
        """Where quoted words stand, on their page or over its end; None until their pages' words are known."""
        if quote not in self._found:
            parts = parts_of(quote, (quote.page or 1) - 1, len(self._points), self._text_of)
            if parts is None:
                return None
            self._found[quote] = parts
        return self._found[quote]

    def _text_of(self, page: int) -> str | None:
        text = self._texts.get(page)
        return text.text if text is not None else None

    def _lines_of(self, parts: Sequence[Part]) -> tuple[tuple[int, QRectF], ...]:
        """A page and fractions of it for each line."""
        lines: list[tuple[int, QRectF]] = []
        for part in parts:
            text = self._texts.get(part.page)
            found = text.lines(part.start, part.end) if text is not None else ()
            lines += [(part.page, share_of_rect(line)) for line in found]
        return tuple(lines)

    def show_place(self, page: int, box: Rect) -> None:
        """Bring a part of a page into sight, with a frame around it."""
        self._shown(page, ((page, share_of_rect(box)),))

    def _shown(self, page: int, shares: tuple[tuple[int, QRectF], ...]) -> None:
        self._wanted = None
        if not 0 <= page < len(self._points):
            return
        self._revealed = shares
        if shares:
            self.bring_into_sight(*shares[0])
        else:
            self.go_to(page)
        self.viewport().update()

    # Events

    def _on_text(self, page: int) -> None:
        if isinstance(self._wanted, TextQuote) and 0 <= page + 1 - (self._wanted.page or 1) < MOST_PAGES:
            self._try_to_reveal()
        self._pointer.words_arrived(page)
        self.viewport().update()

    def view_changed(self) -> None:
        self._pointer.view_changed()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), look.colour("sunken"))
        for page in self.visible():
            self.paint_page(painter, page)
        self._paint_notes(painter)
        for mark in self.placed_marks():
            markings.paint_mark(painter, mark)
        self._paint_found(painter)
        self.boxes.paint(painter)
        self._pointer.paint(painter)
        self._paint_revealed(painter)

    def _paint_notes(self, painter: QPainter) -> None:
        """The document's own annotations have a dotted edge: they are the educator's, not the assessor's."""
        visible = self.visible()
        for note in self._notes:
            if note.page in visible:
                markings.paint_note(painter, self.pixels(share_of_rect(note.box), note.page))

    def _paint_found(self, painter: QPainter) -> None:
        visible = self.visible()
        for hit in self._hits:
            if hit.page in visible:
                lines = [self.pixels(share_of_rect(line), hit.page) for line in hit.lines]
                if hit is self._hit:
                    markings.paint_current_hit(painter, lines)
                else:
                    markings.paint_lines(painter, lines, markings.HIT)

    def _paint_revealed(self, painter: QPainter) -> None:
        visible = self.visible()
        for page, share in self._revealed:
            if page in visible:
                markings.paint_revealed(painter, self.pixels(share, page), look.colour("accent"))

    def placed_marks(self) -> list[markings.PlacedMark]:
        """The marks on the pages in sight, where they lie now."""
        found: list[markings.PlacedMark] = []
        visible = self.visible()
        for mark in self.marks:
            page = getattr(mark.anchor.selector, "page", None)
            if page is None:
                continue
            pages = range(page - 1, page)
            if isinstance(mark.anchor.selector, TextQuote) and page - 1 < visible.stop:
                parts = (
                    self._places_of(mark.anchor.selector) or () if page + MOST_PAGES > visible.start else ()
                )
                pages = range(page - 1, parts[-1].page + 1) if parts else pages
            if pages.start < visible.stop and visible.start < pages.stop:
                found.append(self._placed_mark(mark, page - 1, [each.badge for each in found]))
        return found

    def _placed_mark(self, mark: Mark, page: int, taken: list[QRectF]) -> markings.PlacedMark:
        lines, box = self._mark_shape(mark.anchor.selector, page)
        if (held := self.boxes.share_of(mark)) is not None:
            box = self.pixels(held, page)
        rect = self.page_rect(page)
        top = lines[0].top() if lines else box.top() if box is not None else rect.top() + 6
        badge = markings.badge_rect(mark.number, rect.left() - 4, top, taken)
        if badge.left() < MARGIN / 8:
            badge.moveLeft(max(rect.left() + 3, 3.0))
        return markings.PlacedMark(
            mark.anchor.id, mark.colour, mark.number, markings.spoken(mark), badge, lines, box
        )

    def _mark_shape(self, selector: Selector, page: int) -> tuple[tuple[QRectF, ...], QRectF | None]:
        if isinstance(selector, PageRegion) and selector.box is not None:
            return (), self.pixels(share_of_box(selector.box), page)
        if isinstance(selector, TextQuote):
            lines = self._lines_of(self._places_of(selector) or ())
            return tuple(self.pixels(line, where) for where, line in lines), None
        return (), None

    # What is told, and links

    def told_at(self, point: QPointF) -> str:
        """A mark, an annotation of the document's own, or where a link would lead."""
        if told := super().told_at(point):
            return told
        notes = self._notes_at(point)
        if notes:
            return "\n\n".join(map(told_of, notes))
        link = self.link_at(point)
        return (
            f"Leads to {link.address}\nNot opened inside the desk"
            if link is not None and link.address
            else ""
        )

    def _notes_at(self, point: QPointF) -> list[PageNote]:
        page = self.page_under(point)
        return [
            note
            for note in self._notes
            if note.page == page and _about(self.pixels(share_of_rect(note.box), note.page)).contains(point)
        ]

    def link_at(self, point: QPointF) -> PageLink | None:
        """The link at a point of the viewport."""
        page = self.page_under(point)
        links = self._links.get(page) if page is not None else None
        if page is None or not links:
            return None
        return next(
            (link for link in links if self.pixels(share_of_rect(link.box), page).contains(point)), None
        )

    def box_moves_from(self, point: QPointF) -> bool:
        """Words inside a box are there to be selected."""
        page = self.page_under(point)
        text = self._texts.get(page) if page is not None else None
        share = self.share(point, page) if page is not None else point
        return page is not None and (text is None or not text.over_text(share.x(), share.y()))

    def click(self, point: QPointF) -> None:
        """A mark is told, a link within the document followed, one that leads elsewhere told and left alone."""
        mark, link = self.mark_at(point), self.link_at(point)
        if mark is not None:
            self.mark_clicked.emit(mark.anchor_id)
        elif link is not None and link.page is not None:
            self.go_to(link.page)
        elif link is not None and link.address:
            self.link_refused.emit(link.address)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._revealed = ()
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.double_click(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.boxes.key(event) and not self._pointer.key(event):
            super().keyPressEvent(event)


def told_of(note: PageNote) -> str:
    """An annotation of the document's own, in words."""
    who = f"{note.kind} in the document itself" + (f", by {note.author}" if note.author else "")
    quoted = f"“{note.quoted}”" if note.quoted else ""
    return "\n".join(filter(None, (who, quoted, note.words)))


def _about(rect: QRectF) -> QRectF:
    return rect.adjusted(-3, -3, 3, 3)
