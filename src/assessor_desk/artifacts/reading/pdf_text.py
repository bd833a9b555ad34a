"""The characters of a PDF's page, where they lie, and finding words among them quickly."""

from __future__ import annotations

import ctypes
import re
import sys
import unicodedata
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2.raw as pdfium

from assessor_desk.artifacts.pages import Hit, PageText
from assessor_desk.artifacts.reading.right_to_left import reading_order
from assessor_desk.domain.quotation import SOFT_HYPHEN

Placing = Callable[[float, float], tuple[float, float]]
"""From the page's own units to fractions of the page as shown."""

_UNITS = 10_000_000
_CONTEXT = 40
_LINE_BREAK_HYPHENS = {0x02, 0xFFFE, 0xAD}
_CONTROLS = {
    **{code: " " for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)},
    **dict.fromkeys(_LINE_BREAK_HYPHENS, SOFT_HYPHEN),
}


def placing(page: Any) -> Placing:
    """How places on `page` become fractions of it as it is shown: turned and cropped."""
    x, y = ctypes.c_int(), ctypes.c_int()

    def shown(across: float, up: float) -> tuple[float, float]:
        pdfium.FPDF_PageToDevice(page, 0, 0, _UNITS, _UNITS, 0, across, up, x, y)
        return x.value / _UNITS, y.value / _UNITS

    span = 1000.0
    (x0, y0), (x1, y1), (x2, y2) = shown(0, 0), shown(span, 0), shown(0, span)
    a, b, c, d = (x1 - x0) / span, (y1 - y0) / span, (x2 - x0) / span, (y2 - y0) / span
    return lambda across, up: (x0 + a * across + c * up, y0 + b * across + d * up)


def read_from_the_right(document: Any) -> bool:
    """Whether a document says of itself that its pages are read from the right (ISO 32000-1, 12.2)."""
    name = ctypes.create_string_buffer(8)
    length = pdfium.FPDF_VIEWERREF_GetName(document, b"Direction", name, len(name))
    return bool(length) and name.value == b"R2L"


def page_text(characters: Any, place: Placing, turned: bool = False) -> PageText:
    """All characters of a page with their boxes, in the order in which they are read."""
    text: list[str] = []
    boxes = array("f")
    rect = pdfium.FS_RECTF()
    for index in range(characters.count_chars()):
        code = pdfium.FPDFText_GetUnicode(characters, index)
        if 0xDC00 <= code <= 0xDFFF and text and 0xD800 <= ord(text[-1]) <= 0xDBFF:
            text[-1] = chr(0x10000 + ((ord(text[-1]) - 0xD800) << 10) + (code - 0xDC00))
            continue
        text.append(character(code))
        if code in (0x0A, 0x0D) or not pdfium.FPDFText_GetLooseCharBox(characters, index, rect):
            boxes.extend((0.0, 0.0, 0.0, 0.0))
        else:
            boxes.extend(box_of(rect, place))
    whole = "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text)
    read = reading_order(whole, boxes, turned)
    if read is None:
        return PageText(whole, boxes)
    in_order, order = read
    places = array("f", (boxes[4 * index + side] for index in order for side in range(4)))
    return PageText(in_order, places, order)


def character(code: int) -> str:
    """Fonts may map to anything; what is no character becomes the sign for that."""
    if code > sys.maxunicode:
        return "\ufffd"
    if code in _LINE_BREAK_HYPHENS:
        return SOFT_HYPHEN
    return chr(code) if code >= 0x20 or code in (0x09, 0x0A, 0x0D) else " "


class PageSearch:
    """One query, for many pages: only a page where it may stand is read character by character."""

    def __init__(self, query: str) -> None:
        self._query = query.strip()
        self._needle = _compact(self._query)
        words = (re.escape(word) for word in self._query.split())
        self._plain = re.compile(r"\s+".join(words), re.IGNORECASE) if self._query.isascii() else None

    def hits(
        self, page: int, characters: Any, measure: Callable[[], Placing], read: Callable[[], PageText]
    ) -> Iterator[Hit]:
        """Where the words stand on a page. `measure` and `read` tell of the page what only a hit needs."""
        text = _quick_text(characters)
        if not self._query or text == "":
            return
        if text is not None and text.isascii():
            for found in self._plain.finditer(text) if self._plain else ():
                start, end = found.span()
                part = PageText(text[start:end], _boxes(characters, text, range(start, end), measure()))
                yield Hit(page, start, end, tuple(part.lines(0, end - start)), _around(text, start, end))
        elif text is None or self._needle in _compact(text):
            whole = read()
            for start, end in whole.quotable.find_all(self._query):
                yield Hit(page, start, end, tuple(whole.lines(start, end)), _around(whole.text, start, end))


def _around(text: str, start: int, end: int) -> str:
    """The words found with a few before and after, on one line."""
    return " ".join(text[max(0, start - _CONTEXT) : end + _CONTEXT].split())


def _boxes(characters: Any, text: str, span: range, place: Placing) -> array[float]:
    boxes = array("f")
    rect = pdfium.FS_RECTF()
    for index in span:
        if text[index] in "\r\n" or not pdfium.FPDFText_GetLooseCharBox(characters, index, rect):
            boxes.extend((0.0, 0.0, 0.0, 0.0))
        else:
            boxes.extend(box_of(rect, place))
    return boxes


def _quick_text(characters: Any) -> str | None:
    """All characters at once; None where their places would not be those of the text in full."""
    count = characters.count_chars()
    buffer = ctypes.create_string_buffer(2 * count + 2)
    written = pdfium.FPDFText_GetText(
        characters, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
    )
    text = buffer.raw[: 2 * max(0, written - 1)].decode("utf-16-le", "surrogatepass")
    return text.translate(_CONTROLS) if len(text) == count else None


def _compact(text: str) -> str:
    """Without white space, hyphens at line ends and differences of form: what does not hold it so has no place."""
    plain = unicodedata.normalize("NFKD", text.replace(SOFT_HYPHEN, "")).casefold()
    return "".join(plain.translate(_FORMS).split())


_FORMS = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\u2011": "-", "\u2010": "-"}
)


def box_of(rect: Any, place: Placing) -> tuple[float, float, float, float]:
    """A rectangle of PDFium's in fractions of the page as shown."""
    (x0, y0), (x1, y1) = place(rect.left, rect.bottom), place(rect.right, rect.top)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
