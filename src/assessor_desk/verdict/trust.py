"""The trust list: whose certificates count, and which were revoked. It comes from the issuer, never from a packet."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.keys.certificates import crl_number
from assessor_desk.keys.signing import common_name, organisation, read_certificates, read_crls

#: RFC 9336's purpose of a certificate, dotted because asn1crypto has no name for it.
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
TIME_STAMPING = "time_stamping"
#: RFC 3161 leaves a time-stamping authority's key usage open.
_KEY_USAGES: dict[str, set[str]] = {
    DOCUMENT_SIGNING: {"digital_signature", "non_repudiation"},
    TIME_STAMPING: set(),
}

_PEM = re.compile(
    rb"-----BEGIN (CERTIFICATE|X509 CRL)-----\s[A-Za-z0-9+/=\s]+-----END \1-----\s|[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)"
)

_NEVER = (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))
#: A list of thirty programmes has some hundred. Whose is whose is told by their signatures, each by each.
_MOST_CERTIFICATES = 256
#: Of how many certificates an answer is kept: more come only from whoever makes a new one for each packet.
_MOST_KEPT = 4096


class Untrusted(DeskError):
    """A certificate that this trust list does not vouch for at that time; the sentence says why."""


#: After these, and where no reason is given, nobody can tell what an authority signed from what a thief of its key did.
_COMPROMISED = frozenset({"keyCompromise", "cACompromise", "aACompromise", "unspecified"})


@dataclass(frozen=True, slots=True)
class Revocation:
    """An entry in a revocation list. `reason` is RFC 5280's word.

    `authority` is the name of what was revoked where that is not the certificate itself but who issued it.
    """

    at: datetime
    reason: str
    authority: str = ""

    @property
    def takes_receipts(self) -> bool:
        """Whether receipts under the revoked authority prove nothing, whenever they say that they were given."""
        return bool(self.authority) and self.reason in _COMPROMISED


@dataclass(frozen=True)
class TrustList:
    """Roots, issuing authorities, revocation lists, and certificates that are trusted to give time-stamps.

    What was worked out once is kept: a folder of a thousand packets has a handful of certificates.

    The last are trusted each by itself and for that alone: whoever certified them counts for nothing here, as a public
    authority that did may certify anybody.

    A list may hold several programmes. Then `parts` are each one's own, and whoever judges a packet asks
    `programme_of` first: one programme's authorities say nothing about another's packets. `foreign` are the others'
    authorities, known so that a sentence can tell them from nobody's.
    """

    roots: tuple[x509.Certificate, ...]
    issuing: tuple[x509.Certificate, ...]
    crls: tuple[x509.CertificateRevocationList, ...]
    stamping: tuple[x509.Certificate, ...] = ()
    parts: tuple[TrustList, ...] = ()
    foreign: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, *paths: Path) -> TrustList:
        """Read `trust.pem`, or those of several programmes.

        Raises Refused where one cannot be read or holds no root, and as `together`.
        """
        return cls.together([_loaded(path) for path in paths])

    @classmethod
    def together(cls, lists: Sequence[TrustList]) -> TrustList:
        """One list of what several say. Raises Refused where an authority of one programme stands in another's."""
        return lists[0] if len(lists) == 1 else _together([part for one in lists for part in one.programmes])

    @classmethod
    def parse(cls, pem: bytes) -> TrustList:
        """Read a trust list held in memory. Raises Refused where it holds no root certificate.

        It must be certificates, revocation lists and remarks alone: a PEM reader would find certificates in any file
        that has some inside, such as a packet, which must never vouch for itself.
        """
        return _read(pem)

    @property
    def programmes(self) -> tuple[TrustList, ...]:
        """The list of each programme in it; a list of one programme is its own."""
        return self.parts or (self,)

    def programme_of(self, certificate: x509.Certificate) -> TrustList | None:
        """The list of the one programme whose authority issued a certificate; None where none on this list did."""
        return next((one for one in self.programmes if one.issuer_of(certificate) is not None), None)

    @property
    def title(self) -> str:
        """Whose list it is."""
        return ", ".join(dict.fromkeys(map(organisation, self.roots)))

    @property
    def dated(self) -> datetime | None:
        """The date of the newest revocation list."""
        return max((crl.last_update_utc for crl in self.crls), default=None)

    def check_chain(
        self, certificate: x509.Certificate, at: datetime, purpose: str = DOCUMENT_SIGNING
    ) -> None:
        """Check that the certificate leads to a root of this list and was good for its purpose at that time.

        By pyHanko's validator (RFC 5280, §6), without fetching anything; revocation is looked at apart. Raises
        Untrusted with the reason.
        """
        since, until = self._held.get((certificate, purpose), _NEVER)
        if not since <= at <= until:
            self._validate(certificate, at, purpose)
            if len(self._held) >= _MOST_KEPT:
                self._held.clear()
            self._held[certificate, purpose] = self._span(certificate)

    def _span(self, certificate: x509.Certificate) -> tuple[datetime, datetime]:
        """From when until when a certificate that held once holds: nothing else in its path depends on the time."""
        every = (certificate, *self.issuing, *self.roots)
        return max(one.not_valid_before_utc for one in every), min(one.not_valid_after_utc for one in every)

    def _validate(self, certificate: x509.Certificate, at: datetime, purpose: str) -> None:
        if self.issuer_of(certificate) is None:
            # Before pyHanko looks: a certificate of anybody's making can make its parser fail in any way.
            elsewhere = any(_issued(certificate, one) for one in self.foreign)
            whose = "another programme than the signer's" if elsewhere else "nobody on the trust list"
            raise Untrusted(f"its certificate was issued by {whose}")
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise Untrusted(f"its certificate does not count: it did not hold on {at:%Y-%m-%d}")
        from pyhanko_certvalidator import CertificateValidator
        from pyhanko_certvalidator.errors import (
            InvalidCertificateError,
            PathBuildingError,
            PathError,
            ValidationError,
        )

        validator = CertificateValidator(_asn1(certificate), validation_context=self.context(at))
        usage = validator.async_validate_usage(_KEY_USAGES[purpose], {purpose})  # type: ignore[no-untyped-call]
        try:
            asyncio.run(usage)
        except PathBuildingError:
            raise Untrusted("its certificate was issued by nobody on the trust list") from None
        except (InvalidCertificateError, PathError, ValidationError) as trouble:
            raise Untrusted(f"its certificate does not count: {trouble}") from trouble

    def stamps(self, certificate: x509.Certificate, at: datetime) -> bool:
        """Whether exactly this certificate is trusted to give time-stamps, and held at that time."""
        held = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
        return held and certificate in self.stamping

    def context(self, at: datetime, also: x509.Certificate | None = None) -> Any:
        """pyHanko's validation context: this list's certificates, the time, and nothing fetched.

        `also` is trusted besides: a certificate for time-stamps that this list names.
        """
        from pyhanko_certvalidator import ValidationContext

        return ValidationContext(
            trust_roots=[_asn1(one) for one in (*self.roots, *([also] if also else []))],
            other_certs=[_asn1(one) for one in self.issuing],
            moment=at,
            best_signature_time=at,
            allow_fetching=False,
            revocation_mode="soft-fail",
        )

    @cached_property
    def _held(self) -> dict[tuple[x509.Certificate, str], tuple[datetime, datetime]]:
        return _held_by(self.roots, self.issuing)

    @cached_property
    def _issuers(self) -> dict[x509.Certificate, x509.Certificate | None]:
        return {}

    @cached_property
    def _lists_by(self) -> dict[x509.Certificate, tuple[x509.CertificateRevocationList, ...]]:
        return {}

    def issuer_of(self, certificate: x509.Certificate) -> x509.Certificate | None:
        """The authority on this list that issued a certificate."""
        if len(self._issuers) >= _MOST_KEPT:
            self._issuers.clear()
        if certificate not in self._issuers:
            possible = (one for one in (*self.issuing, *self.roots) if one.subject == certificate.issuer)
            self._issuers[certificate] = next((one for one in possible if _issued(certificate, one)), None)
        return self._issuers[certificate]

    def revoked(self, certificate: x509.Certificate) -> Revocation | None:
        """When and why a certificate, or an authority above it, was first revoked, as far as this list knows."""
        entries = list(self._entries(certificate))
        return min(entries, key=lambda entry: entry.at, default=None)

    def _entries(self, certificate: x509.Certificate) -> Iterator[Revocation]:
        one: x509.Certificate | None = certificate
        for _ in range(
            len(self.issuing) + 1
        ):  # no path is longer, and two that issued each other would have no end
            if one is None or one in self.roots:
                return
            authority = "" if one is certificate else common_name(one)
            for crl in self._lists(one):
                entry = crl.get_revoked_certificate_by_serial_number(one.serial_number)
                if entry is not None:
                    yield _revocation(entry, authority)
            one = self.issuer_of(one)

    def known(self, certificate: x509.Certificate) -> tuple[datetime, datetime] | None:
        """The date of the newest list by the certificate's issuer, and when the next was due; None without a list.

        Revocations later than the first are not known from it, and past the second nobody should go by it (RFC 5280).
        """
        dates = (
            (crl.last_update_utc, crl.next_update_utc or crl.last_update_utc)
            for crl in self._lists(certificate)
        )
        return max(dates, default=None)

    def _lists(self, certificate: x509.Certificate) -> Sequence[x509.CertificateRevocationList]:
        authority = self.issuer_of(certificate)
        if authority is None:
            return ()
        if authority not in self._lists_by:
            self._lists_by[authority] = tuple(_by(authority, self.crls))
        return self._lists_by[authority]


