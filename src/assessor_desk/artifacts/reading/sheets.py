"""Spreadsheets as tables: what their cells show, one part a sheet, large sheets in several."""

from __future__ import annotations

import io
import mimetypes
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assessor_desk.artifacts.reading import markup
from assessor_desk.artifacts.reading.bounds import CELLS_A_PART
from assessor_desk.artifacts.reading.number_formats import shown
from assessor_desk.artifacts.reading.remarks import Remark, Writers
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.artifacts.reading.uncalculated import Place, uncalculated
from assessor_desk.artifacts.reading.xml_package import LARGEST_FILE, XmlPackage

MOST_ROWS, MOST_COLUMNS = 5_000, 60
MOST_SHEETS = 60
_IN_FULL = 16_000_000
"""Bytes of sheets that are read with their merged cells; larger ones are read as a stream."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell as it is shown."""

    words: str = ""
    align: str = ""
    bold: bool = False
    ink: str = ""
    ground: str = ""
    across: int = 1
    down: int = 1
    remark: int = 0
    uncalculated: bool = False
    """A formula without a value: no program has calculated it yet."""


@dataclass
class SheetPart:
    """A sheet or a part of one, with its name."""

    title: str
    markup: str


@dataclass
class Workbook:
    """What was read."""

    parts: list[SheetPart] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_sheets(source: Source) -> Workbook:
    """Read an Excel workbook. Raises `Refused` for one that must not be opened, or one of `xml_package.FAULTS`."""
    package = XmlPackage(source)
    names = [name for name in package.names if name.startswith("xl/worksheets/")]
    large = sum(package.size(name) for name in names) > _IN_FULL
    data = io.BytesIO(source.whole(LARGEST_FILE))
    mimetypes.knownfiles.clear()  # openpyxl would read the system's list, which this process may not
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = load_workbook(data, read_only=large, data_only=True, keep_links=False)
        try:
            return _read(opened, large, uncalculated(package, MOST_ROWS))
        finally:
            opened.close()


def _read(opened: Any, large: bool, without_value: Mapping[str, frozenset[Place]]) -> Workbook:
    book = Workbook()
    if large:
        book.notes.append("The workbook is very large: merged cells are shown apart.")
    writers = Writers()
    for sheet in opened.worksheets[:MOST_SHEETS]:
        title = sheet.title + ("" if sheet.sheet_state == "visible" else " (hidden)")
        rows, cut = _rows(sheet, book.remarks, writers, without_value.get(sheet.title, frozenset()))
        if cut:
            book.notes.append(f"Of the sheet “{sheet.title}” only the first {cut} are shown.")
        book.parts += parts_of(title, rows)
    if len(opened.worksheets) > MOST_SHEETS:
        book.notes.append(f"Only the first {MOST_SHEETS} of {len(opened.worksheets)} sheets are shown.")
    book.remarks = [Remark(each.number, writers.told(each.writer), each.words) for each in book.remarks]
    return book


def _rows(
    sheet: Any, remarks: list[Remark], writers: Writers, without_value: frozenset[Place]
) -> tuple[list[list[Shown | None]], str]:
    """The rows with something in them, and what of the sheet is shown where that is not all."""
    covered, spans = _merged(sheet)
    most_rows, most_columns = sheet.max_row or 0, sheet.max_column or 0
    rows: list[list[Shown | None]] = []
    looked_at = sheet.iter_rows(
        max_row=min(most_rows, MOST_ROWS) or None, max_col=min(most_columns, MOST_COLUMNS) or None
    )
    for place, cells in enumerate(looked_at, start=1):
        if place > MOST_ROWS:
            break
        rows.append(
            [
                None
                if (place, column) in covered
                else replace(
                    _cell(each, spans.get((place, column)), remarks, writers),
                    uncalculated=(place, column) in without_value,
                )
                for column, each in enumerate(cells[:MOST_COLUMNS], start=1)
            ]
        )
    over = [
        words
        for count, most, words in (
            (most_rows, MOST_ROWS, f"{MOST_ROWS:,} rows"),
            (most_columns, MOST_COLUMNS, f"{MOST_COLUMNS} columns"),
        )
        if count > most
    ]
    return trimmed(rows), " and the first ".join(over)


def _merged(sheet: Any) -> tuple[set[tuple[int, int]], dict[tuple[int, int], tuple[int, int]]]:
    """Places that merged cells cover, and how far each reaches, within what is shown."""
    covered: set[tuple[int, int]] = set()
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for area in list(getattr(getattr(sheet, "merged_cells", None), "ranges", ()))[:2_000]:
        last_row, last_column = min(area.max_row, MOST_ROWS), min(area.max_col, MOST_COLUMNS)
        if (last_row - area.min_row + 1) * (last_column - area.min_col + 1) > 20_000:
            continue
        spans[area.min_row, area.min_col] = last_column - area.min_col + 1, last_row - area.min_row + 1
        covered |= {
            (row, column)
            for row in range(area.min_row, last_row + 1)
            for column in range(area.min_col, last_column + 1)
        } - {(area.min_row, area.min_col)}
    return covered, spans


