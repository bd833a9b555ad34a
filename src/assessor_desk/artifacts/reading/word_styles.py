"""The looks that a Word document's styles give: those named, those they are based on, and the defaults."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from assessor_desk.artifacts.reading.markup import PLAIN, Look, colour, size
from assessor_desk.artifacts.reading.word_names import W, number, pixels, switched, value

_DEEPEST_CHAIN = 40
_PLAIN_POINTS = 11.0
_HIGHLIGHTS = {
    "yellow": "ffff00", "green": "00ff00", "cyan": "00ffff", "magenta": "ff00ff", "blue": "0000ff",
    "red": "ff0000", "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000",
    "darkMagenta": "800080", "darkRed": "800000", "darkYellow": "808000", "darkGray": "808080",
    "lightGray": "c0c0c0", "black": "000000",
}  # fmt: skip
_SWITCHES = {
    "b": "bold", "i": "italic", "strike": "strike", "dstrike": "strike", "caps": "capitals", "vanish": "hidden",
}  # fmt: skip
_ALIGNED = {"center": "center", "right": "right", "end": "right"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a paragraph lies; `numbering` and `level` name its list, `outline` its place among headings from 1."""

    align: str = ""
    left: int = 0
    indent: int = 0
    rtl: bool = False
    ground: str = ""
    numbering: str = ""
    level: int = 0
    outline: int = 0
    title: bool = False
    break_before: bool = False
    own_indent: bool = field(default=False, compare=False)


class Styles:
    """The styles of one document by id."""

    def __init__(self, tree: etree._Element | None) -> None:
        styles = () if tree is None else tree.iter(f"{W}style")
        self._styles = {style.get(f"{W}styleId", ""): style for style in styles}
        defaults = None if tree is None else tree.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        usual = next((s for s in self._styles.values() if _is_default(s, "paragraph")), None)
        self._usual = "" if usual is None else usual.get(f"{W}styleId", "")
        self._defaults = defaults
        self._plain = self._plain_points()
        self._runs: dict[str, Look] = {}
        self._layouts: dict[str, Layout] = {}

    def _plain_points(self) -> float:
        for said in (*(each.find(f"{W}rPr") for each in self._chain(self._usual)[::-1]), self._defaults):
            if points := number(value(said, "sz")) / 2:
                return points
        return _PLAIN_POINTS

    def _chain(self, style_id: str) -> list[etree._Element]:
        """The style with those it is based on, the most general first; circles are cut."""
        found: list[etree._Element] = []
        while style_id in self._styles and len(found) < _DEEPEST_CHAIN:
            style = self._styles[style_id]
            if style in found:
                break
            found.append(style)
            style_id = value(style, "basedOn") or ""
        return found[::-1]

    def look_of(self, style_id: str) -> Look:
        """How words of a paragraph style, or by an empty id of the usual one, look."""
        style_id = style_id or self._usual
        if style_id not in self._runs:
            look = self.changed(PLAIN, self._defaults)
            for style in self._chain(style_id):
                look = self.changed(look, style.find(f"{W}rPr"))
            self._runs[style_id] = look
        return self._runs[style_id]

    def run_look(self, look: Look, properties: etree._Element | None) -> Look:
        """`look` with a run's character style and its own properties."""
        if properties is None:
            return look
        for style in self._chain(value(properties, "rStyle") or ""):
            look = self.changed(look, style.find(f"{W}rPr"))
        return self.changed(look, properties)

    def changed(self, look: Look, properties: etree._Element | None) -> Look:
        """`look` with what run properties say."""
        if properties is None or not len(properties):
            return look
        changes: dict[str, Any] = {}
        for name, attribute in _SWITCHES.items():
            if (on := switched(properties, name)) is not None:
                changes[attribute] = on
        if (line := value(properties, "u")) is not None:
            changes["underline"] = line not in ("none", "0")
        if (place := value(properties, "vertAlign")) is not None:
            changes |= {"raised": place == "superscript", "lowered": place == "subscript"}
        if (ink := value(properties, "color")) is not None:
            changes["ink"] = colour(ink)
        if (points := number(value(properties, "sz")) / 2) > 0:
            changes["size"] = size(points, self._plain)
        return look.with_changes(changes | _behind(properties))

    def layout_of(self, style_id: str) -> Layout:
        """How paragraphs of a style lie."""
        style_id = style_id or self._usual
        if style_id not in self._layouts:
            layout = Layout()
            for style in self._chain(style_id):
                layout = laid(layout, style.find(f"{W}pPr"))
                layout = _named(layout, (value(style, "name") or "").lower())
            self._layouts[style_id] = layout
        return self._layouts[style_id]

    def table_parts(self, style_id: str) -> dict[str, etree._Element]:
        """What a table style says of its parts: `wholeTable`, `firstRow`, `band1Horz` and so on."""
        parts: dict[str, etree._Element] = {}
        for style in self._chain(style_id):
            parts["wholeTable"] = style
            parts |= {each.get(f"{W}type", ""): each for each in style.findall(f"{W}tblStylePr")}
        return parts


def _is_default(style: etree._Element, kind: str) -> bool:
    return style.get(f"{W}type") == kind and style.get(f"{W}default") in ("1", "true", "on")


def _named(layout: Layout, name: str) -> Layout:
    """Headings are known by their names, which Word keeps in English in every language."""
    if name == "title":
        return replace(layout, title=True)
    if name.startswith("heading ") and name[8:].isdigit() and not layout.outline:
        return replace(layout, outline=int(name[8:]))
    return layout


def _behind(properties: etree._Element) -> dict[str, str]:
    highlight = value(properties, "highlight")
    if highlight is not None:
        return {"ground": _HIGHLIGHTS.get(highlight, "")}
    shade = properties.find(f"{W}shd")
    return {} if shade is None else {"ground": fill(shade)}


def fill(shade: etree._Element | None) -> str:
    """The colour of a shading; white is paper."""
    found = "" if shade is None else colour(shade.get(f"{W}fill"))
    return "" if found == "ffffff" else found


def laid(layout: Layout, properties: etree._Element | None) -> Layout:
    """`layout` with what paragraph properties say."""
    if properties is None:
        return layout
    changes: dict[str, Any] = _indents(properties.find(f"{W}ind"))
    if (side := value(properties, "jc")) is not None:
        changes["align"] = _ALIGNED.get(side, "")
    if (rtl := switched(properties, "bidi")) is not None:
        changes["rtl"] = rtl
    if (shade := properties.find(f"{W}shd")) is not None:
        changes["ground"] = fill(shade)
    if (numbering := value(properties, "numPr/numId")) is not None:
        changes["numbering"] = "" if numbering == "0" else numbering
    if (level := value(properties, "numPr/ilvl")) is not None:
        changes["level"] = min(8, max(0, number(level)))
    if (outline := value(properties, "outlineLvl")) is not None:
        changes["outline"] = number(outline) + 1 if number(outline) < 9 else 0
    if (before := switched(properties, "pageBreakBefore")) is not None:
        changes["break_before"] = before
    return replace(layout, **changes)


def _indents(indents: etree._Element | None) -> dict[str, Any]:
    if indents is None:
        return {}
    found: dict[str, Any] = {}
    left = indents.get(f"{W}start", indents.get(f"{W}left"))
    if left is not None:
        found |= {"left": min(400, max(0, pixels(left))), "own_indent": True}
    if (hanging := indents.get(f"{W}hanging")) is not None:
        found["indent"] = -min(200, max(0, pixels(hanging)))
    elif (first := indents.get(f"{W}firstLine")) is not None:
        found["indent"] = min(200, max(0, pixels(first)))
    return found
