"""What a reviewer sees of a delivered review, and how the decision on it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton
from shiboken6 import isValid
from tests.gui.conftest import Open
from tests.gui.deciding.making import KEY, OTHER, PASSPHRASE, Programme, review, seal
from tests.hub.test_deciding import concern_of, passed_to

from assessor_desk.desk import Desk
from assessor_desk.desk.standing import revision_of
from assessor_desk.domain.changes import DeliveryKind, SourceChanges
from assessor_desk.domain.errors import ChangedElsewhere, OthersUnheard
from assessor_desk.domain.review import Entry, EntryKind, TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.rubric import Outcome
from assessor_desk.gui.actions import TABLE
from assessor_desk.gui.controls import Chip
from assessor_desk.gui.dialogs.decide import DecideDialog
from assessor_desk.gui.dialogs.pass_back import PassBackDialog
from assessor_desk.gui.dialogs.preview_report import ReportPreview
from assessor_desk.gui.dialogs.signing_dialog import SigningDialog
from assessor_desk.gui.dialogs.work_before import WorkBeforeDialog
from assessor_desk.gui.panes.deciding import DecidingPane
from assessor_desk.gui.viewers.offer_pill import OfferPill
from assessor_desk.gui.viewers.words_viewer import WordsViewer

REASON = "The third criterion cites the plan alone; say where the lesson shows it."


def shown(opened: Open, key: str = KEY) -> DecidingPane:
    """The pane with the submission in it, its packet checked."""
    opened.choose(opened.session.desk.find(key))
    pane = opened.workbench.sheets.current
    assert isinstance(pane, DecidingPane)
    opened.qtbot.waitUntil(
        lambda: pane.verdict is not None or not opened.session.case.delivered, timeout=8000
    )  # type: ignore[union-attr]
    opened.settle()
    return pane


def dialog_of(opened: Open, act: str, kind: type[QDialog]) -> QDialog:
    """The dialog that an act opens."""
    # What can be done is asked of the desk on its own lane, and comes a moment after the inbox.
    opened.qtbot.waitUntil(opened.workbench.action(act).isEnabled)
    opened.workbench.action(act).trigger()

    def found() -> list[QDialog]:
        return [one for one in opened.window.findChildren(kind) if one.isVisible()]

    opened.qtbot.waitUntil(lambda: bool(found()), timeout=5000)
    return found()[0]


def wait_gone(opened: Open, dialog: QDialog) -> None:
    """Until a dialog has closed; it is deleted then."""
    opened.qtbot.waitUntil(lambda: not isValid(dialog) or not dialog.isVisible(), timeout=8000)


def give_passphrase(dialog: SigningDialog, passphrase: str) -> None:
    """Type it and press the button that signs."""
    field = next(one for one in dialog.findChildren(QLineEdit) if one.accessibleName() == "Passphrase")
    field.setText(passphrase)
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)


def test_a_delivered_review_is_told_checked_and_whose_it_is(opened: Open, assessor: Desk) -> None:
    pane = shown(opened)
    assert assessor.profile is not None
    number = assessor.profile.person
    assert pane.header.words.startswith(f"Packet checked: unaltered since assessor {number} signed it on ")
    assert pane.page.progress.text().startswith("Not yet, as the assessor recommends: four of five criteria")


def test_the_review_is_read_as_its_assessor_left_it_and_its_rationale_is_for_reviewers(opened: Open) -> None:
    pane = shown(opened)
    first = next(iter(pane.cards.values()))
    told = [passage.words.accessibleName() for passage in first.passages.values()]
    assert told[0].startswith("Rationale, for reviewers: Line 1")
    assert told[1].startswith("Strength, for the educator: Strength 1")
    assert pane.current_criterion == first.criterion.id


def test_an_anchor_of_the_review_lights_up_in_the_evidence(opened: Open) -> None:
    pane, evidence = shown(opened), opened.workbench.evidence
    evidence.step_artifact(1)
    chip = pane.cards[pane.current_criterion].findChildren(Chip)[0]
    with opened.qtbot.waitSignal(pane.anchor_activated):
        chip.click()
    assert evidence.current_artifact is not None
    assert evidence.current_artifact.id == opened.session.case.review.anchors[0].artifact_id


def test_nothing_of_the_review_can_be_changed_by_its_reviewer(opened: Open) -> None:
    shown(opened)
    enabled = {action.id for action in TABLE if opened.workbench.action(action.id).isEnabled()}
    assert not enabled & {"seal", "anchor", "write", "level_1", "hand_back"}
    assert {"decide", "pass_back", "report", "verdict", "search_reviews", "release"} <= enabled


def test_what_is_decided_is_read_before_it_is_signed_and_a_wrong_passphrase_is_told_in_place(
    opened: Open, desk: Desk
) -> None:
    shown(opened)
    dialog = dialog_of(opened, "decide", DecideDialog)
    assert isinstance(dialog, DecideDialog)
    assert dialog.words.startswith("Not yet\n")
    assert "Strength 3" in dialog.words
    assert "Line 3" not in dialog.words

    give_passphrase(dialog, "wrong")
    opened.qtbot.waitUntil(lambda: "not right" in dialog.passphrase_row.trouble, timeout=5000)
    assert not desk.case(desk.find(KEY)).read_only

    give_passphrase(dialog, PASSPHRASE)
    wait_gone(opened, dialog)
    seal_ = desk.case(desk.find(KEY)).decision.seal  # type: ignore[union-attr]
    assert seal_ is not None
    assert seal_.outcome is Outcome.NOT_YET


def test_what_other_computers_say_while_a_decision_is_signed_is_told_in_place(
    opened: Open, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [ChangedElsewhere("It was decided on elsewhere."), OthersUnheard("They cannot be heard.")]
    pane = shown(opened)

    def hear(_own_id: str) -> None:
        raise answers.pop()

    monkeypatch.setattr(desk, "_hear_others", hear)
    dialog = dialog_of(opened, "decide", DecideDialog)
    assert isinstance(dialog, DecideDialog)
    give_passphrase(dialog, PASSPHRASE)
    opened.qtbot.waitUntil(lambda: "cannot be heard" in dialog.passphrase_row.trouble, timeout=8000)
    assert (dialog.go.text(), dialog.unheard) == ("Decide and seal all the same", True)
    dialog.unheard = False
    shown_anew = []
    opened.session.case_changed.connect(lambda: shown_anew.append(True))
    give_passphrase(dialog, PASSPHRASE)
    opened.qtbot.waitUntil(lambda: "decided on elsewhere" in dialog.passphrase_row.trouble, timeout=8000)
    opened.qtbot.waitUntil(lambda: bool(shown_anew), timeout=8000)
    assert dialog.go.isHidden()
    dialog.reject()
    wait_gone(opened, dialog)
    assert pane.page.banner.isHidden(), "nothing was written under another assignment"


def test_what_a_round_brings_while_a_decision_is_read_is_not_signed_unseen(opened: Open, desk: Desk) -> None:
    pane = shown(opened)
    dialog = dialog_of(opened, "decide", DecideDialog)
    assert isinstance(dialog, DecideDialog)
    opened.session.refresh()
    opened.settle()
    assert not dialog.passphrase_row.trouble
    criterion = next(iter(pane.cards.values())).criterion
    desk.write_text(desk.find(KEY), TextField.RATIONALE, "As from another computer.", criterion.id)
    opened.session.refresh()
    opened.qtbot.waitUntil(
        lambda: "came with a round just now" in dialog.passphrase_row.trouble, timeout=8000
    )
    assert dialog.go.isHidden()
    dialog.reject()
    wait_gone(opened, dialog)


def test_a_correction_that_came_before_the_window_heard_of_it_is_not_decided_on(
    opened: Open, desk: Desk, assessor: Desk
) -> None:
    shown(opened)
    dialog = dialog_of(opened, "decide", DecideDialog)
    assert isinstance(dialog, DecideDialog)
    theirs = assessor.find(KEY)
    assessor.begin_correction(theirs)
    seal(assessor, theirs)
    assert desk.sync().troubles == ()
    give_passphrase(dialog, PASSPHRASE)
    opened.qtbot.waitUntil(
        lambda: "came with a round just now" in dialog.passphrase_row.trouble, timeout=8000
    )
    assert dialog.go.isHidden()
    assert not desk.case(desk.find(KEY)).read_only
    dialog.reject()
    wait_gone(opened, dialog)


def test_what_a_reviewer_wrote_as_an_assessor_before_is_read_from_here(
    opened: Open, desk: Desk, tmp_path: Path
) -> None:
    own_id = desk.find(KEY)
    with desk.store.reading() as view:
        assignment, _ = view.assignments(own_id)[-1]
    before = replace(assignment, id=str(uuid4()), purpose=Purpose.ASSESS, role=Role.ASSESSOR)
    line = revision_of(before, 1, before.assigned_at)
    told = [(EntryKind.TEXT_WRITTEN, {"field": "overall", "criterion": "", "text": "The quokka counts."})]
    with desk.store.transaction() as work:
        work.accept(SourceChanges("", assignments=(before,)))
        work.set_aside([before.id])
        work.travelling.open_revision(line)
        work.record(desk._pen.entries(line.id, told, work.highest_counter()))
        work.commit()
    pane = shown(opened)
    assert pane.page.banner.words.startswith("You wrote on this under another assignment")
    pane.page.banner.before_wanted.emit()
    opened.qtbot.waitUntil(lambda: bool(opened.window.findChildren(WorkBeforeDialog)), timeout=8000)
    (dialog,) = opened.window.findChildren(WorkBeforeDialog)
    assert dialog.page.toPlainText().startswith("Set aside: ")
    assert "The quokka counts." in dialog.page.toPlainText()
    dialog.export_into(tmp_path)
    wait_gone(opened, dialog)
    assert "The quokka counts." in next(tmp_path.glob("work-before-*.csv")).read_text(encoding="utf-8-sig")


def test_a_decision_that_is_sealed_says_so_and_leads_to_the_release(opened: Open, desk: Desk) -> None:
    pane = shown(opened)
    sealed = desk.decide(desk.find(KEY), PASSPHRASE)
    opened.session.announce(sealed.changes)
    opened.settle()
    assert pane.page.progress.text().startswith("Not yet, decided ")
    assert not opened.workbench.action("decide").isEnabled()
    assert not opened.workbench.action("pass_back").isEnabled()
    assert opened.workbench.action("report").isEnabled()


def test_a_reason_is_kept_while_it_is_typed_and_goes_back_with_the_review(
    opened: Open, desk: Desk, assessor: Desk
) -> None:
    shown(opened)
    dialog = dialog_of(opened, "pass_back", PassBackDialog)
    assert isinstance(dialog, PassBackDialog)
    assert dialog.wanting.startswith("Say why: 15 more characters")
    QTest.keyClicks(dialog.reason.field, REASON)
    dialog.reject()
    wait_gone(opened, dialog)
    assert desk.case(desk.find(KEY)).decision.reason == REASON  # type: ignore[union-attr]

    again = dialog_of(opened, "pass_back", PassBackDialog)
    assert isinstance(again, PassBackDialog)
    assert again.reason.text() == REASON
    give_passphrase(again, PASSPHRASE)
    wait_gone(opened, again)
    opened.settle()
    pane = opened.workbench.sheets.current
    assert pane.page.progress.text().startswith("Passed back ")  # type: ignore[attr-defined]
    # The window sends it by itself.
    opened.qtbot.waitUntil(lambda: desk.ledger().waiting_to_send == 0, timeout=8000)
    assessor.sync()
    sent_back = assessor.case(assessor.find(KEY)).sent_back
    assert sent_back is not None
    assert sent_back.reason == REASON


def reason_from_home(desk: Desk, words: str, replaces: Sequence[str] = ()) -> None:
    """As a round takes it in: a reason that was typed on the reviewer's other computer, having seen `replaces`."""
    with desk.store.reading() as view:
        counter = view.highest_counter() + 1
    data = {"field": "reason", "criterion": "", "text": words, "replaces": list(replaces)}
    own_id, at = desk.case(desk.find(KEY)).sheet.id, datetime.now(UTC)
    entry = Entry(
        f"there {counter}", own_id, EntryKind.TEXT_WRITTEN, data, at, "home", counter, f"s{counter}"
    )
    with desk.store.transaction() as work:
        work.travelling.take([], [entry])
        work.commit()


