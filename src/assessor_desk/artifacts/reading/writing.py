"""Documents of words as clean HTML: Office and OpenDocument files, RTF, Markdown, web pages, tables, plain text.

What comes out holds no script, no style, nothing that loads from anywhere: pictures are data, re-encoded
here, so that the window never decodes what the document brought.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import nh3

from assessor_desk.artifacts.kinds import Kind, decode_text, delimiter, sniff
from assessor_desk.artifacts.reading.bounds import (
    CELLS_A_PART,
    LETTERS_A_PART,
    bounded,
    lines_kept_short,
)
from assessor_desk.artifacts.reading.remarks import Remark
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.artifacts.reading.xml_package import FAULTS, LARGEST_FILE
from assessor_desk.domain.errors import Damaged, Refused

LARGEST_TEXT, LARGEST_PLAIN_TEXT = 2_000_000, 20_000_000
"""Characters shown of a table or page, and of plain text, which comes in parts; that the rest is left out is said."""

MOST_ROWS = 5_000
"""Rows shown of a table."""

_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre", "hr", "br", "div"}
_WORDS = {"b", "strong", "i", "em", "u", "s", "del", "sup", "sub", "code", "a", "img"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td", "caption"}
_PICTURE_DATA = ("data:image/png;base64,", "data:image/jpeg;base64,")
_SPANS = {"colspan", "rowspan"}


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown at once: a document, or a sheet of one; `title` is empty where there is one alone."""

    title: str
    markup: str


@dataclass
class Writing:
    """A document to be shown in our own view."""

    parts: list[Part]
    notes: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    simplified: bool = True


def read_writing(source: Source, kind: Kind) -> tuple[dict[str, Any], bytes]:
    """Facts and the words: the markup of all parts, one after the other, or plain text.

    The facts are `format` (html or text), `notes` (sentences on what is not as in the original), `simplified` (whether
    the layout is not the document's own), `parts` (title and length in bytes of each) and `remarks`.
    """
    if kind in (Kind.TEXT, Kind.CAPTIONS):
        text, notes = _text(source, LARGEST_PLAIN_TEXT)
        return {"format": "text", "notes": notes, "simplified": False}, lines_kept_short(text).encode()
    writing = _read(source, kind)
    within = [bounded(part.markup) for part in writing.parts]
    writing.notes = list(
        dict.fromkeys([*writing.notes, *(note for _, left_out in within for note in left_out)])
    )
    shown = [
        part for whole, (pieces, _) in zip(writing.parts, within) for part in _split(whole.title, pieces)
    ]
    encoded = [part.markup.encode() for part in shown]
    parts = [[part.title, len(data)] for part, data in zip(shown, encoded)]
    return {
        "format": "html",
        "notes": writing.notes,
        "simplified": writing.simplified,
        "parts": parts,
        "remarks": [asdict(each) for each in writing.remarks],
    }, b"".join(encoded)


def _split(title: str, pieces: list[str]) -> list[Part]:
    """A part that turned out larger than can be laid out at once, in several."""
    if len(pieces) == 1:
        return [Part(title, pieces[0])]
    named = f"{title} · {{}}" if title else "Part {}"
    return [Part(named.format(place), piece) for place, piece in enumerate(pieces, start=1)]


def _read(source: Source, kind: Kind) -> Writing:
    if kind in _PLAIN:
        return _PLAIN[kind](source)
    try:
        return _READERS[_format(source, kind)](source)
    except FAULTS as error:
        source.check()
        raise Damaged(
            f"“{source.name}” cannot be read as a {_CALLED[kind]} ({error or type(error).__name__}). Ask for "
            "a PDF, or hand it back as unreadable."
        ) from error


def _format(source: Source, kind: Kind) -> str:
    """Slides and sheets come in two formats each."""
    if kind in (Kind.SLIDES, Kind.SHEET):
        open_document = "opendocument" in sniff(cast("Any", source)).media_type
        return f"open_{kind}" if open_document else str(kind)
    return str(kind)


_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_NOT_FETCHED = "Pictures that the document would fetch from elsewhere are not fetched."


