"""The issuer's certificate authority: root (P-384) → issuing authority (P-256) → people and services
(P-256, two years).

A certificate names a person by the issuer's number, never by name or address, since a record signed with it
reaches the educator. Roles are organisational units (`assessor`, `reviewer`, `hub`, `issuer`), so that a
packet's signer cannot pass for the hub. The root's revocation list is issued ahead for the root's whole
life; each list of the issuing authority is kept, so that a signature can be checked as of the day it was
made (`openssl … -attime`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from filelock import FileLock

from assessor_desk.domain.errors import Damaged, Refused

from .cms import is_over, sign_detached
from .private_files import write_openly, write_privately
from .signing import Signer, SigningKey, read_certificates, read_crls, read_request

DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
LEAF_LIFE = timedelta(days=730)
ISSUING_LIFE = timedelta(days=3652)
ROOT_LIFE = timedelta(days=7305)
CRL_LIFE = timedelta(days=30)
#: Certificates start a little before they are made, for computers whose clocks run behind.
BACKDATED = timedelta(hours=1)

#: Reasons for revoking, in RFC 5280's words.
REASONS = frozenset(flag.value for flag in x509.ReasonFlags) - {"removeFromCRL", "certificateHold"}

Clock = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Authority:
    """An opened authority.

    `folder` holds certificates, keys (wrapped where a passphrase was given) and revocation lists.
    """

    folder: Path
    title: str
    id: UUID
    root: x509.Certificate
    issuing: x509.Certificate
    issuing_key: ec.EllipticCurvePrivateKey = field(repr=False)
    crl_url: str = ""
    passphrase: str | None = field(default=None, repr=False)
    clock: Clock = field(default=_utc_now, repr=False)

    @classmethod
    def create(
        cls,
        folder: Path,
        title: str,
        passphrase: str | None = None,
        *,
        crl_url: str = "",
        clock: Clock = _utc_now,
    ) -> Authority:
        """Make root, issuing authority and their first revocation lists in `folder`.

        Without a passphrase the keys are files that only this user can read. Raises Refused where there is
        one already.
        """
        if (folder / "authority.json").exists():
            raise Refused(f"{folder} already holds a certificate authority")
        now = clock().astimezone(UTC).replace(microsecond=0)
        root_key, issuing_key = (
            ec.generate_private_key(ec.SECP384R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        root = _root_certificate(title, root_key, now)
        issuing = _issuing_certificate(title, issuing_key, root, root_key, now)
        root_crl = _revocation_list(root, root_key, (), 1, now, root.not_valid_after_utc)
        _write_key(folder, "root", root_key, passphrase)
        _write_key(folder, "issuing", issuing_key, passphrase)
        write_privately(folder / "root.pem", _pem(root))
        write_privately(folder / "issuing.pem", _pem(issuing))
        write_privately(folder / "root.crl.pem", _pem(root_crl))
        record = {"title": title, "id": str(uuid4()), "crl_url": crl_url, "wrapped": passphrase is not None}
        write_privately(folder / "authority.json", json.dumps(record, indent=2).encode())
        authority = cls.open(folder, passphrase, clock=clock)
        authority.crl()
        return authority

    @classmethod
    def open(cls, folder: Path, passphrase: str | None = None, *, clock: Clock = _utc_now) -> Authority:
        """Open the authority in `folder`.

        Raises Refused where there is none or for a wrong passphrase, Damaged if unreadable.
        """
        try:
            record = json.loads((folder / "authority.json").read_bytes())
            root, issuing = (
                read_certificates((folder / name).read_bytes())[0] for name in ("root.pem", "issuing.pem")
            )
        except FileNotFoundError as missing:
            raise Refused(f"{folder} holds no certificate authority") from missing
        except ValueError as trouble:
            raise Damaged(
                f"The certificate authority in {folder} cannot be read; restore it from a back-up"
            ) from trouble
        if record["wrapped"] and passphrase is None:
            raise Refused("The authority's keys are wrapped: give its passphrase")
        secret = passphrase if record["wrapped"] else None
        key = _read_key(folder, "issuing", secret)
        return cls(
            folder, record["title"], UUID(record["id"]), root, issuing, key, record["crl_url"], secret, clock
        )

    def issue(self, csr_pem: bytes, person_number: str, role: str | Iterable[str]) -> bytes:
        """A certificate (PEM) for the key of a request, good for two years.

        The request's own subject is not looked at: number and roles are the issuer's to say. Raises Refused
        for a bad request.
        """
        key = read_request(csr_pem).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        units = (role,) if isinstance(role, str) else tuple(role)
        return _pem(self._leaf(key, person_number, [str(unit) for unit in units]))

    def chain(self) -> bytes:
        """Issuing authority and root (PEM): what goes beside a person's certificate."""
        return _pem(self.issuing) + _pem(self.root)

    def hub_signer(self) -> Signer:
        """The key and certificate that sign receipts; made on first use."""
        return self._service_signer("hub")

    def issuer_signer(self) -> Signer:
        """The key and certificate that sign what the issuer publishes and assigns; made on first use."""
        return self._service_signer("issuer")

    def revoke(self, serial: int, reason: str = "unspecified") -> None:
        """Revoke a certificate from now on and issue a new revocation list. Revoking twice changes nothing.

        Raises Refused for a reason that RFC 5280 does not know.
        """
        refuse_unknown_reason(reason)
        with self._turn():
            revoked = self._revoked()
            if not any(line["serial"] == str(serial) for line in revoked):
                line = {"serial": str(serial), "at": self._now().isoformat(), "reason": reason}
                write_privately(self.folder / "revoked.json", json.dumps([*revoked, line], indent=2).encode())
        self.crl()

    def crl(self) -> bytes:
        """A fresh revocation list of the issuing authority (PEM), which is also kept with the earlier ones."""
        now = self._now()
        with self._turn():
            kept = self._kept_crls()
            number = 1 + max((_crl_number(crl) for crl in kept), default=0)
            fresh = _revocation_list(
                self.issuing, self.issuing_key, self._revoked(), number, now, now + CRL_LIFE
            )
            archive = b"".join(_pem(crl) for crl in _one_a_day([*kept, fresh]))
            write_privately(self.folder / "issuing.crls.pem", archive)
        return _pem(fresh)

    def trust_list(self) -> bytes:
        """Root, issuing authority and all kept revocation lists (PEM), the newest made for the occasion."""
        self.crl()
        lists = (self.folder / name for name in ("root.crl.pem", "issuing.crls.pem"))
        return _pem(self.root) + _pem(self.issuing) + b"".join(path.read_bytes() for path in lists)

    def write_trust(self, path: Path) -> None:
        """Write the trust list to `path` and its signature by the issuer beside it (`trust.pem.p7s`).

        Each is replaced whole, and `read_trust` waits until both are.
        """
        signer = self.issuer_signer()
        with self._turn("trust"):
            # Made within the turn as well: of two that renew at once, the later writes what it knows later.
            trust = self.trust_list()
            signature = sign_detached(trust, signer.key, signer.certificate, self._now())
            write_openly(path, trust)
            write_openly(_signature_beside(path), signature)

    def read_trust(self, path: Path) -> tuple[bytes, bytes]:
        """The trust list at `path` and its signature, as they were written together.

        A pair that belongs no longer together, as after a crash between the two, is written anew first.
        """
        with self._turn("trust"):
            pair = _read_pair(path)
        if pair is not None:
            return pair
        self.write_trust(path)
        return self.read_trust(path)

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def _turn(self, over: str = "authority") -> FileLock:
        """To be alone among threads and processes; a turn over trust may take one over the authority inside."""
        return FileLock(self.folder / f"{over}.lock", timeout=30)

    def _revoked(self) -> list[dict[str, str]]:
        try:
            lines: list[dict[str, str]] = json.loads((self.folder / "revoked.json").read_bytes())
        except FileNotFoundError:
            return []
        return lines

    def _kept_crls(self) -> list[x509.CertificateRevocationList]:
        try:
            return read_crls((self.folder / "issuing.crls.pem").read_bytes())
        except FileNotFoundError:
            return []

    def _service_signer(self, role: str) -> Signer:
        with self._turn():
            certificate_file = self.folder / f"{role}.pem"
            if not certificate_file.exists():
                key = SigningKey.generate()
                _write_key(self.folder, role, key.private, self.passphrase)
                write_privately(certificate_file, _pem(self._leaf(key.private.public_key(), role, [role])))
            certificate = read_certificates(certificate_file.read_bytes())[0]
            return Signer(
                SigningKey(_read_key(self.folder, role, self.passphrase)),
                certificate,
                (self.issuing, self.root),
            )

    def _leaf(self, key: ec.EllipticCurvePublicKey, number: str, units: Sequence[str]) -> x509.Certificate:
        now = self._now()
        person = uuid5(self.id, number).urn
        usages = [
            DOCUMENT_SIGNING,
            ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ]  # the latter for `openssl cms -verify`
        builder = (
            _certificate(
                _name(self.title, number, units),
                self.issuing.subject,
                key,
                now,
                min(now + LEAF_LIFE, self.issuing.not_valid_after_utc),
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(digital_signature=True, content_commitment=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([x509.UniformResourceIdentifier(person)]), critical=False
            )
            .add_extension(_authority_key(self.issuing), critical=False)
            .add_extension(self._distribution_point(), critical=False)
        )
        return builder.sign(self.issuing_key, hashes.SHA256())

    def _distribution_point(self) -> x509.CRLDistributionPoints:
        where: x509.GeneralName = (
            x509.UniformResourceIdentifier(self.crl_url)
            if self.crl_url
            else x509.DirectoryName(self.issuing.subject)
        )
        return x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)])


