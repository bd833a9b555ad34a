"""Taking what desks deliver: kept sealed, judged before it is accepted, answered by a signed receipt.

Whatever is delivered is known by its digest, so that delivering it again is answered by the same receipt, and two
deliveries at the same moment leave one. What packets, decisions, notes and concerns each must be is judged elsewhere
(`hub.bags`, `hub.handed_in`); here is what they share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from assessor_desk.artifacts.vault import Sealed
from assessor_desk.domain.changes import Receipt
from assessor_desk.domain.errors import Damaged, NoRoom, Refused, Unavailable, sentence
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.people import Caller, refuse_ended
from assessor_desk.hub.stamping import queue
from assessor_desk.hub.streaming import Announced, Body
from assessor_desk.hub.sweeping import remove_unnamed
from assessor_desk.hub.uploads import WORTH_KEEPING, Upload, nameless, upload_of
from assessor_desk.keys.cms import sign_with_content
from assessor_desk.protocol.documents import receipt_bytes
from assessor_desk.protocol.messages import BEGIN_AGAIN, NOT_TAKEN
from assessor_desk.protocol.streams import PieceReader

LARGEST_PACKET = 64 << 20
#: Whoever hands in a document without a signature is known by their token alone.
NOT_SIGNED = "unknown"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Something delivered that holds.

    `keep` writes what follows from it, in the transaction that takes it; it raises Declined where another was in its
    place meanwhile.
    """

    kind: str
    assignment_id: str
    keep: Callable[[sa.Connection, datetime], None]
    supersedes: str = ""
    certificate_status: str = NOT_SIGNED
    #: Number and time of the revocation list that the status was read from.
    crl: tuple[int, datetime] | None = None


#: Looks at what was delivered under a digest; raises Declined for what does not hold.
Judge = Callable[[Hub, Caller, str, bytes], Accepted]


def expected(hub: Hub, caller: Caller, kind: str, digest: str, told: Announced) -> Receipt | Upload | None:
    """The receipt of a delivery that is here already; else where it is to be kept while it comes in, None in memory.

    Of a delivery that says its SHA-256, what came stays here when the connection breaks (`hub.uploads`). Raises
    Declined (409, `begin_again`) where the part does not go on from what is here.
    """
    if (known := _known(hub, caller, digest)) is not None:
        return known
    if not told.start and told.length < WORTH_KEEPING:
        return None
    if not told.sha256:
        return nameless(hub, told.length)
    upload = upload_of(hub, caller, kind, digest, told.length, told.sha256)
    if told.start and told.start > upload.kept:
        words = "The beginning of this upload is not here. Send it as a whole"
        raise Declined(409, words, reason=BEGIN_AGAIN)
    return upload


def receive(
    hub: Hub, caller: Caller, digest: str, body: Body, judge: Judge, upload: Upload | None = None
) -> tuple[Receipt, bool]:
    """Take a delivery, of which nothing is left in `upload` then. The flag says whether it is new.

    Raises what `judge` raises, and Declined (409, `begin_again`) where it is not what was announced. What is
    Unavailable is asked for again, and need not be sent again.
    """
    try:
        known = _known(hub, caller, digest)
        if known is not None:
            taken = known, False
        else:
            taken = _judged(hub, caller, digest, _spool(hub, body.length, _checked(body)), judge)
    except Unavailable:
        raise
    except BaseException:
        _forget(upload)
        raise
    _forget(upload)
    return taken


def held(hub: Hub, caller: Caller, digests: Iterable[str]) -> tuple[list[str], list[str]]:
    """Which of these the caller delivered to this hub, as far as it knows, and of which decisions a report is out."""
    packets, wanted = t.packets.c, list(digests)
    own = sa.select(packets.digest).where(packets.digest.in_(wanted), packets.person == caller.person)
    out = sa.select(t.releases.c.decision).where(t.releases.c.decision.in_(own.scalar_subquery()))
    gone = t.destructions.c
    reported = sa.select(gone.digest).where(gone.digest.in_(wanted), gone.person == caller.person)
    with hub.database.reading() as view:
        here = [*view.execute(own).scalars(), *view.execute(reported).scalars()]
        return here, [*view.execute(out).scalars()]


def offset_of(hub: Hub, caller: Caller, kind: str, digest: str, length: int, sha256: str) -> tuple[int, bool]:
    """From which byte on a delivery is still to be sent, and whether it has arrived as a whole."""
    if _known(hub, caller, digest) is not None:
        return length, True
    return upload_of(hub, caller, kind, digest, length, sha256).kept, False