def passing_back(opened: Open) -> PassBackDialog:
    dialog = dialog_of(opened, "pass_back", PassBackDialog)
    assert isinstance(dialog, PassBackDialog)
    return dialog


FROM_HOME = "The second file is cut off in the middle; ask for it again."


@pytest.mark.parametrize(
    ("kept", "sent"),
    [
        ("keep the text from this computer", REASON),
        ("keep both texts, one after the other", f"{REASON}\n\n{FROM_HOME}"),
    ],
)
def test_of_two_reasons_the_one_that_was_kept_goes_back_with_the_review(
    opened: Open, desk: Desk, kept: str, sent: str
) -> None:
    own_id = desk.find(KEY)
    desk.write_text(own_id, TextField.REASON, REASON)
    reason_from_home(desk, FROM_HOME)
    shown(opened)
    dialog = passing_back(opened)
    assert set(dialog.reason.two_texts.texts) == {REASON, FROM_HOME}
    assert dialog.wanting == "Two texts stand here: keep one of them, or both"
    give_passphrase(dialog, PASSPHRASE)
    opened.settle()
    assert not desk.case(own_id).read_only, "nothing is signed while two texts stand"

    buttons = dialog.reason.two_texts.findChildren(QPushButton)
    QTest.mouseClick(
        next(one for one in buttons if one.accessibleName().endswith(kept)), Qt.MouseButton.LeftButton
    )
    opened.qtbot.waitUntil(lambda: dialog.reason.text() == sent, timeout=5000)
    assert dialog.wanting == ""
    give_passphrase(dialog, PASSPHRASE)
    wait_gone(opened, dialog)
    decision = desk.case(own_id).decision
    assert decision is not None
    assert (decision.reason, decision.disputed) == (sent, {})
    assert decision.seal is not None


