"""The cohort report as PDF, DOCX and HTML: one flow of blocks, so that all three say the same in the same order."""

from __future__ import annotations

from collections.abc import Iterator

from .cohort_content import Cell, CohortReport, Kind, Section, Table
from .cohort_plots import plot_svg
from .flow import Block, Drawing, Flow, Heading, NewPage, Paragraph, Run, Tone
from .flow import Table as FlowTable
from .flow_docx import flow_docx
from .flow_html import flow_html
from .flow_pdf import flow_pdf

#: Widths of columns, in letters.
NARROWEST, GUTTER, WIDE_WORDS, SENTENCES = 7, 4, 66, 46


def cohort_pdf(report: CohortReport) -> bytes:
    """The report as tagged PDF/A-3a and PDF/UA-1. The same report gives the same bytes."""
    return flow_pdf(cohort_flow(report))


def cohort_docx(report: CohortReport) -> bytes:
    """The report as a Word document."""
    return flow_docx(cohort_flow(report))


def cohort_html(report: CohortReport) -> bytes:
    """The report as one HTML file; nothing is fetched or run."""
    return flow_html(cohort_flow(report))


def cohort_flow(report: CohortReport) -> Flow:
    """The report as blocks in reading order."""
    return Flow(
        title=report.title,
        date=report.date,
        keywords=("cohort report",),
        running=report.running,
        foot=report.foot,
        programme=report.look.programme,
        look=report.look,
        own_language="en",
        blocks=tuple(_blocks(report)),
    )


def _blocks(report: CohortReport) -> Iterator[Block]:
    yield Paragraph((Run(report.overline, Tone.QUIET),))
    yield Heading(1, report.headline)
    for words in report.lead:
        yield _paragraph(words)
    for section in report.sections:
        yield from _section(section)
    if any(section.own_page for section in report.sections):
        yield NewPage()
    yield Heading(2, report.about.title)
    yield _table(report.about)


def _section(section: Section) -> Iterator[Block]:
    if section.own_page:
        yield NewPage()
    yield Heading(section.level, section.title)
    for words in section.paragraphs:
        yield _paragraph(words)
    for plot in section.plots:
        yield Heading(3, plot.title)
        yield Drawing(plot_svg(plot), plot.alternative)
    for table in section.tables:
        if section.plots:
            yield Heading(3, f"{table.title}, the figures")
        elif table.title != section.title and len(section.tables) > 1:
            yield Heading(3, table.title)
        yield _table(table)


def _paragraph(words: str) -> Paragraph:
    return Paragraph((Run(words),))


def _table(table: Table) -> FlowTable:
    numbers = tuple(place for place, column in enumerate(table.columns) if column.kind is not Kind.WORDS)
    return FlowTable(
        table.title,
        tuple(column.title for column in table.columns),
        tuple(tuple(_cell(cell) for cell in row) for row in table.rows),
        tuple(_width(table, place) for place in range(len(table.columns))),
        numbers,
    )


def _width(table: Table, place: int) -> float:
    """In letters: numbers take what their heading's longest word takes, words what they need up to a line or so."""
    column, cells = table.columns[place], [row[place].words for row in table.rows]
    longest_word = max(map(len, column.title.split()))
    longest = max(map(len, cells), default=0)
    if column.kind is not Kind.WORDS:
        return max(longest_word, longest, NARROWEST) + GUTTER
    return max(longest_word, min(longest, SENTENCES if longest > WIDE_WORDS else WIDE_WORDS / 3)) + GUTTER


def _cell(cell: Cell) -> tuple[tuple[Run, ...], ...]:
    return ((Run(cell.words, own=cell.own),),)
