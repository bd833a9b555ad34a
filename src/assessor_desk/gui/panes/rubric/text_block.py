"""A text with its title, whom it is for, and what is still needed of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.review import AUDIENCE, TITLES
from assessor_desk.domain.review import TextField as Text
from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.panes.rubric.text_field import TextField


class TextBlock(QWidget):
    """Title and audience above, the field, and the findings below it."""

    drafted = Signal(str)
    written = Signal(str)
    focused = Signal()
    keep_wanted = Signal(object)

    def __init__(self, field: Text, parent: QWidget | None = None, lines: int = 1) -> None:
        super().__init__(parent)
        title, audience = TITLES[field], AUDIENCE[field]
        self._field = TextField(title, audience, lines, self)
        self._field.drafted.connect(self.drafted)
        self._field.written.connect(self.written)
        self._field.focused.connect(self.focused)
        labels = QHBoxLayout()
        left = QLabel(title, self)
        left.setBuddy(self._field)
        right = QLabel(audience, self)
        for label in (left, right):
            label.setObjectName("fieldLabel")
        labels.addWidget(left)
        labels.addStretch(1)
        labels.addWidget(right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(labels)
        layout.addWidget(self._field)
        self._findings = QVBoxLayout()
        self._findings.setSpacing(4)
        layout.addLayout(self._findings)

    def show_text(self, text: str, *, read_only: bool) -> None:
        """Show the text of the review; a sealed one can be read and copied, not changed."""
        self._field.setReadOnly(read_only)
        self._field.show_text(text)

    def show_findings(self, found: Sequence[Finding], *, read_only: bool) -> None:
        """Show what is needed of this text before sealing."""
        while (held := self._findings.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        if not read_only:
            for finding in found:
                self._findings.addWidget(self.finding_line(finding, self.keep_wanted, self))

    def hint(self, text: str) -> None:
        """A hint shown while the field is empty."""
        self._field.setPlaceholderText(text)

    def text(self) -> str:
        """The text as it stands."""
        return self._field.toPlainText().strip()

    def focus(self) -> None:
        """Put the cursor into the field."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def flush(self) -> None:
        """Send what is still being typed."""
        self._field.flush()

    def arrived(self) -> None:
        """What was sent last has been stored, or refused."""
        self._field.arrived()

    @staticmethod
    def finding_line(finding: Finding, keep_wanted: SignalInstance, parent: QWidget) -> QWidget:
        """A finding in one calm line, with *Keep…* where a reason lets it stand."""
        line = QWidget(parent)
        line.setObjectName(
            "findingBlocks" if finding.blocks else "findingKept" if finding.kept else "findingWarns"
        )
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(line)
        row.setContentsMargins(9, 6, 9, 6)
        lead = (
            "△ Needed before sealing: "
            if finding.blocks
            else "✓ Kept: "
            if finding.kept
            else "△ Worth a look: "
        )
        reason = f" ({finding.kept})" if finding.kept else ""
        label = QLabel(f"{lead}{finding.sentence[0].lower()}{finding.sentence[1:]}{reason}")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        row.addWidget(label, 1)
        if finding.can_be_kept:
            keep = quiet_button("Change…" if finding.kept else "Keep…", line)
            keep.setAccessibleName(f"Keep although: {finding.sentence}")
            keep.clicked.connect(lambda: keep_wanted.emit(finding))
            row.addWidget(keep)
        return line
