"""PowerPoint presentations as one section a slide: title, words in reading order, tables, pictures, speaker notes.

Read from the parts themselves (ECMA-376 part 1, 19 and 21); where a slide does not say where a shape lies, its layout
and the layout's master do.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from assessor_desk.artifacts.reading import equations, markup
from assessor_desk.artifacts.reading.charts import chart_table, diagram_list
from assessor_desk.artifacts.reading.markup import Look, Pictures
from assessor_desk.artifacts.reading.remarks import Remark, Writers
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.artifacts.reading.word_names import MC, A, M, R, number
from assessor_desk.artifacts.reading.word_numbering import sign, written
from assessor_desk.artifacts.reading.xml_package import XmlPackage

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_P188 = "{http://schemas.microsoft.com/office/powerpoint/2018/8/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_PRESENTATION = "ppt/presentation.xml"
_EMU_PER_PIXEL = 9525
_SAME_LINE = 24 * _EMU_PER_PIXEL
"""Shapes whose tops are nearer than this are read from left to right."""

MOST_SLIDES = 500
_DEEPEST_GROUP = 12
_TITLES = ("title", "ctrTitle")
_NOT_SAID = ("dt", "ftr", "sldNum", "hdr")
_WAYS = {"arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
         "romanUc": "upperRoman"}  # fmt: skip


@dataclass
class Slides:
    """What was read: a block of HTML a slide."""

    slides: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Shape:
    """A shape of a slide with where it lies."""

    element: etree._Element
    top: int
    left: int
    kind: str


def read_slides(source: Source) -> Slides:
    """Read a presentation. Raises `Refused` for one that must not be opened, or one of `xml_package.FAULTS`."""
    return _Reading(XmlPackage(source)).slides()


class _Reading:
    def __init__(self, package: XmlPackage) -> None:
        self._package = package
        self._pictures = Pictures()
        self._relations: dict[str, str] = {}
        self._found = Slides()
        self._writers = Writers()

    def slides(self) -> Slides:
        """All slides in the order in which they are shown."""
        relations = self._package.relations(_PRESENTATION)
        ids = list(self._package.tree(_PRESENTATION).iter(f"{_P}sldId"))
        names = [relations.get(each.get(f"{R}id", ""), "") for each in ids]
        for place, name in enumerate(names[:MOST_SLIDES], start=1):
            self._found.slides.append(self._slide(name, place, len(names)))
        if len(names) > MOST_SLIDES:
            self._say(f"Only the first {MOST_SLIDES} of {len(names)} slides are shown.")
        told = [
            Remark(each.number, self._writers.told(each.writer), each.words) for each in self._found.remarks
        ]
        self._found.remarks = told
        return self._found

    def _slide(self, name: str, place: int, count: int) -> str:
        tree = self._package.tree_or_none(name)
        if tree is None:
            return _counted(place, count, "") + markup.paragraph("<i>This slide cannot be read.</i>")
        self._relations = self._package.relations(name)
        places = self._inherited_places()
        shapes = _in_order(list(_shapes(tree.find(f"{_P}cSld/{_P}spTree"), places)))
        hidden = " · hidden" if tree.get("show") == "0" else ""
        blocks = "".join(self._shape(shape) for shape in shapes)
        return _counted(place, count, hidden) + blocks + self._remarks_of() + self._speaker_notes()

    def _inherited_places(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Where the layout and its master put each placeholder, by its type and its number."""
        places: dict[tuple[str, str], tuple[int, int]] = {}
        layout = _named(self._relations, "slideLayouts/")
        master = _named(self._package.relations(layout), "slideMasters/") if layout else ""
        for part in filter(None, (master, layout)):
            tree = self._package.tree_or_none(part)
            for shape in () if tree is None else tree.iter(f"{_P}sp"):
                offset, held = shape.find(f"{_P}spPr/{A}xfrm/{A}off"), _placeholder(shape)
                if offset is not None and held is not None:
                    place = number(offset.get("y")), number(offset.get("x"))
                    places[held] = places[held[0], ""] = places["", held[1]] = place
        return places

    def _shape(self, shape: _Shape) -> str:
        element = shape.element
        if element.tag == f"{_P}pic":
            return self._picture(element)
        if element.tag == f"{_P}graphicFrame":
            return self._framed(element)
        body = element.find(f"{_P}txBody")
        if body is None:
            return ""
        if shape.kind in _TITLES:
            words = " ".join(filter(None, (self._words(p) for p in body.findall(f"{A}p"))))
            return f"<h2>{words}</h2>" if words else ""
        return self._text(body, bulleted=shape.kind in ("body", "obj"))

    def _text(self, body: etree._Element, bulleted: bool) -> str:
        counts: dict[int, int] = {}
        blocks: list[str] = []
        for paragraph in body.findall(f"{A}p"):
            words = self._words(paragraph)
            if words:
                blocks.append(_listed(paragraph, words, counts, bulleted))
        return "".join(blocks)

    def _words(self, paragraph: etree._Element) -> str:
        pieces: list[str] = []
        for child in paragraph:
            if child.tag in (f"{A}r", f"{A}fld"):
                words = "".join(child.itertext(f"{A}t"))
                pieces.append(_look(child.find(f"{A}rPr")).dress(markup.escaped(words).replace("\v", "<br>")))
            elif child.tag == f"{A}br":
                pieces.append("<br>")
            elif child.tag == f"{MC}AlternateContent" or child.tag.endswith("}m"):
                pieces.append(self._equations(child))
        return "".join(pieces)

    def _equations(self, element: etree._Element) -> str:
        self._say("Equations are shown as a line of text.")
        return " ".join(html.escape(equations.line(each)) for each in element.iter(f"{M}oMath"))

    def _picture(self, element: etree._Element) -> str:
        blip = element.find(f"{_P}blipFill/{A}blip")
        name = "" if blip is None else self._relations.get(blip.get(f"{R}embed", ""), "")
        described = element.find(f"{_P}nvPicPr/{_P}cNvPr")
        words = "" if described is None else described.get("descr", "")
        size = element.find(f"{_P}spPr/{A}xfrm/{A}ext")
        width = 0 if size is None else number(size.get("cx")) // _EMU_PER_PIXEL
        moving = any(True for _ in element.iter(f"{A}videoFile", f"{A}audioFile", f"{A}wavAudioFile"))
        if moving:
            self._say("Sound and video inside slides are not played here.")
        shown = (
            self._pictures.show(self._package.data(name), name, width, words)
            if name
            else "[a picture kept elsewhere]"
        )
        return markup.paragraph(shown + (" [sound or video, not played here]" if moving else ""))

    def _framed(self, element: etree._Element) -> str:
        """A table, a chart or a diagram."""
        if (table := element.find(f".//{A}tbl")) is not None:
            return self._table(table)
        for kind, draw, note in (
            (f"{_C}chart", chart_table, "Charts are shown as tables of their figures."),
            (f"{_DGM}relIds", diagram_list, "Diagrams are shown as lists of their words."),
        ):
            found = element.find(f".//{kind}")
            if found is not None:
                part = self._relations.get(found.get(f"{R}id") or found.get(f"{R}dm") or "", "")
                tree = self._package.tree_or_none(part)
                self._say(note)
                return "" if tree is None else draw(tree)
        return ""

    def _table(self, table: etree._Element) -> str:
        widths = [number(each.get("w")) for each in table.findall(f"{A}tblGrid/{A}gridCol")]
        rows, shown = [], 0
        for row in table.findall(f"{A}tr"):
            shown += len(row)
            if shown > markup.MOST_CELLS:
                self._say("Of a large table only the first rows are shown.")
                break
            cells = [
                self._cell(each, widths, column)
                for column, each in enumerate(row.findall(f"{A}tc"))
                if each.get("hMerge") not in ("1", "true") and each.get("vMerge") not in ("1", "true")
            ]
            rows.append("".join(cells))
        return markup.table(rows)

    def _cell(self, cell: etree._Element, widths: list[int], column: int) -> str:
        across, down = max(1, number(cell.get("gridSpan"))), max(1, number(cell.get("rowSpan")))
        fill = cell.find(f"{A}tcPr/{A}solidFill/{A}srgbClr")
        ground = "" if fill is None else markup.colour(fill.get("val"))
        total = sum(widths)
        width = round(100 * sum(widths[column : column + across]) / total) if total else 0
        body = cell.find(f"{A}txBody")
        words = "" if body is None else self._text(body, bulleted=False)
        return markup.cell(words, "td", across, down, width, "" if ground == "ffffff" else ground)

    def _speaker_notes(self) -> str:
        """What the speaker notes say, apart from the slide."""
        tree = self._package.tree_or_none(_named(self._relations, "notesSlides/"))
        if tree is None:
            return ""
        bodies = (
            shape.find(f"{_P}txBody")
            for shape in tree.iter(f"{_P}sp")
            if (_placeholder(shape) or ("", ""))[0] in ("body", "obj")
        )
        words = "".join(self._text(body, bulleted=False) for body in bodies if body is not None)
        head = f'<p class="small"><b><span title="{markup.LABEL}">Speaker notes</span></b></p>'
        return markup.table([markup.cell(head + words)]) if words else ""

    def _remarks_of(self) -> str:
        signs: list[str] = []
        for name in (each for each in self._relations.values() if "/comments/" in each or "/comment" in each):
            tree = self._package.tree_or_none(name)
            for each in () if tree is None else (*tree.iter(f"{_P}cm"), *tree.iter(f"{_P188}cm")):
                words = " ".join((*each.itertext(f"{_P}text"), *each.itertext(f"{A}t"))).strip()
                remark = len(self._found.remarks) + 1
                self._found.remarks.append(
                    Remark(remark, self._writers.known_as(each.get("authorId", "")), words)
                )
                signs.append(markup.remark_sign(remark))
        return markup.paragraph("".join(signs)) if signs else ""

    def _say(self, note: str) -> None:
        if note not in self._found.notes:
            self._found.notes.append(note)


