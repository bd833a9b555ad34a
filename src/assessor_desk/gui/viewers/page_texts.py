"""The words of pages, fetched when first needed and kept for the pages last used."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from assessor_desk.domain.errors import DeskError
from assessor_desk.gui.viewers.handles import PageText

_KEPT = 60

Run = Callable[[Callable[[], PageText], Callable[[PageText], None], Callable[[DeskError], None]], None]


class PageTexts(QObject):
    """A page whose words cannot be read has none: its picture is still there, and says more."""

    arrived = Signal(int)

    def __init__(self, run: Run, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._read: Callable[[int], PageText] | None = None
        self._texts: OrderedDict[int, PageText | None] = OrderedDict()

    def begin(self, read: Callable[[int], PageText]) -> None:
        """Start on another document."""
        self._texts.clear()
        self._read = read

    def clear(self) -> None:
        """Forget everything."""
        self._texts.clear()
        self._read = None

    def get(self, page: int) -> PageText | None:
        """The words, or None until `arrived` tells of them."""
        read = self._read
        if page in self._texts:
            self._texts.move_to_end(page)
        elif read is not None:
            self._texts[page] = None
            self._run(lambda: read(page), lambda text: self._keep(page, text), lambda _: None)
        return self._texts.get(page)

    def _keep(self, page: int, text: PageText) -> None:
        self._texts[page] = text
        while len(self._texts) > _KEPT:
            self._texts.popitem(last=False)
        self.arrived.emit(page)
