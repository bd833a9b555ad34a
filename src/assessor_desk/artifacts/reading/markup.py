"""The HTML in which documents of words are shown: one small dialect for every format.

Classes say what a document says of its look, without colours of the window's: the window turns them into its own, in
light and in dark (`gui.viewers.inks`)::

    ink-1f4e79, ink-ffffff-on-1f4e79    colour of words, and what they stand on
    ground-ffe599                       colour behind words, a paragraph or a cell
    size-140                            per cent of the plain size
    label, gone, added, remark          see below; running (header, footer), small, tight, pagebreak, boxed

A title on a span names what is no part of the text as one quotes it: `domain.plain_words`.
"""

from __future__ import annotations

import base64
import html
import io
import re
import warnings
from dataclasses import dataclass, replace
from typing import Any

from assessor_desk.artifacts.kinds import Kind, sniff
from assessor_desk.artifacts.reading.picture import FAULTS, first_frame
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.errors import DeskError
from assessor_desk.domain.plain_words import BREAK, DELETED, REMARKED
from assessor_desk.domain.plain_words import LABEL as LABEL

INSERTED = "Added, tracked"

MOST_CELLS = 2_500
"""Cells of one table that are shown at once; laying out more would hold up the window."""

MOST_PICTURES = 250
_MOST_PICTURE_BYTES = 60_000_000
_PICTURE_WIDTH = 1_400
_PHOTO = ("jpeg", "jpg", "heic", "heif")
_COLOUR = re.compile(r"[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run of words looks; colours are six hexadecimal digits, empty where the document says nothing."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    raised: bool = False
    lowered: bool = False
    capitals: bool = False
    hidden: bool = False
    mono: bool = False
    ink: str = ""
    ground: str = ""
    size: int = 100

    def with_changes(self, changes: dict[str, Any]) -> Look:
        return replace(self, **changes) if changes else self

    def dress(self, markup: str, on: str = "") -> str:
        """`markup` in this look; `on` is the colour of the cell or paragraph it stands in."""
        if not markup or self.hidden:
            return ""
        for wanted, tag in self._tags():
            if wanted:
                markup = f"<{tag}>{markup}</{tag}>"
        classes = self._classes(on)
        return f'<span class="{" ".join(classes)}">{markup}</span>' if classes else markup

    def _tags(self) -> tuple[tuple[bool, str], ...]:
        return (
            (self.bold, "b"),
            (self.italic, "i"),
            (self.underline, "u"),
            (self.strike, "s"),
            (self.raised, "sup"),
            (self.lowered, "sub"),
            (self.mono, "code"),
        )

    def _classes(self, on: str) -> list[str]:
        behind = self.ground or on
        found = []
        if self.ink:
            found.append(f"ink-{self.ink}-on-{behind}" if behind else f"ink-{self.ink}")
        if self.ground:
            found.append(f"ground-{self.ground}")
        if self.size != 100:
            found.append(f"size-{self.size}")
        return found


PLAIN = Look()


def colour(value: str | None) -> str:
    """Six hexadecimal digits of a colour as formats write it; empty for none, automatic, and white or black words."""
    digits = (value or "").strip().lstrip("#").lower()
    return digits if _COLOUR.fullmatch(digits) else ""


def size(points: float, plain: float) -> int:
    """A font size as per cent of the plain one, in steps of ten, within what can be read."""
    if points <= 0 or plain <= 0:
        return 100
    return min(260, max(70, round(points / plain * 10) * 10))


def escaped(words: str) -> str:
    """Words as HTML that keeps runs of spaces."""
    return html.escape(words, quote=False).replace("  ", " \u00a0").replace("\t", TAB)


TAB = '<span class="tab">\t</span>'


def label(words: str) -> str:
    """A list's number or sign before its words, which begin at the indent."""
    return f'<span class="label" title="{LABEL}">{html.escape(words)}\t</span>' if words else ""


def deleted(markup: str) -> str:
    """Words that a tracked change took out."""
    return f'<span class="gone" title="{DELETED}">{markup}</span>' if markup else ""


def inserted(markup: str) -> str:
    """Words that a tracked change put in."""
    return f'<span class="added" title="{INSERTED}">{markup}</span>' if markup else ""


def remark_sign(number: int) -> str:
    """Where a remark of the educator's stands; it leads to the remark beside the text."""
    return f'<a class="remark" href="#remark-{number}" title="{REMARKED}">\u00a0[remark\u00a0{number}]</a>'


def page_break() -> str:
    return f'<p class="pagebreak" align="center"><span title="{BREAK}">— page break —</span></p>'


def paragraph(
    markup: str,
    tag: str = "p",
    align: str = "",
    left: int = 0,
    indent: int = 0,
    rtl: bool = False,
    classes: tuple[str, ...] = (),
) -> str:
    """A block of words; `left` and `indent` (of its first line) in pixels."""
    style = f' style="margin-left:{left}px;text-indent:{indent}px"' if left or indent else ""
    named = f' class="{" ".join(classes)}"' if classes else ""
    aligned = f' align="{align}"' if align else ""
    direction = ' dir="rtl"' if rtl else ""
    return f"<{tag}{named}{aligned}{direction}{style}>{markup}</{tag}>"


def cell(
    content: str,
    tag: str = "td",
    across: int = 1,
    down: int = 1,
    width: int = 0,
    ground: str = "",
    align: str = "",
) -> str:
    """A table's cell; `width` in per cent of the table."""
    spans = (f' colspan="{across}"' if across > 1 else "") + (f' rowspan="{down}"' if down > 1 else "")
    wide = f' width="{width}%"' if width else ""
    named = f' class="ground-{ground}"' if ground else ""
    aligned = f' align="{align}"' if align else ""
    return f"<{tag}{spans}{wide}{named}{aligned}>{content}</{tag}>"


def table(rows: list[str], rtl: bool = False, wide: bool = True) -> str:
    """A table of rows, each the cells' markup."""
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    width = ' width="100%"' if wide else ""
    direction = ' dir="rtl"' if rtl else ""
    return f"<table{width}{direction}>{body}</table>"


class Pictures:
    """The pictures of one document, re-encoded once each, as many as can be shown."""

    def __init__(self) -> None:
        self._shown = 0
        self._bytes = 0
        self._made: dict[str, str] = {}

    def show(self, data: bytes, name: str, width: int = 0, words: str = "") -> str:
        """`name` of the part it comes from; `width` in pixels as the document has it; `words` describe it."""
        if name not in self._made:
            self._made[name] = self._encoded(data, name)
        source = self._made[name]
        if not source.startswith("data:"):
            return f"[{html.escape(source + (f': {words}' if words else ''))}]"
        self._shown += 1
        if self._shown > MOST_PICTURES:
            return "[a further picture that is not shown]"
        size = f' width="{width}"' if width > 0 else ""
        told = f' alt="{html.escape(words)}"' if words else ""
        return f'<img src="{source}"{size}{told}>'

    def _encoded(self, data: bytes, name: str) -> str:
        """As data, or why not in words."""
        if self._bytes > _MOST_PICTURE_BYTES:
            return "a further picture that is not shown"
        photo = name.lower().rpartition(".")[2] in _PHOTO
        encoded = _re_encoded(data, photo)
        if encoded is None:
            return _why_not(data)
        self._bytes += len(encoded)
        return f"data:image/{'jpeg' if photo else 'png'};base64,{base64.b64encode(encoded).decode()}"


_EMF, _WMF_PLACEABLE, _WMF = (
    b"\x01\x00\x00\x00",
    b"\xd7\xcd\xc6\x9a",
    (b"\x01\x00\x09\x00", b"\x02\x00\x09\x00"),
)


def _why_not(data: bytes) -> str:
    """Drawings made of Windows' own commands are told from pictures that are damaged ([MS-EMF], [MS-WMF])."""
    if data[:4] == _EMF and data[40:44] == b" EMF":
        return "a drawing as Windows Enhanced Metafile (EMF), which LibreOffice shows and this view does not"
    if data[:4] == _WMF_PLACEABLE or data[:4] in _WMF:
        return "a drawing as Windows Metafile (WMF), which LibreOffice shows and this view does not"
    return "a picture that cannot be shown"


def _re_encoded(data: bytes, photo: bool) -> bytes | None:
    """The window decodes nothing that a document brought."""
    if sniff(io.BytesIO(data)).kind is not Kind.IMAGE:  # Pillow would run a program for some others
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = first_frame(Source(io.BytesIO(data), "picture"))  # type: ignore[arg-type]
            picture.thumbnail((_PICTURE_WIDTH, 4 * _PICTURE_WIDTH))
            encoded = io.BytesIO()
            picture.save(encoded, "JPEG" if photo else "PNG", **({"quality": 88} if photo else {}))
    except (*FAULTS, Warning, DeskError, MemoryError):
        return None
    return encoded.getvalue()
