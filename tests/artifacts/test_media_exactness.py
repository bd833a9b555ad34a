"""Every moment shows the picture whose span contains it, in every codec and container, against PyAV decoding straight
through; and one steps over every picture, forward and back."""

import bisect
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from tests.artifacts.media_clips import NTSC, decoded_straight, film, number_of, shifted

from assessor_desk.artifacts.media.pictures import Picture, Pictures
from assessor_desk.artifacts.media.recording import Place, Recording, facts_of, look, origin_of

KINDS = [
    *((".mp4", codec) for codec in ("libx264", "libx265", "libvpx-vp9", "libsvtav1", "mpeg4", "mpeg2video")),
    *((".mov", codec) for codec in ("libx264", "libx265", "mpeg4")),
    *((".mkv", codec) for codec in ("libx264", "libx265", "libvpx-vp9", "libsvtav1", "mpeg2video", "mpeg4")),
    *((".webm", codec) for codec in ("libvpx-vp9", "libsvtav1")),
    *((".avi", codec) for codec in ("libx264", "mpeg4", "mpeg2video")),
    (".mpg", "mpeg2video"),
    *((".mts", codec) for codec in ("libx264", "libx265", "mpeg2video", "mpeg4")),
]
CONSTANT, VARIABLE = (1,), (1, 2, 1, 4, 1, 1, 10)
"""Ticks from each picture to the next, in turn."""
# AVI has no variable rate: with H.264's own order of decoding, nothing tells where a picture was left out.
CASES = [
    (*kind, pace)
    for kind in KINDS
    for pace in (CONSTANT, VARIABLE)
    if (*kind, pace) != (".avi", "libx264", VARIABLE)
]

_TIMES_GUESSED = {".avi", ".mpg"}
"""Containers that do not tell when each picture begins: PyAV's order is right, some of its times are not."""

Shown = list[tuple[Fraction, int]]
Open = Callable[[Path], Pictures]


@pytest.fixture
def opened() -> Iterator[Open]:
    """What the worker's picture lane asks, in this process."""
    all_opened: list[Pictures] = []

    def open_(path: Path) -> Pictures:
        place = Place(path, b"", path.name)
        recording = Recording(place)
        origin, first = origin_of(recording)
        frame_ms = look(recording, origin, first, None).frame_ms
        recording.close()
        all_opened.append(Pictures(place, origin, frame_ms, lambda: False))
        return all_opened[-1]

    yield open_
    for each in all_opened:
        each.close()


def _film(path: Path, codec: str, pace: tuple[int, ...], count: int) -> Shown:
    ticks = [0]
    while len(ticks) < count:
        ticks.append(ticks[-1] + pace[len(ticks) % len(pace)])
    film(path, codec, ticks)
    shown = decoded_straight(path)
    assert [number for _, number in shown] == list(range(count))
    if path.suffix in _TIMES_GUESSED and pace is CONSTANT:
        return [(tick * 1000 / NTSC, number) for number, tick in enumerate(ticks)]
    return shown


def _number(picture: Picture | None) -> int | None:
    if picture is None:
        return None
    frame = picture.frame.to_ndarray(format="bgra")
    return number_of(memoryview(frame.tobytes()), frame.shape[1], frame.shape[0], frame.shape[1] * 4)


def _wrong(pictures: Pictures, shown: Shown, seeks: int) -> list[tuple[int, int, int | None]]:
    """Moments at which another picture came than the one whose span contains them: moment, due, come."""
    starts, choice = [start for start, _ in shown], random.Random(11)
    moments = [choice.randrange(int(starts[-1]) + 30) for _ in range(seeks)]
    due = [bisect.bisect_right(starts, ms) - 1 for ms in moments]
    come = [_number(pictures.at(ms)) for ms in moments]
    return [found for found in zip(moments, due, come, strict=True) if found[1] != found[2]]


def _forward(pictures: Pictures, start: int, count: int) -> list[int | None]:
    return [_number(pictures.at(start)), *(_number(pictures.next()) for _ in range(count))]


