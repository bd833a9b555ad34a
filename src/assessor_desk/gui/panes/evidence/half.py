"""One artifact in front of the others: its tab, what the educator calls it, its viewer, and the anchors placed in it.

The evidence pane has one such half, or two side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Case
from assessor_desk.domain.anchor import Anchor, Selector
from assessor_desk.domain.earlier import EarlierAttempt, News
from assessor_desk.domain.renditions import Shown
from assessor_desk.domain.submission import Artifact
from assessor_desk.gui import icons
from assessor_desk.gui.actions import default_keys
from assessor_desk.gui.artifact_names import icon_name, short_title, short_titles
from assessor_desk.gui.controls import restyle
from assessor_desk.gui.panes.evidence.anchor_strip import AnchorStrip
from assessor_desk.gui.panes.evidence.anchor_wishes import AnchorWishes
from assessor_desk.gui.panes.evidence.marks import citable_in, in_order, mark_of
from assessor_desk.gui.panes.evidence.photographs import Photographs
from assessor_desk.gui.panes.evidence.stages import Stages
from assessor_desk.gui.session import Session
from assessor_desk.gui.viewers.viewer import Mark, Viewer

if TYPE_CHECKING:
    from assessor_desk.gui.viewers.image import ImageViewer


#: Lower than this there is no room for the educator's label above the evidence.
_ROOM_FOR_LABEL = 340
#: Of a recording; that a document was laid out is said when a place in it is chosen.
_RENDITIONS = {Shown.SMALL.value, Shown.PLAYABLE.value}
_GONE = "That is not in the evidence any more. The anchor and what was written are kept."


class Half(QWidget):
    """Shows and tells; what is done with anchors is for the pane to do."""

    artifact_shown = Signal(str)
    concern_wanted = Signal(str)
    selector_offered = Signal(str, object, str)
    anchor_moved = Signal(str, object)

    def __init__(self, session: Session, wishes: AnchorWishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wishes = wishes
        self._submission = ""
        self._artifacts: tuple[Artifact, ...] = ()
        self._of_then: Artifact | None = None
        self._marks_visible = True
        self._wanted: Anchor | None = None
        self._marked: tuple[Viewer | None, tuple[Mark, ...], bool] = (None, (), True)
        self._keys_of: Callable[[str], tuple[str, ...]] = default_keys
        self._photographs = Photographs(session)
        self.strip = AnchorStrip(wishes, self)
        self.strip.selected = lambda: self.viewer.selected() if self.viewer is not None else None
        self._build()
        session.originals.changed.connect(self._tell_original)

    # Arranging

    def _build(self) -> None:
        self._line = QWidget(self)
        self._line.setObjectName("halfLine")
        self._line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._line.setFixedHeight(2)
        self._line.hide()
        self._tabs = QTabBar(self)
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._tabs.setUsesScrollButtons(True)
        self._tabs.setAccessibleName("Artifacts")
        self._tabs.currentChanged.connect(self._on_tab)
        self._tabs.tabBarClicked.connect(self.take_focus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addLayout(self._top_row())
        column.addWidget(self._stage(), 1)

    def _top_row(self) -> QHBoxLayout:
        self._corner = QHBoxLayout()
        self._corner.setContentsMargins(0, 0, 8, 0)
        self._corner.setSpacing(4)
        self._corner.addWidget(self._tabs, 1)
        concern = self.add_corner("flag", "Raise a concern about this file")
        concern.clicked.connect(self._on_concern)
        every = self.add_corner("list", "All artifacts")
        every.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(every)
        self._menu.aboutToShow.connect(self._fill_menu)
        every.setMenu(self._menu)
        return self._corner

    def _stage(self) -> QWidget:
        self._label = QLabel(self)
        self._label.setObjectName("educatorLabel")
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._stages = Stages(self._session, self)
        self._stages.viewer_ready.connect(self._on_viewer_ready)
        stage = QWidget(self)
        stage.setObjectName("stage")
        stage.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QVBoxLayout(stage)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(8)
        inside.addWidget(self._label)
        inside.addWidget(self._stages, 1)
        inside.addWidget(self.strip)
        return stage

    def add_corner(self, icon: str, words: str) -> QToolButton:
        """A further button at the right of the tabs."""
        button = QToolButton(self)
        button.setIcon(icons.icon(icon, "muted"))
        button.setToolTip(words)
        button.setAccessibleName(words)
        self._corner.addWidget(button)
        return button

    def show_turned_to(self, *, turned_to: bool, one_of_two: bool) -> None:
        """Of two halves, a line over the one that keys act on."""
        self._line.setVisible(one_of_two)
        restyle(self._line, "active", turned_to)

    def _on_concern(self) -> None:
        artifact = self.current_artifact
        self.concern_wanted.emit(artifact.id if artifact else "")

    def _fill_menu(self) -> None:
        """All artifacts in one menu, for when there are more than tabs have room."""
        menu, case = self._menu, self._session.case
        menu.clear()
        for index, artifact in enumerate(self._artifacts):
            state = case.artifact_states.get(artifact.id) if case else None
            away = "" if (state and state.here) or not artifact.captured else " · not here yet"
            away = " · removed" if state and state.removed else away
            name = artifact.name or artifact.link
            act = menu.addAction(icons.icon(icon_name(artifact)), f"{short_title(artifact)}   {name}{away}")
            act.setCheckable(True)
            act.setChecked(index == self._tabs.currentIndex())
            act.triggered.connect(lambda _=False, chosen=artifact.id: self._choose(chosen))
        if case and case.submission.earlier:
            self._offer_earlier(menu, case.submission.earlier, case)

    def _offer_earlier(self, menu: QMenu, earlier: EarlierAttempt, case: Case) -> None:
        """What was handed in the time before, as far as it may be seen here."""
        fetched = [one for one in earlier.artifacts if one.id in case.artifact_states]
        if fetched:
            menu.addSection(f"Attempt {earlier.attempt}")
        for artifact in fetched:
            act = menu.addAction(
                icons.icon(icon_name(artifact)), f"{short_title(artifact)}   {artifact.name}"
            )
            act.triggered.connect(lambda _=False, chosen=artifact.id: self._choose(chosen))

    def _choose(self, artifact_id: str) -> None:
        self.take_focus()
        self.bring(artifact_id)

    def take_focus(self) -> None:
        """Keys pressed from now on are for what is shown, not for the text or the level that was left."""
        (self.viewer or self._stages.act or self).setFocus(Qt.FocusReason.OtherFocusReason)

    # What is shown

    @property
    def current_artifact(self) -> Artifact | None:
        """The artifact in front."""
        index, shown = self._tabs.currentIndex(), self._shown_artifacts
        return shown[index] if 0 <= index < len(shown) else None

    @property
    def _shown_artifacts(self) -> tuple[Artifact, ...]:
        """One for each tab; at the end one of the attempt before, if it was asked for."""
        return (*self._artifacts, self._of_then) if self._of_then else self._artifacts

    @property
    def viewer(self) -> Viewer | None:
        """The viewer in front, where there is one."""
        return self._stages.viewer

    @property
    def place(self) -> int:
        """The number of the artifact in front, counted from 0."""
        return self._tabs.currentIndex()

    def show_case(self, case: Case | None, first: int = 0) -> None:
        """Show the artifacts of a submission; of a new one the artifact numbered `first` in front."""
        if case is None:
            self._submission, self._artifacts = "", ()
            self._stages.clear()
            self.strip.show_marks((), read_only=True)
            return
        if (case.submission.id, case.submission.shown) != (self._submission, self._artifacts):
            self._set_tabs(case, first)
        elif artifact := self.current_artifact:
            self._stages.refresh(case, artifact)
            self._tell_original()
        self.show_marks()

    def _set_tabs(self, case: Case, first: int) -> None:
        same = case.submission.id == self._submission
        before = self.current_artifact if same else None
        if not same:
            # Artifacts of two submissions may have one id: of another one nothing jumps to a place or begins to play.
            self._wanted = None
        self._submission, self._artifacts, self._of_then = case.submission.id, case.submission.shown, None
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        titles = short_titles(self._artifacts)
        for artifact in self._artifacts:
            news = case.submission.news_of(artifact)
            told = f" · {news.value}" if news in (News.NEW, News.CHANGED) else ""
            self._add_tab(artifact, titles[artifact.id] + told)
        ids = [artifact.id for artifact in self._artifacts]
        front = ids.index(before.id) if before and before.id in ids else min(first, len(ids) - 1)
        self._tabs.setCurrentIndex(front)
        self._tabs.blockSignals(False)
        self._on_tab(self._tabs.currentIndex())
        if any(artifact.plays for artifact in self._artifacts):
            desk = self._session.desk
            self._session.tasks.side(lambda: desk.get_readers_ready(for_recordings=True))

    def _add_tab(self, artifact: Artifact, title: str) -> None:
        index = self._tabs.addTab(icons.icon(icon_name(artifact)), title)
        told = filter(None, (artifact.name or artifact.link, artifact.label))
        self._tabs.setTabToolTip(index, "\n".join(told))

    def _on_tab(self, _index: int) -> None:
        artifact, case = self.current_artifact, self._session.case
        if artifact is None or case is None:
            return
        self._label.setText(f"The educator’s label: “{artifact.label}”")
        self._show_label()
        self._keep_focus()
        self._stages.show_artifact(case, artifact)
        self.show_marks()
        self.artifact_shown.emit(artifact.id)

    def _show_label(self) -> None:
        """Where there is little room, what is seen comes before what is said of it, which the tab's tooltip has too."""
        artifact = self.current_artifact
        self._label.setVisible(
            artifact is not None and bool(artifact.label) and self.height() >= _ROOM_FOR_LABEL
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen, or where everything is twice as large, the label makes room."""
        super().resizeEvent(event)
        self._show_label()

    def _keep_focus(self) -> None:
        """Keys go on acting here while one artifact makes way for another: the next viewer takes them over."""
        if self._stages.isAncestorOf(QApplication.focusWidget() or self):
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_viewer_ready(self, viewer: Viewer) -> None:
        once = Qt.ConnectionType.UniqueConnection
        viewer.selector_offered.connect(self._on_selector_offered, once)
        viewer.noted_selector_offered.connect(self._on_selector_offered, once)
        viewer.anchor_activated.connect(self._wishes.visited, once)
        viewer.anchor_moved.connect(self.anchor_moved, once)
        viewer.anchor_removed.connect(self._wishes.removed, once)
        viewer.trouble.connect(self._session.notices.tell, once)
        viewer.copy_wanted.connect(self._on_copy_wanted, once)
        viewer.original_wanted.connect(self._on_original_wanted, once)
        viewer.original_given_up.connect(self._on_original_given_up, once)
        viewer.reopening_wanted.connect(self._on_reopening_wanted, once)
        viewer.artifact_wanted.connect(self.bring, once)
        viewer.set_keys(self._keys_of)
        self.artifact_shown.emit(self.current_artifact.id if self.current_artifact else "")
        self._marked = (None, (), True)
        self.show_marks()
        self._show_set(viewer)
        self._note_seen(viewer)
        self._tell_original()
        if self.hasFocus():
            viewer.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._wanted is not None and self.shows(self._wanted.artifact_id):
            viewer.reveal(self._wanted.selector)
            self._wanted = None

    def _on_copy_wanted(self) -> None:
        from assessor_desk.gui.dialogs.export_copy import ExportCopyDialog

        case, artifact = self._session.case, self.current_artifact
        if case is not None and artifact is not None:
            dialog = ExportCopyDialog(self._session, case.submission.id, artifact, self)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def _show_set(self, viewer: Viewer) -> None:
        case, artifact = self._session.case, self.current_artifact
        if viewer.shows_sets and case is not None and artifact is not None:
            self._photographs.show_in(cast("ImageViewer", viewer), case, self._shown_artifacts, artifact)

    def _on_selector_offered(self, selector: Selector, note: str = "") -> None:
        if artifact := self.current_artifact:
            self._note_laid_out(artifact)
            self.selector_offered.emit(artifact.id, selector, note)

    def _note_seen(self, viewer: Viewer) -> None:
        """The review says that a rendition was looked at, and that the original was, later."""
        case, artifact = self._session.case, self.current_artifact
        if case is None or artifact is None or not case.anchoring or case.notes is not None:
            return
        if viewer.seen is not Shown.ORIGINAL or _RENDITIONS & set(case.review.shown.get(artifact.id, ())):
            submission_id, seen = case.submission.id, viewer.seen
            self._session.act(lambda desk: desk.note_shown(submission_id, artifact.id, seen))

    def _on_original_wanted(self) -> None:
        if artifact := self.current_artifact:
            self._session.originals.want(self._submission, artifact.id, artifact.name)

    def _on_original_given_up(self) -> None:
        if artifact := self.current_artifact:
            self._session.originals.give_up(self._submission, artifact.id)

    def _on_reopening_wanted(self) -> None:
        """What is shown is read again: the original, since it is here."""
        case, artifact = self._session.case, self.current_artifact
        if case is not None and artifact is not None:
            self._stages.show_artifact(case, artifact)

    def _tell_original(self) -> None:
        case, artifact, viewer = self._session.case, self.current_artifact, self.viewer
        if case is not None and artifact is not None and viewer is not None:
            state = case.artifact_states.get(artifact.id)
            viewer.show_original(self._session.originals.standing(case.submission.id, artifact.id, state))

    def _note_laid_out(self, artifact: Artifact) -> None:
        """The review says that places were chosen in a rendition, not in the original."""
        case = self._session.case
        if case is not None and case.anchoring and getattr(self.viewer, "as_laid_out", False):
            submission_id = case.submission.id
            self._session.act(lambda desk: desk.note_shown(submission_id, artifact.id, Shown.LAID_OUT))

    def show_marks(self) -> None:
        """Show the anchors of the artifact in front, in it and as chips."""
        case, artifact = self._session.case, self.current_artifact
        if case is None:
            return
        here = [anchor for anchor in case.marked.anchors if artifact and anchor.artifact_id == artifact.id]
        marks = tuple(mark_of(case, anchor) for anchor in in_order(here))
        self.strip.show_marks(marks, citable_in(case), read_only=not case.anchoring)
        viewer, anchoring = self.viewer, case.anchoring and artifact != self._of_then
        if viewer is not None and viewer.moving_allowed != anchoring:
            viewer.allow_moving(anchoring)
        if viewer is not None and (viewer, marks, self._marks_visible) != self._marked:
            self._marked = (viewer, marks, self._marks_visible)
            viewer.show_marks(marks)
            viewer.set_marks_visible(self._marks_visible)

    def show_marks_again(self) -> None:
        """Where a mark was dragged to is not where its anchor is: it goes back."""
        self._marked = (None, (), True)
        self.show_marks()

    def set_marks_visible(self, visible: bool) -> None:
        """Hide all marks, or show them again."""
        self._marks_visible = visible
        self.show_marks()

    def dress_keys(self, keys_of: Callable[[str], tuple[str, ...]]) -> None:
        """Put the person's keys in force for what viewers do."""
        self._keys_of = keys_of
        if self.viewer is not None:
            self.viewer.set_keys(keys_of)

    # Going somewhere

    def step_artifact(self, step: int) -> None:
        """Go to the next (1) or previous (-1) artifact."""
        if count := self._tabs.count():
            self._tabs.setCurrentIndex((self._tabs.currentIndex() + step) % count)

    def shows(self, artifact_id: str) -> bool:
        """Whether this artifact is in front."""
        artifact = self.current_artifact
        return artifact is not None and artifact.id == artifact_id

    def bring(self, artifact_id: str) -> None:
        """Bring an artifact to the front."""
        case = self._session.case
        earlier = case.submission.earlier if case else None
        if earlier and (of_then := earlier.artifact(artifact_id)):
            self._bring_of_then(earlier.attempt, of_then)
        ids = [artifact.id for artifact in self._shown_artifacts]
        if artifact_id in ids:
            self._tabs.setCurrentIndex(ids.index(artifact_id))

    def _bring_of_then(self, attempt: int, artifact: Artifact) -> None:
        """A tab more, for an artifact of the attempt before; there is one such tab at most."""
        before, self._of_then = self._of_then, artifact
        title = f"Attempt {attempt}: {short_title(artifact)}"
        if before is None:
            self._add_tab(artifact, title)
            return
        last = self._tabs.count() - 1
        self._tabs.setTabText(last, title)
        self._tabs.setTabToolTip(last, artifact.name)
        if before != artifact and self._tabs.currentIndex() == last:
            self._on_tab(last)

    def reveal(self, anchor: Anchor) -> None:
        """Its artifact in front, its place in sight, its moment playing; once it is open where it is not yet."""
        self._wanted = None
        if self.shows(anchor.artifact_id) and self.viewer is not None:
            self.viewer.reveal(anchor.selector)
            return
        self._wanted = anchor
        self.bring(anchor.artifact_id)
        if not self.shows(anchor.artifact_id):
            self._wanted = None
            self._session.notices.tell(_GONE)

    def clear(self) -> None:
        """Let go of everything that is open."""
        self._stages.clear()
