"""The words of a piece of evidence, as F7 compares them: read in the worker, kept as roots in memory alone.

Reading a document takes from milliseconds to seconds, so it is done on a side lane, ahead of the checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import DeskError
from assessor_desk.domain.wording import CHARACTERS_READ, content_roots

if TYPE_CHECKING:
    from assessor_desk.artifacts.documents import Handle, PdfHandle
    from assessor_desk.desk.evidence import Evidence

#: So much of one document is read; what comes after it counts as not known.
PAGES_READ = 60
CHARACTERS_OF_ONE = 200_000
_PICTURE = re.compile(r"<(?:img|svg)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """The content roots of what was read. `whole`: nothing else can be said there, in a picture or further on."""

    roots: frozenset[str] = frozenset()
    whole: bool = False

    @classmethod
    def of_text(cls, text: str) -> Words:
        """The words of plain text."""
        return cls(_roots(text), whole=len(text) <= CHARACTERS_OF_ONE)


def words_of(evidence: Evidence) -> Words:
    """The words of an artifact; none of one that has none or cannot be read, which says nothing against a text."""
    try:
        with closing(evidence.open()) as handle:
            return _words_in(handle)
    except DeskError:
        return Words()


def _words_in(handle: Handle) -> Words:
    from assessor_desk.artifacts.documents import PdfHandle, TextHandle, WordHandle

    if isinstance(handle, PdfHandle):
        return _words_of_pages(handle)
    if isinstance(handle, WordHandle):
        text = Words.of_text(handle.text)
        return Words(text.roots, text.whole and not _PICTURE.search(handle.html))
    return Words.of_text(handle.text) if isinstance(handle, TextHandle) else Words()


def _words_of_pages(handle: PdfHandle) -> Words:
    """A page without a letter may be a picture of one: what it says is not known."""
    pages = [handle.text(page).text for page in range(min(handle.page_count, PAGES_READ))]
    told = all(text.strip() for text in pages) and len(pages) == handle.page_count
    return Words(_roots("\n".join(pages)), whole=told)


def _roots(text: str) -> frozenset[str]:
    return frozenset[str]().union(*(content_roots.__wrapped__(part) for part in _parts(text)))


def _parts(text: str) -> Iterator[str]:
    """A text in parts of which each is read to its end; a word that is cut in two counts as two."""
    for start in range(0, min(len(text), CHARACTERS_OF_ONE), CHARACTERS_READ):
        yield text[start : start + CHARACTERS_READ]
