"""Which recordings deserve a playable rendition, and why."""

import io
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from tests.artifacts.media_clips import CODECS, clip, film

from assessor_desk.artifacts.media.playability import hard_to_play
from assessor_desk.domain.errors import Damaged


@pytest.mark.parametrize("suffix", CODECS)
def test_an_ordinary_recording_plays_as_it_is(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"lesson{suffix}"
    clip(path, 2)
    with path.open("rb") as reader:
        assert hard_to_play(reader, path.name) == ""


@pytest.mark.parametrize(("suffix", "codec"), [(".mkv", "libx264"), (".webm", "libvpx-vp9")])
def test_matroska_without_cues_has_no_index(suffix: str, codec: str, tmp_path: Path) -> None:
    path = tmp_path / f"lesson{suffix}"
    film(path, codec, list(range(60)))
    content = path.read_bytes()
    cut = io.BytesIO(content[: content.rfind(b"\x1c\x53\xbb\x6b")])
    assert hard_to_play(cut, "lesson") == "“lesson” has no index, so going to a moment is slow."


def test_an_avi_whose_index_was_never_written_has_none(tmp_path: Path) -> None:
    path = tmp_path / "lesson.avi"
    clip(path, 2)
    content = bytearray(path.read_bytes())
    del content[content.rfind(b"idx1") :]
    content[4:8] = struct.pack("<I", len(content) - 8)
    assert "has no index" in hard_to_play(io.BytesIO(content), "lesson.avi")


def test_key_frames_far_apart_are_told(tmp_path: Path) -> None:
    path = tmp_path / "screen.mp4"
    film(path, "libx264", [0, 1, *range(30, 1200, 30)], gop=10_000)
    with path.open("rb") as reader:
        assert hard_to_play(reader, "screen.mp4").startswith("“screen.mp4” has a whole picture only every 3")


@pytest.mark.parametrize(("open_groups", "told"), [(True, "when its pictures begin"), (False, "")])
def test_an_avi_with_open_groups_of_pictures_is_told(open_groups: bool, told: str, tmp_path: Path) -> None:
    path = tmp_path / "lesson.avi"
    film(path, "libx264", list(range(90)), open_in_avi=open_groups)
    with path.open("rb") as reader:
        words = hard_to_play(reader, "lesson.avi")
    assert (told in words, bool(words)) == (True, open_groups)


def test_what_is_too_large_to_be_played_in_time_is_told(tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 3840, 2160, "yuv420p"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((3240, 3840), np.uint8), format="yuv420p")
            frame.pts = number
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    with path.open("rb") as reader:
        words = hard_to_play(reader, "large.mp4")
    assert words == "“large.mp4” is larger than most computers play in time (3840 × 2160, 30 a second)."


def test_what_cannot_be_opened_is_damaged() -> None:
    with pytest.raises(Damaged, match="cannot be played"):
        hard_to_play(io.BytesIO(b"nothing"), "lesson.mp4")
