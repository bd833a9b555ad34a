"""What an anchor cites, to be shown away from the evidence: a page, a still, a crop, words, a stretch of sound.

All foreign bytes are read by the workers; what comes back from them are pixels, characters and levels of sound.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from assessor_desk.artifacts.documents import Handle, ImageHandle, PdfHandle, TextHandle, WordHandle
from assessor_desk.artifacts.likeness import near
from assessor_desk.artifacts.pages import PageText, Raster, Rect
from assessor_desk.domain.anchor import Box, ImageRegion, PageRegion, Selector, TextQuote
from assessor_desk.domain.page_ends import Part, goes_on, parts_of
from assessor_desk.domain.quotation import Found, Quotable

PAGE_PIXELS = 1500
PICTURE_PIXELS = 2400
_AROUND = 240
"""Characters of a text that are shown before and after quoted words."""
_WORDS_IN_A_BOX = 600
_WHOLE = Box(0, 0, 100, 100)


@dataclass(frozen=True, slots=True)
class Words:
    """Quoted words with what stands around them. `nearby`: not the very words, but like them; `lost`: not there."""

    exact: str
    before: str = ""
    after: str = ""
    nearby: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """How loud a stretch of a recording is: levels 0–255, evenly from `start_ms` to `end_ms`."""

    levels: bytes
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Cited:
    """What is shown. `boxes` are the marks, in per cent of `picture`; `of` is the part of the page or picture shown.

    `frame_us` is when the frame shown begins; `duration_ms` how long its recording is. `heard` are the words said
    there, by the captions. `rendition` says so where it is not the original that is shown.
    """

    picture: Raster | None = None
    boxes: tuple[Box, ...] = ()
    of: Box = _WHOLE
    words: Words | None = None
    sound: Sound | None = None
    heard: str = ""
    frame_us: int | None = None
    duration_ms: int = 0
    rendition: str = ""


def cite_document(handle: Handle, selector: Selector) -> Cited:
    """A place in an open document or picture. Raises what its handle raises."""
    if isinstance(handle, PdfHandle):
        return _cite_pdf(handle, selector)
    if isinstance(handle, ImageHandle):
        return _cite_picture(handle, selector)
    if isinstance(handle, TextHandle):
        return _cite_words(handle.text, selector)
    if isinstance(handle, WordHandle):
        return _cite_words(handle.text, selector)
    return Cited()


def _cite_pdf(handle: PdfHandle, selector: Selector) -> Cited:
    if isinstance(selector, TextQuote):
        return _cite_quote(handle, selector)
    page = selector.page if isinstance(selector, PageRegion) else 1
    box = selector.box if isinstance(selector, PageRegion) else None
    words = None if box is None else _words_in(handle.text(page - 1), box)
    return Cited(_page(handle, page - 1), () if box is None else (box,), words=words)


def _cite_quote(handle: PdfHandle, quote: TextQuote) -> Cited:
    for page in _pages_of(handle, quote):
        text = handle.text(page)
        if not goes_on(quote, text.text) and (found := text.find_again(quote)):
            boxes = tuple(_box(line) for line in text.lines(found.start, found.end))
            return Cited(_page(handle, page), boxes, words=_quoted(text.text, found))
        if parts := parts_of(quote, page, handle.page_count, lambda number: handle.text(number).text):
            return _cite_over_page_end(handle, quote, parts[0])
    shown = None if quote.page is None else _page(handle, min(quote.page, handle.page_count) - 1)
    return Cited(shown, words=_lost(quote))


def _cite_over_page_end(handle: PdfHandle, quote: TextQuote, part: Part) -> Cited:
    """The page on which the words begin, and all of the words."""
    lines = handle.text(part.page).lines(part.start, part.end)
    return Cited(
        _page(handle, part.page),
        tuple(map(_box, lines)),
        words=Words(quote.exact, quote.prefix, quote.suffix),
    )


def _pages_of(handle: PdfHandle, quote: TextQuote) -> list[int]:
    """Its own page first; others only where it names none, since words may stand on many."""
    if quote.page is not None:
        return [quote.page - 1] if quote.page <= handle.page_count else []
    pages: list[int] = []
    next_page: int | None = 0
    while next_page is not None and not pages:
        part = handle.search(quote.exact, next_page)
        pages, next_page = [hit.page for hit in part.hits], part.next_page
    return pages[:1]


def _page(handle: PdfHandle, page: int) -> Raster:
    handle.measure()
    return handle.render(page, PAGE_PIXELS / max(handle.page_size(page)))


def _words_in(text: PageText, box: Box) -> Words | None:
    """The words within a box on a page, in reading order; those that lie in it by their middle."""
    area = Rect(box.x / 100, box.y / 100, (box.x + box.width) / 100, (box.y + box.height) / 100)
    inside: list[str] = []
    for word in re.finditer(r"\S+", text.text):
        lines = text.lines(*word.span())
        if lines and area.holds((lines[0].left + lines[0].right) / 2, (lines[0].top + lines[0].bottom) / 2):
            inside.append(word.group())
    words = " ".join(inside)
    short = words if len(words) <= _WORDS_IN_A_BOX else words[: _WORDS_IN_A_BOX - 1].rstrip() + "…"
    return Words(short) if short else None


def _box(rect: Rect) -> Box:
    left, top = min(max(100 * rect.left, 0.0), 99.9), min(max(100 * rect.top, 0.0), 99.9)
    width = min(max(100 * (rect.right - rect.left), 0.1), 100 - left)
    return Box(left, top, width, min(max(100 * (rect.bottom - rect.top), 0.1), 100 - top))


def _cite_picture(handle: ImageHandle, selector: Selector) -> Cited:
    frame = selector.page - 1 if isinstance(selector, PageRegion) else 0
    box = selector.box if isinstance(selector, PageRegion | ImageRegion) else None
    picture = handle.render(PICTURE_PIXELS, frame=frame)
    if box is None:
        return Cited(picture)
    part, of = _crop(picture, _room_around(box))
    return Cited(part, (_within(box, of),), of)


def _room_around(box: Box) -> Box:
    """A part with as much again around it, so that one sees where it is."""
    left, top = max(0.0, box.x - box.width / 2), max(0.0, box.y - box.height / 2)
    right = min(100.0, box.x + 1.5 * box.width)
    return Box(left, top, right - left, min(100.0, box.y + 1.5 * box.height) - top)


def _crop(picture: Raster, box: Box) -> tuple[Raster, Box]:
    """The pixels of a part, and the part that these are exactly."""
    left, right = _pixels(box.x, box.width, picture.width)
    top, bottom = _pixels(box.y, box.height, picture.height)
    view = memoryview(picture.data)
    rows = (
        view[row * picture.stride + 4 * left : row * picture.stride + 4 * right] for row in range(top, bottom)
    )
    across, down = 100 / picture.width, 100 / picture.height
    exact = Box(left * across, top * down, (right - left) * across, (bottom - top) * down)
    return Raster(right - left, bottom - top, b"".join(rows), 4 * (right - left)), exact


def _pixels(start: float, length: float, whole: int) -> tuple[int, int]:
    first = min(int(start / 100 * whole), whole - 1)
    return first, max(first + 1, min(whole, math.ceil((start + length) / 100 * whole)))


def _within(box: Box, of: Box) -> Box:
    """A box of the whole as one of a part of it."""
    left, top = 100 * (box.x - of.x) / of.width, 100 * (box.y - of.y) / of.height
    left, top = max(0.0, left), max(0.0, top)
    width, height = 100 * box.width / of.width, 100 * box.height / of.height
    return Box(left, top, min(width, 100 - left), min(height, 100 - top))


def _cite_words(text: str, selector: Selector) -> Cited:
    if not isinstance(selector, TextQuote):
        beginning = _one_line(text[: 2 * _AROUND])
        shown = _cut_after(beginning) if len(text) > 2 * _AROUND else beginning
        return Cited(words=Words("", after=shown) if text else None)
    found = Quotable(text).find_again(selector, near)
    return Cited(words=_lost(selector) if found is None else _quoted(text, found))


def _lost(quote: TextQuote) -> Words:
    return Words(quote.exact, quote.prefix, quote.suffix, lost=True)


def _quoted(text: str, found: Found) -> Words:
    exact = _one_line(text[found.start : found.end])
    start, end = max(0, found.start - _AROUND), min(len(text), found.end + _AROUND)
    before, after = _one_line(text[start : found.start]), _one_line(text[found.end : end])
    if start > 0:
        before = "…" + before.partition(" ")[2]
    return Words(exact, before, _cut_after(after) if end < len(text) else after, found.nearby)


def _one_line(words: str) -> str:
    """With single spaces; one at an end stays, since what follows or went before stood apart."""
    return re.sub(r"\s+", " ", words)


def _cut_after(words: str) -> str:
    return words.rpartition(" ")[0] + "…"
