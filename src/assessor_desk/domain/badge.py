"""What an issuer awards for an earned decision, and for several of them together.

A *stack* is a larger micro-credential made of smaller ones, as data: every part, so many of them, and what may stand
in for a part. It is earned once its rule holds, by badges that still count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .errors import Refused


class Identity(StrEnum):
    """How a badge says whose it is: by a salted digest, by the programme's number for the educator, or by name."""

    HASHED = "hashed"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class StackPart:
    """A micro-credential that a stack asks for, by its rubric's id, and others that may stand in for it."""

    id: str
    substitutes: tuple[str, ...] = ()

    @property
    def accepted(self) -> tuple[str, ...]:
        """Ids of the rubrics that fulfil this part, the one asked for first."""
        return (self.id, *self.substitutes)


@dataclass(frozen=True, slots=True)
class Stack:
    """A micro-credential made of others.

    `rule` is `all`, or `at_least` with its `count`. `valid_years` is how long the stack's own badge counts, 0 without
    end; `within_years` how far apart the parts may lie, 0 as far as they like. Raises Refused for what
    cannot be earned.
    """

    id: str
    version: str
    title: str
    issuer: str
    competency: str
    parts: tuple[StackPart, ...]
    rule: str = "all"
    count: int = 0
    valid_years: int = 0
    within_years: int = 0
    sample: bool = False

    def __post_init__(self) -> None:
        named = [one for part in self.parts for one in part.accepted]
        if twice := sorted({one for one in named if named.count(one) > 1}):
            raise Refused(f"“{twice[0]}” stands in this stack twice; a badge can fulfil one part alone")
        if self.rule == "at_least" and not 1 <= self.count <= len(self.parts):
            raise Refused(f"The stack asks for {self.count} of its {len(self.parts)} parts")

    @property
    def needed(self) -> int:
        """How many parts make the stack."""
        return self.count if self.rule == "at_least" else len(self.parts)


@dataclass(frozen=True, slots=True)
class Earned:
    """A badge as a stack looks at it: which micro-credential, when, until when, and if it still counts."""

    badge: str
    rubric_id: str
    issued_at: datetime
    valid_until: datetime | None = None
    revoked: bool = False

    def counts(self, now: datetime) -> bool:
        """Whether it is neither revoked nor past its date."""
        return not self.revoked and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class StackStanding:
    """How far somebody is: the badge that fulfils each part, the parts still open, and whether it is enough."""

    fulfilled: Mapping[str, Earned]
    open: tuple[str, ...]
    complete: bool
    sentence: str


def standing_of(stack: Stack, badges: Iterable[Earned], now: datetime) -> StackStanding:
    """How far these badges of one educator go; of several for one part the newest that counts is taken."""
    counting = sorted((one for one in badges if one.counts(now)), key=lambda one: (one.issued_at, one.badge))
    newest = {one.rubric_id: one for one in counting}
    fulfilled: dict[str, Earned] = {}
    for part in stack.parts:
        found = next((newest[one] for one in part.accepted if one in newest), None)
        if found is not None:
            fulfilled[part.id] = found
    fulfilled = _close_enough(stack, fulfilled)
    left = tuple(part.id for part in stack.parts if part.id not in fulfilled)
    missing = max(stack.needed - len(fulfilled), 0)
    return StackStanding(fulfilled, left, missing == 0, _sentence(stack, len(fulfilled), missing, left))


def _close_enough(stack: Stack, fulfilled: Mapping[str, Earned]) -> dict[str, Earned]:
    """Those within the years that the stack allows between its parts, counted back from the newest."""
    if not stack.within_years or not fulfilled:
        return dict(fulfilled)
    newest = max(one.issued_at for one in fulfilled.values())
    earliest = years_after(newest, -stack.within_years)
    return {part: one for part, one in fulfilled.items() if one.issued_at >= earliest}


def _sentence(stack: Stack, have: int, missing: int, left: tuple[str, ...]) -> str:
    if not missing:
        return f"“{stack.title}” is earned: {have} of the {stack.needed} parts it needs."
    which = f"{', '.join(left)}" if stack.needed == len(stack.parts) else f"{missing} of {', '.join(left)}"
    return f"“{stack.title}” is not earned yet: {have} of {stack.needed} parts. Open: {which}."


def years_after(at: datetime, years: int) -> datetime:
    """The same day so many years later; 29 February becomes 1 March where there is none."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, month=3, day=1)
