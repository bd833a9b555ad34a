"""The cohort report as a workbook: a sheet a table, values without formulas, nothing hidden behind what is shown."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .cohort_content import Cell, CohortReport, Column, Kind, Table
from .letters import legible
from .word import INK, LINE, QUIET

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FORMATS = {Kind.COUNT: "#,##0", Kind.SHARE: "0%", Kind.DAYS: "0.0", Kind.WORDS: "@"}
WIDTHS = {Kind.COUNT: 16, Kind.SHARE: 16, Kind.DAYS: 20, Kind.WORDS: 34}
WIDEST, LONG_WORDS = 70, 60
LONGEST_SHEET_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


def cohort_xlsx(report: CohortReport) -> bytes:
    """The report's tables as an Excel workbook, “About” first. A hidden figure is its words, and no number."""
    import openpyxl

    report = legible(report)
    book: Workbook = openpyxl.Workbook()
    _properties(book, report)
    book.remove(book.active)
    _about(book, report)
    for table in report.tables[:-1]:
        _sheet(book, table, _section_title(report, table))
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _properties(book: Workbook, report: CohortReport) -> None:
    properties = book.properties
    properties.title, properties.creator, properties.language = report.title, report.look.programme, "en-US"
    properties.lastModifiedBy = report.look.programme
    properties.created = datetime.fromisoformat(report.date).replace(tzinfo=None)


def _section_title(report: CohortReport, table: Table) -> str:
    """Where a table stands; of two with one title this tells which."""
    places = [section.title for section in report.sections if table in section.tables]
    return places[0] if places else report.title


def _about(book: Workbook, report: CohortReport) -> None:
    sheet = book.create_sheet("About")
    sheet.append([report.headline])
    _write(sheet.cell(1, 1), Cell(report.headline), Kind.WORDS, bold=True, size=14)
    for line, words in enumerate((report.overline, *report.lead), 2):
        _write(sheet.cell(line, 1), Cell(words), Kind.WORDS)
    _table(sheet, report.about, len(report.lead) + 4)
    for line in range(1, len(report.lead) + 3):
        sheet.merge_cells(start_row=line, start_column=1, end_row=line, end_column=4)
        sheet.row_dimensions[line].height = 34
    sheet.column_dimensions["B"].width = WIDEST


def _sheet(book: Workbook, table: Table, section: str) -> None:
    sheet = book.create_sheet(_name(book, table))
    _write(sheet.cell(1, 1), Cell(section), Kind.WORDS, bold=True, size=12, wrap=False)
    _table(sheet, table, 3)
    sheet.freeze_panes = sheet.cell(4, table.keys + 1)
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _name(book: Workbook, table: Table) -> str:
    """A sheet's name as Excel takes it, the only one of its kind."""
    name = _FORBIDDEN.sub(" ", table.title)[:LONGEST_SHEET_NAME]
    number = 2
    while name in book.sheetnames:
        name = f"{_FORBIDDEN.sub(' ', table.title)[: LONGEST_SHEET_NAME - 3]} {number}"
        number += 1
    return name


def _table(sheet: Worksheet, table: Table, top: int) -> None:
    for place, column in enumerate(table.columns, 1):
        _head(sheet.cell(top, place), column)
        letter = sheet.cell(top, place).column_letter
        sheet.column_dimensions[letter].width = _width(table, place - 1)
        for line, row in enumerate(table.rows, top + 1):
            _write(sheet.cell(line, place), row[place - 1], column.kind)


def _width(table: Table, place: int) -> int:
    longest = max((len(row[place].words) for row in table.rows), default=0)
    kind = table.columns[place].kind
    return WIDEST if kind is Kind.WORDS and longest > LONG_WORDS else WIDTHS[kind]


def _head(cell: Any, column: Column) -> None:
    from openpyxl.styles import Border, Side

    _write(cell, Cell(column.title), Kind.WORDS, bold=True, colour=QUIET)
    cell.border = Border(bottom=Side(style="thin", color=LINE))
    if column.kind is not Kind.WORDS:
        cell.alignment = _aligned("right")


def _write(
    cell: Any,
    shown: Cell,
    kind: Kind,
    *,
    bold: bool = False,
    size: float = 10,
    colour: str = INK,
    wrap: bool = True,
) -> None:
    """A number where one is shown, else words, which are never read as a formula."""
    from openpyxl.styles import Font

    cell.font = Font(name="Inter", size=size, bold=bold, color=colour)
    if shown.number is not None:
        cell.value, cell.number_format = shown.number, FORMATS[kind]
        return
    cell.value = shown.words
    cell.data_type, cell.quotePrefix = "s", True
    cell.alignment = _aligned("left" if kind is Kind.WORDS else "right", wrap=wrap)


def _aligned(side: str, *, wrap: bool = True) -> Any:
    from openpyxl.styles import Alignment

    return Alignment(horizontal=side, vertical="top", wrap_text=wrap)
