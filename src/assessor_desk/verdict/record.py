"""A signed PDF's own signature, and the document embedded in it: a packet's record, a case file's first page."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from cryptography import x509

from assessor_desk.domain.errors import Damaged

from .facts import Fact, FactId, Standing
from .layout import Layout
from .signature import PADES, read_signature


def record_fact(found: Mapping[str, bytes], layout: Layout, certificate: x509.Certificate) -> Fact:
    """Whether the layout's PDF is signed, all of it, with the bag's certificate, and carries what the bag states."""
    basis, name, stated = "PAdES", layout.record, layout.stated.removeprefix("data/")
    try:
        _check_record(found[name], found[layout.stated], stated, layout, certificate)
    except Damaged as trouble:
        return Fact(FactId.RECORD, Standing.BAD, f"{name} {trouble}", basis=basis)
    words = (
        f"{name.removeprefix('data/')} is signed by the same certificate and carries the same {layout.about}"
    )
    return Fact(FactId.RECORD, Standing.GOOD, words, basis=basis)


def not_checked(why: str) -> Fact:
    """The fact for a record that was not opened."""
    return Fact(FactId.RECORD, Standing.UNKNOWN, f"Not checked: {why}", basis="PAdES")


def _check_record(
    pdf: bytes, document: bytes, name: str, layout: Layout, certificate: x509.Certificate
) -> None:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(BytesIO(pdf))
        signatures = reader.embedded_signatures
        if len(signatures) != 1:
            raise Damaged("must carry one signature")
        signed = read_signature(_unpadded(signatures[0].pkcs7_content), _covered(pdf, signatures[0]), PADES)
        if signed.certificate != certificate:
            raise Damaged(f"is signed with another certificate than the {layout.title}")
        if _embedded(reader) != {name: document}:
            raise Damaged(f"carries another {layout.about} than {layout.stated}")
    except (PdfError, ValueError, KeyError, IndexError, TypeError, AttributeError) as trouble:
        raise Damaged("cannot be read as a signed PDF") from trouble


def _unpadded(padded: bytes) -> bytes:
    """The CMS without the zeros that fill the room kept for it. Raises Damaged where anything else fills it."""
    if len(padded) < 4 or padded[:2] != b"\x30\x82":
        raise Damaged("has a signature that cannot be read")
    length = 4 + int.from_bytes(padded[2:4], "big")
    if padded[length:].strip(b"\0"):
        raise Damaged("has bytes after its signature")
    return padded[:length]


def _covered(pdf: bytes, signature: Any) -> bytes:
    """The bytes the signature is over: the whole file but the signature's own hexadecimal digits."""
    start, first, second, last = (int(number) for number in signature.byte_range)
    gap = pdf[first:second]
    whole = start == 0 and second + last == len(pdf) and gap[:1] == b"<" and gap[-1:] == b">"
    if not whole or bytes.fromhex(gap[1:-1].decode("ascii")) != signature.pkcs7_content:
        raise Damaged("is not signed as a whole")
    return pdf[:first] + pdf[second:]


def _embedded(reader: Any) -> dict[str, bytes]:
    """The embedded files by name (ISO 32000-1, 7.11.4)."""
    names = list(reader.root["/Names"]["/EmbeddedFiles"]["/Names"])
    pairs = zip(names[::2], names[1::2], strict=True)
    return {str(name): bytes(specification.get_object()["/EF"]["/F"].data) for name, specification in pairs}
