"""The one window: a page that leads to a desk, then the workbench on it.

It also stays in the way of closing until everything typed is on the disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from assessor_desk.domain.errors import DeskError
from assessor_desk.gui.preferences import Preferences

if TYPE_CHECKING:
    from assessor_desk.gui.session import Session
    from assessor_desk.gui.workbench import Workbench

_SIZE = (1440, 900)
_TITLE_BAR = 36
_PACKETS = {".zip", ".pem"}


class MainWindow(QMainWindow):
    """Shows one page at a time. `painted` comes once, after the first paint; `closed` when it is gone for good."""

    painted = Signal()
    closed = Signal()
    stays_open = Signal()
    """It was to be closed, and not everything typed could be saved."""

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self._session: Session | None = None
        self.workbench: Workbench | None = None
        self._cover: QWidget | None = None
        self._was_painted = False
        self._may_close = False
        self._refused_while_closing = False
        self.setWindowTitle("Assessor Desk")
        self.setMinimumSize(640, 360)
        self.setAcceptDrops(True)
        self._pages = QStackedWidget(self)
        self.setCentralWidget(self._pages)
        self._restore_place()

    def _restore_place(self) -> None:
        kept = self._preferences.geometry
        if kept and self.restoreGeometry(QByteArray.fromBase64(kept.encode())):
            return
        screen = QGuiApplication.primaryScreen()
        room = screen.availableSize()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height() - _TITLE_BAR))

    @property
    def page(self) -> QWidget | None:
        """The page in front."""
        return self._pages.currentWidget()

    def show_page(self, page: QWidget) -> None:
        """Put a page in front; the one before goes."""
        before = self._pages.currentWidget()
        self._pages.setCurrentIndex(self._pages.addWidget(page))
        if before is not None:
            self._pages.removeWidget(before)
            before.deleteLater()

    def show_workbench(self, workbench: Workbench, session: Session, preferences: Preferences) -> None:
        """Put the workbench on an open desk in front."""
        self._session, self.workbench, self._preferences = session, workbench, preferences
        session.refused.connect(self._on_refused)
        workbench.closing_wanted.connect(self.close)
        self.show_page(workbench)
        workbench.inbox.take_the_keys()
        self.setWindowTitle("Assessor Desk")
        session.case_changed.connect(self._on_case)

    def cover(self, page: QWidget) -> None:
        """Put a page before the workbench, which stays as it is behind it; nothing of it is told in the title."""
        self._cover = page
        self._pages.setCurrentIndex(self._pages.addWidget(page))
        self.setWindowTitle("Locked · Assessor Desk")

    def uncover(self) -> None:
        """Take that page away again."""
        assert self.workbench is not None
        assert self._cover is not None
        cover, self._cover = self._cover, None
        self._pages.setCurrentWidget(self.workbench)
        self._pages.removeWidget(cover)
        cover.deleteLater()
        self._on_case()

    def _on_case(self) -> None:
        if self._cover is not None:
            return
        case = self._session.case if self._session else None
        if case is None:
            self.setWindowTitle("Assessor Desk")
            return
        draft = " · draft" if case.submission.draft else ""
        self.setWindowTitle(f"{case.submission.key}{draft} · Assessor Desk")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell, once, that the window is on the screen."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    # Packets dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Packets and trust lists are welcome once a desk is open; nothing else is."""
        if self.workbench is not None and self._cover is None and packets_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Check the packets dropped, in the window for it."""
        if self.workbench is not None and (paths := packets_in(event.mimeData())):
            event.acceptProposedAction()
            self.workbench.errands.verify_files(paths)

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Wait until everything typed has been written; a refusal keeps the window open, with its sentence."""
        if self._may_close or self.workbench is None or self._session is None:
            self._leave()
            super().closeEvent(event)
            self.closed.emit()
            return
        event.ignore()
        self._refused_while_closing = False
        self._session.when_written(self._on_written, self._stay_open)

    def _on_refused(self, _error: DeskError) -> None:
        self._refused_while_closing = True

    def _on_written(self) -> None:
        if self._refused_while_closing:
            self._stay_open()
        else:
            self.close_now()

    def _stay_open(self) -> None:
        assert self._session is not None
        words = "The window stays open: not everything you typed could be saved."
        self._session.tell_until_saved(words, ("Close anyway", self.close_now))
        self.stays_open.emit()

    def close_now(self) -> None:
        """Close without waiting."""
        self._may_close = True
        self.close()

    def _leave(self) -> None:
        if self.workbench is not None:
            self.workbench.leave()
            self._preferences.geometry = bytes(self.saveGeometry().toBase64().data()).decode()

    def changeEvent(self, event: QEvent) -> None:
        """What was typed is an entry once the window is left."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow() and self.workbench:
            self.workbench.flush()


def packets_in(dragged: QMimeData) -> list[Path]:
    """The files dragged, if all of them may be packets or trust lists; else none."""
    files = [Path(url.toLocalFile()) for url in dragged.urls() if url.isLocalFile()]
    return files if all(path.suffix.lower() in _PACKETS for path in files) else []
