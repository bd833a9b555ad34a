"""What a file is, told from its bytes. Names and announced types are never believed.

Signatures after the formats' own specifications and the WHATWG MIME Sniffing standard
(https://mimesniff.spec.whatwg.org/); Office documents after ECMA-376 and ODF 1.3, part 2.
"""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

HEAD = 64 * 1024
"""Bytes looked at; a ZIP's directory, at its end, is looked at too."""


class Kind(StrEnum):
    """Each has a viewer, but for `OTHER`, whose facts alone are shown.

    `OLDER_OFFICE`, the binary formats before 2007, is shown only through LibreOffice.
    """

    VIDEO = "video"
    AUDIO = "audio"
    PDF = "pdf"
    IMAGE = "image"
    WORD = "word"
    TEXT = "text"
    MARKDOWN = "markdown"
    CSV = "csv"
    HTML = "html"
    CAPTIONS = "captions"
    SLIDES = "slides"
    SHEET = "sheet"
    OPEN_TEXT = "open_text"
    RTF = "rtf"
    OLDER_OFFICE = "older_office"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A kind with its media type; `words` names the type to a person ("HEIC picture")."""

    kind: Kind
    media_type: str
    words: str


_V, _A, _I, _O = Kind.VIDEO, Kind.AUDIO, Kind.IMAGE, Kind.OTHER
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

_SIGNATURES: tuple[tuple[bytes, Sniffed], ...] = (
    (b"\x89PNG\r\n\x1a\n", Sniffed(_I, "image/png", "PNG picture")),
    (b"\xff\xd8\xff", Sniffed(_I, "image/jpeg", "JPEG picture")),
    (b"GIF87a", Sniffed(_I, "image/gif", "GIF picture")),
    (b"GIF89a", Sniffed(_I, "image/gif", "GIF picture")),
    (b"II*\0", Sniffed(_I, "image/tiff", "TIFF picture")),
    (b"MM\0*", Sniffed(_I, "image/tiff", "TIFF picture")),
    (b"\x1aE\xdf\xa3", Sniffed(_V, "video/x-matroska", "Matroska video")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Sniffed(_V, "video/x-ms-asf", "Windows Media video")),
    (b"FLV\x01", Sniffed(_V, "video/x-flv", "Flash video")),
    (b"\0\0\x01\xba", Sniffed(_V, "video/mpeg", "MPEG video")),
    (b"\0\0\x01\xb3", Sniffed(_V, "video/mpeg", "MPEG video")),
    (b"ID3", Sniffed(_A, "audio/mpeg", "MP3 recording")),
    (b"fLaC", Sniffed(_A, "audio/flac", "FLAC recording")),
    (b"#!AMR", Sniffed(_A, "audio/amr", "AMR recording")),
    (b"{\\rtf", Sniffed(Kind.RTF, "application/rtf", "RTF document")),
    (b"\x1f\x8b", Sniffed(_O, "application/gzip", "gzip archive")),
    (b"7z\xbc\xaf\x27\x1c", Sniffed(_O, "application/x-7z-compressed", "7z archive")),
    (b"Rar!\x1a\x07", Sniffed(_O, "application/vnd.rar", "RAR archive")),
    (b"MZ", Sniffed(_O, "application/vnd.microsoft.portable-executable", "Windows program")),
    (b"\x7fELF", Sniffed(_O, "application/x-executable", "Linux program")),
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLDER: tuple[tuple[str, Sniffed], ...] = (
    ("WordDocument", Sniffed(Kind.OLDER_OFFICE, "application/msword", "older Word document")),
    ("Workbook", Sniffed(Kind.OLDER_OFFICE, "application/vnd.ms-excel", "older Excel workbook")),
    ("PowerPoint Document", Sniffed(Kind.OLDER_OFFICE, "application/vnd.ms-powerpoint", "older slides")),
)
_OLE_OTHER = Sniffed(_O, "application/x-ole-storage", "older Office document")

_RIFF = {
    b"WEBP": Sniffed(_I, "image/webp", "WebP picture"),
    b"AVI ": Sniffed(_V, "video/x-msvideo", "AVI video"),
    b"WAVE": Sniffed(_A, "audio/wav", "WAV recording"),
}

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
_HEIF_SEQUENCES = {b"hevc", b"hevx", b"msf1", b"avis"}
_OLD_QUICKTIME = {b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot"}

_PACKAGES: tuple[tuple[str, Sniffed], ...] = (
    ("word/document.xml", Sniffed(Kind.WORD, _OOXML + "wordprocessingml.document", "Word document")),
    ("ppt/presentation.xml", Sniffed(Kind.SLIDES, _OOXML + "presentationml.presentation", "slides")),
    ("xl/workbook.xml", Sniffed(Kind.SHEET, _OOXML + "spreadsheetml.sheet", "spreadsheet")),
)

_DECLARED = {
    _ODF + "text": Sniffed(Kind.OPEN_TEXT, _ODF + "text", "OpenDocument text"),
    _ODF + "presentation": Sniffed(Kind.SLIDES, _ODF + "presentation", "OpenDocument slides"),
    _ODF + "spreadsheet": Sniffed(Kind.SHEET, _ODF + "spreadsheet", "OpenDocument spreadsheet"),
    "application/epub+zip": Sniffed(_O, "application/epub+zip", "e-book"),
}

SVG = "image/svg+xml"
UNKNOWN = Sniffed(_O, "application/octet-stream", "file of an unknown type")
EMPTY = Sniffed(_O, "application/x-empty", "empty file")
_ZIP = Sniffed(_O, "application/zip", "ZIP archive")


def sniff(reader: BinaryIO) -> Sniffed:
    """What the file is. The reader's place is left at its beginning."""
    reader.seek(0)
    head = reader.read(HEAD)
    try:
        if not head:
            return EMPTY
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return _package(reader)
        if head.startswith(_OLE):
            return _compound(reader, head)
        return _binary(head) or _textual(head) or UNKNOWN
    finally:
        reader.seek(0)