def test_a_newer_reason_from_the_other_computer_is_shown_where_this_one_stood(
    opened: Open, desk: Desk
) -> None:
    own_id = desk.find(KEY)
    desk.write_text(own_id, TextField.REASON, REASON)
    shown(opened)
    dialog = passing_back(opened)
    reason_from_home(desk, FROM_HOME, desk.case(own_id).sheet.seen(TextField.REASON))
    opened.session.refresh()
    opened.qtbot.waitUntil(lambda: dialog.reason.text() == FROM_HOME, timeout=5000)
    give_passphrase(dialog, PASSPHRASE)
    wait_gone(opened, dialog)
    assert desk.case(own_id).decision.reason == FROM_HOME  # type: ignore[union-attr]


def test_a_newer_reason_that_came_before_the_window_heard_of_it_stays(opened: Open, desk: Desk) -> None:
    own_id = desk.find(KEY)
    desk.write_text(own_id, TextField.REASON, REASON)
    shown(opened)
    dialog = passing_back(opened)
    reason_from_home(desk, FROM_HOME, desk.case(own_id).sheet.seen(TextField.REASON))
    give_passphrase(dialog, PASSPHRASE)
    opened.qtbot.waitUntil(
        lambda: "came with a round just now" in dialog.passphrase_row.trouble, timeout=8000
    )
    opened.qtbot.waitUntil(lambda: dialog.reason.text() == FROM_HOME, timeout=5000)
    decision = desk.case(own_id).decision
    assert decision is not None
    assert (decision.reason, decision.disputed, decision.seal) == (FROM_HOME, {}, None)
    dialog.reject()
    wait_gone(opened, dialog)


