"""Word documents as HTML, in the order in which they are read and with what a lesson plan's layout says.

Read from the parts themselves (ECMA-376 part 1, 17): numbers of lists as Word counts them, merged and shaded cells,
colours, headers and footers, notes, equations, tracked changes, text boxes, and the educator's own remarks.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from assessor_desk.artifacts.reading import equations, markup
from assessor_desk.artifacts.reading.charts import chart_table, diagram_list
from assessor_desk.artifacts.reading.markup import Look, Pictures
from assessor_desk.artifacts.reading.remarks import Remark, Writers
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.artifacts.reading.word_names import MC, WP, A, M, R, V, W, number, pixels, switched, value
from assessor_desk.artifacts.reading.word_numbering import SIGNS, Numbering
from assessor_desk.artifacts.reading.word_styles import Layout, Styles, laid
from assessor_desk.artifacts.reading.word_tables import Cell, TableLook, grid
from assessor_desk.artifacts.reading.xml_package import XmlPackage

_BODY = "word/document.xml"
_DEEPEST_TABLE = 3
_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_EMU_PER_PIXEL = 9525
_LEFT_OUT = {f"{W}del", f"{W}moveFrom"}


@dataclass
class Document:
    """What was read: blocks of HTML in order, remarks, and what to say of it all."""

    blocks: list[str]
    remarks: list[Remark]
    notes: list[str]


@dataclass(frozen=True)
class _Around:
    """Where words stand: the look of their paragraph, what they stand on, whether a change put them there or away."""

    look: Look
    on: str = ""
    gone: bool = False
    added: bool = False
    heading: bool = False


@dataclass
class _Part:
    """A part of the package that holds blocks: the body, a header, the notes."""

    relations: dict[str, str]
    links: dict[str, str]
    after: list[str] = field(default_factory=list)
    """Blocks that stand within a paragraph and are set after it: page breaks, text boxes, charts."""


def read_word(source: Source) -> Document:
    """Read a document. Raises `Refused` for one that must not be opened, or one of `xml_package.FAULTS`."""
    return _Reading(XmlPackage(source)).document()


class _Reading:
    def __init__(self, package: XmlPackage) -> None:
        self._package = package
        self._styles = Styles(package.tree_or_none("word/styles.xml"))
        self._numbering = Numbering(package.tree_or_none("word/numbering.xml"))
        self._pictures = Pictures()
        self._part = self._part_of(_BODY)
        self._said: dict[str, None] = {}
        self._remarks = _remarks(package)
        self._notes_used: list[tuple[str, str]] = []
        self._depth = 0
        self._text_width = 0
        self._inlines: dict[str, Callable[[etree._Element, _Around], str]] = {
            f"{W}r": self._run,
            f"{W}hyperlink": self._link,
            f"{W}ins": lambda e, a: self._inline(e, replace(a, added=True)),
            f"{W}moveTo": lambda e, a: self._inline(e, replace(a, added=True)),
            f"{W}del": lambda e, a: self._inline(e, replace(a, gone=True)),
            f"{W}moveFrom": lambda e, a: self._inline(e, replace(a, gone=True)),
            f"{W}sdt": self._content,
            f"{M}oMath": self._equation,
            f"{M}oMathPara": self._inline,
            f"{W}commentReference": self._remark,
            f"{MC}AlternateContent": self._alternative,
        }

    def document(self) -> Document:
        """The whole of it."""
        body = self._package.tree(_BODY).find(f"{W}body")
        if body is None:
            raise ValueError("it has no body")
        self._text_width = _text_width(body)
        blocks = [*self._running(body, "header"), *self._blocks(body), *self._foot_notes()]
        blocks += self._running(body, "footer")
        return Document(blocks, list(self._remarks.values()), list(self._said))

    # Blocks

    def _blocks(self, parent: etree._Element, on: str = "", gone: bool = False) -> Iterator[str]:
        for child in parent:
            if child.tag == f"{W}p":
                yield from self._paragraph(child, on, gone)
            elif child.tag == f"{W}tbl":
                yield self._table(child)
            elif child.tag in (
                f"{W}sdt",
                f"{W}sdtContent",
                f"{W}customXml",
                f"{W}ins",
                f"{W}del",
                f"{W}moveTo",
            ):
                yield from self._blocks(child, on, gone or child.tag in _LEFT_OUT)
            elif child.tag == f"{MC}AlternateContent":
                yield from self._blocks(_chosen(child), on, gone)
            elif child.tag == f"{M}oMathPara":
                yield markup.paragraph(self._equation(child, _Around(Look())))

    def _paragraph(self, paragraph: etree._Element, on: str, gone: bool) -> Iterator[str]:
        properties = paragraph.find(f"{W}pPr")
        style = value(properties, "pStyle") or ""
        layout = self._layout(properties, style)
        if layout.break_before:
            yield markup.page_break()
        around = _Around(
            self._styles.look_of(style), on or layout.ground, gone, heading=bool(_heading(layout))
        )
        number_sign = self._numbering.next_label(layout) if layout.numbering else ""
        words = self._inline(paragraph, around)
        after, self._part.after = self._part.after, []
        if words or number_sign:
            yield _set(markup.label(number_sign) + words, layout, tight=bool(layout.numbering), on=on)
        elif not after:
            yield markup.paragraph("", classes=("tight",))
        yield from after

    def _layout(self, properties: etree._Element | None, style: str) -> Layout:
        """Of the style, then of the list it belongs to, then its own."""
        of_style = self._styles.layout_of(style)
        own = laid(of_style, properties)
        if not own.numbering:
            return own
        if value(properties, "numPr/ilvl") is None:
            level = self._numbering.level_of_style(own.numbering, style)
            own = own if level is None else replace(own, level=level)
        if of_style.numbering == own.numbering and of_style.own_indent:
            return own
        return laid(self._numbering.layout(own), _indents_alone(properties))

    def _table(self, element: etree._Element) -> str:
        if self._depth >= _DEEPEST_TABLE:
            self._say("Tables within tables within tables are not shown in full.")
            return markup.paragraph(html.escape(" ".join(element.itertext(f"{W}t"))))
        self._depth += 1
        try:
            return self._table_rows(element)
        finally:
            self._depth -= 1

    def _table_rows(self, element: etree._Element) -> str:
        look = TableLook(element, self._styles)
        cells = grid(element)
        rows: list[str] = []
        shown = 0
        for place, row in enumerate(cells.rows):
            shown += len(row.cells)
            if shown > markup.MOST_CELLS:
                self._say(f"Of a large table only the first {place:,} of {len(cells.rows):,} rows are shown.")
                break
            rows.append("".join(self._cell(each, row.header, look, cells.widths) for each in row.cells))
        wide = not cells.width or cells.width > 0.5 * self._text_width
        return markup.table(rows, look.rtl, wide)

    def _cell(self, place: Cell, header: bool, look: TableLook, widths: list[int]) -> str:
        ground = look.ground(place)
        inside = look.within(place)
        styles, self._styles = self._styles, inside
        try:
            blocks = list(self._blocks(place.element, ground))
        finally:
            self._styles = styles
        while len(blocks) > 1 and blocks[-1] == markup.paragraph("", classes=("tight",)):
            blocks.pop()
        tag = "th" if header else "td"
        return markup.cell("".join(blocks), tag, place.across, place.down, place.width(widths), ground)

    # Words

    def _inline(self, parent: etree._Element, around: _Around) -> str:
        """Everything within a paragraph or a part of one."""
        return "".join(self._one(child, around) for child in parent)

    def _one(self, child: etree._Element, around: _Around) -> str:
        reads = self._inlines.get(str(child.tag))
        if reads is not None:
            return reads(child, around)
        wraps = (f"{W}smartTag", f"{W}fldSimple", f"{W}customXml", f"{W}dir", f"{W}bdo", f"{W}sdtContent")
        return self._inline(child, around) if child.tag in wraps else ""

    def _run(self, run: etree._Element, around: _Around) -> str:
        properties = run.find(f"{W}rPr")
        look = self._styles.run_look(around.look, properties)
        if around.heading:
            look = replace(look, bold=False, size=100)
        words = "".join(self._piece(child, around, look) for child in run)
        dressed = look.dress(words, around.on)
        if around.gone:
            self._say(_CHANGES)
            return markup.deleted(dressed)
        if around.added:
            self._say(_CHANGES)
            return markup.inserted(dressed)
        return dressed

    def _piece(self, piece: etree._Element, around: _Around, look: Look) -> str:
        """One thing in a run: words, a sign, a picture."""
        tag = str(piece.tag).removeprefix(W)
        if tag in ("t", "delText"):
            words = piece.text or ""
            return markup.escaped(words.upper() if look.capitals else words)
        if tag in _SIGNS:
            return _SIGNS[tag]
        if tag == "br":
            return self._break(piece)
        if tag == "sym":
            return html.escape(_symbol(piece))
        if tag in ("footnoteReference", "endnoteReference"):
            return self._note_sign(piece, tag.removesuffix("Reference"))
        if tag == "fldChar":
            return _box_of_form(piece)
        if tag in ("drawing", "pict", "object"):
            return self._drawn(piece)
        if piece.tag == f"{MC}AlternateContent":
            return "".join(self._piece(each, around, look) for each in _chosen(piece))
        return self._remark(piece, around) if tag == "commentReference" else ""

    def _break(self, piece: etree._Element) -> str:
        if piece.get(f"{W}type") == "page":
            self._part.after.append(markup.page_break())
            return ""
        return "<br>"

    def _link(self, element: etree._Element, around: _Around) -> str:
        words = self._inline(element, around)
        address = self._part.links.get(element.get(f"{R}id", ""), "")
        return f'<a href="{html.escape(address)}">{words}</a>' if address and words else words

    def _content(self, element: etree._Element, around: _Around) -> str:
        """A content control; a box to tick says by its sign whether it is."""
        content = element.find(f"{W}sdtContent")
        return "" if content is None else self._inline(content, around)

    def _equation(self, element: etree._Element, _: _Around) -> str:
        self._say("Equations are shown as a line of text.")
        return html.escape(f" {equations.line(element)} ")

    def _alternative(self, element: etree._Element, around: _Around) -> str:
        return self._inline(_chosen(element), around)

    def _remark(self, element: etree._Element, _: _Around) -> str:
        remark = self._remarks.get(element.get(f"{W}id", ""))
        return "" if remark is None else markup.remark_sign(remark.number)

    # Notes, headers and footers

    def _note_sign(self, element: etree._Element, kind: str) -> str:
        self._notes_used.append((kind, element.get(f"{W}id", "")))
        which = len(self._notes_used)
        return f'<sup><a href="#note-{which}" title="{markup.LABEL}">{which}</a></sup>'

    def _foot_notes(self) -> Iterator[str]:
        """The notes that the text refers to, after it, numbered as they come."""
        if not self._notes_used:
            return
        trees = {kind: self._package.tree_or_none(f"word/{kind}s.xml") for kind in ("footnote", "endnote")}
        yield "<hr>"
        for which, (kind, note_id) in enumerate(list(self._notes_used), start=1):
            self._part = self._part_of(f"word/{kind}s.xml")
            tree = trees[kind]
            notes = () if tree is None else tree.findall(f"{W}{kind}")
            note = next((each for each in notes if each.get(f"{W}id") == note_id), None)
            words = (
                ""
                if note is None
                else "<br>".join(self._inline(p, _Around(Look())) for p in note.iter(f"{W}p"))
            )
            sign = f'<a id="note-{which}"></a>{markup.label(f"{which}")}'
            yield markup.paragraph(sign + words, left=24, indent=-24, classes=("small",))
        self._part = self._part_of(_BODY)

    def _running(self, body: etree._Element, kind: str) -> list[str]:
        """Each different header (or footer) once."""
        relations = self._package.relations(_BODY)
        names = (relations.get(each.get(f"{R}id", ""), "") for each in body.iter(f"{W}{kind}Reference"))
        found: dict[str, str] = {}
        for name in dict.fromkeys(filter(None, names)):
            tree = self._package.tree_or_none(name)
            if tree is None:
                continue
            self._part = self._part_of(name)
            content = "".join(self._blocks(tree))
            words = " ".join("".join(tree.itertext(f"{W}t")).split())
            if words or "<img" in content:
                found.setdefault(words, content)
        self._part = self._part_of(_BODY)
        if not found:
            return []
        block = f'<div class="running">{"".join(found.values())}</div>'
        return [block, "<hr>"] if kind == "header" else ["<hr>", block]

    def _part_of(self, name: str) -> _Part:
        return _Part(self._package.relations(name), self._package.links(name))

    # Pictures, text boxes, charts

    def _drawn(self, element: etree._Element) -> str:
        for box in element.iter(f"{W}txbxContent"):
            content = "".join(self._blocks(box))
            if content:
                self._part.after.append(markup.table([markup.cell(content)], wide=False))
        shown = "".join(self._picture(blip, element) for blip in element.iter(f"{A}blip", f"{V}imagedata"))
        self._part.after.extend(self._data_drawn(element))
        return shown

    def _picture(self, blip: etree._Element, drawing: etree._Element) -> str:
        name = self._part.relations.get(blip.get(f"{R}embed") or blip.get(f"{R}id") or "", "")
        described = drawing.find(f".//{WP}docPr")
        words = "" if described is None else described.get("descr") or described.get("title") or ""
        extent = drawing.find(f".//{WP}extent")
        width = 0 if extent is None else number(extent.get("cx")) // _EMU_PER_PIXEL
        if not name:
            self._say("Pictures that the document would fetch from elsewhere are not fetched.")
            return f"[a picture kept elsewhere{html.escape(f': {words}' if words else '')}]"
        return self._pictures.show(self._package.data(name), name, width, words)

    def _data_drawn(self, element: etree._Element) -> Iterator[str]:
        """Charts and diagrams by what they say."""
        for chart in element.iter(f"{{{_CHART}}}chart"):
            tree = self._package.tree_or_none(self._part.relations.get(chart.get(f"{R}id", ""), ""))
            if tree is not None:
                self._say("Charts are shown as tables of their figures.")
                yield chart_table(tree)
        for diagram in element.iter(f"{{{_DIAGRAM}}}relIds"):
            tree = self._package.tree_or_none(self._part.relations.get(diagram.get(f"{R}dm", ""), ""))
            if tree is not None:
                self._say("Diagrams are shown as lists of their words.")
                yield diagram_list(tree)

    def _say(self, note: str) -> None:
        self._said[note] = None


_CHANGES = "Tracked changes are shown: words put in are underlined, words taken out are struck through."
_SIGNS = {
    "tab": markup.TAB,
    "ptab": markup.TAB,
    "cr": "<br>",
    "noBreakHyphen": "\u2011",
    "softHyphen": "\u00ad",
}


def _heading(layout: Layout) -> int:
    if layout.title:
        return 1
    return layout.outline if 0 < layout.outline <= 6 else 0


def _set(words: str, layout: Layout, tight: bool, on: str) -> str:
    level = _heading(layout)
    classes = [name for wanted, name in ((tight and not level, "tight"), (layout.title, "title")) if wanted]
    if layout.ground and layout.ground != on:
        classes.append(f"ground-{layout.ground}")
    return markup.paragraph(
        words,
        f"h{level}" if level else "p",
        layout.align,
        layout.left,
        layout.indent,
        layout.rtl,
        tuple(classes),
    )


def _indents_alone(properties: etree._Element | None) -> etree._Element | None:
    """A paragraph's own indents, which count more than its list's."""
    indents = None if properties is None else properties.find(f"{W}ind")
    if indents is None:
        return None
    alone = etree.Element(f"{W}pPr")
    etree.SubElement(alone, f"{W}ind", dict(indents.attrib))
    return alone


def _chosen(alternative: etree._Element) -> etree._Element:
    """What a reader of today shows, else what is there for older ones."""
    for name in ("Choice", "Fallback"):
        if (found := alternative.find(f"{MC}{name}")) is not None:
            return found
    return alternative


def _symbol(element: etree._Element) -> str:
    try:
        code = int(element.get(f"{W}char", ""), 16)
    except ValueError:
        return ""
    if 0xF000 <= code <= 0xF0FF:
        return SIGNS.get(code - 0xF000, "▪")
    font = element.get(f"{W}font", "")
    if font.startswith(("Wingdings", "Symbol", "Webdings")):
        return SIGNS.get(code, chr(code) if 0x20 <= code < 0xD800 else "▪")
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000 else ""


def _box_of_form(element: etree._Element) -> str:
    """A box to tick in an old form."""
    box = element.find(f"{W}ffData/{W}checkBox")
    if box is None:
        return ""
    ticked = switched(box, "checked")
    return "☒" if (switched(box, "default") if ticked is None else ticked) else "☐"


def _text_width(body: etree._Element) -> int:
    """Between the margins of the last section, in pixels."""
    section = body.find(f"{W}sectPr")
    size = None if section is None else section.find(f"{W}pgSz")
    margins = None if section is None else section.find(f"{W}pgMar")
    if size is None or margins is None:
        return 600
    return max(
        100, pixels(size.get(f"{W}w")) - pixels(margins.get(f"{W}left")) - pixels(margins.get(f"{W}right"))
    )


def _remarks(package: XmlPackage) -> dict[str, Remark]:
    """The educator's own remarks by id, numbered as the file has them, without names."""
    tree = package.tree_or_none("word/comments.xml")
    writers = Writers()
    found: dict[str, Remark] = {}
    for each in () if tree is None else tree.iter(f"{W}comment"):
        words = "\n".join("".join(p.itertext(f"{W}t")) for p in each.iter(f"{W}p")).strip()
        writer = writers.known_as(each.get(f"{W}author", ""))
        found[each.get(f"{W}id", "")] = Remark(len(found) + 1, writer, words)
    return {name: replace(each, writer=writers.told(each.writer)) for name, each in found.items()}
