"""A reviewer's desk in a window: a real hub, delivered packets, real lanes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tests.desk.conftest import cheap_passphrases
from tests.gui.conftest import Open, opened_window
from tests.gui.deciding.making import Beginning, Programme, make_beginning
from tests.hub.conftest import answering_from
from tests.hub.making import StandingClock, copied

from assessor_desk.desk import Desk
from assessor_desk.gui.tasks import Tasks


@pytest.fixture(autouse=True)
def _cheap_passphrases() -> Iterator[None]:
    with cheap_passphrases():
        yield


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Beginning:
    """Hub, assessor and reviewer as each test begins with them; made once, since it takes seconds."""
    folder = tmp_path_factory.mktemp("beginning")
    with cheap_passphrases():
        return make_beginning(folder)


@pytest.fixture
def programme(beginning: Beginning, tmp_path: Path) -> Iterator[Programme]:
    """A hub answering on loopback, one review delivered."""
    hub = copied(beginning.hub, tmp_path / "hub", StandingClock())
    with answering_from(hub) as answering:
        made = Programme(answering, tmp_path)
        yield made
        made.close()
    hub.close()


@pytest.fixture
def packet(beginning: Beginning) -> str:
    """The digest of the review that was delivered: one criterion of five is below passing."""
    return beginning.packet


@pytest.fixture
def assessor(programme: Programme, beginning: Beginning) -> Desk:
    """The desk of whoever assessed it."""
    return programme.opened(beginning.assessor)


@pytest.fixture
def desk(programme: Programme, beginning: Beginning) -> Desk:
    """The reviewer's desk: one submission to decide on, one awaiting its review."""
    return programme.opened(beginning.reviewer)


@pytest.fixture
def opened(desk: Desk, qtbot: QtBot) -> Iterator[Open]:
    """The reviewer's window, its inbox filled."""
    tasks = Tasks()
    crashes: list[BaseException] = []
    tasks.crashed.connect(crashes.append)
    with opened_window(desk, tasks, qtbot) as window:
        yield window
    assert crashes == []
