"""What was found in artifacts stands in the completeness check, is accepted or dismissed there, and taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import usual

from assessor_desk.desk.answers import Case
from assessor_desk.domain.preflight import GIVEN_UP, Judged, PreflightFinding, Severity
from assessor_desk.gui.panes.rubric import RubricPane
from assessor_desk.store.preflights import Unseen

SILENT = PreflightFinding("silent", Severity.LOOK, "“board.png” is silent: its sound holds nothing to hear.")
FACT = PreflightFinding("is", Severity.FACT, "PNG picture, 300 × 200 pixels.")


@pytest.fixture
def case(hand: Hand, pane: RubricPane) -> Case:
    own_id = hand.given(usual("FO-01"))
    with hand.desk.store.transaction() as work:
        work.preflights.keep(Unseen(own_id, "a2", ""), [SILENT, FACT], "")
        work.commit()
    return hand.open(own_id)


def words(hand: Hand) -> list[str]:
    return [each.text() for each in hand.window.findChildren(QLabel) if each.isVisible()]


def test_a_finding_is_accepted_suggests_its_reason_and_is_taken_back(hand: Hand, case: Case) -> None:
    assert SILENT.sentence in words(hand)
    assert FACT.sentence not in words(hand)
    hand.press(f"Accept: {SILENT.sentence}")
    after = hand.settle()
    assert [one.judged for one in after.preflight if one.to_judge] == [Judged.ACCEPTED]
    assert "✓ Accepted" in words(hand)
    box = next(each for each in hand.window.findChildren(QCheckBox) if each.text().startswith("Unreadable"))
    assert box.isVisible()
    assert box.isChecked()
    assert after.review.completeness is None  # the answer stays the assessor's
    hand.press(f"Take back: {SILENT.sentence}")
    assert [one.judged for one in hand.settle().preflight if one.to_judge] == [None]


def test_a_finding_is_dismissed_and_that_is_undone(hand: Hand, case: Case) -> None:
    hand.press(f"Dismiss: {SILENT.sentence}")
    after = hand.settle()
    assert [one.judged for one in after.preflight if one.to_judge] == [Judged.DISMISSED]
    assert "Dismissed" in words(hand)
    own_id = after.submission.id
    hand.act(lambda desk: desk.undo(own_id))
    hand.qtbot.waitUntil(lambda: "Dismissed" not in words(hand))


def test_a_file_that_was_given_up_is_looked_at_again_when_one_asks(hand: Hand, pane: RubricPane) -> None:
    given_up = PreflightFinding(GIVEN_UP, Severity.BLOCKS, "“board.png” took too long to read.", {"tries": 1})
    own_id = hand.given(usual("FO-02"))
    digest = hand.desk.store.artifact(own_id, "a2").blob_digest
    with hand.desk.store.transaction() as work:
        work.preflights.keep(Unseen(own_id, "a2", digest), [given_up], "")
        work.commit()
    hand.open(own_id)
    line = f"Cannot be used: {given_up.sentence}"
    assert line in words(hand)
    assert any("Tried once, and once more after the next sync" in each for each in words(hand))
    hand.press("Look again")
    hand.qtbot.waitUntil(lambda: line not in words(hand))
    assert GIVEN_UP not in {one.finding.id for one in hand.desk.case(own_id).preflight}


def test_while_a_file_is_looked_at_again_the_keys_accept_nothing(hand: Hand, pane: RubricPane) -> None:
    given_up = PreflightFinding(GIVEN_UP, Severity.BLOCKS, "“board.png” took too long to read.", {"tries": 1})
    own_id = hand.given(usual("FO-03"))
    digest = hand.desk.store.artifact(own_id, "a2").blob_digest
    with hand.desk.store.transaction() as work:
        work.preflights.keep(Unseen(own_id, "a2", digest), [given_up], "")
        work.preflights.keep(Unseen(own_id, "a1", ""), [SILENT], "")
        work.commit()
    hand.open(own_id)
    again = next(each for each in hand.seen(QPushButton, "Look again") if each.isVisible())
    again.setFocus()
    QTest.keyClick(again, Qt.Key.Key_Space)
    assert again.text() == "Looking again…"
    focused = hand.window.focusWidget()
    assert focused is again
    hand.qtbot.waitUntil(lambda: f"Cannot be used: {given_up.sentence}" not in words(hand))
    focused = hand.window.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert {one.judged for one in hand.settle().preflight if one.to_judge} == {None}
