"""The transcript beside a recording: its captions to be read, searched, clicked and quoted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import TimeSpan
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.caption_track import CaptionTrack
from assessor_desk.gui.viewers.find_bar import places_found
from assessor_desk.gui.viewers.transcript_text import TranscriptText


class TranscriptPane(QWidget):
    """A field to search, and the words; it follows the recording while that plays."""

    sought = Signal(int)
    words_selected = Signal(bool)
    left = Signal()
    """Escape: keys are for the recording again."""

    hidden_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._track = CaptionTrack()
        self._found = 0
        self.query = QLineEdit(self)
        self.query.setPlaceholderText("Find in the transcript")
        self.query.setAccessibleName("Find in the transcript")
        self.query.setClearButtonEnabled(True)
        self.query.setProperty("seeks", True)  # Shift+Return is the field's
        self.query.textChanged.connect(self._on_query)
        look.tell(self.query, "Find in the transcript ({find})")
        self._count = look.quiet_label(self)
        look.tabular(self._count)
        self.text = TranscriptText(self)
        self.text.cue_chosen.connect(self.sought)
        self.text.words_selected.connect(self.words_selected)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.query, 1)
        row.addWidget(self._count)
        self._add_buttons(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.text, 1)
        self.setMinimumWidth(160)
        self.setMinimumHeight(90)

    def _add_buttons(self, row: QHBoxLayout) -> None:
        self._steps = [
            look.tool_button(self, "chevron-left", "Previous place", "find_previous", lambda: self.step(-1)),
            look.tool_button(self, "chevron-right", "Next place", "find_next", lambda: self.step(1)),
        ]
        for button in self._steps:
            button.hide()
            row.addWidget(button)
        row.addWidget(
            look.tool_button(self, "x", "Hide the transcript", "transcript", self.hidden_wanted.emit)
        )

    def show_track(self, track: CaptionTrack) -> None:
        """Show the captions of a recording."""
        self._track = track
        self.text.show_cues(track.cues)
        self._on_query(self.query.text())

    def show_time(self, ms: int) -> None:
        """Follow the recording."""
        self.text.show_current(self._track.index_at(ms))

    def selection(self) -> tuple[TimeSpan, str] | None:
        """The time and the words selected; None without a selection, or while it is hidden."""
        return self.text.selection() if self.isVisible() else None

    def start_search(self) -> None:
        """Let words be typed that are looked for."""
        self.query.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.query.selectAll()

    def step(self, step: int) -> None:
        """Go to the next or previous place found."""
        hit = self.text.step_hit(step)
        if hit >= 0:
            self._count.setText(places_found(hit, self._found, False))

    def _on_query(self, words: str) -> None:
        self._found = self.text.search(words)
        said = places_found(-1, self._found, False) if not self._found else f"{self._found} found"
        self._count.setText(said if words.strip() else "")
        for button in self._steps:
            button.setVisible(bool(words.strip()))
            button.setEnabled(bool(self._found))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """In the field Enter goes to the next place, with Shift to the one before; Escape empties it, then leaves."""
        in_field = self.query.hasFocus()
        if in_field and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif in_field and event.key() == Qt.Key.Key_Escape:
            self.query.clear() if self.query.text() else self.left.emit()
        else:
            super().keyPressEvent(event)
