"""A signed PDF's own signature, and the document embedded in it: a packet's record, a case file's first page."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any

from cryptography import x509

from assessor_desk.domain.errors import Damaged

from .facts import Fact, FactId, Standing
from .layout import Layout
from .signature import PADES, read_signature

_DEEPEST = 64
_LARGEST = 64 << 20
#: What pikepdf and its values raise where a document is not built as it should be.
_UNREADABLE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, NotImplementedError, zlib.error,
)  # fmt: skip


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
    pikepdf = _bounded_pikepdf()
    try:
        # Strictly: qpdf would make up what is missing, and sign nothing for it.
        with pikepdf.open(BytesIO(pdf), attempt_recovery=False, suppress_warnings=True) as opened:
            found = _signatures(opened.Root.AcroForm.Fields)
            if opened.get_warnings() or opened.is_encrypted:
                raise Damaged("cannot be read as a signed PDF")
            if len(found) != 1:
                raise Damaged("must carry one signature")
            contents = bytes(found[0]["/Contents"])
            covered = _covered(pdf, [int(number) for number in found[0]["/ByteRange"]], contents)
            signed = read_signature(_unpadded(contents), covered, PADES)
            if signed.certificate != certificate:
                raise Damaged(f"is signed with another certificate than the {layout.title}")
            if _embedded(opened.Root) != [(name, document)]:
                raise Damaged(f"carries another {layout.about} than {layout.stated}")
    except (pikepdf.PdfError, *_UNREADABLE) as trouble:
        raise Damaged("cannot be read as a signed PDF") from trouble


@cache
def _bounded_pikepdf() -> Any:
    """qpdf, told once how much memory one stream may take: a file of some kilobytes can ask for gigabytes.

    Whoever is enrolled can sign such a file. The limits are the process's; nothing that a desk or hub makes comes near.
    """
    import pikepdf

    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=_LARGEST,
        run_length_max_memory=_LARGEST,
        png_max_memory=_LARGEST,
        tiff_max_memory=_LARGEST,
        dct_max_memory=_LARGEST,
    )
    return pikepdf


def _signatures(fields: Any, inherited: str = "", depth: int = 0) -> list[Any]:
    """The values of all signature fields that have one (ISO 32000-1, 12.7.4.5)."""
    if depth > _DEEPEST:
        raise Damaged("cannot be read as a signed PDF")
    found = []
    for field in fields:
        kind = str(field.get("/FT", inherited))
        value = field.get("/V")
        if kind == "/Sig" and value is not None:
            found.append(value)
        elif "/Kids" in field:
            found += _signatures(field["/Kids"], kind, depth + 1)
    return found


def _unpadded(padded: bytes) -> bytes:
    """The CMS without the zeros that fill the room kept for it. Raises Damaged where anything else fills it."""
    if len(padded) < 4 or padded[:2] != b"\x30\x82":
        raise Damaged("has a signature that cannot be read")
    length = 4 + int.from_bytes(padded[2:4], "big")
    if padded[length:].strip(b"\0"):
        raise Damaged("has bytes after its signature")
    return padded[:length]


def _covered(pdf: bytes, span: list[int], contents: bytes) -> bytes:
    """The bytes the signature is over: the whole file but the signature's own hexadecimal digits."""
    start, first, second, last = span
    gap = pdf[first:second]
    whole = start == 0 <= first < second and second + last == len(pdf)
    if not (whole and gap[:1] == b"<" and gap[-1:] == b">") or _digits(gap[1:-1]) != contents:
        raise Damaged("is not signed as a whole")
    return pdf[:first] + pdf[second:]


def _digits(hexadecimal: bytes) -> bytes:
    try:
        return bytes.fromhex(hexadecimal.decode("ascii"))
    except ValueError:
        raise Damaged("is not signed as a whole") from None


def _embedded(root: Any) -> list[tuple[str, bytes]]:
    """The embedded files with their names (ISO 32000-1, 7.11.4): two of one name, or a second under /UF, are told."""
    names = list(root.Names.EmbeddedFiles.Names)
    pairs = zip(names[::2], names[1::2], strict=True)
    return [
        (str(name), content)
        for name, specification in pairs
        for content in dict.fromkeys(_content(stream) for _, stream in specification.EF.items())
    ]


def _content(stream: Any) -> bytes:
    """A stream's content, where it is not packed in a way that could fill the memory."""
    filters = stream.get("/Filter")
    kinds = [] if filters is None else [str(one) for one in _each(filters)]
    raw = bytes(stream.read_raw_bytes())
    if not kinds:
        return raw
    if kinds != ["/FlateDecode"] or "/DecodeParms" in stream:
        raise Damaged("cannot be read as a signed PDF")
    inflating = zlib.decompressobj()
    content = inflating.decompress(raw, _LARGEST)
    if not inflating.eof or inflating.unused_data:
        raise Damaged("cannot be read as a signed PDF")
    return content


def _each(value: Any) -> list[Any]:
    import pikepdf

    return list(value) if isinstance(value, pikepdf.Array) else [value]
