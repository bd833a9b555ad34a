"""A document in parts, of which one is laid out at a time: in which of them words stand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate

from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.plain_words import plain_words
from assessor_desk.domain.quotation import Quotable
from assessor_desk.gui.viewers.handles import WordsPart


class DocumentParts:
    """The words of every part, read when first asked for; `read` takes them out of what a part holds."""

    def __init__(self, parts: Sequence[WordsPart], read: Callable[[str], str] = plain_words) -> None:
        self.parts = tuple(parts)
        self._read = read

    def prepare(self) -> None:
        """Do the slow part of finding words now; may run on any lane."""
        self._whole.prepare()
        for part in self._each:
            part.count(part.text[:1])

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return tuple(self._read(part.html) for part in self.parts)

    @cached_property
    def _whole(self) -> Quotable:
        return Quotable("\n".join(self._texts))

    @cached_property
    def _each(self) -> tuple[Quotable, ...]:
        return tuple(map(Quotable, self._texts))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(text) + 1 for text in self._texts)][:-1]

    def part_of(self, quote: TextQuote) -> int | None:
        """The part where a quotation stands, by what stands around it where several hold the words."""
        if len(self.parts) == 1:
            return 0
        found = self._whole.find(quote)
        return None if found is None else bisect_right(self._starts, found[0]) - 1

    def counts(self, words: str) -> list[int]:
        """How often words stand in each part."""
        return [part.count(words) for part in self._each]
