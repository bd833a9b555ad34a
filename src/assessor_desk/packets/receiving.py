"""What is added to a packet when it is exported: the hub's receipt and a time-stamp, without signing again."""

from __future__ import annotations

from pathlib import Path

from assessor_desk.domain.errors import Damaged
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import SIGNATURE_NAME, SignatureFiles

from .archive import write_whole, zip_bytes
from .facts import BuiltPacket, sha256


def with_receipt(packet: bytes, receipt: bytes, time_token: bytes | None = None) -> bytes:
    """The packet's bytes with the receipt, and the RFC 3161 token where given, beside its first signature.

    Nothing else changes: `signatures/` lies outside the signed list. Raises Damaged for anything but a packet.
    """
    archive = parse_archive(packet)
    signed = [name for name in archive.files if SIGNATURE_NAME.fullmatch(name)]
    if archive.troubles or archive.outside or not signed:
        raise Damaged("This is no packet as it was sealed; a receipt is added to sealed packets only")
    beside = SignatureFiles("", signed[0])
    added = {beside.receipt: receipt, **({} if time_token is None else {beside.token: time_token})}
    return zip_bytes(archive.top, {**archive.files, **added})


def add_receipt(packet: BuiltPacket, receipt: bytes, time_token: bytes | None = None) -> BuiltPacket:
    """`with_receipt` on a packet's file, which is replaced whole."""
    content = packet.path.read_bytes()
    write_whole(packet.path, with_receipt(content, receipt, time_token))
    return packet


def digest_of(path: Path) -> str:
    """The digest by which others name the packet at `path`. Raises Damaged for anything but a packet."""
    return digest_in(path.read_bytes(), path.name)


def digest_in(packet: bytes, name: str = "This") -> str:
    """The digest by which others name a packet. Raises Damaged for anything but a packet."""
    from assessor_desk.verdict.layout import TAG_MANIFEST

    files = parse_archive(packet).files
    if TAG_MANIFEST not in files:
        raise Damaged(f"{name} is no packet")
    return sha256(files[TAG_MANIFEST])
