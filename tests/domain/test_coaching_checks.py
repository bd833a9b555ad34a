"""The checks on a coach's notes: wording as on a review, nothing of levels, and the programme's limits."""

from dataclasses import replace

import pytest

from assessor_desk.domain.anchor import Anchor, TimeSpan
from assessor_desk.domain.coaching import CoachingNotes
from assessor_desk.domain.decision import Decision
from assessor_desk.domain.feedback import Finding, findings
from assessor_desk.domain.policy import CheckState, CoachingLimits, Policy
from assessor_desk.domain.review import CriterionWork, TextField
from assessor_desk.domain.submission import Artifact, Part, Submission
from assessor_desk.places import resources, rubrics
from assessor_desk.rubric_files import load_policy, load_rubric

RUBRIC = load_rubric(rubrics() / "formative-assessment-math.yaml")
POLICY = load_policy(resources() / "policies" / "draft-coaching.yaml")
SUBMISSION = Submission(
    "s", "hub", "7F3A-21", RUBRIC.id, 1, (Artifact("v", Part.WORK, "lesson-video.mp4"),), draft=True
)
PRESENT, TRY, QUESTION = TextField.PRESENT, TextField.TRY_NEXT, TextField.QUESTION

GOOD = CoachingNotes(
    "n",
    works={
        "elicits-evidence": CriterionWork(
            texts={
                PRESENT: "At 0:12 “Everyone commits before we hear one” is said, and at 0:28 all boards are up.",
                TRY: "Read the back tables first, and write up the answers that differ, as at 0:40.",
                QUESTION: "What did the four who wrote 8 have in mind?",
            },
            anchors=("x",),
        )
    },
    overall=(
        "The boards at 0:28 carry this draft; what the lesson then does with 18, 6 and 8 is the place to go on. Begin "
        "with the table in the plan, before anything else."
    ),
    anchors=(Anchor("x", "v", TimeSpan(28_000), "All twenty boards at once"),),
)


def found(notes: CoachingNotes, policy: Policy = POLICY) -> dict[str, Finding]:
    return {f"{one.check} {one.subject}".strip(): one for one in findings(notes, RUBRIC, policy, SUBMISSION)}


def with_text(which: TextField, text: str, criterion: str = "elicits-evidence") -> CoachingNotes:
    work = GOOD.work(criterion)
    changed = replace(work, texts={**work.texts, which: text})
    return replace(GOOD, works={**GOOD.works, criterion: changed})


def test_careful_notes_leave_nothing_to_do() -> None:
    assert found(GOOD) == {}


def test_nothing_is_asked_about_levels_whatever_the_policy_says() -> None:
    strict = replace(POLICY, checks=dict.fromkeys(("F1", "F2", "F3", "F4", "F9", "F13"), CheckState.BLOCK))
    assert found(GOOD, strict) == {}


@pytest.mark.parametrize(
    ("notes", "check"),
    [
        (with_text(PRESENT, "You are a natural, and this is a great job as far as I can see."), "F8"),
        (with_text(TRY, "NEVER CALL on one student alone, as it is at 0:13 of the recording."), "F14"),
        (with_text(QUESTION, "What would ana.lee@school.org have said at 0:28 to this question?"), "F10"),
        (with_text(TRY, "At 0:40, use [a routine] to hear the back tables before anybody else."), "F12"),
    ],
)
def test_wording_is_looked_at_in_every_field_of_a_coach(notes: CoachingNotes, check: str) -> None:
    assert f"{check} elicits-evidence" in found(notes)


def test_notes_that_would_fit_any_draft_are_told() -> None:
    work = CriterionWork(texts={TRY: "Try to involve more students and think about what they understand."})
    notes = replace(GOOD, works={**GOOD.works, "gives-feedback": work})
    assert found(notes)["F7 gives-feedback"].field is TRY


def test_lines_at_anchors_are_read_as_well() -> None:
    line = Anchor("x", "v", TimeSpan(28_000), "You are a gifted teacher!!")
    seen = found(replace(GOOD, anchors=(line,)))
    assert seen["F8 elicits-evidence"].field is None
    assert "the line at an anchor" in seen["F14 elicits-evidence"].sentence


def test_what_is_there_is_said_once_and_anchored() -> None:
    assert "what is there already" in found(with_text(PRESENT, ""))["F5"].sentence
    loose = {"elicits-evidence": replace(GOOD.work("elicits-evidence"), anchors=())}
    assert found(replace(GOOD, works=loose))["F5"].sentence.startswith("Anchor the evidence")


def test_four_things_to_try_want_a_first() -> None:
    works = {
        one.id: CriterionWork(texts={TRY: "At 0:40, hear the tables at the back before anybody else."})
        for one in RUBRIC.criteria[:4]
    }
    notes = replace(GOOD, works=works, overall="")
    assert found(notes)["F11"].sentence.startswith("4 things to try next;")


def test_help_on_a_criterion_left_to_the_educator_has_to_go() -> None:
    policy = replace(POLICY, coaching=CoachingLimits(criteria=("plans-checks",)))
    finding = found(GOOD, policy)["C1 elicits-evidence"]
    assert finding.blocks
    assert not finding.can_be_kept
    assert finding.sentence == (
        "The programme leaves “Elicits evidence from every student” to the educator; "
        "move the note to “Plans checks for understanding”"
    )


def test_a_line_at_an_anchor_given_to_such_a_criterion_is_help_on_it() -> None:
    policy = replace(POLICY, coaching=CoachingLimits(criteria=("plans-checks",)))
    silent = replace(GOOD, works={"elicits-evidence": CriterionWork(anchors=("x",))})
    assert "C1 elicits-evidence" in found(silent, policy)
    assert "C1 elicits-evidence" not in found(replace(silent, anchors=()), policy)


def test_more_notes_than_the_programme_allows_have_to_go() -> None:
    assert GOOD.written == 4
    assert "C1" not in found(GOOD, replace(POLICY, coaching=CoachingLimits(notes_at_most=4)))
    finding = found(GOOD, replace(POLICY, coaching=CoachingLimits(notes_at_most=3)))["C1"]
    assert "4 notes; the programme allows 3 on one draft. Take back 1" in finding.sentence
    assert finding.blocks


def test_a_finding_in_notes_can_be_kept_with_a_reason() -> None:
    notes = with_text(TRY, "NEVER CALL on one student alone, as it is at 0:13 of the recording.")
    kept = replace(notes, kept={("F14", "elicits-evidence"): "It is the rule's name"})
    assert found(kept)["F14 elicits-evidence"].kept == "It is the rule's name"


def test_a_decisions_own_texts_are_looked_at_before_they_leave() -> None:
    decision = Decision("d", overall="Write to ana.lee@school.org about [what].", reason="GREAT WORK!!")
    seen = [(one.check, one.field) for one in findings(decision, RUBRIC, POLICY, SUBMISSION)]
    assert ("F10", TextField.OVERALL) in seen
    assert ("F12", TextField.OVERALL) in seen
    assert ("F14", TextField.REASON) not in seen