@lru_cache(maxsize=4)
def _held_by(
    roots: tuple[x509.Certificate, ...], issuing: tuple[x509.Certificate, ...]
) -> dict[tuple[x509.Certificate, str], tuple[datetime, datetime]]:
    """What lists of the same authorities share: a hub makes a list for each delivery, with other revocation lists."""
    return {}


def _loaded(path: Path) -> TrustList:
    try:
        return TrustList.parse(path.read_bytes())
    except OSError as trouble:
        raise Refused(f"The trust list {path} cannot be read: {trouble.strerror or trouble}") from trouble
    except Refused as trouble:
        raise Refused(f"{path} is no trust list: {trouble}") from trouble


@lru_cache(maxsize=8)
def _read(pem: bytes) -> TrustList:
    """A list that was read once is kept with all that was worked out about it."""
    if _PEM.sub(b"", pem).strip():
        raise Refused("it holds something besides certificates and revocation lists in PEM form")
    certificates = read_certificates(pem)
    if len(certificates) > _MOST_CERTIFICATES:
        raise Refused(f"it holds more than {_MOST_CERTIFICATES} certificates")
    try:
        crls = tuple(read_crls(pem))
    except ValueError as trouble:
        raise Refused("one of its revocation lists cannot be read") from trouble
    stamping = tuple(one for one in certificates if stamps_only(one))
    roots = tuple(one for one in certificates if one.subject == one.issuer and one not in stamping)
    if not roots:
        raise Refused("it holds no root certificate")
    issuing = tuple(one for one in certificates if one not in roots and one not in stamping)
    if len(set(roots)) == 1:
        return TrustList(roots, issuing, crls, stamping)
    named = _stamping_by_root(certificates, roots, stamping)
    return _together([_under(root, issuing, crls, named[root]) for root in dict.fromkeys(roots)])


