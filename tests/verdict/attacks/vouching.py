"""Attacks by people whose certificate does not count: another's, expired, revoked, for something else, self-made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assessor_desk.keys.signing import Signer, SigningKey, read_certificates
from assessor_desk.verdict import FactId
from assessor_desk.verdict.trust import DOCUMENT_SIGNING

from .workshop import Workshop, must_fail

USAGE = {
    "digital_signature": True, "content_commitment": True, "key_encipherment": False, "data_encipherment": False,
    "key_agreement": False, "key_cert_sign": False, "crl_sign": False, "encipher_only": False, "decipher_only": False,
}  # fmt: skip


def certificate_for(
    w: Workshop,
    key: Any,
    *,
    issuer: x509.Certificate | None = None,
    by: ec.EllipticCurvePrivateKey | None = None,
    days: tuple[int, int] = (-1, 700),
    purposes: tuple[x509.ObjectIdentifier, ...] = (x509.ObjectIdentifier(DOCUMENT_SIGNING),),
    usage: dict[str, bool] | None = None,
    extra: x509.ExtensionType | None = None,
    algorithm: Any = None,
) -> x509.Certificate:
    """A certificate for the assessor's number and role as the issuing authority could have given, or another could."""
    above = issuer or w.hub.authority.issuing
    builder = (
        x509.CertificateBuilder()
        .subject_name(w.signer.certificate.subject)
        .issuer_name(above.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(w.at + timedelta(days=days[0]))
        .not_valid_after(w.at + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{**USAGE, **(usage or {})}), critical=True)
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    return builder.sign(by or w.hub.authority.issuing_key, algorithm or hashes.SHA256())


def signer_with(w: Workshop, **given: Any) -> Signer:
    """A fresh key with such a certificate."""
    key = SigningKey.generate()
    return Signer(key, certificate_for(w, key.private.public_key(), **given))


@must_fail(FactId.CHAIN)
def an_authority_of_the_same_names(w: Workshop) -> bytes:
    key = SigningKey.generate()
    certificate = read_certificates(w.forger.issue(key.csr("x"), w.device.person, "assessor"))[0]
    return w.signed_by(Signer(key, certificate))


@must_fail(FactId.CHAIN)
def an_authority_of_the_same_names_with_its_chain_in_the_packet(w: Workshop) -> bytes:
    key = SigningKey.generate()
    certificate = read_certificates(w.forger.issue(key.csr("x"), w.device.person, "assessor"))[0]
    return w.resealed({"certs/chain.pem": w.forger.chain()}, Signer(key, certificate))


@must_fail(FactId.CHAIN)
def a_certificate_of_ones_own_making(w: Workshop) -> bytes:
    key = SigningKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Me")])
    own = certificate_for(w, key.private.public_key(), by=key.private, issuer=_named(w, subject, key))
    return w.signed_by(Signer(key, own))


def _named(w: Workshop, subject: x509.Name, key: SigningKey) -> x509.Certificate:
    """A self-signed certificate of that name."""
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
    builder = builder.public_key(key.private.public_key()).serial_number(1)
    builder = builder.not_valid_before(w.at - timedelta(days=1)).not_valid_after(w.at + timedelta(days=700))
    return builder.sign(key.private, hashes.SHA256())


@must_fail(FactId.CHAIN)
def a_self_signed_certificate_of_the_assessors_name(w: Workshop) -> bytes:
    key = SigningKey.generate()
    return w.signed_by(
        Signer(key, certificate_for(w, key.private.public_key(), by=key.private, issuer=w.signer.certificate))
    )


@must_fail(FactId.CHAIN)
def a_certificate_issued_by_an_assessor(w: Workshop) -> bytes:
    key = SigningKey.generate()
    public = key.private.public_key()
    own = certificate_for(w, public, issuer=w.signer.certificate, by=w.signer.key.private)
    return w.signed_by(Signer(key, own))


@must_fail(FactId.CHAIN)
def an_expired_certificate(w: Workshop) -> bytes:
    return w.signed_by(signer_with(w, days=(-30, -1)))


@must_fail(FactId.CHAIN)
def a_certificate_that_is_not_valid_yet(w: Workshop) -> bytes:
    return w.signed_by(signer_with(w, days=(1, 30)))


@must_fail(FactId.CHAIN)
def a_certificate_for_mail_alone(w: Workshop) -> bytes:
    return w.signed_by(signer_with(w, purposes=(ExtendedKeyUsageOID.EMAIL_PROTECTION,)))


@must_fail(FactId.CHAIN)
def a_certificate_for_a_server(w: Workshop) -> bytes:
    return w.signed_by(signer_with(w, purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)))


@must_fail(FactId.CHAIN)
def a_certificate_for_no_purpose_said(w: Workshop) -> bytes:
    return w.signed_by(signer_with(w, purposes=()))


@must_fail(FactId.CHAIN)
def a_key_that_may_not_sign(w: Workshop) -> bytes:
    usage = {"digital_signature": False, "content_commitment": False, "key_agreement": True}
    return w.signed_by(signer_with(w, usage=usage))


@must_fail(FactId.CHAIN)
def a_certificate_with_a_condition_that_nobody_knows(w: Workshop) -> bytes:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\5\0")
    return w.signed_by(signer_with(w, extra=unknown))


@must_fail(FactId.REVOCATION)
def a_revoked_certificate(w: Workshop) -> bytes:
    signer = w.enrolled(w.device.person)
    w.hub.authority.revoke(signer.certificate.serial_number, "keyCompromise")
    return w.signed_by(signer)


@must_fail(FactId.REVOCATION)
def a_revoked_certificate_and_a_time_before_it(w: Workshop) -> bytes:
    signer = w.enrolled(w.device.person)
    w.hub.authority.revoke(signer.certificate.serial_number, "superseded")
    before = w.at - timedelta(minutes=30)
    return w.restated(signer, before, sealed_at=f"{before:%Y-%m-%dT%H:%M:%SZ}")


@must_fail(FactId.SIGNER)
def another_assessors_certificate(w: Workshop) -> bytes:
    return w.signed_by(w.enrolled("A-6666"))


@must_fail(FactId.SIGNER)
def a_coachs_certificate(w: Workshop) -> bytes:
    return w.signed_by(w.enrolled(w.device.person, "coach"))


@must_fail(FactId.SIGNER)
def the_hubs_own_certificate(w: Workshop) -> bytes:
    return w.signed_by(w.hub.authority.hub_signer())


@must_fail(FactId.SIGNER)
def the_issuers_certificate(w: Workshop) -> bytes:
    return w.signed_by(w.hub.authority.issuer_signer())


@must_fail(FactId.SIGNER)
def a_review_that_names_another_person(w: Workshop) -> bytes:
    return w.restated(person="A-6666")


@must_fail(FactId.SIGNER)
def a_review_that_claims_another_role(w: Workshop) -> bytes:
    return w.restated(role="reviewer")


@must_fail(FactId.TIME)
def a_time_to_come(w: Workshop) -> bytes:
    later = w.at + timedelta(days=1)
    return w.restated(at=later, sealed_at=f"{later:%Y-%m-%dT%H:%M:%SZ}")


@must_fail(FactId.TIME)
def another_time_in_the_review_than_in_the_signature(w: Workshop) -> bytes:
    earlier = w.at - timedelta(minutes=9)
    return w.restated(sealed_at=f"{earlier:%Y-%m-%dT%H:%M:%SZ}")
