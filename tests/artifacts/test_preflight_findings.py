"""What somebody should look at before assessing: silence, blank pages, copies, and what gives a person away."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import av
import docx
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw
from tests.artifacts.media_clips import HEIGHT, WIDTH, clip

from assessor_desk.artifacts.documents import DocumentsClient
from assessor_desk.artifacts.kinds import Kind, Sniffed
from assessor_desk.artifacts.preflight import Preflight, what_it_is
from assessor_desk.domain.preflight import PreflightFinding, Severity, finding_from_json, merged, same_picture
from assessor_desk.domain.submission import ReasonCode

Looked = Callable[..., dict[str, PreflightFinding]]


@pytest.fixture
def found(client: DocumentsClient, tmp_path: Path) -> Callable[..., Preflight]:
    def look(name: str, data: bytes, names: tuple[str, ...] = ()) -> Preflight:
        path = tmp_path / "file"
        path.write_bytes(data)
        return client.preflight(path, name, names=names)

    return look


@pytest.fixture
def looked(found: Callable[..., Preflight]) -> Looked:
    return lambda *what, **more: {each.id: each for each in found(*what, **more).findings}


def recording(level: float | None) -> bytes:
    """Three seconds of grey pictures with a hum of that level (1 is full scale), or without sound."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        pictures = container.add_stream("mpeg4", rate=5)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=16_000, layout="mono") if level is not None else None
        for number in range(15):
            shade = np.full((48, 64, 3), 10 * number, np.uint8)
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(shade, "rgb24")))
        container.mux(pictures.encode())
        if sound is not None and level is not None:
            hum = (np.sin(np.arange(48_000) / 8) * 32767 * level).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(hum, "s16", "mono")
            frame.rate = 16_000
            container.mux(sound.encode(frame))
            container.mux(sound.encode())
    return target.getvalue()


@pytest.mark.parametrize(
    ("level", "expected"), [(0.4, None), (0.002, "nearly_silent"), (0.0, "silent"), (None, "no_sound")]
)
def test_sound_that_cannot_be_heard_is_told(
    looked: Looked, level: float | None, expected: str | None
) -> None:
    findings = looked("lesson.mp4", recording(level))
    assert {"silent", "nearly_silent", "no_sound"} & set(findings) == ({expected} if expected else set())
    if expected:
        assert findings[expected].reason is ReasonCode.UNREADABLE
        assert "“lesson.mp4”" in findings[expected].sentence
    assert findings["is"].sentence == "MP4 video, 0:03 long, 64 × 48 pixels."


