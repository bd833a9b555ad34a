"""Asks for the reason why a finding may stand; the reason goes into the packet."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QWidget

from assessor_desk.domain.feedback import Finding
from assessor_desk.gui.controls import (
    button_row,
    outlined_button,
    primary_button,
    quiet_button,
    wrapped_label,
)
from assessor_desk.gui.dialogs.recording_dialog import RecordingDialog
from assessor_desk.gui.session import Session
from assessor_desk.gui.writing.occasion import SEALING

#: Characters: a reviewer must be able to follow the reason; “ok” is none.
LEAST = 15


class KeepDialog(RecordingDialog):
    """The finding, a field for the reason, and how much is still wanted of it. Ctrl+Enter keeps."""

    def __init__(
        self,
        session: Session,
        submission_id: str,
        finding: Finding,
        reasons: str = SEALING.reasons,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, "Keep as it is", 480, parent)
        self._submission_id, self._finding = submission_id, finding
        column = self.column
        column.addWidget(wrapped_label(f"{finding.sentence}.", "criterionTitle", self))
        column.addWidget(wrapped_label(f"Why may it stand? {reasons}", "muted", self))
        column.addWidget(self._reason_field())
        column.addWidget(self.hint)
        column.addSpacing(8)
        column.addLayout(self._buttons())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.keep.click)
        self._on_typed()

    def _reason_field(self) -> QPlainTextEdit:
        self.reason = QPlainTextEdit(self._finding.kept, self)
        self.reason.setAccessibleName(f"Reason to keep: {self._finding.sentence}")
        self.reason.setTabChangesFocus(True)
        self.reason.setFixedHeight(5 * self.reason.fontMetrics().lineSpacing() + 18)
        self.reason.textChanged.connect(self._on_typed)
        self.reason.selectAll()
        return self.reason

    def _buttons(self) -> QHBoxLayout:
        self.keep = primary_button("Keep as it is", self)
        self.keep.clicked.connect(lambda: self._record(self._words))
        cancel = outlined_button("Not now", self)
        cancel.clicked.connect(self.reject)
        back = None
        if self._finding.kept:
            back = quiet_button("Do not keep it after all", self)
            back.clicked.connect(lambda: self._record(""))
        return button_row(cancel, self.keep, left=back)

    @property
    def field(self) -> QPlainTextEdit:
        """Where the reason is typed."""
        return self.reason

    @property
    def go(self) -> QPushButton:
        """What keeps it."""
        return self.keep

    @property
    def _words(self) -> str:
        return self.reason.toPlainText().strip()

    def _on_typed(self) -> None:
        missing = LEAST - len(self._words)
        self.keep.setEnabled(missing <= 0)
        if missing <= 0:
            keys = QKeySequence("Ctrl+Return").toString(QKeySequence.SequenceFormat.NativeText)
            self.hint.setText(f"{keys} keeps it")
        else:
            self.hint.setText(
                f"{missing} more character{'' if missing == 1 else 's'}, so that others can follow it"
            )

    def _record(self, reason: str) -> None:
        own_id, check, subject = self._submission_id, self._finding.check, self._finding.subject
        self.record(lambda desk: desk.keep_finding(own_id, check, subject, reason))
