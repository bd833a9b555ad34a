"""What a page of a PDF without structure means: headings, paragraphs, lists and tables, told by how they lie.

Lines come in the order in which they are drawn, which is the order of reading in nearly all documents. Wide gaps cut
them into pieces; pieces below one another are blocks; blocks side by side, again and again in the same columns, are a
table.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from assessor_desk.artifacts.pages import PageText, Rect

_GAP_OF_COLUMNS = 0.75
"""In heights of a line: wider gaps separate columns, narrower ones are spaces of justified lines."""

_SAME_COLUMN = 0.012
"""Share of the page's width by which the edges of a column's cells may differ."""

_LEVELS = ((1.7, "h1"), (1.3, "h2"), (1.12, "h3"))
_BULLET = re.compile(r"^([•◦▪■●○–‣·*\u2013-]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
_LONGEST_HEADING = 160


@dataclass(frozen=True, slots=True)
class Style:
    """Size in points and whether it is bold."""

    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one style below one another."""

    words: str
    box: Rect
    style: Style
    line_height: float
    last_line: Rect


def as_html(text: PageText, styles: Sequence[Style]) -> str:
    """The page as clean HTML; `styles` has one entry a character."""
    blocks = list(_blocks(text, styles))
    if not blocks:
        return ""
    ordinary = _ordinary(text, styles)
    markup = "".join(_markup(rows, ordinary) for rows in _tables_and_rows(list(_rows(blocks))))
    return markup.replace("</ul><ul>", "")


def _ordinary(text: PageText, styles: Sequence[Style]) -> Style:
    """The style of most characters."""
    counted: dict[Style, int] = {}
    for character, style in zip(text.text, styles, strict=True):
        if not character.isspace():
            counted[style] = counted.get(style, 0) + 1
    return max(counted, key=lambda style: counted[style])


# From characters to blocks


def _pieces(text: PageText, styles: Sequence[Style]) -> Iterator[Block]:
    """Lines, cut at wide gaps."""
    at = 0
    for line in re.split(r"(\r?\n|\r)", text.text):
        start, at = at, at + len(line)
        if line.strip():
            yield from _cut(text, styles, start, at)


def _cut(text: PageText, styles: Sequence[Style], start: int, end: int) -> Iterator[Block]:
    first, box = start, None
    for index in range(start, end):
        here = text.box(index)
        if here is None or text.text[index].isspace():
            continue
        if box is not None and _far(box, here):
            yield _piece(text, styles, first, index, box)
            first, box = index, None
        box = here if box is None else box.joined(here)
    if box is not None:
        yield _piece(text, styles, first, end, box)


def _far(box: Rect, here: Rect) -> bool:
    """A wide gap in either direction of writing, or another line without a sign for it."""
    height = max(box.bottom - box.top, here.bottom - here.top)
    # Heights and widths are fractions of different sides; pages are about 1.4 times as high as wide.
    gap = max(here.left - box.right, box.left - here.right) / 1.4
    return gap > _GAP_OF_COLUMNS * height or here.top > box.bottom


def _piece(text: PageText, styles: Sequence[Style], start: int, end: int, box: Rect) -> Block:
    sizes = [styles[index] for index in range(start, end) if not text.text[index].isspace()]
    style = Style(
        round(statistics.median(one.size for one in sizes), 1),
        sum(one.bold for one in sizes) * 2 > len(sizes),
    )
    return Block(_one_line(text.text[start:end]), box, style, box.bottom - box.top, box)


def _blocks(text: PageText, styles: Sequence[Style]) -> Iterator[Block]:
    """Pieces below one another that go on with the same sentence."""
    block: Block | None = None
    for piece in _pieces(text, styles):
        if block is not None and _goes_on(block, piece):
            block = replace(
                block,
                words=_joined(block.words, piece.words),
                box=block.box.joined(piece.box),
                last_line=piece.box,
            )
            continue
        if block is not None:
            yield block
        block = piece
    if block is not None:
        yield block


