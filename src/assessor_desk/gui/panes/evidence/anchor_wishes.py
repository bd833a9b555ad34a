"""What a person may want of an anchor, wherever it is listed: signals, and the menu that offers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu

from assessor_desk.domain.anchor import Selector, may_become
from assessor_desk.gui.viewers.viewer import Mark


@dataclass(frozen=True)
class Citable:
    """A criterion whose score may cite anchors, and the ids of those that it cites."""

    id: str
    number: int
    title: str
    cites: tuple[str, ...]


class AnchorWishes(QObject):
    """Go there, say what is seen, remove; give to a criterion and take from it (anchor's id, criterion's id).

    An empty criterion's id means the one being worked on.
    """

    visited = Signal(str)
    removed = Signal(str)
    naming_wanted = Signal(object)
    moved_to = Signal(str, object)
    """The id of an anchor, and the place that it is to have from now on."""
    given = Signal(str, str)
    taken = Signal(str, str)

    def press(self, event: QKeyEvent, mark: Mark, *, read_only: bool) -> bool:
        """What a key does to the anchor that has the focus; False for a key that does nothing to it.

        Digits are for levels, so that a criterion's digit is pressed in the menu.
        """
        anchor_id = mark.anchor.id
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.visited.emit(anchor_id)
        elif read_only:
            return False
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(anchor_id)
        elif event.key() == Qt.Key.Key_F2:
            self.naming_wanted.emit(mark.anchor)
        elif event.text() in ("+", "-"):
            (self.given if event.text() == "+" else self.taken).emit(anchor_id, "")
        else:
            return False
        return True

    def fill(
        self,
        menu: QMenu,
        mark: Mark,
        citable: Sequence[Citable],
        *,
        read_only: bool,
        selected: Selector | None = None,
    ) -> QMenu:
        """Offer what can be done with one anchor. `selected` is what is selected in its artifact."""
        anchor_id = mark.anchor.id
        menu.addAction("Go there").triggered.connect(lambda: self.visited.emit(anchor_id))
        if read_only:
            return menu
        naming = menu.addAction("Say what is seen there…")
        naming.triggered.connect(lambda: self.naming_wanted.emit(mark.anchor))
        if selected is not None and may_become(mark.anchor.selector, selected):
            moving = menu.addAction("Move it to what is selected")
            moving.triggered.connect(lambda: self.moved_to.emit(anchor_id, selected))
        menu.addSeparator()
        for criterion in citable:
            verb = "Take from" if anchor_id in criterion.cites else "Give to"
            told = self.taken if anchor_id in criterion.cites else self.given
            title = criterion.title.replace("&", "&&")
            act = menu.addAction(f"{verb} criterion &{criterion.number}, {title}")
            act.triggered.connect(
                lambda _=False, told=told, own_id=criterion.id: told.emit(anchor_id, own_id)
            )
        menu.addSeparator()
        menu.addAction("Remove").triggered.connect(lambda: self.removed.emit(anchor_id))
        return menu
