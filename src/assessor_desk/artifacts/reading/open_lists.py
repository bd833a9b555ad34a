"""Numbers of OpenDocument lists and headings (OASIS OpenDocument 1.3, part 3, 5.3 and 16.30)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lxml import etree

from assessor_desk.artifacts.reading.open_styles import FO, STYLE, TEXT, Block, OpenStyles, pixels
from assessor_desk.artifacts.reading.word_names import number
from assessor_desk.artifacts.reading.word_numbering import letters, roman, sign

_INDENT = 24


@dataclass
class Counting:
    """How far one list has come: a count a level."""

    counts: list[int | None]


class OpenLists:
    """Counts the lists of one document, in order."""

    def __init__(self, styles: OpenStyles) -> None:
        self._styles = styles
        self._by_id: dict[str, Counting] = {}
        self._by_style: dict[str, Counting] = {}
        self._current = Counting([None] * 11)
        self._headings = Counting([None] * 11)

    def begin(self, element: etree._Element, style: str, level: int) -> Counting:
        """The counts that a list goes on with, or new ones."""
        if level > 1:
            return self._current
        before = None
        if (followed := element.get(f"{TEXT}continue-list")) is not None:
            before = self._by_id.get(followed)
        elif element.get(f"{TEXT}continue-numbering") == "true":
            before = self._by_style.get(style)
        self._current = before or Counting([None] * 11)
        self._by_style[style] = self._current
        own_id = element.get("{http://www.w3.org/XML/1998/namespace}id")
        if own_id is not None:
            self._by_id[own_id] = self._current
        return self._current

    def next_label(self, counting: Counting, style: str, level: int, element: etree._Element) -> str:
        """The number or sign of the next entry of a list."""
        said = self._level(self._styles.lists.get(style), level)
        start = element.get(f"{TEXT}start-value")
        return _counted(
            counting, said, level, None if start is None else number(start), self._styles.lists.get(style)
        )

    def heading(self, level: int) -> str:
        """The number of the next heading, empty where headings have none."""
        said = self._level(self._styles.outline, level)
        if said is None or not said.get(f"{STYLE}num-format"):
            return ""
        return _counted(self._headings, said, level, None, self._styles.outline)

    def laid(self, block: Block, style: str, level: int) -> Block:
        """A paragraph's layout with the indents of its list."""
        said = self._level(self._styles.lists.get(style), level)
        properties = None if said is None else said.find(f"{STYLE}list-level-properties")
        aligned = None if properties is None else properties.find(f"{STYLE}list-level-label-alignment")
        left = 0 if aligned is None else pixels(aligned.get(f"{FO}margin-left"))
        if aligned is None and properties is not None:
            before, label = properties.get(f"{TEXT}space-before"), properties.get(f"{TEXT}min-label-width")
            left = pixels(before) + pixels(label)
        indent = 0 if aligned is None else pixels(aligned.get(f"{FO}text-indent"))
        left = min(400, left or _INDENT * level)
        return replace(block, left=left, indent=min(-16, max(-left, indent)))

    def _level(self, style: etree._Element | None, level: int) -> etree._Element | None:
        levels = () if style is None else style
        return next((each for each in levels if number(each.get(f"{TEXT}level")) == level), None)


def _counted(
    counting: Counting,
    said: etree._Element | None,
    level: int,
    start: int | None,
    style: etree._Element | None,
) -> str:
    counts = counting.counts
    begin = 1 if said is None else number(said.get(f"{TEXT}start-value")) or 1
    before = counts[level]
    counts[level] = start if start is not None else begin if before is None else before + 1
    counts[level + 1 :] = [None] * (len(counts) - level - 1)
    if said is None or said.tag == f"{TEXT}list-level-style-image":
        return "•"
    if said.tag == f"{TEXT}list-level-style-bullet":
        return "".join(map(sign, said.get(f"{TEXT}bullet-char", "•")[:1]))
    if not said.get(f"{STYLE}num-format"):
        return ""
    shown = max(1, min(level, number(said.get(f"{TEXT}display-levels")) or 1))
    levels = range(level - shown + 1, level + 1)
    figures = ".".join(_figure(counts[each] or 1, _format(style, each)) for each in levels)
    return f"{said.get(f'{STYLE}num-prefix', '')}{figures}{said.get(f'{STYLE}num-suffix', '')}".strip()


def _format(style: etree._Element | None, level: int) -> str:
    levels = () if style is None else style
    said = next((each for each in levels if number(each.get(f"{TEXT}level")) == level), None)
    return "1" if said is None else said.get(f"{STYLE}num-format") or "1"


def _figure(count: int, style: str) -> str:
    ways: dict[str, Callable[[int], str]] = {
        "a": letters,
        "A": lambda n: letters(n).upper(),
        "i": roman,
        "I": lambda n: roman(n).upper(),
    }
    return ways[style](count) if style in ways else str(count)
