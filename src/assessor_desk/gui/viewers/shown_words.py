"""What a document laid out in the reading pane says of itself: its headings, its remarks, and what is not quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from PySide6.QtGui import QTextBlock, QTextDocument, QTextFragment, QTextFrame, QTextOption, QTextTable

from assessor_desk.domain.plain_words import NOT_QUOTED, REMARKED

_REMARK = re.compile(r"#remark-(\d+)")
NOTHING = "\u2060"
"""Stands in the text for each character that is not quoted: `domain.quotation` passes it over."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, its level from 1, and where it stands, in Qt's characters."""

    title: str
    level: int
    place: int


@dataclass(frozen=True, slots=True)
class ShownWords:
    """Places are those of the document as Qt counts them."""

    headings: tuple[Heading, ...]
    remarks: dict[int, int]
    unquoted: tuple[tuple[int, int], ...]


def shown_words(document: QTextDocument) -> ShownWords:
    """Look through a document once; tabs after a list's number are set to where its words begin."""
    headings: list[Heading] = []
    remarks: dict[int, int] = {}
    unquoted: list[tuple[int, int]] = []
    for block in _blocks(document):
        said = block.blockFormat()
        if said.headingLevel() and block.text().strip():
            headings.append(Heading(block.text().strip(), said.headingLevel(), block.position()))
        for piece in pieces(block):
            told = piece.charFormat().toolTip()
            if told in NOT_QUOTED:
                unquoted.append((piece.position(), piece.position() + piece.length()))
            if told == REMARKED and (found := _REMARK.search(piece.charFormat().anchorHref())):
                remarks.setdefault(int(found[1]), piece.position())
    return ShownWords(tuple(headings), remarks, tuple(unquoted))


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def pieces(block: QTextBlock) -> list[QTextFragment]:
    """The runs of one look that a paragraph is made of."""
    steps = cast("Iterable[QTextBlock.iterator]", block)
    return [step.fragment() for step in steps]


def hanging(block: QTextBlock) -> QTextOption.Tab | None:
    """Where the words of a hanging paragraph begin; None for one that does not hang."""
    indent = block.blockFormat().textIndent()
    return QTextOption.Tab(-indent, QTextOption.TabType.LeftTab) if indent < 0 else None


def without(text: str, ranges: tuple[tuple[int, int], ...]) -> str:
    """`text` with `NOTHING` for each character in these ranges."""
    if not ranges:
        return text
    pieces: list[str] = []
    done = 0
    for start, end in ranges:
        pieces.append(text[done:start])
        pieces.append(NOTHING * (end - max(done, start)))
        done = max(done, end)
    pieces.append(text[done:])
    return "".join(pieces)


def tables_in(frame: QTextFrame) -> Iterator[QTextTable]:
    """Tables, and those in their cells."""
    for inner in frame.childFrames():
        if isinstance(inner, QTextTable):
            yield inner
        yield from tables_in(inner)
