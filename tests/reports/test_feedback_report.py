"""What a feedback report says: the outcome first and plainly, what to do next, until when, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.packets.building import TEXTS, shipped_policy, shipped_rubric
from tests.reports.decided import EARNED, INCOMPLETE, NOT_YET, a_report, some_feedback

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import Appeal, Contacts
from assessor_desk.domain.review import TextField
from assessor_desk.domain.rubric import DecisionRule, Outcome
from assessor_desk.reports.feedback_report import FeedbackReport

POLICY = shipped_policy()
CRITERIA = [criterion.id for criterion in shipped_rubric().criteria]


def with_levels(below: set[str], outcome: Outcome = NOT_YET) -> dict[str, Any]:
    """Feedback in which exactly these criteria are below passing."""
    document = some_feedback(outcome)
    for one in document["criteria"]:
        criterion = shipped_rubric().criterion(one["criterion"])
        level = criterion.level("progressing" if one["criterion"] in below else "demonstrated")
        one.update(level=level.id, level_title=level.title, descriptor=level.descriptor)
        one["passed"] = criterion.passes(level.id)
    return document


def onward(report: FeedbackReport) -> str:
    return "\n".join(report.onward.paragraphs)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (EARNED, "Earned. All five criteria are Demonstrated."),
        (NOT_YET, "Not yet earned. Four of five criteria are Demonstrated; criterion 2 needs new evidence."),
        (INCOMPLETE, "Incomplete. Two things must be put right before the evidence can be assessed."),
    ],
)
def test_the_outcome_is_said_first_and_plainly(outcome: Outcome, words: str) -> None:
    assert a_report(outcome).headline == words


def test_where_nothing_passes_yet_it_says_that_all_need_new_evidence() -> None:
    report = a_report(feedback=with_levels(set(CRITERIA)))

    assert report.headline == "Not yet earned. All five criteria need new evidence."
    assert "what follows says what to send" in report.lead[0]


def test_an_incomplete_submission_hears_nothing_of_competence() -> None:
    report = a_report(INCOMPLETE)

    assert report.reasons == ("A part is missing.", "Unreadable, inaudible or unplayable.")
    assert (report.criteria, report.strengths, report.to_earn, report.if_you_like) == ((), (), (), ())
    assert "nothing was scored" in report.lead[0]
    assert "Put right what is named under “What is missing” and send it again by 21 December 2026." in onward(
        report
    )


def test_what_earns_it_are_the_next_steps_of_criteria_below_passing() -> None:
    report = a_report()

    assert [one.title for one in report.to_earn] == ["Criterion 2"]
    assert report.to_earn[0].text == TEXTS["elicits-evidence"][TextField.NEXT_STEP]
    assert report.to_earn[0].would_show == TEXTS["elicits-evidence"][TextField.WOULD_SHOW]
    assert [one.text for one in report.if_you_like] == [TEXTS["plans-checks"][TextField.EXTENSION]]


def test_once_earned_every_next_step_is_an_offer() -> None:
    report = a_report(EARNED)

    assert report.to_earn == ()
    assert TEXTS["elicits-evidence"][TextField.NEXT_STEP] in [one.text for one in report.if_you_like]


def test_an_earned_credential_with_a_criterion_below_gives_it_a_section_and_no_duty() -> None:
    rubric = replace(shipped_rubric(), decision_rule=DecisionRule("at_least", 4))
    report = a_report(feedback=with_levels({"elicits-evidence"}, EARNED), rubric=rubric)

    assert report.headline == (
        "Earned. Four of five criteria are Demonstrated, as many as the rubric's rule asks for."
    )
    assert [one.number for one in report.below] == [2]
    assert report.to_earn == ()
    assert "Send" not in onward(report)


def test_each_criterion_below_passing_names_the_next_level_and_its_words() -> None:
    [section] = a_report().below
    criterion = shipped_rubric().criterion("elicits-evidence")
    above = criterion.next_level("progressing")

    assert above is not None
    assert (section.next_level, section.next_descriptor) == (above.title, above.descriptor)
    assert (section.level, section.passing_level) == ("Progressing", "Demonstrated")


def test_evidence_is_named_in_words_shortly_in_the_table_and_in_full_beside_the_strength() -> None:
    first = a_report().criteria[0]

    assert first.cited == ("Lesson plan: page 2, part", "Lesson video: 02:13–02:41")
    assert first.evidence == ("Lesson plan, page 2, part", "Lesson video 02:13–02:41")


def test_it_says_until_when_new_evidence_may_come_what_shows_it_and_how_many_attempts_are_left() -> None:
    said = onward(a_report(released_on=date(2026, 12, 20)))

    assert (
        "Send new evidence for criterion 2 by 19 January 2027. This was attempt 2 of 3; one is left." in said
    )
    assert "Evidence that can show criterion 2: Lesson video (one clip, 2 to 15 minutes)." in said


def test_after_the_last_attempt_it_asks_for_nothing_more() -> None:
    report = a_report(attempt=3)

    assert "This was attempt 3 of 3. It was the last one that the programme takes." in onward(report)
    assert "Send new evidence" not in onward(report)
    assert "you need to send" not in report.lead[0]
    assert report.onward.title == "How to appeal, and whom to ask"


def test_an_attempt_that_is_not_to_be_said_is_not_said() -> None:
    report = a_report(attempt=None)

    assert report.title == "Feedback report, submission 7F3A-21"
    assert "The programme takes three attempts in all." in onward(report)


def test_a_programme_that_counts_no_attempts_and_sets_no_day_says_neither() -> None:
    said = onward(a_report(policy=replace(POLICY, attempts=0, resubmission_window_days=0)))

    assert said.startswith("Send new evidence for criterion 2.\n")
    assert "attempt" not in said


def test_a_programme_that_carries_nothing_over_wants_everything_again() -> None:
    report = a_report(policy=replace(POLICY, resubmission_carries="nothing"))

    assert "Send all of the evidence again, with what is new in it by 21 December 2026." in onward(report)
    assert "only" not in report.lead[0]


def test_the_way_to_appeal_and_its_last_day_count_from_the_release() -> None:
    policy = replace(POLICY, appeal=Appeal("Write to appeals@lakeside.example", 29))

    assert (
        "If you think that this decision is wrong, you may appeal until 20 December 2026. "
        "Write to appeals@lakeside.example."
    ) in onward(a_report(policy=policy))


def test_what_a_programme_does_not_offer_is_not_mentioned() -> None:
    report = a_report(EARNED, policy=replace(POLICY, appeal=Appeal(), contacts=Contacts()))

    assert report.onward.title == "What now"
    assert onward(report) == ""


@pytest.mark.parametrize(
    ("assessors", "words"),
    [
        (0, "A reviewer looked at it"),
        (1, "An assessor looked at it"),
        (2, "Two assessors looked at it independently"),
    ],
)
def test_it_says_how_many_looked_and_never_who(assessors: int, words: str) -> None:
    assert words in a_report(assessors=assessors).lead[0]


def test_who_sealed_is_a_number_and_the_rubrics_version_is_named() -> None:
    report = a_report()

    assert report.foot == "Sealed by reviewer R-0207 for Lakeside Regional Programme (sample) · rubric 2026.1"
    assert [one.value for one in report.about] == [
        "Leveraging Formative Assessment During a Math Lesson",
        "Version 2026.1, by Lakeside Regional Programme (sample)",
        "7F3A-21, attempt 2",
        "20 November 2026, by reviewer R-0207 for Lakeside Regional Programme (sample)",
        "21 November 2026",
    ]


def test_a_sample_rubric_is_said_to_be_one_and_another_is_not() -> None:
    assert "sample rubric" in a_report().sample_notice
    assert a_report(rubric=replace(shipped_rubric(), sample=False)).sample_notice == ""


def test_a_recommendation_alone_makes_no_report() -> None:
    feedback = some_feedback()
    feedback["recommendation"] = feedback.pop("outcome")

    with pytest.raises(Refused, match="once it is decided"):
        a_report(feedback=feedback)


def test_feedback_of_another_rubric_is_refused_by_name() -> None:
    with pytest.raises(
        Refused, match=r"formative-assessment-math 2026\.1, not formative-assessment-math 2027\.1"
    ):
        a_report(rubric=replace(shipped_rubric(), version="2027.1"))


def test_the_educator_is_greeted_only_where_the_name_is_handed_over() -> None:
    assert a_report().greeting == ""
    assert a_report(educator="Nguyễn Thị Hồng Hạnh").greeting == "For Nguyễn Thị Hồng Hạnh"
