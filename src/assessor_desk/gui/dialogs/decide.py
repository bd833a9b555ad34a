"""Decide and seal: what will be signed as it goes to the educator, the packets it rests on, and the passphrase."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case, SealedPacket
from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.deciding_words import assessors, decision_as_html
from assessor_desk.gui.dialogs.signing_dialog import SigningDialog
from assessor_desk.gui.session import Session


class DecideDialog(SigningDialog):
    """Emits `sealed` once the decision is complete on disk."""

    sealed = Signal(object)
    report_wanted = Signal()

    def __init__(self, session: Session, case: Case, parent: QWidget | None = None) -> None:
        super().__init__("Your passphrase signs it", "Decide and seal", parent)
        self._session, self._case = session, case
        self.setWindowTitle(f"Decide on {case.submission.key}")
        self.fit(900, 620)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self._decision(), 3)
        columns.addLayout(self._act_column(), 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(columns, 1)
        column.addLayout(self.buttons())
        self.progress.setText("A sealed decision cannot be changed.")
        self.sign_only(session, case)
        self.allow()

    @property
    def words(self) -> str:
        """The decision as it will be signed, without its dress."""
        return self._text.toPlainText()

    def _decision(self) -> QWidget:
        self._text = QTextBrowser(self)
        self._text.setOpenLinks(False)
        self._text.setAccessibleName("The decision as it will be signed")
        self._text.setHtml(decision_as_html(self._case))
        return self._text

    def _act_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        heading = QLabel("You sign", self)
        heading.setObjectName("sectionHeading")
        words = QLabel(
            f"That you decide so on what {assessors(self._case)} sealed, with the feedback as it stands here. The "
            "rationale and who assessed stay inside the programme. The report goes out when you release it.",
            self,
        )
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        look = quiet_button("Look at the report", self)
        look.clicked.connect(self.report_wanted)
        column.addWidget(heading)
        column.addWidget(words)
        column.addWidget(look, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(8)
        column.addWidget(self.passphrase_row)
        column.addStretch(1)
        return column

    def sign(self, passphrase: str) -> None:
        """Seal the decision."""
        self.progress.setText("Sealing: writing the decision, signing…")
        own_id, desk, unheard = self._case.submission.id, self._session.desk, self.unheard
        shown = self.shown
        self._session.tasks.store(
            lambda: desk.decide(own_id, passphrase, unheard, shown), self._on_sealed, self.refuse
        )

    def _on_sealed(self, packet: SealedPacket) -> None:
        self.setEnabled(True)
        self.sealed.emit(packet)
        self.accept()
