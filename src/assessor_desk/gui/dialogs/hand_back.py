"""Hand back: what the educator will read, what is still needed, who reads it and who never does."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Case
from assessor_desk.desk.changes import Changes
from assessor_desk.desk.shown import Shown
from assessor_desk.domain.errors import ChangedElsewhere, DeskError, sentence
from assessor_desk.domain.handed_notes import HandedNotes, NotesFacts, handed_notes
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.dialogs.finding_list import FindingList, heading
from assessor_desk.gui.dialogs.notes_in_words import notes_as_html
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.session import Session


class HandBackDialog(QDialog):
    """Shows the notes as they will go back; `handed_back` carries the desk's changes once they wait to be sent."""

    handed_back = Signal(object)
    finding_activated = Signal(object)

    def __init__(self, session: Session, case: Case, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._case, self._shown = session, case, Shown.of(case)
        self.setWindowTitle(f"Hand back the notes on draft {case.submission.key}")
        resize_within(self, 860, 600)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self._notes_column(), 3)
        columns.addWidget(self._facts_column(), 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(columns, 1)
        column.addLayout(self._buttons())

    @property
    def words(self) -> str:
        """The notes as they will go back, without their dress."""
        return self._notes.toPlainText()

    @property
    def trouble(self) -> str:
        """Why the last attempt was refused."""
        return self._trouble.text()

    def _notes_column(self) -> QWidget:
        self._notes = QTextBrowser(self)
        self._notes.setOpenLinks(False)
        self._notes.setAccessibleName("The notes as the educator will read them")
        self._notes.setHtml(notes_as_html(notes_of(self._case)))
        return self._notes

    def _facts_column(self) -> QWidget:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        found = self._case.findings
        for title, some in (
            ("Needed before handing back", [one for one in found if one.blocks]),
            ("Worth a look", [one for one in found if not one.blocks]),
        ):
            if some:
                listed = FindingList(title, some, self._case.rubric, "The notes as a whole", inside)
                listed.activated.connect(self._go)
                column.addWidget(listed)
        column.addWidget(heading("What happens", inside))
        for told in _what_happens(self._case):
            column.addWidget(_label(told, "muted", inside))
        self._trouble = _label("", "trouble", inside)
        self._trouble.hide()
        column.addWidget(self._trouble)
        column.addStretch(1)
        return scrolled(inside, "What is needed, and what happens", self)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._progress = _label("You may carry on afterwards, and hand back again.", "muted", self)
        cancel = outlined_button("Cancel", self)
        cancel.clicked.connect(self.reject)
        self.go = primary_button("Hand back", self)
        self.go.clicked.connect(self._on_go)
        if self._case.blocking:
            self.go.setEnabled(False)
            self.go.setToolTip("Something is still needed: see the list above")
        row.addWidget(self._progress, 1)
        row.addWidget(cancel)
        row.addWidget(self.go)
        return row

    def _go(self, finding: object) -> None:
        self.reject()
        self.finding_activated.emit(finding)

    def _on_go(self) -> None:
        self.setEnabled(False)
        desk, own_id, shown = self._session.desk, self._case.submission.id, self._shown
        self._session.tasks.store(
            lambda: desk.hand_back_notes(own_id, shown), self._on_done, self._on_refused
        )

    def _on_done(self, changes: Changes) -> None:
        self.setEnabled(True)
        self.accept()
        self.handed_back.emit(changes)

    def _on_refused(self, error: DeskError) -> None:
        """Nothing has changed: say why, and let it be tried again."""
        self.setEnabled(True)
        self._progress.setText("Nothing went back.")
        self._trouble.setText(sentence(error))
        self._trouble.show()
        if isinstance(error, ChangedElsewhere):
            self.go.hide()  # what is shown here is not what would go back
            self._session.refresh()


def notes_of(case: Case) -> HandedNotes:
    """The notes as they would go back now."""
    assert case.notes is not None
    return handed_notes(
        NotesFacts(
            case.notes, case.submission, case.assignment, case.rubric, case.policy, case.policy.programme,
            datetime.now(UTC), earlier=case.previous,
        )
    )  # fmt: skip


def _what_happens(case: Case) -> tuple[str, ...]:
    days = case.policy.retention.drafts_and_coaching
    return (
        "The educator reads what stands at the left, on the hub and in the files you save.",
        "No assessor, reviewer or district ever gets it, and it is no part of any decision. Your own notes stay here.",
        f"It is kept for {days} days." if days else "It is not kept once it was delivered.",
    )


def _label(words: str, name: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