def _cell(cell: Any, span: tuple[int, int] | None, remarks: list[Remark], writers: Writers) -> Shown:
    across, down = span or (1, 1)
    remark = _remark(getattr(cell, "comment", None), remarks, writers)
    if cell.value is None and not remark and not getattr(cell, "has_style", False):
        return Shown(across=across, down=down) if span else _EMPTY
    style = getattr(cell, "has_style", False)
    return Shown(
        shown(cell.value, cell.number_format),
        _align(cell),
        bool(style and cell.font and cell.font.b),
        _rgb(cell.font.color) if style and cell.font else "",
        _ground(cell) if style else "",
        across,
        down,
        remark,
    )


_EMPTY = Shown()


def _align(cell: Any) -> str:
    said = cell.alignment.horizontal if cell.has_style and cell.alignment else None
    if said in ("center", "centerContinuous"):
        return "center"
    if said == "right":
        return "right"
    number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    return "right" if (number or cell.is_date) and said in (None, "general") else ""


def _rgb(colour: Any) -> str:
    said = getattr(colour, "rgb", None)
    return markup.colour(said[-6:]) if isinstance(said, str) and colour.type == "rgb" else ""


def _ground(cell: Any) -> str:
    found = _rgb(cell.fill.fgColor) if cell.fill and cell.fill.fill_type == "solid" else ""
    return "" if found == "ffffff" else found


def _remark(said: Any, remarks: list[Remark], writers: Writers) -> int:
    """The number of a cell's remark, 0 for none. Excel writes the writer's name before the words."""
    if said is None:
        return 0
    remarks.append(
        Remark(len(remarks) + 1, writers.known_as(said.author or ""), without_name(said.text or ""))
    )
    return len(remarks)


def without_name(words: str) -> str:
    """A remark without the line in which Excel puts its writer's name."""
    return re.sub(r"\A\s*[^\n:]{1,60}:[ \t]*\n", "", words).strip()


def trimmed(rows: list[list[Shown | None]]) -> list[list[Shown | None]]:
    """Without the empty rows and columns at the end."""
    filled = ((place, each) for place, row in enumerate(rows) for each in row if each and _filled(each))
    rows = rows[: max((place + each.down for place, each in filled), default=0)]
    ends = (place + each.across for row in rows for place, each in enumerate(row) if each and _filled(each))
    width = max(ends, default=0)
    return [row[:width] for row in rows]


def _filled(cell: Shown | None) -> bool:
    return cell is not None and bool(
        cell.words or cell.ground or cell.remark or cell.across > 1 or cell.down > 1 or cell.uncalculated
    )


def parts_of(title: str, rows: Sequence[list[Shown | None]], numbered: bool = True) -> Iterator[SheetPart]:
    """A sheet as one table, or several of as many rows as are laid out without holding up the window."""
    if not rows:
        yield SheetPart(title, markup.paragraph("<i>This sheet is empty.</i>"))
        return
    width = max(1, max(map(len, rows)))
    step = max(10, CELLS_A_PART // (width + numbered))
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        named = title if len(rows) <= step else f"{title} · {start + 1}–{start + len(some)}"
        yield SheetPart(named, _table(some, start, width, numbered))


def _table(rows: Sequence[list[Shown | None]], start: int, width: int, numbered: bool) -> str:
    head = [_sign("", "th"), *(_sign(column_name(place), "th") for place in range(width))]
    lines = ["".join(head)] if numbered else []
    for place, row in enumerate(rows):
        cells = "".join(_shown(each, len(rows) - place) for each in row if each is not None)
        lines.append((_sign(str(start + place + 1), "th") if numbered else "") + cells)
    return markup.table(lines, wide=False)


def _sign(words: str, tag: str) -> str:
    """A column's letter or a row's number."""
    return markup.cell(_said_by_us(words), tag, align="center")


def _said_by_us(words: str) -> str:
    """No part of what the cells say."""
    return f'<span class="sheet-sign" title="{markup.LABEL}">{words}</span>'


def _shown(cell: Shown, rows_left: int) -> str:
    look = markup.Look(bold=cell.bold, ink=cell.ink)
    words = look.dress(markup.escaped(cell.words).replace("\n", "<br>"), cell.ground)
    if cell.uncalculated and not cell.words:
        words = _said_by_us("not calculated")
    sign = markup.remark_sign(cell.remark) if cell.remark else ""
    down = min(cell.down, rows_left)
    return markup.cell(words + sign, "td", cell.across, down, 0, cell.ground, cell.align)


def column_name(place: int) -> str:
    """A, B … Z, AA …; columns count from 0."""
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
