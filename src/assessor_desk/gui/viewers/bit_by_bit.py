"""Laying out a long text a piece at a time, up to the place that is wanted, so that the window goes on answering.

Qt lays out the rest of a document by itself, in the background; but whoever asks for a place that it has not come to
waits until everything before it is laid out, seconds for millions of letters.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextDocument

_PIECE = 25_000
"""Characters laid out at a time: some hundredths of a second."""
_AT_ONCE = 60_000
"""Characters of a document that is laid out where it is asked for."""
_CATCHING_UP = 0.03
"""Seconds spent at a stretch on what Qt has mostly laid out already."""


class BitByBit(QObject):
    """How far a document is laid out for certain, and what waits for more of it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._document: QTextDocument | None = None
        self._reached = 0
        self._height = 0.0
        self._waiting: list[tuple[int, Callable[[], None]]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def begin(self, document: QTextDocument) -> None:
        """Another document, or other room for it: nothing is laid out for certain."""
        self._document, self._reached, self._height = document, 0, 0.0
        self._waiting.clear()
        self._timer.stop()

    def has(self, place: int) -> bool:
        """Whether a place, in Qt's characters, can be asked for without waiting."""
        return self._length <= _AT_ONCE or place < self._reached

    def covers(self, bottom: float) -> bool:
        """Whether the document can be painted down to this height, after a little catching up."""
        until = time.perf_counter() + _CATCHING_UP
        while not self._whole and self._height < bottom and time.perf_counter() < until:
            self._lay_out_piece()
        return self._whole or self._height >= bottom

    def when(self, place: int, then: Callable[[], None]) -> None:
        """Do this once the place can be asked for: at once where it can be now."""
        place = min(place, self._length - 1)
        if self.has(place):
            then()
        else:
            self._waiting.append((place, then))
            self._timer.start()

    @property
    def _length(self) -> int:
        return self._document.characterCount() if self._document is not None else 0

    @property
    def _whole(self) -> bool:
        return self._length <= _AT_ONCE or self._reached >= self._length

    def _go_on(self) -> None:
        self._lay_out_piece()
        ready = [then for place, then in self._waiting if self.has(place)]
        self._waiting = [(place, then) for place, then in self._waiting if not self.has(place)]
        if not self._waiting:
            self._timer.stop()
        for then in ready:
            then()

    def _lay_out_piece(self) -> None:
        """What Qt has laid out meanwhile costs nothing."""
        document = self._document
        if document is None or self._whole:
            return
        last = document.findBlock(min(self._reached + _PIECE, self._length - 1))
        area = document.documentLayout().blockBoundingRect(last)
        self._reached, self._height = last.position() + last.length(), area.bottom()
