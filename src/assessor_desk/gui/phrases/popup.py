"""The phrase bank where one writes: search as one types, Return inserts, Escape leaves everything as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from assessor_desk.domain.phrases import Phrase, Place, search
from assessor_desk.domain.rubric import Rubric
from assessor_desk.gui.phrases.lines import PhraseList

_WIDTH, _HEIGHT = 460, 320
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}


class PhrasePopup(QDialog):
    """Opens at a caret. `chosen` carries the phrase; it is told after the popup has closed."""

    chosen = Signal(object)

    def __init__(self, place: Place, rubrics: Mapping[str, Rubric], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._place, self._rubrics = place, rubrics
        self._bank: Sequence[Phrase] = ()
        self._arrived = False
        self.setObjectName("palette")
        self.setAccessibleName("Phrase bank")
        self.field = QLineEdit(self)
        self.field.setMinimumHeight(32)
        self.field.setPlaceholderText("Find a phrase")
        self.field.setAccessibleName("Find a phrase")
        self.field.textChanged.connect(self._fill)
        self.field.returnPressed.connect(self._on_chosen)
        self.field.installEventFilter(self)
        self.list = PhraseList(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._on_chosen)
        self._told = QLabel(self)
        self._told.setObjectName("muted")
        self._told.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self._told)
        self.resize(_WIDTH, _HEIGHT)
        self._fill("")

    def show_bank(self, phrases: Sequence[Phrase]) -> None:
        """The phrases to choose from have come."""
        self._bank, self._arrived = phrases, True
        self._fill(self.field.text())

    def open_at(self, caret: QRect) -> None:
        """Below a caret given in the screen's pixels, above it where there is no room."""
        room = self.screen().availableGeometry()
        left = max(room.left(), min(caret.left(), room.right() - self.width()))
        top = caret.bottom() + 4
        if top + self.height() > room.bottom():
            top = max(room.top(), min(caret.top() - 4, room.bottom()) - self.height())
        self.move(QPoint(left, top))
        self.open()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fill(self, query: str) -> None:
        found = search(self._bank, query, self._place)
        self.list.show_phrases(found, self._rubrics)
        if found:
            self._told.setText("Return inserts it; Tab then goes from one [placeholder] to the next")
        elif self._arrived:
            none = "No phrase has these words" if query.strip() else "There is no phrase to offer here yet"
            self._told.setText(none)
        else:
            self._told.setText("")

    def _on_chosen(self) -> None:
        phrase = self.list.chosen
        if phrase is not None:
            self.accept()
            self.chosen.emit(phrase)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list while the field keeps the cursor."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        step = _STEPS.get(Qt.Key(event.key())) if pressed and isinstance(event, QKeyEvent) else None
        if step is None:
            return super().eventFilter(watched, event)
        self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
        return True
