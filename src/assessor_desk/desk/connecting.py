"""Connecting a desk to a source, rounds with it, and the trust list that comes from it."""

from __future__ import annotations

import contextlib
import platform
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.contact import BUNDLES, note_contact
from assessor_desk.desk.destroying import attest_custody
from assessor_desk.desk.identity import WAITING, certificate_until, prepare_next
from assessor_desk.desk.own_packets import fetch_own_packets
from assessor_desk.desk.programmes import (
    SOURCES,
    TRUST,
    TRUST_SIGNATURE,
    began_with,
    identity_for,
    place_for,
    refuse_another_person,
    refuse_mixed,
    roles_in_all,
    sealed_for,
    trust_list,
)
from assessor_desk.desk.renewing import refuse_unvouched, renew_where_due
from assessor_desk.desk.resting import note_asked, note_failure, note_reached, rest_of
from assessor_desk.desk.stamped import check_time_stamp
from assessor_desk.domain.addresses import is_folder
from assessor_desk.domain.changes import Enrolment, Published, Receipt, SourceChanges, TimeStamp
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Restorable, Unavailable, sentence
from assessor_desk.keys.private_files import write_privately
from assessor_desk.keys.signing import (
    KEY_FILE,
    Signer,
    SigningKey,
    load_identity,
    read_certificates,
    save_identity,
)
from assessor_desk.store.store import OUTBOX, Store
from assessor_desk.sync.bond import joining_name, note_connected, note_joins
from assessor_desk.sync.custody import deliver_receipts
from assessor_desk.sync.engine import Progress, RoundResult, run_round
from assessor_desk.sync.exchange import Exchanged, exchange, hear, told_of
from assessor_desk.sync.hub_devices import HubDevices
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.pace import Pace
from assessor_desk.sync.source import EnrolmentRevoked
from assessor_desk.sync.vouching import check_receipt, check_trust, vouched
from assessor_desk.verdict.trust import TrustList

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.store.lines import WantedArtifact
    from assessor_desk.sync.source import Source

PROFILE = "profile"
LAST_ROUND = "last_round_at"
#: By how many minutes this computer's clock was ahead of a source's, where that is worth a word.
CLOCK, CLOCK_OFF = "clock_off", timedelta(minutes=3)
#: What each source said when it had revoked this desk, by its identity; gone once it is connected again.
REVOKED = "enrolment_revoked"
REQUEST = "request.pem"


@dataclass(frozen=True)
class Surroundings:
    """What connecting and rounds need of a desk."""

    store: Store
    vault: Vault
    identity: Path
    clock: Callable[[], datetime]
    #: Whether `identity` is a further programme's: the profile tells of the first one's.
    further: bool = False
    pace: Pace = field(default_factory=Pace)
    #: What follows on the arrival of what the person's other devices wrote.
    arrived: Callable[[], object] = lambda: None
    make_room: Callable[[Sequence[WantedArtifact]], object] = lambda _: None
    #: Held while something goes to those devices or comes from them.
    exchanging: threading.Lock = field(default_factory=threading.Lock)

    def at(self, identity: Path) -> Surroundings:
        """The same with another programme's identity folder."""
        return self if identity == self.identity else replace(self, identity=identity, further=True)


def connect(desk: Surroundings, address: str, code: str, passphrase: str) -> None:
    """Enrol this desk with the hub at `address`, or by a stick with the programme's fingerprint for a code.

    The key and its request are kept until the answer is here, so that an answer lost on its way is asked for
    again with the same code. A hub of another programme than the first gets a key of its own, and the first is left
    as it is. Raises Refused for a bad address or code and for a person other than the desk's, Damaged where the source
    says to be one that is known and its authority is another, Unavailable without network.
    """
    if is_folder(address):
        from assessor_desk.desk.by_folder import connect_by_folder

        connect_by_folder(desk, address, code, passphrase)
        return
    source = HubSource(address)
    waiting = desk.identity / WAITING
    key, request = key_and_request(waiting, passphrase)
    try:
        enrolment = source.enrol(code, request, device_title())
    finally:
        source.close()
    settle(desk, enrolment, source.address, waiting, key, passphrase)


def device_title() -> str:
    """What a source calls this computer."""
    return f"Assessor Desk on {platform.system()}"


