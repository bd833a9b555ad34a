"""Pieces of Word documents: pages, real headings, table headers, languages and directions, running lines.

What python-docx leaves out is written as Office Open XML (ECMA-376) says, in the order its schema asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.programme_look import SVG, Logo, ProgrammeLook

from .typesetting import drawing_as_png

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

INK, QUIET, LINE = "1E2227", "565C64", "DAD6CC"
STANDING = {"passing": "1B6340", "below": "7A4F00", "unscored": QUIET}
RIGHT_TO_LEFT = re.compile(r"[\W\d_]*[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF]")
HEBREW = re.compile(r"[\W\d_]*[\u0590-\u05FF\uFB1D-\uFB4F]")
SIZES = {"Normal": 10.0, "Heading 1": 20.0, "Heading 2": 13.0, "Heading 3": 10.5}
LOGO_HEIGHT = 26
#: Width and height in inches.
PAPERS = {"letter": (8.5, 11.0), "a4": (8.27, 11.69)}
SIDE_MARGIN, HEAD_MARGIN = 56, 66


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of itself. `date` is ISO 8601; `running` and `foot` stand on every page.

    `sizes` are those of styles, in points. With `own_letterhead` the first page has no running line.
    """

    title: str
    author: str
    date: str
    running: str
    foot: str
    paper: str = "letter"
    sizes: Mapping[str, float] = field(default_factory=lambda: SIZES)
    own_letterhead: bool = False


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
    _styles(document, about.sizes)
    _running(section, about)
    return document


def add_letterhead(document: Document, programme: str, running: str, look: ProgrammeLook) -> None:
    """The first page's head: logo, programme, and what runs on above the pages after it."""
    from docx.shared import Pt

    named, below = document.add_paragraph(), document.add_paragraph()
    if look.logo:
        add_picture(named, _as_png(look.logo), look.logo.alternative, LOGO_HEIGHT)
        add_run(named, "  ")
    add_run(named, programme, bold=True, size=10.5)
    named.paragraph_format.space_after = Pt(2)
    add_run(below, running, colour=QUIET, size=9)
    below.paragraph_format.space_after = Pt(12)
    add_borders(below, "bottom", space=6)


def _as_png(logo: Logo) -> bytes:
    if logo.media_type != SVG:
        return logo.content
    return drawing_as_png(logo.content.decode("utf-8"), LOGO_HEIGHT)


def saved(document: Document) -> bytes:
    """The document as a file's bytes."""
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _styles(document: Document, sizes: Mapping[str, float]) -> None:
    from docx.shared import Pt

    for name, size in sizes.items():
        style: Any = document.styles[name]
        style.font.size, style.font.bold = Pt(size), name != "Normal"
        _font(style)
        style.paragraph_format.space_before = Pt(0 if name == "Normal" else size)
        style.paragraph_format.space_after = Pt(5)


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
    header = section.header.paragraphs[0]
    add_run(header, about.author, bold=True, size=9)
    add_run(header, f"   {about.running}", colour=QUIET, size=9)
    _foot(section.footer.paragraphs[0], about.foot)
    if about.own_letterhead:
        section.different_first_page_header_footer = True
        _foot(section.first_page_footer.paragraphs[0], about.foot)


def _foot(footer: Paragraph, words: str) -> None:
    add_run(footer, f"{words} · page ", colour=QUIET, size=8)
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
        added = table.add_row()
        keep_together(added)
        for cell, text in zip(added.cells, row, strict=True):
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


def new_numbering(document: Document, style: str = "List Number") -> int:
    """The number of a fresh sequence in that list style: its first entry is 1 again."""
    numbering = document.part.numbering_part.element
    styled = document.styles[style].element.pPr.numPr.numId.val
    abstract = numbering.num_having_numId(styled).abstractNumId.val
    fresh = numbering.add_num(abstract)
    fresh.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(fresh.numId)


def set_numbering(paragraph: Paragraph, number: int) -> None:
    """Put a list paragraph into a sequence of `new_numbering`."""
    numbered = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    numbered.get_or_add_ilvl().val = 0
    numbered.get_or_add_numId().val = number


def keep_together(row: Any) -> None:
    """Move a table's row to the next page rather than break it."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def add_borders(paragraph: Paragraph, *sides: str, colour: str = LINE, size: int = 4, space: int = 4) -> None:
    """Lines around a paragraph (top, left, bottom, right); `size` in eighths of a point, `space` in points."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("space", str(space)), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    after = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:bidi", "w:spacing", "w:ind", "w:jc", "w:rPr")
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *after)


def add_picture(paragraph: Paragraph, picture: bytes, alternative: str, height: float) -> None:
    """A picture in a line, `height` points high, with the words that stand for it."""
    from docx.shared import Pt

    drawn = paragraph.add_run().add_picture(BytesIO(picture), height=Pt(height))
    drawn._inline.docPr.set("descr", alternative)
    for side in "TBLR":  # where it is not said, LibreOffice keeps an eighth of an inch
        drawn._inline.set(f"dist{side}", "0")


def add_drawing(paragraph: Paragraph, picture: bytes, alternative: str, width: float) -> None:
    """A picture of its own, `width` inches wide, with the words that stand for it."""
    from docx.shared import Inches

    drawn = paragraph.add_run().add_picture(BytesIO(picture), width=Inches(width))
    drawn._inline.docPr.set("descr", alternative)


def set_right_aligned(cell: Any) -> None:
    """Numbers one below the other, in cells of a table."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for paragraph in cell.paragraphs:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def set_language(run: Any, language: str) -> None:
    """Say which language (BCP 47) a run is in."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = run._r.get_or_add_rPr()
    found = properties.find(qn("w:lang"))
    if found is None:
        found = OxmlElement("w:lang")
        properties.append(found)
    found.set(qn("w:val"), language)


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
        set_right_to_left(paragraph)
        run.font.rtl, run.font.cs_bold = True, bold or None
        run._r.rPr.append(_complex_script("he-IL" if HEBREW.match(words) else "ar-SA"))
    return run


def set_right_to_left(paragraph: Paragraph) -> None:
    """Lay a paragraph out from the right."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = paragraph._p.get_or_add_pPr()
    if properties.find(qn("w:bidi")) is None:
        after = (
            "w:adjustRightInd",
            "w:snapToGrid",
            "w:spacing",
            "w:ind",
            "w:contextualSpacing",
            "w:jc",
            "w:rPr",
        )
        properties.insert_element_before(OxmlElement("w:bidi"), *after)


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
