"""The large things made for other tests are what their names say."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import av
import pypdfium2
import pytest
from tests import fixtures_large

from assessor_desk.hub.folder import read_folder


def test_a_phone_video_is_turned_and_unevenly_timed(tmp_path: Path) -> None:
    path = fixtures_large.phone_video(tmp_path, 6_000_000)
    assert path.stat().st_size >= 6_000_000
    with av.open(str(path)) as container:
        frames = list(itertools.islice(container.decode(video=0), 30))
        times = [frame.time or 0.0 for frame in frames]
        assert container.streams.audio
    assert frames[0].rotation == -90
    steps = {round(after - before, 4) for before, after in itertools.pairwise(times)}
    assert len(steps) >= 3
    assert min(steps) > 0


@pytest.mark.parametrize(
    "make, pages", [(fixtures_large.sixty_pages, 60), (fixtures_large.two_hundred_pages, 200)]
)
def test_a_long_pdf_has_its_pages_and_words(make: Callable[[Path], Path], pages: int, tmp_path: Path) -> None:
    path = make(tmp_path)
    with pypdfium2.PdfDocument(path) as document:
        assert len(document) == pages
        assert f"Lesson {pages} of {pages}" in document[pages - 1].get_textpage().get_text_range()


def test_forty_artifacts_can_be_imported(tmp_path: Path) -> None:
    (row,) = read_folder(fixtures_large.submission_folder(tmp_path), ["formative-assessment-math"])
    assert len(row.artifacts) == 40