def settle(
    desk: Surroundings, enrolment: Enrolment, address: str, waiting: Path, key: SigningKey, passphrase: str
) -> None:
    """Take the answer to a request into use, whose key lies in `waiting` until then; raises as `connect`."""
    place = _vetted_place(desk, enrolment)
    folder = desk.identity / place
    key.save(folder, passphrase)
    if enrolment.certificate:
        save_identity(folder, enrolment.certificate.encode(), enrolment.chain.encode())
    _keep(desk, enrolment, address, place)
    if enrolment.certificate:
        certificate, chain = load_identity(folder)
        signer = Signer(key, certificate, chain)
        prepare_next(folder, passphrase, signer, desk.clock())
        attest_custody(desk.store, enrolment.identity, signer, desk.clock())
    for left in (KEY_FILE, REQUEST):
        (waiting / left).unlink(missing_ok=True)


def key_and_request(folder: Path, passphrase: str, name: str = "enrolling") -> tuple[SigningKey, str]:
    """A key with a certificate request (PEM) for it, kept in `folder` until the answer is here."""
    request = folder / REQUEST
    if request.exists():
        try:
            return SigningKey.open(folder, passphrase), request.read_text(encoding="ascii")
        except DeskError:
            request.unlink()  # of another passphrase, or damaged: a new key does as well
    key = SigningKey.generate()
    key.save(folder, passphrase)
    # The source says who the person is; the request's own name is not taken for theirs.
    csr = key.csr(name)
    write_privately(request, csr)
    return key, csr.decode()


def _vetted_place(desk: Surroundings, enrolment: Enrolment) -> str:
    """Where key and certificate of an enrolment belong. Raises Refused or Damaged where they belong nowhere here."""
    fresh = _vetted_trust(desk, enrolment) if enrolment.trust else None
    if not enrolment.certificate:
        _refuse_another_number(desk.store, enrolment)
        return ""
    chain = enrolment.chain.encode()
    refuse_unvouched(read_certificates(enrolment.certificate.encode())[0], fresh, desk.clock())
    if fresh is None or fresh.roots != (read_certificates(chain)[-1],):
        raise Damaged(
            "The source's certificate and its trust list are of different programmes. Tell the issuer"
        )
    place = place_for(desk.identity, chain)
    refuse_another_person(desk.identity, place, enrolment.person)
    return place


def _vetted_trust(desk: Surroundings, enrolment: Enrolment) -> TrustList:
    """The trust list that a source brings, signed by its own issuer; of a source that is here, by the one known.

    Whoever says to be a source that is here would else take its place, or speak for its programme.
    """
    pem, signature = enrolment.trust[TRUST], enrolment.trust.get(TRUST_SIGNATURE, b"")
    here = any(one["identity"] == enrolment.identity for one in desk.store.fact(SOURCES, []))
    known = trust_list(desk.store, enrolment.identity) if here else None
    fresh = TrustList.parse(pem)
    check_trust(pem, signature, known or fresh, desk.clock())
    refuse_mixed(desk.store, enrolment.identity, fresh)
    return fresh


def _refuse_another_number(store: Store, enrolment: Enrolment) -> None:
    profile = store.fact(PROFILE)
    if profile is not None and profile["person"] != enrolment.person:
        raise Refused(
            f"This desk belongs to {profile['person']} and the code to {enrolment.person}. Make another desk for them"
        )


def _keep(desk: Surroundings, enrolment: Enrolment, address: str, place: str) -> None:
    source = {
        "identity": enrolment.identity, "address": address, "title": enrolment.title, "token": enrolment.token,
        "identity_at": place, "certified": bool(enrolment.certificate),
        "roles": [str(role) for role in enrolment.roles], "person": enrolment.person,
    }  # fmt: skip
    with desk.store.transaction() as work:
        known, began = work.fact(SOURCES, []), began_with(work, enrolment.identity)
        others = [one for one in known if one["identity"] != enrolment.identity]
        work.set_fact(PROFILE, _profile(desk, work.fact(PROFILE), enrolment, address, place, others))
        # Connected again it keeps its place: the first is where a person looks who names none.
        again = [source if one["identity"] == enrolment.identity else one for one in known]
        work.set_fact(SOURCES, again if len(others) < len(known) else [*known, source])
        told = work.fact(REVOKED)
        was_revoked = enrolment.identity in told if isinstance(told, dict) else bool(told)
        note_connected(work, enrolment.identity, was_revoked, began)
        work.set_fact(REVOKED, _without(work.fact(REVOKED), enrolment.identity))
        work.accept(SourceChanges("", trust=enrolment.trust), trust_of=enrolment.identity)
        work.commit()


