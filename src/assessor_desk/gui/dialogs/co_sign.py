"""Co-sign: a packet that somebody handed over, its verdict, the passphrase, and a copy with one signature more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import ElidedLabel, outlined_button
from assessor_desk.gui.dialogs.folder_row import FolderRow
from assessor_desk.gui.dialogs.packet_in_words import packet_as_html
from assessor_desk.gui.dialogs.signing_dialog import SigningDialog
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.verdict import Verdict

_MEANING = (
    "Your signature says that you stand by the packet as it is. It goes into a copy, beside the signature that is "
    "there; nothing in the packet changes."
)


class CoSignDialog(SigningDialog):
    """`signed` carries where the copy is."""

    signed = Signal(object)

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__("Your passphrase signs it", "Co-sign", parent)
        self._session = session
        self.packet: Path | None = None
        self._holds = False
        self.setWindowTitle("Co-sign a packet")
        self._verdict = self._label()
        self._verdict.setAccessibleName("Verdict on the packet")
        self.folder = FolderRow(preferences.release_folder, "A folder for the co-signed copy", self)
        self.folder.changed.connect(self.allow)
        about = self._label("muted")
        about.setText(_MEANING)
        self._content = QTextBrowser(self)
        self._content.setOpenLinks(False)
        self._content.setAccessibleName("What the packet says")
        self._content.setMinimumHeight(80)
        self._content.hide()
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (about, self._chosen_row(), self._verdict):
            column.addWidget(widget)
        column.addWidget(self._content, 1)
        for widget in (self.folder, self.passphrase_row):
            column.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 16)
        whole.setSpacing(12)
        whole.addWidget(scrolled(inside, "Packet and passphrase", self), 1)
        whole.addLayout(self.buttons())
        resize_within(self, 560, 330)
        self.allow()
        self._choose.setFocus()

    @property
    def verdict(self) -> str:
        """What was found of the chosen packet."""
        return self._verdict.text()

    @property
    def words(self) -> str:
        """What the chosen packet says, as it is shown."""
        return self._content.toPlainText()

    def _label(self, name: str = "") -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _chosen_row(self) -> QWidget:
        holder = QWidget(self)
        self._name = ElidedLabel("No packet chosen yet", holder, Qt.TextElideMode.ElideMiddle)
        self._choose = outlined_button("Choose a packet…", holder)
        self._choose.clicked.connect(self._on_choose)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._name, 1)
        row.addWidget(self._choose)
        return holder

    def _on_choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Choose a packet", "", "Packets (*.zip)")
        if name:
            self.choose(Path(name))

    def choose(self, packet: Path) -> None:
        """Verify a packet, and let it be signed where it holds."""
        self.packet, self._holds = packet, False
        self._name.say(packet.name)
        self._content.hide()
        self._verdict.setText("Verifying…")
        self.allow()
        desk = self._session.desk

        def look() -> tuple[Verdict, str]:
            (verdict,) = desk.verify([packet])
            return verdict, "" if verdict.exit_code() else packet_as_html(packet)

        self._session.tasks.side(
            look,
            lambda found: self._show(packet, *found),
            lambda error: self._show_trouble(packet, error),
        )

    def _show(self, packet: Path, verdict: Verdict, content: str) -> None:
        """Its verdict, and where it holds all that the signature would stand by."""
        if packet == self.packet:
            self._holds = not verdict.exit_code()
            self._verdict.setText("\n".join(filter(None, (verdict.headline, verdict.subject.sentence))))
            self._content.setHtml(content)
            self._content.setVisible(bool(content))
            if content:
                resize_within(self, max(self.width(), 640), max(self.height(), 620))
            self.allow()

    def _show_trouble(self, packet: Path, error: DeskError) -> None:
        if packet == self.packet:
            self._verdict.setText(sentence(error))
            self.allow()

    @property
    def wanting(self) -> str:
        """A packet that holds comes before the passphrase."""
        if self.packet is None:
            return "Choose a packet"
        return super().wanting if self._holds else "Only a packet that holds can be co-signed"

    def allow(self) -> None:
        """Say what is still wanted."""
        super().allow()
        self.progress.setText(self.wanting)

    def sign(self, passphrase: str) -> None:
        """Write the co-signed copy."""
        packet, folder, desk = self.packet, self.folder.folder, self._session.desk
        assert packet is not None
        self.progress.setText("Signing…")
        self._session.tasks.side(
            lambda: desk.co_sign(packet, passphrase, folder), self._on_signed, self.refuse
        )

    def refuse(self, error: DeskError) -> None:
        """Nothing was signed: say why."""
        super().refuse(error)
        self.progress.setText("Nothing was signed.")

    def _on_signed(self, path: Path) -> None:
        self.setEnabled(True)
        self.signed.emit(path)
        self.accept()
