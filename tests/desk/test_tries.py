"""Wrong passphrases make the next try wait, wherever a passphrase is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Refused, WrongPassphrase
from assessor_desk.domain.patience import TooSoon, seconds_to_wait

NOW = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
RIGHT = "the quokka waits"


class Clock:
    """A clock that stands until it is told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path, clock: Clock) -> Path:
    desk, _ = Desk.create(tmp_path / "desk", RIGHT, clock)
    desk.close()
    return desk.folder


def _wrong(open_it: Callable[[], object], times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassphrase):
            open_it()


def test_after_three_wrong_passphrases_even_the_right_one_waits_also_in_another_window(
    folder: Path, clock: Clock
) -> None:
    _wrong(lambda: Desk.open(folder, "wrong", clock), 3)
    with pytest.raises(TooSoon, match="may be tried in 2 seconds") as told:
        Desk.open(folder, RIGHT, clock)
    assert told.value.seconds == 2
    clock.pass_by(2)
    Desk.open(folder, RIGHT, clock).close()


def test_each_further_wrong_one_waits_twice_as_long_and_a_right_one_begins_anew(
    folder: Path, clock: Clock
) -> None:
    assert [seconds_to_wait(refusals) for refusals in (1, 2, 3, 4, 5, 20, 10_000)] == [0, 0, 2, 4, 8, 30, 30]
    for wait in (0, 0, 0, 2, 4, 8):
        clock.pass_by(wait)
        _wrong(lambda: Desk.open(folder, "wrong", clock), 1)
    clock.pass_by(15.5)
    with pytest.raises(TooSoon, match="in one second"):
        Desk.open(folder, RIGHT, clock)
    clock.pass_by(0.5)
    Desk.open(folder, RIGHT, clock).close()
    _wrong(lambda: Desk.open(folder, "wrong", clock), 2)


def test_trying_too_soon_does_not_lengthen_the_wait(folder: Path, clock: Clock) -> None:
    _wrong(lambda: Desk.open(folder, "wrong", clock), 3)
    for _ in range(5):
        with pytest.raises(TooSoon):
            Desk.open(folder, RIGHT, clock)
    clock.pass_by(2)
    Desk.open(folder, RIGHT, clock).close()


def test_recovery_keys_of_other_desks_count_and_slips_of_the_fingers_do_not(
    folder: Path, tmp_path: Path, clock: Clock
) -> None:
    other, recovery_key = Desk.create(tmp_path / "other", RIGHT, clock)
    other.close()
    for _ in range(4):
        with pytest.raises(Refused, match="not a recovery key"):
            Desk.open_with_recovery_key(folder, "ABCD", "another one", clock)
    _wrong(lambda: Desk.open_with_recovery_key(folder, recovery_key, "another one", clock), 3)
    with pytest.raises(TooSoon):
        Desk.open_with_recovery_key(folder, recovery_key, "another one", clock)


def test_on_an_open_desk_guessing_is_slowed_down_as_well(folder: Path, clock: Clock) -> None:
    with Desk.open(folder, RIGHT, clock) as desk:
        _wrong(lambda: desk.check_passphrase("wrong"), 2)
        _wrong(lambda: desk.change_passphrase("wrong", "another one"), 1)
        with pytest.raises(TooSoon):
            desk.check_passphrase(RIGHT)


@pytest.mark.parametrize("moved", [timedelta(days=-400), timedelta(days=400)])
def test_a_clock_that_jumps_keeps_nobody_out_for_longer(folder: Path, clock: Clock, moved: timedelta) -> None:
    _wrong(lambda: Desk.open(folder, "wrong", clock), 3)
    clock.now += moved
    if moved < timedelta():
        with pytest.raises(TooSoon) as told:
            Desk.open(folder, RIGHT, clock)
        assert told.value.seconds == 2
        clock.pass_by(2)
    Desk.open(folder, RIGHT, clock).close()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"wrong": "x", "last": 3}', '{"wrong": 9, "last": "never"}']
)
def test_a_damaged_count_keeps_nobody_out(folder: Path, clock: Clock, content: str) -> None:
    (folder / "tries.json").write_text(content)
    with Desk.open(folder, RIGHT, clock) as desk:
        assert desk.folder == folder
    _wrong(lambda: Desk.open(folder, "wrong", clock), 3)
    with pytest.raises(TooSoon):
        Desk.open(folder, RIGHT, clock)
