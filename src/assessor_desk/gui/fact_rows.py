"""The facts of a verdict on screen: each a row, and those of what a case file holds once they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.verified import SIGNS, STANDINGS

if TYPE_CHECKING:
    from assessor_desk.verdict import Fact, Verdict

#: From which width on what is said stands beside its title, in pixels.
_WIDE = 560
_CLOSED, _OPEN = "Show its own facts", "Hide its own facts"


class FactRow(QFrame):
    """A fact: how it stands, its title, what it says, and what it rests on, or `settle`, which would settle it.

    Beside each other where there is room, below each other in a narrow window.
    """

    def __init__(self, fact: Fact, parent: QWidget, settle: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fact")
        standing = str(fact.standing)
        self.setAccessibleName(f"{fact.title}, {STANDINGS[standing]}: {fact.sentence}")
        self._sign = label(SIGNS[standing], f"standing_{standing}", self)
        self._sign.setAccessibleName(STANDINGS[standing])
        self._title = label(fact.title, "factTitle", self)
        self._said = [label(fact.sentence, "factSentence", self)]
        if fact.detail:
            self._said.append(label(fact.detail, "muted", self))
        self._end = settle or label(fact.basis, "fixedWidth", self)
        if isinstance(self._end, QLabel):
            self._end.setWordWrap(False)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 12, 0, 12)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnMinimumWidth(0, 28)
        self._narrow: bool | None = None
        self._arrange(narrow=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another arrangement."""
        super().resizeEvent(event)
        self._arrange(narrow=self.width() < _WIDE)

    def _arrange(self, *, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        top, end = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(self._sign, 0, 0, top)
        self._grid.addWidget(self._title, 0, 1, top)
        for row, one in enumerate(self._said):
            self._grid.addWidget(one, row + 1 if narrow else row, 1 if narrow else 2)
        if narrow:
            self._grid.addWidget(self._end, len(self._said) + 1, 1, Qt.AlignmentFlag.AlignLeft)
        else:
            self._grid.addWidget(self._end, 0, 3, 2, 1, top | end)
        self._grid.setColumnMinimumWidth(1, 0 if narrow else 170)
        self._grid.setColumnStretch(1, 1 if narrow else 0)
        self._grid.setColumnStretch(2, 0 if narrow else 1)


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
            column.addWidget(FactRow(fact, rows))
        return rows
