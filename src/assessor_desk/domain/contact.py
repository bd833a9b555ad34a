"""Evidence closes at a desk that has had no contact with its source for as many days as the policy says.

Counted on a clock that never runs backwards: whoever sets the computer's back gains nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: So many days before it closes a person is told.
TOLD_BEFORE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Contact:
    """When a source was last in contact, and the latest time that this desk has seen."""

    last: datetime
    now: datetime

    def closes_at(self, days: int) -> datetime | None:
        """When evidence under a policy with so many days closes; None where it never does (0)."""
        return self.last + timedelta(days=days) if days else None

    def closed(self, days: int) -> bool:
        """Whether it is closed now."""
        at = self.closes_at(days)
        return at is not None and self.now >= at

    def days_left(self, days: int) -> int | None:
        """Whole days until it closes, begun ones counted, where a person is to be told by now; 0 once it is closed."""
        at = self.closes_at(days)
        if at is None or at - self.now > TOLD_BEFORE:
            return None
        return max(0, -((self.now - at) // timedelta(days=1)))


def closed_words(title: str, days: int) -> str:
    """Why evidence cannot be opened, and what opens it again."""
    return (
        f"This evidence is closed: there was no contact with {title} for {days} days. Sync, and it opens again; what "
        "you wrote can be read, and you can go on writing"
    )


def closing_words(title: str, left: int) -> str:
    """That evidence closes soon, or is closed."""
    if left == 0:
        return f"Evidence is closed until the next contact with {title}. Sync opens it again."
    when = "tomorrow" if left == 1 else f"in {left} days"
    return f"Evidence closes {when} without contact with {title}. Sync before then."
