"""The texts of one pane on their way to the desk: each is durable while it is typed, an entry once it is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assessor_desk.desk.changes import Changes
from assessor_desk.domain.review import AUDIENCE, TextField
from assessor_desk.gui.session import Session
from assessor_desk.gui.writing.text_block import TextBlock
from assessor_desk.gui.writing.text_field import TextField as Writing

if TYPE_CHECKING:
    from assessor_desk.desk import Desk

#: How the desk keeps one text, given the desk, the words, and those that they were written over.
Keeping = Callable[["Desk", str, str], Changes]


class Texts(QObject):
    """Sends texts of one submission at a time, also while another one is being opened; a writer of the session.

    `arrived` comes whenever the desk has answered.
    """

    arrived = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fields: list[Writing] = []
        self._blocks: list[tuple[TextBlock, TextField, str]] = []
        self._turn = 0
        self.submission_id = ""
        session.writers.append(self)
        session.case_changed.connect(self._show_disputes)

    def begin(self, submission_id: str) -> None:
        """From now on texts joined belong to this submission; those of before are gone."""
        self.submission_id = submission_id
        self._fields, self._blocks = [], []
        self._turn += 1

    def turn_to(self, submission_id: str) -> None:
        """From now on the texts joined belong to this submission; their fields are empty, as nothing waits in them."""
        self.submission_id = submission_id
        self._turn += 1
        for field in self._fields:
            field.renew()

    def join(self, block: TextBlock, which: TextField, criterion: str = "") -> None:
        """Keep what is typed in a block as that text of the criterion, or of the whole."""
        self._fields.append(block.field)
        self._blocks.append((block, which, criterion))
        if AUDIENCE[which] == "for the educator":
            block.field.phrases_for = (which.value, criterion)

        def draft(text: str) -> None:
            own_id, over = self.submission_id, block.field.over
            self._send(block.field, lambda desk: desk.draft_text(own_id, which, text, criterion, over))

        def write(text: str) -> None:
            own_id, over = self.submission_id, block.field.over
            self._send(block.field, lambda desk: desk.keep_text(own_id, which, text, criterion, over))

        def choose(text: str | None) -> None:
            self._choose(which, criterion, text)

        block.field.too_much.connect(self._tell_too_much)
        block.field.drafted.connect(draft)
        block.field.written.connect(write)
        block.two_texts.chosen.connect(choose)
        self._show_disputes()

    def join_line(self, field: Writing, keep: Keeping) -> None:
        """Keep what is typed in a field otherwise than as one of the texts; it goes out once it is left, or quiet."""
        self._fields.append(field)
        field.phrases_for = ("", "")

        def write(text: str) -> None:
            over = field.over
            self._send(field, lambda desk: keep(desk, text, over))

        field.too_much.connect(self._tell_too_much)
        field.written.connect(write)

    def _tell_too_much(self, words: str) -> None:
        self._session.notices.tell(words, "caution")

    def _choose(self, which: TextField, criterion: str, text: str | None) -> None:
        """Which of two texts stays; None keeps both."""
        own_id = self.submission_id

        def act(desk: Desk) -> Changes:
            if text is None:
                return desk.keep_both_texts(own_id, which, criterion)
            return desk.choose_text(own_id, which, text, criterion)

        self._session.act(act)

    def _show_disputes(self) -> None:
        """Where two computers wrote into one place, both texts stand there until one is chosen.

        Both can be read in a review that was set aside too; of a sealed one the sealed text alone.
        """
        case = self._session.case
        if case is None or case.submission.id != self.submission_id:
            return
        disputed = {} if case.read_only and not case.set_aside else case.sheet.disputed
        titles = self._session.desk.device_titles() if disputed else {}
        for block, which, criterion in self._blocks:
            found = disputed.get((which, criterion), ())
            block.show_disputed(found, titles, to_choose=not case.read_only)

    def part(self, field: Writing) -> None:
        """Keep no more what is typed in a field that is about to go."""
        if field in self._fields:
            self._fields.remove(field)

    def _send(self, field: Writing, act: Callable[[Desk], Changes]) -> None:
        turn = self._turn

        def finished(stored: bool) -> None:
            if turn == self._turn:
                field.arrived(stored=stored)
            self.arrived.emit()

        self._session.act(act, finished)

    @property
    def unwritten(self) -> str:
        """The texts that are not on the disk yet, each under its title."""
        return "\n\n".join(
            f"{field.title}\n{field.toPlainText()}" for field in self._fields if field.unwritten
        )

    @property
    def refused(self) -> bool:
        """Whether a text was sent and could not be stored; it is still in its field."""
        return any(field.refused for field in self._fields)

    def flush(self) -> None:
        """Send every text that is still being typed, before anything else is done."""
        for field in list(self._fields):
            field.flush()

    def give_up(self) -> None:
        """Let go of what could not be stored."""
        for field in self._fields:
            field.give_up()