def _binary(head: bytes) -> Sniffed | None:
    if b"%PDF-" in head[:1024]:
        return Sniffed(Kind.PDF, "application/pdf", "PDF document")
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    for signature, sniffed in _SIGNATURES:
        if head.startswith(signature):
            return _webm(head) if sniffed.media_type == "video/x-matroska" else sniffed
    return _boxed(head) or _ogg(head) or _bitmap(head) or _stream(head)


def _webm(head: bytes) -> Sniffed:
    if b"webm" in head[:64]:
        return Sniffed(_V, "video/webm", "WebM video")
    return Sniffed(_V, "video/x-matroska", "Matroska video")


def _boxed(head: bytes) -> Sniffed | None:
    """ISO base media files (ISO/IEC 14496-12) and the QuickTime files before them."""
    box, brand = head[4:8], head[8:12]
    if box in _OLD_QUICKTIME:
        return Sniffed(_V, "video/quicktime", "QuickTime video")
    if box != b"ftyp":
        return None
    if brand in _HEIF_BRANDS:
        return Sniffed(_I, "image/heic", "HEIC picture")
    if brand == b"avif":
        return Sniffed(_I, "image/avif", "AVIF picture")
    if brand in _HEIF_SEQUENCES:
        return Sniffed(_O, "image/heic-sequence", "moving HEIC picture")
    if brand in (b"M4A ", b"M4B "):
        return Sniffed(_A, "audio/mp4", "M4A recording")
    if brand == b"qt  ":
        return Sniffed(_V, "video/quicktime", "QuickTime video")
    return Sniffed(_V, "video/mp4", "MP4 video")


def _ogg(head: bytes) -> Sniffed | None:
    if not head.startswith(b"OggS"):
        return None
    if b"theora" in head[:512]:
        return Sniffed(_V, "video/ogg", "Ogg video")
    return Sniffed(_A, "audio/ogg", "Ogg recording")


def _bitmap(head: bytes) -> Sniffed | None:
    """Two letters alone begin many files, so the reserved bytes must be zero too."""
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return Sniffed(_I, "image/bmp", "BMP picture")
    return None


def _stream(head: bytes) -> Sniffed | None:
    """Formats without a signature: transport streams by their sync bytes, MP3 and AAC by their frames."""
    for step, offset in ((188, 0), (192, 4)):
        if len(head) > 3 * step and all(head[offset + n * step] == 0x47 for n in range(4)):
            return Sniffed(_V, "video/mp2t", "MPEG transport stream")
    if head[0] == 0xFF and len(head) > 2:
        if head[1] & 0xF6 == 0xF0:
            return Sniffed(_A, "audio/aac", "AAC recording")
        if head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0:
            return Sniffed(_A, "audio/mpeg", "MP3 recording")
    return None