def _counted(place: int, count: int, hidden: str) -> str:
    line = "<hr>" if place > 1 else ""
    words = f'<span title="{markup.LABEL}">Slide {place} of {count}{hidden}</span>'
    return f'{line}<p class="running">{words}</p>'


def _named(relations: dict[str, str], folder: str) -> str:
    return next((name for name in relations.values() if folder in name), "")


def _placeholder(shape: etree._Element) -> tuple[str, str] | None:
    found = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return None if found is None else (found.get("type", "obj"), found.get("idx", ""))


def _shapes(
    tree: etree._Element | None,
    places: dict[tuple[str, str], tuple[int, int]],
    deep: int = 0,
    within: tuple[int, int] | None = None,
) -> Iterator[_Shape]:
    """The shapes of a slide; those of a group stay together, where the group lies."""
    for element in () if tree is None or deep > _DEEPEST_GROUP else tree:
        if element.tag == f"{MC}AlternateContent":
            yield from _shapes(element.find(f"{MC}Choice"), places, deep + 1, within)
        elif element.tag == f"{_P}grpSp":
            at = _place(element.find(f"{_P}grpSpPr/{A}xfrm/{A}off"))
            yield from _in_order(list(_shapes(element, places, deep + 1, within or at or (0, 0))))
        elif element.tag in (f"{_P}sp", f"{_P}pic", f"{_P}graphicFrame"):
            kind, which = _placeholder(element) or ("", "")
            if kind in _NOT_SAID:
                continue
            offset = element.find(f"{_P}spPr/{A}xfrm/{A}off")
            offset = element.find(f"{_P}xfrm/{A}off") if offset is None else offset
            own = (
                _place(offset)
                or places.get((kind, which))
                or places.get(("", which))
                or places.get((kind, ""))
            )
            yield _Shape(element, *(within or own or (0, 0)), kind)


