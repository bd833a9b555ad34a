"""Pieces of Word documents: pages, real headings, table headers, languages and directions, running lines.

What python-docx leaves out is written as Office Open XML (ECMA-376) says, in the order its schema asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

INK, QUIET, ACCENT, LINE = "1E2227", "565C64", "1D5A9E", "DAD6CC"
STANDING = {"passing": "1B6340", "below": "7A4F00", "unscored": QUIET}
RIGHT_TO_LEFT = re.compile(r"[\W\d_]*[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF]")
HEBREW = re.compile(r"[\W\d_]*[\u0590-\u05FF\uFB1D-\uFB4F]")
#: Width and height in inches.
PAPERS = {"letter": (8.5, 11.0), "a4": (8.27, 11.69)}
SIDE_MARGIN, HEAD_MARGIN = 56, 66


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of itself. `date` is ISO 8601; `running` and `foot` stand on every page."""

    title: str
    author: str
    date: str
    running: str
    foot: str
    paper: str = "letter"


def new_document(about: About) -> Document:
    """An empty document with its styles, properties and running lines."""
    import docx
    from docx.shared import Inches, Pt

    document: Document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.language = about.title, about.author, "en-US"
    properties.created = properties.modified = datetime.fromisoformat(about.date).replace(tzinfo=None)
    properties.last_modified_by, properties.comments = about.author, ""
    section = document.sections[0]
    width, height = PAPERS[about.paper]
    section.page_width, section.page_height = Inches(width), Inches(height)
    section.left_margin = section.right_margin = Pt(SIDE_MARGIN)
    section.top_margin = section.bottom_margin = Pt(HEAD_MARGIN)
    _styles(document)
    _running(section, about)
    return document


def saved(document: Document) -> bytes:
    """The document as a file's bytes."""
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _styles(document: Document) -> None:
    from docx.shared import Pt

    sizes = {"Normal": (10, False), "Title": (20, True), "Heading 1": (13, True), "Heading 2": (10.5, True)}
    for name, (size, bold) in sizes.items():
        style: Any = document.styles[name]
        style.font.size, style.font.bold = Pt(size), bold
        _font(style)
        style.paragraph_format.space_before = Pt(0 if name in ("Normal", "Title") else size)
        style.paragraph_format.space_after = Pt(5)
    _plain_title(document.styles["Title"])


def _plain_title(style: Any) -> None:
    """Word's title has a rule under it, and spread letters."""
    from docx.oxml.ns import qn

    for tag in ("w:pBdr", "w:spacing", "w:contextualSpacing"):
        for found in style.element.findall(f".//{qn(tag)}"):
            if tag != "w:spacing" or found.get(qn("w:val")) is not None:
                found.getparent().remove(found)


def _font(style: Any) -> None:
    """One family for all scripts (Word substitutes where it is missing), and a colour of our own."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name, style.font.color.rgb = "Inter", RGBColor.from_string(INK)
    fonts = style.element.rPr.rFonts
    for theme in [name for name in fonts.attrib if name.lower().endswith("theme")]:
        del fonts.attrib[theme]
    fonts.set(qn("w:cs"), "Noto Naskh Arabic")
    fonts.set(qn("w:eastAsia"), "Droid Sans Fallback")


def _running(section: Any, about: About) -> None:
    header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
    add_run(header, about.author, bold=True, size=9)
    add_run(header, f"   {about.running}", colour=QUIET, size=9)
    add_run(footer, f"{about.foot} · page ", colour=QUIET, size=8)
    _field(footer, "PAGE")
    add_run(footer, " of ", colour=QUIET, size=8)
    _field(footer, "NUMPAGES")


def _field(paragraph: Paragraph, instruction: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    simple = OxmlElement("w:fldSimple")
    simple.set(qn("w:instr"), instruction)
    simple.append(add_run(paragraph, "1", colour=QUIET, size=8)._r)
    paragraph._p.append(simple)


def add_bullets(document: Document, lines: Iterable[str]) -> None:
    """A list of people's words."""
    for line in lines:
        add_words(document.add_paragraph(style="List Bullet"), line)


def add_rows(table: Any, lines: Iterable[Sequence[str]]) -> None:
    """Rows of plain cells under a table's heading row."""
    for row in lines:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            add_words(cell.paragraphs[0], text, size=8.5)


def add_table(document: Document, heads: Sequence[str], widths: Sequence[float]) -> Any:
    """A table with hairlines under its rows and a heading row that screen readers know and pages repeat."""
    from docx.oxml import OxmlElement
    from docx.shared import Inches

    table = document.add_table(rows=1, cols=len(heads))
    table.autofit = False
    _hairlines(table)
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Inches(width)
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        add_run(cell.paragraphs[0], head, bold=True, colour=QUIET, size=9)
    return table


def _hairlines(table: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = table._tbl.tblPr
    after = {qn(f"w:{tag}") for tag in ("shd", "tblLayout", "tblCellMar", "tblLook")}
    following = next((one for one in properties if one.tag in after), None)
    if following is None:
        properties.append(borders)
    else:
        following.addprevious(borders)


def add_own_words(document: Document, text: str) -> None:
    """A person's words, a paragraph a line."""
    for line in text.splitlines():
        if line.strip():
            add_words(document.add_paragraph(), line)


def add_words(
    paragraph: Paragraph, words: str, *, bold: bool = False, colour: str = INK, size: float | None = None
) -> Any:
    """A person's words; the paragraph goes right to left where their first letter does."""
    run = add_run(paragraph, words, bold=bold, colour=colour, size=size)
    if RIGHT_TO_LEFT.match(words):
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        properties = paragraph._p.get_or_add_pPr()
        if properties.find(qn("w:bidi")) is None:
            properties.append(OxmlElement("w:bidi"))
        run.font.rtl = True
        run._r.rPr.append(_complex_script("he-IL" if HEBREW.match(words) else "ar-SA"))
    return run


def _complex_script(language: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:lang")
    element.set(qn("w:bidi"), language)
    return element


def add_run(
    paragraph: Paragraph, words: str, *, bold: bool = False, colour: str = INK, size: float | None = None
) -> Any:
    """Words of one look; sizes in points."""
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(words)
    run.bold = bold or None
    run.font.color.rgb = RGBColor.from_string(colour)
    if size:
        run.font.size = Pt(size)
    return run
