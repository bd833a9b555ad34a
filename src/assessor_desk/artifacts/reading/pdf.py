"""PDF documents through pypdfium2: pages as rasters, their text with its place, outline and search."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from assessor_desk.artifacts.pages import Hit, PageText, hit_values, values
from assessor_desk.artifacts.reading.pdf_notes import PageNotes, labels
from assessor_desk.artifacts.reading.pdf_structure import reading_markup
from assessor_desk.artifacts.reading.pdf_text import (
    PageSearch,
    Placing,
    page_text,
    placing,
    read_from_the_right,
)
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.errors import Damaged, Refused

LARGEST_RASTER = 50_000_000
"""Pixels of one raster; a page asked for larger is refused."""

_LONGEST_SIDE = 32_000
_ORDINARY_PAGE = (612.0, 792.0)
_LARGEST_PAGE = 200_000.0
"""Points; some 70 metres."""

_MOST_PAGES = 20_000
_MOST_NOTES = 2_000
_MOST_OUTLINE_ENTRIES = 2_000
_READ_AT_ONCE = 16 * 1024 * 1024
_PAGES_KEPT = 12
_TEXTS_KEPT = 64

Clip = tuple[int, int, int, int]


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
        if not count:
            raise Damaged(f"“{self._source.name}” is damaged: it has no page. Ask for a new copy.")
        return {"pages": count, "size": self._size(0)}

    def sizes(self) -> list[tuple[float, float]]:
        """Sizes of all pages; looking at each of them takes longer than opening the document."""
        return [self._size(page) for page in range(len(self._document))]

    def _size(self, page: int) -> tuple[float, float]:
        """A page at fault is as large as an ordinary one, so that the others keep their places."""
        try:
            return _possible(self._document.get_page_size(page))
        except pypdfium2.PdfiumError:
            self._source.check()
            return _ORDINARY_PAGE

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
        self,
        page: int,
        scale: float,
        rotation: int,
        room: Callable[[int], memoryview],
        clip: Clip | None = None,
    ) -> tuple[dict[str, Any], memoryview]:
        """A page at `scale` pixels a point, turned clockwise by `rotation` degrees, in bytes `room` gives.

        `clip` is the part wanted, in pixels of the whole: left, top, width, height.
        """
        with self._reading(f"Page {page + 1} cannot be shown"):
            opened = self._page(page)
            width, height = _shown_size(opened, rotation)
            sides = (math.ceil(width * scale), math.ceil(height * scale))
            part = _within(clip or (0, 0, *sides), *sides)
            if part[2] * part[3] > LARGEST_RASTER or max(part[2:]) > _LONGEST_SIDE:
                raise Refused(f"Page {page + 1} of “{self._source.name}” is too large to show at this zoom.")
            pixels_to = _Canvas(room)
            opened.render(
                scale=scale,
                rotation=rotation,
                crop=_crop(part, sides, scale),
                prefer_bgrx=True,
                bitmap_maker=pixels_to.bitmap,
            )
        return pixels_to.facts, pixels_to.data

    def read(self, page: int) -> dict[str, Any]:
        """A page to be read as text, as `pages.ReadPage` has it."""
        text = self.text(page)
        with self._passing(page, "read") as (opened, characters):
            markup, tagged = reading_markup(opened, characters(), text)
            notes = PageNotes(page, opened, self._document.formenv, placing(opened))
            is_picture = not text.text.strip() and _draws_something(opened)
            fields = [values(field) for field in notes.fields()]
        return {"markup": markup, "tagged": tagged, "fields": fields, "is_picture": is_picture}

    def notes(self, first: int, count: int) -> tuple[list[list[Any]], int | None]:
        """Annotations of up to `count` pages from `first` on, and the page to go on with."""
        after = min(first + count, len(self._document))
        found: list[list[Any]] = []
        for page in range(first, after):
            with contextlib.suppress(Damaged), self._passing(page, "read") as (opened, characters):
                read = PageNotes(page, opened, self._document.formenv, placing(opened), characters)
                found += [values(note) for note in read.notes()]
        return found, (after if after < len(self._document) and len(found) < _MOST_NOTES else None)

    def links(self, page: int) -> list[list[Any]]:
        """Links of a page with where they lead."""
        with self._passing(page, "read") as (opened, characters):
            read = PageNotes(page, opened, None, placing(opened), characters)
            return [values(link) for link in read.links(self._document)]

    def labels(self) -> list[str]:
        """What the document calls its pages; empty where they are merely counted."""
        with self._reading("Its pages cannot be listed"):
            return labels(self._document)

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
            return placing(self._page(page))

    def search(self, query: str, first: int, count: int) -> tuple[list[list[Any]], int | None]:
        """Hits on up to `count` pages from `first` on, and the page to go on with; a page at fault has none."""
        wanted = PageSearch(query)
        after = min(first + count, len(self._document))
        hits = [hit_values(hit) for page in range(first, after) for hit in self._hits(page, wanted)]
        return hits, (after if after < len(self._document) else None)

    def close(self) -> None:
        for page in self._pages.values():
            page.close()
        self._pages.clear()
        self._document.close()
        self._source.close()

    def _hits(self, page: int, wanted: PageSearch) -> list[Hit]:
        with contextlib.suppress(Damaged), self._passing(page, "searched") as (opened, characters):
            return list(wanted.hits(page, characters(), lambda: placing(opened), lambda: self.text(page)))
        self._source.check()
        return []

    @contextmanager
    def _passing(self, page: int, doing: str) -> Iterator[tuple[Any, Callable[[], Any]]]:
        """A page and its characters, read when first asked for.

        One not in use is not kept: a walk through all would drive out those that are shown.
        """
        kept = self._pages.get(page)
        with self._reading(f"Page {page + 1} cannot be {doing}"), contextlib.ExitStack() as closing:
            opened = kept or self._document.get_page(page)
            if kept is None:
                closing.callback(opened.close)

            @functools.cache
            def characters() -> Any:
                return closing.enter_context(contextlib.closing(opened.get_textpage()))

            yield opened, characters

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
                return page_text(characters, placing(opened), read_from_the_right(self._document))
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


def _possible(size: tuple[float, float]) -> tuple[float, float]:
    """A file may give its pages no size, or one that no number of pixels has; they are shown all the same."""
    width, height = (min(max(side, 1.0), _LARGEST_PAGE) for side in size)
    return width, height


def _shown_size(page: Any, rotation: int) -> tuple[float, float]:
    width, height = page.get_size()
    return (height, width) if rotation in (90, 270) else (width, height)


def _within(clip: Clip, width: int, height: int) -> Clip:
    """The part of the clip that is on the page; at least one pixel."""
    left, top = (max(0, min(at, side - 1)) for at, side in zip(clip[:2], (width, height), strict=True))
    return left, top, max(1, min(clip[2], width - left)), max(1, min(clip[3], height - top))


def _crop(part: Clip, sides: tuple[int, int], scale: float) -> tuple[float, float, float, float]:
    """What pypdfium2 is to leave out, in its units; it rounds up, so half a pixel is taken off before."""
    left, top, width, height = part
    out = (left, sides[1] - top - height, sides[0] - left - width, top)
    return tuple((pixels - 0.5) / scale if pixels else 0.0 for pixels in out)  # type: ignore[return-value]


def _draws_something(page: Any) -> bool:
    return bool(pdfium.FPDFPage_CountObjects(page) > 0)
