"""What keeps evidence at the hub beyond its time: an appeal, a complaint, a request for records. Who, why, until when.

Concerns hold decisions (`hub.holds`), and keep the evidence as well while they stand. Desks hear nothing of a hold: the
evidence behind a decision must still exist somewhere, while copies on assessors' computers must not (DOMAIN).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.destroying import end_without_consent
from assessor_desk.hub.endings_kept import keep_soon
from assessor_desk.hub.hub import Hub

LONGEST_REASON = 2000


class HoldKind(StrEnum):
    """Why evidence is kept longer."""

    APPEAL = "appeal"
    COMPLAINT = "complaint"
    RECORDS_REQUEST = "records_request"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RetentionHold:
    """A hold as `hub hold list` tells it; `until` None: until it is released."""

    id: str
    key: str
    kind: str
    reason: str
    placed_by: str
    placed_at: datetime
    until: datetime | None
    released_at: datetime | None
    released_by: str


def place_hold(
    hub: Hub, key: str, kind: HoldKind, reason: str, by: str, until: datetime | None = None
) -> RetentionHold:
    """Keep the evidence of a submission. Raises Refused for an unknown one, one whose evidence is gone, a hold without
    a reason or a name, and a day that has passed.
    """
    reason, by = reason.strip()[:LONGEST_REASON], by.strip()
    if not reason or not by:
        raise Refused("Say why the evidence is kept (--why) and who wants it so (--by)")
    if until is not None and until <= hub.clock():
        raise Refused(f"The hold would be over already: {until:%Y-%m-%d} has passed")
    with hub.database.writing() as work:
        own_id = refuse_unknown(work, key)
        gone = work.execute(
            sa.select(t.evidence_ended.c.at).where(t.evidence_ended.c.submission_id == own_id)
        ).scalar()
        if gone is not None:
            raise Refused(f"The evidence of {key} was destroyed on {gone:%Y-%m-%d}: there is nothing to keep")
        placed = _insert(hub, work, own_id, kind, reason, by, until)
    keep_soon(hub)
    return RetentionHold(placed, key, kind.value, reason, by, hub.clock(), until, None, "")


def place_for_appeal(hub: Hub, work: sa.Connection, submission_id: str) -> None:
    """An appeal that is taken up keeps its evidence by itself, unless a hold for one stands already."""
    own = t.retention_holds.c
    standing = (
        own.submission_id == submission_id,
        own.kind == HoldKind.APPEAL.value,
        own.released_at.is_(None),
        sa.or_(own.until.is_(None), own.until > hub.clock()),
    )
    if work.execute(sa.select(own.id).where(*standing)).first() is None:
        _insert(hub, work, submission_id, HoldKind.APPEAL, "It was assigned on appeal", "the hub", None)


def release_hold(hub: Hub, named: str, by: str) -> list[RetentionHold]:
    """Release a hold by its id or the beginning of it, or all that stand on a submission by its key.

    What it alone kept of a submission without consent goes with it. Raises Refused where none such stands.
    """
    if not by.strip():
        raise Refused("Say who releases the hold (--by)")
    found = [
        one for one in list_holds(hub) if one.key == named or (len(named) >= 4 and one.id.startswith(named))
    ]
    if not found:
        raise Refused(f"No hold stands on or under “{named}”. See “hub hold list”")
    of_them = set[str]()
    with hub.database.writing() as work:
        for one in found:
            own_id = refuse_unknown(work, one.key)
            of_them.add(own_id)
            change = sa.update(t.retention_holds).where(t.retention_holds.c.id == one.id)
            work.execute(change.values(released_at=hub.clock(), released_by=by.strip()))
            append(work, hub.clock(), Line(Act.RELEASED_HOLD, one.id, own_id, detail=one.kind))
    keep_soon(hub)
    end_without_consent(hub, *of_them)
    return found


def list_holds(hub: Hub, *, past: bool = False) -> list[RetentionHold]:
    """The holds that stand, oldest first; with `past` those that were released or are over too."""
    own, s = t.retention_holds.c, t.submissions.c
    query = sa.select(t.retention_holds, s.key).join(t.submissions, s.id == own.submission_id)
    with hub.database.reading() as view:
        rows = view.execute(query.order_by(own.placed_at, own.id)).all()
    found = [
        RetentionHold(
            r.id, r.key, r.kind, r.reason, r.placed_by, r.placed_at, r.until, r.released_at, r.released_by
        )
        for r in rows
    ]
    now = hub.clock()
    return [
        one for one in found if past or (one.released_at is None and (one.until is None or one.until > now))
    ]


def _insert(
    hub: Hub, work: Any, submission_id: str, kind: HoldKind, reason: str, by: str, until: datetime | None
) -> str:
    own_id = str(uuid4())
    row = {
        "id": own_id, "submission_id": submission_id, "kind": kind.value, "reason": reason, "placed_by": by,
        "placed_at": hub.clock(), "until": until, "released_by": "",
    }  # fmt: skip
    work.execute(sa.insert(t.retention_holds).values(**row))
    append(work, hub.clock(), Line(Act.HELD, own_id, submission_id, detail=kind.value))
    return own_id
