"""The checks on how something is said: what they notice, and what they leave alone."""

import time
from dataclasses import replace
from typing import Any

import pytest

from assessor_desk.desk.evidence_words import Words
from assessor_desk.desk.surroundings import surroundings, word_likeness
from assessor_desk.domain.anchor import Anchor, TimeSpan
from assessor_desk.domain.checking import EarlierText, Surroundings
from assessor_desk.domain.feedback import Finding, findings
from assessor_desk.domain.phrases import Phrase
from assessor_desk.domain.policy import FeedbackFloors, Policy
from assessor_desk.domain.review import CriterionWork, Review, TextField
from assessor_desk.domain.submission import Artifact, Part, Submission
from assessor_desk.domain.wording import difflib_likeness, school_years, syllables
from assessor_desk.places import rubrics
from assessor_desk.rubric_files import load_rubric

RUBRIC = load_rubric(rubrics() / "formative-assessment-math.yaml")
POLICY = Policy("default", "1", "Default", "Lakeside")
SUBMISSION = Submission(
    "s", "hub", "7F3A-21", RUBRIC.id, 1, (Artifact("v", Part.WORK, "lesson-video.mp4", sha256="0"),)
)
ANCHOR = Anchor("x", "v", TimeSpan(1000))
STRENGTH, NEXT, WHY = TextField.STRENGTH, TextField.NEXT_STEP, TextField.RATIONALE


def review(criterion: str = "elicits-evidence", level: str = "progressing", **texts: str) -> Review:
    """A review with one criterion's work; each keyword is a text field, or the overall feedback."""
    overall = texts.pop("overall", "")
    work = CriterionWork(level, {TextField(name): text for name, text in texts.items()}, ("x",))
    return Review("r", completeness=(), works={criterion: work}, overall=overall, anchors=(ANCHOR,))


def unanchored(sheet: Review) -> Review:
    bare = {criterion: replace(work, anchors=()) for criterion, work in sheet.works.items()}
    return replace(sheet, works=bare, anchors=())


def found(sheet: Review, check: str, policy: Policy = POLICY, **around: Any) -> list[Finding]:
    seen = findings(sheet, RUBRIC, policy, SUBMISSION, Surroundings(**around))
    return [one for one in seen if one.check == check]


SAID = "Three students answer at the front tables, and the boards of the others stay empty until the end."


# -- F6 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("likeness", [difflib_likeness, word_likeness])
def test_nearly_the_same_words_as_in_an_earlier_review_are_noticed_with_their_place(likeness: Any) -> None:
    earlier = (EarlierText(SAID.replace("Three", "Four"), "the review of 91BB-02"),)
    (one,) = found(review(strength=SAID), "F6", earlier=earlier, likeness=likeness)
    assert one.sentence.startswith("Strength is nearly the same as in the review of 91BB-02;")
    assert (one.subject, one.field, one.blocks) == ("elicits-evidence", STRENGTH, False)


@pytest.mark.parametrize("likeness", [difflib_likeness, word_likeness])
def test_the_same_thought_in_other_words_is_left_alone(likeness: Any) -> None:
    earlier = (
        EarlierText("At the back nobody writes; the answers come from three hands in front.", "there"),
    )
    assert not found(review(strength=SAID), "F6", earlier=earlier, likeness=likeness)


def test_a_phrase_taken_as_it_came_is_noticed_and_one_filled_with_evidence_is_not() -> None:
    stem = (
        "The question at [time] does its work: it brings out in less than a minute [answers heard or seen]."
    )
    left = "The question at 0:13 does its work: it brings out in less than a minute answers."
    filled = "The question at 0:13 does its work: it brings out in less than a minute 12 in front and 15 at the back."
    assert found(review(strength=left), "F6", phrases=(stem,))
    assert not found(review(strength=filled), "F6", phrases=(stem,))


def test_a_whole_phrase_inside_a_text_that_is_mostly_it_is_noticed() -> None:
    phrase = "Have every student commit to an answer before you hear one of them."
    short = f"{phrase} Then read the boards."
    long = f"{phrase} {SAID} At 0:28 the tally on the wall adds up to nine, so eleven answers are not known."
    assert "the phrase bank" in found(review(next_step=short), "F6", phrases=(phrase,))[0].sentence
    assert not found(review(next_step=long), "F6", phrases=(phrase,))


def test_the_evidence_that_would_show_it_may_be_the_same_in_every_review() -> None:
    words = "A new lesson video, one unedited clip of 2 to 15 minutes, with the whole class."
    assert not found(review(would_show=words), "F6", earlier=(EarlierText(words, "there"),))


# -- F7 ------------------------------------------------------------------------------------------------------

GENERIC = (
    "You planned the lesson with care and students were active throughout. The strategies fit the goal. "
    "Go on in this way and think about where students could do even more."
)


def test_a_text_that_would_fit_any_submission_is_told() -> None:
    (one,) = found(review(overall=GENERIC), "F7")
    assert one.field is TextField.OVERALL
    assert "would fit any submission" in one.sentence


