"""Review and seal: what will be signed, what is still needed, what the assessor attests, and the passphrase.

Sealing cannot be undone, so this is one of the few modal boxes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QMouseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Case, SealedPacket
from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.shown import Shown, came_meanwhile
from assessor_desk.domain.errors import ChangedElsewhere, DeskError, OthersUnheard, sentence
from assessor_desk.domain.feedback import Finding
from assessor_desk.gui.controls import outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.finding_list import FindingList, heading
from assessor_desk.gui.dialogs.review_in_words import review_as_html
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk.identity_answers import Identity

_SIGNING = "Sealing: writing the record, signing…"


class _Sentence(QLabel):
    """What a check box stands for, over as many lines as it takes; a click on it ticks the box."""

    def __init__(self, sentence: str, box: QCheckBox) -> None:
        super().__init__(sentence, box.parentWidget())
        self._box = box
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setBuddy(box)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """As a click on the box itself."""
        self._box.setFocus(Qt.FocusReason.MouseFocusReason)
        self._box.click()
        event.accept()


class SealDialog(QDialog):
    """Shows the review as it will be signed; emits `sealed` once the packet is complete on disk."""

    sealed = Signal(object)
    finding_activated = Signal(object)
    _looked_at = Signal(int, int)

    def __init__(self, session: Session, case: Case, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._case, self._shown = case, Shown.of(case)
        self._stop = threading.Event()
        self._sealing = False
        self._unheard = False
        self._looked_at.connect(self._on_looked_at)
        session.case_changed.connect(self._look_again)
        self.setWindowTitle(f"Review and seal {case.submission.key}")
        resize_within(self, 900, 640)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self._review_column(), 3)
        columns.addWidget(self._act_column(), 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(columns, 1)
        column.addLayout(self._buttons())
        self._allow()

    @property
    def trouble(self) -> str:
        """Why the last attempt to seal was refused."""
        return self._trouble.text()

    @property
    def certificate(self) -> str:
        """What is told of a certificate that no issuer stands behind; empty where one does."""
        return self._certificate.text()

    @property
    def words(self) -> str:
        """The review as it will be signed, without its dress."""
        return self._review.toPlainText()

    def _review_column(self) -> QWidget:
        self._review = QTextBrowser(self)
        self._review.setOpenLinks(False)
        self._review.setAccessibleName("The review as it will be signed")
        self._review.setHtml(review_as_html(self._case))
        return self._review

    def _act_column(self) -> QWidget:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._boxes: dict[str, QCheckBox] = {}
        self._passphrase = QLineEdit(inside)
        self._passphrase.setAccessibleName("Passphrase")
        self._trouble = QLabel(inside)
        self._trouble.setObjectName("trouble")
        self._trouble.setWordWrap(True)
        self._trouble.setTextFormat(Qt.TextFormat.PlainText)
        self._trouble.hide()
        for words in self._case.hindrances:
            column.addWidget(wrapped_label(words, "trouble", inside))
        if blocking := self._case.blocking:
            self._passphrase.hide()
            self._list_findings(column, "Needed before sealing", blocking)
        elif self._case.hindrances:
            self._passphrase.hide()
        else:
            self._ask(column, inside)
        warnings = [finding for finding in self._case.findings if not finding.blocks]
        if warnings:
            self._list_findings(column, "Worth a look, and told in the record", warnings)
        column.addStretch(1)
        self._acts = scrolled(inside, "What is needed, and what is confirmed", self)
        return self._acts

    def _list_findings(self, column: QVBoxLayout, title: str, found: Sequence[Finding]) -> None:
        listed = FindingList(title, found, self._case.rubric, "The whole review", self)
        listed.activated.connect(self._go)
        column.addWidget(listed)

    def _ask(self, column: QVBoxLayout, inside: QWidget) -> None:
        column.addWidget(heading("You attest", self))
        for attestation in self._case.policy.attestations_of(incomplete=self._case.review.incomplete):
            box = QCheckBox(inside)
            box.setAccessibleName(attestation.sentence)
            words = _Sentence(attestation.sentence, box)
            row = QHBoxLayout()
            row.addWidget(box, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(words, 1)
            column.addLayout(row)
            box.toggled.connect(self._allow)
            self._boxes[attestation.id] = box
        column.addWidget(heading("Your passphrase signs it", self))
        self._passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self._passphrase.textChanged.connect(self._allow)
        self._passphrase.returnPressed.connect(self._on_seal)
        column.addWidget(self._passphrase)
        column.addWidget(self._trouble)
        column.addWidget(self._told_of_certificate())
        if self._makes_booklet:
            column.addWidget(self._told_of_booklet())

    def _told_of_certificate(self) -> QLabel:
        """What a recipient's verdict will say of the certificate, where that is not what an assessor would expect."""
        self._certificate = QLabel(self)
        self._certificate.setWordWrap(True)
        self._certificate.setTextFormat(Qt.TextFormat.PlainText)
        self._certificate.hide()
        # What cannot be read is told by the attempt to seal.
        self._session.tasks.side(self._session.desk.identity, self._on_identity, lambda _trouble: None)
        return self._certificate

    def _on_identity(self, identity: Identity) -> None:
        if not identity.vouched_for:
            self._certificate.setText(f"Your certificate: {identity.words}")
            self._certificate.show()

    def _told_of_booklet(self) -> QLabel:
        count = len(self._case.review.anchors)
        places = "the one place" if count == 1 else f"the {count} places"
        told = QLabel(
            f"The programme lets the evidence leave this desk: pictures and words of {places} you cite go into the "
            "packet as an evidence booklet. People may be recognised in it.",
            self,
        )
        told.setObjectName("muted")
        told.setWordWrap(True)
        return told

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._progress = QLabel("A sealed review cannot be changed; a correction makes a new packet.", self)
        self._progress.setObjectName("muted")
        self._cancel = outlined_button("Cancel", self)
        self._cancel.clicked.connect(self.reject)
        self._seal = primary_button("Seal", self)
        self._seal.clicked.connect(self._on_seal)
        row.addWidget(self._progress, 1)
        row.addWidget(self._cancel)
        row.addWidget(self._seal)
        return row

    def _allow(self) -> None:
        ready = (
            not self._sealing
            and bool(self._passphrase.text())
            and all(box.isChecked() for box in self._boxes.values())
        )
        self._seal.setEnabled(ready and not self._case.blocking and not self._case.hindrances)
        wanting = "Attest each sentence and give your passphrase"
        if self._case.blocking or self._case.hindrances:
            wanting = "Something is still needed: see the list above"
        self._seal.setToolTip("" if self._seal.isEnabled() else wanting)

    def _go(self, finding: Finding) -> None:
        self.reject()
        self.finding_activated.emit(finding)

    def reject(self) -> None:
        """Leave without sealing; while the evidence booklet is made, stop that first."""
        if not self._sealing:
            super().reject()
        elif self._makes_booklet and self._cancel.isEnabled():
            self._stop.set()
            self._cancel.setEnabled(False)
            self._progress.setText("Stopping…")

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is under way cannot be left half done."""
        if self._sealing:
            self.reject()
            event.ignore()
            return
        super().closeEvent(event)

    def _set_sealing(self, sealing: bool) -> None:
        """While it is under way nothing can be changed, and only a booklet in the making can be stopped."""
        self._sealing = sealing
        self.setEnabled(not sealing or self._makes_booklet)
        for column in (self._acts, self._review):
            column.setEnabled(not sealing)
        self._cancel.setEnabled(True)
        self._allow()

    @property
    def _makes_booklet(self) -> bool:
        return self._case.policy.evidence_booklet and bool(self._case.review.anchors)

    def _on_looked_at(self, done: int, of: int) -> None:
        if self._stop.is_set():
            return
        self._progress.setText(f"Making the evidence booklet: {done} of {of} places…")
        if done == of:
            self._progress.setText(_SIGNING)
            self._cancel.setEnabled(False)

    def _on_seal(self) -> None:
        if not self._seal.isEnabled() or self._seal.isHidden():
            return
        self._stop.clear()
        self._trouble.hide()
        self._set_sealing(True)
        self._progress.setText(_SIGNING)
        submission_id, passphrase = self._case.submission.id, self._passphrase.text()
        attested = list(self._boxes)
        desk, unheard, shown = self._session.desk, self._unheard, self._shown
        self._session.tasks.store(
            lambda: desk.seal_packet(
                submission_id, passphrase, attested, self._looked_at.emit, self._stop, unheard, shown
            ),
            self._on_sealed,
            self._on_refused,
        )

    def _look_again(self) -> None:
        """A round may bring what the person's other computers wrote: only what is shown here is signed here."""
        now = self._session.case
        if now is None or now.submission.id != self._case.submission.id or self._sealing:
            return
        asks = not (self._case.blocking or self._case.hindrances or self._seal.isHidden())
        if asks and Shown.of(now) != self._shown:
            self._on_refused(came_meanwhile(now.submission.key))

    def _on_sealed(self, packet: SealedPacket) -> None:
        self._set_sealing(False)
        self.sealed.emit(packet)
        self.accept()

    def _on_refused(self, error: DeskError) -> None:
        """Nothing has changed: say why, and let it be tried again."""
        self._set_sealing(False)
        self._progress.setText("Nothing was sealed.")
        if isinstance(error, OthersUnheard):
            self._unheard = True
            self._seal.setText("Seal all the same")
        if isinstance(error, ChangedElsewhere):
            self._seal.hide()  # what is shown here is not what would be signed
            self._cancel.setText("Close")
            self._session.announce(Changes.of(Kind.INBOX, Kind.REVIEW, submission=self._case.submission.id))
        self._trouble.setText(sentence(error))
        self._trouble.show()
        self._passphrase.selectAll()
        self._passphrase.setFocus()
