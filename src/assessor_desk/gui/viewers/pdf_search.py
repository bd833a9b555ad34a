"""Searching a PDF some pages at a time, so that the first hits show at once and another search stops it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from assessor_desk.domain.errors import DeskError
from assessor_desk.gui.viewers.handles import Hit, PdfHandle, SearchPart

Run = Callable[[Callable[[], SearchPart], Callable[[SearchPart], None], Callable[[DeskError], None]], None]


class PdfSearch(QObject):
    """The hits of one query so far, and the one that is current."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, run: Run, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._handle: PdfHandle | None = None
        self._turn = 0
        self.query = ""
        self.hits: list[Hit] = []
        self.current = -1
        self.searching = False

    def begin(self, handle: PdfHandle | None) -> None:
        """Search in another document from now on."""
        self._handle = handle
        self.search("", 0)

    def search(self, query: str, from_page: int) -> None:
        """Find all places; the first one on or after `from_page` becomes the current."""
        self._turn += 1
        self.query, self.hits, self.current = query, [], -1
        self.searching = bool(query.strip()) and self._handle is not None
        self._from = from_page
        self.changed.emit()
        if self.searching:
            self._ask(0)

    def step(self, by: int) -> None:
        """Go to the next or previous hit, round the end."""
        if self.hits:
            self.current = (self.current + by) % len(self.hits)
            self.changed.emit()

    @property
    def hit(self) -> Hit | None:
        return self.hits[self.current] if 0 <= self.current < len(self.hits) else None

    def _ask(self, first_page: int) -> None:
        handle, turn, query = self._handle, self._turn, self.query
        if handle is not None:
            self._run(
                lambda: handle.search(query, first_page),
                lambda part: self._take(turn, part),
                lambda error: self._stop(turn, error),
            )

    def _take(self, turn: int, part: SearchPart) -> None:
        if turn != self._turn:
            return
        self.hits.extend(part.hits)
        if self.current < 0:
            later = (place for place, hit in enumerate(self.hits) if hit.page >= self._from)
            self.current = next(later, -1)
        self.searching = part.next_page is not None
        if part.next_page is not None:
            self._ask(part.next_page)
        elif self.current < 0 and self.hits:
            self.current = 0
        self.changed.emit()

    def _stop(self, turn: int, error: DeskError) -> None:
        if turn == self._turn:
            self.searching = False
            self.failed.emit(error)
            self.changed.emit()
