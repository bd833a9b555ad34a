"""Shows plain text and captions; a very long text in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from PySide6.QtWidgets import QWidget

from assessor_desk.gui.viewers.document_parts import DocumentParts
from assessor_desk.gui.viewers.handles import WordsHandle, WordsPart
from assessor_desk.gui.viewers.word import WordViewer

_LETTERS, _LINES = 500_000, 10_000
"""What the window shows and searches at once without standing still for a tenth of a second."""


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    html: str
    """Plain text, as it is."""


class TextViewer(WordViewer):
    """Text as it is."""

    def show_words(self, handle: WordsHandle) -> str:
        pieces = list(_pieces(cast("str", handle.text)))  # type: ignore[attr-defined]
        several = len(pieces) > 1
        parts = [
            _Part(f"Part {number}" if several else "", piece) for number, piece in enumerate(pieces, start=1)
        ]
        self._parts = DocumentParts(parts, read=str)
        self._fill_tabs([part.title for part in parts])
        self._show_part(0)
        return (
            f"A long text, shown in {len(parts)} parts; searching goes through all of them."
            if several
            else ""
        )

    def show_part(self, part: WordsPart) -> None:
        """Put a part into the pane."""
        self._pane.show_text(part.html)

    def prepare(self) -> None:
        """Do the slow part of finding words now; runs on a side lane."""
        super().prepare()
        if len(self._parts.parts) > 1:
            self._parts.prepare()

    def first_controls(self) -> list[QWidget]:
        """None: plain text has no contents and no remarks."""
        for control in super().first_controls():
            control.hide()
        return []

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What can be done with a text."""
        return {act: do for act, do in super().acts().items() if act != "sidebar"}


def _pieces(text: str) -> Iterator[str]:
    """The text cut at the ends of lines."""
    begin = 0
    while begin < len(text) or not begin:
        end = _line_end(text, begin)
        if len(text) - begin > _LETTERS:
            within = text.rfind("\n", begin, begin + _LETTERS) + 1
            end = min(end, within or begin + _LETTERS)
        yield text[begin:end]
        if end >= len(text):
            return
        begin = end


def _line_end(text: str, begin: int) -> int:
    """Where the last line of a part ends that is full of lines."""
    end = begin
    for _ in range(_LINES):
        at = text.find("\n", end)
        if at < 0:
            return len(text)
        end = at + 1
    return end