@pytest.mark.parametrize(
    "more",
    [
        "See 0:28.",
        "Page 3 shows it.",
        "“Everyone commits before we hear one” is kept to.",
        "The lesson-video.mp4 begins late.",
    ],
)
def test_a_moment_a_page_a_quotation_or_a_file_ties_a_text_to_its_submission(more: str) -> None:
    assert not found(review(overall=f"{GENERIC} {more}"), "F7")


def test_a_word_of_this_submission_counts_unless_rubric_or_most_others_have_it_too() -> None:
    sheet = review(overall=f"{GENERIC} The cups were a good idea, as were the fractions.")
    own = frozenset({"cups", "fracti"})
    assert not found(sheet, "F7", submission_roots=own)
    assert found(sheet, "F7", submission_roots=own, common_roots=own)
    assert found(review(overall=GENERIC), "F7", submission_roots=frozenset({"lesson", "studen", "cups"}))


def test_words_in_most_other_submissions_are_found_by_their_roots() -> None:
    around = surroundings(
        evidence=[Words.of_text("Cups for two fifths")],
        others=map(Words.of_text, ["fractions and cups", "fractions of a bar", "a fraction"]),
    )
    assert around.submission_roots >= {"cup", "fifth"}
    assert around.common_roots == {"fracti"}


def test_an_anchored_criterion_is_about_this_submission() -> None:
    assert not found(review(strength=GENERIC), "F7")
    (one,) = found(unanchored(review(strength=GENERIC)), "F7")
    assert (one.subject, one.field) == ("elicits-evidence", STRENGTH)


def test_a_figure_counts_only_while_not_all_of_the_submissions_words_are_here() -> None:
    sheet = review(overall=f"{GENERIC} There were 3 of them.")
    assert not found(sheet, "F7")
    assert not found(sheet, "F7", submission_roots=frozenset({"cups"})), "the rest may have three of them"
    assert found(sheet, "F7", submission_roots=frozenset({"cups"}), evidence_read=True)


# -- F8 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("You are a gifted teacher, and at 0:28 the boards show it.", "You are a gifted"),
        ("At 0:28 one sees your natural talent.", "your natural talent"),
        ("I am so proud of you for the boards at 0:28.", "proud of you"),
        ("You were unprepared at 0:28, when the boards went up.", "You were unprepared"),
        ("You’re simply amazing with these boards at 0:28.", "You’re simply amazing"),
    ],
)
def test_what_is_said_of_the_person_is_told_in_its_own_words(text: str, words: str) -> None:
    (one,) = found(review(strength=text), "F8")
    assert f"“{words}” in strength is about the person" in one.sentence


@pytest.mark.parametrize(
    "text", ["Great job!", "Well done, keep it up!", "Excellent work. A wonderful lesson, I loved it."]
)
def test_praise_alone_is_told(text: str) -> None:
    (one,) = found(review(strength=text), "F8")
    assert "praises and does not say what for" in one.sentence


@pytest.mark.parametrize(
    "text",
    [
        "Great use of mini whiteboards: every answer can be read before anyone speaks.",
        "You are asking a good question at 0:13.",
        "Your question at 0:13 is a good one.",
        "You were at the back tables when the boards went up.",
        "“You are a gifted teacher” is what a student writes on page 3.",
        "The student is careful with the bar.",
        "You are clear about the goal on page 2.",
    ],
)
def test_praise_that_says_what_for_and_words_of_others_are_left_alone(text: str) -> None:
    assert not found(review(strength=text), "F8")


def test_a_language_without_a_list_is_left_alone() -> None:
    assert not found(review(strength="Great job!"), "F8", replace(POLICY, languages=("vi",)))


# -- F9 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["The check at 0:13 is Demonstrated.", "Scored “Demonstrated”, since all answer.", "So Not met."]
)
def test_a_rationale_that_names_another_level_is_told(text: str) -> None:
    (one,) = found(review(rationale=text), "F9")
    assert "the level chosen is “Progressing”" in one.sentence


@pytest.mark.parametrize(
    "text",
    [
        "Progressing and not Demonstrated, since the back tables are not asked.",
        "What was demonstrated at 0:13 is a question for volunteers.",
        "To be Demonstrated, all would have to answer.",
    ],
)
def test_a_rationale_that_weighs_levels_is_left_alone(text: str) -> None:
    assert not found(review(rationale=text), "F9")


def test_the_words_of_a_lower_level_contradict_a_higher_one() -> None:
    lower = RUBRIC.criterion("elicits-evidence").level("progressing").descriptor
    (one,) = found(review(level="demonstrated", strength=f"Here {lower}"), "F9")
    assert "“Progressing”" in one.sentence
    assert not found(review(level="progressing", strength=f"Here {lower}"), "F9")


def test_no_evidence_and_a_passing_level_contradict_each_other() -> None:
    sheet = review(level="demonstrated")
    work = replace(sheet.work("elicits-evidence"), anchors=(), no_evidence=True)
    assert found(replace(sheet, works={"elicits-evidence": work}), "F9")
    lowest = replace(work, level="not-met")
    assert not found(replace(sheet, works={"elicits-evidence": lowest}), "F9")


# -- F11, F13 ------------------------------------------------------------------------------------------------


