"""What the workbench opens for a while: the palette, dialogs, the window that checks packets.

Each is imported when it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui import theme
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk.answers import SealedPacket
    from assessor_desk.domain.feedback import Finding
    from assessor_desk.gui.workbench import Workbench


class Errands(QObject):
    """Opens things over a workbench and carries what they answer back to it."""

    def __init__(self, workbench: Workbench, session: Session, preferences: Preferences) -> None:
        super().__init__(workbench)
        self._workbench, self._session, self._preferences = workbench, session, preferences
        self._verify_window: QWidget | None = None

    def acts(self) -> dict[str, Callable[[], object]]:
        """Acts of the table, by id."""
        return {
            "palette": self._palette,
            "connect": self._connect,
            "verify": self._verify,
            "settings": self._settings,
            "shortcuts": self._shortcuts,
            "help": self._help,
            "appearance": self._appearance,
            "seal": self._seal,
            "export": self._export,
        }

    def _open(self, dialog: QDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _tell(self, error: DeskError) -> None:
        self._session.notices.tell(sentence(error), "danger")

    # Finding

    def _palette(self) -> None:
        from assessor_desk.gui.palette import Palette, entries_of

        self._workbench.flush()
        self._open(Palette(entries_of(self._workbench), self._workbench))

    def _help(self) -> None:
        from assessor_desk.gui.dialogs.help_sheet import HelpSheet

        self._open(HelpSheet(self._workbench.actions_table, self._workbench))

    # The desk

    def _connect(self) -> None:
        from assessor_desk.gui.dialogs.connect import ConnectDialog

        dialog = ConnectDialog(self._session, self._workbench)
        dialog.connected.connect(self._workbench.show_desk)
        dialog.connected.connect(self._workbench.syncing.start)
        self._open(dialog)

    def _settings(self) -> None:
        from assessor_desk.gui.dialogs.remembering import Remembering
        from assessor_desk.gui.dialogs.settings import SettingsDialog

        remembering = Remembering(self._session, self._preferences, self._workbench)
        dialog = SettingsDialog(self._preferences, self._workbench, remembering)
        dialog.changed.connect(self._workbench.dress_keys)
        dialog.changed.connect(self._workbench.syncing.heed_preferences)
        dialog.shortcuts_wanted.connect(self._shortcuts)
        self._open(dialog)

    def _shortcuts(self) -> None:
        from assessor_desk.gui.dialogs.shortcuts import ShortcutsDialog

        dialog = ShortcutsDialog(self._preferences, self._workbench)
        dialog.changed.connect(self._workbench.dress_keys)
        self._open(dialog)

    def _appearance(self) -> None:
        wanted = theme.Appearance.LIGHT if theme.is_dark() else theme.Appearance.DARK
        self._preferences.appearance = wanted
        theme.apply(wanted, self._preferences.text_size)

    # The review

    def _seal(self) -> None:
        """With everything typed: what the disk refused would be missing from what is signed."""
        self._session.when_written(self._look_before_seal, self._tell_unsealable)

    def _tell_unsealable(self) -> None:
        self._session.notices.tell(
            "Not everything you typed could be saved, so nothing can be sealed yet. It is kept on the screen, and "
            "tried again every few seconds.",
            "danger",
        )

    def _look_before_seal(self) -> None:
        submission_id, desk = self._session.submission_id, self._session.desk
        self._session.tasks.store(lambda: desk.case(submission_id), self._show_seal, self._tell)

    def _show_seal(self, case: Any) -> None:
        from assessor_desk.gui.dialogs.seal import SealDialog

        dialog = SealDialog(self._session, case, self._workbench)
        dialog.sealed.connect(self._on_sealed)
        dialog.finding_activated.connect(self._workbench.rubric.show_finding)
        self._open(dialog)

    def _on_sealed(self, packet: SealedPacket) -> None:
        words = "Sealed. The packet is on this computer and goes out with the next sync."
        self._session.notices.tell(words, "positive")
        self._session.announce(packet.changes)
        self._workbench.syncing.start_quietly()

    def keep_finding(self, finding: Finding) -> None:
        """Ask why a finding is kept, and record the reason.

        It goes to the review that showed the finding, also where another submission is just being opened.
        """
        from assessor_desk.gui.dialogs.keep_finding import ask_reason

        shown = self._session.case
        reason = ask_reason(finding, self._workbench) if shown else None
        if shown is not None and reason is not None:
            submission_id = shown.submission.id
            self._session.act(
                lambda desk: desk.keep_finding(submission_id, finding.check, finding.subject, reason)
            )

    def _export(self) -> None:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        folder = QFileDialog.getExistingDirectory(self._workbench, "Export the packet to a folder", documents)
        if folder:
            self.export_to(Path(folder))

    def export_to(self, folder: Path) -> None:
        """Write a copy of the packet of the open submission into `folder`."""
        submission_id, desk = self._session.submission_id, self._session.desk
        self._session.tasks.store(lambda: desk.export(submission_id, folder), self._on_exported, self._tell)

    def _on_exported(self, paths: list[Path]) -> None:
        names = ", ".join(path.name for path in paths)
        self._session.notices.tell(f"Exported {names}.", "positive")

    # Checking packets

    def _verify(self) -> None:
        from assessor_desk.gui.verifying import verify_window

        if self._verify_window is None:
            self._verify_window = verify_window(self._session)
        self._verify_window.show()
        self._verify_window.raise_()
        self._verify_window.activateWindow()

    def close_windows(self) -> None:
        """Close the window that checks packets."""
        if self._verify_window is not None:
            self._verify_window.close()
            self._verify_window.deleteLater()
            self._verify_window = None
