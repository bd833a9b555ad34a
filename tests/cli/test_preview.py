"""`preview` writes what the viewer shows, without a desk; what it cannot show it says in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst
from PIL import Image
from tests.artifacts.media_clips import clip, number_of

from assessor_desk.artifacts.laying_out import office
from assessor_desk.cli.command_line import run_command


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("previewed")
    (folder / "plan.pdf").write_bytes(
        typst.compile(b"= One\n#pagebreak()\n#rect(width: 100%, height: 100%, fill: red)")
    )
    clip(folder / "lesson.mp4", seconds=2)
    (folder / "notes.md").write_text("# Notes\n", encoding="utf-8")
    Image.new("RGB", (40, 30), "teal").save(folder / "board.png")
    return folder


def previewed(files: Path, name: str, *which: str) -> Image.Image:
    out = files / "out.png"
    out.unlink(missing_ok=True)
    assert run_command(["preview", str(files / name), *which, "--out", str(out)]) == 0
    with Image.open(out) as image:
        image.load()
        return image


def test_a_page_as_the_viewer_shows_it(files: Path) -> None:
    second = previewed(files, "plan.pdf", "--page", "2")
    assert second.size == (1191, 1684)  # A4 at 144 points an inch
    assert second.getpixel((600, 800)) == (255, 65, 54)
    assert previewed(files, "plan.pdf", "--page", "1").getpixel((600, 800)) == (255, 255, 255)


def test_the_frame_shown_at_a_time(files: Path) -> None:
    frame = previewed(files, "lesson.mp4", "--at", "1.03").convert("RGBA")
    pixels = memoryview(frame.tobytes("raw", "BGRA"))
    assert number_of(pixels, frame.width, frame.height, 4 * frame.width) == 25  # 25 a second: 1.00 to 1.04


def test_a_picture_is_its_own_page(files: Path) -> None:
    assert previewed(files, "board.png", "--page", "1").size == (40, 30)


def test_a_page_of_a_document_as_libreoffice_lays_it_out(files: Path) -> None:
    import docx

    if office() is None:
        pytest.skip("there is no LibreOffice here")
    made = docx.Document()
    made.add_paragraph("Fractions of a whole")
    made.save(str(files / "plan.docx"))
    assert previewed(files, "plan.docx", "--page", "1").width > 1000


@pytest.mark.parametrize(
    ("name", "which", "code", "words"),
    [
        ("plan.pdf", ("--page", "3"), 1, "“plan.pdf” has 2 pages, so there is no page 3."),
        ("plan.pdf", ("--at", "3"), 1, "Say which page, with --page N."),
        ("lesson.mp4", ("--page", "1"), 1, "Say which moment, with --at SECONDS."),
        ("lesson.mp4", ("--at", "9"), 1, "“lesson.mp4” is 00:02 long, so there is nothing at 9 seconds."),
        ("notes.md", ("--page", "1"), 1, "the viewer shows its words in one column"),
        ("gone.pdf", ("--page", "1"), 1, "There is no file"),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_sentence(
    files: Path, capsys: pytest.CaptureFixture[str], name: str, which: tuple[str, str], code: int, words: str
) -> None:
    out = files / "never.png"
    assert run_command(["preview", str(files / name), *which, "--out", str(out)]) == code
    assert words in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    "which", [(), ("--page", "0"), ("--at", "-1"), ("--at", "soon"), ("--page", "1", "--at", "1")]
)
def test_a_misused_preview_tells_its_usage(files: Path, which: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as told:
        run_command(["preview", str(files / "plan.pdf"), *which, "--out", str(files / "never.png")])
    assert told.value.code == 2
