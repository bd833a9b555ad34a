"""A certificate by file: the request that a desk writes, and the programme's answer to it.

The desk's first key is kept and its certificate replaced; a renewal is for the key that lies ready. For a programme
that this desk does not sign for yet there is a key of its own, which waits apart until the answer is here. None needs
a passphrase when the answer is taken in, as the key was wrapped when it was made.

::

    identity/enrolling/by-file/      signing-key.json  request.pem
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.connecting import PROFILE, gave_certificate, key_and_request, source_of
from assessor_desk.desk.identity import (
    REQUEST,
    WAITING,
    finish_exchange,
    is_asked_for,
    is_for,
    make_self_vouched,
    next_is_ready,
    next_request,
    note_asked,
    open_signer,
    prepare_next,
    request_here,
    take_next,
)
from assessor_desk.desk.programmes import (
    BY_FILE,
    SOURCES,
    TRUST,
    TRUST_SIGNATURE,
    folder_of,
    identity_for,
    place_for,
    refuse_mixed,
    revoked_here,
    roles_in_all,
    roles_of,
    trust_list,
)
from assessor_desk.desk.renewing import note_until, refuse_unvouched, renew_now
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.private_files import write_openly, write_privately
from assessor_desk.keys.signing import (
    CERTIFICATE_FILE,
    KEY_FILE,
    Signer,
    common_name,
    is_issued,
    key_words,
    load_identity,
    organisation,
    read_certificates,
    root_words,
    same_words,
    save_identity,
)
from assessor_desk.protocol.identity_files import IdentityAnswer, IdentityRequest
from assessor_desk.sync.vouching import check_trust
from assessor_desk.verdict.trust import TrustList, fingerprint_of

if TYPE_CHECKING:
    from cryptography import x509

    from assessor_desk.desk.connecting import Surroundings
    from assessor_desk.domain.roles import Role


#: In the place of a root's fingerprint: a programme that this desk does not sign for yet.
ANOTHER = "another"
_APART = "by-file"


def request_identity(
    desk: Surroundings, out: Path, passphrase: str, wanted: tuple[Role, ...], programme: str = ""
) -> str:
    """Write the request and give its key's words; see `Certified.request_identity`."""
    if programme == ANOTHER and _is_certified(desk.identity):
        return _request_another(desk, out, passphrase, wanted)
    if programme and programme != ANOTHER:
        desk = desk.at(folder_of(desk.identity, programme))
    person = _person(desk)
    if has_signing_key(desk):
        signer, counts = _present(desk, passphrase)
    else:
        counts = True
        roles_asked = [role.value for role in wanted]
        signer = make_self_vouched(desk.identity, passphrase, person, roles_asked, desk.clock())
    asked = wanted or tuple(roles_of(signer.certificate))
    if is_issued(signer.certificate):
        if not next_is_ready(desk.identity):
            prepare_next(desk.identity, passphrase, signer, desk.clock())
        csr, proof = next_request(desk.identity)
        # A signature that counts no more would have the request refused: then the programme asks who it is from.
        proof = proof if counts else b""
    else:
        csr, proof = signer.key.csr(signer.number), b""
        note_asked(desk.identity, csr)
    write_openly(out, IdentityRequest(csr, person, asked, proof).to_bytes())
    return key_words(csr)


def _request_another(desk: Surroundings, out: Path, passphrase: str, wanted: tuple[Role, ...]) -> str:
    """For a key of its own, which no other programme's key speaks for: that programme asks who it is from."""
    _, csr = key_and_request(desk.identity / WAITING / _APART, passphrase)
    asked = wanted or tuple(roles_of(load_identity(desk.identity)[0]))
    write_openly(out, IdentityRequest(csr.encode(), "", asked, b"").to_bytes())
    return key_words(csr.encode())


def asked_apart(desk: Surroundings) -> str:
    """The words of the key for which a programme that this desk does not sign for yet was asked; else empty."""
    request = desk.identity / WAITING / _APART / REQUEST
    return key_words(request.read_bytes()) if request.exists() else ""


def _is_certified(folder: Path) -> bool:
    return (folder / CERTIFICATE_FILE).exists() and is_issued(load_identity(folder)[0])


def _person(desk: Surroundings) -> str:
    """The person's number in the programme of an identity folder; empty where it gave none yet."""
    if desk.further:
        return common_name(load_identity(desk.identity)[0])
    profile = desk.store.fact(PROFILE)
    return "" if profile is None else str(profile["person"])


