"""Periods by name, as of a day."""

from datetime import date

import pytest

from assessor_desk.domain.period import Period, days_of


@pytest.mark.parametrize(
    ("today", "since", "until"),
    [
        (date(2026, 11, 22), date(2026, 8, 1), date(2026, 12, 31)),
        (date(2026, 8, 1), date(2026, 8, 1), date(2026, 12, 31)),
        (date(2026, 7, 31), date(2026, 6, 1), date(2026, 7, 31)),
        (date(2026, 2, 28), date(2026, 1, 1), date(2026, 5, 31)),
    ],
)
def test_a_term_is_the_one_that_today_lies_in(today: date, since: date, until: date) -> None:
    assert days_of(Period.TERM, today) == (since, until)


def test_a_school_year_begins_in_july() -> None:
    assert days_of(Period.SCHOOL_YEAR, date(2026, 6, 30)) == (date(2025, 7, 1), date(2026, 6, 30))
    assert days_of(Period.SCHOOL_YEAR, date(2026, 7, 1)) == (date(2026, 7, 1), date(2027, 6, 30))
    assert days_of(Period.LAST_SCHOOL_YEAR, date(2026, 7, 1)) == (date(2025, 7, 1), date(2026, 6, 30))
    assert days_of(Period.YEAR, date(2026, 7, 1)) == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("period", [Period.ALL, Period.CHOSEN])
def test_what_has_no_days_of_its_own_is_open(period: Period) -> None:
    assert days_of(period, date(2026, 7, 1)) == (None, None)
