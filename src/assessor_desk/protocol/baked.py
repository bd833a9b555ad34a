"""Badges in pictures: a credential put into PNG or SVG and read from it again (Open Badges 3.0, §5.3 “Baking”).

In PNG it is an uncompressed iTXt chunk `openbadgecredential`; in SVG an element `openbadges:credential` under the
root. The same picture with another credential in it keeps every pixel.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from assessor_desk.domain.errors import Damaged, Refused

PNG = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
LARGEST = 4 << 20
_SVG = "http://www.w3.org/2000/svg"


def baked_png(picture: bytes, credential: bytes) -> bytes:
    """The PNG with the credential in it, right after its header. Raises Damaged for what is no PNG."""
    chunks = [(kind, data) for kind, data in _chunks(picture) if not _is_badge(kind, data)]
    text = KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0" + credential
    return PNG + b"".join(_chunk(kind, data) for kind, data in (chunks[0], (b"iTXt", text), *chunks[1:]))


def baked_svg(picture: str, credential: bytes) -> bytes:
    """The SVG with the credential in it."""
    root = _root(picture.encode())
    from lxml import etree

    baked = etree.Element(root.tag, attrib=dict(root.attrib), nsmap={**root.nsmap, "openbadges": NAMESPACE})
    baked.text = root.text
    held = etree.SubElement(baked, f"{{{NAMESPACE}}}credential")
    # In a CDATA section, as the specification shows it; JSON escapes “>” nowhere, but never needs “]]>”.
    held.text = etree.CDATA(credential.decode().replace("]]>", "]]\\u003e"))
    baked.extend(list(root))
    return bytes(etree.tostring(baked, xml_declaration=True, encoding="UTF-8"))


def credential_in(data: bytes) -> bytes:
    """The credential in a baked PNG or SVG, or a JSON file as it is.

    Raises Refused for a file that holds none, Damaged for one that cannot be read or holds several.
    """
    if len(data) > LARGEST:
        raise Refused(f"it is larger than {LARGEST >> 20} MiB, which no badge is")
    if data.startswith(PNG):
        return _from_png(data)
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return data if start == b"{" else _from_svg(data)


def may_be_badge(start: bytes) -> bool:
    """Whether a file that begins so may be a badge."""
    return start.startswith(PNG) or start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"<")


def _from_png(data: bytes) -> bytes:
    found = [text for kind, text in _chunks(data) if _is_badge(kind, text)]
    if len(found) != 1:
        raise _none_or_many(len(found))
    flags, rest = found[0][len(KEYWORD) + 1 : len(KEYWORD) + 3], found[0][len(KEYWORD) + 3 :]
    parts = rest.split(b"\0", 2)
    if flags != b"\0\0" or len(parts) != 3:
        raise Damaged("the credential in the picture is compressed or cannot be read")
    return parts[2]


def _from_svg(data: bytes) -> bytes:
    found = _root(data).findall(f"{{{NAMESPACE}}}credential")
    if len(found) != 1:
        raise _none_or_many(len(found))
    return (found[0].text or "").strip().encode()


def _none_or_many(count: int) -> Refused | Damaged:
    if count:
        return Damaged("it holds more than one credential")
    return Refused("the picture holds no badge")


def _root(data: bytes):  # type: ignore[no-untyped-def]  # lxml has no types
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("it is neither a PNG, an SVG nor a JSON file") from error
    if root.tag != f"{{{_SVG}}}svg" or root.getroottree().docinfo.doctype:
        raise Refused("it is no plain SVG")
    return root


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks up to IEND. Raises Damaged where lengths or check sums are wrong, or something follows."""
    place = len(PNG)
    while data.startswith(PNG) and place + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        content, end = data[place + 8 : place + 8 + length], place + 12 + length
        if end > len(data) or zlib.crc32(kind + content) != int.from_bytes(data[end - 4 : end]):
            break
        yield kind, content
        place = end
        if kind == b"IEND":
            if place != len(data):
                break
            return
    raise Damaged("the picture is damaged: it cannot be read as PNG")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", zlib.crc32(kind + content))


def _is_badge(kind: bytes, content: bytes) -> bool:
    return kind == b"iTXt" and content.startswith(KEYWORD + b"\0")
