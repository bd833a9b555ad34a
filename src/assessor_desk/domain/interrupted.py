"""Quoted words found where something else stands between them: a list's number, a bullet, a word struck through.

One view of a document numbers its lists, draws its bullets and prints its headers and footers among the words, another
keeps them apart. Only letters and figures are compared; small stretches may be passed over on either side, larger ones
where a page ends.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

PAGE_END = "\f"

_SEED, _RESYNC = 8, 5
_MOST_PASSED_OVER, _MOST_AT_PAGE_END = 40, 400
_SHORTEST = 10
_FOOTER = 100
"""Letters that may stand between the last words of a page and its end."""
_MOST_STARTS = 400

_RUNS = re.compile(r"[\x00-\x7f]+|.", re.DOTALL)
_NO_LETTERS = re.compile(r"[^0-9A-Za-z]+")


def find_interrupted(text: str, words: str, fold: Callable[[str], str]) -> list[tuple[int, int]]:
    """Places in `text` where `words` stand with something between them, those with the least between them first.

    `fold` takes the differences of form out of a stretch of text. Empty for fewer letters than can be told apart.
    """
    letters, origins = _letters(text, fold)
    wanted, wanted_origins = _letters(words, fold)
    if len(wanted) < _SHORTEST:
        return []
    pair = _Pair(
        _Side(text, letters, origins), _Side(words, wanted, wanted_origins), _page_ends(text, origins)
    )
    found: list[tuple[int, int, int]] = []
    for begin, into in _starts(letters, wanted):
        end, passed = _walk(pair, begin, into)
        if end:
            found.append((passed + into, origins[begin], origins[end - 1] + 1))
    least = min((passed for passed, _, _ in found), default=0)
    return [(start, end) for passed, start, end in sorted(found) if passed == least]


def make_ready(text: str, fold: Callable[[str], str]) -> None:
    """Do the part of finding that takes a second for millions of letters; it is kept for the last few texts."""
    _letters(text, fold)


@lru_cache(maxsize=4)
def _letters(text: str, fold: Callable[[str], str]) -> tuple[str, Sequence[int]]:
    """The letters and figures of a text, folded, and where each came from."""
    pieces: list[str] = []
    origins = array("I")
    for run in _RUNS.finditer(text):
        words = run.group()
        if words.isascii():
            pieces.append(_NO_LETTERS.sub("", words).lower())
            origins.extend(compress(range(run.start(), run.end()), map(str.isalnum, words)))
        elif words.isalnum():
            folded = fold(words)
            pieces.append(folded)
            origins.extend([run.start()] * len(folded))
    return "".join(pieces), origins


def _page_ends(text: str, origins: Sequence[int]) -> frozenset[int]:
    """Which letters are the first of a page."""
    ends = (found.start() for found in re.finditer(PAGE_END, text))
    return frozenset(bisect_left(origins, place) for place in ends)


def _starts(letters: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Where the words may begin, and how much of their beginning is passed over: a number that one view alone has."""
    for length in (_SEED, _RESYNC):
        for into in range(min(4, len(wanted) - length)):
            seed = wanted[into : into + length]
            at, count = letters.find(seed), 0
            while at >= 0 and count < _MOST_STARTS:
                yield at, into
                at, count = letters.find(seed, at + 1), count + 1
            if count:
                return


@dataclass(frozen=True, slots=True)
class _Side:
    """One of both texts, its letters, and where they came from."""

    text: str
    letters: str
    origins: Sequence[int]

    def begins(self, at: int) -> bool:
        """Whether this letter begins a word, or ends what stands alone before it."""
        if at >= len(self.origins):
            return False
        place = self.origins[at]
        return place == 0 or not self.text[place - 1].isalnum()


@dataclass(frozen=True, slots=True)
class _Pair:
    """A text, the words that are looked for in it, and which of its letters are the first of a page."""

    there: _Side
    wanted: _Side
    page_ends: frozenset[int]


def _walk(pair: _Pair, begin: int, into: int) -> tuple[int, int]:
    """The end of the words that begin there, and how much was passed over; an end of 0 where they are not there."""
    letters, wanted = pair.there.letters, pair.wanted.letters
    at, passed = begin, 0
    most = max(2 * _MOST_PASSED_OVER, len(wanted) // 3)
    while into < len(wanted):
        if at < len(letters) and letters[at] == wanted[into]:
            at, into = at + 1, into + 1
            continue
        skipped = _passed_over(pair.wanted, into, letters[at : at + _RESYNC])
        if skipped:
            into, passed = into + skipped, passed + skipped
            continue
        ends = (
            _MOST_AT_PAGE_END
            if any(each in pair.page_ends for each in range(at, at + _FOOTER))
            else _MOST_PASSED_OVER
        )
        skipped = _passed_over(pair.there, at, wanted[into : into + _RESYNC], ends)
        if not skipped or (passed + skipped > most and ends == _MOST_PASSED_OVER):
            return 0, 0
        at, passed = at + skipped, passed + (skipped if ends == _MOST_PASSED_OVER else 0)
    return at, passed


def _passed_over(side: _Side, at: int, rest: str, most: int = _MOST_PASSED_OVER) -> int:
    """How many letters to pass over, from where a word begins, until `rest` stands there; 0 where it does not."""
    if not rest or not side.begins(at):
        return 0
    found = side.letters.find(rest, at, at + most + len(rest))
    return max(0, found - at)