def test_four_next_steps_want_one_marked_first() -> None:
    works = {
        one.id: CriterionWork("progressing", {NEXT: "Ask the back tables."}) for one in RUBRIC.criteria[:4]
    }
    sheet = Review("r", completeness=(), works=works, overall="Four steps would help.")
    (one,) = found(sheet, "F11")
    assert one.sentence.startswith("4 next steps; say in the overall feedback which one comes first")
    assert not found(replace(sheet, overall="Start with the boards."), "F11")
    three = {criterion: works[criterion] for criterion in list(works)[:3]}
    assert not found(replace(sheet, works=three), "F11")


def test_a_next_step_takes_up_what_is_new_in_the_next_level() -> None:
    (one,) = found(review(next_step="Speak more slowly and smile."), "F13")
    assert "Say the next step in the words of “Demonstrated”" in one.sentence
    assert not found(review(next_step="Have every answer shown before anybody speaks."), "F13")


# -- F14 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("WELL DONE with the boards.", "“WELL DONE”"),
        ("You must NEVER ask one student.", "“NEVER”"),
        ("What a plan!! It holds.", "“!!”"),
        ("Boards! Cups! Bars! All at 0:28.", "3 exclamation marks"),
    ],
)
def test_shouting_is_told(text: str, words: str) -> None:
    (one,) = found(review(strength=text), "F14")
    assert one.sentence.startswith(f"{words} in strength may read as shouting")


@pytest.mark.parametrize(
    "text",
    [
        "The STEM unit and the IEP notes on page C are used.",
        "A student writes “I GOT IT!!!” on the board!",
        "学生在白板上写下答案，全班都能看到。",
        "جميع الطلاب يكتبون إجاباتهم قبل سماع أي إجابة.",
    ],
)
def test_abbreviations_quotations_and_scripts_without_capitals_do_not_shout(text: str) -> None:
    assert not found(review(strength=text), "F14")


def test_a_very_long_sentence_is_shown_by_its_beginning() -> None:
    words = (
        "At 0:13 the question goes to the front and " + "then to the table beside it and " * 8 + "no further."
    )
    (one,) = found(review(strength=words), "F14")
    assert one.sentence == (
        "A sentence of 67 words in strength; make two of it: “At 0:13 the question goes to the front …”"
    )
    assert not found(
        review(strength=words),
        "F14",
        replace(POLICY, floors=FeedbackFloors(words_per_sentence=70, school_years=30)),
    )


HEAVY = (
    "Instructional differentiation necessitates systematic consideration of heterogeneous mathematical "
    "conceptualisations, operationalised through collaboratively established formative assessment methodologies "
    "and the continuous documentation of individual developmental trajectories."
)


def test_a_text_that_takes_too_many_years_of_school_shows_its_hardest_sentence() -> None:
    (one,) = found(review(strength=f"At 0:13 it begins. {HEAVY}"), "F14")
    assert "years of school, the programme asks for 14 at most" in one.sentence
    assert "as in “Instructional differentiation necessitates" in one.sentence


def test_reading_is_measured_for_the_educators_texts_and_in_english_alone() -> None:
    assert not found(review(rationale=HEAVY), "F14")
    spanish = (
        "La diferenciación pedagógica necesita consideraciones sistemáticas de conceptualizaciones matemáticas "
        "heterogéneas establecidas colaborativamente mediante metodologías formativas individualizadas de evaluación."
    )
    assert not found(review(strength=spanish), "F14")


def test_the_formula_gives_the_published_figure() -> None:
    # 11.8 · 1 syllable a word + 0.39 · 6 words a sentence − 15.59
    assert school_years("The cat sat on the mat. The dog ate all of it.") == pytest.approx(-1.45, abs=0.01)


@pytest.mark.parametrize(
    ("word", "count"), [("table", 2), ("made", 1), ("asked", 1), ("wanted", 2), ("education", 4), ("18", 1)]
)
def test_syllables_are_counted_by_vowels(word: str, count: int) -> None:
    assert syllables(word) == count


def test_an_incomplete_submission_is_told_kindly_too() -> None:
    sheet = Review("r", completeness=("missing_part",), overall="THE REFLECTION IS MISSING!!")
    assert found(sheet, "F14")
    assert not found(replace(sheet, overall=GENERIC), "F7")


def test_checks_beside_a_full_phrase_bank_and_hundreds_of_earlier_texts_take_no_time() -> None:
    texts = [
        f"{SAID} Number {n} is told apart by page {n} and {' '.join('ab' * (n % 7))}" for n in range(500)
    ]
    around = surroundings(
        [EarlierText(text, "there") for text in texts[:400]], [Phrase(text, text) for text in texts[400:]]
    )
    sheet = review(strength="a", rationale="b", overall=GENERIC)
    findings(sheet, RUBRIC, POLICY, SUBMISSION, around)
    start = time.perf_counter()
    for n in range(20):
        typed = replace(sheet, overall=f"{GENERIC} {'and on ' * n}")
        findings(typed, RUBRIC, POLICY, SUBMISSION, around)
    assert (time.perf_counter() - start) / 20 < 0.05
