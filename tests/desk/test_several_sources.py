"""Rounds with several sources, and stopped ones: what is wrong with one costs the others nothing."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.desk.sticks import Trip, make_hub, submissions

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Damaged, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import import_folder
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.serve import Server


@pytest.fixture
def with_a_hub(trip: Trip, root: Path, tmp_path: Path) -> Iterator[Server]:
    """The desk that has a stick is connected to another programme's hub too, with a submission there to be fetched."""
    make_hub(tmp_path / "bay", root, "Bay hub")
    hub = Hub.open(tmp_path / "bay")
    import_folder(hub, submissions(tmp_path / "bay-incoming", ["BAY-00"]))
    person = add_person(hub, "Ana Sample", [Role.ASSESSOR])
    assign_all(hub, person)
    code = new_code(hub, person)
    hub.close()
    with Server(tmp_path / "bay") as server:
        trip.desk.connect(server.url, code, "demo")
        yield server


def _keys(desk: Desk) -> set[str]:
    return {row.key for row in desk.inbox()}


def test_what_is_damaged_on_the_stick_keeps_no_hub_from_being_asked_and_is_told(
    trip: Trip, with_a_hub: Server
) -> None:
    trip.office.visit(trip.stick)
    bundle = trip.bundle()
    whole = bundle.read_bytes()
    bundle.write_bytes(whole[:-40])
    for _ in range(2):
        result = trip.desk.sync()
        assert any(bundle.name in words for words in result.troubles)
    assert "BAY-00" in _keys(trip.desk)
    assert trip.desk.ledger().last_round_at is not None
    assert bundle.name in trip.desk.ledger().offline_reason
    assert not trip.desk.ledger().away, "the stick is in"
    assert [bundle.name in one.trouble for one in trip.desk.sources()] == [True, False]
    bundle.write_bytes(whole)
    assert trip.desk.sync().troubles == ()
    assert trip.desk.ledger().offline_reason == ""


def test_with_a_stick_alone_damage_ends_the_round(trip: Trip) -> None:
    trip.bundle().write_bytes(b"")
    with pytest.raises(Damaged):
        trip.desk.sync()


def test_a_hub_that_rests_is_not_told_as_synced_because_the_stick_was(trip: Trip, with_a_hub: Server) -> None:
    trip.desk.sync()
    with_a_hub.stop()
    trip.desk.sync()
    assert "cannot be reached" in trip.desk.ledger().offline_reason
    trip.desk.sync(asked=False)
    assert "cannot be reached" in trip.desk.ledger().offline_reason, "nobody asked it this time"


def _stopping_at(step: str, stop: threading.Event) -> Callable[..., None]:
    def tell(told: object) -> None:
        if told.step == step:  # type: ignore[attr-defined]
            stop.set()

    return tell


def test_a_round_that_is_stopped_asks_no_further_source(trip: Trip, with_a_hub: Server) -> None:
    stop = threading.Event()
    assert trip.desk.sync(_stopping_at("asking", stop), stop).stopped
    assert "BAY-00" not in _keys(trip.desk)
    assert trip.desk.ledger().last_round_at is None, "no round came to its end"
    assert trip.desk.sync().taken
    assert "BAY-00" in _keys(trip.desk)


def test_a_round_that_is_stopped_at_the_second_source_is_none_that_came_to_its_end(
    trip: Trip, with_a_hub: Server
) -> None:
    stop, asked = threading.Event(), list[object]()

    def tell(told: object) -> None:
        if told.step == "asking":  # type: ignore[attr-defined]
            asked.append(told)
            if len(asked) == 2:
                stop.set()

    assert trip.desk.sync(tell, stop).stopped
    assert trip.desk.ledger().last_round_at is None


def test_a_round_that_was_stopped_before_it_began_says_so(trip: Trip) -> None:
    stop = threading.Event()
    stop.set()
    assert trip.desk.sync(stop=stop).stopped


def test_a_round_that_is_stopped_while_it_delivers_leaves_the_letter_on_the_stick_as_it_is(
    trip: Trip,
) -> None:
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    trip.desk.sync()
    (letter,) = trip.letters()
    stop = threading.Event()
    assert trip.desk.sync(_stopping_at("delivering", stop), stop).stopped
    assert trip.letters() == [letter]
    trip.office.visit(trip.stick)
    assert trip.desk.sync().troubles == ()
    assert trip.desk.ledger().waiting_to_send == 0


def test_a_round_that_is_stopped_once_all_was_offered_writes_the_letter(trip: Trip) -> None:
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    before, stop = trip.letters(), threading.Event()
    assert trip.desk.sync(_stopping_at("asking", stop), stop).stopped
    assert trip.letters() != before
    trip.office.visit(trip.stick)
    trip.desk.sync()
    assert trip.desk.ledger().waiting_to_send == 0


def test_without_stick_and_hub_the_first_is_told(trip: Trip, with_a_hub: Server) -> None:
    with_a_hub.stop()
    trip.stick.rename(trip.stick.with_name("pocket"))
    with pytest.raises(Unavailable, match="The stick is not here"):
        trip.desk.sync()
    assert trip.desk.ledger().away
