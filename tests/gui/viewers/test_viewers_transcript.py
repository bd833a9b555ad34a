"""The words of a recording: its transcript, read along, searched, clicked and quoted; captions that can be read."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from tests.gui.recordings import Bench

from assessor_desk.domain.anchor import TimeSpan
from assessor_desk.gui.viewers.picture_view import paint_caption

CTRL = Qt.KeyboardModifier.ControlModifier
CAPTIONS = (
    "WEBVTT\n\n00:01.000 --> 00:03.000\nHow many is that?\n\n00:03.000 --> 00:05.000\nTwelve, I think.\n\n"
    "00:07.000 --> 00:09.500\nShow me your board. How many parts?\n"
)


@pytest.fixture
def read_along(bench: Bench, lesson: Path) -> Bench:
    bench.show(lesson, CAPTIONS)
    return bench


def select(bench: Bench, words: str) -> None:
    text = bench.viewer.body.transcript.text
    found = text.document().find(words)
    assert not found.isNull()
    text.setTextCursor(found)


def test_the_transcript_follows_the_recording(read_along: Bench) -> None:
    transcript = read_along.viewer.body.transcript
    assert transcript.isVisible()
    read_along.viewer.playback.seek(4200)
    assert transcript.text.current == 1
    read_along.viewer.playback.seek(8000)
    assert transcript.text.current == 2


def test_a_click_in_the_transcript_goes_there(read_along: Bench) -> None:
    text = read_along.viewer.body.transcript.text
    line = [box for _, _, box in text.lines()][1]
    QTest.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, round(line.center().y())))
    read_along.wait_for(75)
    text.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(text, Qt.Key.Key_Return)
    read_along.wait_for(175)


def test_words_of_the_transcript_are_anchored_with_their_time_and_as_their_line(read_along: Bench) -> None:
    select(read_along, "welve, I thi")
    assert read_along.viewer.controls.anchor.text() == "Anchor words"
    read_along.press(Qt.Key.Key_A)
    assert read_along.noted == [(TimeSpan(3000, 5000), "“Twelve, I think”")]
    assert read_along.offered == []
    assert read_along.viewer.controls.anchor.text() == "Anchor here"


def test_words_over_two_captions_span_both(read_along: Bench) -> None:
    select(read_along, "How many is that?")
    cursor = read_along.viewer.body.transcript.text.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(24, QTextCursor.MoveMode.KeepAnchor)
    read_along.viewer.body.transcript.text.setTextCursor(cursor)
    assert read_along.viewer.current_selector() == TimeSpan(1000, 5000)


def test_captions_that_cannot_all_be_read_are_said_to_be_left_out(bench: Bench, lesson: Path) -> None:
    bench.show(lesson, CAPTIONS + "\n00:xx.000 --> 00:11.000\nLost.\n")
    assert bench.said == "1 of the 4 captions in “captions” cannot be read and are left out."


def test_words_are_found_in_the_transcript_and_gone_to(read_along: Bench) -> None:
    transcript = read_along.viewer.body.transcript
    read_along.press(Qt.Key.Key_F, modifier=CTRL)
    QTest.keyClicks(transcript.query, "HOW MANY")
    QTest.keyClick(transcript.query, Qt.Key.Key_Return)
    read_along.wait_for(25)
    QTest.keyClick(transcript.query, Qt.Key.Key_Return)
    read_along.wait_for(175)
    assert transcript._count.text() == "2 of 2"
    QTest.keyClick(transcript.query, Qt.Key.Key_Escape)
    QTest.keyClick(transcript.query, Qt.Key.Key_Escape)
    assert read_along.viewer.hasFocus()


def test_the_transcript_is_hidden_by_key_and_there_is_none_without_captions(
    read_along: Bench, lesson: Path
) -> None:
    read_along.press(Qt.Key.Key_T)
    assert not read_along.viewer.body.transcript.isVisible()
    read_along.press(Qt.Key.Key_T)
    assert read_along.viewer.body.transcript.isVisible()
    read_along.show(lesson)
    assert not read_along.viewer.body.transcript.isVisible()
    assert not read_along.viewer.controls.transcript.isEnabled()


def test_all_that_takes_the_focus_has_a_name_and_comes_in_the_order_it_stands(read_along: Bench) -> None:
    viewer, found = read_along.viewer, list[QWidget]()
    read_along.window.activateWindow()
    viewer.setFocus()
    for _ in range(40):
        QTest.keyClick(read_along.window.focusWidget(), Qt.Key.Key_Tab)
        now = read_along.window.focusWidget()
        if now is viewer or now in found:
            break
        found.append(now)
    assert [one for one in found if not (one.accessibleName() or one.property("text"))] == []
    transcript, controls = viewer.body.transcript, viewer.controls
    order = [
        transcript.query,
        transcript.text,
        viewer.timeline,
        controls.play,
        controls.more,
        controls.anchor,
    ]
    assert [found.index(one) for one in order] == sorted(found.index(one) for one in order)


def test_captions_grow_with_the_text_of_the_window(qapp: QApplication) -> None:
    def black(text_size: float) -> int:
        image = QImage(960, 540, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_caption(painter, QRectF(image.rect()), "How many?", text_size)
        painter.end()
        return sum(image.pixelColor(480, y).lightness() < 200 for y in range(540))

    assert black(2.0) > 1.5 * black(1.0) > 25


def test_where_everything_is_twice_as_large_the_picture_is_left_and_nothing_lies_over_another(
    read_along: Bench,
) -> None:
    viewer, body = read_along.viewer, read_along.viewer.body
    viewer.setMinimumSize(0, 0)
    viewer.resize(270, 200)
    read_along.bot.waitUntil(lambda: not body.transcript.isVisible())
    parts = [body.split, body.timeline, body.status, body.controls]
    read_along.bot.waitUntil(
        lambda: all(above.geometry().bottom() < below.geometry().top() for above, below in pairwise(parts))
    )
    assert body.picture.isVisible()
    assert body.picture.height() >= 40
    viewer.resize(640, 560)
    read_along.bot.waitUntil(body.transcript.isVisible)
