"""SVG drawings are drawn, run nothing, fetch nothing, and cannot grow without end; and pictures in odd files."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from assessor_desk.artifacts.documents import DocumentsClient, ImageHandle
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.domain.errors import Damaged, Refused

Opened = Callable[[str, bytes], Any]


def svg(inside: str, attributes: str = 'viewBox="0 0 400 200"', before: str = "") -> bytes:
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {spaces} {attributes}>{inside}</svg>".encode()


def colour(raster: Any, x: float, y: float) -> tuple[int, int, int]:
    start = int(y * raster.height) * raster.stride + 4 * int(x * raster.width)
    blue, green, red = raster.data[start:][:3]
    return red, green, blue


def test_a_drawing_is_a_picture_as_sharp_as_it_is_large(opened: Opened) -> None:
    drawing: ImageHandle = opened("seats.svg", svg('<rect width="200" height="200" fill="red"/>'))
    assert (drawing.kind, drawing.size, drawing.frame_count) == (Kind.IMAGE, (400, 200), 1)
    for longest in (200, 2000):
        raster = drawing.render(longest)
        assert (raster.width, raster.height) == (longest, longest // 2)
        assert (colour(raster, 0.25, 0.5), colour(raster, 0.75, 0.5)) == ((255, 0, 0), (255, 255, 255))
    assert drawing.render(200, 90).height == 200


def test_what_a_drawing_would_run_or_fetch_is_left_out_and_the_rest_is_drawn(opened: Opened) -> None:
    elsewhere = "".join(
        f'<image {key}="{address}" width="400" height="200"/>'
        for key in ("href", "xlink:href")
        for address in ("http://127.0.0.1:9/x.png", "file:///etc/hostname", "../x.png")
    )
    inside = (
        f'<script>x()</script><foreignObject><p/></foreignObject>{elsewhere}<rect width="400" height="200"/>'
    )
    raster = opened("seats.svg", svg(inside, 'viewBox="0 0 400 200" onload="x()"')).render(100)
    assert colour(raster, 0.5, 0.5) == (0, 0, 0)


@pytest.mark.parametrize(
    "growing",
    [
        "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 9)),
        "".join(
            f'<pattern id="a{n}" width="1" height="1">{f"""<rect fill="url(#a{n - 1})"/>""" * 2}</pattern>'
            for n in range(1, 30)
        ),
    ],
)
def test_a_drawing_that_multiplies_itself_is_refused_at_once(opened: Opened, growing: str) -> None:
    with pytest.raises(Refused, match=r"“seats\.svg” repeats itself too often"):
        opened("seats.svg", svg(growing))


def test_entities_are_neither_expanded_nor_fetched(opened: Opened) -> None:
    bomb = (
        '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    )
    inside = '<text y="50">&b;&x;</text><rect y="100" width="400" height="100" fill="red"/>'
    assert colour(opened("seats.svg", svg(inside, before=bomb)).render(100), 0.5, 0.75) == (255, 0, 0)


@pytest.mark.parametrize(
    "attributes",
    [
        'width="1e9" height="1e9"',
        'width="0" height="0"',
        'width="1" height="90000"',
        'viewBox="0 0 nan -1"',
        'width="100%"',
    ],
)
def test_absurd_sizes_are_drawn_at_possible_ones(opened: Opened, attributes: str) -> None:
    width, height = opened("seats.svg", svg("<rect/>", attributes)).size
    assert 1 <= width <= 4000
    assert 1 <= height <= 4000


@pytest.mark.parametrize(
    "data", [b"<svg", svg("<g>" * 20_000 + "</g>" * 20_000), svg('<filter id="f" width="1e9" height="1e9">'
    '<feGaussianBlur stdDeviation="1e5"/></filter><rect width="40" height="40" filter="url(#f)"/>')]
)  # fmt: skip
def test_what_cannot_be_drawn_says_so_and_the_next_one_is(opened: Opened, data: bytes) -> None:
    with pytest.raises(Damaged, match=r"“seats\.svg” cannot be drawn"):
        opened("seats.svg", data)
    assert opened("next.svg", svg("<rect/>")).size == (400, 200)


def test_the_preflight_knows_a_drawing_from_a_broken_one(client: DocumentsClient, tmp_path: Any) -> None:
    for name, data, faults in (("seats.svg", svg("<rect/>"), 0), ("broken.svg", svg("<g>"), 1)):
        (tmp_path / name).write_bytes(data)
        assert len(client.preflight(tmp_path / name, name).faults) == faults


# -- pictures in pixels ------------------------------------------------------------------------------------


def encoded(picture: Image.Image, kind: str, **more: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **more)
    return target.getvalue()


def test_scans_of_several_sizes_each_have_their_own(opened: Opened) -> None:
    scans = [Image.new("RGB", size, "white") for size in ((80, 60), (60, 90))]
    picture: ImageHandle = opened(
        "scans.tif", encoded(scans[0], "TIFF", save_all=True, append_images=scans[1:])
    )
    assert not picture.animated
    assert [picture.frame_size(frame) for frame in (0, 1)] == [(80, 60), (60, 90)]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_tells_how_long_each_frame_stays(opened: Opened, kind: str) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=120)
    picture: ImageHandle = opened("moving", data)
    assert (picture.frame_count, picture.animated) == (3, True)
    shown = [picture.render(40, frame=frame) for frame in (2, 0, 1)]
    assert [raster.duration_ms for raster in shown] == [120] * 3
    assert colour(shown[0], 0.5, 0.5)[2] > 200 > 60 > colour(shown[0], 0.5, 0.5)[0]
    with pytest.raises(Refused, match="no picture 4"):
        picture.render(40, frame=3)


def test_a_photograph_is_decoded_again_where_more_of_it_is_wanted(opened: Opened) -> None:
    stripes = Image.new("L", (4000, 3000))
    stripes.paste(255, (0, 0, 2000, 3000))
    picture: ImageHandle = opened("board.jpg", encoded(stripes, "JPEG"))
    assert [picture.render(side).width for side in (500, 4000, 9000, 1000)] == [500, 4000, 4000, 1000]


def test_pencil_is_brought_out_of_an_unevenly_lit_page(opened: Opened) -> None:
    page = Image.linear_gradient("L").resize((400, 400)).point(lambda value: 90 + value // 2)
    page.paste(page.crop((100, 0, 110, 400)).point(lambda value: round(0.8 * value)), (100, 0))
    picture: ImageHandle = opened("page.png", encoded(page, "PNG"))
    seen = picture.render(400, pencil=True)
    for y in (0.1, 0.5, 0.9):
        assert colour(seen, 0.8, y)[0] > 235
        assert colour(seen, 0.2625, y)[0] < 165
    assert colour(picture.render(400), 0.8, 0.1)[0] < 140


def test_a_thumbnail_leaves_nothing_open(client: DocumentsClient, tmp_path: Any) -> None:
    path = tmp_path / "board.png"
    path.write_bytes(encoded(Image.new("RGB", (400, 200), "red"), "PNG"))
    assert client.thumbnail(path, b"", "board.png", 96).width == 96
    (tmp_path / "plan.txt").write_text("words")
    with pytest.raises(Refused, match=r"“plan\.txt” is no picture"):
        client.thumbnail(tmp_path / "plan.txt", b"", "plan.txt", 96)
