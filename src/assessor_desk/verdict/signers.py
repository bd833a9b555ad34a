"""Who signed, whether that counts, whether the certificate was revoked, and when it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509

from assessor_desk.domain.errors import Damaged
from assessor_desk.keys.signing import common_name, is_issued, organisation, roles

from .detached import HUB_ROLE, refuse_without
from .documents import parsed
from .facts import NOT_LOOKED_AT, NOT_VOUCHED_FOR, Fact, FactId, Standing
from .layout import SIGNATURE_NAME, TAG_MANIFEST, Layout, SignatureFiles
from .signature import Signed, read_signature
from .trust import Revocation, TrustList, Untrusted, fingerprint_of

#: How far clocks of two computers may be apart.
TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What says that the signature existed by some moment: the hub's receipt or a time-stamp. `trouble` is why not."""

    kind: str
    at: datetime | None = None
    by: str = ""
    certificate_status: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class PacketSignature:
    """One signature over the list of contents; `trouble` says why it does not hold."""

    files: SignatureFiles
    signed: Signed | None
    trouble: str = ""
    confirmations: tuple[Confirmation, ...] = ()

    @property
    def at(self) -> datetime:
        """The signing time that the signer claims."""
        assert self.signed is not None
        assert self.signed.signing_time is not None
        return self.signed.signing_time

    @property
    def confirmed(self) -> Confirmation | None:
        """The earliest confirmation that holds."""
        holding = [one for one in self.confirmations if one.at is not None]
        return min(holding, key=lambda one: one.at or datetime.max.replace(tzinfo=UTC), default=None)


def read_signatures(found: Mapping[str, bytes]) -> tuple[PacketSignature, ...]:
    """Every signature in signatures/, the first assessor's first."""
    names = sorted(name for name in found if SIGNATURE_NAME.fullmatch(name))
    return tuple(_read(SignatureFiles(_role(name), name), found) for name in names)


def programme_of(signatures: Sequence[PacketSignature], trust: TrustList | None) -> TrustList | None:
    """The one programme on the trust list that the first signer is of: it alone may say anything about the bag.

    Where it is none of them, the list as it is.
    """
    first = signatures[0].signed if signatures else None
    if trust is None or first is None:
        return trust
    return trust.programme_of(first.certificate) or trust


def with_confirmations(
    signatures: Sequence[PacketSignature], found: Mapping[str, bytes], digest: str, trust: TrustList | None
) -> tuple[PacketSignature, ...]:
    """The signatures with what was added to each later."""
    return tuple(replace(one, confirmations=_confirmations(one, found, digest, trust)) for one in signatures)


def _role(name: str) -> str:
    match = SIGNATURE_NAME.fullmatch(name)
    assert match is not None
    return match["role"]


def _read(files: SignatureFiles, found: Mapping[str, bytes]) -> PacketSignature:
    try:
        return PacketSignature(files, read_signature(found[files.name], found.get(TAG_MANIFEST, b"")))
    except Damaged as trouble:
        return PacketSignature(files, None, f"{files.name} {trouble}")


def _confirmations(
    one: PacketSignature, found: Mapping[str, bytes], digest: str, trust: TrustList | None
) -> tuple[Confirmation, ...]:
    files, added = one.files, list[Confirmation]()
    if one.signed is not None and files.receipt in found:
        added.append(_receipt(files.receipt, found[files.receipt], one.signed, digest, trust))
    if one.signed is not None and files.token in found:
        from .stamp import time_stamp

        added.append(time_stamp(files.token, found[files.token], found[files.name], trust))
    return tuple(added)


