"""Findings as a list in a dialog: what each is about, what it says, and a way there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.rubric import Rubric
from assessor_desk.gui.controls import quiet_button


class FindingList(QWidget):
    """Findings under a heading; `whole` names what those are about that are about no criterion."""

    activated = Signal(object)

    def __init__(
        self, title: str, found: Sequence[Finding], rubric: Rubric, whole: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading(title, self))
        titles = {criterion.id: criterion.title for criterion in rubric.criteria}
        for finding in found:
            column.addLayout(self._line(finding, titles.get(finding.subject, whole)))

    def _line(self, finding: Finding, about: str) -> QHBoxLayout:
        kept = f" Kept: {finding.kept}" if finding.kept else ""
        row = QHBoxLayout()
        label = QLabel(f"{about}: {finding.sentence}.{kept}", self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        go = quiet_button("Go there", self)
        go.setAccessibleName(f"Go to {about}: {finding.sentence}")
        go.clicked.connect(lambda: self.activated.emit(finding))
        row.addWidget(label, 1)
        row.addWidget(go, 0, Qt.AlignmentFlag.AlignTop)
        return row


def heading(text: str, parent: QWidget) -> QLabel:
    """A heading within a dialog."""
    label = QLabel(text, parent)
    label.setObjectName("sectionHeading")
    return label
