"""What stands in front for an artifact that cannot be shown now: why, and if it can be had the button that brings it.

Bringing tells how far it is, and can be stopped; what has come is kept, to go on with.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from assessor_desk.gui.controls import EmptyState, primary_button
from assessor_desk.gui.sizes import bytes_in_words

_STEPS = 1000
_BAR_WIDTH = 240


class NotHere(EmptyState):
    """`wanted` says that it is to be brought here, `unwanted` that this is to stop."""

    wanted = Signal()
    unwanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("document", "", "", parent=parent)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(_BAR_WIDTH)
        self.bar.setAccessibleName("How much of it is here")
        self.act = primary_button("", self)
        self.act.clicked.connect(self._on_act)
        self._coming = False
        row = QHBoxLayout()
        row.addWidget(self.bar)
        self.column.insertLayout(self.column.count() - 1, row)
        self.column.insertWidget(self.column.count() - 1, self.act, 0, Qt.AlignmentFlag.AlignHCenter)
        self.offer_nothing()

    @property
    def offers(self) -> bool:
        """Whether there is something to be done here."""
        return not self.act.isHidden()

    def offer_nothing(self) -> None:
        """Nothing can be done about it here."""
        self.bar.hide()
        self.act.hide()

    def offer_bringing(self, left: int) -> None:
        """It can be had: `left` bytes of it are not here."""
        self._coming = False
        self.bar.hide()
        self._say(f"Bring it here ({bytes_in_words(left)})" if left else "Bring it here")

    def show_coming(self, here: int, of: int) -> None:
        """It is on its way."""
        self._coming = True
        self.bar.setValue(_STEPS * here // of if of else 0)
        self.bar.show()
        told = f"{bytes_in_words(here)} of {bytes_in_words(of)}" if of else ""
        self.bar.setAccessibleDescription(told)
        self.say("download", "On its way", f"{told} is here." if told else "It is being asked for.")
        self._say("Stop")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what the button would."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.offers:
            self._on_act()
        else:
            super().keyPressEvent(event)

    def _say(self, words: str) -> None:
        if self.act.text() != words:
            self.act.setText(words)
        self.act.show()

    def _on_act(self) -> None:
        (self.unwanted if self._coming else self.wanted).emit()
