"""Who may use a hub: people, their one-time enrolment codes, their devices.

Codes and tokens are random and long (80 and 256 bits), so a plain SHA-256 keeps them: there is nothing
to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from assessor_desk.domain.changes import Enrolment
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.endings import numbers_ended
from assessor_desk.hub.endings_kept import keep_soon
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.limits import limits_of
from assessor_desk.hub.naming import refuse_odd_number, refuse_unshowable
from assessor_desk.keys.authority import refuse_unknown_reason
from assessor_desk.keys.signing import read_certificates
from assessor_desk.protocol.messages import ENROLMENT_REVOKED

CODE_LIFE = timedelta(days=14)
#: After so many wrong codes from one address within this time (`hub limits`) no more are looked at until it has passed.
TRIES_WITHIN = timedelta(minutes=15)
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"  # Crockford's base 32: no I, L, O, U
#: What a desk is told of why it was revoked, by RFC 5280's word; nothing where no reason was given.
REASON_WORDS = {
    "keyCompromise": "its key may be known to others",
    "cACompromise": "the programme's own keys may be known to others",
    "aACompromise": "the programme's own keys may be known to others",
    "affiliationChanged": "your work for the programme has changed",
    "superseded": "another certificate took the place of its own",
    "cessationOfOperation": "it is not used for the programme any more",
    "privilegeWithdrawn": "the programme withdrew the right to sign",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The person and device behind a request."""

    person: str
    device: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as `hub people` lists them."""

    number: str
    name: str
    roles: tuple[Role, ...]
    devices: int
    assignments: int
    revoked_at: datetime | None


#: So old at most is the trust list that goes with an enrolment.
_FRESH_TRUST = timedelta(minutes=1)


def add_person(hub: Hub, name: str, roles: Iterable[Role], email: str = "", number: str = "") -> str:
    """Make a person and give them a number, the only thing that certificates and packets call them by.

    Raises Refused without a name or a role, for a number that is taken or is none, and for a name or address that no
    list could show on one line.
    """
    chosen = sorted({Role(role) for role in roles})
    if not name.strip() or not chosen:
        raise Refused("A person needs a name and at least one role")
    refuse_unshowable("name", name)
    refuse_unshowable("e-mail address", email)
    if number:
        refuse_odd_number(number)
    with hub.database.writing() as work:
        taken = {*work.execute(sa.select(t.people.c.number)).scalars(), *numbers_ended(work)}
        if number in taken:
            raise Refused(f"The number {number} is taken. Leave it out to get the next one")
        own = number or next(n for n in (f"P-{1001 + i}" for i in range(len(taken) + 1)) if n not in taken)
        row = {"number": own, "name": name.strip(), "email": email, "roles": [r.value for r in chosen]}
        work.execute(sa.insert(t.people).values(**row, joined_at=hub.clock()))
        append(work, hub.clock(), Line(Act.ADDED, own, detail=", ".join(row["roles"])))
    return own


def new_code(hub: Hub, number: str, valid_for: timedelta = CODE_LIFE) -> str:
    """A one-time code for enrolling one device. Raises Refused for an unknown or revoked person."""
    code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    with hub.database.writing() as work:
        found = work.execute(sa.select(t.people).where(t.people.c.number == number)).first()
        if found is None or found.revoked_at is not None:
            raise Refused(f"There is no person {number} who could enrol. See “hub people”")
        expires = hub.clock() + valid_for
        work.execute(sa.insert(t.codes).values(hash=hashed(_plain(code)), person=number, expires_at=expires))
        append(work, hub.clock(), Line(Act.GAVE_CODE, number))
    return code


def list_people(hub: Hub) -> list[Person]:
    """Everybody who was ever added, by number."""
    devices = _count(t.devices, t.devices.c.revoked_at.is_(None))
    assignments = _count(t.assignments, t.assignments.c.withdrawn_at.is_(None))
    with hub.database.reading() as view:
        rows = view.execute(sa.select(t.people, devices, assignments).order_by(t.people.c.number)).all()
    return [
        Person(r.number, r.name, tuple(map(Role, r.roles)), r.devices, r.assignments, r.revoked_at)
        for r in rows
    ]


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device as `hub people NUMBER` lists it. `revoked_for` is RFC 5280's word."""

    id: str
    title: str
    enrolled_at: datetime
    certified_until: datetime | None
    revoked_at: datetime | None
    revoked_for: str