def refuse_unknown_reason(reason: str) -> None:
    """Raise Refused for a reason for revoking that RFC 5280 does not know."""
    if reason not in REASONS:
        raise Refused(f"“{reason}” is no reason for revoking; the reasons are {', '.join(sorted(REASONS))}")


def _signature_beside(path: Path) -> Path:
    return path.with_name(path.name + ".p7s")


def _read_pair(path: Path) -> tuple[bytes, bytes] | None:
    """A file and its signature; None where one is missing or they are of different making."""
    try:
        content, signature = path.read_bytes(), _signature_beside(path).read_bytes()
    except FileNotFoundError:
        return None
    return (content, signature) if is_over(signature, content) else None


def _root_certificate(title: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name(title, "Root")
    builder = _certificate(name, name, key.public_key(), now, now + ROOT_LIFE)
    return _authority_extensions(builder, path_length=1).sign(key, hashes.SHA384())


def _issuing_certificate(
    title: str,
    key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    builder = _certificate(
        _name(title, "Issuing CA"), root.subject, key.public_key(), now, now + ISSUING_LIFE
    )
    builder = _authority_extensions(builder, path_length=0).add_extension(
        _authority_key(root), critical=False
    )
    return builder.sign(root_key, hashes.SHA384())


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _authority_extensions(builder: x509.CertificateBuilder, path_length: int) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=path_length)
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    return builder.add_extension(constraints, critical=True).add_extension(usage, critical=True)


def _revocation_list(
    issuer: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    revoked: Iterable[dict[str, str]],
    number: int,
    now: datetime,
    until: datetime,
) -> x509.CertificateRevocationList:
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


def _revoked_certificate(line: dict[str, str]) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(int(line["serial"]))
        .revocation_date(datetime.fromisoformat(line["at"]))
    )
    if line["reason"] != "unspecified":  # RFC 5280 §5.3.1: the extension should then be absent
        builder = builder.add_extension(x509.CRLReason(x509.ReasonFlags(line["reason"])), critical=False)
    return builder.build()


