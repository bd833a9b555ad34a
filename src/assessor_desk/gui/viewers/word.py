"""Shows Word documents and other Office files, web pages, Markdown and tables, as clean HTML from the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QTabBar, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import Selector, TextQuote
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.document_parts import DocumentParts
from assessor_desk.gui.viewers.find_bar import places_found
from assessor_desk.gui.viewers.handles import WordsHandle, WordsInParts, WordsPart
from assessor_desk.gui.viewers.viewer import Mark, Tasks
from assessor_desk.gui.viewers.words_sidebar import WIDTH, WordsSidebar
from assessor_desk.gui.viewers.words_viewer import WordsViewer

_SIMPLIFIED = "Simplified view, not in pages."
_OPENS_BESIDE = 860
"""A viewer as wide as this shows a document's remarks at once."""


class WordViewer(WordsViewer):
    """One part of a document at a time, its headings and remarks beside it; says when the layout is not its own."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        self._parts = DocumentParts(())
        self._part = 0
        self._in_parts: list[tuple[int, int]] = []
        super().__init__(tasks, parent)

    # What is shown

    def show_words(self, handle: WordsHandle) -> str:
        words = cast("WordsInParts", handle)
        self._parts = DocumentParts(words.parts)
        self._fill_tabs([part.title for part in words.parts])
        self._sidebar.show_remarks(words.remarks)
        self._show_part(0)
        self._sidebar_button.setEnabled(self._sidebar.has_anything)
        self._sidebar_button.setChecked(bool(words.remarks) and self.width() >= _OPENS_BESIDE)
        return _SIMPLIFIED if words.simplified else ""

    def _fill_tabs(self, titles: Sequence[str]) -> None:
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for title in titles:
            self._tabs.addTab(title.replace("&", "&&"))
        self._tabs.blockSignals(False)
        self._tabs.setVisible(len(titles) > 1)

    def _show_part(self, which: int) -> None:
        self._part = which
        part = self._parts.parts[which]
        self.show_part(part)
        self._pane.setAccessibleDescription(part.title)
        self._sidebar.show_headings(self._pane.headings)
        self.surface.show_marks(self._here(self._marks))

    def show_part(self, part: WordsPart) -> None:
        """Put a part into the pane."""
        self._pane.show_html(part.html)

    def _on_tab(self, which: int) -> None:
        if 0 <= which < len(self._parts.parts) and which != self._part:
            self._show_part(which)
            self._show_hits(self._find.query)

    def _go_to_part(self, which: int) -> None:
        if which != self._part:
            self._tabs.setCurrentIndex(which)

    def clear(self) -> None:
        super().clear()
        self._parts, self._in_parts = DocumentParts(()), []
        self._part = 0
        self._fill_tabs(())
        self._sidebar.show_headings(())
        self._sidebar.show_remarks(())
        self._sidebar_button.setChecked(False)
        self._sidebar_button.setEnabled(False)

    # Marks and places

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self._marks = tuple(marks)
        self.surface.show_marks(self._here(marks))

    def _here(self, marks: Sequence[Mark]) -> list[Mark]:
        """Those in the part in front: words may stand in several, and one of them was meant."""
        if len(self._parts.parts) <= 1:
            return list(marks)
        placed = ((mark, mark.anchor.selector) for mark in marks)
        return [
            m
            for m, where in placed
            if isinstance(where, TextQuote) and self._parts.part_of(where) == self._part
        ]

    def reveal_now(self, selector: Selector) -> None:
        if isinstance(selector, TextQuote) and (part := self._parts.part_of(selector)) is not None:
            self._go_to_part(part)
        super().reveal_now(selector)

    def words_in_sight(self) -> TextQuote | None:
        """The words at the top of what is seen."""
        return self._pane.words_in_sight()

    def bring_near(self, quote: TextQuote) -> None:
        """Scroll to words without selecting them; not found, nothing happens."""
        part = self._parts.part_of(quote)
        if part is not None:
            self._go_to_part(part)
        place = self._pane.quotable.find(quote)
        if place is not None:
            self._pane.bring_into_sight(place)

    # Beside the words

    def body(self) -> QWidget:
        self._sidebar = WordsSidebar(self)
        self._sidebar.hide()
        self._sidebar.heading_chosen.connect(self._on_heading)
        self._sidebar.remark_chosen.connect(self._on_remark)
        self._pane.remark_clicked.connect(self._on_remark_clicked)
        self._tabs = QTabBar(self)
        self._tabs.setAccessibleName("Sheets, or parts of the document")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setUsesScrollButtons(True)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._tabs.currentChanged.connect(self._on_tab)
        self._tabs.hide()
        words = QWidget(self)
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pane, 1)
        column.addWidget(self._tabs)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(self._sidebar)
        split.addWidget(words)
        split.setStretchFactor(1, 1)
        split.setCollapsible(1, False)
        split.setSizes([WIDTH, 10_000])
        return split

    def first_controls(self) -> list[QWidget]:
        self._sidebar_button = look.toggle_button(
            self, "panel", "Contents and remarks", "sidebar", lambda on: self._sidebar.setVisible(on)
        )
        self._sidebar_button.setEnabled(False)
        return [self._sidebar_button]

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What can be done with a document."""
        return {**super().acts(), "sidebar": self._sidebar_button.toggle}

    def _on_heading(self, place: int) -> None:
        self._pane.go_to(place)
        self._pane.setFocus()

    def _on_remark(self, number: int) -> None:
        """Where its sign stands: in the part in front, else in one that has it."""
        if self._pane.go_to_remark(number):
            return
        sign = f'href="#remark-{number}"'
        which = next((n for n, part in enumerate(self._parts.parts) if sign in part.html), None)
        if which is not None:
            self._go_to_part(which)
            self._pane.go_to_remark(number)

    def _on_remark_clicked(self, number: int) -> None:
        self._sidebar_button.setChecked(True)
        self._sidebar.show_remark(number)

    # Searching all parts

    def _on_query(self, words: str) -> None:
        if len(self._parts.parts) <= 1:
            super()._on_query(words)
            return
        counts = self._parts.counts(words) if words.strip() else []
        self._in_parts = [(part, nth) for part, count in enumerate(counts) for nth in range(count)]
        here = (n for n, (part, _) in enumerate(self._in_parts) if part >= self._part)
        self._current = next(here, 0) if self._in_parts else -1
        self._show_in_parts(words)

    def _step(self, by: int) -> None:
        if len(self._parts.parts) <= 1:
            super()._step(by)
        elif self._in_parts:
            self._current = (self._current + by) % len(self._in_parts)
            self._show_in_parts(self._find.query)

    def _show_in_parts(self, words: str) -> None:
        if self._in_parts:
            self._go_to_part(self._in_parts[self._current][0])
        self._show_hits(words)

    def _show_hits(self, words: str) -> None:
        if len(self._parts.parts) <= 1:
            super()._show_hits(words)
            return
        self._hits = self._pane.find_all(words)
        part, nth = self._in_parts[self._current] if self._in_parts else (-1, 0)
        hit = self._hits[min(nth, len(self._hits) - 1)] if part == self._part and self._hits else None
        self._pane.show_hits(self._hits, hit)
        found = places_found(self._current, len(self._in_parts), False)
        self._find.say(found if words.strip() else "")
