"""Export of many: copies of the reports, packets and decisions of a selection, each kind in a folder of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from assessor_desk.desk.choosing import GatheringOutlook
from assessor_desk.domain.exports import Gathered
from assessor_desk.gui.dialogs.from_many import FromManyDialog
from assessor_desk.gui.many_words import KINDS, brings, plural, shortened
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk.selections import Gathering, GatheringProgress

PURPOSE = "export of many"


class ExportManyDialog(FromManyDialog):
    """`made` carries the `Gathering`. Stopped, what was written stays, and exporting again goes on with the rest."""

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(PURPOSE, session, preferences, parent)
        self._kinds, self.kinds = self.ticks(KINDS, stacked=True)
        self._stopped: tuple[dict[str, Any], Gathering] | None = None
        self.left_out = QPlainTextEdit(self)
        self.left_out.setReadOnly(True)
        self.left_out.setAccessibleName("What was left out")
        self.left_out.setMinimumHeight(72)
        self.left_out.hide()
        self.build("Export reviews", "Export", 620, 560)

    def add_rows(self, add: Callable[[str, QWidget, int], None]) -> None:
        """Which kinds; and, once there is some, what was left out."""
        add("What", self._kinds, 4)
        add("", self.left_out, 0)

    def take_up(self, kept: Mapping[str, Any]) -> None:
        """The kinds that were exported last."""
        kinds = kept.get("kinds", list(Gathered))
        for kind, box in self.kinds.items():
            box.setChecked(kind in kinds)

    @property
    def kept(self) -> dict[str, Any]:
        """The selection and the kinds."""
        return {**super().kept, "kinds": [kind.value for kind in self.chosen]}

    @property
    def chosen(self) -> tuple[Gathered, ...]:
        """The kinds wanted."""
        return tuple(kind for kind, box in self.kinds.items() if box.isChecked())

    @property
    def wanting(self) -> str:
        """Something to export, and at least one kind of it."""
        if told := super().wanting:
            return told
        if not self.outlook.submission_ids:
            return "Nothing is decided in this selection"
        return "" if self.chosen else "Choose what to export"

    def allow(self) -> None:
        """Say what pressing it does."""
        super().allow()
        self.go.setText("Go on" if self._before is not None else "Export")

    # What it amounts to

    def looking(self) -> Callable[[], object]:
        """How many submissions there are."""
        desk, selection = self.session.desk, self.selection.selection
        return lambda: desk.gathering_outlook(selection)

    def words_of(self, outlook: GatheringOutlook) -> str:
        """How many, and what of their reports."""
        return brings(outlook)

    # Making it

    @property
    def _before(self) -> Gathering | None:
        """What a stopped export of this very choice did."""
        if self._stopped is None or self._stopped[0] != self._choice:
            return None
        return self._stopped[1]

    @property
    def _choice(self) -> dict[str, Any]:
        return {**self.kept, "folder": str(self.folder)}

    def making(self, stop: threading.Event, told: Callable[[int, int, str], None]) -> Callable[[], object]:
        """Copy by copy, each whole or not there."""
        desk, out, kinds, before = self.session.desk, self.folder, self.chosen, self._before
        wanted = self.outlook.submission_ids
        self.left_out.hide()

        def progress(at: GatheringProgress) -> None:
            last = f", the last of {at.key}" if at.key else ""
            told(at.done, at.total, f"{at.done:,} of {at.total:,}{last}")

        return lambda: desk.export_selection(wanted, out, kinds, progress, stop, before)

    def finish(self, result: Gathering) -> None:
        """Close where all is there; else say what is not."""
        self._stopped = (self._choice, result) if result.stopped else None
        if result.stopped:
            self.told.setText(
                f"Stopped with {plural(len(result.paths), 'file')} written. Exporting again goes on with the rest."
            )
            self.allow()
            return
        self.made.emit(result)
        if not result.troubles:
            self.accept()
            return
        files = f"{plural(len(result.paths), 'file')} written into {shortened(self.folder)}"
        self.told.setText(
            f"{files}. {plural(len(result.troubles), 'copy', 'copies')} left out, listed above."
        )
        self.left_out.setPlainText("\n".join(f"{key}: {why}" for key, why in result.troubles))
        self.left_out.show()
        QTimer.singleShot(0, self.left_out, lambda: self.show_whole(self.left_out))
        self.leave.setText("Close")
        self.leave.setFocus()
