"""The place at the right of the evidence: the pane that fits what the person makes of the open submission."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case
    from assessor_desk.gui.side_pane import SidePane

Fits = Callable[["Case"], bool]
Make = Callable[[], "SidePane"]


class SheetPlace(QStackedWidget):
    """One pane in front; the others are made when first they fit. `pane_made` comes once for each."""

    pane_made = Signal(object)
    pane_changed = Signal()

    def __init__(self, session: Session, first: SidePane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._makers: list[tuple[Fits, Make]] = []
        self._made: dict[int, SidePane] = {}
        self._first = self.current = first
        self._key_of: Callable[[str], str] = lambda _: ""
        self.addWidget(first)
        session.case_changed.connect(self._on_case)

    def offer(self, fits: Fits, make: Make) -> None:
        """A further pane, for the submissions that it fits."""
        self._makers.append((fits, make))

    def _on_case(self) -> None:
        case = self._session.case
        if case is None:
            return
        wanted = next((number for number, (fits, _) in enumerate(self._makers) if fits(case)), None)
        pane = self._first if wanted is None else self._pane(wanted)
        if pane is not self.current:
            self.current = pane
            self.setCurrentWidget(pane)
            self.pane_changed.emit()

    def _pane(self, number: int) -> SidePane:
        if number not in self._made:
            pane = self._makers[number][1]()
            self._made[number] = pane
            self.addWidget(pane)
            pane.dress_keys(self._key_of)
            self.pane_made.emit(pane)
        return self._made[number]

    def dress_keys(self, key_of: Callable[[str], str]) -> None:
        """Say the person's keys in all of them, also in those still to be made."""
        self._key_of = key_of
        for pane in (self._first, *self._made.values()):
            pane.dress_keys(key_of)

    def flush(self) -> None:
        """Send what is being typed in any of them."""
        for pane in (self._first, *self._made.values()):
            pane.flush()