def _present(desk: Surroundings, passphrase: str) -> tuple[Signer, bool]:
    """The key and certificate here, and whether they count: neither ended nor revoked."""
    certificate = load_identity(desk.identity)[0]
    if certificate.not_valid_after_utc < desk.clock():
        return Signer.open(desk.identity, passphrase), False
    signer = open_signer(desk.identity, passphrase, desk.clock())
    return signer, not revoked_here(desk.store, signer.certificate)


def has_signing_key(desk: Surroundings) -> bool:
    """Whether there is a key to sign with, whoever vouches for it."""
    return (desk.identity / KEY_FILE).exists()


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """What an answer says before it is taken in. `fingerprint` is its root's, in groups for two people to compare.

    `known` is whether this desk trusts that root already; else only the programme can say that the groups are its own.
    `root` is the SHA-256 that they are the beginning of.
    """

    person: str
    programme: str
    fingerprint: str
    known: bool
    root: str = ""


def examine_identity(desk: Surroundings, data: bytes) -> AnswerSeen:
    """Look at an answer; see `Certified.examine_identity`."""
    answer = IdentityAnswer.from_bytes(data)
    root = _root(answer)
    known = _is_known(desk, root)
    return AnswerSeen(answer.person, answer.programme, root_words(root), known, fingerprint_of(root))


def import_identity(desk: Surroundings, data: bytes, fingerprint: str) -> None:
    """Take an answer in; see `Certified.import_identity`. Where that was cut short anywhere, it can be done again."""
    answer = IdentityAnswer.from_bytes(data)
    certificate = read_certificates(answer.certificate)[0]
    place = place_for(desk.identity, answer.chain)
    _refuse_another_person(desk, answer, certificate, place)
    trust = _trust_in(desk, answer, fingerprint, _list_name(place))
    refuse_unvouched(certificate, trust, desk.clock())
    own = desk.at(desk.identity / place)
    apart = desk.identity / WAITING / _APART
    _take(own, answer, certificate, apart)
    _keep(own, answer, _list_name(place), _roles(desk, place, answer))
    note_until(own, certificate.not_valid_after_utc)
    _forget_asking(own, certificate, apart)


def _take(own: Surroundings, answer: IdentityAnswer, certificate: x509.Certificate, apart: Path) -> None:
    """Put the certificate beside its key, and take both into use. Where that is done already, nothing is."""
    folder = own.identity
    finish_exchange(folder)
    if _has(folder, certificate):
        return  # an import that was cut short goes on
    if next_is_ready(folder) and is_for(certificate, next_request(folder)[0]):
        take_next(folder, answer.certificate, answer.chain, lambda _: None)
        return
    if not own.further and is_asked_for(folder) and is_for(certificate, request_here(folder)):
        save_identity(folder, answer.certificate, answer.chain)
        return
    asked = apart / REQUEST
    if (
        own.further
        and asked.exists()
        and is_for(certificate, asked.read_bytes())
        and not _is_certified(folder)
    ):
        write_privately(folder / KEY_FILE, (apart / KEY_FILE).read_bytes())
        save_identity(folder, answer.certificate, answer.chain)
        return
    if not (own.further or is_asked_for(folder) or next_is_ready(folder)):
        request_here(folder)
    raise Refused("This certificate is for another key than the one this desk asked with. Request one again")


def _has(folder: Path, certificate: x509.Certificate) -> bool:
    here = all((folder / name).exists() for name in (KEY_FILE, CERTIFICATE_FILE))
    return here and load_identity(folder)[0] == certificate


def _forget_asking(own: Surroundings, certificate: x509.Certificate, apart: Path) -> None:
    """The answer is here with all that belongs to it: only now does no request wait for it any more."""
    (own.identity / REQUEST).unlink(missing_ok=True)
    asked = apart / REQUEST
    if asked.exists() and is_for(certificate, asked.read_bytes()):
        (apart / KEY_FILE).unlink(missing_ok=True)
        asked.unlink()


def _list_name(place: str) -> str:
    """In the place of a source's name: what came in a file, of a further programme with its root."""
    return f"{BY_FILE} {place}" if place else BY_FILE


