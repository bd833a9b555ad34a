"""The picture viewer: boxes, zoom, turns and tones."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assessor_desk.domain.anchor import Box, ImageRegion, Whole
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
    with qtbot.waitSignal(viewer.trouble) as trouble:
        pass
    assert "50 million pixels" in trouble.args[0]
    assert viewer._why_not.isVisible()
