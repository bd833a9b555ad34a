"""The cohort report: of which decisions, for whom, in which forms; what it would cover and hide, and a look at it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QPushButton, QWidget

from assessor_desk.desk.choosing import CohortOutlook
from assessor_desk.domain.cohort import DISTRICT, PROGRAMME, Recipient
from assessor_desk.domain.exports import CohortFormat
from assessor_desk.gui.controls import outlined_button, wrapped_label
from assessor_desk.gui.dialogs.from_many import FromManyDialog
from assessor_desk.gui.dialogs.preview_report import ReportPreview
from assessor_desk.gui.many_words import FORMATS, covers, hides, may_see, plural, recipient_title
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.selection_box import choose, wide_choice
from assessor_desk.gui.session import Session

PURPOSE = "cohort report"


class CohortReportDialog(FromManyDialog):
    """`made` carries the paths of what was written; cancelled, nothing is."""

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(PURPOSE, session, preferences, parent)
        self.whom = wide_choice("For", self)
        self.whom.currentIndexChanged.connect(self.look)
        self.may_see = wrapped_label("", "muted", self)
        self.preview = outlined_button("Preview", self)
        self.preview.clicked.connect(self._on_preview)
        self._files, self.formats = self.ticks(FORMATS, stacked=False)
        self.build("Cohort report", "Write the report", 640, 500)

    def add_rows(self, add: Callable[[str, QWidget, int], None]) -> None:
        """For whom, and as which files."""
        add("For", self.whom, 4)
        add("", self.may_see, 0)
        add("As", self._files, 4)

    def own_buttons(self) -> list[QPushButton]:
        """A look at it first."""
        return [self.preview]

    def take_up(self, kept: Mapping[str, Any]) -> None:
        """For whom it was last, and in which forms."""
        self.whom.blockSignals(True)
        self.whom.clear()
        for kind in self.choices.recipients:
            self.whom.addItem(recipient_title(kind), kind)
        choose(self.whom, str(kept.get("whom", PROGRAMME)))
        self.whom.blockSignals(False)
        formats = kept.get("formats", list(CohortFormat))
        for form, box in self.formats.items():
            box.setChecked(form in formats)

    @property
    def kept(self) -> dict[str, Any]:
        """The selection, for whom, and in which forms."""
        return {
            **super().kept,
            "whom": self.whom.currentData(),
            "formats": [form.value for form in self.chosen],
        }

    @property
    def chosen(self) -> tuple[CohortFormat, ...]:
        """The forms wanted."""
        return tuple(form for form, box in self.formats.items() if box.isChecked())

    @property
    def recipient(self) -> Recipient:
        """Whom it is for."""
        kind = self.whom.currentData() or PROGRAMME
        [district] = self.selection.selection.districts or ("",)
        return Recipient(kind, district if kind == DISTRICT else "")

    @property
    def wanting_choice(self) -> str:
        """A report for a district is of that one alone."""
        if self.recipient == Recipient(DISTRICT):
            return "Choose the district that the report is for"
        return super().wanting_choice

    @property
    def wanting(self) -> str:
        """At least one form, beside the choice."""
        return super().wanting or ("" if self.chosen else "Choose at least one form")

    def allow(self) -> None:
        """A look needs no form."""
        super().allow()
        self.preview.setEnabled(self.outlook is not None)

    # What it amounts to

    def look(self) -> None:
        """What one recipient may see is not said of another."""
        if self.wanting_choice:
            self.may_see.clear()
        super().look()

    def looking(self) -> Callable[[], object]:
        """What the report would cover."""
        desk, selection, recipient = self.session.desk, self.selection.selection, self.recipient
        return lambda: desk.cohort_outlook(selection, recipient)

    def words_of(self, outlook: CohortOutlook) -> str:
        """What it covers and hides; what its recipient may see is told where they are chosen."""
        self.may_see.setText(may_see(outlook, self.recipient.kind))
        return " ".join(filter(None, (covers(outlook), hides(outlook) if outlook.decided else "")))

    def _on_preview(self) -> None:
        desk, selection, recipient = self.session.desk, self.selection.selection, self.recipient

        def make() -> bytes:
            return desk.preview_cohort(selection, recipient)

        look = ReportPreview(self.session, "Cohort report", make, "Not written yet: a preview.", self)
        look.finished.connect(look.deleteLater)
        look.open()

    # Making it

    def making(self, stop: threading.Event, told: Callable[[int, int, str], None]) -> Callable[[], object]:
        """All files are made before the first is written."""
        desk, out, formats = self.session.desk, self.folder, self.chosen
        selection, recipient = self.selection.selection, self.recipient

        def progress(done: int, total: int) -> None:
            told(done, total, f"{done} of {plural(total, 'file')} ready")

        return lambda: desk.cohort_report(out, selection, recipient, formats, progress, stop)

    def finish(self, result: list[Path]) -> None:
        """Say that nothing was written, or close and hand the files on."""
        if not result:
            self.look()
            self.told.setText("Cancelled. Nothing was written.")
            return
        self.accept()
        self.made.emit(result)