def _stamping_by_root(
    certificates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    stamping: Sequence[x509.Certificate],
) -> dict[x509.Certificate, tuple[x509.Certificate, ...]]:
    """Which programme named which certificates for time-stamps: nothing but the root that they follow says it."""
    named: dict[x509.Certificate, tuple[x509.Certificate, ...]] = dict.fromkeys(roots, ())
    current = roots[0]
    for one in certificates:
        if one in named:
            current = one
        elif one in stamping:
            named[current] += (one,)
    return named


def _under(
    root: x509.Certificate,
    issuing: Sequence[x509.Certificate],
    crls: Sequence[x509.CertificateRevocationList],
    stamping: tuple[x509.Certificate, ...],
) -> TrustList:
    """What of a list stands under one root, by their signatures."""
    known = [root]
    for above in known:  # grows while it is walked
        known += [one for one in issuing if one not in known and _signed_by(one, above)]
    own = tuple(crl for crl in crls if any(list(_by(one, [crl])) for one in known))
    return TrustList((root,), tuple(known[1:]), own, stamping)


def _signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    return certificate.issuer == authority.subject and _issued(certificate, authority)


def _together(parts: Sequence[TrustList]) -> TrustList:
    """Lists of one root become one; the others stay apart. Raises Refused where a key stands under two roots.

    Whoever runs one programme could else certify another's authority, and speak for its packets.
    """
    by_root: dict[x509.Certificate, list[TrustList]] = {}
    for part in parts:
        by_root.setdefault(part.roots[0], []).append(part)
    own = [_merged(same) for same in by_root.values()]
    if len(own) == 1:
        return own[0]
    authorities = [(*one.roots, *one.issuing) for one in own]
    keys = [set(map(_key, some)) for some in authorities]
    if sum(map(len, keys)) != len(set().union(*keys)):
        raise Refused("one authority stands in it under the roots of two programmes")
    every = [each for some in authorities for each in some]
    apart = tuple(
        replace(one, foreign=tuple(each for each in every if each not in some))
        for one, some in zip(own, authorities, strict=True)
    )
    return TrustList(
        tuple(one.roots[0] for one in own),
        tuple(each for one in own for each in one.issuing),
        tuple(each for one in own for each in one.crls),
        tuple(each for one in own for each in one.stamping),
        apart,
    )


