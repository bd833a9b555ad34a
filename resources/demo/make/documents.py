"""Word documents from plain blocks: headings, paragraphs, numbered lists, tables and pictures of bar models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from figures import Bar, bar_model
from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

ACCENT = RGBColor(0x1D, 0x5A, 0x9E)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 0 is the title, as Word's Heading 1."""

    words: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph; `style` is one of Word's own (`List Number`, `List Bullet`, `Quote`)."""

    words: str
    style: str = "Normal"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a heading row; `widths` in centimetres."""

    rows: Sequence[Sequence[str]]
    widths: Sequence[float]


@dataclass(frozen=True, slots=True)
class Picture:
    """A bar model, with the words below it and the description that a screen reader reads."""

    bar: Bar
    below: str
    description: str


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows starts a page."""


Block = Heading | Words | Grid | Picture | NewPage


def write(path: Path, title: str, blocks: Iterable[Block]) -> None:
    """Write a document that names no author."""
    document = docx.Document()
    _styles(document)
    properties = document.core_properties
    properties.author, properties.last_modified_by, properties.title, properties.comments = (
        "",
        "",
        title,
        "Synthetic sample",
    )
    properties.created = properties.modified = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)
    for block in blocks:
        _add(document, block)
    document.save(str(path))


def _styles(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.59), Cm(27.94)
    section.left_margin = section.right_margin = Cm(2.3)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    for name in ("Heading 1", "Heading 2", "Heading 3"):
        document.styles[name].font.color.rgb = ACCENT
    document.styles["Heading 1"].font.size = Pt(20)


def _add(document: Document, block: Block) -> None:
    match block:
        case Heading(words, level):
            document.add_heading(words, level + 1)
        case Words(words, style):
            document.add_paragraph(words, style)
        case Grid():
            _add_grid(document, block)
        case Picture():
            document.add_picture(BytesIO(png(block.bar)), width=Cm(12))
            document.inline_shapes[-1]._inline.docPr.set("descr", block.description)
            document.add_paragraph(block.below, "Caption")
        case NewPage():
            document.add_page_break()  # type: ignore[no-untyped-call]


def _add_grid(document: Document, grid: Grid) -> None:
    made = document.add_table(rows=0, cols=len(grid.widths), style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    for number, row in enumerate(grid.rows):
        cells = made.add_row().cells
        for cell, words, width in zip(cells, row, grid.widths, strict=True):
            cell.width = Cm(width)
            cell.text = words
            if number == 0:
                cell.paragraphs[0].runs[0].bold = True
                _shade(cell, "E2ECF7")
    _repeat_heading_row(made)
    document.add_paragraph()


def _shade(cell: object, colour: str) -> None:
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:fill"), colour)
    cell._tc.get_or_add_tcPr().append(shading)  # type: ignore[attr-defined]


def _repeat_heading_row(made: object) -> None:
    first = made.rows[0]._tr.get_or_add_trPr()  # type: ignore[attr-defined]
    first.append(OxmlElement("w:tblHeader"))


def png(bar: Bar) -> bytes:
    """A bar model as a PNG."""
    image = QImage(720, 130, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing)
    bar_model(painter, QRectF(10, 20, 700, 90), bar, QColor("#2b3640"))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # PySide6 takes str, its stub says bytes
    return bytes(buffer.data().data())
