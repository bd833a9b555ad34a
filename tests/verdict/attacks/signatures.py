"""Attacks on the signature file: what openssl and pyHanko would take, and what could be read in two ways."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from tests.verdict.altering import flipped

from assessor_desk.keys.cms import sign_detached, sign_with_content
from assessor_desk.verdict import FactId

from .vouching import certificate_for
from .workshop import LISTED, SIGNATURE, Workshop, must_fail

assert tsp.SigningCertificateV2  # importing it teaches the parser what that attribute holds


def remade(w: Workshop, change: Callable[[Any], None], key: Any = None, algorithm: Any = None) -> bytes:
    """The signature file with its signed data changed and, by its key or another, signed again."""
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    change(info["content"])
    signer = info["content"]["signer_infos"][0]
    attributes = b"1" + signer["signed_attrs"].dump(force=True)[1:]
    if isinstance(key, rsa.RSAPrivateKey):
        signer["signature"] = key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
    else:
        by = ec.ECDSA(algorithm or hashes.SHA256())
        signer["signature"] = (key or w.signer.key.private).sign(attributes, by)
    der: bytes = info.dump(force=True)
    return der


def attribute(signer: Any, kind: str) -> Any:
    """A signed attribute's set of values."""
    return next(one["values"] for one in signer["signed_attrs"] if one["type"].native == kind)


def without_attribute(w: Workshop, kind: str) -> bytes:
    def change(signed: Any) -> None:
        kept = [one for one in signed["signer_infos"][0]["signed_attrs"] if one["type"].native != kind]
        signed["signer_infos"][0]["signed_attrs"] = cms.CMSAttributes(kept)

    return w.with_signature(remade(w, change))


@must_fail(FactId.SIGNATURE)
def no_signature(w: Workshop) -> bytes:
    return w.with_files(dict.fromkeys(name for name in w.files if name.startswith("signatures/")))


@must_fail(FactId.SIGNATURE)
def an_empty_signature(w: Workshop) -> bytes:
    return w.with_signature(b"")


@must_fail(FactId.SIGNATURE)
def words_for_a_signature(w: Workshop) -> bytes:
    return w.with_signature(b"signed, A. Assessor")


@must_fail(FactId.SIGNATURE)
def the_signature_of_another_packet(w: Workshop) -> bytes:
    return w.with_signature(w.elsewhere.files[SIGNATURE])


@must_fail(FactId.SIGNATURE)
def the_signature_of_an_earlier_packet_of_the_same_person(w: Workshop) -> bytes:
    return w.with_signature(w.correction.files[SIGNATURE])


@must_fail(FactId.SIGNATURE)
def a_signature_over_the_other_list(w: Workshop) -> bytes:
    by = w.signer
    return w.with_signature(sign_detached(w.files["manifest-sha256.txt"], by.key, by.certificate, w.at))


@must_fail(FactId.SIGNATURE)
def a_signature_that_carries_its_content(w: Workshop) -> bytes:
    return w.with_signature(sign_with_content(w.files[LISTED], w.signer.key, w.signer.certificate, w.at))


@must_fail(FactId.SIGNATURE)
def a_signature_that_carries_other_content(w: Workshop) -> bytes:
    return w.with_signature(sign_with_content(b"other", w.signer.key, w.signer.certificate, w.at))


@must_fail(FactId.SIGNATURE)
def one_bit_of_the_signatures_value(w: Workshop) -> bytes:
    return w.with_signature(flipped(w.files[SIGNATURE], -3))


@must_fail(FactId.SIGNATURE)
def one_bit_of_its_certificate(w: Workshop) -> bytes:
    at = w.files[SIGNATURE].index(w.signer.certificate.public_bytes(Encoding.DER))
    return w.with_signature(flipped(w.files[SIGNATURE], at + 60))


@must_fail(FactId.SIGNATURE)
def the_whole_chain_in_the_signature(w: Workshop) -> bytes:
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    issuing = cms.Certificate.load(w.hub.authority.issuing.public_bytes(Encoding.DER))
    info["content"]["certificates"].append(cms.CertificateChoices(name="certificate", value=issuing))
    return w.with_signature(info.dump(force=True))