def _one_a_day(crls: Sequence[x509.CertificateRevocationList]) -> list[x509.CertificateRevocationList]:
    """The newest list and the first of each day:

    enough to cover every moment without growing by each sync.
    """
    days: dict[Any, x509.CertificateRevocationList] = {}
    for crl in crls:
        days.setdefault(crl.last_update_utc.date(), crl)
    newest = crls[-1]
    return [*(crl for crl in days.values() if crl is not newest), newest]


def _crl_number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _name(title: str, common_name: str, units: Sequence[str] = ()) -> x509.Name:
    """A name with the programme in it. An authority's common name gets the title before it where that can be."""
    organisation = _ending(title) if _comparable(_ending(title)) else "Programme"
    if common_name in ("Root", "Issuing CA"):
        titled = _ending(title, f" {common_name}")
        common_name = titled if _comparable(titled) else common_name
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]
    attributes += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, _ending(common_name))])


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


def _key_usage(**granted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: granted.get(name, False) for name in names})


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _pem(thing: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    return thing.public_bytes(serialization.Encoding.PEM)


def _write_key(folder: Path, name: str, key: ec.EllipticCurvePrivateKey, passphrase: str | None) -> None:
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    if passphrase is None:
        write_privately(folder / f"{name}.key", der)
        return
    from .envelope import wrap

    write_privately(folder / f"{name}.key.json", json.dumps(wrap(der, passphrase)).encode())


def _read_key(folder: Path, name: str, passphrase: str | None) -> ec.EllipticCurvePrivateKey:
    if passphrase is None:
        der = (folder / f"{name}.key").read_bytes()
    else:
        from .envelope import unwrap

        der = unwrap(json.loads((folder / f"{name}.key.json").read_bytes()), passphrase)
    key = serialization.load_der_private_key(der, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Damaged(f"The authority's {name} key is of the wrong kind; restore it from a back-up")
    return key
