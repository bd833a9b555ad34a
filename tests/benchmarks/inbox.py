"""The inbox of 1,000 and of 100,000 lines in a window: shown, searched, ordered anew and scrolled, against bare SQL.

The floor is the query that the driver alone makes on the same file, all its rows fetched: what an inbox has to ask that
shows them. A second line compares with the least that can be asked: the order with its headings, and one page. Where a
line moves, a third connection writes that, so that both must read the file anew. The worst frame is told in
milliseconds, against two frames of a screen of 60 a second. With `--quick` there are 60 lines.
"""

import contextlib
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from assigned import NOW, PASSPHRASE, make_desk
from harness import Measure, seconds
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from assessor_desk.desk import Desk
from assessor_desk.desk.folder import DeskFolder
from assessor_desk.gui import theme
from assessor_desk.gui.app import application
from assessor_desk.gui.inbox import InboxPane
from assessor_desk.gui.notices import Notices
from assessor_desk.gui.session import Session
from assessor_desk.gui.tasks import Tasks
from assessor_desk.keys.derivation import derive
from assessor_desk.keys.envelope import Envelope
from assessor_desk.store.connection import connect
from assessor_desk.store.first_page import _ALL, read_order, read_rows
from assessor_desk.store.times import stamp

SIZES = (60,) if "--quick" in sys.argv else (1_000, 100_000)
PAGE = 57
#: What fits the key of one line in a hundred, in the middle of the list too.
SEARCH = "99"
TWO_FRAMES = 2 / 60
SIZE = (260, 700)


class Shown(QObject):
    """An inbox in a window on a desk; every act waits until it is painted."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.tasks, notices = Tasks(), Notices()
        self.session = Session(desk, self.tasks, notices)
        self.window = QWidget()
        self.window.resize(*SIZE)
        self.pane = InboxPane(self.session, self.window)
        self.pane.resize(*SIZE)
        self.window.show()
        self.read = False
        self.pane.shown.connect(self._on_shown)
        #: Wakes whoever waits, so that a deadline is noticed where nothing else happens.
        self._awake = QTimer(self, interval=1000)
        self._awake.start()

    def _on_shown(self) -> None:
        self.read = True

    def until_shown(self, act: Callable[[], object]) -> None:
        """Do it, and wait until the list stands on the screen with the words of all its lines."""
        self.read = False
        act()
        self._until(lambda: self.read and not self.pane._reading)
        self.pane.list.viewport().repaint()

    def _until(self, done: Callable[[], bool]) -> None:
        """Asleep between events, as the program is: a loop that asks on and on takes the interpreter from the lane."""
        deadline = time.monotonic() + 60
        while not done():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            assert time.monotonic() < deadline

    def search(self, words: str) -> None:
        if words != self.pane._search.text():
            self.until_shown(lambda: self.pane._search.setText(words))

    def frame(self, act: Callable[[], object]) -> float:
        """One act of scrolling until it is painted, and what came of it until nothing more comes."""

        def painted() -> None:
            act()
            self.pane.list.viewport().repaint()

        taken = seconds(painted)
        return max(taken, seconds(QApplication.processEvents))

    def worst_frame(self, act: Callable[[], object], count: int = 60) -> float:
        return max(self.frame(act) for _ in range(count))

    def wheel(self) -> None:
        at = QPointF(100, 300)
        view = self.pane.list.viewport()
        QApplication.sendEvent(
            view,
            QWheelEvent(
                at, view.mapToGlobal(at), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            ),
        )  # fmt: skip

    def page_down(self) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = QKeyEvent(kind, Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(self.pane.list, key)

    def jump(self) -> None:
        bar = self.pane.list.verticalScrollBar()
        bar.setValue(random.randrange(bar.maximum() + 1))

    def end(self) -> None:
        self.tasks.drain()
        self.window.deleteLater()
        self.session.notices.deleteLater()
        QApplication.processEvents()


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """For each size a desk, a window on it, and a bare connection to its file."""
    application()
    theme.apply(theme.Appearance.LIGHT)
    with contextlib.ExitStack() as ends:
        found: list[Measure] = []
        for size in SIZES:
            made = _desk(folder, size)
            desk = ends.enter_context(Desk.open(made, PASSPHRASE))
            key = derive(Envelope.load(DeskFolder(made).keys).unlock(PASSPHRASE), "desk file")
            bare = connect(desk.store.path, key, journal=None)
            ends.callback(bare.close)
            bare.execute("PRAGMA cache_size = -32768")
            writer = connect(desk.store.path, key, journal=None)
            ends.callback(writer.close)
            shown = Shown(desk)
            ends.callback(shown.end)
            found += _measures(size, shown, bare, writer)
        yield found


def _desk(folder: Path, size: int) -> Path:
    """100,000 take a minute."""
    made = folder / f"desk{size}"
    make_desk(made, size).close()
    return made


def _measures(size: int, shown: Shown, bare, writer) -> Iterator[Measure]:  # type: ignore[no-untyped-def]
    def whole(words: str = "") -> Callable[[], float]:
        return lambda: seconds(lambda: bare.execute(_ALL, {"search": words}).fetchall())

    def least(words: str = "") -> Callable[[], float]:
        def ask() -> None:
            order = read_order(bare, words, datetime.now(UTC))
            ids = [one for held in order.sections.values() for one in held][:PAGE]
            read_rows(bare, ids)

        return lambda: seconds(ask)

    def again() -> float:
        shown.pane._model.show([], {})
        return seconds(lambda: shown.until_shown(shown.pane.refresh))

    def searched() -> float:
        shown.search("")
        return seconds(lambda: shown.search(SEARCH))

    def move() -> None:
        """The last line of all comes to the first."""
        own_id = shown.pane.list.model().ids()[-1]
        writer.execute("UPDATE inbox SET due_at = ? WHERE submission_id = ?", (stamp(NOW), own_id))

    def after_moving(act: Callable[[], float]) -> Callable[[], float]:
        def moved() -> float:
            shown.search("")
            move()
            return act()

        return moved

    def anew() -> float:
        return seconds(lambda: shown.until_shown(shown.pane.refresh))

    def scrolling(act: Callable[[], object]) -> Callable[[], float]:
        def worst() -> float:
            shown.search("")
            shown.pane.list.setFocus()
            shown.pane.list.setCurrentIndex(shown.pane.list.model().first())
            shown.jump()
            return shown.worst_frame(act)

        return worst

    def two_frames() -> float:
        return TWO_FRAMES

    rows = f"inbox of {size:,}"
    yield Measure(f"{rows}: shown / its query", whole(), again, 1.5, 7)
    yield Measure(f"{rows}: shown / order and a page", least(), again, 1.5, 7)
    yield Measure(f"{rows}: searched / its query", whole(SEARCH), searched, 1.5, 7)
    yield Measure(f"{rows}: searched / order and a page", least(SEARCH), searched, 1.5, 7)
    yield Measure(f"{rows}: ordered anew / its query", after_moving(whole()), after_moving(anew), 1.5, 7)
    yield Measure(
        f"{rows}: ordered anew / order and a page", after_moving(least()), after_moving(anew), 1.5, 7
    )
    for name, act in (("wheel", shown.wheel), ("Page Down", shown.page_down), ("bar", shown.jump)):
        yield Measure(f"{rows}: worst frame by {name} / two frames", two_frames, scrolling(act), 1.0, 3)
