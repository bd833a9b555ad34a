"""The PDF viewer beyond its pages: one at a time, sharp when large, what the document says of itself, read as text."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
import typst
from pikepdf import Array, Dictionary, Name
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QResizeEvent, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assessor_desk.domain.anchor import PageRegion, TextQuote
from assessor_desk.gui.viewers.page_layout import share_of_rect
from assessor_desk.gui.viewers.pdf import PdfViewer
from assessor_desk.gui.viewers.pdf_words import IS_PICTURE
from assessor_desk.gui.viewers.viewer import Mark

Left = Qt.MouseButton.LeftButton
SOURCE = """
= First part
The exit ticket is read aloud. See #link("https://example.org/t")[the template] or #link(<last>)[the end].
#table(columns: 2, [Time], [Activity], [5 min], [Number talk])
#pagebreak()
#rect(width: 8cm, height: 5cm, fill: gray)
#pagebreak()
= Last part <last>
Nothing but words.
"""


@pytest.fixture(scope="module")
def portfolio() -> bytes:
    """Three pages called iii, iv and v: words, a picture, words; a note of the educator's on the last."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(typst.compile(SOURCE.encode()))) as pdf:
        note = Dictionary(
            Type=Name.Annot, Subtype=Name.Square, Rect=Array([100, 500, 300, 560]), T="R. Achterberg",
            Contents="Evidence for criterion 2", F=4,
        )  # fmt: skip
        pdf.pages[2].Annots = Array([pdf.make_indirect(note)])
        pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r, St=3)]))
        pdf.save(target)
    return target.getvalue()


@pytest.fixture
def viewer(showing: Callable[..., Any], portfolio: bytes, qtbot: QtBot) -> PdfViewer:
    opened: PdfViewer = showing(PdfViewer, "portfolio.pdf", portfolio)
    qtbot.waitUntil(lambda: len(opened._canvas._notes) == 1 and opened._canvas._renders.idle)
    qtbot.waitUntil(lambda: opened._canvas.label(0) == "iii")
    return opened


def test_one_page_at_a_time_shows_no_other_and_goes_on_at_its_end(viewer: PdfViewer) -> None:
    canvas = viewer._canvas
    viewer._single_button.setChecked(True)
    assert canvas.visible() == range(1)
    rect = canvas.page_rect(0)
    assert QRectF(canvas.viewport().rect()).contains(rect)
    assert rect.center().x() == pytest.approx(canvas.viewport().width() / 2, abs=2)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert (canvas.page, canvas.visible()) == (1, range(1, 2))
    canvas.set_zoom(2.0)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert canvas.page == 1
    for _ in range(4):
        QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert canvas.page == 2
    canvas.go_to(2)
    QTest.keyClick(canvas, Qt.Key.Key_PageUp)
    assert canvas.page == 1
    assert canvas.verticalScrollBar().value() == canvas.verticalScrollBar().maximum()
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.page == 0


def test_pages_are_stepped_through_by_keys_in_either_arrangement(viewer: PdfViewer) -> None:
    for single in (False, True):
        viewer._single_button.setChecked(single)
        viewer._canvas.go_to(0)
        QTest.keyClick(viewer._canvas, Qt.Key.Key_PageDown, Qt.KeyboardModifier.AltModifier)
        assert viewer._canvas.page == 1
        QTest.keyClick(viewer._canvas, Qt.Key.Key_PageUp, Qt.KeyboardModifier.AltModifier)
        assert viewer._canvas.page == 0


def test_the_part_in_sight_is_sharp_at_the_highest_zoom(viewer: PdfViewer, qtbot: QtBot) -> None:
    canvas = viewer._canvas
    text = canvas.texts.get(0)
    qtbot.waitUntil(lambda: canvas.texts.get(0) is not None)
    text = canvas.texts.get(0)
    assert text is not None
    start = text.text.index("aloud")
    place = share_of_rect(text.lines(start, start + 5)[0])
    canvas.set_zoom(12.0)
    canvas.bring_into_sight(0, place)
    qtbot.waitUntil(lambda: canvas._renders.idle and canvas._parts.idle)
    part = canvas._parts.part(0, 0)
    assert part is not None
    assert part[1].scale == pytest.approx(12.0 * 96 / 72)
    assert part[0].width() * part[0].height() < 4_000_000
    row = round(canvas.pixels(place, 0).center().y())
    seen = canvas.viewport().grab().toImage()
    tones = [seen.pixelColor(x, row).lightness() for x in range(seen.width())]
    steepest = max(abs(one - other) for one, other in itertools.pairwise(tones))
    assert steepest > 100


def test_the_documents_own_annotations_are_listed_told_and_unlike_ours(
    viewer: PdfViewer, mark: Callable[..., Mark]
) -> None:
    sidebar = viewer._sidebar
    assert sidebar.tabText(2) == "Notes (1)"
    assert sidebar.minimumWidth() >= sidebar.tabBar().sizeHint().width()  # no tab's words are cut
    assert sidebar._note_list.item(0).text() == "Page 3 (v) · Frame · R. Achterberg\nEvidence for criterion 2"
    sidebar._note_list.itemActivated.emit(sidebar._note_list.item(0))
    canvas = viewer._canvas
    assert canvas.page == 2
    box = canvas.pixels(share_of_rect(canvas._notes[0].box), 2)
    assert canvas.told_at(box.center()) == (
        "Frame in the document itself, by R. Achterberg\nEvidence for criterion 2"
    )
    assert canvas.placed_marks() == []
    QTest.mouseClick(
        canvas.viewport(), Left, pos=box.center().toPoint()
    )  # nothing of ours is there to be told


