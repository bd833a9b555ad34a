"""PDF documents through pypdfium2: pages as rasters, their text with its place, outline and search."""

from __future__ import annotations

import ctypes
import math
import sys
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from assessor_desk.artifacts.pages import Hit, PageText, hit_values
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.quotation import SOFT_HYPHEN

LARGEST_RASTER = 50_000_000
"""Pixels of one raster; a page asked for larger is refused."""

_MOST_PAGES = 20_000
_MOST_OUTLINE_ENTRIES = 2_000
_READ_AT_ONCE = 16 * 1024 * 1024
_PAGES_KEPT = 12
_TEXTS_KEPT = 64
_UNITS = 10_000_000
_CONTEXT = 40
_LINE_BREAK_HYPHENS = {0x02, 0xFFFE, 0xAD}

Placing = Callable[[float, float], tuple[float, float]]


class PdfReading:
    """An open PDF. Pages count from 0; a fault of one page leaves the others readable."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._document = self._open()
        self._pages: OrderedDict[int, Any] = OrderedDict()
        self._texts: OrderedDict[int, PageText] = OrderedDict()
        if self._document.get_formtype() != pdfium.FORMTYPE_NONE:
            self._document.init_forms()

    def facts(self) -> dict[str, Any]:
        """How many pages, and the size of the first in points, as it is shown."""
        count = len(self._document)
        if count > _MOST_PAGES:
            raise Refused(f"“{self._source.name}” has {count} pages; more than {_MOST_PAGES} are not shown.")
        with self._reading("Its pages cannot be listed"):
            return {"pages": count, "size": self._document.get_page_size(0)}

    def sizes(self) -> list[tuple[float, float]]:
        """Sizes of all pages; looking at each of them takes longer than opening the document."""
        with self._reading("Its pages cannot be listed"):
            return [self._document.get_page_size(page) for page in range(len(self._document))]

    def outline(self) -> list[list[Any]]:
        """Title, level and page of each entry."""
        entries: list[list[Any]] = []
        with self._reading("Its outline cannot be read"):
            for entry in self._document.get_toc(max_depth=6):
                target = entry.get_dest()
                entries.append(
                    [entry.get_title(), entry.level, None if target is None else target.get_index()]
                )
                if len(entries) == _MOST_OUTLINE_ENTRIES:
                    break
        return entries

    def render(
        self, page: int, scale: float, rotation: int, room: Callable[[int], memoryview]
    ) -> tuple[dict[str, Any], memoryview]:
        """A page at `scale` pixels a point, turned clockwise by `rotation` degrees, in bytes `room` gives."""
        with self._reading(f"Page {page + 1} cannot be shown"):
            opened = self._page(page)
            pixels = opened.get_width() * scale * opened.get_height() * scale
            if not math.isfinite(pixels) or pixels > LARGEST_RASTER:
                raise Refused(f"Page {page + 1} of “{self._source.name}” is too large to show at this zoom.")
            pixels_to = _Canvas(room)
            opened.render(scale=scale, rotation=rotation, prefer_bgrx=True, bitmap_maker=pixels_to.bitmap)
        return pixels_to.facts, pixels_to.data

    def text(self, page: int) -> PageText:
        """The characters of a page with their boxes."""
        if page not in self._texts:
            self._texts[page] = self._read_text(page)
            if len(self._texts) > _TEXTS_KEPT:
                self._texts.popitem(last=False)
        return self._texts[page]

    def placing(self, page: int) -> Placing:
        """From the page's own units to fractions of the page as shown (turned and cropped)."""
        with self._reading(f"Page {page + 1} cannot be measured"):
            return _placing(self._page(page))

    def search(self, query: str, first: int, count: int) -> tuple[list[list[Any]], int | None]:
        """Hits on up to `count` pages from `first` on, and the page to go on with."""
        after = min(first + count, len(self._document))
        hits = [hit_values(hit) for page in range(first, after) for hit in self._hits(page, query)]
        return hits, (after if after < len(self._document) else None)

    def close(self) -> None:
        for page in self._pages.values():
            page.close()
        self._pages.clear()
        self._document.close()
        self._source.close()

    def _hits(self, page: int, query: str) -> Iterator[Hit]:
        text = self.text(page)
        for start, end in text.quotable.find_all(query):
            around = text.text[max(0, start - _CONTEXT) : end + _CONTEXT]
            yield Hit(page, start, end, tuple(text.lines(start, end)), " ".join(around.split()))

    def _open(self) -> Any:
        name = self._source.name
        try:
            return pypdfium2.PdfDocument(self._small_or_seekable())
        except pypdfium2.PdfiumError as error:
            self._source.check()
            if error.err_code == pdfium.FPDF_ERR_PASSWORD:
                raise Refused(
                    f"“{name}” is locked with a password. Ask for a copy without one, or hand it back as "
                    "unreadable."
                ) from error
            raise Damaged(
                f"“{name}” is not a complete PDF: it is cut short or damaged. Ask for a new copy, or hand it "
                "back as unreadable."
            ) from error

    def _small_or_seekable(self) -> bytes | Source:
        """A small file is read at once: thousands of little reads cost more than its decryption."""
        if self._source.size() > _READ_AT_ONCE:
            return self._source
        return self._source.whole(_READ_AT_ONCE)

    @contextmanager
    def _reading(self, failing: str) -> Iterator[None]:
        try:
            yield
        except (pypdfium2.PdfiumError, ValueError) as error:
            self._source.check()
            raise Damaged(f"“{self._source.name}” is damaged. {failing}.") from error
        self._source.check()

    def _page(self, page: int) -> Any:
        if not 0 <= page < len(self._document):
            raise Refused(f"“{self._source.name}” has {len(self._document)} pages, no page {page + 1}.")
        if page in self._pages:
            self._pages.move_to_end(page)
        else:
            self._pages[page] = self._document.get_page(page)
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)[1].close()
        return self._pages[page]

    def _read_text(self, page: int) -> PageText:
        with self._reading(f"The text of page {page + 1} cannot be read"):
            opened = self._page(page)
            characters = opened.get_textpage()
            try:
                return _page_text(characters, _placing(opened))
            finally:
                characters.close()


