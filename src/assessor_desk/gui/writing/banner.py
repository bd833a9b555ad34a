"""What changes how a review can be worked on, in one sentence, with what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.changes import WithdrawalReason
from assessor_desk.gui.controls import outlined_button


class Banner(QFrame):
    """Stands over the cards only while there is something to say."""

    looked_again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 6, 9, 6)
        row.setSpacing(8)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._look = outlined_button("I have looked again", self)
        self._look.setToolTip("Say that you have seen the evidence as it is now")
        self._look.clicked.connect(self.looked_again)
        row.addWidget(self._words, 1)
        row.addWidget(self._look)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, empty where there is nothing to say."""
        return self._words.text()

    def show_case(self, case: Case) -> None:
        """Say what holds for this review."""
        self._words.setText(_in_words(case))
        self._look.setVisible(case.version_changed and not case.read_only)
        self.setVisible(bool(self._words.text()))


def _in_words(case: Case) -> str:
    return " ".join(told for told in (_standing(case), *case.cautions) if told)


def _standing(case: Case) -> str:
    if case.set_aside:
        return _set_aside(case)
    if case.review.sealed and case.delivery and case.delivery.receipted:
        return "Sealed, and on the hub. Nothing here can change any more; a correction makes a new packet."
    if case.review.sealed:
        return "Sealed. The packet waits on this computer and goes out with the next sync."
    if case.version_changed:
        return "The educator’s evidence was replaced since you last looked: look at it again before you seal."
    if case.supersedes:
        return "A correction: sealing it makes a new packet that replaces the one before."
    return ""


def _set_aside(case: Case) -> str:
    """Why, and what became of the evidence and of the person's own work."""
    why = (case.aside_for or WithdrawalReason.UNASSIGNED).words
    removed = " The evidence was removed from this computer." if case.evidence_removed else ""
    return f"Set aside: {why}.{removed} Your work is kept and can be read and exported."