def _package(reader: BinaryIO) -> Sniffed:
    try:
        with zipfile.ZipFile(reader) as package:
            names = set(package.namelist())
            for name, sniffed in _PACKAGES:
                if name in names:
                    return sniffed
            return _DECLARED.get(_declared_type(package, names), _ZIP)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError):
        return _ZIP


def _compound(reader: BinaryIO, head: bytes) -> Sniffed:
    """Older Office files by the names in their directory ([MS-CFB], 2.2 and 2.6); one with a password is none."""
    sector = 1 << min(12, int.from_bytes(head[30:32], "little"))
    reader.seek(sector * (1 + int.from_bytes(head[48:52], "little")))
    names = reader.read(4096)
    if "EncryptedPackage".encode("utf-16-le") in names:
        return _OLE_OTHER
    return next((kind for name, kind in _OLDER if name.encode("utf-16-le") in names), _OLE_OTHER)


def _declared_type(package: zipfile.ZipFile, names: set[str]) -> str:
    """OpenDocument and EPUB name their type in a small first member."""
    if "mimetype" not in names or package.getinfo("mimetype").file_size > 200:
        return ""
    return package.read("mimetype").decode("ascii", "replace").strip()


def decode_text(data: bytes) -> str | None:
    """Text in UTF-8, UTF-16 with its mark, or the Windows code page; None for anything that is not text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", data):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8")
        return data.decode("cp1252", "replace")


def _textual(head: bytes) -> Sniffed | None:
    text = decode_text(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n")
    if re.match(r"WEBVTT(\s|$)", start):
        return Sniffed(Kind.CAPTIONS, "text/vtt", "WebVTT captions")
    if re.match(r"\d+\s*\n\d\d:\d\d:\d\d,\d{3} --> ", start.replace("\r", "")):
        return Sniffed(Kind.CAPTIONS, "application/x-subrip", "SRT captions")
    return _marked_up(start) or _table_or_prose(text)


#: What a page without its frame begins with (WHATWG MIME Sniffing §7.1, and elements of lists and sections).
_PART_OF_A_PAGE = re.compile(
    r"<(script|iframe|h[1-6]|div|font|table|style|title|p|ul|ol|section|article|main)[\s>]"
)


def _marked_up(start: str) -> Sniffed | None:
    opening = start[:1024].lower()
    if re.match(r"(<!--.*?-->\s*)?<(!doctype html|html|head|body)\b", opening, re.DOTALL):
        return Sniffed(Kind.HTML, "text/html", "web page")
    if _PART_OF_A_PAGE.match(opening) and not _looks_like_markdown(start):
        return Sniffed(Kind.HTML, "text/html", "part of a web page")
    if "<svg" in opening and opening.startswith("<"):
        return Sniffed(_I, SVG, "SVG drawing")
    if opening.startswith("<?xml"):
        return Sniffed(Kind.TEXT, "text/xml", "XML file")
    return None


def _table_or_prose(text: str) -> Sniffed:
    if delimiter(text):
        return Sniffed(Kind.CSV, "text/csv", "CSV table")
    if _looks_like_markdown(text):
        return Sniffed(Kind.MARKDOWN, "text/markdown", "Markdown text")
    return Sniffed(Kind.TEXT, "text/plain", "plain text")


def delimiter(text: str) -> str:
    """What separates the columns of a table in text form; empty when the text is no table.

    At least three rows with the same number of fields, or two with three fields or more.
    """
    lines = text[:8192].splitlines()[:20]
    if len(text) > 8192:
        lines = lines[:-1]
    for candidate in "\t;,":
        rows = [row for row in csv.reader(lines, delimiter=candidate) if row]
        if _is_table(rows):
            return candidate
    return ""


def _is_table(rows: list[list[str]]) -> bool:
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    return len(rows) >= 3 or (len(rows) == 2 and len(rows[0]) >= 3)


def _looks_like_markdown(text: str) -> bool:
    """A heading, or two different other marks: one dash or asterisk alone is ordinary writing."""
    if re.search(r"^#{1,6} \S", text, re.MULTILINE):
        return True
    marks = (
        r"^[-*+] \S",
        r"^\d+\. \S",
        r"\*\*\S[^*\n]*\*\*",
        r"\[[^\]\n]+\]\([^)\s]+\)",
        r"^```",
        r"^\|.+\|$",
        r"^> ",
    )
    return sum(bool(re.search(mark, text, re.MULTILINE)) for mark in marks) >= 2
