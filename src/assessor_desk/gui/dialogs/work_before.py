"""What the person wrote under another assignment of the submission: to read as it was left, and to take a copy of."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.review import AUDIENCE, TITLES, TextField
from assessor_desk.gui.controls import outlined_button, wrapped_label
from assessor_desk.gui.deciding_words import moment
from assessor_desk.gui.dialogs.decision_in_words import own_decision_as_html
from assessor_desk.gui.dialogs.hand_back import notes_of
from assessor_desk.gui.dialogs.notes_in_words import notes_as_html
from assessor_desk.gui.dialogs.page_to_read import PageToRead
from assessor_desk.gui.dialogs.review_in_words import review_as_html
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session


class WorkBeforeDialog(PageToRead):
    """`cases` are of `Desk.work_before`; `exported` carries the paths of the copies."""

    exported = Signal(object)

    def __init__(
        self,
        session: Session,
        cases: Sequence[Case],
        preferences: Preferences,
        parent: QWidget | None = None,
    ) -> None:
        self._session, self._preferences = session, preferences
        self._submission = cases[0].submission
        title = f"What you wrote before on {self._submission.key}"
        super().__init__(title, "What you wrote under another assignment", "".join(map(_told, cases)), parent)
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self.export = outlined_button("Export as a table…", self)
        self.export.clicked.connect(self._on_export)
        self.foot.insertWidget(0, self.trouble, 1)
        self.foot.insertWidget(2, self.export)

    def _on_export(self) -> None:
        before = self._preferences.export_folder
        if folder := QFileDialog.getExistingDirectory(self, "Export into a folder", before):
            self.export_into(Path(folder))

    def export_into(self, folder: Path) -> None:
        """Write the copies there."""
        self.trouble.hide()
        desk, own_id = self._session.desk, self._submission.id
        self._session.tasks.store(
            lambda: desk.export_work_before(own_id, folder), self._on_exported, self._refuse
        )

    def _on_exported(self, paths: list[Path]) -> None:
        self.exported.emit(paths)
        self.accept()

    def _refuse(self, error: DeskError) -> None:
        self.trouble.setText(sentence(error))
        self.trouble.show()


def _told(case: Case) -> str:
    """One assignment's work, with why it is not the one that stands."""
    when = f", last written {moment(case.saved_at)}" if case.saved_at else ""
    why = (
        f"Set aside: {case.aside_for.words}" if case.aside_for else "Under another assignment that stands too"
    )
    about = f"<p><i>{escape(why)}{when}. It stays as it is.</i></p>"
    private = case.sheet.notes.strip()
    own = f"<h3>{TITLES[TextField.NOTES]}, {AUDIENCE[TextField.NOTES]}</h3>" if private else ""
    return (
        about + _in_words(case) + own + "".join(f"<p>{escape(one)}</p>" for one in private.split("\n") if one)
    )


def _in_words(case: Case) -> str:
    if case.notes is not None:
        return notes_as_html(notes_of(case))
    if case.decision is not None:
        return own_decision_as_html(case, case.decision)
    return review_as_html(case)
