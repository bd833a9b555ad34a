"""The pages of a PDF in a column: scrolled, zoomed, turned, with words to select and boxes to drag."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.anchor import PageRegion, Selector, TextQuote, Whole
from assessor_desk.gui.viewers import look, markings
from assessor_desk.gui.viewers.handles import Hit, PdfHandle
from assessor_desk.gui.viewers.marked_canvas import MarkedCanvas
from assessor_desk.gui.viewers.page_layout import (
    GAP,
    MARGIN,
    POINT,
    Column,
    fitting_zoom,
    placed,
    share_of,
    share_of_box,
    share_of_rect,
)
from assessor_desk.gui.viewers.page_texts import PageTexts
from assessor_desk.gui.viewers.pdf_pointer import Pointer
from assessor_desk.gui.viewers.renders import Renders, Wanted
from assessor_desk.gui.viewers.viewer import Mark

SMALLEST_ZOOM, LARGEST_ZOOM = 0.1, 6.0
_STEP = 1.2
_LARGEST_RASTER = 16_000_000
_RASTERS_KEPT = 192 * 1024 * 1024
_PAPER = QColor("white")
_INK = QColor("#565C64")


class Fit(Enum):
    """What the zoom follows when the window changes."""

    WIDTH = "width"
    PAGE = "page"
    FREE = "free"


class PdfCanvas(MarkedCanvas):
    """Shows a `PdfHandle`. Places on pages are fractions of the upright page; pages count from 0."""

    page_changed = Signal(int)
    selection_changed = Signal()
    page_failed = Signal(object)

    def __init__(self, renders: Renders, texts: PageTexts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._handle: PdfHandle | None = None
        self._points: list[tuple[float, float]] = []
        self._column = Column.of([], 1.0, 0)
        self._fit, self._zoom, self._rotation, self._page = Fit.WIDTH, 1.0, 0, 0
        self._hits: tuple[Hit, ...] = ()
        self._hit: Hit | None = None
        self._wanted: Selector | None = None
        self._revealed: tuple[int, tuple[QRectF, ...]] | None = None
        self._renders, self._texts = renders, texts
        self._pointer = Pointer(self)
        renders.arrived.connect(lambda _: self.viewport().update())
        renders.failed.connect(self._on_render_failed)
        texts.arrived.connect(self._on_text)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    # What is shown

    def open(self, handle: PdfHandle) -> None:
        """Show a document from its first page."""
        self.clear()
        self._handle = handle
        self._points = [handle.page_size(page) for page in range(handle.page_count)]
        self._renders.begin(handle.render)
        self._texts.begin(handle.text)
        self._fit = Fit.WIDTH
        self._lay_out()
        self.verticalScrollBar().setValue(0)

    def measured(self) -> None:
        """Lay the pages out anew, their true sizes being known."""
        if self._handle is not None:
            self._points = [self._handle.page_size(page) for page in range(self._handle.page_count)]
            self._keeping_place(self._lay_out)

    def clear(self) -> None:
        """Show nothing."""
        self._handle, self._points = None, []
        self._marks, self._hits, self._hit = (), (), None
        self._wanted, self._revealed = None, None
        self._rotation, self._page = 0, 0
        self._renders.clear()
        self._texts.clear()
        self._pointer.clear()
        self._lay_out()

    @property
    def page_count(self) -> int:
        return len(self._points)

    @property
    def page(self) -> int:
        """The page that takes up most of the view."""
        return self._page

    @property
    def texts(self) -> PageTexts:
        return self._texts

    def show_hits(self, hits: Sequence[Hit], current: Hit | None) -> None:
        """Mark what a search found; the current hit is brought into sight when it changes."""
        before, self._hits, self._hit = self._hit, tuple(hits), current
        if current is not None and current is not before and current.lines:
            self._bring_into_sight(current.page, share_of_rect(current.lines[0]))
        self.viewport().update()

    # Selecting and finding places

    @property
    def selection(self) -> TextQuote | None:
        """The selected words."""
        span = self._pointer.span
        text = self._texts.get(span.page) if span is not None else None
        if span is None or text is None:
            return None
        return text.quotable.quote(span.start, span.end, span.page + 1)

    def current_selector(self) -> Selector | None:
        """The selected words, else the box that was placed, else the page in sight."""
        return (self.selector_at_hand() or PageRegion(self._page + 1)) if self._points else None

    def selector_at_hand(self) -> TextQuote | PageRegion | None:
        """The selected words or the box that was placed."""
        return self.selection or self._pointer.pending_region()

    def set_box_tool(self, on: bool) -> None:
        """Drag boxes instead of selecting words; with keys: arrows move, Shift+arrows size, Enter cites."""
        self._pointer.set_box_tool(on)

    def clear_selection(self) -> None:
        self._pointer.clear()

    def reveal(self, selector: Selector) -> None:
        """Bring a place into sight, as soon as its words are known."""
        self._wanted = selector
        self._try_to_reveal()

    def go_to(self, page: int) -> None:
        """Scroll to the top of a page."""
        if self._points:
            page = max(0, min(page, len(self._points) - 1))
            self.verticalScrollBar().setValue(int(self._column.tops[page] - GAP))

    # Zoom and turn

    @property
    def zoom(self) -> float:
        return self._zoom

    @property
    def fit(self) -> Fit:
        return self._fit

    def set_fit(self, fit: Fit) -> None:
        self._fit = fit
        self._keeping_place(self._lay_out)

    def zoom_by(self, steps: float, at: QPointF | None = None) -> None:
        """Enlarge by steps of a fifth, keeping what is at the pointer (or in the middle) where it is."""
        self.set_zoom(self._zoom * _STEP**steps, at)

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """1.0 is 100 %: as large as on paper."""
        point = at or QRectF(self.viewport().rect()).center()
        page = self._column.page_at(point.y() + self.verticalScrollBar().value())
        if not self._points:
            return
        share = share_of(point, 0, self.page_rect(page))
        self._fit, self._zoom = Fit.FREE, min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)
        self._lay_out()
        rect = self.page_rect(page)
        after = QPointF(rect.left() + share.x() * rect.width(), rect.top() + share.y() * rect.height())
        self.scroll_by(after - point)

    def rotate(self, degrees: int) -> None:
        """Turn all pages clockwise."""
        self._rotation = (self._rotation + degrees) % 360
        self._keeping_place(self._lay_out)

    @property
    def rotation(self) -> int:
        return self._rotation

    # Geometry

    def page_rect(self, page: int) -> QRectF:
        """Where a page lies in the viewport now."""
        rect = self._column.page_rect(page, self.viewport().width())
        return rect.translated(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())

    def page_under(self, point: QPointF) -> int | None:
        """The page at a point of the viewport."""
        if not self._points:
            return None
        page = self._column.page_at(point.y() + self.verticalScrollBar().value())
        return page if self.page_rect(page).contains(point) else None

    def share(self, point: QPointF, page: int) -> QPointF:
        """A point of the viewport as fractions of a page."""
        return share_of(point, self._rotation, self.page_rect(page))

    def pixels(self, share: QRectF, page: int) -> QRectF:
        """Fractions of a page as a rectangle of the viewport."""
        return placed(share, self._rotation, self.page_rect(page))

    def _visible(self) -> range:
        top = self.verticalScrollBar().value()
        return self._column.pages_between(top, top + self.viewport().height())

    def _lay_out(self) -> None:
        if self._points and self._fit is not Fit.FREE:
            size = self._points[self._page] if self._fit is Fit.PAGE else max(self._points)
            view = QSizeF(self.viewport().size())
            self._zoom = min(fitting_zoom(size, self._rotation, view, self._fit is Fit.PAGE), LARGEST_ZOOM)
        self._column = Column.of(self._points, self._zoom, self._rotation)
        view_size = self.viewport().size()
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(0, math.ceil(self._column.height) - view_size.height()))
        vertical.setPageStep(view_size.height())
        vertical.setSingleStep(48)
        horizontal.setRange(0, max(0, math.ceil(self._column.width) - view_size.width()))
        horizontal.setPageStep(view_size.width())
        self.zoom_changed.emit()
        self._on_view_changed()

    def _keeping_place(self, change: Callable[[], None]) -> None:
        """Change the layout with the same part of the same page staying at the top."""
        if not self._points:
            return
        top = self.verticalScrollBar().value()
        page = self._column.page_at(top + 1)
        height = self._column.sizes[page].height()
        share = (top - self._column.tops[page]) / height
        change()
        self.verticalScrollBar().setValue(
            round(self._column.tops[page] + share * self._column.sizes[page].height())
        )

    def _bring_into_sight(self, page: int, share: QRectF) -> None:
        """Scroll as little as needed, and then to a third of the height."""
        area = self.pixels(share, page)
        view = QRectF(self.viewport().rect()).adjusted(0, 24, 0, -24)
        if area.top() < view.top() or area.bottom() > view.bottom():
            self.scroll_by(QPointF(0, area.top() - self.viewport().height() / 3))
        if area.left() < view.left() or area.right() > view.right():
            self.scroll_by(QPointF(area.center().x() - view.center().x(), 0))

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
                self._shown(page - 1, (share_of_box(box),))
            case TextQuote(page=int(page)):
                self._reveal_quote(selector, page - 1)
            case Whole():
                self._wanted = None
                self.go_to(0)

    def _reveal_quote(self, quote: TextQuote, page: int) -> None:
        if not 0 <= page < len(self._points):
            self._wanted = None
            return
        text = self._texts.get(page)
        if text is None:
            self.go_to(page)
        elif found := text.find(quote):
            self._shown(page, tuple(map(share_of_rect, text.lines(*found))))
        else:
            self._shown(page, ())

    def _shown(self, page: int, shares: tuple[QRectF, ...]) -> None:
        self._wanted = None
        if not 0 <= page < len(self._points):
            return
        self._revealed = (page, shares)
        if shares:
            self._bring_into_sight(page, shares[0])
        else:
            self.go_to(page)
        self.viewport().update()

    # Events

    def _on_render_failed(self, _page: int, error: object) -> None:
        self.page_failed.emit(error)
        self.viewport().update()

    def _on_text(self, page: int) -> None:
        if isinstance(self._wanted, TextQuote) and self._wanted.page == page + 1:
            self._try_to_reveal()
        self.viewport().update()

    def _on_view_changed(self) -> None:
        """Ask for what is in sight, the middle first, then for the neighbours."""
        visible = self._visible()
        middle = self._column.page_at(self.verticalScrollBar().value() + self.viewport().height() / 2)
        if self._points and middle != self._page:
            self._page = middle
            self.page_changed.emit(middle)
        around = [page for page in (visible.start - 1, visible.stop) if 0 <= page < len(self._points)]
        order = sorted(visible, key=lambda page: abs(page - middle))
        self._renders.want([self._wanted_raster(page) for page in (*order, *reversed(around))])
        self._pointer.view_changed()
        self.viewport().update()

    def _wanted_raster(self, page: int) -> Wanted:
        width, height = self._points[page]
        scale = self._zoom * POINT * self.viewport().devicePixelRatioF()
        return Wanted(page, min(scale, math.sqrt(_LARGEST_RASTER / (width * height))), self._rotation)

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self._on_view_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width() or self._fit is Fit.PAGE:
            self._keeping_place(self._lay_out)
        else:
            self._lay_out()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), look.colour("sunken"))
        for page in self._visible():
            self._paint_page(painter, page)
        for mark in self.placed_marks():
            markings.paint_mark(painter, mark)
        self._paint_found(painter)
        self._pointer.paint(painter)
        self._paint_revealed(painter)

    def _paint_page(self, painter: QPainter, page: int) -> None:
        rect = self.page_rect(page)
        painter.fillRect(rect.adjusted(-1, -1, 1, 1), look.colour("hair"))
        painter.fillRect(rect, _PAPER)
        image = self._renders.image(page, self._rotation)
        if image is not None:
            ratio = self.viewport().devicePixelRatioF()
            if abs(image.width() - rect.width() * ratio) <= 2:
                image.setDevicePixelRatio(ratio)
                painter.setClipRect(rect)
                painter.drawImage(rect.topLeft(), image)
                painter.setClipping(False)
            else:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(rect, image)
        elif self._renders.is_broken(page):
            painter.setPen(_INK)
            words = f"Page {page + 1} cannot be shown: it is damaged."
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

    def _paint_found(self, painter: QPainter) -> None:
        visible = self._visible()
        for hit in self._hits:
            if hit.page in visible:
                lines = [self.pixels(share_of_rect(line), hit.page) for line in hit.lines]
                if hit is self._hit:
                    markings.paint_current_hit(painter, lines)
                else:
                    markings.paint_lines(painter, lines, markings.HIT)

    def _paint_revealed(self, painter: QPainter) -> None:
        if self._revealed is None or self._revealed[0] not in self._visible():
            return
        page, shares = self._revealed
        for share in shares:
            markings.paint_revealed(painter, self.pixels(share, page), look.colour("accent"))

    def placed_marks(self) -> list[markings.PlacedMark]:
        """The marks on the pages in sight, where they lie now."""
        found: list[markings.PlacedMark] = []
        visible = self._visible()
        for mark in self.marks:
            page = getattr(mark.anchor.selector, "page", None)
            if page is not None and page - 1 in visible:
                placed_mark = self._placed_mark(mark, page - 1, [each.badge for each in found])
                if placed_mark is not None:
                    found.append(placed_mark)
        return found

    def _placed_mark(self, mark: Mark, page: int, taken: list[QRectF]) -> markings.PlacedMark | None:
        lines, box = self._mark_shape(mark.anchor.selector, page)
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
            text = self._texts.get(page)
            found = text.find(selector) if text is not None else None
            if text is not None and found is not None:
                return tuple(self.pixels(share_of_rect(line), page) for line in text.lines(*found)), None
        return (), None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._revealed = None
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.double_click(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._pointer.key(event):
            return
        bar = self.verticalScrollBar()
        ends = {Qt.Key.Key_Home: bar.minimum(), Qt.Key.Key_End: bar.maximum()}
        if event.key() in ends:
            bar.setValue(ends[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