class _Canvas:
    """Makes the bitmap that a page is drawn on, in memory given from outside."""

    facts: dict[str, Any]
    data: memoryview

    def __init__(self, room: Callable[[int], memoryview]) -> None:
        self._room = room

    def bitmap(self, width: int, height: int, format: int, rev_byteorder: bool) -> Any:  # noqa: A002
        stride = 4 * width
        self.facts = {"width": width, "height": height, "stride": stride}
        self.data = self._room(stride * height)
        buffer = (ctypes.c_ubyte * (stride * height)).from_buffer(self.data)
        return pypdfium2.PdfBitmap.new_native(width, height, format, rev_byteorder, buffer=buffer)


def _placing(page: Any) -> Placing:
    x, y = ctypes.c_int(), ctypes.c_int()

    def shown(across: float, up: float) -> tuple[float, float]:
        pdfium.FPDF_PageToDevice(page, 0, 0, _UNITS, _UNITS, 0, across, up, x, y)
        return x.value / _UNITS, y.value / _UNITS

    span = 1000.0
    (x0, y0), (x1, y1), (x2, y2) = shown(0, 0), shown(span, 0), shown(0, span)
    a, b, c, d = (x1 - x0) / span, (y1 - y0) / span, (x2 - x0) / span, (y2 - y0) / span
    return lambda across, up: (x0 + a * across + c * up, y0 + b * across + d * up)


def _page_text(characters: Any, place: Placing) -> PageText:
    text: list[str] = []
    boxes = array("f")
    rect = pdfium.FS_RECTF()
    for index in range(characters.count_chars()):
        code = pdfium.FPDFText_GetUnicode(characters, index)
        if 0xDC00 <= code <= 0xDFFF and text and 0xD800 <= ord(text[-1]) <= 0xDBFF:
            text[-1] = chr(0x10000 + ((ord(text[-1]) - 0xD800) << 10) + (code - 0xDC00))
            continue
        text.append(_character(code))
        if code in (0x0A, 0x0D) or not pdfium.FPDFText_GetLooseCharBox(characters, index, rect):
            boxes.extend((0.0, 0.0, 0.0, 0.0))
        else:
            boxes.extend(_box(rect, place))
    return PageText("".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text), boxes)


def _character(code: int) -> str:
    """Fonts may map to anything; what is no character becomes the sign for that."""
    if code > sys.maxunicode:
        return "\ufffd"
    if code in _LINE_BREAK_HYPHENS:
        return SOFT_HYPHEN
    return chr(code) if code >= 0x20 or code in (0x09, 0x0A, 0x0D) else " "


def _box(rect: Any, place: Placing) -> tuple[float, float, float, float]:
    (x0, y0), (x1, y1) = place(rect.left, rect.bottom), place(rect.right, rect.top)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
