"""The bound that a person sets holds for all that comes and goes, and not for files alone."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from tests.sync import faulty
from tests.sync.conftest import Bench

from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.keys.person_key import SealedBatch
from assessor_desk.sync import hub_source
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.pace import Pace

DIGEST = "ab" * 32
LARGE = b"x" * 100_000


class Counting(Pace):
    """Lets everything pass, and counts it."""

    passed = 0

    def take(self, count: int, stop: threading.Event) -> None:
        self.passed += count


@contextmanager
def paced(bench: Bench, pace: Pace) -> Iterator[HubSource]:
    source = HubSource(
        bench.network.url, bench.device.source._token, bench.hub.identity, "Lakeside hub", pace
    )
    yield source
    source.close()


def _files(source: HubSource, bench: Bench) -> None:
    for blob in bench.device.changes().blobs:
        assert sum(map(len, source.fetch(blob, 0))) == blob.length


def _refused(source: HubSource, bench: Bench) -> None:
    with pytest.raises(Refused):
        source.own_packet(DIGEST)


@pytest.mark.parametrize(
    "ask",
    [
        lambda source, _: source.changes(""),
        lambda source, _: source.devices(),
        lambda source, _: source.batches(0, ""),
        _files,
        _refused,
    ],
    ids=["a page", "an answer", "batches", "files", "a refusal"],
)
def test_whatever_comes_takes_its_turn(bench: Bench, ask: Callable[[HubSource, Bench], object]) -> None:
    came = 0

    def weigh(_path: str, answer: faulty.Answer) -> faulty.Answer:
        nonlocal came
        came += len(answer.body)
        return answer

    bench.network.fault = weigh
    pace = Counting()
    with paced(bench, pace) as source:
        ask(source, bench)
    assert came > 0
    assert pace.passed == came


@pytest.mark.parametrize(
    ("send", "least"),
    [
        (lambda source: source.send_batch(SealedBatch("c", 1, "", "k", LARGE), DIGEST), len(LARGE) * 4 // 3),
        (lambda source: source.held([DIGEST] * 100), 100 * 64),
        (lambda source: source.deliver(io.BytesIO(LARGE), len(LARGE), DIGEST), len(LARGE)),
        (lambda source: source.release(DIGEST, io.BytesIO(LARGE), len(LARGE)), len(LARGE)),
    ],
    ids=["a batch", "a question", "a packet", "reports"],
)
def test_whatever_goes_takes_its_turn(bench: Bench, send: Callable[[HubSource], object], least: int) -> None:
    bench.network.fault = faulty.status(409, b'{"error": "No", "reason": "not_taken"}', "application/json")
    pace = Counting()
    with paced(bench, pace) as source, pytest.raises(Refused):
        send(source)
    assert least < pace.passed < least + 1000


def test_a_packet_of_one_s_own_comes_no_faster_than_was_set(bench: Bench) -> None:
    bench.network.fault = faulty.status(200, LARGE, "application/zip")
    begun = time.monotonic()
    with paced(bench, Pace(lambda: 100_000)) as source:
        assert source.own_packet(DIGEST) == LARGE
    assert time.monotonic() - begun > 0.7  # a second, but for what may pass at once


def test_a_small_answer_waits_for_nothing(bench: Bench) -> None:
    waited = list[float]()
    with paced(bench, Pace(lambda: 100_000)) as source:
        source._interrupted.wait = waited.append  # type: ignore[assignment]
        source.counts()
    assert waited == []


def test_a_page_that_comes_slowly_by_the_pace_is_followed_by_no_larger_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_source, "_SOON", 1.0)
    size = 0

    def weigh(_path: str, answer: faulty.Answer) -> faulty.Answer:
        nonlocal size
        size = len(answer.body)
        return answer

    bench.network.fault = weigh
    with paced(bench, Pace()) as source:
        source.changes("")
        assert source._most == 800
    with paced(bench, Pace(lambda: size // 2)) as source:
        source.changes("")
        assert source._most == 200


def test_what_waits_for_its_turn_ends_at_once_when_it_is_interrupted(bench: Bench) -> None:
    bench.network.fault = faulty.status(200, LARGE, "application/zip")
    begun = time.monotonic()
    with paced(bench, Pace(lambda: 1000)) as source:
        later = threading.Timer(0.3, source.interrupt)
        later.start()
        with suppress(Unavailable):  # where all of it lies at this computer already, it is read to its end
            source.own_packet(DIGEST)
        later.join()
    assert time.monotonic() - begun < 10
