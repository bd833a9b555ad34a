"""Raise a concern: one act away, offline too, the programme's contact first; then the submission is on hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PySide6.QtWidgets import QToolButton
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import usual

from assessor_desk.domain.changes import Held, SourceChanges
from assessor_desk.domain.concern import CONCERN_HINTS, ConcernKind
from assessor_desk.gui.dialogs.concern import ConcernDialog
from assessor_desk.gui.panes.coaching import CoachingPane
from assessor_desk.gui.workbench import Workbench
from assessor_desk.gui.writing.banner import Banner


def asked(bench: Workbench) -> ConcernDialog:
    found = bench.findChild(ConcernDialog)
    assert found is not None
    return found


def test_everybody_is_told_whom_to_call_and_what_happens(
    hand: Hand, bench: Workbench, coaching: CoachingPane
) -> None:
    bench.run("concern")
    asking = asked(bench)
    assert asking.contact == hand.case.policy.contacts.concerns != ""
    assert "nothing of it is decided or released" in asking.what_happens
    assert "also without a network" in asking.what_happens
    hints = {button.accessibleDescription() for button in asking.kinds.values()}
    assert hints == set(CONCERN_HINTS.values())
    assert not asking.go.isEnabled()


def test_a_concern_holds_the_submission_and_the_pane_says_so(hand: Hand, bench: Workbench) -> None:
    hand.open(hand.given(usual("7F3A-21")))
    bench.run("concern")
    asking = asked(bench)
    asking.kinds[ConcernKind.SAFETY].click()
    asking.words.setPlainText("A pupil says that she is afraid to go home.")
    with hand.qtbot.waitSignal(asking.raised):
        asking.go.click()
    hand.settle()
    (held,) = hand.case.holds
    assert held.words == "A pupil says that she is afraid to go home."
    banner = bench.rubric.findChild(Banner)
    assert banner is not None
    assert banner.words.startswith("On hold since ")
    assert "a safety concern was raised" in banner.words


def test_a_hold_that_somebody_else_caused_is_told_without_why_and_so_is_that_it_was_lifted(
    hand: Hand, bench: Workbench
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.open(own_id)
    hand.act(lambda desk: desk.record_completeness(own_id))
    banner = bench.rubric.findChild(Banner)
    assert banner is not None
    raised = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    told = Held("ab" * 32, own_id, "", "", raised)
    hand.act(lambda desk: desk.store.accept(SourceChanges("h1", holds=(told,))))
    assert banner.words.startswith("On hold since ")
    assert "a concern was raised" in banner.words
    lifted = replace(told, lifted_at=datetime.now(UTC) + timedelta(hours=1))
    hand.act(lambda desk: desk.store.accept(SourceChanges("h2", holds=(lifted,))))
    assert banner.words.startswith("No longer on hold: the programme has looked at the concern")


def test_from_the_evidence_it_is_about_the_file_in_front_which_is_then_closed(
    hand: Hand, bench: Workbench, coaching: CoachingPane
) -> None:
    bench.evidence.step_artifact(1)
    front = bench.evidence.current_artifact
    assert front is not None
    button = next(
        one
        for one in bench.evidence.findChildren(QToolButton)
        if one.accessibleName().startswith("Raise a concern")
    )
    button.click()
    asking = asked(bench)
    assert asking.files.currentData() == front.id
    assert f"“{front.name}” is closed on this computer" in asking.what_happens
    asking.kinds[ConcernKind.PRIVACY].click()
    asking.words.setPlainText("A pupil is named in it.")
    with hand.qtbot.waitSignal(asking.raised):
        asking.go.click()
    hand.settle()
    assert not hand.desk.case(hand.shown_id).artifact_states[front.id].here
