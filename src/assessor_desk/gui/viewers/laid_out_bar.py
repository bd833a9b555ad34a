"""Above a document: which of its two views is in front, and how far the making of the other is."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QProgressBar, QToolButton, QWidget

from assessor_desk.gui.viewers import look

_TICK_MS = 500


class LaidOutBar(QWidget):
    """Hidden until `offer`: without LibreOffice there is nothing to choose."""

    built_in_wanted = Signal()
    laid_out_wanted = Signal()
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._since = 0.0
        self._built_in = self._button("Built-in view", "Words, tables and pictures, at once")
        self._laid_out = self._button("As laid out", "In pages, as LibreOffice on this computer lays it out")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        for button in (self._built_in, self._laid_out):
            self._group.addButton(button)
        self._built_in.clicked.connect(lambda _=False: self.built_in_wanted.emit())
        self._laid_out.clicked.connect(lambda _=False: self.laid_out_wanted.emit())
        self._progress = QProgressBar(self)
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(72, 6)
        self._progress.setAccessibleName("Laying the document out")
        self._words = look.quiet_label(self)
        look.tabular(self._words)
        self._said = look.quiet_label(self)
        self._said.setWordWrap(True)
        self._said.hide()
        self._stop = look.tool_button(self, "x", "Stop laying out", "", self.stopped.emit, "Stop")
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tell_time)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(4)
        for widget in (self._built_in, self._laid_out, self._progress, self._words, self._stop):
            row.addWidget(widget)
        row.addWidget(self._said, 1)
        row.addStretch(0)
        self.rest()
        self.hide()

    def _button(self, words: str, told: str) -> QToolButton:
        button = look.tool_button(self, "", words, "", lambda: None, words)
        button.setCheckable(True)
        look.tell(button, told)
        return button

    @property
    def working(self) -> bool:
        """Whether a document is being laid out."""
        return self._timer.isActive()

    def say(self, words: str) -> None:
        """What is not as in the original."""
        self._said.setText(words)
        self._said.setVisible(bool(words))

    def offer(self) -> None:
        """There are two views to choose from."""
        self.show()

    def show_front(self, laid_out: bool) -> None:
        """Which view is in front."""
        (self._laid_out if laid_out else self._built_in).setChecked(True)

    def work(self) -> None:
        """The document is being laid out, for as long as this takes."""
        self._since = time.monotonic()
        self._timer.start()
        self._show_work(True)
        self._tell_time()

    def rest(self) -> None:
        """Nothing is being laid out."""
        self._timer.stop()
        self._show_work(False)

    def _show_work(self, working: bool) -> None:
        for widget in (self._progress, self._words, self._stop):
            widget.setVisible(working)

    def _tell_time(self) -> None:
        seconds = int(time.monotonic() - self._since)
        self._words.setText(f"Laying out… {seconds} s" if seconds else "Laying out…")
