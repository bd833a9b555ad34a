"""The PDF viewer, by mouse and by keyboard, on real pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assessor_desk.domain.anchor import Box, PageRegion, TextQuote, Whole
from assessor_desk.gui.viewers.page_layout import share_of_rect
from assessor_desk.gui.viewers.pdf import PdfViewer
from assessor_desk.gui.viewers.pdf_canvas import PdfCanvas
from assessor_desk.gui.viewers.pdf_pages import Fit
from assessor_desk.gui.viewers.viewer import Mark

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def viewer(showing: Callable[..., Any], lesson_pdf: bytes, qtbot: QtBot) -> PdfViewer:
    opened: PdfViewer = showing(PdfViewer, "plan.pdf", lesson_pdf)
    qtbot.waitUntil(lambda: opened._canvas._renders.idle)
    return opened


def words_on(canvas: PdfCanvas, page: int, qtbot: QtBot) -> Any:
    qtbot.waitUntil(lambda: canvas.texts.get(page) is not None)
    return canvas.texts.get(page)


def place_of(canvas: PdfCanvas, page: int, words: str, qtbot: QtBot) -> list[QRectF]:
    """The lines of some words, in pixels of the viewport."""
    text = words_on(canvas, page, qtbot)
    start = text.text.index(words)
    return [canvas.pixels(share_of_rect(line), page) for line in text.lines(start, start + len(words))]


def drag(canvas: PdfCanvas, start: QPointF, end: QPointF, alt: bool = False) -> None:
    key = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
    view = canvas.viewport()
    QTest.mousePress(view, Left, key, start.toPoint())
    QTest.mouseMove(view, (start + (end - start) / 2).toPoint())
    QTest.mouseMove(view, end.toPoint())
    QTest.mouseRelease(view, Left, key, end.toPoint())


def select(canvas: PdfCanvas, words: str, qtbot: QtBot) -> None:
    (line,) = place_of(canvas, 0, words, qtbot)
    middle = line.center().y()
    drag(canvas, QPointF(line.left() + 1, middle), QPointF(line.right() - 1, middle))


def shot(canvas: PdfCanvas) -> QImage:
    return canvas.viewport().grab().toImage()


def test_the_page_fills_the_width_and_is_painted_sharp(viewer: PdfViewer, qtbot: QtBot) -> None:
    canvas = viewer._canvas
    rect = canvas.page_rect(0)
    assert rect.width() == pytest.approx(canvas.viewport().width() - 56, abs=2)
    image = canvas._renders.image(0, 0)
    assert image is not None
    assert image.width() == pytest.approx(rect.width() * canvas.devicePixelRatioF(), abs=2)
    (line,) = place_of(canvas, 0, "exit ticket", qtbot)
    darkest = min(
        shot(canvas).pixelColor(x, round(line.center().y())).lightness()
        for x in range(round(line.left()), round(line.right()))
    )
    assert darkest < 110


def test_selected_words_are_what_gets_anchored(viewer: PdfViewer, qtbot: QtBot) -> None:
    select(viewer._canvas, "three quarters", qtbot)
    selector = viewer.current_selector()
    assert selector == TextQuote(
        "three quarters", "n The exit ticket asks: what is ", " of twenty-four? Đánh giá bằng c", 1, 43, 57
    )
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        viewer.offer_current_selector()
    assert offered.args == [selector]
    assert viewer.current_selector() == PageRegion(1)


def test_selecting_alone_anchors_nothing_and_the_button_beside_it_does(
    viewer: PdfViewer, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(viewer.selector_offered):
        select(viewer._canvas, "three quarters", qtbot)
    pill = viewer._canvas._pointer._offer
    assert pill.isVisible()
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        QTest.mouseClick(pill, Left)
    assert offered.args[0].exact == "three quarters"
    assert not pill.isVisible()


def test_selected_words_can_be_copied(viewer: PdfViewer, qtbot: QtBot) -> None:
    select(viewer._canvas, "three quarters", qtbot)
    QTest.keyClick(viewer._canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "three quarters"


def test_words_are_selected_copied_and_anchored_over_the_end_of_a_page(
    viewer: PdfViewer, mark: Callable[..., Mark], qtbot: QtBot
) -> None:
    canvas = viewer._canvas
    canvas.bring_into_sight(1, QRectF(0.1, 0.0, 0.1, 0.1))
    (first,) = place_of(canvas, 0, "three quarters", qtbot)
    (last,) = place_of(canvas, 1, "Students write", qtbot)
    canvas.scroll_by(QPointF(0, first.center().y() - canvas.viewport().height() / 2))
    (first,) = place_of(canvas, 0, "three quarters", qtbot)
    view = canvas.viewport()
    QTest.mousePress(view, Left, pos=QPointF(first.left() + 1, first.center().y()).toPoint())
    for _ in range(200):
        QTest.mouseMove(view, QPointF(last.left(), view.height() + 50).toPoint())
        (last,) = place_of(canvas, 1, "Students write", qtbot)
        if last.bottom() < view.height() - 10:
            break
    end = QPointF(last.right() - 1, last.center().y()).toPoint()
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Left, pos=end)
    QTest.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    words = "three quarters of twenty-four? Đánh giá bằng câu hỏi. Second part Students write"
    assert QGuiApplication.clipboard().text() == words
    quote = viewer.current_selector()
    assert isinstance(quote, TextQuote)
    assert (quote.exact, quote.page) == (words, 1)
    viewer.show_marks([mark(quote)])
    (placed,) = canvas.placed_marks()
    pages = {canvas.page_under(line.center()) for line in placed.lines if view.rect().contains(line.toRect())}
    assert 1 in pages
    canvas.go_to(2)
    viewer.reveal(quote)
    assert {page for page, _ in canvas._revealed} == {0, 1}
    assert canvas.page == 0


def _pressed_before_its_words_are_known(viewer: PdfViewer, words: str, qtbot: QtBot) -> tuple[QPoint, QPoint]:
    """A press on words that are read a moment later: where it was, and where those words end."""
    canvas = viewer._canvas
    (line,) = place_of(canvas, 0, words, qtbot)
    start = QPointF(line.left() + 1, line.center().y()).toPoint()
    end = QPointF(line.right() - 1, line.center().y()).toPoint()
    assert viewer._handle is not None
    canvas.texts.begin(viewer._handle.text)
    QTest.mousePress(canvas.viewport(), Left, pos=start)
    return start, end


def test_a_drag_that_begins_before_the_words_are_read_selects_and_pushes_nothing(
    viewer: PdfViewer, qtbot: QtBot
) -> None:
    view, before = viewer._canvas.viewport(), viewer._canvas.verticalScrollBar().value()
    _, end = _pressed_before_its_words_are_known(viewer, "three quarters", qtbot)
    QTest.mouseMove(view, end)
    assert viewer._canvas.selection is None
    qtbot.waitUntil(lambda: viewer._canvas.selection is not None)
    QTest.mouseRelease(view, Left, pos=end)
    assert viewer._canvas.selection is not None
    assert viewer._canvas.selection.exact == "three quarters"
    assert viewer._canvas.verticalScrollBar().value() == before


def test_a_drag_that_ends_before_the_words_are_read_selects_them_too(viewer: PdfViewer, qtbot: QtBot) -> None:
    view = viewer._canvas.viewport()
    _, end = _pressed_before_its_words_are_known(viewer, "three quarters", qtbot)
    QTest.mouseMove(view, end)
    with qtbot.waitSignal(viewer._canvas.texts.arrived):
        QTest.mouseRelease(view, Left, pos=end)
    assert viewer._canvas.selection is not None
    assert viewer._canvas.selection.exact == "three quarters"
    assert viewer._canvas._pointer._offer.isVisible()


def test_a_click_before_the_words_are_read_selects_nothing(viewer: PdfViewer, qtbot: QtBot) -> None:
    start, _ = _pressed_before_its_words_are_known(viewer, "three quarters", qtbot)
    with qtbot.waitSignal(viewer._canvas.texts.arrived):
        QTest.mouseRelease(viewer._canvas.viewport(), Left, pos=start)
    assert viewer._canvas.selection is None


def test_a_double_click_selects_a_word(viewer: PdfViewer, qtbot: QtBot) -> None:
    (line,) = place_of(viewer._canvas, 0, "quarters", qtbot)
    QTest.mouseDClick(viewer._canvas.viewport(), Left, pos=line.center().toPoint())
    assert viewer.current_selector() == viewer._canvas.selection
    assert viewer._canvas.selection is not None
    assert viewer._canvas.selection.exact == "quarters"


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_box_dragged_with_alt_is_a_part_of_the_page_in_any_turn(
    viewer: PdfViewer, qtbot: QtBot, rotation: int
) -> None:
    canvas = viewer._canvas
    canvas.rotate(rotation)
    canvas.set_fit(Fit.PAGE)
    wanted = QRectF(0.1, 0.2, 0.3, 0.1)
    area = canvas.pixels(wanted, 0)
    drag(canvas, area.topLeft(), area.bottomRight(), alt=True)
    region = viewer.current_selector()
    assert isinstance(region, PageRegion)
    assert region.box is not None
    assert (region.box.x, region.box.y, region.box.width, region.box.height) == pytest.approx(
        (10, 20, 30, 10), abs=0.6
    )


def test_with_the_box_tool_no_mouse_is_needed(viewer: PdfViewer, qtbot: QtBot) -> None:
    viewer._box_button.setChecked(True)
    canvas = viewer._canvas
    for key, modifier in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier),
    ):
        QTest.keyClick(canvas, key, modifier)
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert offered.args == [PageRegion(1, Box(31.0, 40.0, 40.0, 21.0))]


def test_a_click_or_a_tiny_box_anchors_nothing(viewer: PdfViewer, qtbot: QtBot) -> None:
    canvas = viewer._canvas
    point = canvas.page_rect(0).center()
    drag(canvas, point, point + QPointF(1, 1), alt=True)
    assert viewer.current_selector() == PageRegion(1)


def test_without_a_selection_the_page_in_sight_is_anchored(viewer: PdfViewer) -> None:
    viewer._canvas.go_to(2)
    assert viewer.current_selector() == PageRegion(3)


def test_marks_colour_the_words_and_leave_them_readable(
    viewer: PdfViewer, qtbot: QtBot, mark: Callable[..., Mark]
) -> None:
    canvas = viewer._canvas
    (line,) = place_of(canvas, 0, "three quarters", qtbot)
    row = range(round(line.left()), round(line.right()))
    before = [shot(canvas).pixelColor(x, round(line.center().y())) for x in row]
    viewer.show_marks([mark(TextQuote("three quarters", page=1))])
    after = [shot(canvas).pixelColor(x, round(line.center().y())) for x in row]
    assert all(new.lightness() <= old.lightness() for new, old in zip(after, before))
    assert sum(new.blue() < new.red() - 40 for new in after) > len(row) / 3
    assert min(new.lightness() for new in after) <= min(old.lightness() for old in before)


def test_the_number_of_a_mark_stands_beside_the_page_and_not_on_it(
    viewer: PdfViewer, qtbot: QtBot, mark: Callable[..., Mark]
) -> None:
    words_on(viewer._canvas, 0, qtbot)
    viewer.show_marks([mark(TextQuote("three quarters", page=1)), mark(PageRegion(1), "3", "m2")])
    rect = viewer._canvas.page_rect(0)
    badges = [each.badge for each in viewer._canvas.placed_marks()]
    assert len(badges) == 2
    assert all(badge.right() < rect.left() for badge in badges)
    assert not badges[0].intersects(badges[1])


@pytest.mark.parametrize("where", ["number", "words"])
def test_clicking_a_mark_says_which_anchor(
    viewer: PdfViewer, qtbot: QtBot, mark: Callable[..., Mark], where: str
) -> None:
    (line,) = place_of(viewer._canvas, 0, "three quarters", qtbot)
    viewer.show_marks([mark(TextQuote("three quarters", page=1))])
    badge = viewer._canvas.placed_marks()[0].badge
    point = badge.center() if where == "number" else line.center()
    with qtbot.waitSignal(viewer.anchor_activated) as activated:
        QTest.mouseClick(viewer._canvas.viewport(), Left, pos=point.toPoint())
    assert activated.args == ["m1"]


def test_hidden_marks_are_neither_seen_nor_clicked(viewer: PdfViewer, mark: Callable[..., Mark]) -> None:
    viewer.show_marks([mark(PageRegion(1, Box(10, 10, 20, 20)))])
    viewer.set_marks_visible(False)
    assert viewer._canvas.placed_marks() == []
    viewer.set_marks_visible(True)
    assert len(viewer._canvas.placed_marks()) == 1


def test_revealing_brings_pages_boxes_and_quotations_into_sight(viewer: PdfViewer, qtbot: QtBot) -> None:
    canvas = viewer._canvas
    viewer.reveal(PageRegion(3))
    assert canvas.page == 2
    viewer.reveal(TextQuote("three quarters", page=1))
    qtbot.waitUntil(lambda: canvas.page == 0)
    viewer.reveal(PageRegion(2, Box(10, 80, 20, 10)))
    area = canvas.pixels(QRectF(0.1, 0.8, 0.2, 0.1), 1)
    assert QRectF(canvas.viewport().rect()).contains(area)
    viewer.reveal(Whole())
    assert canvas.page == 0


def test_a_quotation_without_its_page_is_searched(viewer: PdfViewer, qtbot: QtBot) -> None:
    viewer.reveal(TextQuote("Nothing to see but words"))
    qtbot.waitUntil(lambda: viewer._canvas.page == 2)


def test_revealing_waits_until_the_document_is_open(
    showing: Callable[..., Any], lesson_pdf: bytes, qtbot: QtBot
) -> None:
    viewer: PdfViewer = showing(PdfViewer, "plan.pdf", lesson_pdf, wait=False)
    viewer.reveal(PageRegion(3))
    qtbot.waitUntil(lambda: viewer._canvas.page == 2)


def test_a_search_finds_all_places_and_steps_round(viewer: PdfViewer, qtbot: QtBot) -> None:
    viewer._find.search_for("exit ticket")
    qtbot.waitUntil(lambda: viewer._find._count.text() == "1 of 2")
    QTest.keyClick(viewer, Qt.Key.Key_F3)
    assert viewer._find._count.text() == "2 of 2"
    assert viewer._canvas.page == 1
    viewer._search.step(1)
    assert viewer._canvas.page == 0
    viewer._find.search_for("a word that is nowhere")
    qtbot.waitUntil(lambda: viewer._find._count.text() == "Not found")
    viewer._find.close_search()
    assert viewer._search.hits == []


def test_zooming_keeps_what_is_under_the_pointer_where_it_is(viewer: PdfViewer) -> None:
    canvas = viewer._canvas
    canvas.set_zoom(2.0)
    point = QPointF(200, 300)
    before = canvas.share(point, 0)
    canvas.zoom_by(2, point)
    after = canvas.share(point, 0)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=0.005)
    assert viewer._percent.text() == "288 %"
    assert not viewer._width_button.isChecked()


def test_only_pages_in_sight_and_their_neighbours_are_rendered(viewer: PdfViewer, qtbot: QtBot) -> None:
    canvas = viewer._canvas
    canvas.set_zoom(3.0)
    qtbot.waitUntil(lambda: canvas._renders.idle)
    assert set(canvas._renders._kept) <= {0, 1}


def test_the_page_number_follows_and_leads(viewer: PdfViewer, qtbot: QtBot) -> None:
    viewer._canvas.go_to(1)
    assert viewer._page.text() == "2"
    viewer._page.setText("3")
    QTest.keyClick(viewer._page, Qt.Key.Key_Return)
    assert viewer._canvas.page == 2
    viewer._page.setText("9")
    QTest.keyClick(viewer._page, Qt.Key.Key_Return)
    assert viewer._canvas.page == 2


def test_small_pictures_and_contents_lead_to_pages(viewer: PdfViewer, qtbot: QtBot) -> None:
    viewer._sidebar_button.setChecked(True)
    outline = viewer._sidebar._outline
    qtbot.waitUntil(lambda: outline.topLevelItemCount() == 3)
    outline.itemActivated.emit(outline.topLevelItem(1), 0)
    assert viewer._canvas.page == 1
    thumbnails = viewer._sidebar._thumbnails
    qtbot.waitUntil(lambda: thumbnails._renders.image(2, 0) is not None)
    assert thumbnails.currentIndex().row() == 1


def test_the_words_of_the_page_can_be_read_and_quoted_as_text(viewer: PdfViewer, qtbot: QtBot) -> None:
    viewer._read_button.setChecked(True)
    pane = viewer._words
    qtbot.waitUntil(lambda: "three quarters" in pane.toPlainText())
    assert pane.accessibleName() == "The words of page 1 of 3"
    pane.reveal(TextQuote("three quarters"))
    selector = viewer.current_selector()
    assert isinstance(selector, TextQuote)
    assert (selector.exact, selector.page) == ("three quarters", 1)


def test_what_cannot_be_opened_says_so_in_its_place(showing: Callable[..., Any], qtbot: QtBot) -> None:
    viewer: PdfViewer = showing(PdfViewer, "plan.pdf", b"%PDF-1.7 and nothing", wait=False)
    with qtbot.assertNotEmitted(viewer.trouble):
        qtbot.waitUntil(viewer._why_not.isVisible)
    assert "plan.pdf" in viewer._why_not.words
    assert viewer.current_selector() is None
    viewer.clear()
    assert not viewer._why_not.isVisible()


def test_another_artifact_shown_at_once_is_the_one_that_stays(
    viewer: PdfViewer, given: Callable[..., Any], lesson_pdf: bytes, qtbot: QtBot
) -> None:
    viewer.show_artifact(given("first.pdf", lesson_pdf))
    viewer.show_artifact(given("second.pdf", lesson_pdf))
    qtbot.waitUntil(lambda: viewer.current_selector() is not None)
    assert viewer._handle.name == "second.pdf"
    assert viewer._canvas.accessibleName() == "Pages of second.pdf"


def test_every_control_has_a_name_and_a_tooltip(viewer: PdfViewer) -> None:
    from PySide6.QtWidgets import QToolButton

    for button in viewer._controls.findChildren(QToolButton):
        assert button.accessibleName()
        assert button.toolTip()


def test_pushing_the_page_scrolls_it(viewer: PdfViewer) -> None:
    canvas = viewer._canvas
    canvas.set_zoom(2.0)
    corner = canvas.page_rect(0).topLeft() + QPointF(40, 300)
    before = canvas.verticalScrollBar().value()
    drag(canvas, corner, corner + QPointF(0, -100))
    assert canvas.verticalScrollBar().value() == before + 100