# -- Markup from elsewhere -----------------------------------------------------------------------------------


def clean(markup: str) -> str:
    """`markup` with headings, lists, tables, emphasis and data pictures; everything else is gone."""
    return nh3.clean(
        markup,
        tags=_BLOCKS | _WORDS | _TABLES,
        attributes={
            "a": {"href", "id"},
            "img": {"src", "alt", "width"},
            "td": _SPANS,
            "th": _SPANS,
            "li": {"id"},
        },
        attribute_filter=_harmless,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )


_DRESS = {"class", "title", "align", "dir"}
_CLASS = re.compile(
    r"(ink-[0-9a-f]{6}(-on-[0-9a-f]{6})?|ground-[0-9a-f]{6}|size-\d{2,3}|label|gone|added|remark|running|small"
    r"|tight|pagebreak|title|tab|sheet-sign)"
)
_STYLE = re.compile(r"margin-left:\d{1,3}px;text-indent:-?\d{1,3}px")


def dressed(markup: str) -> str:
    """Markup in our own dialect (see `reading.markup`), and nothing else that might have got into it."""
    return nh3.clean(
        markup,
        tags=_BLOCKS | _WORDS | _TABLES | {"span"},
        attributes={
            "*": _DRESS | {"style"},
            "a": {"href", "id"},
            "img": {"src", "alt", "width"},
            "td": _SPANS | {"width"},
            "th": _SPANS | {"width"},
            "table": {"width"},
        },
        attribute_filter=_harmless,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )


def _harmless(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if value.startswith(_PICTURE_DATA) else None
    if attribute == "href":
        return None if value.startswith("data:") else value
    if attribute in _SPANS:
        return value if value.isdigit() and 0 < int(value) <= 5_000 else None
    if attribute == "width":
        return value if value.removesuffix("%").isdigit() else None
    if attribute == "class":
        return " ".join(name for name in value.split() if _CLASS.fullmatch(name)) or None
    if attribute == "style":
        return value if _STYLE.fullmatch(value) else None
    return value


def in_parts(blocks: Iterable[str]) -> list[Part]:
    """Blocks of a document as one part, or as several that can each be laid out at once."""
    parts: list[list[str]] = [[]]
    cells = words = 0
    for block in blocks:
        more_cells, more_words = block.count("<td") + block.count("<th"), _length(block)
        if parts[-1] and (cells + more_cells > CELLS_A_PART or words + more_words > LETTERS_A_PART):
            parts.append([])
            cells = words = 0
        parts[-1].append(block)
        cells, words = cells + more_cells, words + more_words
    several = len(parts) > 1
    return [
        Part(f"Part {place}" if several else "", dressed("".join(part)))
        for place, part in enumerate(parts, start=1)
    ]


def _length(block: str) -> int:
    """Characters of a block without its pictures."""
    return len(block) if "base64" not in block else len(re.sub(r'"data:[^"]*"', "", block))


# -- Plain formats -------------------------------------------------------------------------------------------


def _text(source: Source, most: int = LARGEST_TEXT) -> tuple[str, list[str]]:
    data = source.whole(LARGEST_FILE)
    text = decode_text(data)
    if text is None:
        raise Damaged(f"“{source.name}” is not text throughout; it may be damaged.")
    if len(text) > most:
        return text[:most], [f"Only the first {most:,} of {len(text):,} characters are shown."]
    return text, []


def _table(source: Source) -> Writing:
    text, notes = _text(source)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter(text) or ","):
            rows.append(row)
            if len(rows) > MOST_ROWS:
                notes = [*notes, f"Only the first {MOST_ROWS:,} rows are shown."]
                break
    except csv.Error as error:
        notes = [*notes, f"The table breaks off after row {len(rows)}: {error}."]
    return Writing(_table_parts(rows[:MOST_ROWS]), notes, simplified=False)


