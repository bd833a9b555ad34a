"""Notes on the draft before, beside the new ones: what was asked, and what the educator made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.coaching import UPTAKE_TITLES, Uptake, note_key
from assessor_desk.domain.handed_notes import EarlierNote, place_in_words
from assessor_desk.domain.review import COACHING_FIELDS, TITLES
from assessor_desk.gui.controls import quiet_button


def earlier_notes(case: Case) -> Mapping[str, Sequence[EarlierNote]]:
    """The notes that went back on the draft before, by criterion; those at places of none under an empty id."""
    if case.previous is None or case.notes is None:
        return {}
    found: dict[str, list[EarlierNote]] = {criterion.id: [] for criterion in case.rubric.criteria}
    found[""] = []
    for criterion, note in _all(case):
        found.setdefault(criterion if criterion in found else "", []).append(note)
    return found


def _all(case: Case) -> Iterator[tuple[str, EarlierNote]]:
    assert case.previous is not None
    assert case.notes is not None
    (notes, draft), uptake = case.previous, case.notes.uptake
    for criterion in case.rubric.criteria:
        for which in COACHING_FIELDS[1:]:
            if words := notes.work(criterion.id).text(which).strip():
                key = note_key(criterion.id, which.value)
                yield criterion.id, EarlierNote(key, TITLES[which], words, uptake.get(key))
    for anchor in notes.anchors:
        if anchor.note:
            key = note_key("anchor", anchor.id)
            cited = notes.criteria_citing(anchor.id)
            about = place_in_words(draft, anchor)
            yield (cited[0] if cited else ""), EarlierNote(key, about, anchor.note, uptake.get(key))


class EarlierNotes(QWidget):
    """The earlier notes of one criterion, or of none, each to be marked; choosing a mark again takes it back."""

    uptake_marked = Signal(str, object)
    rearranged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[EarlierNote, ...] = ()
        self._marks: dict[str, dict[Uptake, QPushButton]] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_notes(self, notes: Sequence[EarlierNote], *, read_only: bool) -> None:
        """Show these notes and how they are marked."""
        asked = [(one.key, one.words) for one in notes]
        if asked != [(one.key, one.words) for one in self._shown]:
            self._build(notes)
        self._shown = tuple(notes)
        for note in notes:
            for uptake, button in self._marks[note.key].items():
                button.setChecked(note.uptake is uptake)
                button.setText(f"✓ {UPTAKE_TITLES[uptake]}" if button.isChecked() else UPTAKE_TITLES[uptake])
                button.setEnabled(not read_only)

    @property
    def empty(self) -> bool:
        """Whether there is none."""
        return not self._shown

    def _build(self, notes: Sequence[EarlierNote]) -> None:
        while (held := self._column.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        self._marks = {}
        for note in notes:
            self._column.addWidget(self._row(note))
        self.rearranged.emit()

    def _row(self, note: EarlierNote) -> QWidget:
        held = QWidget(self)
        held.setObjectName("earlierNote")
        held.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(held)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        about = QLabel(f"On the draft before · {note.about}", held)
        about.setObjectName("fieldLabel")
        words = QLabel(note.words, held)
        for label in (about, words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        column.addLayout(self._choice(note, held))
        return held

    def _choice(self, note: EarlierNote, parent: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self._marks[note.key] = {}
        for uptake, title in UPTAKE_TITLES.items():
            button = quiet_button(title, parent)
            button.setProperty("choice", True)
            button.setCheckable(True)
            button.setAccessibleName(f"{title}: {note.about}, {note.words}")
            button.clicked.connect(
                lambda on, key=note.key, chosen=uptake: self.uptake_marked.emit(key, chosen if on else None)
            )
            self._marks[note.key][uptake] = button
            row.addWidget(button)
        row.addStretch(1)
        return row
