"""What moving an open review to a republished rubric would change, and the one button that moves it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.sizing import resize_within
from assessor_desk.gui.republished_words import page
from assessor_desk.gui.session import Session


class MoveRubricDialog(QDialog):
    """Old and new words beside each other. Escape leaves the review on its version.

    Of a review that was moved it tells what changed; what was written on criteria that are gone is to be read there.
    """

    def __init__(self, session: Session, case: Case, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        offer = case.offer
        assert offer is not None
        self._session, self._own_id = session, case.submission.id
        self._move = None if offer.closed else offer.move
        shown = self._move or offer.done
        assert shown is not None
        self._allowed = offer.allowed and self._move is not None
        self.setWindowTitle(f"Version {shown.after} of {case.rubric.short_title or case.rubric.title}")
        resize_within(self, 860, 680)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        head = "What would change" if self._move else "What changed"
        words = f"{head} from version {shown.before} to version {shown.after}"
        column.addWidget(wrapped_label(words, "criterionTitle", self))
        self.page = QTextBrowser(self)
        self.page.setOpenLinks(False)
        self.page.setTabChangesFocus(True)
        self.page.setAccessibleName(words)
        self.page.setHtml(page(shown, done=self._move is None))
        column.addWidget(self.page, 1)
        self.hint = wrapped_label(self._said(), "muted", self)
        self.hint.setVisible(bool(self.hint.text()))
        column.addWidget(self.hint)
        column.addLayout(self._buttons(case.rubric.version))
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _said(self) -> str:
        if self._move is not None and not self._allowed:
            return "The programme keeps reviews on the version of the rubric that they were assigned with."
        return "" if self._move is None else "Nothing changes until you move it."

    def _buttons(self, version: str) -> QHBoxLayout:
        self.stay = outlined_button(f"Stay on version {version}" if self._allowed else "Close", self)
        self.stay.clicked.connect(self.reject)
        self.go = primary_button("Move this review", self)
        self.go.setVisible(self._allowed)
        self.go.clicked.connect(self._on_go)
        self.go.setAutoDefault(False)
        return button_row(self.stay, self.go)

    def _on_go(self) -> None:
        """It closes only once that is stored."""
        assert self._move is not None
        own_id, version = self._own_id, self._move.after
        self.setEnabled(False)
        self._session.act(lambda desk: desk.move_rubric(own_id, version), self._on_stored)

    def _on_stored(self, stored: bool) -> None:
        self.setEnabled(True)
        if stored:
            self.accept()
        else:
            self.hint.setText("This could not be done; the review is as it was.")
            self.hint.show()