def _checked(body: Body) -> Iterator[bytes]:
    """The whole as it is read. Raises Declined at its end where it is not what was announced."""
    hashed = hashlib.sha256()
    try:
        for piece in body.pieces:
            hashed.update(piece)
            yield piece
    except Damaged as error:
        raise Declined(409, sentence(error), reason=BEGIN_AGAIN) from error
    if body.sha256 and hashed.hexdigest() != body.sha256:
        raise Declined(409, "The delivery arrived changed on its way. Send it as a whole", reason=BEGIN_AGAIN)


def _forget(upload: Upload | None) -> None:
    if upload is not None:
        upload.forget()


def _judged(hub: Hub, caller: Caller, digest: str, sealed: Sealed, judge: Judge) -> tuple[Receipt, bool]:
    try:
        with hub.database.reading() as view:
            refuse_ended(view, caller)  # sending took its time
        data = _read(hub, sealed)
        with _looked_at():
            accepted = judge(hub, caller, digest, data)
        receipt = signed_receipt(hub, digest, caller.person, accepted.certificate_status, accepted.crl)
    except BaseException:
        hub.packets.remove(sealed.digest)
        raise
    try:
        with _looked_at():
            kept = _keep(hub, caller, sealed, accepted, receipt)
    except BaseException:  # of a commit the answer alone may have been lost
        remove_unnamed(hub, hub.packets, [sealed.digest])
        raise
    if not kept:
        hub.packets.remove(sealed.digest)
        return cast("Receipt", _known(hub, caller, digest)), False
    return receipt, True


@contextmanager
def _looked_at() -> Iterator[None]:
    """What is refused within was looked at, and is marked so: what else lies on the way, which may turn a delivery away
    in much the same words, knows nothing of it (docs/decisions/0307).
    """
    try:
        yield
    except Refused as error:
        told = error if isinstance(error, Declined) else Declined(400, str(error))
        raise Declined(told.status, str(told), told.retry_after, told.reason or NOT_TAKEN) from error


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
    with hub.packets.open(sealed.digest, sealed.key, "the packet") as reader:
        return reader.read()


def signed_receipt(
    hub: Hub, digest: str, person: str, certificate_status: str, crl: tuple[int, datetime] | None = None
) -> Receipt:
    """The hub's word that it has what that digest names, now."""
    now = hub.clock().replace(microsecond=0)
    content = receipt_bytes(
        packet=digest,
        person=person,
        hub=hub.identity,
        at=now,
        certificate_status=certificate_status,
        crl=crl,
    )
    signer = hub.authority.hub_signer()
    signed = sign_with_content(content, signer.key, signer.certificate, now)
    return Receipt(digest, now, certificate_status, signed)


def _keep(hub: Hub, caller: Caller, sealed: Sealed, accepted: Accepted, receipt: Receipt) -> bool:
    """Write the delivery down with what follows from it. False where the same was faster."""
    row = {
        "digest": receipt.packet_digest,
        "kind": accepted.kind,
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
    with hub.database.writing() as work:
        if work.execute(
            sa.select(t.packets.c.digest).where(t.packets.c.digest == receipt.packet_digest)
        ).first():
            return False
        refuse_ended(work, caller)
        work.execute(sa.insert(t.packets).values(**row))
        accepted.keep(work, receipt.received_at)
        # By its next cursor this desk notices, should the hub be put back to before this delivery.
        note_change(work, "delivered", receipt.packet_digest, caller.person)
        append(work, hub.clock(), _line(work, caller, accepted, receipt.packet_digest))
        queue(hub, work, receipt.packet_digest, accepted.kind)
    return True


def _line(work: sa.Connection, caller: Caller, accepted: Accepted, digest: str) -> Line:
    own = t.assignments.c
    submission = work.execute(
        sa.select(own.submission_id).where(own.id == accepted.assignment_id)
    ).scalar_one()
    return Line(Act.DELIVERED, digest, submission, caller.person, caller.device, accepted.kind)


def _known(hub: Hub, caller: Caller, digest: str) -> Receipt | None:
    packets = t.packets.c
    query = sa.select(t.packets).where(packets.digest == digest, packets.person == caller.person)
    with hub.database.reading() as view:
        row = view.execute(query).first()
    return None if row is None else Receipt(row.digest, row.received_at, row.certificate_status, row.receipt)
