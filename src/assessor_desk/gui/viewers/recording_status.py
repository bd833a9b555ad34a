"""One line below the picture: what is playing or being moved, and which copy of the recording is seen."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from assessor_desk.gui.controls import ElidedLabel, quiet_button
from assessor_desk.gui.viewers import look

_TOLD_MS = 3500


class RecordingStatus(QWidget):
    """Lasting words on the left, covered for a moment by what is told; the copy seen on the right."""

    original_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lasting, self._told = "", ""
        self._words = ElidedLabel("", self)
        self._copy = look.quiet_label(self)
        self.fetch = quiet_button("Fetch the original", self)
        self.fetch.setToolTip("It comes with the next round of syncing, whatever its size")
        self.fetch.clicked.connect(self._on_fetch)
        self.fetch.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._words, 1)
        row.addWidget(self._copy)
        row.addWidget(self.fetch)
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(_TOLD_MS)
        self._forget.timeout.connect(lambda: self._show_told(""))
        self.say("")

    @property
    def words(self) -> str:
        """What it says now."""
        return self._told or self._lasting

    @property
    def copy_words(self) -> str:
        """What it says of the copy seen."""
        return self._copy.text()

    def say(self, words: str) -> None:
        """Say what holds until something else is said; it comes before what was told a moment ago."""
        if words != self._lasting:
            self._lasting, self._told = words, "" if words else self._told
            self._announce(words)
        self._words.say(self.words)

    def tell(self, words: str) -> None:
        """Say something for a moment."""
        self._show_told(words)
        self._announce(words)
        self._forget.start()

    def clear(self) -> None:
        """Say nothing."""
        self._forget.stop()
        self._told = self._lasting = ""
        self._words.say("")
        self.show_copy("")

    def show_copy(self, words: str, fetchable: bool = False) -> None:
        """Say whether the original is seen, or which other copy; `fetchable` offers to have the original come."""
        self._copy.setText(words.partition(". ")[0].rstrip("."))
        self._copy.setToolTip(words)
        self._copy.setAccessibleName(words)
        self.fetch.setVisible(fetchable)
        self.fetch.setEnabled(fetchable)

    def _on_fetch(self) -> None:
        self.fetch.setEnabled(False)
        self.original_wanted.emit()

    def _show_told(self, words: str) -> None:
        self._told = words
        self._words.say(self.words)

    def _announce(self, words: str) -> None:
        if words and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
