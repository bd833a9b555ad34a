"""What a reviewer decided or began to decide under another assignment: read as they left it, without others’ words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from tests.gui.conftest import Open
from tests.gui.deciding.making import KEY, OVERALL, PASSPHRASE, Programme, review, seal

from assessor_desk.desk import Desk
from assessor_desk.domain.changes import SourceChanges, WithdrawalReason
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.gui.dialogs.work_before import WorkBeforeDialog

REASON = "The third criterion cites the plan alone; say where the lesson shows it."


def assigned_again(desk: Desk) -> str:
    """The assignment is taken back, and another of the same submission given; the submission's id."""
    own_id = desk.find(KEY)
    with desk.store.reading() as view:
        before, _ = view.assignments(own_id)[-1]
    with desk.store.transaction() as work:
        work.set_aside([before.id])
        work.accept(SourceChanges("", assignments=(replace(before, id=str(uuid4())),)))
        work.commit()
    return own_id


def page_of(opened: Open) -> WorkBeforeDialog:
    """What the window shows of it."""
    opened.choose(opened.session.desk.find(KEY))
    opened.settle()
    opened.workbench.run("work_before")
    opened.qtbot.waitUntil(lambda: bool(opened.window.findChildren(WorkBeforeDialog)), timeout=8000)
    (dialog,) = opened.window.findChildren(WorkBeforeDialog)
    return dialog


def test_a_decision_begun_on_reviews_that_differ_is_read_and_taken_as_a_table(
    opened: Open, desk: Desk, programme: Programme, tmp_path: Path
) -> None:
    review(programme.desk_of(Role.ASSESSOR, KEY), KEY, below=0)
    desk.sync()
    own_id = desk.find(KEY)
    desk.draft_text(own_id, TextField.REASON, REASON)
    desk.draft_text(own_id, TextField.NOTES, "Ask the other one.")
    assigned_again(desk)
    dialog = page_of(opened)
    told = dialog.page.toPlainText()
    assert "A decision that was not sealed" in told
    assert f"Why it is passed back, for the assessor\n{REASON}" in told
    assert "Ask the other one." in told
    assert "recommend" not in told
    assert OVERALL not in told
    assert dialog.export.isVisible()
    dialog.export_into(tmp_path)
    opened.qtbot.waitUntil(lambda: bool(list(tmp_path.glob("work-before-*.csv"))), timeout=8000)


def test_levels_and_rationale_that_were_decided_are_read_where_the_reviews_are_here_no_more(
    opened: Open, desk: Desk
) -> None:
    own_id = desk.find(KEY)
    criterion = desk.case(own_id).rubric.criteria[1]
    desk.decide_level(own_id, criterion.id, criterion.levels[-1].id)
    desk.write_text(own_id, TextField.RATIONALE, "As the <second> file shows.", criterion.id)
    assigned_again(desk)
    desk.store.take_away_evidence(own_id, WithdrawalReason.RECUSAL.value)
    told = page_of(opened).page.toPlainText()
    assert f"2 {criterion.title}: {criterion.levels[-1].title}\n" in told
    assert "Rationale: As the <second> file shows." in told
    assert "Line 2" not in told
    assert "Strength" not in told
    assert desk.case(own_id).rubric.criteria[0].title not in told


def test_a_level_of_a_version_that_is_here_no_more_is_named_all_the_same(opened: Open, desk: Desk) -> None:
    own_id = desk.find(KEY)
    criterion = desk.case(own_id).rubric.criteria[0]
    desk.decide_level(own_id, criterion.id, criterion.levels[-1].id)
    assigned_again(desk)
    (case,) = desk.work_before(own_id)
    fewer = replace(criterion, levels=criterion.levels[:-1])
    for others in ((fewer, *case.rubric.criteria[1:]), case.rubric.criteria[1:]):
        older = replace(case, rubric=replace(case.rubric, criteria=others))
        dialog = WorkBeforeDialog(opened.session, [older], opened.preferences, opened.workbench)
        assert f": {criterion.levels[-1].id}" in dialog.page.toPlainText()
        dialog.deleteLater()


def test_a_review_that_was_passed_back_is_told_as_that_also_after_its_correction_came(
    opened: Open, desk: Desk, assessor: Desk
) -> None:
    own_id = desk.find(KEY)
    packet = desk.case(own_id).delivered[0].packet
    passed = desk.pass_back(own_id, REASON, PASSPHRASE)
    desk.sync()
    assessor.sync()
    assessor.begin_correction(assessor.find(KEY))
    seal(assessor, assessor.find(KEY))
    desk.sync()
    assigned_again(desk)
    told = page_of(opened).page.toPlainText()
    assert "\nPassed back\n" in told
    assert REASON in told
    assert f"as packet {passed.digest[:16]}…. On the hub." in told
    assert f"It rests on packet {packet[:16]}…." in told
    assert "recommend" not in told
    assert OVERALL not in told


def test_a_decision_that_was_sealed_says_what_the_seal_says(opened: Open, desk: Desk) -> None:
    own_id = desk.find(KEY)
    sealed = desk.decide(own_id, PASSPHRASE)
    assigned_again(desk)
    told = page_of(opened).page.toPlainText()
    assert "\nDecided: not yet\n" in told
    assert f"as packet {sealed.digest[:16]}…." in told
    assert "You confirmed what was recommended." in told
    assert "Why it is passed back" not in told
    assert OVERALL not in told
