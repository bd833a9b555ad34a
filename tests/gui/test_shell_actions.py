"""The table of acts: complete, without clashes; keys that never get in the way of typing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QToolButton
from pytestqt.qtbot import QtBot

from assessor_desk.desk import Changes
from assessor_desk.desk.rubric_versions import RubricOffer
from assessor_desk.domain.coaching import CoachingNotes
from assessor_desk.domain.earlier import EarlierAttempt, EarlierFeedback
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.policy import CheckState, MovePolicy
from assessor_desk.domain.review import TextField
from assessor_desk.gui import actions
from assessor_desk.gui.actions import BY_ID, TABLE, clashes, is_single, states
from assessor_desk.gui.dialogs.keep_finding import KeepDialog
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.viewers.image import ImageViewer
from assessor_desk.gui.viewers.media import MediaViewer
from assessor_desk.gui.viewers.pdf import PdfViewer
from assessor_desk.gui.viewers.text import TextViewer
from assessor_desk.gui.viewers.word import WordViewer


def test_no_two_acts_share_a_name_or_a_key() -> None:
    assert len(BY_ID) == len({action.title for action in TABLE}) == len(TABLE)
    assert clashes({action.id: action.keys for action in TABLE}) == {}


def test_every_key_is_one_that_qt_knows_and_none_needs_a_number_pad() -> None:
    for action in TABLE:
        for key in action.keys:
            assert QKeySequence(key).toString() == key
            assert "Num" not in key


def test_every_act_on_a_single_key_can_be_done_without_it() -> None:
    alone = [action.id for action in TABLE if action.keys and all(is_single(key) for key in action.keys)]
    assert alone == []


def test_the_slash_opens_the_phrase_bank_alone() -> None:
    assert [action.id for action in TABLE if "/" in action.keys] == ["phrase"]


VIEWERS = (PdfViewer, ImageViewer, TextViewer, WordViewer, MediaViewer)


@pytest.fixture
def viewed(tasks: Tasks, qtbot: QtBot) -> set[str]:
    """What all viewers together can do."""
    found: set[str] = set()
    for made in [kind(tasks) for kind in VIEWERS]:
        qtbot.addWidget(made)
        found |= set(made.acts())
    return found


def test_every_fact_that_an_act_waits_for_can_hold(opened: Any, own_id: str, viewed: set[str]) -> None:
    opened.choose(own_id)
    case = opened.session.case
    checked = replace(case, review=replace(case.review, completeness=()), can_undo=True, can_redo=True)
    sealed = replace(case, review=replace(case.review, seal=object()))
    coached = replace(case, notes=CoachingNotes("notes"))
    possible = states(checked, connected=True, playing=True, viewed=viewed)
    sent_back = replace(case, sent_back=object())
    before = EarlierAttempt(1, (), EarlierFeedback("not_yet", "Close.", ()))
    resubmitted = replace(case, submission=replace(case.submission, earlier=before))
    republished = replace(case, offer=RubricOffer(MovePolicy.MAY))
    worked_before = replace(case, worked_before=("another assignment",))
    for one in (sealed, coached, sent_back, resubmitted, republished, worked_before):
        possible |= states(one, connected=True)
    # A reviewer's facts: tests/gui/deciding.
    assert {action.when for action in TABLE if action.section != "Decision"} <= possible


def test_nothing_can_be_changed_in_what_is_set_aside(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    facts = states(replace(opened.session.case, set_aside=True), connected=True)
    assert "editable" not in facts
    assert "open" in facts


def test_the_workbench_can_do_every_act_of_the_table(opened: Any, viewed: set[str]) -> None:
    bench = opened.workbench
    known = bench._moves() | bench.errands.acts() | bench.reviewing.acts() | bench.phrasing.acts()
    of_viewers = {action.id for action in TABLE if action.in_evidence}
    assert of_viewers <= viewed
    own = {action.id for action in TABLE if not action.in_evidence and not action.id.startswith("level_")}
    assert own == set(known)


def test_all_that_a_viewer_can_do_is_in_the_table(viewed: set[str]) -> None:
    assert viewed <= set(BY_ID)


def test_a_viewer_s_key_can_be_changed_and_its_tooltip_says_the_new_one(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    opened.qtbot.waitUntil(lambda: opened.workbench.evidence.viewer is not None)
    viewer, actions = opened.workbench.evidence.viewer, opened.workbench.actions_table
    button = next(one for one in viewer.findChildren(QToolButton) if one.accessibleName() == "Find")
    assert "Ctrl+F" in button.toolTip()
    opened.preferences.own_keys = {"find": ("Ctrl+Shift+F",)}
    opened.workbench.dress_keys()
    assert actions.keys_in_words("find") == "Ctrl+Shift+F"
    assert button.toolTip() == "Find (Ctrl+Shift+F)"
    viewer.setFocus()
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(opened.window.focusWidget(), Qt.Key.Key_F, ctrl)
    assert viewer._find.isHidden()
    QTest.keyClick(opened.window.focusWidget(), Qt.Key.Key_F, ctrl | shift)
    assert not viewer._find.isHidden()


def test_the_palette_runs_what_the_viewer_in_front_can_do(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    opened.qtbot.waitUntil(lambda: opened.workbench.action("find").isEnabled())
    assert not opened.workbench.action("step_forward").isEnabled()
    opened.workbench.action("find").trigger()
    assert not opened.workbench.evidence.viewer._find.isHidden()


def test_shift_and_return_in_a_field_of_words_looked_for_go_to_the_place_before(
    opened: Any, own_id: str
) -> None:
    opened.choose(own_id)
    opened.qtbot.waitUntil(lambda: opened.workbench.action("find").isEnabled())
    opened.workbench.action("find").trigger()
    resumed: list[bool] = []
    resume = opened.workbench.action("resume")
    resume.setEnabled(True)
    resume.triggered.connect(lambda: resumed.append(True))
    finding = opened.workbench.evidence.viewer._find
    steps: list[int] = []
    finding.stepped.connect(steps.append)
    QTest.keyClick(opened.window.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert steps == [-1]
    assert resumed == []


# -- keys in the window ------------------------------------------------------------------------------------


def _checked(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    opened.session.act(lambda desk: desk.record_completeness(own_id))
    opened.settle()


def _level(opened: Any) -> str | None:
    case = opened.session.case
    found: str | None = case.review.work(case.rubric.criteria[0].id).level
    return found


def _field(opened: Any) -> QPlainTextEdit:
    field: QPlainTextEdit = next(
        one for one in opened.workbench.rubric.findChildren(QPlainTextEdit) if one.isVisible()
    )
    field.setFocus()
    return field


def test_a_digit_chooses_the_level_of_the_current_criterion(opened: Any, own_id: str) -> None:
    _checked(opened, own_id)
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_2)
    opened.settle()
    assert _level(opened) == opened.session.case.rubric.criteria[0].levels[1].id


def test_a_digit_that_is_typed_into_a_text_chooses_nothing(opened: Any, own_id: str) -> None:
    _checked(opened, own_id)
    field = _field(opened)
    opened.qtbot.keyClick(field, Qt.Key.Key_2)
    opened.qtbot.keyClick(field, Qt.Key.Key_J)
    opened.settle()
    assert _level(opened) is None
    assert field.toPlainText() == "2j"


def test_with_single_keys_off_only_the_key_with_a_modifier_acts(opened: Any, own_id: str) -> None:
    _checked(opened, own_id)
    opened.preferences.single_keys = False
    opened.workbench.dress_keys()
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_2)
    opened.settle()
    assert _level(opened) is None
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    opened.settle()
    assert _level(opened) is not None


def test_undo_while_typing_takes_back_a_step_of_the_review(opened: Any, own_id: str) -> None:
    _checked(opened, own_id)
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_1)
    opened.settle()
    field = _field(opened)
    opened.qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    opened.settle()
    assert _level(opened) is None


def test_the_palettes_key_opens_it_while_typing_too(opened: Any, own_id: str) -> None:
    _checked(opened, own_id)
    field = _field(opened)
    opened.qtbot.keyClick(field, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = QApplication.activePopupWidget()
    assert palette is not None
    assert palette.objectName() == "palette"
    palette.close()


def test_copying_in_a_text_stays_the_texts_own(opened: Any, own_id: str) -> None:
    _checked(opened, own_id)
    field = _field(opened)
    field.setPlainText("quokka")
    field.selectAll()
    opened.qtbot.keyClick(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "quokka"


def test_a_key_of_ones_own_takes_the_place_of_the_default(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    opened.preferences.own_keys = {"inbox": ("Ctrl+I",)}
    opened.workbench.dress_keys()
    shown = opened.workbench.inbox.isVisible()
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert opened.workbench.inbox.isVisible() == shown
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert opened.workbench.inbox.isVisible() != shown


def test_keys_of_an_act_there_is_no_longer_are_ignored(opened: Any) -> None:
    opened.workbench.actions_table.set_keys({"gone": ("Ctrl+I",)}, single_keys=True)
    assert opened.workbench.actions_table.keys("inbox") == BY_ID["inbox"].keys


@pytest.mark.parametrize(("key", "single"), [("A", True), ("Space", True), ("Ctrl+A", False), ("F1", False)])
def test_what_counts_as_a_single_key(key: str, single: bool) -> None:
    assert actions.is_single(key) is single


def test_a_step_taken_back_by_key_can_be_brought_back_by_key(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    opened.session.act(lambda desk: desk.write_text(own_id, TextField.NOTES, "kept"))
    opened.settle()
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    opened.settle()
    assert opened.session.case.review.notes == ""
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_Z, both)
    opened.settle()
    assert opened.session.case.review.notes == "kept"


def test_undo_takes_back_in_the_review_that_is_shown_while_another_is_being_opened(
    opened: Any, own_id: str
) -> None:
    other = opened.session.desk.find("7F3A-01")
    for each in (own_id, other):
        opened.session.desk.record_completeness(each, ["missing_part"])
    opened.choose(own_id)
    opened.session.submission_id = other  # chosen in the inbox, its case still on its way

    opened.workbench._moves()["undo"]()
    opened.settle()

    assert opened.session.desk.case(own_id).review.completeness is None
    assert opened.session.desk.case(other).review.completeness is not None


def test_a_reason_to_keep_a_finding_goes_to_the_review_that_showed_it(
    opened: Any, own_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.choose(own_id)
    kept: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "assessor_desk.desk.Desk.keep_finding",
        lambda _desk, own, check, _subject, _reason: kept.append((own, check)) or Changes(),
    )
    opened.session.submission_id = opened.session.desk.find("7F3A-01")

    opened.workbench.errands.keep_finding(Finding("F12", CheckState.WARN, "", None, "Short"))
    asking = opened.workbench.findChild(KeepDialog)
    asking.reason.setPlainText("It is short on purpose")
    asking.keep.click()
    opened.settle()

    assert kept == [(own_id, "F12")]
