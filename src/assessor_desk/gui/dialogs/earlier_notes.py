"""The notes that went back on the draft before, to read as the educator read them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.gui.dialogs.hand_back import notes_of
from assessor_desk.gui.dialogs.notes_in_words import notes_as_html
from assessor_desk.gui.dialogs.page_to_read import PageToRead


class EarlierNotesDialog(PageToRead):
    """Of a case that has notes on a draft before."""

    def __init__(self, case: Case, parent: QWidget | None = None) -> None:
        assert case.previous is not None
        notes, draft = case.previous
        earlier = replace(case, notes=notes, submission=draft, previous=None)
        title = f"Notes on the draft before, {draft.key}"
        super().__init__(title, "The notes on the draft before", notes_as_html(notes_of(earlier)), parent)
