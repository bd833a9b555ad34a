"""The phrase bank in the window: the slash, the placeholders, undo in one step, keeping, looking after."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.gui.assessing.conftest import Hand

from assessor_desk.desk import Desk
from assessor_desk.domain.phrases import Phrase, Scope
from assessor_desk.domain.review import TextField
from assessor_desk.gui.panes.coaching import CoachingPane
from assessor_desk.gui.phrases.bank import PhraseBankDialog
from assessor_desk.gui.phrases.edit import ANYWHERE, PhraseDialog
from assessor_desk.gui.phrases.popup import PhrasePopup
from assessor_desk.gui.workbench import Workbench
from assessor_desk.gui.writing.text_field import TextField as Writing

WORDS = "At [minute] pupils 🙂 write before [who] speaks."


@pytest.fixture
def bank(desk: Desk, draft: str, coaching: CoachingPane) -> Phrase:
    """A phrase of one's own, tied to the first criterion."""
    rubric = desk.case(draft).rubric
    phrase = Phrase("own", WORDS, rubric.id, rubric.criteria[0].id, tags=("present",))
    desk.save_phrase(phrase)
    return phrase


def popup(hand: Hand) -> PhrasePopup:
    hand.qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), PhrasePopup))
    found = QApplication.activePopupWidget()
    assert isinstance(found, PhrasePopup)
    hand.qtbot.waitUntil(lambda: found.list.count() > 0)
    return found


def insert(hand: Hand, field: Writing, query: str = "pupils write") -> None:
    QTest.keyClick(field, Qt.Key.Key_Slash)
    asked = popup(hand)
    asked.field.setText(query)
    QTest.keyClick(asked.field, Qt.Key.Key_Return)
    hand.settle()


def writing(hand: Hand, title: str = "What is there") -> Writing:
    field = hand.enter(title)
    assert isinstance(field, Writing)
    return field


def test_a_slash_in_an_empty_place_opens_the_bank_and_types_nothing(hand: Hand, bank: Phrase) -> None:
    field = writing(hand)
    QTest.keyClick(field, Qt.Key.Key_Slash)
    assert popup(hand).list.chosen is not None
    assert field.toPlainText() == ""


@pytest.mark.parametrize("before", ["and", "https:", "1"])
def test_a_slash_within_a_word_or_an_address_stays_one(hand: Hand, bank: Phrase, before: str) -> None:
    field = writing(hand)
    QTest.keyClicks(field, f"{before}/or")
    assert field.toPlainText() == f"{before}/or"
    assert QApplication.activePopupWidget() is None


def test_where_single_keys_are_off_a_slash_is_a_slash(hand: Hand, bench: Workbench, bank: Phrase) -> None:
    bench.actions_table.set_keys({}, single_keys=False)
    field = writing(hand)
    QTest.keyClick(field, Qt.Key.Key_Slash)
    assert field.toPlainText() == "/"
    bench.run("phrase")
    assert popup(hand).isVisible()


def test_what_is_for_reviewers_or_for_oneself_takes_no_phrases(hand: Hand, bank: Phrase) -> None:
    field = writing(hand, "Notes")
    QTest.keyClick(field, Qt.Key.Key_Slash)
    assert field.toPlainText() == "/"


def test_a_phrase_goes_in_with_its_first_placeholder_selected_and_tab_goes_on(
    hand: Hand, bank: Phrase
) -> None:
    field = writing(hand)
    insert(hand, field)
    assert field.toPlainText() == WORDS
    assert field.textCursor().selectedText() == "[minute]"
    QTest.keyClicks(field, "02:13")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert field.textCursor().selectedText() == "[who]"
    QTest.keyClicks(field, "anybody")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus()
    assert field.toPlainText() == "At 02:13 pupils 🙂 write before anybody speaks."


def test_undo_takes_a_phrase_back_in_one_step(hand: Hand, bench: Workbench, bank: Phrase, draft: str) -> None:
    field = hand.write("What is there", "First my own words. ")
    assert isinstance(field, Writing)
    insert(hand, field)
    hand.leave()
    bench.run("undo")
    criterion = hand.settle().rubric.criteria[0].id
    assert hand.case.sheet.text(TextField.PRESENT, criterion).strip() == "First my own words."


def test_taking_a_phrase_is_counted(hand: Hand, desk: Desk, bank: Phrase) -> None:
    insert(hand, writing(hand))
    (own,) = [one for one in desk.phrases() if one.scope is Scope.PERSONAL]
    assert own.used == 1


def test_escape_leaves_the_text_as_it_was_and_the_cursor_in_it(hand: Hand, bank: Phrase) -> None:
    field = writing(hand)
    QTest.keyClick(field, Qt.Key.Key_Slash)
    QTest.keyClick(popup(hand).field, Qt.Key.Key_Escape)
    hand.qtbot.waitUntil(field.hasFocus)
    assert field.toPlainText() == ""


def test_selected_words_are_kept_for_this_criterion(
    hand: Hand, bench: Workbench, coaching: CoachingPane, desk: Desk
) -> None:
    field = hand.write("What to try next", "Let every pupil write at [minute].")
    field.moveCursor(QTextCursor.MoveOperation.Start)
    field.moveCursor(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    bench.run("keep_phrase")
    asking = bench.findChild(PhraseDialog)
    assert asking is not None
    with hand.qtbot.waitSignal(asking.kept):
        asking.keep.click()
    (own,) = [one for one in desk.phrases() if one.scope is Scope.PERSONAL]
    assert own.text == "Let every pupil write at [minute]."
    assert (own.criterion, own.tags) == (coaching.current_criterion, ("try_next",))


def test_what_cannot_be_a_phrase_says_why(hand: Hand, bench: Workbench, coaching: CoachingPane) -> None:
    asking = PhraseDialog(hand.session, Phrase("", "A [broken placeholder"), (ANYWHERE,), bench)
    assert not asking.keep.isEnabled()
    assert "placeholder is written [like this]" in asking.hint.text()
    asking.words.setPlainText("A [whole placeholder]")
    assert asking.keep.isEnabled()


def test_the_bank_is_looked_after_in_one_dialog(
    hand: Hand, bench: Workbench, bank: Phrase, desk: Desk, tmp_path: Path
) -> None:
    bench.run("phrases")
    dialog = bench.findChild(PhraseBankDialog)
    assert dialog is not None
    dialog.wanted.setText("pupils write before")
    hand.qtbot.waitUntil(lambda: dialog.list.chosen is not None and dialog.list.chosen.id == "own")
    out = tmp_path / "own.csv"
    dialog.export_to(out)
    hand.qtbot.waitUntil(lambda: "Exported 1 phrase" in dialog.told.text())
    dialog.remove.click()
    hand.qtbot.waitUntil(lambda: dialog.list.count() == 0)
    dialog.import_from(out)
    hand.qtbot.waitUntil(lambda: dialog.list.count() == 1)
    assert [one.text for one in desk.phrases() if one.scope is Scope.PERSONAL] == [WORDS]


def test_a_phrase_of_the_programme_stays_as_it_is(
    hand: Hand, bench: Workbench, coaching: CoachingPane
) -> None:
    bench.run("phrases")
    dialog = bench.findChild(PhraseBankDialog)
    assert dialog is not None
    hand.qtbot.waitUntil(lambda: dialog.list.count() > 0)
    assert not dialog.remove.isEnabled()
    assert dialog.change.text() == "Make my own of it…"
