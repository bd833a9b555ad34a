"""The record as DOCX: real headings, table headers, language and direction, the same words as the PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .content import CriterionPart, Point, RecordContent
from .letters import legible

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

INK, QUIET, ACCENT, LINE = "1E2227", "565C64", "1D5A9E", "DAD6CC"
STANDING = {"passing": "1B6340", "below": "7A4F00", "unscored": QUIET}
RIGHT_TO_LEFT = re.compile(r"[\W\d_]*[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF]")


def record_docx(content: RecordContent) -> bytes:
    """The record as a Word document."""
    content = legible(content)
    document = _new_document(content)
    _opening(document, content)
    _feedback(document, content)
    if content.criteria:
        _criteria_table(document, content.criteria)
    for criterion in content.criteria:
        _criterion(document, criterion)
    _closing(document, content)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _new_document(content: RecordContent) -> Document:
    import docx
    from docx.shared import Inches, Pt

    document: Document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.language = content.title, content.programme, "en-US"
    properties.created = properties.modified = datetime.fromisoformat(content.date).replace(tzinfo=None)
    properties.last_modified_by, properties.comments = content.programme, ""
    section = document.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = Pt(56)
    section.top_margin = section.bottom_margin = Pt(66)
    _styles(document)
    _running(section, content)
    return document


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


def _running(section: Any, content: RecordContent) -> None:
    header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
    _run(header, content.programme, bold=True, size=9)
    _run(header, f"   {content.running}", colour=QUIET, size=9)
    _run(footer, f"{content.foot} · page ", colour=QUIET, size=8)
    _field(footer, "PAGE")
    _run(footer, " of ", colour=QUIET, size=8)
    _field(footer, "NUMPAGES")


def _field(paragraph: Paragraph, instruction: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    simple = OxmlElement("w:fldSimple")
    simple.set(qn("w:instr"), instruction)
    run = _run(paragraph, "1", colour=QUIET, size=8)
    simple.append(run._r)
    paragraph._p.append(simple)


def _opening(document: Document, content: RecordContent) -> None:
    _run(document.add_paragraph(), content.micro_credential, colour=QUIET)
    document.add_paragraph(content.headline, style="Title")
    for paragraph in content.lead:
        document.add_paragraph(paragraph)
    if content.sample:
        _run(document.add_paragraph(), content.sample_notice, colour=STANDING["below"], bold=True)
    if content.reasons:
        document.add_heading("What is missing", 1)
        _bullets(document, content.reasons)


def _feedback(document: Document, content: RecordContent) -> None:
    document.add_heading("Overall feedback", 1)
    _own_words(document, content.overall)
    _points(document, "What is strong", content.strengths, "List Bullet")
    _points(document, "Next steps", content.next_steps, "List Number")
    _points(document, "Extensions", content.extensions, "List Bullet")


def _points(document: Document, title: str, points: Sequence[Point], style: str) -> None:
    if not points:
        return
    document.add_heading(title, 1)
    for point in points:
        paragraph = document.add_paragraph(style=style)
        _run(paragraph, f"{point.title}. ", bold=True)
        _words(paragraph, point.text)
        if point.would_show:
            _run(paragraph, " What would show it: ", colour=QUIET)
            _words(paragraph, point.would_show, colour=QUIET)
        if point.evidence:
            _run(paragraph, f" {' · '.join(point.evidence)}", colour=ACCENT)


def _criteria_table(document: Document, criteria: Sequence[CriterionPart]) -> None:
    document.add_heading("Criterion by criterion", 1)
    heads = ("Criterion", "Level", "What the rubric says at this level", "Evidence")
    table = _table(document, heads, (1.7, 1.25, 2.6, 1.35))
    for criterion in criteria:
        cells = table.add_row().cells
        _run(cells[0].paragraphs[0], f"{criterion.number} {criterion.title}")
        _run(cells[1].paragraphs[0], criterion.level, bold=True, colour=STANDING[criterion.standing])
        _words(cells[2].paragraphs[0], criterion.descriptor)
        _run(cells[3].paragraphs[0], "\n".join(criterion.cited) or criterion.no_evidence, colour=ACCENT)


def _criterion(document: Document, criterion: CriterionPart) -> None:
    document.add_heading(f"{criterion.number}. {criterion.title}", 1)
    standing = document.add_paragraph()
    _run(standing, criterion.level, bold=True, colour=STANDING[criterion.standing])
    _run(standing, f"  {criterion.standing_words}", colour=QUIET)
    _own_words(document, criterion.descriptor)
    _part(document, "Rationale", criterion.rationale)
    _seen(document, criterion)
    _part(document, "Strength", criterion.strength)
    _part(document, "Next step", criterion.next_step)
    _part(document, "Evidence that would show it", criterion.would_show)
    _part(document, "Extension", criterion.extension)
    _part(document, "At the next level", criterion.next_level)


def _seen(document: Document, criterion: CriterionPart) -> None:
    if not (criterion.evidence or criterion.no_evidence):
        return
    document.add_heading("Evidence", 2)
    if not criterion.evidence:
        _run(document.add_paragraph(), criterion.no_evidence.capitalize(), colour=QUIET)
    for place, note in zip(criterion.evidence, criterion.seen, strict=True):
        paragraph = document.add_paragraph(style="List Bullet")
        _run(paragraph, place, colour=ACCENT)
        if note:
            _words(paragraph, f"  {note}")


def _part(document: Document, title: str, words: str) -> None:
    if words.strip():
        document.add_heading(title, 2)
        _own_words(document, words)


def _closing(document: Document, content: RecordContent) -> None:
    if content.checks:
        document.add_heading("Checks kept, with the reason", 1)
        for check in content.checks:
            paragraph = document.add_paragraph()
            _run(paragraph, f"{check.title}. ", bold=True)
            _words(paragraph, check.sentence)
            _run(paragraph, " Kept because: ", colour=QUIET)
            _words(paragraph, check.reason)
    if content.attestations:
        document.add_heading("Attested by the signer", 1)
        _bullets(document, content.attestations)
    document.add_heading("What was looked at", 1)
    rows = [(line.part, line.label, line.address) for line in content.artifacts]
    _rows(_table(document, ("Part", "Artifact", "SHA-256, or the link"), (0.9, 2.3, 3.7)), rows)
    document.add_heading("About this record", 1)
    _rows(
        _table(document, ("What", "As stated by the signer"), (1.6, 5.3)),
        [(d.label, " ".join(filter(None, (d.value, d.digest)))) for d in content.details],
    )
    document.add_heading("How to check it", 1)
    for paragraph_text in content.how_to_check:
        document.add_paragraph(paragraph_text)


def _rows(table: Any, rows: Iterable[Sequence[str]]) -> None:
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            _words(cell.paragraphs[0], words, size=8.5)


def _bullets(document: Document, lines: Iterable[str]) -> None:
    for line in lines:
        _words(document.add_paragraph(style="List Bullet"), line)


def _table(document: Document, heads: Sequence[str], widths: Sequence[float]) -> Any:
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
        _run(cell.paragraphs[0], head, bold=True, colour=QUIET, size=9)
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


def _own_words(document: Document, words: str) -> None:
    for line in words.splitlines():
        if line.strip():
            _words(document.add_paragraph(), line)


def _words(paragraph: Paragraph, words: str, colour: str = INK, size: float | None = None) -> None:
    """A person's words, right to left where their first letter is."""
    run = _run(paragraph, words, colour=colour, size=size)
    if RIGHT_TO_LEFT.match(words):
        from docx.oxml import OxmlElement

        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
        run.font.rtl = True


def _run(
    paragraph: Paragraph, words: str, *, bold: bool = False, colour: str = INK, size: float | None = None
) -> Any:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(words)
    run.bold = bold or None
    run.font.color.rgb = RGBColor.from_string(colour)
    if size:
        run.font.size = Pt(size)
    return run