def _goes_on(block: Block, piece: Block) -> bool:
    below = piece.box.top - block.last_line.bottom
    height = min(block.line_height, piece.line_height)
    return (
        -0.5 * height < below < 0.75 * height
        and block.style.bold == piece.style.bold
        and abs(block.style.size - piece.style.size) <= 0.08 * block.style.size
        and piece.box.left < block.box.right
        and block.box.left < piece.box.right
        and not _BULLET.match(piece.words)
        and not _ended(block, piece)
    )


def _ended(block: Block, piece: Block) -> bool:
    """The line before stops well before the block's edge at the end of a sentence, or the next one is indented."""
    room = block.box.right - block.last_line.right
    short = room > 0.18 and block.words[-1:] in '.!?:;”"' and len(block.words) > 3
    indented = piece.box.left - block.box.left > 0.02 and not _BULLET.match(block.words)
    return short or (indented and abs(block.last_line.left - block.box.left) < 0.005)


# From blocks to rows and tables

Row = list[Block]


def _rows(blocks: Sequence[Block]) -> Iterator[Row]:
    """Blocks that begin at the same height, each right of the one before."""
    row: Row = []
    for block in blocks:
        if row and not _beside(row, block):
            yield row
            row = []
        row.append(block)
    if row:
        yield row


def _beside(row: Row, block: Block) -> bool:
    same_height = abs(block.box.top - row[0].box.top) < 0.6 * block.line_height
    return same_height and block.box.left >= row[-1].box.right - _SAME_COLUMN


def _tables_and_rows(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows of the same columns together, all others alone."""
    table: list[Row] = []
    for row in rows:
        if table and not _same_columns(table[0], row):
            yield table
            table = []
        table.append(row)
    if table:
        yield table


def _same_columns(first: Row, row: Row) -> bool:
    if len(first) < 2 or len(first) != len(row):
        return False
    return all(_aligned(one.box, other.box) for one, other in zip(first, row, strict=True))


def _aligned(one: Rect, other: Rect) -> bool:
    middle = abs(one.left + one.right - other.left - other.right) / 2
    return min(abs(one.left - other.left), abs(one.right - other.right), middle) < _SAME_COLUMN


# Into words


def _markup(rows: Sequence[Row], ordinary: Style) -> str:
    if len(rows) > 1 and len(rows[0]) > 1:
        return _table(rows)
    blocks = [block for row in rows for block in row]
    parts = []
    for tag, group in groupby(blocks, key=lambda block: _tag(block, ordinary)):
        words = [escape(_without_bullet(block.words) if tag == "li" else block.words) for block in group]
        inside = "".join(f"<{tag}>{each}</{tag}>" for each in words)
        parts.append(f"<ul>{inside}</ul>" if tag == "li" else inside)
    return "".join(parts)


def _table(rows: Sequence[Row]) -> str:
    """The first row is a heading where it alone is bold."""
    headed = all(cell.style.bold for cell in rows[0]) and not all(
        cell.style.bold for row in rows[1:] for cell in row
    )
    markup = []
    for number, row in enumerate(rows):
        tag = "th" if headed and number == 0 else "td"
        markup.append("<tr>" + "".join(f"<{tag}>{escape(cell.words)}</{tag}>" for cell in row) + "</tr>")
    return f"<table>{''.join(markup)}</table>"


def _tag(block: Block, ordinary: Style) -> str:
    if len(block.words) <= _LONGEST_HEADING and any(one.isalpha() for one in block.words):
        for times, tag in _LEVELS:
            if block.style.size >= times * ordinary.size:
                return tag
        ends = block.words[-1:] in ".,;!?"
        if block.style.bold and not ordinary.bold and not ends and len(block.words) < 90:
            return "h3"
    return "li" if _BULLET.match(block.words) else "p"


def _without_bullet(words: str) -> str:
    """Numbers stay: they are referred to."""
    sign = _BULLET.match(words)
    return words[sign.end() :] if sign and not any(one.isalnum() for one in sign[1]) else words


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _joined(words: str, more: str) -> str:
    """A word divided at the end of a line is whole again."""
    return words[:-1] + more if words.endswith("\u00ad") else f"{words} {more}"
