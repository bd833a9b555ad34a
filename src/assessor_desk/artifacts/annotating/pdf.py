"""Notes as real PDF annotations (ISO 32000-2, 12.5) in a copy of the educator's PDF.

Words are highlighted, boxes framed, notes on a page or on the whole stand at its upper right. Each annotation has its
own appearance, so that every reader shows the same, and stays editable. What was annotated before is kept. The copy is
written anew as a whole, so nothing remains of it that the educator had deleted.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from assessor_desk.artifacts.annotating.appearance import (
    AMBER,
    Drawing,
    frame_drawing,
    highlight_drawing,
    note_drawing,
)
from assessor_desk.artifacts.annotating.geometry import NOTE_SIDE, PageShape, Quad
from assessor_desk.artifacts.annotating.markings import AUTHOR, SUBJECT, Annotated, Marking, not_found
from assessor_desk.artifacts.pages import Rect
from assessor_desk.artifacts.reading.pdf import PdfReading
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.anchor import Box, PageRegion, TextQuote, Whole
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.page_ends import Part, parts_of

_PRINTED = 4
"""Flags of an annotation: printed with its page (ISO 32000-2, table 167)."""


def annotated_pdf(data: bytes, name: str, markings: Sequence[Marking], at: datetime) -> Annotated:
    """A copy of a PDF with these notes, dated `at`.

    Raises Refused for one that is locked, signed, or forbids it, and Damaged for one that cannot be read.
    """
    reading = PdfReading(Source(io.BytesIO(data), name))  # type: ignore[arg-type]
    try:
        with _opened(data, name) as document:
            writing = _Writing(document, reading, at)
            for marking in markings:
                writing.add(marking)
            return Annotated(_saved(document), tuple(writing.displaced))
    except (pikepdf.PdfError, ValueError, TypeError) as error:
        raise Damaged(
            f"“{name}” is damaged; notes cannot be written into it. Send them as documents"
        ) from error
    finally:
        reading.close()


def _opened(data: bytes, name: str) -> Pdf:
    try:
        document = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError as error:
        raise Refused(f"“{name}” is locked with a password; send the notes as documents") from error
    if not document.allow.modify_annotation:
        document.close()
        raise Refused(f"“{name}” does not permit notes to be added; send the notes as documents")
    if _signed(document):
        document.close()
        raise Refused(
            f"“{name}” is signed, and notes in it would break its signature; send the notes as documents"
        )
    return document


def _signed(document: Pdf) -> bool:
    """Whether a signature is filled in: a field for one that nobody signed yet loses nothing."""
    if Name.DocMDP in document.Root.get(Name.Perms, Dictionary()):
        return True
    fields = list(document.Root.get(Name.AcroForm, Dictionary()).get(Name.Fields, []))
    seen = 0
    while fields and seen < 10_000:
        field, seen = fields.pop(), seen + 1
        if not isinstance(field, Dictionary):
            continue
        if field.get(Name.FT) == Name.Sig and Name.V in field:
            return True
        fields.extend(field.get(Name.Kids, []))
    return False


def _saved(document: Pdf) -> bytes:
    """What was encrypted without a password to open it stays so; the educator's metadata are not touched."""
    target = io.BytesIO()
    document.save(target, encryption=document.is_encrypted, fix_metadata_version=False)
    return target.getvalue()


