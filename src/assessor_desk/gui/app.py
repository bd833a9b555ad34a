"""How the window starts, and how it ends.

`run` makes the application, dresses it as the desk's settings say (they are not encrypted), and shows the one
window with a light page in it: a field for the passphrase, the first page of a first run, or one line where the
key is at hand. Only when that has been painted are the desk and the workbench imported, while the person types.

A desk that the system's keyring remembers is tried with its copy first; where that is gone, the passphrase is asked
for.

The desk opens on the store lane. Then the workbench takes the page's place. It reads the inbox first, through the
database driver alone; then it adds evidence and rubric, and only then asks for what needs SQLAlchemy, whose import
takes as long as two bare windows. A first round with the source follows.

Closing sends what is being typed and waits until it is written; a refusal keeps the window open and says so. Then
the evidence is let go, the lanes are drained and the desk is closed: no thread and no child process outlives the
window. A defect of the program becomes a notice with its place in the code to copy, never with anything of a
submission.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from assessor_desk.domain.errors import Unavailable
from assessor_desk.gui import theme
from assessor_desk.gui.main_window import MainWindow
from assessor_desk.gui.pages.opening import Opening
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.tasks import Tasks
from assessor_desk.settings import Settings

if TYPE_CHECKING:
    from assessor_desk.desk import Desk
    from assessor_desk.desk.restoring import ClosedDesk
    from assessor_desk.gui.locking import Locking
    from assessor_desk.gui.pages.first_run import FirstRun
    from assessor_desk.gui.pages.unlock import Unlock
    from assessor_desk.gui.session import Session

#: Python looks at signals only while it runs; Qt's loop would keep Ctrl+C waiting.
_SIGNALS_EVERY_MS = 250
_FIRST_ROUND_AFTER_MS = 300


def run(folder: Path, passphrase: str | None = None, data_key: bytes | None = None) -> int:
    """Open the window on the desk in `folder` and stay until it is closed. Returns the exit code."""
    app = application()
    with signals_heeded(app), Program(folder, passphrase, data_key):
        return app.exec()


def application() -> QApplication:
    """The application; made once."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Assessor Desk")
    app.setDesktopFileName("assessor-desk")
    theme.load_fonts()
    return app


@contextlib.contextmanager
def signals_heeded(app: QApplication) -> Iterator[None]:
    """Within the block, Ctrl+C and a request to end close the windows as a person would."""
    awake = QTimer()
    awake.timeout.connect(lambda: None)
    awake.start(_SIGNALS_EVERY_MS)
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, lambda *_: app.closeAllWindows()) for name in names}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)
    awake.stop()


