"""Pass back: the reason, which the assessor reads word for word and which is kept while typed, and the passphrase."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case, SealedPacket
from assessor_desk.domain.review import TextField
from assessor_desk.gui.deciding_words import assessors
from assessor_desk.gui.dialogs.signing_dialog import SigningDialog
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.session import Session
from assessor_desk.gui.writing.text_block import TextBlock
from assessor_desk.gui.writing.texts import Texts

#: Characters: an assessor must be able to act on the reason.
LEAST = 15
#: Pixels kept in sight above and below the line being written.
_ROOM_AROUND_CURSOR = 24


class PassBackDialog(SigningDialog):
    """Emits `sealed` once the pass-back is complete on disk. Left half-way, the reason is there again the next time."""

    sealed = Signal(object)

    def __init__(self, session: Session, case: Case, parent: QWidget | None = None) -> None:
        super().__init__("Your passphrase signs it", "Pass back", parent)
        self._session, self._case = session, case
        self.setWindowTitle(f"Pass back the review of {case.submission.key}")
        self.setMinimumWidth(520)
        about = QLabel(
            f"The review goes back to {assessors(case)}, who reads your words as they stand and corrects it. "
            "Nothing is decided until the correction has come.",
            self,
        )
        about.setWordWrap(True)
        about.setTextFormat(Qt.TextFormat.PlainText)
        self.texts = Texts(session, self)
        self.texts.begin(case.submission.id)
        self.reason = TextBlock(TextField.REASON, self, 4)
        self.texts.join(self.reason, TextField.REASON)
        assert case.decision is not None
        self.reason.show_text(case.decision.reason, read_only=False)
        self.reason.field.textChanged.connect(self.allow)
        session.case_changed.connect(self._show_reason)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._reading(about), 1)
        column.addWidget(self.passphrase_row)
        column.addLayout(self.buttons())
        resize_within(self, 620, 400)
        self.sign_only(session, case)
        self.allow()
        self.reason.focus()

    def _reading(self, about: QWidget) -> QWidget:
        """What grows with the reason: it scrolls, so that passphrase and buttons stay on a small screen."""
        self._inside = QWidget(self)
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(about)
        column.addWidget(self.reason)
        column.addStretch(1)
        self._scroll = scrolled(self._inside, "The reason", self)
        self._sight_timer = QTimer(self)
        self._sight_timer.setSingleShot(True)
        self._sight_timer.timeout.connect(self._bring_into_sight)
        field, bar = self.reason.field, self._scroll.verticalScrollBar()
        for changed in (self.reason.grown, field.cursorPositionChanged, bar.rangeChanged):
            changed.connect(self._sight_timer.start)
        return self._scroll

    def _bring_into_sight(self) -> None:
        """The line being written, once the layouts have settled."""
        field = self.reason.field
        if field.hasFocus():
            cursor = field.mapTo(self._inside, field.cursorRect().center())
            self._scroll.ensureVisible(cursor.x(), cursor.y(), 0, _ROOM_AROUND_CURSOR)

    @property
    def wanting(self) -> str:
        """One reason, and one that can be acted on, comes before the passphrase."""
        if self.reason.two_texts.texts:
            return "Two texts stand here: keep one of them, or both"
        missing = LEAST - len(self.reason.text().strip())
        if missing > 0:
            return (
                f"Say why: {missing} more character{'' if missing == 1 else 's'}, so that it can be acted on"
            )
        return super().wanting

    def allow(self) -> None:
        """Say what is still wanted."""
        super().allow()
        self.progress.setText(self.wanting)

    def _show_reason(self) -> None:
        """The reason as it stands now: another was chosen, or came; what is being typed the field keeps by itself."""
        now = self._session.case
        if now is None or now.submission.id != self._case.submission.id or now.decision is None:
            return
        self.reason.show_text(now.decision.reason, read_only=now.read_only)
        if self.isEnabled() and not self.go.isHidden():
            self.allow()

    def sign(self, passphrase: str) -> None:
        """Seal it and send it back."""
        self.progress.setText("Sealing: writing it down, signing…")
        own_id, reason, desk = self._case.submission.id, self.reason.text(), self._session.desk
        unheard, shown = self.unheard, replace(self.shown, reason=self.reason.field.over)
        self.texts.flush()
        self._session.tasks.store(
            lambda: desk.pass_back(own_id, reason, passphrase, unheard, shown), self._on_sealed, self.refuse
        )

    def _on_sealed(self, packet: SealedPacket) -> None:
        self.setEnabled(True)
        self.sealed.emit(packet)
        self._let_go()
        self.accept()

    def reject(self) -> None:
        """Leave once what was typed is kept for the next time; what the disk refuses is given up the second time."""
        if not self.isEnabled():
            return
        if self.texts.refused:
            self.texts.give_up()
            self._leave_now()
        else:
            self._session.when_written(self._leave_now, self._stay)

    def _stay(self) -> None:
        self.progress.setText("Your words could not be saved. Copy them, or leave again to give them up.")

    def _leave_now(self) -> None:
        self._let_go()
        super().reject()

    def _let_go(self) -> None:
        """The window asks this dialog no more for what is typed."""
        if self.texts in self._session.writers:
            self._session.writers.remove(self.texts)