def test_a_correction_comes_back_to_be_decided_anew(opened: Open, desk: Desk, assessor: Desk) -> None:
    own_id = desk.find(KEY)
    desk.pass_back(own_id, REASON, PASSPHRASE)
    desk.sync()
    assessor.sync()
    theirs = assessor.find(KEY)
    assessor.begin_correction(theirs)
    seal(assessor, theirs)
    desk.sync()

    pane = shown(opened)
    assert pane.header.words.startswith("Packet checked")
    assert opened.workbench.action("decide").isEnabled()


def test_before_a_review_comes_the_window_says_what_it_waits_for(opened: Open) -> None:
    pane = shown(opened, OTHER)
    assert pane.page.progress.text().startswith("No review has been delivered yet")
    assert not opened.workbench.action("decide").isEnabled()
    assert not opened.workbench.action("pass_back").isEnabled()


def test_a_concern_keeps_it_from_being_decided_in_words(
    opened: Open, desk: Desk, programme: Programme
) -> None:
    other = programme.device(KEY)
    passed_to(other, DeliveryKind.CONCERN, concern_of(other))
    desk.sync()

    pane = shown(opened)
    assert "On hold: a privacy concern was raised." in pane.page.progress.text()
    assert not opened.workbench.action("decide").isEnabled()


