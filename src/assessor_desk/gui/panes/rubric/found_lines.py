"""What was found in the artifacts before assessing, each to be accepted or dismissed beside the completeness check."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.domain.preflight import TRIES, ArtifactFinding, Judged, PreflightFinding, Severity
from assessor_desk.domain.submission import REASONS
from assessor_desk.gui.controls import quiet_button

_CHOICES = {Judged.ACCEPTED: "Accept", Judged.DISMISSED: "Dismiss"}
_STANDING = {Judged.ACCEPTED: "✓ Accepted", Judged.DISMISSED: "Dismissed", None: ""}


class FoundLines(QWidget):
    """One line a finding. `judged` carries what was found and what was chosen of it, or None to take that back.

    `again_wanted` carries what was found where a file was given up and is to be looked at once more.
    """

    judged = Signal(object, object)
    again_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[tuple[str, str], _Line] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 8, 0, 8)
        self._column.setSpacing(6)
        self._title = QLabel("Found before you looked", self)
        self._title.setObjectName("fieldLabel")
        self._column.addWidget(self._title)
        self.setAccessibleName("Found in the artifacts")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.hide()

    def show_findings(self, found: tuple[ArtifactFinding, ...]) -> None:
        """Show what there is to judge; lines that stay keep their focus.

        Where the line that has the focus goes away, Qt would pass it on to the next button: *Accept* of another one.
        """
        wanted = {(one.artifact_id, one.finding.id): one for one in found if one.to_judge}
        for key in self._lines.keys() - wanted.keys():
            gone = self._lines.pop(key)
            if gone.isAncestorOf(QApplication.focusWidget() or self):
                self.setFocus(Qt.FocusReason.OtherFocusReason)
            self._column.removeWidget(gone)
            gone.deleteLater()
        for key, one in wanted.items():
            if key not in self._lines:
                self._lines[key] = self._line()
            self._lines[key].show_finding(one)
        self.setVisible(bool(wanted))

    def stop_looking(self) -> None:
        """Looking again came to nothing: it can be asked for again."""
        for line in self._lines.values():
            line.show_looking(looking=False)

    def _line(self) -> _Line:
        line = _Line(self)
        line.chosen.connect(self.judged)
        line.again_wanted.connect(self.again_wanted)
        self._column.addWidget(line)
        return line


class _Line(QWidget):
    """A finding's sentence, and what may be chosen of it or taken back."""

    chosen = Signal(object, object)
    again_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._found: ArtifactFinding | None = None
        self._looking = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        column.addWidget(self._words)
        self._reason = QLabel(self)
        self._reason.setObjectName("muted")
        self._reason.setWordWrap(True)
        column.addWidget(self._reason)
        row = QHBoxLayout()
        row.setSpacing(6)
        self._buttons = {judged: self._button(words, judged) for judged, words in _CHOICES.items()}
        for button in self._buttons.values():
            row.addWidget(button)
        self._again = quiet_button("", self)
        self._again.setProperty("small", True)
        self._again.clicked.connect(self._on_again)
        row.addWidget(self._again)
        self._standing = QLabel(self)
        row.addWidget(self._standing)
        self._back = self._button("Take back", None)
        row.addWidget(self._back)
        row.addStretch(1)
        column.addLayout(row)

    def _button(self, words: str, judged: Judged | None) -> QPushButton:
        button = quiet_button(words, self)
        button.setProperty("small", True)
        button.clicked.connect(lambda: self.chosen.emit(self._found, judged))
        return button

    def show_finding(self, one: ArtifactFinding) -> None:
        """Show it and what was made of it; the focus stays in the line where the button pressed goes away."""
        if self._found is None or self._found.finding != one.finding:
            self.show_looking(looking=False)
        self._found, finding = one, one.finding
        blocks = "Cannot be used: " if finding.severity is Severity.BLOCKS else ""
        self._words.setText(blocks + finding.sentence)
        self._again.setVisible(bool(finding.tries))
        self._again.setToolTip(f"Look at it again: {finding.sentence}")
        self._reason.setText("; ".join(filter(None, (_tried(finding), _suggested(one)))).capitalize())
        self._reason.setVisible(bool(self._reason.text()))
        focused = any(each.hasFocus() for each in (*self._buttons.values(), self._back))
        self._standing.setText(_STANDING[one.judged])
        self._standing.setVisible(one.judged is not None)
        self._back.setVisible(one.judged is not None)
        self._back.setAccessibleName(f"Take back: {finding.sentence}")
        for button in self._buttons.values():
            button.setVisible(one.judged is None)
            button.setAccessibleName(f"{button.text()}: {finding.sentence}")
        if focused:
            (self._buttons[Judged.ACCEPTED] if one.judged is None else self._back).setFocus()

    def show_looking(self, *, looking: bool) -> None:
        """Whether the file is being looked at again. The button stays enabled: else the focus would leave it."""
        self._looking = looking
        self._again.setText("Looking again…" if looking else "Look again")

    def _on_again(self) -> None:
        if not self._looking:
            self.show_looking(looking=True)
            self.again_wanted.emit(self._found)


def _tried(finding: PreflightFinding) -> str:
    """How often a file was given up, and whether it is tried again of itself."""
    if not finding.tries:
        return ""
    times = {1: "once", 2: "twice"}.get(finding.tries, f"{finding.tries} times")
    return f"tried {times}" + (", and once more after the next sync" if finding.tries < TRIES else "")


def _suggested(one: ArtifactFinding) -> str:
    reason = one.finding.reason
    return f"suggests: {REASONS[reason].lower()}" if reason and one.judged is None else ""