class _Writing:
    """Annotations going into one document. Pages count from 0 here, from 1 in anchors."""

    def __init__(self, document: Pdf, reading: PdfReading, at: datetime) -> None:
        self.displaced: list[str] = []
        self._document = document
        self._reading = reading
        self._date = String(f"D:{at.astimezone(UTC):%Y%m%d%H%M%S}Z")
        self._notes_on: Counter[int] = Counter()
        self._last_page = len(document.pages) - 1

    def add(self, marking: Marking) -> None:
        """Write one note where it belongs, or where it can be read and says so."""
        match marking.selector:
            case TextQuote() as quote:
                self._add_quote(marking, quote)
            case PageRegion(page) if page - 1 > self._last_page:
                self._displace(marking, self._last_page, f"This file has no page {page}")
            case PageRegion(page, Box() as box):
                self._frame(marking, page - 1, box)
            case PageRegion(page):
                self._note(marking, page - 1, marking.words)
            case Whole():
                self._note(marking, 0, marking.words)
            case _:
                self._displace(marking, 0, "A place that this file does not have")

    def _add_quote(self, marking: Marking, quote: TextQuote) -> None:
        for page in self._pages_of(quote):
            parts = parts_of(quote, page, self._last_page + 1, lambda number: self._reading.text(number).text)
            drawn = [(one.page, self._quads(one)) for one in parts or ()]
            for number, quads in drawn:
                if quads:
                    self._highlight(marking, number, quads)
            if any(quads for _, quads in drawn):
                return
        page = min((quote.page or 1) - 1, self._last_page)
        where = "on this page" if quote.page else "in this file"
        self._displace(marking, page, f"These words were not found {where}")

    def _quads(self, part: Part) -> Sequence[Quad]:
        return self._shape(part.page).quads(self._reading.text(part.page), part.start, part.end)

    def _pages_of(self, quote: TextQuote) -> range:
        if quote.page is None:
            return range(self._last_page + 1)
        return range(quote.page - 1, min(quote.page, self._last_page + 1))

    def _displace(self, marking: Marking, page: int, why: str) -> None:
        self.displaced.append(marking.id)
        self._note(marking, page, not_found(marking, why))

    def _highlight(self, marking: Marking, page: int, quads: Sequence[Quad]) -> None:
        added = self._added(page, Name.Highlight, marking, marking.words, highlight_drawing(quads))
        added.QuadPoints = Array([number for quad in quads for point in quad for number in point])

    def _frame(self, marking: Marking, page: int, box: Box) -> None:
        area = Rect(box.x / 100, box.y / 100, (box.x + box.width) / 100, (box.y + box.height) / 100)
        drawing = frame_drawing(self._shape(page).quad(area))
        added = self._added(page, Name.Square, marking, marking.words, drawing)
        added.BS = Dictionary(W=1.5, S=Name.S)

    def _note(self, marking: Marking, page: int, words: str) -> None:
        corner = self._shape(page).note_corner(self._notes_on[page])
        self._notes_on[page] += 1
        added = self._added(page, Name.Text, marking, words, note_drawing(corner, NOTE_SIDE))
        added.Name, added.Open = Name.Comment, False

    def _shape(self, page: int) -> PageShape:
        return PageShape(self._reading.placing(page))

    def _added(self, page: int, subtype: Name, marking: Marking, words: str, drawing: Drawing) -> Any:
        """One annotation with its appearance and the window in which older readers show its words."""
        annotation = self._document.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=subtype,
                Rect=Array(drawing.area),
                Contents=String(words),
                T=String(AUTHOR),
                Subj=String(SUBJECT),
                NM=String(f"note-{marking.id}"),
                CreationDate=self._date,
                M=self._date,
                C=Array(AMBER),
                F=_PRINTED,
                P=self._document.pages[page].obj,
                AP=Dictionary(N=self._appearance(drawing)),
            )
        )
        window = self._document.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Popup, Rect=self._beside(page), Parent=annotation, Open=False
            )
        )
        annotation.Popup = window
        owner = self._document.pages[page].obj
        owner.Annots = Array([*_listed(owner), annotation, window])
        return annotation

    def _beside(self, page: int) -> Array:
        shape = self._shape(page)
        return Array(shape.area(shape.window_place()))

    def _appearance(self, drawing: Drawing) -> Any:
        return self._document.make_stream(
            drawing.operators,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array(drawing.box),
            Resources=Dictionary(ExtGState=Dictionary(G=Dictionary(BM=Name(drawing.blend)))),
        )


def _listed(page: Any) -> list[Any]:
    """A page's annotations; readers show none where the entry is something else than a list."""
    before = page.get(Name.Annots)
    return list(before) if isinstance(before, Array) else []
