"""Connecting a desk to a source, rounds with it, and the trust list that comes from it."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.identity import certificate_until, prepare_next
from assessor_desk.desk.renewing import renew_where_due
from assessor_desk.desk.stamped import check_time_stamp
from assessor_desk.domain.changes import Enrolment, Published, Receipt, SourceChanges, TimeStamp
from assessor_desk.domain.errors import DeskError, Refused, Unavailable, sentence
from assessor_desk.keys.private_files import write_privately
from assessor_desk.keys.signing import KEY_FILE, Signer, SigningKey, load_identity, save_identity
from assessor_desk.store.store import Store
from assessor_desk.sync.engine import Progress, RoundResult, run_round
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.source import EnrolmentRevoked
from assessor_desk.sync.vouching import check_receipt, check_trust, vouched
from assessor_desk.verdict.trust import TrustList

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.sync.source import Source

TRUST, TRUST_SIGNATURE = "trust.pem", "trust.pem.p7s"
PROFILE, SOURCES = "profile", "sources"
LAST_ROUND, OFFLINE = "last_round_at", "offline_reason"
#: What the source said when it had revoked this desk; gone once it is connected again.
REVOKED = "enrolment_revoked"
_ENROLLING, _REQUEST = "enrolling", "request.pem"


@dataclass(frozen=True)
class Surroundings:
    """What connecting and rounds need of a desk."""

    store: Store
    vault: Vault
    identity: Path
    clock: Callable[[], datetime]


def connect(desk: Surroundings, address: str, code: str, passphrase: str) -> None:
    """Enrol this desk with the hub at `address`.

    The key and its request are kept until the answer is here, so that an answer lost on its way is asked for
    again with the same code. Raises Refused for a bad address or code and for a person other than the desk's,
    Unavailable without network.
    """
    source = HubSource(address)
    key, request = _key_and_request(desk.identity / _ENROLLING, passphrase)
    try:
        enrolment = source.enrol(code, request, f"Assessor Desk on {platform.system()}")
    finally:
        source.close()
    _refuse_another_person(desk.store, enrolment)
    key.save(desk.identity, passphrase)
    if enrolment.certificate:
        save_identity(desk.identity, enrolment.certificate.encode(), enrolment.chain.encode())
    _keep(desk, enrolment, source.address)
    if enrolment.certificate:
        certificate, chain = load_identity(desk.identity)
        prepare_next(desk.identity, passphrase, Signer(key, certificate, chain), desk.clock())
    for left in (KEY_FILE, _REQUEST):
        (desk.identity / _ENROLLING / left).unlink(missing_ok=True)


def _key_and_request(folder: Path, passphrase: str) -> tuple[SigningKey, str]:
    request = folder / _REQUEST
    if request.exists():
        try:
            return SigningKey.open(folder, passphrase), request.read_text(encoding="ascii")
        except DeskError:
            request.unlink()  # of another passphrase, or damaged: a new key does as well
    key = SigningKey.generate()
    key.save(folder, passphrase)
    # The source says who the person is; the request's own name is not looked at.
    csr = key.csr("enrolling")
    write_privately(request, csr)
    return key, csr.decode()


def _refuse_another_person(store: Store, enrolment: Enrolment) -> None:
    known = store.fact(PROFILE)
    if known is not None and known["person"] != enrolment.person:
        raise Refused(
            f"This desk belongs to {known['person']} and the code to {enrolment.person}. Make another desk for them"
        )


def _keep(desk: Surroundings, enrolment: Enrolment, address: str) -> None:
    until = certificate_until(desk.identity)
    profile = {
        "person": enrolment.person, "programme": enrolment.programme, "roles": [role.value for role in enrolment.roles],
        "source_title": enrolment.title, "source_address": address,
        "certificate_until": None if until is None else until.isoformat(),
    }  # fmt: skip
    source = {
        "identity": enrolment.identity,
        "address": address,
        "title": enrolment.title,
        "token": enrolment.token,
    }
    with desk.store.transaction() as work:
        others = [one for one in work.fact(SOURCES, []) if one["identity"] != enrolment.identity]
        work.set_fact(PROFILE, profile)
        work.set_fact(SOURCES, [*others, source])
        work.set_fact(REVOKED, None)
        work.accept(SourceChanges("", trust=enrolment.trust))
        work.commit()


def trust_list(store: Store) -> TrustList | None:
    """The trust list that came from the source; None before a desk was connected."""
    with store.reading() as view:
        kept = view.published("trust", TRUST, "")
    return None if kept is None else TrustList.parse(kept.canonical)


def run_rounds(
    desk: Surroundings, progress: Callable[[Progress], None], stop: threading.Event, originals: bool = False
) -> RoundResult:
    """One round with every source; with `originals`, recordings too of which there are small renditions.

    Raises Refused where there is none or it no longer knows this desk, Unavailable where it cannot be reached;
    the reason is kept for the ledger.
    """
    kept = desk.store.fact(SOURCES, [])
    if not kept:
        raise Refused(
            "This desk is not connected to a source yet. Connect it with the address and code you were given"
        )
    result = RoundResult()
    for one in kept:
        source = _source(one)
        try:
            result = _together(result, _round(desk, source, progress, stop, originals))
            result = replace(result, told=(*result.told, *_renewed(desk, source)))
        except Unavailable as error:
            desk.store.set_fact(OFFLINE, sentence(error))
            raise
        except Refused as error:
            if isinstance(error.__cause__, EnrolmentRevoked):
                desk.store.set_fact(REVOKED, sentence(error.__cause__))
            raise
        finally:
            source.close()
    with desk.store.transaction() as work:
        work.set_fact(LAST_ROUND, desk.clock().isoformat())
        work.set_fact(OFFLINE, None)
        work.commit()
    return result


def _renewed(desk: Surroundings, source: HubSource) -> tuple[str, ...]:
    """What there is to say of the certificate, which the source gave out that the profile names."""
    profile = desk.store.fact(PROFILE)
    if profile is None or profile["source_address"] != source.address:
        return ()
    return tuple(filter(None, (renew_where_due(desk, source, trust_list(desk.store)),)))


def source_of(desk: Surroundings, identity: str) -> HubSource:
    """The source of that name. Raises Refused where this desk is not connected to it (any more)."""
    for one in desk.store.fact(SOURCES, []):
        if one["identity"] == identity:
            return _source(one)
    raise Refused("This desk is not connected to the source any more that has this. Connect it again")


def _source(kept: Mapping[str, str]) -> HubSource:
    return HubSource(kept["address"], kept["token"], kept["identity"], kept["title"])


def _round(
    desk: Surroundings,
    source: Source,
    progress: Callable[[Progress], None],
    stop: threading.Event,
    originals: bool,
) -> RoundResult:
    trusted = trust_list(desk.store)

    def check(receipt: Receipt, digest: str) -> None:
        if trusted is None:
            raise Refused("There is no trust list to check the receipt with. Connect this desk again")
        check_receipt(receipt, digest, trusted, desk.clock())

    def vet(files: Mapping[str, bytes]) -> None:
        nonlocal trusted
        if trusted is not None:
            check_trust(files.get(TRUST, b""), files.get(TRUST_SIGNATURE, b""), trusted, desk.clock())
            trusted = TrustList.parse(files[TRUST])

    def vouch(thing: Published, kind: str) -> Published:
        return thing if trusted is None else vouched(thing, kind, trusted, desk.clock())

    def stamped(stamp: TimeStamp) -> None:
        check_time_stamp(desk.store, stamp, trusted)

    return run_round(
        desk.store, desk.vault, source, desk.clock, progress, stop, check, vet, vouch, originals, stamped
    )


def _together(one: RoundResult, other: RoundResult) -> RoundResult:
    later = max((at for at in (one.not_before, other.not_before) if at is not None), default=None)
    sums: dict[str, Any] = {
        name: getattr(one, name) + getattr(other, name)
        for name in ("delivered", "taken", "fetched", "waiting", "troubles", "told")
    }
    return RoundResult(**sums, stopped=one.stopped or other.stopped, not_before=later)
