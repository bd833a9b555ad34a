"""The pages of a PDF as they lie before one: in a column or singly, scrolled, zoomed, turned, and always sharp.

A page is a raster at the zoom in force. Where that would be too large (a poster, a high zoom) the whole page comes
smaller, and the part in sight as a second raster over it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.handles import PdfHandle
from assessor_desk.gui.viewers.marked_canvas import MarkedCanvas
from assessor_desk.gui.viewers.page_layout import GAP, POINT, Column, fitting_zoom, placed, share_of
from assessor_desk.gui.viewers.renders import Renders, Wanted

SMALLEST_ZOOM, LARGEST_ZOOM = 0.1, 16.0
_LARGEST_RASTER = 8_000_000
_LONGEST_SIDE = 16_000
_GRID = 512
"""Parts are rendered in steps of so many pixels, so that a little scrolling needs no other part."""

_PAPER = QColor("white")
_INK = QColor("#565C64")


class Fit(Enum):
    """What the zoom follows when the window changes."""

    WIDTH = "width"
    PAGE = "page"
    FREE = "free"


class PdfPages(MarkedCanvas):
    """Shows a `PdfHandle`. Places on pages are fractions of the upright page; pages count from 0."""

    page_changed = Signal(int)
    page_failed = Signal(object)

    def __init__(self, renders: Renders, parts: Renders, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._handle: PdfHandle | None = None
        self._points: list[tuple[float, float]] = []
        self._column = Column.of([], 1.0, 0)
        self._fit, self._zoom, self._rotation, self._page = Fit.WIDTH, 1.0, 0, 0
        self._single = False
        self._renders, self._parts = renders, parts
        self._why_broken: dict[int, str] = {}
        renders.arrived.connect(lambda _: self.viewport().update())
        parts.arrived.connect(lambda _: self.viewport().update())
        renders.failed.connect(self._on_render_failed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    # What is shown

    def open(self, handle: PdfHandle) -> None:
        """Show a document from its first page."""
        self.clear()
        self._handle = handle
        self._points = [handle.page_size(page) for page in range(handle.page_count)]
        self._renders.begin(handle.render)
        self._parts.begin(handle.render)
        self._fit = Fit.PAGE if self._single else Fit.WIDTH
        self._lay_out()
        self.verticalScrollBar().setValue(self.verticalScrollBar().minimum())

    def measured(self) -> None:
        """Lay the pages out anew, their true sizes being known."""
        if self._handle is not None:
            self._points = [self._handle.page_size(page) for page in range(self._handle.page_count)]
            self._keeping_place(self._lay_out)

    def clear(self) -> None:
        """Show nothing."""
        self._handle, self._points = None, []
        self._rotation, self._page = 0, 0
        self._why_broken.clear()
        self._renders.clear()
        self._parts.clear()
        self._lay_out()

    @property
    def page_count(self) -> int:
        return len(self._points)

    @property
    def page(self) -> int:
        """The page that takes up most of the view."""
        return self._page

    def go_to(self, page: int) -> None:
        """Scroll to the top of a page."""
        if not self._points:
            return
        page = max(0, min(page, len(self._points) - 1))
        if self._single:
            self._turn_to(page)
        self.verticalScrollBar().setValue(int(self._column.tops[page] - GAP))

    @property
    def single(self) -> bool:
        """Whether pages are seen one at a time."""
        return self._single

    def set_single(self, single: bool) -> None:
        """One page at a time, or all in a column."""
        self._single = single
        page = self._page
        if single and self._fit is Fit.WIDTH:
            self._fit = Fit.PAGE
        self._lay_out()
        self.go_to(page)

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
        self.set_zoom(self._zoom * self.zoom_step**steps, at)

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """1.0 is 100 %: as large as on paper."""
        if not self._points:
            return
        point = at or QRectF(self.viewport().rect()).center()
        page = self._page_at(point)
        share = share_of(point, 0, self.page_rect(page))
        self._fit, self._zoom = Fit.FREE, min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)
        self._lay_out()
        rect = self.page_rect(page)
        after = QPointF(rect.left() + share.x() * rect.width(), rect.top() + share.y() * rect.height())
        self.scroll_by(after - point)

    def rotate(self, degrees: int) -> None:
        """Turn all pages clockwise, for the eye alone: places stay where they are on the page."""
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
        page = self._page_at(point)
        return page if self.page_rect(page).contains(point) else None

    def page_nearest(self, point: QPointF) -> int | None:
        """The page at a point of the viewport, or the one nearest to it."""
        return self._page_at(point) if self._points else None

    def share(self, point: QPointF, page: int) -> QPointF:
        """A point of the viewport as fractions of a page."""
        return share_of(point, self._rotation, self.page_rect(page))

    def pixels(self, share: QRectF, page: int) -> QRectF:
        """Fractions of a page as a rectangle of the viewport."""
        return placed(share, self._rotation, self.page_rect(page))

    def visible(self) -> range:
        """The pages in sight."""
        if self._single and self._points:
            return range(self._page, self._page + 1)
        top = self.verticalScrollBar().value()
        return self._column.pages_between(top, top + self.viewport().height())

    def bring_into_sight(self, page: int, share: QRectF) -> None:
        """Scroll as little as needed, and then to a third of the height."""
        if self._single:
            self._turn_to(page)
        area = self.pixels(share, page)
        view = QRectF(self.viewport().rect()).adjusted(0, 24, 0, -24)
        if area.top() < view.top() or area.bottom() > view.bottom():
            self.scroll_by(QPointF(0, area.top() - self.viewport().height() / 3))
        if area.left() < view.left() or area.right() > view.right():
            self.scroll_by(QPointF(area.center().x() - view.center().x(), 0))

    def _page_at(self, point: QPointF) -> int:
        return (
            self._page if self._single else self._column.page_at(point.y() + self.verticalScrollBar().value())
        )

    def _lay_out(self) -> None:
        view = self.viewport().size()
        if self._points and self._fit is not Fit.FREE:
            size = self._points[self._page] if self._fit is Fit.PAGE else max(self._points)
            whole = self._fit is Fit.PAGE
            self._zoom = min(fitting_zoom(size, self._rotation, QSizeF(view), whole), LARGEST_ZOOM)
        slot = float(view.height()) if self._single else 0.0
        self._column = Column.of(self._points, self._zoom, self._rotation, slot)
        self._set_ranges()
        self.zoom_changed.emit()
        self._on_view_changed()

    def _set_ranges(self) -> None:
        view = self.viewport().size()
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        top, bottom, width = 0.0, self._column.height, self._column.width
        if self._single and self._points:
            top, bottom = self._column.span_of(self._page)
            width = self._column.width_of(self._page)
        vertical.setRange(round(top), max(round(top), math.ceil(bottom) - view.height()))
        vertical.setPageStep(view.height())
        vertical.setSingleStep(48)
        horizontal.setRange(0, max(0, math.ceil(width) - view.width()))
        horizontal.setPageStep(view.width())
        if self._fit is not Fit.FREE:
            horizontal.setValue(horizontal.maximum() // 2)

    def _turn_to(self, page: int) -> None:
        """Another page, where they are seen singly."""
        if page != self._page:
            self._page = page
            self._lay_out()
            self.page_changed.emit(page)

    def _keeping_place(self, change: Callable[[], None]) -> None:
        """Change the layout with the same part of the same page staying at the top."""
        if not self._points:
            return
        top = self.verticalScrollBar().value()
        page = self._page if self._single else self._column.page_at(top + 1)
        share = (top - self._column.tops[page]) / self._column.sizes[page].height()
        change()
        height = self._column.sizes[page].height()
        self.verticalScrollBar().setValue(round(self._column.tops[page] + share * height))

    # Rasters

    def _on_view_changed(self) -> None:
        """Ask for what is in sight, the middle first, then for the neighbours."""
        visible = self.visible()
        middle = self._page
        if not self._single:
            middle = self._column.page_at(self.verticalScrollBar().value() + self.viewport().height() / 2)
        if self._points and middle != self._page:
            self._page = middle
            self.page_changed.emit(middle)
        around = [page for page in (visible.start - 1, visible.stop) if 0 <= page < len(self._points)]
        order = sorted(visible, key=lambda page: abs(page - middle))
        self._renders.want([self._wanted_raster(page) for page in (*order, *reversed(around))])
        self._parts.want([part for page in order if (part := self._wanted_part(page)) is not None])
        self.view_changed()
        self.viewport().update()

    def view_changed(self) -> None:
        """What lies over the pages follows them."""

    def _scale(self) -> float:
        """Device pixels a point."""
        return self._zoom * POINT * self.viewport().devicePixelRatioF()

    def _wanted_raster(self, page: int) -> Wanted:
        width, height = self._points[page]
        largest = min(math.sqrt(_LARGEST_RASTER / (width * height)), _LONGEST_SIDE / max(width, height))
        return Wanted(page, min(self._scale(), largest), self._rotation)

    def _wanted_part(self, page: int) -> Wanted | None:
        """The part in sight, where the whole page is too large to be sharp."""
        if self._wanted_raster(page).scale >= self._scale():
            return None
        rect = self.page_rect(page)
        seen = rect.intersected(QRectF(self.viewport().rect())).translated(-rect.topLeft())
        ratio = self.viewport().devicePixelRatioF()
        left, top = (int(side * ratio) // _GRID * _GRID for side in (seen.left(), seen.top()))
        right, bottom = (math.ceil(side * ratio / _GRID) * _GRID for side in (seen.right(), seen.bottom()))
        return Wanted(page, self._scale(), self._rotation, (left, top, right - left, bottom - top))

    def _on_render_failed(self, page: int, error: DeskError) -> None:
        self._why_broken[page] = sentence(error)
        self.page_failed.emit(error)
        self.viewport().update()

    # Painting

    def paint_page(self, painter: QPainter, page: int) -> None:
        """The paper and what is on it."""
        rect = self.page_rect(page)
        painter.fillRect(rect.adjusted(-1, -1, 1, 1), look.colour("hair"))
        painter.fillRect(rect, _PAPER)
        image = self._renders.image(page, self._rotation)
        if image is not None:
            self._paint_raster(painter, rect, image)
            self._paint_part(painter, rect, page)
        elif self._renders.is_broken(page):
            painter.setPen(_INK)
            words = self._why_broken.get(page, f"Page {page + 1} cannot be shown: it is damaged.")
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

    def _paint_raster(self, painter: QPainter, rect: QRectF, image: QImage) -> None:
        ratio = self.viewport().devicePixelRatioF()
        if abs(image.width() - rect.width() * ratio) <= 2:
            image.setDevicePixelRatio(ratio)
            painter.setClipRect(rect)
            painter.drawImage(rect.topLeft(), image)
            painter.setClipping(False)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect, image)

    def _paint_part(self, painter: QPainter, rect: QRectF, page: int) -> None:
        part = self._parts.part(page, self._rotation)
        wanted = self._wanted_part(page)
        if part is None or wanted is None or part[1].clip is None or part[1].scale != wanted.scale:
            return
        ratio = self.viewport().devicePixelRatioF()
        image = part[0]
        image.setDevicePixelRatio(ratio)
        painter.setClipRect(rect)
        painter.drawImage(rect.topLeft() + QPointF(part[1].clip[0], part[1].clip[1]) / ratio, image)
        painter.setClipping(False)

    # Events

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self._on_view_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width() or self._fit is Fit.PAGE or self._single:
            self._keeping_place(self._lay_out)
        else:
            self._lay_out()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """At the end of a page that is seen singly, on to the next."""
        turn = -1 if event.angleDelta().y() > 0 else 1
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if plain and event.angleDelta().y() and self._at_end(turn) and self._step_page(turn):
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        turn = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_Up: -1}.get(key)
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go_to_end(-1 if key == Qt.Key.Key_Home else 1)
        elif turn is None or not self._at_end(turn) or not self._step_page(turn):
            super().keyPressEvent(event)

    def _go_to_end(self, turn: int) -> None:
        self.go_to(0 if turn < 0 else self.page_count - 1)
        bar = self.verticalScrollBar()
        bar.setValue(bar.minimum() if turn < 0 else bar.maximum())

    def _at_end(self, turn: int) -> bool:
        bar = self.verticalScrollBar()
        return self._single and bar.value() == (bar.maximum() if turn > 0 else bar.minimum())

    def _step_page(self, turn: int) -> bool:
        """The beginning of the next page, or the end of the one before; False at either end of the document."""
        page = self._page + turn
        if not 0 <= page < self.page_count:
            return False
        self.go_to(page)
        if turn < 0:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        return True
