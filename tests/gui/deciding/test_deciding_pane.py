"""What a reviewer sees of a delivered review, and how the decision on it is taken."""

from __future__ import annotations

from tests.gui.conftest import Open
from tests.gui.deciding.making import KEY

from assessor_desk.desk import Desk
from assessor_desk.gui.panes.deciding import DecidingPane


def shown(opened: Open) -> DecidingPane:
    """The pane with the delivered review in it, its packet checked."""
    opened.choose(opened.session.desk.find(KEY))
    pane = opened.workbench.sheets.current
    assert isinstance(pane, DecidingPane)
    opened.qtbot.waitUntil(lambda: pane.verdict is not None, timeout=5000)
    return pane


def test_a_delivered_review_is_told_checked_and_whose_it_is(opened: Open, assessor: Desk) -> None:
    pane = shown(opened)
    assert assessor.profile is not None
    number = assessor.profile.person
    assert pane.header.words.startswith(f"Packet checked: unaltered since assessor {number} signed it on ")
    assert f"Sealed by assessor {number}" in pane.page.facts.text()
    assert pane.page.progress.text().startswith("Not yet, as the assessor recommends: four of five criteria")
