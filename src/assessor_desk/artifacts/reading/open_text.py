"""OpenDocument text and slides as HTML (OASIS OpenDocument 1.3, part 3, 5, 6 and 10)."""

from __future__ import annotations

import html
import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from assessor_desk.artifacts.reading import equations, markup
from assessor_desk.artifacts.reading.charts import open_chart_table
from assessor_desk.artifacts.reading.markup import Look, Pictures
from assessor_desk.artifacts.reading.open_lists import OpenLists
from assessor_desk.artifacts.reading.open_styles import (
    DC,
    DRAW,
    OFFICE,
    PRESENTATION,
    STYLE,
    SVG,
    TABLE,
    TEXT,
    XLINK,
    Block,
    OpenStyles,
    pixels,
)
from assessor_desk.artifacts.reading.remarks import Remark, Writers
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.artifacts.reading.word_names import number
from assessor_desk.artifacts.reading.xml_package import XmlPackage

_MOST_COLUMNS, _MOST_SPACES = 64, 200
_DEEPEST_TABLE, _DEEPEST_LIST = 3, 10
_CHANGES = "Tracked changes are shown: words put in are underlined, words taken out are struck through."


@dataclass
class OpenDocument:
    """What was read: blocks of HTML in order, remarks, and what to say of it all."""

    blocks: list[str]
    remarks: list[Remark]
    notes: list[str]


def read_open_text(source: Source) -> OpenDocument:
    """Read a text. Raises `Refused` for one that must not be opened, or one of `xml_package.FAULTS`."""
    reading = _Reading(XmlPackage(source))
    return reading.finished(
        [*reading.running("header"), *reading.text(), *reading.foot_notes(), *reading.running("footer")]
    )


def read_open_slides(source: Source) -> OpenDocument:
    """Read a presentation, one block a slide. Raises as `read_open_text` does."""
    reading = _Reading(XmlPackage(source), sizes=False)
    return reading.finished(list(reading.slides()))


