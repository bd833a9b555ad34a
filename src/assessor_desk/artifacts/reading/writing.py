"""Documents of flowing text as clean HTML: Word, Markdown, web pages and tables, and plain text.

What comes out holds no script, no style, nothing that loads from anywhere: pictures are data, re-encoded
here, so that the window never decodes what the document brought.
"""

from __future__ import annotations

import base64
import csv
import html
import io
import warnings
from typing import Any, BinaryIO, cast

import nh3

from assessor_desk.artifacts.kinds import Kind, decode_text, delimiter
from assessor_desk.artifacts.packages import doctype_faults, package_faults
from assessor_desk.artifacts.reading import word_parts
from assessor_desk.artifacts.reading.picture import FAULTS, first_frame
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.errors import Damaged, Refused

LARGEST_TEXT = 2_000_000
"""Characters shown of a text; the rest is left out, and said to be."""

MOST_ROWS = 5_000
"""Rows shown of a table."""

_LARGEST_FILE = 100_000_000
_PICTURE_WIDTH = 1_400
_PHOTO = ("image/jpeg", "image/heic")
_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre", "hr", "br", "div"}
_WORDS = {"b", "strong", "i", "em", "u", "s", "del", "sup", "sub", "code", "a", "img"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td", "caption"}
_PICTURE_DATA = ("data:image/png;base64,", "data:image/jpeg;base64,")


def read_writing(source: Source, kind: Kind) -> tuple[dict[str, Any], bytes]:
    """Facts (`format`: html or text; `notes`: sentences on what is not as in the original) and the words."""
    if kind is Kind.WORD:
        words, notes = _word(source)
        return {"format": "html", "notes": notes, "simplified": True}, words.encode()
    text, notes = _text(source)
    if kind is Kind.CSV:
        words, notes = _table(text, notes)
    elif kind is Kind.MARKDOWN:
        words = clean(_markdown(text))
    elif kind is Kind.HTML:
        words = clean(text)
    else:
        return {"format": "text", "notes": notes, "simplified": False}, text.encode()
    return {"format": "html", "notes": notes, "simplified": kind is Kind.HTML}, words.encode()


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


_STYLES = "u => u\np[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
_SPANS = {"colspan", "rowspan"}


def _harmless(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if value.startswith(_PICTURE_DATA) else None
    if attribute == "href":
        return None if value.startswith("data:") else value
    if attribute in _SPANS:
        return value if value.isdigit() and 0 < int(value) <= 100 else None
    return value


def _text(source: Source) -> tuple[str, list[str]]:
    data = source.whole(_LARGEST_FILE)
    text = decode_text(data)
    if text is None:
        raise Damaged(f"“{source.name}” is not text throughout; it may be damaged.")
    if len(text) <= LARGEST_TEXT:
        return text, []
    return text[:LARGEST_TEXT], [f"Only the first {LARGEST_TEXT:,} of {len(text):,} characters are shown."]


def _table(text: str, notes: list[str]) -> tuple[str, list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter(text) or ","):
            rows.append(row)
            if len(rows) > MOST_ROWS:
                notes = [*notes, f"Only the first {MOST_ROWS:,} rows are shown."]
                break
    except csv.Error as error:
        notes = [*notes, f"The table breaks off after row {len(rows)}: {error}."]
    shown = rows[:MOST_ROWS]
    body = "".join(_row(row, "td") for row in shown[1:])
    head = "".join(_row(row, "th") for row in shown[:1])
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>", notes


def _row(fields: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(field)}</{tag}>" for field in fields) + "</tr>"


def _markdown(text: str) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(text))


def _word(source: Source) -> tuple[str, list[str]]:
    import mammoth

    if source.size() > _LARGEST_FILE:
        raise Refused(f"“{source.name}” is too large to show: more than {_LARGEST_FILE // 10**6} MB.")
    reader = cast("BinaryIO", source)
    faults = package_faults(reader, source.name) or doctype_faults(reader, source.name)
    source.check()
    if faults:
        raise Refused(faults[0])
    try:
        parts = word_parts.prepared(reader)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            converted = mammoth.convert_to_html(
                parts.document,
                convert_image=mammoth.images.img_element(_inlined),
                style_map=_STYLES,
            )
    except word_parts.FAULTS as error:
        source.check()
        raise Damaged(
            f"“{source.name}” cannot be read as a Word document ({error or type(error).__name__}). Ask for "
            "a PDF, or hand it back as unreadable."
        ) from error
    return clean(parts.header + converted.value + parts.footer), parts.notes


def _inlined(image: Any) -> dict[str, str]:
    """A picture of the document, re-encoded; where it cannot be read its place says so."""
    try:
        with image.open() as opened:
            source = Source(io.BytesIO(opened.read()), "picture")  # type: ignore[arg-type]
            picture = first_frame(source)
    except (*FAULTS, Warning) as error:
        return {"src": "", "alt": f"[a picture that cannot be shown: {type(error).__name__}]"}
    picture.thumbnail((_PICTURE_WIDTH, 4 * _PICTURE_WIDTH))
    encoded = io.BytesIO()
    photo = image.content_type in _PHOTO
    picture.save(encoded, "JPEG" if photo else "PNG", **({"quality": 88} if photo else {}))
    kind = "jpeg" if photo else "png"
    data = base64.b64encode(encoded.getvalue()).decode()
    return {"src": f"data:image/{kind};base64,{data}", "width": str(picture.width)}
