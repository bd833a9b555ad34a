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
    #: The last change that concerns whoever asked; 0 where nobody did.
    newest: int = 0


def begin_epoch(work: sa.Connection) -> None:
    """The hub has another past from now on: every desk is told everything anew. For whoever restores a hub."""
    work.execute(sa.delete(t.facts).where(t.facts.c.name == _EPOCH))
    work.execute(sa.insert(t.facts).values(name=_EPOCH, value=secrets.token_hex(4)))


def place_of(hub: Hub, cursor: str, person: str = "") -> Place:
    """Where a desk with this cursor stands, and what is newest for its person: one question, however much there is.

    Raises Declined (400) for a cursor that no hub ever gave out.
    """
    found = _CURSOR.fullmatch(cursor)
    if cursor and found is None:
        words = f"“{cursor[:40]}” is not a cursor of this hub. Leave it out to begin again"
        raise Declined(400, words, reason=UNKNOWN_CURSOR)
    told, after, token = (found[1], int(found[2]), found[3]) if found else ("", 0, None)
    with hub.database.looking() as view:
        stands = view.execute(_STANDING, {"after": after, "person": person}).one()
    epoch = _begun(hub) if stands.epoch is None else str(stands.epoch)
    newest = max(stands.own or 0, stands.everybodys or 0)
    if found is None:
        return Place(epoch, 0, newest=newest)
    if told != epoch:
        return Place(epoch, 0, anew=True, newest=newest)
    ours = after <= (stands.last or 0) and (token is None or token == (stands.token or _NO_TOKEN))
    return Place(epoch, after, newest=newest) if ours else Place(_after_a_restore(hub, epoch), 0, anew=True)


def cursor_at(view: sa.Connection, epoch: str, after: int) -> str:
    """What a desk that was told everything up to change number `after` comes back with."""
    return f"{epoch}.{after}.{_token(view, after)}"


_LOG = t.changes.c
_EPOCH_NOW = sa.select(t.facts.c.value).where(t.facts.c.name == _EPOCH)
#: What tells a change from another that was given the same number. News of the trust list are passed over: the newest
#: takes the place of all before.
_TOKEN = (
    sa.select(_LOG.token)
    .where(_LOG.seq <= sa.bindparam("after"), _LOG.kind != "trust")
    .order_by(_LOG.seq.desc())
    .limit(1)
)
#: Each is a seek in an index.
_STANDING = sa.select(
    _EPOCH_NOW.scalar_subquery().label("epoch"),
    _TOKEN.scalar_subquery().label("token"),
    sa.select(sa.func.max(_LOG.seq)).scalar_subquery().label("last"),
    sa.select(sa.func.max(_LOG.seq))
    .where(_LOG.person == sa.bindparam("person"))
    .scalar_subquery()
    .label("own"),
    sa.select(sa.func.max(_LOG.seq)).where(_LOG.person.is_(None)).scalar_subquery().label("everybodys"),
)


def _token(view: sa.Connection, after: int) -> str:
    return view.execute(_TOKEN, {"after": after}).scalar() or _NO_TOKEN


def _begun(hub: Hub) -> str:
    """The first epoch of a hub."""
    with hub.database.writing() as work:
        if work.execute(_EPOCH_NOW).scalar() is None:
            begin_epoch(work)
        return str(work.execute(_EPOCH_NOW).scalar())


def _after_a_restore(hub: Hub, seen: str) -> str:
    """A new epoch, unless another process has begun one meanwhile: other desks may not look as if all were well."""
    with hub.database.writing() as work:
        first = work.execute(_EPOCH_NOW).scalar() == seen
        if first:
            begin_epoch(work)
        epoch = str(work.execute(_EPOCH_NOW).scalar())
    if first:
        hub.renew_trust()  # desks may hold a later list than was put back, and take none that is older
    return epoch
