"""Numbers of lists as Word counts them (ECMA-376 part 1, 17.9): never restarted where Word goes on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from assessor_desk.artifacts.reading.word_names import W, number, switched, value
from assessor_desk.artifacts.reading.word_styles import Layout, laid

_LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_ONES = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
#: Signs of Symbol and Wingdings, whose codes lie in the private area, as characters that every font has.
SIGNS = {
    0xA7: "▪", 0xA8: "◻", 0xB7: "•", 0xD8: "➢", 0xFC: "✓", 0xFB: "✗", 0xFE: "☑", 0xFD: "☒", 0x6E: "■", 0x6F: "☐",
    0x71: "❑", 0x72: "❒", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x6C: "●", 0x6D: "○", 0xE0: "→", 0xDF: "←", 0xF0: "⇨",
    0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0xA1: "○", 0xAB: "★", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x46: "☞",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of one list: how it counts, what it writes, and how it lies."""

    start: int
    style: str
    text: str
    restart: int
    legal: bool
    layout: etree._Element | None


class Numbering:
    """Counts the lists of one document, paragraph by paragraph, in order."""

    def __init__(self, tree: etree._Element | None) -> None:
        self._abstract: dict[str, etree._Element] = {}
        self._lists: dict[str, etree._Element] = {}
        self._levels: dict[tuple[str, int], _Level | None] = {}
        self._counts: dict[str, list[int | None]] = defaultdict(lambda: [None] * _LEVELS)
        self._restarted: set[tuple[str, int]] = set()
        if tree is not None:
            self._abstract = {
                each.get(f"{W}abstractNumId", ""): each for each in tree.iter(f"{W}abstractNum")
            }
            self._lists = {each.get(f"{W}numId", ""): each for each in tree.findall(f"{W}num")}

    def next_label(self, layout: Layout) -> str:
        """The number or sign of the next paragraph that lies so; empty where its list shows none."""
        level = self._level(layout.numbering, layout.level)
        if level is None:
            return ""
        counts = self._counts[self._counted_as(layout.numbering)]
        self._start_over(layout.numbering, layout.level, counts)
        before = counts[layout.level]
        counts[layout.level] = level.start if before is None else before + 1
        for deeper in range(layout.level + 1, _LEVELS):
            below = self._level(layout.numbering, deeper)
            if below is None or below.restart < 0 or layout.level < below.restart:
                counts[deeper] = None
        if level.style == "bullet":
            return "".join(map(sign, level.text))
        return self._written(layout.numbering, level, counts)

    def layout(self, layout: Layout) -> Layout:
        """`layout` with the indents of its list's level; a paragraph's own ones count after these."""
        level = self._level(layout.numbering, layout.level)
        return layout if level is None else laid(layout, level.layout)

    def level_of_style(self, numbering: str, style_id: str) -> int | None:
        """The level of a list that belongs to a paragraph style, as numbered headings have it."""
        abstract = self._abstract_of(numbering)
        for each in () if abstract is None else abstract.findall(f"{W}lvl"):
            if value(each, "pStyle") == style_id:
                return min(_LEVELS - 1, number(each.get(f"{W}ilvl")))
        return None

    def _counted_as(self, numbering: str) -> str:
        """Lists of one definition go on counting together."""
        return value(self._lists.get(numbering), "abstractNumId") or numbering

    def _start_over(self, numbering: str, level: int, counts: list[int | None]) -> None:
        """The first use of a list that says where it starts begins anew there."""
        for each in range(level + 1):
            override = self._override(numbering, each)
            if (numbering, each) not in self._restarted and value(override, "startOverride") is not None:
                self._restarted.add((numbering, each))
                counts[each] = None if each == level else counts[each]

    def _override(self, numbering: str, level: int) -> etree._Element | None:
        listed = self._lists.get(numbering)
        overrides = [] if listed is None else listed.findall(f"{W}lvlOverride")
        return next((each for each in overrides if number(each.get(f"{W}ilvl")) == level), None)

    def _abstract_of(self, numbering: str) -> etree._Element | None:
        abstract = self._abstract.get(value(self._lists.get(numbering), "abstractNumId") or "")
        link = value(abstract, "numStyleLink")
        if link is not None:  # the definition stands where the style of that name is defined
            linked = (each for each in self._abstract.values() if value(each, "styleLink") == link)
            return next(linked, abstract)
        return abstract

    def _level(self, numbering: str, level: int) -> _Level | None:
        key = (numbering, level)
        if key not in self._levels:
            self._levels[key] = self._found(numbering, level)
        return self._levels[key]

    def _found(self, numbering: str, level: int) -> _Level | None:
        override, abstract = self._override(numbering, level), self._abstract_of(numbering)
        said = None if override is None else override.find(f"{W}lvl")
        if said is None and abstract is not None:
            said = next((e for e in abstract.findall(f"{W}lvl") if number(e.get(f"{W}ilvl")) == level), None)
        if said is None:
            return None
        start = value(override, "startOverride") or value(said, "start")
        restart = value(said, "lvlRestart")
        return _Level(
            number(start) if start is not None else 1,
            value(said, "numFmt") or "decimal",
            value(said, "lvlText") or "",
            -1 if restart is None else number(restart),
            bool(switched(said, "isLgl")),
            said.find(f"{W}pPr"),
        )

    def _written(self, numbering: str, level: _Level, counts: list[int | None]) -> str:
        def count(found: re.Match[str]) -> str:
            which = int(found[1]) - 1
            there = self._level(numbering, which)
            reached = counts[which] if counts[which] is not None else (there.start if there else 1)
            style = "decimal" if level.legal or there is None else there.style
            return written(reached or 0, style)

        return re.sub(r"%([1-9])", count, level.text)


