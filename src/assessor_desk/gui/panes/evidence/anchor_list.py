"""All anchors of the open submission in one list, by artifact or by criterion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Case
from assessor_desk.gui import icons
from assessor_desk.gui.anchor_drag import carried
from assessor_desk.gui.artifact_names import icon_name, short_titles
from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.panes.evidence.anchor_wishes import AnchorWishes, Citable
from assessor_desk.gui.panes.evidence.marks import citable_in, in_order, in_words, mark_of
from assessor_desk.gui.viewers.markings import PlacedMark, badge_rect, paint_badge
from assessor_desk.gui.viewers.viewer import Mark

_BADGE_HEIGHT = 18
_NONE_YET = "No anchors yet. Select words, draw a box, or press {} while you look."


@dataclass(frozen=True)
class _Group:
    """A heading and the anchors under it."""

    title: str
    icon: QIcon
    marks: tuple[Mark, ...]


class AnchorList(QWidget):
    """Beside the evidence, never over it. Return goes to an anchor, F2 says what is seen, Delete removes it."""

    closed = Signal()

    def __init__(self, wishes: AnchorWishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._by_criterion = False
        self._shown: tuple[object, ...] = ()
        self._tree = _Tree(wishes, self)
        self._title = QLabel(self)
        self._title.setObjectName("paneTitle")
        self._none = QLabel(self)
        self._none.setObjectName("muted")
        self._none.setWordWrap(True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setObjectName("anchorList")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(180)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 12)
        column.setSpacing(8)
        column.addLayout(self._heading())
        column.addLayout(self._orders())
        column.addWidget(self._none)
        column.addWidget(self._tree, 1)

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._title, 1)
        close = QToolButton(self)
        close.setIcon(icons.icon("x", "muted"))
        close.setToolTip("Close the list of anchors")
        close.setAccessibleName("Close the list of anchors")
        close.clicked.connect(self.closed)
        row.addWidget(close)
        return row

    def _orders(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._order = QButtonGroup(self)
        for number, words in enumerate(("By artifact", "By criterion")):
            button = quiet_button(words, self)
            button.setProperty("choice", True)
            button.setCheckable(True)
            button.setChecked(number == 0)
            self._order.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self._order.idClicked.connect(self._on_order)
        return row

    def _on_order(self, number: int) -> None:
        self._by_criterion = number == 1
        self._fill()

    def show_case(self, case: Case | None, anchor_key: str = "A") -> None:
        """List the anchors of this submission; `anchor_key` is told where there are none."""
        self._case = case
        self._none.setText(_NONE_YET.format(anchor_key))
        self._fill()

    def _fill(self) -> None:
        case = self._case
        marks = tuple(mark_of(case, one) for one in case.marked.anchors) if case else ()
        self._title.setText(f"Anchors · {len(marks)}" if marks else "Anchors")
        self._none.setVisible(not marks)
        self._tree.setVisible(bool(marks))
        shown = (
            self._by_criterion,
            case.submission.id if case else "",
            case.anchoring if case else False,
            *((one.anchor, one.number, one.colour.rgba()) for one in marks),
        )
        if shown == self._shown or case is None:
            return
        self._shown = shown
        groups = _by_criterion(case, marks) if self._by_criterion else _by_artifact(case, marks)
        self._tree.show_groups(groups, citable_in(case), read_only=not case.anchoring)

    def take_focus(self) -> None:
        """Put the keys into the list."""
        self._tree.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _by_artifact(case: Case, marks: Iterable[Mark]) -> list[_Group]:
    placed = list(marks)
    groups, titles = [], short_titles(case.submission.shown)
    by_id = {one.anchor.id: one for one in placed}
    for artifact in case.submission.shown:
        ordered = in_order(one.anchor for one in placed if one.anchor.artifact_id == artifact.id)
        here = tuple(by_id[one.id] for one in ordered)
        if here:
            groups.append(_Group(titles[artifact.id], icons.icon(icon_name(artifact), "muted"), here))
    known = {artifact.id for artifact in case.submission.shown}
    gone = tuple(one for one in placed if one.anchor.artifact_id not in known)
    return [*groups, _Group("Not in the evidence any more", QIcon(), gone)] if gone else groups


def _by_criterion(case: Case, marks: Iterable[Mark]) -> list[_Group]:
    placed = list(marks)
    groups = []
    for number, criterion in enumerate(case.rubric.criteria, start=1):
        cited = case.marked.work(criterion.id).anchors if case.cites else ()
        here = tuple(one for one in placed if one.anchor.id in cited)
        if here:
            groups.append(_Group(f"{number}  {criterion.title}", QIcon(), here))
    loose = tuple(one for one in placed if not case.marked.criteria_citing(one.anchor.id))
    return [*groups, _Group("Not cited yet", QIcon(), loose)] if loose else groups


class _Tree(QTreeWidget):
    """Groups of anchors; an anchor can be dragged to a criterion."""

    def __init__(self, wishes: AnchorWishes, parent: QWidget) -> None:
        super().__init__(parent)
        self._wishes = wishes
        self._citable: Sequence[Citable] = ()
        self._read_only = True
        self.setHeaderHidden(True)
        self.setIndentation(10)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(False)
        self.setAccessibleName("Anchors of this submission")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.itemClicked.connect(self._on_clicked)

    def show_groups(self, groups: Iterable[_Group], citable: Sequence[Citable], *, read_only: bool) -> None:
        """Replace the list; the anchor that was current stays so."""
        before = mark.anchor.id if (mark := self._mark(self.currentItem())) else ""
        self._citable, self._read_only = citable, read_only
        self.clear()
        groups = list(groups)
        widths = [_badge_width(mark) for group in groups for mark in group.marks]
        self.setIconSize(QSize(max(widths, default=_BADGE_HEIGHT), _BADGE_HEIGHT))
        for group in groups:
            heading = QTreeWidgetItem(self, [f"{group.title}  ({len(group.marks)})"])
            heading.setIcon(0, group.icon)
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            heading.setToolTip(0, group.title)
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            for mark in group.marks:
                self._add(heading, mark)
            heading.setExpanded(True)
        self._make_current(before)

    def _add(self, heading: QTreeWidgetItem, mark: Mark) -> None:
        words = in_words(mark.anchor)
        line = QTreeWidgetItem(heading, [words])
        line.setIcon(0, _badge(mark, self.devicePixelRatioF()))
        line.setToolTip(0, words)
        line.setData(0, Qt.ItemDataRole.UserRole, mark)
        cited = "not cited yet" if mark.number == "·" else f"criterion {mark.number}"
        line.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{words}, {cited}")

    def _make_current(self, anchor_id: str) -> None:
        for top in range(self.topLevelItemCount()):
            heading = self.topLevelItem(top)
            for place in range(heading.childCount()) if heading else ():
                line = heading.child(place) if heading else None
                mark = self._mark(line)
                if line and mark and anchor_id in ("", mark.anchor.id):
                    self.setCurrentItem(line)
                    return

    def _mark(self, line: QTreeWidgetItem | None) -> Mark | None:
        held = line.data(0, Qt.ItemDataRole.UserRole) if line else None
        return held if isinstance(held, Mark) else None

    def _on_clicked(self, line: QTreeWidgetItem) -> None:
        if mark := self._mark(line):
            self._wishes.visited.emit(mark.anchor.id)

    def _on_menu(self, where: QPoint) -> None:
        mark = self._mark(self.itemAt(where) or self.currentItem())
        if mark is None:
            return
        menu = self._wishes.fill(QMenu(self), mark, self._citable, read_only=self._read_only)
        menu.exec(self.viewport().mapToGlobal(where))
        menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys for the anchor on which the list stands."""
        mark = self._mark(self.currentItem())
        if mark is None or not self._wishes.press(event, mark, read_only=self._read_only):
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Say what is seen there."""
        mark = self._mark(self.itemAt(event.position().toPoint()))
        if mark and not self._read_only:
            self._wishes.naming_wanted.emit(mark.anchor)

    def mimeData(self, lines: Sequence[QTreeWidgetItem]):  # type: ignore[no-untyped-def]
        """What is dragged."""
        mark = self._mark(lines[0]) if lines else None
        return carried(mark.anchor.id if mark and not self._read_only else "")


def _badge_width(mark: Mark) -> int:
    return round(badge_rect(mark.number, 0, 0, ()).width())


def _badge(mark: Mark, ratio: float) -> QIcon:
    """The number in its colour, as the evidence shows it."""
    size = QSize(_badge_width(mark), _BADGE_HEIGHT)
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    rect = QRectF(0, 0, size.width(), size.height())
    paint_badge(painter, PlacedMark(mark.anchor.id, mark.colour, mark.number, mark.title, rect))
    painter.end()
    return QIcon(pixmap)
