"""What is handed in without a signature: a coach's notes on a draft, and concerns that anybody raises.

Both are canonical JSON, named by their SHA-256, kept sealed. Notes stay on the hub for the educator: no feed carries
them, so no assessor, reviewer or district is ever sent one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.concern import Concern
from assessor_desk.domain.errors import Damaged
from assessor_desk.domain.roles import Purpose
from assessor_desk.hub import tables as t
from assessor_desk.hub.deliveries import Accepted
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.holds import tell_of_hold
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.parts import in_parts
from assessor_desk.hub.people import Caller
from assessor_desk.hub.publishing import newest_policy
from assessor_desk.protocol.concerns import read_concern
from assessor_desk.protocol.notes import read_notes


def judge_notes(hub: Hub, caller: Caller, digest: str, data: bytes) -> Accepted:
    """A coach's notes. Raises Declined: 422 for what is none, 404 where the draft is not theirs to coach."""
    _refuse_another_digest(digest, data)
    try:
        notes = read_notes(data)
    except Damaged as trouble:
        raise Declined(422, str(trouble)) from trouble
    row = _own_assignment(hub, caller, notes.submission_id)
    if notes.assignment_id != row.id or row.purpose != Purpose.COACH.value or notes.person != caller.person:
        raise Declined(404, "These notes are on no draft that is yours to coach")
    return Accepted("notes", row.id, _nothing_follows)


def judge_concern(hub: Hub, caller: Caller, digest: str, data: bytes) -> Accepted:
    """A concern. Raises Declined: 422 for what is none, 404 where the submission is not the caller's to see."""
    _refuse_another_digest(digest, data)
    try:
        concern = read_concern(data)
    except Damaged as trouble:
        raise Declined(422, str(trouble)) from trouble
    row = _own_assignment(hub, caller, concern.submission_id)
    if concern.person != caller.person:
        raise Declined(403, f"This concern is {concern.person}'s, not {caller.person}'s")
    return Accepted("concern", row.id, partial(_keep_concern, digest, concern))


def notes_kept(hub: Hub) -> list[bytes]:
    """The documents of notes that are here, the newest on each draft; oldest first.

    Of those that came within one second, as what waited together does, it is the one that was handed back last.
    """
    packets = t.packets.c
    here = (packets.kind == "notes", packets.file != "")
    query = sa.select(t.packets).where(*here).order_by(packets.received_at, packets.digest)
    newest: dict[str, list[Any]] = {}
    with hub.database.reading() as view:
        for row in view.execute(query):
            before = newest.get(row.assignment_id, [])
            newest[row.assignment_id] = [*(one for one in before if one.received_at == row.received_at), row]
    found = []
    for rows in newest.values():
        documents = [_opened(hub, row) for row in rows]
        found.append(max(documents, key=lambda document: read_notes(document).at))
    return found


def _opened(hub: Hub, row: Any) -> bytes:
    with hub.packets.open(row.file, row.file_key, "the notes") as reader:
        return reader.read()


def forget_old_notes(hub: Hub) -> int:
    """Remove notes older than their policy lets a coach's help be kept. Returns how many.

    That they came, and the receipt, stays: a desk would take it for a hub that was put back, and send them again.
    """
    packets, own = t.packets.c, t.assignments.c
    query = (
        sa.select(packets.digest, packets.file, packets.received_at, own.policy_id)
        .join(t.assignments, own.id == packets.assignment_id)
        .where(packets.kind == "notes", packets.file != "")
    )
    with hub.database.writing() as work:
        rows = work.execute(query).all()
        days = {
            row.policy_id: newest_policy(work, row.policy_id).retention.drafts_and_coaching for row in rows
        }
        now = hub.clock()
        old = [row for row in rows if now - row.received_at > timedelta(days=days[row.policy_id])]
        for some in in_parts([row.digest for row in old]):
            gone = sa.update(t.packets).where(packets.digest.in_(some))
            work.execute(gone.values(file="", file_key=b""))
    for row in old:  # it cannot be opened any more: its key has gone
        hub.packets.remove(row.file)
    return len(old)


def _refuse_another_digest(digest: str, data: bytes) -> None:
    if hashlib.sha256(data).hexdigest() != digest:
        raise Declined(422, "What came is not what its digest says. Send it again")


def _own_assignment(hub: Hub, caller: Caller, submission_id: str) -> Any:
    own = t.assignments.c
    query = sa.select(t.assignments).where(own.person == caller.person, own.submission_id == submission_id)
    with hub.database.reading() as view:
        row = view.execute(query.order_by(own.withdrawn_at.is_not(None), own.assigned_at.desc())).first()
    if row is None:
        raise Declined(404, "The submission is none of yours here")
    return row


def _nothing_follows(work: sa.Connection, at: datetime) -> None:
    """The issuer hands notes on; no desk hears of them."""


def _keep_concern(digest: str, concern: Concern, work: sa.Connection, at: datetime) -> None:
    row = {
        "id": digest,
        "submission_id": concern.submission_id,
        "artifact_id": concern.artifact_id,
        "kind": concern.kind.value,
        "words": concern.words,
        "raised_at": concern.raised_at,
    }
    work.execute(sa.insert(t.holds).values(**row))
    tell_of_hold(work, digest, concern.submission_id, concern.person)
