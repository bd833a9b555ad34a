"""The anchors of the artifact in front, as chips below it: click to go there, name it, give it, remove it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from assessor_desk.domain import anchor as anchors
from assessor_desk.gui.anchor_drag import drag_anchor
from assessor_desk.gui.controls import Chip
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.panes.evidence.anchor_wishes import AnchorWishes, Citable
from assessor_desk.gui.panes.evidence.marks import in_words
from assessor_desk.gui.viewers.viewer import Mark

if TYPE_CHECKING:
    from assessor_desk.domain.anchor import Selector


class AnchorStrip(QWidget):
    """One chip per anchor, in the order of their places."""

    def __init__(self, wishes: AnchorWishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wishes = wishes
        self._layout = FlowLayout(self, gap=8)
        self._shown: tuple[object, ...] = ()
        self._citable: tuple[Citable, ...] = ()
        self.marks: tuple[Mark, ...] = ()
        self.selected: Callable[[], Selector | None] = lambda: None
        """What is selected in the artifact in front."""
        self.setAccessibleName("Anchors in this artifact")

    def show_marks(self, marks: Sequence[Mark], citable: Sequence[Citable] = (), *, read_only: bool) -> None:
        """Show these anchors; each may be given to, or taken from, the criteria in `citable`."""
        self._citable, self.marks = tuple(citable), tuple(marks)
        shown = (read_only, *((m.anchor, m.number, m.colour.rgba()) for m in marks))
        if shown == self._shown:
            return
        self._shown = shown
        chosen = self.window().focusWidget()  # also while a dialog asks what is seen there
        focused = chosen.anchor_id if isinstance(chosen, _AnchorChip) and self.isAncestorOf(chosen) else ""
        while (held := self._layout.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for mark in marks:
            chip = self._chip(mark, read_only)
            self._layout.addWidget(chip)
            if mark.anchor.id == focused:
                chip.show()  # the layout would show it later, and what is not seen gets no focus
                chip.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setVisible(bool(marks))
        self.updateGeometry()

    def _chip(self, mark: Mark, read_only: bool) -> Chip:
        anchor = mark.anchor
        chip = _AnchorChip(self, mark, removable=not read_only)
        chip.setAccessibleName(
            f"Anchor of criterion {mark.number}, {anchors.words(anchor.selector)}, {anchor.note}"
        )
        further = "; drag it to a criterion, or press + for the current one; right-click for more"
        chip.setToolTip("Click to go there" + ("" if read_only else further))
        chip.clicked.connect(lambda: self._wishes.visited.emit(anchor.id))
        chip.removed.connect(lambda: self._wishes.removed.emit(anchor.id))
        if not read_only:
            chip.menu_wanted.connect(lambda where: self._menu(mark, where))
        return chip

    def press(self, event: QKeyEvent, mark: Mark, *, read_only: bool) -> bool:
        """What a key does to the anchor that has the focus."""
        return self._wishes.press(event, mark, read_only=read_only)

    def _menu(self, mark: Mark, where: QPoint) -> None:
        menu = self.menu_for(mark)
        menu.exec(where)
        menu.deleteLater()

    def menu_for(self, mark: Mark) -> QMenu:
        """What can be done with one anchor."""
        menu, selected = QMenu(self), self.selected()
        return self._wishes.fill(menu, mark, self._citable, read_only=False, selected=selected)


class _AnchorChip(Chip):
    """A chip that can be carried to a criterion, or sent there by the criterion's digit."""

    def __init__(self, strip: AnchorStrip, mark: Mark, *, removable: bool) -> None:
        text = f"{mark.number}  {in_words(mark.anchor)}"
        super().__init__(text, mark.colour, strip, removable=removable, shape=mark.shape)
        self._mark, self.anchor_id = mark, mark.anchor.id
        self._strip, self._movable = strip, removable
        self._pressed: QPointF | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carried once it is moved far enough."""
        far = QApplication.startDragDistance()
        if (
            self._movable
            and self._pressed is not None
            and event.buttons() & Qt.MouseButton.LeftButton
            and (event.position() - self._pressed).manhattanLength() >= far
        ):
            self._pressed = None
            self.setDown(False)
            drag_anchor(self, self.anchor_id)
            return
        super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As in the list of anchors."""
        if not self._strip.press(event, self._mark, read_only=not self._movable):
            super().keyPressEvent(event)
