"""A flow of blocks as one HTML file: nothing fetched, nothing run, its logo inside.

For reading in a browser and for screen readers (WCAG 2.2, AA): headings without gaps, tables with heading cells, a
language and a direction for each text of a person, light and dark, and a style for paper.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from lxml.html import builder as E  # noqa: N812 - as lxml's own documentation calls it

from assessor_desk.domain.programme_look import SVG

from .flow import (
    Block,
    Cell,
    Drawing,
    Flow,
    Heading,
    Line,
    Listing,
    NewPage,
    Notice,
    Paragraph,
    Quote,
    Run,
    Table,
    Tone,
    line_goes_right_to_left,
    spoken,
)
from .letters import legible
from .web import head, letterhead, page, table

HEADINGS = {1: E.H1, 2: E.H2, 3: E.H3}


def flow_html(flow: Flow) -> bytes:
    """The document as HTML in UTF-8. The same flow gives the same bytes."""
    flow = legible(flow)
    body = E.BODY(
        E.HEADER(letterhead(flow.look, flow.programme, flow.running)),
        E.MAIN(*_marked_up(flow)),
        E.FOOTER(E.P(flow.foot, dir="auto")),
    )
    return page(head(flow.title, flow.programme, flow.date, flow.look), body)


def _marked_up(flow: Flow) -> Iterator[Any]:
    for block in flow.blocks:
        yield from _block(block, flow.own_language)


def _block(block: Block, language: str) -> Iterator[Any]:
    match block:
        case Heading(level, words):
            yield HEADINGS[level](words)
        case Paragraph(line):
            yield _line(line, language)
        case Notice(line):
            found = _line(line, language)
            found.set("class", "card")
            yield found
        case Quote(lines):
            yield E.BLOCKQUOTE(*_lines(lines, language))
        case Listing():
            yield _listing(block, language)
        case Table():
            yield _table(block, language)
        case Drawing(svg, alternative):
            yield _drawing(svg, alternative)
        case NewPage():
            return


def _listing(block: Listing, language: str) -> Any:
    kind = E.OL if block.numbered else E.UL
    entries = [E.LI(*_lines(entry, language)) for entry in block.entries]
    return kind(*([E.CLASS("cards")] if block.cards else []), *entries)


def _table(block: Table, language: str) -> Any:
    made = table(block.title, block.heads, (_row(cells, language) for cells in block.rows))
    for row in made.iter("tr"):
        for place in block.numbers:
            row[place].set("class", "number")
    return made


def _drawing(svg: str, alternative: str) -> Any:
    data = base64.b64encode(svg.encode()).decode("ascii")
    return E.IMG(E.CLASS("drawing"), src=f"data:{SVG};base64,{data}", alt=alternative)


def _row(cells: Sequence[Cell], language: str) -> Any:
    first, *others = cells
    heading = E.TH(*_lines(first, language), scope="row")
    return E.TR(heading, *(E.TD(*_lines(cell, language)) for cell in others))


def _lines(lines: Sequence[Line], language: str) -> list[Any]:
    return [_line(line, language) for line in lines]


def _line(line: Line, language: str) -> Any:
    direction = "rtl" if line_goes_right_to_left(line) else "auto"
    return E.P(*(_run(run, language) for run in line), dir=direction)


def _run(run: Run, language: str) -> Any:
    """Plain words as they are; others in an element that says what they are."""
    said = {} if run.tone is Tone.PLAIN else {"class": run.tone.value}
    if run.own:
        said |= {"lang": spoken(run.words, language), "dir": "auto"}
    if not said and not run.strong:
        return run.words
    return (E.B if run.strong else E.SPAN)(said, run.words)