def _profile(
    desk: Surroundings,
    known: dict[str, Any] | None,
    enrolment: Enrolment,
    address: str,
    place: str,
    others: list[dict[str, Any]],
) -> dict[str, Any]:
    """Whose desk it is: as the first programme says, with the roles that they have in any."""
    told = {
        "person": enrolment.person, "programme": enrolment.programme, "source_title": enrolment.title,
        "source_address": address,
    }  # fmt: skip
    until = certificate_until(desk.identity)
    given = [str(role) for role in enrolment.roles]
    first = told if known is None or place == "" else known
    dated = None if until is None else until.isoformat()
    everywhere = roles_in_all(desk.identity, place, given, others)
    return {**first, "roles": everywhere, "certificate_until": dated}


def _without(told: Any, source: str) -> dict[str, str] | None:
    return {one: words for one, words in told.items() if one != source} if isinstance(told, dict) else None


def revoked_words(store: Store, identity: Path, place: Path) -> str:
    """What a source said that revoked the certificate in the folder `place`; empty where none did."""
    told = store.fact(REVOKED)
    if not isinstance(told, dict):
        return told or ""  # of a desk with one source, from before there could be more
    return next(
        (words for source, words in told.items() if identity_for(store, identity, source) == place), ""
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """How a round is to be.

    `asked`: a person wants it now; else a source that was out of reach, or wants to be left alone, is passed over until
    its time. With `originals` recordings are fetched too of which there are small renditions, without `with_bytes` no
    files at all.
    """

    originals: bool = False
    asked: bool = True
    with_bytes: bool = True


def run_rounds(
    desk: Surroundings, progress: Callable[[Progress], None], stop: threading.Event, terms: Terms
) -> RoundResult:
    """One round with every source that it is time for.

    Raises Refused where there is none or it no longer knows this desk, Unavailable where it cannot be reached;
    the reason is kept for the ledger.
    """
    kept = desk.store.fact(SOURCES, [])
    if not kept:
        raise Refused(
            "This desk is not connected to a source yet. Connect it with the address and code you were given"
        )
    result, failed, answered, whole = RoundResult(), list[tuple[str, DeskError]](), False, False
    # Looking whether a stick is in costs nobody anything.
    due = [
        one for one in kept if terms.asked or is_folder(one["address"]) or not _rests(desk, one["identity"])
    ]
    for one in due:
        if stop.is_set():
            result = replace(result, stopped=True)
            break
        try:
            own = _with(desk, one, progress, stop, terms)
            result, answered, whole = _together(result, own), True, whole or own.whole
        except Restorable:  # this desk's own, and no source's
            raise
        except (Unavailable, Refused, Damaged) as error:
            note_failure(desk.store, one["identity"], error, desk.clock())
            failed.append((one["title"], error))
            if isinstance(error.__cause__, EnrolmentRevoked):
                _note_revoked(desk.store, one, sentence(error.__cause__))
    if whole and not result.stopped:
        desk.store.set_fact(LAST_ROUND, desk.clock().isoformat())
    if failed and not answered and not result.stopped:
        raise failed[0][1]
    troubles = tuple(f"{title}: {sentence(error)}" for title, error in failed)
    # What nobody asked for tells a refusal once; it stands in the light's list until something is done about it.
    again = result.again if terms.asked else ()
    return replace(result, troubles=(*result.troubles, *again, *troubles))


def _with(
    desk: Surroundings,
    kept: Mapping[str, Any],
    progress: Callable[[Progress], None],
    stop: threading.Event,
    terms: Terms,
) -> RoundResult:
    """One round with one source, and its certificate renewed where that is due."""
    source = _source(desk, kept)
    try:
        result = _round(desk, source, progress, stop, terms)
        _note_reached(desk, source.identity, result)
        told = (*result.told, *_renewed(desk, source, kept))
        # A letter takes the place of the one before, and with it all that was offered then.
        word = source.leave_word() if result.offered else ""
        return replace(result, told=(*told, *filter(None, (word,))))
    except Refused as error:
        if isinstance(error.__cause__, EnrolmentRevoked):
            with contextlib.suppress(DeskError):
                source.leave_word()  # receipts of destruction alone
        raise
    finally:
        source.close()


def send_receipts(desk: Surroundings) -> int:
    """Hand over receipts of destruction that were signed since the round began; how many were taken.

    A source that is out of reach, or a stick's letter, gets them with the next round.
    """
    taken = 0
    for kept in desk.store.fact(SOURCES, []):
        with desk.store.reading() as view:
            waits = bool(view.custody.to_send(kept["identity"]))
        rest = rest_of(desk.store, kept["identity"])
        if not waits or is_folder(kept["address"]) or (rest is not None and rest.is_away):
            continue
        source = _source(desk, kept)
        try:
            taken += deliver_receipts(desk.store, source, desk.clock, _receipt_check(desk, source.identity))
        except DeskError:
            continue
        finally:
            source.close()
    return taken


def _receipt_check(desk: Surroundings, source: str) -> Callable[[Receipt, str], None]:
    trusted = trust_list(desk.store, source)

    def check(receipt: Receipt, digest: str) -> None:
        if trusted is None:
            raise Refused("There is no trust list to check the receipt with. Connect this desk again")
        check_receipt(receipt, digest, trusted, desk.clock())

    return check


def _rests(desk: Surroundings, source: str) -> bool:
    rest = rest_of(desk.store, source)
    return rest is not None and rest.holds(desk.clock())


def _note_reached(desk: Surroundings, source: str, result: RoundResult) -> None:
    """The source was reached, which is not to say that it had time; a clock that is off is remembered."""
    now = desk.clock()
    if result.not_before is not None:
        note_asked(desk.store, source, result.troubles[-1], result.not_before, now)
    elif not result.stopped:
        note_reached(desk.store, source)
        if _is_contact(desk, source):
            note_contact(desk.store, source, now - result.clock_off, told=bool(result.clock_off))
    off = round(result.clock_off / timedelta(minutes=1)) if abs(result.clock_off) > CLOCK_OFF else 0
    if off != desk.store.fact(f"{CLOCK} {source}", 0):
        desk.store.set_fact(f"{CLOCK} {source}", off or None)
    if not result.stopped:
        desk.store.set_fact(f"{LAST_ROUND} {source}", now.isoformat())


def _is_contact(desk: Surroundings, source: str) -> bool:
    """A stick that brings nothing new says nothing of the hub: one left in is no contact for ever."""
    kept = next(one for one in desk.store.fact(SOURCES, []) if one["identity"] == source)
    if not is_folder(kept["address"]):
        return True
    from assessor_desk.desk.by_folder import DeskLodging

    taken, known = DeskLodging(desk, source).facts().taken, desk.store.fact(BUNDLES, {})
    if known.get(source) == taken:
        return False
    desk.store.set_fact(BUNDLES, {**known, source: taken})
    return True


def _note_revoked(store: Store, kept: Mapping[str, Any], words: str) -> None:
    """Not of a hub that was connected again while the round asked: it spoke of the enrolment before."""
    with store.transaction() as work:
        here = next((one for one in work.fact(SOURCES, []) if one["identity"] == kept["identity"]), kept)
        # The token of a stick changes with its letters, and whoever connects by one is not asked meanwhile.
        if is_folder(kept["address"]) or here["token"] == kept["token"]:
            told = work.fact(REVOKED)
            known = told if isinstance(told, dict) else {}
            work.set_fact(REVOKED, {**known, kept["identity"]: words})
            work.commit()


def gave_certificate(desk: Surroundings, kept: Mapping[str, Any]) -> bool:
    """Whether a source gave out the certificate that the person signs with for it, and can be asked for the next."""
    profile = desk.store.fact(PROFILE)
    first = profile is not None and profile["source_address"] == kept["address"]
    return bool(kept.get("certified", first))


def _renewed(desk: Surroundings, source: Source, kept: Mapping[str, Any]) -> tuple[str, ...]:
    """What there is to say of the certificate that the source gave out."""
    if not gave_certificate(desk, kept):
        return ()
    own = desk.at(identity_for(desk.store, desk.identity, source.identity))
    return tuple(filter(None, (renew_where_due(own, source, trust_list(desk.store, source.identity)),)))


def source_of(desk: Surroundings, identity: str) -> Source:
    """The source of that name. Raises Refused where this desk is not connected to it (any more)."""
    for one in desk.store.fact(SOURCES, []):
        if one["identity"] == identity:
            return _source(desk, one)
    raise Refused("This desk is not connected to the source any more that has this. Connect it again")


def _source(desk: Surroundings, kept: Mapping[str, Any]) -> Source:
    if is_folder(kept["address"]):
        from assessor_desk.desk.by_folder import folder_source

        return folder_source(desk, kept)
    return HubSource(kept["address"], kept["token"], kept["identity"], kept["title"], desk.pace)


def _round(
    desk: Surroundings,
    source: Source,
    progress: Callable[[Progress], None],
    stop: threading.Event,
    terms: Terms,
) -> RoundResult:
    trusted = trust_list(desk.store, source.identity)

    def check(receipt: Receipt, digest: str) -> None:
        if trusted is None:
            raise Refused("There is no trust list to check the receipt with. Connect this desk again")
        check_receipt(receipt, digest, trusted, desk.clock())

    def vet(files: Mapping[str, bytes]) -> None:
        nonlocal trusted
        if trusted is not None:
            check_trust(files.get(TRUST, b""), files.get(TRUST_SIGNATURE, b""), trusted, desk.clock())
            fresh = TrustList.parse(files[TRUST])
            refuse_mixed(desk.store, source.identity, fresh)
            trusted = fresh

    def vouch(thing: Published, kind: str) -> Published:
        return thing if trusted is None else vouched(thing, kind, trusted, desk.clock())

    def stamped(stamp: TimeStamp) -> None:
        check_time_stamp(desk.store, stamp, trusted)

    done = Exchanged()

    def between() -> None:
        exchange_entries(desk, source, done)
        if terms.with_bytes and (wanted := _wanted(desk.store, source.identity, terms.originals)):
            desk.make_room(wanted)

    result = run_round(
        desk.store, desk.vault, source, desk.clock, progress, stop, check, vet, vouch, terms.originals, stamped,
        terms.with_bytes, between,
    )  # fmt: skip
    unsent = (done.unsent,) if done.unsent else ()
    fresh, again = ((), unsent) if done.unsent_before else (unsent, ())
    return replace(
        result, troubles=(*result.troubles, *done.troubles, *fresh), told=(*result.told, *told_of(done)),
        entries=done.came.total(), again=(*result.again, *again),
    )  # fmt: skip


def exchange_entries(desk: Surroundings, source: Source, done: Exchanged) -> None:
    """What the person's devices wrote, both ways, where the source hands it on; then it is part of what is shown."""
    if not isinstance(source, HubDevices):
        return
    more = source.heard is not None and note_joins(desk.store, source.identity, source.heard.joins)
    if more and desk.store.fact(joining_name(source.identity)) is None:
        done.notes.append("Another computer of yours asks to join. Open “Your devices” to compare its code.")
    person = sealed_for(desk.store, desk.identity, source.identity)
    known = (desk.store, source, source.identity, person, done)
    try:
        with desk.exchanging:
            hear(*known)
            desk.arrived()  # what follows from it goes with this round: there may be no next one
            exchange(*known)
            outbox = desk.store.path.parent / OUTBOX
            fetch_own_packets(desk.store, source, source.identity, outbox, desk.clock(), done.troubles.append)
    finally:
        desk.arrived()
    done.troubles[:] = dict.fromkeys(done.troubles)  # heard twice, what stays is told once


def _wanted(store: Store, source: str, originals: bool) -> list[WantedArtifact]:
    with store.reading() as view:
        return view.artifacts_wanted(source, originals, parked=True)


def _together(one: RoundResult, other: RoundResult) -> RoundResult:
    later = max((at for at in (one.not_before, other.not_before) if at is not None), default=None)
    sums: dict[str, Any] = {
        name: getattr(one, name) + getattr(other, name)
        for name in ("delivered", "taken", "fetched", "waiting", "troubles", "told", "entries", "again")
    }
    off = max(one.clock_off, other.clock_off, key=abs)
    return RoundResult(**sums, stopped=one.stopped or other.stopped, not_before=later, clock_off=off)