def test_a_link_that_leads_elsewhere_is_told_and_never_opened(viewer: PdfViewer, qtbot: QtBot) -> None:
    canvas = viewer._canvas
    canvas.set_zoom(1.0)
    qtbot.waitUntil(lambda: bool(canvas._links.get(0)))
    outward, inward = (
        next(link for link in canvas._links.get(0) or () if (link.page is None) is out)
        for out in (True, False)
    )
    place = canvas.pixels(share_of_rect(outward.box), 0).center()
    assert canvas.told_at(place) == "Leads to https://example.org/t\nNot opened inside the desk"
    with qtbot.waitSignal(viewer.trouble) as told:
        QTest.mouseClick(canvas.viewport(), Left, pos=place.toPoint())
    assert told.args == ["The document links to https://example.org/t. Links in evidence are not opened."]
    QTest.mouseClick(
        canvas.viewport(), Left, pos=canvas.pixels(share_of_rect(inward.box), 0).center().toPoint()
    )
    assert canvas.page == 2


def test_pages_are_called_what_the_document_calls_them(viewer: PdfViewer) -> None:
    assert viewer._count.text() == "of 3 · “iii”"
    assert viewer.current_selector() == PageRegion(1, None, "iii")
    viewer._canvas.go_to(1)
    assert viewer._canvas.accessibleDescription() == "Page 2 (iv) of 3"


def test_a_scan_says_that_it_has_no_words_and_only_then(viewer: PdfViewer, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: viewer._canvas.texts.get(0) is not None)
    assert not viewer._hint.isVisible()
    viewer._canvas.go_to(1)
    qtbot.waitUntil(lambda: viewer._hint.text() == IS_PICTURE)
    assert viewer._hint.isVisible()
    viewer._canvas.go_to(2)
    qtbot.waitUntil(lambda: viewer._hint.text() == "")


def test_read_as_text_has_tables_marks_and_pages_and_needs_no_mouse(
    viewer: PdfViewer, qtbot: QtBot, mark: Callable[..., Mark]
) -> None:
    viewer.show_marks(
        [mark(TextQuote("exit ticket", page=1)), mark(TextQuote("but words", page=3), "3", "m2")]
    )
    QTest.keyClick(viewer._canvas, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    pane = viewer._words
    qtbot.waitUntil(lambda: "Number talk" in pane.toPlainText())
    assert "<table" in pane.toHtml()
    assert [badge.number for badge in pane.badges()] == ["2"]
    pane.setTextCursor(pane.document().find("read"))
    pane.moveCursor(QTextCursor.MoveOperation.StartOfWord)
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        for _ in range(2):
            QTest.keyClick(
                pane,
                Qt.Key.Key_Right,
                Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier,
            )
        viewer.offer_current_selector()
    quote = offered.args[0]
    assert (quote.exact, quote.page, quote.label) == ("read aloud", 1, "iii")
    assert quote.start is not None
    text = viewer._canvas.texts.get(0)
    assert text is not None
    assert text.text[quote.start : quote.end] == "read aloud"
    QTest.keyClick(pane, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: IS_PICTURE in pane.toPlainText())
    assert pane.accessibleName() == "The words of page 2 (iv) of 3"
    QTest.keyClick(pane, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: "Nothing but words" in pane.toPlainText())
    assert [badge.number for badge in pane.badges()] == ["3"]


def test_two_fingers_enlarge_what_is_between_them(viewer: PdfViewer) -> None:
    canvas = viewer._canvas
    canvas.set_zoom(1.0)
    point = QPointF(150, 200)
    before = canvas.share(point, 0)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, point, point, point,
        0.5, QPointF(), 1,
    )  # fmt: skip
    QCoreApplication.sendEvent(canvas.viewport(), pinch)
    assert canvas.zoom == pytest.approx(1.5)
    after = canvas.share(point, 0)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=0.005)


def test_where_there_is_little_room_what_tells_stays_and_keys_do_the_rest(viewer: PdfViewer) -> None:
    QCoreApplication.sendEvent(viewer, QResizeEvent(QSize(320, 500), viewer.size()))
    assert not viewer._count.isHidden()
    assert not viewer._read_button.isHidden()
    assert viewer._single_button.isHidden()
    assert viewer._width_button.isHidden()
    QTest.keyClick(viewer._canvas, Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    assert viewer._canvas.single
    QCoreApplication.sendEvent(viewer, QResizeEvent(QSize(700, 500), viewer.size()))
    assert not viewer._single_button.isHidden()


def test_one_comes_back_to_the_page_and_turn_that_one_left(
    viewer: PdfViewer, given: Callable[..., Any], portfolio: bytes, qtbot: QtBot
) -> None:
    viewer._canvas.go_to(1)
    viewer._canvas.rotate(90)
    other = given("other.pdf", portfolio)
    viewer.show_artifact(replace(other, artifact=replace(other.artifact, sha256="cd" * 32)))
    qtbot.waitUntil(lambda: viewer.current_selector() is not None)
    assert (viewer._canvas.page, viewer._canvas.rotation) == (0, 0)
    viewer.show_artifact(given("portfolio.pdf", portfolio))
    qtbot.waitUntil(lambda: viewer.current_selector() is not None)
    assert (viewer._canvas.page, viewer._canvas.rotation) == (1, 90)
    viewer.show_artifact(given("portfolio.pdf", portfolio))
    viewer.reveal(PageRegion(3))
    qtbot.waitUntil(lambda: viewer._canvas.page == 2)


def test_in_another_document_one_drags_over_words_again(viewer: PdfViewer) -> None:
    viewer._box_button.setChecked(True)
    viewer.clear()
    assert not viewer._box_button.isChecked()
    assert not viewer._canvas._pointer._box_tool
