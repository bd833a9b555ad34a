"""A file that cannot or must not be opened is told before it enters a review, in a sentence."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from tests.artifacts import media_clips

from assessor_desk.artifacts.documents import DocumentsClient
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.preflight import Preflight
from assessor_desk.artifacts.reading.recording import recording_faults

Checked = Callable[[str, bytes], Preflight]


@pytest.fixture
def checked(client: DocumentsClient, tmp_path: Path) -> Checked:
    def check(name: str, data: bytes) -> Preflight:
        path = tmp_path / "file"
        path.write_bytes(data)
        return client.preflight(path, name)

    return check


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Thirty seconds of grey pictures, in a container of choice."""

    def make(suffix: str, **options: str) -> bytes:
        path = tmp_path_factory.mktemp("clip") / f"clip{suffix}"
        with av.open(str(path), "w", options=options) as container:
            stream = container.add_stream("mpeg4", rate=5)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for number in range(150):
                picture = np.full((48, 64, 3), number, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            container.mux(stream.encode())
        return path.read_bytes()

    return make


def the_fault(found: Preflight) -> str:
    assert len(found.faults) == 1, found
    return found.faults[0]


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members:
            package.writestr(name, data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


# -- what is sound -----------------------------------------------------------------------------------------


def test_sound_files_have_facts_and_no_faults(
    checked: Checked, lesson_pdf: bytes, lesson_docx: bytes, photo: bytes, clip: Callable[..., bytes]
) -> None:
    pdf, word = checked("plan.pdf", lesson_pdf), checked("plan.docx", lesson_docx)
    picture, video = checked("board.jpg", photo), checked("lesson.mp4", clip(".mp4"))
    assert [found.faults for found in (pdf, word, picture, video)] == [()] * 4
    assert pdf.facts["pages"] == 3
    assert (picture.facts["width"], picture.facts["height"]) == (40, 80)
    assert video.kind is Kind.VIDEO
    assert video.facts["seconds"] == pytest.approx(30, abs=0.5)


def test_a_name_that_promises_another_kind_is_noted_and_no_fault(checked: Checked, photo: bytes) -> None:
    found = checked("plan.pdf", photo)
    assert (found.kind, found.faults) == (Kind.IMAGE, ())
    assert found.facts["note"] == "Its name ends in .pdf, but it is a JPEG picture."


# -- cut short, locked, empty ------------------------------------------------------------------------------


def test_an_empty_file(checked: Checked) -> None:
    assert the_fault(checked("plan.docx", b"")).startswith("“plan.docx” is empty.")


def test_a_pdf_with_a_password(checked: Checked, locked_pdf: bytes) -> None:
    assert the_fault(checked("plan.pdf", locked_pdf)).startswith("“plan.pdf” is locked with a password.")


def test_a_pdf_cut_short(checked: Checked, lesson_pdf: bytes) -> None:
    for kept in (len(lesson_pdf) // 3, len(lesson_pdf) - 40):
        assert "cut short" in the_fault(checked("plan.pdf", lesson_pdf[:kept]))


@pytest.mark.parametrize(
    ("suffix", "options"),
    [(".mp4", {}), (".mp4", {"movflags": "faststart"}), (".mov", {}), (".avi", {}), (".mkv", {})],
)
def test_a_video_cut_short(
    checked: Checked, clip: Callable[..., bytes], suffix: str, options: dict[str, str]
) -> None:
    data = clip(suffix, **options)
    assert checked(f"lesson{suffix}", data).faults == ()
    fault = the_fault(checked(f"lesson{suffix}", data[: len(data) // 2]))
    assert f"“lesson{suffix}”" in fault
    assert "cut short" in fault


@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
def test_a_recording_of_seconds_cut_short(checked: Checked, tmp_path: Path, suffix: str) -> None:
    """Too short for its end to be looked for: the container says where its segment ends."""
    path = tmp_path / f"moment{suffix}"
    media_clips.clip(path, 3, sound=False)
    data = path.read_bytes()
    assert checked(path.name, data).faults == ()
    assert "cut short" in the_fault(checked(path.name, data[: len(data) // 2]))


def test_a_description_of_a_stream_elsewhere_is_no_recording_and_nothing_listens_for_it() -> None:
    elsewhere = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    stream = b"m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    facts: dict[str, object] = {}

    faults = recording_faults(io.BytesIO(elsewhere + stream), "lesson.mp4", facts)

    assert ["cannot be played" in fault for fault in faults] == [True]
    assert facts == {}


def test_a_picture_cut_short(checked: Checked) -> None:
    target = io.BytesIO()
    Image.effect_noise((300, 300), 80).save(target, "PNG")
    assert "breaks off" in the_fault(checked("board.png", target.getvalue()[:20_000]))


def test_a_word_document_cut_short(checked: Checked, lesson_docx: bytes) -> None:
    assert "plan.docx" in the_fault(checked("plan.docx", lesson_docx[:-200]))


def test_an_older_office_document_and_one_with_a_password(checked: Checked) -> None:
    older = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert "older Office format" in the_fault(checked("plan.doc", older))
    locked = older + "EncryptedPackage".encode("utf-16-le")
    assert "locked with a password" in the_fault(checked("plan.docx", locked))


# -- made to do harm ---------------------------------------------------------------------------------------


def test_a_picture_bomb(checked: Checked) -> None:
    target = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(target, "PNG")
    assert "50 million pixels" in the_fault(checked("huge.png", target.getvalue()))


def test_a_zip_bomb_is_refused_before_it_is_inflated(checked: Checked, repack: Callable[..., bytes]) -> None:
    bomb = repack({"word/media/zeros.bin": bytes(30_000_000)})
    assert len(bomb) < 100_000
    assert "packed so tightly" in the_fault(checked("plan.docx", bomb))


def test_a_package_whose_directory_promises_too_much(checked: Checked, lesson_docx: bytes) -> None:
    forged = bytearray(lesson_docx)
    entry = forged.rfind(b"PK\x01\x02")
    forged[entry + 24 : entry + 28] = struct.pack("<I", 4_000_000_000)
    found = checked("plan.docx", bytes(forged))
    assert any("would inflate to 400" in fault for fault in found.faults)


def test_a_package_of_too_many_parts(checked: Checked, repack: Callable[..., bytes]) -> None:
    assert "far more than a document has" in the_fault(
        checked("plan.docx", repack({f"word/x{n}.bin": b"" for n in range(5_100)}))
    )


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "C:\\evil", "word\\..\\..\\evil"])
def test_a_part_named_to_be_written_elsewhere(
    checked: Checked, repack: Callable[..., bytes], name: str
) -> None:
    assert "written elsewhere" in the_fault(checked("plan.docx", repack({name: b"x"})))


def test_a_link_in_a_package(checked: Checked) -> None:
    link = zipfile.ZipInfo("word/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    fault = the_fault(checked("plan.docx", packed(("word/document.xml", b"<a/>"), (link, b"/etc/passwd"))))
    assert "holds a link" in fault


def test_two_parts_of_the_same_name(checked: Checked) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = packed(("word/document.xml", b"<a/>"), ("word/document.xml", b"<b/>"))
    assert "two parts of the same name" in the_fault(checked("plan.docx", data))


def test_an_external_entity_is_never_resolved(
    checked: Checked, repack: Callable[..., bytes], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("the secret")
    body = (
        f'<!DOCTYPE w:document [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]><w:document '
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&x;'
        "</w:t></w:r></w:p></w:body></w:document>"
    )
    for encoding in ("utf-8", "utf-16"):
        fault = the_fault(checked("plan.docx", repack({"word/document.xml": body.encode(encoding)})))
        assert "declares a document type in word/document.xml" in fault


def test_a_document_that_is_no_document_inside(checked: Checked, repack: Callable[..., bytes]) -> None:
    for body in (b"<a/>", b"not xml", b"<w:document"):
        assert checked("plan.docx", repack({"word/document.xml": body})).kind is Kind.WORD
    assert "cannot be read as a Word document" in the_fault(
        checked("plan.docx", repack({"word/document.xml": b"<w:document"}))
    )
