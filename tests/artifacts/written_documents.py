"""Documents as educators write them, made part by part, for tests of what is shown of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import RGBColor

_W = nsdecls("w")
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF = " ".join(
    f'xmlns:{prefix}="{_OFFICE}{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("draw", "drawing"),
        ("svg", "svg-compatible"),
        ("fo", "xsl-fo-compatible"),
        ("presentation", "presentation"),
    )
)
_XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_PPT = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


NAMES = " ".join(
    f'xmlns:{prefix}="http://schemas.openxmlformats.org/{path}"'
    for prefix, path in (
        ("w", "wordprocessingml/2006/main"),
        ("a", "drawingml/2006/main"),
        ("r", "officeDocument/2006/relationships"),
    )
)


def body(inside: str) -> str:
    """The main part of a Word document."""
    return f"<w:document {NAMES}><w:body>{inside}</w:body></w:document>"


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return target.getvalue()


def saved(document: Any) -> bytes:
    """What python-docx or openpyxl would write to a file."""
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def word(*paragraphs: Callable[[Any], object]) -> bytes:
    """A Word document; each function adds something to it."""
    document = docx.Document()
    for add in paragraphs:
        add(document)
    return saved(document)


def lesson(document: Any) -> None:
    """A lesson plan with what is easily lost of one."""
    document.sections[0].header.paragraphs[0].text = "Lakeside programme"
    document.add_heading("Fractions of a whole", 1)
    centred = document.add_paragraph("Every student answers")
    centred.alignment = WD_ALIGN_PARAGRAPH.CENTER
    coloured = document.add_paragraph().add_run("Prepared for the unit")
    coloured.font.color.rgb = RGBColor(0xC0, 0, 0)
    marked = document.add_paragraph().add_run("Success criterion")
    marked.font.highlight_color = WD_COLOR_INDEX.YELLOW
    for words in ("Compare fractions", "Explain with a number line"):
        document.add_paragraph(words, style="List Number")
    document.add_paragraph("A paragraph between.")
    document.add_paragraph("Write an exit ticket", style="List Number")
    document.add_paragraph("Whiteboards", style="List Bullet")
    document.add_paragraph("markers", style="List Bullet 2")
    activities(document)
    tracked(document)
    document.add_comment(marked, text="Changed after the visit.", author="Jane Roe", initials="JR")
    document.add_page_break()
    rtl = document.add_paragraph("הערכה מעצבת")
    rtl._p.get_or_add_pPr().append(parse_xml(f"<w:bidi {_W}/>"))


def activities(document: Any) -> None:
    """A table with cells merged both ways and one shaded."""
    table = document.add_table(3, 3)
    across = table.cell(0, 1).merge(table.cell(0, 2))
    across.text = "Pairs compare"
    down = table.cell(1, 0).merge(table.cell(2, 0))
    down.text = "10–25"
    shade = parse_xml(f'<w:shd {_W} w:val="clear" w:fill="1F4E79"/>')
    down._tc.get_or_add_tcPr().append(shade)


def tracked(document: Any) -> None:
    """A sentence with words taken out and others put in."""
    paragraph = document.add_paragraph("The ticket ")
    by = 'w:author="Jane Roe" w:date="2026-01-01T00:00:00Z"'
    for kind, tag, words in (("del", "delText", "was skipped"), ("ins", "t", "is read")):
        run = f'<w:r><w:{tag} xml:space="preserve">{words}</w:{tag}></w:r>'
        paragraph._p.append(parse_xml(f'<w:{kind} {_W} w:id="9" {by}>{run}</w:{kind}>'))
    paragraph.add_run(" at the door.")


def numbered(levels: str, *paragraphs: tuple[int, str], lists: str = "") -> bytes:
    """A Word document whose list is defined by these levels; paragraphs as level and words, list 7 unless `|`."""
    made = docx.Document()
    part = made.part.numbering_part.element
    part.insert(0, parse_xml(f'<w:abstractNum {_W} w:abstractNumId="77">{levels}</w:abstractNum>'))
    part.append(parse_xml(f'<w:num {_W} w:numId="7"><w:abstractNumId w:val="77"/></w:num>'))
    if lists:
        part.append(parse_xml(lists.replace("<w:num ", f"<w:num {_W} ", 1)))
    for level, words in paragraphs:
        number, _, said = words.rpartition("|")
        paragraph = made.add_paragraph(said)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {_W}><w:ilvl w:val="{level}"/><w:numId w:val="{number or 7}"/></w:numPr>')
        )
    return saved(made)


def level(which: int, style: str, text: str, more: str = "") -> str:
    """A level of a list."""
    return (
        f'<w:lvl w:ilvl="{which}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def open_text(body: str, styles: str = "", master: str = "") -> bytes:
    """An OpenDocument text."""
    return _open_document("text", body, styles, master)


def open_slides(body: str) -> bytes:
    """An OpenDocument presentation."""
    return _open_document("presentation", body)


def open_sheet(body: str) -> bytes:
    """An OpenDocument spreadsheet."""
    return _open_document("spreadsheet", body)


def _open_document(kind: str, body: str, styles: str = "", master: str = "") -> bytes:
    content = (
        f"<office:document-content {_ODF} {_XLINK}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": content,
            "styles.xml": f"<office:document-styles {_ODF}>{master}</office:document-styles>",
        }
    )


def slides(*trees: str, notes: str = "", hidden: int = 0) -> bytes:
    """A presentation of slides, each the shapes on it; `notes` are the first one's."""
    members: dict[str, str | bytes] = {}
    ids, relations = "", ""
    for place, tree in enumerate(trees, start=1):
        show = ' show="0"' if place == hidden else ""
        members[f"ppt/slides/slide{place}.xml"] = (
            f"<p:sld {_PPT}{show}><p:cSld><p:spTree>{tree}</p:spTree></p:cSld></p:sld>"
        )
        ids += f'<p:sldId id="{255 + place}" r:id="rId{place}"/>'
        relations += _relation(place, "slide", f"slides/slide{place}.xml")
    members["ppt/presentation.xml"] = (
        f"<p:presentation {_PPT}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
    )
    members["ppt/_rels/presentation.xml.rels"] = _relations(relations)
    if notes:
        body = shape(notes, kind="body")
        members["ppt/notesSlides/notesSlide1.xml"] = (
            f"<p:notes {_PPT}><p:cSld><p:spTree>{body}</p:spTree></p:cSld></p:notes>"
        )
        members["ppt/slides/_rels/slide1.xml.rels"] = _relations(
            _relation(9, "notesSlide", "../notesSlides/notesSlide1.xml")
        )
    return zipped(members)


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_KIND}{kind}" Target="{target}"/>'


def _relations(inside: str) -> str:
    return f'<Relationships xmlns="{_RELATIONS}">{inside}</Relationships>'


def shape(*paragraphs: str, kind: str = "", at: tuple[int, int] | None = None) -> str:
    """A shape with words; `kind` of placeholder; `at` left and top in pixels."""
    held = f'<p:ph type="{kind}"/>' if kind else ""
    lies = f'<a:xfrm><a:off x="{at[0] * 9525}" y="{at[1] * 9525}"/></a:xfrm>' if at else ""
    said = "".join(f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p>" for words in paragraphs)
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{held}</p:nvPr></p:nvSpPr><p:spPr>{lies}</p:spPr>"
        f"<p:txBody>{said}</p:txBody></p:sp>"
    )
