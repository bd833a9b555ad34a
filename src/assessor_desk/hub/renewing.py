"""Another certificate for a device before its own ends: a new key for the same person, vouched for by the old one.

The request is signed with the key that the device signs with now, so that a token alone, were it stolen, gets no
certificate. The one before is left to run out: what was sealed with it may still be on its way.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from assessor_desk.domain.errors import Damaged
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller, issue, keep_certificate, serial_of
from assessor_desk.verdict.detached import verify_detached
from assessor_desk.verdict.trust import TrustList


def renew(hub: Hub, caller: Caller, csr: str, proof: bytes) -> bytes:
    """A certificate (PEM) for a new key of the caller's device; the same request is answered the same again.

    `proof` is the detached signature over the request by the device's present key. Raises Declined: 403 where it is
    not, or where that key's certificate has ended or was revoked; 400 for a bad request.
    """
    request_hash = hashlib.sha256(csr.encode()).hexdigest()
    if (known := _known(hub, caller, request_hash)) is not None:
        return known
    _refuse_unproven(hub, caller, csr, proof)
    with hub.database.reading() as view:
        person = view.execute(sa.select(t.people).where(t.people.c.number == caller.person)).one()
    certificate = issue(hub, csr, person)
    with hub.database.writing() as work:
        own = t.devices.c.id == caller.device
        ended = work.execute(sa.select(t.devices.c.revoked_at).where(own)).scalar_one()
        if ended is not None:
            raise Declined(403, "The enrolment of this computer was revoked. Ask the issuer for a new code")
        keep_certificate(work, certificate, caller.person, caller.device, request_hash, hub.clock())
        work.execute(sa.update(t.devices).where(own).values(serial=serial_of(certificate)))
        who = {"person": caller.person, "device": caller.device}
        append(work, hub.clock(), Line(Act.RENEWED, serial_of(certificate), **who))
    return certificate


def _known(hub: Hub, caller: Caller, request_hash: str) -> bytes | None:
    own = t.certificates.c
    query = sa.select(own.content).where(own.device == caller.device, own.request_hash == request_hash)
    with hub.database.reading() as view:
        found: bytes | None = view.execute(query).scalar()
    return found or None


def _refuse_unproven(hub: Hub, caller: Caller, csr: str, proof: bytes) -> None:
    trust = TrustList.parse(hub.authority.trust_list())
    try:
        signed = verify_detached(csr.encode(), proof, trust, hub.clock())
    except Damaged as trouble:
        raise Declined(403, f"The request for a new certificate does not hold. {trouble}") from trouble
    own = t.certificates.c
    query = sa.select(own.serial).where(own.device == caller.device, own.person == caller.person)
    with hub.database.reading() as view:
        serials = set(view.execute(query).scalars())
    if str(signed.certificate.serial_number) not in serials:
        raise Declined(403, "The request for a new certificate was signed by another computer")
    if signed.certificate.not_valid_after_utc < hub.clock():
        raise Declined(403, "The certificate to be renewed has ended. Ask the issuer for a new code")
