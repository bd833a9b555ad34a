"""Boxes of anchors are moved and resized where they lie, by mouse and by keys, on pictures and on pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assessor_desk.domain.anchor import Box, ImageRegion, PageRegion
from assessor_desk.gui.viewers.image import ImageViewer
from assessor_desk.gui.viewers.pdf import PdfViewer
from assessor_desk.gui.viewers.viewer import Mark, Viewer

# Some tests ask for a viewer while they run: by then its reader must not be new any more.
pytestmark = pytest.mark.usefixtures("client")

Left, Plain, Alt = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
BOX = Box(20, 40, 30, 30)


@pytest.fixture
def picture(
    showing: Callable[..., Any], photo: bytes, mark: Callable[..., Mark], qtbot: QtBot
) -> ImageViewer:
    viewer: ImageViewer = showing(ImageViewer, "board.png", photo)
    qtbot.waitUntil(lambda: viewer._canvas._image() is not None)
    viewer.show_marks([mark(ImageRegion(BOX))])
    return viewer


@pytest.fixture
def pages(showing: Callable[..., Any], lesson_pdf: bytes, mark: Callable[..., Mark]) -> PdfViewer:
    viewer: PdfViewer = showing(PdfViewer, "lesson.pdf", lesson_pdf)
    viewer.show_marks([mark(PageRegion(1, BOX))])
    return viewer


def area(viewer: Any) -> QRectF:
    """Where the box lies in the viewport."""
    box: QRectF = viewer._canvas.placed_marks()[0].box
    return box


def pull(viewer: Any, start: QPointF, by: QPoint, modifier: Qt.KeyboardModifier = Plain) -> None:
    view, first = viewer._canvas.viewport(), start.toPoint()
    QTest.mousePress(view, Left, modifier, first)
    for part in (3, 2, 1):
        QTest.mouseMove(view, first + by / part)
    QTest.mouseRelease(view, Left, modifier, first + by)


def moved(viewer: Viewer, qtbot: QtBot, act: Callable[[], None]) -> Box:
    """The box that an anchor is moved to by an act, told once."""
    told: list[Any] = []
    viewer.anchor_moved.connect(lambda anchor_id, selector: told.append((anchor_id, selector)))
    act()
    ((anchor_id, selector),) = told
    assert anchor_id == "m1"
    box: Box = selector.box
    return box


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_mark_on_a_picture_is_dragged_by_its_inside(
    picture: ImageViewer, qtbot: QtBot, rotation: int
) -> None:
    picture._canvas.rotate(rotation)
    before = area(picture)
    box = moved(picture, qtbot, lambda: pull(picture, before.center(), QPoint(40, 20)))
    assert area(picture).topLeft().toPoint() == (before.topLeft() + QPointF(40, 20)).toPoint()
    assert (box.width, box.height) == pytest.approx((30, 30), abs=0.6)
    assert picture._canvas.selector_at_hand() is None  # no other box was drawn


def test_a_mark_on_a_page_is_dragged_by_its_edge(pages: PdfViewer, qtbot: QtBot) -> None:
    before = area(pages)
    edge = QPointF(before.left() + 20, before.top())
    box = moved(pages, qtbot, lambda: pull(pages, edge, QPoint(30, -40)))
    assert (box.width, box.height) == pytest.approx((30, 30), abs=0.6)
    assert box.x > BOX.x
    assert box.y < BOX.y


@pytest.mark.parametrize("kind", ["picture", "pages"])
def test_handles_resize_a_mark(kind: str, request: pytest.FixtureRequest, qtbot: QtBot) -> None:
    viewer = request.getfixturevalue(kind)
    before = area(viewer)
    box = moved(viewer, qtbot, lambda: pull(viewer, before.bottomRight(), QPoint(-20, 10)))
    assert (box.x, box.y) == pytest.approx((BOX.x, BOX.y), abs=0.6)
    assert box.width < BOX.width
    assert box.height > BOX.height
    side = area(viewer)
    assert side.bottomRight().toPoint() == (before.bottomRight() + QPointF(-20, 10)).toPoint()


def test_a_mark_never_leaves_its_picture(picture: ImageViewer, qtbot: QtBot) -> None:
    box = moved(picture, qtbot, lambda: pull(picture, area(picture).center(), QPoint(-900, -900)))
    assert (box.x, box.y, box.width) == pytest.approx((0, 0, 30), abs=0.6)


def test_with_alt_a_box_is_drawn_within_another(picture: ImageViewer) -> None:
    pull(picture, area(picture).center() - QPointF(20, 10), QPoint(40, 20), Alt)
    drawn = picture._canvas.selector_at_hand()
    assert isinstance(drawn, ImageRegion)
    assert area(picture).contains(picture._canvas.pixels(QRectF(0.3, 0.5, 0.05, 0.05)))


def test_a_press_without_moving_goes_to_the_anchor_and_moves_nothing(
    picture: ImageViewer, qtbot: QtBot
) -> None:
    edge = QPoint(round(area(picture).left()) + 20, round(area(picture).top()))
    with qtbot.waitSignal(picture.anchor_activated), qtbot.assertNotEmitted(picture.anchor_moved):
        QTest.mouseClick(picture._canvas.viewport(), Left, Plain, edge)


def test_words_inside_a_mark_can_still_be_selected(
    pages: PdfViewer, mark: Callable[..., Mark], qtbot: QtBot
) -> None:
    pages.show_marks([mark(PageRegion(1, Box(0, 0, 100, 60)))])
    qtbot.waitUntil(lambda: pages._canvas.texts.get(0) is not None)
    text = pages._canvas.texts.get(0)
    assert text is not None
    line = text.lines(0, 6)[0]
    first = pages._canvas.pixels(
        QRectF(line.left, line.top, line.right - line.left, line.bottom - line.top), 0
    )
    assert not pages._canvas.box_moves_from(first.center())


@pytest.mark.parametrize("kind", ["picture", "pages"])
def test_keys_move_and_resize_what_is_held(kind: str, request: pytest.FixtureRequest, qtbot: QtBot) -> None:
    viewer = request.getfixturevalue(kind)
    canvas = viewer._canvas

    def act() -> None:
        viewer.acts()["hold_mark"]()
        for _ in range(3):
            QTest.keyClick(canvas, Qt.Key.Key_Right)
        QTest.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(canvas, Qt.Key.Key_Return)

    box = moved(viewer, qtbot, act)
    assert (box.x, box.y, box.width, box.height) == pytest.approx((23, 40, 30, 31), abs=0.3)
    assert not canvas.boxes.by_keys


def test_escape_puts_a_held_mark_back(picture: ImageViewer, qtbot: QtBot) -> None:
    before = area(picture)
    picture.acts()["hold_mark"]()
    with qtbot.assertNotEmitted(picture.anchor_moved):
        QTest.keyClick(picture._canvas, Qt.Key.Key_Right)
        assert area(picture) != before
        QTest.keyClick(picture._canvas, Qt.Key.Key_Escape)
    assert area(picture) == before


def test_nothing_is_moved_in_a_sealed_review(picture: ImageViewer, qtbot: QtBot) -> None:
    picture.allow_moving(False)
    before = area(picture)
    with qtbot.assertNotEmitted(picture.anchor_moved):
        pull(picture, before.bottomRight(), QPoint(-20, 10))
        picture.acts()["hold_mark"]()
        QTest.keyClick(picture._canvas, Qt.Key.Key_Right)
    assert area(picture) == before


def test_a_mark_whose_move_was_refused_is_shown_where_its_anchor_is(
    picture: ImageViewer, mark: Callable[..., Mark]
) -> None:
    before = area(picture)
    pull(picture, before.center(), QPoint(40, 20))
    assert area(picture) != before
    picture.show_marks([mark(ImageRegion(BOX))])
    assert area(picture) == before
