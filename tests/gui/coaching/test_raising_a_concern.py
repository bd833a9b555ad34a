"""Raise a concern: one act away, offline too, the programme's contact first; then the submission is on hold."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import usual

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