@must_fail(FactId.SIGNATURE)
def no_certificate_in_the_signature(w: Workshop) -> bytes:
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    info["content"]["certificates"] = cms.CertificateSet([])
    return w.with_signature(info.dump(force=True))


@must_fail(FactId.SIGNATURE)
def the_signature_twice_in_one_file(w: Workshop) -> bytes:
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    info["content"]["signer_infos"].append(info["content"]["signer_infos"][0])
    return w.with_signature(info.dump(force=True))


@must_fail(FactId.SIGNATURE)
def two_signers_in_one_file(w: Workshop) -> bytes:
    other = cms.ContentInfo.load(
        sign_detached(w.files[LISTED], w.reviewer.signer.key, w.reviewer.signer.certificate, w.at)
    )
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    info["content"]["signer_infos"].append(other["content"]["signer_infos"][0])
    info["content"]["certificates"].append(other["content"]["certificates"][0])
    return w.with_signature(info.dump(force=True))


@must_fail(FactId.SIGNATURE)
def no_signer_in_the_file(w: Workshop) -> bytes:
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    info["content"]["signer_infos"] = cms.SignerInfos([])
    return w.with_signature(info.dump(force=True))


@must_fail(FactId.SIGNATURE)
def no_signed_attributes(w: Workshop) -> bytes:
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    signer = info["content"]["signer_infos"][0]
    signer["signed_attrs"] = None
    signer["signature"] = w.signer.key.private.sign(w.files[LISTED], ec.ECDSA(hashes.SHA256()))
    return w.with_signature(info.dump(force=True))


@must_fail(FactId.SIGNATURE)
def no_signed_time(w: Workshop) -> bytes:
    return without_attribute(w, "signing_time")


@must_fail(FactId.SIGNATURE)
def a_certificate_that_is_not_named(w: Workshop) -> bytes:
    return without_attribute(w, "signing_certificate_v2")


@must_fail(FactId.SIGNATURE)
def another_certificate_named(w: Workshop) -> bytes:
    def change(signed: Any) -> None:
        value = attribute(signed["signer_infos"][0], "signing_certificate_v2")[0]
        value["certs"][0]["cert_hash"] = hashlib.sha256(b"another").digest()

    return w.with_signature(remade(w, change))


@must_fail(FactId.SIGNATURE)
def two_certificates_named(w: Workshop) -> bytes:
    def change(signed: Any) -> None:
        value = attribute(signed["signer_infos"][0], "signing_certificate_v2")[0]
        value["certs"].append(tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(b"another").digest()}))

    return w.with_signature(remade(w, change))


@must_fail(FactId.SIGNATURE)
def another_digest_of_the_content(w: Workshop) -> bytes:
    def change(signed: Any) -> None:
        attribute(signed["signer_infos"][0], "message_digest")[0] = core.OctetString(
            hashlib.sha256(b"x").digest()
        )

    return w.with_signature(remade(w, change))


@must_fail(FactId.SIGNATURE)
def two_digests_of_the_content(w: Workshop) -> bytes:
    def change(signed: Any) -> None:
        digest = core.OctetString(hashlib.sha256(b"x").digest())
        attribute(signed["signer_infos"][0], "message_digest").append(digest)

    return w.with_signature(remade(w, change))


@must_fail(FactId.SIGNATURE)
def another_kind_of_content_signed(w: Workshop) -> bytes:
    def change(signed: Any) -> None:
        attribute(signed["signer_infos"][0], "content_type")[0] = cms.ContentType("signed_data")

    return w.with_signature(remade(w, change))


@must_fail(FactId.SIGNATURE)
def an_attribute_more_that_is_signed(w: Workshop) -> bytes:
    def change(signed: Any) -> None:
        more = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.OctetString(b"more")]})
        signed["signer_infos"][0]["signed_attrs"].append(more)

    return w.with_signature(remade(w, change))