def test_a_packet_whose_signer_is_not_trusted_any_more_is_not_decided_on(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assessor_desk.desk import deciding

    monkeypatch.setattr(deciding, "trust_list", lambda *_: None)
    pane = shown(opened)
    assert "Nothing can be decided on it" in pane.hindrance
    assert not opened.workbench.action("decide").isEnabled()


def test_several_reviews_are_looked_at_one_by_one(
    programme: Programme, assessor: Desk, opened: Open, desk: Desk
) -> None:
    second = programme.desk_of(Role.ASSESSOR, KEY)
    review(second, KEY, below=2)
    desk.sync()

    pane = shown(opened)
    before = pane.packet_told
    assert opened.workbench.action("next_review").isEnabled()
    opened.workbench.action("next_review").trigger()
    opened.settle()
    assert pane.packet_told != before
    assert pane.packet_told in {one.packet for one in opened.session.case.delivered}  # type: ignore[union-attr]
    assert opened.session.case.review.seal.packet_digest == pane.packet_told  # type: ignore[union-attr]


def test_the_report_is_shown_as_pages_and_as_words(opened: Open) -> None:
    shown(opened)
    dialog = dialog_of(opened, "report", ReportPreview)
    assert isinstance(dialog, ReportPreview)
    opened.qtbot.waitUntil(lambda: dialog.document.pageCount() > 0, timeout=20_000)
    assert "Not yet earned." in dialog.words.toPlainText()
    assert "quokka is counted" not in dialog.words.toPlainText()
    assert dialog.told.endswith("Not sealed: a preview.")
    dialog.accept()


def test_all_facts_about_the_packet_are_one_step_away(opened: Open) -> None:
    shown(opened)
    opened.workbench.action("verdict").trigger()
    errands = opened.workbench.errands

    def checked() -> bool:
        window = errands._verify_window
        return window is not None and bool(window._checked) and window._checked[0].verdict is not None

    opened.qtbot.waitUntil(checked, timeout=8000)
    assert errands._verify_window is not None
    assert errands._verify_window._checked[0].verdict.bad == ()  # type: ignore[union-attr]


def test_an_assessor_reads_why_it_was_passed_back_and_begins_the_correction(
    desk: Desk, assessor: Desk, tmp_path: Path, qapp: QApplication
) -> None:
    desk.pass_back(desk.find(KEY), REASON, PASSPHRASE)
    desk.sync()
    assessor.sync()
    from assessor_desk.gui.writing.banner import Banner

    case = assessor.case(assessor.find(KEY))
    banner = Banner()
    banner.show_case(case)
    assert REASON in banner.words
    assert banner.words.startswith("Passed back by the reviewer, ")
    assert not banner._correct.isHidden()
    assessor.begin_correction(case.submission.id)
    banner.show_case(assessor.case(case.submission.id))
    assert banner._correct.isHidden()
    banner.deleteLater()


def test_nobody_asks_a_reviewer_to_anchor_words(opened: Open) -> None:
    opened.window.resize(1600, 900)
    shown(opened)
    viewers = opened.workbench.evidence.findChildren(WordsViewer)
    assert viewers
    assert not any(viewer.moving_allowed for viewer in viewers)
    hints = [one for one in opened.window.findChildren(QLabel) if one.text() == "Select words to anchor them"]
    assert hints
    assert not any(one.isVisible() for one in hints)
    for viewer in viewers:
        viewer._pane.selectAll()
    assert not any(one.isVisible() for one in opened.window.findChildren(OfferPill))
