"""The facts of a verdict on screen: each a row, and those of what a case file holds once they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.verified import SIGNS, STANDINGS

if TYPE_CHECKING:
    from assessor_desk.verdict import Fact, Verdict

_CLOSED, _OPEN = "Show its own facts", "Hide its own facts"


def fact_row(fact: Fact, parent: QWidget, settle: QWidget | None = None) -> QWidget:
    """A fact: how it stands, its title, what it says, and what it rests on, or `settle`, which would settle it."""
    standing = str(fact.standing)
    row = QFrame(parent)
    row.setObjectName("fact")
    grid = QGridLayout(row)
    grid.setContentsMargins(0, 12, 0, 12)
    grid.setHorizontalSpacing(8)
    grid.setColumnMinimumWidth(0, 28)
    grid.setColumnMinimumWidth(1, 170)
    grid.setColumnStretch(2, 1)
    sign = label(SIGNS[standing], f"standing_{standing}", row)
    sign.setAccessibleName(STANDINGS[standing])
    grid.addWidget(sign, 0, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(label(fact.title, "factTitle", row), 0, 1, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(label(fact.sentence, "factSentence", row), 0, 2)
    if fact.detail:
        grid.addWidget(label(fact.detail, "muted", row), 1, 2)
    basis = label(fact.basis, "fixedWidth", row)
    basis.setWordWrap(False)
    grid.addWidget(settle or basis, 0, 3, 2, 1, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
    basis.setVisible(settle is None)
    row.setAccessibleName(f"{fact.title}, {STANDINGS[standing]}: {fact.sentence}")
    return row


def label(text: str, name: str, parent: QWidget) -> QLabel:
    """Words that wrap, and are never markup: some come out of packets."""
    words = QLabel(text, parent)
    words.setObjectName(name)
    words.setWordWrap(True)
    words.setTextFormat(Qt.TextFormat.PlainText)
    return words


class ContainedFacts(QWidget):
    """A decision or packet in a case file: its headline, and its own facts once they are asked for."""

    def __init__(self, verdict: Verdict, parent: QWidget) -> None:
        super().__init__(parent)
        self._verdict = verdict
        self._rows: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 12, 0, 0)
        self._column.setSpacing(4)
        said = f"{verdict.subject.kind.capitalize()}: {verdict.headline}"
        self._column.addWidget(label(said, "factSentence", self))
        self._column.addWidget(label(verdict.subject.in_short, "muted", self))
        self._turn = quiet_button(_CLOSED, self)
        self._turn.setProperty("small", True)
        self._turn.setAccessibleName(f"{_CLOSED}: {verdict.name}")
        self._turn.clicked.connect(self._on_turn)
        self._column.addWidget(self._turn, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_turn(self) -> None:
        if self._rows is None:
            self._rows = self._made()
            self._column.addWidget(self._rows)
        self._rows.setVisible(self._rows.isHidden())
        words = _CLOSED if self._rows.isHidden() else _OPEN
        self._turn.setText(words)
        self._turn.setAccessibleName(f"{words}: {self._verdict.name}")

    def _made(self) -> QWidget:
        rows = QWidget(self)
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for fact in self._verdict.facts:
            column.addWidget(fact_row(fact, rows))
        return rows
