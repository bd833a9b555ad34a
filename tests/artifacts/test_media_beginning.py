"""First pictures from the key frame alone where it is the same picture; moments further on by decoding on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from tests.artifacts.media_clips import clip, decoded_straight, film, number_of, shifted

from assessor_desk.artifacts.media.beginning import begin
from assessor_desk.artifacts.media.pictures import Picture, Pictures
from assessor_desk.artifacts.media.recording import Place, Recording, look, origin_of
from assessor_desk.artifacts.media.unreferenced import unreferenced_in
from assessor_desk.artifacts.media.warming import warm_up


def _plain(path: Path) -> None:
    film(path, "libx264", list(range(30)))


def _hevc(path: Path) -> None:
    film(path, "libx265", list(range(30)))


def _vp9(path: Path) -> None:
    film(path, "libvpx-vp9", list(range(30)))


def _with_sound(path: Path) -> None:
    clip(path, 2)


def _upright(path: Path) -> None:
    clip(path, 2, rotation=90)


def _late(path: Path) -> None:
    _plain(path.with_name("whole.mp4"))
    shifted(path.with_name("whole.mp4"), path, 150)


@pytest.mark.parametrize("written", [_plain, _hevc, _vp9, _with_sound, _upright, _late])
def test_the_key_frame_alone_is_the_first_picture_with_the_same_facts(
    written: Callable[[Path], None], tmp_path: Path
) -> None:
    place = _made(written, tmp_path / "lesson.mp4")
    found = begin(place)
    recording = Recording(place)
    origin, first = origin_of(recording)
    assert found.first is not None
    assert first is not None
    assert np.array_equal(found.first.to_ndarray(), first.to_ndarray())
    assert (found.origin, found.facts) == (origin, look(recording, origin, first, None))
    recording.close()


def test_the_first_picture_lasts_until_the_second_begins(tmp_path: Path) -> None:
    place = _made(_plain, tmp_path / "lesson.mp4")
    assert round(begin(place).lasts_ms, 2) == 33.37


def _made(written: Callable[[Path], None], path: Path) -> Place:
    written(path)
    return Place(path, b"", path.name)


def test_a_clip_trimmed_on_a_phone_is_opened_as_for_playing(tmp_path: Path) -> None:
    _plain(tmp_path / "whole.mp4")
    shifted(tmp_path / "whole.mp4", tmp_path / "trimmed.mp4", -5)
    found = begin(Place(tmp_path / "trimmed.mp4", b"", "trimmed"))
    assert found.first is None
    assert found.begun is not None
    assert found.begun.first is not None
    assert _number(Picture(0.0, found.begun.first)) == 5
    found.begun.close()


def test_other_pictures_are_the_same_without_those_that_none_refers_to(tmp_path: Path) -> None:
    path = tmp_path / "lesson.mp4"
    _plain(path)
    whole, without = _pixels(path, leave_out=False), _pixels(path, leave_out=True)
    assert len(whole) // 4 < len(without) < len(whole)
    assert all(np.array_equal(whole[pts], pixels) for pts, pixels in without.items())


def _pixels(path: Path, leave_out: bool) -> dict[int | None, np.ndarray]:
    recording = Recording(Place(path, b"", path.name))
    stream = recording.video
    assert stream is not None
    unreferenced = unreferenced_in(stream)
    packets = [
        packet for packet in recording.container.demux(stream) if not (leave_out and unreferenced(packet))
    ]
    decoded = {frame.pts: frame.to_ndarray() for packet in packets for frame in packet.decode()}
    recording.close()
    return decoded


def test_a_moment_further_on_in_the_group_is_reached_by_decoding_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lesson.mp4"
    film(path, "libx264", list(range(240)), gop=90)
    pictures = Pictures(
        Place(path, b"", "lesson"), begin(Place(path, b"", "lesson")).origin, 84.0, lambda: False
    )
    shown = [start for start, _ in decoded_straight(path)]
    places: list[float] = []
    monkeypatch.setattr(pictures, "_seek", lambda ms, go=pictures._seek: (places.append(ms), go(ms)))
    found = {
        number: _number(pictures.at(float(shown[number]) + 1)) for number in (5, 60, 85, 86, 20, 100, 115)
    }
    assert found == {number: number for number in found}
    # Only those for which one must go back, or past a key frame: 60 and 85 lie ahead in the group of 5.
    assert [round(ms * 30 / 1001) for ms in places] == [5, 20, 100]
    pictures.close()


def test_pictures_left_out_in_a_hurry_are_not_taken_for_shown(tmp_path: Path) -> None:
    path = tmp_path / "lesson.mp4"
    film(path, "libx264", list(range(120)))
    pictures = Pictures(
        Place(path, b"", "lesson"), begin(Place(path, b"", "lesson")).origin, 84.0, lambda: False
    )
    shown = [start for start, _ in decoded_straight(path)]
    pictures.at(0)
    pictures.hurry(True)
    hurried = [_number(pictures.next()) for _ in range(15)]
    assert hurried != list(range(1, 16))
    last = hurried[-1] or 0
    for number in (last - 1, last + 1, last + 2, last + 3):
        assert _number(pictures.at(float(shown[number]) + 1)) == number
        pictures.hurry(True)
        pictures.next()
    pictures.close()


def _number(picture: Picture | None) -> int | None:
    if picture is None:
        return None
    frame = picture.frame.to_ndarray(format="bgra")
    return number_of(memoryview(frame.tobytes()), frame.shape[1], frame.shape[0], frame.shape[1] * 4)


def test_a_reader_that_has_warmed_up_runs_no_further_thread_and_holds_no_file() -> None:
    warm_up()
    before = _threads_and_files()
    warm_up()
    assert _threads_and_files() == before


def _threads_and_files() -> tuple[int, int]:
    ourselves = psutil.Process()
    return ourselves.num_threads(), len(ourselves.open_files())
