"""A decision that the hub refused is taken up again: why what it found may stand, or without a reason.

It closes only once that is stored: a reason that the disk refuses stays where it was typed.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QRadioButton, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.deciding_words import refused_for_a_name
from assessor_desk.gui.session import Session

#: Characters: whoever reads the decision must be able to follow the reason.
LEAST = 15


class DecideAnewDialog(QDialog):
    """The hub's sentence and two ways on. Emits `taken_up` once the decision is open again."""

    taken_up = Signal()

    def __init__(self, session: Session, case: Case, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert case.delivery is not None
        self._session, self._own_id = session, case.submission.id
        self._resting = False
        self.setWindowTitle(f"Decide on {case.submission.key} anew")
        self.setMinimumWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        column.addWidget(wrapped_label("The hub did not take it", "criterionTitle", self))
        column.addWidget(wrapped_label(case.delivery.last_trouble, "", self))
        column.addWidget(wrapped_label("What you decided stays recorded on this computer.", "muted", self))
        self.with_reason = QRadioButton("It may stand because…", self)
        self.without = QRadioButton("Without a reason: pass it back or correct", self)
        self._reason_field()
        for widget in (self.with_reason, self.reason, self.without):
            column.addWidget(widget)
        self.hint = wrapped_label("", "muted", self)
        column.addWidget(self.hint)
        column.addSpacing(8)
        column.addLayout(self._buttons())
        self._offer(refused_for_a_name(case))

    def _reason_field(self) -> None:
        self.reason = QPlainTextEdit(self)
        self.reason.setAccessibleName("It may stand because")
        self.reason.setTabChangesFocus(True)
        self.reason.setFixedHeight(4 * self.reason.fontMetrics().lineSpacing() + 18)
        self.reason.textChanged.connect(self._show_state)

    def _buttons(self) -> QHBoxLayout:
        self.go = primary_button("Decide anew", self)
        self.go.clicked.connect(self._take_up)
        cancel = outlined_button("Not now", self)
        cancel.clicked.connect(self.reject)
        return button_row(cancel, self.go)

    def _offer(self, named: bool) -> None:
        """A reason helps only where words were found that may identify somebody."""
        self.with_reason.setVisible(named)
        self.reason.setVisible(named)
        self.without.setVisible(named)
        (self.with_reason if named else self.without).setChecked(True)
        self.with_reason.toggled.connect(self._show_state)
        self._show_state()
        if named:
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _words(self) -> str:
        return self.reason.toPlainText().strip() if self.with_reason.isChecked() else ""

    @property
    def wanting(self) -> str:
        """What is wanted before it can be taken up; empty where nothing is."""
        missing = LEAST - len(self._words) if self.with_reason.isChecked() else 0
        if missing <= 0:
            return ""
        return f"{missing} more character{'' if missing == 1 else 's'}, so that others can follow it"

    def _show_state(self) -> None:
        self.reason.setEnabled(self.with_reason.isChecked())
        self.go.setEnabled(not self.wanting and not self._resting)
        after = "The reason goes into what you seal next." if self.with_reason.isChecked() else ""
        self.hint.setText(self.wanting or after or "Nothing is sent until you seal again.")

    def _take_up(self) -> None:
        self._rest(True)
        own_id, words = self._own_id, self._words
        self._session.act(lambda desk: desk.decide_anew(own_id, words), self._on_stored)

    def _rest(self, resting: bool) -> None:
        self._resting = resting
        self.reason.setReadOnly(resting)
        self._show_state()

    def _on_stored(self, stored: bool) -> None:
        self._rest(False)
        if stored:
            self.accept()
            self.taken_up.emit()
        else:
            self.hint.setText("This could not be done; your words stay here until you try again.")

    def reject(self) -> None:
        """Leave it refused, unless it is being taken up."""
        if not self._resting:
            super().reject()
