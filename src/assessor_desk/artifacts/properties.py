"""Who and where a file's own properties give away: author, last modified by, artist, the place it was taken.

The values stay here: a finding says which property names somebody, not whom.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from assessor_desk.domain.identifying import identifying_words

_EMAIL_AT = re.compile(r"[\w.+-]+@[\w-]+\.\w")
_SEPARATED = re.compile(r"[^\W\d_]+")

#: Office Open XML (ECMA-376-2, core properties; part 1, 22.2) and OpenDocument (ODF 1.3, part 3, 4.3), by local name.
_PACKAGE_PARTS = ("docProps/core.xml", "docProps/app.xml", "meta.xml")
_PACKAGE_WORDS = {
    "creator": "author",
    "initial-creator": "author",
    "lastModifiedBy": "last modified by",
    "Manager": "manager",
    "printed-by": "printed by",
}
_LARGEST_PART = 1_000_000

#: PDF (ISO 32000-1, 14.3.3), Exif 2.32 and what recorders write into MP4 and QuickTime.
_PDF_WORDS = {"Author": "author"}
_EXIF_WORDS = {0x013B: "artist", 0x9C9D: "author", 0x8298: "copyright"}
_EXIF_OWNER = (0x8769, 0xA430)
_EXIF_PLACE = 0x8825
_MEDIA_WORDS = {"artist": "artist", "author": "author", "com.apple.quicktime.author": "author"}
_MEDIA_PLACES = ("location", "location-eng", "com.apple.quicktime.location.ISO6709")

#: What programs write where nobody has given a name.
_NOBODY = frozenset({
    "", "administrator", "admin", "user", "owner", "unknown", "anonymous", "author", "windows user",
    "microsoft office user", "office", "python-docx", "openpyxl", "apache poi", "un-named", "libreoffice", "pandoc",
    "google", "canva", "adobe", "typst", "default", "teacher", "educator", "scanner",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Properties:
    """`people`: words for a property → its value. `place`: whether the file tells where it was made."""

    people: Mapping[str, str]
    place: bool = False

    @property
    def telling(self) -> dict[str, str]:
        """Those that name somebody, rather than a program."""
        return {words: value for words, value in self.people.items() if _names_somebody(value)}


def _names_somebody(value: str) -> bool:
    bare = value.strip().casefold()
    return bool(re.search(r"[^\W\d_]{2}", bare)) and bare not in _NOBODY


def package_properties(reader: BinaryIO) -> Properties:
    """Of an Office file whose package and parts were found harmless."""
    found: dict[str, str] = {}
    reader.seek(0)
    try:
        with zipfile.ZipFile(reader) as package:
            parts = [p for p in package.infolist() if p.filename in _PACKAGE_PARTS]
            for part in parts:
                if part.file_size <= _LARGEST_PART:
                    found |= _named_in(package.read(part))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, NotImplementedError):
        pass  # the package itself is told of elsewhere
    return Properties(found)


def _named_in(xml: bytes) -> dict[str, str]:
    if b"<!DOCTYPE" in xml:
        return {}
    try:
        elements = ET.fromstring(xml).iter()
    except ET.ParseError:
        return {}
    named = ((element.tag.rpartition("}")[2], element.text or "") for element in elements)
    return {_PACKAGE_WORDS[tag]: text for tag, text in named if tag in _PACKAGE_WORDS and text.strip()}


def pdf_properties(metadata: Mapping[str, str]) -> Properties:
    """Of the document information of a PDF."""
    return Properties(_chosen(metadata, _PDF_WORDS))


def picture_properties(exif: Any) -> Properties:
    """Of a picture's Exif as Pillow gives it."""
    values = {tag: exif.get(tag) for tag in _EXIF_WORDS} | {_EXIF_OWNER[1]: _owner(exif)}
    found = _chosen({tag: _as_text(value) for tag, value in values.items()}, {**_EXIF_WORDS, 0xA430: "owner"})
    return Properties(found, place=bool(exif.get_ifd(_EXIF_PLACE)))


def _owner(exif: Any) -> Any:
    return exif.get_ifd(_EXIF_OWNER[0]).get(_EXIF_OWNER[1])


def _as_text(value: Any) -> str:
    """Windows keeps its own fields in UTF-16."""
    if isinstance(value, bytes):
        return value.decode("utf-16-le" if b"\0" in value[:2] else "utf-8", "replace").strip("\0 ")
    return str(value or "").strip("\0 ")


def media_properties(metadata: Mapping[str, str]) -> Properties:
    """Of a recording's metadata."""
    folded = {name.casefold(): value for name, value in metadata.items()}
    place = any(folded.get(name.casefold()) for name in _MEDIA_PLACES)
    return Properties(_chosen(folded, _MEDIA_WORDS), place)


def _chosen(values: Mapping[Any, str], wanted: Mapping[Any, str]) -> dict[str, str]:
    return {words: values[name] for name, words in wanted.items() if values.get(name, "").strip()}


def name_in(file_name: str, names: Iterable[str] = ()) -> str:
    """What in a file's name may name somebody: an e-mail address, or one of `names`; empty where nothing does."""
    if _EMAIL_AT.search(file_name):
        return "an e-mail address"
    spaced = " ".join(_SEPARATED.findall(file_name))
    known = tuple(word for name in names for word in _SEPARATED.findall(name) if len(word) > 2)
    return "a person’s name" if known and identifying_words(spaced, known) else ""
