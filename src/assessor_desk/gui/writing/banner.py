"""What changes how a review can be worked on, in one sentence, with what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.changes import WithdrawalReason
from assessor_desk.domain.coaching import CoachingNotes
from assessor_desk.domain.concern import CONCERN_TITLES, ConcernKind
from assessor_desk.domain.replaced import ArtifactChange
from assessor_desk.gui.controls import outlined_button
from assessor_desk.gui.republished_words import banner_words, button_words


class Banner(QFrame):
    """Stands over the cards only while there is something to say."""

    looked_again = Signal()
    correction_wanted = Signal()
    rubric_wanted = Signal()
    before_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 6, 9, 6)
        column.setSpacing(6)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._look = outlined_button("I have looked again", self)
        self._look.setToolTip("Say that you have seen the evidence as it is now")
        self._look.clicked.connect(self.looked_again)
        self._correct = outlined_button("Begin a correction", self)
        self._correct.clicked.connect(self.correction_wanted)
        self._rubric = outlined_button("", self)
        self._rubric.clicked.connect(self.rubric_wanted)
        self._before = outlined_button("What you wrote before…", self)
        self._before.clicked.connect(self.before_wanted)
        column.addWidget(self._words)
        column.addLayout(self._acts())
        self.hide()

    def _acts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in (self._before, self._rubric, self._look, self._correct):
            row.addWidget(button)
        return row

    @property
    def words(self) -> str:
        """What it says, empty where there is nothing to say."""
        return self._words.text()

    def show_case(self, case: Case) -> None:
        """Say what holds for this review."""
        self._words.setText(_in_words(case))
        self._look.setVisible(case.version_changed and not case.read_only)
        to_page = button_words(case.offer) if case.offer else ""
        self._rubric.setText(to_page)
        self._rubric.setVisible(bool(to_page))
        self._correct.setVisible(case.to_be_corrected)
        self._correct.setToolTip(
            "Your next packet replaces the one that was passed back"
            if case.sent_back is not None
            else "All that you wrote is in it, to be sealed anew"
        )
        self._show_before(case)

    def show_work_before(self, case: Case) -> None:
        """Say only what the person wrote under another assignment, where all else is told elsewhere."""
        self._words.setText(_worked_before(case))
        for button in (self._look, self._rubric, self._correct):
            button.hide()
        self._show_before(case)

    def _show_before(self, case: Case) -> None:
        self._before.setVisible(bool(case.worked_before))
        self.setVisible(bool(self._words.text()))


def _in_words(case: Case) -> str:
    return " ".join(
        told
        for told in (_held(case), _standing(case), _republished(case), _worked_before(case), *case.cautions)
        if told
    )


def _worked_before(case: Case) -> str:
    return "You wrote on this under another assignment: that is kept." if case.worked_before else ""


def _republished(case: Case) -> str:
    return banner_words(case.offer, case.rubric.version) if case.offer else ""


def _held(case: Case) -> str:
    """That a concern was raised, and what that keeps from happening."""
    standing = [held for held in case.holds if held.lifted_at is None]
    if not standing:
        return _lifted(case)
    told = dict.fromkeys(CONCERN_TITLES[ConcernKind(held.kind)].lower() for held in standing if held.kind)
    concern = f"a {' and '.join(told)} concern" if told else "a concern"
    since = min(held.raised_at for held in standing).astimezone()
    return (
        f"On hold since {since:%d %b, %H:%M}: {concern} was raised. Nothing is decided or released until the "
        "programme has looked at it."
    )


def _lifted(case: Case) -> str:
    """That a hold was lifted, until the person goes on with the work."""
    at = case.hold_lifted_at
    if at is None or case.read_only or (case.saved_at is not None and case.saved_at > at):
        return ""
    return f"No longer on hold: the programme has looked at the concern, {at.astimezone():%d %b, %H:%M}."


def _standing(case: Case) -> str:
    if case.set_aside:
        return _set_aside(case)
    if case.sent_back is not None:
        when = case.sent_back.at.astimezone()
        return f"Passed back by the reviewer, {when.day} {when:%b, %H:%M}: “{case.sent_back.reason}”"
    if case.version_changed:
        occasion = "hand back" if case.notes else "seal"
        told = f"{differs(case)}. Look" if case.replaced else "look"
        return f"The educator’s evidence was replaced since you last looked: {told} at it again before you {occasion}."
    if case.notes is not None:
        return _handed_back(case, case.notes)
    if case.delivery is not None and case.turned_away:
        what_next = "It counts nowhere. Begin a correction to seal it anew: all that you wrote is in it."
        return f"Sealed, but not taken. {case.delivery.last_trouble} {what_next}"
    if case.review.sealed and case.delivery and case.delivery.receipted:
        what_next = "Nothing here can change any more; a correction makes a new packet."
        return f"Sealed, and on the hub. {_replacing(case)}{what_next}"
    if case.review.sealed:
        return f"Sealed. {_replacing(case)}The packet waits on this computer and goes out with the next sync."
    if case.supersedes:
        return "A correction: sealing it makes a new packet that replaces the one before."
    if case.revision > 1 and case.notes is None:
        return "The packet sealed before was not taken, so this one will replace none. Seal it as it is, or change it."
    return ""


def differs(case: Case) -> str:
    """What is another file, new or gone, each with how many anchors lie on what was there before."""
    return ", ".join(f"“{one.title}” {_BECAME[one.change]}{_anchored(case, one.id)}" for one in case.replaced)


#: Pieces named in one sentence; a list of all would push the rubric out of sight.
_MOST_NAMED = 3
_BECAME = {
    ArtifactChange.ADDED: "is new",
    ArtifactChange.REPLACED: "is another file",
    ArtifactChange.RENAMED: "has another name",
    ArtifactChange.GONE: "is gone",
}


def _anchored(case: Case, artifact_id: str) -> str:
    count = sum(anchor.artifact_id == artifact_id for anchor in case.marked.anchors)
    return f" ({'1 anchor lies' if count == 1 else f'{count} anchors lie'} on it)" if count else ""


def _replacing(case: Case) -> str:
    """Which packet the sealed one replaces, by the start of the digest that names it, and when that was sealed."""
    if len(case.sealings) < 2:
        return ""
    before, own = case.sealings[-2].delivery, case.sealings[-1].delivery
    since = before.waiting_since.astimezone() if before.waiting_since else None
    when = f" of {since.day} {since:%b, %H:%M}" if since else ""
    return f"Packet {own.digest[:8]} replaces {before.digest[:8]}{when}. "


def _handed_back(case: Case, notes: CoachingNotes) -> str:
    """How far the notes have come; they are never closed."""
    if notes.handed_back is None:
        return ""
    when = f"Handed back {notes.handed_back.at.astimezone():%d %b, %H:%M}"
    if case.changed_since:
        return f"{when}; you have carried on since. Hand back again, so that the educator gets the rest."
    if case.delivery and case.delivery.receipted:
        return f"{when}, and on the hub. You may carry on, and hand back again."
    return f"{when}. The notes wait on this computer and go out with the next sync."


def _set_aside(case: Case) -> str:
    """Why, and what became of the evidence and of the person's own work."""
    why = (case.aside_for or WithdrawalReason.UNASSIGNED).words
    removed = " The evidence was removed from this computer." if case.evidence_removed else ""
    unsent = case.review.sealed and case.delivery is not None and case.delivery.delivered_at is None
    packet = " Your sealed packet stays here and goes out if it is given back to you." if unsent else ""
    return f"Set aside: {why}.{removed} Your work is kept and can be read and exported.{packet}"
