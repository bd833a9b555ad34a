"""Shows an Office document in one of two views: the built-in one at once, and as LibreOffice lays it out.

The second takes seconds to be made the first time, is kept with the evidence, and is offered only where LibreOffice is
installed. Anchors are the document's own words in both, so that they hold in either; the view chosen last is the one
that the next document opens in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import Selector, TextQuote, Whole
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.actions import default_keys
from assessor_desk.gui.viewers.laid_out_bar import LaidOutBar
from assessor_desk.gui.viewers.pages_of_quotes import PagesOfQuotes
from assessor_desk.gui.viewers.pdf import PdfViewer
from assessor_desk.gui.viewers.viewer import Evidence, Mark, Tasks, Viewer
from assessor_desk.gui.viewers.word import WordViewer

_REMEMBERED = "documents_as_laid_out"


@dataclass(frozen=True)
class _LaidOut:
    """The evidence as the viewer of pages opens it."""

    evidence: Any
    stop: threading.Event

    @property
    def artifact(self) -> Any:
        return self.evidence.artifact

    def open(self) -> Any:
        return self.evidence.lay_out(self.stop)

    def captions(self) -> str | None:
        return None


class LaidOutPages(PdfViewer):
    """Pages that LibreOffice made: they may break elsewhere on another computer, so nothing is anchored by its page."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._box_button.hide()

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What can be done with pages, but for boxes on them."""
        return {id_: act for id_, act in super().acts().items() if id_ != "box"}

    @property
    def page(self) -> int:
        """The page in sight, counted from 0."""
        return self._canvas.page

    def turn_to(self, place: Selector) -> None:
        """Bring the page of a quotation into sight."""
        if isinstance(place, TextQuote) and place.page is not None:
            self._canvas.go_to(place.page - 1)

    def open_laid_out(
        self, laid_out: _LaidOut, opened: Callable[[Any], None], failed: Callable[[DeskError], None]
    ) -> None:
        """Open what is laid out now or was before; takes seconds the first time."""
        self.stage.setAccessibleName(f"Pages of {laid_out.artifact.name}, as laid out")

        def show(handle: Any) -> None:
            self._on_opened(handle)
            opened(handle)

        self.open_in_background(laid_out, show, failed)


class DocumentViewer(Viewer):
    """Two viewers, one in front; what is done to this one is done to the one in front."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._evidence: Any = None
        self._marks: tuple[Mark, ...] = ()
        self._wanted: Selector | None = None
        self._near: TextQuote | None = None
        self._stop = threading.Event()
        self._pages_ready = False
        self._built_in_open = False
        self._keys_of: Callable[[str], tuple[str, ...]] = default_keys
        self._marks_visible = True
        self._notes: tuple[str, ...] = ()
        self._built_in = WordViewer(tasks, self)
        self._pages = LaidOutPages(tasks, self)
        self._places = PagesOfQuotes()
        self._bar = LaidOutBar(self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._built_in)
        self._stack.addWidget(self._pages)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._stack, 1)
        self._connect()

    def _connect(self) -> None:
        for viewer in (self._built_in, self._pages):
            viewer.anchor_activated.connect(self.anchor_activated)
            viewer.trouble.connect(self.trouble)
            viewer.noted_selector_offered.connect(self.noted_selector_offered)
        self._built_in.selector_offered.connect(self.selector_offered)
        self._pages.selector_offered.connect(
            lambda selector: self.selector_offered.emit(in_any_view(selector))
        )
        self._bar.built_in_wanted.connect(lambda: self._choose(False))
        self._bar.laid_out_wanted.connect(lambda: self._choose(True))
        self._bar.stopped.connect(self._on_stopped)

    # The interface of viewers

    @property
    def front(self) -> Viewer:
        """The viewer in front."""
        return self._pages if self._stack.currentWidget() is self._pages else self._built_in

    @property
    def as_laid_out(self) -> bool:
        """Whether LibreOffice's view is in front."""
        return self.front is self._pages

    def show_artifact(self, evidence: Evidence) -> None:
        self.clear()
        self._evidence = evidence
        self._bar.hide()
        self.in_background(lambda: _ways(evidence), self._on_ways)

    def _on_ways(self, ways: tuple[bool, bool, bool]) -> None:
        """Whether it can be laid out, was before, and can be shown in no other way."""
        can, was, only = ways
        wanted = bool(self.settings and self.settings.get(_REMEMBERED, False))
        if can:
            self._bar.offer()
        if can and (only or (wanted and was)):
            self._show_pages()
        else:
            self._show_built_in()
            if can and wanted:
                self._make_pages()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self._marks = tuple(marks)
        self._built_in.show_marks(marks)
        self._mark_pages()

    def reveal(self, selector: Selector) -> None:
        if not self.as_laid_out:
            self._built_in.reveal(selector)
        elif self._pages_ready and isinstance(selector, TextQuote):
            self._find_page(selector, self._pages.reveal)
        else:
            self._wanted = selector

    def current_selector(self) -> Selector | None:
        selector = self.front.current_selector()
        return selector if selector is None or not self.as_laid_out else in_any_view(selector)

    def selected(self) -> Selector | None:
        selector = self.front.selected()
        return selector if selector is None or not self.as_laid_out else in_any_view(selector)

    def offer_current_selector(self) -> None:
        self.front.offer_current_selector()

    def set_marks_visible(self, visible: bool) -> None:
        self._marks_visible = visible
        for viewer in (self._built_in, self._pages):
            viewer.set_marks_visible(visible)

    def allow_moving(self, allowed: bool) -> None:
        super().allow_moving(allowed)
        self._built_in.allow_moving(allowed)
        self._pages.allow_moving(allowed)

    def remember_in(self, settings: Any) -> None:
        super().remember_in(settings)
        self._built_in.remember_in(settings)
        self._pages.remember_in(settings)

    def set_keys(self, keys_of: Callable[[str], tuple[str, ...]] = default_keys) -> None:
        self._keys_of = keys_of
        self._built_in.set_keys(keys_of)
        self._pages.set_keys(keys_of)

    def acts(self) -> Mapping[str, Callable[[], object]]:
        return self.front.acts()

    @property
    def stage(self) -> QWidget:
        return self.front.stage

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """To what is in front."""
        self.front.setFocus(reason)

    def clear(self) -> None:
        super().clear()
        self._stop.set()
        self._evidence, self._wanted, self._near = None, None, None
        self._pages_ready = self._built_in_open = False
        self._places = PagesOfQuotes()
        self._marks, self._notes = (), ()
        self._bar.rest()
        self._built_in.clear()
        self._pages.clear()

    # The two views

    def _choose(self, laid_out: bool) -> None:
        if self.settings is not None:
            self.settings.set(_REMEMBERED, laid_out)
        if laid_out and not self.as_laid_out:
            self._near = self._built_in.words_in_sight()
            self._show_pages() if self._pages_ready else self._make_pages()
            self._go_near()
        elif self.as_laid_out and not laid_out:
            self._show_built_in()
            self._follow_page()
        if not laid_out:
            self._on_stopped()
        self.front.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_near(self) -> None:
        """To the page with the words that were read in the built-in view."""
        if self._pages_ready and self._near is not None:
            near, self._near = self._near, None
            self._find_page(near, self._pages.turn_to)

    def _follow_page(self) -> None:
        """To the words of the page that was read."""
        places, page = self._places, self._pages.page
        if page:
            self.in_background(
                lambda: places.words_of(page),
                lambda words: None if words is None else self._built_in.bring_near(words),
                lambda _: None,
            )

    def _show_built_in(self) -> None:
        self._stack.setCurrentWidget(self._built_in)
        self._say_notes()
        self._bar.show_front(laid_out=False)
        if not self._built_in_open and self._evidence is not None:
            self._built_in_open = True
            self._built_in.show_artifact(self._evidence)
            self._built_in.show_marks(self._marks)

    def _show_pages(self) -> None:
        self._stack.setCurrentWidget(self._pages)
        self._say_notes()
        self._bar.show_front(laid_out=True)
        if not self._pages_ready:
            self._make_pages()

    def _make_pages(self) -> None:
        """Lay the document out, or open what was laid out before; the built-in view stays in front meanwhile."""
        if self._evidence is None or self._bar.working:
            return
        self._stop = threading.Event()
        self._bar.work()
        laid_out = _LaidOut(self._evidence, self._stop)
        self._pages.open_laid_out(laid_out, self._on_pages, self._on_pages_failed)

    def _on_pages(self, handle: Any) -> None:
        self._pages_ready = True
        self._bar.rest()
        self._places = PagesOfQuotes(handle)
        evidence = self._evidence
        self.in_background(lambda: _notes(evidence), self._on_notes, lambda _: None)
        self._show_pages()
        self._mark_pages()
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.reveal(wanted)
        else:
            self._go_near()

    def _on_notes(self, notes: Sequence[str]) -> None:
        self._notes = tuple(notes)
        self._say_notes()

    def _say_notes(self) -> None:
        self._bar.say(" ".join(self._notes) if self.as_laid_out else "")

    def _on_pages_failed(self, error: DeskError) -> None:
        stopped = self._stop.is_set()
        self._bar.rest()
        if self._evidence is None:
            return
        self._show_built_in()
        if not stopped:
            self.trouble.emit(sentence(error))

    def _on_stopped(self) -> None:
        self._stop.set()
        self._bar.rest()
        self._bar.show_front(self.as_laid_out)

    # Marks on pages

    def _mark_pages(self) -> None:
        if not self._pages_ready:
            return
        marks, places = self._marks, self._places
        self.in_background(lambda: _on_pages(marks, places), self._show_marks_on_pages, lambda _: None)

    def _show_marks_on_pages(self, found: tuple[tuple[Mark, ...], list[Mark]]) -> None:
        asked, marks = found
        if asked == self._marks:
            self._pages.show_marks(marks)
            self._pages.set_marks_visible(self._marks_visible)

    def _find_page(self, quote: TextQuote, then: Callable[[Selector], None]) -> None:
        places = self._places

        def show(found: TextQuote | None) -> None:
            if found is not None:
                then(found)

        self.in_background(lambda: places.on_page(quote), show)


def in_any_view(selector: Selector) -> Selector:
    """A place on a laid-out page as one of the document: its words; what has no words is the whole."""
    if isinstance(selector, TextQuote):
        return replace(selector, page=None, start=None, end=None, label="")
    return Whole()


def _on_pages(marks: tuple[Mark, ...], places: PagesOfQuotes) -> tuple[tuple[Mark, ...], list[Mark]]:
    """Marks on words, each with the page on which its words stand."""
    found: list[Mark] = []
    for mark in marks:
        selector = mark.anchor.selector
        on_page = places.on_page(selector) if isinstance(selector, TextQuote) else None
        if on_page is not None:
            found.append(replace(mark, anchor=replace(mark.anchor, selector=on_page)))
    return marks, found


def _notes(evidence: Any) -> tuple[str, ...]:
    told: Callable[[], tuple[str, ...]] = getattr(evidence, "notes_on_laid_out", tuple)
    return told()


def _ways(evidence: Any) -> tuple[bool, bool, bool]:
    can = bool(getattr(evidence, "can_be_laid_out", lambda: False)())
    was = can and bool(evidence.is_laid_out())
    only = can and str(evidence.kind()) == "older_office"
    return can, was, only
