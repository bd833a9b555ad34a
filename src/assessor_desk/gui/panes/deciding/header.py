"""Above a delivered review: that its packet was checked, with the way to all facts, and a switch between several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.gui.controls import outlined_button, quiet_button
from assessor_desk.gui.deciding_words import moment, verdict_in_words
from assessor_desk.gui.flow_layout import FlowLayout

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case
    from assessor_desk.verdict import Verdict


class ReviewHeader(QWidget):
    """The verdict in a line, and the reviews to choose from where there are several."""

    verdict_wanted = Signal()
    review_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[str, ...] = ()
        self._sign = QLabel(self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._facts = quiet_button("All facts…", self)
        self._facts.setProperty("small", True)
        self._facts.setAccessibleName("All facts about this packet")
        self._facts.clicked.connect(self.verdict_wanted)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._words, 1)
        line.addWidget(self._facts, 0, Qt.AlignmentFlag.AlignTop)
        self._switch = QWidget(self)
        self._flow = FlowLayout(self._switch, gap=8)
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._switch)
        column.addLayout(line)

    @property
    def words(self) -> str:
        """What it says of the packet."""
        return self._words.text()

    def show_verdict(self, case: Case, verdict: Verdict | None, refused: str) -> None:
        """Say how the packet looked at stands; `refused` tells of one that does not hold where there is no other."""
        delivered = case.looked_at
        self.setVisible(delivered is not None or bool(refused))
        standing = "unknown" if verdict is None else "bad" if verdict.exit_code() else "good"
        if delivered is None:
            self._words.setText(refused)
            standing = "bad"
        else:
            self._words.setText(verdict_in_words(delivered, verdict))
        self._sign.setText({"good": "✓", "bad": "✗", "unknown": "?"}[standing])
        self._sign.setObjectName(f"standing_{standing}")
        self._sign.style().unpolish(self._sign)
        self._sign.style().polish(self._sign)

    def show_reviews(self, case: Case) -> None:
        """A button for each review, where there is more than one."""
        packets = tuple(one.packet for one in case.delivered)
        self._switch.setVisible(len(packets) > 1)
        if packets != self._shown:
            self._shown = packets
            self._build(case)
        looked_at = case.looked_at.packet if case.looked_at else ""
        for button in self._group.buttons():
            button.setChecked(button.property("packet") == looked_at)

    def _build(self, case: Case) -> None:
        for button in self._group.buttons():
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        while self._flow.takeAt(0) is not None:
            pass
        for one in case.delivered if len(case.delivered) > 1 else ():
            button = self._review_button(f"{one.person} · {moment(one.sealed_at)}", one.packet)
            button.setAccessibleName(f"Review of assessor {one.person}, sealed {moment(one.sealed_at)}")

    def _review_button(self, words: str, packet: str) -> QPushButton:
        button = outlined_button(words, self._switch)
        button.setCheckable(True)
        button.setProperty("packet", packet)
        button.setProperty("switch", True)
        button.clicked.connect(lambda: self.review_chosen.emit(packet))
        self._group.addButton(button)
        self._flow.addWidget(button)
        return button
