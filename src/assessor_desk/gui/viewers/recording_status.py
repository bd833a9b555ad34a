"""One line below the picture: what is playing or being moved, and which copy of the recording is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from assessor_desk.gui.controls import ElidedLabel, quiet_button
from assessor_desk.gui.original import Stage, Standing
from assessor_desk.gui.sizes import bytes_in_words
from assessor_desk.gui.viewers import look

if TYPE_CHECKING:
    from assessor_desk.gui.viewers.viewer import Viewer

_TOLD_MS = 3500
_BAR_WIDTH, _GAP = 120, 16
#: Narrower than this, two lines are needed.
_ROOM_FOR_ONE_LINE = 440
_FETCH = "Fetch the original"


class RecordingStatus(QWidget):
    """Lasting words on the left, covered for a moment by what is told; the copy seen on the right."""

    original_wanted = Signal()
    original_given_up = Signal()
    reopening_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lasting, self._told = "", ""
        self._words = ElidedLabel("", self)
        self._keys = look.quiet_label(self)
        self._keys.setWordWrap(True)
        self._keys.hide()
        self._copy = look.quiet_label(self)
        self.fetch = quiet_button(_FETCH, self)
        self.fetch.clicked.connect(self._on_fetch)
        self.fetch.hide()
        self.give_up = quiet_button("Cancel", self)
        self.give_up.setToolTip(
            "Go on with the small copy; what has come is kept, to go on with another time"
        )
        self.give_up.clicked.connect(self.original_given_up)
        self.give_up.hide()
        self._came = QProgressBar(self)
        self._came.setFixedWidth(_BAR_WIDTH)
        self._came.setTextVisible(False)
        self._came.hide()
        self._stage = Stage.LATER
        self._copy_words = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        column.addLayout(self._rows)
        column.addWidget(self._keys)
        self._rows.setSpacing(_GAP)
        self._rows.addWidget(self._words, 1)
        row = QHBoxLayout()
        row.setSpacing(_GAP)
        for part in (self._copy, self._came, self.fetch, self.give_up):
            row.addWidget(part)
        self._rows.addLayout(row)
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(_TOLD_MS)
        self._forget.timeout.connect(lambda: self._show_told(""))
        self.say("")

    def pass_on_to(self, viewer: Viewer) -> None:
        """What is asked for here, the viewer asks for."""
        self.original_wanted.connect(viewer.original_wanted)
        self.original_given_up.connect(viewer.original_given_up)
        self.reopening_wanted.connect(viewer.reopening_wanted)

    @property
    def words(self) -> str:
        """What it says now."""
        return self._told or self._lasting

    @property
    def copy_words(self) -> str:
        """What it says of the copy seen."""
        return self._copy_words

    def say(self, words: str) -> None:
        """Say what holds until something else is said; it comes before what was told a moment ago.

        What follows a line break, such as keys, stands below in full, however narrow it is here.
        """
        if words != self._lasting:
            self._lasting, self._told = words, "" if words else self._told
            self._announce(words)
        self._show_told(self._told)
        self._show_keys(words.partition("\n")[2])

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
        self._show_keys("")
        self.show_copy("")

    def show_copy(self, words: str) -> None:
        """Say whether the original is seen, or which other copy."""
        self._stage = Stage.LATER
        for part in (self.fetch, self.give_up):
            part.hide()
        self._say_copy(words.partition(". ")[0].rstrip("."), words)

    def show_original(self, original: Standing) -> None:
        """Say how far the original is of which a small copy is seen, and offer what can be done about it."""
        self._stage = original.stage
        coming = original.stage is Stage.COMING
        focused = self.fetch.hasFocus() or self.give_up.hasFocus()
        self._came.setRange(0, 1000)
        self._came.setValue(1000 * original.here // max(1, original.of))
        self.fetch.setVisible(not coming)
        self.give_up.setVisible(coming or original.stage is Stage.WAITING)
        if focused and not (self.fetch.hasFocus() or self.give_up.hasFocus()):
            (self.give_up if coming else self.fetch).setFocus(Qt.FocusReason.OtherFocusReason)
        size = bytes_in_words(original.of)
        match original.stage:
            case Stage.LATER:
                self._offer(_FETCH, f"{size}, fetched now; you go on with the small copy meanwhile")
                self._say_copy("A small copy from the source", f"A small copy. The original has {size}.")
            case Stage.WAITING:
                self._offer("Fetch now", "Try at once, instead of with the next round")
                self._say_copy("The original comes with the next round", f"The original ({size}) is wanted.")
            case Stage.COMING:
                percent = 100 * original.here // max(1, original.of)
                self._say_copy(
                    f"Original: {percent} % of {size}", f"The original comes: {percent} % of {size}"
                )
            case Stage.HERE:
                self._offer("Show the original", "Go on in the original, at the same place")
                self._say_copy("The original is here", "The original is here. A small copy is shown.")

    def _offer(self, words: str, why: str) -> None:
        self.fetch.setText(words)
        self.fetch.setToolTip(why)

    def _say_copy(self, words: str, full: str) -> None:
        self._copy_words = words
        self._copy.setToolTip(full)
        self._copy.setAccessibleName(full)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, what is said of the copy stands in a line of its own."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        narrow = self.width() < _ROOM_FOR_ONE_LINE
        directions = QBoxLayout.Direction
        self._rows.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)
        self._rows.setSpacing(2 if narrow else _GAP)
        self._came.setVisible(self._stage is Stage.COMING and not narrow)
        shown = [part for part in (self.fetch, self.give_up) if part.isVisibleTo(self)]
        room = self.width() - sum(part.sizeHint().width() + _GAP for part in shown) if narrow else 10_000
        mode = Qt.TextElideMode.ElideRight
        self._copy.setText(self._copy.fontMetrics().elidedText(self._copy_words, mode, max(40, room)))

    def _on_fetch(self) -> None:
        if self._stage is Stage.HERE:
            self.reopening_wanted.emit()
        else:
            self.original_wanted.emit()

    def _show_told(self, words: str) -> None:
        self._told = words
        self._words.say(self.words.partition("\n")[0])

    def _show_keys(self, words: str) -> None:
        self._keys.setText(words)
        self._keys.setVisible(bool(words))

    def _announce(self, words: str) -> None:
        if words and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
