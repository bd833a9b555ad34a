"""The evidence: one artifact in front or two side by side, the anchors placed in it, and a list of all anchors."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import Anchor, Selector, TimeSpan, Whole
from assessor_desk.domain.earlier import News
from assessor_desk.domain.submission import Artifact
from assessor_desk.gui import theme
from assessor_desk.gui.actions import default_keys
from assessor_desk.gui.controls import EmptyState
from assessor_desk.gui.panes.evidence.anchor_list import AnchorList
from assessor_desk.gui.panes.evidence.anchor_wishes import AnchorWishes
from assessor_desk.gui.panes.evidence.arrangement import LIST_WIDTH, Arrangement
from assessor_desk.gui.panes.evidence.half import Half
from assessor_desk.gui.session import Session
from assessor_desk.gui.viewers.viewer import Viewer

#: From this width on two artifacts stand beside each other, below it one over the other.
_ROOM_FOR_TWO = 860


class EvidencePane(QWidget):
    """Anchors made here go to the current criterion. Of two halves, keys act on the one that was turned to."""

    artifact_shown = Signal(str)
    concern_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._submission = ""
        self._criterion = ""
        self._marks_visible = True
        self._keys_of: Callable[[str], tuple[str, ...]] = default_keys
        self._wishes = self._heard_wishes()
        self._halves: list[Half] = []
        self._turned_to = 0
        self._share, self._list_width = Arrangement().share, LIST_WIDTH
        self._unsettled = False
        self._build()
        session.case_changed.connect(self._show)
        theme.changed.connect(self._show_marks)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)
        self._show()

    def _build(self) -> None:
        self.setObjectName("evidencePane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._side_by_side = QSplitter(Qt.Orientation.Horizontal, self)
        self._side_by_side.setHandleWidth(1)
        self._side_by_side.setChildrenCollapsible(False)
        first = self._add_half()
        self._beside = first.add_corner("columns", "")
        self._beside.setCheckable(True)
        self._beside.clicked.connect(self.toggle_beside)
        self.list = AnchorList(self._wishes, self)
        self.list.closed.connect(self.toggle_list)
        self.list.hide()
        self._body = body = QSplitter(Qt.Orientation.Horizontal, self)
        body.setHandleWidth(1)
        body.setChildrenCollapsible(False)
        for widget, stretch in ((self._side_by_side, 1), (self.list, 0)):
            body.addWidget(widget)
            body.setStretchFactor(body.count() - 1, stretch)
        body.setSizes([3 * LIST_WIDTH, LIST_WIDTH])
        self._pages = QStackedWidget(self)
        self._pages.addWidget(_nothing_open(self))
        self._pages.addWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        self._tell_beside()

    def _heard_wishes(self) -> AnchorWishes:
        wishes = AnchorWishes(self)
        wishes.visited.connect(self.reveal_anchor)
        wishes.removed.connect(self._on_anchor_removed)
        wishes.naming_wanted.connect(self._on_naming_wanted)
        wishes.moved_to.connect(self._on_anchor_moved)
        wishes.given.connect(self.give_anchor)
        wishes.taken.connect(self._on_anchor_taken)
        return wishes

    def _add_half(self) -> Half:
        half = Half(self._session, self._wishes, self)
        half.artifact_shown.connect(self.artifact_shown)
        half.concern_wanted.connect(self.concern_wanted)
        half.selector_offered.connect(self._on_selector_offered)
        half.anchor_moved.connect(self._on_anchor_moved)
        half.dress_keys(self._keys_of)
        half.set_marks_visible(self._marks_visible)
        half.setMinimumWidth(200)
        half.setMinimumHeight(160)
        self._side_by_side.addWidget(half)
        self._halves.append(half)
        return half

    # What is shown

    @property
    def half(self) -> Half:
        """The half that keys act on."""
        return self._halves[self._turned_to]

    @property
    def current_artifact(self) -> Artifact | None:
        """The artifact in front."""
        return self.half.current_artifact

    @property
    def viewer(self) -> Viewer | None:
        """The viewer in front, where there is one."""
        return self.half.viewer

    @property
    def viewers(self) -> list[Viewer]:
        """The viewers in front, of one half or of two."""
        return [half.viewer for half in self._halves if half.viewer is not None]

    def set_criterion(self, criterion_id: str) -> None:
        """Anchors made from now on go to this criterion."""
        self._criterion = criterion_id

    def _show(self) -> None:
        case = self._session.case
        self._pages.setCurrentIndex(0 if case is None else 1)
        self._submission = case.submission.id if case else ""
        for number, half in enumerate(self._halves):
            half.show_case(case, first=number)
        self._show_list()
        if self._unsettled and case is not None:
            self._unsettled = False
            QTimer.singleShot(0, self, self._settle)

    def _show_marks(self) -> None:
        for half in self._halves:
            half.show_marks()
        self._show_list()

    def _show_list(self) -> None:
        if not self.list.isHidden():
            self.list.show_case(self._session.case, next(iter(self._keys_of("anchor")), "Anchor here"))

    @property
    def stage(self) -> QWidget:
        """Where something may be laid over for a moment without covering controls."""
        return self.viewer.stage if self.viewer is not None else self._pages

    def dress_keys(self, keys_of: Callable[[str], tuple[str, ...]]) -> None:
        """Put the person's keys in force for what viewers do."""
        self._keys_of = keys_of
        for half in self._halves:
            half.dress_keys(keys_of)
        self._tell_beside()

    # Two halves

    @property
    def two(self) -> bool:
        """Whether two artifacts are shown."""
        return len(self._halves) == 2

    def toggle_beside(self) -> None:
        """Show a second artifact beside the first, or the first alone again."""
        if self.two:
            self._close_half()
        else:
            self._open_half()
        self._tell_beside()
        self.artifact_shown.emit(self.current_artifact.id if self.current_artifact else "")

    def _open_half(self) -> None:
        half = self._add_half()
        close = half.add_corner("x", "Close this side")
        close.clicked.connect(self.toggle_beside)
        first = self._halves[0].place + 1
        count = len(self._session.case.submission.shown) if self._session.case else 0
        half.show_case(self._session.case, first=first % count if count else 0)
        self._lay_out()
        self._share_out(self._share)
        self._turn_to(1)

    def _share_out(self, share: int) -> None:
        """Give the first half so many of a hundred parts of the room."""
        room = max(self._side_by_side.width(), self._side_by_side.height(), 100)
        first = room * share // 100
        self._side_by_side.setSizes([first, room - first])

    def _close_half(self) -> None:
        self._share = self.arrangement.share
        half = self._halves.pop()
        had_focus = half.isAncestorOf(QApplication.focusWidget() or self)
        self._turn_to(0)
        half.clear()
        half.hide()
        half.deleteLater()
        if had_focus:
            self.half.take_focus()

    def other_side(self) -> None:
        """Turn to the other of two halves."""
        if self.two:
            self._turn_to(1 - self._turned_to)
            self.half.take_focus()

    def _turn_to(self, number: int) -> None:
        self._turned_to = number
        for each, half in enumerate(self._halves):
            half.show_turned_to(turned_to=each == number, one_of_two=self.two)

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        number = next((n for n, half in enumerate(self._halves) if now and half.isAncestorOf(now)), None)
        if number is not None and number != self._turned_to:
            self._turn_to(number)
            artifact = self.half.current_artifact
            self.artifact_shown.emit(artifact.id if artifact else "")

    def _tell_beside(self) -> None:
        key = next(iter(self._keys_of("beside")), "")
        words = "One artifact alone" if self.two else "Another artifact beside this one"
        self._beside.setChecked(self.two)
        self._beside.setToolTip(words + (f" ({key})" if key else ""))
        self._beside.setAccessibleName(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room, else one over the other."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        wide = self._side_by_side.width() >= _ROOM_FOR_TWO
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.two and self._side_by_side.orientation() != wanted:
            self._side_by_side.setOrientation(wanted)

    def compare_with_earlier(self) -> None:
        """Show what is in front beside what stood in its place in the attempt before."""
        case, artifact = self._session.case, self.current_artifact
        earlier = case.submission.earlier if case else None
        before = earlier.before(artifact) if earlier and artifact else None
        if case is None or earlier is None or artifact is None:
            return
        if before is None:
            self._session.notices.tell(
                f"“{artifact.name}” is new: attempt {earlier.attempt} had nothing like it"
            )
        elif earlier.news_of(artifact) is News.SAME:
            self._session.notices.tell(f"“{artifact.name}” is as it was in attempt {earlier.attempt}")
        elif before.id not in case.artifact_states:
            self._session.notices.tell(
                f"The programme does not show the evidence of attempt {earlier.attempt}"
            )
        else:
            if not self.two:
                self.toggle_beside()
            self._halves[1].bring(before.id)

    # What is remembered

    @property
    def arrangement(self) -> Arrangement:
        """How the pane is laid out, whatever is open in it."""
        sizes = self._side_by_side.sizes()
        share, shown = self._share, not self.list.isHidden()
        if self.two and any(sizes) and not self._unsettled:
            share = round(100 * sizes[0] / sum(sizes))
        width = self._body.sizes()[1] if shown and not self._unsettled else self._list_width
        return Arrangement(self.two, share, shown, width)

    def arrange(self, wanted: Arrangement) -> None:
        """Lay the pane out as it was the last time; keys act on the first half, and nothing takes the focus."""
        self._share, self._list_width = wanted.share, wanted.list_width
        if wanted.two and not self.two:
            self._open_half()
            self._turn_to(0)
            self._tell_beside()
        if wanted.list_shown:
            self.list.show()
            self._show_list()
        self._unsettled = True

    def _settle(self) -> None:
        """Once there is room to share out."""
        self._body.setSizes([self._body.width() - self._list_width, self._list_width])
        if self.two:
            self._lay_out()
            self._share_out(self._share)

    # The list of anchors

    def toggle_list(self) -> None:
        """Show all anchors beside the evidence, or put the list away."""
        self.list.setVisible(self.list.isHidden())
        self._show_list()
        if not self.list.isHidden():
            self.list.take_focus()
        elif self.viewer is not None:
            self.viewer.setFocus(Qt.FocusReason.OtherFocusReason)
        self._lay_out()

    # What the assessor does

    def step_artifact(self, step: int) -> None:
        """Go to the next (1) or previous (-1) artifact."""
        self.half.step_artifact(step)

    def anchor_here(self, criterion_id: str = "") -> None:
        """Anchor what is in sight, for the criterion named or the current one."""
        if criterion_id:
            self._criterion = criterion_id
        artifact = self.current_artifact
        if self.viewer is not None:
            self.viewer.offer_current_selector()
        elif artifact is not None and not artifact.captured:
            self._on_selector_offered(artifact.id, Whole(), "")

    def toggle_marks(self) -> None:
        """Hide all marks, or show them again."""
        self._marks_visible = not self._marks_visible
        for half in self._halves:
            half.set_marks_visible(self._marks_visible)

    def reveal_anchor(self, anchor_id: str) -> None:
        """Go to an anchor: its artifact in front, its place in sight, its moment playing."""
        case = self._session.case
        anchor = case.marked.anchor(anchor_id) if case else None
        if anchor is None:
            return
        showing = next((n for n, half in enumerate(self._halves) if half.shows(anchor.artifact_id)), None)
        if showing is not None:
            self._turn_to(showing)
        self.half.reveal(anchor)

    def _on_selector_offered(self, artifact_id: str, selector: Selector, note: str) -> None:
        case = self._session.case
        artifact = case.submission.artifact(artifact_id) if case else None
        if case is None or not case.anchoring:
            return
        if artifact is None:
            self._session.notices.tell("This is of the attempt before: anchors go to what was handed in now")
            return
        submission_id = case.submission.id
        criterion = self._criterion if case.cites else ""
        if isinstance(selector, Whole) and artifact.captured:
            words = f"Anchored the whole of {artifact.name}. Select words or draw a box first to cite a part."
            self._session.notices.tell(words)
        if isinstance(selector, TimeSpan) and selector.still and not case.policy.evidence_booklet:
            words = (
                "The still stays on this desk: the programme’s policy lets no evidence leave with the packet."
            )
            self._session.notices.tell(words)
        self._session.act(
            lambda desk: desk.place_anchor(submission_id, artifact.id, selector, note, criterion)[0]
        )

    def _on_anchor_moved(self, anchor_id: str, selector: Selector) -> None:
        case, submission_id = self._session.case, self._submission
        if case is None or not case.anchoring:
            self._show_marks_again()
            return
        self._session.act(
            lambda desk: desk.move_anchor(submission_id, anchor_id, selector),
            lambda done: None if done else self._show_marks_again(),
        )

    def _show_marks_again(self) -> None:
        for half in self._halves:
            half.show_marks_again()

    def _on_anchor_removed(self, anchor_id: str) -> None:
        submission_id = self._submission
        self._session.act(lambda desk: desk.remove_anchor(submission_id, anchor_id))

    def _on_naming_wanted(self, anchor: Anchor) -> None:
        from assessor_desk.gui.dialogs.name_anchor import NameAnchorDialog

        dialog = NameAnchorDialog(self._session, self._submission, anchor, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def give_anchor(self, anchor_id: str, criterion_id: str = "") -> None:
        """Have a criterion cite an anchor: the one named, else the current one."""
        submission_id, criterion = self._submission, criterion_id or self._criterion
        if criterion:
            self._session.act(lambda desk: desk.give_anchor(submission_id, anchor_id, criterion))

    def _on_anchor_taken(self, anchor_id: str, criterion_id: str) -> None:
        submission_id, criterion = self._submission, criterion_id or self._criterion
        if criterion:
            self._session.act(lambda desk: desk.take_anchor(submission_id, anchor_id, criterion))

    def clear(self) -> None:
        """Let go of everything that is open, before the window closes."""
        for half in self._halves:
            half.clear()


def _nothing_open(parent: QWidget) -> QWidget:
    words = "Videos, plans and student work, beside the rubric."
    return EmptyState("evidence", "Evidence opens here", words, parent=parent)
