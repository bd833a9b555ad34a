"""What the hub keeps in the end: held evidence for as long as it is held, all other until its days are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from tests.model.town import Office

from assessor_desk.hub import tables as t
from assessor_desk.hub.retention import expire
from assessor_desk.hub.retention_holds import HoldKind, RetentionHold, list_holds, place_hold, release_hold
from assessor_desk.hub.sweeping import sweep

#: As the policy of the town says, and some.
_DAYS = 1825 + 30 + 1


def hold(office: Office, which: str) -> RetentionHold:
    """Keep a submission for an appeal, and note which of its files are here: none may go before the hold does."""
    placed = place_hold(office.hub, which, HoldKind.APPEAL, "She appealed.", "The office")
    office.held[placed.id] = {digest for _, digest in _files(office, which)}
    return placed


def troubles_of_keeping(office: Office, census: Counter[str]) -> list[str]:
    """What is gone that is held, what goes too early, and what stays though its days have passed.

    The days pass here: this is the last that happens in a scenario.
    """
    sweep(office.hub)
    found = list(_of_evidence(office, "before its days passed", passed=False))
    expire(office.hub)
    found += _of_evidence(office, "on the next day", passed=False)
    office.now.move(days=_DAYS)
    census["evidence that its days ended"] += len(expire(office.hub))
    sweep(office.hub)
    found += [*_of_evidence(office, "after its days", passed=True), *_of_holds(office, census)]
    held = list_holds(office.hub)
    for one in {one.key for one in held}:
        release_hold(office.hub, one, "The office")
    expire(office.hub)
    census["evidence that a hold kept"] += len({one.key for one in held})
    sweep(office.hub)
    return [*found, *_of_evidence(office, "after its hold", passed=True), *_twice(office)]


def _of_holds(office: Office, census: Counter[str]) -> Iterator[str]:
    """Files that were here when a hold was placed which stands still, and are not here any more."""
    for one in list_holds(office.hub):
        here = _files(office, one.key)
        for digest in sorted(office.held.get(one.id, set()) - {digest for _, digest in here}):
            yield f"A file of {one.key} is gone ({digest[:8]}…), which was here when it was held"
        census["files that a hold alone kept"] += len(here) - len({origin for origin, _ in here})


def _twice(office: Office) -> Iterator[str]:
    """Files that another took the place of, that nothing holds and no review was made of."""
    reviewed = sa.select(t.assignments.c.submission_id).join(
        t.packets, t.packets.c.assignment_id == t.assignments.c.id
    )
    with office.hub.database.reading() as view:
        held = _held(view) | set(
            view.execute(reviewed.where(t.packets.c.kind.in_(("packet", "decision")))).scalars()
        )
        keys = {row.key for row in view.execute(sa.select(t.submissions)).all() if row.id not in held}
    for key in sorted(keys):
        of_each = Counter(origin for origin, _ in _files(office, key))
        yield from (f"{origin} of {key} is here {n} times" for origin, n in of_each.items() if n > 1)


def _files(office: Office, key: str) -> set[tuple[str, str]]:
    """Where each file of a submission came from that can be opened here, and its SHA-256."""
    stored, a = {one.digest for one in office.hub.blobs.stored()}, t.artifacts.c
    query = (
        sa.select(a.origin, a.sha256, t.blobs.c.digest)
        .join(t.blobs, t.blobs.c.digest == a.blob)
        .join(t.submissions, t.submissions.c.id == a.submission_id)
        .where(t.submissions.c.key == key)
    )
    with office.hub.database.reading() as view:
        return {(row.origin, row.sha256) for row in view.execute(query).all() if row.digest in stored}


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
