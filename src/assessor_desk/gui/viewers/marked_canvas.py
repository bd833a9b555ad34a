"""A scrolled surface that is painted by hand and shows marks: what canvases of pictures and of pages share."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from assessor_desk.gui.abstract_widget import AbstractWidget
from assessor_desk.gui.viewers.box_holding import BoxHolding
from assessor_desk.gui.viewers.markings import PlacedMark
from assessor_desk.gui.viewers.viewer import Mark


class MarkedCanvas(QAbstractScrollArea, metaclass=AbstractWidget):
    """Keeps the marks, tells the one under the pointer, and zooms by wheel."""

    zoom_changed = Signal()
    selector_drawn = Signal(object)
    mark_clicked = Signal(str)

    zoom_step = 1.2
    """How many times larger one step of the zoom is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks: tuple[Mark, ...] = ()
        self._marks_visible = True
        self.boxes = BoxHolding(self)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    @abstractmethod
    def placed_marks(self) -> list[PlacedMark]:
        """The marks in sight, where they lie now."""

    @abstractmethod
    def zoom_by(self, steps: float, at: QPointF | None = None) -> None:
        """Enlarge by steps, keeping what is at that point (or in the middle) where it is."""

    @abstractmethod
    def page_rect(self, page: int) -> QRectF:
        """Where a page, or a picture of a file, lies in the viewport now; they count from 0."""

    @abstractmethod
    def share(self, point: QPointF, page: int) -> QPointF:
        """A point of the viewport as fractions of a page."""

    @abstractmethod
    def pixels(self, share: QRectF, page: int) -> QRectF:
        """Fractions of a page as a rectangle of the viewport."""

    def box_moves_from(self, _point: QPointF) -> bool:
        """Whether dragging from a point inside a box moves the box."""
        return True

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks, none while they are hidden."""
        return self._marks if self._marks_visible else ()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self._marks = tuple(marks)
        self.boxes.heed_marks()
        self.viewport().update()

    def set_marks_visible(self, visible: bool) -> None:
        self._marks_visible = visible
        self.viewport().update()

    def mark_at(self, point: QPointF) -> PlacedMark | None:
        """The mark at a point of the viewport, the uppermost first."""
        return next((mark for mark in reversed(self.placed_marks()) if mark.holds(point)), None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What keys hold stays where it is."""
        if self.boxes.by_keys:
            self.boxes.keep()
        super().focusOutEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.told_at(QPointF(event.pos())), self.viewport())
            return True
        if isinstance(event, QNativeGestureEvent):
            return self._on_gesture(event)
        return super().viewportEvent(event)

    def told_at(self, point: QPointF) -> str:
        """What is said of what lies at a point of the viewport: plain words, empty where there is nothing to say."""
        mark = self.mark_at(point)
        return mark.title if mark is not None else ""

    def _on_gesture(self, event: QNativeGestureEvent) -> bool:
        """Two fingers apart enlarge, as much as they move apart."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self.zoom_by(math.log(max(0.1, 1 + event.value())) / math.log(self.zoom_step), event.position())
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(event.angleDelta().y() / 120, event.position())
            event.accept()
        else:
            super().wheelEvent(event)

    def scroll_by(self, distance: QPointF) -> None:
        """Move what is in sight by so many pixels."""
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(horizontal.value() + round(distance.x()))
        vertical.setValue(vertical.value() + round(distance.y()))
