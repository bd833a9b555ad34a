"""Times and speeds of a recording as people write and read them."""

from __future__ import annotations

import re

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,3}))?")
_SECONDS = re.compile(r"(\d{1,6})(?:[.,](\d{1,3}))?\s*s?")
_UNITS = re.compile(r"(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m(?:in)?)?\s*(?:(\d{1,6})(?:[.,](\d{1,3}))?\s*s)?")
_SIXTY = 60


def time_words(ms: int, tenths: bool = False) -> str:
    """`04:43`, with `tenths` `04:43.6`; from an hour on `1:04:43`."""
    tenth = ms // 100
    seconds = tenth // 10
    hours, minutes = seconds // 3600, seconds // 60 % 60
    start = f"{hours}:{minutes:02}" if hours else f"{minutes:02}"
    return f"{start}:{seconds % 60:02}" + (f".{tenth % 10}" if tenths else "")


def parse_time(words: str) -> int | None:
    """Milliseconds of `1:04:43`, `4:43.6`, `283`, `283.2 s` or `4m 43s`; None when it is no time."""
    words = words.strip().lower()
    if found := _CLOCK.fullmatch(words):
        hours, minutes, seconds, fraction = found.groups()
        if int(seconds) >= _SIXTY or (hours is not None and int(minutes) >= _SIXTY):
            return None
        return _ms(hours, minutes, seconds, fraction)
    if found := _SECONDS.fullmatch(words):
        return _ms(None, None, *found.groups())
    if words and (found := _UNITS.fullmatch(words)):
        return _ms(*found.groups())
    return None


def why_no_time(words: str, duration_ms: int) -> str:
    """A sentence for what was typed as a time and cannot be gone to; empty where it can."""
    ms = parse_time(words)
    if ms is None:
        what = f"“{words.strip()}” is no time" if words.strip() else "No time was typed"
        return f"{what}: write minutes and seconds, 4:38 or 4:38.200, or seconds alone, 278."
    if ms > duration_ms:
        return f"The recording ends at {time_words(duration_ms)}: there is no {time_words(ms)} in it."
    return ""


def rate_words(rate: float) -> str:
    """`1.0×`, `1.25×`."""
    return (f"{rate:.2f}" if round(rate * 100) % 10 else f"{rate:.1f}") + "×"


def _ms(hours: str | None, minutes: str | None, seconds: str | None, fraction: str | None) -> int:
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))
