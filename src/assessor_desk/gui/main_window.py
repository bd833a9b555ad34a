"""The workbench: arranges inbox, evidence and rubric, and joins their signals. It decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu, QSplitter, QVBoxLayout, QWidget

from assessor_desk.desk.answers import SealedPacket
from assessor_desk.domain.feedback import Finding
from assessor_desk.gui import theme
from assessor_desk.gui.actions import TABLE, Actions, states
from assessor_desk.gui.inbox import InboxPane, due_in_words
from assessor_desk.gui.notices import Notices
from assessor_desk.gui.panes.evidence import EvidencePane
from assessor_desk.gui.panes.rubric import RubricPane
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session
from assessor_desk.gui.syncing import Syncing, round_in_words
from assessor_desk.gui.top_bar import TopBar


class MainWindow(QMainWindow):
    """One desk on the screen. `closing` comes after everything typed has been sent to the store lane."""

    closing = Signal()

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self._session = session
        self._preferences = preferences
        self._verify_window: QWidget | None = None
        self.setWindowTitle("Assessor Desk")
        self.setMinimumSize(960, 600)
        self.syncing = Syncing(session, preferences.sync_minutes, self)
        self.actions_table = Actions(self, self.run)
        self._menu = QMenu(self)
        self._top = TopBar(self._menu, self)
        self.inbox = InboxPane(session, self)
        self.evidence = EvidencePane(session, self)
        self.rubric = RubricPane(session, self)
        self._arrange()
        self._join()
        self._fill_menu()
        self._dress_keys()
        self._on_state()
        self._restore_layout()

    # Arranging

    def _arrange(self) -> None:
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        for pane, stretch in ((self.inbox, 0), (self.evidence, 1), (self.rubric, 0)):
            self._splitter.addWidget(pane)
            self._splitter.setStretchFactor(self._splitter.count() - 1, stretch)
        self.rubric.setMinimumWidth(360)
        self.evidence.setMinimumWidth(320)
        page = QWidget(self)
        page.setObjectName("page")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addWidget(self._splitter, 1)
        self.setCentralWidget(page)

    def _restore_layout(self) -> None:
        geometry = self._preferences.geometry
        if not (geometry and self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))):
            self.resize(1440, 900)
        self._splitter.setSizes(self._preferences.pane_widths or [248, 744, 448])
        self.inbox.setVisible(self._preferences.inbox_shown)

    def _fill_menu(self) -> None:
        section = ""
        for action in TABLE:
            if action.id.startswith("level_"):
                continue
            if action.section != section:
                section = action.section
                self._menu.addSection(section)
            self._menu.addAction(self.actions_table[action.id])

    def _dress_keys(self) -> None:
        self.actions_table.set_keys(self._preferences.own_keys, single_keys=self._preferences.single_keys)

    @property
    def notices(self) -> Notices:
        """Where sentences are told."""
        return self._session.notices

    # Joining

    def _join(self) -> None:
        session = self._session
        session.case_changed.connect(self._on_state)
        session.changed.connect(lambda _: self.show_ledger())
        session.saving.connect(self._top.show_saving)
        session.saved.connect(self._on_saved)
        session.flush_wanted.connect(self.rubric.flush)
        self.inbox.submission_chosen.connect(session.select)
        self.rubric.criterion_activated.connect(self.evidence.set_criterion)
        self.rubric.anchor_activated.connect(self.evidence.reveal_anchor)
        self.rubric.anchor_wanted.connect(self.evidence.anchor_here)
        self.rubric.seal_wanted.connect(lambda: self.run("seal"))
        self.rubric.export_wanted.connect(lambda: self.run("export"))
        self.rubric.keep_wanted.connect(self._on_keep_wanted)
        self._top.find_wanted.connect(lambda: self.run("palette"))
        self._top.sync_wanted.connect(lambda: self.run("sync"))
        self._top.pause_wanted.connect(self.syncing.pause)
        self.syncing.progressed.connect(self._on_progress)
        self.syncing.ended.connect(self._on_round_ended)

    def show_desk(self) -> None:
        """Show what is on the desk, and speak to its source."""
        profile = self._session.desk.profile
        self._top.show_programme(profile.programme if profile else "not connected")
        self.inbox.refresh()
        self.show_ledger()
        self._on_state()
        QTimer.singleShot(300, self.syncing.start_quietly)

    def show_ledger(self) -> None:
        """Read again what waits and what is here."""
        desk = self._session.desk
        connected = desk.profile is not None
        self._session.tasks.side(
            desk.ledger, lambda ledger: self._top.show_ledger(ledger, connected=connected)
        )

    def _on_state(self) -> None:
        connected = self._session.desk.profile is not None
        self.actions_table.enable(states(self._session.case, connected=connected))

    def _on_saved(self, at: Any) -> None:
        case = self._session.case
        on_hub = bool(case and case.delivery and case.delivery.receipted)
        self._top.show_saved(at, "on the hub" if on_hub else "saved on this computer")

    def _on_progress(self, progress: Any) -> None:
        self._top.show_progress(round_in_words(progress), progress.bytes_done, progress.bytes_total)

    def _on_round_ended(self) -> None:
        self._top.end_progress()
        self.show_ledger()

    # Doing

    def run(self, action_id: str) -> None:
        """Carry out an act of the table."""
        if action_id.startswith("level_"):
            self.rubric.choose_digit(int(action_id[-1]))
            return
        self._acts()[action_id]()

    def _acts(self) -> dict[str, Callable[[], object]]:
        return {
            "sync": self.syncing.start,
            "connect": self._on_connect,
            "verify": self.open_verify_window,
            "settings": self._on_settings,
            "shortcuts": self._on_shortcuts,
            "lock": self.close,
            "palette": self._on_palette,
            "inbox": lambda: self.inbox.setVisible(not self.inbox.isVisible()),
            "next_submission": lambda: self.inbox.step(1),
            "previous_submission": lambda: self.inbox.step(-1),
            "next_artifact": lambda: self.evidence.step_artifact(1),
            "previous_artifact": lambda: self.evidence.step_artifact(-1),
            "next_criterion": lambda: self.rubric.step_criterion(1),
            "previous_criterion": lambda: self.rubric.step_criterion(-1),
            "write": self.rubric.focus_text,
            "anchor": self.evidence.anchor_here,
            "marks": self.evidence.toggle_marks,
            "undo": lambda: self._take_back("undo"),
            "redo": lambda: self._take_back("redo"),
            "seal": self._on_seal,
            "export": self._on_export,
            "full_screen": lambda: self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen),
            "appearance": self._on_appearance,
            "help": self._on_help,
        }

    def _take_back(self, verb: str) -> None:
        self.rubric.flush()
        submission_id = self._session.submission_id
        self._session.act(lambda desk: getattr(desk, verb)(submission_id))

    def _on_seal(self) -> None:
        from assessor_desk.gui.dialogs.seal import SealDialog

        self.rubric.flush()
        submission_id = self._session.submission_id

        def show(case: Any) -> None:
            dialog = SealDialog(self._session, case, self)
            dialog.sealed.connect(self._on_sealed)
            dialog.finding_activated.connect(self.rubric.show_finding)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

        self._session.tasks.store(lambda: self._session.desk.case(submission_id), show, self._tell)

    def _on_sealed(self, packet: SealedPacket) -> None:
        words = "Sealed. The packet is on this computer and goes out with the next sync."
        self._session.notices.tell(words, "positive")
        self._session.announce(packet.changes)
        self.syncing.start_quietly()

    def _on_keep_wanted(self, finding: Finding) -> None:
        from assessor_desk.gui.dialogs.keep_finding import ask_reason

        reason = ask_reason(finding, self)
        if reason is not None:
            submission_id = self._session.submission_id
            self._session.act(
                lambda desk: desk.keep_finding(submission_id, finding.check, finding.subject, reason)
            )

    def _on_export(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export the packet to a folder")
        if not folder:
            return
        submission_id, desk = self._session.submission_id, self._session.desk
        self._session.tasks.store(
            lambda: desk.export(submission_id, Path(folder)),
            lambda paths: self._session.notices.tell(
                f"Exported {', '.join(path.name for path in paths)}.", "positive"
            ),
            self._tell,
        )

    def _on_palette(self) -> None:
        from assessor_desk.gui.palette import Entry, Palette

        self.rubric.flush()
        entries = [
            Entry(
                action.title,
                ", ".join(self.actions_table.keys(action.id)),
                self.actions_table[action.id].trigger,
            )
            for action in TABLE
            if self.actions_table[action.id].isEnabled()
        ]
        entries += [
            Entry(
                f"{row.key} · {row.short_title or row.title}",
                due_in_words(row.due_at) if row.due_at else "",
                partial(self.inbox.choose, row.submission_id),
            )
            for row in self.inbox.rows
        ]
        palette = Palette(entries, self)
        palette.finished.connect(palette.deleteLater)
        palette.show()

    def _on_connect(self) -> None:
        from assessor_desk.gui.dialogs.connect import ConnectDialog

        dialog = ConnectDialog(self._session, self)
        dialog.connected.connect(self.show_desk)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_settings(self) -> None:
        from assessor_desk.gui.dialogs.settings import SettingsDialog

        dialog = SettingsDialog(self._preferences, self)
        dialog.changed.connect(self._on_preferences)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_shortcuts(self) -> None:
        from assessor_desk.gui.dialogs.shortcuts import ShortcutsDialog

        dialog = ShortcutsDialog(self._preferences, self)
        dialog.changed.connect(self._dress_keys)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_preferences(self) -> None:
        self._dress_keys()
        self.syncing.set_interval(self._preferences.sync_minutes)

    def _on_appearance(self) -> None:
        self._preferences.appearance = theme.Appearance.LIGHT if theme.is_dark() else theme.Appearance.DARK
        theme.apply(self._preferences.appearance, self._preferences.text_size)

    def _on_help(self) -> None:
        from assessor_desk.gui.dialogs.help_sheet import HelpSheet

        sheet = HelpSheet(self.actions_table, self)
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()

    def open_verify_window(self) -> None:
        """Open the window that checks packets."""
        from assessor_desk.gui.verifying import verify_window

        if self._verify_window is None:
            self._verify_window = verify_window(self._session)
        self._verify_window.show()
        self._verify_window.raise_()

    def _tell(self, error: Exception) -> None:
        self._session.notices.tell(self._session.words(error), "danger")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Send what is being typed, remember the layout, let go of the evidence."""
        self.rubric.flush()
        self.syncing.pause()
        self.evidence.clear()
        if self._verify_window is not None:
            self._verify_window.close()
            self._verify_window.deleteLater()
            self._verify_window = None
        self._preferences.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        if self.inbox.isVisible():
            self._preferences.pane_widths = self._splitter.sizes()
        self._preferences.inbox_shown = self.inbox.isVisible()
        super().closeEvent(event)
        self.closing.emit()
