"""What a worker gives back about documents: rasters, text with its place on the page, hits of a search."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assessor_desk.artifacts.likeness import near
from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.quotation import Found, Quotable


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture in memory: rows of `stride` bytes, four bytes a pixel, blue first, the fourth opaque.

    `duration_ms` is how long a frame of a moving picture stays, 0 for all else.
    """

    width: int
    height: int
    data: bytes | bytearray
    stride: int
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in fractions of the page's width and height, origin top left."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def joined(self, other: Rect) -> Rect:
        return Rect(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def distance(self, x: float, y: float) -> float:
        """How far a point is; lines count more than columns, as the eye has it."""
        across = max(self.left - x, 0.0, x - self.right)
        down = max(self.top - y, 0.0, y - self.bottom)
        return across + 4 * down


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A line of a document's table of contents; `page` counts from 0, None where it leads nowhere."""

    title: str
    level: int
    page: int | None


@dataclass(frozen=True, slots=True)
class PageNote:
    """An annotation that the document itself has: what it is, whose, what it says, and the words it lies on."""

    page: int
    kind: str
    author: str
    words: str
    quoted: str
    box: Rect


@dataclass(frozen=True, slots=True)
class NotesPart:
    """Annotations of some pages; `next_page` is where to go on, None after the last."""

    notes: tuple[PageNote, ...]
    next_page: int | None


@dataclass(frozen=True, slots=True)
class PageField:
    """A field of a form with what was filled in; ticks are `yes` or `no`."""

    name: str
    value: str
    box: Rect


@dataclass(frozen=True, slots=True)
class PageLink:
    """Where a link lies, and where it would lead: an address that is never opened, or a page from 0."""

    box: Rect
    address: str
    page: int | None


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page to be read as text: clean HTML, whether that is the document's own structure, and what fields say.

    `is_picture` tells a scan: there are no words, but something is drawn.
    """

    markup: str
    tagged: bool
    fields: tuple[PageField, ...]
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that a search found: the page from 0, the characters, their lines, and words around them."""

    page: int
    start: int
    end: int
    lines: tuple[Rect, ...]
    context: str


@dataclass(frozen=True, slots=True)
class SearchPart:
    """Hits of some pages; `next_page` is where to go on, None when the last page was searched."""

    hits: tuple[Hit, ...]
    next_page: int | None


@dataclass(frozen=True)
class PageText:
    """The characters of a page in reading order, each with its box (none for a space only implied)."""

    text: str
    boxes: array[float]
    """Four numbers a character: left, top, right, bottom, as in `Rect`; all zero where there is no box."""
    order: Sequence[int] | None = None
    """Which of the file's characters each is, where these were put into another order; None outside the worker."""

    def drawn(self, index: int) -> int:
        """Which of the file's characters stands at `index`."""
        return index if self.order is None else self.order[index]

    def box(self, index: int) -> Rect | None:
        left, top, right, bottom = self.boxes[4 * index : 4 * index + 4]
        return Rect(left, top, right, bottom) if right > left or bottom > top else None

    def lines(self, start: int, end: int) -> list[Rect]:
        """The characters from `start` up to `end` as one rectangle a line."""
        lines: list[Rect] = []
        for _, box in self._boxed(start, end):
            if lines and _same_line(lines[-1], box):
                lines[-1] = lines[-1].joined(box)
            else:
                lines.append(box)
        return lines

    def index_at(self, x: float, y: float) -> int | None:
        """The character at or nearest to a point; None on a page without text."""
        nearest = min(self._boxed(0, len(self.text)), key=lambda found: found[1].distance(x, y), default=None)
        return None if nearest is None else nearest[0]

    def over_text(self, x: float, y: float) -> bool:
        """Whether a line of text is at that point, within a little."""
        return any(
            Rect(line.left - 0.01, line.top - 0.004, line.right + 0.01, line.bottom + 0.004).holds(x, y)
            for line in self._all_lines
        )

    def word_at(self, index: int) -> tuple[int, int]:
        """Start and end of the word around a character."""
        start = end = index
        while start > 0 and not self.text[start - 1].isspace():
            start -= 1
        while end < len(self.text) and not self.text[end].isspace():
            end += 1
        return start, end

    def find(self, quote: TextQuote) -> tuple[int, int] | None:
        return self.quotable.find(quote)

    def find_again(self, quote: TextQuote) -> Found | None:
        """As `find`; words that were changed a little are found too, and that is said."""
        return self.quotable.find_again(quote, near)

    @cached_property
    def quotable(self) -> Quotable:
        return Quotable(self.text)

    @cached_property
    def _all_lines(self) -> list[Rect]:
        return self.lines(0, len(self.text))

    def _boxed(self, start: int, end: int) -> Iterator[tuple[int, Rect]]:
        for index in range(max(0, start), min(end, len(self.text))):
            box = self.box(index)
            if box is not None:
                yield index, box


def _same_line(line: Rect, box: Rect) -> bool:
    """Overlapping by half of the lower one's height, and not back at the beginning of the line."""
    overlap = min(line.bottom, box.bottom) - max(line.top, box.top)
    lower = min(line.bottom - line.top, box.bottom - box.top)
    return overlap >= 0.5 * lower and box.right >= line.left - 0.02 and box.left <= line.right + 0.25


def hit_from(data: list[Any]) -> Hit:
    """As `hit_values` wrote it."""
    page, start, end, lines, context = data
    return Hit(page, start, end, tuple(Rect(*line) for line in lines), context)


def note_from(data: list[Any]) -> PageNote:
    """As `values` wrote it."""
    page, kind, author, words, quoted, box = data
    return PageNote(page, kind, author, words, quoted, Rect(*box))


def values(found: PageNote | PageField | PageLink) -> list[Any]:
    """As plain values, for the pipe."""
    plain = (getattr(found, name) for name in found.__slots__)
    return [[one.left, one.top, one.right, one.bottom] if isinstance(one, Rect) else one for one in plain]


def hit_values(hit: Hit) -> list[Any]:
    """As plain lists, for the pipe."""
    lines = [[line.left, line.top, line.right, line.bottom] for line in hit.lines]
    return [hit.page, hit.start, hit.end, lines, hit.context]