def devices_of(hub: Hub, number: str) -> list[KnownDevice]:
    """A person's devices, oldest first. Raises Refused for an unknown person."""
    own = t.certificates.c
    with hub.database.reading() as view:
        if view.execute(sa.select(t.people.c.number).where(t.people.c.number == number)).first() is None:
            raise Refused(f"There is no person {number}. See “hub people”")
        query = sa.select(t.devices, own.content).outerjoin(t.certificates, own.serial == t.devices.c.serial)
        rows = view.execute(query.where(t.devices.c.person == number).order_by(t.devices.c.enrolled_at)).all()
    return [
        KnownDevice(r.id, r.title, r.enrolled_at, _until(r.content), r.revoked_at, r.revoked_for)
        for r in rows
    ]


def _until(certificate: bytes | None) -> datetime | None:
    return read_certificates(certificate)[0].not_valid_after_utc if certificate else None


def enrol_device(hub: Hub, code: str, csr: str, title: str, address: str) -> Enrolment:
    """Trade a code for a token and a certificate.

    The same code with the same request is answered again until it expires, with a new token and certificate in
    place of the first: an answer can be lost on its way. Raises Declined: 429 after too many wrong codes, 403 for a
    code that is unknown, used or too old, 400 for a bad request.
    """
    code_hash, request_hash = hashed(_plain(code)), hashed(csr)
    person = _person_behind(hub, code_hash, request_hash, address)
    if person is None:
        raise Declined(403, "This code is not known, was used, or has expired. Ask the issuer for a new one")
    certificate = issue(hub, csr, person)
    serial = serial_of(certificate)
    token = secrets.token_urlsafe(32)
    kept = {"person": person.number, "title": title, "token_hash": hashed(token), "serial": serial}
    replaced = _keep_device(hub, code_hash, request_hash, kept, certificate)
    if replaced:
        # For the same key: were it left to count, revoking the device would not end it.
        hub.authority.revoke(int(replaced), "superseded")
        hub.renew_trust()
    # A computer that was enrolled here before this hub was put back from a copy takes no list older than its own.
    hub.renew_old_trust(_FRESH_TRUST)
    return Enrolment(
        person=person.number,
        programme=hub.programme,
        roles=tuple(map(Role, person.roles)),
        identity=hub.identity,
        title=hub.title,
        token=token,
        certificate=certificate.decode(),
        chain=hub.authority.chain().decode(),
        trust=hub.trust(),
    )


_ENDED = sa.or_(t.devices.c.revoked_at.is_not(None), t.people.c.revoked_at.is_not(None))
#: Asked with every request, and so put together once.
_WHOSE = (
    sa.select(
        t.devices.c.id, t.people.c.number, t.people.c.roles, _ENDED.label("ended"), t.devices.c.revoked_for
    )
    .join(t.people, t.people.c.number == t.devices.c.person)
    .where(t.devices.c.token_hash == sa.bindparam("hash"))
)


def caller_of(hub: Hub, token: str) -> Caller:
    """Whose token this is.

    Raises Declined (401) for one that is unknown or revoked. Only a token that was once good learns that it was
    revoked: its desk then removes the evidence, which a hub put back from an old copy must not bring about.
    """
    with hub.database.looking() as view:
        row = view.execute(_WHOSE, {"hash": hashed(token)}).first()
    if row is None:
        raise Declined(401, "This computer is not enrolled here. Ask for a new code")
    if row.ended:
        raise _ended(row.revoked_for)
    return Caller(row.number, row.id, tuple(map(Role, row.roles)))


def refuse_ended(view: sa.Connection, caller: Caller) -> None:
    """Raises Declined (401) where the caller's computer was revoked since it began to ask: an upload takes its time."""
    devices, people = t.devices.c, t.people.c
    query = (
        sa.select(devices.revoked_for)
        .join(t.people, people.number == devices.person)
        .where(devices.id == caller.device, devices.revoked_at.is_(None), people.revoked_at.is_(None))
    )
    if view.execute(query).first() is None:
        why = view.execute(sa.select(devices.revoked_for).where(devices.id == caller.device)).scalar()
        raise _ended(why or "")


