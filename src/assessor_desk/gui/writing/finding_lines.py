"""Findings, each in one calm line, with *Keep…* where a reason lets it stand. Rebuilt only when they change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.domain.feedback import Finding
from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.writing.occasion import SEALING, Occasion


class FindingLines(QWidget):
    """What the checks found about one text, one criterion or the whole review."""

    keep_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None, occasion: Occasion = SEALING) -> None:
        super().__init__(parent)
        self._occasion = occasion
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._shown: tuple[Finding, ...] = ()
        self.hide()

    @property
    def sentences(self) -> list[str]:
        """What is said, from top to bottom."""
        return [finding.sentence for finding in self._shown]

    def show_findings(self, found: Sequence[Finding]) -> None:
        """Show these findings and no others."""
        if tuple(found) == self._shown:
            return
        self._shown = tuple(found)
        while (held := self._column.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for finding in found:
            self._column.addWidget(self._line(finding))
        self.setVisible(bool(found))

    def _line(self, finding: Finding) -> QWidget:
        line = QWidget(self)
        line.setObjectName(_kind(finding))
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(line)
        row.setContentsMargins(8, 4, 4, 4)
        row.setSpacing(8)
        label = QLabel(in_words(finding, self._occasion), line)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setMinimumHeight(20)
        row.addWidget(label, 1)
        if finding.can_be_kept:
            keep = quiet_button("Change…" if finding.kept else "Keep…", line)
            keep.setProperty("small", True)
            keep.setToolTip(f"Let it stand, with a reason. {self._occasion.reasons}")
            keep.setAccessibleName(f"Keep although: {finding.sentence}")
            keep.clicked.connect(lambda: self.keep_wanted.emit(finding))
            row.addWidget(keep, 0, Qt.AlignmentFlag.AlignTop)
        return line


def in_words(finding: Finding, occasion: Occasion = SEALING) -> str:
    """A finding as its line says it."""
    said = finding.sentence[:1].lower() + finding.sentence[1:]
    if finding.blocks:
        return f"△ Needed before {occasion.before}: {said}"
    return f"✓ Kept: {said} ({finding.kept})" if finding.kept else f"△ Worth a look: {said}"


def _kind(finding: Finding) -> str:
    if finding.blocks:
        return "findingBlocks"
    return "findingKept" if finding.kept else "findingWarns"
