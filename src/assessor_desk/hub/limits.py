"""How much may be asked of a hub: kept in its database, for all processes that serve it (`allowance` counts)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.hub import Hub

_FACT = "limits"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed: requests a minute, and wrong codes from one address in a quarter of an hour."""

    requests_per_device: int = 6_000
    requests_per_address: int = 60_000
    wrong_codes: int = 10


def limits_of(hub: Hub) -> Limits:
    """What is allowed here."""
    with hub.database.reading() as view:
        told = view.execute(sa.select(t.facts.c.value).where(t.facts.c.name == _FACT)).scalar() or {}
    known = {name: value for name, value in told.items() if name in Limits.__slots__}
    return replace(Limits(), **known)


def set_limits(hub: Hub, **changed: int) -> Limits:
    """Allow this from now on; processes that serve go by it within a quarter of a minute.

    Raises Refused for a limit that would let nobody in.
    """
    if any(value < 1 for value in changed.values()):
        raise Refused("A limit is a number from 1 on: with none nobody could ask anything")
    chosen = replace(limits_of(hub), **changed)
    with hub.database.writing() as work:
        work.execute(sa.delete(t.facts).where(t.facts.c.name == _FACT))
        work.execute(sa.insert(t.facts).values(name=_FACT, value=asdict(chosen)))
        told = ", ".join(f"{name} {value}" for name, value in changed.items())
        append(work, hub.clock(), Line(Act.LIMITED, detail=told))
    return chosen
