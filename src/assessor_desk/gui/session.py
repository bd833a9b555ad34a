"""What the window works with: the desk, the lanes, and the submission that is open.

Every act goes through `act`: it runs on the store lane, and what it changed comes back with the case as it
then stands, so that all panes redraw from one truth.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from assessor_desk.desk.changes import Changes
from assessor_desk.domain.errors import ChangedElsewhere, DeskError, Restorable, Unavailable, sentence
from assessor_desk.gui.notices import Notices
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Case, Desk
    from assessor_desk.gui.originals import Originals


#: How often more is typed while one waits for what was typed before.
_PATIENCE = 3


class Writer(Protocol):
    """A pane in which somebody types."""

    @property
    def unwritten(self) -> str:
        """What was typed and is not on the disk yet, to be read by a person; empty where all of it is."""

    @property
    def refused(self) -> bool:
        """Whether some of that was sent, and could not be stored."""

    def flush(self) -> None:
        """Send what is still being typed."""

    def give_up(self) -> None:
        """Let go of what could not be stored."""


class Session(QObject):
    """One desk in one window. Whoever is typed in is among its `writers`.

    `unsaved` comes in place of `saved` while something typed could not be stored; `stayed` when a submission could not
    be left for that reason.
    """

    changed = Signal(object)
    case_changed = Signal()
    saving = Signal()
    saved = Signal(object)
    unsaved = Signal()
    stayed = Signal()
    refused = Signal(object)
    restore_wanted = Signal()

    def __init__(self, desk: Desk, tasks: Tasks, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.tasks = tasks
        self.notices = notices
        self.case: Case | None = None
        self.submission_id = ""
        self.wanted = ""
        self.writers: list[Writer] = []
        self._until_saved: set[str] = set()
        self._looked_at = ""

    @cached_property
    def originals(self) -> Originals:
        """Recordings being fetched in full. Made with the panes: the inbox does without."""
        from assessor_desk.gui.originals import Originals

        return Originals(self)

    def act(
        self,
        act: Callable[[Desk], Changes],
        finished: Callable[[bool], None] | None = None,
        shown: Case | None = None,
    ) -> None:
        """Do something on the desk; afterwards every pane sees it. A refusal becomes a notice and changes nothing.

        `finished` is told first whether it was done. It takes the place of nothing that the person was not shown:
        `shown` is the case that a box was opened on; without it the one on the screen.
        """
        self.saving.emit()
        submission_id = self.submission_id
        looked_at = shown or self.case

        def work() -> tuple[Changes, Case | None]:
            with self.desk.having_shown(looked_at.sheet) if looked_at else nullcontext():
                changes = act(self.desk)
            return changes, self.desk.case(submission_id) if submission_id else None

        def done(result: tuple[Changes, Case | None]) -> None:
            if finished:
                finished(True)
            self._take(submission_id, *result)
            self._tell_unseen(looked_at, result[1])

        def failed(error: DeskError) -> None:
            if finished:
                finished(False)
            self._on_refused(error)
            self._tell_saved()
            self.case_changed.emit()
            if isinstance(error, ChangedElsewhere):
                self.refresh()

        self.tasks.store(work, done, failed)

    def _tell_unseen(self, shown: Case | None, now: Case | None) -> None:
        if shown is None or now is None or shown.sheet.id != now.sheet.id:
            return
        if self.desk.beside_unseen(shown.sheet, now.sheet):
            self.notices.tell(
                f"What you just did on {now.submission.key} stands beside what came in from another computer of yours "
                "at that moment, and was not shown yet. Look at both, and keep one."
            )

    def select(self, submission_id: str) -> None:
        """Open a submission; an empty id closes the one that is open.

        That one is left only once everything typed in it is on the disk.
        """
        self.wanted = submission_id
        if submission_id == self.submission_id:
            return
        if self.unwritten:
            self.when_written(lambda: self._open(submission_id), lambda: self._stay(submission_id))
        else:
            self._open(submission_id)

    @property
    def unwritten(self) -> str:
        """What was typed and is not on the disk yet; empty where all of it is."""
        return "\n\n".join(filter(None, (writer.unwritten for writer in self.writers)))

    def when_written(
        self, then: Callable[[], None], otherwise: Callable[[], None], patience: int = _PATIENCE
    ) -> None:
        """Send what is being typed; `then` follows once all of it is on the disk, `otherwise` where it was refused."""
        for writer in self.writers:
            writer.flush()

        def decide(_: None) -> None:
            if not self.unwritten:
                then()
            elif patience and not any(writer.refused for writer in self.writers):
                self.when_written(then, otherwise, patience - 1)
            else:
                otherwise()

        self.tasks.store(lambda: None, decide)

    def _stay(self, submission_id: str) -> None:
        if self.wanted != submission_id:
            return
        self.wanted = self.submission_id
        key = self.case.submission.key if self.case else "This submission"
        self.tell_until_saved(
            f"{key} stays open: not everything you typed there could be saved. It is kept on the screen, and tried "
            "again every few seconds.",
            ("Copy it and leave", lambda: self._copy_and_leave(submission_id)),
        )
        self.stayed.emit()

    def tell_until_saved(self, words: str, action: tuple[str, Callable[[], None]] | None = None) -> None:
        """Tell a notice of danger that is taken back once everything typed is on the disk: then it holds no more."""
        self._until_saved.add(words)
        self.notices.tell(words, "danger", action)

    def _copy_and_leave(self, submission_id: str) -> None:
        """The way out where a disk stays full: what could not be saved goes along."""
        QGuiApplication.clipboard().setText(self.unwritten)
        self.wanted = submission_id
        for writer in self.writers:
            writer.give_up()
        self._open(submission_id)

    def _open(self, submission_id: str) -> None:
        if self.wanted != submission_id:
            return
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

    def look_at(self, packet: str) -> None:
        """Of several delivered reviews look at that of this packet, also once its submission is opened."""
        self._looked_at = packet
        if self.case is not None:
            self.case = self.case.looking_at(packet)
            self.case_changed.emit()

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
            self.case = case.looking_at(self._looked_at) if case else None
            self.case_changed.emit()
            self._tell_saved()
        if changes:
            self.changed.emit(changes)

    def _tell_saved(self) -> None:
        if any(writer.refused for writer in self.writers):
            self.unsaved.emit()
            return
        for words in self._until_saved:
            self.notices.take_back(words)
        self._until_saved.clear()
        self.saved.emit(self.case.saved_at if self.case else None)

    def _on_refused(self, error: DeskError) -> None:
        self.refused.emit(error)
        typed = any(writer.refused for writer in self.writers)
        if typed and isinstance(error, Unavailable):  # a full disk, say: the text is tried again
            self.tell_until_saved(sentence(error))
        else:
            leads_on = ("Restore…", self.restore_wanted.emit) if isinstance(error, Restorable) else None
            self.notices.tell(sentence(error), "danger", leads_on)
