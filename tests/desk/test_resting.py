"""A source that is out of reach is left alone for longer and longer, also after a restart; a person may try at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor_desk.desk.resting import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    note_asked,
    note_failure,
    note_reached,
    rest_of,
)
from assessor_desk.domain.errors import Refused
from assessor_desk.store.store import Store
from assessor_desk.sync.unreached import Unreached, Why

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
HUB = "urn:uuid:a hub"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "desk.db", KEY)


def _fail(store: Store, times: int, chance: float = 1.0) -> list[timedelta]:
    error = Unreached("Nobody there", Why.NOBODY)
    return [note_failure(store, HUB, error, NOW, lambda: chance).until - NOW for _ in range(times)]


def test_pauses_double_up_to_the_longest(store: Store) -> None:
    pauses = _fail(store, 12)
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    store.close()


def test_chance_takes_up_to_half_of_a_pause_so_that_desks_do_not_come_back_together(store: Store) -> None:
    assert _fail(store, 1, chance=0.0) == [FIRST_PAUSE / 2]
    store.close()


def test_a_rest_is_remembered_over_a_restart_and_ends_with_the_first_answer(
    store: Store, tmp_path: Path
) -> None:
    _fail(store, 2)
    store.close()
    again = Store.open(tmp_path / "desk.db", KEY)
    rest = rest_of(again, HUB)
    assert rest is not None
    assert (rest.failures, rest.words, rest.why, rest.since) == (2, "Nobody there.", "nobody", NOW)
    assert rest.holds(NOW)
    assert not rest.holds(rest.until)
    note_reached(again, HUB)
    assert rest_of(again, HUB) is None
    again.close()


def test_what_the_source_asked_for_counts_and_a_clock_set_back_a_year_keeps_nobody_waiting(
    store: Store,
) -> None:
    rest = note_asked(store, HUB, "Later, please.", NOW + timedelta(hours=2), NOW)
    assert rest_of(store, HUB) == rest
    assert (rest.asked, rest.holds(NOW + timedelta(minutes=119))) == (True, True)
    assert not rest.holds(NOW - timedelta(days=365))
    store.close()


@pytest.mark.parametrize("asked_for", [timedelta(), timedelta(days=-1)])
def test_a_source_that_wants_to_be_asked_again_at_once_rests_as_long_as_one_that_failed(
    store: Store, asked_for: timedelta
) -> None:
    rests = [note_asked(store, HUB, "Later.", NOW + asked_for, NOW, lambda: 1.0) for _ in range(3)]
    assert [rest.until - NOW for rest in rests] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert not any(rest.asked for rest in rests), "the source did not ask for so long"
    store.close()


def test_a_refusal_rests_too(store: Store) -> None:
    rest = note_failure(store, HUB, Refused("Who are you?"), NOW, lambda: 1.0)
    assert (rest.why, rest.words) == ("fault", "Who are you?")
    store.close()
