"""How each kind of file is looked through: what keeps it from being opened, then what somebody should look at."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from assessor_desk.artifacts.kinds import SVG, Kind, Sniffed
from assessor_desk.artifacts.packages import doctype_faults, package_faults
from assessor_desk.artifacts.properties import (
    Properties,
    media_properties,
    package_properties,
    pdf_properties,
    picture_properties,
)
from assessor_desk.domain.errors import DeskError, Refused, sentence
from assessor_desk.domain.preflight import PreflightFinding, Severity

_LEGACY_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PDF_TAIL = 4096
_MOST_PAGES_LOOKED_AT = 200
_SMALL_SCALE = 0.15
_INK = 12
"""Shades that two points of a page must differ by for it not to be blank; scans of empty paper vary less."""

_MOST_PAGES_NAMED = 8


@dataclass
class Look:
    """One file being looked through, and what was found of it so far."""

    reader: BinaryIO
    name: str
    sniffed: Sniffed
    facts: dict[str, Any]
    findings: list[PreflightFinding] = field(default_factory=list)
    properties: Properties = field(default_factory=lambda: Properties({}))
    likeness: str = ""

    def block(self, words: str, error: DeskError | None = None) -> None:
        """It cannot be assessed."""
        self.findings.append(PreflightFinding(_kind_of_fault(words, error), Severity.BLOCKS, words))

    def look_at(self, own_id: str, words: str, **facts: Any) -> None:
        """Somebody should look at it."""
        self.findings.append(PreflightFinding(own_id, Severity.LOOK, words, facts))

    def source(self) -> Any:
        """The reader for a parser; closing it leaves the reader open."""
        from assessor_desk.artifacts.reading.source import Source

        class Kept(Source):
            def close(self) -> None:
                return

        self.reader.seek(0)
        return Kept(cast("Any", self.reader), self.name)


Probe = Callable[[Look], None]


def own_room(length: int) -> memoryview:
    """Memory for pixels that only this process looks at."""
    return memoryview(bytearray(length))


def probe_for(kind: Kind) -> Probe:
    """How a file of this kind is looked through."""
    return _PROBES.get(kind, _other)


def _kind_of_fault(words: str, error: DeskError | None) -> str:
    """What a sentence of a reader is about: readers tell their faults in words alone."""
    if "password" in words:
        return "locked"
    if "cut short" in words and "damaged" not in words:
        return "cut_short"
    return "not_opened" if isinstance(error, Refused) or "not opened" in words else "damaged"


def _pdf(look: Look) -> None:
    from assessor_desk.artifacts.reading.pdf import PdfReading

    try:
        opened = PdfReading(look.source())
        try:
            look.facts["pages"] = opened.facts()["pages"]
            opened.render(0, 0.1, 0, room=own_room)
            blank = _blank_pages(opened, look.facts["pages"])
        finally:
            opened.close()
    except DeskError as error:
        look.block(sentence(error), error)
        return
    if not _has_pdf_end(look.reader):
        look.block(_cut_short(look.name))
    _tell_blank(look, blank)
    look.properties = _pdf_properties(look)


def _blank_pages(opened: Any, count: int) -> list[int]:
    """Numbers from 1 of the pages on which nothing is drawn. A page that cannot be shown is none of them."""
    blank = []
    for page in range(min(count, _MOST_PAGES_LOOKED_AT)):
        try:
            _, pixels = opened.render(page, _SMALL_SCALE, 0, room=own_room)
        except DeskError:
            continue
        data = bytes(pixels)
        if max(data[1::4], default=0) - min(data[1::4], default=0) < _INK:
            blank.append(page + 1)
    return blank


def _tell_blank(look: Look, blank: list[int]) -> None:
    if not blank:
        return
    count = look.facts["pages"]
    if len(blank) == count:
        look.look_at("blank", f"“{look.name}” is blank: nothing is drawn on any page.", pages=blank)
        return
    named = ", ".join(map(str, blank[:_MOST_PAGES_NAMED])) + (" …" if len(blank) > _MOST_PAGES_NAMED else "")
    words = (
        f"Page {named} of “{look.name}” is blank."
        if len(blank) == 1
        else f"Pages {named} of “{look.name}” are blank."
    )
    look.look_at("blank_pages", words, pages=blank)


def _pdf_properties(look: Look) -> Properties:
    import pypdfium2

    look.reader.seek(0)
    try:
        document = pypdfium2.PdfDocument(cast("Any", look.source()), autoclose=False)
        try:
            return pdf_properties(document.get_metadata_dict())
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return Properties({})


def _has_pdf_end(reader: BinaryIO) -> bool:
    """A PDF is read from its end; parsers that guess at a missing one lose pages silently."""
    reader.seek(max(0, reader.seek(0, 2) - _PDF_TAIL))
    return b"%%EOF" in reader.read(_PDF_TAIL)


def _cut_short(name: str) -> str:
    return f"“{name}” is cut short: its end is missing. Ask for a new copy, or hand it back as unreadable."


def _drawing(look: Look) -> None:
    from assessor_desk.artifacts.reading.drawing import DrawingReading

    try:
        opened = DrawingReading(look.source())
        look.facts.update(opened.facts())
        opened.close()
    except DeskError as error:
        look.block(sentence(error), error)


def _picture(look: Look) -> None:
    if look.sniffed.media_type == SVG:
        _drawing(look)
        return
    from PIL import Image

    from assessor_desk.artifacts.reading.picture import FAULTS, PictureReading, first_frame
    from assessor_desk.artifacts.same_picture import likeness

    try:
        opened = PictureReading(look.source())
        try:
            look.facts.update(opened.facts())
        finally:
            opened.close()
        shown = first_frame(look.source())
        with Image.open(cast("BinaryIO", look.source())) as file:
            look.properties = picture_properties(file.getexif())
    except DeskError as error:
        look.block(sentence(error), error)
        return
    except FAULTS:
        return  # shown by the reader, so no fault; what else could be said of it cannot be read
    if all(high - low < _INK for low, high in cast("list[tuple[int, int]]", shown.getextrema())):
        look.look_at("blank", f"“{look.name}” shows one even colour and nothing else.")
    look.likeness = likeness(shown)


def _package(look: Look) -> None:
    faults = package_faults(look.reader, look.name) or doctype_faults(look.reader, look.name)
    for fault in faults:
        look.block(fault)
    if faults:
        return
    look.properties = package_properties(look.reader)
    _writing(look)


def _writing(look: Look) -> None:
    from assessor_desk.artifacts.reading.writing import read_writing

    try:
        _, words = read_writing(look.source(), look.sniffed.kind)
    except DeskError as error:
        look.block(sentence(error), error)
        return
    if b"<img" not in words and not re.search(rb"\w", re.sub(rb"<[^>]*>", b" ", words)):
        look.look_at("blank", f"“{look.name}” holds no words and no pictures.")


def _media(look: Look) -> None:
    from assessor_desk.artifacts.reading.recording import recording_faults

    look.reader.seek(0)
    faults = recording_faults(look.reader, look.name, look.facts)
    for fault in faults:
        look.block(fault)
    if not faults:
        _listen(look)


def _listen(look: Look) -> None:
    import av

    from assessor_desk.artifacts.reading import sounding

    try:
        level = sounding.loudest(look.reader)
        found = sounding.moments_found(look.reader, look.facts.get("seconds", 0.0))
        look.properties = media_properties(sounding.metadata(look.reader))
    except (av.FFmpegError, ValueError, OSError):
        return  # its first and last pictures were shown; how loud it is cannot be told
    if level is None:
        look.look_at("no_sound", f"“{look.name}” has no sound.")
    elif level < sounding.SILENT_DB:
        look.look_at("silent", f"“{look.name}” is silent: its sound holds nothing to hear.", loudest_db=level)
    elif level < sounding.FAINT_DB:
        words = f"“{look.name}” is nearly silent: its loudest moment is at {level:g} dB."
        look.look_at("nearly_silent", words.replace("-", "−"), loudest_db=level)
    if not found:
        words = f"“{look.name}” is badly indexed: one cannot go to a moment in it reliably."
        look.look_at("badly_indexed", words)


def _older_office(look: Look) -> None:
    """Shown by LibreOffice alone, which not every assessor has."""
    words = f"“{look.name}” is in an older Office format, which is shown only where LibreOffice is installed."
    look.look_at("older_format", words, type=look.sniffed.words)


def _other(look: Look) -> None:
    if look.sniffed.media_type == "application/x-ole-storage":
        look.reader.seek(0)
        if _LEGACY_ENCRYPTED in look.reader.read(64 * 1024 * 1024):
            look.block(f"“{look.name}” is locked with a password. Ask for a copy without one.")
        else:
            look.block(
                f"“{look.name}” is in an older Office format, which is not opened. Ask for DOCX or PDF."
            )
    if look.sniffed.media_type == "application/zip":
        for fault in package_faults(look.reader, look.name):
            look.block(fault)


_PROBES: dict[Kind, Probe] = {
    Kind.PDF: _pdf,
    Kind.IMAGE: _picture,
    Kind.WORD: _package,
    Kind.SLIDES: _package,
    Kind.SHEET: _package,
    Kind.OPEN_TEXT: _package,
    Kind.RTF: _writing,
    Kind.OLDER_OFFICE: _older_office,
    Kind.VIDEO: _media,
    Kind.AUDIO: _media,
    Kind.TEXT: _writing,
    Kind.MARKDOWN: _writing,
    Kind.CSV: _writing,
    Kind.HTML: _writing,
    Kind.CAPTIONS: _writing,
}
