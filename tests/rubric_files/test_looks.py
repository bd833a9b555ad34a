"""A programme's look: what is wrong with its file is said with file and line, and nothing in a logo runs or fetches."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.programme_look import PNG, SVG, ProgrammeLook, contrast_on_white
from assessor_desk.places import resources
from assessor_desk.rubric_files import FaultyFile, load_look
from assessor_desk.rubric_files.looks import MOST_BYTES

LOOKS = resources() / "looks"
SHAPES = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sample programme's look, to be spoiled."""
    for name in ("lakeside.yaml", "lakeside.svg"):
        shutil.copy(LOOKS / name, tmp_path / name)
    return tmp_path / "lakeside.yaml"


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def fault(path: Path) -> str:
    with pytest.raises(FaultyFile) as caught:
        load_look(path)
    return str(caught.value.faults[0])


def a_png(width: int, height: int) -> bytes:
    written = io.BytesIO()
    Image.new("1", (width, height)).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize("path", sorted(LOOKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_looks_are_sound(path: Path) -> None:
    look = load_look(path)

    assert look.logo is not None
    assert look.logo.media_type == SVG
    assert look.logo.alternative
    assert contrast_on_white(look.accent) >= 4.5


def test_black_and_white_have_the_contrasts_that_wcag_gives_them() -> None:
    assert contrast_on_white("#000000") == pytest.approx(21)
    assert contrast_on_white("#FFFFFF") == pytest.approx(1)
    assert contrast_on_white("#767676") == pytest.approx(4.54, abs=0.01)


def test_an_accent_colour_too_light_to_read_is_refused_with_its_line(copy: Path) -> None:
    spoil(copy, "#1D5A9E", "#8FB8E8")

    said = fault(copy)
    assert said.startswith(
        "lakeside.yaml, line 3: The accent colour #8FB8E8 has a contrast of 2.1:1 on white"
    )
    assert "at least 4.5:1" in said


def test_a_key_that_does_not_belong_is_named_with_its_line(copy: Path) -> None:
    spoil(copy, "closing:", "slogan: Hello\nclosing:")

    assert "“slogan” is not a key that belongs here" in fault(copy)


def test_a_logo_needs_words_that_stand_for_it(copy: Path) -> None:
    spoil(copy, "  alternative: Lakeside Regional Programme, a sun over two waves\n", "")

    assert fault(copy).startswith("lakeside.yaml, line 4: “alternative” is missing")


def test_a_logo_that_is_not_there_is_named(copy: Path) -> None:
    spoil(copy, "file: lakeside.svg", "file: lake.svg")

    assert fault(copy) == "lakeside.yaml, line 5: there is no file “lake.svg” beside this one"


@pytest.mark.parametrize("name", ["../secret.svg", "/etc/passwd", "..\\\\secret.svg"])
def test_a_logo_elsewhere_is_refused(copy: Path, name: str) -> None:
    spoil(copy, "file: lakeside.svg", f'file: "{name}"')

    assert "must lie beside this file" in fault(copy)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "holds <script>"),
        ("<text>Lakeside</text>", "turn text into paths"),
        ('<image href="https://example.org/x.png"/>', "holds <image>"),
        ("<style>@import url(https://example.org/x.css);</style>", "holds <style>"),
        ('<rect onclick="alert(1)" width="1" height="1"/>', "runs something (onclick)"),
        (
            '<rect fill="url(https://example.org/#a)" width="1" height="1"/>',
            "refers to something outside itself",
        ),
        (
            '<a href="https://example.org"><rect width="1" height="1"/></a>',
            "refers to something outside itself",
        ),
    ],
)
def test_a_drawing_that_runs_or_fetches_something_is_refused(copy: Path, inside: str, words: str) -> None:
    (copy.parent / "lakeside.svg").write_text(SHAPES.format(inside), encoding="utf-8")

    assert words in fault(copy)


@pytest.mark.parametrize(
    "size",
    [
        "",
        'viewBox="0 0 0 0"',
        'viewBox="0 0 100000 100000"',
        'viewBox="0 0 900 9"',
        'viewBox="0 0 9 9" width="90000" height="90000"',
        'viewBox="0 0 nine 9"',
    ],
)
def test_a_drawing_of_an_impossible_size_is_refused(copy: Path, size: str) -> None:
    """The drawing library ends the whole program over some of these."""
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect width="9" height="9"/></svg>'
    (copy.parent / "lakeside.svg").write_text(drawing, encoding="utf-8")

    assert fault(copy).startswith("lakeside.yaml, line 5: “lakeside.svg” ")


def test_a_drawing_with_a_document_type_is_refused(copy: Path) -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SHAPES.format("")
    (copy.parent / "lakeside.svg").write_text(bomb, encoding="utf-8")

    assert "declares a document type" in fault(copy)


@pytest.mark.parametrize("content", [b"GIF89a", b"<html/>", b""])
def test_what_is_neither_png_nor_svg_is_refused(copy: Path, content: bytes) -> None:
    (copy.parent / "lakeside.svg").write_bytes(content)

    assert "is neither PNG nor SVG" in fault(copy)


def test_a_png_is_taken_and_a_damaged_or_enormous_one_is_not(copy: Path) -> None:
    logo = copy.parent / "lakeside.svg"
    logo.write_bytes(a_png(40, 40))
    look = load_look(copy)
    assert look.logo is not None
    assert look.logo.media_type == PNG

    logo.write_bytes(a_png(40, 40)[:40])
    assert "cannot be read as PNG" in fault(copy)

    logo.write_bytes(a_png(4000, 4000))
    assert "more than 4 million pixels" in fault(copy)

    logo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES))
    assert "larger than 512 KiB" in fault(copy)


def test_a_paper_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused, match="letter, a4"):
        ProgrammeLook("Lakeside", paper="b5")
