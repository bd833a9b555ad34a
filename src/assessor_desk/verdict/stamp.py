"""Time-stamp tokens (RFC 3161) over a packet's signature, checked by pyHanko against the trust list.

pyHanko and openssl accept a token with bytes changed that no signature covers. So the token must besides be in DER,
have no unsigned attributes, and carry no certificate but the authority's own or ones of the trust list.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from assessor_desk.domain.errors import Damaged
from assessor_desk.keys.signing import common_name, organisation

from .signature import UNREADABLE, wholly_read
from .trust import TIME_STAMPING, TrustList, Untrusted

if TYPE_CHECKING:
    from .signers import Confirmation

_DIGESTS = frozenset({"sha256", "sha384", "sha512"})


def time_stamp(name: str, der: bytes, signature: bytes, trust: TrustList | None) -> Confirmation:
    """What a token over `signature` confirms; `name` is its file's."""
    from .signers import Confirmation

    try:
        token = _strictly(der, trust)
        _check_imprint(token, signature)
        if trust is None:
            return Confirmation("stamp")
        at, authority, proves = _validated(token, trust)
        return Confirmation("stamp", at, authority) if proves else Confirmation("stamp")
    except (Damaged, Untrusted) as trouble:
        return Confirmation("stamp", trouble=f"{name} {trouble}")


def _strictly(der: bytes, trust: TrustList | None) -> Any:
    """The token's signed data. Raises Damaged where a byte could be another without anyone noticing."""
    # tsp only teaches cms how to read what was stamped.
    from asn1crypto import cms, tsp  # noqa: F401

    try:
        wrapped = cms.ContentInfo.load(der, strict=True)
        canonical = cms.ContentInfo.load(der).dump(force=True)
        token = wrapped["content"]
        signers, certificates = token["signer_infos"], token["certificates"]
        unsigned = len(signers) != 1 or len(signers[0]["unsigned_attrs"]) or len(token["crls"])
        algorithms = [one["algorithm"].native for one in token["digest_algorithms"]]
        agreed = len(signers) == 1 and algorithms == [signers[0]["digest_algorithm"]["algorithm"].native]
        named = signers[0]["sid"].chosen.dump() == _issuer_and_serial(certificates[0].chosen)
        versions = (token["version"].native, signers[0]["version"].native)
        others = [one.chosen.dump() for one in certificates][1:] if len(certificates) else []
    except UNREADABLE as trouble:
        raise Damaged("cannot be read as a time-stamp") from trouble
    if (
        canonical != der
        or unsigned
        or not (agreed and named)
        or versions != ("v3", "v1")
        or not _all_known(others, trust)
    ):
        raise Damaged("holds bytes that no signature covers, or is not in canonical form")
    return token


def _issuer_and_serial(certificate: Any) -> bytes:
    """How a signature must name its certificate; comparing names as names would overlook a letter's case."""
    from asn1crypto import cms

    fields = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    named: bytes = cms.IssuerAndSerialNumber(fields).dump()
    return named


def _all_known(certificates: list[bytes], trust: TrustList | None) -> bool:
    if trust is None:
        return True
    known = {one.public_bytes(Encoding.DER) for one in (*trust.issuing, *trust.roots)}
    return all(one in known for one in certificates)


def _check_imprint(token: Any, signature: bytes) -> None:
    try:
        imprint = token["encap_content_info"]["content"].parsed["message_imprint"]
        algorithm, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
    except UNREADABLE as trouble:
        raise Damaged("cannot be read as a time-stamp") from trouble
    if algorithm not in _DIGESTS or hashlib.new(algorithm, signature).digest() != digest:
        raise Damaged("is over another signature")


def _validated(token: Any, trust: TrustList) -> tuple[datetime, str, bool]:
    """When and by whom it was stamped, and whether that proves anything. Raises Untrusted or Damaged.

    It does not where whoever has the key of the authority's own issuer can make as many.
    """
    stamped = token["encap_content_info"]["content"].parsed
    at: datetime = stamped["gen_time"].native
    authority = _authority(token)
    named = trust.stamps(authority, at)
    entry = None if named else trust.revoked(authority)
    if not named:
        # Before pyHanko looks, which writes a warning to the log for a chain that it cannot build.
        trust.check_chain(authority, at, TIME_STAMPING)
    if entry is not None and (not entry.authority or at >= entry.at):
        raise Untrusted("was given by an authority whose certificate was revoked")
    context = trust.context(at, authority if named else None)
    _check_signature(token, context, stamped["message_imprint"]["hashed_message"].native, authority)
    proves = entry is None or not entry.takes_receipts
    return at.astimezone(UTC), common_name(authority) or organisation(authority), proves


def _authority(token: Any) -> x509.Certificate:
    try:
        return wholly_read(token["certificates"][0].chosen.dump())
    except UNREADABLE as trouble:
        raise Damaged("does not carry its authority's certificate") from trouble


def _check_signature(token: Any, context: Any, imprint: bytes, authority: x509.Certificate) -> None:
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data

    try:
        status = asyncio.run(validate_tst_signed_data(token, context, lambda _algorithm: imprint))
    except (SignatureValidationError, *UNREADABLE) as trouble:
        raise Damaged("does not hold") from trouble
    by_authority = status["signing_cert"].dump() == authority.public_bytes(Encoding.DER)
    if not (status.get("intact") and status.get("valid") and by_authority):
        raise Damaged("does not hold: it was altered")
