"""The phrase bank: beginnings of sentences that an assessor or a coach finishes with evidence.

A phrase is no ready-made praise. What must come from the submission stands in it as a placeholder, `[like this]`; a
placeholder left unfilled stops the seal (F12), and a phrase left as it came is noticed (F6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from unicodedata import category
from uuid import UUID, uuid5

#: The longest phrase, in characters, and the longest placeholder with its brackets.
LONGEST_PHRASE = 1000
LONGEST_GAP = 62

_GAP = re.compile(r"\[[^\]\n]{1,60}\]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: Unicode's control characters, line and paragraph separators, halves of surrogate pairs: files lose them.
_UNWRITABLE = ("Cc", "Zl", "Zp", "Cs")
_NAMESPACE = UUID("0f3f9a86-2f0d-5b0a-8c4a-8a3f6a7b9d40")


class Scope(StrEnum):
    """Whose a phrase is: one person's own, or the programme's for everybody."""

    PERSONAL = "personal"
    PROGRAMME = "programme"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase.

    `rubric`, `criterion` and `level` are ids, each empty where the phrase is tied to none. A tag may be a text field's
    name (`strength`, `try_next`): the phrase is then offered there first. `used` counts how often it was taken,
    `last_used` is aware UTC.
    """

    id: str
    text: str
    rubric: str = ""
    criterion: str = ""
    level: str = ""
    scope: Scope = Scope.PERSONAL
    tags: tuple[str, ...] = ()
    used: int = 0
    last_used: datetime | None = None

    def taken(self, at: datetime) -> Phrase:
        """The phrase, used once more."""
        return replace(self, used=self.used + 1, last_used=at)


@dataclass(frozen=True, slots=True)
class Bank:
    """A programme's phrases as its issuer publishes them. A version never changes; a newer one takes its place."""

    id: str
    version: str
    title: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a phrase is wanted: the rubric, the criterion, the level chosen and the field, as far as they are known."""

    rubric: str = ""
    criterion: str = ""
    level: str = ""
    field: str = ""


def phrase_id(text: str, rubric: str = "", criterion: str = "", level: str = "") -> str:
    """The id of a phrase that came without one: the same words for the same place have the same id everywhere."""
    return str(uuid5(_NAMESPACE, f"{rubric}\n{criterion}\n{level}\n{text}"))


def gaps(text: str) -> Iterator[str]:
    """The placeholders in a text that are still to be filled, with their brackets."""
    return (gap.group() for gap in _GAP.finditer(text))


def next_gap(text: str, start: int = 0) -> tuple[int, int] | None:
    """From where to where the first placeholder after `start` goes, to select it for typing over; None: all filled."""
    gap = _GAP.search(text, start)
    return gap.span() if gap else None


def without_gaps(text: str) -> str:
    """The fixed words of a phrase."""
    return _GAP.sub(" ", text)


def fault_of(text: str) -> str:
    """What keeps a text from being a phrase, said to whoever wrote it; empty where nothing does."""
    if not text.strip():
        return "a phrase needs words"
    if len(text) > LONGEST_PHRASE:
        return f"a phrase has {LONGEST_PHRASE} characters at most; this one has {len(text)}"
    if any(category(letter) in _UNWRITABLE and letter not in "\n\t" for letter in text):
        return "there is a control character in it; type the phrase anew"
    rest = _GAP.sub("", text)
    if "[" in rest or "]" in rest:
        return (
            f"a placeholder is written [like this], on one line and with {LONGEST_GAP - 2} characters at most"
        )
    return ""


def search(phrases: Iterable[Phrase], query: str = "", place: Place = Place()) -> tuple[Phrase, ...]:
    """The phrases that answer a query, best first.

    Each word of the query must begin a word of the phrase's text, tags, criterion or level; letter case does not
    matter. Whole words count before beginnings, then what is tied to the place (its level before its criterion before
    its rubric, and the field), then what was used most and last. Phrases of another rubric are left out.
    """
    wanted = _words(query)
    kept = (one for one in phrases if not (place.rubric and one.rubric) or one.rubric == place.rubric)
    ranked = [(rank, one) for one in kept if (rank := _rank(one, wanted, place)) is not None]
    return tuple(one for _, one in sorted(ranked, key=lambda pair: pair[0]))


Rank = tuple[int, int, int, float, str, str]


def _rank(phrase: Phrase, wanted: list[str], place: Place) -> Rank | None:
    """The place of a phrase among those found, lowest first; None where it does not answer the query."""
    said = _words(" ".join((phrase.text, *phrase.tags, phrase.criterion, phrase.level)))
    if not all(any(word.startswith(one) for word in said) for one in wanted):
        return None
    whole = sum(one in said for one in wanted)
    last = phrase.last_used.timestamp() if phrase.last_used else 0.0
    return (-whole, -_tie(phrase, place), -phrase.used, -last, phrase.text.casefold(), phrase.id)


def _tie(phrase: Phrase, place: Place) -> int:
    """How closely a phrase belongs to a place: level, criterion, rubric; what belongs elsewhere comes last."""
    pairs = (
        (phrase.level, place.level, 2),
        (phrase.criterion, place.criterion, 4),
        (phrase.rubric, place.rubric, 1),
    )
    tied = sum(_pull(own, there, weight) for own, there, weight in pairs)
    return 2 * tied + (place.field in phrase.tags if place.field else 0)


def _pull(own: str, there: str, weight: int) -> int:
    if not own or not there:
        return 0
    return weight if own == there else -weight


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("’", "'"))