def is_enrolled(hub: Hub, caller: Caller) -> bool:
    """Whether the caller's computer still may ask."""
    with hub.database.reading() as view:
        try:
            refuse_ended(view, caller)
        except Declined:
            return False
    return True


def _ended(reason: str) -> Declined:
    why = f" ({REASON_WORDS[reason]})" if reason in REASON_WORDS else ""
    words = f"The enrolment of this computer was revoked{why}. Ask the issuer, also for a new code"
    return Declined(401, words, reason=ENROLMENT_REVOKED)


def revoke(hub: Hub, number: str, reason: str = "unspecified", device: str = "") -> int:
    """Revoke a person, or one of their devices: tokens and certificates end now. Returns how many devices.

    Raises Refused for an unknown person or device, or a reason that RFC 5280 does not know.
    """
    refuse_unknown_reason(reason)
    ended, serials = _end(hub, number, device, reason)
    for serial in serials:
        hub.authority.revoke(serial, reason)
    hub.renew_trust()
    keep_soon(hub)
    return ended


def _end(hub: Hub, number: str, device: str, reason: str) -> tuple[int, list[int]]:
    """Let no device of theirs count any longer. Returns how many did until now, and the serials of all certificates.

    Done before the certificates are revoked and in one transaction, so that an enrolment of the same instant either
    is among the devices or finds its person, code or device gone. Devices that were ended earlier are among the
    serials: whoever revoked them may have been interrupted before their certificates were.
    """
    devices = t.devices.c
    with hub.database.writing() as work:
        if work.execute(sa.select(t.people.c.number).where(t.people.c.number == number)).first() is None:
            raise Refused(f"There is no person {number}. See “hub people”")
        own = (devices.person == number, devices.id.startswith(device, autoescape=True))
        rows = work.execute(sa.select(t.devices).where(*own)).all()
        if device and not rows:
            raise Refused(f"{number} has no device {device} that could be revoked. See “hub people”")
        ended = {"revoked_at": hub.clock(), "revoked_for": reason}
        work.execute(sa.update(t.devices).where(*own, devices.revoked_at.is_(None)).values(**ended))
        if not device:
            person = sa.update(t.people).where(t.people.c.number == number)
            work.execute(person.values(revoked_at=ended["revoked_at"]))
            work.execute(sa.delete(t.codes).where(t.codes.c.person == number))
        append(work, hub.clock(), *_ended_lines(number, rows, device, reason))
        serials = _serials(work, number, {row.id for row in rows} if device else None)
    return sum(row.revoked_at is None for row in rows), serials


def _ended_lines(number: str, rows: Sequence[Any], device: str, reason: str) -> Iterator[Line]:
    for row in rows:
        if row.revoked_at is None:
            yield Line(Act.REVOKED, row.id, detail=f"of {number}: {reason}")
    if not device:
        yield Line(Act.REVOKED, number, detail=reason)


def _serials(work: sa.Connection, number: str, devices: set[str] | None) -> list[int]:
    """Serials of a person's certificates: of these devices, or with None all, those signed for a file too."""
    own = t.certificates.c
    query = sa.select(own.serial).where(own.person == number)
    if devices is not None:
        query = query.where(own.device.in_(devices))
    return [int(serial) for serial in work.execute(query.order_by(own.issued_at)).scalars()]


def issue(hub: Hub, csr: str, person: sa.Row[Any, Any]) -> bytes:
    """A certificate (PEM) for a row of people. Raises Declined (400) for a bad request."""
    try:
        return hub.authority.issue(csr.encode(), person.number, person.roles)
    except Refused as error:
        raise Declined(400, str(error)) from error


def serial_of(certificate: bytes) -> str:
    """The serial number of a certificate in PEM form, as the database keeps it."""
    return str(read_certificates(certificate)[0].serial_number)


