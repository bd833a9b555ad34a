"""What the checks find, and what stops the seal."""

import time
from dataclasses import replace
from typing import Any

import pytest

from assessor_desk.domain.anchor import Anchor, TextQuote, TimeSpan
from assessor_desk.domain.feedback import CHECKS, Finding, blocking, findings
from assessor_desk.domain.policy import DEFAULT_CHECKS, CheckState, FeedbackFloors, Policy
from assessor_desk.domain.review import CriterionWork, Review, TextField
from assessor_desk.domain.rubric import (
    Criterion,
    DecisionRule,
    EvidenceRequirement,
    Outcome,
    PerformanceLevel,
    Rubric,
    StandardSetting,
)
from assessor_desk.domain.submission import Artifact, Part, Submission

LEVELS = tuple(
    PerformanceLevel(one, one.title(), f"What {one} looks like.") for one in ("low", "mid", "high")
)
CLIP = EvidenceRequirement(
    "clip", "Lesson video", "Video", "One clip", "5–15 minutes", "Unedited", ("plans", "asks")
)
RUBRIC = Rubric(
    "math", "1", "Math", "Issuer", "c", "k", ("part",), (), (), (CLIP,),
    (Criterion("plans", "Plans checks", LEVELS, "high"), Criterion("asks", "Asks everyone", LEVELS, "high")),
    DecisionRule(), StandardSetting("sample"),
)  # fmt: skip
POLICY = Policy("default", "1", "Default", "Lakeside")
SUBMISSION = Submission(
    "s", "hub", "7F3A-21", "math", 1, (Artifact("v", Part.WORK, "lesson.mp4", sha256="0"),)
)
PROSE = (
    "At 02:13 the exit ticket asks every table for the same comparison, "
    "so that the answers can be read side by side."
)
OVERALL = " ".join(
    [PROSE, "Across both criteria the plan is ahead of the lesson.", PROSE.replace("exit", "entry")]
)

GOOD_PLANS = CriterionWork(
    "high", {TextField.RATIONALE: PROSE, TextField.STRENGTH: PROSE + " Good to read."}, ("x",)
)
GOOD_ASKS = CriterionWork(
    "mid",
    {
        TextField.RATIONALE: "Three of 24 answer at 04:38, the tables at the back are not asked at any time.",
        TextField.NEXT_STEP: "Have every student commit to an answer before you call on anyone.",
        TextField.WOULD_SHOW: "A lesson video in which every student answers.",
        TextField.EXTENSION: "Let students compare.",
    },
    ("x",),
)
GOOD = Review(
    "r",
    completeness=(),
    works={"plans": GOOD_PLANS, "asks": GOOD_ASKS},
    overall=OVERALL,
    anchors=(Anchor("x", "v", TimeSpan(1000), "three hands"),),
)


def found(review: Review, policy: Policy = POLICY, submission: Submission = SUBMISSION) -> dict[str, Finding]:
    return {f"{one.check} {one.subject}".strip(): one for one in findings(review, RUBRIC, policy, submission)}


def with_text(criterion: str, field: TextField, text: str) -> Review:
    work = GOOD.work(criterion)
    return replace(GOOD, works={**GOOD.works, criterion: replace(work, texts={**work.texts, field: text})})


def with_work(criterion: str, **changes: Any) -> Review:
    return replace(GOOD, works={**GOOD.works, criterion: replace(GOOD.work(criterion), **changes)})


def test_a_careful_review_leaves_nothing_to_do() -> None:
    assert found(GOOD) == {}
    assert GOOD.recommendation(RUBRIC) is Outcome.NOT_YET


def test_an_empty_review_says_what_is_needed_first() -> None:
    wanted = found(Review("r"))
    assert "completeness" in [one.sentence for one in findings(Review("r"), RUBRIC, POLICY, SUBMISSION)][-2]
    assert wanted["F1 plans"].sentence == "Choose a level"
    assert all(one.blocks for one in wanted.values())


def test_an_incomplete_submission_needs_overall_feedback_alone() -> None:
    review = Review("r", completeness=("missing_part",))
    assert list(found(review)) == ["F1"]
    assert found(replace(review, overall=OVERALL)) == {}


@pytest.mark.parametrize(
    ("review", "expected"),
    [
        (with_text("plans", TextField.RATIONALE, " "), "F1 plans"),
        (replace(GOOD, overall=GOOD_PLANS.texts[TextField.RATIONALE]), "F2"),
        (with_work("plans", anchors=()), "F3 plans"),
        (with_text("asks", TextField.NEXT_STEP, ""), "F4 asks"),
        (with_text("asks", TextField.WOULD_SHOW, "Something better."), "F4 asks"),
        (with_text("plans", TextField.STRENGTH, ""), "F5"),
        (with_text("plans", TextField.STRENGTH, "As [name a moment] shows, the plan holds."), "F12 plans"),
    ],
)
def test_what_is_missing_stops_the_seal(review: Review, expected: str) -> None:
    assert found(review)[expected].blocks


def test_no_evidence_found_is_an_answer() -> None:
    assert "F3 plans" not in found(with_work("plans", anchors=(), no_evidence=True))


