"""Writing pauses the recording; what is only looked at or commanded does not."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from assessor_desk.gui.playing import Playing
from assessor_desk.gui.typing_pause import TypingPause
from assessor_desk.gui.writing.text_field import TextField


class Recording:
    """A viewer that plays, and tells what it was asked."""

    def __init__(self) -> None:
        self.playback = SimpleNamespace(seek_by=lambda ms: None)
        self.asked: list[str] = []

    def toggle_play(self) -> None:
        self.asked.append("toggle")

    def pause_to_write(self) -> bool:
        self.asked.append("pause")
        return self.asked == ["pause"]

    def resume(self) -> None:
        self.asked.append("resume")


class Desk:
    """A window with a text of the review and another field."""

    def __init__(self) -> None:
        self.recording = Recording()
        assert isinstance(self.recording, Playing)
        self.window = QWidget()
        self.text = TextField("Rationale", "for reviewers", parent=self.window)
        self.search = QLineEdit(self.window)
        column = QVBoxLayout(self.window)
        column.addWidget(self.text)
        column.addWidget(self.search)
        self.pause = TypingPause(lambda: self.recording, self.window)


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk()
    qtbot.addWidget(made.window)
    made.window.show()
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    return made


def test_a_word_in_a_text_pauses_and_the_focus_alone_does_not(desk: Desk) -> None:
    desk.text.setFocus()
    QTest.keyClick(desk.text, Qt.Key.Key_Left)
    assert desk.recording.asked == []
    QTest.keyClick(desk.text, Qt.Key.Key_H)
    assert desk.recording.asked == ["pause"]
    assert desk.text.toPlainText() == "h"


def test_commands_other_fields_and_texts_that_are_read_only_do_not_pause(desk: Desk) -> None:
    desk.text.setFocus()
    QTest.keyClick(desk.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    desk.search.setFocus()
    QTest.keyClicks(desk.search, "board")
    desk.text.setReadOnly(True)
    desk.text.setFocus()
    QTest.keyClicks(desk.text, "board")
    assert desk.recording.asked == []


def test_saving_the_line_of_an_anchor_goes_on(desk: Desk, qtbot: QtBot) -> None:
    dialog = QDialog(desk.window)
    line = QLineEdit(dialog)
    line.setProperty("takesNotes", True)
    line.returnPressed.connect(dialog.accept)
    dialog.open()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    line.setFocus()
    QTest.keyClicks(line, "up")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert desk.recording.asked == ["pause", "pause", "resume"]
