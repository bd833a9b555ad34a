"""A decision that the hub refuses for a name it knows: told in the window, and taken up again with a reason."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tests.gui.conftest import Open
from tests.gui.deciding import making
from tests.gui.deciding.making import KEY, PASSPHRASE, Programme, seal
from tests.gui.deciding.test_deciding_pane import dialog_of, shown, wait_gone
from tests.gui.deciding.test_named_for_everyone import focusable, nameless

from assessor_desk.desk import Desk, InboxState
from assessor_desk.domain.review import TextField
from assessor_desk.gui.dialogs.decide_anew import DecideAnewDialog

NAMED = f"Hồng asks well. {making.OVERALL}"
REASON = "It is the colour of the cards, not a name."


@pytest.fixture
def own_id(desk: Desk, assessor: Desk, programme: Programme) -> str:
    """A submission whose review names its educator, decided on and refused by the hub."""
    own_id, theirs = desk.find(KEY), assessor.find(KEY)
    assessor.begin_correction(theirs)
    assessor.write_text(theirs, TextField.OVERALL, NAMED)
    seal(assessor, theirs)
    desk.sync()
    desk.decide(own_id, PASSPHRASE)
    assert "F10: “Hồng”" in desk.sync().troubles[0]
    return own_id


def test_what_the_hub_refused_is_told_and_decided_anew_with_a_reason(
    own_id: str, opened: Open, desk: Desk
) -> None:
    pane = shown(opened)
    told = pane.page.progress.text()
    assert "The hub did not take it." in told
    assert "F10: “Hồng” in the feedback may identify somebody" in told
    assert pane._anew.isVisible()
    assert not pane._release.isVisible()

    dialog = dialog_of(opened, "decide_anew", DecideAnewDialog)
    assert isinstance(dialog, DecideAnewDialog)
    assert (list(focusable(dialog)) != [], nameless(dialog)) == (True, [])
    QTest.keyClicks(dialog.reason, "A colour")
    assert dialog.wanting == "7 more characters, so that others can follow it"
    assert not dialog.go.isEnabled()
    dialog.reason.setPlainText(REASON)
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    wait_gone(opened, dialog)
    opened.settle()

    decision = desk.case(own_id).decision
    assert decision is not None
    assert decision.kept == {("F10", ""): REASON}
    assert not pane._anew.isVisible()
    opened.qtbot.waitUntil(lambda: opened.workbench.action("decide").isEnabled(), timeout=8000)
    desk.decide(own_id, PASSPHRASE)
    assert desk.sync().troubles == ()


def test_without_a_reason_it_is_open_to_be_passed_back(own_id: str, opened: Open, desk: Desk) -> None:
    shown(opened)
    dialog = dialog_of(opened, "decide_anew", DecideAnewDialog)
    assert isinstance(dialog, DecideAnewDialog)
    dialog.without.click()
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    wait_gone(opened, dialog)
    opened.settle()

    assert {row.submission_id: row.state for row in desk.inbox()}[own_id] is InboxState.TO_DECIDE
    opened.qtbot.waitUntil(lambda: opened.workbench.action("pass_back").isEnabled(), timeout=8000)
