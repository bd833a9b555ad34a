"""Reading a CMS signature strictly: every byte of the file is either covered by the signature or could be no other.

The parts that vary (certificate, signed attributes, signature value, content) are taken out, the file is written
again around them in DER, and must come out the same. What remains is to check the parts: the signature covers the
attributes, and these name the content's digest and the certificate's. So one changed byte anywhere is noticed, where
openssl and pyHanko accept hundreds of variants (unused certificates, unsigned attributes, other lengths).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from assessor_desk.domain.errors import Damaged

from .der import INTEGER, NESTED, OCTETS, OID, SEQUENCE, SET, Element, der, integer, read, read_all, time

_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_SHA256_BARE = bytes.fromhex("300b0609608648016503040201")
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_DATA = bytes.fromhex("06092a864886f70d010701")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_VERSION_1 = bytes.fromhex("020101")

#: What asn1crypto and cryptography raise for bytes that they cannot make sense of.
UNREADABLE = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, UnsupportedAlgorithm, x509.DuplicateExtension,
    x509.InvalidVersion, x509.UnsupportedGeneralNameType,
)  # fmt: skip

_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SIGNING_TIME = bytes.fromhex("2a864886f70d010905")
_SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910022f")
#: The signed attributes of a signature file (CAdES B-B), and of one inside a PDF, whose time stands elsewhere.
CADES = frozenset({_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME, _SIGNING_CERTIFICATE})
PADES = CADES - {_SIGNING_TIME}


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that holds: by which certificate, over what, and when the signer says (None inside a PDF)."""

    certificate: x509.Certificate
    content: bytes
    signing_time: datetime | None


def read_signature(file: bytes, content: bytes | None = None, attributes: frozenset[bytes] = CADES) -> Signed:
    """Check a signature over `content`, or one that carries its content where None is given.

    Who signed is for the trust list to say. Raises Damaged, in words that fit after the file's name.
    """
    try:
        return _read(file, content, attributes)
    except UNREADABLE as trouble:
        raise Damaged("cannot be read as a CMS signature") from trouble


def _read(file: bytes, content: bytes | None, attributes: frozenset[bytes]) -> Signed:
    parts = _parts(file, detached=content is not None)
    signed_content = parts.content if content is None else content
    assert signed_content is not None
    if _written_again(parts) != file:
        raise Damaged("holds bytes that no signature covers, or is not in canonical form")
    values = _attribute_values(parts.attributes, attributes)
    _check_named_certificate(values[_SIGNING_CERTIFICATE], parts.certificate)
    certificate = wholly_read(parts.certificate)
    _check_value(parts, certificate)
    if values[_MESSAGE_DIGEST].of(OCTETS).content != hashlib.sha256(signed_content).digest():
        raise Damaged("was made over other content")
    signing_time = values.get(_SIGNING_TIME)
    return Signed(certificate, signed_content, None if signing_time is None else time(signing_time))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What varies in a signature file, each as it stands there."""

    certificate: bytes
    issuer: bytes
    serial: int
    attributes: bytes
    value: bytes
    content: bytes | None


def _parts(file: bytes, detached: bool) -> _Parts:
    _, holder = read(file).parts(SEQUENCE)
    (signed_data,) = holder.parts(NESTED)
    _, _, carried, *rest = signed_data.parts(SEQUENCE)
    certificates, signers = rest[0].parts(NESTED), rest[-1].parts(SET)
    if len(certificates) != 1 or len(signers) != 1:
        raise Damaged("must hold one signature and one certificate")
    _, _, _, attributes, _, value, *_ = signers[0].parts(SEQUENCE)
    _, serial, _, issuer, *_ = certificates[0].parts(SEQUENCE)[0].parts(SEQUENCE)
    return _Parts(
        certificates[0].raw,
        issuer.raw,
        integer(serial),
        attributes.of(NESTED).content,
        value.of(OCTETS).content,
        None if detached else _carried(carried),
    )


def _carried(encapsulated: Element) -> bytes:
    _, wrapped = encapsulated.parts(SEQUENCE)
    (content,) = wrapped.parts(NESTED)
    return content.of(OCTETS).content


def wholly_read(der: bytes) -> x509.Certificate:
    """The certificate with every part parsed now, where an error is expected, and not when it is used."""
    certificate = x509.load_der_x509_certificate(der)
    parsed = (certificate.subject, certificate.extensions, certificate.public_key())
    if not all(parsed) or certificate.not_valid_before_utc > certificate.not_valid_after_utc:
        raise Damaged("carries a certificate that was never valid")
    return certificate


def _written_again(parts: _Parts) -> bytes:
    """The only file in which these parts may stand."""
    number = der(INTEGER, parts.serial.to_bytes(parts.serial.bit_length() // 8 + 1, "big", signed=True))
    signer = der(
        SEQUENCE,
        _VERSION_1,
        der(SEQUENCE, parts.issuer, number),
        _SHA256,
        der(NESTED, parts.attributes),
        _ECDSA_SHA256,
        der(OCTETS, parts.value),
    )
    carried = b"" if parts.content is None else der(NESTED, der(OCTETS, parts.content))
    signed_data = der(
        SEQUENCE,
        _VERSION_1,
        der(SET, _SHA256),
        der(SEQUENCE, _DATA, carried),
        der(NESTED, parts.certificate),
        der(SET, signer),
    )
    return der(SEQUENCE, _SIGNED_DATA, der(NESTED, signed_data))


def _check_value(parts: _Parts, certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise Damaged("was made with another kind of key than P-256")
    try:
        if encode_dss_signature(*decode_dss_signature(parts.value)) != parts.value:
            raise Damaged("is not in canonical form")
        key.verify(parts.value, der(SET, parts.attributes), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError) as trouble:
        raise Damaged("does not hold: it was altered, or made over something else") from trouble


def _attribute_values(encoded: bytes, expected: frozenset[bytes]) -> dict[bytes, Element]:
    """The signed attributes by their kind: exactly those expected, each with one value."""
    values, attributes = {}, read_all(encoded)
    for attribute in attributes:
        kind, held = attribute.parts(SEQUENCE)
        found = held.parts(SET)
        if len(found) == 1:
            values[kind.of(OID).content] = found[0]
    if len(attributes) != len(expected) or values.keys() != expected:
        raise Damaged("has other signed attributes than a packet's signature")
    if values[_CONTENT_TYPE].raw != _DATA:
        raise Damaged("is over another type of content")
    return values


def _check_named_certificate(attribute: Element, certificate: bytes) -> None:
    """RFC 5035: the signer names the certificate by its digest, SHA-256 unless said otherwise."""
    named = attribute.parts(SEQUENCE)[0].parts(SEQUENCE)
    algorithm, *parts = named[0].parts(SEQUENCE)
    if algorithm.tag != SEQUENCE:
        algorithm, parts = Element(SEQUENCE, _SHA256, b""), [algorithm, *parts]
    usual = algorithm.raw in (_SHA256, _SHA256_BARE)
    if len(named) != 1 or not usual or parts[0].of(OCTETS).content != hashlib.sha256(certificate).digest():
        raise Damaged("names another certificate than the one it carries")
