"""Numbers, days and standings in words, the same in every document and whatever the computer's locale."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from textwrap import shorten

from assessor_desk.domain.rubric import Rubric

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NUMBERS = (
    "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
SAMPLE_NOTICE = "Made with a sample rubric, not approved by any agency, not for decisions."


#: Characters of an artifact's title where several places are listed.
SHORT_TITLE = 30


def short_title(title: str) -> str:
    """An artifact's title where room is scarce, cut at a word."""
    cut = shorten(title, SHORT_TITLE, placeholder="…")
    return re.sub(r"[\s,;:.(–-]+…$", "…", cut)


def day(when: date) -> str:
    """21 November 2026. A datetime gives the day of its own time zone."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def number(count: int) -> str:
    """A small count in words."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def listed(things: Sequence[object]) -> str:
    """1, 2 and 3."""
    *first, last = map(str, things)
    return f"{', '.join(first)} and {last}" if first else last


def criteria(numbers: Sequence[int]) -> str:
    """Criterion 2; criteria 1, 2 and 3."""
    return f"{'criterion' if len(numbers) == 1 else 'criteria'} {listed(numbers)}"


def sentence(words: str) -> str:
    """Words as a sentence: the first letter upright, closed by a full stop."""
    stripped = words.strip()
    return stripped if not stripped or stripped[-1] in ".!?…”" else f"{stripped}."


def standing(rubric: Rubric, below: Collection[int], *, earned: bool) -> str:
    """How many criteria pass, and what the others need; `below` are the numbers of those that do not pass."""
    total = len(rubric.criteria)
    passed = total - len(below)
    if not below:
        return f"All {number(total)} criteria {_passing(rubric, total)}."
    some = f"{number(passed).capitalize()} of {number(total)} criteria {_passing(rubric, passed)}"
    if earned:
        return f"{some}, as many as the rubric's rule asks for."
    numbers = sorted(below)
    return f"{some}; {criteria(numbers)} {'needs' if len(numbers) == 1 else 'need'} new evidence."


def _passing(rubric: Rubric, count: int) -> str:
    titles = {one.level(one.passing).title for one in rubric.criteria}
    highest = all(one.passing == one.levels[-1].id for one in rubric.criteria)
    if len(titles) == 1 and highest:
        return f"{'is' if count == 1 else 'are'} {titles.pop()}"
    return "passes" if count == 1 else "pass"
