"""A person's signing key (ECDSA on P-256) and what goes with it: certificate and chain.

The key is made on the desk and never leaves it: the issuer gets a certificate request (PKCS #10). At rest
it is PKCS #8, wrapped by the passphrase alone, so that neither the recovery key nor a keyring can sign
(DESIGN §3). P-256 rather than Ed25519, which neither pdfsig nor openssl's CMS can check.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assessor_desk.domain.errors import Damaged, Refused

from .private_files import write_privately, write_privately_together

KEY_FILE = "signing-key.json"
CERTIFICATE_FILE = "certificate.pem"
CHAIN_FILE = "chain.pem"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A P-256 private key."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> SigningKey:
        """A new random key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pkcs8(cls, der: bytes) -> SigningKey:
        """Read an unencrypted PKCS #8 key. Raises Damaged for anything but a P-256 key."""
        try:
            private = serialization.load_der_private_key(der, password=None)
        except (ValueError, TypeError) as trouble:
            raise Damaged("The signing key cannot be read; enrol again to get a new one") from trouble
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
            raise Damaged("The signing key is not a P-256 key; enrol again to get a new one")
        return cls(private)

    def pkcs8(self) -> bytes:
        """The key as unencrypted PKCS #8 (DER): only to be wrapped or handed to a signer in memory."""
        return self.private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def csr(self, person_number: str) -> bytes:
        """A certificate request (PKCS #10, PEM) that names nobody but the issuer's number for the person."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, person_number)])
        request = (
            x509.CertificateSigningRequestBuilder().subject_name(name).sign(self.private, hashes.SHA256())
        )
        return request.public_bytes(serialization.Encoding.PEM)

    def save(self, folder: Path, passphrase: str) -> None:
        """Keep the key in `folder`, wrapped by the passphrase."""
        write_privately(folder / KEY_FILE, self.wrapped(passphrase))

    def wrapped(self, passphrase: str) -> bytes:
        """What `save` keeps."""
        from .envelope import wrap

        return json.dumps(wrap(self.pkcs8(), passphrase)).encode()

    @classmethod
    def open(cls, folder: Path, passphrase: str) -> SigningKey:
        """The key kept in `folder`.

        Raises Refused for a wrong passphrase or where there is none, Damaged if unreadable.
        """
        from .envelope import unwrap

        try:
            wrapped = json.loads((folder / KEY_FILE).read_bytes())
        except FileNotFoundError:
            raise Refused("This desk has no signing key yet; connect to a source to get one") from None
        except ValueError:
            raise Damaged(f"{KEY_FILE} is damaged; connect again to get a new signing key") from None
        return cls.from_pkcs8(unwrap(wrapped, passphrase))


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with the certificate issued for it; `chain` holds the issuing certificates, nearest first."""

    key: SigningKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def __post_init__(self) -> None:
        if self.certificate.public_key() != self.key.private.public_key():
            raise Refused("The certificate was issued for another signing key; connect again")

    @classmethod
    def open(cls, folder: Path, passphrase: str) -> Signer:
        """Key, certificate and chain kept in `folder`.

        Raises Refused for a wrong passphrase or a missing certificate.
        """
        certificate, chain = load_identity(folder)
        return cls(SigningKey.open(folder, passphrase), certificate, chain)

    @property
    def number(self) -> str:
        """The issuer's number for the person."""
        return common_name(self.certificate)


def save_identity(folder: Path, certificate: bytes, chain: bytes) -> None:
    """Keep a certificate and its chain (PEM) beside the key.

    The certificate comes last: where it is, so is its chain. Raises Refused where either cannot be read, Unavailable,
    with both as they were, where there is no room.
    """
    read_certificates(certificate)
    read_certificates(chain)
    write_privately_together({folder / CHAIN_FILE: chain, folder / CERTIFICATE_FILE: certificate})


def load_identity(folder: Path) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    """The certificate and chain kept in `folder`; needs no passphrase. Raises Refused where there is none."""
    try:
        certificate = (folder / CERTIFICATE_FILE).read_bytes()
        chain = (folder / CHAIN_FILE).read_bytes()
    except FileNotFoundError:
        raise Refused("This desk has no certificate yet; connect to a source to get one") from None
    return read_certificates(certificate)[0], tuple(read_certificates(chain))


def read_certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM file, one at least. Raises Refused otherwise."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as trouble:
        raise Refused("This is no certificate in PEM form") from trouble


def read_crls(pem: bytes) -> list[x509.CertificateRevocationList]:
    """The revocation lists in a PEM file that may hold certificates too.

    Raises ValueError where one cannot be read.
    """
    end = b"-----END X509 CRL-----"
    pieces = pem.split(b"-----BEGIN X509 CRL-----")[1:]
    return [
        x509.load_pem_x509_crl(b"-----BEGIN X509 CRL-----" + piece.partition(end)[0] + end + b"\n")
        for piece in pieces
    ]


def read_request(pem: bytes) -> x509.CertificateSigningRequest:
    """A certificate request whose own signature holds.

    Raises Refused for anything else, or another kind of key.
    """
    try:
        request = x509.load_pem_x509_csr(pem)
        key = request.public_key()
        if (
            isinstance(key, ec.EllipticCurvePublicKey)
            and key.curve.name == "secp256r1"
            and request.is_signature_valid
        ):
            return request
    except (ValueError, InvalidSignature) as trouble:
        raise Refused("The certificate request cannot be read") from trouble
    raise Refused("The certificate request must be for a P-256 key and signed with it")


def key_words(request: bytes) -> str:
    """The key of a certificate request in four groups that two people can compare: SHA-256 of the public key."""
    public = read_request(request).public_key()
    encoded = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(encoded).hexdigest().upper()
    return "-".join(digest[at : at + 4] for at in range(0, 16, 4))


def root_words(certificate: x509.Certificate) -> str:
    """A root's SHA-256 in eight groups for people to compare: the first 128 bits, which nobody can aim at."""
    digest = certificate.fingerprint(hashes.SHA256()).hex().upper()
    return "-".join(digest[at : at + 4] for at in range(0, 32, 4))


def same_words(one: str, other: str) -> bool:
    """Whether two people mean the same groups, however they wrote them."""
    plain = (re.sub(r"[^0-9A-F]", "", words.upper()) for words in (one, other))
    first, second = plain
    return first == second != ""


def is_issued(certificate: x509.Certificate) -> bool:
    """Whether somebody else than its owner gave a certificate out."""
    return certificate.issuer != certificate.subject


def common_name(certificate: x509.Certificate) -> str:
    """The subject's common name: the issuer's number for a person, or the title of an authority."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def organisation(certificate: x509.Certificate) -> str:
    """The programme that a certificate was issued for."""
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else ""


def roles(certificate: x509.Certificate) -> tuple[str, ...]:
    """The roles the issuer put into a certificate, one organisational unit each: assessor, reviewer, hub, issuer."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return tuple(str(unit.value) for unit in units)