def keep_certificate(
    work: sa.Connection, certificate: bytes, person: str, device: str, request_hash: str, now: datetime
) -> None:
    """Write down that a certificate was given out: revoking person or device ends it."""
    row = {"serial": serial_of(certificate), "person": person, "device": device, "request_hash": request_hash}
    work.execute(sa.insert(t.certificates).values(**row, content=certificate, issued_at=now))


def _person_behind(hub: Hub, code_hash: str, request_hash: str, address: str) -> sa.Row[Any, Any] | None:
    """Whose code it is; None for a wrong one, which is counted.

    In one transaction, as those that write wait for each other: however many try at once, no more are looked at than
    are allowed. Raises Declined (429) where that many were.
    """
    now, allowed = hub.clock(), limits_of(hub).wrong_codes
    with hub.database.writing() as work:
        _slow_down(work, now, address, allowed)
        person = _person_of_code(work, now, code_hash, request_hash)
        if person is None:
            work.execute(sa.delete(t.tries).where(t.tries.c.at <= now - TRIES_WITHIN))
            work.execute(sa.insert(t.tries).values(address=address, at=now))
    return person


def _slow_down(view: sa.Connection, now: datetime, address: str, allowed: int) -> None:
    query = sa.select(t.tries.c.at).where(t.tries.c.address == address, t.tries.c.at > now - TRIES_WITHIN)
    recent = view.execute(query.order_by(t.tries.c.at)).scalars().all()
    if len(recent) >= allowed:
        wait = int((recent[-allowed] + TRIES_WITHIN - now).total_seconds()) + 1
        raise Declined(429, "Too many wrong codes came from this address. Try again later", retry_after=wait)


def _person_of_code(
    view: sa.Connection, now: datetime, code_hash: str, request_hash: str
) -> sa.Row[Any, Any] | None:
    codes = t.codes.c
    query = (
        sa.select(t.people.c.number, t.people.c.roles)
        .join(t.codes, codes.person == t.people.c.number)
        .where(codes.hash == code_hash, codes.expires_at > now, t.people.c.revoked_at.is_(None))
        .where(sa.or_(codes.request_hash.is_(None), codes.request_hash == request_hash))
    )
    return view.execute(query).first()


def _keep_device(
    hub: Hub, code_hash: str, request_hash: str, kept: dict[str, str], certificate: bytes
) -> str:
    """Spend the code on this device. Returns the serial of the certificate that is replaced, empty for a new device.

    Raises Declined where another device was faster, and where person (their codes are gone then) or device were
    revoked.
    """
    now, codes = hub.clock(), t.codes.c
    with hub.database.writing() as work:
        code = work.execute(sa.select(t.codes).where(codes.hash == code_hash)).first()
        if code is None or code.request_hash not in (None, request_hash):
            raise Declined(
                403, "This code was used on another computer just now. Ask the issuer for a new one"
            )
        device = code.device or str(uuid4())
        before = work.execute(sa.select(t.devices).where(t.devices.c.id == device)).first()
        if before is not None and before.revoked_at is not None:
            raise Declined(403, "The enrolment of this computer was revoked. Ask the issuer for a new code")
        own = {**kept, "enrolled_at": now}
        if before is None:
            work.execute(sa.insert(t.devices).values(id=device, **own))
        else:
            work.execute(sa.update(t.devices).where(t.devices.c.id == device).values(**own))
        keep_certificate(work, certificate, kept["person"], device, request_hash, now)
        append(
            work, now, Line(Act.ENROLLED, device, person=kept["person"], device=device, detail=kept["serial"])
        )
        spent = {"request_hash": request_hash, "device": device}
        work.execute(sa.update(t.codes).where(codes.hash == code_hash).values(**spent))
    return "" if before is None else str(before.serial)


def _count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.Label[int]:
    query = sa.select(sa.func.count()).where(table.c.person == t.people.c.number, *conditions)
    return query.correlate(t.people).scalar_subquery().label(table.name)


def _plain(code: str) -> str:
    """A code as it was meant: spaces, dashes, case and letters that look like digits do not matter."""
    letters = code.upper().replace("-", "").replace(" ", "").strip()
    return letters.translate(str.maketrans("OIL", "011"))


def hashed(secret: str) -> str:
    """How a code or a token is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()
