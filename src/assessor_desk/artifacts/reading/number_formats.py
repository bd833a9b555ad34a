"""Numbers of spreadsheets as their cells show them (ECMA-376 part 1, 18.8.30), as far as people use it.

What a format asks for beyond this (fractions, colours, conditions) shows the number as it is.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[0-9A-Fa-f]*)?\]")
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?(?:[eE][+-]?0+)?")
_DATE_WORDS = re.compile(
    r'\[h+\]|\[m+\]|\[s+\]|y+|m+|d+|h+|s+(?:\.0+)?|AM/PM|A/P|"[^"]*"|\\.|.', re.IGNORECASE
)


def shown(value: object, number_format: str) -> str:
    """A cell's value in words and figures as its format has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time | timedelta):
        return _moment(value, number_format)
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    return str(value)


def _number(value: float, number_format: str) -> str:
    sections = number_format.split(";")
    section = sections[0]
    if value < 0 and len(sections) > 1:
        section, value = sections[1], abs(value)
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    if section.strip().lower() in ("general", "", "@") or "?/" in section or "#/" in section:
        return general(value)
    plain = _CURRENCY.sub(lambda found: found[1].strip(), section)
    bare = _LITERAL.sub("", plain)
    found = _DIGITS.search(bare)
    if found is None:
        return _words(plain).strip() or general(value)
    pattern = found[0]
    figures = _figures(value * 100 if "%" in bare else value, pattern)
    negative = figures.startswith("-")
    before, _, after = _around(plain, pattern)
    words = f"{_words(before)}{figures.removeprefix('-')}{_words(after)}".strip()
    return f"-{words}" if negative else words


def _around(section: str, pattern: str) -> tuple[str, str, str]:
    return section.partition(pattern)


def _words(section: str) -> str:
    """What stands before or after the figures."""
    return _LITERAL.sub(
        lambda found: found[1] or found[2] or (" " if found[0].startswith("_") else ""), section
    )


def _figures(value: float, pattern: str) -> str:
    if "e" in pattern.lower():
        mantissa = pattern.lower().partition("e")[0]
        places = len(mantissa.partition(".")[2])
        return f"{value:.{places}E}"
    whole, _, fraction = pattern.partition(".")
    thousands = len(whole) - len(whole.rstrip(","))
    value = value / 1000**thousands
    least, most = fraction.count("0"), len(fraction)
    try:
        rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    except InvalidOperation:
        return general(value)
    text = f"{rounded:,f}" if "," in whole.rstrip(",") else f"{rounded:f}"
    head, _, tail = text.partition(".")
    tail = tail[:least] + tail[least:].rstrip("0")
    least_whole = whole.count("0")
    sign, head = ("-", head[1:]) if head.startswith("-") else ("", head)
    head = head.rjust(least_whole, "0") if least_whole > 1 else head
    if least_whole == 0 and head == "0" and tail:
        head = ""
    joined = f"{head}.{tail}" if tail else head
    return sign + joined if joined.strip("0.,") else joined


def general(value: float) -> str:
    """A number as a cell without a format shows it: up to eleven figures."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value)) if abs(value) < 1e11 else f"{value:.5E}"
    if value != 0 and not 1e-9 <= abs(value) < 1e11:
        return f"{value:.5E}"
    return f"{value:.10g}"


def _moment(value: datetime | date | time | timedelta, number_format: str) -> str:
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    section = re.sub(r"\[(?:\$|[A-Z])[^\]]*\]", "", number_format.split(";")[0])
    words = _DATE_WORDS.findall(section)
    if not any(word[0].lower() in "ymdhs" for word in words) or section.lower() == "general":
        return _plain_moment(value)
    half_day = any(word.upper() in ("AM/PM", "A/P") for word in words)
    return "".join(_moment_word(value, words, place, half_day) for place in range(len(words))).strip()


def _plain_moment(value: datetime | date | time) -> str:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, datetime) and (value.hour or value.minute):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.strftime("%Y-%m-%d")


def _moment_word(value: datetime | date | time, words: list[str], place: int, half_day: bool) -> str:
    """One word of a date's format; `m` is a month or a minute by what stands beside it."""
    word = words[place]
    letter = word.strip("[]")[:1].lower()
    if letter == "m" and _is_minute(words, place):
        letter = "n"
    day = value if isinstance(value, date) else date(1900, 1, 1)
    moment = value if isinstance(value, datetime | time) else time()
    if word.upper() in ("AM/PM", "A/P"):
        return "AM" if moment.hour < 12 else "PM"
    if letter == "y" and word.lower().strip("y") == "":
        return f"{day.year}" if len(word) > 2 else f"{day.year % 100:02}"
    if letter == "m" and word.lower().strip("m") == "":
        return _counted(day.month, len(word), day, "%b", "%B")
    if letter == "d" and word.lower().strip("d") == "":
        return _counted(day.day, len(word), day, "%a", "%A")
    if letter == "h":
        hour = (moment.hour % 12 or 12) if half_day else moment.hour
        return _padded(hour, word)
    if letter == "n":
        return _padded(moment.minute, word)
    if letter == "s" and word.lower()[:1] in ("s", "["):
        return _padded(moment.second, word.partition(".")[0])
    if word.startswith('"'):
        return word.strip('"')
    return word[1:] if word.startswith("\\") else word


def _padded(count: int, word: str) -> str:
    return f"{count:02}" if len(word.strip("[]")) > 1 else str(count)


def _counted(count: int, length: int, day: date, short: str, long: str) -> str:
    if length > 3:
        return day.strftime(long)
    return day.strftime(short) if length == 3 else (f"{count:02}" if length == 2 else str(count))


def _is_minute(words: list[str], place: int) -> bool:
    letters = [word.strip("[]")[:1].lower() for word in words]
    before = next((each for each in reversed(letters[:place]) if each in "ymdhs"), "")
    after = next((each for each in letters[place + 1 :] if each in "ymdhs"), "")
    return before == "h" or after == "s"
