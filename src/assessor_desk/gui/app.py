"""How the window starts, and how it ends.

`run` makes the application, dresses it, and paints a small start window before anything slow is imported.
That window asks
for the passphrase, or makes a desk where there is none: passphrase, recovery key, hub. The desk then opens
on the store lane;
when it is open the workbench takes the start window's place, shows the inbox (read by the database driver
alone, so that the heavy libraries may come later) and begins a first round with the source.

Closing sends what is being typed, lets go of the evidence, waits for the lanes, and closes the desk: no
thread and no child
process outlives the window. A defect of the program becomes a notice with its details to copy, never a silent end.
"""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui import theme
from assessor_desk.gui.start_window import StartWindow
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Desk
    from assessor_desk.gui.main_window import MainWindow

#: Python looks at signals only while it runs; Qt's loop would keep Ctrl+C waiting.
_SIGNALS_EVERY_MS = 250


def run(folder: Path, passphrase: str | None = None, data_key: bytes | None = None) -> int:
    """Open the window on the desk in `folder` and stay until it is closed. Returns the exit code."""
    app = application()
    program = Program(folder)
    program.start(passphrase, data_key)
    code = app.exec()
    program.end()
    return code


def application() -> QApplication:
    """The dressed application; made once."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Assessor Desk")
    app.setDesktopFileName("assessor-desk")
    theme.load_fonts()
    theme.apply(theme.Appearance.SYSTEM)
    return app


class Program(QObject):
    """From the start window to the workbench, and to the end."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.tasks = Tasks(self)
        self.tasks.crashed.connect(self._on_defect)
        self.desk: Desk | None = None
        self.start_window: StartWindow | None = None
        self.main_window: MainWindow | None = None
        self._before = sys.excepthook
        sys.excepthook = self._on_exception
        self._awake = QTimer(self)
        self._awake.timeout.connect(lambda: None)
        self._awake.start(_SIGNALS_EVERY_MS)
        signal.signal(signal.SIGINT, lambda *_: self._close_windows())
        signal.signal(signal.SIGTERM, lambda *_: self._close_windows())

    def start(self, passphrase: str | None = None, data_key: bytes | None = None) -> None:
        """Paint the start window, then open the desk if it can be opened without asking."""
        self.start_window = StartWindow(self._folder, self.tasks)
        self.start_window.opened.connect(self._on_opened)
        self.start_window.show()
        if passphrase is not None:
            start_window = self.start_window
            QTimer.singleShot(0, lambda: start_window.open_with(passphrase))
        elif data_key is not None:
            key = data_key
            QTimer.singleShot(0, lambda: self._open_with_key(key))

    def end(self) -> None:
        """Finish what is under way and close the desk."""
        self.tasks.drain()
        if self.desk is not None:
            self.desk.close()
            self.desk = None
        sys.excepthook = self._before

    def _open_with_key(self, data_key: bytes) -> None:
        def work() -> Desk:
            from assessor_desk.desk import Desk

            return Desk.open_with_key(self._folder, data_key)

        self.tasks.store(work, self._on_opened, self._on_refused)

    def _on_opened(self, desk: Desk) -> None:
        from assessor_desk.gui.main_window import MainWindow
        from assessor_desk.gui.notices import Notices
        from assessor_desk.gui.preferences import Preferences
        from assessor_desk.gui.session import Session

        self.desk = desk
        preferences = Preferences(desk.settings)
        theme.apply(preferences.appearance, preferences.text_size)
        notices = Notices()
        session = Session(desk, self.tasks, notices, self)
        window = MainWindow(session, preferences)
        notices.settle_on(window)
        if desk.settings.notice:
            notices.tell(desk.settings.notice, "caution")
        self.main_window = window
        window.show()
        window.show_desk()
        if self.start_window is not None:
            self.start_window.close()
            self.start_window.deleteLater()
            self.start_window = None

    def _on_refused(self, error: DeskError) -> None:
        if self.start_window is not None:
            self.start_window.refuse(sentence(error))

    def _close_windows(self) -> None:
        for window in (self.main_window, self.start_window):
            if window is not None:
                window.close()

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """A defect in a slot: tell it, with where it happened; never what was typed or shown."""
        if issubclass(kind, KeyboardInterrupt):
            self._close_windows()
            return
        self._on_defect(error.with_traceback(trace))

    def _on_defect(self, error: BaseException) -> None:
        details = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
        if self.main_window is None:
            self._before(type(error), error, error.__traceback__)
            return
        notices = self.main_window.notices
        words = f"Something in the program went wrong ({type(error).__name__}). Your work is saved on this computer."
        notices.tell(words, "danger", ("Copy details", _copy(details)))


def _copy(details: str) -> Callable[[], None]:
    return lambda: QApplication.clipboard().setText(details)
