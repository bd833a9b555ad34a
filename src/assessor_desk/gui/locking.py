"""Locking the window, when asked to or when nobody has been there for a while.

Nothing of any submission is on the screen then, in no window and no title; the passphrase brings everything back as it
was. The desk stays open behind it, so that a round goes on and nothing that was typed needs to be given up
(docs/decisions/0198). Whoever plays a recording is there.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QDialog, QToolTip, QWidget
from shiboken6 import isValid

from assessor_desk.domain.errors import DeskError
from assessor_desk.gui.playing import Playing

if TYPE_CHECKING:
    from assessor_desk.gui.main_window import MainWindow
    from assessor_desk.gui.pages.locked import Locked
    from assessor_desk.gui.preferences import Preferences
    from assessor_desk.gui.session import Session
    from assessor_desk.gui.workbench import Workbench

_LOOK_EVERY_MS = 5000
_SIGNS_OF_LIFE = {
    QEvent.Type.KeyPress,
    QEvent.Type.InputMethod,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
    QEvent.Type.TabletPress,
    QEvent.Type.TabletMove,
}


class Locking(QObject):
    """Locks a window with an open desk in it, and unlocks it."""

    locked = Signal()
    unlocked = Signal()

    def __init__(
        self, window: MainWindow, workbench: Workbench, session: Session, preferences: Preferences
    ) -> None:
        super().__init__(workbench)
        self._window, self._workbench = window, workbench
        self._session, self._preferences = session, preferences
        self._page: Locked | None = None
        self._had_the_keys: QWidget | None = None
        self._aside: list[tuple[QWidget, bool]] = []
        self._seen = time.monotonic()
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._look.timeout.connect(self._on_look)
        self._look.start()
        self._watched: list[QWindow] = []
        # Not the application's events: a filter in Python before each of them would slow down everything.
        _application().focusWindowChanged.connect(self._watch)
        self._watch(window.windowHandle())
        workbench.lock_wanted.connect(self.lock)

    @property
    def page(self) -> Locked | None:
        """What asks for the passphrase; None while nothing is locked."""
        return self._page

    def lock(self) -> None:
        """Send what is being typed, and show nothing any more."""
        if self._page is not None:
            return
        from assessor_desk.gui.pages.locked import Locked

        self._had_the_keys = self._workbench.focusWidget()
        self._workbench.flush()
        self._pause()
        self._page = Locked(self._window)
        self._page.given.connect(self._try)
        self._page.leaving.connect(self._window.close)
        self._session.notices.hush(True)
        QToolTip.hideText()
        for other in QApplication.topLevelWidgets():
            self._put_aside(other)
        self._window.cover(self._page)
        _application().installEventFilter(self)
        self.locked.emit()

    def _watch(self, window: QWindow | None) -> None:
        """Whatever a person does in any of the windows comes to it first."""
        self._watched = [one for one in self._watched if isValid(one)]
        if window is not None and window not in self._watched:
            window.installEventFilter(self)
            self._watched.append(window)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that somebody is there; and let no window appear while it is locked."""
        kind = event.type()
        if kind in _SIGNS_OF_LIFE:
            self._seen = time.monotonic()
        elif kind == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            QTimer.singleShot(0, watched, lambda: self._put_aside(watched))
        return super().eventFilter(watched, event)

    def _on_look(self) -> None:
        minutes = self._preferences.lock_minutes
        if self._plays():
            self._seen = time.monotonic()
        elif minutes and time.monotonic() - self._seen >= minutes * 60:
            self.lock()

    def _plays(self) -> bool:
        viewer: object = self._workbench.evidence.viewer if self._workbench.furnished else None
        return isinstance(viewer, Playing) and viewer.playback.playing

    def _pause(self) -> None:
        viewer: object = self._workbench.evidence.viewer if self._workbench.furnished else None
        if isinstance(viewer, Playing) and viewer.playback.playing:
            viewer.toggle_play()

    def _put_aside(self, other: QWidget) -> None:
        """Hide another window until the passphrase has been given; a menu or the palette just goes."""
        if self._page is None or other is self._window or not isValid(other) or not other.isVisible():
            return
        if other.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip):
            other.close()
        else:
            self._aside.append((other, other.isModal()))
            other.hide()

    def _try(self, passphrase: str) -> None:
        desk = self._session.desk
        self._session.tasks.side(
            lambda: desk.check_passphrase(passphrase), lambda _: self._unlock(), self._refuse
        )

    def _refuse(self, error: DeskError) -> None:
        if self._page is not None:
            self._page.refuse(error)

    def _unlock(self) -> None:
        if self._page is None:
            return
        self._page.end()
        self._page = None
        _application().removeEventFilter(self)
        self._seen = time.monotonic()
        self._window.uncover()
        if self._had_the_keys is not None and isValid(self._had_the_keys):
            self._had_the_keys.setFocus(Qt.FocusReason.OtherFocusReason)
        self._session.notices.hush(False)
        aside, self._aside = self._aside, []
        for other, modal in aside:
            if isValid(other) and isinstance(other, QDialog) and modal:
                other.open()
            elif isValid(other):
                other.show()
        self.unlocked.emit()


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
