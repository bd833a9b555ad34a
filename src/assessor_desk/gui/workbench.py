"""The workbench: arranges inbox, evidence and rubric, and joins their signals. It decides nothing itself.

The inbox comes first, so that it is on the screen soon; `furnish` adds the panes beside it a moment later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu, QSplitter, QVBoxLayout, QWidget

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.roles import Role
from assessor_desk.gui.actions import TABLE, Actions, states
from assessor_desk.gui.comparing import Comparing
from assessor_desk.gui.errands import Errands
from assessor_desk.gui.inbox import InboxPane
from assessor_desk.gui.keeping import Keeping
from assessor_desk.gui.offline_menu import OfflineMenu
from assessor_desk.gui.phrases.phrasing import Phrasing
from assessor_desk.gui.playing import Playing
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.reviewing import Reviewing
from assessor_desk.gui.session import Session
from assessor_desk.gui.syncing import Syncing, now_utc
from assessor_desk.gui.top_bar import TopBar

if TYPE_CHECKING:
    from assessor_desk.desk import Case, Desk
    from assessor_desk.desk.answers import Profile
    from assessor_desk.desk.source_standing import SourceStanding
    from assessor_desk.gui.panes.evidence import EvidencePane
    from assessor_desk.gui.panes.rubric import RubricPane
    from assessor_desk.gui.sheet_place import SheetPlace
    from assessor_desk.gui.side_pane import SidePane

#: Narrower than this, the inbox folds away by itself.
_ROOM_FOR_INBOX = 1080
_JUMP_MS = 5000


class Workbench(QWidget):
    """Everything one works with on an open desk."""

    closing_wanted = Signal()
    lock_wanted = Signal()

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
        self._connected, self._reviewer = False, False
        self._folded_for_room = False
        self._widths_chosen = bool(preferences.pane_widths)
        self.syncing = Syncing(session, preferences, self)
        self.actions_table = Actions(self, self.run)
        self.top = TopBar(self._menu(), self)
        self.inbox = InboxPane(session, self)
        self.errands = Errands(self, session, preferences)
        OfflineMenu(self.inbox, session, lambda: self.syncing.start(), self.errands.show_evidence_here)
        self.reviewing = Reviewing(self, session, preferences)
        self.phrasing = Phrasing(self, session)
        self.comparing = Comparing(session, self)
        self.keeping = Keeping(session, self)
        self.evidence: EvidencePane
        self.rubric: RubricPane
        self.sheets: SheetPlace
        self.furnished = False
        self._arrange()
        self._join_top()
        self.dress_keys()
        self.actions_table.enable(())

    # Arranging

    def _arrange(self) -> None:
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.panes = QSplitter(Qt.Orientation.Horizontal, self)
        self.panes.setHandleWidth(1)
        self.panes.setChildrenCollapsible(False)
        for pane, stretch, width in ((self.inbox, 0, 180), (QWidget(self), 1, 240), (QWidget(self), 0, 360)):
            pane.setMinimumWidth(width)
            self.panes.addWidget(pane)
            self.panes.setStretchFactor(self.panes.count() - 1, stretch)
        self.panes.setSizes(self._preferences.pane_widths or widths_for(1440))
        self.panes.splitterMoved.connect(self._on_splitter_moved)
        self.inbox.setVisible(self._preferences.inbox_shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.panes, 1)

    def furnish(self) -> None:
        """Put evidence and rubric in their places."""
        from assessor_desk.gui.panes.evidence import Arrangement, EvidencePane
        from assessor_desk.gui.panes.rubric import RubricPane
        from assessor_desk.gui.sheet_place import SheetPlace
        from assessor_desk.gui.typing_pause import TypingPause

        self.evidence = EvidencePane(self._session, self)
        self.rubric = RubricPane(self._session, self)
        self.sheets = SheetPlace(self._session, self.rubric, self)
        self.sheets.offer(lambda case: case.notes is not None, self._coaching)
        self.sheets.offer(lambda case: case.decision is not None, lambda: self.reviewing.pane)
        sizes = self.panes.sizes()
        for place, pane in ((1, self.evidence), (2, self.sheets)):
            empty = self.panes.replaceWidget(place, pane)
            assert empty is not None
            pane.setMinimumWidth(empty.minimumWidth())
            empty.deleteLater()
            pane.show()
        self.panes.setSizes(sizes)
        self.evidence.arrange(Arrangement.read(self._preferences.evidence_arrangement))
        self.typing_pause = TypingPause(lambda: self.evidence.viewer, self)
        self.furnished = True
        self._join_panes()
        self._dress_panes()
        self.show_state()

    def _coaching(self) -> SidePane:
        """The coach's pane; most people never need it."""
        from assessor_desk.gui.panes.coaching import CoachingPane

        pane = CoachingPane(self._session, self)
        pane.hand_back_wanted.connect(lambda: self.run("hand_back"))
        pane.files_wanted.connect(lambda: self.run("export"))
        pane.earlier_wanted.connect(self.errands.show_earlier_notes)
        pane.draft_wanted.connect(self.inbox.choose)
        return pane

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        section = ""
        for action in TABLE:
            if not action.in_menu:
                continue
            if section and action.section != section:
                menu.addSeparator()
            section = action.section
            menu.addAction(self.actions_table[action.id])
        return menu

    def dress_keys(self) -> None:
        """Put the person's keys in force."""
        self.actions_table.set_keys(self._preferences.own_keys, single_keys=self._preferences.single_keys)
        self.top.show_keys(
            self.actions_table.keys_in_words("palette"), self.actions_table.keys_in_words("sync")
        )
        if self.furnished:
            self._dress_panes()

    def _dress_panes(self) -> None:
        self.evidence.dress_keys(self.actions_table.keys)
        self.sheets.dress_keys(self.actions_table.keys_in_words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window folds the inbox away, a wide one brings back what was folded so."""
        super().resizeEvent(event)
        self._fit_inbox()
        if not self._widths_chosen:
            self.panes.setSizes(widths_for(event.size().width()))

    def _fit_inbox(self, _chosen: str = "") -> None:
        """Fold the inbox away where there is no room beside an open submission, and bring it back where there is."""
        narrow = self.width() < _ROOM_FOR_INBOX and bool(self._session.submission_id)
        if narrow and not self._folded_for_room and not self.inbox.isHidden():
            self._folded_for_room = True
            if self.furnished and any(one.hasFocus() for one in self.inbox.findChildren(QWidget)):
                self.evidence.setFocus(Qt.FocusReason.OtherFocusReason)
            self.inbox.hide()
        elif not narrow and self._folded_for_room:
            self._folded_for_room = False
            self.inbox.show()
        if self.furnished:
            # Nothing is open: two places that say so do not fit beside the list.
            self.sheets.setHidden(self.width() < _ROOM_FOR_INBOX and not self._session.submission_id)

    def _on_splitter_moved(self) -> None:
        self._widths_chosen = True

    # Joining

    def _join_panes(self) -> None:
        session = self._session
        session.case_changed.connect(self.show_state)
        self.inbox.submission_chosen.connect(session.select)
        self.inbox.submission_chosen.connect(self._fit_inbox)
        self.inbox.connect_wanted.connect(lambda: self.run("connect"))
        self.rubric.seal_wanted.connect(lambda: self.run("seal"))
        self.rubric.export_wanted.connect(lambda: self.run("export"))
        self.rubric.republished_wanted.connect(lambda: self.run("move_rubric"))
        self._join_sheet(self.rubric)
        self.sheets.pane_made.connect(self._join_sheet)
        self.sheets.pane_changed.connect(self._on_sheet)
        self.evidence.concern_wanted.connect(self.errands.raise_concern)
        self.evidence.artifact_shown.connect(lambda _: self.show_state())
        session.notices.stay_over(lambda: self.evidence.stage)

    def _join_sheet(self, pane: SidePane) -> None:
        pane.criterion_activated.connect(self.evidence.set_criterion)
        pane.anchor_activated.connect(self.evidence.reveal_anchor)
        pane.anchor_wanted.connect(self.evidence.anchor_here)
        pane.anchor_given.connect(self.evidence.give_anchor)
        pane.keep_wanted.connect(self.errands.keep_finding)
        pane.work_before_wanted.connect(lambda: self.run("work_before"))

    def _on_sheet(self) -> None:
        self.evidence.set_criterion(self.sheets.current.current_criterion)

    def _join_top(self) -> None:
        session = self._session
        session.changed.connect(self._on_changed)
        session.saving.connect(self.top.show_saving)
        session.saved.connect(self._on_saved)
        session.unsaved.connect(self.top.show_unsaved)
        self.top.find_wanted.connect(lambda: self.run("palette"))
        self.top.sync_wanted.connect(lambda: self.run("sync"))
        self.top.pause_wanted.connect(self.syncing.pause)
        self.top.cancel_wanted.connect(self.syncing.cancel)
        self.top.standing_wanted.connect(self.syncing.show_standing)
        self.syncing.standing_read.connect(self._on_standing)
        self.syncing.progressed.connect(self.top.show_progress)
        self.syncing.ended.connect(self.top.end_progress)

    def show_desk(self) -> None:
        """Show what is on the desk: the inbox at once, then whose it is and how much is here."""
        self.inbox.refresh()
        self.show_ledger()

    def show_ledger(self) -> None:
        """Read again whose desk this is, what waits and what is here."""
        desk = self._session.desk
        self._session.tasks.side(lambda: (desk.profile, desk.ledger()), self._on_ledger)

    def _on_changed(self, changes: Changes) -> None:
        if changes.kinds & {Kind.LEDGER, Kind.OUTBOX, Kind.SETTINGS}:
            self.show_ledger()

    def _on_ledger(self, read: tuple[Profile | None, Any]) -> None:
        profile, ledger = read
        self._connected = profile is not None and bool(profile.source_address)
        self._reviewer = profile is not None and Role.REVIEWER in profile.roles
        self.top.show_programme(profile.programme if profile else "not connected")
        why = {"why_paused": self.syncing.why_paused, "files_wait": self.syncing.why_files_wait}
        self.top.show_ledger(ledger, connected=self._connected, **why)
        self.inbox.show_ledger(ledger, connected=self._connected)
        self.show_state()

    def _on_standing(self, sources: Sequence[SourceStanding]) -> None:
        from assessor_desk.gui.sync_panel import SyncPanel

        panel = SyncPanel(
            sources,
            now_utc,
            by_itself=self.syncing.by_itself,
            why_paused=self.syncing.why_paused,
            files_wait=self.syncing.why_files_wait,
            parent=self,
        )
        panel.wanted.connect(self.syncing.start)
        panel.open_below(self.top.sync_light)

    def show_state(self) -> None:
        """Enable what can be done now."""
        if not self.furnished:
            return
        self._fit_inbox()
        viewer, case = self.evidence.viewer, self._session.case
        playing, viewed = isinstance(viewer, Playing), viewer.acts() if viewer else ()
        facts = states(case, connected=self._connected, playing=playing, viewed=viewed)
        self.actions_table.enable(facts | self.reviewing.facts(reviewer=self._reviewer))

    def _on_saved(self, at: Any) -> None:
        case = self._session.case
        delivery = case.delivery if case and not case.changed_since else None
        if delivery is not None and delivery.receipted:
            self.top.show_saved(delivery.delivered_at or at, "on the hub")
        else:
            self.top.show_saved(at, "saved on this computer")

    # Doing

    def run(self, action_id: str) -> None:
        """Carry out an act of the table."""
        if action_id.startswith("level_"):
            self.rubric.choose_digit(int(action_id.removeprefix("level_")))
            return
        acts = self._moves() | self.errands.acts() | self.reviewing.acts() | self.phrasing.acts()
        if action_id not in acts and self.evidence.viewer is not None:
            acts |= self.evidence.viewer.acts()
        acts[action_id]()

    def _moves(self) -> dict[str, Callable[[], object]]:
        return {
            "sync": self.syncing.start,
            "lock": self.lock_wanted.emit,
            "close": self.closing_wanted.emit,
            "inbox": self._fold_inbox,
            "next_submission": lambda: self.inbox.step(1),
            "previous_submission": lambda: self.inbox.step(-1),
            "next_artifact": lambda: self.evidence.step_artifact(1),
            "previous_artifact": lambda: self.evidence.step_artifact(-1),
            "next_criterion": lambda: self.sheets.current.step_criterion(1),
            "previous_criterion": lambda: self.sheets.current.step_criterion(-1),
            "play": lambda: self._play(lambda viewer: viewer.toggle_play()),
            "seek_back": lambda: self._play(lambda viewer: viewer.playback.seek_by(-_JUMP_MS)),
            "seek_forward": lambda: self._play(lambda viewer: viewer.playback.seek_by(_JUMP_MS)),
            "resume": lambda: self._play(lambda viewer: viewer.resume()),
            "correct": self.rubric.begin_correction,
            "write": self.sheets.current.focus_text,
            "anchor": self.evidence.anchor_here,
            "marks": self.evidence.toggle_marks,
            "anchors": self.evidence.toggle_list,
            "beside": self.evidence.toggle_beside,
            "other_side": self.evidence.other_side,
            "compare": self.evidence.compare_with_earlier,
            "undo": lambda: self._take_back(lambda desk, case: desk.undo(case.submission.id, case.undoable)),
            "redo": lambda: self._take_back(lambda desk, case: desk.redo(case.submission.id, case.redoable)),
            "full_screen": self._full_screen,
            "evidence_alone": self._evidence_alone,
        }

    def _fold_inbox(self) -> None:
        self._folded_for_room = False
        self.inbox.setVisible(self.inbox.isHidden())

    def _play(self, act: Callable[[Playing], None]) -> None:
        viewer: object = self.evidence.viewer
        if isinstance(viewer, Playing):
            act(viewer)

    def _take_back(self, act: Callable[[Desk, Case], Changes]) -> None:
        """Of the review that is shown, also where another submission is just being opened."""
        self.sheets.current.flush()
        if shown := self._session.case:
            self._session.act(lambda desk: act(desk, shown))

    def _full_screen(self) -> None:
        window = self.window()
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _evidence_alone(self) -> None:
        alone = not self.sheets.isHidden()
        self.sheets.setHidden(alone)
        self.inbox.setVisible(not alone and self._preferences.inbox_shown)
        front = self.evidence.viewer or self.evidence
        if alone and not front.isAncestorOf(QApplication.focusWidget() or self):
            front.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def action(self, action_id: str) -> QAction:
        """The Qt action of an id."""
        return self.actions_table[action_id]

    # Leaving

    def flush(self) -> None:
        """Send what is being typed to the store lane."""
        if self.furnished:
            self.sheets.flush()

    def leave(self) -> None:
        """Remember the layout, let go of the evidence and of windows of its own."""
        self.syncing.cancel()
        self._session.originals.leave()
        self.comparing.leave()
        self.errands.close_windows()
        if not self.furnished:
            return
        self._preferences.evidence_arrangement = self.evidence.arrangement.written()
        self.evidence.clear()
        if not self.sheets.isHidden() and not self._folded_for_room:
            self._preferences.inbox_shown = not self.inbox.isHidden()
            if not self.inbox.isHidden() and self._widths_chosen:
                self._preferences.pane_widths = self.panes.sizes()


def widths_for(window: int) -> list[int]:
    """Widths of inbox, evidence and rubric in a window of that width, before a person has moved the edges."""
    inbox, rubric = (248 if window >= 1400 else 220), (448 if window >= 1300 else 392)
    return [inbox, window - inbox - rubric, rubric]
