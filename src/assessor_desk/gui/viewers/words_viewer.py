"""What viewers of words share: reading, searching, quoting."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_desk.domain.anchor import Selector, TextQuote, Whole
from assessor_desk.gui import theme
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.find_bar import FindBar, places_found
from assessor_desk.gui.viewers.handles import WordsHandle
from assessor_desk.gui.viewers.reading_pane import ReadingPane
from assessor_desk.gui.viewers.surface_viewer import Surface, SurfaceViewer
from assessor_desk.gui.viewers.viewer import Evidence, Mark, Tasks

_SMALLEST, _LARGEST = -4, 12
_ROOM_FOR_HINT = 420


class WordsViewer(SurfaceViewer):
    """Shows words in a column; what is selected can be anchored as a quotation."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._hits: list[tuple[int, int]] = []
        self._current = -1
        self._larger = 0
        self._prepared = False
        self._query = ""
        self._pane = ReadingPane(self)
        self._find = FindBar(self)
        self._note = look.quiet_label(self)
        self._note.setWordWrap(True)
        self._note.setContentsMargins(0, 0, 0, 6)
        self._build()
        theme.changed.connect(self._pane.restyle)

    # The interface of viewers

    def show_artifact(self, evidence: Evidence) -> None:
        self._pane.setAccessibleName(f"Words of {evidence.artifact.name}")
        self.open_in_background(evidence, self._on_opened)

    @property
    def surface(self) -> Surface:
        return self._pane

    def show_marks(self, marks: Sequence[Mark]) -> None:
        if self._prepared:
            super().show_marks(marks)
        else:
            self._marks = tuple(marks)

    def reveal(self, selector: Selector) -> None:
        if self._prepared:
            super().reveal(selector)
        else:
            self._wanted = selector

    def reveal_now(self, selector: Selector) -> None:
        if isinstance(selector, TextQuote):
            self._pane.reveal(selector)
        else:
            self._pane.verticalScrollBar().setValue(0)

    def current_selector(self) -> Selector | None:
        if self._handle is None:
            return None
        return self.selected() or Whole()

    def selected(self) -> Selector | None:
        selected = self._pane.selected()
        return self._pane.quotable.quote(*selected) if selected is not None else None

    def clear(self) -> None:
        super().clear()
        self._hits, self._current = [], -1
        self._prepared, self._query = False, ""
        self._find.close_search()
        self._note.setText("")
        self._pane.clear_document()

    # What is shown

    @abstractmethod
    def show_words(self, handle: WordsHandle) -> str:
        """Put the document's words into the pane; what to say about them above."""

    def _on_opened(self, handle: WordsHandle) -> None:
        above = self.show_words(handle)
        self._note.setText(" ".join((above, *handle.notes)).strip())
        self._note.setVisible(bool(self._note.text()))
        if self._pane.long:
            self.in_background(self.prepare, lambda _: self._on_prepared())
        else:
            self._on_prepared()

    def prepare(self) -> None:
        """Do the slow part of finding words now; runs on a side lane."""
        self._pane.prepare()

    def _on_prepared(self) -> None:
        """Words can be looked for without holding up the window."""
        self._prepared = True
        self.show_what_waited()
        if self._query:
            self._on_query(self._query)

    def _build(self) -> None:
        controls, row = look.tool_row(self)
        for control in self.first_controls():
            row.addWidget(control)
        row.addWidget(look.tool_button(self, "search", "Find", "find", self._find.open))
        row.addStretch(1)
        row.addWidget(look.tool_button(self, "zoom-out", "Smaller words", "zoom_out", lambda: self._zoom(-1)))
        row.addWidget(look.tool_button(self, "zoom-in", "Larger words", "zoom_in", lambda: self._zoom(1)))
        self._hint = look.quiet_label(self, "Select words to anchor them")
        row.addWidget(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(controls)
        column.addWidget(self._note)
        column.addWidget(self._find)
        column.addWidget(self.body(), 1)
        self.setFocusProxy(self._pane)
        self._find.query_changed.connect(self._on_query)
        self._find.stepped.connect(self._step)
        self._pane.mark_clicked.connect(self.anchor_activated)
        self._pane.offer_taken.connect(self.offer_current_selector)
        self._pane.link_refused.connect(self._on_link_refused)
        self.set_keys()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the hint goes before the controls do."""
        super().resizeEvent(event)
        self._show_hint()

    def allow_moving(self, allowed: bool) -> None:
        super().allow_moving(allowed)
        self._show_hint()

    def _show_hint(self) -> None:
        """Only to whoever can do what it says, and where there is room."""
        self._hint.setVisible(self.moving_allowed and self.width() >= _ROOM_FOR_HINT)

    def first_controls(self) -> list[QWidget]:
        """Controls before those that all viewers of words have."""
        return []

    def body(self) -> QWidget:
        """What stands below the controls."""
        return self._pane

    @property
    def stage(self) -> QWidget:
        """Where the evidence itself is."""
        return self._pane

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What can be done with words."""
        return {
            "find": self._find.open,
            "find_next": lambda: self._step(1),
            "find_previous": lambda: self._step(-1),
            "zoom_in": lambda: self._zoom(1),
            "zoom_out": lambda: self._zoom(-1),
            "fit": lambda: self._zoom(-self._larger),
        }

    def _zoom(self, steps: int) -> None:
        wanted = min(max(self._larger + steps, _SMALLEST), _LARGEST)
        self._pane.enlarge(wanted - self._larger)
        self._larger = wanted

    def _on_link_refused(self, address: str) -> None:
        self.trouble.emit(f"The document links to {address}. Links in evidence are not opened.")

    # Searching

    def _on_query(self, words: str) -> None:
        self._query = words
        if not self._prepared:
            return
        self._hits = self._pane.find_all(words)
        self._current = 0 if self._hits else -1
        self._show_hits(words)

    def _step(self, by: int) -> None:
        if self._hits:
            self._current = (self._current + by) % len(self._hits)
            self._show_hits(self._find.query)

    def _show_hits(self, words: str) -> None:
        self._pane.show_hits(self._hits, self._hits[self._current] if self._hits else None)
        self._find.say(places_found(self._current, len(self._hits), False) if words.strip() else "")
