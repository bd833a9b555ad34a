"""A certificate by file: the request that a desk writes, and the programme's answer to it.

The desk's first key is kept and its certificate replaced; a renewal is for the key that lies ready. Neither needs a
passphrase when the answer is taken in, as the key was wrapped when it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.connecting import PROFILE, gave_certificate, source_of
from assessor_desk.desk.identity import (
    REQUEST,
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
    identity_for,
    place_for,
    refuse_mixed,
    revoked_here,
    trust_list,
)
from assessor_desk.desk.renewing import note_until, refuse_unvouched, renew_now
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.private_files import write_openly
from assessor_desk.keys.signing import (
    KEY_FILE,
    Signer,
    common_name,
    is_issued,
    key_words,
    load_identity,
    organisation,
    read_certificates,
    roles,
    root_words,
    same_words,
    save_identity,
)
from assessor_desk.protocol.identity_files import IdentityAnswer, IdentityRequest
from assessor_desk.sync.vouching import check_trust
from assessor_desk.verdict.trust import TrustList

if TYPE_CHECKING:
    from cryptography import x509

    from assessor_desk.desk.connecting import Surroundings
    from assessor_desk.domain.roles import Role


def request_identity(desk: Surroundings, out: Path, passphrase: str, wanted: tuple[Role, ...]) -> str:
    """Write the request and give its key's words; see `Certified.request_identity`."""
    profile = desk.store.fact(PROFILE)
    person = "" if profile is None else profile["person"]
    if has_signing_key(desk):
        signer, counts = _present(desk, passphrase)
    else:
        counts = True
        roles_asked = [role.value for role in wanted]
        signer = make_self_vouched(desk.identity, passphrase, person, roles_asked, desk.clock())
    asked = wanted or tuple(_known_roles(signer))
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


def _known_roles(signer: Signer) -> list[Role]:
    from assessor_desk.domain.roles import Role

    return [Role(one) for one in roles(signer.certificate) if one in set(Role)]


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """What an answer says before it is taken in. `fingerprint` is its root's, in groups for two people to compare.

    `known` is whether this desk trusts that root already; else only the programme can say that the groups are its own.
    """

    person: str
    programme: str
    fingerprint: str
    known: bool


def examine_identity(desk: Surroundings, data: bytes) -> AnswerSeen:
    """Look at an answer; see `Certified.examine_identity`."""
    answer = IdentityAnswer.from_bytes(data)
    root = _root(answer)
    return AnswerSeen(answer.person, answer.programme, root_words(root), _is_known(desk, root))


def import_identity(desk: Surroundings, data: bytes, fingerprint: str) -> None:
    """Take an answer in; see `Certified.import_identity`."""
    answer = IdentityAnswer.from_bytes(data)
    certificate = read_certificates(answer.certificate)[0]
    _refuse_another_person(desk, answer, certificate)
    trust = _trust_in(desk, answer, fingerprint)
    refuse_unvouched(certificate, trust, desk.clock())
    if next_is_ready(desk.identity) and is_for(certificate, next_request(desk.identity)[0]):
        until = take_next(desk.identity, answer.certificate, answer.chain, lambda _: None)
    elif is_for(certificate, request_here(desk.identity)):
        save_identity(desk.identity, answer.certificate, answer.chain)
        (desk.identity / REQUEST).unlink()
        until = certificate.not_valid_after_utc
    else:
        raise Refused(
            "This certificate is for another key than the one this desk asked with. Request one again"
        )
    _keep(desk, answer)
    note_until(desk, until)


def _refuse_another_person(desk: Surroundings, answer: IdentityAnswer, certificate: x509.Certificate) -> None:
    if common_name(certificate) != answer.person or organisation(certificate) == "":
        raise Damaged("The file's certificate is not whose the file says it is. Tell your programme")
    profile = desk.store.fact(PROFILE)
    if profile is not None and profile["person"] != answer.person:
        raise Refused(f"This desk belongs to {profile['person']} and the certificate to {answer.person}")


def _trust_in(desk: Surroundings, answer: IdentityAnswer, fingerprint: str) -> TrustList:
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
        if place_for(desk.identity, answer.chain):
            raise Refused(
                "This certificate is of another programme than the one that this desk signs for. Make another desk for "
                "it, or connect to its hub"
            )
    check_trust(pem, signature, known or fresh, desk.clock())
    refuse_mixed(desk.store, BY_FILE, fresh)
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


def _keep(desk: Surroundings, answer: IdentityAnswer) -> None:
    with desk.store.transaction() as work:
        known = work.fact(PROFILE) or {"source_title": "", "source_address": "", "certificate_until": None}
        told = {"person": answer.person, "programme": answer.programme}
        work.set_fact(PROFILE, {**known, **told, "roles": [role.value for role in answer.roles]})
        work.accept(SourceChanges("", trust=answer.trust), trust_of=BY_FILE)
        work.commit()


def renew_with_source(desk: Surroundings, passphrase: str) -> str:
    """Ask the source that gave the certificate out for the next one; a sentence on it."""
    signer = open_signer(desk.identity, passphrase, desk.clock())
    sources = [one for one in desk.store.fact(SOURCES, []) if gave_certificate(desk, one)]
    if not sources or not is_issued(signer.certificate):
        raise Refused("No hub gave this certificate out. Request the next one by file")
    return " ".join(dict.fromkeys(_renewed_by(desk, one["identity"], passphrase) for one in sources))


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