def _refuse_another_person(
    desk: Surroundings, answer: IdentityAnswer, certificate: x509.Certificate, place: str
) -> None:
    if common_name(certificate) != answer.person or organisation(certificate) == "":
        raise Damaged("The file's certificate is not whose the file says it is. Tell your programme")
    own = desk.at(desk.identity / place)
    person = "" if own.further and not _is_certified(own.identity) else _person(own)
    if person not in ("", answer.person):
        raise Refused(f"This desk belongs to {person} and the certificate to {answer.person}")


def _trust_in(desk: Surroundings, answer: IdentityAnswer, fingerprint: str, name: str) -> TrustList:
    """The answer's trust list, signed by the issuer of the list here.

    Of a programme that is not known here yet it is signed by its own issuer, which anybody could be: so the person must
    have compared the root's fingerprint with the programme.
    """
    pem, signature = answer.trust[TRUST], answer.trust[TRUST_SIGNATURE]
    fresh, root = TrustList.parse(pem), _root(answer)
    here = trust_list(desk.store)
    known = next((one for one in here.programmes if one.roots[0] == root), None) if here else None
    if known is None:
        _refuse_unconfirmed(root, fingerprint)
    check_trust(pem, signature, known or fresh, desk.clock())
    refuse_mixed(desk.store, name, fresh)
    return fresh


def _root(answer: IdentityAnswer) -> x509.Certificate:
    """The one root that an answer would have this desk trust. Raises Damaged where it is not what its chain ends in."""
    roots = set(TrustList.parse(answer.trust[TRUST]).roots)
    if roots != {read_certificates(answer.chain)[-1]}:
        raise Damaged("The file's trust list is not its certificate's. Tell your programme")
    return roots.pop()


def _is_known(desk: Surroundings, root: x509.Certificate) -> bool:
    here = trust_list(desk.store)
    return here is not None and root in here.roots


def _refuse_unconfirmed(root: x509.Certificate, fingerprint: str) -> None:
    words = root_words(root)
    if not fingerprint:
        raise Refused(
            f"This desk does not know the programme yet. Its fingerprint is {words}: compare it with what the "
            "programme tells you, and confirm it"
        )
    if not same_words(words, fingerprint):
        raise Refused(
            f"The file's programme has the fingerprint {words}, not {fingerprint}: it is another's. Tell your programme"
        )


def _roles(desk: Surroundings, place: str, answer: IdentityAnswer) -> list[str]:
    """Of the hubs that certify at the same place nothing is asked: the answer is newer than what they told."""
    others = [one for one in desk.store.fact(SOURCES, []) if one.get("identity_at", "") != place]
    return roles_in_all(desk.identity, place, [role.value for role in answer.roles], others)


def _keep(own: Surroundings, answer: IdentityAnswer, name: str, everywhere: list[str]) -> None:
    """The profile tells of the first programme, with the roles that the person has in any."""
    with own.store.transaction() as work:
        known = work.fact(PROFILE) or {"source_title": "", "source_address": "", "certificate_until": None}
        if not own.further:
            known |= {"person": answer.person, "programme": answer.programme}
        known["roles"] = everywhere
        work.set_fact(PROFILE, known)
        work.accept(SourceChanges("", trust=answer.trust), trust_of=name)
        work.commit()


def renew_with_source(desk: Surroundings, passphrase: str, programme: str = "") -> str:
    """Ask the sources that gave certificates out for the next ones, or the one of a programme; a sentence on it."""
    folder = folder_of(desk.identity, programme) if programme else None
    places = [
        (one["identity"], identity_for(desk.store, desk.identity, one["identity"]))
        for one in desk.store.fact(SOURCES, [])
        if gave_certificate(desk, one)
    ]
    asked = [source for source, place in places if folder in (None, place) and _is_certified(place)]
    if not asked:
        open_signer(folder or desk.identity, passphrase, desk.clock())
        raise Refused("No hub gave this certificate out. Request the next one by file")
    return " ".join(dict.fromkeys(_renewed_by(desk, source, passphrase) for source in asked))


def _renewed_by(desk: Surroundings, identity: str, passphrase: str) -> str:
    own = desk.at(identity_for(desk.store, desk.identity, identity))
    signer = open_signer(own.identity, passphrase, desk.clock())
    if not next_is_ready(own.identity):
        prepare_next(own.identity, passphrase, signer, desk.clock())
    source = source_of(desk, identity)
    try:
        return renew_now(own, source, trust_list(desk.store, identity))
    finally:
        source.close()
