"""A reviewer's desk in a window: a real hub, delivered packets, real lanes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot
from tests.desk.conftest import cheap_passphrases
from tests.gui.conftest import SETTLES_MS, Open
from tests.gui.deciding.making import KEY, OTHER, Programme, review
from tests.hub.conftest import Answering
from tests.hub.making import StandingClock, copied, import_quickly, make_template, submissions_folder

from assessor_desk.desk import Desk
from assessor_desk.domain.roles import Role
from assessor_desk.gui import theme
from assessor_desk.gui.main_window import MainWindow
from assessor_desk.gui.notices import Notices
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.workbench import Workbench
from assessor_desk.hub.serve import Server


@pytest.fixture(autouse=True)
def _cheap_passphrases() -> Iterator[None]:
    with cheap_passphrases():
        yield


@pytest.fixture(scope="session")
def hub_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("hub") / "hub")


@pytest.fixture
def programme(hub_template: Path, tmp_path: Path) -> Iterator[Programme]:
    """A hub with its submissions, answering on loopback."""
    hub = copied(hub_template, tmp_path / "hub", StandingClock())
    import_quickly(hub, submissions_folder(tmp_path / "incoming"))
    with Server(hub.folder) as server:
        made = Programme(Answering(hub, server.url), tmp_path)
        yield made
        made.close()
        for device in made.answering.devices:
            device.source.close()
    hub.close()


@pytest.fixture
def assessor(programme: Programme) -> Desk:
    """An assessor's desk."""
    return programme.desk_of(Role.ASSESSOR, KEY)


@pytest.fixture
def packet(assessor: Desk) -> str:
    """The digest of a whole review that was delivered: one criterion of five is below passing."""
    return review(assessor, KEY)


@pytest.fixture
def desk(programme: Programme, packet: str) -> Desk:
    """The reviewer's desk: one submission to decide on, one awaiting its review."""
    return programme.desk_of(Role.REVIEWER, KEY, OTHER)


@pytest.fixture
def opened(desk: Desk, qtbot: QtBot) -> Iterator[Open]:
    """The reviewer's window, its inbox filled."""
    theme.load_fonts()
    theme.apply(theme.Appearance.LIGHT)
    tasks = Tasks()
    crashes: list[BaseException] = []
    tasks.crashed.connect(crashes.append)
    preferences = Preferences(desk.settings)
    window, notices = MainWindow(preferences), Notices()
    session = Session(desk, tasks, notices, window)
    workbench = Workbench(session, preferences, window)
    window.show_workbench(workbench, session, preferences)
    notices.settle_on(window)
    workbench.furnish()
    with qtbot.waitSignal(workbench.inbox.shown, timeout=SETTLES_MS):
        window.show()
        workbench.show_desk()
    window.activateWindow()
    made = Open(window, workbench, session, preferences, qtbot)
    made.settle()
    yield made
    workbench.leave()
    tasks.drain()
    window.close_now()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert crashes == []
