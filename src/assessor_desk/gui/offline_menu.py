"""The inbox's own menu: what is to be available offline, and what need not be, with sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.inbox_model import ROW
from assessor_desk.gui.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk import InboxRow
    from assessor_desk.desk.keeping import FreedSpace
    from assessor_desk.gui.inbox import InboxPane
    from assessor_desk.gui.session import Session


class OfflineMenu(QObject):
    """Opens by the right button or the menu key on a line; `sync` fetches what is wanted."""

    def __init__(
        self, inbox: InboxPane, session: Session, sync: Callable[[], object], everything: Callable[[], object]
    ) -> None:
        super().__init__(inbox)
        self._inbox, self._session, self._sync, self._everything = inbox, session, sync, everything
        inbox.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        inbox.list.customContextMenuRequested.connect(self._on_wanted)
        inbox.list.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The right button opens the menu of a line and not the line: what is open cannot be freed."""
        pressed = event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease)
        return pressed and isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.RightButton

    def menu_for(self, row: InboxRow) -> QMenu:
        """The menu of a line."""
        menu = QMenu(self._inbox)
        menu.setAccessibleName(f"Evidence of {row.key}")
        away = row.total_bytes - row.ready_bytes + row.parked_bytes + row.later_bytes
        offline = menu.addAction(f"Make available offline{_sized(away)}")
        offline.setEnabled(row.offline != "kept" or away > 0)
        offline.triggered.connect(lambda: self._offline(row))
        shown = row.submission_id == self._session.wanted
        free = menu.addAction(
            f"Free this space{' (open in the window)' if shown else _sized(row.ready_bytes)}"
        )
        free.setEnabled(row.ready_bytes > 0 and not shown)
        free.triggered.connect(lambda: self._free(row))
        menu.addSeparator()
        menu.addAction("Evidence on this computer…").triggered.connect(lambda: self._everything())
        return menu

    def _on_wanted(self, at: QPoint) -> None:
        index = self._inbox.list.indexAt(at)
        if not index.isValid():
            index = self._inbox.list.currentIndex()
        row: Any = index.data(ROW)
        if row is not None and not isinstance(row, tuple) and hasattr(row, "ready_bytes"):
            menu = self.menu_for(row)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self._inbox.list.viewport().mapToGlobal(at))

    def _offline(self, row: InboxRow) -> None:
        desk = self._session.desk
        self._session.tasks.store(lambda: desk.make_offline([row.submission_id]), self._on_kept, self._tell)

    def _on_kept(self, changes: object) -> None:
        self._session.changed.emit(changes)
        self._sync()

    def _free(self, row: InboxRow) -> None:
        desk = self._session.desk
        self._session.tasks.store(lambda: desk.free_space([row.submission_id]), self._on_freed, self._tell)

    def _on_freed(self, freed: FreedSpace) -> None:
        from assessor_desk.gui.dialogs.evidence_here import freed_words

        self._session.notices.tell(freed_words(freed), "positive")
        self._session.changed.emit(freed.changes)

    def _tell(self, error: DeskError) -> None:
        self._session.notices.tell(sentence(error), "danger")


def _sized(count: int) -> str:
    return f" ({bytes_in_words(count)})" if count else ""
