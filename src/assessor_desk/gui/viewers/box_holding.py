"""Moving and resizing the box of an anchor on a page or picture, by mouse and by keys.

A handle resizes; the edge, the number and the inside move the whole. By keys the anchor chosen is held: arrows move it,
with Shift they move its lower right corner. Nothing is recorded before it is let go, so that one step undoes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QPainter

from assessor_desk.domain.anchor import ImageRegion, PageRegion, Selector
from assessor_desk.gui.viewers import markings
from assessor_desk.gui.viewers.grips import CORNER, WHOLE, Grip, grips_of, grown
from assessor_desk.gui.viewers.page_layout import box_of

if TYPE_CHECKING:
    from assessor_desk.gui.viewers.marked_canvas import MarkedCanvas
    from assessor_desk.gui.viewers.viewer import Mark

_REACH = 7.0
"""Pixels about a handle that still are the handle."""
_CLICK = 4.0
_KEY_STEP = 0.01
"""Of the page's width or height, as far as an arrow key moves."""

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_BY_KEYS = "Arrows move it, with Shift they size it · Enter keeps it · Esc puts it back"


@dataclass(frozen=True, slots=True)
class _Held:
    """A box being moved, in fractions of its page. `pressed` is where the mouse took it; None where keys hold it."""

    mark: Mark
    page: int
    grip: Grip
    origin: QRectF
    share: QRectF
    pressed: QPointF | None = None


