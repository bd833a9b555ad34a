"""Notes as real Word comments (ECMA-376 part 1, 17.13.4) in a copy of the educator's document.

Runs are split where a quotation begins and ends, so that a comment covers its words and no more: across runs and
paragraphs, in tables, lists and links. What was commented before is kept.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.run import Run
from lxml import etree

from assessor_desk.artifacts.annotating.markings import AUTHOR, Annotated, Marking, not_found
from assessor_desk.artifacts.packages import doctype_faults, package_faults
from assessor_desk.artifacts.reading.xml_package import FAULTS
from assessor_desk.domain.anchor import TextQuote, Whole
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.quotation import SOFT_HYPHEN, Quotable

_TEXT, _RUN, _PARAGRAPH = qn("w:t"), qn("w:r"), qn("w:p")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SIGNS = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "\u2011",
    qn("w:softHyphen"): SOFT_HYPHEN,
}
#: Not part of the text as one reads it, or where Word allows no comment (text boxes).
_PASSED_OVER = {
    qn("w:del"),
    qn("w:moveFrom"),
    qn("w:pPr"),
    qn("w:rPr"),
    qn("w:drawing"),
    qn("w:pict"),
    qn("w:object"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent",
}
_SIGNATURES = "_xmlsignatures/"


def commented_docx(data: bytes, name: str, markings: Sequence[Marking], at: datetime) -> Annotated:
    """A copy of a Word document with these notes as comments, dated `at`.

    Raises Refused for one that is signed or would exhaust the memory, Damaged for one that cannot be read.
    """
    _refuse(data, name)
    try:
        document = docx.Document(io.BytesIO(data))
        writing = _Writing(document, at)
        for marking in markings:
            writing.add(marking)
        target = io.BytesIO()
        document.save(target)
    except (*FAULTS, OpcError) as error:
        raise Damaged(
            f"“{name}” cannot be read as a Word document; notes cannot be written into it. Send them as documents"
        ) from error
    return Annotated(target.getvalue(), tuple(writing.displaced))


def _refuse(data: bytes, name: str) -> None:
    faults = package_faults(io.BytesIO(data), name) or doctype_faults(io.BytesIO(data), name)
    if faults:
        raise Refused(faults[0])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if any(member.startswith(_SIGNATURES) for member in package.namelist()):
            raise Refused(
                f"“{name}” is signed, and notes in it would break its signature; send the notes as documents"
            )


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters of the document's text that stand in one `w:t`."""

    start: int
    element: Any

    @property
    def end(self) -> int:
        return self.start + len(self.element.text or "")


class _Writing:
    """Comments going into one document."""

    def __init__(self, document: Any, at: datetime) -> None:
        self.displaced: list[str] = []
        self._document = document
        self._body = document.element.body
        self._date = at.astimezone(UTC)
        self._text = Quotable("".join(characters for characters, _ in _read(self._body)))

    def add(self, marking: Marking) -> None:
        """Write one note at its words, or on the first paragraph, where one that found no place says so."""
        match marking.selector:
            case TextQuote() as quote:
                found = self._text.find(quote)
                if found is None or not (pieces := self._pieces(*found)):
                    self._displace(marking, "These words were not found in this file")
                else:
                    self._comment(*_runs(pieces, *found), marking.words)
            case Whole():
                self._comment_on_first(marking.words)
            case _:
                self._displace(marking, "A place that this file does not have")

    def _displace(self, marking: Marking, why: str) -> None:
        self.displaced.append(marking.id)
        self._comment_on_first(not_found(marking, why))

    def _pieces(self, start: int, end: int) -> list[_Piece]:
        """The pieces with any character from `start` up to `end`."""
        return [one for one in self._all_pieces() if one.start < end and one.end > start]

    def _all_pieces(self) -> Iterator[_Piece]:
        place = 0
        for characters, element in _read(self._body):
            if element is not None:
                yield _Piece(place, element)
            place += len(characters)

    def _comment_on_first(self, words: str) -> None:
        paragraph = next(iter(_paragraphs(self._body)), None)
        if paragraph is None:
            paragraph = self._document.add_paragraph()._p
        runs = [*paragraph.iterchildren(_RUN)]
        if not runs:
            runs = [OxmlElement("w:r")]
            paragraph.append(runs[0])
        self._comment(runs[0], runs[-1], words)

    def _comment(self, first: Any, last: Any, words: str) -> None:
        ends = [Run(one, None) for one in (first, last)]  # type: ignore[arg-type]
        written = self._document.add_comment(ends, words, AUTHOR, AUTHOR[0])
        written._comment_elm.date = self._date
        for paragraph in written.paragraphs:
            if _right_to_left(paragraph.text):
                paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
                for run in paragraph.runs:
                    run.font.rtl = True


def _read(body: Any) -> Iterator[tuple[str, Any]]:
    """The text as one reads it, bit by bit, each with the `w:t` it stands in, None where it stands in none."""
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            if element.tag == _PARAGRAPH:
                yield "\n", None
        elif element.tag in _PASSED_OVER:
            walk.skip_subtree()
        elif element.tag == _TEXT and element.getparent().tag == _RUN:
            yield element.text or "", element
        elif element.tag in _SIGNS:
            yield _SIGNS[element.tag], None


def _paragraphs(body: Any) -> Iterator[Any]:
    walk = etree.iterwalk(body, events=("start",))
    for _, element in walk:
        if element.tag in _PASSED_OVER:
            walk.skip_subtree()
        elif element.tag == _PARAGRAPH:
            yield element


def _runs(pieces: Sequence[_Piece], start: int, end: int) -> tuple[Any, Any]:
    """The first and the last run of the words from `start` up to `end`, cut out of what stands around them."""
    first, last = pieces[0], pieces[-1]
    _cut(last.element, min(end, last.end) - last.start)
    beginning = _cut(first.element, max(start, first.start) - first.start)
    ending = beginning if last is first else last.element
    return beginning.getparent(), ending.getparent()


def _cut(text: Any, place: int) -> Any:
    """Cut a run in two at a character of one of its texts; the text that begins there, in a run of its own.

    Nothing is cut where the run begins there, or ends there: the text itself is then the answer.
    """
    run, words = text.getparent(), text.text or ""
    before = [one for one in text.itersiblings(preceding=True) if one.tag != qn("w:rPr")]
    after = [*text.itersiblings()]
    if (place == 0 and not before) or (place == len(words) and not after):
        return text
    second = OxmlElement("w:r")
    second.attrib.update(run.attrib)
    if (look := run.find(qn("w:rPr"))) is not None:
        second.append(deepcopy(look))
    rest = OxmlElement("w:t")
    second.append(rest)
    second.extend(after)
    for element, kept in ((text, words[:place]), (rest, words[place:])):
        element.text = kept
        element.set(_SPACE, "preserve")
    run.addnext(second)
    return rest


def _right_to_left(words: str) -> bool:
    """Whether the first letter with a direction is one of a script written from the right."""
    directions = (unicodedata.bidirectional(one) for one in words)
    return next((one for one in directions if one in ("L", "R", "AL")), "L") != "L"
