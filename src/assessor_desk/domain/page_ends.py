"""Words that go on over the end of a page: quoted from the texts of both, and found again in parts, one a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.interrupted import PAGE_END
from assessor_desk.domain.quotation import Quotable

MOST_PAGES = 4
"""A quotation over more page ends than these is no quotation any more."""


@dataclass(frozen=True, slots=True)
class Part:
    """Characters of one page, which is counted from 0; `end` left out."""

    page: int
    start: int
    end: int


@dataclass(frozen=True)
class Pages:
    """Texts of pages that follow each other, as one text; `first` is the first page's number, from 0."""

    first: int
    texts: tuple[str, ...]

    def quote(self, start: int, last_page: int, end: int) -> TextQuote | None:
        """The words from `start` on the first page up to `end` on `last_page`."""
        return self._whole.quote(start, self._starts[last_page - self.first] + end, self.first + 1)

    def parts(self, quote: TextQuote) -> tuple[Part, ...]:
        """Where `quote` stands, page by page; none where it is not found."""
        found = self._whole.find(quote)
        if found is None:
            return ()
        start, end = found
        spans = (
            Part(self.first + number, max(0, start - begin), min(len(text), end - begin))
            for number, (begin, text) in enumerate(zip(self._starts, self.texts, strict=True))
        )
        return tuple(part for part in spans if part.start < part.end)

    @cached_property
    def _whole(self) -> Quotable:
        return Quotable(PAGE_END.join(self.texts))

    @cached_property
    def _starts(self) -> Sequence[int]:
        lengths = [len(text) + len(PAGE_END) for text in self.texts]
        return [0, *accumulate(lengths)][:-1]


def goes_on(quote: TextQuote, text: str) -> bool:
    """Whether a quotation that was made on a page with this text ends on a later one."""
    return quote.page is not None and quote.end is not None and quote.end > len(text)


def parts_of(
    quote: TextQuote, page: int, count: int, text_of: Callable[[int], str | None]
) -> tuple[Part, ...] | None:
    """Where a quotation stands that begins on `page`, from 0, of `count`: on that page alone, else over its end.

    One that names no page is looked for on this page alone. Empty where it is not found; None while `text_of` does not
    know a page that is needed.
    """
    texts: list[str] = []
    while page + len(texts) < count and len(texts) < MOST_PAGES:
        text = text_of(page + len(texts))
        if text is None:
            return None
        texts.append(text)
        if sum(map(len, texts)) >= (quote.end or 0) and (found := Pages(page, tuple(texts)).parts(quote)):
            return found
        if quote.page is None or (
            len(texts) > 1 and sum(map(len, texts)) > (quote.end or 0) + len(quote.exact)
        ):
            break
    return ()
