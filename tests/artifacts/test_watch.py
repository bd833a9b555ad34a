"""The watch over questions to a worker."""

import threading
from collections.abc import Iterator

import pytest

from assessor_desk.artifacts.watch import Watch


class Ended(threading.Event):
    """Set when the watch ends what it watches."""


@pytest.fixture
def ended() -> Ended:
    return Ended()


@pytest.fixture
def watch(ended: Ended) -> Iterator[Watch]:
    watch = Watch(ended.set)
    yield watch
    watch.stop()


def test_a_question_that_takes_too_long_is_ended(watch: Watch, ended: Ended) -> None:
    watch.begin(0.02)
    assert ended.wait(10)
    assert watch.overdue


def test_a_short_time_counts_also_after_a_long_one(watch: Watch, ended: Ended) -> None:
    watch.begin(600)
    watch.finish()
    watch.begin(0.02)
    assert ended.wait(10)


def test_a_question_that_was_answered_ends_nothing(watch: Watch, ended: Ended) -> None:
    watch.begin(0.05)
    watch.finish()
    watch.begin(600)
    assert not ended.wait(0.2)
    assert not watch.overdue


def test_no_thread_is_left_when_it_is_stopped_twice(ended: Ended) -> None:
    watch = Watch(ended.set)
    watch.stop()
    watch.stop()
    assert "watch" not in {thread.name for thread in threading.enumerate()}
