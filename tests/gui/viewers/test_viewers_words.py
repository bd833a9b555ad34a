"""Viewers of Word documents, text, Markdown and tables; and the card for other files."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
import pytest
from PIL import Image
from PySide6.QtCore import QByteArray, QRectF, Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assessor_desk.domain.anchor import TextQuote, Whole
from assessor_desk.gui import theme
from assessor_desk.gui.viewers.other import OtherViewer
from assessor_desk.gui.viewers.reading_pane import ReadingPane
from assessor_desk.gui.viewers.text import TextViewer
from assessor_desk.gui.viewers.viewer import Mark
from assessor_desk.gui.viewers.word import WordViewer

WORDS = "The exit ticket 🎫 is read.\n\nEvery student answers; the exit\nticket comes last. Câu hỏi.\n" * 3


@pytest.fixture
def viewer(showing: Callable[..., Any]) -> TextViewer:
    opened: TextViewer = showing(TextViewer, "notes.txt", WORDS.encode())
    return opened


@pytest.fixture(scope="module")
def lesson_docx() -> bytes:
    document = docx.Document()
    document.add_heading("Lesson plan", 1)
    document.add_paragraph("Every student answers on a whiteboard.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "0–10", "Exit ticket"
    picture, target = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (1200, 300), "teal").save(picture, "PNG")
    document.add_picture(picture)
    document.save(target)
    return target.getvalue()


def test_selected_words_are_what_gets_anchored_else_the_whole(viewer: TextViewer, qtbot: QtBot) -> None:
    assert viewer.current_selector() == Whole()
    viewer._pane.reveal(TextQuote("student answers; the exit ticket"))
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        viewer.offer_current_selector()
    assert offered.args[0].exact == "student answers; the exit ticket"
    assert offered.args[0].prefix.endswith("Every ")


def test_the_button_beside_the_selection_anchors_it_and_goes(viewer: TextViewer, qtbot: QtBot) -> None:
    viewer._pane.reveal(TextQuote("comes last"))
    assert viewer._pane._offer.isVisible()
    with qtbot.waitSignal(viewer.selector_offered) as offered:
        QTest.mouseClick(viewer._pane._offer, Qt.MouseButton.LeftButton)
    assert offered.args[0].exact == "comes last"
    assert not viewer._pane._offer.isVisible()
    assert viewer.current_selector() == Whole()


def test_words_after_a_character_that_qt_counts_twice_are_found_and_quoted(viewer: TextViewer) -> None:
    pane = viewer._pane
    assert pane.reveal(TextQuote("is read."))
    assert pane.textCursor().selectedText() == "is read."
    selected = pane.selected()
    assert selected is not None
    assert WORDS[slice(*selected)] == "is read."


def test_a_quotation_is_told_from_others_alike_by_what_stands_around_it(viewer: TextViewer) -> None:
    third = WORDS.rindex("Câu hỏi")
    quote = viewer._pane.quotable.quote(third, third + 7)
    assert quote is not None
    assert viewer._pane.quotable.find(quote) is not None
    unique = TextQuote("exit ticket", suffix=" comes last")
    start, _ = viewer._pane.quotable.find(unique) or (0, 0)
    assert WORDS[start - 4 : start] == "the "


def test_a_mark_is_seen_in_the_words_and_clicked_by_its_number(
    viewer: TextViewer, qtbot: QtBot, mark: Callable[..., Mark]
) -> None:
    viewer.show_marks([mark(TextQuote("Every student")), mark(TextQuote("words that are gone"), "3", "m2")])
    (badge,) = viewer._pane.badges()
    assert len(viewer._pane.extraSelections()) == 1
    assert QRectF(viewer._pane.viewport().rect()).contains(badge.badge)
    with qtbot.waitSignal(viewer.anchor_activated) as activated:
        QTest.mouseClick(
            viewer._pane.viewport(), Qt.MouseButton.LeftButton, pos=badge.badge.center().toPoint()
        )
    assert activated.args == ["m1"]
    viewer.set_marks_visible(False)
    assert viewer._pane.extraSelections() == []


def test_arrow_keys_begin_at_the_first_words(viewer: TextViewer) -> None:
    pane = viewer._pane
    assert pane.textCursor().position() == 0
    QTest.keyClick(pane, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert pane.textCursor().selectedText() == pane.toPlainText()[0]


def test_revealing_selects_the_words(viewer: TextViewer) -> None:
    viewer.reveal(TextQuote("comes last"))
    assert viewer._pane.textCursor().selectedText() == "comes last"


def test_a_search_counts_steps_and_is_forgotten(viewer: TextViewer) -> None:
    viewer._find.search_for("exit ticket")
    assert viewer._find._count.text() == "1 of 6"
    QTest.keyClick(viewer._find._words, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert viewer._find._count.text() == "6 of 6"
    QTest.keyClick(viewer._find._words, Qt.Key.Key_Escape)
    assert viewer._pane.extraSelections() == []


def test_a_word_document_is_shown_with_its_table_and_said_to_be_simplified(
    showing: Callable[..., Any], lesson_docx: bytes
) -> None:
    viewer: WordViewer = showing(WordViewer, "plan.docx", lesson_docx)
    assert viewer._note.text().startswith("Simplified view")
    assert "Exit ticket" in viewer._pane.toPlainText()
    assert viewer.current_selector() == Whole()


def test_no_picture_is_wider_than_the_column(showing: Callable[..., Any], lesson_docx: bytes) -> None:
    viewer: WordViewer = showing(WordViewer, "plan.docx", lesson_docx)
    for width in (700, 420):
        viewer.resize(width, 800)
        assert viewer._pane.horizontalScrollBar().maximum() == 0
        ((cursor, natural),) = viewer._pane._pictures
        assert cursor.charFormat().toImageFormat().width() < natural == 1200


def test_another_appearance_keeps_words_marks_and_place(
    showing: Callable[..., Any], lesson_docx: bytes, mark: Callable[..., Mark]
) -> None:
    viewer: WordViewer = showing(WordViewer, "plan.docx", lesson_docx)
    viewer.show_marks([mark(TextQuote("Every student"))])
    before = viewer._pane.toPlainText()
    theme.apply(theme.Appearance.DARK)
    try:
        assert viewer._pane.toPlainText() == before
        assert len(viewer._pane.badges()) == 1
    finally:
        theme.apply(theme.Appearance.LIGHT)


def test_nothing_is_loaded_from_anywhere(qtbot: QtBot, tmp_path: Any) -> None:
    pane = ReadingPane()
    qtbot.addWidget(pane)
    picture = tmp_path / "p.png"
    Image.new("RGB", (5, 5)).save(picture)
    kind = QTextDocument.ResourceType.ImageResource.value
    for address in (picture.as_uri(), "https://tracker.example/p.png", str(picture)):
        pane.show_html(f'<img src="{address}"><link rel="stylesheet" href="{address}">')
        assert pane.document().resource(kind, QUrl(address)) == QByteArray()


def test_a_picture_from_elsewhere_is_not_loaded_by_being_painted_either(qtbot: QtBot, tmp_path: Any) -> None:
    pane = ReadingPane()
    qtbot.addWidget(pane)
    Image.new("RGB", (5, 5)).save(tmp_path / "p.png")
    pane.show_html(f'<p>Seen</p><img src="{tmp_path / "p.png"}">')
    pane.grab()
    assert pane.toPlainText().strip() == "Seen"


def test_a_long_text_is_laid_out_bit_by_bit_also_when_its_width_changes(qtbot: QtBot) -> None:
    pane = ReadingPane()
    qtbot.addWidget(pane)
    pane.resize(700, 500)
    pane.show()
    pane.show_text("The quokka reads every exit ticket of the lesson.\n" * 15_000)
    bar = pane.verticalScrollBar()
    first = bar.maximum()
    qtbot.waitUntil(lambda: bar.maximum() > 15_000 * 14)
    whole = bar.maximum()
    assert first < whole / 10
    pane.resize(600, 500)
    assert bar.maximum() < whole / 10
    assert pane.find_all("quokka")[-1][0] > 14_999 * 50 - 50


def test_links_in_evidence_are_told_and_not_opened(showing: Callable[..., Any], qtbot: QtBot) -> None:
    viewer: WordViewer = showing(WordViewer, "a.md", b"# Plan\n\n[here](https://example.org/x)\n")
    with qtbot.waitSignal(viewer.trouble) as trouble:
        viewer._pane.anchorClicked.emit(QUrl("https://example.org/x"))
    assert trouble.args == ["The document links to https://example.org/x. Links in evidence are not opened."]


def test_larger_words_are_larger(viewer: TextViewer) -> None:
    before = viewer._pane.document().defaultFont().pixelSize()
    QTest.keyClick(viewer._pane, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    assert viewer._pane.document().defaultFont().pixelSize() == before + 1


def test_other_files_show_facts_and_are_anchored_as_a_whole(showing: Callable[..., Any]) -> None:
    viewer: OtherViewer = showing(OtherViewer, "model.bin", b"\x7fELF" + bytes(5000))
    viewer.resize(260, 300)
    for fact in viewer._facts.values():
        assert fact.height() >= fact.heightForWidth(fact.width())  # no line is cut, however narrow and low
    texts = {name: label.text() for name, label in viewer._facts.items()}
    assert texts["Name"] == "model.bin"
    assert texts["Type"] == "Linux program (application/x-executable)"
    assert texts["Size"] == "5,004 bytes"
    assert texts["SHA-256"].startswith("abababab abababab")
    assert viewer.current_selector() == Whole()
