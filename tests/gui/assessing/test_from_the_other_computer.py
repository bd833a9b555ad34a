"""What arrives from the person's other computer while this one is being worked on: nothing goes without a word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.test_rubric_pane import card

from assessor_desk.domain.anchor import Whole
from assessor_desk.domain.review import Entry, EntryKind, TextField
from assessor_desk.gui.dialogs.name_anchor import NameAnchorDialog
from assessor_desk.gui.panes.rubric import RubricPane
from assessor_desk.gui.workbench import Workbench
from assessor_desk.gui.writing.text_block import TextBlock
from assessor_desk.gui.writing.two_answers import TwoAnswers

OVERALL = TextField.OVERALL


def arrive(hand: Hand, kind: EntryKind, data: dict[str, Any]) -> None:
    """As the round takes it in: an entry of the other computer's, which had seen nothing of what stands here."""
    case, store = hand.desk.case(hand.shown_id), hand.desk.store
    with store.reading() as view:
        counter = view.highest_counter() + 1
    at = case.saved_at + timedelta(minutes=1)
    entry = Entry(
        f"there {counter}", case.sheet.id, kind, {**data, "replaces": []}, at, "home", counter, f"s{counter}"
    )
    with store.transaction() as work:
        work.travelling.take([], [entry])
        work.commit()


def overall(pane: RubricPane) -> TextBlock:
    return next(one for one in pane.findChildren(TextBlock) if one.field.title == "Overall feedback")


def test_a_text_that_arrives_between_the_first_key_and_the_first_draft_was_not_seen(
    hand: Hand, pane: RubricPane
) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    field = overall(pane).field
    field.setFocus()
    QTest.keyClicks(field, "Y")
    arrive(hand, EntryKind.TEXT_WRITTEN, {"field": OVERALL.value, "criterion": "", "text": "From home."})
    hand.session.refresh()
    field.flush()  # also without any draft before it
    hand.settle()
    (stand,) = hand.desk.case(hand.shown_id).sheet.disputed.values()
    assert {one.text for one in stand} == {"Y", "From home."}


def test_a_text_that_was_shown_before_typing_began_is_replaced(hand: Hand, pane: RubricPane) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    arrive(hand, EntryKind.TEXT_WRITTEN, {"field": OVERALL.value, "criterion": "", "text": "From home."})
    hand.session.refresh()
    hand.settle()
    field = overall(pane).field
    assert field.toPlainText() == "From home."
    field.setFocus()
    for words in (" And", " here."):
        field.moveCursor(field.textCursor().MoveOperation.End)
        QTest.keyClicks(field, words)
        field.flush()
    hand.settle()
    sheet = hand.desk.case(hand.shown_id).sheet
    assert (sheet.text(OVERALL), sheet.disputed) == ("From home. And here.", {})


def test_two_levels_stand_in_the_criterions_card_until_one_is_kept(hand: Hand, pane: RubricPane) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    criterion = hand.case.rubric.criteria[0]
    hand.act(lambda desk: desk.record_score(hand.shown_id, criterion.id, criterion.levels[0].id))
    arrive(hand, EntryKind.SCORE_RECORDED, {"criterion": criterion.id, "level": criterion.levels[-1].id})
    hand.session.refresh()
    hand.settle()
    panel = card(pane, 1).findChild(TwoAnswers)
    assert panel.isVisible()
    told = " ".join(label.text() for label in panel.findChildren(QLabel))
    assert "Two levels were chosen" in told
    assert criterion.levels[0].title in told
    assert "This computer" in told
    assert card(pane, 1).pill.text == "two levels"
    assert any(one.check == "D1" and one.blocks for one in hand.case.findings)
    keep = next(
        one for one in panel.findChildren(QPushButton) if criterion.levels[0].title in one.accessibleName()
    )
    QTest.mouseClick(keep, Qt.MouseButton.LeftButton)
    hand.settle()
    assert panel.isHidden()
    assert hand.case.review.levels == {criterion.id: criterion.levels[0].id}
    assert hand.case.sheet.chosen_twice == {}


def test_both_can_still_be_read_where_the_review_was_set_aside(hand: Hand, pane: RubricPane) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    criterion = hand.case.rubric.criteria[0]
    hand.act(lambda desk: desk.record_score(hand.shown_id, criterion.id, criterion.levels[0].id))
    hand.act(lambda desk: desk.write_text(hand.shown_id, OVERALL, "From school."))
    arrive(hand, EntryKind.SCORE_RECORDED, {"criterion": criterion.id, "level": criterion.levels[-1].id})
    arrive(hand, EntryKind.TEXT_WRITTEN, {"field": OVERALL.value, "criterion": "", "text": "From home."})
    hand.desk.store.set_aside([hand.case.assignment.id])
    hand.session.refresh()
    hand.settle()
    assert hand.case.set_aside
    assert card(pane, 1).pill.text == "two levels"
    for panel in (card(pane, 1).findChild(TwoAnswers), overall(pane).two_texts):
        assert not panel.isHidden()
        assert not [one for one in panel.findChildren(QPushButton) if one.isVisible()]
    assert set(overall(pane).two_texts.texts) == {"From school.", "From home."}


