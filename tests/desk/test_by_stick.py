"""Assessing in a school without a network: a stick, two trips, and further ones in any order."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.desk.sticks import PASSPHRASE, Office, key_of, let_in, make_hub

from assessor_desk.desk import Desk, InboxState
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.certifying import Who

Finish = Callable[[Desk, str], tuple[str, ...]]
ANA = Who(name="Ana Sample", roles=(Role.ASSESSOR,))


@pytest.fixture(scope="session")
def made_hub(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Made once and copied: certificates and signatures take a second."""
    folder = tmp_path_factory.mktemp("stick") / "hub"
    make_hub(folder, root)
    return folder


@pytest.fixture
def office(made_hub: Path, tmp_path: Path) -> Office:
    """A hub of this test alone with one submission."""
    shutil.copytree(made_hub, tmp_path / "hub")
    made = Office(tmp_path / "hub", tmp_path)
    made.take("7F3A-00")
    return made


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def fresh(tmp_path: Path, new_desk: tuple[Path, bytes]) -> Iterator[Desk]:
    """A desk just made, by the real clock."""
    folder, data_key = new_desk
    shutil.copytree(folder, tmp_path / "mine")
    with Desk.open_with_key(tmp_path / "mine", data_key) as desk:
        yield desk


def test_two_trips_bring_the_work_and_take_the_packet_and_its_receipt(
    fresh: Desk, office: Office, stick: Path, finish: Finish
) -> None:
    fresh.connect(f"folder:{stick}", "", PASSPHRASE)
    assert fresh.profile is None
    (asking,) = office.visit(stick)
    assert (asking.person, asking.key) == ("", key_of(fresh))
    (visited,) = office.visit(stick, key_of(fresh), ANA)
    assert visited.let_in
    office.do(lambda hub: assign_all(hub, visited.person))
    office.visit(stick)
    fresh.connect(f"folder:{stick}", office.fingerprint, PASSPHRASE)
    profile = fresh.profile
    assert profile is not None
    assert (profile.person, profile.source_title) == (visited.person, "Lakeside hub")
    result = fresh.sync()
    assert (result.taken, result.fetched, result.troubles) == (1, 2, ())
    own_id = fresh.find("7F3A-00")
    fresh.seal_packet(own_id, PASSPHRASE, finish(fresh, own_id))
    result = fresh.sync()
    assert (result.delivered, result.troubles) == (0, ())
    assert fresh.ledger().waiting_to_send == 1
    (visited,) = office.visit(stick)
    assert (visited.taken, visited.refused, visited.troubles) == (1, (), ())
    assert fresh.sync().delivered == 1
    assert fresh.inbox()[0].state is InboxState.DELIVERED
