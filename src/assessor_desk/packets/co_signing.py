"""A second signature on a sealed packet: whoever gives it stands by what the first signer sealed.

It goes beside the first in `signatures/`, outside the signed list (DESIGN §6), so nothing that was signed changes. Only
reviewers co-sign: a packet's first signature in order stays that of whoever made it.
"""

from __future__ import annotations

from datetime import datetime

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.roles import Role
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import Signer, common_name, roles
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import SIGNATURE_NAME, TAG_MANIFEST, signature_files
from assessor_desk.verdict.signature import read_signature

from .archive import zip_bytes


def co_signed(packet: bytes, signer: Signer, at: datetime) -> bytes:
    """The packet with a reviewer's signature more.

    Raises Refused for anybody but a reviewer, for an ended certificate and for whoever signed it already; Damaged for
    anything but a packet. Whether the packet is good is the caller's to look at first.
    """
    if Role.REVIEWER.value not in roles(signer.certificate):
        raise Refused(f"{signer.number} holds no certificate as a reviewer; only reviewers co-sign packets")
    archive = parse_archive(packet)
    listed = archive.files.get(TAG_MANIFEST)
    signed = [name for name in archive.files if SIGNATURE_NAME.fullmatch(name)]
    if archive.troubles or archive.outside or listed is None or not signed:
        raise Damaged("This is no packet as it was sealed; only sealed packets are co-signed")
    known = {common_name(read_signature(archive.files[name], listed).certificate) for name in signed}
    if signer.number in known:
        raise Refused(f"{signer.number} has signed this packet already")
    signature = sign_detached(listed, signer.key, signer.certificate, at)
    return zip_bytes(archive.top, {**archive.files, _free_name(signed): signature})


def _free_name(signed: list[str]) -> str:
    names = (signature_files(Role.REVIEWER.value, number).name for number in range(1, 100))
    free = next((name for name in names if name not in signed), None)
    if free is None:
        raise Refused("This packet has as many co-signatures as a packet can hold")
    return free