def _receipt(name: str, der: bytes, signed: Signed, digest: str, trust: TrustList | None) -> Confirmation:
    try:
        receipt = read_signature(der)
        content = _receipt_content(receipt, digest, common_name(signed.certificate))
        refuse_without(HUB_ROLE, receipt, "is signed by nobody who may give receipts")
        if trust is None:
            return Confirmation("receipt")
        at: datetime = content["received_at"]
        if receipt.signing_time is None or abs(at - receipt.signing_time) > TOLERANCE:
            raise Damaged("says another time than its signature")
        trust.check_chain(receipt.certificate, at)
        if _takes_receipts(trust.revoked(receipt.certificate), at):
            return Confirmation("receipt")
        return Confirmation(
            "receipt", at, organisation(receipt.certificate), str(content["certificate_status"])
        )
    except (Damaged, Untrusted) as trouble:
        return Confirmation("receipt", trouble=f"{name} {trouble}")


def _takes_receipts(entry: Revocation | None, at: datetime) -> bool:
    """Whether a receipt of the time `at` proves nothing, since whoever has its authority's key can make as many.

    Raises Damaged where its certificate was revoked, or was given for something after its authority was.
    """
    if entry is not None and (not entry.authority or at >= entry.at):
        raise Damaged("is signed with a revoked certificate")
    return entry is not None and entry.takes_receipts


