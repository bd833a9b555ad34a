"""When a review is due, by the policy's rule and the holidays of its calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import DueRule

_END_OF_DAY = time(23, 59, tzinfo=UTC)


def due_at(rule: DueRule, assigned_at: datetime) -> datetime | None:
    """The end of the last day, UTC; None where the policy sets no time (`days` 0).

    Business days are those that are neither weekend nor holiday of `rule.calendar` (“US”, “US-AR”); the
    day of assignment does not count. Raises Refused for a calendar that the holidays library does not
    know.
    """
    if rule.days <= 0:
        return None
    start = assigned_at.astimezone(UTC).date()
    if rule.unit == "calendar":
        return datetime.combine(start + timedelta(days=rule.days), _END_OF_DAY)
    calendar = _holidays(rule.calendar)
    return datetime.combine(_after_working_days(start, rule.days, calendar), _END_OF_DAY)


def _after_working_days(start: date, days: int, calendar: Any) -> date:
    day, left = start, days
    while left:
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            left -= 1
    return day


def _holidays(calendar: str) -> Any:
    import holidays

    country, _, subdivision = calendar.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise Refused(
            f"The policy's calendar “{calendar}” is not known. Write a country such as US or US-AR"
        ) from error
