"""Tables of RTF documents while they are read, also within each other (RTF specification 1.9.1, nested tables)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from assessor_desk.artifacts.reading import markup
from assessor_desk.artifacts.reading.rtf_state import Row, covered

Rows = list[tuple[Row, list[str]]]

_DEEPEST = 20


@dataclass
class _Level:
    """The table under way at one depth: rows that ended, cells of this row, and what stands in this cell."""

    rows: Rows = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)


class Tables:
    """Level 1 is a table of the page, level 2 one within its cells. `colour` names the colours of cells."""

    def __init__(self, colour: Callable[[int], str]) -> None:
        self._colour = colour
        self._levels = [_Level()]
        self._count = 0
        self.row = Row()
        self.is_cut = False

    def begin_row(self) -> None:
        """What follows says how a row looks."""
        self.row = Row()

    def shape_cell(self, end: int) -> None:
        """The next cell of the row ends there, in twips from its left."""
        row = self.row
        row.ends.append(end)
        row.grounds.append(row.ground)
        row.merges.append(row.merge)
        row.ground, row.merge = 0, ""

    def add(self, block: str, level: int) -> None:
        """A paragraph in a cell."""
        self._at(level).inside.append(block)

    def end_cell(self, level: int) -> None:
        """Its paragraphs are complete."""
        here = self._at(level)
        here.cells.append("".join(here.inside))
        here.inside = []

    def end_row(self, level: int) -> None:
        """Its cells are complete, and `row` says how it looks."""
        here = self._at(level)
        self._count += max(1, len(here.cells))
        if self._count <= markup.MOST_CELLS:
            here.rows.append((replace(self.row), here.cells))
        else:
            self.is_cut = True
        here.cells = []

    def end(self) -> str:
        """The table, as HTML; empty where there is none."""
        here = self._at(1)
        if here.cells:
            self.end_row(1)
        self._levels = [_Level(inside=here.inside)]
        self._count = 0
        return self._table(here.rows)

    def _at(self, level: int) -> _Level:
        """The table of that level; those within it are complete then."""
        level = min(max(1, level), _DEEPEST)
        while len(self._levels) > level:
            within = self._levels.pop()
            if within.cells:
                within.rows.append((Row(), within.cells))
            self._levels[-1].inside.extend([self._table(within.rows), *within.inside])
        while len(self._levels) < level:
            self._levels.append(_Level())
        return self._levels[-1]

    def _table(self, rows: Rows) -> str:
        if not rows:
            return ""
        edges = sorted({end for row, _ in rows for end in row.ends})
        return markup.table(["".join(self._cells(rows, place, edges)) for place in range(len(rows))])

    def _cells(self, rows: Rows, place: int, edges: list[int]) -> Iterator[str]:
        row, cells = rows[place]
        total = edges[-1] if edges and edges[-1] > 0 else 1
        before = column = 0
        shaped = (
            cells if not row.ends else cells[: len(row.ends)] + [one for one in cells[len(row.ends) :] if one]
        )
        for which, content in enumerate(shaped):
            end = row.ends[which] if which < len(row.ends) else before
            across = max(1, sum(before < edge <= end for edge in edges))
            merge = row.merges[which] if which < len(row.merges) else ""
            if merge not in ("down", "across"):
                down = 1 + covered(rows, place, end) if merge == "first" else 1
                width = round(100 * (end - before) / total)
                ground = self._colour(row.grounds[which]) if which < len(row.grounds) else ""
                yield markup.cell(content, "th" if row.header else "td", across, down, max(0, width), ground)
            before, column = end, column + across
