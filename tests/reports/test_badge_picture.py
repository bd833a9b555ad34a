"""A badge's picture can be read, in any script and at a small size, and looks like its programme."""

import io
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.places import resources
from assessor_desk.reports.badge_picture import badge_picture, badge_png, badge_svg
from assessor_desk.rubric_files import load_look

LOOK = load_look(resources() / "looks" / "lakeside.yaml")
TITLES = (
    "Math",
    "Formative Assessment, Math",
    "Leveraging Formative Assessment During an English Language Arts Lesson in Multilingual Classrooms",
    "Xây dựng mối quan hệ tích cực với học sinh",
    "بناء علاقات إيجابية مع الطلاب",
    "בניית קשרים חיוביים עם תלמידים",
    "与学生建立积极的关系",
    "Internationalisierungsbestrebungen",
)


def drawn(title: str, side: int = 512, look: ProgrammeLook = LOOK) -> Image.Image:
    picture = badge_picture(title, "Lakeside Regional Programme (sample)", look)
    return Image.open(io.BytesIO(badge_png(picture, side))).convert("RGBA")


@pytest.mark.parametrize("title", TITLES)
def test_a_title_fills_its_place_and_stays_in_it(title: str) -> None:
    picture = drawn(title)
    white = picture.convert("L").point(lambda level: 255 if level > 200 else 0)
    title_place = white.crop((44, 168, 468, 384))
    assert title_place.getbbox() is not None
    for edge in ((0, 0, 40, 512), (472, 168, 512, 512), (0, 386, 512, 414)):
        assert white.crop(edge).getbbox() is None, "the title runs out of its place"


def test_a_short_title_is_set_larger_than_a_long_one() -> None:
    def height_of_first_line(title: str) -> int:
        rows = drawn(title).convert("L").crop((44, 168, 468, 384))
        lit = [max(rows.crop((0, y, 424, y + 1)).tobytes()) > 200 for y in range(216)]
        first = lit.index(True)
        return [*lit[first:], False].index(False)

    assert height_of_first_line("Math") > 1.5 * height_of_first_line(TITLES[2])


def test_the_picture_has_the_programmes_colour_and_round_corners() -> None:
    picture = drawn("Math", look=ProgrammeLook("Another", "#7A1F3D"))
    red, green, blue, opaque = picture.getpixel((256, 20))
    assert max(abs(red - 0x7A), abs(green - 0x1F), abs(blue - 0x3D)) <= 4
    assert opaque == 255
    assert [picture.getpixel(corner)[3] for corner in ((0, 0), (511, 0), (0, 511), (511, 511))] == [
        0,
        0,
        0,
        0,
    ]


def test_a_small_picture_keeps_its_contrast() -> None:
    levels = drawn("Math", 64).convert("L").getextrema()
    assert levels[1] - levels[0] > 150


def test_the_drawing_needs_no_font_and_fetches_nothing() -> None:
    svg = badge_svg(badge_picture("Formative Assessment, Math", "Lakeside", LOOK))
    root = etree.fromstring(svg.encode())
    tags = {etree.QName(element).localname for element in root.iter(etree.Element)}
    assert not tags & {"text", "style", "script", "foreignObject"}
    links = [
        value
        for element in root.iter(etree.Element)
        for name, value in element.attrib.items()
        if "href" in name
    ]
    assert all(link.startswith(("#", "data:")) for link in links)


def test_the_same_badge_is_drawn_the_same(tmp_path: Path) -> None:
    picture = badge_picture("Math", "Lakeside", LOOK)
    assert badge_png.__wrapped__(picture) == badge_png.__wrapped__(picture)


def test_a_picture_inside_a_credential_is_small() -> None:
    assert len(badge_png(badge_picture(TITLES[2], "Lakeside", LOOK), 256)) < 16_000
