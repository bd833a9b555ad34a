"""Renditions: every picture at its own time, sound in its place, captions kept, and only as large as meant."""

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.artifacts.media_clips import (
    clip,
    decoded_straight,
    film,
    tone,
    with_captions_inside,
)

from assessor_desk.artifacts.media.captions import Cue
from assessor_desk.artifacts.media.recording import Place, Recording, facts_of, origin_of
from assessor_desk.artifacts.media.rendition import Purpose, RenditionFacts, encode
from assessor_desk.artifacts.media.rewriting import one_at_a_time
from assessor_desk.artifacts.media.sounds import pcm
from assessor_desk.artifacts.media.survey import cues_inside
from assessor_desk.domain.errors import Damaged

SRT = (
    "1\n00:00:00,500 --> 00:00:02,000\nHow many is that?\n\n"
    "2\n00:00:01,500 --> 00:00:03,000\nTwelve, I think.\n"
)


def _made(path: Path, purpose: Purpose = Purpose.SMALL) -> tuple[Path, RenditionFacts]:
    target = path.with_name(f"{path.name}.{purpose}.mp4")
    with path.open("rb") as reading, target.open("wb") as writing:
        facts = encode(reading, path.name, lambda piece: _ignored(writing.write(piece)), purpose=purpose)
    return target, facts


def _ignored(_: object) -> None:
    return


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".mp4", "libx264"),
        (".mov", "libx265"),
        (".mkv", "libx264"),
        (".webm", "libvpx-vp9"),
        (".avi", "mpeg4"),
        (".mts", "libx264"),
    ],
)
def test_a_moment_is_the_same_picture_in_the_rendition(
    purpose: Purpose, suffix: str, codec: str, tmp_path: Path
) -> None:
    original = tmp_path / f"lesson{suffix}"
    film(original, codec, [0, 1, 2, 5, 6, 7, 8, 9, 19, *range(20, 60)])
    rendition, _ = _made(original, purpose)
    there, here = decoded_straight(original), decoded_straight(rendition)
    assert [number for _, number in here] == [number for _, number in there]
    assert max(abs(one - other) for (one, _), (other, _) in zip(here, there, strict=True)) < Fraction(1, 500)


def test_moments_of_anchors_are_equal_to_the_millisecond(tmp_path: Path) -> None:
    original = tmp_path / "lesson.mp4"
    film(original, "libx264", list(range(40)))
    assert decoded_straight(_made(original)[0]) == decoded_straight(original)


def test_sound_is_in_its_place(tmp_path: Path) -> None:
    original = tmp_path / "lesson.mts"
    clip(original, 4)
    rendition, _ = _made(original)
    place = Place(rendition, b"", "lesson")
    recording = Recording(place)
    origin, _ = origin_of(recording)
    recording.close()
    left = np.frombuffer(b"".join(pcm(place, origin, 1500, 1.0, 48_000)), np.int16)[::2].astype(int)
    assert abs(np.flatnonzero(np.abs(left) > 12_000)[0] / 48 - 500) < 45


def test_captions_inside_are_kept_also_where_two_are_shown_at_once(tmp_path: Path) -> None:
    clip(tmp_path / "plain.mp4", 4)
    original = tmp_path / "lesson.mkv"
    with_captions_inside(tmp_path / "plain.mp4", original, SRT)
    rendition, facts = _made(original)
    kept = [(cue.start_ms, cue.end_ms, cue.text) for cue in _cues(rendition)]
    assert facts.captions == 3
    assert kept == [
        (500, 1500, "How many is that?"),
        (1500, 2000, "How many is that?\nTwelve, I think."),
        (2000, 3000, "Twelve, I think."),
    ]


def _cues(path: Path) -> tuple[Cue, ...]:
    recording = Recording(Place(path, b"", path.name))
    origin, _ = origin_of(recording)
    recording.close()
    return cues_inside(Place(path, b"", path.name), origin)


