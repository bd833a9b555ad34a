"""What was delivered on one submission, in order: who sealed what, what replaced it, and what confirms when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessor_desk.hub import tables as t
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.hub import Hub


@dataclass(frozen=True, slots=True)
class Delivered:
    """One packet or decision. `replaces` and `replaced_by` are digests, empty where there is none; `says` is a
    decision's outcome, or that it passed the review back.
    """

    digest: str
    kind: str
    person: str
    received_at: datetime
    certificate_status: str
    says: str
    replaces: str
    replaced_by: str
    stamped_at: datetime | None
    released_at: datetime | None


def trail(hub: Hub, key: str) -> list[Delivered]:
    """Packets and decisions on a submission, oldest first. Raises Refused for an unknown submission."""
    packets = t.packets.c
    with hub.database.reading() as view:
        own_id = refuse_unknown(view, key)
        query = (
            sa.select(
                t.packets,
                t.decisions.c.kind.label("how"),
                t.decisions.c.outcome,
                t.stamps.c.stamped_at,
                t.releases.c.released_at,
            )
            .join(t.assignments, t.assignments.c.id == packets.assignment_id)
            .outerjoin(t.decisions, t.decisions.c.digest == packets.digest)
            .outerjoin(t.stamps, t.stamps.c.digest == packets.digest)
            .outerjoin(t.releases, t.releases.c.decision == packets.digest)
            .where(t.assignments.c.submission_id == own_id, packets.kind.in_(("packet", "decision")))
            .order_by(packets.digest)
        )
        rows = view.execute(query).all()
    later = {row.supersedes: row.digest for row in rows if row.supersedes}
    return [_delivered(row, later) for row in sorted(rows, key=lambda row: _place(row, rows))]


def _place(row: Any, rows: Sequence[Any]) -> tuple[datetime, int, int]:
    """Where it stands: of one second, packets before decisions, and what replaces after what it replaces."""
    earlier = {one.digest: one.supersedes for one in rows}
    depth, before = 0, row.supersedes
    while before:
        depth, before = depth + 1, earlier.get(before, "")
    return row.received_at, int(row.kind == "decision"), depth


def _delivered(row: Any, later: Mapping[str, str]) -> Delivered:
    return Delivered(
        digest=row.digest,
        kind=row.kind,
        person=row.person,
        received_at=row.received_at,
        certificate_status=row.certificate_status,
        says=row.outcome or row.how or "",
        replaces=row.supersedes,
        replaced_by=later.get(row.digest, ""),
        stamped_at=row.stamped_at,
        released_at=row.released_at,
    )
