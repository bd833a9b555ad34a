"""Shows Word documents, web pages, Markdown and tables, as clean HTML from the worker."""

from __future__ import annotations

from typing import cast

from assessor_desk.gui.viewers.handles import WordsHandle
from assessor_desk.gui.viewers.words_viewer import WordsViewer

_SIMPLIFIED = (
    "Simplified view: the words, tables and pictures are complete, the layout is not the original’s."
)


class WordViewer(WordsViewer):
    """Says when the layout is not the document's own."""

    def show_words(self, handle: WordsHandle) -> str:
        self._pane.show_html(cast("str", handle.html))  # type: ignore[attr-defined]
        return _SIMPLIFIED if handle.simplified else ""  # type: ignore[attr-defined]
