"""The picture viewer: boxes, zoom, turns and tones."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assessor_desk.domain.anchor import Box, ImageRegion, PageRegion, Whole
from assessor_desk.gui.viewers.film_strip import Photograph
from assessor_desk.gui.viewers.image import ImageViewer
from assessor_desk.gui.viewers.tones import NEUTRAL, Tones
from assessor_desk.gui.viewers.viewer import Mark

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def viewer(showing: Callable[..., Any], photo: bytes, qtbot: QtBot) -> ImageViewer:
    opened: ImageViewer = showing(ImageViewer, "board.png", photo)
    qtbot.waitUntil(lambda: opened._canvas._image() is not None)
    return opened


def drag(viewer: ImageViewer, area: QRectF) -> None:
    view = viewer._canvas.viewport()
    QTest.mousePress(view, Left, pos=area.topLeft().toPoint())
    QTest.mouseMove(view, area.bottomRight().toPoint())
    QTest.mouseRelease(view, Left, pos=area.bottomRight().toPoint())


def lightness_at(viewer: ImageViewer, x: float, y: float) -> int:
    rect = viewer._canvas.picture_rect()
    image = viewer._canvas.viewport().grab().toImage()
    return image.pixelColor(
        round(rect.left() + x * rect.width()), round(rect.top() + y * rect.height())
    ).lightness()


def test_a_picture_is_shown_whole_and_no_larger_than_its_own_pixels(viewer: ImageViewer) -> None:
    assert viewer._canvas.zoom == 1.0
    assert viewer._canvas.picture_rect().size().toTuple() == (400, 200)
    assert lightness_at(viewer, 0.1, 0.5) < 20
    assert 120 < lightness_at(viewer, 0.7, 0.5) < 136


@pytest.mark.parametrize("lightness", [0, -10])
def test_colours_inside_a_mark_are_those_of_the_picture(
    showing: Callable[..., Any], mark: Callable[..., Mark], qtbot: QtBot, lightness: int
) -> None:
    """Where the fourth byte of a pixel was not 255, multiplying a mark in turned dark reds into bright ones."""
    target = io.BytesIO()
    Image.new("RGB", (400, 200), (30, 60, 120)).save(target, "PNG")
    viewer: ImageViewer = showing(ImageViewer, "dark.png", target.getvalue())
    qtbot.waitUntil(lambda: viewer._canvas._image() is not None)
    viewer._lightness.setValue(lightness)
    viewer.show_marks([mark(ImageRegion(Box(10, 10, 40, 80)))])
    rect, image = viewer._canvas.picture_rect(), viewer._canvas.viewport().grab().toImage()
    inside, outside = (
        image.pixelColor(round(rect.left() + x * rect.width()), round(rect.center().y())) for x in (0.3, 0.8)
    )
    for one, other in zip(inside.getRgb(), outside.getRgb(), strict=True):
        assert abs(one - other) <= 12


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_dragging_frames_a_part_in_any_turn(viewer: ImageViewer, qtbot: QtBot, rotation: int) -> None:
    viewer._canvas.rotate(rotation)
    drag(viewer, viewer._canvas.pixels(QRectF(0.25, 0.5, 0.5, 0.25)))
    region = viewer.current_selector()
    assert isinstance(region, ImageRegion)
    box = region.box
    assert (box.x, box.y, box.width, box.height) == pytest.approx((25, 50, 50, 25), abs=1.2)
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        QTest.mouseClick(viewer._canvas._offer, Left)
    assert offered.args == [region]
    assert viewer.current_selector() == Whole()


def test_without_a_box_the_whole_picture_is_anchored(viewer: ImageViewer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        viewer.offer_current_selector()
    assert offered.args == [Whole()]


def test_a_part_is_framed_by_keys_alone(viewer: ImageViewer, qtbot: QtBot) -> None:
    viewer._canvas.begin_box()
    QTest.keyClick(viewer._canvas, Qt.Key.Key_Left)
    QTest.keyClick(viewer._canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        QTest.keyClick(viewer._canvas, Qt.Key.Key_Return)
    assert offered.args == [ImageRegion(Box(29.0, 40.0, 40.0, 21.0))]


def test_escape_lets_go_of_the_box(viewer: ImageViewer) -> None:
    viewer._canvas.begin_box()
    QTest.keyClick(viewer._canvas, Qt.Key.Key_Escape)
    assert viewer.current_selector() == Whole()


def test_marks_are_framed_numbered_and_clicked(
    viewer: ImageViewer, qtbot: QtBot, mark: Callable[..., Mark]
) -> None:
    viewer.show_marks([mark(ImageRegion(Box(30, 20, 40, 50))), mark(Whole(), "3", "m2")])
    (placed,) = viewer._canvas.placed_marks()
    assert placed.title == "Criterion 2: what is seen there"
    with qtbot.waitSignal(viewer.anchor_activated) as activated:
        QTest.mouseClick(viewer._canvas.viewport(), Left, pos=placed.badge.center().toPoint())
    assert activated.args == ["m1"]
    viewer.set_marks_visible(False)
    assert viewer._canvas.placed_marks() == []


def test_revealing_scrolls_to_the_part(viewer: ImageViewer) -> None:
    viewer._canvas.set_zoom(6.0)
    viewer.reveal(ImageRegion(Box(90, 80, 8, 10)))
    area = viewer._canvas.pixels(QRectF(0.9, 0.8, 0.08, 0.1))
    assert QRectF(viewer._canvas.viewport().rect()).contains(area.center())


def test_zooming_keeps_what_is_under_the_pointer_where_it_is(viewer: ImageViewer) -> None:
    canvas = viewer._canvas
    canvas.set_zoom(4.0)
    point = QPointF(300, 350)
    before = (point.x() - canvas.picture_rect().left()) / canvas.picture_rect().width()
    canvas.zoom_by(1, point)
    after = (point.x() - canvas.picture_rect().left()) / canvas.picture_rect().width()
    assert after == pytest.approx(before, abs=0.002)
    assert viewer._percent.text() == "500 %"


def test_tones_change_what_is_seen_and_go_back(viewer: ImageViewer) -> None:
    viewer._lightness.setValue(50)
    assert lightness_at(viewer, 0.7, 0.5) == pytest.approx(192, abs=2)
    viewer._set_neutral()
    assert 120 < lightness_at(viewer, 0.7, 0.5) < 136


def test_the_neutral_tones_change_nothing_and_others_stay_in_range() -> None:
    assert NEUTRAL.table() == bytes(range(256))
    for lightness in (-100, 100):
        for contrast in (-100, 100):
            assert len(Tones(lightness, contrast).table()) == 256


def test_each_scan_of_a_file_can_be_shown(showing: Callable[..., Any], qtbot: QtBot) -> None:
    target = io.BytesIO()
    scans = [Image.new("RGB", (80, 60), colour) for colour in ("black", "white")]
    scans[0].save(target, "TIFF", save_all=True, append_images=scans[1:])
    viewer: ImageViewer = showing(ImageViewer, "scans.tif", target.getvalue())
    assert viewer._scan_number.text() == "1 of 2"
    QTest.keyClick(viewer._canvas, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: viewer._canvas._image() is not None)
    assert viewer._scan_number.text() == "2 of 2"
    assert lightness_at(viewer, 0.5, 0.5) == 255


def test_a_picture_bomb_says_so_in_its_place(showing: Callable[..., Any], qtbot: QtBot) -> None:
    target = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(target, "PNG")
    viewer: ImageViewer = showing(ImageViewer, "huge.png", target.getvalue(), wait=False)
    with qtbot.assertNotEmitted(viewer.trouble):
        qtbot.waitUntil(viewer._why_not.isVisible)
    assert "50 million pixels" in viewer._why_not.words


def several(count: int, kind: str, **more: Any) -> bytes:
    target = io.BytesIO()
    frames = [Image.new("RGB", (80, 60 + 20 * place), (250 - 40 * place, 20, 20)) for place in range(count)]
    if kind == "GIF":
        frames = [frame.resize((80, 60)) for frame in frames]
    frames[0].save(target, kind, save_all=True, append_images=frames[1:], **more)
    return target.getvalue()


def test_a_part_of_a_scan_says_which_scan_it_is_on(
    showing: Callable[..., Any], qtbot: QtBot, mark: Callable[..., Mark]
) -> None:
    viewer: ImageViewer = showing(ImageViewer, "scans.tif", several(3, "TIFF"))
    viewer.reveal(PageRegion(2, Box(10, 10, 50, 50)))
    assert viewer._scan_number.text() == "2 of 3"
    assert viewer._canvas.picture_rect().size().toTuple() == (80, 80)
    viewer.show_marks(
        [mark(PageRegion(2, Box(10, 10, 50, 50))), mark(PageRegion(3, Box(1, 1, 9, 9)), "3", "m2")]
    )
    assert [placed.anchor_id for placed in viewer._canvas.placed_marks()] == ["m1"]
    viewer._canvas.begin_box()
    assert viewer.current_selector() == PageRegion(2, Box(30, 40, 40, 20))
    viewer._canvas.clear_selection()
    assert viewer.current_selector() == PageRegion(2)


def test_a_moving_picture_plays_round_its_end_and_stops_at_a_frame(
    showing: Callable[..., Any], qtbot: QtBot
) -> None:
    viewer: ImageViewer = showing(ImageViewer, "steps.gif", several(3, "GIF", duration=30))
    assert viewer._play_button.isVisible()
    seen: list[int] = []
    viewer._canvas.frame_changed.connect(seen.append)
    viewer._play_button.setChecked(True)
    qtbot.waitUntil(lambda: len(seen) >= 4)
    assert seen[:4] == [1, 2, 0, 1]
    viewer._step_frame(1)
    assert not viewer._canvas.playing
    assert not viewer._play_button.isChecked()
    at = viewer._canvas.frame
    qtbot.wait(80)
    assert viewer._canvas.frame == at


def test_pencil_is_brought_out_and_tones_change_by_keys(viewer: ImageViewer, qtbot: QtBot) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    canvas = viewer._canvas
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight, control)
    assert (canvas.tones, viewer._lightness.value()) == (Tones(10, 0), 10)
    assert viewer._tones.isVisible()
    QTest.keyClick(canvas, Qt.Key.Key_Apostrophe, control)
    QTest.keyClick(canvas, Qt.Key.Key_P, control | Qt.KeyboardModifier.ShiftModifier)
    assert canvas.tones == Tones(10, 10, pencil=True)
    QTest.keyClick(canvas, Qt.Key.Key_Backspace, control)
    assert canvas.tones == NEUTRAL
    viewer._pencil_button.setChecked(True)
    qtbot.waitUntil(lambda: canvas._renders.idle)
    assert lightness_at(viewer, 0.7, 0.5) > 240


def test_how_a_picture_was_looked_at_is_remembered_and_the_picture_unchanged(
    viewer: ImageViewer, given: Callable[..., Any], photo: bytes, qtbot: QtBot
) -> None:
    viewer._canvas.rotate(90)
    viewer._set_tones(Tones(20, 0))
    other = given("other.png", photo)
    viewer.show_artifact(replace(other, artifact=replace(other.artifact, id="a2")))
    qtbot.waitUntil(lambda: viewer.current_selector() is not None)
    assert (viewer._canvas.tones, viewer._canvas.rotation) == (NEUTRAL, 0)
    viewer.show_artifact(given("board.png", photo))
    qtbot.waitUntil(lambda: viewer.current_selector() is not None)
    assert (viewer._canvas.tones, viewer._canvas.rotation) == (Tones(20, 0), 90)
    assert viewer._lightness.value() == 20


def test_the_pictures_of_a_submission_stand_on_a_strip(
    viewer: ImageViewer, client: Any, tmp_path: Any, qtbot: QtBot
) -> None:
    made: list[str] = []

    def thumbnail(name: str, side: int) -> Any:
        made.append(name)
        path = tmp_path / name
        path.write_bytes(several(1, "PNG"))
        return client.thumbnail(path, b"", name, side)

    names = [f"a{number}" for number in range(40)]
    photographs = [
        Photograph(one, f"Ticket {one}", lambda side, one=one: thumbnail(one, side)) for one in names
    ]
    viewer.show_set(photographs, "a1")
    strip = viewer._strip
    assert strip.isVisible()
    assert strip.currentIndex().row() == 1
    qtbot.waitUntil(lambda: not strip._under_way)
    assert 3 < len(made) < 15
    assert strip.model().index(1, 0).data(Qt.ItemDataRole.DecorationRole) is not None
    assert strip.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Picture 2 of 40: Ticket a1"
    for step, wanted in ((Qt.Key.Key_PageDown, "a2"), (Qt.Key.Key_PageUp, "a0")):
        with qtbot.waitSignal(viewer.artifact_wanted) as chosen:
            QTest.keyClick(viewer._canvas, step, Qt.KeyboardModifier.ShiftModifier)
        assert chosen.args == [wanted]
    with qtbot.waitSignal(viewer.artifact_wanted) as chosen:
        QTest.mouseClick(strip.viewport(), Left, pos=strip.visualRect(strip.model().index(3, 0)).center())
    assert chosen.args == ["a3"]
    QTest.keyClick(viewer._canvas, Qt.Key.Key_F4)
    assert not strip.isVisible()


def test_the_strip_leaves_the_room_to_the_picture_unless_it_is_asked_for(
    viewer: ImageViewer, client: Any, tmp_path: Any, qtbot: QtBot
) -> None:
    path = tmp_path / "ticket.png"
    path.write_bytes(several(1, "PNG"))
    names = ("a1", "a2")
    viewer.show_set(
        [Photograph(one, one, lambda side: client.thumbnail(path, b"", "t.png", side)) for one in names], "a1"
    )
    qtbot.waitUntil(lambda: not viewer._strip._under_way)
    assert viewer._strip.isVisible()
    viewer.resize(700, 300)
    assert not viewer._strip.isVisible()
    QTest.mouseClick(viewer._strip_button, Left)
    assert viewer._strip.isVisible()
    viewer.resize(700, 290)
    assert viewer._strip.isVisible()


def test_one_picture_alone_has_no_strip(viewer: ImageViewer) -> None:
    viewer.show_set([Photograph("a1", "Board", lambda _side: None)], "a1")  # type: ignore[arg-type,return-value]
    assert not viewer._strip.isVisible()
    assert not viewer._strip_button.isVisible()


def test_a_drawing_is_sharp_when_enlarged(showing: Callable[..., Any], qtbot: QtBot) -> None:
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><rect width="20" height="30"/></svg>'
    )
    viewer: ImageViewer = showing(ImageViewer, "seats.svg", drawing)
    viewer._canvas.set_zoom(12.0)
    qtbot.waitUntil(lambda: viewer._canvas._renders.idle)
    image = viewer._canvas._image()
    assert image is not None
    assert image.width() >= 480


def test_words_on_buttons_are_whole_or_give_way_to_their_signs(viewer: ImageViewer, qtbot: QtBot) -> None:
    button, signs = viewer._pencil_button, Qt.ToolButtonStyle.ToolButtonIconOnly
    viewer.resize(700, 500)
    assert button.toolButtonStyle() is not signs
    assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 34
    viewer.resize(430, 500)
    assert button.toolButtonStyle() is signs
    qtbot.waitUntil(lambda: viewer.minimumSizeHint().width() < 400)  # no half of two is held wider than it is
