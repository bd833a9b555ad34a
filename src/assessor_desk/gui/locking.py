"""Locking the window, when asked to or when nobody has been there for a while.

Nothing of any submission is on the screen then, in no window and no title; the passphrase brings everything back as it
was. The desk stays open behind it, so that a round goes on and nothing that was typed needs to be given up
(docs/decisions/0198). Whoever plays a recording is there.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QWindow
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from assessor_desk.domain.errors import DeskError
from assessor_desk.gui.actions import is_single
from assessor_desk.gui.out_of_sight import OutOfSight
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
        self._others = OutOfSight(window, self)
        self._see()
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._look.timeout.connect(self._on_look)
        self._look.start()
        self._watched: list[QWindow] = []
        # Not the application's events: a filter in Python before each of them would slow down everything.
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.focusWindowChanged.connect(self._watch)
        self._watch(window.windowHandle())
        workbench.lock_wanted.connect(self.lock)
        window.stays_open.connect(self._on_stays_open)

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
        self._others.take(self._page)
        self._window.cover(self._page)
        self.locked.emit()

    def _watch(self, window: QWindow | None) -> None:
        """Whatever a person does in any of the windows comes to it first."""
        self._watched = [one for one in self._watched if isValid(one)]
        if window is not None and window not in self._watched:
            window.installEventFilter(self)
            self._watched.append(window)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that somebody is there; whoever comes back too late finds it locked."""
        if event.type() in _SIGNS_OF_LIFE:
            if self._page is None and (self._overdue() or self._asks_for_it(event)):
                self.lock()
                return True
            self._see()
        return super().eventFilter(watched, event)

    def _asks_for_it(self, event: QEvent) -> bool:
        """Its keys hold in a box too, which keeps the workbench from its own; a single letter is only typed there."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        pressed = QKeySequence(event.keyCombination())
        keys = self._workbench.actions_table.keys("lock")
        return any(pressed == QKeySequence(key) for key in keys if not is_single(key))

    def _see(self) -> None:
        self._seen, self._seen_by_the_wall = time.monotonic(), time.time()

    def _overdue(self) -> bool:
        """By either clock: the one that nobody sets stands still while the computer sleeps."""
        minutes = self._preferences.lock_minutes
        gone = max(time.monotonic() - self._seen, time.time() - self._seen_by_the_wall)
        return bool(minutes) and gone >= minutes * 60

    def _on_look(self) -> None:
        if self._overdue():
            self.lock()
        elif self._playing():
            self._see()

    def _playing(self) -> list[Playing]:
        """The recordings that play; there may be one in each half of the evidence."""
        viewers: list[object] = list(self._workbench.evidence.viewers) if self._workbench.furnished else []
        return [one for one in viewers if isinstance(one, Playing) and one.playback.playing]

    def _pause(self) -> None:
        for viewer in self._playing():
            viewer.toggle_play()

    def _on_stays_open(self) -> None:
        if self._page is not None:
            words = "Not everything you typed could be saved, so it stays open. Unlock it to see what to do."
            self._page.tell_trouble(words)

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
        self._see()
        self._window.uncover()
        if self._had_the_keys is not None and isValid(self._had_the_keys):
            self._had_the_keys.setFocus(Qt.FocusReason.OtherFocusReason)
        self._session.notices.hush(False)
        self._others.bring_back()
        self.unlocked.emit()
