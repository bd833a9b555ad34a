"""Tables of Word documents: merged cells, widths, and the shading that cells and table styles give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from assessor_desk.artifacts.reading.markup import Look
from assessor_desk.artifacts.reading.word_names import W, number, pixels, switched, value
from assessor_desk.artifacts.reading.word_styles import Styles, fill

_MOST_COLUMNS = 64


@dataclass
class Cell:
    """A cell as it is shown: how many columns and rows it covers, and where it stands."""

    element: etree._Element
    row: int
    column: int
    across: int
    down: int = 1
    last_row: bool = False
    last_column: bool = False

    def width(self, widths: list[int]) -> int:
        """Per cent of the table; 0 where it does not say."""
        total = sum(widths)
        own = sum(widths[self.column : self.column + self.across])
        return round(100 * own / total) if total and own else 0


@dataclass
class Row:
    """A row with the cells that begin in it; `header` where it is repeated on each page."""

    header: bool
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Grid:
    """A table's rows, its columns' widths, and how wide it is in all, in pixels."""

    rows: list[Row]
    widths: list[int]

    @property
    def width(self) -> int:
        return sum(self.widths)


def grid(table: etree._Element) -> Grid:
    """The cells as they are seen: those merged downwards once, with the rows they cover."""
    widths = [pixels(each.get(f"{W}w")) for each in table.findall(f"{W}tblGrid/{W}gridCol")][:_MOST_COLUMNS]
    above: dict[int, Cell] = {}
    rows: list[Row] = []
    for place, element in enumerate(_below(table, f"{W}tr")):
        properties = element.find(f"{W}trPr")
        row = Row(bool(switched(properties, "tblHeader")))
        column = number(value(properties, "gridBefore"))
        for each in _below(element, f"{W}tc"):
            across = max(1, min(_MOST_COLUMNS, number(value(each, "tcPr/gridSpan")) or 1))
            merged = value(each, "tcPr/vMerge")
            if merged is not None and merged != "restart" and column in above:
                above[column].down += 1
            else:
                cell = Cell(each, place, column, across)
                row.cells.append(cell)
                above.pop(column, None)
                if merged == "restart":
                    above[column] = cell
            column += across
        _mark_last(row)
        rows.append(row)
    for cell in rows[-1].cells if rows else ():
        cell.last_row = True
    return Grid(rows, widths)


def _mark_last(row: Row) -> None:
    if row.cells:
        row.cells[-1].last_column = True


def _below(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows of a table, or cells of a row, also those inside content controls and tracked changes."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _below(child, tag)


class _Inside(Styles):
    """Styles as they are inside a cell: the table's style comes before a paragraph's own."""

    def __init__(self, outer: Styles, parts: list[etree._Element]) -> None:
        self.__dict__.update(outer.__dict__)
        self._runs = {}
        self._parts = parts

    def look_of(self, style_id: str) -> Look:
        before = super().look_of(style_id)
        look = before
        for part in self._parts:
            given = self.changed(Look(), part.find(f"{W}rPr"))
            look = replace(look, bold=look.bold or given.bold, italic=look.italic or given.italic)
            if given.ink and not before.ink:
                look = replace(look, ink=given.ink)
        return look


class TableLook:
    """What the table's style says of each cell (ECMA-376 part 1, 17.7.6), as far as it was switched on."""

    def __init__(self, table: etree._Element, styles: Styles) -> None:
        properties = table.find(f"{W}tblPr")
        self._styles = styles
        self._parts = styles.table_parts(value(properties, "tblStyle") or "")
        self._shown = _switched_on(None if properties is None else properties.find(f"{W}tblLook"))
        self.rtl = bool(switched(properties, "bidiVisual"))
        self._inside: dict[tuple[str, ...], Styles] = {}

    def ground(self, cell: Cell) -> str:
        """The colour behind a cell: its own, else its style's; empty for none."""
        own = cell.element.find(f"{W}tcPr/{W}shd")
        if own is not None and own.get(f"{W}fill") not in (None, "auto"):
            return fill(own)
        for name in reversed(self._names(cell)):
            shade = self._parts[name].find(f"{W}tcPr/{W}shd")
            if shade is not None and shade.get(f"{W}fill") not in (None, "auto"):
                return fill(shade)
        return ""

    def within(self, cell: Cell) -> Styles:
        """The styles to read a cell's words with."""
        names = tuple(self._names(cell))
        if not names:
            return self._styles
        if names not in self._inside:
            self._inside[names] = _Inside(self._styles, [self._parts[name] for name in names])
        return self._inside[names]

    def _names(self, cell: Cell) -> list[str]:
        """Parts of the style that a cell is in, those that count more last."""
        after_head = cell.row - (1 if "firstRow" in self._shown else 0)
        asked = (
            ("wholeTable", True),
            ("band1Horz" if after_head % 2 == 0 else "band2Horz", "bands" in self._shown and after_head >= 0),
            ("lastCol", cell.last_column and "lastCol" in self._shown),
            ("firstCol", cell.column == 0 and "firstCol" in self._shown),
            ("lastRow", cell.last_row and "lastRow" in self._shown),
            ("firstRow", cell.row == 0 and "firstRow" in self._shown),
        )
        return [name for name, wanted in asked if wanted and name in self._parts]


_FLAGS = (("firstRow", 0x20), ("lastRow", 0x40), ("firstCol", 0x80), ("lastCol", 0x100))
_NO_BANDS = 0x200
_ATTRIBUTES = {
    "firstRow": "firstRow",
    "lastRow": "lastRow",
    "firstCol": "firstColumn",
    "lastCol": "lastColumn",
}


def _switched_on(look: etree._Element | None) -> frozenset[str]:
    if look is None:
        return frozenset({"firstRow", "firstCol", "bands"})
    try:
        bits = int(look.get(f"{W}val", "0"), 16)
    except ValueError:
        bits = 0
    shown = {name for name, bit in _FLAGS if bits & bit or look.get(f"{W}{_ATTRIBUTES[name]}") == "1"}
    if not (bits & _NO_BANDS or look.get(f"{W}noHBand") == "1"):
        shown.add("bands")
    return frozenset(shown)
