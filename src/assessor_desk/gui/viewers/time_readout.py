"""Where a recording is and how long it is; a click turns it into a field for a time to go to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QStackedLayout, QWidget

from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.time_words import parse_time, time_words, why_no_time


class TimeReadout(QWidget):
    """Says the time. What was typed and is none stays in the field, and `refused` says why."""

    time_entered = Signal(int)
    refused = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(self)
        look.tell(self._label, "Go to a time ({go_to_time})")
        self._label.setCursor(Qt.CursorShape.PointingHandCursor)
        look.tabular(self._label)
        self._field = QLineEdit(self)
        self._field.setAccessibleName("Go to a time: minutes and seconds, or seconds alone")
        self._field.setPlaceholderText("4:43.6")
        look.tabular(self._field)
        self._field.returnPressed.connect(self._on_entered)
        self._field.editingFinished.connect(self._on_left)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._label)
        self._stack.addWidget(self._field)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._ms, self._duration = -1, -1
        self._entering, self._short = False, False
        self.show_time(0, 0)

    def show_time(self, ms: int, duration: int) -> None:
        """Say where it is."""
        if (ms // 100, duration) != (self._ms // 100, self._duration):
            self._label.setText(self._words(ms, duration))
        if (ms // 1000, duration) != (self._ms // 1000, self._duration):
            self.setAccessibleName(f"{time_words(ms)} of {time_words(duration)}")
        wider = len(time_words(duration)) != len(time_words(self._duration))
        self._ms, self._duration = ms, duration
        if wider:
            self._fit_width()

    def be_short(self, short: bool) -> None:
        """Say the place alone where there is little room; the timeline tells the length as well."""
        if short != self._short:
            self._short = short
            self._label.setText(self._words(self._ms, self._duration))
            self._fit_width()

    def _words(self, ms: int, duration: int) -> str:
        place = time_words(ms, tenths=True)
        return place if self._short else f"{place} / {time_words(duration)}"

    def _fit_width(self) -> None:
        last = max(0, self._duration)
        wide = self._words(last, last)
        self.setFixedSize(self._label.fontMetrics().horizontalAdvance(wide) + 8, look.CONTROL)

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_stack"):
            look.tabular(self._label)
            look.tabular(self._field)
            self._fit_width()

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def ask(self) -> None:
        """Let a time be entered."""
        self._field.setText(time_words(self._ms, tenths=True))
        self._stack.setCurrentWidget(self._field)
        self._field.selectAll()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def mousePressEvent(self, event: object) -> None:
        """A click asks for a time."""
        self.ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the field; Return has gone to the time, and goes no further."""
        if event.key() == Qt.Key.Key_Escape and self._stack.currentWidget() is self._field:
            self._close()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def _on_entered(self) -> None:
        self._entering = True
        if why := why_no_time(self._field.text(), self._duration):
            self.refused.emit(why)
            self._field.selectAll()
        else:
            self.time_entered.emit(parse_time(self._field.text()) or 0)
            self._close()
        self._entering = False

    def _on_left(self) -> None:
        """Qt says so after Return as well, where what was refused is to be mended."""
        if not self._entering and not self._field.hasFocus():
            self._close()

    def _close(self) -> None:
        if self._stack.currentWidget() is self._field:
            self._stack.setCurrentWidget(self._label)
            self.closed.emit()
