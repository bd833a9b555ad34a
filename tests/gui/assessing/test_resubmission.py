"""A resubmission in the window: what is new first, what was said before at hand, and the two attempts side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QTabBar, QTextBrowser
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import Given, photo, usual

from assessor_desk.domain.earlier import Addressed, EarlierAttempt, EarlierCriterion, EarlierFeedback
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.feedback import blocking
from assessor_desk.gui.dialogs.earlier_feedback import EarlierFeedbackDialog
from assessor_desk.gui.workbench import Workbench

STEP = "Have every student commit to an answer before one is heard."


def sent_again(hand: Hand) -> str:
    """A second attempt whose plan is changed, whose photograph is new and whose overview is as before."""
    given = usual("7F3A-22")
    overview, plan, _ = given.artifacts
    first = hand.template.rubric
    of_then = (
        replace(overview, id="earlier-a0"),
        replace(plan, id="earlier-a1", sha256="dd" * 32),
    )
    given.contents["earlier-a1"] = b"# Lesson plan\n\nThe first one, with one check.\n"
    criterion = EarlierCriterion("plans-checks", "Plans checks", "Progressing", False, "", STEP, "A new clip")
    feedback = EarlierFeedback("not_yet", "Close.", (replace(criterion, criterion=_ids(hand)[0]),))
    given.earlier = EarlierAttempt(1, of_then, feedback)
    assert first.id
    own_id = hand.given(given)
    hand.desk.record_completeness(own_id)
    return own_id


def _ids(hand: Hand) -> list[str]:
    from assessor_desk.rubric_files import rubric_from_json

    return [criterion.id for criterion in rubric_from_json(hand.template.rubric.canonical).criteria]


def titles(bench: Workbench) -> list[list[str]]:
    bars = [one for one in bench.evidence.findChildren(QTabBar) if one.accessibleName() == "Artifacts"]
    return [[bar.tabText(i) for i in range(bar.count())] for bar in bars]


def test_what_is_new_or_changed_stands_first_and_says_so(hand: Hand, bench: Workbench) -> None:
    hand.open(sent_again(hand))
    assert titles(bench) == [["Plan · changed", "Board · new", "Overview"]]


def test_the_earlier_next_step_is_marked_and_needed_before_sealing(hand: Hand, bench: Workbench) -> None:
    own_id = sent_again(hand)
    case = hand.open(own_id)
    first = case.rubric.criteria[0].id
    assert [one.subject for one in blocking(case.findings) if one.check == "F15"] == [first]
    (partly,) = hand.seen(QPushButton, "The next step of attempt 1: Partly")
    partly.click()
    case = hand.settle()
    assert case.review.earlier_steps == {first: Addressed.PARTLY}
    assert [one for one in case.findings if one.check == "F15"] == []
    bench.run("undo")
    assert hand.settle().review.earlier_steps == {}
    hand.qtbot.waitUntil(lambda: not partly.isChecked())


def test_a_step_that_was_never_given_cannot_be_marked(hand: Hand, bench: Workbench) -> None:
    own_id = sent_again(hand)
    second = hand.open(own_id).rubric.criteria[1].id
    with pytest.raises(Refused, match="No next step was given"):
        hand.desk.mark_earlier_step(own_id, second, Addressed.NOT)


def test_an_artifact_stands_beside_what_it_was_before(hand: Hand, bench: Workbench) -> None:
    hand.open(sent_again(hand))
    bench.run("compare")
    assert bench.evidence.two
    assert sorted(one[-1] for one in titles(bench)) == ["Attempt 1: Plan", "Overview"]
    hand.qtbot.waitUntil(
        lambda: any(
            "The first one" in page.toPlainText() for page in bench.evidence.findChildren(QTextBrowser)
        ),
        timeout=10_000,
    )
    QTest.qWait(50)
    bench.evidence.anchor_here()
    assert hand.settle().review.anchors == ()
    assert "go to what was handed in now" in " ".join(hand.notices.sentences)


def test_what_is_as_before_or_new_is_said_and_nothing_opens(hand: Hand, bench: Workbench) -> None:
    hand.open(sent_again(hand))
    bench.evidence.step_artifact(1)
    bench.run("compare")
    assert "is new" in " ".join(hand.notices.sentences)
    bench.evidence.step_artifact(1)
    bench.run("compare")
    assert "as it was in attempt 1" in " ".join(hand.notices.sentences)
    assert not bench.evidence.two


def test_the_whole_earlier_feedback_can_be_read(hand: Hand, bench: Workbench) -> None:
    hand.open(sent_again(hand))
    bench.run("earlier_feedback")
    dialog = next(iter(hand.window.window().findChildren(EarlierFeedbackDialog)))
    words = dialog.page.toPlainText()
    assert "Attempt 1: Not yet earned" in words
    assert STEP in words
    dialog.accept()


def test_a_first_attempt_has_nothing_before_it(hand: Hand, bench: Workbench) -> None:
    case = hand.open(hand.given(Given("7F3A-21").add("board.png", photo())))
    assert case.submission.earlier is None
    assert not bench.action("compare").isEnabled()
    assert not bench.action("earlier_feedback").isEnabled()