def test_a_recording_held_upright_is_as_high_as_it_is_shown(looked: Looked, tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    clip(path, 2, sound=False, rotation=90)
    upright = f"{HEIGHT} × {WIDTH}"
    assert looked("phone.mp4", path.read_bytes())["is"].sentence == f"MP4 video, 0:02 long, {upright} pixels."


def test_two_hours_are_told_as_hours() -> None:
    sniffed = Sniffed(Kind.VIDEO, "video/mp4", "MP4 video")
    assert "2:03:04 long" in what_it_is(sniffed, {"seconds": 7384.2}).sentence


def pages(*drawn: bool) -> bytes:
    with pikepdf.new() as pdf:
        for ink in drawn:
            page = pdf.add_blank_page(page_size=(300, 400))
            if ink:
                page.Contents = pdf.make_stream(b"0 0 0 rg 50 50 100 100 re f")
        target = io.BytesIO()
        pdf.save(target)
    return target.getvalue()


def test_blank_pages_are_told_by_number_and_a_blank_document_as_such(looked: Looked) -> None:
    assert looked("plan.pdf", pages(True, False, True, False))["blank_pages"].sentence == (
        "Pages 2, 4 of “plan.pdf” are blank."
    )
    assert looked("plan.pdf", pages(True, False))["blank_pages"].facts == {"pages": [2]}
    assert "blank" in looked("plan.pdf", pages(False, False))
    assert {"blank", "blank_pages"}.isdisjoint(looked("plan.pdf", pages(True)))


def test_a_document_without_words_and_a_picture_of_nothing_are_blank(looked: Looked) -> None:
    empty, white = io.BytesIO(), io.BytesIO()
    docx.Document().save(empty)
    Image.new("RGB", (80, 60), "white").save(white, "PNG")
    assert "blank" in looked("plan.docx", empty.getvalue())
    assert "blank" in looked("board.png", white.getvalue())


def drawing(seed: int) -> Image.Image:
    random = np.random.default_rng(seed)
    picture = Image.new("RGB", (800, 600), "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y, width, height = (int(number) for number in random.integers(0, 500, 4))
        pen.ellipse((x, y, x + width, y + height), fill=tuple(int(c) for c in random.integers(0, 255, 3)))
    return picture


def saved(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def test_a_picture_saved_again_is_known_and_another_is_not(found: Callable[..., Preflight]) -> None:
    first = found("a.jpg", saved(drawing(1), quality=95)).likeness
    again = found("b.webp", saved(drawing(1).resize((300, 225)), "WEBP", quality=50)).likeness
    other = found("c.jpg", saved(drawing(2), quality=95)).likeness
    assert same_picture(first, again)
    assert not same_picture(first, other)
    assert not same_picture("", "")


def test_properties_that_name_a_person_are_told_without_naming_them(
    looked: Looked, found: Callable[..., Preflight]
) -> None:
    word, pdf = docx.Document(), io.BytesIO()
    word.add_paragraph("A plan")
    word.core_properties.author, word.core_properties.last_modified_by = "Amara Whitfield", "A. Whitfield"
    target = io.BytesIO()
    word.save(target)
    with pikepdf.open(io.BytesIO(pages(True))) as opened:
        opened.docinfo["/Author"] = "Amara Whitfield"
        opened.save(pdf)
    picture = drawing(3)
    exif = picture.getexif()
    exif[0x013B], exif[0x8825] = "Amara Whitfield", {1: "N", 2: (34.0, 45.0, 0.0)}
    for name, data, which in (
        ("plan.docx", target.getvalue(), "author and last modified by"),
        ("plan.pdf", pdf.getvalue(), "author"),
        ("board.jpg", saved(picture, exif=exif), "artist"),
    ):
        finding = looked(name, data)["name_in_properties"]
        assert finding.sentence == f"The properties of “{name}” name a person ({which})."
        assert finding.reason is ReasonCode.NAMES_EXPOSED
        assert "Whitfield" not in str(found(name, data).to_json())
    assert "place_in_properties" in looked("board.jpg", saved(picture, exif=exif))


def test_what_a_program_writes_as_author_names_nobody(looked: Looked, lesson_docx: bytes) -> None:
    assert "name_in_properties" not in looked("plan.docx", lesson_docx)  # python-docx


def test_a_file_name_that_names_somebody(looked: Looked, lesson_docx: bytes) -> None:
    assert (
        "an e-mail address" in looked("amara@school.org plan.docx", lesson_docx)["name_in_file_name"].sentence
    )
    named = looked("Whitfield_plan.docx", lesson_docx, names=("Amara", "Whitfield"))
    assert named["name_in_file_name"].severity is Severity.LOOK
    assert "name_in_file_name" not in looked("plan.docx", lesson_docx, names=("Amara", "Whitfield"))


def test_findings_survive_being_kept_and_a_severity_of_tomorrow_is_one_to_look_at() -> None:
    finding = PreflightFinding("blank", Severity.LOOK, "“a.pdf” is blank.", {"pages": [1]})
    assert finding_from_json(finding.to_json()) == finding
    assert finding_from_json({"id": "x", "severity": "urgent", "sentence": "S"}).severity is Severity.LOOK


def test_what_was_found_here_goes_before_what_the_source_told_of_the_same() -> None:
    here = PreflightFinding("blank", Severity.LOOK, "here")
    told = (
        PreflightFinding("blank", Severity.LOOK, "told"),
        PreflightFinding("duplicate", Severity.LOOK, "d"),
    )
    assert [each.sentence for each in merged([here], told)] == ["here", "d"]