class Program(QObject):
    """From the first page to the workbench, and to the end. A context: leaving it closes the desk."""

    ready = Signal()
    """The inbox of the open desk is shown, and can be used."""

    def __init__(self, folder: Path, passphrase: str | None = None, data_key: bytes | None = None) -> None:
        super().__init__()
        self._folder = folder
        self._passphrase, self._data_key = passphrase, data_key
        self.desk: Desk | None = None
        self.session: Session | None = None
        self.locking: Locking | None = None
        self._unlock: Unlock | None = None
        self.tasks = Tasks(self)
        self.tasks.crashed.connect(self._on_defect)
        preferences = Preferences(Settings.load(folder))
        self._remembered = preferences.remembered and is_desk(folder)
        theme.apply(preferences.appearance, preferences.text_size)
        self.window = MainWindow(preferences)
        self._page: Opening | Unlock | FirstRun = self._first_page()
        self._page_leads_on()

    def __enter__(self) -> Self:
        self._excepthook = sys.excepthook
        sys.excepthook = self._on_exception
        self.window.painted.connect(self._on_painted)
        self.window.show()
        return self

    def __exit__(self, *_: object) -> None:
        self.tasks.drain()
        if self.desk is not None:
            self.desk.close()
        sys.excepthook = self._excepthook
        self.window.deleteLater()

    # The page that leads to a desk

    def _first_page(self) -> Opening:
        keyless = self._passphrase is None and self._data_key is None and not self._remembered
        return Opening("" if keyless else "Opening your desk…", self.window)

    def _asking_page(self) -> Unlock | FirstRun:
        if is_desk(self._folder):
            from assessor_desk.gui.pages.unlock import Openers, Unlock

            openers = Openers(open_desk_and_remember, open_desk_with_recovery_key, keyring_here, closed_desk)
            self._unlock = Unlock(self._folder, self.tasks, openers, self.window, remembered=self._remembered)
            return self._unlock
        from assessor_desk.gui.pages.first_run import FirstRun

        page = FirstRun(self._folder, self.tasks, create_desk, self.window)
        page.made.connect(self._on_made)
        return page

    def _on_made(self, desk: Desk) -> None:
        """A desk that is there must be closed, even if the person goes before its last page."""
        self.desk = desk

    def _page_leads_on(self) -> None:
        self._page.opened.connect(self._on_opened)
        self.window.show_page(self._page)

    def _on_painted(self) -> None:
        """Now there is time for what is slow."""
        folder, passphrase, data_key = self._folder, self._passphrase, self._data_key
        self._passphrase = self._data_key = None
        opening = self._page
        assert isinstance(opening, Opening)
        theme.follow_system()
        if passphrase is not None:
            self.tasks.store(lambda: open_desk(folder, passphrase), self._on_opened, opening.refuse)
        elif data_key is not None:
            self.tasks.store(lambda: open_desk_with_key(folder, data_key), self._on_opened, opening.refuse)
        elif self._remembered:
            self.tasks.store(lambda: open_desk_from_keyring(folder), self._on_recalled, opening.refuse)
        else:
            self._ask()
            return
        prepare_workbench()

    def _ask(self) -> None:
        self._page = self._asking_page()
        self._page_leads_on()
        self.tasks.side(prepare_desk)

    def _begin_again(self) -> None:
        """After a defect, from the first question on: a desk that was open already would refuse to open twice."""
        if self.desk is not None:
            self.desk.close()
            self.desk = None
        self._ask()

    def _on_recalled(self, desk: Desk | None) -> None:
        if desk is not None:
            self._on_opened(desk)
            return
        self._ask()
        if self._unlock is not None:
            self._unlock.page.tell_trouble(
                "The system’s keyring did not give the key to this desk. Type the passphrase instead."
            )

    def _on_opened(self, desk: Desk) -> None:
        from assessor_desk.gui.locking import Locking
        from assessor_desk.gui.notices import Notices
        from assessor_desk.gui.session import Session
        from assessor_desk.gui.workbench import Workbench

        self.desk = desk
        preferences = Preferences(desk.settings)
        notices = Notices()
        self.session = Session(desk, self.tasks, notices, self)
        workbench = Workbench(self.session, preferences, self.window)
        self.window.show_workbench(workbench, self.session, preferences)
        self.locking = Locking(self.window, workbench, self.session, preferences)
        notices.settle_on(self.window)
        if desk.settings.notice:
            notices.tell(desk.settings.notice, "caution")
        for told in desk.told_at_opening:
            notices.tell(told, "caution")
        if self._unlock is not None and self._unlock.by_passphrase.remember and not preferences.remembered:
            words = "The system’s keyring did not take the key. The passphrase is asked for next time too."
            notices.tell(words, "caution")
        workbench.inbox.shown.connect(self._on_inbox_shown)
        workbench.inbox.refresh()

    def _on_inbox_shown(self) -> None:
        workbench = self.window.workbench
        assert workbench is not None
        workbench.inbox.shown.disconnect(self._on_inbox_shown)
        # Painted now, not when Qt finds the time: furnishing the rest would come before that.
        self.window.repaint()
        self.ready.emit()
        assert self.desk is not None
        self.tasks.side(self.desk.get_readers_ready)
        QTimer.singleShot(0, workbench, self._on_ready)

    def _on_ready(self) -> None:
        """The inbox is on the screen; now the rest."""
        workbench = self.window.workbench
        assert workbench is not None
        workbench.furnish()
        workbench.show_ledger()
        QTimer.singleShot(_FIRST_ROUND_AFTER_MS, workbench, workbench.syncing.begin)

    # Defects

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.closeAllWindows()
        else:
            self._on_defect(error.with_traceback(trace))

    def _on_defect(self, error: BaseException) -> None:
        """Tell it, with where it happened; never what was typed or shown."""
        place = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
        words = f"Something in the program went wrong ({type(error).__name__}). What was saved is safe."
        copy = ("Copy details", lambda: QApplication.clipboard().setText(place))
        if self.session is not None:
            self.session.notices.tell(words, "danger", copy)
            return
        # The page that waits for the desk would wait for ever.
        self._page = Opening(words, self.window)
        self._page.offer(copy, ("Try again", self._begin_again))
        self.window.show_page(self._page)


