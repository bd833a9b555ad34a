"""Hostile recordings end their worker at worst: whoever asked is told a sentence, and the next recording opens."""

import queue
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.artifacts.media_clips import clip

from assessor_desk.artifacts.media import MediaClient, MediaHandle
from assessor_desk.artifacts.media.client import Event
from assessor_desk.domain.errors import DeskError

SEED = 41
HEADER = 4096
ENDINGS = {"picture", "pictures_end", "gone"}


@pytest.fixture
def client() -> Iterator[MediaClient]:
    client = MediaClient()
    yield client
    client.close()


def mutated(content: bytes, choice: random.Random) -> bytes:
    """Some bytes of the head or the tail changed, a piece cut out, or one doubled: where indexes and lengths stand."""
    data = bytearray(content)
    ends = (
        choice.randrange(min(HEADER, len(data))),
        len(data) - 1 - choice.randrange(min(HEADER, len(data))),
    )
    for _ in range(choice.choice((1, 3, 12))):
        data[choice.choice(ends)] = choice.choice((0, 0xFF, 0x7F, 0x80, choice.randrange(256)))
        ends = tuple((at + choice.randrange(64)) % len(data) for at in ends)
    if choice.random() < 0.2:
        at = choice.choice(ends)
        length = choice.randrange(200)
        data[at : at + length] = b"" if choice.random() < 0.5 else bytes(data[at : at + length]) * 2
    return bytes(data)


def _outcome(handle: MediaHandle, events: "queue.Queue[Event]", seconds: float = 30) -> str:
    """How asking for two moments ends: with a picture, the end, or the worker gone and saying why."""
    end, asked = time.monotonic() + seconds, {handle.show(0), handle.show(1500)}
    while time.monotonic() < end:
        try:
            event = events.get(timeout=0.5)
        except queue.Empty:
            handle.end_if_overdue()
            continue
        if event.name == "picture":
            handle.free(event, None)
        if event.name == "gone":
            assert event.facts["sentence"].endswith(".")
        if event.name in ENDINGS and (event.name == "gone" or event.serial == max(asked)):
            return event.name
    return "nothing"


def _asked(client: MediaClient, path: Path) -> str:
    try:
        handle = client.open(path, b"", path.name)
    except DeskError as error:
        return "refused" if path.name in str(error) else "refused without its name"
    try:
        if not handle.facts["has_video"]:
            return "sound"
        events: queue.Queue[Event] = queue.Queue()
        handle.listen_to(events.put)
        handle.survey()
        return _outcome(handle, events)
    finally:
        handle.close()


def _tried(client: MediaClient, whole: Path, count: int) -> dict[str, int]:
    choice, content, found = random.Random(SEED), whole.read_bytes(), dict[str, int]()
    for number in range(count):
        path = whole.with_name(f"odd-{number}{whole.suffix}")
        path.write_bytes(mutated(content, choice))
        outcome = _asked(client, path)
        path.unlink()
        found[outcome] = found.get(outcome, 0) + 1
    return found


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_mutated_recording_is_shown_or_told_of(suffix: str, client: MediaClient, tmp_path: Path) -> None:
    whole = tmp_path / f"lesson{suffix}"
    clip(whole, 2)
    found = _tried(client, whole, 4)
    assert not {"nothing", "refused without its name"} & found.keys()
    assert _asked(client, whole) == "picture"


@pytest.mark.long
@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_150_mutated_recordings_are_shown_or_told_of(
    suffix: str, client: MediaClient, tmp_path: Path
) -> None:
    whole = tmp_path / f"lesson{suffix}"
    clip(whole, 2)
    found = _tried(client, whole, 150)
    assert not {"nothing", "refused without its name"} & found.keys()
    assert sum(found.values()) == 150
    assert _asked(client, whole) == "picture"


def test_a_picture_of_impossible_size_is_refused(client: MediaClient, tmp_path: Path) -> None:
    whole = tmp_path / "lesson.mp4"
    clip(whole, 1)
    content = whole.read_bytes()
    at = content.rfind(b"avc1") + 28
    whole.write_bytes(content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :])
    assert _asked(client, whole) in ("picture", "refused", "gone")


def _wait_until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not there() and time.monotonic() < end:
        time.sleep(0.01)


def _workers() -> list[int]:
    return [c.pid for c in psutil.Process().children() if "media.worker" in " ".join(c.cmdline())]


def test_a_worker_that_stands_ready_is_taken_and_a_dead_one_is_not(
    client: MediaClient, tmp_path: Path
) -> None:
    whole = tmp_path / "lesson.mp4"
    clip(whole, 1)
    client.start()
    ready = _workers()
    handle = client.open(whole, b"", whole.name)
    assert _workers() == ready
    handle.close()
    client.start()
    for pid in _workers():
        process = psutil.Process(pid)
        process.kill()
        _wait_until(lambda process=process: process.status() == psutil.STATUS_ZOMBIE)
    assert _asked(client, whole) == "picture"
