"""Signatures besides a packet's: the issuer's on what it publishes and assigns, and the hub's receipts."""

from __future__ import annotations

from datetime import datetime

from assessor_desk.domain.errors import Damaged
from assessor_desk.keys.signing import roles

from .signature import Signed, read_signature
from .trust import TrustList, Untrusted

HUB_ROLE, ISSUER_ROLE = "hub", "issuer"


def refuse_without(role: str, signed: Signed, words: str) -> None:
    """Raise Damaged with `words` where the certificate behind a signature is none for that role."""
    if role not in roles(signed.certificate):
        raise Damaged(words)


def verify_detached(content: bytes, p7s: bytes, trust: TrustList, at: datetime) -> Signed:
    """Check a detached signature over `content` against the trust list, as of its signing.

    `at` is the present: signatures from the future are refused. Raises Damaged where it does not hold or count.
    Whether the certificate's role allows it is for the caller (`refuse_without`).
    """
    return _trusted(read_signature(p7s, content), trust, at)


def verify_with_content(p7s: bytes, trust: TrustList, at: datetime) -> Signed:
    """Check a signature that carries its content, such as a receipt. Raises Damaged as `verify_detached`."""
    return _trusted(read_signature(p7s), trust, at)


def _trusted(signed: Signed, trust: TrustList, now: datetime) -> Signed:
    from .signers import TOLERANCE

    made = signed.signing_time
    if made is None or made > now + TOLERANCE:
        raise Damaged("The signature claims a time to come")
    try:
        trust.check_chain(signed.certificate, made)
    except Untrusted as trouble:
        raise Damaged(f"The signature does not count: {trouble}") from trouble
    if (entry := trust.revoked(signed.certificate)) is not None:
        raise Damaged(f"The signature does not count: its certificate was revoked on {entry.at:%Y-%m-%d}")
    return signed
