"""What the media worker gives: the right picture for every moment, sound in its place, and sentences when it cannot."""

import os
import queue
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from tests.artifacts.media_clips import CODECS, clip, number_of, repeat, tone

from assessor_desk.artifacts.media import MediaClient, MediaHandle
from assessor_desk.artifacts.media.client import Event
from assessor_desk.artifacts.sealed_stream import new_key, seal
from assessor_desk.domain.errors import Damaged

Open = Callable[..., "Player"]
SECONDS = 8


class Player:
    """A handle and what it told, without a window."""

    def __init__(self, handle: MediaHandle) -> None:
        self.handle = handle
        self.events: queue.Queue[Event] = queue.Queue()
        handle.listen_to(self.events.put)

    def next(self, *names: str, seconds: float = 10) -> Event:
        """The next event of these names; pictures that come before it are given back."""
        end = time.monotonic() + seconds
        while True:
            event = self.events.get(timeout=max(0.01, end - time.monotonic()))
            if event.name in names:
                return event
            if event.name == "picture":
                self.handle.free(event, None)

    def picture(self, ms: int, before: bool = False) -> tuple[int, int]:
        """Number and milliseconds of the exact picture at a moment."""
        serial = self.handle.show(ms, before)
        while True:
            event = self.next("picture")
            found = number(event), event.ms
            self.handle.free(event, None)
            if event.serial == serial:
                return found

    def pids(self) -> list[int]:
        """The worker's process."""
        return [c.pid for c in psutil.Process().children() if "media.worker" in " ".join(c.cmdline())]


def number(event: Event) -> int:
    return number_of(event.data, event.facts["width"], event.facts["height"], event.facts["stride"])


@pytest.fixture
def player() -> Iterator[Open]:
    client = MediaClient()

    def open_(path: Path, key: bytes = b"") -> Player:
        return Player(client.open(path, key, path.name))

    yield open_
    client.close()


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, list[int]]]:
    folder, made = tmp_path_factory.mktemp("clips"), dict[str, tuple[Path, list[int]]]()

    def get(suffix: str) -> tuple[Path, list[int]]:
        if suffix not in made:
            path = folder / f"lesson{suffix}"
            made[suffix] = path, clip(path, SECONDS)
        return made[suffix]

    return get


def _sealed(path: Path, plain: bytes) -> bytes:
    key, source = new_key(), path.with_suffix(".plain")
    source.write_bytes(plain)
    with source.open("rb") as reading, path.open("wb") as writing:
        seal(reading, writing, key, len(plain))
    source.unlink()
    return key


