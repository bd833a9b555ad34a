"""How much of a disk evidence may take, and what goes first when that is too little: plain rules over sizes and dates.

What is due first stays and comes first. To make room, what is delivered goes before anything else, then what nobody has
begun and is due later than what is to come. Nothing goes that is open, begun and not delivered, or that a person made
available offline; whatever goes can be fetched again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

#: Of itself evidence leaves so much of a disk free: a twentieth of it, and no more than this.
_LEFT_FREE, _SHARE = 5 * 10**9, 20
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes that evidence may take (`limit`), that it takes (`used`), and that are free on the disk."""

    limit: int
    used: int
    free: int
    chosen: bool = False

    @property
    def left(self) -> int:
        """What may still come; below zero where evidence takes more than it may."""
        return min(self.limit - self.used, self.free)


@dataclass(frozen=True, slots=True)
class Letting:
    """A file that is here and may be let go of. `over`: its work is delivered."""

    submission_id: str
    artifact_id: str
    digest: str
    length: int
    due_at: datetime | None
    over: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """A file to be fetched, in the order in which it is wanted. `kept`: a person made it available offline."""

    submission_id: str
    artifact_id: str
    length: int
    due_at: datetime | None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What to fetch, what to let go of for it, and what there is no room for."""

    fetch: tuple[Coming, ...]
    let_go: tuple[Letting, ...]
    left_out: tuple[Coming, ...]


def space(used: int, free: int, total: int, chosen: int) -> Space:
    """What evidence may take: as a person chose (0: nothing chosen), else all but a part of what is free."""
    spared = min(_LEFT_FREE, total // _SHARE)
    return Space(chosen or max(0, used + free - spared), used, free, bool(chosen))


def plan(room: Space, coming: Sequence[Coming], may_go: Iterable[Letting]) -> Plan:
    """Fit what is to come into the room there is."""
    going = sorted(may_go, key=_goes_first)
    left = room.left
    fetch: list[Coming] = []
    left_out: list[Coming] = []
    let_go: list[Letting] = []
    if left < 0:
        left += _take(going, let_go, -left, lambda one: one.over, as_far_as=True)
    for one in coming:
        if one.length > left:
            left += _take(going, let_go, one.length - left, partial(_yields, to=one))
        if one.length <= left:
            left -= one.length
            fetch.append(one)
        else:
            left_out.append(one)
    return Plan(tuple(fetch), tuple(let_go), tuple(left_out))


def _goes_first(one: Letting) -> tuple[bool, float, str]:
    """Delivered before what is still to be done; within each the latest due, within a submission all of it."""
    return not one.over, -(one.due_at or _NEVER).timestamp(), one.submission_id


def _yields(one: Letting, to: Coming) -> bool:
    return one.over or to.kept or (one.due_at or _NEVER) > (to.due_at or _NEVER)


def _take(
    going: list[Letting],
    let_go: list[Letting],
    needed: int,
    may: Callable[[Letting], bool],
    *,
    as_far_as: bool = False,
) -> int:
    """Let go of as much as is needed; where all that may go is too little of nothing, or `as_far_as` it goes.

    Returns the bytes.
    """
    chosen: list[Letting] = []
    found = 0
    for one in going:
        if found >= needed:
            break
        if may(one):
            chosen.append(one)
            found += one.length
    if found < needed and not as_far_as:
        return 0
    for one in chosen:
        going.remove(one)
    let_go += chosen
    return found