def _receipt_content(receipt: Signed, digest: str, person: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = parsed(receipt.content)
        at = datetime.fromisoformat(content["received_at"])
        if at.utcoffset() != timedelta(0):
            raise Damaged("cannot be read as a receipt")
        if content["packet"] != digest:
            raise Damaged("is for another packet")
        if content["person"] != person:
            raise Damaged("is for another person's packet")
        return {**content, "received_at": at, "certificate_status": content["certificate_status"]}
    except (ValueError, TypeError, KeyError) as trouble:
        raise Damaged("cannot be read as a receipt") from trouble


def signature_fact(signatures: tuple[PacketSignature, ...], trusted: bool) -> Fact:
    """Whether the list of contents carries signatures that hold; whose they are is said only where that is known."""
    basis = "CAdES, P-256"
    if not signatures:
        return Fact(FactId.SIGNATURE, Standing.BAD, "The packet is not signed", basis=basis)
    if troubles := [one.trouble for one in signatures if one.trouble]:
        return Fact(FactId.SIGNATURE, Standing.BAD, troubles[0], "; ".join(troubles[1:]), basis)
    names = " and ".join(_signer(one) for one in signatures)
    words = (
        f"{names} signed the list of contents" if trusted else "The signature on the list of contents holds"
    )
    return Fact(FactId.SIGNATURE, Standing.GOOD, words, "", basis)


def signer_fact(
    signatures: tuple[PacketSignature, ...],
    review: Mapping[str, Any],
    trusted: bool,
    layout: Layout,
    newer: bool = False,
) -> Fact:
    """Whether the first certificate is the stated person's, and each says the role that its signature is given for.

    What a document of a `newer` format states is not taken for either.
    """
    for one in signatures:
        assert one.signed is not None
        if one.files.role not in roles(one.signed.certificate):
            words = f"{common_name(one.signed.certificate)} holds no certificate as {one.files.role}"
            return Fact(FactId.SIGNER, Standing.BAD, words, _about(one.signed.certificate), "X.509")
    primary = signatures[0]
    assert primary.signed is not None
    certificate = primary.signed.certificate
    detail = _about(certificate)
    fits = review.get("person") == common_name(certificate) and review.get("role") == primary.files.role
    if newer and not (fits and primary.files.role in layout.signers):
        return Fact(FactId.SIGNER, Standing.UNKNOWN, NOT_LOOKED_AT, f"{_signer(primary)}: {detail}", "X.509")
    if not fits:
        stated = f"{review.get('role')} {review.get('person')}"
        words = f"{layout.stated} is {stated}'s, the signature {_signer(primary)}'s"
        return Fact(FactId.SIGNER, Standing.BAD, words, detail, "X.509")
    if primary.files.role not in layout.signers:
        words = f"No {primary.files.role} may sign a {layout.kind}"
        return Fact(FactId.SIGNER, Standing.BAD, words, detail, "X.509")
    standing = Standing.GOOD if trusted else Standing.UNKNOWN
    says = "" if trusted else " says the certificate"
    return Fact(FactId.SIGNER, standing, f"{_signer(primary)}{says}", detail, "X.509")


def _about(certificate: x509.Certificate) -> str:
    return f"certificate {fingerprint(certificate)}, valid until {certificate.not_valid_after_utc:%Y-%m-%d}"


def chain_fact(signatures: tuple[PacketSignature, ...], trust: TrustList | None) -> Fact:
    """Whether each certificate leads to the trust list and was good at the signing."""
    if any(one.signed is not None and not is_issued(one.signed.certificate) for one in signatures):
        standing = Standing.UNKNOWN if trust is None else Standing.BAD
        detail = "Whoever signed made the certificate themselves"
        return Fact(FactId.CHAIN, standing, NOT_VOUCHED_FOR, detail, "X.509")
    if trust is None:
        words = "Chain not checked: no trust list was given"
        return Fact(FactId.CHAIN, Standing.UNKNOWN, words, "The programme publishes it as trust.pem", "X.509")
    for one in signatures:
        assert one.signed is not None
        try:
            trust.check_chain(one.signed.certificate, one.at)
        except Untrusted as trouble:
            return Fact(FactId.CHAIN, Standing.BAD, f"{one.files.name}: {trouble}", basis="RFC 5280")
    dated = f", trust list of {trust.dated:%Y-%m-%d}" if trust.dated else ""
    first = signatures[0].signed
    assert first is not None
    issuer = trust.issuer_of(first.certificate)
    return Fact(
        FactId.CHAIN,
        Standing.GOOD,
        f"Issued by {common_name(issuer) if issuer else ''}{dated}",
        basis="RFC 5280",
    )


def existed_at(one: PacketSignature, now: datetime) -> datetime:
    """When the signature is known to have existed: received or stamped by then, or else now."""
    confirmed = one.confirmed
    return now if confirmed is None or confirmed.at is None else confirmed.at


def revocation_fact(signatures: tuple[PacketSignature, ...], trust: TrustList | None, now: datetime) -> Fact:
    """Good, revoked or unknown; the worst where several signed."""
    facts = [_revocation(one, trust, now) for one in signatures]
    order = (Standing.BAD, Standing.UNKNOWN, Standing.GOOD)
    return min(facts, key=lambda fact: order.index(fact.standing))


def _revocation(one: PacketSignature, trust: TrustList | None, now: datetime) -> Fact:
    """A list counts where it was current when the signature is known to have existed: else whoever stole the key could
    claim a time before it. That is when it was received or stamped, and where nothing confirms a time, now.
    """
    assert one.signed is not None
    if trust is None:
        return Fact(FactId.REVOCATION, Standing.UNKNOWN, "Not known: no trust list was given", basis="CRL")
    entry = trust.revoked(one.signed.certificate)
    if entry is not None:
        return _revoked(one, entry)
    known, existed = trust.known(one.signed.certificate), existed_at(one, now)
    listed = known is not None and known[0] >= one.at
    if known and listed and known[1] >= existed:
        words = f"Not revoked, by the list of {moment(known[0])}"
        return Fact(FactId.REVOCATION, Standing.GOOD, words, basis="CRL")
    received = next((own for own in one.confirmations if own.at and own.certificate_status == "good"), None)
    if received is not None:
        words = f"Not revoked when {received.by} received the packet on {moment(received.at)}"
        return Fact(FactId.REVOCATION, Standing.GOOD, words, basis="receipt")
    words = "Not known: the trust list holds no revocation list newer than the signature"
    if known and listed:
        words = f"Not known: the revocation list of {moment(known[0])} was out of date on {moment(existed)}"
    return Fact(
        FactId.REVOCATION, Standing.UNKNOWN, words, "Import a newer trust list to settle this.", "CRL"
    )


def _revoked(one: PacketSignature, entry: Revocation) -> Fact:
    """A revoked certificate, or authority, counts only for what was confirmed to exist before."""
    confirmed, which = one.confirmed, f"{entry.authority}, which issued the certificate,"
    why = "" if entry.reason == "unspecified" else f" ({entry.reason})"
    if confirmed and confirmed.at and confirmed.at < entry.at:
        begun = f"{which} was revoked" if entry.authority else "Revoked"
        words = f"{begun} on {moment(entry.at)}{why}, after this was {_confirmed_words(confirmed)}"
        return Fact(FactId.REVOCATION, Standing.GOOD, words, basis="CRL")
    whose = which if entry.authority else f"The certificate of {_signer(one)}"
    words = f"{whose} was revoked on {moment(entry.at)}{why}"
    later = "The claimed signing time is earlier, but nothing confirms it." if entry.at > one.at else ""
    if later and entry.takes_receipts and any(added.kind == "receipt" for added in one.confirmations):
        later = (
            "Its receipt proves nothing: whoever has the authority's key can make one. A time-stamp would."
        )
    return Fact(FactId.REVOCATION, Standing.BAD, words, later, "CRL")


def time_fact(
    signatures: tuple[PacketSignature, ...],
    stated: Mapping[str, Any],
    now: datetime,
    layout: Layout,
    newer: bool = False,
) -> Fact:
    """Claimed, receipted or stamped: the first signature's. What was added to any other must hold all the same.

    What a document of a `newer` format states is not compared.
    """
    primary = signatures[0]
    for confirmation in (added for one in signatures for added in one.confirmations):
        if confirmation.trouble:
            return Fact(FactId.TIME, Standing.BAD, confirmation.trouble, basis=_BASIS[confirmation.kind])
    at, confirmed = primary.at, primary.confirmed
    if not newer and stated.get("sealed_at") != f"{at:%Y-%m-%dT%H:%M:%SZ}":
        return Fact(FactId.TIME, Standing.BAD, f"{layout.stated} says another time than the signature")
    if at > now + TOLERANCE:
        return Fact(FactId.TIME, Standing.BAD, f"The signature claims a time to come, {moment(at)}")
    if confirmed is None or confirmed.at is None:
        return Fact(
            FactId.TIME,
            Standing.STATED,
            f"{moment(at)}, claimed by the signer",
            "Nothing confirms it.",
            "claimed",
        )
    if at - confirmed.at > TOLERANCE:
        words = f"The packet was {_confirmed_words(confirmed)}, before it was signed"
        return Fact(FactId.TIME, Standing.BAD, words, basis=_BASIS[confirmed.kind])
    words = f"{moment(at)}, {_confirmed_words(confirmed)}"
    return Fact(FactId.TIME, Standing.GOOD, words, basis=_BASIS[confirmed.kind])


_BASIS = {"receipt": "receipt", "stamp": "RFC 3161"}


def _confirmed_words(confirmation: Confirmation) -> str:
    verb = {"receipt": "received", "stamp": "stamped"}[confirmation.kind]
    return f"{verb} by {confirmation.by} on {moment(confirmation.at)}"


def _signer(one: PacketSignature) -> str:
    """“Assessor A-1184”; the issuer is no person and has no number."""
    assert one.signed is not None
    role, name = one.files.role.capitalize(), common_name(one.signed.certificate)
    return role if name == one.files.role else f"{role} {name}"


def fingerprint(certificate: x509.Certificate) -> str:
    """A certificate's SHA-256 shortened for people: `5C:0E…91`."""
    digest = fingerprint_of(certificate).upper()
    return f"{digest[:2]}:{digest[2:4]}…{digest[-2:]}"


def moment(at: datetime | None) -> str:
    """A time in UTC for people."""
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