def test_two_answers_to_the_completeness_check_stand_above_the_cards(hand: Hand, pane: RubricPane) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    arrive(hand, EntryKind.COMPLETENESS_CHECKED, {"incomplete": ["unreadable"]})
    hand.session.refresh()
    hand.settle()
    assert pane.answers.isVisible()
    pane.show_finding(next(one for one in hand.case.findings if one.check == "D1"))
    keep = next(one for one in pane.answers.findChildren(QPushButton) if "Everything" in one.accessibleName())
    QTest.keyClick(keep, Qt.Key.Key_Space)
    hand.settle()
    assert pane.answers.isHidden()
    assert hand.case.review.completeness == ()


def test_go_there_leads_to_the_two_texts(hand: Hand, pane: RubricPane) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    hand.act(lambda desk: desk.write_text(hand.shown_id, OVERALL, "From school."))
    arrive(hand, EntryKind.TEXT_WRITTEN, {"field": OVERALL.value, "criterion": "", "text": "From home."})
    hand.session.refresh()
    hand.settle()
    pane.show_finding(next(one for one in hand.case.findings if one.check == "D1"))
    focused = hand.window.focusWidget()
    assert isinstance(focused, QPushButton)
    assert not focused.visibleRegion().isEmpty()
    assert overall(pane).two_texts.isAncestorOf(focused)


def test_a_text_that_came_before_the_window_knew_of_it_stays_beside_the_one_that_is_kept(
    hand: Hand, pane: RubricPane
) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    hand.act(lambda desk: desk.write_text(hand.shown_id, OVERALL, "From school."))
    place = {"field": OVERALL.value, "criterion": ""}
    arrive(hand, EntryKind.TEXT_WRITTEN, {**place, "text": "From home."})
    hand.session.refresh()
    hand.settle()
    two = overall(pane).two_texts
    assert set(two.texts) == {"From school.", "From home."}
    arrive(hand, EntryKind.TEXT_WRITTEN, {**place, "text": "Nobody saw this."})
    keep = next(one for one in two.findChildren(QPushButton) if "this computer" in one.accessibleName())
    QTest.mouseClick(keep, Qt.MouseButton.LeftButton)
    hand.settle()
    assert not two.isHidden()
    assert set(two.texts) == {"From school.", "Nobody saw this."}
    assert any("stands beside what came in" in told for told in hand.notices.sentences)


def test_a_line_named_in_a_box_takes_no_other_s_place_that_came_while_the_box_was_open(
    hand: Hand, pane: RubricPane, bench: Workbench
) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    hand.act(lambda desk: desk.place_anchor(hand.shown_id, "a1", Whole(), "the plan")[0])
    (anchor,) = hand.case.sheet.anchors
    box = NameAnchorDialog(hand.session, hand.shown_id, anchor, bench)
    box.open()
    arrive(hand, EntryKind.ANCHOR_NAMED, {"anchor": anchor.id, "note": "from home"})
    hand.session.refresh()
    hand.settle()
    box.field.setText("the plan, page one")
    box.go.click()
    hand.settle()
    (stand,) = hand.case.sheet.chosen_twice.values()
    assert {one.says for one in stand} == {("from home",), ("the plan, page one",)}


def test_a_level_that_came_before_the_window_knew_of_it_stays_beside_the_one_chosen_anew(
    hand: Hand, pane: RubricPane
) -> None:
    hand.act(lambda desk: desk.record_completeness(hand.shown_id))
    criterion = hand.case.rubric.criteria[0]
    first, second, *_, last = (one.id for one in criterion.levels)
    hand.act(lambda desk: desk.record_score(hand.shown_id, criterion.id, first))
    arrive(hand, EntryKind.SCORE_RECORDED, {"criterion": criterion.id, "level": last})
    pane.activate(criterion.id)
    card(pane, 1).levels.level_chosen.emit(second)
    hand.settle()
    (stand,) = hand.case.sheet.chosen_twice.values()
    assert {one.data["level"] for one in stand} == {second, last}
    assert card(pane, 1).findChild(TwoAnswers).isVisible()
    card(pane, 1).levels.level_chosen.emit(first)
    hand.settle()
    assert hand.case.sheet.chosen_twice == {}
