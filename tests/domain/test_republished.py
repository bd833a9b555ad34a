"""What moving a review to another version of its rubric does, for any two versions and any work."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor_desk.domain.entries import Entry, EntryKind
from assessor_desk.domain.replaced import ArtifactChange, from_json, replaced, seen_in, to_json
from assessor_desk.domain.republished import (
    CriterionChange,
    ScoreAfter,
    counted,
    marked,
    moving,
    with_known_levels,
)
from assessor_desk.domain.review import Review, TextField, fold
from assessor_desk.domain.rubric import Criterion, DecisionRule, PerformanceLevel, Rubric, StandardSetting
from assessor_desk.domain.submission import Artifact, Part, Submission

AT = datetime(2026, 11, 22, tzinfo=UTC)
WORDS = st.text("ab .,A", max_size=12)
IDS = ("one", "two", "three", "four")
LEVELS = ("low", "middle", "high")


@st.composite
def criteria(draw: st.DrawFn, own_id: str) -> Criterion:
    """A criterion with one to three levels."""
    ids = draw(st.lists(st.sampled_from(LEVELS), min_size=1, unique=True))
    levels = tuple(
        PerformanceLevel(one, one.title(), draw(WORDS), (draw(WORDS),), draw(WORDS)) for one in ids
    )
    return Criterion(own_id, draw(WORDS), levels, draw(st.sampled_from(ids)))


@st.composite
def rubrics(draw: st.DrawFn, version: str) -> Rubric:
    """A version of a rubric with some of the criteria, in any order."""
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, unique=True))
    own = tuple(draw(criteria(one)) for one in ids)
    rule, setting = DecisionRule(), StandardSetting("sample")
    return Rubric("r", version, "Rubric", "", "", "", (), (), (), (), own, rule, setting)


@st.composite
def work(draw: st.DrawFn, rubric: Rubric) -> list[Entry]:
    """Levels, texts and declarations on some of its criteria."""
    told: list[tuple[EntryKind, dict[str, object]]] = []
    for criterion in rubric.criteria:
        level = draw(st.sampled_from([None, *(one.id for one in criterion.levels)]))
        told.append((EntryKind.SCORE_RECORDED, {"criterion": criterion.id, "level": level}))
        text = {"field": TextField.RATIONALE.value, "criterion": criterion.id, "text": draw(WORDS)}
        told.append((EntryKind.TEXT_WRITTEN, text))
    return [_entry(number, *one) for number, one in enumerate(told, 1)]


def _entry(number: int, kind: EntryKind, data: dict[str, object]) -> Entry:
    return Entry(f"e{number}", "r", kind, data, AT, "d", number, f"s{number}")


def _moved(entries: list[Entry], before: Rubric, after: Rubric) -> tuple[Review, list[Entry]]:
    again = list(moving(fold("r", entries), before, after).again)
    data = {"assigned": before.version, "from": before.version, "to": after.version, "again": again}
    all_entries = [*entries, _entry(len(entries) + 1, EntryKind.RUBRIC_MOVED, data)]
    return fold("r", all_entries), all_entries


@given(st.data())
def test_a_move_loses_no_text_keeps_no_level_that_means_something_else_and_is_undone_wholly(
    data: st.DataObject,
) -> None:
    before, after = data.draw(rubrics("1")), data.draw(rubrics("2"))
    entries = data.draw(work(before))
    review = fold("r", entries)
    move = moving(review, before, after)
    moved, all_entries = _moved(entries, before, after)
    assert {one.id for one in move.criteria} == {one.id for one in (*before.criteria, *after.criteria)}
    for own_id, done in review.works.items():
        assert moved.work(own_id).texts == done.texts
    for one in move.criteria:
        stays = one.score in (ScoreAfter.CARRIED, ScoreAfter.KEPT)
        assert moved.work(one.id).level == (review.work(one.id).level if stays else None)
    assert counted(moved, after).recommendation(after) is moved.recommendation(after)
    assert set(counted(moved, after).works) <= {one.id for one in after.criteria}
    undone = [*all_entries, _entry(99, EntryKind.UNDONE, {"undoes": all_entries[-1].step})]
    assert fold("r", undone) == review


@given(st.data())
def test_the_same_rubric_changes_nothing_and_signs_alone_want_no_new_score(data: st.DataObject) -> None:
    rubric = data.draw(rubrics("1"))
    review = fold("r", data.draw(work(rubric)))
    same = moving(review, rubric, replace(rubric, version="2"))
    assert (same.unchanged, same.again, same.about_all) == (True, (), ())
    louder = tuple(replace(one, title=f" {one.title.upper()}! ") for one in rubric.criteria)
    assert moving(review, rubric, replace(rubric, version="2", criteria=louder)).again == ()


@given(WORDS, WORDS)
def test_what_differs_is_marked_and_no_word_is_lost(before: str, after: str) -> None:
    left, right = marked(before, after)
    assert "".join(words for words, _ in left) == before
    assert "".join(words for words, _ in right) == after
    if before == after:
        assert not any(differs for _, differs in (*left, *right))


@pytest.mark.parametrize(
    ("edit", "change", "score"),
    [
        (lambda one: one, CriterionChange.UNCHANGED, ScoreAfter.CARRIED),
        (lambda one: _with(one, near_miss="Praise alone."), CriterionChange.EXAMPLES, ScoreAfter.CARRIED),
        (lambda one: _with(one, descriptor="Something else."), CriterionChange.REWORDED, ScoreAfter.AGAIN),
        (lambda one: replace(one, levels=one.levels[1:]), CriterionChange.LEVELS, ScoreAfter.AGAIN),
        (lambda one: replace(one, passing="low"), CriterionChange.LEVELS, ScoreAfter.AGAIN),
        (lambda one: replace(one, id="other"), CriterionChange.GONE, ScoreAfter.KEPT),
    ],
)
def test_what_each_change_makes_of_a_score(edit: object, change: CriterionChange, score: ScoreAfter) -> None:
    levels = tuple(PerformanceLevel(one, one.title(), f"It is {one}.") for one in LEVELS)
    before = Criterion("one", "Asks", levels, "high")
    review = fold("r", [_entry(1, EntryKind.SCORE_RECORDED, {"criterion": "one", "level": "high"})])
    move = moving(review, _rubric("1", before), _rubric("2", edit(before)))  # type: ignore[operator]
    told = next(one for one in move.criteria if one.id == "one")
    assert (told.change, told.score, told.level_before) == (change, score, "High")


def test_a_level_that_another_device_chose_by_the_version_before_is_not_taken_for_one_of_this() -> None:
    levels = tuple(PerformanceLevel(one, one.title(), "") for one in LEVELS)
    rubric = _rubric("2", Criterion("one", "Asks", levels[1:], "high"))
    review = fold("r", [_entry(1, EntryKind.SCORE_RECORDED, {"criterion": "one", "level": "low"})])
    assert with_known_levels(review, rubric).levels == {}


def test_what_differs_in_replaced_evidence_is_told_as_far_as_it_was_written_down() -> None:
    plan = Artifact("plan", Part.OVERVIEW, "plan.md", "Plan", sha256="a")
    clip = Artifact("clip", Part.WORK, "clip.mp4", "Clip", sha256="b")
    before = Submission("s", "src", "K", "r", 1, (plan, clip))
    after = replace(before, artifacts=(replace(plan, sha256="c"), replace(clip, id="new", label="More")))
    seen = from_json(to_json(seen_in(before)))
    assert [(one.title, one.change) for one in replaced(seen, after)] == [
        ("Plan", ArtifactChange.REPLACED), ("More", ArtifactChange.ADDED), ("Clip", ArtifactChange.GONE),
    ]  # fmt: skip
    renamed = replace(before, artifacts=(replace(plan, label="The plan"), clip))
    assert [one.change for one in replaced(seen, renamed)] == [ArtifactChange.RENAMED]
    assert replaced((), after) == ()


def _with(criterion: Criterion, **changes: str) -> Criterion:
    *others, highest = criterion.levels
    return replace(criterion, levels=(*others, replace(highest, **changes)))


def _rubric(version: str, criterion: Criterion) -> Rubric:
    rule, setting = DecisionRule(), StandardSetting("sample")
    return Rubric("r", version, "Rubric", "", "", "", (), (), (), (), (criterion,), rule, setting)
