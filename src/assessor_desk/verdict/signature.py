"""Reading a CMS signature strictly: every byte of the file is either covered by the signature or could be no other.

The parts that vary (certificate, signed attributes, signature value, content) are taken out, the file is written
again around them in DER, and must come out the same. What remains is to check the parts: the signature covers the
attributes, and these name the content's digest and the certificate's. So one changed byte anywhere is noticed, where
openssl and pyHanko accept hundreds of variants (unused certificates, unsigned attributes, other lengths).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from assessor_desk.domain.errors import Damaged

_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_DATA = bytes.fromhex("06092a864886f70d010701")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_VERSION_1 = bytes.fromhex("020101")

#: What asn1crypto and cryptography raise for bytes that they cannot make sense of.
UNREADABLE = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, UnsupportedAlgorithm, x509.DuplicateExtension,
    x509.InvalidVersion, x509.UnsupportedGeneralNameType,
)  # fmt: skip

CADES = frozenset({"content_type", "signing_time", "message_digest", "signing_certificate_v2"})
PADES = CADES - {"signing_time"}


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that holds: by which certificate, over what, and when the signer says (None inside a PDF)."""

    certificate: x509.Certificate
    content: bytes
    signing_time: datetime | None


def read_signature(der: bytes, content: bytes | None = None, attributes: frozenset[str] = CADES) -> Signed:
    """Check a signature over `content`, or one that carries its content where None is given.

    Who signed is for the trust list to say. Raises Damaged, in words that fit after the file's name.
    """
    try:
        return _read(der, content, attributes)
    except UNREADABLE as trouble:
        raise Damaged("cannot be read as a CMS signature") from trouble


def _read(der: bytes, content: bytes | None, attributes: frozenset[str]) -> Signed:
    parts = _parts(der, detached=content is not None)
    signed_content = parts.content if content is None else content
    assert signed_content is not None
    if _written_again(parts) != der:
        raise Damaged("holds bytes that no signature covers, or is not in canonical form")
    values = _attribute_values(parts.attributes, attributes)
    _check_named_certificate(values["signing_certificate_v2"], parts.certificate)
    certificate = wholly_read(parts.certificate)
    _check_value(parts, certificate)
    if values["message_digest"] != hashlib.sha256(signed_content).digest():
        raise Damaged("was made over other content")
    return Signed(certificate, signed_content, _time(values.get("signing_time")))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What varies in a signature file, each as it stands there."""

    certificate: bytes
    issuer: bytes
    serial: int
    attributes: bytes
    value: bytes
    content: bytes | None


def _parts(der: bytes, detached: bool) -> _Parts:
    from asn1crypto import cms

    signed_data = cms.ContentInfo.load(der, strict=True)["content"]
    certificates, signers = signed_data["certificates"], signed_data["signer_infos"]
    if len(certificates) != 1 or len(signers) != 1:
        raise Damaged("must hold one signature and one certificate")
    certificate = certificates[0].chosen
    carried = signed_data["encap_content_info"]["content"].native
    return _Parts(
        certificate.dump(),
        certificate.issuer.dump(),
        certificate.serial_number,
        signers[0]["signed_attrs"].contents,
        signers[0]["signature"].native,
        None if detached else bytes(carried),
    )


def wholly_read(der: bytes) -> x509.Certificate:
    """The certificate with every part parsed now, where an error is expected, and not when it is used."""
    certificate = x509.load_der_x509_certificate(der)
    parsed = (certificate.subject, certificate.extensions, certificate.public_key())
    if not all(parsed) or certificate.not_valid_before_utc > certificate.not_valid_after_utc:
        raise Damaged("carries a certificate that was never valid")
    return certificate


def _written_again(parts: _Parts) -> bytes:
    """The only file in which these parts may stand."""
    number = _der(0x02, parts.serial.to_bytes(parts.serial.bit_length() // 8 + 1, "big", signed=True))
    signer = _der(
        0x30,
        _VERSION_1,
        _der(0x30, parts.issuer, number),
        _SHA256,
        _der(0xA0, parts.attributes),
        _ECDSA_SHA256,
        _der(0x04, parts.value),
    )
    carried = b"" if parts.content is None else _der(0xA0, _der(0x04, parts.content))
    signed_data = _der(
        0x30,
        _VERSION_1,
        _der(0x31, _SHA256),
        _der(0x30, _DATA, carried),
        _der(0xA0, parts.certificate),
        _der(0x31, signer),
    )
    return _der(0x30, _SIGNED_DATA, _der(0xA0, signed_data))


def _der(tag: int, *contents: bytes) -> bytes:
    """One element in DER (X.690): tag, shortest length, contents."""
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def _check_value(parts: _Parts, certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise Damaged("was made with another kind of key than P-256")
    try:
        if encode_dss_signature(*decode_dss_signature(parts.value)) != parts.value:
            raise Damaged("is not in canonical form")
        key.verify(parts.value, _der(0x31, parts.attributes), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError) as trouble:
        raise Damaged("does not hold: it was altered, or made over something else") from trouble


def _attribute_values(encoded: bytes, expected: frozenset[str]) -> dict[str, Any]:
    """The signed attributes by name: exactly those expected, each with one value."""
    from asn1crypto import cms, tsp

    assert tsp.SigningCertificateV2  # importing it teaches the parser what this attribute holds
    attributes = list(cms.CMSAttributes.load(_der(0x31, encoded), strict=True))
    values = {one["type"].native: one["values"][0] for one in attributes if len(one["values"]) == 1}
    if len(attributes) != len(expected) or values.keys() != expected:
        raise Damaged("has other signed attributes than a packet's signature")
    if values["content_type"].native != "data":
        raise Damaged("is over another type of content")
    return {**values, "message_digest": values["message_digest"].native}


def _check_named_certificate(attribute: Any, certificate_der: bytes) -> None:
    """RFC 5035: the signer names the certificate by its digest, SHA-256 unless said otherwise."""
    named = attribute["certs"].native
    digest = hashlib.sha256(certificate_der).digest()
    if (
        len(named) != 1
        or named[0]["cert_hash"] != digest
        or named[0]["hash_algorithm"]["algorithm"] != "sha256"
    ):
        raise Damaged("names another certificate than the one it carries")


def _time(value: Any) -> datetime | None:
    if value is None:
        return None
    moment: datetime = value.native
    return moment.astimezone(UTC)
