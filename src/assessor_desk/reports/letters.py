"""Which characters a document can show, and what stands for those that it cannot.

PDF/A and PDF/UA forbid a character without a letter form, so typst refuses the whole document for one emoji. No packet
may fail for that: what the bundled fonts lack is said in words. DOCX carries every character that XML can.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from itertools import groupby
from typing import Any, TypeVar

from assessor_desk.places import resources

FONTS = (
    "Inter-Regular.ttf",
    "NotoNaskhArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "DroidSansFallbackFull.ttf",
    "NotoEmoji-Regular.ttf",
)
OTHER_SCRIPT = "[words in a script that this PDF has no letters for; the Word document has them]"

#: Spares reading the fonts: all of these are in Inter (a test holds it to that).
_USUAL = re.compile(
    "[\n\t\u0020-\u007e\u00a0-\u00ac\u00ae-\u0148\u014a-\u017f\u1ea0-\u1ef9\u2013\u2014\u2018-\u201d\u2022\u2026\u2192]*"
)
#: A character with what chooses its form or joins it to the next.
_CLUSTER = re.compile("(?s:.)[\ufe00-\ufe0f\u200d]*")
_NEVER = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

T = TypeVar("T")


def legible(content: T) -> T:
    """A content whose texts have no control characters or halves of characters, which XML and PDF do not admit."""
    changed: T = _in_all_texts(content, lambda text: _NEVER.sub("", text.replace("\r\n", "\n")))
    return changed


def printable(content: T) -> T:
    """A content whose texts the bundled fonts can show, what they lack being said in words."""
    changed: T = _in_all_texts(content, printable_text)
    return changed


def printable_text(text: str) -> str:
    """One text as the bundled fonts can show it."""
    composed = unicodedata.normalize("NFC", text)
    if _USUAL.fullmatch(composed):
        return composed
    shown = covered()
    clusters = groupby(
        _CLUSTER.findall(composed), lambda cluster: cluster[0] in "\n\t" or ord(cluster[0]) in shown
    )
    return "".join("".join(run) if known else _instead("".join(run)) for known, run in clusters)


def _instead(unknown: str) -> str:
    if any(unicodedata.category(character).startswith("L") for character in unknown):
        return OTHER_SCRIPT
    visible = [one for one in unknown if unicodedata.category(one)[0] not in "CM"]
    return "".join(f"[{unicodedata.name(one, f'character U+{ord(one):04X}').lower()}]" for one in visible)


def _in_all_texts(thing: Any, change: Callable[[str], str]) -> Any:
    if isinstance(thing, Enum):
        return thing
    if isinstance(thing, str):
        return change(thing)
    if isinstance(thing, tuple):
        return tuple(_in_all_texts(one, change) for one in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        changed = {field.name: _in_all_texts(getattr(thing, field.name), change) for field in fields(thing)}
        return replace(thing, **changed)
    return thing


@cache
def covered() -> frozenset[int]:
    """The code points that at least one bundled font has."""
    folder = resources() / "fonts"
    return frozenset(point for name in FONTS for point in code_points((folder / name).read_bytes()))


def code_points(font: bytes) -> Iterator[int]:
    """The code points of a TrueType font (OpenType 1.9, “cmap”, formats 4 and 12)."""
    start = _table(font, b"cmap")
    count = struct.unpack_from(">H", font, start + 2)[0]
    offsets = [struct.unpack_from(">HHL", font, start + 4 + 8 * number)[2] for number in range(count)]
    for offset in set(offsets):
        table_format = struct.unpack_from(">H", font, start + offset)[0]
        if table_format == 12:
            yield from _format_12(font, start + offset)
        elif table_format == 4:
            yield from _format_4(font, start + offset)


def _table(font: bytes, tag: bytes) -> int:
    for number in range(struct.unpack_from(">H", font, 4)[0]):
        found, _checksum, offset, _length = struct.unpack_from(">4s3L", font, 12 + 16 * number)
        if found == tag:
            return int(offset)
    raise ValueError(f"the font has no table {tag!r}")


def _format_12(font: bytes, start: int) -> Iterator[int]:
    groups = struct.unpack_from(">L", font, start + 12)[0]
    for first, last, glyph in struct.iter_unpack(">3L", font[start + 16 : start + 16 + 12 * groups]):
        yield from range(first + (glyph == 0), last + 1)


def _format_4(font: bytes, start: int) -> Iterator[int]:
    doubled = struct.unpack_from(">H", font, start + 6)[0]
    segments = doubled // 2
    columns = (start + 14, start + 16 + doubled, start + 16 + 2 * doubled, start + 16 + 3 * doubled)
    ends, starts, deltas, offsets = (struct.unpack_from(f">{segments}H", font, column) for column in columns)
    for number, (end, first, delta, offset) in enumerate(zip(ends, starts, deltas, offsets, strict=True)):
        glyphs = columns[3] + 2 * number + offset
        for point in range(first, min(end, 0xFFFE) + 1):
            if offset == 0:
                glyph = point + delta
            else:
                glyph = struct.unpack_from(">H", font, glyphs + 2 * (point - first))[0]
            if glyph & 0xFFFF:
                yield point
