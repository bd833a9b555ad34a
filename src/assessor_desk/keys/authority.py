"""The issuer's certificate authority: root (P-384) → issuing authority (P-256) → people and services
(P-256, two years).

A certificate names a person by the issuer's number, never by name or address, since a record signed with it
reaches the educator. Roles are organisational units (`assessor`, `reviewer`, `hub`, `issuer`), so that a
packet's signer cannot pass for the hub. The root's revocation list is issued ahead for the root's whole
life, so that its key may be kept elsewhere; lists of the issuing authority are kept, so that a signature can be
checked as of the day it was made (`openssl … -attime`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from filelock import FileLock

from assessor_desk.domain.errors import Damaged, Refused

from .authority_keys import export_key, forget_key, has_key, import_key, read_key, write_key
from .certificates import (
    crl_number,
    issuing_certificate,
    leaf_certificate,
    pem,
    person_urn,
    revocation_list,
    root_certificate,
    subject,
)
from .cms import is_over, sign_detached
from .file_turns import PATIENCE, having
from .private_files import write_openly_together, write_privately
from .signing import Signer, SigningKey, common_name, read_certificates, read_crls, read_request

CRL_LIFE = timedelta(days=30)
#: The hub's own certificates are renewed so long before they end, and whoever signs asks for a new one then.
RENEWED_AHEAD = timedelta(days=60)
#: Of lists older than the first span one is kept each time the second has passed: always one that still held.
_DAILY_FOR, _THEN_EVERY = CRL_LIFE, timedelta(days=25)

#: Reasons for revoking, in RFC 5280's words.
REASONS = frozenset(flag.value for flag in x509.ReasonFlags) - {"removeFromCRL", "certificateHold"}

Clock = Callable[[], datetime]
Turns = Callable[[str], AbstractContextManager[Any]]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Issuing:
    """An issuing authority whose key is at hand."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authority:
    """An opened authority.

    `folder` holds certificates, keys (wrapped where a passphrase was given) and revocation lists.
    """

    folder: Path
    title: str
    id: UUID
    root: x509.Certificate
    crl_url: str = ""
    passphrase: str | None = field(default=None, repr=False)
    clock: Clock = field(default=_utc_now, repr=False)
    #: Where several computers share the authority: turns over its files, by what they are over.
    turns: Turns | None = field(default=None, repr=False)
    _opened: dict[str, _Issuing] = field(default_factory=dict, repr=False)

    @classmethod
    def create(
        cls,
        folder: Path,
        title: str,
        passphrase: str | None = None,
        *,
        crl_url: str = "",
        clock: Clock = _utc_now,
        turns: Turns | None = None,
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
        root = root_certificate(title, root_key, now)
        issuing = issuing_certificate(title, issuing_key, root, root_key, now)
        root_crl = revocation_list(root, root_key, (), 1, now, root.not_valid_after_utc)
        write_key(folder, "root", root_key, passphrase)
        write_key(folder, "issuing", issuing_key, passphrase)
        write_privately(folder / "root.pem", pem(root))
        write_privately(folder / "issuing.pem", pem(issuing))
        write_privately(folder / "root.crl.pem", pem(root_crl))
        record = {"title": title, "id": str(uuid4()), "crl_url": crl_url, "wrapped": passphrase is not None}
        write_privately(folder / "authority.json", json.dumps(record, indent=2).encode())
        authority = cls.open(folder, passphrase, clock=clock, turns=turns)
        authority.crl()
        return authority

    @classmethod
    def open(
        cls,
        folder: Path,
        passphrase: str | None = None,
        *,
        clock: Clock = _utc_now,
        turns: Turns | None = None,
    ) -> Authority:
        """Open the authority in `folder`; the root's key is not needed.

        Raises Refused where there is none or for a wrong passphrase, Damaged if unreadable.
        """
        try:
            record = json.loads((folder / "authority.json").read_bytes())
            root = read_certificates((folder / "root.pem").read_bytes())[0]
        except FileNotFoundError as missing:
            raise Refused(f"{folder} holds no certificate authority") from missing
        except ValueError as trouble:
            raise Damaged(
                f"The certificate authority in {folder} cannot be read; restore it from a back-up"
            ) from trouble
        if record["wrapped"] and passphrase is None:
            raise Refused("The authority's keys are wrapped: give its passphrase")
        secret = passphrase if record["wrapped"] else None
        opened = cls(
            folder, record["title"], UUID(record["id"]), root, record["crl_url"], secret, clock, turns
        )
        opened._newest()  # so that a wrong passphrase is told now
        return opened

    @property
    def issuing(self) -> x509.Certificate:
        """The issuing authority in use: the newest, also where another process made it while this one runs."""
        return self._newest().certificate

    @property
    def issuing_key(self) -> ec.EllipticCurvePrivateKey:
        """The key of the issuing authority in use."""
        return self._newest().key

    # -- certificates ------------------------------------------------------------------------------------------

    def issue(self, csr_pem: bytes, person_number: str, role: str | Iterable[str]) -> bytes:
        """A certificate (PEM) for the key of a request, good for two years.

        The request's own subject is not looked at: number and roles are the issuer's to say. Raises Refused
        for a bad request.
        """
        key = read_request(csr_pem).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        units = (role,) if isinstance(role, str) else tuple(role)
        return pem(self._leaf(key, person_number, [str(unit) for unit in units]))

    def chain(self, certificate: bytes = b"") -> bytes:
        """Issuing authority and root (PEM): what goes beside a person's certificate, by default a new one's."""
        above = self._above(read_certificates(certificate)[0]) if certificate else self.issuing
        return pem(above) + pem(self.root)

    def hub_signer(self) -> Signer:
        """The key and certificate that sign receipts; made on first use, its certificate renewed before it ends."""
        return self._service_signer("hub")

    def issuer_signer(self) -> Signer:
        """The key and certificate that sign what the issuer publishes and assigns; made and renewed likewise."""
        return self._service_signer("issuer")

    # -- the root's key ----------------------------------------------------------------------------------------

    @property
    def root_key_is_here(self) -> bool:
        """Whether the root's key still lies in the folder. Nothing that a hub does needs it."""
        return has_key(self.folder, "root")

    def export_root(self, path: Path, passphrase: str) -> None:
        """Move the root's key into the file `path`, wrapped by a passphrase of its own, to be kept off this computer.

        It is read back before it leaves the folder. Raises Refused where it has left already or `path` is there.
        """
        with self._turn():
            if not self.root_key_is_here:
                raise Refused("The root's key was exported before. It is where whoever did so keeps it")
            if path.resolve().is_relative_to(self.folder.resolve()):
                raise Refused("The root's key is to leave this folder. Name a file on a stick of its own")
            export_key(read_key(self.folder, "root", self.passphrase), path, passphrase)
            forget_key(self.folder, "root")

    def renew_issuing(self, path: Path, passphrase: str) -> Authority:
        """Make another issuing authority, certified with the root's exported key in `path`; the authority with it.

        Those before go on signing lists of what was revoked: what they issued counts as it did. Raises Refused for
        another key or a wrong passphrase.
        """
        root_key = self._root_key(path, passphrase)
        with self._turn():
            self._make_issuing(root_key)
        return Authority.open(self.folder, self.passphrase, clock=self.clock, turns=self.turns)

    def revoke_issuing(self, path: Path, passphrase: str, reason: str, number: int = 0) -> x509.Certificate:
        """Revoke an issuing authority from now on, with the root's exported key in `path`; its certificate.

        `number` is its place among `issuing_authorities`, by default the one in use. Another takes the place of one in
        use in the same act, and whoever signs here as hub or issuer gets a new key under it. The root's list from
        before is kept: by it, what was signed before is checked as of its day. Revoking twice changes nothing. Raises
        Refused for a wrong key, passphrase, number or reason.
        """
        refuse_unknown_reason(reason)
        root_key = self._root_key(path, passphrase)
        with self._turn():
            names = self._issuing_names()
            if not 0 <= number <= len(names):
                raise Refused(f"There is no issuing authority {number}; there are {len(names)}")
            name = names[number - 1]
            gone = self._certificate(name)
            self._revoke_by_root(gone, root_key, reason)
            for role in _SERVICES:
                path = self.folder / f"{role}.pem"
                if path.exists() and _signed_by(self._certificate(role), gone):
                    path.unlink()  # made anew, with another key, when it is next needed
            # Last: until then, doing it again means the same one.
            if name == names[-1]:
                self._make_issuing(root_key)
        self.crl()
        return gone

    def issuing_authorities(self) -> list[tuple[x509.Certificate, datetime | None]]:
        """Every issuing authority that there was, oldest first, and when it was revoked."""
        newest, every = self._root_crls()[-1], map(self._certificate, self._issuing_names())
        found = [(one, newest.get_revoked_certificate_by_serial_number(one.serial_number)) for one in every]
        return [(one, entry.revocation_date_utc if entry else None) for one, entry in found]

    def is_root_key(self, path: Path, passphrase: str) -> bool:
        """Whether an exported file holds this authority's root key. Raises Refused for a wrong passphrase."""
        return import_key(path, passphrase).public_key() == self.root.public_key()

    # -- revocation and trust ----------------------------------------------------------------------------------

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
        """Fresh revocation lists of each issuing authority (PEM), which are also kept with the earlier ones."""
        with self._turn():
            return b"".join(self._fresh_crl(name) for name in self._issuing_names())

    def trust_list(self) -> bytes:
        """Root, issuing authority, trusted time-stamping certificates and all kept revocation lists (PEM).

        The newest list is made for the occasion.
        """
        self.crl()
        names = self._issuing_names()
        issuing = b"".join((self.folder / f"{name}.pem").read_bytes() for name in names)
        stamping = b"".join(pem(one) for one in self.stamping())
        lists = (self.folder / name for name in ("root.crl.pem", *(f"{name}.crls.pem" for name in names)))
        return pem(self.root) + issuing + stamping + b"".join(path.read_bytes() for path in lists)

    def stamping(self) -> list[x509.Certificate]:
        """The certificates of time-stamping authorities that this programme trusts, each by itself."""
        path = self.folder / _STAMPING
        return read_certificates(path.read_bytes()) if path.exists() else []

    def trust_stamping(self, certificate: x509.Certificate) -> None:
        """Let the trust list vouch for time-stamps given with exactly this certificate; nothing it issued counts."""
        with self._turn():
            known = self.stamping()
            if certificate not in known:
                kept = b"".join(pem(one) for one in (*known, certificate))
                write_privately(self.folder / _STAMPING, kept)

    def write_trust(self, path: Path) -> None:
        """Write the trust list to `path` and its signature by the issuer beside it (`trust.pem.p7s`).

        Both are on the disk before either takes its name, and `read_trust` waits until both have.
        """
        signer = self.issuer_signer()
        with self._turn("trust"):
            # Made within the turn as well: of two that renew at once, the later writes what it knows later.
            trust = self.trust_list()
            signature = sign_detached(trust, signer.key, signer.certificate, self._now())
            write_openly_together({path: trust, _signature_beside(path): signature})

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

    # -- inside ------------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def _turn(self, over: str = "authority") -> AbstractContextManager[Any]:
        """To be alone among threads and processes; a turn over trust may take one over the authority inside.

        Raises Unavailable where others are there for longer than somebody waits.
        """
        if self.turns is not None:
            return self.turns(over)
        return having(FileLock(self.folder / f"{over}.lock"), PATIENCE, str(self.folder))

    def _revoked(self) -> list[dict[str, str]]:
        try:
            lines: list[dict[str, str]] = json.loads((self.folder / "revoked.json").read_bytes())
        except FileNotFoundError:
            return []
        return lines

    def _issuing_names(self) -> list[str]:
        """The issuing authorities as they are named now, oldest first: another process may have made one."""
        record = json.loads((self.folder / "authority.json").read_bytes())
        return list(record.get("issuing", _FIRST_ISSUING))

    def _certificate(self, name: str) -> x509.Certificate:
        return read_certificates((self.folder / f"{name}.pem").read_bytes())[0]

    def _newest(self) -> _Issuing:
        return self._issuing_named(self._issuing_names()[-1])

    def _issuing_named(self, name: str) -> _Issuing:
        """Certificate and key, unwrapped once: that takes a third of a second."""
        if name not in self._opened:
            key = read_key(self.folder, name, self.passphrase)
            self._opened[name] = _Issuing(self._certificate(name), key)
        return self._opened[name]

    def _above(self, certificate: x509.Certificate) -> x509.Certificate:
        """The issuing authority that gave a certificate out."""
        every = [self._certificate(name) for name in reversed(self._issuing_names())]
        return next((one for one in every if _signed_by(certificate, one)), every[0])

    def _root_key(self, path: Path, passphrase: str) -> ec.EllipticCurvePrivateKey:
        key = import_key(path, passphrase)
        if key.public_key() != self.root.public_key():
            raise Refused(f"{path} holds the root's key of another authority")
        return key

    def _make_issuing(self, root_key: ec.EllipticCurvePrivateKey) -> None:
        record = json.loads((self.folder / "authority.json").read_bytes())
        names = record.get("issuing", _FIRST_ISSUING)
        name, key = f"issuing-{len(names) + 1}", ec.generate_private_key(ec.SECP256R1())
        write_key(self.folder, name, key, self.passphrase)
        certificate = issuing_certificate(self.title, key, self.root, root_key, self._now())
        write_privately(self.folder / f"{name}.pem", pem(certificate))
        # Last: until it is named here, what was written counts for nothing.
        named = json.dumps({**record, "issuing": [*names, name]}, indent=2)
        write_privately(self.folder / "authority.json", named.encode())

    def _root_crls(self) -> list[x509.CertificateRevocationList]:
        return read_crls((self.folder / "root.crl.pem").read_bytes())

    def _revoke_by_root(
        self, gone: x509.Certificate, root_key: ec.EllipticCurvePrivateKey, reason: str
    ) -> None:
        kept, now = self._root_crls(), self._now()
        if kept[-1].get_revoked_certificate_by_serial_number(gone.serial_number) is not None:
            return
        line = {"serial": str(gone.serial_number), "at": now.isoformat(), "reason": reason}
        lines = [*map(_line, kept[-1]), line]
        number, until = 1 + crl_number(kept[-1]), self.root.not_valid_after_utc
        fresh = revocation_list(self.root, root_key, lines, number, now, until)
        write_privately(self.folder / "root.crl.pem", b"".join(pem(crl) for crl in (*kept, fresh)))

    def _fresh_crl(self, name: str) -> bytes:
        """A list of everything that was revoked, signed by one issuing authority; serials are no other's."""
        now, archive = self._now(), self.folder / f"{name}.crls.pem"
        kept = read_crls(archive.read_bytes()) if archive.exists() else []
        number = 1 + max((crl_number(crl) for crl in kept), default=0)
        own = self._issuing_named(name)
        fresh = revocation_list(own.certificate, own.key, self._revoked(), number, now, now + CRL_LIFE)
        write_privately(archive, b"".join(pem(crl) for crl in _worth_keeping([*kept, fresh])))
        return pem(fresh)

    def _service_signer(self, role: str) -> Signer:
        with self._turn():
            path = self.folder / f"{role}.pem"
            if not path.exists():
                fresh = SigningKey.generate()
                write_key(self.folder, role, fresh.private, self.passphrase)
                write_privately(path, pem(self._leaf(fresh.private.public_key(), role, [role])))
            key = SigningKey(read_key(self.folder, role, self.passphrase))
            certificate = read_certificates(path.read_bytes())[0]
            if self._renewable(certificate):
                # For the same key: one file is replaced, so that key and certificate never part.
                certificate = self._leaf(key.private.public_key(), common_name(certificate), [role])
                write_privately(path, pem(certificate))
            return Signer(key, certificate, (self._above(certificate), self.root))

    def _renewable(self, certificate: x509.Certificate) -> bool:
        """Whether a certificate ends soon and another would last longer."""
        until = certificate.not_valid_after_utc
        return until - self._now() < RENEWED_AHEAD and until < self.issuing.not_valid_after_utc

    def _leaf(self, key: ec.EllipticCurvePublicKey, number: str, units: Sequence[str]) -> x509.Certificate:
        name, urn = subject(self.title, number, units), person_urn(self.id, number)
        return leaf_certificate(name, urn, key, self.issuing, self.issuing_key, self._now(), self.crl_url)


_STAMPING = "stamping.pem"
#: Who signs here for the programme.
_SERVICES = ("hub", "issuer")
#: What the record of an authority names where it names none: its first and only issuing authority.
_FIRST_ISSUING = ["issuing"]


def refuse_unknown_reason(reason: str) -> None:
    """Raise Refused for a reason for revoking that RFC 5280 does not know."""
    if reason not in REASONS:
        raise Refused(f"“{reason}” is no reason for revoking; the reasons are {', '.join(sorted(REASONS))}")


def _signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _line(entry: x509.RevokedCertificate) -> dict[str, str]:
    """An entry of a list as `revocation_list` takes it."""
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = "unspecified"
    return {"serial": str(entry.serial_number), "at": entry.revocation_date_utc.isoformat(), "reason": reason}


def _signature_beside(path: Path) -> Path:
    return path.with_name(path.name + ".p7s")


def _read_pair(path: Path) -> tuple[bytes, bytes] | None:
    """A file and its signature; None where one is missing or they are of different making."""
    try:
        content, signature = path.read_bytes(), _signature_beside(path).read_bytes()
    except FileNotFoundError:
        return None
    return (content, signature) if is_over(signature, content) else None


def _worth_keeping(crls: Sequence[x509.CertificateRevocationList]) -> list[x509.CertificateRevocationList]:
    """The newest list, the first of each of the last days, and of those before enough that one held at any moment.

    The first that tells of a revocation is kept for good, so that the archive knows of each from its day on.
    """
    newest = crls[-1]
    kept: list[x509.CertificateRevocationList] = []
    for crl in crls[:-1]:
        last = kept[-1] if kept else None
        at = crl.last_update_utc
        recent = newest.last_update_utc - at <= _DAILY_FOR
        if (
            last is None
            or len(crl) > len(last)
            or (recent and at.date() != last.last_update_utc.date())
            or at - last.last_update_utc >= _THEN_EVERY
        ):
            kept.append(crl)
    return [*kept, newest]
