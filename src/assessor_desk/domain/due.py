"""Due dates and working days, by the policy's rule.

Days are those of UTC, in which all times of the program are. Which days are holidays is handed in: see
`rubric_files.calendars`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Protocol

from .policy import DueRule

_END_OF_DAY = time(23, 59, tzinfo=UTC)


class WorkingDays(Protocol):
    """A calendar: which days are neither weekend nor holiday."""

    def is_working_day(self, key: date, /) -> bool:
        """Whether people are at work on that day."""
        ...


def due_at(rule: DueRule, assigned_at: datetime, calendar: WorkingDays) -> datetime | None:
    """The end of the last day, UTC; None where the policy sets no time (`days` 0).

    The day of assignment does not count.
    """
    if rule.days <= 0:
        return None
    start = assigned_at.astimezone(UTC).date()
    if rule.unit == "calendar":
        return datetime.combine(start + timedelta(days=rule.days), _END_OF_DAY)
    return datetime.combine(_after_working_days(start, rule.days, calendar), _END_OF_DAY)


def _after_working_days(start: date, days: int, calendar: WorkingDays) -> date:
    day, left = start, days
    while left:
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            left -= 1
    return day


def overdue_before(rule: DueRule, now: datetime, calendar: WorkingDays | None) -> datetime | None:
    """What has waited since before this time, at `now` waits for longer than the rule gives, as `DayCount` counts.

    None where the rule sets no time. `calendar` is asked only where the rule counts working days.
    """
    if rule.days <= 0:
        return None
    day, left = now.astimezone(UTC).date(), rule.days + 1
    while left:
        left -= calendar is None or calendar.is_working_day(day)
        day -= timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), UTC)


class DayCount:
    """Counts working days between two times of a stretch, quickly for many: each day is looked up once."""

    def __init__(self, calendar: WorkingDays, first: datetime, last: datetime) -> None:
        self._first = _ordinal(first)
        days = (date.fromordinal(day) for day in range(self._first, _ordinal(last) + 1))
        self._until = tuple(accumulate(map(calendar.is_working_day, days), initial=0))

    def between(self, start: datetime, end: datetime) -> int:
        """Working days after the day of `start` up to and with the day of `end`, as a due date counts them.

        Less than zero where `end` comes first. Both lie within the stretch.
        """
        return self.each((start,), (end,))[0]

    def each(self, starts: Iterable[datetime], ends: Iterable[datetime]) -> list[int]:
        """The same for many pairs."""
        until, shift = self._until, 1 - self._first
        return [
            until[_ordinal(end) + shift] - until[_ordinal(start) + shift] for start, end in zip(starts, ends)
        ]


def calendar_days(starts: Iterable[datetime], ends: Iterable[datetime]) -> list[int]:
    """Days after the day of each start up to and with the day of its end."""
    return [_ordinal(end) - _ordinal(start) for start, end in zip(starts, ends)]


def _ordinal(at: datetime) -> int:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).toordinal()