class BoxHolding(QObject):
    """Which box is chosen or held, and where it is now."""

    moved = Signal(str, object)
    """The id of an anchor, and where it is now."""

    removed = Signal(str)
    """The id of an anchor that is to be removed."""

    def __init__(self, canvas: MarkedCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._allowed = True
        self._chosen = self._under = ""
        self._held: _Held | None = None
        self._let_go: dict[str, QRectF] = {}
        """Where boxes were let go of, until the review says where they are."""

    @property
    def chosen(self) -> str:
        """The id of the anchor that keys act on."""
        return self._chosen

    @property
    def by_keys(self) -> bool:
        """Whether keys hold a box."""
        return self._held is not None and self._held.pressed is None

    def allow(self, allowed: bool) -> None:
        """Whether anchors may be moved at all."""
        self._allowed = allowed
        if not allowed:
            self._held = None

    def choose(self, anchor_id: str) -> None:
        """Keys act on this one from now on."""
        self._chosen = anchor_id

    def choose_at(self, selector: Selector) -> None:
        """Keys act on the anchor of this place, which was gone to."""
        here = (mark.anchor.id for mark in self._canvas.marks if mark.anchor.selector == selector)
        self._chosen = next(here, self._chosen)

    def forget(self) -> None:
        """Another document: nothing is chosen or held."""
        self._chosen, self._under, self._held = "", "", None
        self._let_go.clear()

    def heed_marks(self) -> None:
        """Marks were replaced: they are where the review says; what is held goes on as the new one."""
        self._let_go.clear()
        if self._held is not None:
            mark = self._mark(self._held.mark.anchor.id)
            self._held = replace(self._held, mark=mark) if mark is not None else None

    def share_of(self, mark: Mark) -> QRectF | None:
        """Where the box of a mark is now, if that is not where its anchor is."""
        if self._held is not None and self._held.mark.anchor.id == mark.anchor.id:
            return self._held.share
        return self._let_go.get(mark.anchor.id)

    # Mouse

    def press(self, point: QPointF) -> bool:
        """Take what is there; False where there is nothing to take."""
        self.keep()
        found = self._grip_at(point)
        if found is None:
            return False
        placed, grip = found
        self._chosen = placed.anchor_id
        return self._take(placed.anchor_id, grip, point)

    def drag(self, point: QPointF) -> bool:
        """What the mouse holds follows it; False while it holds nothing."""
        held = self._held
        if held is None or held.pressed is None:
            return False
        pressed = self._canvas.pixels(QRectF(held.pressed, held.pressed), held.page).topLeft()
        if held.share != held.origin or (point - pressed).manhattanLength() > _CLICK:
            self._held = self._grown(replace(held, share=held.origin), point - pressed)
            self._canvas.viewport().update()
        return True

    def release(self, point: QPointF) -> bool:
        """Let go; a box that was not moved was clicked on. False where the mouse held nothing."""
        held = self._held
        if held is None or held.pressed is None:
            return False
        if held.share == held.origin:
            self._held = None
            clicked = self._canvas.mark_at(point)
            if clicked is not None:
                self._canvas.mark_clicked.emit(clicked.anchor_id)
        self.keep()
        self._canvas.viewport().update()
        return True

    def cursor(self, point: QPointF) -> Qt.CursorShape | None:
        """How the pointer, which is there now, looks where something can be taken."""
        found = self._grip_at(point)
        under = found[0].anchor_id if found is not None else ""
        if under != self._under:
            self._under = under
            self._canvas.viewport().update()
        return found[1].cursor if found is not None else None

    def _grip_at(self, point: QPointF) -> tuple[markings.PlacedMark, Grip] | None:
        """A handle before an edge or number, and of boxes that lie in one another the smallest."""
        if not self._allowed:
            return None
        placed = [mark for mark in self._canvas.placed_marks() if mark.box is not None]
        placed.sort(key=lambda mark: (mark.anchor_id != self._chosen, _area(mark)))
        for mark in placed:
            for where, grip in grips_of(mark.box or QRectF()):
                if (where - point).manhattanLength() <= _REACH:
                    return mark, grip
        at_edge = next((mark for mark in placed if mark.holds(point)), None)
        if at_edge is None and self._canvas.box_moves_from(point):
            inside = (mark for mark in placed if mark.box is not None and mark.box.contains(point))
            at_edge = min(inside, key=_area, default=None)
        return (at_edge, WHOLE) if at_edge is not None else None

    # Keys

    def hold(self) -> None:
        """Hold the box chosen (else the first in sight), or let go of it."""
        if self.by_keys:
            self.keep()
            return
        ids = [mark.anchor_id for mark in self._canvas.placed_marks() if mark.box is not None]
        anchor_id = self._chosen if self._chosen in ids else next(iter(ids), "")
        if self._allowed and self._take(anchor_id, WHOLE, None):
            self._chosen = anchor_id
            self._canvas.setFocus()
            self._say(_BY_KEYS)

    def key(self, event: QKeyEvent) -> bool:
        """Move, resize, keep or put back what keys hold; False for any other key."""
        held, key = self._held, Qt.Key(event.key())
        if held is None and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            return self._remove()
        if held is None or held.pressed is not None:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()
        elif key == Qt.Key.Key_Escape:
            self._held = None
        elif key in _ARROWS:
            page, (x, y) = self._canvas.page_rect(held.page), _ARROWS[key]
            sizing = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = QPointF(x * _KEY_STEP * page.width(), y * _KEY_STEP * page.height())
            self._held = self._grown(replace(held, grip=CORNER if sizing else WHOLE), step)
        else:
            return False
        self._canvas.viewport().update()
        return True

    def _remove(self) -> bool:
        """The chosen one is to be removed; False where none in sight is."""
        in_sight = {mark.anchor_id for mark in self._canvas.placed_marks()}
        if not self._allowed or self._chosen not in in_sight:
            return False
        self.removed.emit(self._chosen)
        return True

    def keep(self) -> None:
        """Let go of what is held, where it is now: an act, if it was moved."""
        held, self._held = self._held, None
        if held is None:
            return
        selector, box = held.mark.anchor.selector, box_of(held.share)
        if box is not None and held.share != held.origin and isinstance(selector, ImageRegion | PageRegion):
            self._let_go[held.mark.anchor.id] = held.share
            self.moved.emit(held.mark.anchor.id, replace(selector, box=box))
        self._canvas.viewport().update()

    # Painting

    def paint(self, painter: QPainter) -> None:
        """The handles of what is chosen, held or under the pointer."""
        if not self._allowed:
            return
        for mark in self._canvas.placed_marks():
            if mark.box is not None and mark.anchor_id in (self._chosen, self._under):
                markings.paint_handles(painter, [where for where, _ in grips_of(mark.box)], mark.colour)
        if self.by_keys:
            markings.paint_saying(painter, QRectF(self._canvas.viewport().rect()), _BY_KEYS)

    # Inside

    def _mark(self, anchor_id: str) -> Mark | None:
        return next((mark for mark in self._canvas.marks if mark.anchor.id == anchor_id), None)

    def _take(self, anchor_id: str, grip: Grip, at: QPointF | None) -> bool:
        mark = self._mark(anchor_id)
        if mark is None:
            return False
        page = getattr(mark.anchor.selector, "page", 1) - 1
        placed = next(one for one in self._canvas.placed_marks() if one.anchor_id == anchor_id)
        share = self._to_share(placed.box or QRectF(), page)
        pressed = self._canvas.share(at, page) if at is not None else None
        self._held = _Held(mark, page, grip, share, share, pressed)
        self._canvas.viewport().update()
        return True

    def _grown(self, held: _Held, distance: QPointF) -> _Held:
        """In pixels as the page lies there, whichever way it is turned."""
        rect, page = self._canvas.pixels(held.share, held.page), self._canvas.page_rect(held.page)
        return replace(held, share=self._to_share(grown(rect, held.grip, distance, page), held.page))

    def _to_share(self, rect: QRectF, page: int) -> QRectF:
        first, last = (self._canvas.share(point, page) for point in (rect.topLeft(), rect.bottomRight()))
        return QRectF(first, last).normalized()

    def _say(self, words: str) -> None:
        self._canvas.viewport().update()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._canvas, words))


def _area(mark: markings.PlacedMark) -> float:
    return mark.box.width() * mark.box.height() if mark.box is not None else 0.0
