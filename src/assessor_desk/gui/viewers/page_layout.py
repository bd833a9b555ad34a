"""Where pages lie in a column, at any zoom and turn. Pure geometry, in logical pixels."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF

from assessor_desk.domain.anchor import Box
from assessor_desk.gui.viewers.handles import Rect

MARGIN = 28
"""Beside the pages; the numbers of marks stand there."""

GAP = 14
POINT = 96 / 72
"""Logical pixels a point takes at 100 %."""


@dataclass(frozen=True, slots=True)
class Column:
    """Pages below one another, each centred. `zoom` is 1.0 at 100 %."""

    sizes: tuple[QSizeF, ...]
    tops: tuple[float, ...]
    width: float
    height: float
    zoom: float
    slot: float = 0.0

    @classmethod
    def of(
        cls, points: Sequence[tuple[float, float]], zoom: float, rotation: int, slot: float = 0.0
    ) -> Column:
        """Lay out pages of these sizes in points, turned clockwise by `rotation` degrees.

        Each has at least `slot` of the height, in whose middle it stands: the view's, where pages are seen singly.
        """
        sizes, tops, at = [], [], float(GAP)
        for width, height in points:
            if rotation % 180:
                width, height = height, width
            size = QSizeF(max(1, round(width * POINT * zoom)), max(1, round(height * POINT * zoom)))
            spare = max(0.0, slot - size.height() - 2 * GAP) // 2
            sizes.append(size)
            tops.append(at + spare)
            at += size.height() + 2 * spare + (2 * GAP if slot else GAP)
        widest = max((size.width() for size in sizes), default=0.0)
        return cls(tuple(sizes), tuple(tops), widest + 2 * MARGIN, at, zoom, slot)

    def span_of(self, page: int) -> tuple[float, float]:
        """Top and bottom of what belongs to a page that is seen singly."""
        height = self.sizes[page].height()
        spare = max(0.0, self.slot - height - 2 * GAP) // 2
        top = self.tops[page] - spare - GAP
        return top, top + height + 2 * spare + 2 * GAP

    def width_of(self, page: int) -> float:
        """The width there is to scroll: all pages', or where they are seen singly that page's own."""
        return self.sizes[page].width() + 2 * MARGIN if self.slot else self.width

    def page_rect(self, page: int, viewport_width: float) -> QRectF:
        """A page's place in the column, which is as wide as the viewport at least."""
        size = self.sizes[page]
        left = (max(self.width_of(page), viewport_width) - size.width()) // 2
        return QRectF(QPointF(left, self.tops[page]), size)

    def page_at(self, y: float) -> int:
        """The page at a height, or the one before the gap there."""
        return max(0, min(bisect_right(self.tops, y) - 1, len(self.tops) - 1))

    def pages_between(self, top: float, bottom: float) -> range:
        """The pages in sight."""
        if not self.sizes:
            return range(0)
        first = self.page_at(top)
        if self.tops[first] + self.sizes[first].height() < top and first + 1 < len(self.sizes):
            first += 1
        return range(first, self.page_at(bottom) + 1)


def fitting_zoom(size: tuple[float, float], rotation: int, viewport: QSizeF, whole_page: bool) -> float:
    """The zoom at which a page fills the viewport's width, or is in sight as a whole."""
    width, height = reversed(size) if rotation % 180 else size
    across = (viewport.width() - 2 * MARGIN) / (width * POINT)
    if not whole_page:
        return max(0.05, across)
    return max(0.05, min(across, (viewport.height() - 2 * GAP) / (height * POINT)))


def turned(rect: QRectF, rotation: int) -> QRectF:
    """A rectangle in fractions of the upright page, in fractions of the page turned clockwise."""
    match rotation % 360:
        case 90:
            return QRectF(1 - rect.bottom(), rect.left(), rect.height(), rect.width())
        case 180:
            return QRectF(1 - rect.right(), 1 - rect.bottom(), rect.width(), rect.height())
        case 270:
            return QRectF(rect.top(), 1 - rect.right(), rect.height(), rect.width())
    return rect


def placed(rect: QRectF, rotation: int, page: QRectF) -> QRectF:
    """A rectangle in fractions of the upright page, in the pixels of the page as it lies there."""
    share = turned(rect, rotation)
    return QRectF(
        page.left() + share.left() * page.width(),
        page.top() + share.top() * page.height(),
        share.width() * page.width(),
        share.height() * page.height(),
    )


def share_of(point: QPointF, rotation: int, page: QRectF) -> QPointF:
    """A point in pixels, in fractions of the upright page; beyond the page it is its edge."""
    x = min(max((point.x() - page.left()) / page.width(), 0.0), 1.0)
    y = min(max((point.y() - page.top()) / page.height(), 0.0), 1.0)
    back = turned(QRectF(x, y, 0, 0), -rotation % 360)
    return back.topLeft()


def share_of_box(box: Box) -> QRectF:
    """A box in per cent as fractions."""
    return QRectF(box.x / 100, box.y / 100, box.width / 100, box.height / 100)


def box_of(share: QRectF) -> Box | None:
    """Fractions as a box in per cent; None for one too thin to have been meant."""
    rect = share.normalized().intersected(QRectF(0, 0, 1, 1))
    if rect.width() < 0.004 or rect.height() < 0.004:
        return None
    sides = (rect.left(), rect.top(), rect.width(), rect.height())
    return Box(*(round(100 * side, 2) for side in sides))


def share_of_rect(rect: Rect) -> QRectF:
    """A worker's rectangle as Qt's."""
    return QRectF(rect.left, rect.top, rect.right - rect.left, rect.bottom - rect.top)
