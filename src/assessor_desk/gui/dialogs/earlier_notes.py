"""The notes that went back on the draft before, to read."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.gui.controls import outlined_button
from assessor_desk.gui.dialogs.hand_back import notes_of
from assessor_desk.gui.dialogs.notes_in_words import notes_as_html
from assessor_desk.gui.dialogs.sizing import resize_within


class EarlierNotesDialog(QDialog):
    """Shows them as the educator read them; Escape closes it."""

    def __init__(self, case: Case, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert case.previous is not None
        notes, draft = case.previous
        self.setWindowTitle(f"Notes on the draft before, {draft.key}")
        resize_within(self, 640, 560)
        self.page = QTextBrowser(self)
        self.page.setOpenLinks(False)
        self.page.setAccessibleName("The notes on the draft before")
        earlier = replace(case, notes=notes, submission=draft, previous=None)
        self.page.setHtml(notes_as_html(notes_of(earlier)))
        close = outlined_button("Close", self)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.page, 1)
        column.addLayout(row)
