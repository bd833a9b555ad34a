"""The panes as the window has them: a real desk on a real folder, real lanes, a window that is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from tests.desk.conftest import cheap_passphrases
from tests.gui.assessing.making import Given, Template, assign, make_template, usual

from assessor_desk.desk import Desk
from assessor_desk.desk.answers import Case
from assessor_desk.domain.errors import DeskError
from assessor_desk.gui import theme
from assessor_desk.gui.notices import Notices
from assessor_desk.gui.panes.rubric import RubricPane
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.workbench import Workbench

W = TypeVar("W", bound=QWidget)


class Hand:
    """What a person does with keyboard and mouse, and what the desk then holds."""

    def __init__(self, qtbot: QtBot, desk: Desk, template: Template) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.template = template
        self.tasks = Tasks()
        self.crashes: list[BaseException] = []
        self.tasks.crashed.connect(self.crashes.append)
        self.notices = Notices()
        self.session = Session(desk, self.tasks, self.notices)
        self.window: QWidget = QWidget()

    def show(self, window: QWidget) -> None:
        self.window = window
        self.notices.settle_on(window)
        window.resize(1366, 768)
        window.show()
        window.activateWindow()
        self.qtbot.waitUntil(window.isActiveWindow)

    def end(self) -> None:
        self.tasks.drain()
        self.notices.setParent(None)
        self.notices.deleteLater()
        assert self.crashes == []

    def given(self, given: Given) -> str:
        return assign(self.desk, self.template, given)

    def open(self, submission_id: str) -> Case:
        self.session.select(submission_id)
        self.qtbot.waitUntil(lambda: self.shown_id == submission_id, timeout=10_000)
        return self.case

    @property
    def shown_id(self) -> str:
        return self.session.case.submission.id if self.session.case else ""

    @property
    def case(self) -> Case:
        assert self.session.case is not None
        return self.session.case

    def settle(self) -> Case:
        """Wait until all that was handed in is stored and shown."""
        arrived: list[None] = []
        self.tasks.store(lambda: None, arrived.append)
        self.qtbot.waitUntil(lambda: bool(arrived), timeout=10_000)
        return self.case

    def act(self, act: Callable[[Desk], object]) -> Case:
        """Something done elsewhere, and then told to the window."""
        act(self.desk)
        self.session.refresh()
        return self.settle()

    def seen(self, kind: type[W], name: str) -> list[W]:
        """What can be seen now whose words or accessible name begin so."""
        found = []
        for widget in self.window.findChildren(kind):
            words = widget.text() if isinstance(widget, QAbstractButton) else ""
            if widget.isVisible() and (widget.accessibleName() or words).startswith(name):
                found.append(widget)
        return found

    def field(self, title: str) -> QPlainTextEdit:
        (found,) = self.seen(QPlainTextEdit, f"{title},")
        return found

    def enter(self, title: str) -> QPlainTextEdit:
        field = self.field(title)
        field.setFocus()
        self.qtbot.waitUntil(field.hasFocus)
        return field

    def write(self, title: str, words: str) -> QPlainTextEdit:
        field = self.enter(title)
        QTest.keyClicks(field, words)
        return field

    def leave(self) -> Case:
        """Leave the field that is being written in."""
        focused = self.window.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Escape)
        return self.settle()

    def tick(self, box: QAbstractButton) -> None:
        """Click on the sign of a check box or radio button."""
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(12, box.height() // 2))

    def press(self, name: str) -> None:
        self.qtbot.waitUntil(lambda: len(self.seen(QPushButton, name)) == 1)
        (button,) = self.seen(QPushButton, name)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Template:
    with cheap_passphrases():
        return make_template(tmp_path_factory.mktemp("template"), root)


@pytest.fixture
def desk(template: Template, tmp_path: Path) -> Iterator[Desk]:
    with template.open(tmp_path / "desk") as opened:
        yield opened


@pytest.fixture
def hand(qtbot: QtBot, desk: Desk, template: Template) -> Iterator[Hand]:
    made = Hand(qtbot, desk, template)
    yield made
    made.end()


@pytest.fixture
def pane(hand: Hand) -> Iterator[RubricPane]:
    """The rubric pane alone, with the usual submission open in it."""
    pane = RubricPane(hand.session)
    hand.show(pane)
    pane.resize(450, 900)
    hand.open(hand.given(usual("7F3A-21")))
    yield pane
    pane.flush()
    hand.tasks.drain_store()
    pane.deleteLater()


@pytest.fixture
def bench(hand: Hand, desk: Desk) -> Iterator[Workbench]:
    """The whole workbench."""
    theme.apply(theme.Appearance.LIGHT)
    bench = Workbench(hand.session, Preferences(desk.settings))
    bench.furnish()
    hand.show(bench)
    yield bench
    bench.flush()
    bench.leave()
    hand.tasks.drain()
    bench.deleteLater()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, DeskError], Callable[[], None]]:
    """`mend = failing("write_text", error)`: the desk refuses that act until mended, as with a full disk."""

    def fail(verb: str, error: DeskError) -> Callable[[], None]:
        def refuse(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(Desk, verb, refuse)
        return monkeypatch.undo

    return fail
