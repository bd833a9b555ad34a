"""Release: the reports that wait, picked and previewed, into a folder or through the hub; what went to whom before."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QRadioButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.queued import ReportLine
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import ElidedLabel, outlined_button, quiet_button
from assessor_desk.gui.dialogs.release_lists import ReleasedList, WaitingList
from assessor_desk.gui.dialogs.signing_dialog import SigningDialog
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk.releasing import ReleaseProgress, ReleaseResult


class ReleaseDialog(SigningDialog):
    """Stays open while reports are released, and after; `released` carries what each run did.

    Cancelled, or broken off by the network, what was released stays so: releasing again does the rest.
    """

    released = Signal(object)
    preview_wanted = Signal(str, str)
    _progressed = Signal(object)

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__("Your passphrase seals the reports", "Release", parent)
        self._session, self._preferences = session, preferences
        self._stop: threading.Event | None = None
        self.folder = Path(preferences.release_folder or _documents())
        self.setWindowTitle("Release reports")
        self.fit(900, 640)
        self._leave.setText("Close")
        self._progressed.connect(self._on_progress)
        self._build()
        self._read()

    def _build(self) -> None:
        self.waiting = WaitingList(self)
        self.waiting.changed.connect(self.allow)
        self.waiting.preview_wanted.connect(self.preview_wanted)
        self.before = ReleasedList(self)
        self._tabs = QTabWidget(self)
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self.waiting, "To release")
        self._tabs.addTab(self.before, "Released")
        for one in (self._tabs, self._tabs.tabBar()):
            one.setAccessibleName("Reports")
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Reports released")
        self._bar.hide()
        self._cancel = outlined_button("Cancel", self)
        self._cancel.setToolTip("Stops after the report under way; what was released stays released")
        self._cancel.clicked.connect(self._on_cancel)
        self._cancel.hide()
        self._where = self._how()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        column.addWidget(self._tabs, 1)
        column.addWidget(self._where)
        column.addWidget(self.passphrase_row)
        column.addWidget(self._bar)
        foot = self.buttons()
        foot.insertWidget(foot.count() - 1, self._cancel)
        column.addLayout(foot)

    def _how(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.through_hub = QRadioButton("Through the hub", holder)
        self.into_folder = QRadioButton("Into a folder, with mail-merge.csv:", holder)
        group = QButtonGroup(holder)
        for button in (self.through_hub, self.into_folder):
            group.addButton(button)
            row.addWidget(button)
        folder_last = self._preferences.release_how == "folder"
        (self.into_folder if folder_last else self.through_hub).setChecked(True)
        self._folder = ElidedLabel(str(self.folder), holder)
        self._folder.setObjectName("muted")
        change = quiet_button("Change…", holder)
        change.setAccessibleName("Change the folder")
        change.clicked.connect(self._on_change)
        row.addWidget(self._folder, 1)
        row.addWidget(change)
        return holder

    # What there is

    def _read(self) -> None:
        queue = self._session.desk.queue
        self._session.tasks.side(queue.reports, self._show_lists, self._tell)

    def _show_lists(self, lists: tuple[Sequence[ReportLine], Sequence[ReportLine]]) -> None:
        waiting, released = lists
        self.waiting.show_lines(waiting)
        self.before.show_lines(released)
        self._tabs.setTabText(0, f"To release ({len(waiting)})")
        self._tabs.setTabText(1, f"Released ({len(released)})")
        self.allow()

    def _tell(self, error: DeskError) -> None:
        self._session.notices.tell(sentence(error), "danger")

    @property
    def wanting(self) -> str:
        """Reports come before the passphrase."""
        if self._stop is not None:
            return "Reports are being released"
        return super().wanting if self.waiting.chosen else "Choose which reports to release"

    def allow(self) -> None:
        """Say how many are going to be released."""
        super().allow()
        count = len(self.waiting.chosen)
        self.go.setText(f"Release {count} report{'' if count == 1 else 's'}" if count else "Release")

    # Where to

    def choose_folder(self, folder: Path) -> None:
        """Release into this folder."""
        self.folder = folder
        self._folder.say(str(folder))
        self.into_folder.setChecked(True)

    def _on_change(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, "Release into a folder", str(self.folder)):
            self.choose_folder(Path(folder))

    # Releasing

    def sign(self, passphrase: str) -> None:
        """Release what is chosen; it can be cancelled meanwhile."""
        stop = self._stop = threading.Event()
        chosen, desk = self.waiting.chosen, self._session.desk
        out = self.folder if self.into_folder.isChecked() else None
        self._preferences.release_how = "folder" if out else "hub"
        self._preferences.release_folder = str(self.folder)
        self._rest(True)
        told = self._progressed.emit
        self._session.tasks.side(
            lambda: desk.release(chosen, passphrase, out, told, stop), self._on_done, self.refuse
        )

    def _rest(self, resting: bool) -> None:
        self.setEnabled(True)
        for widget in (self._tabs, self._where, self.passphrase_row, self._leave):
            widget.setEnabled(not resting)
        self._bar.setVisible(resting)
        self._bar.setRange(0, 0)
        self._cancel.setVisible(resting)
        self._cancel.setEnabled(resting)
        self.go.setVisible(not resting)
        if resting:
            self.progress.setText("Making the reports…")
            self._cancel.setFocus()
        else:
            self._stop = None
        self.allow()

    def _on_progress(self, at: ReleaseProgress) -> None:
        if self._stop is None:
            return
        self._bar.setRange(0, max(1, at.total))
        self._bar.setValue(at.done)
        last = f", the last {at.key}" if at.key else ""
        self.progress.setText(f"{at.done} of {at.total} released{last}")

    def _on_cancel(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self._cancel.setEnabled(False)
            self.progress.setText("Stopping after the report under way…")

    def _on_done(self, result: ReleaseResult) -> None:
        self.passphrase_row.clear()
        self._rest(False)
        self.progress.setText(in_words(result))
        self.progress.setToolTip("\n".join(f"{key}: {why}" for key, why in result.troubles))
        self._read()
        self.released.emit(result)

    def refuse(self, error: DeskError) -> None:
        """What was released until then stays so; the lists tell."""
        self._rest(False)
        super().refuse(error)
        self.progress.setText("Releasing again goes on with what is left.")
        self._read()

    def reject(self) -> None:
        """Leave, unless reports are being released."""
        if self._stop is None:
            super().reject()


def in_words(result: ReleaseResult) -> str:
    """What a run did, in a sentence or two."""
    count = len(result.released)
    words = [f"{count} report{'' if count == 1 else 's'} released."]
    if result.stopped:
        words.append("Stopped; releasing again does the rest.")
    if result.before:
        words.append(f"Released before: {', '.join(result.before)}.")
    words += [f"{key}: {why}" for key, why in result.troubles[:2]]
    if len(result.troubles) > 2:
        words.append(f"And {len(result.troubles) - 2} more that could not be.")
    return " ".join(words)


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
