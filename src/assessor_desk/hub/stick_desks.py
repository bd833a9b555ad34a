"""Desks that come by stick: letting them in, and what the hub remembers of each.

Letting in is what enrolling is on the network, except that in place of a code a person at the hub has compared the
key's words with whoever made the request.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from cryptography import x509
from cryptography.x509.oid import NameOID

from assessor_desk.domain.changes import Enrolment
from assessor_desk.domain.errors import Damaged
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.certifying import Who, new_person, person_to_certify
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller, hashed, is_enrolled, issue, keep_certificate, serial_of
from assessor_desk.keys.letters import LetterKey, refuse_no_recipient
from assessor_desk.keys.signing import key_words, read_request
from assessor_desk.protocol.stick import Stick, StickRequest, desk_name

_KEY, _DESK = "stick key", "stick desk "


@dataclass(frozen=True, slots=True)
class Asking:
    """A request on a stick. `key` are the words to compare with the person who made it."""

    desk: str
    key: str
    device: str
    recipient: str
    csr: str


@dataclass(frozen=True, slots=True)
class StickDesk:
    """A desk that was let in.

    `sequence` is the number of the last bundle for it, `letter` that of the newest letter read, `held` the sealed files
    that it said to have. `token` is kept until a letter shows that the desk has it: an answer may be lost on its way,
    and another token in it would lock out a desk that had the first.
    """

    desk: str
    device: str
    recipient: str
    request_hash: str
    sequence: int = 0
    letter: int = 0
    held: tuple[str, ...] = ()
    token: str = field(default="", repr=False)


def hub_key(hub: Hub) -> LetterKey:
    """What letters to this hub are encrypted to, made when it is first asked for."""
    query = sa.select(t.facts.c.value).where(t.facts.c.name == _KEY)
    with hub.database.writing() as work:
        known = work.execute(query).scalar()
        if known is not None:
            return LetterKey(known)
        key = LetterKey.generate()
        work.execute(sa.insert(t.facts).values(name=_KEY, value=key.secret))
    return key


def asking_on(stick: Stick, desk: str) -> Asking | None:
    """The request of a desk, None where there is none. Raises Refused or Damaged where it does not hold."""
    request = stick.request(desk)
    return None if request is None else _asking(stick, desk, request)


def _asking(stick: Stick, desk: str, request: StickRequest) -> Asking:
    csr = request.csr.encode("ascii", "replace")
    recipient = _name_in(read_request(csr))
    refuse_no_recipient(recipient)
    if desk_name(recipient) != desk:
        raise Damaged(f"{stick.from_desk(desk)} holds another desk's request. Ask the person for it again")
    return Asking(desk, key_words(csr), request.device, recipient, request.csr)


def _name_in(request: x509.CertificateSigningRequest) -> str:
    names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def known_desk(hub: Hub, desk: str) -> StickDesk | None:
    """What is remembered of a desk."""
    query = sa.select(t.facts.c.value).where(t.facts.c.name == _DESK + desk)
    with hub.database.reading() as view:
        kept: dict[str, Any] | None = view.execute(query).scalar()
    return None if kept is None else StickDesk(**{**kept, "held": tuple(kept["held"])})


def what_is_remembered() -> sa.ColumnElement[bool]:
    """Rows of `tables.facts` by which desks come by stick. They belong to the computers that were let in: without them
    their letters cannot be opened, and they are given nothing.
    """
    own = t.facts.c.name
    return sa.or_(own == _KEY, own.startswith(_DESK, autoescape=True))


def remember(hub: Hub, desk: StickDesk) -> None:
    """Keep what is known of a desk."""
    with hub.database.writing() as work:
        _remember(work, desk)


def _remember(work: sa.Connection, desk: StickDesk) -> None:
    name = _DESK + desk.desk
    work.execute(sa.delete(t.facts).where(t.facts.c.name == name))
    work.execute(sa.insert(t.facts).values(name=name, value=asdict(desk)))


def caller_from(hub: Hub, desk: StickDesk) -> Caller:
    """The person and computer behind a desk, whether their enrolment still counts or not."""
    devices, people = t.devices.c, t.people.c
    query = (
        sa.select(devices.id, people.number, people.roles)
        .join(t.people, people.number == devices.person)
        .where(devices.id == desk.device)
    )
    with hub.database.reading() as view:
        row = view.execute(query).one()
    return Caller(row.number, row.id, tuple(map(Role, row.roles)))


def is_let_in(hub: Hub, asking: Asking, known: StickDesk | None) -> bool:
    """Whether that very request was answered before, for a computer that still counts.

    Its answer may have been lost.
    """
    if known is None or known.request_hash != _request_hash(asking):
        return False
    return is_enrolled(hub, caller_from(hub, known))


def let_in(hub: Hub, asking: Asking, who: Who | None) -> tuple[StickDesk, Enrolment]:
    """Enrol the desk behind a request for `who`; None where it was let in before, and only its answer is given again.

    The same request gets the same certificate, and the same token until the desk has shown that it has it.
    Raises Refused for nobody named, an
    unknown or revoked person and a bad request.
    """
    known = known_desk(hub, asking.desk)
    again = known if is_let_in(hub, asking, known) else None
    if again is not None:
        number = caller_from(hub, again).person
    else:
        assert who is not None
        number = who.number or new_person(hub, who)
    person = person_to_certify(hub, number)
    certificate = _certificate_of(hub, again) if again else issue(hub, asking.csr, person)
    token = (again.token if again else "") or secrets.token_urlsafe(32)
    device = again.device if again else str(uuid4())
    kept = {
        "person": number,
        "title": asking.device,
        "token_hash": hashed(token),
        "serial": serial_of(certificate),
    }
    fresh = again or StickDesk(asking.desk, device, asking.recipient, _request_hash(asking))
    fresh = replace(fresh, sequence=known.sequence if known else 0, token=token)
    with hub.database.writing() as work:
        _keep_device(hub, work, fresh, kept, certificate, new=again is None)
    enrolment = Enrolment(
        number, hub.programme, tuple(map(Role, person.roles)), hub.identity, hub.title, token,
        certificate.decode(), hub.authority.chain().decode(), hub.trust(),
    )  # fmt: skip
    return fresh, enrolment


def _request_hash(asking: Asking) -> str:
    return hashlib.sha256(asking.csr.encode()).hexdigest()


def _certificate_of(hub: Hub, desk: StickDesk) -> bytes:
    own = t.certificates.c
    query = sa.select(own.content).where(own.device == desk.device, own.request_hash == desk.request_hash)
    with hub.database.reading() as view:
        return bytes(view.execute(query).scalar_one())


def _keep_device(
    hub: Hub, work: sa.Connection, desk: StickDesk, kept: dict[str, str], certificate: bytes, *, new: bool
) -> None:
    now, devices = hub.clock(), t.devices.c
    if new:
        work.execute(sa.insert(t.devices).values(id=desk.device, enrolled_at=now, **kept))
        keep_certificate(work, certificate, kept["person"], desk.device, desk.request_hash, now)
        line = Line(
            Act.ENROLLED, desk.device, person=kept["person"], device=desk.device, detail=kept["serial"]
        )
        append(work, now, line)
    else:
        fresh_token = {"token_hash": kept["token_hash"]}
        work.execute(sa.update(t.devices).where(devices.id == desk.device).values(**fresh_token))
    _remember(work, desk)
