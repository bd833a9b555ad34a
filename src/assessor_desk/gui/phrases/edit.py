"""One phrase to be kept or changed: its words, and where it is offered first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.domain.phrases import Phrase, Place, fault_of
from assessor_desk.domain.rubric import Rubric
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.session import Session


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that a phrase may be tied to, in words."""

    title: str
    rubric: str = ""
    criterion: str = ""
    level: str = ""


ANYWHERE = Tie("Anywhere")


def ties_at(rubric: Rubric, place: Place) -> tuple[Tie, ...]:
    """What a phrase from this place may be tied to, the closest first."""
    ties = [Tie(f"This micro-credential, {rubric.title}", rubric.id), ANYWHERE]
    if place.criterion:
        criterion = rubric.criterion(place.criterion)
        ties.insert(0, Tie(f"This criterion, {criterion.title}", rubric.id, criterion.id))
        if place.level:
            level = criterion.level(place.level)
            ties.insert(0, Tie(f"This level, {level.title}", rubric.id, criterion.id, level.id))
    return tuple(ties)


class PhraseDialog(QDialog):
    """Closes only once the phrase is kept; `kept` carries it."""

    kept = Signal(object)

    def __init__(
        self, session: Session, phrase: Phrase, ties: Sequence[Tie], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._phrase = session, phrase
        self.setWindowTitle("Change the phrase" if phrase.id else "Keep as a phrase")
        self.setMinimumWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        told = "Put what must come from each submission in [brackets]; it is filled anew each time."
        column.addWidget(self._label(told))
        self.words = QPlainTextEdit(phrase.text, self)
        self.words.setAccessibleName("The phrase")
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(6 * self.words.fontMetrics().lineSpacing() + 18)
        self.words.textChanged.connect(self._on_typed)
        column.addWidget(self.words)
        self.hint = self._label("")
        column.addWidget(self.hint)
        column.addWidget(self._label("Offer it first for"))
        self.ties = {tie: self._choice(column, tie) for tie in ties}
        self._choose_first()
        column.addSpacing(8)
        column.addLayout(self._buttons())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.keep.click)
        self._on_typed()

    def _label(self, words: str) -> QLabel:
        label = QLabel(words, self)
        label.setObjectName("muted")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _choice(self, column: QVBoxLayout, tie: Tie) -> QRadioButton:
        button = QRadioButton(tie.title, self)
        column.addWidget(button)
        return button

    def _choose_first(self) -> None:
        self._group = QButtonGroup(self)
        for button in self.ties.values():
            self._group.addButton(button)
        phrase = self._phrase
        own = (phrase.rubric, phrase.criterion, phrase.level)
        fitting = (one for tie, one in self.ties.items() if (tie.rubric, tie.criterion, tie.level) == own)
        next(fitting, next(iter(self.ties.values()))).setChecked(True)

    def _buttons(self) -> QHBoxLayout:
        self.keep = primary_button("Keep it", self)
        self.keep.clicked.connect(self._on_keep)
        cancel = outlined_button("Not now", self)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.keep)
        return row

    def _on_typed(self) -> None:
        fault = fault_of(self.words.toPlainText())
        self.keep.setEnabled(not fault)
        self.hint.setText(fault[:1].upper() + fault[1:])
        self.hint.setVisible(bool(fault))

    def _on_keep(self) -> None:
        tie = next(tie for tie, button in self.ties.items() if button.isChecked())
        text = self.words.toPlainText().strip()
        phrase = replace(self._phrase, text=text, rubric=tie.rubric, criterion=tie.criterion, level=tie.level)
        self.keep.setEnabled(False)
        self._session.act(
            lambda desk: desk.save_phrase(phrase), lambda stored: self._on_stored(phrase, stored)
        )

    def _on_stored(self, phrase: Phrase, stored: bool) -> None:
        self.keep.setEnabled(True)
        if stored:
            self.accept()
            self.kept.emit(phrase)
            return
        self.hint.setText("This could not be kept; it stays here until you try again.")
        self.hint.show()
