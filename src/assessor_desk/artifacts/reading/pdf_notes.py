"""What stands on the pages of a PDF beside its content: its author's annotations, fields, links, labels.

Types of annotations after ISO 32000-2, 12.5.6. Nothing is ever followed: a link is words and a place.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as pdfium

from assessor_desk.artifacts.pages import PageField, PageLink, PageNote, Rect
from assessor_desk.artifacts.reading.pdf_text import Placing, box_of

_KINDS = {
    pdfium.FPDF_ANNOT_TEXT: "Note",
    pdfium.FPDF_ANNOT_FREETEXT: "Words",
    pdfium.FPDF_ANNOT_LINE: "Line",
    pdfium.FPDF_ANNOT_SQUARE: "Frame",
    pdfium.FPDF_ANNOT_CIRCLE: "Circle",
    pdfium.FPDF_ANNOT_POLYGON: "Shape",
    pdfium.FPDF_ANNOT_POLYLINE: "Line",
    pdfium.FPDF_ANNOT_HIGHLIGHT: "Highlight",
    pdfium.FPDF_ANNOT_UNDERLINE: "Underline",
    pdfium.FPDF_ANNOT_SQUIGGLY: "Wavy underline",
    pdfium.FPDF_ANNOT_STRIKEOUT: "Struck out",
    pdfium.FPDF_ANNOT_STAMP: "Stamp",
    pdfium.FPDF_ANNOT_CARET: "Insertion",
    pdfium.FPDF_ANNOT_INK: "Drawing",
    pdfium.FPDF_ANNOT_FILEATTACHMENT: "Attached file",
    pdfium.FPDF_ANNOT_SOUND: "Sound",
    pdfium.FPDF_ANNOT_REDACT: "To be blacked out",
}
_MARKUPS = {
    pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE,
    pdfium.FPDF_ANNOT_SQUIGGLY,
    pdfium.FPDF_ANNOT_STRIKEOUT,
}
_CHECKED = {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}
_HIDDEN = 0b10
_MOST = 500
"""Annotations, fields or links of one page; the rest is not told."""

_LONGEST = 8_000


class PageNotes:
    """Reads the annotations of one page. Boxes are fractions of the page as shown.

    `read` gives the page's characters; it is called only where an annotation lies on words, since it takes longest.
    """

    def __init__(
        self, number: int, page: Any, form: Any, place: Placing, read: Callable[[], Any] | None = None
    ) -> None:
        self._number, self._page, self._form = number, page, form
        self._place, self._read = place, read

    def notes(self) -> list[PageNote]:
        """The author's own annotations with what they say; windows that merely show another's words are left out."""
        found = []
        for annotation in self._annotations():
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            if kind in _KINDS and not pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
                author, words = (_annotation_text(annotation, key) for key in (b"T", b"Contents"))
                box = self._box(annotation)
                quoted = self._quoted(annotation) if kind in _MARKUPS else ""
                found.append(PageNote(self._number, _KINDS[kind], author, words, quoted, box))
        return found

    def fields(self) -> list[PageField]:
        """The fields of a form with what was filled in."""
        found = []
        for annotation in self._annotations() if self._form else ():
            if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET:
                kind = pdfium.FPDFAnnot_GetFormFieldType(self._form, annotation)
                if kind in (pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE):
                    continue
                name = self._form_text(pdfium.FPDFAnnot_GetFormFieldAlternateName, annotation)
                name = name or self._form_text(pdfium.FPDFAnnot_GetFormFieldName, annotation)
                value = self._form_text(pdfium.FPDFAnnot_GetFormFieldValue, annotation)
                if kind in _CHECKED:
                    value = "yes" if pdfium.FPDFAnnot_IsChecked(self._form, annotation) else "no"
                found.append(PageField(name, value, self._box(annotation)))
        return found

    def links(self, document: Any) -> list[PageLink]:
        """Links with where they lead: an address, or a page of this document."""
        found: list[PageLink] = []
        at, link = ctypes.c_int(0), pdfium.FPDF_LINK()
        rect = pdfium.FS_RECTF()
        while len(found) < _MOST and pdfium.FPDFLink_Enumerate(self._page, at, link):
            if pdfium.FPDFLink_GetAnnotRect(link, rect):
                address, page = _target(document, link)
                found.append(PageLink(Rect(*box_of(rect, self._place)), address, page))
        return found + self._written_links()

    def _written_links(self) -> list[PageLink]:
        """Addresses that stand in the words, which other programs make into links."""
        found = []
        if self._read is None:
            return []
        links = pdfium.FPDFLink_LoadWebLinks(self._read())
        for place in range(min(_MOST, max(0, pdfium.FPDFLink_CountWebLinks(links)))):
            address = _utf16(lambda buffer, length, n=place: pdfium.FPDFLink_GetURL(links, n, buffer, length))
            for part in range(min(8, pdfium.FPDFLink_CountRects(links, place))):
                sides = [ctypes.c_double() for _ in range(4)]
                if pdfium.FPDFLink_GetRect(links, place, part, *sides):
                    left, top, right, bottom = (side.value for side in sides)
                    found.append(
                        PageLink(Rect(*_between(self._place, left, bottom, right, top)), address, None)
                    )
        pdfium.FPDFLink_CloseWebLinks(links)
        return found

    def _annotations(self) -> Any:
        for place in range(min(_MOST, max(0, pdfium.FPDFPage_GetAnnotCount(self._page)))):
            annotation = pdfium.FPDFPage_GetAnnot(self._page, place)
            if annotation:
                try:
                    yield annotation
                finally:
                    pdfium.FPDFPage_CloseAnnot(annotation)

    def _box(self, annotation: Any) -> Rect:
        rect = pdfium.FS_RECTF()
        pdfium.FPDFAnnot_GetRect(annotation, rect)
        return Rect(*box_of(rect, self._place))

    def _quoted(self, annotation: Any) -> str:
        """The words that are highlighted or struck out."""
        if self._read is None:
            return ""
        characters = self._read()
        words, quad = [], pdfium.FS_QUADPOINTSF()
        for place in range(min(40, pdfium.FPDFAnnot_CountAttachmentPoints(annotation))):
            if pdfium.FPDFAnnot_GetAttachmentPoints(annotation, place, quad):
                across, up = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
                edge = 0.2 * (max(up) - min(up))  # the lines above and below often reach a little into it
                bounds = min(across), min(up) + edge, max(across), max(up) - edge
                words.append(characters.get_text_bounded(*bounds) or "")
        return " ".join(" ".join(words).split())[:_LONGEST]

    def _form_text(self, read: Any, annotation: Any) -> str:
        return _utf16(lambda buffer, length: read(self._form, annotation, buffer, length), in_bytes=True)


def labels(document: Any) -> list[str]:
    """What the document calls its pages (`iv`, `A-3`); empty where they are merely counted."""
    named = [document.get_page_label(page) for page in range(len(document))]
    plain = all(label in ("", str(page)) for page, label in enumerate(named, start=1))
    return [] if plain else [label[:40] for label in named]


def _target(document: Any, link: Any) -> tuple[str, int | None]:
    """An address, or a page of this document from 0; neither where the link does something else."""
    action = pdfium.FPDFLink_GetAction(link)
    target = pdfium.FPDFLink_GetDest(document, link)
    if action and not target:
        target = pdfium.FPDFAction_GetDest(document, action)
        length = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        if 1 < length <= _LONGEST:
            buffer = ctypes.create_string_buffer(length)
            pdfium.FPDFAction_GetURIPath(document, action, buffer, length)
            return buffer.value.decode("utf-8", "replace"), None
    page = pdfium.FPDFDest_GetDestPageIndex(document, target) if target else -1
    return "", page if page >= 0 else None


def _annotation_text(annotation: Any, key: bytes) -> str:
    return _utf16(
        lambda buffer, length: pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, length), in_bytes=True
    )


def _utf16(read: Any, in_bytes: bool = False) -> str:
    """Text that PDFium gives in two calls: how long, then what. Lengths count its end, in units unless `in_bytes`."""
    length = read(None, 0)
    size = length if in_bytes else 2 * length
    if not 2 < size <= 4 * _LONGEST:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    read(buffer, length)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").strip("\0").strip()[:_LONGEST]


def _between(place: Placing, left: float, bottom: float, right: float, top: float) -> tuple[float, ...]:
    (x0, y0), (x1, y1) = place(left, bottom), place(right, top)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