def _back(pictures: Pictures, shown: Shown, count: int) -> list[int | None]:
    picture = pictures.at(int(shown[-1][0]) + 1)
    numbers = [_number(picture)]
    for _ in range(count):
        assert picture is not None
        picture = pictures.before(picture.ms)
        numbers.append(_number(picture))
    return numbers


@pytest.mark.parametrize(("suffix", "codec", "pace"), CASES)
def test_some_moments_show_the_picture_whose_span_contains_them(
    suffix: str, codec: str, pace: tuple[int, ...], opened: Open, tmp_path: Path
) -> None:
    path = tmp_path / f"lesson{suffix}"
    shown = _film(path, codec, pace, 60)
    pictures = opened(path)
    assert _wrong(pictures, shown, 12) == []
    assert _back(pictures, shown, 12) == list(range(59, 46, -1))


@pytest.mark.long
@pytest.mark.parametrize(("suffix", "codec", "pace"), CASES)
def test_200_moments_show_the_picture_whose_span_contains_them(
    suffix: str, codec: str, pace: tuple[int, ...], opened: Open, tmp_path: Path
) -> None:
    path = tmp_path / f"lesson{suffix}"
    shown = _film(path, codec, pace, 400)
    assert _wrong(opened(path), shown, 200) == []


@pytest.mark.long
@pytest.mark.parametrize(("suffix", "codec", "pace"), CASES)
def test_one_steps_over_every_picture_forward_and_back(
    suffix: str, codec: str, pace: tuple[int, ...], opened: Open, tmp_path: Path
) -> None:
    path = tmp_path / f"lesson{suffix}"
    shown = _film(path, codec, pace, 200)
    pictures = opened(path)
    assert _forward(pictures, 0, 199) == list(range(200))
    assert pictures.next() is None
    assert _back(pictures, shown, 199) == list(range(199, -1, -1))
    assert _forward(pictures, 0, 199) == list(range(200))


def test_a_moment_between_two_milliseconds_shows_its_picture(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "lesson.mp4"
    film(path, "libx264", list(range(30)))
    pictures = opened(path)
    # The 16th picture begins at 500.5 ms, the 2nd at 33.37 ms.
    assert [_number(pictures.at(ms)) for ms in (500, 500.5, 501, 33, 33.4, 34)] == [14, 15, 15, 0, 1, 1]
    picture = pictures.at(501)
    assert picture is not None
    assert (picture.ms, picture.microseconds) == (501, 500_500)


def test_a_clip_trimmed_on_a_phone_begins_where_it_was_cut(opened: Open, tmp_path: Path) -> None:
    film(tmp_path / "whole.mp4", "libx264", list(range(100)))
    path = tmp_path / "trimmed.mp4"
    shifted(tmp_path / "whole.mp4", path, -37)
    shown = decoded_straight(path)
    assert [number for _, number in shown] == list(range(37, 100))
    pictures = opened(path)
    starts = [start for start, _ in shown]
    for ms in (0, 34, 200, 360, 361, 900, 1500, 300, 40):
        assert _number(pictures.at(ms)) == 37 + bisect.bisect_right(starts, ms) - 1
    assert _back(pictures, shown, 62) == list(range(99, 36, -1))


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_times_count_from_the_first_picture(suffix: str, opened: Open, tmp_path: Path) -> None:
    film(tmp_path / "whole.mp4", "libx264", list(range(60)))
    path = tmp_path / f"late{suffix}"
    shifted(tmp_path / "whole.mp4", path, 150)
    facts = facts_of(Place(path, b"", "late"))
    assert (abs(facts.duration_ms - 2002) < 70, facts.ends_ms) == (True, None)
    assert _wrong(opened(path), decoded_straight(path), 30) == []


@pytest.mark.parametrize(
    ("suffix", "codec", "mark"), [(".avi", "mpeg4", b"idx1"), (".mkv", "libx264", b"\x1c\x53\xbb\x6b")]
)
def test_moments_are_exact_without_an_index(
    suffix: str, codec: str, mark: bytes, opened: Open, tmp_path: Path
) -> None:
    path = tmp_path / f"lesson{suffix}"
    shown = _film(path, codec, CONSTANT, 100)
    content = path.read_bytes()
    path.write_bytes(content[: content.rfind(mark)])
    assert _wrong(opened(path), shown, 40) == []
