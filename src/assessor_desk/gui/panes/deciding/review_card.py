"""One criterion as its assessor left it: level, what it cites, why, and what the educator reads."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.domain.anchor_signs import sign_of
from assessor_desk.domain.review import FEEDBACK_FIELDS, Review, TextField
from assessor_desk.domain.rubric import Criterion
from assessor_desk.domain.submission import Submission
from assessor_desk.gui import theme
from assessor_desk.gui.controls import Card, Pill
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.panes.deciding.passage import Passage
from assessor_desk.gui.writing.placed_chip import placed_chip


class ReviewCard(Card):
    """Read only; a click makes it the current one, a chip goes to the evidence."""

    activated = Signal(str)
    anchor_activated = Signal(str)

    def __init__(
        self,
        number: int,
        criterion: Criterion,
        review: Review,
        submission: Submission,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.criterion, self._number = criterion, number
        self._work = review.work(criterion.id)
        self.setAccessibleName(f"Criterion {number}, {criterion.title}")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._heading())
        if self._work.level:
            column.addWidget(_plain(criterion.level(self._work.level).descriptor, "levelDescriptor", self))
        column.addWidget(self._cited(review, submission))
        self.passages = dict(self._passages())
        for passage in self.passages.values():
            column.addWidget(passage)

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        number = QLabel(str(self._number), self)
        number.setObjectName("criterionNumber")
        title = _plain(self.criterion.title, "criterionTitle", self)
        row.addWidget(number, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(title, 1)
        row.addWidget(self._level_pill(), 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _level_pill(self) -> Pill:
        if not self._work.level:
            return Pill("not scored", parent=self)
        level = self.criterion.level(self._work.level)
        return Pill(level.title, "positive" if self.criterion.passes(level.id) else "caution", self)

    def _cited(self, review: Review, submission: Submission) -> QWidget:
        placed = [found for one in self._work.anchors if (found := review.anchor(one))]
        if not placed:
            words = (
                "No evidence found for this criterion." if self._work.no_evidence else "No evidence anchored."
            )
            return _plain(words, "muted", self)
        holder = QWidget(self)
        flow = FlowLayout(holder, gap=8)
        for anchor in placed:
            chip = placed_chip(
                submission,
                anchor,
                theme.anchor_colour(self._number - 1),
                holder,
                removable=False,
                shape=sign_of(self._number - 1).shape,
            )
            chip.clicked.connect(lambda _=False, own_id=anchor.id: self.anchor_activated.emit(own_id))
            flow.addWidget(chip)
        return holder

    def _passages(self) -> Iterator[tuple[TextField, Passage]]:
        for field in (TextField.RATIONALE, *FEEDBACK_FIELDS):
            if words := self._work.text(field).strip():
                yield field, Passage(field, words, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on the card makes it the current one."""
        self.activated.emit(self.criterion.id)
        super().mousePressEvent(event)


def _plain(words: str, name: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
