"""The cohort report as CSV: one tidy table, a line for each figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from assessor_desk.domain.exports import spreadsheet_safe

from .cohort_content import CohortReport, Kind, Table
from .letters import legible

HEADS = ("table", "row", "column", "unit", "value", "words")
UNITS = {Kind.COUNT: "reviews", Kind.SHARE: "share from 0 to 1", Kind.DAYS: "days", Kind.WORDS: ""}
DECIMALS = 4


def cohort_csv(report: CohortReport) -> bytes:
    """The report's tables in UTF-8 with a byte order mark, by which spreadsheets know it.

    A hidden figure has no value.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADS)
    for table in legible(report).tables:
        writer.writerows([spreadsheet_safe(cell) for cell in line] for line in _lines(table))
    return text.getvalue().encode("utf-8-sig")


def _lines(table: Table) -> Iterator[tuple[str, ...]]:
    for row in table.rows:
        name = " · ".join(cell.words for cell in row[: table.keys])
        for column, cell in zip(table.columns[table.keys :], row[table.keys :], strict=True):
            if not cell.words:
                continue
            value = "" if cell.number is None else f"{round(cell.number, DECIMALS):g}"
            yield table.name, name, column.title, UNITS[column.kind], value, cell.words
