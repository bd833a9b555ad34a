"""The evidence: one tab per artifact, its viewer, and the anchors placed in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Case
from assessor_desk.domain.anchor import Anchor, Selector, Whole
from assessor_desk.domain.submission import Artifact
from assessor_desk.gui import icons, theme
from assessor_desk.gui.actions import default_keys
from assessor_desk.gui.artifact_names import icon_name, short_title
from assessor_desk.gui.controls import EmptyState
from assessor_desk.gui.panes.evidence.anchor_strip import AnchorStrip, Citable
from assessor_desk.gui.panes.evidence.stages import Stages
from assessor_desk.gui.session import Session
from assessor_desk.gui.viewers.viewer import Mark, Viewer


class EvidencePane(QWidget):
    """Tabs, the viewer of the chosen artifact, and its anchors. Anchors made here go to the current criterion."""

    artifact_shown = Signal(str)
    concern_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._submission = ""
        self._artifacts: tuple[Artifact, ...] = ()
        self._criterion = ""
        self._marks_visible = True
        self._wanted: Selector | None = None
        self._marked: tuple[Viewer | None, tuple[Mark, ...], bool] = (None, (), True)
        self._keys_of: Callable[[str], tuple[str, ...]] = default_keys
        self._build()
        session.case_changed.connect(self._show)
        theme.changed.connect(self._show_marks)
        self._show()

    def _build(self) -> None:
        self.setObjectName("evidencePane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tabs = QTabBar(self)
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._tabs.setUsesScrollButtons(True)
        self._tabs.setAccessibleName("Artifacts")
        self._tabs.currentChanged.connect(self._on_tab)
        self._tabs.tabBarClicked.connect(self._take_focus)
        self._label = QLabel(self)
        self._label.setObjectName("educatorLabel")
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._stages = Stages(self._session, self)
        self._stages.viewer_ready.connect(self._on_viewer_ready)
        self._strip = AnchorStrip(self)
        self._strip.anchor_activated.connect(self.reveal_anchor)
        self._strip.anchor_removed.connect(self._on_anchor_removed)
        self._strip.naming_wanted.connect(self._on_naming_wanted)
        self._strip.anchor_given.connect(self._on_anchor_given)
        self._strip.anchor_taken.connect(self._on_anchor_taken)
        stage = QWidget(self)
        stage.setObjectName("stage")
        stage.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QVBoxLayout(stage)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(8)
        inside.addWidget(self._label)
        inside.addWidget(self._stages, 1)
        inside.addWidget(self._strip)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(_nothing_open(self))
        self._pages.addWidget(stage)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self._tabs, 1)
        row.addWidget(self._concern_button())
        row.addWidget(self._every_artifact())
        column.addLayout(row)
        column.addWidget(self._pages, 1)

    def _concern_button(self) -> QToolButton:
        """A concern about what is shown is always one act away."""
        self._concern = QToolButton(self)
        self._concern.setIcon(icons.icon("flag", "muted"))
        self._concern.setToolTip("Raise a concern about this file")
        self._concern.setAccessibleName("Raise a concern about this file")
        self._concern.clicked.connect(self._on_concern)
        return self._concern

    def _on_concern(self) -> None:
        artifact = self.current_artifact
        self.concern_wanted.emit(artifact.id if artifact else "")

    def _every_artifact(self) -> QToolButton:
        """All artifacts in one menu, for when there are more than tabs have room."""
        self._every = QToolButton(self)
        self._every.setIcon(icons.icon("list", "muted"))
        self._every.setToolTip("All artifacts")
        self._every.setAccessibleName("All artifacts")
        self._every.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._every)
        menu.aboutToShow.connect(self._fill_menu)
        self._every.setMenu(menu)
        return self._every

    def _fill_menu(self) -> None:
        menu, case = self._every.menu(), self._session.case
        menu.clear()
        for index, artifact in enumerate(self._artifacts):
            state = case.artifact_states.get(artifact.id) if case else None
            away = "" if (state and state.here) or not artifact.captured else " · not here yet"
            away = " · removed" if state and state.removed else away
            name = artifact.name or artifact.link
            act = menu.addAction(icons.icon(icon_name(artifact)), f"{short_title(artifact)}   {name}{away}")
            act.setCheckable(True)
            act.setChecked(index == self._tabs.currentIndex())
            act.triggered.connect(lambda _=False, chosen=index: self._choose(chosen))

    def _choose(self, index: int) -> None:
        self._take_focus()
        self._tabs.setCurrentIndex(index)

    def _take_focus(self) -> None:
        """Keys pressed from now on are for what is shown, not for the text or the level that was left."""
        (self.viewer or self).setFocus(Qt.FocusReason.OtherFocusReason)

    # What is shown

    @property
    def current_artifact(self) -> Artifact | None:
        """The artifact in front."""
        index = self._tabs.currentIndex()
        return self._artifacts[index] if 0 <= index < len(self._artifacts) else None

    @property
    def viewer(self) -> Viewer | None:
        """The viewer in front, where there is one."""
        return self._stages.viewer

    def set_criterion(self, criterion_id: str) -> None:
        """Anchors made from now on go to this criterion."""
        self._criterion = criterion_id

    def _show(self) -> None:
        case = self._session.case
        self._pages.setCurrentIndex(0 if case is None else 1)
        self._tabs.setVisible(case is not None)
        self._every.setVisible(case is not None)
        self._concern.setVisible(case is not None)
        if case is None:
            self._submission, self._artifacts = "", ()
            self._stages.clear()
            self._strip.show_marks((), read_only=True)
            return
        if (case.submission.id, case.submission.shown) != (self._submission, self._artifacts):
            self._set_tabs(case)
        elif artifact := self.current_artifact:
            self._stages.refresh(case, artifact)
        self._show_marks()

    def _set_tabs(self, case: Case) -> None:
        same = case.submission.id == self._submission
        before = self.current_artifact if same else None
        self._submission, self._artifacts = case.submission.id, case.submission.shown
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for artifact in self._artifacts:
            index = self._tabs.addTab(icons.icon(icon_name(artifact)), short_title(artifact))
            self._tabs.setTabToolTip(index, artifact.name or artifact.link)
        ids = [artifact.id for artifact in self._artifacts]
        self._tabs.setCurrentIndex(ids.index(before.id) if before and before.id in ids else 0)
        self._tabs.blockSignals(False)
        self._on_tab(self._tabs.currentIndex())

    def _on_tab(self, _index: int) -> None:
        artifact, case = self.current_artifact, self._session.case
        if artifact is None or case is None:
            return
        self._label.setText(f"The educator’s label: “{artifact.label}”")
        self._label.setVisible(bool(artifact.label))
        self._stages.show_artifact(case, artifact)
        self._show_marks()
        self.artifact_shown.emit(artifact.id)

    def _on_viewer_ready(self, viewer: Viewer) -> None:
        viewer.selector_offered.connect(self._on_selector_offered, Qt.ConnectionType.UniqueConnection)
        viewer.anchor_activated.connect(self.reveal_anchor, Qt.ConnectionType.UniqueConnection)
        viewer.anchor_moved.connect(self._on_anchor_moved, Qt.ConnectionType.UniqueConnection)
        viewer.trouble.connect(self._session.notices.tell, Qt.ConnectionType.UniqueConnection)
        viewer.set_keys(self._keys_of)
        self.artifact_shown.emit(self.current_artifact.id if self.current_artifact else "")
        self._marked = (None, (), True)
        self._show_marks()
        if self.hasFocus():
            viewer.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._wanted is not None:
            viewer.reveal(self._wanted)
            self._wanted = None

    def _anchors_here(self) -> list[Anchor]:
        case, artifact = self._session.case, self.current_artifact
        if case is None or artifact is None:
            return []
        return [anchor for anchor in case.marked.anchors if anchor.artifact_id == artifact.id]

    def _show_marks(self) -> None:
        case = self._session.case
        if case is None:
            return
        marks = tuple(_mark(case, anchor) for anchor in self._anchors_here())
        self._strip.show_marks(marks, _citable(case), read_only=not case.anchoring)
        viewer = self.viewer
        if viewer is not None and (viewer, marks, self._marks_visible) != self._marked:
            self._marked = (viewer, marks, self._marks_visible)
            viewer.show_marks(marks)
            viewer.set_marks_visible(self._marks_visible)

    @property
    def stage(self) -> QWidget:
        """Where something may be laid over for a moment without covering controls."""
        return self.viewer.stage if self.viewer is not None else self._pages

    def dress_keys(self, keys_of: Callable[[str], tuple[str, ...]]) -> None:
        """Put the person's keys in force for what viewers do."""
        self._keys_of = keys_of
        if self.viewer is not None:
            self.viewer.set_keys(keys_of)

    # What the assessor does

    def step_artifact(self, step: int) -> None:
        """Go to the next (1) or previous (-1) artifact."""
        if count := self._tabs.count():
            self._tabs.setCurrentIndex((self._tabs.currentIndex() + step) % count)

    def anchor_here(self, criterion_id: str = "") -> None:
        """Anchor what is in sight, for the criterion named or the current one."""
        if criterion_id:
            self._criterion = criterion_id
        if self.viewer is not None:
            self.viewer.offer_current_selector()

    def toggle_marks(self) -> None:
        """Hide all marks, or show them again."""
        self._marks_visible = not self._marks_visible
        self._show_marks()

    def reveal_anchor(self, anchor_id: str) -> None:
        """Go to an anchor: its artifact in front, its place in sight, its moment playing."""
        case = self._session.case
        anchor = case.marked.anchor(anchor_id) if case else None
        index = next(
            (i for i, one in enumerate(self._artifacts) if anchor and one.id == anchor.artifact_id), -1
        )
        if anchor is None or index < 0:
            return
        if index == self._tabs.currentIndex() and self.viewer is not None:
            self.viewer.reveal(anchor.selector)
        else:
            self._wanted = anchor.selector
            self._tabs.setCurrentIndex(index)

    def _on_selector_offered(self, selector: Selector) -> None:
        case, artifact = self._session.case, self.current_artifact
        if case is None or artifact is None or not case.anchoring:
            return
        submission_id = case.submission.id
        criterion = self._criterion if case.cites else ""
        if isinstance(selector, Whole):
            words = f"Anchored the whole of {artifact.name}. Select words or draw a box first to cite a part."
            self._session.notices.tell(words)
        self._session.act(
            lambda desk: desk.place_anchor(submission_id, artifact.id, selector, "", criterion)[0]
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
        """Where a mark was dragged to is not where its anchor is: it goes back."""
        self._marked = (None, (), True)
        self._show_marks()

    def _on_anchor_removed(self, anchor_id: str) -> None:
        submission_id = self._submission
        self._session.act(lambda desk: desk.remove_anchor(submission_id, anchor_id))

    def _on_naming_wanted(self, anchor: Anchor) -> None:
        from assessor_desk.gui.dialogs.name_anchor import NameAnchorDialog

        dialog = NameAnchorDialog(self._session, self._submission, anchor, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_anchor_given(self, anchor_id: str, criterion_id: str) -> None:
        submission_id = self._submission
        self._session.act(lambda desk: desk.give_anchor(submission_id, anchor_id, criterion_id))

    def _on_anchor_taken(self, anchor_id: str, criterion_id: str) -> None:
        submission_id = self._submission
        self._session.act(lambda desk: desk.take_anchor(submission_id, anchor_id, criterion_id))

    def clear(self) -> None:
        """Let go of everything that is open, before the window closes."""
        self._stages.clear()


def _mark(case: Case, anchor: Anchor) -> Mark:
    """How an anchor is marked: by the number and colour of the first criterion that cites it."""
    ids = [criterion.id for criterion in case.rubric.criteria]
    cited = sorted(ids.index(one) for one in case.marked.criteria_citing(anchor.id) if one in ids)
    if not cited:
        return Mark(anchor, theme.colour("muted"), "·", anchor.note)
    numbers = ",".join(str(index + 1) for index in cited)
    return Mark(anchor, theme.anchor_colour(cited[0]), numbers, anchor.note)


def _citable(case: Case) -> list[Citable]:
    """The criteria that anchors may be given to; none while competence is not scored."""
    if not case.cites:
        return []
    return [
        Citable(criterion.id, number, criterion.title, case.marked.work(criterion.id).anchors)
        for number, criterion in enumerate(case.rubric.criteria, start=1)
    ]


def _nothing_open(parent: QWidget) -> QWidget:
    words = "Videos, plans and student work, beside the rubric."
    return EmptyState("evidence", "Evidence opens here", words, parent=parent)
