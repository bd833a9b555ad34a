"""Checking a receipt of destruction against a trust list: whose certificate attested the key that signed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assessor_desk.domain.custody import Receipt
from assessor_desk.domain.errors import Damaged
from assessor_desk.keys.custody_key import signed_by
from assessor_desk.keys.signing import common_name
from assessor_desk.protocol.destructions import key_bytes, statement_bytes

from .signature import read_signature
from .trust import TrustList, Untrusted


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Whose receipt it is: their number, the serial of their certificate, and whether that was revoked (since)."""

    person: str
    serial: str
    revoked: bool


def check_destruction(receipt: Receipt, trust: TrustList, now: datetime) -> Witnessed:
    """Check both signatures. Raises Damaged where one does not hold, or the certificate is nobody's of this programme.

    A revoked certificate is told and no fault: an enrolment that ends is a reason for destroying. What such a receipt
    could gain a thief is that nobody asks for what they still hold, which the list says of every revoked computer.
    """
    from .signers import TOLERANCE

    attested, made = receipt.attested, receipt.destruction
    if made.gone_at is None or made.gone_at > now + TOLERANCE or made.destroyed_at > made.gone_at + TOLERANCE:
        raise Damaged("The receipt of destruction claims a time that cannot be")
    if not signed_by(attested.key, statement_bytes(made), receipt.signature):
        raise Damaged("The receipt of destruction was changed, or its signature is another's")
    signed = read_signature(attested.signature, key_bytes(attested.key, attested.source, attested.at))
    at = signed.signing_time
    if at is None or at > now + TOLERANCE:
        raise Damaged("The key of the receipt claims to have been attested in a time to come")
    try:
        trust.check_chain(signed.certificate, at)
    except Untrusted as trouble:
        raise Damaged(f"The key of the receipt does not count: {trouble}") from trouble
    revoked = trust.revoked(signed.certificate) is not None
    return Witnessed(common_name(signed.certificate), str(signed.certificate.serial_number), revoked)