def sign(character: str) -> str:
    """A list's sign as a character that every font has."""
    code = ord(character)
    if 0xF000 <= code <= 0xF0FF:
        return SIGNS.get(code - 0xF000, "•")
    return "◦" if character == "o" else character


def written(count: int, style: str) -> str:
    """A number in one of Word's ways of counting; ways that are not known count in figures."""
    ways: dict[str, Callable[[], str]] = {
        "none": lambda: "",
        "decimalZero": lambda: f"{count:02}",
        "upperLetter": lambda: letters(count).upper(),
        "lowerLetter": lambda: letters(count),
        "upperRoman": lambda: roman(count).upper(),
        "lowerRoman": lambda: roman(count),
        "ordinal": lambda: f"{count}{_ordinal(count)}",
        "cardinalText": lambda: _spelled(count).capitalize(),
        "hex": lambda: f"{count:X}",
        "arabicAlpha": lambda: _one_of("أبتثجحخدذرزسشصضطظعغفقكلمنهوي", count),
        "arabicAbjad": lambda: _one_of("أبجدهوزحطيكلمنسعفصقرشتثخذضظغ", count),
        "hebrew1": lambda: _one_of("אבגדהוזחטיכלמנסעפצקרשת", count),
        "hebrew2": lambda: _one_of("אבגדהוזחטיכלמנסעפצקרשת", count),
        "russianLower": lambda: _one_of("абвгдежзиклмнопрстуфхцчшщыэюя", count),
        "russianUpper": lambda: _one_of("АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ", count),
        "bullet": lambda: "",
    }
    return ways[style]() if style in ways else str(count)


def letters(count: int) -> str:
    """a … z, aa, bb …, as Word has it."""
    if not 0 < count < 5_000:
        return str(count)
    return chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)


def roman(count: int) -> str:
    if not 0 < count < 5_000:
        return str(count)
    written = ""
    for worth, sign in _ROMAN:
        written += sign * (count // worth)
        count %= worth
    return written


def _one_of(alphabet: str, count: int) -> str:
    return alphabet[(count - 1) % len(alphabet)]


def _ordinal(count: int) -> str:
    return "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")


def _spelled(count: int) -> str:
    if not 0 < count < 100:
        return str(count)
    if count < 20:
        return _ONES[count]
    return "-".join(filter(None, (_TENS[count // 10], _ONES[count % 10])))
