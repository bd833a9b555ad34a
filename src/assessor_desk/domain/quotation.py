"""Finding words again: in a text that was re-flowed, re-extracted or typed a little differently.

After the TextQuoteSelector of the W3C Web Annotation model (https://www.w3.org/TR/annotation-model/): the
exact words, and a little of what stands before and after to tell two places apart. Texts are compared
without regard to white space, line-break hyphens, letter case and typographic forms of the same character, and of
numbers and signs that one view of a document alone puts between its words (`domain.interrupted`). Of
several places the one whose surroundings agree best is taken, then one written just as quoted, then the one nearest
to where the words stood. Words that were changed a little are found where something much like them stands, and that
is said.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice

from .anchor import TextQuote
from .interrupted import find_interrupted, make_ready

CONTEXT = 32
"""Characters kept before and after a quotation."""

SOFT_HYPHEN = "\u00ad"
_UNSEEN = "\ufffc\u200b\u2060\ufeff"
"""Stands in a text for a picture, or for nothing at all."""

_RUNS = re.compile(rf"[!-~]+(?: [!-~]+)*|{SOFT_HYPHEN}\s*|[{_UNSEEN}]|\s+|.", re.DOTALL)
"""Plain words with single spaces between them are one run, so that a text of millions of letters has few."""

_NO_WORDS = re.compile(rf"{SOFT_HYPHEN}\s*|[{_UNSEEN}]")
_PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\u2011": "-"})


_PIECE = 4_096

LEAST_LIKE = 82.0
"""Per cent of likeness below which words are not the same words changed a little."""
_TOO_SHORT = 12
"""Fewer characters than these are like something everywhere."""

Near = Callable[[str, str, float], tuple[int, int] | None]
"""Where in a text something stands that is like the words, at least by so many per cent; None if nowhere."""


def says_something(words: str) -> bool:
    """Whether there is a letter or a figure in them, of whatever script: a full stop alone is no quotation."""
    return any(character.isalnum() for character in words)


@dataclass(frozen=True, slots=True)
class Found:
    """Where quoted words stand. `nearby` says that they are not the same words, only much like them."""

    start: int
    end: int
    nearby: bool = False


class Quotable:
    """A text in which quotations are made and found; positions are those of the text as given."""

    def __init__(self, text: str) -> None:
        self.text = text

    def prepare(self) -> None:
        """Do the slow part of finding now, also of words that are nowhere: a second for millions of letters."""
        _ = self._tight
        make_ready(self.text, _folded)

    def quote(self, start: int, end: int, page: int | None = None) -> TextQuote | None:
        """The words from `start` up to `end` as a selector; None where there is no letter or figure among them."""
        words = self.text[start:end]
        exact = _one_line(words)
        if not says_something(exact):
            return None
        start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
        prefix = _one_line(self.text[max(0, start - 2 * CONTEXT) : start], strip=False)[-CONTEXT:]
        suffix = _one_line(self.text[end : end + 2 * CONTEXT], strip=False)[:CONTEXT]
        return TextQuote(exact, prefix, suffix, page, start, end)

    def find(self, quote: TextQuote) -> tuple[int, int] | None:
        """Where `quote` stands: of several places, the one whose surroundings agree best."""
        return (
            self._find_in(self._spaced, quote)
            or self._find_in(self._tight, quote)
            or self._best(find_interrupted(self.text, quote.exact, _folded), quote)
        )

    def find_again(self, quote: TextQuote, near: Near) -> Found | None:
        """Where `quote` stands, or else what is much like it (see `desk.likeness.near`), told as `nearby`."""
        if place := self.find(quote):
            return Found(*place)
        place = self._spaced.near(quote.exact, near)
        return None if place is None else Found(*place, nearby=True)

    def find_all(self, query: str) -> list[tuple[int, int]]:
        """Every place where the words of `query` stand, in order, never overlapping."""
        return self._spaced.occurrences(query.strip()) if query.strip() else []

    def count(self, query: str) -> int:
        """How many places `find_all` finds, in a fraction of its time."""
        return self._spaced.count(query.strip()) if query.strip() else 0

    def _find_in(self, flat: _Flat | _Tight, quote: TextQuote) -> tuple[int, int] | None:
        return self._best(flat.occurrences(quote.exact.strip()), quote)

    def _best(self, places: Sequence[tuple[int, int]], quote: TextQuote) -> tuple[int, int] | None:
        return max(places, key=lambda place: self._fitness(place, quote), default=None)

    def _fitness(self, place: tuple[int, int], quote: TextQuote) -> tuple[int, bool, int]:
        start, end = place
        as_quoted = self.text[start:end] == quote.exact
        return self._agreement(place, quote), as_quoted, -abs(start - (quote.start or 0))

    def _agreement(self, place: tuple[int, int], quote: TextQuote) -> int:
        start, end = place
        before = _folded(self.text[max(0, start - 3 * CONTEXT) : start])
        after = _folded(self.text[end : end + 3 * CONTEXT])
        common_before = _common(before[::-1], _folded(quote.prefix)[::-1])
        return common_before + _common(after, _folded(quote.suffix))

    @cached_property
    def _spaced(self) -> _Flat:
        return _Flat(self.text)

    @cached_property
    def _tight(self) -> _Tight:
        return _Tight(self._spaced)


class _Flat:
    """A text with its differences of form taken out; of each run is kept where it began and where it came from."""

    def __init__(self, text: str) -> None:
        pieces: list[str] = []
        self._starts: list[int] = []
        self._runs: list[tuple[int, bool]] = []
        length = 0
        for run in _RUNS.finditer(text):
            flat = _flat_run(run.group(), " ")
            if flat:
                self._starts.append(length)
                self._runs.append((run.start(), len(flat) == run.end() - run.start()))
                pieces.append(flat)
                length += len(flat)
        self.text = "".join(pieces)

    def origin(self, place: int) -> int:
        """Where in the text as given a character came from."""
        which = bisect_right(self._starts, place) - 1
        start, kept = self._runs[which]
        return start + place - self._starts[which] if kept else start

    def occurrences(self, words: str) -> list[tuple[int, int]]:
        wanted = _folded(words, " ")
        return [(self.origin(at), self.origin(end - 1) + 1) for at, end in _stretches(self.text, wanted)]

    def count(self, words: str) -> int:
        wanted = _folded(words, " ")
        return self.text.count(wanted) if wanted else 0

    def near(self, words: str, near: Near) -> tuple[int, int] | None:
        """Whole words that are much like these; None for words too few to tell."""
        wanted = _folded(words, " ").strip()
        place = near(wanted, self.text, LEAST_LIKE) if len(wanted) >= _TOO_SHORT else None
        if place is None:
            return None
        start, end = place
        while start > 0 and not self.text[start - 1].isspace():
            start -= 1
        while end < len(self.text) and not self.text[end].isspace():
            end += 1
        shown = self.text[start:end]
        start, end = start + len(shown) - len(shown.lstrip()), end - len(shown) + len(shown.rstrip())
        return (self.origin(start), self.origin(end - 1) + 1) if start < end else None


class _Tight:
    """A text without any space, for words that were parted or joined; made of one that has them in little time."""

    def __init__(self, spaced: _Flat) -> None:
        self._spaced = spaced
        self._text = spaced.text.replace(" ", "")
        pieces = (spaced.text[at : at + _PIECE] for at in range(0, len(spaced.text), _PIECE))
        self._until = list(accumulate(len(piece) - piece.count(" ") for piece in pieces))
        """How many characters stand up to the end of each piece of the spaced text."""

    def occurrences(self, words: str) -> list[tuple[int, int]]:
        found = _stretches(self._text, _folded(words, " ").replace(" ", ""))
        return [(self._origin(at), self._origin(end - 1) + 1) for at, end in found]

    def _origin(self, place: int) -> int:
        which = bisect_right(self._until, place)
        left = place - (self._until[which - 1] if which else 0)
        begin = which * _PIECE
        piece = self._spaced.text[begin : begin + _PIECE]
        there = (at for at, character in enumerate(piece, start=begin) if character != " ")
        return self._spaced.origin(next(islice(there, left, None)))


def _stretches(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Where the characters stand, never overlapping."""
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        yield at, end
        at = text.find(wanted, end)


def _flat_run(run: str, space: str) -> str:
    if run[0].isspace():
        return space
    if _NO_WORDS.match(run):
        return ""
    if run.isascii():
        return run.lower()
    return unicodedata.normalize("NFKC", run).translate(_PLAIN).casefold()


def _folded(text: str, space: str = "") -> str:
    return "".join(_flat_run(run, space) for run in _RUNS.findall(text))


def _one_line(text: str, strip: bool = True) -> str:
    line = re.sub(r"\s+", " ", _NO_WORDS.sub("", text))
    return line.strip() if strip else line


def _common(first: str, second: str) -> int:
    """Length of the beginning that both share."""
    for count, (one, other) in enumerate(zip(first, second)):
        if one != other:
            return count
    return min(len(first), len(second))
