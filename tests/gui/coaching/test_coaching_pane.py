"""The coach's pane: notes on a draft, with no level anywhere; handed back, carried on, marked in the next draft."""

from __future__ import annotations

from tests.gui.assessing.conftest import Hand

from assessor_desk.gui.panes.coaching import CoachingPane


def test_a_draft_opens_in_the_coachs_pane_with_the_three_texts(hand: Hand, coaching: CoachingPane) -> None:
    assert hand.field("What is there").isVisible()
    assert hand.field("What to try next").isVisible()
    assert hand.field("A question").isVisible()
