"""How the issuer's certificates and revocation lists are built (RFC 5280): names, extensions, profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
LEAF_LIFE = timedelta(days=730)
ISSUING_LIFE = timedelta(days=3652)
ROOT_LIFE = timedelta(days=7305)
#: Certificates start a little before they are made, for computers whose clocks run behind.
BACKDATED = timedelta(hours=1)


def root_certificate(title: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """A root that signs itself, for an issuing authority below it."""
    name = subject(title, "Root")
    builder = _begun(name, name, key.public_key(), now, now + ROOT_LIFE)
    return _for_an_authority(builder, path_length=1).sign(key, hashes.SHA384())


def issuing_certificate(
    title: str,
    key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    """An authority for people's certificates alone, under the root."""
    own = subject(title, "Issuing CA")
    builder = _begun(own, root.subject, key.public_key(), now, now + ISSUING_LIFE)
    builder = _for_an_authority(builder, path_length=0).add_extension(_authority_key(root), critical=False)
    return builder.sign(root_key, hashes.SHA384())


def leaf_certificate(
    name: x509.Name,
    urn: str,
    key: ec.EllipticCurvePublicKey,
    issuing: x509.Certificate,
    issuing_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    crl_url: str = "",
) -> x509.Certificate:
    """A certificate that signs documents, two years at most and never longer than its issuer's own."""
    until = min(now + LEAF_LIFE, issuing.not_valid_after_utc)
    builder = for_documents(_begun(name, issuing.subject, key, now, until), urn)
    return (
        builder.add_extension(_authority_key(issuing), critical=False)
        .add_extension(_distribution_point(issuing, crl_url), critical=False)
        .sign(issuing_key, hashes.SHA256())
    )


def self_made_certificate(
    name: x509.Name, urn: str, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    """What a person without an issuer signs with until there is one: nobody vouches for it but they themselves."""
    builder = _begun(name, name, key.public_key(), now, now + LEAF_LIFE)
    return for_documents(builder, urn).sign(key, hashes.SHA256())


def for_documents(builder: x509.CertificateBuilder, urn: str) -> x509.CertificateBuilder:
    """The profile of whoever signs documents; the second purpose is for `openssl cms -verify`."""
    usages = [DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(urn)]), critical=False)
    )


def revocation_list(
    issuer: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    revoked: Iterable[Mapping[str, str]],
    number: int,
    now: datetime,
    until: datetime,
) -> x509.CertificateRevocationList:
    """A revocation list; of each line `serial`, `at` (ISO 8601) and `reason` (RFC 5280's word) are told."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now)
        .next_update(until)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_authority_key(issuer), critical=False)
    )
    for line in revoked:
        builder = builder.add_revoked_certificate(_revoked_certificate(line))
    return builder.sign(key, hashes.SHA384() if key.curve.name == "secp384r1" else hashes.SHA256())


def crl_number(crl: x509.CertificateRevocationList) -> int:
    """The number of a revocation list; each of an authority has a higher one than the one before."""
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def subject(title: str, common_name: str, units: Sequence[str] = ()) -> x509.Name:
    """A name with the programme in it. An authority's common name gets the title before it where that can be."""
    organisation = _ending(title) if _comparable(_ending(title)) else "Programme"
    if common_name in ("Root", "Issuing CA"):
        titled = _ending(title, f" {common_name}")
        common_name = titled if _comparable(titled) else common_name
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), *_units(units), _common(common_name)]
    )


def unissued_subject(common_name: str, units: Sequence[str]) -> x509.Name:
    """The name of somebody whom no issuer knows: with roles, without a programme."""
    return x509.Name([*_units(units), _common(common_name)])


def person_urn(issuer: UUID, number: str) -> str:
    """A person's URN, the same on every certificate that an issuer gives them."""
    return uuid5(issuer, number).urn


def pem(thing: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    """A certificate or revocation list in PEM form."""
    return thing.public_bytes(serialization.Encoding.PEM)


def _common(name: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(NameOID.COMMON_NAME, _ending(name))


def _units(units: Sequence[str]) -> list[x509.NameAttribute[str]]:
    return [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]


def _comparable(words: str) -> bool:
    """Whether names with these words can be compared (RFC 4518): not with both directions of script in one."""
    from asn1crypto import x509 as asn1_x509

    try:
        return bool(asn1_x509.Name.build({"organization_name": words}).hashable)
    except ValueError:
        return False


def _ending(words: str, end: str = "") -> str:
    """`words` and `end` within the 64 bytes that a name's part may have (X.520)."""
    return words.encode()[: 64 - len(end.encode())].decode(errors="ignore") + end


def _begun(
    own: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _for_an_authority(builder: x509.CertificateBuilder, path_length: int) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=path_length)
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    return builder.add_extension(constraints, critical=True).add_extension(usage, critical=True)


def _distribution_point(issuing: x509.Certificate, crl_url: str) -> x509.CRLDistributionPoints:
    where: x509.GeneralName = (
        x509.UniformResourceIdentifier(crl_url) if crl_url else x509.DirectoryName(issuing.subject)
    )
    return x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)])


def _revoked_certificate(line: Mapping[str, str]) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(int(line["serial"]))
        .revocation_date(datetime.fromisoformat(line["at"]))
    )
    if line["reason"] != "unspecified":  # RFC 5280 §5.3.1: the extension should then be absent
        builder = builder.add_extension(x509.CRLReason(x509.ReasonFlags(line["reason"])), critical=False)
    return builder.build()


def _key_usage(**granted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: granted.get(name, False) for name in names})


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)
