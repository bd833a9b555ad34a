"""A certificate by file: the request that a desk writes, and the programme's answer to it.

The desk's first key is kept and its certificate replaced; a renewal is for the key that lies ready. Neither needs a
passphrase when the answer is taken in, as the key was wrapped when it was made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.connecting import PROFILE, SOURCES, TRUST, TRUST_SIGNATURE, source_of, trust_list
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
    organisation,
    read_certificates,
    roles,
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
        signer = open_signer(desk.identity, passphrase, desk.clock())
    else:
        roles_asked = [role.value for role in wanted]
        signer = make_self_vouched(desk.identity, passphrase, person, roles_asked, desk.clock())
    asked = wanted or tuple(_known_roles(signer))
    if is_issued(signer.certificate):
        if not next_is_ready(desk.identity):
            prepare_next(desk.identity, passphrase, signer, desk.clock())
        csr, proof = next_request(desk.identity)
    else:
        csr, proof = signer.key.csr(signer.number), b""
        note_asked(desk.identity, csr)
    write_openly(out, IdentityRequest(csr, person, asked, proof).to_bytes())
    return key_words(csr)


def has_signing_key(desk: Surroundings) -> bool:
    """Whether there is a key to sign with, whoever vouches for it."""
    return (desk.identity / KEY_FILE).exists()


def _known_roles(signer: Signer) -> list[Role]:
    from assessor_desk.domain.roles import Role

    return [Role(one) for one in roles(signer.certificate) if one in set(Role)]


def import_identity(desk: Surroundings, data: bytes) -> None:
    """Take an answer in; see `Certified.import_identity`."""
    answer = IdentityAnswer.from_bytes(data)
    certificate = read_certificates(answer.certificate)[0]
    _refuse_another_person(desk, answer, certificate)
    trust = _trust_in(desk, answer)
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


def _trust_in(desk: Surroundings, answer: IdentityAnswer) -> TrustList:
    """The answer's trust list: signed by the issuer of the list here, or, where there is none yet, by its own."""
    pem, signature = answer.trust[TRUST], answer.trust[TRUST_SIGNATURE]
    fresh = TrustList.parse(pem)
    check_trust(pem, signature, trust_list(desk.store) or fresh, desk.clock())
    return fresh


def _keep(desk: Surroundings, answer: IdentityAnswer) -> None:
    with desk.store.transaction() as work:
        known = work.fact(PROFILE) or {"source_title": "", "source_address": "", "certificate_until": None}
        told = {"person": answer.person, "programme": answer.programme}
        work.set_fact(PROFILE, {**known, **told, "roles": [role.value for role in answer.roles]})
        work.accept(SourceChanges("", trust=answer.trust))
        work.commit()


def renew_with_source(desk: Surroundings, passphrase: str) -> str:
    """Ask the source that gave the certificate out for the next one; a sentence on it."""
    profile = desk.store.fact(PROFILE)
    signer = open_signer(desk.identity, passphrase, desk.clock())
    sources = [
        one for one in desk.store.fact(SOURCES, []) if profile and one["address"] == profile["source_address"]
    ]
    if not sources or not is_issued(signer.certificate):
        raise Refused("No hub gave this certificate out. Request the next one by file")
    if not next_is_ready(desk.identity):
        prepare_next(desk.identity, passphrase, signer, desk.clock())
    source = source_of(desk, sources[0]["identity"])
    try:
        return renew_now(desk, source, trust_list(desk.store))
    finally:
        source.close()