class _Reading:
    def __init__(self, package: XmlPackage, sizes: bool = True) -> None:
        self._package = package
        self._content = package.tree("content.xml")
        self._master = package.tree_or_none("styles.xml")
        self._styles = OpenStyles(self._master, self._content, sizes=sizes)
        self._lists = OpenLists(self._styles)
        self._pictures = Pictures()
        self._writers = Writers()
        self._said: dict[str, None] = {}
        self._remarks: list[Remark] = []
        self._notes: list[etree._Element] = []
        self._after: list[str] = []
        self._added = self._depth = 0
        self._taken_out = {
            region.get(f"{TEXT}id", ""): region.find(f"{TEXT}deletion")
            for region in self._content.iter(f"{TEXT}changed-region")
        }
        self._inlines: dict[str, Callable[[etree._Element, Look], str]] = {
            f"{TEXT}span": self._span,
            f"{TEXT}a": self._link,
            f"{TEXT}s": lambda e, _: "\u00a0" * min(_MOST_SPACES, number(e.get(f"{TEXT}c")) or 1),
            f"{TEXT}tab": lambda _, __: markup.TAB,
            f"{TEXT}line-break": lambda _, __: "<br>",
            f"{TEXT}note": self._note,
            f"{OFFICE}annotation": self._remark,
            f"{TEXT}change": self._deleted,
            f"{TEXT}change-start": lambda e, _: self._change(e, 1),
            f"{TEXT}change-end": lambda e, _: self._change(e, -1),
            f"{DRAW}frame": self._frame,
            f"{TEXT}soft-page-break": lambda _, __: "",
            f"{OFFICE}annotation-end": lambda _, __: "",
        }

    def finished(self, blocks: list[str]) -> OpenDocument:
        told = [Remark(each.number, self._writers.told(each.writer), each.words) for each in self._remarks]
        return OpenDocument(blocks, told, list(self._said))

    # Blocks

    def text(self) -> Iterator[str]:
        body = self._content.find(f"{OFFICE}body/{OFFICE}text")
        if body is None:
            raise ValueError("it has no text")
        yield from self._blocks(body)

    def _blocks(self, parent: Iterable[etree._Element], on: str = "") -> Iterator[str]:
        for child in parent:
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(child, on)
            elif child.tag == f"{TEXT}list":
                yield from self._list(child, 1, "", on)
            elif child.tag == f"{TABLE}table":
                yield self._table(child)
            elif child.tag == f"{DRAW}frame":
                yield markup.paragraph(self._frame(child, Look()))
                yield from self._flushed()
            elif child.tag in (f"{TEXT}change-start", f"{TEXT}change-end"):
                self._change(child, 1 if child.tag.endswith("start") else -1)
            elif child.tag == f"{TEXT}change":
                yield from self._deleted_blocks(child)
            elif child.tag in _HOLDERS:
                yield from self._blocks(child, on)

    def _paragraph(
        self, element: etree._Element, on: str, sign: str = "", lies: Block | None = None
    ) -> Iterator[str]:
        name = element.get(f"{TEXT}style-name", "")
        block = lies or self._styles.block(name)
        if block.break_before:
            yield markup.page_break()
        level = min(6, number(element.get(f"{TEXT}outline-level")) or 1) if element.tag == f"{TEXT}h" else 0
        title = block.name.lower() == "title"
        if level and not sign:
            sign = self._lists.heading(level)
        look = self._styles.paragraph_look(name)
        look = replace(look, bold=False, size=100) if level or title else look
        words = self._inline(element, look, on or block.ground)
        if words or sign:
            tag = f"h{level}" if level else "h1" if title else "p"
            yield _set(tag, markup.label(sign) + words, block, on, title, tight=lies is not None)
        elif not self._after:
            yield markup.paragraph("", classes=("tight",))
        yield from self._flushed()

    def _flushed(self) -> list[str]:
        after, self._after = self._after, []
        return after

    def _list(self, element: etree._Element, level: int, style: str, on: str) -> Iterator[str]:
        if level > _DEEPEST_LIST:
            return
        style = element.get(f"{TEXT}style-name", "") or style
        count = self._lists.begin(element, style, level)
        for each in element:
            if each.tag not in (f"{TEXT}list-item", f"{TEXT}list-header"):
                continue
            first = each.tag == f"{TEXT}list-item"
            for child in each:
                if child.tag == f"{TEXT}list":
                    yield from self._list(child, level + 1, style, on)
                elif child.tag in (f"{TEXT}p", f"{TEXT}h"):
                    sign = self._lists.next_label(count, style, level, each) if first else ""
                    lies = self._lists.laid(
                        self._styles.block(child.get(f"{TEXT}style-name", "")), style, level
                    )
                    yield from self._paragraph(child, on, sign, lies)
                    first = False
                else:
                    yield from self._blocks([child], on)

    def _table(self, table: etree._Element) -> str:
        if self._depth >= _DEEPEST_TABLE:
            self._say("Tables within tables within tables are not shown in full.")
            return markup.paragraph(html.escape(" ".join("".join(table.itertext()).split())))
        self._depth += 1
        widths = self._widths(table)
        rows: list[str] = []
        shown = 0
        for row, header in _rows(table):
            shown += len(row)
            if shown > markup.MOST_CELLS:
                self._say("Of a large table only the first rows are shown.")
                break
            rows.append("".join(self._cells(row, header, widths)))
        self._depth -= 1
        return markup.table(rows)

    def _widths(self, table: etree._Element) -> list[int]:
        widths: list[int] = []
        for column in table.iter(f"{TABLE}table-column"):
            repeated = min(_MOST_COLUMNS, number(column.get(f"{TABLE}number-columns-repeated")) or 1)
            widths += [self._styles.column_width(column.get(f"{TABLE}style-name", ""))] * repeated
        return widths[:_MOST_COLUMNS]

    def _cells(self, row: etree._Element, header: bool, widths: list[int]) -> Iterator[str]:
        column, total = 0, sum(widths)
        for cell in row:
            if cell.tag == f"{TABLE}covered-table-cell":
                column += number(cell.get(f"{TABLE}number-columns-repeated")) or 1
            if cell.tag != f"{TABLE}table-cell":
                continue
            across = min(_MOST_COLUMNS, number(cell.get(f"{TABLE}number-columns-spanned")) or 1)
            down = number(cell.get(f"{TABLE}number-rows-spanned")) or 1
            width = round(100 * sum(widths[column : column + across]) / total) if total else 0
            ground = self._styles.cell_ground(cell.get(f"{TABLE}style-name", ""))
            content = "".join(self._blocks(cell, ground))
            repeated = min(_MOST_COLUMNS, number(cell.get(f"{TABLE}number-columns-repeated")) or 1)
            yield markup.cell(content, "th" if header else "td", across, down, width, ground) * repeated
            column += repeated

    # Words

    def _inline(self, element: etree._Element, look: Look, on: str = "") -> str:
        self._on, before = on, getattr(self, "_on", "")
        words = self._within(element, look)
        self._on = before
        return words

    def _within(self, element: etree._Element, look: Look) -> str:
        pieces = [self._words(element.text, look)]
        for child in element:
            reads = self._inlines.get(str(child.tag))
            pieces.append(reads(child, look) if reads is not None else self._other(child, look))
            pieces.append(self._words(child.tail, look))
        return "".join(pieces)

    def _other(self, child: etree._Element, look: Look) -> str:
        """Fields show their words; what is no words is left out."""
        passed_over = (f"{DRAW}", f"{OFFICE}", f"{TEXT}bookmark", f"{TEXT}reference-mark", f"{TEXT}tracked")
        return "" if str(child.tag).startswith(passed_over) else self._within(child, look)

    def _words(self, words: str | None, look: Look) -> str:
        if not words:
            return ""
        plain = " ".join(words.split("\n"))
        dressed = look.dress(markup.escaped(plain.upper() if look.capitals else plain), self._on)
        return markup.inserted(dressed) if self._added > 0 and dressed.strip() else dressed

    def _span(self, element: etree._Element, look: Look) -> str:
        return self._within(element, self._styles.run_look(look, element.get(f"{TEXT}style-name", "")))

    def _link(self, element: etree._Element, look: Look) -> str:
        words = self._within(element, look)
        return f'<a href="{html.escape(element.get(f"{XLINK}href", ""))}">{words}</a>' if words else ""

    def _note(self, element: etree._Element, _: Look) -> str:
        self._notes.append(element)
        which = len(self._notes)
        return f'<sup><a href="#note-{which}" title="{markup.LABEL}">{which}</a></sup>'

    def foot_notes(self) -> Iterator[str]:
        """The notes, after the text, numbered as they come."""
        for which, note in enumerate(self._notes, start=1):
            if which == 1:
                yield "<hr>"
            body = note.find(f"{TEXT}note-body")
            parts = () if body is None else body.iter(f"{TEXT}p")
            words = "<br>".join(self._inline(each, Look()) for each in parts)
            sign = f'<a id="note-{which}"></a>{markup.label(str(which))}'
            yield markup.paragraph(sign + words, left=24, indent=-24, classes=("small",))

    def _remark(self, element: etree._Element, _: Look) -> str:
        writer = self._writers.known_as(element.findtext(f"{DC}creator", ""))
        words = "\n".join("".join(p.itertext()) for p in element.iter(f"{TEXT}p"))
        self._remarks.append(Remark(len(self._remarks) + 1, writer, words.strip()))
        return markup.remark_sign(len(self._remarks))

    # Tracked changes

    def _change(self, element: etree._Element, by: int) -> str:
        region = self._taken_out.get(element.get(f"{TEXT}change-id", ""), element)
        if region is None:  # an insertion: a deletion has words of its own
            self._said[_CHANGES] = None
            self._added = max(0, self._added + by)
        return ""

    def _deleted(self, element: etree._Element, look: Look) -> str:
        region = self._taken_out.get(element.get(f"{TEXT}change-id", ""))
        if region is None:
            return ""
        self._said[_CHANGES] = None
        words = " ".join(
            filter(None, (self._within(each, look) for each in region.iter(f"{TEXT}p", f"{TEXT}h")))
        )
        return markup.deleted(words)

    def _deleted_blocks(self, element: etree._Element) -> Iterator[str]:
        words = self._deleted(element, Look())
        if words:
            yield markup.paragraph(words)

    # Pictures and what else stands in frames

    def _frame(self, frame: etree._Element, look: Look) -> str:
        box = frame.find(f"{DRAW}text-box")
        if box is not None:
            content = "".join(self._blocks(box))
            if content:
                self._after.append(markup.table([markup.cell(content)], wide=False))
            return ""
        if (table := frame.find(f"{TABLE}table")) is not None:
            shown = self._table(table)
            self._after.append(shown)
            return ""
        part = frame.find(f"{DRAW}object")
        within = None if part is None else self._within_object(part)
        chart = None if within is None else open_chart_table(within)
        if chart is not None:
            self._after.append(chart)
            self._say("Charts are shown as tables of their figures.")
            return ""
        return (self._equation(within) if within is not None else "") or self._picture(frame)

    def _within_object(self, part: etree._Element) -> etree._Element | None:
        name = posixpath.join(posixpath.normpath(part.get(f"{XLINK}href", "")), "content.xml")
        return self._package.tree_or_none(name)

    def _equation(self, tree: etree._Element) -> str:
        if not str(tree.tag).endswith("}math"):
            return ""
        self._say("Equations are shown as a line of text.")
        return html.escape(f" {equations.mathml_line(tree)} ")

    def _picture(self, frame: etree._Element) -> str:
        words = frame.findtext(f"{SVG}desc") or frame.findtext(f"{SVG}title") or ""
        names = [posixpath.normpath(each.get(f"{XLINK}href", "")) for each in frame.findall(f"{DRAW}image")]
        kept = [name for name in names if name in self._package.names]
        if not kept:
            if names:
                self._say("Pictures that the document would fetch from elsewhere are not fetched.")
            return f"[a picture kept elsewhere{html.escape(f': {words}' if words else '')}]" if names else ""
        shown = [name for name in kept if not name.lower().endswith((".svg", ".wmf", ".emf", ".svm"))]
        name = (shown or kept)[0]
        return self._pictures.show(self._package.data(name), name, pixels(frame.get(f"{SVG}width")), words)

    # Headers, footers, slides

    def running(self, kind: str) -> list[str]:
        """Each different header (or footer) once."""
        found: dict[str, str] = {}
        pages = () if self._master is None else self._master.iter(f"{STYLE}{kind}")
        for page in pages:
            words = " ".join("".join(page.itertext()).split())
            if words:
                found.setdefault(words, "".join(self._blocks(page)))
        if not found:
            return []
        block = f'<div class="running">{"".join(found.values())}</div>'
        return [block, "<hr>"] if kind == "header" else ["<hr>", block]

    def slides(self) -> Iterator[str]:
        pages = list(self._content.iter(f"{DRAW}page"))
        if not pages and self._content.find(f"{OFFICE}body/{OFFICE}presentation") is None:
            raise ValueError("it has no slides")
        for place, page in enumerate(pages, start=1):
            line = "<hr>" if place > 1 else ""
            words = f'<span title="{markup.LABEL}">Slide {place} of {len(pages)}</span>'
            yield f'{line}<p class="running">{words}</p>' + "".join(self._slide(page))

    def _slide(self, page: etree._Element) -> Iterator[str]:
        frames = [each for each in page if each.tag != f"{PRESENTATION}notes"]
        frames.sort(key=lambda each: (pixels(each.get(f"{SVG}y")) // 24, pixels(each.get(f"{SVG}x"))))
        frames.sort(key=lambda each: each.get(f"{PRESENTATION}class") != "title")
        for frame in frames:
            yield from self._on_slide(frame)
        notes = page.find(f"{PRESENTATION}notes")
        frames_of_notes = () if notes is None else notes.findall(f"{DRAW}frame")
        said = [each for each in frames_of_notes if each.get(f"{PRESENTATION}class") == "notes"]
        boxes = (box for each in said for box in each.iter(f"{DRAW}text-box"))
        words = "".join("".join(self._blocks(box)) for box in boxes)
        if "".join(words.split()) not in ("", '<pclass="tight"></p>'):
            head = f'<p class="small"><b><span title="{markup.LABEL}">Speaker notes</span></b></p>'
            yield markup.table([markup.cell(head + words)])

    def _on_slide(self, frame: etree._Element) -> Iterator[str]:
        if frame.tag == f"{OFFICE}annotation":
            yield markup.paragraph(self._remark(frame, Look()))
            return
        if frame.tag == f"{DRAW}g":
            for each in frame:
                yield from self._on_slide(each)
            return
        box = frame.find(f"{DRAW}text-box")
        if box is not None and frame.get(f"{PRESENTATION}class") == "title":
            words = " ".join(filter(None, (self._inline(p, Look()) for p in box.iter(f"{TEXT}p"))))
            yield f"<h2>{words}</h2>" if words else ""
        elif box is not None or frame.tag == f"{DRAW}custom-shape":
            yield from self._blocks(frame if box is None else box)
        elif frame.tag == f"{DRAW}frame":
            shown = self._frame(frame, Look())
            yield markup.paragraph(shown) if shown else ""
            yield from self._flushed()

    def _say(self, note: str) -> None:
        self._said[note] = None


_HOLDERS = {
    f"{TEXT}section", f"{TEXT}index-body", f"{TEXT}index-title", f"{TEXT}table-of-content", f"{OFFICE}forms",
    f"{TEXT}alphabetical-index", f"{TEXT}illustration-index", f"{TEXT}bibliography", f"{TEXT}user-index",
}  # fmt: skip


def _rows(table: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child, False
        elif child.tag == f"{TABLE}table-header-rows":
            yield from ((row, True) for row in child.iter(f"{TABLE}table-row"))
        elif child.tag in (f"{TABLE}table-rows", f"{TABLE}table-row-group"):
            yield from _rows(child)


def _set(tag: str, words: str, block: Block, on: str, title: bool, tight: bool) -> str:
    classes = [name for wanted, name in ((tight and tag == "p", "tight"), (title, "title")) if wanted]
    if block.ground and block.ground != on:
        classes.append(f"ground-{block.ground}")
    return markup.paragraph(words, tag, block.align, block.left, block.indent, block.rtl, tuple(classes))