def test_a_missing_extension_warns_and_does_not_stop_the_seal() -> None:
    finding = found(with_text("asks", TextField.EXTENSION, ""))["F5"]
    assert finding.can_be_kept
    assert not finding.blocks


@pytest.mark.parametrize(
    "words",
    [
        "Write to ana.lee@school.org today",
        "Call 501 555 0199 about it",
        "As Ms. Rivera asks",
        "see rivera-lesson.docx",
    ],
)
def test_what_may_identify_somebody_needs_a_reason(words: str) -> None:
    review = with_text("plans", TextField.RATIONALE, f"{PROSE} {words}.")
    finding = found(review)["F10 plans"]
    assert finding.blocks
    assert finding.can_be_kept
    kept = replace(review, kept={("F10", "plans"): "A published author"})
    assert not found(kept)["F10 plans"].blocks


def test_a_name_that_the_source_knows_is_found_in_any_script() -> None:
    known = replace(SUBMISSION, name_words=("Nguyễn", "ليلى"))
    review = with_text("plans", TextField.RATIONALE, f"{PROSE} ليلى asks.")
    assert "ليلى" in found(review, submission=known)["F10 plans"].sentence


def test_a_quotation_anchored_in_the_evidence_is_looked_at_too() -> None:
    quote = Anchor("x", "v", TextQuote("write to j.doe@example.org"))
    assert "F10 plans" in found(replace(GOOD, anchors=(quote,)))


@pytest.mark.parametrize("words", ["3/4 of 24", "04:38–04:55", "5–15 minutes", "lesson.mp4", "Dr"])
def test_times_fractions_and_the_submissions_own_files_identify_nobody(words: str) -> None:
    assert found(with_text("plans", TextField.RATIONALE, f"{PROSE} {words}")) == {}


def test_a_place_without_a_line_is_pointed_at_where_the_programme_asks_for_one() -> None:
    silent = tuple(Anchor(name, "v", TimeSpan(1000 * number)) for number, name in enumerate("xyz", 1))
    review = replace(
        GOOD, anchors=silent, works={**GOOD.works, "plans": replace(GOOD_PLANS, anchors=("x", "z"))}
    )
    assert "F16 plans" not in found(review)
    asked = replace(POLICY, checks={**DEFAULT_CHECKS, "F16": CheckState.BLOCK})
    finding = found(review, asked)["F16 plans"]
    assert finding.sentence == (
        "Say in one line what is seen at lesson.mp4 00:01 and at 1 more of its places"
    )
    assert finding.blocks
    assert found(review, asked)["F16 asks"].sentence == "Say in one line what is seen at lesson.mp4 00:01"
    assert found(GOOD, asked) == {}


def test_private_notes_are_never_looked_at() -> None:
    assert found(replace(GOOD, notes="ana.lee@school.org")) == {}


def test_short_texts_warn_with_their_length() -> None:
    finding = found(replace(GOOD, overall="Too short."))["F12"]
    assert finding.sentence.startswith("2 words")
    assert not finding.blocks


def test_the_programme_switches_checks_not_the_assessor() -> None:
    policy = replace(POLICY, checks={"F3": CheckState.OFF, "F12": CheckState.BLOCK})
    review = replace(with_work("plans", anchors=()), overall="Too short.")
    assert "F3 plans" not in found(review, policy)
    assert found(review, policy)["F12"].blocks


def test_a_programme_may_want_feedback_on_every_criterion() -> None:
    policy = replace(POLICY, floors=FeedbackFloors(feedback_on="all"))
    review = with_work("plans", texts={TextField.RATIONALE: PROSE})
    assert "F1 plans" in found(review, policy)
    assert "F1 plans" not in found(review)


def test_blocking_findings_are_those_that_block() -> None:
    every = findings(with_text("asks", TextField.EXTENSION, ""), RUBRIC, POLICY, SUBMISSION)
    assert every
    assert blocking(every) == ()


def test_every_check_is_one_of_the_policys_or_holds_a_policys_limits() -> None:
    assert {one.id for one in CHECKS.values() if one.always is None} <= set(DEFAULT_CHECKS)
    assert [one.id for one in CHECKS.values() if one.always] == ["D1", "C1"]
    assert all(check.id == key and check.title for key, check in CHECKS.items())


@pytest.mark.parametrize("text", ["a" * 400_000, "a-" * 200_000, "Every pupil answers. " * 20_000])
def test_a_very_long_text_is_checked_at_once(text: str) -> None:
    start = time.perf_counter()
    found(replace(with_text("plans", TextField.RATIONALE, text), overall=text))
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "words", ["A clip in which every student answers.", "Another lesson video.", "New videos"]
)
def test_the_evidence_that_would_show_it_may_be_named_by_title_kind_or_what_is_counted(words: str) -> None:
    assert "F4 asks" not in found(with_text("asks", TextField.WOULD_SHOW, words))


@pytest.mark.parametrize("words", ["Something else of one.", "Each level, please"])
def test_other_words_of_the_amount_name_no_evidence(words: str) -> None:
    assert found(with_text("asks", TextField.WOULD_SHOW, words))["F4 asks"].blocks
