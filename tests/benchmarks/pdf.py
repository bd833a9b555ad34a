"""A PDF of 500 pages: first page, jump, search, from the sealed file by a warm worker, against pypdfium2 alone.

The floor opens the plain file; the jump is made in a document that both have open, to pages not seen before.
"""

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from harness import Measure, seconds
from long_pdf import PAGES, WORD, long_pdf

from assessor_desk.artifacts.documents import DocumentsClient, PdfHandle
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.vault import Vault

SCALE = 150 / 72


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """One document in two forms: plain, and sealed in a vault."""
    plain = folder / "portfolio.pdf"
    plain.write_bytes(long_pdf())
    vault = Vault(folder / "vault")
    with plain.open("rb") as file:
        sealed = vault.write(file, plain.stat().st_size)
    with DocumentsClient() as client:
        client.start()

        def open_ours() -> PdfHandle:
            handle = client.open(vault.path(sealed.digest), sealed.key, "portfolio.pdf", Kind.PDF)
            assert isinstance(handle, PdfHandle)
            assert handle.page_count == PAGES
            return handle

        with (
            contextlib.closing(pypdfium2.PdfDocument(plain)) as bare,
            contextlib.closing(open_ours()) as ours,
        ):
            yield [
                Measure(
                    "first page of a 500-page PDF / pypdfium2",
                    lambda: seconds(lambda: _first_bare(plain)),
                    lambda: seconds(lambda: _first_ours(open_ours())),
                    1.3,
                    40,
                ),
                Measure("jump to page 400 / pypdfium2", *_jumps(bare, ours), 1.3, 60),
                Measure(
                    "search, a hit on each of 500 pages / pypdfium2",
                    lambda: seconds(lambda: _search_bare(bare)),
                    lambda: seconds(lambda: _search_ours(ours)),
                    1.3,
                    8,
                ),
            ]


def _first_bare(plain: Path) -> None:
    document = pypdfium2.PdfDocument(plain)
    document[0].render(scale=SCALE, prefer_bgrx=True).to_numpy().tobytes()
    document.close()


def _first_ours(handle: PdfHandle) -> None:
    handle.render(0, SCALE)
    handle.close()


def _jumps(bare: pypdfium2.PdfDocument, ours: PdfHandle):  # type: ignore[no-untyped-def]
    """From page 400 on, one further in each turn: no page is kept from the turn before."""
    floors, jumps = itertools.count(399), itertools.count(399)

    def jump_bare() -> None:
        page = bare[next(floors)]
        page.render(scale=SCALE, prefer_bgrx=True).to_numpy().tobytes()
        page.close()

    return lambda: seconds(jump_bare), lambda: seconds(lambda: ours.render(next(jumps), SCALE))


def _search_bare(document: pypdfium2.PdfDocument) -> None:
    """As any program on PDFium would: each place with its rectangles and the words around it."""
    found = 0
    for number in range(PAGES):
        page = document[number]
        text = page.get_textpage()
        searcher = text.search(WORD)
        while place := searcher.get_next():
            rectangles = [text.get_rect(one) for one in range(text.count_rects(*place))]
            found += bool(rectangles and text.get_text_range(max(0, place[0] - 40), place[1] + 80))
        text.close()
        page.close()
    assert found == PAGES


def _search_ours(handle: PdfHandle) -> None:
    found, page = 0, 0
    while page is not None:
        part = handle.search(WORD, page)
        found += len(part.hits)
        page = part.next_page  # type: ignore[assignment]
    assert found == PAGES
