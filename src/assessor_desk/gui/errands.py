"""What the workbench opens for a while: the palette, dialogs, the window that checks packets.

Each is imported when it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui import theme
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session
from assessor_desk.gui.sizes import shortened
from assessor_desk.gui.writing.occasion import HANDING_BACK, SEALING

if TYPE_CHECKING:
    from assessor_desk.desk import InboxRow
    from assessor_desk.desk.answers import Case, SealedPacket
    from assessor_desk.desk.restoring import Restored
    from assessor_desk.domain.feedback import Finding
    from assessor_desk.gui.palette import Entry
    from assessor_desk.gui.verify_window import VerifyWindow
    from assessor_desk.gui.workbench import Workbench

#: Characters of a path in a notice.
_LONGEST_PATH = 44
#: So many submissions the palette takes whole, with their artifacts; of more the store gives what fits the letters.
_AT_ONCE = 5_000


class Errands(QObject):
    """Opens things over a workbench and carries what they answer back to it."""

    def __init__(self, workbench: Workbench, session: Session, preferences: Preferences) -> None:
        super().__init__(workbench)
        self._workbench, self._session, self._preferences = workbench, session, preferences
        self._verify_window: VerifyWindow | None = None
        session.restore_wanted.connect(self._restore)

    def acts(self) -> dict[str, Callable[[], object]]:
        """Acts of the table, by id."""
        return {
            "palette": self._palette,
            "connect": self._connect,
            "verify": self._verify,
            "identity": self._identity,
            "devices": self._devices,
            "settings": self._settings,
            "evidence_here": self.show_evidence_here,
            "change_passphrase": self._change_passphrase,
            "shortcuts": self._shortcuts,
            "help": self._help,
            "restore": self._restore,
            "appearance": self._appearance,
            "seal": self._seal,
            "hand_back": self._hand_back,
            "export": self._export,
            "concern": self.raise_concern,
            "earlier_feedback": self._show_earlier_feedback,
            "move_rubric": self._move_rubric,
            "work_before": self._work_before,
        }

    def open(self, dialog: QDialog) -> None:
        """Over the window, modal; afterwards the keys are again for what they were for."""
        before = self._workbench.focusWidget()
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda: _give_back(before))
        dialog.open()

    def _tell(self, error: DeskError) -> None:
        self._session.notices.tell(sentence(error), "danger")

    # Finding

    def _palette(self) -> None:
        from assessor_desk.gui.palette import MOST, Palette, artifact_entries, entries_of, submission_entries

        self._workbench.flush()
        session, workbench = self._session, self._workbench
        palette = Palette(entries_of(workbench), workbench)
        listed = {row.submission_id for row in workbench.inbox.rows}

        def submissions(rows: Iterable[InboxRow]) -> list[Entry]:
            return submission_entries(workbench, (row for row in rows if row.submission_id not in listed))

        def far(words: str) -> list[Entry]:
            rows, artifacts = session.desk.seek(words, MOST)
            return submissions(rows) + artifact_entries(session, workbench, artifacts)

        def add(entries: list[Entry]) -> None:
            if isValid(palette):
                palette.add(entries)

        if workbench.inbox.assigned > _AT_ONCE:
            palette.look_in(far, session.tasks)
        else:
            palette.expected = 2
            session.tasks.side(lambda: submissions(session.desk.inbox()), add)
            session.tasks.side(
                lambda: artifact_entries(session, workbench, session.desk.artifact_names()), add
            )
        self.open(palette)

    def _help(self) -> None:
        from assessor_desk.gui.dialogs.help_sheet import HelpSheet

        self.open(HelpSheet(self._workbench.actions_table, self._workbench))

    # The desk

    def _connect(self) -> None:
        from assessor_desk.gui.dialogs.connect import ConnectDialog

        dialog = ConnectDialog(self._session, self._workbench)
        dialog.connected.connect(self._workbench.show_desk)
        dialog.connected.connect(self._workbench.syncing.start)
        self.open(dialog)

    def _identity(self) -> None:
        from assessor_desk.gui.dialogs.identity import IdentityDialog

        dialog = IdentityDialog(self._session.tasks, self._session.desk, parent=self._workbench)
        dialog.changed.connect(self._session.changed)
        self.open(dialog)

    def _devices(self) -> None:
        from assessor_desk.gui.dialogs.devices import DevicesDialog

        dialog = DevicesDialog(self._session.tasks, self._session.desk, self._workbench)
        dialog.changed.connect(self._session.changed)
        dialog.sync_wanted.connect(self._workbench.syncing.start)
        self.open(dialog)

    def _settings(self) -> None:
        from assessor_desk.gui.dialogs.remembering import Remembering
        from assessor_desk.gui.dialogs.settings import SettingsDialog

        remembering = Remembering(self._session, self._preferences, self._workbench)
        dialog = SettingsDialog(self._preferences, self._workbench, remembering)
        dialog.changed.connect(self._workbench.dress_keys)
        dialog.changed.connect(self._workbench.syncing.heed_preferences)
        dialog.shortcuts_wanted.connect(self._shortcuts)
        dialog.identity_wanted.connect(self._identity)
        self.open(dialog)

    def show_evidence_here(self) -> None:
        """How much evidence takes on this computer, and of what."""
        from assessor_desk.gui.dialogs.evidence_here import EvidenceHereDialog

        dialog = EvidenceHereDialog(self._session, self._workbench)
        dialog.sync_wanted.connect(self._workbench.syncing.start)
        self.open(dialog)

    def _change_passphrase(self) -> None:
        from assessor_desk.gui.dialogs.change_passphrase import ChangePassphraseDialog

        self.open(ChangePassphraseDialog(self._session, self._workbench))

    def _restore(self) -> None:
        """With everything typed: what is on the screen alone is in no snapshot and in no journal."""
        self._session.when_written(self._show_restore, self._tell_unwritten)

    def _show_restore(self) -> None:
        from assessor_desk.gui.dialogs.restore import RestoreDialog

        dialog = RestoreDialog(self._session.tasks, self._session.desk.snapshots, self._workbench)
        dialog.restored.connect(self._on_restored)
        self.open(dialog)

    def _on_restored(self, done: Restored) -> None:
        words = f"Restored. {done.preview.summary}"
        show = ("Show what was there", lambda: show_folder(done.kept))
        self._session.notices.tell(words, "positive", show)
        self._session.announce(Changes.of(Kind.INBOX, Kind.REVIEW, Kind.LEDGER, Kind.OUTBOX))
        self._session.refresh()

    def _shortcuts(self) -> None:
        from assessor_desk.gui.dialogs.shortcuts import ShortcutsDialog

        dialog = ShortcutsDialog(self._preferences, self._workbench)
        dialog.changed.connect(self._workbench.dress_keys)
        self.open(dialog)

    def _appearance(self) -> None:
        wanted = theme.Appearance.LIGHT if theme.is_dark() else theme.Appearance.DARK
        self._preferences.appearance = wanted
        theme.apply(wanted, self._preferences.text_size)

    # The review

    def _seal(self) -> None:
        """With everything typed: what the disk refused would be missing from what is signed."""
        self._session.when_written(self._look_before_seal, self._tell_unwritten)

    def _tell_unwritten(self) -> None:
        self._session.notices.tell(
            "Not everything you typed could be saved, so nothing can be sealed or exported yet. It is kept on the "
            "screen, and tried again every few seconds.",
            "danger",
        )

    def _look_before_seal(self) -> None:
        self._look_again(self._show_seal)

    def _look_again(self, show: Callable[[Case], None]) -> None:
        """Show something of the open submission as it stands on the disk."""
        submission_id, desk = self._session.submission_id, self._session.desk
        self._session.tasks.store(lambda: desk.case(submission_id), show, self._tell)

    def _show_seal(self, case: Case) -> None:
        from assessor_desk.gui.dialogs.seal import SealDialog

        dialog = SealDialog(self._session, case, self._workbench)
        dialog.sealed.connect(self._on_sealed)
        dialog.finding_activated.connect(self._workbench.rubric.show_finding)
        self.open(dialog)

    def _on_sealed(self, packet: SealedPacket) -> None:
        words = "Sealed. The packet is on this computer, and goes out as soon as the hub is reached."
        self._session.notices.tell(words, "positive")
        self._session.announce(packet.changes)
        self._workbench.syncing.start_quietly()

    def keep_finding(self, finding: Finding) -> None:
        """Ask why a finding is kept, and record the reason.

        It goes to the review that showed the finding, also where another submission is just being opened.
        """
        from assessor_desk.gui.dialogs.keep_finding import KeepDialog

        if (shown := self._session.case) is not None:
            reasons = (SEALING if shown.notes is None else HANDING_BACK).reasons
            self.open(KeepDialog(self._session, shown.submission.id, finding, reasons, self._workbench))

    def _export(self) -> None:
        self._session.when_written(self._show_export, self._tell_unwritten)

    def _show_export(self) -> None:
        from assessor_desk.gui.dialogs.export import ExportDialog

        if (shown := self._session.case) is None:
            return
        if shown.notes is not None:
            self._show_notes_files(shown)
        else:
            dialog = ExportDialog(self._session, shown, self._preferences, self._workbench)
            dialog.exported.connect(self._on_exported)
            self.open(dialog)

    def _on_exported(self, paths: list[Path]) -> None:
        names, folder = ", ".join(path.name for path in paths), paths[0].parent
        show = ("Show the folder", lambda: show_folder(folder))
        shown = shortened(str(folder), _LONGEST_PATH)
        whole = "" if shown == str(folder) else str(folder)
        self._session.notices.tell(f"Exported {names} into {shown}.", "positive", show, whole)

    # A coach's notes

    def _hand_back(self) -> None:
        """With everything typed, as with a seal."""
        self._session.when_written(lambda: self._look_again(self._show_hand_back), self._tell_unwritten)

    def _show_hand_back(self, case: Case) -> None:
        from assessor_desk.gui.dialogs.hand_back import HandBackDialog

        dialog = HandBackDialog(self._session, case, self._workbench)
        dialog.handed_back.connect(self._on_handed_back)
        dialog.finding_activated.connect(self._workbench.sheets.current.show_finding)
        self.open(dialog)

    def _on_handed_back(self, changes: Changes) -> None:
        words = "Handed back. The notes are on this computer and go out with the next sync."
        self._session.notices.tell(words, "positive")
        self._session.announce(changes)
        self._workbench.syncing.start_quietly()

    def _show_notes_files(self, case: Case) -> None:
        from assessor_desk.gui.dialogs.notes_files import NotesFilesDialog

        dialog = NotesFilesDialog(self._session, case, self._preferences, self._workbench)
        dialog.exported.connect(self._on_exported)
        self.open(dialog)

    def _show_earlier_feedback(self) -> None:
        from assessor_desk.gui.dialogs.earlier_feedback import EarlierFeedbackDialog

        case = self._session.case
        if case and case.submission.earlier:
            self.open(EarlierFeedbackDialog(case.submission.earlier, self._workbench))

    def _work_before(self) -> None:
        if (shown := self._session.case) is not None and shown.worked_before:
            desk, own_id = self._session.desk, shown.submission.id
            self._session.tasks.side(lambda: desk.work_before(own_id), self._show_work_before, self._tell)

    def _show_work_before(self, cases: Sequence[Case]) -> None:
        from assessor_desk.gui.dialogs.work_before import WorkBeforeDialog

        dialog = WorkBeforeDialog(self._session, cases, self._preferences, self._workbench)
        dialog.exported.connect(self._on_exported)
        self.open(dialog)

    def _move_rubric(self) -> None:
        """With everything typed: what the page tells of is what would be moved."""
        self._session.when_written(self._show_move_rubric, self._tell_unwritten)

    def _show_move_rubric(self) -> None:
        from assessor_desk.gui.dialogs.move_rubric import MoveRubricDialog

        if (shown := self._session.case) is not None and shown.offer is not None:
            self.open(MoveRubricDialog(self._session, shown, self._workbench))

    def show_earlier_notes(self) -> None:
        """The notes that went back on the draft before, as the educator reads them."""
        from assessor_desk.gui.dialogs.earlier_notes import EarlierNotesDialog

        if (shown := self._session.case) is not None and shown.previous is not None:
            self.open(EarlierNotesDialog(shown, self._workbench))

    # Concerns

    def raise_concern(self, artifact_id: str = "") -> None:
        """Ask what it is about; `artifact_id` names the file it is about, where that is known."""
        from assessor_desk.gui.dialogs.concern import ConcernDialog

        if (shown := self._session.case) is not None:
            dialog = ConcernDialog(self._session, shown, artifact_id, self._workbench)
            dialog.raised.connect(self._on_raised)
            self.open(dialog)

    def _on_raised(self, changes: Changes) -> None:
        words = "The submission is on hold. The concern goes to the programme with the next sync."
        self._session.notices.tell(words, "positive")
        self._session.announce(changes)
        self._workbench.syncing.start_quietly()

    # Checking packets

    def verify_held(self, name: str, content: bytes) -> None:
        """Check a packet that this desk keeps sealed."""
        self._shown_verify_window().add_held(name, content)

    def verify_files(self, paths: Sequence[Path]) -> None:
        """Check packets dropped on the window, by the trust list among them if there is one."""
        self._shown_verify_window().take(paths)

    def _verify(self) -> None:
        self._shown_verify_window()

    def _shown_verify_window(self) -> VerifyWindow:
        from assessor_desk.gui.verifying import verify_window

        if self._verify_window is None:
            self._verify_window = verify_window(self._session)
        self._verify_window.show()
        self._verify_window.raise_()
        self._verify_window.activateWindow()
        return self._verify_window

    def close_windows(self) -> None:
        """Close the window that checks packets."""
        if self._verify_window is not None:
            self._verify_window.close()
            self._verify_window.deleteLater()
            self._verify_window = None


def _give_back(focus: QWidget | None) -> None:
    if focus is not None and isValid(focus) and focus.isVisible():
        focus.setFocus(Qt.FocusReason.PopupFocusReason)


def show_folder(folder: Path) -> None:
    """Open a folder in the system's own program for files."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
