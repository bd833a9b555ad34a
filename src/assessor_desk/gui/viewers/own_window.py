"""A recording away from the workbench: on the full screen, or in a window of its own, perhaps on another screen.

What keys do in the workbench they do here too: the acts of the widgets around the viewer come along.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QScreen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_desk.gui.controls import EmptyState, outlined_button

_SIZE = (1120, 760)
_AIR = 12
_REST_MS = 400
"""From one recording to the next the window stays in sight."""


class OwnWindow(QWidget):
    """Holds a viewer's body. `left` when it is to come back into the workbench."""

    left = Signal()

    def __init__(self, body: QWidget, viewer: QWidget) -> None:
        super().__init__(viewer.window(), Qt.WindowType.Window)
        self._viewer = viewer
        self.stays = False
        self.setWindowTitle(viewer.window().windowTitle())
        self.setObjectName("stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(_AIR, _AIR, _AIR, _AIR)
        column.addWidget(body)
        around: QWidget | None = viewer
        while around is not None:
            self.addActions(around.actions())
            around = around.parentWidget()
        self.setFocus()

    def fill(self) -> None:
        """Fill the screen that the workbench is on; leaving comes back."""
        self.setScreen(self._viewer.screen())
        self.showFullScreen()

    def stand(self, kept: str) -> None:
        """Stand as a window: where it stood last, else on another screen, else beside."""
        self.stays = True
        if not (kept and self.restoreGeometry(QByteArray.fromBase64(kept.encode()))):
            other = other_screen(self._viewer.screen())
            if other is not None:
                self.setGeometry(other.availableGeometry())
                self.showMaximized()
                return
            self.resize(*_SIZE)
        self.show()

    def move_to(self, screen: QScreen) -> None:
        """Go to another screen, as large there as here."""
        full = self.isFullScreen()
        self.showNormal()
        self.setGeometry(screen.availableGeometry())
        self.showFullScreen() if full else self.showMaximized()

    def toggle_full(self) -> None:
        """Fill its screen, or be a window again; one that came to fill the screen goes back."""
        if self.isFullScreen() and not self.stays:
            self.left.emit()
        else:
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    @property
    def full(self) -> bool:
        """Whether it fills its screen."""
        return self.isFullScreen()

    def place(self) -> str:
        """Where it stands, to be given to `stand` again; empty where it only filled the screen."""
        return bytes(self.saveGeometry().toBase64().data()).decode() if self.stays else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As in the workbench."""
        self._viewer.keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """The window's title follows the workbench's."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.setWindowTitle(self._viewer.window().windowTitle())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing comes back into the workbench."""
        event.ignore()
        self.left.emit()


def other_screen(own: QScreen) -> QScreen | None:
    """A screen beside the one given; None where there is only one."""
    return next((screen for screen in QGuiApplication.screens() if screen is not own), None)


class Whereabouts(QObject):
    """Where a viewer's body stands: in the viewer, on the full screen, or in a window of its own."""

    changed = Signal()

    def __init__(self, viewer: QWidget, body: QWidget) -> None:
        super().__init__(viewer)
        self._viewer, self._body = viewer, body
        self.window: OwnWindow | None = None
        self._place = ""
        back = outlined_button("Bring it back", viewer)
        back.clicked.connect(lambda _=False: self.come_back())
        words = "It plays there; the keys are the same."
        self._away = EmptyState("monitor", "The recording has a window of its own", words, back, viewer)
        self._away.hide()
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_REST_MS)
        self._resting.timeout.connect(self._hide)
        self._column = QVBoxLayout(viewer)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(body)
        self._column.addWidget(self._away)

    def prefer(self, place: str) -> None:
        """Where the window stood last."""
        self._place = place

    @property
    def place(self) -> str:
        """Where the window stood last, to be kept."""
        return self._place

    def toggle_full(self) -> None:
        """Fill the screen, or come back from that."""
        if self.window is None:
            self._take_out().fill()
        else:
            self.window.toggle_full()
        self.changed.emit()

    def toggle_own(self) -> None:
        """Take the body into a window of its own, or bring it back."""
        if self.window is not None:
            self.come_back()
        else:
            self._take_out().stand(self._place)
            self.changed.emit()

    def rest(self) -> None:
        """Nothing is shown any more: what filled the screen comes back, a window of its own waits out of sight."""
        if self.window is not None and not self.window.stays:
            self.come_back()
        elif self.window is not None:
            self._resting.start()

    def _hide(self) -> None:
        if self.window is not None:
            self.window.hide()

    def wake(self) -> None:
        """Something is shown again."""
        self._resting.stop()
        if self.window is not None and self.window.isHidden():
            self.window.show()

    def _take_out(self) -> OwnWindow:
        self.window = OwnWindow(self._body, self._viewer)
        self.window.left.connect(self.come_back)
        self._away.show()
        return self.window

    def come_back(self) -> None:
        """Bring the body back into the viewer."""
        window, self.window = self.window, None
        if window is None:
            return
        self._place = window.place() or self._place
        self._away.hide()
        self._column.insertWidget(0, self._body)
        window.hide()
        window.deleteLater()
        self._viewer.setFocus()
        self.changed.emit()
