"""A flow of blocks as a Word document: real headings, lists and heading rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .flow import (
    Block,
    Cell,
    Drawing,
    Flow,
    Heading,
    Line,
    Listing,
    NewPage,
    Notice,
    Paragraph,
    Quote,
    Table,
    Tone,
    line_goes_right_to_left,
    spoken,
)
from .letters import legible
from .typesetting import drawing_as_png
from .word import (
    INK,
    PAPERS,
    QUIET,
    SIDE_MARGIN,
    SIZES,
    STANDING,
    About,
    add_borders,
    add_drawing,
    add_letterhead,
    add_run,
    add_table,
    add_words,
    keep_together,
    new_document,
    new_numbering,
    saved,
    set_language,
    set_numbering,
    set_right_aligned,
    set_right_to_left,
)

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as WordParagraph

INDENT = 18
TABLE_SIZE = 9


def flow_docx(flow: Flow) -> bytes:
    """The document as DOCX."""
    return _Writer(legible(flow)).written()


class _Writer:
    """One document on its way; it knows its language and its colours."""

    def __init__(self, flow: Flow) -> None:
        about = About(
            flow.title,
            flow.programme,
            flow.date,
            flow.running,
            flow.foot,
            flow.look.paper,
            SIZES,
            own_letterhead=True,
        )
        self._flow = flow
        self._document: Document = new_document(about)
        self._document.core_properties.keywords = ", ".join(flow.keywords)
        self._colours = {
            Tone.PLAIN: INK,
            Tone.QUIET: QUIET,
            Tone.EVIDENCE: flow.look.accent.removeprefix("#"),
            Tone.PASSING: STANDING["passing"],
            Tone.BELOW: STANDING["below"],
        }
        self._width = PAPERS[flow.look.paper][0] - 2 * SIDE_MARGIN / 72

    def written(self) -> bytes:
        """The finished file."""
        flow = self._flow
        add_letterhead(self._document, flow.programme, flow.running, flow.look)
        new_page = False
        for block in self._flow.blocks:
            before = len(self._document.paragraphs)
            self._block(block)
            if new_page:
                self._document.paragraphs[before].paragraph_format.page_break_before = True
            new_page = isinstance(block, NewPage) and block.in_word
        return saved(self._document)

    def _block(self, block: Block) -> None:
        match block:
            case Heading(level, words):
                self._document.add_heading(words, level)
            case Paragraph(line):
                self._line(self._document.add_paragraph(), line)
            case Notice(line):
                paragraph = self._document.add_paragraph()
                self._line(paragraph, line)
                add_borders(paragraph, "top", "left", "bottom", "right")
            case Quote(lines):
                self._quote(lines)
            case Listing():
                self._listing(block)
            case Table():
                self._table(block)
            case Drawing(svg, alternative):
                add_drawing(self._document.add_paragraph(), drawing_as_png(svg), alternative, self._width)
            case NewPage():
                return

    def _quote(self, lines: Sequence[Line]) -> None:
        from docx.shared import Pt

        for line in lines:
            paragraph = self._document.add_paragraph()
            paragraph.paragraph_format.left_indent = Pt(INDENT / 2)
            self._line(paragraph, line)
            add_borders(paragraph, "left", size=12, space=8)

    def _listing(self, block: Listing) -> None:
        number = new_numbering(self._document) if block.numbered else None
        for first, *others in block.entries:
            paragraph = self._document.add_paragraph(style="List Number" if block.numbered else "List Bullet")
            if number is not None:
                set_numbering(paragraph, number)
            self._line(paragraph, first)
            for line in others:
                paragraph = self._continued(paragraph)
                self._line(paragraph, line)

    def _continued(self, before: WordParagraph) -> WordParagraph:
        """A further paragraph of a list's entry, close to the one before."""
        from docx.shared import Pt

        before.paragraph_format.space_after = Pt(1)
        before.paragraph_format.keep_with_next = True
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.left_indent = Pt(INDENT)
        return paragraph

    def _table(self, block: Table) -> None:
        whole = sum(block.widths)
        table = add_table(
            self._document, block.heads, [self._width * share / whole for share in block.widths]
        )
        for row in block.rows:
            added = table.add_row()
            keep_together(added)
            for place, (cell, lines) in enumerate(zip(added.cells, row, strict=True)):
                self._cell(cell, lines)
                if place in block.numbers:
                    set_right_aligned(cell)
        for place in block.numbers:
            set_right_aligned(table.rows[0].cells[place])
        self._document.add_paragraph().paragraph_format.space_after = 0

    def _cell(self, cell: Any, lines: Cell) -> None:
        from docx.shared import Pt

        for number, line in enumerate(lines):
            paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
            self._line(paragraph, line, TABLE_SIZE)

    def _line(self, paragraph: WordParagraph, line: Line, size: float | None = None) -> None:
        for run in line:
            add = add_words if run.own else add_run
            written = add(paragraph, run.words, bold=run.strong, colour=self._colours[run.tone], size=size)
            if run.own:
                set_language(written, spoken(run.words, self._flow.own_language))
        if line_goes_right_to_left(line):
            set_right_to_left(paragraph)
