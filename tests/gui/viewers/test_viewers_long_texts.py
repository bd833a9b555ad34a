"""Texts of hundreds of thousands of letters: whoever wants their end gets there without the window standing still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assessor_desk.domain.anchor import TextQuote
from assessor_desk.gui.viewers.text import TextViewer
from assessor_desk.gui.viewers.viewer import Mark

LINE = "Pupils mark their own exit tickets while the other half of the class compares three ways to share.\n"
LONG = "The wombat begins.\n" + LINE * 5_000 + "The quokka waits at the very end.\n"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def viewer(showing: Callable[..., Any]) -> TextViewer:
    opened: TextViewer = showing(TextViewer, "log.txt", LONG.encode())
    return opened


@pytest.fixture
def turns(viewer: TextViewer, qtbot: QtBot) -> Callable[[Callable[[], bool]], int]:
    """How often the window had a turn of its own before something came true."""

    def count(done: Callable[[], bool]) -> int:
        beats: list[None] = []
        beat = QTimer(viewer)
        beat.timeout.connect(lambda: beats.append(None))
        beat.start(0)
        qtbot.waitUntil(done, timeout=30_000)
        beat.stop()
        return len(beats)

    return count


def at_end(viewer: TextViewer) -> bool:
    pane = viewer._pane
    return pane.textCursor().position() == len(LONG) and pane.verticalScrollBar().value() > 0


def test_the_key_to_the_end_arrives_after_the_window_had_turns(
    viewer: TextViewer, turns: Callable[[Callable[[], bool]], int]
) -> None:
    QTest.keyClick(viewer._pane, Qt.Key.Key_End, CTRL)
    assert viewer._pane.textCursor().position() == 0
    assert turns(lambda: at_end(viewer)) > 5


def test_words_at_the_end_are_brought_into_sight_after_the_window_had_turns(
    viewer: TextViewer, turns: Callable[[Callable[[], bool]], int]
) -> None:
    viewer.reveal(TextQuote("quokka waits"))
    assert turns(lambda: viewer._pane.textCursor().selectedText() == "quokka waits") > 5


def test_a_mark_at_the_end_is_shown_once_its_words_are_laid_out(
    viewer: TextViewer, mark: Callable[..., Mark], turns: Callable[[Callable[[], bool]], int]
) -> None:
    viewer.show_marks([mark(TextQuote("quokka waits")), mark(TextQuote("wombat"), name="m2")])
    assert turns(lambda: len(viewer._pane.extraSelections()) == 2) > 5
    assert len(viewer._pane.badges()) == 2


def test_a_search_begun_before_the_words_are_prepared_finds_them_then(
    viewer: TextViewer, qtbot: QtBot
) -> None:
    viewer._find.open()
    QTest.keyClicks(viewer._find._words, "quokka")
    qtbot.waitUntil(lambda: len(viewer._hits) == 1, timeout=30_000)


def test_a_page_that_is_not_laid_out_yet_is_not_painted(viewer: TextViewer) -> None:
    assert not viewer._pane._laying_out.covers(10_000_000)
    assert viewer._pane._laying_out.covers(100)


VERY_LONG = (
    LONG + LINE * 1_000 + "A numbat sleeps in the middle.\n" + LINE * 8_000 + "The bilby has the last word.\n"
)


@pytest.fixture
def parted(showing: Callable[..., Any], qtbot: QtBot) -> TextViewer:
    opened: TextViewer = showing(TextViewer, "log.txt", VERY_LONG.encode())
    qtbot.waitUntil(lambda: opened._prepared, timeout=30_000)
    return opened


def test_a_very_long_text_comes_in_parts_that_hold_all_of_it(parted: TextViewer) -> None:
    parts = parted._parts.parts
    assert "".join(part.html for part in parts) == VERY_LONG
    assert [parted._tabs.tabText(number) for number in range(parted._tabs.count())] == [
        "Part 1",
        "Part 2",
        "Part 3",
    ]
    assert parted._tabs.isVisible()
    assert "shown in 3 parts" in parted._note.text()


def test_a_search_goes_through_all_parts(parted: TextViewer, qtbot: QtBot) -> None:
    parted._find.open()
    QTest.keyClicks(parted._find._words, "bilby")
    qtbot.waitUntil(lambda: parted._tabs.currentIndex() == 2, timeout=30_000)
    qtbot.waitUntil(lambda: len(parted._hits) == 1)
    assert parted._find._count.text() == "1 of 1"


def test_words_quoted_in_a_later_part_are_found_there_again(
    parted: TextViewer, mark: Callable[..., Mark], qtbot: QtBot
) -> None:
    parted._tabs.setCurrentIndex(1)
    start = parted._pane.quotable.text.index("numbat sleeps")
    quote = parted._pane.quotable.quote(start, start + 13)
    assert quote is not None
    parted._tabs.setCurrentIndex(0)
    parted.show_marks([mark(quote)])
    assert parted._pane.extraSelections() == []
    parted.reveal(quote)
    assert parted._tabs.currentIndex() == 1
    qtbot.waitUntil(lambda: parted._pane.textCursor().selectedText() == "numbat sleeps", timeout=30_000)
    assert len(parted._pane._marked) == 1


def test_of_very_many_places_found_those_near_are_painted(parted: TextViewer, qtbot: QtBot) -> None:
    pane = parted._pane
    pane.show_hits(pane.find_all("e"), None)
    qtbot.waitUntil(lambda: 20 < len(pane.extraSelections()) < 3_000)
    painted = pane._hits_painted
    pane.verticalScrollBar().setValue(pane.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: bool(pane._hits_painted) and pane._hits_painted[0] > painted[-1])
    qtbot.waitUntil(lambda: len(pane.extraSelections()) == len(pane._hits_painted))
