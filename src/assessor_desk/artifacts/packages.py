"""Office files are ZIP archives, and ZIP archives can be traps: measured here before anything is inflated.

The directory's numbers can be trusted as bounds: Python's reader stops at the size a member announces. The
limits leave room for any document made by hand.
"""

from __future__ import annotations

import lzma
import re
import stat
import zipfile
import zlib
from collections import Counter
from typing import BinaryIO

MOST_MEMBERS = 5_000
LARGEST_TOTAL = 400_000_000
LARGEST_XML = 60_000_000
"""Bytes after inflating."""

STEEPEST_RATIO = 250
"""Inflated to stored bytes; XML full of spaces reaches about 100."""

_RATIO_FROM = 5_000_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
_TRAVERSAL = re.compile(r"(^|[\\/])\.\.([\\/]|$)|^[\\/]|^[A-Za-z]:")
_DOCTYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


def package_faults(reader: BinaryIO, name: str) -> list[str]:
    """Sentences on what is wrong with an Office file, from its directory alone; empty when nothing is."""
    reader.seek(0)
    try:
        with zipfile.ZipFile(reader) as package:
            members = package.infolist()
    except _BROKEN as error:
        return [
            f"“{name}” is cut short or damaged ({error}). Ask for a new copy, or hand it back as unreadable."
        ]
    size = reader.seek(0, 2)
    return [f"“{name}” {fault}" for fault in _faults(members, size)]


def doctype_faults(reader: BinaryIO, name: str) -> list[str]:
    """Sentences on XML parts that declare a DTD. Call it only when `package_faults` found nothing.

    Office files may not have one (ECMA-376, part 2, 8.1.4); where they do, it is there to pull in other
    files or to blow up in memory.
    """
    reader.seek(0)
    try:
        with zipfile.ZipFile(reader) as package:
            parts = [m for m in package.infolist() if m.filename.lower().endswith((".xml", ".rels"))]
            declaring = [m.filename for m in parts if _declares_a_dtd(package.read(m))]
    except _BROKEN as error:
        return [f"“{name}” is damaged ({error}). Ask for a new copy, or hand it back as unreadable."]
    return [
        f"“{name}” declares a document type in {part}, which could read other files or exhaust the memory. "
        "It is not opened. Ask for a copy saved anew."
        for part in declaring[:1]
    ]


def _declares_a_dtd(data: bytes) -> bool:
    return any(word in data for word in _DOCTYPE)


def _faults(members: list[zipfile.ZipInfo], size: int) -> list[str]:
    refuse = "It is not opened. Ask for a copy saved anew."
    total = sum(member.file_size for member in members)
    names = Counter(member.filename for member in members)
    checks = (
        (len(members) > MOST_MEMBERS, f"holds {len(members)} parts, far more than a document has."),
        (total > LARGEST_TOTAL, f"would inflate to {total // 10**6} MB, far more than a document does."),
        (any(map(_too_steep, members)), "holds a part packed so tightly that it would exhaust the memory."),
        (any(map(_too_much_xml, members)), "holds a part with far more text than a document has."),
        (any(_TRAVERSAL.search(each) for each in names), "holds a part named to be written elsewhere."),
        (max(names.values(), default=0) > 1, "holds two parts of the same name."),
        (any(map(_is_link, members)), "holds a link instead of a part."),
        (any(member.flag_bits & 1 for member in members), "is locked with a password."),
        (sum(member.compress_size for member in members) > size, "holds parts that overlap."),
    )
    return [f"{words} {refuse}" for found, words in checks if found]


def _too_steep(member: zipfile.ZipInfo) -> bool:
    return member.file_size > max(_RATIO_FROM, STEEPEST_RATIO * member.compress_size)


def _too_much_xml(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith((".xml", ".rels")) and member.file_size > LARGEST_XML


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)