@must_fail(FactId.SIGNATURE)
def an_attribute_that_is_not_signed(w: Workshop) -> bytes:
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    more = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.OctetString(b"more")]})
    info["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([more])
    return w.with_signature(info.dump(force=True))


@must_fail(FactId.SIGNATURE)
def a_weak_digest(w: Workshop) -> bytes:
    return other_digest(w, "sha1", hashes.SHA1())


@must_fail(FactId.SIGNATURE)
def a_digest_that_is_not_expected(w: Workshop) -> bytes:
    return other_digest(w, "sha512", hashes.SHA512())


def other_digest(w: Workshop, name: str, algorithm: hashes.HashAlgorithm) -> bytes:
    """Signed by the assessor all the same, over a digest of another kind."""

    def change(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        signed["digest_algorithms"] = cms.DigestAlgorithms([algos.DigestAlgorithm({"algorithm": name})])
        signer["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": name})
        signer["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": f"{name}_ecdsa"})
        digest = hashlib.new(name, w.files[LISTED]).digest()
        attribute(signer, "message_digest")[0] = core.OctetString(digest)

    return w.with_signature(remade(w, change, algorithm=algorithm))


@must_fail(FactId.SIGNATURE)
def a_key_of_another_kind(w: Workshop) -> bytes:
    return by_other_key(w, rsa.generate_private_key(public_exponent=65537, key_size=2048), "sha256_rsa")


@must_fail(FactId.SIGNATURE)
def a_key_on_another_curve(w: Workshop) -> bytes:
    return by_other_key(w, ec.generate_private_key(ec.SECP384R1()), "sha256_ecdsa")


def by_other_key(w: Workshop, key: Any, algorithm: str) -> bytes:
    """A signature by a key that the issuer certified although it should not have."""
    certificate = certificate_for(w, key.public_key())
    named = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))

    def change(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        signed["certificates"] = cms.CertificateSet([cms.CertificateChoices(name="certificate", value=named)])
        sid = {"issuer": named.issuer, "serial_number": named.serial_number}
        signer["sid"] = cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(sid)})
        signer["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": algorithm})
        value = attribute(signer, "signing_certificate_v2")[0]
        value["certs"][0] = tsp.ESSCertIDv2({"cert_hash": certificate.fingerprint(hashes.SHA256())})

    return w.with_signature(remade(w, change, key))


@must_fail(FactId.SIGNATURE)
def bytes_after_the_signature(w: Workshop) -> bytes:
    return w.with_signature(w.files[SIGNATURE] + b"\0\0")


@must_fail(FactId.SIGNATURE)
def a_length_written_longer_than_it_is(w: Workshop) -> bytes:
    der = w.files[SIGNATURE]
    assert der[:2] == b"\x30\x82"
    return w.with_signature(b"\x30\x83\0" + der[2:])


@must_fail(FactId.SIGNATURE)
def a_length_that_is_not_said(w: Workshop) -> bytes:
    return w.with_signature(b"\x30\x80" + w.files[SIGNATURE][4:] + b"\0\0")


@must_fail(FactId.SIGNATURE)
def the_signature_as_text(w: Workshop) -> bytes:
    text = base64.encodebytes(w.files[SIGNATURE])
    return w.with_signature(b"-----BEGIN CMS-----\n" + text + b"-----END CMS-----\n")


@must_fail(FactId.SIGNATURE)
def a_signature_value_written_otherwise(w: Workshop) -> bytes:
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    signer = info["content"]["signer_infos"][0]
    numbers = decode_dss_signature(signer["signature"].native)
    padded = [b"\0\0" + number.to_bytes(32, "big") for number in numbers]
    content = b"".join(b"\x02" + bytes([len(one)]) + one for one in padded)
    signer["signature"] = b"\x30" + bytes([len(content)]) + content
    return w.with_signature(info.dump(force=True))


@must_fail(FactId.SIGNATURE)
def a_certificate_alone(w: Workshop) -> bytes:
    return w.with_signature(w.signer.certificate.public_bytes(Encoding.DER))


@must_fail(FactId.SIGNATURE)
def another_serial_number_named(w: Workshop) -> bytes:
    info = cms.ContentInfo.load(w.files[SIGNATURE])
    info["content"]["signer_infos"][0]["sid"].chosen["serial_number"] = x509.random_serial_number()
    return w.with_signature(info.dump(force=True))
