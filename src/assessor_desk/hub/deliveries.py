"""Taking sealed packets: kept sealed, verified before they are accepted, answered by a signed receipt.

A packet is known by its digest, so that delivering it again is answered by the same receipt, and two deliveries at the
same moment leave one packet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.artifacts.vault import Sealed
from assessor_desk.domain.changes import Receipt
from assessor_desk.domain.errors import NoRoom, Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller
from assessor_desk.keys.cms import sign_with_content
from assessor_desk.protocol.documents import receipt_bytes
from assessor_desk.protocol.streams import PieceReader
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.facts import FactId, Standing, Verdict
from assessor_desk.verdict.layout import ASSIGNMENT, REVIEW
from assessor_desk.verdict.packet import verify_bytes
from assessor_desk.verdict.trust import TrustList

LARGEST_PACKET = 64 << 20

#: What must be good before a packet is taken; nothing at all may be bad.
_NEEDED = (FactId.SIGNATURE, FactId.SIGNER, FactId.CHAIN, FactId.REVOCATION, FactId.RECORD)


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A packet that holds, and what it is about."""

    assignment_id: str
    supersedes: str
    certificate_status: str


def receive(
    hub: Hub, caller: Caller, digest: str, length: int, pieces: Iterator[bytes]
) -> tuple[Receipt, bool]:
    """Take a packet from the network. The flag says whether it is new.

    Raises Declined: 422 with the failing fact for one that does not hold, 403 for one that another person sealed, 404
    where its assignment is none of the caller's, 409 where it was withdrawn or another packet is in its place.
    """
    known = _known(hub, caller, digest)
    if known is not None:
        for _ in pieces:  # an answer before the end of the body would look like a broken connection
            pass
        return known, False
    sealed = _spool(hub, length, pieces)
    try:
        accepted = _accepted(hub, caller, digest, _read(hub, sealed))
        receipt = _sign(hub, caller, digest, accepted)
        kept = _keep(hub, caller, sealed, accepted, receipt)
    except BaseException:
        hub.packets.remove(sealed.digest)
        raise
    if not kept:
        hub.packets.remove(sealed.digest)
        return cast("Receipt", _known(hub, caller, digest)), False
    return receipt, True


def _spool(hub: Hub, length: int, pieces: Iterator[bytes]) -> Sealed:
    try:
        return hub.packets.write(PieceReader(pieces), length)
    except Declined:
        raise
    except NoRoom as error:
        raise Declined(507, "The hub has no room for packets now. Yours waits on your computer") from error
    except Refused as error:
        raise Declined(400, str(error)) from error


def _read(hub: Hub, sealed: Sealed) -> bytes:
    with open_sealed(hub.packets.path(sealed.digest), sealed.key, "the packet") as reader:
        return reader.read()


def _accepted(hub: Hub, caller: Caller, digest: str, data: bytes) -> _Accepted:
    # Made for the occasion: a list from before the signature could not say whether its certificate was revoked.
    trust = TrustList.parse(hub.authority.trust_list())
    verdict = verify_bytes(data, digest, trust, hub.clock())
    _refuse_bad(verdict, digest)
    if verdict.subject.person != caller.person:
        raise Declined(403, f"This packet was sealed by {verdict.subject.person}, not by {caller.person}")
    files = parse_archive(data).files
    assignment = _assignment(hub, caller, files.get(ASSIGNMENT, b""))
    supersedes = (json.loads(files[REVIEW]).get("supersedes") or {}).get("packet", "")
    return _Accepted(assignment.id, supersedes, verdict.fact(FactId.REVOCATION).standing.value)


def _refuse_bad(verdict: Verdict, digest: str) -> None:
    """Raises Declined (422) with the first fact that keeps the packet from being taken."""
    for fact in verdict.facts:
        bad = fact.standing is Standing.BAD
        if bad or (fact.id in _NEEDED and fact.standing is not Standing.GOOD):
            raise Declined(422, f"The packet does not hold. {fact.title}: {fact.sentence}")
    if verdict.digest != digest:
        raise Declined(422, f"The packet is {verdict.digest}, not {digest}")


def _assignment(hub: Hub, caller: Caller, document: bytes) -> Any:
    """The caller's assignment that this document is, byte for byte."""
    own = t.assignments.c
    query = sa.select(t.assignments).where(own.person == caller.person, own.document == document)
    with hub.database.reading() as view:
        row = view.execute(query).first()
    if row is None:
        raise Declined(404, "The packet's assignment is none of yours here, or was changed")
    if row.withdrawn_at is not None:
        raise Declined(
            409, f"The assignment was withdrawn on {row.withdrawn_at:%Y-%m-%d}. Write to the issuer"
        )
    return row


def _sign(hub: Hub, caller: Caller, digest: str, accepted: _Accepted) -> Receipt:
    now = hub.clock().replace(microsecond=0)
    content = receipt_bytes(
        packet=digest,
        person=caller.person,
        hub=hub.identity,
        at=now,
        certificate_status=accepted.certificate_status,
    )
    signer = hub.authority.hub_signer()
    signed = sign_with_content(content, signer.key, signer.certificate, now)
    return Receipt(digest, now, accepted.certificate_status, signed)


def _keep(hub: Hub, caller: Caller, sealed: Sealed, accepted: _Accepted, receipt: Receipt) -> bool:
    """Write the packet down. False where the same packet was faster. Raises Declined for a second that corrects
    none.
    """
    row = {
        "digest": receipt.packet_digest,
        "assignment_id": accepted.assignment_id,
        "person": caller.person,
        "device": caller.device,
        "supersedes": accepted.supersedes,
        "file": sealed.digest,
        "file_key": sealed.key,
        "received_at": receipt.received_at,
        "certificate_status": receipt.certificate_status,
        "receipt": receipt.signed,
    }
    query = sa.select(t.packets.c.digest).where(t.packets.c.assignment_id == accepted.assignment_id)
    with hub.database.writing() as work:
        digests = list(work.execute(query.order_by(t.packets.c.received_at)).scalars())
        if receipt.packet_digest in digests:
            return False
        _refuse_unrelated(digests, accepted.supersedes)
        work.execute(sa.insert(t.packets).values(**row))
    return True


def _refuse_unrelated(digests: list[str], supersedes: str) -> None:
    """A further packet for the same assignment must say that it corrects the last one."""
    if digests and supersedes != digests[-1]:
        raise Declined(
            409, f"Packet {digests[-1]} is here for this assignment: a correction must supersede it"
        )
    if supersedes and not digests:
        raise Declined(
            409, f"The packet corrects {supersedes}, which is not here yet. Deliver that one first"
        )


def _known(hub: Hub, caller: Caller, digest: str) -> Receipt | None:
    packets = t.packets.c
    query = sa.select(t.packets).where(packets.digest == digest, packets.person == caller.person)
    with hub.database.reading() as view:
        row = view.execute(query).first()
    return None if row is None else Receipt(row.digest, row.received_at, row.certificate_status, row.receipt)
