"""The content of a cohort report, made once (`cohort_wording`), so that all its writers say the same in one order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assessor_desk.domain.programme_look import ProgrammeLook


class Kind(StrEnum):
    """What a column holds: words, a count of reviews, a share from 0 to 1, or days."""

    WORDS = "words"
    COUNT = "count"
    SHARE = "share"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Cell:
    """What is read, and the number behind it where it is one that is shown. `own` are names and a rubric's words."""

    words: str
    number: float | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and what it holds."""

    title: str
    kind: Kind = Kind.WORDS


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first `keys` columns name the row. `name` is short and the only one of its kind in a report."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: int = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `value` from 0 to 1 of the plot's width, None where it is hidden, and the words at its end."""

    label: str
    value: float | None
    words: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class BarGroup:
    """Bars under one title."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars lying in groups, or a `trend`: one group whose values are joined from left to right.

    `alternative` says in words what the plot shows; `table` names the table behind it.
    """

    name: str
    title: str
    alternative: str
    groups: tuple[BarGroup, ...]
    table: str
    trend: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: what it says, its plots, the tables behind them.

    `level` is that of its heading, 2 or 3. One that has its `own_page` begins it where there are pages.
    """

    title: str
    paragraphs: tuple[str, ...]
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()
    level: int = 2
    own_page: bool = False


@dataclass(frozen=True, slots=True)
class CohortReport:
    """A whole report, in reading order. `date` is ISO 8601 and dates the documents as well."""

    title: str
    date: str
    look: ProgrammeLook
    running: str
    foot: str
    overline: str
    headline: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    about: Table

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in reading order."""
        return (*(table for section in self.sections for table in section.tables), self.about)