def test_cues_that_do_not_overlap_stay_as_they_are() -> None:
    cues = [Cue(0, 10, "a"), Cue(10, 20, "b"), Cue(30, 40, "c")]
    assert one_at_a_time(cues) == cues


def test_a_phone_held_upright_comes_out_upright(tmp_path: Path) -> None:
    original = tmp_path / "phone.mp4"
    clip(original, 1, rotation=-90)
    facts = facts_of(Place(_made(original)[0], b"", "phone"))
    assert (facts.width, facts.height, facts.rotation) == (180, 320, 0)


def test_a_large_recording_is_scaled_into_720_lines_at_1_5_megabits(tmp_path: Path) -> None:
    original = tmp_path / "large.mp4"
    noisy(original, 1600, 900, 50)
    rendition, facts = _made(original)
    assert (facts.width, facts.height, facts.media_type) == (1280, 720, "video/mp4")
    assert rendition.stat().st_size * 8 / 2 < 2_500_000


def noisy(path: Path, width: int, height: int, count: int) -> None:
    chance = np.random.default_rng(2)
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "24"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        ground = chance.integers(16, 235, (height * 3 // 2, width), dtype=np.uint8)
        for at in range(count):
            frame = av.VideoFrame.from_ndarray(np.roll(ground, at * 2, 1), format="yuv420p")
            frame.pts = at
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


def test_pictures_go_over_unchanged_where_only_the_index_is_missing(tmp_path: Path) -> None:
    original = tmp_path / "lesson.mkv"
    film(original, "libx264", list(range(40)))
    whole = original.read_bytes()
    original.write_bytes(whole[: whole.rfind(b"\x1c\x53\xbb\x6b")])
    rendition, facts = _made(original, Purpose.PLAYABLE)
    assert facts.copied
    assert [number for _, number in decoded_straight(rendition)] == list(range(40))


def test_sound_alone_has_a_small_rendition_too(tmp_path: Path) -> None:
    tone(tmp_path / "talk.wav", 4, "pcm_s16le")
    rendition, facts = _made(tmp_path / "talk.wav")
    assert (facts.media_type, facts.width) == ("audio/mp4", 0)
    assert abs(facts_of(Place(rendition, b"", "talk")).duration_ms - 4000) < 60
    assert rendition.stat().st_size < 100_000


def test_it_is_told_how_far_it_is(tmp_path: Path) -> None:
    original = tmp_path / "lesson.mp4"
    clip(original, 2)
    told: list[int] = []
    with original.open("rb") as reading:
        encode(reading, "lesson.mp4", lambda _: None, told.append)
    assert told == sorted(told)
    assert 1800 < told[-1] <= 2000


@pytest.mark.parametrize("where", ["write", "told"])
def test_what_its_receiver_raises_ends_it(where: str, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(_: object) -> None:
        raise Stopped

    original = tmp_path / "lesson.mp4"
    clip(original, 2)
    receivers: dict[str, Callable[[object], None]] = {"write": lambda _: None, "told": lambda _: None}
    receivers[where] = stop
    with original.open("rb") as reading, pytest.raises(Stopped):
        encode(reading, "lesson.mp4", receivers["write"], receivers["told"])


@pytest.mark.parametrize("content", [b"", b"no recording at all" * 1000])
def test_what_is_no_recording_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(Damaged, match=r"“lesson\.mp4” cannot be played"):
        encode(io.BytesIO(content), "lesson.mp4", lambda _: None)


def test_damaged_pictures_are_counted_and_the_rest_is_kept(tmp_path: Path) -> None:
    original = tmp_path / "lesson.mkv"
    clip(original, 6, gop=25, sound=False)
    content = bytearray(original.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)
    original.write_bytes(content)
    rendition, _ = _made(original)
    numbers = [number for _, number in decoded_straight(rendition)]
    assert (numbers[0], numbers[-1]) == (0, 149)
