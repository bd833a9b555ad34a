"""What the window works with: the desk, the lanes, and the submission that is open.

Every act goes through `act`: it runs on the store lane, and what it changed comes back with the case as it
then stands, so that all panes redraw from one truth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assessor_desk.desk.answers import Case, Changes
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.notices import Notices
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Desk


class Session(QObject):
    """One desk in one window. `flush_wanted` asks the panes to send what is still being typed."""

    changed = Signal(object)
    case_changed = Signal()
    saving = Signal()
    saved = Signal(object)
    flush_wanted = Signal()
    refused = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.tasks = tasks
        self.notices = notices
        self.case: Case | None = None
        self.submission_id = ""

    def act(self, act: Callable[[Desk], Changes], finished: Callable[[bool], None] | None = None) -> None:
        """Do something on the desk; afterwards every pane sees it. A refusal becomes a notice and changes nothing.

        `finished` is told first whether it was done.
        """
        self.saving.emit()
        submission_id = self.submission_id

        def work() -> tuple[Changes, Case | None]:
            changes = act(self.desk)
            return changes, self.desk.case(submission_id) if submission_id else None

        def done(result: tuple[Changes, Case | None]) -> None:
            if finished:
                finished(True)
            self._take(submission_id, *result)

        def failed(error: DeskError) -> None:
            if finished:
                finished(False)
            self._on_refused(error)
            self.saved.emit(self.case.saved_at if self.case else None)
            self.case_changed.emit()

        self.tasks.store(work, done, failed)

    def select(self, submission_id: str) -> None:
        """Open a submission; an empty id closes the one that is open."""
        if submission_id == self.submission_id:
            return
        self.flush_wanted.emit()
        self.submission_id = submission_id
        if not submission_id:
            self.case = None
            self.case_changed.emit()
            return
        self.refresh()

    def refresh(self) -> None:
        """Read the open submission again, after something outside changed it."""
        submission_id = self.submission_id
        if submission_id:
            self.tasks.store(
                lambda: self.desk.case(submission_id),
                lambda case: self._take(submission_id, Changes(), case),
                self._on_refused,
            )

    def announce(self, changes: Changes) -> None:
        """Tell all panes of changes made elsewhere (a round of syncing, a seal)."""
        self.changed.emit(changes)
        if self.submission_id in changes.submissions or changes.kinds:
            self.refresh()

    def words(self, error: BaseException) -> str:
        """An error as a sentence for the person."""
        return sentence(error)

    def _take(self, submission_id: str, changes: Changes, case: Case | None) -> None:
        if submission_id == self.submission_id:
            self.case = case
            self.case_changed.emit()
            self.saved.emit(case.saved_at if case else None)
        if changes:
            self.changed.emit(changes)

    def _on_refused(self, error: DeskError) -> None:
        self.refused.emit(error)
        self.notices.tell(sentence(error), "danger")
