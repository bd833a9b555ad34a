"""Asks for the reason why a finding may stand; the reason goes into the packet.

It closes only once the reason is stored: one that the disk refuses stays where it was typed.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from assessor_desk.domain.feedback import Finding
from assessor_desk.gui.controls import outlined_button, primary_button, quiet_button
from assessor_desk.gui.session import Session
from assessor_desk.gui.writing.occasion import SEALING

#: Characters: a reviewer must be able to follow the reason; “ok” is none.
LEAST = 15


class KeepDialog(QDialog):
    """The finding, a field for the reason, and how much is still wanted of it. Ctrl+Enter keeps."""

    def __init__(
        self,
        session: Session,
        submission_id: str,
        finding: Finding,
        reasons: str = SEALING.reasons,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._submission_id, self._finding = session, submission_id, finding
        self.setWindowTitle("Keep as it is")
        self.setMinimumWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        column.addWidget(self._label(f"{finding.sentence}.", "criterionTitle"))
        column.addWidget(self._label(f"Why may it stand? {reasons}", "muted"))
        column.addWidget(self._reason_field())
        self.hint = self._label("", "muted")
        column.addWidget(self.hint)
        column.addSpacing(8)
        column.addLayout(self._buttons())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.keep.click)
        self._on_typed()

    def _label(self, words: str, name: str) -> QLabel:
        label = QLabel(words, self)
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

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
        row = QHBoxLayout()
        row.setSpacing(8)
        if self._finding.kept:
            back = quiet_button("Do not keep it after all", self)
            back.clicked.connect(lambda: self._record(""))
            row.addWidget(back)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.keep)
        return row

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
        self._rest(True)
        own_id, check, subject = self._submission_id, self._finding.check, self._finding.subject
        self._session.act(lambda desk: desk.keep_finding(own_id, check, subject, reason), self._on_stored)

    def reject(self) -> None:
        """Leave without keeping, unless that is under way."""
        if not self.reason.isReadOnly():
            super().reject()

    def _rest(self, resting: bool) -> None:
        self.reason.setReadOnly(resting)
        self.keep.setEnabled(not resting)

    def _on_stored(self, stored: bool) -> None:
        self._rest(False)
        if stored:
            self.accept()
            return
        self.hint.setText("This could not be saved; it stays here until you try again.")
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