def _key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _merged(same: Sequence[TrustList]) -> TrustList:
    if len(same) == 1:
        return same[0]
    return TrustList(
        same[0].roots,
        tuple(dict.fromkeys(each for one in same for each in one.issuing)),
        tuple({each.fingerprint(SHA256()): each for one in same for each in one.crls}.values()),
        tuple(dict.fromkeys(each for one in same for each in one.stamping)),
    )


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, in hexadecimal digits."""
    return certificate.fingerprint(SHA256()).hex()


def newest_crl(trust: TrustList) -> tuple[int, datetime] | None:
    """Number and time of the newest revocation list; None where there is none."""
    newest = max(trust.crls, key=lambda crl: crl.last_update_utc, default=None)
    return None if newest is None else (crl_number(newest), newest.last_update_utc)


def stamps_only(certificate: x509.Certificate) -> bool:
    """Whether a certificate is for giving time-stamps (RFC 3161, 2.3) and for nothing else."""
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        if purposes.critical and list(purposes.value) == [ExtendedKeyUsageOID.TIME_STAMPING]:
            return not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.BasicConstraints.oid
    except ValueError:
        pass
    return False


def _by(
    authority: x509.Certificate, crls: Iterable[x509.CertificateRevocationList]
) -> Iterable[x509.CertificateRevocationList]:
    key = authority.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return (crl for crl in crls if crl.issuer == authority.subject and crl.is_signature_valid(key))


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return isinstance(authority.public_key(), ec.EllipticCurvePublicKey)


def _revocation(entry: x509.RevokedCertificate, authority: str) -> Revocation:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = "unspecified"
    return Revocation(entry.revocation_date_utc, reason, authority)


def _asn1(certificate: x509.Certificate) -> Any:
    from asn1crypto import x509 as asn1_x509

    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
