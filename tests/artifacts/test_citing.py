"""What anchors cite: the frame whose span holds the moment, a part of a picture, words and what is around them."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from assessor_desk.artifacts.citing import Cited, Words, cite_document
from assessor_desk.artifacts.citing_recordings import RecordingCiter
from assessor_desk.artifacts.documents import DocumentsClient
from assessor_desk.artifacts.encoding import encoded
from assessor_desk.artifacts.media import open_media
from assessor_desk.artifacts.pages import Raster
from assessor_desk.domain.anchor import Box, ImageRegion, PageRegion, Selector, TextQuote, TimeSpan, Whole
from assessor_desk.domain.errors import DeskError

PLAN = "Plan\n\nPupils mark their own exit\ntickets; the quokka waits. " + "Nothing else happens. " * 40
FRAMES = 60


@pytest.fixture
def documents() -> Iterator[DocumentsClient]:
    with DocumentsClient() as client:
        yield client


def cited(documents: DocumentsClient, path: Path, selector: Selector) -> Cited:
    with closing(documents.open(path, b"", path.name)) as handle:
        return cite_document(handle, selector)


# -- recordings ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Fraction]]:
    """A video whose pictures last unevenly and begin between milliseconds, each a grey of its own; when each begins."""
    path = tmp_path_factory.mktemp("video") / "uneven.mp4"
    step, times, at = Fraction(1, 30_000), [], 0
    pace = random.Random(7)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"g": "25", "bf": "2", "crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.time_base = stream.time_base = step
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.full((96, 160, 3), 4 * number, np.uint8), format="rgb24")
            frame.pts, frame.time_base = at, step
            times.append(at * step)
            container.mux(stream.encode(frame))
            at += pace.choice((1001, 1001, 2002, 999, 4004))
        container.mux(stream.encode())
    return path, times


def test_the_still_is_the_picture_whose_time_holds_the_moment(uneven: tuple[Path, list[Fraction]]) -> None:
    path, times = uneven
    pick = random.Random(3)
    moments = [pick.randrange(0, int(times[-1] * 1000)) for _ in range(12)]
    with closing(open_media(path, b"", path.name)) as handle:
        citer = RecordingCiter(handle, None)
        for ms in moments:
            found = citer.cite(TimeSpan(ms))
            shown = max(number for number, begins in enumerate(times) if begins * 1000 <= ms)
            assert found.picture is not None
            assert found.frame_us == pytest.approx(float(times[shown] * 1_000_000), abs=1)
            grey = np.frombuffer(bytes(found.picture.data), np.uint8)[1000]
            assert abs(int(grey) - 4 * shown) <= 3, ms


def test_a_frames_own_time_gives_that_frame_though_it_begins_between_milliseconds(
    uneven: tuple[Path, list[Fraction]],
) -> None:
    path, times = uneven
    with closing(open_media(path, b"", path.name)) as handle:
        citer = RecordingCiter(handle, None)
        for number in (1, 2, 17, 30, FRAMES - 2):
            own = round(times[number] * 1_000_000)
            found = citer.cite(TimeSpan(int(times[number] * 1000), frame_us=own, still=True))
            assert found.frame_us == pytest.approx(own, abs=1)


def test_words_that_captions_say_there_stand_beside_the_still(uneven: tuple[Path, list[Fraction]]) -> None:
    captions = (
        "WEBVTT\n\n00:00.000 --> 00:01.000\nOne\n\n00:01.000 --> 00:02.000\n<v Ann>Two\n\n"
        "00:02.500 --> 00:03.000\nThree\n"
    )
    with closing(open_media(uneven[0], b"", "uneven.mp4")) as handle:
        citer = RecordingCiter(handle, captions)
        assert citer.cite(TimeSpan(500, 1200)).heard == "One Ann: Two"
        assert citer.cite(TimeSpan(2600)).heard == "Three"
        assert citer.cite(TimeSpan(2100)).heard == ""


def test_a_recording_whose_reader_died_is_said_to_be_unreadable(uneven: tuple[Path, list[Fraction]]) -> None:
    with closing(open_media(uneven[0], b"", "uneven.mp4")) as handle:
        citer = RecordingCiter(handle, None)
        handle.close()
        with pytest.raises(DeskError, match=r"uneven\.mp4"):
            citer.cite(TimeSpan(100))


# -- words and pictures --------------------------------------------------------------------------------------


def test_words_are_shown_with_what_stands_around_them(documents: DocumentsClient, tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_text(PLAN, encoding="utf-8")
    words = cited(documents, path, TextQuote("own exit tickets")).words
    assert words is not None
    assert (words.exact, words.before) == ("own exit tickets", "Plan Pupils mark their ")
    assert words.after.startswith("; the quokka waits. Nothing")
    assert words.after.endswith("…")
    near = cited(documents, path, TextQuote("pupils marked their own exit ticket")).words
    assert near is not None
    assert (near.nearby, near.exact) == (True, "Pupils mark their own exit tickets;")
    lost = cited(documents, path, TextQuote("no such words are here at all", "a ", " b")).words
    assert lost == Words("no such words are here at all", "a ", " b", lost=True)


def test_a_part_of_a_picture_is_cut_out_with_some_of_what_is_around(
    documents: DocumentsClient, tmp_path: Path
) -> None:
    picture = np.zeros((200, 400, 3), np.uint8)
    picture[100:150, 200:300] = (255, 0, 0)
    path = tmp_path / "work.png"
    Image.fromarray(picture).save(path)
    found = cited(documents, path, ImageRegion(Box(50, 50, 25, 25)))
    assert found.picture is not None
    assert (found.picture.width, found.picture.height) == (200, 100)
    (box,) = found.boxes
    assert (box.x, box.y, box.width, box.height) == pytest.approx((25, 25, 50, 50))
    pixels = np.frombuffer(bytes(found.picture.data), np.uint8).reshape(100, -1, 4)[:, :, :3]
    assert (pixels[25:75, 50:150] == (0, 0, 255)).all()
    assert (pixels[:25] == 0).all()


def test_scans_of_one_file_are_cited_by_page(documents: DocumentsClient, tmp_path: Path) -> None:
    path = tmp_path / "scans.tiff"
    pages = [Image.new("RGB", (60, 40), colour) for colour in ("white", "blue")]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    found = cited(documents, path, PageRegion(2))
    assert found.picture is not None
    assert bytes(found.picture.data[:3]) == b"\xff\x00\x00"


def test_of_a_whole_text_the_beginning_is_shown(documents: DocumentsClient, tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_text(PLAN, encoding="utf-8")
    words = cited(documents, path, Whole()).words
    assert words is not None
    assert words.after.startswith("Plan Pupils")


def test_drawn_pages_are_kept_sharp_and_photographs_small() -> None:
    drawn = np.full((300, 300, 4), 255, np.uint8)
    drawn[100:120] = 0
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 4), np.uint8)
    assert encoded(Raster(300, 300, drawn.tobytes(), 1200), 10**6)[1] == "png"
    assert encoded(Raster(300, 300, noise.tobytes(), 1200), 10**6)[1] == "jpg"


def test_a_picture_with_too_many_bytes_is_made_smaller() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (900, 1200, 4), np.uint8)
    content, _ = encoded(Raster(1200, 900, noise.tobytes(), 4800), 200_000)
    assert len(content) <= 200_000
    with Image.open(io.BytesIO(content)) as made:
        assert made.width / made.height == pytest.approx(4 / 3, abs=0.02)
