"""A hub of one's own for each test, closed or answering on a loopback port."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests import homes as both
from tests.beyond import Beyond
from tests.hub.elsewhere import Elsewhere
from tests.hub.making import (
    Device,
    StandingClock,
    copied,
    device_of,
    enrol,
    import_quickly,
    submissions_folder,
)

from assessor_desk.domain.roles import Role
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.serve import Server

# Fixtures of this room too.
beyond, home, homes, template = both.beyond, both.home, both.homes, both.template


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests run in which home."""
    both.choose_homes(items)


@pytest.fixture
def clock() -> StandingClock:
    """The hub's clock."""
    return StandingClock()


@pytest.fixture
def hub(template: Path, tmp_path: Path, clock: StandingClock, beyond: Beyond | None) -> Iterator[Hub]:
    """An open hub with everything published and nothing imported."""
    hub = copied(template, tmp_path / "hub", clock, beyond)
    yield hub
    hub.close()
    if beyond is not None:
        beyond.forget(hub.folder)


@pytest.fixture
def elsewhere(hub: Hub, tmp_path: Path, beyond: Beyond | None) -> Iterator[Elsewhere]:
    """Empty places of the same kind as the hub's own, to put it back into."""
    places = Elsewhere(hub.folder, tmp_path, beyond)
    yield places
    places.forget()


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    """A folder with three submissions, ready to import."""
    return submissions_folder(tmp_path / "incoming")


@dataclass
class Answering:
    """A hub on the network, with its submissions, and whoever a test enrols."""

    hub: Hub
    url: str
    devices: list[Device] = field(default_factory=list)

    def enrol(self, role: Role = Role.ASSESSOR, *keys: str) -> Device:
        self.devices.append(enrol(self.hub, self.url, role, *keys))
        return self.devices[-1]

    def another_device(self, person: str) -> Device:
        self.devices.append(device_of(self.hub, self.url, person))
        return self.devices[-1]


@contextlib.contextmanager
def answering_from(hub: Hub) -> Iterator[Answering]:
    """A real server on a loopback port; the devices enrolled meanwhile are closed at the end."""
    with Server(hub.folder) as server:
        answering = Answering(hub, server.url)
        yield answering
        for device in answering.devices:
            device.source.close()


@pytest.fixture
def answering(hub: Hub, incoming: Path) -> Iterator[Answering]:
    """The hub, answering, with its submissions."""
    import_quickly(hub, incoming)
    with answering_from(hub) as answering:
        yield answering


Editing = Callable[[str, str], None]


@pytest.fixture
def edit(incoming: Path) -> Callable[..., None]:
    """Replace words in one of the tables: `edit("artifacts.csv", "talk.txt", "gone.txt")`."""

    def replace(name: str, old: str, new: str) -> None:
        text = (incoming / name).read_text(encoding="utf-8")
        assert old in text
        (incoming / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace
