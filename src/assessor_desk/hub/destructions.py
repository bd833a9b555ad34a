"""Receipts of destruction from desks: checked by what signed them, kept as they are, and answered by a receipt.

Whoever hands one in shows no token: a computer whose enrolment ended has to destroy, and to say so. Whose it is follows
from the certificate that attested its key, which this hub gave out.
"""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.changes import Receipt
from assessor_desk.domain.custody import Receipt as DestructionReceipt
from assessor_desk.domain.errors import Damaged
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.deliveries import signed_receipt
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.protocol.destructions import read_receipt
from assessor_desk.verdict.destruction import Witnessed, check_destruction
from assessor_desk.verdict.trust import TrustList

LARGEST_RECEIPT = 2 << 20


def take_destruction(hub: Hub, digest: str, document: bytes) -> tuple[Receipt, bool]:
    """Take a receipt of destruction; the flag says whether it is new. Again: the same answer.

    Raises Declined: 422 for what is none or does not hold, 403 for a certificate that was not given out here or for
    evidence of another hub's, 404 where that person was never given anything of the submission.
    """
    if hashlib.sha256(document).hexdigest() != digest:
        raise Declined(422, "What came is not what its digest says. Send it again")
    if (known := _known(hub, digest)) is not None:
        return known, False
    receipt, witnessed = _checked(hub, document)
    if receipt.destruction.source != hub.identity:
        raise Declined(403, "This is about evidence of another hub")
    device = _device(hub, witnessed)
    _refuse_unconcerned(hub, receipt.destruction.submission_id, witnessed.person)
    status = "revoked" if witnessed.revoked else "good"
    answer = signed_receipt(hub, digest, witnessed.person, status)
    return _keep(hub, document, receipt, witnessed, device, answer)


def _checked(hub: Hub, document: bytes) -> tuple[DestructionReceipt, Witnessed]:
    trust = TrustList.parse(hub.authority.trust_list())
    try:
        receipt = read_receipt(document)
        return receipt, check_destruction(receipt, trust, hub.clock())
    except Damaged as trouble:
        raise Declined(422, str(trouble)) from trouble


def _device(hub: Hub, witnessed: Witnessed) -> str:
    own = t.certificates.c
    query = sa.select(own.device).where(own.serial == witnessed.serial, own.person == witnessed.person)
    with hub.database.reading() as view:
        found: str | None = view.execute(query).scalar()
    if found is None:
        raise Declined(403, "The certificate behind this receipt was not given out here")
    return found


def _refuse_unconcerned(hub: Hub, submission_id: str, person: str) -> None:
    own = t.assignments.c
    query = sa.select(own.id).where(own.submission_id == submission_id, own.person == person)
    with hub.database.reading() as view:
        if view.execute(query.limit(1)).first() is None:
            raise Declined(404, "The submission was never assigned to this person here")


def _keep(
    hub: Hub, document: bytes, receipt: DestructionReceipt, witnessed: Witnessed, device: str, answer: Receipt
) -> tuple[Receipt, bool]:
    made = receipt.destruction
    row: dict[str, Any] = {
        "digest": answer.packet_digest, "submission_id": made.submission_id, "person": witnessed.person,
        "device": device, "why": made.why, "destroyed_at": made.destroyed_at, "gone_at": made.gone_at,
        "received_at": answer.received_at, "certificate_status": answer.certificate_status,
        "files": len(made.pieces), "exports": made.exports, "document": document, "receipt": answer.signed,
    }  # fmt: skip
    with hub.database.writing() as work:
        if (known := _row(work, answer.packet_digest)) is not None:
            return known, False
        work.execute(sa.insert(t.destructions).values(**row))
        told = Line(
            Act.TOLD_DESTROYED, answer.packet_digest, made.submission_id, witnessed.person, device, made.why
        )
        append(work, hub.clock(), told)
        note_change(work, "destroyed", answer.packet_digest, witnessed.person)
    return answer, True


def _known(hub: Hub, digest: str) -> Receipt | None:
    with hub.database.reading() as view:
        return _row(view, digest)


def _row(view: sa.Connection, digest: str) -> Receipt | None:
    row = view.execute(sa.select(t.destructions).where(t.destructions.c.digest == digest)).first()
    return None if row is None else Receipt(row.digest, row.received_at, row.certificate_status, row.receipt)