def is_desk(folder: Path) -> bool:
    """Whether a desk is in `folder`, told without importing the desk: the window is painted first."""
    return any((folder / name).is_file() for name in ("keys.json", "keys-copy.json"))


# Each runs on a lane, and imports there.


def open_desk(folder: Path, passphrase: str) -> Desk:
    """Open a desk with its passphrase."""
    from assessor_desk.desk import Desk

    return Desk.open(folder, passphrase)


def open_desk_and_remember(folder: Path, passphrase: str, remember: bool) -> Desk:
    """Open a desk with its passphrase, and let the system's keyring keep a copy of its key, or forget it."""
    desk = open_desk(folder, passphrase)
    preferences = Preferences(desk.settings)
    if remember or preferences.remembered:
        # The desk is open; preferences that cannot be written only mean that it asks next time.
        with contextlib.suppress(Unavailable):
            preferences.remembered = desk.remember_in_keyring(passphrase, remember) and remember
    return desk


def open_desk_from_keyring(folder: Path) -> Desk | None:
    """Open a desk with the copy of its key in the system's keyring; None where there is none that opens it."""
    from assessor_desk.desk import Desk

    return Desk.open_from_keyring(folder)


def keyring_here() -> bool:
    """Whether the system has a keyring that may keep a desk's key."""
    from assessor_desk.desk import Desk

    return Desk.keyring_here()


def closed_desk(folder: Path, passphrase: str) -> ClosedDesk:
    """The snapshots of a desk that does not open."""
    from assessor_desk.desk import Desk

    return Desk.closed(folder, passphrase)


def open_desk_with_key(folder: Path, data_key: bytes) -> Desk:
    """Open a desk with its data key."""
    from assessor_desk.desk import Desk

    return Desk.open_with_key(folder, data_key)


def open_desk_with_recovery_key(folder: Path, recovery_key: str, passphrase: str) -> Desk:
    """Open a desk whose passphrase is lost, and give it another."""
    from assessor_desk.desk import Desk

    return Desk.open_with_recovery_key(folder, recovery_key, passphrase)


def create_desk(folder: Path, passphrase: str) -> tuple[Desk, str]:
    """Make a desk; its recovery key comes with it."""
    from assessor_desk.desk import Desk

    return Desk.create(folder, passphrase)


def prepare_desk() -> None:
    """Import what opening a desk needs, while the person types."""
    import assessor_desk.desk.unlocking  # noqa: F401


def prepare_workbench() -> None:
    """Import what the workbench needs, while the desk opens on its lane.

    The desk's package first: an import that begins with a part of it holds the part and waits for the whole, while the
    lane holds the whole and waits for the part. Python ends that with an error on the lane, and no desk opens.
    """
    import assessor_desk.desk  # isort: skip
    import assessor_desk.gui.workbench  # noqa: F401