def _table_parts(rows: list[list[str]]) -> list[Part]:
    """The heading above every part."""
    head = "".join(_row(row, "th") for row in rows[:1])
    step = max(10, CELLS_A_PART // max([1, *map(len, rows)]))
    starts = range(1, max(2, len(rows)), step)
    parts = []
    for start in starts:
        some = rows[start : start + step]
        body = "".join(_row(row, "td") for row in some)
        title = f"Rows {start + 1}–{start + len(some)}" if len(starts) > 1 else ""
        parts.append(Part(title, f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"))
    return parts


def _row(fields: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(field)}</{tag}>" for field in fields) + "</tr>"


def _markdown(source: Source) -> Writing:
    from markdown_it import MarkdownIt

    text, notes = _text(source)
    rendered = str(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(text))
    return Writing([Part("", _pictures_named(clean(rendered), notes))], notes, simplified=False)


def _web_page(source: Source) -> Writing:
    text, notes = _text(source)
    return Writing([Part("", _pictures_named(clean(text), notes))], notes)


def _pictures_named(markup: str, notes: list[str]) -> str:
    """Clean markup with words in the place of each picture that would be fetched from elsewhere."""

    def named(found: re.Match[str]) -> str:
        told = dict(_ATTRIBUTE.findall(found[1]))
        if "src" in told:
            return found[0]
        if _NOT_FETCHED not in notes:
            notes.append(_NOT_FETCHED)
        words = html.escape(html.unescape(told.get("alt", "")), quote=False)
        return f"[a picture kept elsewhere{f': {words}' if words else ''}]"

    return _IMAGE.sub(named, markup)


# -- Office formats ------------------------------------------------------------------------------------------


def _word(source: Source) -> Writing:
    from assessor_desk.artifacts.reading.word import read_word

    found = read_word(source)
    return Writing(in_parts(found.blocks), found.notes, found.remarks)


def _slides(source: Source) -> Writing:
    from assessor_desk.artifacts.reading.slides import read_slides

    found = read_slides(source)
    return Writing(in_parts(found.slides), found.notes, found.remarks)


def _sheets(source: Source) -> Writing:
    from assessor_desk.artifacts.reading.sheets import read_sheets

    return _of_sheets(read_sheets(source))


def _of_sheets(found: Any) -> Writing:
    parts = [Part(part.title, dressed(part.markup)) for part in found.parts]
    return Writing(parts or [Part("", "<p>This workbook has no sheet.</p>")], found.notes, found.remarks)


def _open_text(source: Source) -> Writing:
    from assessor_desk.artifacts.reading.open_text import read_open_text

    found = read_open_text(source)
    return Writing(in_parts(found.blocks), found.notes, found.remarks)


def _open_slides(source: Source) -> Writing:
    from assessor_desk.artifacts.reading.open_text import read_open_slides

    found = read_open_slides(source)
    return Writing(in_parts(found.blocks), found.notes, found.remarks)


def _open_sheets(source: Source) -> Writing:
    from assessor_desk.artifacts.reading.open_sheets import read_open_sheets

    return _of_sheets(read_open_sheets(source))


def _rtf(source: Source) -> Writing:
    from assessor_desk.artifacts.reading.rtf import read_rtf

    found = read_rtf(source)
    return Writing(in_parts(found.blocks), found.notes, found.remarks)


def _older(source: Source) -> Writing:
    raise Refused(
        f"“{source.name}” is in an older Office format. It is shown as laid out where LibreOffice is installed on "
        "this computer; else ask for DOCX or PDF."
    )


_Reader = Callable[[Source], Writing]
_PLAIN: dict[Kind, _Reader] = {Kind.CSV: _table, Kind.MARKDOWN: _markdown, Kind.HTML: _web_page}
_READERS: dict[str, _Reader] = {
    "word": _word,
    "slides": _slides,
    "sheet": _sheets,
    "open_text": _open_text,
    "open_slides": _open_slides,
    "open_sheet": _open_sheets,
    "rtf": _rtf,
    "older_office": _older,
}
_CALLED = {
    Kind.WORD: "Word document",
    Kind.SLIDES: "presentation",
    Kind.SHEET: "spreadsheet",
    Kind.OPEN_TEXT: "OpenDocument text",
    Kind.RTF: "RTF document",
    Kind.OLDER_OFFICE: "document",
}
