"""The recovery key, shown once: copy, print or save it, and show that it was kept by typing one group of it."""

from __future__ import annotations

import secrets
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QTextDocument
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QWidget

from assessor_desk.gui.controls import quiet_button, set_icon
from assessor_desk.gui.pages.page import Page, announce

_SHEET = """<h2>Assessor Desk: recovery key</h2><p style="font-family:monospace; font-size:16pt">{key}</p>
<p>With this key the desk opens when its passphrase is lost.
Keep it apart from the computer, where nobody else finds it.</p>"""


class RecoveryKeyPage(Page):
    """Emits `confirmed` once one group of the key was typed rightly."""

    confirmed = Signal()

    def __init__(self, recovery_key: str, parent: QWidget | None = None) -> None:
        super().__init__(
            "shield-check",
            "Keep this recovery key",
            "It opens your desk if you ever forget the passphrase, and it is shown only now. Nobody can make it "
            "again: not the programme, not us. It does not sign: after using it you enrol with the hub once more.",
            parent,
        )
        self._key = recovery_key
        self._groups = recovery_key.replace("-", " ").split()
        self._asked = secrets.randbelow(len(self._groups))
        self.lines.addWidget(self._shown_key())
        self.lines.addSpacing(4)
        self.lines.addLayout(self._keeping())
        self.lines.addSpacing(16)
        self.field = self.add_field(
            f"To show that you kept it, type group {self._asked + 1} of {len(self._groups)}"
        )
        self.add_trouble()
        self.add_buttons("I have kept it")
        self.finish()
        self.field.textChanged.connect(lambda: self.tell_trouble(""))
        self.field.returnPressed.connect(self._on_go)
        self.go.clicked.connect(self._on_go)

    def _shown_key(self) -> QLabel:
        numbered = self._groups
        lines = ["   ".join(numbered[start : start + 4]) for start in range(0, len(numbered), 4)]
        label = QLabel("\n".join(lines), self.column)
        label.setObjectName("recoveryKey")
        font = QFont("DejaVu Sans Mono")
        font.setStyleHint(QFont.StyleHint.Monospace)
        label.setFont(font)
        label.setAccessibleName("Recovery key: " + ", ".join(numbered))
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return label

    def _keeping(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        ways = {
            "Copy": ("copy", self._copy),
            "Print…": ("print", self._print),
            "Save…": ("download", self._save),
        }
        for words, (icon, act) in ways.items():
            button = quiet_button(words, self.column)
            set_icon(button, icon)
            button.clicked.connect(act)
            row.addWidget(button)
        self.kept = self.paragraph_label("")
        row.addWidget(self.kept, 1)
        return row

    def _tell_kept(self, words: str) -> None:
        self.kept.setText(words)
        announce(self.kept, words)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._key)
        self._tell_kept("Copied. Paste it into a password manager.")

    def _print(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter()
        if QPrintDialog(printer, self).exec():
            sheet = QTextDocument(self)
            sheet.setHtml(_SHEET.format(key=self._key))
            sheet.print_(printer)
            self._tell_kept("Sent to the printer.")

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the recovery key", "assessor-desk-recovery-key.txt")
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write the key into a text file; the page says when that is not possible."""
        try:
            path.write_text(f"Assessor Desk: recovery key\n\n{self._key}\n", encoding="utf-8")
        except OSError as error:
            self.tell_trouble(f"{path} cannot be written: {error.strerror}. Choose another place.")
        else:
            self._tell_kept("Saved. Move it off this computer.")

    @property
    def asked_group(self) -> str:
        """The group that is asked for."""
        return self._groups[self._asked]

    def _on_go(self) -> None:
        typed = "".join(letter for letter in self.field.text().casefold() if letter.isalnum())
        if typed == self.asked_group.casefold():
            self.confirmed.emit()
            return
        self.tell_trouble(
            f"That is not group {self._asked + 1} of the key above. Groups are counted from the left."
        )
        self.field.selectAll()
        self.field.setFocus()
