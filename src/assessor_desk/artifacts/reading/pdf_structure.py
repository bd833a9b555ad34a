"""The words of a PDF's page with what they mean: from the structure tree of a tagged PDF, else from how they lie.

Structure types after ISO 32000-2, 14.8.4. The markup has headings, paragraphs, lists, tables and the words that stand
for pictures; `domain.quotation` finds quotations made in it again on the page, since only white space differs.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from html import escape
from typing import Any

import pypdfium2.raw as pdfium

from assessor_desk.artifacts.pages import PageText
from assessor_desk.artifacts.reading.pdf_layout import Style, as_html
from assessor_desk.domain.quotation import SOFT_HYPHEN

_TAGS = {
    "Title": "h1",
    **{f"H{level}": f"h{level}" for level in range(1, 7)},
    "H": "h2",
    **dict.fromkeys(("P", "Caption", "Note", "FENote", "Formula"), "p"),
    **dict.fromkeys(("L", "TOC"), "ul"),
    **dict.fromkeys(("LI", "TOCI"), "li"),
    "Table": "table",
    "TR": "tr",
    "TH": "th",
    "TD": "td",
    "BlockQuote": "blockquote",
    "Code": "pre",
}
_PICTURES = {"Figure", "Formula"}
_DEEPEST = 40
_MOST_ELEMENTS = 5_000
_ENOUGH = 0.6
"""Share of the characters that a structure must hold to be believed."""

_BOLD = 600


def reading_markup(page: Any, characters: Any, text: PageText) -> tuple[str, bool]:
    """The page as clean HTML, and whether that follows the document's own structure."""
    tagged = _Tree(page, characters, text).markup()
    if tagged is not None:
        return tagged, True
    return as_html(text, _styles(characters, text)), False


def _styles(characters: Any, text: PageText) -> list[Style]:
    """Size and weight of each character; what is drawn at once has one style, and what is implied that before it."""
    known: dict[int, Style] = {}
    styles: list[Style] = []
    for index in range(len(text.text)):
        at = text.drawn(index)
        drawn = pdfium.FPDFText_GetTextObject(characters, at) if at < characters.count_chars() else None
        if not drawn:
            styles.append(styles[-1] if styles else Style(0.0, False))
            continue
        address = ctypes.cast(drawn, ctypes.c_void_p).value or 0
        if address not in known:
            size = round(pdfium.FPDFText_GetFontSize(characters, at) * 2) / 2
            known[address] = Style(size, _is_bold(characters, at))
        styles.append(known[address])
    return styles


def _is_bold(characters: Any, index: int) -> bool:
    if pdfium.FPDFText_GetFontWeight(characters, index) >= _BOLD:
        return True
    name = ctypes.create_string_buffer(96)
    length = pdfium.FPDFText_GetFontInfo(characters, index, name, len(name), None)
    return 0 < length <= len(name) and b"bold" in name.value.lower()


class _Tree:
    """Walks the elements of one page; a file may make them run in circles or without end."""

    def __init__(self, page: Any, characters: Any, text: PageText) -> None:
        self._page = page
        self._text = text
        self._marked = _marked_content(characters, text)
        self._elements = 0
        self._used: set[int] = set()

    def markup(self) -> str | None:
        """None where there is no structure, or one that leaves out most of the words."""
        if not self._marked:
            return None
        tree = pdfium.FPDF_StructTree_GetForPage(self._page)
        if not tree:
            return None
        try:
            count = max(0, pdfium.FPDF_StructTree_CountChildren(tree))
            roots = (pdfium.FPDF_StructTree_GetChildAtIndex(tree, place) for place in range(count))
            markup = "".join(self._element(root, 0) for root in roots if root)
        finally:
            pdfium.FPDF_StructTree_Close(tree)
        return markup if self._covers_enough() else None

    def _covers_enough(self) -> bool:
        held = sum(len(_words(self._text.text, self._marked[one]).replace(" ", "")) for one in self._used)
        return held >= _ENOUGH * len("".join(self._text.text.split())) and held > 0

    def _element(self, element: Any, depth: int) -> str:
        self._elements += 1
        if depth > _DEEPEST or self._elements > _MOST_ELEMENTS:
            return ""
        kind = _string(pdfium.FPDF_StructElement_GetType, element)
        inside = "".join(self._children(element, depth))
        if kind in _PICTURES and (words := _string(pdfium.FPDF_StructElement_GetAltText, element)):
            return f"<p>[Picture: {escape(words)}]</p>{inside}"
        if kind == "Lbl" and not any(one.isalnum() for one in inside):
            return ""
        tag = _TAGS.get(kind)
        return f"<{tag}>{inside}</{tag}>" if tag and inside.strip() else inside

    def _children(self, element: Any, depth: int) -> list[str]:
        """Content marked in pieces is taken in the order of reading: right-to-left lines are drawn the other way."""
        parts: list[str] = []
        spans: Spans = []
        for place in range(max(0, pdfium.FPDF_StructElement_CountChildren(element))):
            child = pdfium.FPDF_StructElement_GetChildAtIndex(element, place)
            if child:
                parts += [self._marked_words(spans), self._element(child, depth + 1)]
                spans = []
            else:
                number = pdfium.FPDF_StructElement_GetChildMarkedContentID(element, place)
                if number in self._marked and number not in self._used:
                    self._used.add(number)
                    spans += self._marked[number]
        return [*parts, self._marked_words(spans)]

    def _marked_words(self, spans: Spans) -> str:
        return escape(_words(self._text.text, _touching(sorted(spans)))) if spans else ""


Spans = list[tuple[int, int]]


def _marked_content(characters: Any, text: PageText) -> dict[int, Spans]:
    """The characters of each marked content; spaces and line ends that are only implied go with those before."""
    spans: dict[int, Spans] = defaultdict(list)
    numbers: dict[int, int] = {}
    current, start = -1, 0
    count = min(characters.count_chars(), len(text.text))
    for index in range(count):
        drawn = pdfium.FPDFText_GetTextObject(characters, text.drawn(index))
        if not drawn:
            continue
        address = ctypes.cast(drawn, ctypes.c_void_p).value or 0
        if address not in numbers:
            numbers[address] = pdfium.FPDFPageObj_GetMarkedContentID(drawn)
        if numbers[address] != current:
            if current >= 0:
                spans[current].append((start, index))
            current, start = numbers[address], index
    if current >= 0:
        spans[current].append((start, count))
    return dict(spans)


def _touching(spans: Spans) -> Spans:
    """Neighbours as one, so that no space comes between the halves of a word."""
    joined: Spans = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _words(text: str, spans: Spans) -> str:
    words = " ".join(text[start:end] for start, end in spans)
    joined = "".join(part.lstrip() if place else part for place, part in enumerate(words.split(SOFT_HYPHEN)))
    before, after = (" " if edge.isspace() else "" for edge in (joined[:1], joined[-1:]))
    return f"{before}{' '.join(joined.split())}{after}"


def _string(read: Any, element: Any) -> str:
    """Text that a structure element has about itself (UTF-16, with its end)."""
    length = read(element, None, 0)
    if not 2 < length <= 4_000:
        return ""
    buffer = ctypes.create_string_buffer(length)
    read(element, buffer, length)
    return " ".join(buffer.raw[: length - 2].decode("utf-16-le", "replace").split())
