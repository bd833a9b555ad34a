"""Answering requests for certificates that come as files: from desks that reach no hub of the programme's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, keep_certificate, serial_of
from assessor_desk.keys.private_files import write_openly, write_openly_together
from assessor_desk.keys.signing import common_name, key_words, root_words
from assessor_desk.protocol.identity_files import IdentityAnswer, IdentityRequest
from assessor_desk.verdict.detached import verify_detached
from assessor_desk.verdict.trust import TrustList


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a request is from: the `number` of a person who is here, or a new one's name and roles."""

    number: str = ""
    name: str = ""
    roles: tuple[Role, ...] = ()
    email: str = ""


def answer_request(hub: Hub, request: IdentityRequest, who: Who) -> IdentityAnswer:
    """A certificate for the key in a request, written down so that revoking the person ends it too.

    A renewal names its person by the key that signed it. The same request is answered by the same certificate. Raises
    Refused for a bad request, an unknown or revoked person, and where nobody is named.
    """
    number, device = _renewed_by(hub, request) if request.proof else (who.number, "")
    if who.number and who.number != number:
        raise Refused(f"The request was signed by {number}, not by {who.number}")
    if not number:
        number = new_person(hub, who)
    person = person_to_certify(hub, number)
    certificate = _certificate(hub, request, person, device)
    roles = tuple(Role(role) for role in person.roles)
    hub.renew_trust()
    return IdentityAnswer(number, hub.programme, roles, certificate, hub.authority.chain(), hub.trust())


def answer_file(hub: Hub, path: Path, out: Path, who: Who, key: str = "") -> tuple[str, str]:
    """Answer the request in a file with a file; the person's number and the key's words.

    Where the person told their `key` it must be that. Raises Refused as `answer_request`, and where `out` is there.
    """
    try:
        request = IdentityRequest.from_bytes(path.read_bytes())
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from error
    words = key_words(request.csr)
    if key and key.strip().upper() != words:
        raise Refused(f"The request is for key {words}, not {key}: it is not what the person made")
    if out.exists():
        raise Refused(f"{out} is there already. Name a new file for the answer")
    answer = answer_request(hub, request, who)
    write_openly(out, answer.to_bytes())
    return answer.person, words


def fingerprint(hub: Hub) -> str:
    """The programme's root in groups, which whoever imports a certificate by file compares."""
    return root_words(hub.authority.root)


def publish_trust(hub: Hub, folder: Path) -> list[Path]:
    """Write the trust list, made anew, and its signature into a folder."""
    hub.renew_trust()
    files = {folder / name: content for name, content in hub.trust().items()}
    write_openly_together(files)
    return list(files)


def new_person(hub: Hub, who: Who) -> str:
    """Add whoever a request is from. Raises Refused where nobody is named."""
    if not who.name:
        raise Refused("Say whose request it is: --number of somebody who is here, or --name and --role")
    return add_person(hub, who.name, who.roles, who.email)


def person_to_certify(hub: Hub, number: str) -> sa.Row[Any, Any]:
    """Who a certificate is for. Raises Refused for nobody here, and for somebody whose enrolment was revoked."""
    with hub.database.reading() as view:
        row = view.execute(sa.select(t.people).where(t.people.c.number == number)).first()
    if row is None or row.revoked_at is not None:
        raise Refused(f"There is no person {number} who could be given a certificate. See “hub people”")
    return row


def _certificate(hub: Hub, request: IdentityRequest, person: sa.Row[Any, Any], device: str) -> bytes:
    request_hash = hashlib.sha256(request.csr).hexdigest()
    own = t.certificates.c
    known = sa.select(own.content).where(own.person == person.number, own.request_hash == request_hash)
    with hub.database.reading() as view:
        if content := view.execute(known).scalar():
            return bytes(content)
    roles: Iterable[str] = person.roles
    certificate = hub.authority.issue(request.csr, person.number, roles)
    with hub.database.writing() as work:
        keep_certificate(work, certificate, person.number, device, request_hash, hub.clock())
        append(work, hub.clock(), Line(Act.CERTIFIED, person.number, detail=serial_of(certificate)))
    return certificate


def _renewed_by(hub: Hub, request: IdentityRequest) -> tuple[str, str]:
    """The number of whoever signed a renewal, and their device where it is one of this hub's.

    Raises Refused where the signature does not hold or its certificate was not given out here.
    """
    trust = TrustList.parse(hub.authority.trust_list())
    try:
        signed = verify_detached(request.csr, request.proof, trust, hub.clock()).certificate
    except Damaged as trouble:
        raise Refused(f"The request does not hold. {trouble}") from trouble
    own = t.certificates.c
    query = sa.select(own.person, own.device).where(own.serial == str(signed.serial_number))
    with hub.database.reading() as view:
        known = view.execute(query).first()
    if known is None or known.person != common_name(signed):
        raise Refused("The request was signed with a certificate that was not given out to a person here")
    if signed.not_valid_after_utc < hub.clock():
        raise Refused("The certificate to be renewed has ended. Let the person make a new request")
    return known.person, known.device
