"""A review is the fold of its entries, whatever order they arrive in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assessor_desk.domain.anchor import Anchor, TimeSpan
from assessor_desk.domain.review import (
    Draft,
    Entry,
    EntryKind,
    TextField,
    anchor_to_json,
    fold,
    redoable_step,
    undoable_step,
)

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def entry(counter: int, kind: EntryKind, device: str = "a", step: str = "", **data: Any) -> Entry:
    own = f"{device}{counter}"
    return Entry(own, "review", kind, data, START + timedelta(seconds=counter), device, counter, step or own)


def scored(counter: int, level: str | None, criterion: str = "one", device: str = "a") -> Entry:
    return entry(counter, EntryKind.SCORE_RECORDED, device, criterion=criterion, level=level)


def placed(counter: int, anchor_id: str = "x") -> Entry:
    anchor = anchor_to_json(Anchor(anchor_id, "video", TimeSpan(1000, 2000), "three hands"))
    return entry(counter, EntryKind.ANCHOR_PLACED, anchor=anchor)


def given_to(counter: int, criterion: str, anchor_id: str = "x") -> Entry:
    return entry(counter, EntryKind.ANCHOR_GIVEN, anchor=anchor_id, criterion=criterion)


def test_the_latest_level_counts() -> None:
    review = fold("review", [scored(1, "low"), scored(2, "high")])
    assert review.levels == {"one": "high"}


def test_a_level_taken_back_leaves_the_criterion_unscored() -> None:
    assert fold("review", [scored(1, "low"), scored(2, None)]).levels == {}


def test_undo_takes_back_the_latest_step_and_redo_brings_it_back() -> None:
    entries = [scored(1, "low"), scored(2, "high")]
    assert undoable_step(entries) == "a2"
    entries.append(entry(3, EntryKind.UNDONE, undoes="a2"))
    assert fold("review", entries).levels == {"one": "low"}
    assert (undoable_step(entries), redoable_step(entries)) == ("a1", "a2")
    entries.append(entry(4, EntryKind.REDONE, undoes="a2"))
    assert fold("review", entries).levels == {"one": "high"}
    assert redoable_step(entries) is None


def test_nothing_can_be_redone_once_something_new_was_done() -> None:
    entries = [scored(1, "low"), entry(2, EntryKind.UNDONE, undoes="a1"), scored(3, "high")]
    assert redoable_step(entries) is None


def test_acts_of_one_step_are_undone_together() -> None:
    place = placed(1)
    give = entry(2, EntryKind.ANCHOR_GIVEN, step=place.step, anchor="x", criterion="one")
    undo = entry(3, EntryKind.UNDONE, undoes=place.step)
    assert fold("review", [place, give]).work("one").anchors == ("x",)
    assert fold("review", [place, give, undo]).anchors == ()


def test_an_anchor_removed_is_taken_from_every_criterion() -> None:
    gone = entry(4, EntryKind.ANCHOR_REMOVED, anchor="x")
    review = fold("review", [placed(1), given_to(2, "one"), given_to(3, "two"), gone])
    assert review.anchors == ()
    assert review.criteria_citing("x") == ()


def test_an_anchor_that_is_no_longer_there_cannot_be_given() -> None:
    review = fold("review", [placed(1), entry(2, EntryKind.ANCHOR_REMOVED, anchor="x"), given_to(3, "one")])
    assert review.work("one").anchors == ()


def test_an_anchor_given_answers_no_evidence_found() -> None:
    none_found = entry(1, EntryKind.NO_EVIDENCE_DECLARED, criterion="one", absent=True)
    assert fold("review", [none_found]).work("one").no_evidence
    assert not fold("review", [none_found, placed(2), given_to(3, "one")]).work("one").no_evidence


def test_text_being_typed_is_part_of_the_review() -> None:
    draft = Draft("review", TextField.RATIONALE, "one", "Three of 24 ans")
    review = fold("review", [scored(1, "low")], [draft])
    assert review.text(TextField.RATIONALE, "one") == "Three of 24 ans"


def test_a_reason_withdrawn_no_longer_keeps_a_finding() -> None:
    kept = entry(1, EntryKind.CHECK_KEPT, check="F10", subject="one", reason="A published author")
    withdrawn = entry(2, EntryKind.CHECK_KEPT, check="F10", subject="one", reason="")
    assert fold("review", [kept]).kept == {("F10", "one"): "A published author"}
    assert fold("review", [kept, withdrawn]).kept == {}


acts = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["one", "two"]), st.sampled_from(["low", "high", None])),
    max_size=12,
)


@given(acts, st.randoms(use_true_random=False))
def test_two_devices_compute_the_same_review_whatever_arrives_first(made: Any, shuffle: Any) -> None:
    entries = [scored(n, level, criterion, device) for n, (device, criterion, level) in enumerate(made)]
    shuffled = [*entries, *entries[:3]]
    shuffle.shuffle(shuffled)
    assert fold("review", shuffled) == fold("review", entries)


@given(acts)
def test_undoing_every_step_leaves_nothing_and_redoing_brings_all_back(made: Any) -> None:
    entries = [scored(n, level, criterion) for n, (_, criterion, level) in enumerate(made)]
    done = fold("review", entries)
    while step := undoable_step(entries):
        entries.append(entry(len(entries), EntryKind.UNDONE, undoes=step))
    assert fold("review", entries).levels == {}
    while step := redoable_step(entries):
        entries.append(entry(len(entries), EntryKind.REDONE, undoes=step))
    assert fold("review", entries) == done
