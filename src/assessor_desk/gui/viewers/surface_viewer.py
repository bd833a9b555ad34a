"""What viewers share whose evidence lies on one surface: a picture, a column of pages, a column of words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QWidget

from assessor_desk.gui.viewers.viewer import Mark, Tasks, Viewer

if TYPE_CHECKING:
    from assessor_desk.domain.anchor import Selector


class Surface(Protocol):
    """What evidence lies on; it paints the marks and keeps what is selected."""

    def show_marks(self, marks: Sequence[Mark]) -> None: ...

    def set_marks_visible(self, visible: bool) -> None: ...

    def clear_selection(self) -> None: ...


class SurfaceViewer(Viewer):
    """Marks and places that come before the evidence is open wait until it is."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._marks: tuple[Mark, ...] = ()
        self._wanted: Selector | None = None

    @property
    @abstractmethod
    def surface(self) -> Surface:
        """Where the evidence lies."""

    @abstractmethod
    def reveal_now(self, selector: Selector) -> None:
        """Bring a place of the evidence, which is open, into sight."""

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self._marks = tuple(marks)
        self.surface.show_marks(marks)

    def set_marks_visible(self, visible: bool) -> None:
        self.surface.set_marks_visible(visible)

    def reveal(self, selector: Selector) -> None:
        if self._handle is None:
            self._wanted = selector
        else:
            self.reveal_now(selector)

    def offer_current_selector(self) -> None:
        super().offer_current_selector()
        self.surface.clear_selection()

    def clear(self) -> None:
        super().clear()
        self._wanted, self._marks = None, ()

    def show_what_waited(self) -> None:
        """The evidence is open now: show the marks and the place that were asked for before."""
        self.surface.show_marks(self._marks)
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.reveal_now(wanted)
