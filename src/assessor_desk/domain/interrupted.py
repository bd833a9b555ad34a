"""Quoted words found where something else stands between them: a list's number, a bullet, a word struck through.

One view of a document numbers its lists, draws its bullets and prints its headers and footers among the words, another
keeps them apart. Only letters and figures are compared; small stretches may be passed over on either side, larger ones
where a page ends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

PAGE_END = "\f"

_SEED, _RESYNC = 8, 5
_MOST_PASSED_OVER, _MOST_AT_PAGE_END = 40, 400
_SHORTEST = 10
_FOOTER = 100
"""Letters that may stand between the last words of a page and its end."""
_MOST_STARTS = 400


def find_interrupted(text: str, words: str, fold: Callable[[str], str]) -> list[tuple[int, int]]:
    """Places in `text` where `words` stand with something between them, those with the least between them first.

    `fold` takes the differences of form out of a stretch of text. Empty for fewer letters than can be told apart.
    """
    letters, origins = _letters(text, fold)
    wanted, wanted_origins = _letters(words, fold)
    if len(wanted) < _SHORTEST:
        return []
    page_ends = _page_ends(text, origins)
    pair = _Pair(letters, wanted, _begins(text, origins), _begins(words, wanted_origins), page_ends)
    found: list[tuple[int, int, int]] = []
    for begin, into in _starts(letters, wanted):
        end, passed = _walk(pair, begin, into)
        if end:
            found.append((passed + into, origins[begin], origins[end - 1] + 1))
    least = min((passed for passed, _, _ in found), default=0)
    return [(start, end) for passed, start, end in sorted(found) if passed == least]


@lru_cache(maxsize=4)
def _letters(text: str, fold: Callable[[str], str]) -> tuple[str, list[int]]:
    """The letters and figures of a text, folded, and where each came from."""
    pieces: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        if character.isalnum():
            folded = character.lower() if character.isascii() else fold(character)
            pieces.append(folded)
            origins.extend([place] * len(folded))
    return "".join(pieces), origins


def _begins(text: str, origins: list[int]) -> frozenset[int]:
    """Which letters begin a word, or end what stands alone before them."""
    return frozenset(n for n, place in enumerate(origins) if place == 0 or not text[place - 1].isalnum())


def _page_ends(text: str, origins: list[int]) -> frozenset[int]:
    """Which letters are the first of a page."""
    ends = (place for place, character in enumerate(text) if character == PAGE_END)
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
class _Pair:
    """The letters of both texts, and at which of them a word begins."""

    letters: str
    wanted: str
    begins: frozenset[int]
    wanted_begins: frozenset[int]
    page_ends: frozenset[int]


def _walk(pair: _Pair, begin: int, into: int) -> tuple[int, int]:
    """The end of the words that begin there, and how much was passed over; an end of 0 where they are not there."""
    at, passed = begin, 0
    most = max(2 * _MOST_PASSED_OVER, len(pair.wanted) // 3)
    while into < len(pair.wanted):
        if at < len(pair.letters) and pair.letters[at] == pair.wanted[into]:
            at, into = at + 1, into + 1
            continue
        skipped = _passed_over(pair.wanted, into, pair.wanted_begins, pair.letters[at : at + _RESYNC])
        if skipped:
            into, passed = into + skipped, passed + skipped
            continue
        ends = (
            _MOST_AT_PAGE_END
            if any(each in pair.page_ends for each in range(at, at + _FOOTER))
            else _MOST_PASSED_OVER
        )
        rest = pair.wanted[into : into + _RESYNC]
        skipped = _passed_over(pair.letters, at, pair.begins, rest, ends)
        if not skipped or (passed + skipped > most and ends == _MOST_PASSED_OVER):
            return 0, 0
        at, passed = at + skipped, passed + (skipped if ends == _MOST_PASSED_OVER else 0)
    return at, passed


def _passed_over(
    letters: str, at: int, begins: frozenset[int], rest: str, most: int = _MOST_PASSED_OVER
) -> int:
    """How many letters to pass over, from where a word begins, until `rest` stands there; 0 where it does not."""
    if not rest or at not in begins:
        return 0
    found = letters.find(rest, at, at + most + len(rest))
    return max(0, found - at)
