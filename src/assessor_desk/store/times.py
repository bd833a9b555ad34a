"""Times as the file keeps them: aware UTC in ISO 8601, always to the microsecond, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """`at` as text. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="microseconds")


def unstamp(text: str) -> datetime:
    """The inverse of `stamp`."""
    return datetime.fromisoformat(text)
