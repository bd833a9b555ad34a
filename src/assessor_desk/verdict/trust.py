"""The trust list: whose certificates count, and which were revoked. It comes from the issuer, never from a packet."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.keys.certificates import crl_number
from assessor_desk.keys.signing import organisation, read_certificates, read_crls

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
#: Of how many certificates an answer is kept: more come only from whoever makes a new one for each packet.
_MOST_KEPT = 4096


class Untrusted(DeskError):
    """A certificate that this trust list does not vouch for at that time; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """A certificate's entry in a revocation list. `reason` is RFC 5280's word."""

    at: datetime
    reason: str


@dataclass(frozen=True)
class TrustList:
    """Roots, issuing authorities, revocation lists, and certificates that are trusted to give time-stamps.

    What was worked out once is kept: a folder of a thousand packets has a handful of certificates.

    The last are trusted each by itself and for that alone: whoever certified them counts for nothing here, as a public
    authority that did may certify anybody.
    """

    roots: tuple[x509.Certificate, ...]
    issuing: tuple[x509.Certificate, ...]
    crls: tuple[x509.CertificateRevocationList, ...]
    stamping: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, path: Path) -> TrustList:
        """Read `trust.pem`. Raises Refused where it cannot be read or holds no root."""
        try:
            return cls.parse(path.read_bytes())
        except OSError as trouble:
            raise Refused(f"The trust list {path} cannot be read: {trouble.strerror or trouble}") from trouble
        except Refused as trouble:
            raise Refused(f"{path} is no trust list: {trouble}") from trouble

    @classmethod
    def parse(cls, pem: bytes) -> TrustList:
        """Read a trust list held in memory. Raises Refused where it holds no root certificate.

        It must be certificates, revocation lists and remarks alone: a PEM reader would find certificates in any file
        that has some inside, such as a packet, which must never vouch for itself.
        """
        return _read(pem)

    @property
    def title(self) -> str:
        """Whose list it is."""
        return organisation(self.roots[0])

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
            raise Untrusted("its certificate was issued by nobody on the trust list")
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
        """When and why a certificate was revoked, as far as this list knows."""
        found = (
            crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            for crl in self._lists(certificate)
        )
        entries = [_revocation(entry) for entry in found if entry is not None]
        return min(entries, key=lambda entry: entry.at, default=None)

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


@lru_cache(maxsize=4)
def _read(pem: bytes) -> TrustList:
    """A list that was read once is kept with all that was worked out about it."""
    if _PEM.sub(b"", pem).strip():
        raise Refused("it holds something besides certificates and revocation lists in PEM form")
    certificates = read_certificates(pem)
    try:
        crls = tuple(read_crls(pem))
    except ValueError as trouble:
        raise Refused("one of its revocation lists cannot be read") from trouble
    stamping = tuple(one for one in certificates if stamps_only(one))
    roots = tuple(one for one in certificates if one.subject == one.issuer and one not in stamping)
    if not roots:
        raise Refused("it holds no root certificate")
    issuing = tuple(one for one in certificates if one not in roots and one not in stamping)
    return TrustList(roots, issuing, crls, stamping)


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


def _revocation(entry: x509.RevokedCertificate) -> Revocation:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = "unspecified"
    return Revocation(entry.revocation_date_utc, reason)


def _asn1(certificate: x509.Certificate) -> Any:
    from asn1crypto import x509 as asn1_x509

    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
