"""Looks that OpenDocument styles give (OASIS OpenDocument 1.3, part 3, 16 and 20)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from assessor_desk.artifacts.reading.markup import PLAIN, Look, colour, size

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE = f"{{{_URN}office:1.0}}"
TEXT = f"{{{_URN}text:1.0}}"
TABLE = f"{{{_URN}table:1.0}}"
STYLE = f"{{{_URN}style:1.0}}"
DRAW = f"{{{_URN}drawing:1.0}}"
SVG = f"{{{_URN}svg-compatible:1.0}}"
FO = f"{{{_URN}xsl-fo-compatible:1.0}}"
PRESENTATION = f"{{{_URN}presentation:1.0}}"
NUMBER = f"{{{_URN}datastyle:1.0}}"
DC = "{http://purl.org/dc/elements/1.1/}"
XLINK = "{http://www.w3.org/1999/xlink}"

_DEEPEST_CHAIN = 40
_LENGTH = re.compile(r"(-?[\d.]+)\s*(cm|mm|in|pt|pc|px)")
_PIXELS = {"cm": 96 / 2.54, "mm": 96 / 25.4, "in": 96.0, "pt": 96 / 72, "pc": 16.0, "px": 1.0}
_PLAIN_POINTS = 12.0


def pixels(words: str | None) -> int:
    """A length with its unit as pixels, 96 an inch; 0 for none and for nonsense."""
    found = _LENGTH.fullmatch((words or "").strip())
    return round(float(found[1]) * _PIXELS[found[2]]) if found else 0


@dataclass(frozen=True, slots=True)
class Block:
    """How a paragraph lies."""

    align: str = ""
    left: int = 0
    indent: int = 0
    rtl: bool = False
    ground: str = ""
    break_before: bool = False
    list_style: str = ""
    name: str = ""


class OpenStyles:
    """The styles of a document: its own and those made for single places, by family and name."""

    def __init__(self, *trees: etree._Element | None, sizes: bool = True) -> None:
        self._styles: dict[tuple[str, str], etree._Element] = {}
        self._defaults: dict[str, etree._Element] = {}
        self.lists: dict[str, etree._Element] = {}
        self.outline: etree._Element | None = None
        for tree in trees:
            if tree is not None:
                self._take(tree)
        usual = next(filter(None, map(self._points, ("Text_20_body", "Standard", ""))), _PLAIN_POINTS)
        self._plain = usual if sizes else 0.0

    def _points(self, name: str) -> float:
        """The size of words in a paragraph style, in points; 0 where nothing is said."""
        said = (each.find(f"{STYLE}text-properties") for each in self.chain("paragraph", name))
        sizes = [each.get(f"{FO}font-size", "") for each in said if each is not None]
        return next((pixels(each) * 72 / 96 for each in reversed(sizes) if each.endswith("pt")), 0.0)

    def _take(self, tree: etree._Element) -> None:
        for style in tree.iter(f"{STYLE}style"):
            self._styles[style.get(f"{STYLE}family", ""), style.get(f"{STYLE}name", "")] = style
        for style in tree.iter(f"{STYLE}default-style"):
            self._defaults[style.get(f"{STYLE}family", "")] = style
        for style in tree.iter(f"{TEXT}list-style"):
            self.lists[style.get(f"{STYLE}name", "")] = style
        for style in tree.iter(f"{TEXT}outline-style"):
            self.outline = style

    def chain(self, family: str, name: str) -> Iterator[etree._Element]:
        """A style with those it is based on, the most general first; circles are cut."""
        found: list[etree._Element] = []
        while (style := self._styles.get((family, name))) is not None and len(found) < _DEEPEST_CHAIN:
            if style in found:
                break
            found.append(style)
            name = style.get(f"{STYLE}parent-style-name", "")
        if family in self._defaults:
            found.append(self._defaults[family])
        yield from reversed(found)

    def paragraph_look(self, name: str) -> Look:
        """How words of a paragraph style look."""
        return self._changed(PLAIN, "paragraph", name)

    def run_look(self, look: Look, name: str) -> Look:
        """`look` with a style for runs of words."""
        return self._changed(look, "text", name)

    def _changed(self, look: Look, family: str, name: str) -> Look:
        for style in self.chain(family, name):
            properties = style.find(f"{STYLE}text-properties")
            if properties is not None:
                look = look.with_changes(_changes(properties, self._plain))
        return look

    def block(self, name: str) -> Block:
        """How paragraphs of a style lie."""
        said: dict[str, str] = {}
        listed = named = ""
        for style in self.chain("paragraph", name):
            properties = style.find(f"{STYLE}paragraph-properties")
            said |= {} if properties is None else {str(key): str(value) for key, value in properties.items()}
            listed = style.get(f"{STYLE}list-style-name", listed)
            named = style.get(f"{STYLE}display-name", style.get(f"{STYLE}name", named))
        rtl = said.get(f"{STYLE}writing-mode", "").startswith("rl")
        return Block(
            side_of(said.get(f"{FO}text-align", ""), rtl),
            min(400, max(0, pixels(said.get(f"{FO}margin-left")))),
            min(200, max(-200, pixels(said.get(f"{FO}text-indent")))),
            rtl,
            _ground(said.get(f"{FO}background-color")),
            said.get(f"{FO}break-before") == "page",
            listed,
            named,
        )

    def cell_ground(self, name: str) -> str:
        """The colour behind a cell; empty for none."""
        ground = ""
        for style in self.chain("table-cell", name):
            properties = style.find(f"{STYLE}table-cell-properties")
            if properties is not None and (said := properties.get(f"{FO}background-color")) is not None:
                ground = _ground(said)
        return ground

    def cell_look(self, name: str) -> tuple[Look, str]:
        """How words of a cell look, and which side they stand on."""
        look, align = self._changed(PLAIN, "table-cell", name), ""
        for style in self.chain("table-cell", name):
            properties = style.find(f"{STYLE}paragraph-properties")
            align = align if properties is None else properties.get(f"{FO}text-align", align)
        return look, side_of(align)

    def column_width(self, name: str) -> int:
        """In pixels; 0 where it is not said."""
        for style in self.chain("table-column", name):
            properties = style.find(f"{STYLE}table-column-properties")
            if properties is not None and (said := properties.get(f"{STYLE}column-width")):
                return pixels(said)
        return 0


def side_of(said: str, rtl: bool = False) -> str:
    """The side on which words stand, as the view has it; empty for where they begin anyhow."""
    if said == "center":
        return "center"
    other = "left" if rtl else "right"
    return other if said in ("end", other) else ""


def _ground(said: str | None) -> str:
    found = colour(said)
    return "" if found == "ffffff" else found


def _changes(properties: etree._Element, plain: float) -> dict[str, Any]:
    """What text properties say; sizes are told by a plain one, or not at all where that is 0."""
    said = {str(name): str(value) for name, value in properties.items()}
    return {
        attribute: change
        for name, (attribute, read) in _READ.items()
        if name in said and (change := read(said[name])) is not None
    } | _measured(said, plain)


def _measured(said: dict[str, str], plain: float) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if (place := said.get(f"{STYLE}text-position")) is not None:
        lowered = place.startswith(("sub", "-"))
        changes |= {"lowered": lowered, "raised": not lowered and place[:1] in "s123456789"}
    points = said.get(f"{FO}font-size", "")
    if plain and points.endswith("pt"):
        changes["size"] = size(pixels(points) * 72 / 96, plain)
    return changes


def _heavy(said: str) -> bool:
    return said == "bold" or (said.isdigit() and int(said) >= 600)


def _ink(said: str) -> str:
    return "" if colour(said) == "000000" else colour(said)


#: What text properties say → the attribute of a look, and how its value is read; None changes nothing.
_READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    f"{FO}font-weight": ("bold", _heavy),
    f"{FO}font-style": ("italic", lambda said: said in ("italic", "oblique")),
    f"{STYLE}text-underline-style": ("underline", lambda said: said != "none"),
    f"{STYLE}text-line-through-style": ("strike", lambda said: said != "none"),
    f"{FO}color": ("ink", _ink),
    f"{FO}background-color": ("ground", _ground),
    f"{TEXT}display": ("hidden", lambda said: said == "none" or None),
    f"{FO}text-transform": ("capitals", lambda said: said == "uppercase"),
}
