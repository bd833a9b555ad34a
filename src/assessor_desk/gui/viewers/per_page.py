"""What is known of single pages (words, links): fetched when first needed, kept for the pages last used."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from assessor_desk.domain.errors import DeskError

_KEPT = 60

T = TypeVar("T")
Run = Callable[[Callable[[], T], Callable[[T], None], Callable[[DeskError], None]], None]


class PerPage(QObject, Generic[T]):
    """A page of which it cannot be read has none: its picture is still there, and says more."""

    arrived = Signal(int)

    def __init__(self, run: Run[T], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._read: Callable[[int], T] | None = None
        self._known: OrderedDict[int, T | None] = OrderedDict()
        self._pending: set[int] = set()

    def begin(self, read: Callable[[int], T]) -> None:
        """Start on another document."""
        self.clear()
        self._read = read

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._pending.clear()
        self._read = None

    def get(self, page: int) -> T | None:
        """What is known, or None until `arrived` tells of it."""
        read = self._read
        if page in self._known:
            self._known.move_to_end(page)
        elif read is not None:
            self._known[page] = None
            self._pending.add(page)
            self._run(lambda: read(page), lambda found: self._keep(page, found), lambda _: self._end(page))
        return self._known.get(page)

    def pending(self, page: int) -> bool:
        """Whether `arrived` is still to tell of a page, which is asked for."""
        self.get(page)
        return page in self._pending

    def _keep(self, page: int, found: T) -> None:
        self._known[page] = found
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        self._end(page)

    def _end(self, page: int) -> None:
        """A page that cannot be read is not waited for any longer."""
        self._pending.discard(page)
        self.arrived.emit(page)
