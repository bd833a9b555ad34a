"""A document as a sequence of blocks, made once: PDF, DOCX and HTML then say the same in the same order.

Blocks know what they are (a heading, a list, a table with a heading row), never how they look; each writer
(`flow_pdf`, `flow_docx`, `flow_html`) knows how its format says that, to the eye and to a screen reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assessor_desk.domain.programme_look import ProgrammeLook


class Tone(StrEnum):
    """What words are, beside what they say."""

    PLAIN = "plain"
    QUIET = "quiet"
    EVIDENCE = "evidence"
    PASSING = "passing"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one look. `own` are a person's, in the document's `own_language` and their own direction."""

    words: str
    tone: Tone = Tone.PLAIN
    strong: bool = False
    own: bool = False


Line = tuple[Run, ...]
"""A paragraph."""

Cell = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (the document's own, once), 2 or 3."""

    level: int
    words: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    line: Line


@dataclass(frozen=True, slots=True)
class Notice:
    """A paragraph that must not be overlooked."""

    line: Line


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the rubric, set off."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. `cards` sets its entries side by side where the format can."""

    entries: tuple[Cell, ...]
    numbered: bool = False
    cards: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading row; the first cell of each row heads it. `widths` are shares of the line.

    `numbers` are the places of columns of numbers, which stand one below the other.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as SVG without words for a reader, as wide as the line, and the words that stand for it."""

    svg: str
    alternative: str


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins a page where there are pages, unless the one before has a few lines on it alone.

    A word processor cannot tell that: `in_word` is whether it begins one there all the same.
    """

    in_word: bool = True


Block = Heading | Paragraph | Notice | Quote | Listing | Table | Drawing | NewPage


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole document.

    `date` is ISO 8601 and dates the file. `running` stands beside the programme's name on every page, `foot` below.
    `own_language` (BCP 47) is that of people's words; the program's own are English.
    """

    title: str
    date: str
    keywords: tuple[str, ...]
    running: str
    foot: str
    programme: str
    look: ProgrammeLook
    own_language: str
    blocks: tuple[Block, ...]


_RIGHT_TO_LEFT = re.compile(r"[\W\d_]*[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF]")
_HEBREW = re.compile(r"[\W\d_]*[\u0590-\u05FF\uFB1D-\uFB4F]")
_SENTENCE = re.compile(r"(?P<first>.{4,90}?[.!?…。！？])\s+(?P<rest>\S.*)", re.DOTALL)


def goes_right_to_left(words: str) -> bool:
    """Whether the first letter is Hebrew, Arabic or of their kin."""
    return bool(_RIGHT_TO_LEFT.match(words))


def line_goes_right_to_left(line: Line) -> bool:
    """Whether a paragraph does: as a person's first words in it."""
    return next((goes_right_to_left(run.words) for run in line if run.own and run.words.strip()), False)


def spoken(words: str, language: str) -> str:
    """The language (BCP 47) of a person's words: told by their letters where these tell, else the document's."""
    if _HEBREW.match(words):
        return "he"
    return "ar" if goes_right_to_left(words) else language


def words_of(line: Line) -> str:
    """A paragraph's words."""
    return "".join(run.words for run in line)


def own_lines(words: str) -> tuple[Line, ...]:
    """A person's words, a paragraph a line."""
    return tuple((Run(line.strip(), own=True),) for line in words.splitlines() if line.strip())


def opened(words: str) -> tuple[Line, ...]:
    """A person's words with a short first sentence standing out, as a title of what follows it."""
    first, *others = own_lines(words) or ((Run(""),),)
    found = _SENTENCE.fullmatch(first[0].words)
    if found:
        first = (Run(found["first"], strong=True, own=True), Run(f" {found['rest']}", own=True))
    return (first, *others)


def ended(lines: Sequence[Line], *runs: Run) -> tuple[Line, ...]:
    """Paragraphs with runs added to the last."""
    *before, last = lines
    return (*before, (*last, *runs))


def joined(places: Iterable[str]) -> str:
    """Places in the evidence, one after the other."""
    return " · ".join(places)
