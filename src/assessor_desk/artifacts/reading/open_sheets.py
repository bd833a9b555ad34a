"""OpenDocument spreadsheets: the words that their cells show, which the file keeps beside the values."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from assessor_desk.artifacts.reading.charts import open_chart_table
from assessor_desk.artifacts.reading.open_styles import DC, DRAW, OFFICE, TABLE, TEXT, XLINK, OpenStyles
from assessor_desk.artifacts.reading.remarks import Remark, Writers
from assessor_desk.artifacts.reading.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEETS,
    SheetPart,
    Shown,
    Workbook,
    parts_of,
    trimmed,
    without_name,
)
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.artifacts.reading.word_names import number
from assessor_desk.artifacts.reading.xml_package import XmlPackage

_MOST_CHARTS = 20
_NUMBERS = ("float", "percentage", "currency", "date", "time")


@dataclass
class _Sheet:
    """One sheet being read: styles, remarks so far, and whether more was there than is shown."""

    styles: OpenStyles
    remarks: list[Remark]
    writers: Writers
    cut: bool = field(default=False)


def read_open_sheets(source: Source) -> Workbook:
    """Read a workbook. Raises `Refused` for one that must not be opened, or one of `xml_package.FAULTS`."""
    package = XmlPackage(source)
    content = package.tree("content.xml")
    styles = OpenStyles(package.tree_or_none("styles.xml"), content)
    book, writers = Workbook(), Writers()
    sheets = content.findall(f"{OFFICE}body/{OFFICE}spreadsheet/{TABLE}table")
    for element in sheets[:MOST_SHEETS]:
        sheet = _Sheet(styles, book.remarks, writers)
        rows = trimmed(list(_rows(element, sheet)))
        name = element.get(f"{TABLE}name", "")
        if sheet.cut:
            words = f"Of the sheet “{name}” only the first {MOST_ROWS:,} rows and {MOST_COLUMNS} columns are shown."
            book.notes.append(words)
        book.parts += parts_of(name, rows)
        book.parts += _charts(element, name, package)
    if len(sheets) > MOST_SHEETS:
        book.notes.append(f"Only the first {MOST_SHEETS} of {len(sheets)} sheets are shown.")
    book.remarks = [Remark(each.number, writers.told(each.writer), each.words) for each in book.remarks]
    return book


def _charts(table: etree._Element, name: str, package: XmlPackage) -> Iterator[SheetPart]:
    """What is drawn on the sheet, as tables of the figures that it shows."""
    for place, drawn in enumerate(table.iter(f"{DRAW}object"), start=1):
        part = posixpath.join(posixpath.normpath(drawn.get(f"{XLINK}href", "")), "content.xml")
        tree = package.tree_or_none(part)
        shown = None if tree is None else open_chart_table(tree)
        if shown is not None and place <= _MOST_CHARTS:
            yield SheetPart(f"{name} · chart {place}", shown)


def _rows(table: etree._Element, sheet: _Sheet) -> Iterator[list[Shown | None]]:
    """Rows as often as they are repeated, as far as anything is in them."""
    count = 0
    for row in table.iter(f"{TABLE}table-row"):
        cells = list(_cells(row, sheet))
        repeated = number(row.get(f"{TABLE}number-rows-repeated")) or 1
        filled = any(each is not None and each.words for each in cells)
        if count + repeated > MOST_ROWS:
            sheet.cut = sheet.cut or filled
            repeated = MOST_ROWS - count
        for _ in range(repeated):
            yield cells
        count += repeated
        if count >= MOST_ROWS:
            return


def _cells(row: etree._Element, sheet: _Sheet) -> Iterator[Shown | None]:
    count = 0
    for cell in row:
        covered = cell.tag == f"{TABLE}covered-table-cell"
        if not covered and cell.tag != f"{TABLE}table-cell":
            continue
        shown = None if covered else _cell(cell, sheet)
        repeated = number(cell.get(f"{TABLE}number-columns-repeated")) or 1
        if count + repeated > MOST_COLUMNS:
            sheet.cut = sheet.cut or bool(shown is not None and shown.words)
            repeated = MOST_COLUMNS - count
        for _ in range(repeated):
            yield shown
        count += repeated
        if count >= MOST_COLUMNS:
            return


def _cell(cell: etree._Element, sheet: _Sheet) -> Shown:
    style = cell.get(f"{TABLE}style-name", "")
    look, align = sheet.styles.cell_look(style)
    kind = cell.get(f"{OFFICE}value-type", "")
    return Shown(
        "\n".join("".join(each.itertext()) for each in cell.findall(f"{TEXT}p")),
        align or ("right" if kind in _NUMBERS else ""),
        look.bold,
        look.ink,
        sheet.styles.cell_ground(style),
        min(MOST_COLUMNS, number(cell.get(f"{TABLE}number-columns-spanned")) or 1),
        min(MOST_ROWS, number(cell.get(f"{TABLE}number-rows-spanned")) or 1),
        _remark(cell.find(f"{OFFICE}annotation"), sheet),
        bool(cell.get(f"{TABLE}formula")) and not kind,
    )


def _remark(said: etree._Element | None, sheet: _Sheet) -> int:
    if said is None:
        return 0
    words = without_name("\n".join("".join(each.itertext()) for each in said.iter(f"{TEXT}p")))
    writer = sheet.writers.known_as(said.findtext(f"{DC}creator", ""))
    sheet.remarks.append(Remark(len(sheet.remarks) + 1, writer, words))
    return len(sheet.remarks)
