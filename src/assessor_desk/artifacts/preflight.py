"""Checks of a file before it enters a review: can it be opened at all, and is it safe to?

`preflight` uses native parsers, so it runs in the worker (`documents.DocumentsClient.preflight`) for any file
that comes from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, BinaryIO, cast

from assessor_desk.artifacts.kinds import EMPTY, Kind, Sniffed, sniff
from assessor_desk.artifacts.packages import doctype_faults, package_faults
from assessor_desk.domain.errors import DeskError, Refused, sentence

_LEGACY_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PDF_TAIL = 4096
_EXPECTED = {
    ".pdf": {Kind.PDF},
    ".docx": {Kind.WORD},
    ".jpg": {Kind.IMAGE},
    ".jpeg": {Kind.IMAGE},
    ".png": {Kind.IMAGE},
    ".heic": {Kind.IMAGE},
    ".mp4": {Kind.VIDEO},
    ".mov": {Kind.VIDEO},
    ".pptx": {Kind.SLIDES},
    ".xlsx": {Kind.SHEET},
}


@dataclass(frozen=True)
class Preflight:
    """What a file is, and what keeps it from being assessed.

    `faults` are sentences that name the file and say what to do; without any it can be opened. `facts` are
    numbers and words for a person: pages, pixels, seconds, and a `note` where the name promises another kind.
    """

    kind: Kind
    media_type: str
    faults: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def preflight(reader: BinaryIO, name: str) -> Preflight:
    """Look at the file as a whole. `name` is what the sentences call it."""
    sniffed = sniff(reader)
    size = reader.seek(0, 2)
    reader.seek(0)
    facts: dict[str, Any] = {"size": size, "type": sniffed.words}
    if sniffed is EMPTY:
        fault = f"“{name}” is empty. Ask for it again, or hand it back as missing."
        return Preflight(sniffed.kind, sniffed.media_type, (fault,), facts)
    faults = _PROBES.get(sniffed.kind, _other)(reader, name, sniffed, facts)
    expected = _EXPECTED.get(PurePath(name).suffix.lower())
    if expected and sniffed.kind not in expected:
        facts["note"] = f"Its name ends in {PurePath(name).suffix}, but it is a {sniffed.words}."
    return Preflight(sniffed.kind, sniffed.media_type, tuple(faults), facts)


def preflight_files(paths: Iterable[Path]) -> list[Preflight]:
    """Look at plain files, in the worker; one that it dies of has that as its fault. Raises Refused for no file."""
    from assessor_desk.artifacts.documents import DocumentsClient

    paths = list(paths)
    for path in paths:
        if not path.is_file():
            raise Refused(f"There is no file {path}. Check the name")
    with DocumentsClient() as client:
        return [_through(client.preflight, path) for path in paths]


def _through(look: Callable[[Path, str], Preflight], path: Path) -> Preflight:
    try:
        return look(path.absolute(), path.name)
    except DeskError as error:
        return Preflight(Kind.OTHER, "application/octet-stream", (sentence(error),))


Probe = Callable[[BinaryIO, str, Sniffed, dict[str, Any]], list[str]]


def _source(reader: BinaryIO, name: str) -> Any:
    """The reader for a parser; closing it leaves the reader open."""
    from assessor_desk.artifacts.reading.source import Source

    class Kept(Source):
        def close(self) -> None:
            return

    return Kept(cast("Any", reader), name)


def _pdf(reader: BinaryIO, name: str, _: Sniffed, facts: dict[str, Any]) -> list[str]:
    from assessor_desk.artifacts.reading.pdf import PdfReading

    try:
        opened = PdfReading(_source(reader, name))
        try:
            facts["pages"] = opened.facts()["pages"]
            opened.render(0, 0.1, 0, lambda length: memoryview(bytearray(length)))
        finally:
            opened.close()
    except DeskError as error:
        return [sentence(error)]
    return [] if _has_pdf_end(reader) else [_cut_short(name)]


def _has_pdf_end(reader: BinaryIO) -> bool:
    """A PDF is read from its end; parsers that guess at a missing one lose pages silently."""
    reader.seek(max(0, reader.seek(0, 2) - _PDF_TAIL))
    return b"%%EOF" in reader.read(_PDF_TAIL)


def _cut_short(name: str) -> str:
    return f"“{name}” is cut short: its end is missing. Ask for a new copy, or hand it back as unreadable."


def _picture(reader: BinaryIO, name: str, _: Sniffed, facts: dict[str, Any]) -> list[str]:
    from assessor_desk.artifacts.reading.picture import PictureReading

    try:
        opened = PictureReading(_source(reader, name))
        try:
            facts.update(opened.facts())
        finally:
            opened.close()
    except DeskError as error:
        return [sentence(error)]
    return []


def _word(reader: BinaryIO, name: str, sniffed: Sniffed, _: dict[str, Any]) -> list[str]:
    faults = package_faults(reader, name) or doctype_faults(reader, name)
    if faults or sniffed.kind is not Kind.WORD:
        return faults
    return _writing(reader, name, sniffed, _)


def _writing(reader: BinaryIO, name: str, sniffed: Sniffed, _: dict[str, Any]) -> list[str]:
    from assessor_desk.artifacts.reading.writing import read_writing

    try:
        read_writing(_source(reader, name), sniffed.kind)
    except DeskError as error:
        return [sentence(error)]
    return []


def _media(reader: BinaryIO, name: str, _: Sniffed, facts: dict[str, Any]) -> list[str]:
    from assessor_desk.artifacts.reading.recording import recording_faults

    return recording_faults(reader, name, facts)


def _other(reader: BinaryIO, name: str, sniffed: Sniffed, _: dict[str, Any]) -> list[str]:
    if sniffed.media_type == "application/x-ole-storage":
        if _LEGACY_ENCRYPTED in reader.read(64 * 1024 * 1024):
            return [f"“{name}” is locked with a password. Ask for a copy without one."]
        return [f"“{name}” is in an older Office format, which is not opened. Ask for DOCX or PDF."]
    if sniffed.media_type == "application/zip":
        return package_faults(reader, name)
    return []


_PROBES: dict[Kind, Probe] = {
    Kind.PDF: _pdf,
    Kind.IMAGE: _picture,
    Kind.WORD: _word,
    Kind.SLIDES: _word,
    Kind.SHEET: _word,
    Kind.VIDEO: _media,
    Kind.AUDIO: _media,
    Kind.TEXT: _writing,
    Kind.MARKDOWN: _writing,
    Kind.CSV: _writing,
    Kind.HTML: _writing,
    Kind.CAPTIONS: _writing,
}
