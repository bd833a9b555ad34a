"""A stick that is pulled out, or full, at each thing that is written to it: nothing half is taken for whole."""

import contextlib
import errno
import hashlib
import itertools
from collections.abc import Callable

import pytest
from tests.desk.pulled_out import failing
from tests.desk.sticks import Trip

from assessor_desk.desk.by_folder import folder_source
from assessor_desk.desk.connecting import Surroundings
from assessor_desk.desk.desk import utc_now
from assessor_desk.domain.errors import Unavailable
from assessor_desk.hub import tables as t

#: Beyond this no writing of these tests goes: whoever counts further has found no end.
_PLENTY = 60


class NoNews(Exception):
    """What was to be expected of a stick that is gone."""


def cut_off(act: Callable[[], object]) -> None:
    """What is done meanwhile ends as usual, or with a sentence on the stick."""
    with contextlib.suppress(NoNews):
        try:
            act()
        except Unavailable as told:
            raise (NoNews if "stick" in str(told) else AssertionError)(str(told)) from told


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["pulled out", "full"])
def test_wherever_the_hub_is_cut_off_the_desk_finds_a_whole_bundle(trip: Trip, error: int) -> None:
    for last in itertools.count():
        assert last < _PLENTY
        with failing(trip.stick, last, error) as writings:
            cut_off(lambda: trip.office.visit(trip.stick))
        assert_whole(trip)
        if not writings.failed:
            break
    assert last > 6
    assert trip.desk.sync().fetched == 2
    assert not list(trip.stick.rglob("*.unfinished"))


def assert_whole(trip: Trip) -> None:
    """What lies on the stick is a bundle with all its files."""
    (kept,) = trip.desk.store.fact("sources")
    source = folder_source(Surroundings(trip.desk.store, trip.desk.vault, trip.desk.folder, utc_now), kept)
    page = source.changes("")
    assert len(page.assignments) == 1
    for blob in page.blobs:
        assert hashlib.sha256(b"".join(source.fetch(blob, 0))).hexdigest() == blob.digest
    assert len(page.blobs) == 2


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["pulled out", "full"])
def test_wherever_the_desk_is_cut_off_each_delivery_arrives_once(trip: Trip, error: int) -> None:
    trip.desk.sync()
    for last in itertools.count():
        assert last < _PLENTY
        trip.raise_concern("7F3A-00")
        with failing(trip.stick, last, error) as writings:
            cut_off(trip.desk.sync)
        (visited,) = trip.office.visit(trip.stick)
        assert (visited.refused, visited.troubles) == ((), ())
        if not writings.failed:
            break
    assert last > 3
    trip.desk.sync()
    trip.office.visit(trip.stick)
    trip.desk.sync()
    assert trip.desk.ledger().waiting_to_send == 0
    assert trip.office.count(t.packets) == last + 1
    assert not list(trip.stick.rglob("*.unfinished"))
