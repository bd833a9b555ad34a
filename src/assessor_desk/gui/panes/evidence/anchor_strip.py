"""The anchors of the artifact in front, as chips below it: click to go there, name it, remove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from assessor_desk.domain import anchor as anchors
from assessor_desk.gui.controls import Chip
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.viewers.viewer import Mark


@dataclass(frozen=True)
class Citable:
    """A criterion whose score may cite anchors, and the ids of those that it cites."""

    id: str
    number: int
    title: str
    cites: tuple[str, ...]


class AnchorStrip(QWidget):
    """One chip per anchor, in the order of their places."""

    anchor_activated = Signal(str)
    anchor_removed = Signal(str)
    naming_wanted = Signal(object)
    anchor_given = Signal(str, str)
    anchor_taken = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = FlowLayout(self, gap=8)
        self._shown: tuple[object, ...] = ()
        self._citable: tuple[Citable, ...] = ()
        self.marks: tuple[Mark, ...] = ()
        self.setAccessibleName("Anchors in this artifact")

    def show_marks(self, marks: Sequence[Mark], citable: Sequence[Citable] = (), *, read_only: bool) -> None:
        """Show these anchors; each may be given to, or taken from, the criteria in `citable`."""
        self._citable, self.marks = tuple(citable), tuple(marks)
        shown = (read_only, *((m.anchor, m.number, m.colour.rgba()) for m in marks))
        if shown == self._shown:
            return
        self._shown = shown
        while (held := self._layout.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for mark in marks:
            self._layout.addWidget(self._chip(mark, read_only))
        self.setVisible(bool(marks))
        self.updateGeometry()

    def _chip(self, mark: Mark, read_only: bool) -> Chip:
        anchor = mark.anchor
        text = f"{mark.number}  {anchors.words(anchor.selector)} {anchor.note}".rstrip()
        chip = Chip(text, mark.colour, self, removable=not read_only)
        chip.setAccessibleName(
            f"Anchor of criterion {mark.number}, {anchors.words(anchor.selector)}, {anchor.note}"
        )
        chip.setToolTip(
            "Click to go there" + ("" if read_only else "; right-click to say what is seen there")
        )
        chip.clicked.connect(lambda: self.anchor_activated.emit(anchor.id))
        chip.removed.connect(lambda: self.anchor_removed.emit(anchor.id))
        if not read_only:
            chip.menu_wanted.connect(lambda where: self._menu(mark, where))
        return chip

    def _menu(self, mark: Mark, where: QPoint) -> None:
        menu = self.menu_for(mark)
        menu.exec(where)
        menu.deleteLater()

    def menu_for(self, mark: Mark) -> QMenu:
        """What can be done with one anchor."""
        menu, anchor_id = QMenu(self), mark.anchor.id
        menu.addAction("Go there").triggered.connect(lambda: self.anchor_activated.emit(anchor_id))
        menu.addAction("Say what is seen there…").triggered.connect(
            lambda: self.naming_wanted.emit(mark.anchor)
        )
        menu.addSeparator()
        for criterion in self._citable:
            cites = anchor_id in criterion.cites
            verb, signal = ("Take from", self.anchor_taken) if cites else ("Give to", self.anchor_given)
            act = menu.addAction(f"{verb} criterion {criterion.number}, {criterion.title}")
            act.triggered.connect(
                lambda _=False, told=signal, own_id=criterion.id: told.emit(anchor_id, own_id)
            )
        menu.addSeparator()
        menu.addAction("Remove").triggered.connect(lambda: self.anchor_removed.emit(anchor_id))
        return menu
