"""Finding words again: in a text that was re-flowed, re-extracted or typed a little differently.

After the TextQuoteSelector of the W3C Web Annotation model (https://www.w3.org/TR/annotation-model/): the
exact words, and a little of what stands before and after to tell two places apart. Texts are compared
without regard to white space, line-break hyphens, letter case and typographic forms of the same character.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from functools import cached_property

from .anchor import TextQuote

CONTEXT = 32
"""Characters kept before and after a quotation."""

SOFT_HYPHEN = "\u00ad"
_UNSEEN = "\ufffc\u200b\u2060\ufeff"
"""Stands in a text for a picture, or for nothing at all."""

_RUNS = re.compile(rf"[!-~]+|{SOFT_HYPHEN}\s*|[{_UNSEEN}]|\s+|.", re.DOTALL)
_NO_WORDS = re.compile(rf"{SOFT_HYPHEN}\s*|[{_UNSEEN}]")
_PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\u2011": "-"})


class Quotable:
    """A text in which quotations are made and found; positions are those of the text as given."""

    def __init__(self, text: str) -> None:
        self.text = text

    def quote(self, start: int, end: int, page: int | None = None) -> TextQuote | None:
        """The words from `start` up to `end` as a selector; None when they are white space alone."""
        exact = _one_line(self.text[start:end])
        if not exact:
            return None
        prefix = _one_line(self.text[max(0, start - 2 * CONTEXT) : start], strip=False)[-CONTEXT:]
        suffix = _one_line(self.text[end : end + 2 * CONTEXT], strip=False)[:CONTEXT]
        return TextQuote(exact, prefix, suffix, page)

    def find(self, quote: TextQuote) -> tuple[int, int] | None:
        """Where `quote` stands: of several places, the one whose surroundings agree best."""
        return self._find_in(self._spaced, quote) or self._find_in(self._tight, quote)

    def find_all(self, query: str) -> list[tuple[int, int]]:
        """Every place where the words of `query` stand, in order, never overlapping."""
        return self._spaced.occurrences(query.strip()) if query.strip() else []

    def _find_in(self, flat: _Flat, quote: TextQuote) -> tuple[int, int] | None:
        places = flat.occurrences(quote.exact.strip())
        if not places:
            return None
        return max(places, key=lambda place: self._agreement(place, quote))

    def _agreement(self, place: tuple[int, int], quote: TextQuote) -> int:
        start, end = place
        before = _folded(self.text[max(0, start - 3 * CONTEXT) : start])
        after = _folded(self.text[end : end + 3 * CONTEXT])
        common_before = _common(before[::-1], _folded(quote.prefix)[::-1])
        return common_before + _common(after, _folded(quote.suffix))

    @cached_property
    def _spaced(self) -> _Flat:
        return _Flat(self.text, " ")

    @cached_property
    def _tight(self) -> _Flat:
        return _Flat(self.text, "")


class _Flat:
    """A text with its differences of form taken out, and for each character where it came from."""

    def __init__(self, text: str, space: str) -> None:
        self._space = space
        pieces: list[str] = []
        self._origin = array("L")
        for run in _RUNS.finditer(text):
            self._add(run.group(), run.start(), pieces)
        self._origin.append(len(text))
        self._text = "".join(pieces)

    def occurrences(self, words: str) -> list[tuple[int, int]]:
        wanted = _folded(words, self._space)
        found: list[tuple[int, int]] = []
        at = self._text.find(wanted) if wanted else -1
        while at >= 0:
            end = at + len(wanted)
            found.append((self._origin[at], self._origin[end - 1] + 1))
            at = self._text.find(wanted, end)
        return found

    def _add(self, run: str, start: int, pieces: list[str]) -> None:
        flat = _flat_run(run, self._space)
        pieces.append(flat)
        if len(flat) == len(run):
            self._origin.extend(range(start, start + len(run)))
        else:
            self._origin.extend([start] * len(flat))


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
