"""Looking for words in every byte of a file: parts of archives, streams, texts and strings of PDFs, encoded parts."""

from __future__ import annotations

import io
import re
import zipfile
from base64 import b64decode
from collections.abc import Iterable, Iterator
from html import unescape

import pikepdf
import pypdfium2

_ENCODINGS = ("utf-8", "utf-16-be", "utf-16-le")
_BASE64 = re.compile(rb"base64,\s*([A-Za-z0-9+/=]{16,})")


def every_byte(file: bytes) -> bytes:
    """All that a file holds, as it stands and taken out of whatever it is wrapped in, however often."""
    return b"\n".join(_pieces(file))


def found_in(file: bytes, words: Iterable[str]) -> list[str]:
    """Which of these words stand in a file, in whatever encoding, also broken over lines."""
    held = every_byte(file)
    tight = re.sub(rb"\s+", b" ", held)
    return [
        word
        for word in words
        if any(word.encode(encoding) in held for encoding in _ENCODINGS) or word.encode() in tight
    ]


def _pieces(file: bytes) -> Iterator[bytes]:
    yield file
    if file.startswith(b"PK\x03\x04"):
        yield from _in_archive(file)
    elif file.startswith(b"%PDF"):
        yield from _in_pdf(file)
    else:
        yield unescape(file.decode("utf-8", "replace")).encode()
        for encoded in _BASE64.findall(file):
            yield from _pieces(b64decode(encoded))


def _in_archive(file: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        yield archive.comment
        for member in archive.infolist():
            yield member.filename.encode() + b"\n" + member.comment + b"\n" + member.extra
            yield from _pieces(archive.read(member))


def _in_pdf(file: bytes) -> Iterator[bytes]:
    with pikepdf.open(io.BytesIO(file)) as document:
        yield "\n".join(_strings(document.trailer, 0)).encode()
        for thing in document.objects:
            if isinstance(thing, pikepdf.Stream):
                yield from _pieces(thing.read_bytes() if "/Filter" in thing else thing.read_raw_bytes())
                yield "\n".join(_strings(dict(thing.items()), 0)).encode()
            else:
                yield "\n".join(_strings(thing, 0)).encode()
    printed = pypdfium2.PdfDocument(file)
    try:
        yield "\n".join(page.get_textpage().get_text_bounded() for page in printed).encode()
    finally:
        printed.close()


def _strings(thing: object, depth: int) -> Iterator[str]:
    """Strings of an object and of those within it; what it refers to is an object of its own."""
    if isinstance(thing, pikepdf.String):
        yield str(thing)
        yield bytes(thing).decode("utf-8", "replace")
    elif isinstance(thing, pikepdf.Array) and depth < 6:
        for one in list(thing):  # type: ignore[call-overload]
            yield from _strings(one, depth + 1)
    elif isinstance(thing, pikepdf.Dictionary | dict) and depth < 6:
        for one in thing.values():
            if not getattr(one, "is_indirect", False):
                yield from _strings(one, depth + 1)
