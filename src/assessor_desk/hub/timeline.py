"""Cursors, and how a hub notices that it was put back from a back-up.

A cursor is `epoch.number.token`: the hub's present epoch, and number and token of the last change told. A hub that was
restored has another past behind it than its desks: numbers are given out a second time, for other changes. So whoever
restores it begins a new epoch (`begin_epoch`), and a folder that was merely copied back shows itself by a cursor from
its future, or by one whose change has another token (docs/decisions/0189).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from assessor_desk.hub import tables as t
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.protocol.messages import UNKNOWN_CURSOR

_EPOCH = "epoch"
#: With a number alone it was given out by a hub from before there were epochs, which may have been restored since.
_CURSOR = re.compile(r"(?:([0-9a-f]{8})\.)?(\d{1,18})(?:\.([0-9a-f]{8}))?", re.ASCII)
_NO_TOKEN = "00000000"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a desk stands in the hub's past: after change number `after`, in `epoch`.

    `anew`: its cursor is of another past, and it is told everything from the beginning.
    """

    epoch: str
    after: int
    anew: bool = False


def begin_epoch(work: sa.Connection) -> None:
    """The hub has another past from now on: every desk is told everything anew. For whoever restores a hub."""
    work.execute(sa.delete(t.facts).where(t.facts.c.name == _EPOCH))
    work.execute(sa.insert(t.facts).values(name=_EPOCH, value=secrets.token_hex(4)))


def place_of(hub: Hub, cursor: str) -> Place:
    """Where a desk with this cursor stands. Raises Declined (400) for one that no hub ever gave out."""
    found = _CURSOR.fullmatch(cursor)
    if cursor and found is None:
        words = f"“{cursor[:40]}” is not a cursor of this hub. Leave it out to begin again"
        raise Declined(400, words, reason=UNKNOWN_CURSOR)
    epoch = _epoch(hub)
    if found is None:
        return Place(epoch, 0)
    told, after, token = found[1], int(found[2]), found[3]
    if told != epoch:
        return Place(epoch, 0, anew=True)
    with hub.database.reading() as view:
        ours = after <= _newest(view) and (token is None or token == _token(view, after))
    return Place(epoch, after) if ours else Place(_after_a_restore(hub, epoch), 0, anew=True)


def cursor_at(view: sa.Connection, epoch: str, after: int) -> str:
    """What a desk that was told everything up to change number `after` comes back with."""
    return f"{epoch}.{after}.{_token(view, after)}"


def newest_for(view: sa.Connection, person: str) -> int:
    """The number of the last change that concerns a person, 0 where there is none. As quick with many as with few."""
    log = t.changes.c
    own = sa.select(sa.func.max(log.seq)).where(log.person == person)
    everybodys = sa.select(sa.func.max(log.seq)).where(log.person.is_(None))
    return max(view.execute(query).scalar() or 0 for query in (own, everybodys))


def _newest(view: sa.Connection) -> int:
    return int(view.execute(sa.select(sa.func.max(t.changes.c.seq))).scalar() or 0)


def _token(view: sa.Connection, after: int) -> str:
    """What tells a change from another that was given the same number.

    News of the trust list are passed over: the newest takes the place of all before.
    """
    log = t.changes.c
    query = sa.select(log.token).where(log.seq <= after, log.kind != "trust").order_by(log.seq.desc())
    return view.execute(query.limit(1)).scalar() or _NO_TOKEN


def _epoch(hub: Hub) -> str:
    query = sa.select(t.facts.c.value).where(t.facts.c.name == _EPOCH)
    with hub.database.reading() as view:
        known = view.execute(query).scalar()
    if known is not None:
        return str(known)
    with hub.database.writing() as work:
        if work.execute(query).scalar() is None:
            begin_epoch(work)
        return str(work.execute(query).scalar())


def _after_a_restore(hub: Hub, seen: str) -> str:
    """A new epoch, unless another process has begun one meanwhile: other desks may not look as if all were well."""
    query = sa.select(t.facts.c.value).where(t.facts.c.name == _EPOCH)
    with hub.database.writing() as work:
        if work.execute(query).scalar() == seen:
            begin_epoch(work)
        return str(work.execute(query).scalar())
