"""The calendars that policies name, as the holidays library knows them."""

from __future__ import annotations

from functools import lru_cache

from assessor_desk.domain.due import WorkingDays
from assessor_desk.domain.errors import Refused


@lru_cache(maxsize=8)
def working_days(calendar: str) -> WorkingDays:
    """The working days of a country or subdivision (“US”, “US-AR”).

    Raises Refused for a calendar that the holidays library does not know.
    """
    import holidays

    country, _, subdivision = calendar.partition("-")
    try:
        found: WorkingDays = holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise Refused(
            f"The policy's calendar “{calendar}” is not known. Write a country such as US or US-AR"
        ) from error
    return found
