"""Office documents in the window: colours, parts, remarks, and the two views of one document."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typst
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.artifacts import written_documents as making
from tests.artifacts.written_documents import saved, word

from assessor_desk.artifacts.documents import DocumentsClient
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.domain.anchor import TextQuote, Whole
from assessor_desk.domain.errors import Unavailable
from assessor_desk.gui import theme
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.viewers.document import DocumentViewer, in_any_view
from assessor_desk.gui.viewers.reading_style import contrast, grounded, readable
from assessor_desk.gui.viewers.viewer import Mark
from assessor_desk.gui.viewers.word import WordViewer
from assessor_desk.settings import Settings

LAID_OUT = """
#set page(width: 300pt, height: 200pt, footer: [Lesson plan, page 1])
Every student answers. The exit ticket comes
last in the lesson.
1. ask why
2. explain it
#pagebreak()
The exit ticket comes first on Fridays.
"""
WORDS = (
    "Every student answers. The exit ticket comes last in the lesson.",
    "ask why",
    "explain it",
    "The exit ticket comes first on Fridays.",
)


def two_views(document: Any) -> None:
    document.add_paragraph(WORDS[0])
    for words in WORDS[1:3]:
        document.add_paragraph(words, style="List Number")
    document.add_paragraph(WORDS[3])


@dataclass
class Twofold:
    """Evidence that can be laid out; `slow` holds that up until it is set."""

    given: Any
    client: DocumentsClient
    pdf: Path
    slow: threading.Event
    fails: bool = False
    done: bool = False

    @property
    def artifact(self) -> Any:
        return self.given.artifact

    def open(self) -> Any:
        return self.given.open()

    def captions(self) -> None:
        return None

    def kind(self) -> Kind:
        return Kind.WORD

    def can_be_laid_out(self) -> bool:
        return True

    def is_laid_out(self) -> bool:
        return self.done

    def lay_out(self, stop: threading.Event) -> Any:
        while not self.slow.wait(0.02):
            if stop.is_set():
                raise Unavailable("stopped")
        if self.fails:
            raise Unavailable("LibreOffice stopped while laying out “plan.docx”.")
        return self.client.open(self.pdf, b"", "plan.docx", Kind.PDF)


@pytest.fixture
def twofold(client: DocumentsClient, given: Callable[[str, bytes], Any], tmp_path: Path) -> Twofold:
    pdf = tmp_path / "laid-out.pdf"
    pdf.write_bytes(typst.compile(LAID_OUT.encode()))
    ready = threading.Event()
    ready.set()
    return Twofold(given("plan.docx", word(two_views)), client, pdf, ready)


@pytest.fixture
def viewer(qtbot: QtBot, tasks: Tasks, tmp_path: Path) -> Any:
    viewer = DocumentViewer(tasks)
    viewer.remember_in(Settings.load(tmp_path))
    qtbot.addWidget(viewer)
    viewer.resize(700, 800)
    viewer.show()
    yield viewer
    viewer.clear()


def shown(viewer: DocumentViewer, evidence: Twofold, qtbot: QtBot) -> None:
    viewer.show_artifact(evidence)
    qtbot.waitUntil(lambda: viewer.current_selector() is not None, timeout=10_000)


def laid_out(viewer: DocumentViewer, qtbot: QtBot) -> None:
    QTest.mouseClick(viewer._bar._laid_out, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: viewer.as_laid_out and viewer._pages_ready, timeout=10_000)


def marked_on_page(viewer: DocumentViewer, qtbot: QtBot) -> TextQuote:
    qtbot.waitUntil(lambda: bool(viewer._pages._marks), timeout=10_000)
    selector = viewer._pages._marks[0].anchor.selector
    assert isinstance(selector, TextQuote)
    return selector


def test_a_quotation_made_in_one_view_is_marked_on_the_same_words_in_the_other(
    viewer: DocumentViewer, twofold: Twofold, qtbot: QtBot, mark: Callable[..., Mark]
) -> None:
    shown(viewer, twofold, qtbot)
    text = viewer._built_in._pane.quotable
    second = text.quote(text.text.rindex("exit ticket"), text.text.rindex("exit ticket") + 11)
    assert second is not None
    viewer.show_marks([mark(second)])
    laid_out(viewer, qtbot)
    on_page = marked_on_page(viewer, qtbot)
    assert (on_page.exact, on_page.page) == ("exit ticket", 2)
    back = in_any_view(on_page)
    assert isinstance(back, TextQuote)
    assert (back.page, back.start) == (None, None)
    assert text.find(back) == text.find(second)


def test_words_across_a_lists_numbers_are_found_in_both_views(
    viewer: DocumentViewer, twofold: Twofold, qtbot: QtBot, mark: Callable[..., Mark]
) -> None:
    shown(viewer, twofold, qtbot)
    viewer.show_marks([mark(TextQuote("ask why explain it"))])
    assert len(viewer._built_in._pane.badges()) == 1
    laid_out(viewer, qtbot)
    assert marked_on_page(viewer, qtbot).page == 1
    pane = viewer._built_in._pane.quotable
    place = pane.find(TextQuote("1. ask why 2. explain it"))
    assert place is not None
    assert pane.text[slice(*place)].split("\n")[0] == "ask why"


def test_an_anchor_on_a_laid_out_page_is_its_words_without_a_page(
    viewer: DocumentViewer, twofold: Twofold, qtbot: QtBot
) -> None:
    shown(viewer, twofold, qtbot)
    laid_out(viewer, qtbot)
    assert viewer.current_selector() == Whole()
    viewer.reveal(TextQuote("exit ticket", suffix=" comes first"))
    qtbot.waitUntil(lambda: viewer._pages._canvas.page == 1, timeout=10_000)
    assert "box" not in viewer.acts()


def test_what_is_read_in_one_view_is_in_sight_in_the_other(
    viewer: DocumentViewer, twofold: Twofold, qtbot: QtBot
) -> None:
    viewer.resize(320, 160)
    shown(viewer, twofold, qtbot)
    bar = viewer._built_in._pane.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=10_000)
    bar.setValue(bar.maximum())
    laid_out(viewer, qtbot)
    qtbot.waitUntil(lambda: viewer._pages.page == 1, timeout=10_000)
    bar.setValue(0)
    QTest.mouseClick(viewer._bar._built_in, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bar.value() > 0, timeout=10_000)


def test_the_view_chosen_last_is_the_one_that_what_was_laid_out_opens_in(
    viewer: DocumentViewer, twofold: Twofold, qtbot: QtBot
) -> None:
    shown(viewer, twofold, qtbot)
    assert not viewer.as_laid_out
    laid_out(viewer, qtbot)
    twofold.done = True
    viewer.show_artifact(twofold)
    qtbot.waitUntil(lambda: viewer.as_laid_out and viewer._pages_ready, timeout=10_000)
    QTest.mouseClick(viewer._bar._built_in, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not viewer.as_laid_out)
    viewer.show_artifact(twofold)
    qtbot.waitUntil(lambda: viewer._built_in._handle is not None, timeout=10_000)
    assert not viewer.as_laid_out


def test_while_it_is_laid_out_the_built_in_view_is_read_and_it_can_be_stopped(
    viewer: DocumentViewer, twofold: Twofold, qtbot: QtBot
) -> None:
    twofold.slow.clear()
    told: list[str] = []
    viewer.trouble.connect(told.append)
    shown(viewer, twofold, qtbot)
    QTest.mouseClick(viewer._bar._laid_out, Qt.MouseButton.LeftButton)
    assert viewer._bar.working
    assert not viewer.as_laid_out
    assert viewer._bar._progress.isVisible()
    QTest.mouseClick(viewer._bar._stop, Qt.MouseButton.LeftButton)
    qtbot.wait(100)
    assert not viewer._bar.working
    assert viewer._bar._built_in.isChecked()
    assert told == []


def test_what_cannot_be_laid_out_is_said_and_the_built_in_view_stays(
    viewer: DocumentViewer, twofold: Twofold, qtbot: QtBot
) -> None:
    twofold.fails = True
    shown(viewer, twofold, qtbot)
    with qtbot.waitSignal(viewer.trouble) as told:
        QTest.mouseClick(viewer._bar._laid_out, Qt.MouseButton.LeftButton)
    assert "LibreOffice stopped" in told.args[0]
    assert not viewer.as_laid_out
    assert not viewer._bar.working
    assert viewer._bar._built_in.isChecked()


def test_without_libreoffice_there_is_nothing_to_choose(
    viewer: DocumentViewer, given: Callable[[str, bytes], Any], qtbot: QtBot
) -> None:
    viewer.show_artifact(given("plan.docx", word(two_views)))
    qtbot.waitUntil(lambda: viewer.current_selector() is not None, timeout=10_000)
    assert not viewer._bar.isVisible()


# -- the built-in view -------------------------------------------------------------------------------------


@pytest.fixture
def lesson(showing: Callable[..., Any]) -> WordViewer:
    opened: WordViewer = showing(WordViewer, "plan.docx", word(making.lesson))
    return opened


def test_numbers_and_struck_words_are_seen_and_searched_but_not_quoted(lesson: WordViewer) -> None:
    pane = lesson._pane
    assert "was skipped" in pane.toPlainText()
    assert len(pane.find_all("was skipped")) == 1
    place = pane.quotable.find(TextQuote("The ticket is read at the door"))
    assert place is not None
    quote = pane.quotable.quote(*place)
    assert quote is not None
    assert quote.exact == "The ticket is read at the door"


def test_headings_and_remarks_stand_beside_the_words_and_lead_to_them(
    lesson: WordViewer, qtbot: QtBot
) -> None:
    assert not lesson._sidebar.isVisible()
    QTest.mouseClick(lesson._sidebar_button, Qt.MouseButton.LeftButton)
    assert lesson._sidebar.isVisible()
    remarks = lesson._sidebar._remarks
    assert remarks.item(0).text() == "Remark 1 · the educator\nChanged after the visit."
    remarks.itemActivated.emit(remarks.item(0))
    assert "Success criterion" in lesson._pane.textCursor().block().text()
    headings = lesson._sidebar._headings
    headings.itemActivated.emit(headings.topLevelItem(0), 0)
    assert lesson._pane.textCursor().block().text() == "Fractions of a whole"


def test_a_remarks_sign_in_the_text_opens_it_beside(lesson: WordViewer) -> None:
    lesson._pane.anchorClicked.emit("#remark-1")
    assert lesson._sidebar.isVisible()
    assert lesson._sidebar._remarks.currentRow() == 0


@pytest.mark.parametrize("appearance", list(theme.Appearance))
@pytest.mark.parametrize("ink", ["c00000", "ffff00", "ffffff", "000000", "4f81bd", "00b050"])
def test_a_documents_colours_can_be_read_in_every_appearance(
    qtbot: QtBot, appearance: theme.Appearance, ink: str
) -> None:
    theme.apply(appearance)
    surface, text = theme.colour("surface").name(), theme.colour("text").name()
    assert contrast(QColor(readable(f"#{ink}", surface)), QColor(surface)) >= 4.5
    for ground in ("1f4e79", "fff2cc", "808080", ink):
        behind, words = grounded(ground, surface, text)
        assert contrast(QColor(words), QColor(behind)) >= 4.5
        assert contrast(QColor(readable(f"#{ink}", behind)), QColor(behind)) >= 4.5
    theme.apply(theme.Appearance.LIGHT)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "First"
    book.active.append(["answer", "ticket"])
    second = book.create_sheet("Second")
    for row in (["first answer", 1], ["other", 2], ["last answer", 3]):
        second.append(row)
    return saved(book)


def test_sheets_have_tabs_and_a_search_goes_through_all_of_them(showing: Callable[..., Any]) -> None:
    viewer: WordViewer = showing(WordViewer, "book.xlsx", workbook())
    assert [viewer._tabs.tabText(place) for place in range(viewer._tabs.count())] == ["First", "Second"]
    viewer._find.search_for("answer")
    assert viewer._find._count.text() == "1 of 3"
    assert viewer._tabs.currentIndex() == 0
    viewer.acts()["find_next"]()
    viewer.acts()["find_next"]()
    assert viewer._find._count.text() == "3 of 3"
    assert viewer._tabs.currentIndex() == 1
    assert len(viewer._pane.extraSelections()) == 3


def test_an_anchor_in_another_sheet_brings_that_sheet_to_the_front_and_is_marked_there_alone(
    showing: Callable[..., Any], mark: Callable[..., Mark]
) -> None:
    viewer: WordViewer = showing(WordViewer, "book.xlsx", workbook())
    quote = TextQuote("answer", prefix="first ")
    viewer.show_marks([mark(quote)])
    assert viewer._pane.badges() == []
    viewer.reveal(quote)
    assert viewer._tabs.currentIndex() == 1
    assert viewer._pane.textCursor().selectedText() == "answer"
    assert len(viewer._pane.badges()) == 1