def _place(offset: etree._Element | None) -> tuple[int, int] | None:
    return None if offset is None else (number(offset.get("y")), number(offset.get("x")))


def _in_order(shapes: list[_Shape]) -> list[_Shape]:
    """Titles first, then from top to bottom, and what lies side by side from left to right."""
    ordered = sorted(shapes, key=lambda shape: shape.top)
    lines: list[list[_Shape]] = []
    for shape in ordered:
        if lines and shape.top - lines[-1][0].top < _SAME_LINE:
            lines[-1].append(shape)
        else:
            lines.append([shape])
    read = [shape for line in lines for shape in sorted(line, key=lambda each: each.left)]
    return sorted(read, key=lambda shape: shape.kind not in _TITLES)


def _listed(paragraph: etree._Element, words: str, counts: dict[int, int], bulleted: bool) -> str:
    """A paragraph with its bullet or number."""
    properties = paragraph.find(f"{A}pPr")
    level = 0 if properties is None else min(8, number(properties.get("lvl")))
    align = {"ctr": "center", "r": "right"}.get("" if properties is None else properties.get("algn", ""), "")
    rtl = properties is not None and properties.get("rtl") in ("1", "true")
    for deeper in [each for each in counts if each > level]:
        del counts[deeper]
    label = _bullet(properties, level, counts, bulleted)
    if not label:
        counts.pop(level, None)
        return markup.paragraph(words, align=align, left=24 * level, rtl=rtl)
    left = 24 * (level + 1)
    return markup.paragraph(markup.label(label) + words, "p", align, left, -20, rtl, ("tight",))


def _bullet(properties: etree._Element | None, level: int, counts: dict[int, int], bulleted: bool) -> str:
    if properties is not None:
        if properties.find(f"{A}buNone") is not None:
            return ""
        if (character := properties.find(f"{A}buChar")) is not None:
            return "".join(map(sign, character.get("char", "•")[:1]))
        if (counted := properties.find(f"{A}buAutoNum")) is not None:
            counts[level] = counts.get(level, max(1, number(counted.get("startAt"))) - 1) + 1
            return _auto(counts[level], counted.get("type", "arabicPeriod"))
    return "•" if bulleted else ""


def _auto(count: int, way: str) -> str:
    style = next((name for start, name in _WAYS.items() if way.startswith(start)), "decimal")
    figures = written(count, style)
    if way.endswith("ParenBoth"):
        return f"({figures})"
    return figures + (")" if way.endswith("ParenR") else "" if way.endswith("Plain") else ".")


def _look(properties: etree._Element | None) -> Look:
    if properties is None:
        return Look()
    ink = properties.find(f"{A}solidFill/{A}srgbClr")
    highlight = properties.find(f"{A}highlight/{A}srgbClr")
    raised = number(properties.get("baseline"))
    return Look(
        bold=properties.get("b") in ("1", "true"),
        italic=properties.get("i") in ("1", "true"),
        underline=properties.get("u", "none") != "none",
        strike=properties.get("strike", "noStrike") != "noStrike",
        raised=raised > 0,
        lowered=raised < 0,
        ink="" if ink is None or ink.get("val", "").lower() == "ffffff" else markup.colour(ink.get("val")),
        ground="" if highlight is None else markup.colour(highlight.get("val")),
    )
