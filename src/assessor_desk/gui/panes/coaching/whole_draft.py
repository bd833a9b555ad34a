"""Cards about the draft as a whole: the draft before it, and notes at places that belong to no criterion."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.coaching import note_keys
from assessor_desk.domain.handed_notes import EarlierNote
from assessor_desk.gui import theme
from assessor_desk.gui.controls import Card, quiet_button
from assessor_desk.gui.panes.coaching.earlier_notes import EarlierNotes
from assessor_desk.gui.panes.coaching.placed_notes import PlacedNotes
from assessor_desk.gui.panes.coaching.wording import unmarked_in_words


class DraftBefore(Card):
    """Says that there was a draft before, what became of its notes, and leads there. Hidden where there was none."""

    draft_wanted = Signal(str)
    earlier_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        self._title, self._words = QLabel(self), QLabel(self)
        self._title.setObjectName("criterionTitle")
        self._words.setObjectName("muted")
        for label in (self._title, self._words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        row = QHBoxLayout()
        read = quiet_button("Read all the notes on it…", self)
        read.clicked.connect(self.earlier_wanted)
        go = quiet_button("Open that draft", self)
        go.clicked.connect(lambda: self.draft_wanted.emit(self._draft))
        for button in (read, go):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    def show_case(self, case: Case) -> None:
        """The draft before, where there was one."""
        self.setVisible(case.previous is not None)
        if case.previous is None or case.notes is None:
            return
        notes, draft = case.previous
        self._draft = draft.id
        self._title.setText(f"The draft before, {draft.key}")
        asked = len(list(note_keys(notes)))
        still = unmarked_in_words(case, case.notes)
        told = f"{still}. Each stands at its criterion below." if still else "All earlier notes are marked."
        self._words.setText(told if asked else "Nothing was asked in the notes on it.")


class Elsewhere(Card):
    """Notes at places given to no criterion, old and new. Hidden while there are none."""

    uptake_marked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        title = QLabel("Elsewhere in the draft", self)
        title.setObjectName("criterionTitle")
        self._earlier = EarlierNotes(self)
        self._earlier.uptake_marked.connect(self.uptake_marked)
        self.placed = PlacedNotes(self)
        for widget in (title, self._earlier, self.placed):
            column.addWidget(widget)

    def show_case(self, case: Case, earlier: Sequence[EarlierNote]) -> None:
        """The places, and what was noted elsewhere in the draft before."""
        placed = [one for one in case.sheet.anchors if not case.sheet.criteria_citing(one.id)]
        self._earlier.show_notes(earlier, read_only=case.read_only)
        self._earlier.setVisible(bool(earlier))
        self.placed.show_places(case, placed, theme.colour("muted"))
        self.setVisible(bool(placed or earlier))
