"""Shows plain text and captions."""

from __future__ import annotations

from typing import cast

from assessor_desk.gui.viewers.handles import WordsHandle
from assessor_desk.gui.viewers.words_viewer import WordsViewer


class TextViewer(WordsViewer):
    """Text as it is."""

    def show_words(self, handle: WordsHandle) -> str:
        self._pane.show_text(cast("str", handle.text))  # type: ignore[attr-defined]
        return ""
