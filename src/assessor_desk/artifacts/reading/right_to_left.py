"""Pages with Hebrew, Arabic and their like, put into the order in which they are read.

PDFium guesses that order and is often wrong: runs against the line's direction come from the wrong end, a full stop
comes on the wrong side of a number, ligatures turned round, and after one Arabic line English ones backwards too. The
places of the characters tell how it should be: each line is taken as it is seen, from left to right, and Unicode's
bidirectional algorithm (UAX #9) followed backwards, to what is read.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LINE = re.compile(r"\S(?:[^\r\n]*\S)?")
_BRACKETS = dict(zip("()[]{}«»‹›", ")(][}{»«›‹"))
_OPENING = frozenset("([{«‹")
_FOREIGN = re.compile("(?:N[^RL]*)?L(?:[^R]*[LN])?|N+(?:sN+)*")
"""In a line from the right: words from the left with what is between them, or a number."""
_INNER = re.compile("R(?:[^L]*R)?")
"""In a line from the left: words from the right with what is between them."""
_NEAR_EDGE = 0.03
"""Of the page's width: a line that ends so near to where others do is flush with them."""


@dataclass(slots=True)
class _Sign:
    """What is seen at one place: a character with its marks, or a ligature.

    `kind` is R or L for letters by their direction, N for figures, s for what may stand within a number, else a space.
    """

    indexes: list[int]
    kind: str
    left: float
    right: float
    shown: str


def reading_order(text: str, boxes: array[float], turned: bool = False) -> tuple[str, list[int]] | None:
    """The characters as they are read, and which each was; None where they stand so already.

    `boxes` are four numbers a character: left, top, right, bottom; all zero where it has no place. `turned`: the whole
    document says that it is read from the right, so that PDFium turns round every line.
    """
    if not turned and not _RIGHT_TO_LEFT.search(text):
        return None
    places = [line.span() for line in _LINE.finditer(text)]
    lines = {
        start: _signs(text, boxes, start, end) for start, end in places if _is_level(text, boxes, start, end)
    }
    left = min((sign.left for signs in lines.values() for sign in signs if sign.shown.strip()), default=0.0)
    right = max((sign.right for signs in lines.values() for sign in signs if sign.shown.strip()), default=1.0)
    characters, order = list(text), list(range(len(text)))
    for start, signs in lines.items():
        read = _from_right(signs) if _is_backwards(signs, left, right) else _from_left(signs)
        indexes = [index for sign in read for index in sign.indexes]
        order[start : start + len(indexes)] = indexes
        characters[start : start + len(indexes)] = _paired(read)
    return "".join(characters), order


def _is_level(text: str, boxes: array[float], start: int, end: int) -> bool:
    """Whether all of a line has a place, and it runs across the page, not up or down."""
    seen = (at for at in range(start, end) if not (text[at].isspace() or _is_mark(text[at])))
    rows = [boxes[4 * index : 4 * index + 4] for index in seen]
    if not rows or not all(right > left for left, _, right, _ in rows):
        return False
    across = max(row[2] for row in rows) - min(row[0] for row in rows)
    down = max(row[3] for row in rows) - min(row[1] for row in rows)
    return across >= down or len(rows) < 3


def _signs(text: str, boxes: array[float], start: int, end: int) -> list[_Sign]:
    """What is seen on a line, from left to right."""
    signs: list[_Sign] = []
    for index in range(start, end):
        left, right, character = boxes[4 * index], boxes[4 * index + 2], text[index]
        before = signs[-1] if signs else None
        if before and _is_mark(character):
            before.indexes.append(index)
            before.shown += character
        elif before and before.kind == "R" and (before.left, before.right) == (left, right):
            # A ligature, whose letters PDFium turned round with the line.
            before.indexes.insert(0, index)
            before.shown = character + before.shown
        else:
            signs.append(_Sign([index], _kind(character), left, right, character))
    return sorted(signs, key=lambda sign: (sign.left, sign.right))


def _is_mark(character: str) -> bool:
    """Whether it stands over or under a letter."""
    return unicodedata.bidirectional(character) == "NSM"


def _kind(character: str) -> str:
    match unicodedata.bidirectional(character):
        case "R" | "AL":
            return "R"
        case "L":
            return "L"
        case "EN" | "AN":
            return "N"
    return "s" if character in ".,:/-" else " "


def _is_backwards(signs: Sequence[_Sign], left: float, right: float) -> bool:
    """Whether a line is read from the right: it is flush there alone, begins and ends so, or has more such letters."""
    strong = [sign.kind for sign in signs if sign.kind in ("R", "L")]
    if len(set(strong)) < 2:
        return "R" in strong
    words = [sign for sign in signs if sign.shown.strip()]
    at_left, at_right = words[0].left - left < _NEAR_EDGE, right - words[-1].right < _NEAR_EDGE
    if at_left != at_right:
        return at_right
    return strong[0] == "R" if strong[0] == strong[-1] else 2 * strong.count("R") >= len(strong)


def _from_left(seen: Sequence[_Sign]) -> list[_Sign]:
    """As it is seen, but for words from the right."""
    read: list[_Sign] = []
    at = 0
    for run in _INNER.finditer(_kinds(seen)):
        read += [*seen[at : run.start()], *_from_right(seen[run.start() : run.end()])]
        at = run.end()
    return [*read, *seen[at:]]


def _from_right(seen: Sequence[_Sign]) -> list[_Sign]:
    """Turned round, but for figures and words from the left."""
    signs, read = list(reversed(seen)), list[_Sign]()
    at = 0
    for run in _FOREIGN.finditer(_kinds(signs)):
        start, end = _with_brackets(signs, max(run.start(), at), run.end())
        start = max(start, at)
        read += [*signs[at:start], *reversed(signs[start:end])]
        at = end
    return [*read, *signs[at:]]


def _with_brackets(signs: Sequence[_Sign], start: int, end: int) -> tuple[int, int]:
    """A run with the bracket beside it, of which the other is within."""
    within = sum(sign.shown in _BRACKETS for sign in signs[start:end])
    if within % 2 and start and signs[start - 1].shown in _BRACKETS:
        return start - 1, end
    if within % 2 and end < len(signs) and signs[end].shown in _BRACKETS:
        return start, end + 1
    return start, end


def _kinds(signs: Sequence[_Sign]) -> str:
    return "".join(sign.kind for sign in signs)


def _paired(read: Sequence[_Sign]) -> str:
    """The characters, brackets as they open and close: whether they were mirrored already differs from file to file."""
    text = "".join(sign.shown for sign in read)
    places = [at for at, character in enumerate(text) if character in _BRACKETS]
    if len(places) % 2 or all(
        (text[at] in _OPENING) == (number % 2 == 0) for number, at in enumerate(places)
    ):
        return text
    characters = list(text)
    for number, at in enumerate(places):
        if (text[at] in _OPENING) != (number % 2 == 0):
            characters[at] = _BRACKETS[text[at]]
    return "".join(characters)
