"""From a page as it is shown, turned and cropped, to the units in which its annotations are placed."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from functools import cached_property

from assessor_desk.artifacts.pages import PageText, Rect
from assessor_desk.artifacts.reading.pdf_text import Placing

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Upper left, upper right, lower left, lower right as one sees them: the order that readers follow for highlights."""

NOTE_SIDE = 20.0
_GAP = 6.0
_WINDOW = (200.0, 110.0)
"""Points; of a note's sign, between signs, and of the window with a note's words."""


class PageShape:
    """A page's place in its own units, whatever its rotation, media box and crop box."""

    def __init__(self, placing: Placing) -> None:
        span = 1000.0
        (x0, y0), (x1, y1), (x2, y2) = placing(0, 0), placing(span, 0), placing(0, span)
        self._origin = x0, y0
        a, b, c, d = (x1 - x0) / span, (y1 - y0) / span, (x2 - x0) / span, (y2 - y0) / span
        area = a * d - b * c
        self._across = d / area, -b / area
        self._down = -c / area, a / area
        self.width = math.hypot(*self._across)
        self.height = math.hypot(*self._down)

    def point(self, x: float, y: float) -> Point:
        """A place in fractions of the page as shown, in the page's units."""
        across, down = x - self._origin[0], y - self._origin[1]
        return (
            round(across * self._across[0] + down * self._down[0], 2),
            round(across * self._across[1] + down * self._down[1], 2),
        )

    def quad(self, rect: Rect) -> Quad:
        """The corners of a rectangle as shown."""
        return (
            self.point(rect.left, rect.top),
            self.point(rect.right, rect.top),
            self.point(rect.left, rect.bottom),
            self.point(rect.right, rect.bottom),
        )

    def quads(self, text: PageText, start: int, end: int) -> list[Quad]:
        """Characters of the page as one quad a line, along the page's own lines where that makes fewer of them.

        Text runs upwards on a page that was turned to its side, but not where it was turned to set the text upright.
        """
        shown = [self.quad(line) for line in text.lines(start, end)]
        own = [self._own_quad(line) for line in self._own(text, start, end).lines(0, end - start)]
        return own if len(own) <= len(shown) else shown

    def _own(self, text: PageText, start: int, end: int) -> PageText:
        """Characters with their boxes in fractions of the page as it was before it was turned."""
        left, bottom, right, top = self._whole
        boxes = array("f")
        for index in range(start, end):
            box = text.box(index)
            x0, y0, x1, y1 = (left, top, left, top) if box is None else self.area(box)
            across, down = (right - left), (top - bottom)
            boxes.extend(((x0 - left) / across, (top - y1) / down, (x1 - left) / across, (top - y0) / down))
        return PageText(text.text[start:end], boxes)

    def _own_quad(self, line: Rect) -> Quad:
        left, bottom, right, top = self._whole
        x0, x1 = (round(left + part * (right - left), 2) for part in (line.left, line.right))
        y1, y0 = (round(top - part * (top - bottom), 2) for part in (line.top, line.bottom))
        return (x0, y1), (x1, y1), (x0, y0), (x1, y0)

    @cached_property
    def _whole(self) -> tuple[float, float, float, float]:
        return self.area(Rect(0, 0, 1, 1))

    def area(self, rect: Rect) -> tuple[float, float, float, float]:
        """The rectangle in the page's units."""
        return around([self.quad(rect)])

    def note_corner(self, number: int) -> Point:
        """The upper left corner, as shown, of the sign of the page's next note: down the right side, then further left.

        One sign's height is left free above: a reader that turns signs with their page would draw them there.
        """
        step = NOTE_SIDE + _GAP
        rows = max(1, int((self.height - step) // step))
        left = max(self.width - step * (1 + number // rows), 0)
        down = min(step * (1 + number % rows), self.height - NOTE_SIDE)
        return self.point(left / self.width, down / self.height)

    def window_place(self) -> Rect:
        """Where the window with a note's words opens: at the upper right."""
        width, height = min(_WINDOW[0], self.width), min(_WINDOW[1], self.height)
        return Rect(1 - width / self.width, 0, 1, height / self.height)


def around(quads: Sequence[Quad], margin: float = 0.0) -> tuple[float, float, float, float]:
    """The rectangle around quads: left, bottom, right, top."""
    across = [x for quad in quads for x, _ in quad]
    up = [y for quad in quads for _, y in quad]
    return (
        round(min(across) - margin, 2),
        round(min(up) - margin, 2),
        round(max(across) + margin, 2),
        round(max(up) + margin, 2),
    )