@pytest.mark.parametrize("suffix", CODECS)
def test_every_seek_is_exact_in(
    suffix: str, player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, times = clips(suffix)
    playing, choice = player(path), random.Random(7)
    for _ in range(200 if suffix == ".mp4" else 40):
        at = choice.randrange(len(times))
        assert playing.picture(times[at] + choice.choice((0, 0, 11, 39))) == (at, times[at])


@pytest.mark.parametrize("suffix", CODECS)
def test_one_steps_to_each_picture_before_in(
    suffix: str, player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, times = clips(suffix)
    playing = player(path)
    for at in range(75, 40, -1):
        assert playing.picture(times[at], before=True) == (at - 1, times[at - 1])


def test_pictures_follow_each_other_without_a_gap_to_the_end(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, times = clips(".mp4")
    playing = player(path)
    serial = playing.handle.show(times[-40])
    numbers = []
    while (event := playing.next("picture", "pictures_end")).name == "picture":
        numbers.append(number(event))
        playing.handle.free(event, None)
    assert numbers == list(range(len(times) - 40, len(times)))
    assert (event.serial, event.ms) == (serial, times[-1])


def test_a_variable_rate_is_known_and_its_seeks_are_exact(player: Open, tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    times = clip(path, 6, gaps=(0, 1, 0, 3, 0, 0, 9))
    playing = player(path)
    assert playing.handle.facts["variable_rate"]
    for at in (0, 3, 11, 30, 52, len(times) - 1):
        assert playing.picture(times[at]) == (at, times[at])
        assert playing.picture(times[at] + 39) == (at, times[at])


def test_a_recording_held_upright_is_shown_upright(player: Open, tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    clip(path, 1, rotation=-90)
    facts = player(path).handle.facts
    assert (facts["width"], facts["height"], facts["rotation"]) == (180, 320, 90)


def test_a_turned_picture_has_its_top_on_the_right_side(player: Open, tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    clip(path, 1, rotation=-90)
    playing = player(path)
    playing.handle.show(120)
    event = playing.next("picture")
    facts = event.facts
    rows = np.frombuffer(event.data, np.uint8).reshape(-1, facts["stride"])[: facts["height"]]
    column = rows[:, (facts["width"] - 8) * 4 + 1]
    bits = [column[16 * bit + 8] > 127 for bit in range(16)]
    playing.handle.free(event, None)
    assert sum(1 << bit for bit, on in enumerate(bits) if on) == 3


def test_pictures_are_no_larger_than_asked_for(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, _ = clips(".mp4")
    playing = player(path)
    playing.handle.fit(160, 400)
    playing.handle.show(0)
    event = playing.next("picture")
    assert (event.facts["width"], event.facts["height"]) == (160, 90)
    playing.handle.free(event, None)


def test_while_scrubbing_a_key_frame_comes_before_the_exact_picture(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, times = clips(".mp4")
    playing = player(path)
    playing.handle.show(times[90], scrubbing=True)
    first = playing.next("picture")
    assert (first.facts["exact"], number(first)) == (False, 50)
    playing.handle.free(first, None)
    exact = playing.next("picture")
    assert (exact.facts["exact"], number(exact)) == (True, 90)
    playing.handle.free(exact, None)


@pytest.mark.parametrize(("rate", "expected"), [(1.0, 4.0), (0.5, 8.0), (2.0, 2.0)])
def test_sound_is_as_long_as_its_rate_says(
    rate: float, expected: float, player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, _ = clips(".mp4")
    data = _sound(player(path), 4000, rate)
    assert abs(len(data) / 4 / 48_000 - expected) < 0.15


def test_sound_keeps_its_pitch_at_another_rate(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, _ = clips(".mp4")
    left = np.frombuffer(_sound(player(path), 4100, 1.5), np.int16)[::2].astype(float)[:48_000]
    spectrum = np.abs(np.fft.rfft(left * np.hanning(len(left))))
    assert abs(int(spectrum.argmax()) - 1000) < 15


@pytest.mark.parametrize("suffix", [".mp4", ".mts", ".webm", ".mpg"])
def test_sound_is_where_its_picture_is_in(
    suffix: str, player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, _ = clips(suffix)
    left = np.abs(np.frombuffer(_sound(player(path), 2500, 1.0), np.int16)[::2].astype(int))
    loud = np.flatnonzero(left > 12_000)[0] / 48
    assert abs(loud - 500) < 45  # the click of the third second, half a second on


def _sound(playing: Player, ms: int, rate: float) -> bytes:
    playing.handle.listen(ms, rate, 48_000)
    data = bytearray()
    while (event := playing.next("sound", "sound_end")).name == "sound":
        data += event.data
        playing.handle.heard(len(event.data))
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp3", "mp3"), ("a.m4a", "aac"), ("a.aac", "aac"), ("a.wav", "pcm_s16le"), ("a.ogg", "libopus")],
)
def test_sound_alone_is_played(name: str, codec: str, player: Open, tmp_path: Path) -> None:
    tone(tmp_path / name, 4, codec)
    playing = player(tmp_path / name)
    facts = playing.handle.facts
    assert (facts["has_video"], facts["has_audio"]) == (False, True)
    assert abs(facts["duration_ms"] - 4000) < 120
    assert abs(len(_sound(playing, 1000, 1.0)) / 4 / 48_000 - 3.0) < 0.12


def test_the_waveform_shows_where_it_is_loud(player: Open, tmp_path: Path) -> None:
    tone(tmp_path / "a.wav", 4, "pcm_s16le")
    playing = player(tmp_path / "a.wav")
    playing.handle.survey()
    peaks = bytearray()
    while not (event := playing.next("peaks")).facts["last"]:
        peaks += event.data
    peaks += event.data
    per_second = event.facts["per_second"]
    assert len(peaks) == 4 * per_second
    assert all(peaks[second * per_second + 1] > 150 > peaks[second * per_second + 10] for second in range(4))


def test_a_whole_recording_is_not_called_incomplete(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    for suffix in CODECS:
        playing = player(clips(suffix)[0])
        playing.handle.survey()
        assert playing.next("peaks", "short").name == "peaks", suffix


def test_a_recording_cut_at_its_end_says_where(player: Open, tmp_path: Path) -> None:
    whole = tmp_path / "lesson.mkv"
    clip(whole, SECONDS)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size * 5 // 8])
    playing = player(whole)
    playing.handle.survey()
    assert 2500 < playing.next("short").ms < 6500


@pytest.mark.parametrize("name", ["cut.mp4", "noise.mp4", "empty.mp4", "list.m3u8"])
def test_what_cannot_be_played_is_refused_in_a_sentence(
    name: str, player: Open, clips: Callable[[str], tuple[Path, list[int]]], tmp_path: Path
) -> None:
    content = {
        "cut.mp4": clips(".mp4")[0].read_bytes()[:30_000],
        "noise.mp4": random.Random(3).randbytes(50_000),
        "empty.mp4": b"",
        "list.m3u8": f"#EXTM3U\n#EXTINF:8,\n{clips('.mts')[0].as_uri()}\n".encode(),
    }
    (tmp_path / name).write_bytes(content[name])
    with pytest.raises(Damaged, match=f"“{name}” cannot be played"):
        player(tmp_path / name)


def test_a_sealed_recording_is_played_without_a_copy_of_it(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]], tmp_path: Path
) -> None:
    plain = clips(".mp4")[0].read_bytes()
    path = tmp_path / "sealed"
    playing = player(path, _sealed(path, plain))
    assert playing.picture(4000) == (100, 4000)
    assert [entry.name for entry in tmp_path.iterdir()] == ["sealed"]


def test_a_changed_byte_in_a_sealed_recording_is_told(player: Open, tmp_path: Path) -> None:
    tone(tmp_path / "a.wav", 10, "pcm_s16le")
    path = tmp_path / "sealed"
    key = _sealed(path, (tmp_path / "a.wav").read_bytes())
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    playing = player(path, key)
    playing.handle.survey()
    assert "is damaged" in playing.next("gone").facts["sentence"]


def test_a_killed_worker_is_told_and_another_goes_on(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]]
) -> None:
    path, times = clips(".mp4")
    playing = player(path)
    playing.handle.show(0)
    os.kill(playing.pids()[0], signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    assert "Press Play to go on" in playing.next("gone").facts["sentence"]
    assert not playing.handle.alive
    playing.handle.reopen()
    assert playing.picture(times[60]) == (60, times[60])


def test_a_worker_that_does_not_answer_is_ended(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessor_desk.artifacts.media.client.ANSWER_SECONDS", 0.2)
    playing = player(clips(".mp4")[0])
    psutil.Process(playing.pids()[0]).suspend()
    playing.handle.show(0)
    time.sleep(0.3)
    playing.handle.end_if_overdue()
    assert playing.next("gone").name == "gone"


def test_closing_the_client_leaves_no_worker(clips: Callable[[str], tuple[Path, list[int]]]) -> None:
    client = MediaClient()
    playing = Player(client.open(clips(".mp4")[0], b"", "lesson.mp4"))
    playing.handle.show(0)
    assert playing.pids()
    client.close()
    assert not playing.pids()


def test_the_key_is_neither_in_the_arguments_nor_the_environment(
    player: Open, clips: Callable[[str], tuple[Path, list[int]]], tmp_path: Path
) -> None:
    path = tmp_path / "sealed"
    key = _sealed(path, clips(".mp4")[0].read_bytes())
    playing = player(path, key)
    process = psutil.Process(playing.pids()[0])
    told = " ".join(process.cmdline()) + " ".join(process.environ().values())
    assert key.hex() not in told
    assert str(path) not in told


def test_seeks_in_two_hours_are_exact(player: Open, tmp_path: Path) -> None:
    clip(tmp_path / "part.mp4", 100, gop=250, sound=False)
    repeat(tmp_path / "part.mp4", tmp_path / "long.mp4", 72)
    playing, choice = player(tmp_path / "long.mp4"), random.Random(5)
    assert playing.handle.facts["duration_ms"] == 7_200_000
    for _ in range(30):
        at = choice.randrange(72 * 2500)
        assert playing.picture(at * 40) == (at % 2500, at * 40)
