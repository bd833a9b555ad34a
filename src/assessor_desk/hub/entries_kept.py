"""How long the hub keeps what the computers of one person send each other: until all have it, and it has had its time.

Of the batches it knows who may still want them, and when they came; not what is in them. So a batch stays until every
computer of the person's that is in use has taken it, and until everything that was assigned to the person by then was
handed in or withdrawn for as long as its policy keeps earlier wordings (`Retention`). The last batch of each chain
stays: what comes next follows on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.policy import Policy
from assessor_desk.domain.roles import Purpose
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.parts import in_parts
from assessor_desk.hub.publishing import published_policy
from assessor_desk.rubric_files import policy_from_json

#: A computer that was not heard for so long holds up nothing: should it come back, the others send it everything.
AWAY = timedelta(days=400)
#: Where the policy of an assignment is not here any more.
_DAYS = 365


def let_go_of_batches(hub: Hub) -> int:
    """Remove what has had its time; how many batches."""
    own = t.entry_batches.c
    with hub.database.reading() as view:
        people = view.execute(sa.select(own.person).distinct()).scalars().all()
    return sum(_let_go(hub, person) for person in people)


def _let_go(hub: Hub, person: str) -> int:
    own, now, newer = t.entry_batches.c, hub.clock(), t.entry_batches.alias("newer").c
    chain = sa.select(sa.func.max(newer.number)).where(newer.person == person, newer.chain == own.chain)
    last = sa.select(sa.func.max(newer.seq)).where(newer.person == person)
    # Whatever comes meanwhile is newer, and no reason to keep what is found here: nobody need wait for the looking.
    with hub.database.reading() as view:
        taken = _taken(view, person, now)
        query = sa.select(own.seq, own.device).where(
            own.person == person,
            own.at < _settled_before(view, person, now),
            own.number < chain.scalar_subquery(),
            own.seq < last.scalar_subquery(),
        )
        gone = [
            row.seq
            for row in view.execute(
                query.order_by(own.seq)
            )  # in parts: at no time is one gone whose earlier is here
            if all(row.seq <= place for device, place in taken.items() if device != row.device)
        ]
    for some in in_parts(gone):
        with hub.database.writing() as work:
            work.execute(sa.delete(t.entry_batches).where(own.person == person, own.seq.in_(some)))
    return len(gone)


def _taken(work: sa.Connection, person: str, now: datetime) -> dict[str, int]:
    """Up to which place each computer in use has them. One that never asked was not let in yet, and gets all then."""
    own = t.devices.c
    heard = sa.func.coalesce(own.heard_at, own.enrolled_at)
    query = sa.select(own.id, own.entries_taken).where(
        own.person == person, own.revoked_at.is_(None), heard > now - AWAY, own.entries_taken.is_not(None)
    )
    return {row.id: row.entries_taken for row in work.execute(query)}


def _settled_before(work: sa.Connection, person: str, now: datetime) -> datetime:
    """What was sent before then is about nothing that is still worked on, or was within its days."""
    policy = cache(lambda *which: _policy(work, *which))
    unsettled = [one.assigned_at for one in _assignments(work, person) if not _settled(one, policy, now)]
    return min(unsettled, default=now)


def _assignments(work: sa.Connection, person: str) -> Iterator[Any]:
    own, p = t.assignments.c, t.packets.c
    handed_in = sa.select(sa.func.max(p.received_at)).where(p.assignment_id == own.id, p.person == person)
    query = sa.select(t.assignments, handed_in.scalar_subquery().label("handed_in"))
    yield from work.execute(query.where(own.person == person)).all()


def _policy(work: sa.Connection, policy_id: str, version: str) -> Policy | None:
    content = published_policy(work, policy_id, version)
    return None if content is None else policy_from_json(content)


def _settled(assignment: Any, policy: Callable[[str, str], Policy | None], now: datetime) -> bool:
    since = assignment.handed_in or assignment.withdrawn_at
    if since is None:
        return False
    days = _days(policy(assignment.policy_id, assignment.policy_version), assignment.purpose)
    return bool(now - since > timedelta(days=days))


def _days(policy: Policy | None, purpose: str) -> int:
    if policy is None:
        return _DAYS
    terms = policy.retention
    return terms.drafts_and_coaching if purpose == Purpose.COACH.value else terms.wordings_before_seal
