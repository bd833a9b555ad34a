"""Stretches of days that people ask for by name: this term, this school year, all."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

#: First day, as month and day, of each term of a school year in the United States; the year begins on 1 July.
_TERMS = ((1, 1), (6, 1), (8, 1))
_SCHOOL_YEAR = (7, 1)


class Period(StrEnum):
    """A stretch by name; CHOSEN is whatever two days a person chooses."""

    ALL = "all"
    TERM = "term"
    SCHOOL_YEAR = "school_year"
    LAST_SCHOOL_YEAR = "last_school_year"
    YEAR = "year"
    CHOSEN = "chosen"


Days = tuple[date | None, date | None]
"""First and last day, both counted in; None where it is open."""


def days_of(period: Period, today: date) -> Days:
    """The days of a stretch as of today. Open at both ends for ALL, and for CHOSEN, whose days a person chooses."""
    if period is Period.TERM:
        starts = [date(today.year, *first) for first in _TERMS] + [date(today.year + 1, 1, 1)]
        since = max(start for start in starts if start <= today)
        return since, min(start for start in starts if start > today) - timedelta(days=1)
    if period is Period.YEAR:
        return date(today.year, 1, 1), date(today.year, 12, 31)
    if period in (Period.SCHOOL_YEAR, Period.LAST_SCHOOL_YEAR):
        began = today.year if (today.month, today.day) >= _SCHOOL_YEAR else today.year - 1
        began -= period is Period.LAST_SCHOOL_YEAR
        return date(began, *_SCHOOL_YEAR), date(began + 1, *_SCHOOL_YEAR) - timedelta(days=1)
    return None, None
