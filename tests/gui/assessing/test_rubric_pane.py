"""The rubric pane: levels, texts, findings, the completeness check; and that no word goes astray."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import replace_evidence, usual

from assessor_desk.desk import Desk, longest
from assessor_desk.domain.anchor import Whole
from assessor_desk.domain.errors import DeskError, Refused, Unavailable
from assessor_desk.domain.review import TextField
from assessor_desk.domain.submission import ReasonCode
from assessor_desk.domain.text_fields import LONGEST_TEXT
from assessor_desk.gui import theme
from assessor_desk.gui.controls import Chip
from assessor_desk.gui.panes.rubric import RubricPane
from assessor_desk.gui.panes.rubric.criterion_card import CriterionCard
from assessor_desk.gui.workbench import Workbench
from assessor_desk.gui.writing.banner import Banner
from assessor_desk.gui.writing.finding_lines import FindingLines
from assessor_desk.gui.writing.sheet_page import SheetPage

OVERALL = (
    "Your plan asks one question that every pupil answers before anybody speaks, and the answers decide what the next "
    "ten minutes are for. Across the criteria the evidence shows the same habit: you look first and act afterwards, "
    "and pupils know that their answers change the lesson."
)
Failing = Callable[[str, DeskError], Callable[[], None]]


def card(pane: QWidget, number: int) -> CriterionCard:
    return next(one for one in pane.findChildren(CriterionCard) if one.number == number)


def sentences(pane: QWidget) -> list[str]:
    lines = [one for one in pane.findChildren(FindingLines) if one.isVisible()]
    return [sentence for one in lines for sentence in one.sentences]


@pytest.fixture
def scoring(hand: Hand, pane: RubricPane) -> RubricPane:
    """The pane with the completeness check done."""
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    return pane


# The completeness check


def test_before_the_check_nothing_can_be_scored(hand: Hand, pane: RubricPane) -> None:
    assert not any(one.isVisible() for one in pane.findChildren(CriterionCard))
    assert not hand.seen(QPushButton, "Record the check")[0].isEnabled()
    hand.tick(hand.seen(QRadioButton, "Everything is here")[0])
    hand.press("Record the check")
    assert hand.settle().review.completeness == ()
    assert all(one.isVisible() for one in pane.findChildren(CriterionCard))
    assert not hand.seen(QPushButton, "Record the check")


def test_after_the_check_the_first_criterion_is_seen_from_its_top(hand: Hand, pane: RubricPane) -> None:
    hand.tick(hand.seen(QRadioButton, "Everything is here")[0])
    bar = pane.page._scroll.verticalScrollBar()
    bar.setValue(bar.maximum())
    hand.press("Record the check")
    hand.settle()
    hand.qtbot.waitUntil(lambda: bar.value() == 0)
    assert bar.maximum() > 0


def test_after_the_check_keys_go_into_no_text(hand: Hand, pane: RubricPane) -> None:
    hand.tick(hand.seen(QRadioButton, "Everything is here")[0])
    record = hand.seen(QPushButton, "Record the check")[0]
    record.setFocus()
    QTest.mouseClick(record, Qt.MouseButton.LeftButton)
    hand.settle()
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClicks(focused, "a3")
    assert not isinstance(focused, QPlainTextEdit)
    assert hand.settle().review.notes == ""


def test_space_after_a_click_on_a_level_changes_no_score(hand: Hand, scoring: RubricPane) -> None:
    hand.enter("Rationale")
    column = card(scoring, 1).levels.columns[2]
    QTest.mouseClick(column, Qt.MouseButton.LeftButton)
    assert hand.settle().review.work(card(scoring, 1).criterion.id).level == column.level.id
    focused = QApplication.focusWidget()
    assert focused is not None
    assert not isinstance(focused, QPlainTextEdit)
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert hand.settle().review.work(card(scoring, 1).criterion.id).level == column.level.id


def test_a_missing_part_is_named_before_the_check_is_recorded(hand: Hand, pane: RubricPane) -> None:
    hand.tick(hand.seen(QRadioButton, "Something is missing")[0])
    hand.tick(hand.seen(QCheckBox, "A part is missing")[0])
    assert not hand.seen(QPushButton, "Record the check")[0].isEnabled()
    hand.tick(hand.seen(QCheckBox, "Reflection")[0])
    hand.press("Record the check")
    review = hand.settle().review
    assert (review.completeness, review.missing_parts) == (("missing_part",), ("reflection",))
    assert any(one.text() == "Incomplete: a part is missing: reflection" for one in hand.seen(QLabel, ""))
    hand.press("Change the completeness check")
    assert hand.seen(QCheckBox, "Reflection")[0].isChecked()


def test_an_incomplete_submission_asks_for_reasons_and_the_overall_feedback_only(
    hand: Hand, pane: RubricPane
) -> None:
    hand.tick(hand.seen(QRadioButton, "Something is missing")[0])
    assert not hand.seen(QPushButton, "Record the check")[0].isEnabled()
    reasons = hand.seen(QCheckBox, "")
    assert len(reasons) == len(ReasonCode)
    hand.tick(reasons[1])
    hand.press("Record the check")
    assert len(hand.settle().review.completeness or ()) == 1
    assert not any(one.isVisible() for one in pane.findChildren(CriterionCard))
    assert hand.field("Overall feedback").isVisible()


def test_the_check_can_be_thought_over_while_other_work_goes_on(hand: Hand, scoring: RubricPane) -> None:
    hand.press("Change the completeness check")
    hand.tick(hand.seen(QRadioButton, "Something is missing")[0])
    hand.act(lambda desk: desk.draft_text(hand.shown_id, TextField.NOTES, "beside"))
    assert hand.seen(QRadioButton, "Something is missing")[0].isChecked()
    assert hand.case.review.completeness == ()


def test_an_answer_not_recorded_yet_stays_while_notes_are_written(hand: Hand, pane: RubricPane) -> None:
    hand.tick(hand.seen(QRadioButton, "Something is missing")[0])
    hand.tick(hand.seen(QCheckBox, "")[1])
    hand.write("Notes", "The photograph is dark")
    hand.leave()
    assert hand.seen(QRadioButton, "Something is missing")[0].isChecked()
    assert [box.isChecked() for box in hand.seen(QCheckBox, "")].count(True) == 1


def test_go_there_opens_the_check_that_is_still_to_be_done(hand: Hand, pane: RubricPane) -> None:
    (missing,) = [one for one in hand.case.findings if "completeness" in one.sentence]
    pane.show_finding(missing)
    assert hand.seen(QRadioButton, "Everything is here")[0].hasFocus()


# Levels


def test_a_digit_chooses_the_level_of_the_current_criterion(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    first, second = hand.open(own_id).rubric.criteria[:2]
    bench.rubric.setFocus()
    QTest.keyClick(bench, Qt.Key.Key_3)
    hand.settle()
    QTest.keyClick(bench, Qt.Key.Key_J)
    QTest.keyClick(bench, Qt.Key.Key_1)
    assert hand.settle().review.levels == {first.id: first.levels[2].id, second.id: second.levels[0].id}


def test_digits_typed_into_a_text_choose_nothing(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    hand.open(own_id)
    hand.write("Rationale", "3 of 24 answer, 2 of them twice; j k a")
    review = hand.leave().review
    assert review.levels == {}
    assert review.anchors == ()
    assert hand.field("Rationale").toPlainText() == "3 of 24 answer, 2 of them twice; j k a"


def test_choosing_the_chosen_level_again_takes_it_back(hand: Hand, scoring: RubricPane) -> None:
    first = card(scoring, 1)
    QTest.mouseClick(first.levels.columns[1], Qt.MouseButton.LeftButton)
    assert len(hand.settle().review.levels) == 1
    QTest.mouseClick(first.levels.columns[1], Qt.MouseButton.LeftButton)
    assert hand.settle().review.levels == {}


def test_every_descriptor_is_wholly_in_sight(hand: Hand, scoring: RubricPane) -> None:
    scoring.resize(380, 700)
    QApplication.processEvents()
    for column in card(scoring, 1).levels.columns:
        assert column.height() >= column.layout().heightForWidth(column.width())


def test_a_passing_level_asks_for_an_extension_and_a_next_step_can_still_be_written(
    hand: Hand, scoring: RubricPane
) -> None:
    scoring.choose_digit(3)
    hand.settle()
    assert hand.field("If you like (extension)")
    hand.press("+ Next step")
    hand.write("Next step", "Ask the quiet table first.")
    work = hand.leave().review.work(scoring.current_criterion)
    assert work.text(TextField.NEXT_STEP) == "Ask the quiet table first."


def test_the_rubrics_evidence_can_be_inserted_where_the_cursor_stands(
    hand: Hand, scoring: RubricPane
) -> None:
    scoring.choose_digit(1)
    hand.settle()
    hand.write("Evidence that would show it", "Another")
    (offer,) = hand.seen(QPushButton, "Evidence that would show it: ")
    titles = [entry.text() for entry in offer.menu().actions()]
    assert "Lesson plan" in titles
    offer.menu().actions()[titles.index("Lesson plan")].trigger()
    work = hand.leave().review.work(scoring.current_criterion)
    assert work.text(TextField.WOULD_SHOW) == "Another Lesson plan"


# Texts


def test_typed_text_is_a_durable_draft_within_300_ms_and_an_entry_after_leaving(
    hand: Hand, scoring: RubricPane
) -> None:
    hand.enter("Rationale")
    begun = time.monotonic()
    QTest.keyClicks(hand.field("Rationale"), "Quokka")
    drafts: list[str] = []

    def is_a_draft() -> bool:
        with hand.desk.store.reading() as view:
            drafts[:] = [one.text for one in view.drafts(hand.case.review.id)]
        return drafts == ["Quokka"]

    hand.qtbot.waitUntil(is_a_draft, timeout=2_000)
    # The field sends after 200 ms; the rest is this machine's leisure.
    assert time.monotonic() - begun < 1
    hand.leave()
    assert not is_a_draft()
    assert hand.case.review.work(scoring.current_criterion).text(TextField.RATIONALE) == "Quokka"


def test_two_quiet_seconds_make_an_entry_without_leaving(hand: Hand, scoring: RubricPane) -> None:
    hand.write("Rationale", "Quokka")
    hand.qtbot.wait(2_300)
    hand.settle()
    with hand.desk.store.reading() as view:
        assert list(view.drafts(hand.case.review.id)) == []
    assert hand.field("Rationale").hasFocus()
    assert hand.case.can_undo


def test_text_typed_while_an_older_case_arrives_is_not_overwritten(hand: Hand, scoring: RubricPane) -> None:
    field = hand.write("Rationale", "As it was")
    hand.leave()
    hand.enter("Rationale")
    older = hand.case
    QTest.keyClicks(field, " and as it is")
    text = field.toPlainText()
    hand.session.case = older
    hand.session.case_changed.emit()
    assert field.toPlainText() == text
    hand.leave()
    assert hand.field("Rationale").toPlainText() == text


def test_the_last_words_typed_before_it_is_taken_back_are_kept(hand: Hand, scoring: RubricPane) -> None:
    hand.write("Rationale", "As it was.")
    hand.leave()
    field = hand.enter("Rationale")
    field._draft_timer.setInterval(60_000)  # as if it were taken back before the next draft goes out
    QTest.keyClicks(field, "Not to be lost")
    text = field.toPlainText()
    hand.desk.store.set_aside([hand.case.assignment.id])
    hand.session.refresh()
    hand.settle()
    hand.settle()
    assert hand.case.set_aside
    assert field.isReadOnly()
    with hand.desk.store.reading() as view:
        assert [one.text for one in view.drafts(hand.case.review.id)] == [text]
    assert hand.notices.sentences == []
    assert hand.session.unwritten == ""


def test_words_that_came_too_late_for_a_seal_elsewhere_stay_in_their_field(
    hand: Hand, scoring: RubricPane, failing: Failing
) -> None:
    failing("keep_text", Refused("The review is sealed and stays as it is"))
    field = hand.enter("Rationale")
    field._draft_timer.setInterval(60_000)
    QTest.keyClicks(field, "Not to be lost")
    hand.desk.store.set_aside([hand.case.assignment.id])
    hand.session.refresh()
    hand.settle()
    hand.settle()
    assert field.toPlainText() == "Not to be lost"
    assert "Not to be lost" in hand.session.unwritten


def test_what_is_typed_and_deleted_again_stays_deleted(hand: Hand, scoring: RubricPane) -> None:
    field = hand.write("Rationale", "x")
    hand.qtbot.wait(300)
    hand.settle()
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    hand.leave()
    assert field.toPlainText() == ""
    assert hand.case.review.work(scoring.current_criterion).text(TextField.RATIONALE) == ""


def test_a_text_the_desk_cannot_take_stays_in_its_field_and_goes_out_later(
    hand: Hand, scoring: RubricPane, failing: Failing
) -> None:
    mend = failing("write_text", Unavailable("The disk is full"))
    hand.write("Rationale", "Not to be lost")
    hand.leave()
    assert hand.field("Rationale").toPlainText() == "Not to be lost"
    assert hand.notices.sentences == ["The disk is full."]
    mend()
    hand.enter("Rationale")
    work = hand.leave().review.work(scoring.current_criterion)
    assert work.text(TextField.RATIONALE) == "Not to be lost"


def test_what_is_too_much_for_a_text_is_not_put_in_and_told_at_once(hand: Hand, scoring: RubricPane) -> None:
    field = hand.write("Rationale", "Quokka ")
    clipboard = QApplication.clipboard()
    clipboard.setText("w" * LONGEST_TEXT)
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    (told,) = hand.notices.sentences
    assert told == ("A text has 100,000 characters at most; this one would have 100,007. Nothing was put in.")
    assert (field.toPlainText(), clipboard.text()) == ("Quokka ", "w" * LONGEST_TEXT)
    clipboard.setText("w" * (LONGEST_TEXT - len("Quokka ")))
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    whole = field.toPlainText()
    assert len(whole) == LONGEST_TEXT
    hand.notices.clear()
    QTest.keyClicks(field, "x")
    commit = QInputMethodEvent()
    commit.setCommitString("日本")
    QApplication.sendEvent(field, commit)
    assert [one.split("; ")[1][:30] for one in hand.notices.sentences] == [
        "this one would have 100,001. N",
        "this one would have 100,002. N",
    ]
    assert field.toPlainText() == whole
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClicks(field, "x")
    work = hand.leave().review.work(scoring.current_criterion)
    assert work.text(TextField.RATIONALE) == f"{whole[:-1]}x"


def test_what_is_dragged_to_where_it_is_too_much_stays_where_it_was(hand: Hand, scoring: RubricPane) -> None:
    field = hand.enter("Rationale")
    field.setPlainText("w" * LONGEST_TEXT)
    words = QMimeData()
    words.setText("Words of another field")
    how = (Qt.DropAction.MoveAction, words, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)

    def drop() -> bool:
        """Whether it was taken, and so is removed where it was."""
        QApplication.sendEvent(field.viewport(), QDragEnterEvent(QPoint(5, 5), *how))
        event = QDropEvent(QPointF(5, 5), *how)
        QApplication.sendEvent(field.viewport(), event)
        return event.isAccepted() and event.dropAction() is Qt.DropAction.MoveAction

    assert not drop()
    assert len(hand.notices.sentences) == 1
    assert field.toPlainText() == "w" * LONGEST_TEXT
    field.setPlainText("Nothing much.")
    assert drop()
    assert "Words of another field" in field.toPlainText()


def test_a_longer_text_from_before_is_shown_and_made_shorter_in_its_field(
    hand: Hand, scoring: RubricPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    criterion, text = scoring.current_criterion, "w" * (LONGEST_TEXT + 3)
    with monkeypatch.context() as before:
        before.setattr(longest, "LONGEST_TEXT", 10**9)
        hand.act(lambda desk: desk.write_text(hand.shown_id, TextField.RATIONALE, text, criterion))
    field = hand.enter("Rationale")
    assert field.toPlainText() == text
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, "x")
    assert hand.leave().review.work(criterion).text(TextField.RATIONALE) == text[1:]
    assert len(hand.notices.sentences) == 1


def test_going_to_another_criterion_makes_an_entry(hand: Hand, scoring: RubricPane) -> None:
    first = scoring.current_criterion
    hand.write("Rationale", "Quokka")
    scoring.step_criterion(1)
    assert hand.settle().review.work(first).text(TextField.RATIONALE) == "Quokka"


def test_switching_quickly_never_writes_into_the_wrong_submission(hand: Hand, scoring: RubricPane) -> None:
    one, other = hand.shown_id, hand.given(usual("91BB-02"))
    hand.desk.record_completeness(other)
    expected = {one: "", other: ""}
    for turn in range(6):
        here, there = (one, other) if turn % 2 == 0 else (other, one)
        hand.open(here)
        scoring.activate(hand.case.rubric.criteria[0].id)
        hand.write("Rationale", f"{hand.case.submission.key} {turn}. ")
        hand.session.select(there)
        # The old case is still in front while the new one is read: this too belongs to the old one.
        QTest.keyClicks(hand.field("Rationale"), "late")
        expected[here] = hand.field("Rationale").toPlainText()
        hand.qtbot.waitUntil(lambda wanted=there: hand.shown_id == wanted)
        hand.settle()
    for own_id, words in expected.items():
        works = hand.desk.case(own_id).review.works.values()
        assert [work.text(TextField.RATIONALE) for work in works] == [words]
        assert hand.desk.case(own_id).submission.key in words


def test_cards_of_a_rubric_serve_the_next_submission_and_keep_nothing_of_the_one_before(
    hand: Hand, scoring: RubricPane
) -> None:
    here, there = hand.shown_id, hand.given(usual("7F3A-22"))
    first, second = card(scoring, 1), card(scoring, 2)
    scoring.activate(first.criterion.id)
    hand.act(lambda desk: desk.record_score(here, first.criterion.id, first.criterion.passing))
    hand.press("+ Next step")
    hand.write("Next step", "Only here.")
    hand.leave()
    scoring.activate(second.criterion.id)
    hand.write("Rationale", "Words of the first submission.")
    hand.open(there)
    assert card(scoring, 1) is first
    assert hand.seen(QPlainTextEdit, "Rationale,") == []
    assert not scoring.isAncestorOf(hand.window.focusWidget()) or not isinstance(
        hand.window.focusWidget(), QPlainTextEdit
    )
    hand.act(lambda desk: desk.record_completeness(there))
    hand.act(lambda desk: desk.record_score(there, first.criterion.id, first.criterion.passing))
    assert scoring.current_criterion == first.criterion.id
    assert hand.field("Rationale").toPlainText() == ""
    assert hand.seen(QPlainTextEdit, "Next step,") == []
    hand.write("Rationale", "Words of the second.")
    hand.leave()
    hand.open(here)
    scoring.activate(first.criterion.id)
    assert hand.field("Next step").toPlainText() == "Only here."
    assert (
        hand.desk.case(there).review.work(first.criterion.id).text(TextField.RATIONALE)
        == "Words of the second."
    )
    assert hand.desk.case(here).review.work(second.criterion.id).text(TextField.RATIONALE) == (
        "Words of the first submission."
    )


def test_an_answer_begun_in_one_submission_is_none_in_the_next(hand: Hand, pane: RubricPane) -> None:
    hand.tick(hand.seen(QRadioButton, "Something is missing")[0])
    hand.tick(hand.seen(QCheckBox, "")[1])
    hand.open(hand.given(usual("7F3A-22")))
    assert not any(one.isChecked() for one in hand.seen(QRadioButton, ""))
    hand.tick(hand.seen(QRadioButton, "Something is missing")[0])
    assert not any(one.isChecked() for one in hand.seen(QCheckBox, ""))


def test_very_long_and_right_to_left_texts_grow_their_field(hand: Hand, scoring: RubricPane) -> None:
    field = hand.enter("Rationale")
    before = field.height()
    words = "ينتظر التلاميذ دورهم ثم يكتب كل واحد إجابته على اللوح. " * 40 + "Unbreakable" * 60
    field.insertPlainText(words)
    QApplication.processEvents()
    assert field.height() > 10 * before
    assert field.verticalScrollBar().maximum() == 0
    assert field.width() <= scoring.width()
    assert hand.leave().review.work(scoring.current_criterion).text(TextField.RATIONALE) == words


# Undo


def test_undo_and_redo_from_the_window(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    hand.open(own_id)
    field = hand.write("Rationale", "First.")
    hand.leave()
    hand.enter("Rationale")
    QTest.keyClicks(field, " Second.")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    hand.settle()
    assert field.toPlainText() == "First."
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    hand.settle()
    assert field.toPlainText() == ""
    QTest.keyClick(
        field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    hand.settle()
    assert field.toPlainText() == "First."


# Findings


def test_a_finding_stands_at_its_field_and_goes_when_mended(hand: Hand, scoring: RubricPane) -> None:
    scoring.choose_digit(1)
    hand.settle()
    assert "Give a next step towards the next level" in sentences(scoring)
    (wanted,) = [one for one in hand.case.findings if one.field is TextField.NEXT_STEP]
    scoring.show_finding(wanted)
    assert hand.field("Next step").hasFocus()
    hand.write("Next step", "Have everybody commit to an answer before the first one is heard.")
    hand.leave()
    assert "Give a next step towards the next level" not in sentences(scoring)


def test_go_there_brings_the_field_into_sight_and_writing_keeps_it_there(
    hand: Hand, scoring: RubricPane
) -> None:
    scoring.resize(400, 420)
    scoring.choose_digit(1)
    hand.settle()
    (wanted,) = [one for one in hand.case.findings if one.field is TextField.WOULD_SHOW]
    scoring.show_finding(wanted)
    field = hand.field("Evidence that would show it")

    def cursor_in_sight() -> bool:
        return field.viewport().visibleRegion().contains(field.cursorRect().center())

    hand.qtbot.waitUntil(cursor_in_sight)
    assert field.hasFocus()
    field.insertPlainText("Another lesson video, from the question to what comes of it.\n" * 12)
    hand.qtbot.waitUntil(cursor_in_sight)


@pytest.mark.parametrize("height", [420, 470, 520, 560])
def test_what_is_told_below_the_text_being_written_is_not_half_hidden_by_the_foot(
    hand: Hand, scoring: RubricPane, height: int
) -> None:
    scoring.resize(400, height)
    scoring.choose_digit(3)
    hand.settle()
    hand.write("Rationale", "Short.")
    hand.settle()
    (field,) = hand.seen(QPlainTextEdit, "Rationale,")
    hand.qtbot.waitUntil(lambda: any("word about" in one.text() for one in scoring.findChildren(QLabel)))

    def whole() -> bool:
        lines = [
            one for one in scoring.findChildren(QLabel) if "word about" in one.text() and one.isVisible()
        ]
        return bool(lines) and all(one.visibleRegion().boundingRect() == one.rect() for one in lines)

    hand.qtbot.waitUntil(whole)
    assert field.viewport().visibleRegion().contains(field.cursorRect().center())


def test_a_finding_is_kept_with_a_reason(hand: Hand, scoring: RubricPane) -> None:
    scoring.choose_digit(3)
    hand.settle()
    hand.write("Rationale", "Short.")
    hand.leave()
    asked: list[object] = []
    scoring.keep_wanted.connect(asked.append)
    QApplication.processEvents()
    lines = hand.seen(QPushButton, "Keep although: ")
    hand.tick(next(one for one in lines if "word about" in one.accessibleName()))
    (finding,) = asked
    hand.act(lambda desk: desk.keep_finding(hand.shown_id, finding.check, finding.subject, "Nothing to add"))
    (kept,) = [one for one in hand.case.findings if one.kept]
    assert kept.kept == "Nothing to add"
    QApplication.processEvents()
    assert "Change…" in [button.text() for button in hand.seen(QPushButton, "Keep although: ")]


def test_typing_rebuilds_neither_chips_nor_findings(hand: Hand, scoring: RubricPane) -> None:
    own_id = hand.shown_id
    plan = hand.case.submission.artifacts[1].id
    hand.act(lambda desk: desk.place_anchor(own_id, plan, Whole(), "", scoring.current_criterion)[0])
    # What the anchor's arrival replaced is still a child until it is deleted, which may come amid the typing.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    before = scoring.findChildren(Chip) + scoring.findChildren(QAbstractButton)
    hand.write("Notes", "only for me")
    hand.leave()
    QApplication.processEvents()
    assert scoring.findChildren(Chip) + scoring.findChildren(QAbstractButton) == before


# Chips


def test_a_chip_goes_to_its_anchor_and_can_be_taken_from_the_criterion(
    hand: Hand, scoring: RubricPane
) -> None:
    plan = hand.case.submission.artifacts[1].id
    criterion = scoring.current_criterion
    hand.act(lambda desk: desk.place_anchor(hand.shown_id, plan, Whole(), "the plan", criterion)[0])
    gone_to: list[str] = []
    scoring.anchor_activated.connect(gone_to.append)
    hand.qtbot.waitUntil(lambda: bool(hand.seen(Chip, "Anchor, plan.md")))
    (chip,) = hand.seen(Chip, "Anchor, plan.md")
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    (anchor,) = hand.case.review.anchors
    assert gone_to == [anchor.id]
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    review = hand.settle().review
    assert review.work(criterion).anchors == ()
    assert review.anchors == (anchor,)


def test_another_appearance_recolours_what_is_shown(hand: Hand, scoring: RubricPane) -> None:
    plan = hand.case.submission.artifacts[1].id
    hand.act(lambda desk: desk.place_anchor(hand.shown_id, plan, Whole(), "", scoring.current_criterion)[0])
    hand.qtbot.waitUntil(lambda: bool(hand.seen(Chip, "Anchor, plan.md")))
    try:
        theme.apply(theme.Appearance.DARK)
        hand.qtbot.waitUntil(lambda: bool(hand.seen(Chip, "Anchor, plan.md")))
        (chip,) = hand.seen(Chip, "Anchor, plan.md")
        colours = {chip.grab().toImage().pixelColor(14, chip.height() // 2).name()}
        assert colours == {theme.anchor_colour(0).name()}
        links = [label.text() for label in scoring.findChildren(QLabel) if "href" in label.text()]
        assert all(theme.colour("accent").name() in link for link in links)
    finally:
        theme.apply(theme.Appearance.LIGHT)


def test_tab_goes_through_the_pane_from_top_to_bottom(hand: Hand, scoring: RubricPane) -> None:
    plan = hand.case.submission.artifacts[1].id
    scoring.choose_digit(3)
    hand.settle()
    hand.act(lambda desk: desk.place_anchor(hand.shown_id, plan, Whole(), "", scoring.current_criterion)[0])
    hand.qtbot.wait(50)
    card(scoring, 1).levels.columns[0].setFocus()
    heights = []
    for _ in range(12):
        focused = QApplication.focusWidget()
        assert focused is not None
        heights.append((focused.mapTo(scoring, focused.rect().topLeft()).y(), focused.accessibleName()))
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    names = [name for _, name in heights]
    assert names.index("Anchor, plan.md, the whole") < names.index("Rationale, for reviewers")
    assert names.index("Rationale, for reviewers") < names.index("Strength, for the educator")


# Sealed, corrected, replaced


def test_replaced_evidence_asks_for_a_second_look(hand: Hand, scoring: RubricPane) -> None:
    replace_evidence(hand.desk, hand.template, usual("7F3A-21"))
    hand.session.refresh()
    assert hand.settle().version_changed
    banner = scoring.findChild(Banner)
    assert isinstance(banner, Banner)
    assert "“The plan” is another file" in banner.words
    assert "Look at it again" in banner.words
    hand.press("I have looked again")
    assert not hand.settle().version_changed
    assert not banner.isVisible()


def test_what_is_needed_before_sealing_only_becomes_less_while_one_works(
    hand: Hand, pane: RubricPane
) -> None:
    """Parts are counted, not findings: choosing a level below passing wants more texts of the same part."""
    desk, own_id = hand.desk, hand.shown_id
    criteria = hand.case.rubric.criteria
    counts = [len(hand.case.parts_open)]
    assert counts == [len(criteria) + 2]
    steps: list[Callable[[Desk], object]] = [lambda desk: desk.record_completeness(own_id)]
    steps.append(lambda desk: desk.write_text(own_id, TextField.OVERALL, OVERALL))
    _, anchor = desk.place_anchor(own_id, "a1", Whole(), "the exit tickets")
    for number, one in enumerate(criteria):
        level = one.levels[0 if number == 0 else -1].id
        evidence = hand.case.rubric.evidence_for(one.id)[0].title
        steps += [
            lambda desk, one=one, level=level: desk.record_score(own_id, one.id, level),
            lambda desk, one=one: desk.give_anchor(own_id, anchor, one.id),
            *(
                lambda desk, one=one, field=field, words=f"{words} {number}": desk.write_text(
                    own_id, field, words, one.id
                )
                for field, words in (
                    (
                        TextField.RATIONALE,
                        "Each pupil writes an answer before one is heard; the groups follow from it",
                    ),
                    (TextField.STRENGTH, "Nobody can hide behind a raised hand"),
                    (TextField.NEXT_STEP, "Let the pupils choose between two tasks after the exit ticket"),
                    (TextField.WOULD_SHOW, evidence),
                )
            ),
        ]
    for step in steps:
        hand.act(step)
        counts.append(len(hand.case.parts_open))
    assert counts == sorted(counts, reverse=True)
    assert hand.case.blocking == ()
    assert counts[-1] == 0
    page = pane.findChild(SheetPage)
    assert page is not None
    assert "Nothing needed" in page.progress.text()


# The person's keys


def test_levels_and_anchoring_tell_the_keys_in_force(scoring: RubricPane) -> None:
    first = card(scoring, 1)
    assert [column.toolTip() for column in first.levels.columns] == ["Press 1", "Press 2", "Press 3"]
    own = {"level_1": "Q", "level_2": "Alt+2", "anchor": "X"}
    scoring.dress_keys(lambda action_id: own.get(action_id, ""))
    columns = first.levels.columns
    assert [column.toolTip() for column in columns] == ["Press Q", "Press Alt+2", ""]
    titles = [column.findChild(QLabel, "levelTitle") for column in columns]
    assert [title.text().split("  ")[0] for title in titles if title] == [
        "Q",
        columns[1].level.title,
        columns[2].level.title,
    ]
    tips = [button.toolTip() for button in first.findChildren(QPushButton) if button.text() == "+ Anchor"]
    assert tips == ["Anchor what is shown on the left (X)"]
