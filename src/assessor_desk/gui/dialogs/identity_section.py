"""How the certificate of one programme stands, as facts that can be copied, with what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.gui.controls import outlined_button, wrapped_label

if TYPE_CHECKING:
    from assessor_desk.desk.identity_answers import Identity


class IdentitySection(QWidget):
    """One programme's. Alone it has neither a title nor buttons: those of the dialog are about it.

    `renew_wanted` and `request_wanted` carry the SHA-256 of the programme's root.
    """

    renew_wanted = Signal(str)
    request_wanted = Signal(str)

    def __init__(self, identity: Identity, *, alone: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.identity = identity
        title = wrapped_label(identity.issued_by or "Another programme", "sectionHeading", self)
        title.setVisible(not alone)
        self.words = wrapped_label(identity.words, "muted", self)
        self.renew = outlined_button("Renew now", self)
        self.renew.clicked.connect(lambda: self.renew_wanted.emit(identity.root))
        self.request = outlined_button("Renew by file…", self)
        self.request.clicked.connect(lambda: self.request_wanted.emit(identity.root))
        self.renew.setVisible(not alone and identity.renewable)
        self.request.setVisible(not alone and bool(identity.root) and not identity.renewable)
        for button in (self.renew, self.request):
            button.setAccessibleName(f"{button.text()}: {identity.issued_by}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0 if alone else 10)
        column.setSpacing(6)
        column.addWidget(title)
        column.addWidget(self.words)
        column.addLayout(self._facts())
        row = QHBoxLayout()
        row.addWidget(self.renew)
        row.addWidget(self.request)
        row.addStretch(1)
        column.addLayout(row)

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """What needs the passphrase."""
        return self.renew, self.request

    def _facts(self) -> QGridLayout:
        identity, facts = self.identity, QGridLayout()
        facts.setHorizontalSpacing(20)
        facts.setVerticalSpacing(6)
        facts.setColumnStretch(1, 1)
        rows = {
            "Number": identity.person,
            "Certified as" if identity.issued_by else "Asks to be": ", ".join(identity.roles),
            "Issued by": identity.issued_by,
            "Holds until": f"{identity.until:%Y-%m-%d}" if identity.until else "",
            "Programme’s fingerprint": identity.fingerprint.replace("-", " "),
            "Key of your request": identity.key_words,
        }
        for row, (name, value) in enumerate((name, value) for name, value in rows.items() if value):
            facts.addWidget(wrapped_label(name, "muted", self), row, 0, Qt.AlignmentFlag.AlignTop)
            shown = QLabel(value, self)
            shown.setWordWrap(True)
            shown.setTextFormat(Qt.TextFormat.PlainText)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            shown.setAccessibleName(f"{name}: {value}")
            facts.addWidget(shown, row, 1)
        return facts
