"""What the attempt before came to on one criterion, and what became of the next step given then (F15)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.domain.earlier import ADDRESSED_TITLES, Addressed, EarlierCriterion
from assessor_desk.gui.controls import quiet_button


class EarlierStep(QFrame):
    """The educator's earlier feedback, and three answers of which one is chosen; choosing it again takes it back."""

    marked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("earlierStep")
        self._heading, self._words = QLabel(self), QLabel(self)
        self._heading.setObjectName("fieldTitle")
        self._words.setObjectName("muted")
        for label in (self._heading, self._words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._answers = QWidget(self)
        self._buttons = self._choices()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        for widget in (self._heading, self._words, self._answers):
            column.addWidget(widget)
        self.hide()

    def _choices(self) -> dict[Addressed, QPushButton]:
        row = QHBoxLayout(self._answers)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        group = QButtonGroup(self)
        group.setExclusive(False)
        buttons = {}
        for which, title in ADDRESSED_TITLES.items():
            button = quiet_button(title, self._answers)
            button.setProperty("choice", True)
            button.setCheckable(True)
            button.clicked.connect(lambda on, told=which: self.marked.emit(told if on else None))
            group.addButton(button)
            row.addWidget(button)
            buttons[which] = button
        row.addStretch(1)
        return buttons

    def show_step(
        self, attempt: int, said: EarlierCriterion, answer: Addressed | None, *, read_only: bool
    ) -> None:
        """Show what was said then, and the answer given now."""
        self._heading.setText(f"Attempt {attempt}: {said.level_title}")
        step, evidence = said.next_step.strip(), said.would_show.strip()
        words = [f"Next step: {step}" if step else "", f"What would show it: {evidence}" if evidence else ""]
        self._words.setText("\n".join(filter(None, words)))
        self._words.setVisible(any(words))
        self._answers.setVisible(bool(step))
        for which, button in self._buttons.items():
            button.setChecked(which is answer)
            button.setEnabled(not read_only)
            button.setAccessibleName(f"The next step of attempt {attempt}: {ADDRESSED_TITLES[which]}")
