"""What a reviewer's queue is made of: plain facts, for the window before anything of a review is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assessor_desk.store.lines import QueueSection, QueueState
from assessor_desk.store.queue import QueueFilter, QueueOrder

__all__ = [
    "DECIDED", "FoundText", "QueueFilter", "QueueOrder", "QueueSection", "QueueState", "Queued", "ReportLine",
]  # fmt: skip


#: What is decided, whether or not it is on its way yet.
DECIDED = frozenset({QueueState.SEALED_WAITING, QueueState.ON_HUB})


@dataclass(frozen=True, slots=True)
class Queued:
    """How one submission stands.

    `day` counts the days by the policy's rule since its review could be decided on, 0 on the day it came; `days` is how
    many the rule gives, 0 where it sets none. `outcome` is what was decided, empty before.
    """

    submission_id: str
    state: QueueState
    rubric_id: str
    since: datetime | None = None
    day: int = 0
    days: int = 0
    outcome: str = ""

    @property
    def waits(self) -> bool:
        """Whether its days run: there is a review and no decision."""
        return self.state in (QueueState.TO_DECIDE, QueueState.ON_HOLD)

    @property
    def overdue(self) -> bool:
        """Whether it waits for longer than the rule gives."""
        return self.waits and 0 < self.days < self.day


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A decided submission whose report waits to be released, or was: `to` whom, by name or by the issuer's key.

    `why_not` is a sentence where it cannot be released yet. Of a released one `at` is when, `how` whether by `folder`
    or `hub`, `folder` where to.
    """

    submission_id: str
    key: str
    title: str
    outcome: str
    to: str
    why_not: str = ""
    at: datetime | None = None
    how: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text of a delivered review in which the words looked for stand.

    `field` is the name of a text, or `anchor` for the line said of one. `before`, `hit` and `after` are the excerpt
    around the first word found; `where` names the submission and the text for a person.
    """

    digest: str
    submission_id: str
    field: str
    criterion: str
    key: str
    where: str
    before: str
    hit: str
    after: str
