"""Shows a PDF: its pages, small pictures of them, contents, search, and its words for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QIntValidator, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import PageRegion, Selector, TextQuote
from assessor_desk.gui import theme
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.find_bar import FindBar, places_found
from assessor_desk.gui.viewers.handles import Hit, OutlineEntry, PageNote, PdfHandle, ReadPage
from assessor_desk.gui.viewers.pdf_canvas import PdfCanvas
from assessor_desk.gui.viewers.pdf_pages import Fit
from assessor_desk.gui.viewers.pdf_search import PdfSearch
from assessor_desk.gui.viewers.pdf_sidebar import PdfSidebar, page_name, wanted_width
from assessor_desk.gui.viewers.pdf_words import IS_PICTURE, PdfWords
from assessor_desk.gui.viewers.per_page import PerPage
from assessor_desk.gui.viewers.renders import Renders
from assessor_desk.gui.viewers.surface_viewer import Surface, SurfaceViewer
from assessor_desk.gui.viewers.viewer import Evidence, Mark, Tasks, content_of

_PAGES_BUDGET = 96 * 1024 * 1024
_PARTS_BUDGET = 48 * 1024 * 1024
_ROOM_FOR_ALL, _ROOM_FOR_ZOOM, _ROOM_FOR_FIT = 560, 460, 350
"""Pixels of width below which some controls are left out."""

_SIDEBAR_TIP = "Pages and contents ({sidebar})"
_THUMBNAILS_BUDGET = 24 * 1024 * 1024


class PdfViewer(SurfaceViewer):
    """Pages are counted from 1 on screen and in selectors, from 0 inside."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        run = self.in_background
        self._read = PerPage[ReadPage](run, self)
        self._labels: Sequence[str] = ()
        self._content = ""
        self._left_at: dict[str, tuple[int, int]] = {}
        self._canvas = PdfCanvas(
            Renders(run, _PAGES_BUDGET, self),
            Renders(run, _PARTS_BUDGET, self),
            PerPage(run, self),
            PerPage(run, self),
            self,
        )
        self._sidebar = PdfSidebar(Renders(self.in_background, _THUMBNAILS_BUDGET, self), self)
        self._words = PdfWords(self)
        self._search = PdfSearch(self.in_background, self)
        self._find = FindBar(self)
        self._hint = look.quiet_label(self)
        self._hint.setWordWrap(True)
        self._hint.setContentsMargins(0, 0, 0, 6)
        self._hint.hide()
        self._build()
        self._connect()
        theme.changed.connect(self._on_theme_changed)

    # The interface of viewers

    def show_artifact(self, evidence: Evidence) -> None:
        self._canvas.setAccessibleName(f"Pages of {evidence.artifact.name}")
        self.open_in_background(evidence, self._on_opened)
        self._content = content_of(evidence.artifact)

    @property
    def surface(self) -> Surface:
        return self._canvas

    def reveal_now(self, selector: Selector) -> None:
        if isinstance(selector, TextQuote) and selector.page is None:
            self._find_page_of(selector)
        else:
            self._read_button.setChecked(False)
            self._canvas.reveal(selector)

    def current_selector(self) -> Selector | None:
        if self._handle is None:
            return None
        if self._stack.currentWidget() is self._words:
            page = self._canvas.page
            return self.selected() or PageRegion(page + 1, None, self._canvas.label(page))
        return self._canvas.current_selector()

    def selected(self) -> Selector | None:
        if self._stack.currentWidget() is not self._words:
            return self._canvas.selector_at_hand()
        page = self._canvas.page
        return self._words.quotation(page, self._canvas.label(page), self._canvas.texts.get(page))

    def show_marks(self, marks: Sequence[Mark]) -> None:
        super().show_marks(marks)
        self._mark_words()

    def set_marks_visible(self, visible: bool) -> None:
        super().set_marks_visible(visible)
        self._words.set_marks_visible(visible)

    def offer_current_selector(self) -> None:
        super().offer_current_selector()
        self._words.clear_selection()

    def clear(self) -> None:
        if self._handle is not None:
            self._left_at[self._content] = (self._canvas.page, self._canvas.rotation)
        super().clear()
        self._box_button.setChecked(False)  # in another document one drags over words again
        self._content = ""
        self._search.begin(None)
        self._canvas.clear()
        self._sidebar.clear_document()
        self._words.clear_document()
        self._read.clear()
        self._labels = ()
        self._hint.hide()
        self._find.close_search()
        self._read_button.setChecked(False)
        self._controls.setEnabled(False)

    # Opening

    def _on_opened(self, handle: PdfHandle) -> None:
        self._controls.setEnabled(True)
        self._page.setValidator(QIntValidator(1, handle.page_count, self._page))
        self._count.setText(f"of {handle.page_count}")
        self._canvas.open(handle)
        self._read.begin(handle.read)
        self._search.begin(handle)
        self._on_page_changed(0)
        self._go_back_to(*self._left_at.get(self._content, (0, 0)))
        self.show_what_waited()
        self.in_background(handle.measure, lambda _: self._on_measured(handle))

    def _go_back_to(self, page: int, rotation: int) -> None:
        """Where one was in this document before another artifact was looked at."""
        if rotation:
            self._canvas.rotate(rotation)
        if page:
            self._canvas.go_to(page)

    def _on_measured(self, handle: PdfHandle) -> None:
        """Only now are the pages' places final, so only now are they worth small pictures."""
        self._canvas.measured()
        self._sidebar.show_document(handle)
        self._sidebar.show_page(self._canvas.page)
        self.in_background(handle.outline, self._on_outline, lambda _: None)
        self.in_background(handle.labels, self._on_labels, lambda _: None)
        self.in_background(lambda: _all_notes(handle), self._on_notes, lambda _: None)

    def _on_labels(self, labels: Sequence[str]) -> None:
        self._labels = labels
        self._canvas.name_pages(labels)
        self._sidebar.name_pages(labels)
        self._on_page_changed(self._canvas.page)

    def _on_notes(self, notes: Sequence[PageNote]) -> None:
        self._canvas.show_notes(notes)
        self._sidebar.show_notes(notes)
        count = f"{len(notes)} annotations" if len(notes) > 1 else "an annotation"
        look.tell(
            self._sidebar_button,
            f"Pages, contents and {count} in the document ({{sidebar}})" if notes else _SIDEBAR_TIP,
        )

    def _on_outline(self, entries: Sequence[OutlineEntry]) -> None:
        self._sidebar.show_outline(entries)

    # Controls

    def _build(self) -> None:
        self._controls, row = look.tool_row(self)
        self._sidebar_button = look.toggle_button(
            self, "panel", "Pages and contents", "sidebar", self._sidebar.setVisible
        )
        row.addWidget(self._sidebar_button)
        row.addWidget(look.tool_button(self, "search", "Find", "find", self._find.open))
        row.addWidget(look.divider(self))
        self._page = QLineEdit(self)
        self._page.setValidator(QIntValidator(1, 1, self))
        self._page.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._page.setFixedWidth(48)
        self._page.setAccessibleName("Page")
        self._page.setToolTip("Page: type a number and press Enter")
        self._count = look.quiet_label(self)
        look.tabular(self._count)
        row.addWidget(self._page)
        row.addSpacing(4)
        row.addWidget(self._count)
        row.addStretch(1)
        self._build_zoom(row.addWidget)
        row.addWidget(look.divider(self))
        self._build_modes(row.addWidget)
        self._lay_out()

    def _build_zoom(self, add: Callable[[QWidget], None]) -> None:
        smaller = look.tool_button(self, "zoom-out", "Smaller", "zoom_out", lambda: self._canvas.zoom_by(-1))
        add(smaller)
        self._percent = look.quiet_label(self)
        self._percent.setFixedWidth(44)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._percent.setAccessibleName("Zoom")
        look.tabular(self._percent)
        add(self._percent)
        larger = look.tool_button(self, "zoom-in", "Larger", "zoom_in", lambda: self._canvas.zoom_by(1))
        add(larger)
        self._width_button = look.tool_button(
            self, "", "Fit the width", "fit", lambda: self._canvas.set_fit(Fit.WIDTH), "Width"
        )
        self._whole_button = look.tool_button(
            self, "", "Fit the whole page", "fit_page", lambda: self._canvas.set_fit(Fit.PAGE), "Page"
        )
        for button in (self._width_button, self._whole_button):
            button.setCheckable(True)
            add(button)
        self._single_button = look.toggle_button(
            self, "file", "One page at a time", "single_page", self._canvas.set_single
        )
        add(self._single_button)
        turn = look.tool_button(self, "rotate", "Turn by a quarter", "turn", lambda: self._canvas.rotate(90))
        add(turn)
        self._crowded = (
            (_ROOM_FOR_ALL, (self._percent, self._single_button)),
            (_ROOM_FOR_ZOOM, (smaller, larger, turn)),
            (_ROOM_FOR_FIT, (self._width_button, self._whole_button)),
        )

    def _build_modes(self, add: Callable[[QWidget], None]) -> None:
        self._box_button = look.toggle_button(
            self, "box", "Mark a part of the page: drag, or arrows and Enter", "box", self._on_box_tool
        )
        self._read_button = look.toggle_button(self, "read", "Read as text", "read", self._on_read_as_text)
        add(self._box_button)
        add(self._read_button)

    def _lay_out(self) -> None:
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._canvas)
        self._stack.addWidget(self._words)
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._split.addWidget(self._sidebar)
        self._split.addWidget(self._stack)
        self._split.setStretchFactor(1, 1)
        self._split.setCollapsible(1, False)
        self._split.setSizes([wanted_width(), 10_000])
        self._sidebar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._controls)
        column.addWidget(self._find)
        column.addWidget(self._hint)
        column.addWidget(self._split, 1)
        self.setFocusProxy(self._canvas)

    def _connect(self) -> None:
        self._canvas.page_changed.connect(self._on_page_changed)
        self._canvas.zoom_changed.connect(self._on_zoom_changed)
        self._canvas.selector_drawn.connect(self.selector_offered)
        self._canvas.mark_clicked.connect(self.anchor_activated)
        self._canvas.boxes.moved.connect(self.anchor_moved)
        self._canvas.boxes.removed.connect(self.anchor_removed)
        self._canvas.page_failed.connect(self._tell)
        self._canvas.texts.arrived.connect(self._on_text_arrived)
        self._canvas.link_refused.connect(self._on_link_refused)
        self._read.arrived.connect(self._on_text_arrived)
        self._words.offer_taken.connect(self.offer_current_selector)
        self._words.mark_clicked.connect(self.anchor_activated)
        self._words.page_wanted.connect(self._step_page)
        self._sidebar.note_chosen.connect(self._on_note_chosen)
        self._sidebar.page_chosen.connect(self._canvas.go_to)
        self._page.returnPressed.connect(self._on_page_typed)
        self._find.query_changed.connect(lambda words: self._search.search(words, self._canvas.page))
        self._find.stepped.connect(self._search.step)
        self._search.changed.connect(self._on_search_changed)
        self._search.failed.connect(self._tell)
        self.set_keys()

    def allow_moving(self, allowed: bool) -> None:
        super().allow_moving(allowed)
        self._canvas.boxes.allow(allowed)

    @property
    def stage(self) -> QWidget:
        """Where the evidence itself is."""
        return self._canvas

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, controls that have a key go before those that tell."""
        super().resizeEvent(event)
        for room, controls in self._crowded:
            for control in controls:
                control.setVisible(event.size().width() >= room)

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What can be done with a document in pages."""
        canvas = self._canvas
        return {
            "find": self._find.open,
            "copy": self._copy_selection,
            "find_next": lambda: self._search.step(1),
            "find_previous": lambda: self._search.step(-1),
            "sidebar": self._sidebar_button.toggle,
            "zoom_in": lambda: canvas.zoom_by(1),
            "zoom_out": lambda: canvas.zoom_by(-1),
            "fit": lambda: canvas.set_fit(Fit.WIDTH),
            "fit_page": lambda: canvas.set_fit(Fit.PAGE),
            "single_page": self._single_button.toggle,
            "next_page": lambda: self._step_page(1),
            "previous_page": lambda: self._step_page(-1),
            "turn": lambda: canvas.rotate(90),
            "box": self._box_button.toggle,
            "hold_mark": canvas.boxes.hold,
            "read": self._read_button.toggle,
        }

    def _copy_selection(self) -> None:
        """The selected words, to quote them; while reading as text the words' own pane does it."""
        quote = self._canvas.selection
        if quote is not None:
            QGuiApplication.clipboard().setText(quote.exact)

    # What follows from what

    def _on_page_changed(self, page: int) -> None:
        self._page.setText(str(page + 1))
        self._sidebar.show_page(page)
        label = self._labels[page] if page < len(self._labels) else ""
        self._count.setText(f"of {self._canvas.page_count}" + (f" · “{label}”" if label else ""))
        name = page_name(page, self._labels)
        self._canvas.setAccessibleDescription(f"Page {name} of {self._canvas.page_count}")
        self._words.setAccessibleName(f"The words of page {name} of {self._canvas.page_count}")
        self._show_words()
        self._show_hint()

    def _step_page(self, step: int) -> None:
        """The beginning of another page, on paper or as text."""
        self._canvas.go_to(self._canvas.page + step)

    def _show_hint(self) -> None:
        """That a scan has no words. Once said in a document its line stays, so that pages do not jump."""
        page = self._canvas.page
        text = self._canvas.texts.get(page) if self._handle is not None else None
        if text is None:
            return
        if text.text.strip():
            self._hint.setText("")
        elif (read := self._read.get(page)) is not None:
            self._hint.setText(IS_PICTURE if read.is_picture and not self._read_button.isChecked() else "")
            self._hint.setVisible(read.is_picture or self._hint.isVisible())

    def _on_link_refused(self, address: str) -> None:
        self.trouble.emit(f"The document links to {address}. Links in evidence are not opened.")

    def _on_note_chosen(self, note: PageNote) -> None:
        self._read_button.setChecked(False)
        self._canvas.show_place(note.page, note.box)

    def _on_page_typed(self) -> None:
        """The validator lets only pages through that there are."""
        self._canvas.go_to(int(self._page.text()) - 1)
        self._canvas.setFocus()

    def _on_zoom_changed(self) -> None:
        self._percent.setText(f"{round(100 * self._canvas.zoom)} %")
        self._width_button.setChecked(self._canvas.fit is Fit.WIDTH)
        self._whole_button.setChecked(self._canvas.fit is Fit.PAGE)

    def _on_box_tool(self, on: bool) -> None:
        self._canvas.set_box_tool(on)
        if on:
            self._read_button.setChecked(False)
            self._canvas.setFocus()

    def _on_search_changed(self) -> None:
        search = self._search
        self._canvas.show_hits(search.hits, search.hit)
        words = (
            places_found(search.current, len(search.hits), search.searching) if search.query.strip() else ""
        )
        self._find.say(words)

    def _on_theme_changed(self) -> None:
        self._words.restyle()
        self._canvas.viewport().update()

    # Read as text

    def _on_read_as_text(self, on: bool) -> None:
        self._stack.setCurrentWidget(self._words if on else self._canvas)
        if on:
            self._show_words()
            self._words.setFocus()

    def _on_text_arrived(self, page: int) -> None:
        if page == self._canvas.page:
            self._show_words()
            self._show_hint()

    def _show_words(self) -> None:
        if not self._read_button.isChecked() or self._handle is None:
            return
        read = self._read.get(self._canvas.page)
        if read is not None:
            self._words.show_page(read)
            self._mark_words()

    def _mark_words(self) -> None:
        """The marks of this page, where it is read as text; those on other pages have other words."""
        if self._read_button.isChecked():
            page = self._canvas.page + 1
            self._words.show_marks([mark for mark in self._marks if page_of(mark) in (page, None)])

    # A quotation without its page

    def _find_page_of(self, quote: TextQuote) -> None:
        handle: PdfHandle = self._handle

        def found(hits: Sequence[Hit]) -> None:
            if hits:
                page = hits[0].page + 1
                self._canvas.reveal(TextQuote(quote.exact, quote.prefix, quote.suffix, page))

        self.in_background(lambda: _first_hits(handle, quote.exact), found)


def _first_hits(handle: PdfHandle, words: str) -> Sequence[Hit]:
    page: int | None = 0
    while page is not None:
        part = handle.search(words, page)
        if part.hits:
            return part.hits
        page = part.next_page
    return ()


def _all_notes(handle: PdfHandle) -> Sequence[PageNote]:
    notes: list[PageNote] = []
    page: int | None = 0
    while page is not None:
        part = handle.notes(page)
        notes += part.notes
        page = part.next_page
    return notes


def page_of(mark: Mark) -> int | None:
    """The page from 1 that a mark is on, where it says."""
    return getattr(mark.anchor.selector, "page", None)
