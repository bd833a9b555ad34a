"""On which page of a laid-out document quoted words stand, where the quotation itself knows of no pages."""

from __future__ import annotations

import threading
from bisect import bisect_right
from itertools import accumulate
from typing import Any

from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.interrupted import PAGE_END
from assessor_desk.domain.quotation import Quotable, says_something

_MOST_PAGES = 600


class PagesOfQuotes:
    """The words of all pages, read when first asked for. Blocks: ask on a side lane."""

    def __init__(self, handle: Any = None) -> None:
        self._handle = handle
        self._lock = threading.Lock()
        self._texts: list[str] | None = None
        self._whole = Quotable("")
        self._starts: list[int] = []

    def on_page(self, quote: TextQuote) -> TextQuote | None:
        """The same words as they stand on their page, by what stands around them where several pages hold them.

        Words that go on over a page's end are given as far as that. None where they are not found. Raises what the
        document's reader raises.
        """
        if self._handle is None:
            return None
        with self._lock:
            texts = self._texts if self._texts is not None else self._read()
        place = self._whole.find(quote)
        if place is None:
            return None
        page = bisect_right(self._starts, place[0]) - 1
        start = place[0] - self._starts[page]
        end = min(place[1] - self._starts[page], len(texts[page]))
        return Quotable(texts[page]).quote(start, end, page + 1)

    def words_of(self, page: int) -> TextQuote | None:
        """The longest line of a page, counted from 0: a line at its head or foot would stand on many pages."""
        with self._lock:
            texts = self._texts if self._texts is not None else self._read()
        lines = texts[page].splitlines() if page < len(texts) else []
        line = max(lines, key=len, default="").strip()
        return TextQuote(line) if says_something(line) else None

    def _read(self) -> list[str]:
        count = min(self._handle.page_count, _MOST_PAGES)
        texts = [str(self._handle.text(page).text) for page in range(count)]
        self._starts = [0, *accumulate(len(text) + 1 for text in texts)][:-1]
        self._whole = Quotable(PAGE_END.join(texts))
        self._texts = texts
        return texts
