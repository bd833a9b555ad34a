"""What the hub keeps in the end: held evidence for as long as it is held, all other until its days are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from tests.model.town import Office

from assessor_desk.hub import tables as t
from assessor_desk.hub.retention import expire
from assessor_desk.hub.retention_holds import list_holds, release_hold

#: As the policy of the town says, and some.
_DAYS = 1825 + 30 + 1


def troubles_of_keeping(office: Office, census: Counter[str]) -> list[str]:
    """What is gone that is held, what goes too early, and what stays though its days have passed.

    The days pass here: this is the last that happens in a scenario.
    """
    found = list(_of_evidence(office, "before its days passed", passed=False))
    expire(office.hub)
    found += _of_evidence(office, "on the next day", passed=False)
    office.now.move(days=_DAYS)
    census["evidence that its days ended"] += len(expire(office.hub))
    found += _of_evidence(office, "after its days", passed=True)
    held = list_holds(office.hub)
    for one in {one.key for one in held}:
        release_hold(office.hub, one, "The office")
    expire(office.hub)
    census["evidence that a hold kept"] += len({one.key for one in held})
    return [*found, *_of_evidence(office, "after its hold", passed=True)]


def _of_evidence(office: Office, when: str, passed: bool) -> Iterator[str]:
    stored = {one.digest for one in office.hub.blobs.stored()}
    with office.hub.database.reading() as view:
        submissions = view.execute(sa.select(t.submissions)).all()
        pieces = view.execute(sa.select(t.artifacts).where(t.artifacts.c.sha256 != "")).all()
        held, over = _held(view), _decided(view)
    for row in submissions:
        due = row.consent_withdrawn_at is not None or (passed and row.id in over)
        for piece in (one for one in pieces if one.submission_id == row.id):
            there = piece.blob in stored
            if there != (row.id in held or not due):
                words = (
                    "is here still"
                    if there
                    else "is gone, which " + ("a hold keeps" if row.id in held else "nobody let go")
                )
                yield f"“{piece.id}” of {row.key} {words}, {when}"


def _held(view: sa.Connection) -> set[str]:
    """Submissions that are kept for an appeal or because of a concern.

    A concern that reached the hub after the evidence had gone keeps nothing: consent was withdrawn before.
    """
    own, concerns, came, ended = t.retention_holds.c, t.holds.c, t.packets.c, t.evidence_ended.c
    kept = sa.select(own.submission_id).where(own.released_at.is_(None))
    raised = (
        sa.select(concerns.submission_id)
        .join(t.packets, came.digest == concerns.id)
        .outerjoin(t.evidence_ended, ended.submission_id == concerns.submission_id)
        .where(concerns.lifted_at.is_(None), sa.or_(ended.at.is_(None), came.received_at < ended.at))
    )
    return {*view.execute(kept).scalars(), *view.execute(raised).scalars()}


def _decided(view: sa.Connection) -> set[str]:
    """Submissions decided for good, on which nobody has anything left to hand in."""
    newest: dict[str, Any] = {}
    done = set()
    own, p = t.assignments.c, t.packets.c
    query = (
        sa.select(own.id, own.submission_id, p.kind, t.decisions.c.kind.label("decided"))
        .select_from(
            t.assignments.join(t.packets, p.assignment_id == own.id).outerjoin(
                t.decisions, t.decisions.c.digest == p.digest
            )
        )
        .order_by(p.received_at)
    )
    for row in view.execute(query):
        if row.kind in ("packet", "decision", "notes"):
            done.add(row.id)
        if row.decided is not None:
            newest[row.submission_id] = row.decided
    open_work = {
        row.submission_id
        for row in view.execute(sa.select(t.assignments).where(own.withdrawn_at.is_(None)))
        if row.id not in done
    }
    return {one for one, kind in newest.items() if kind != "passed_back"} - open_work
