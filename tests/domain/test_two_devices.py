"""Two devices of one person: whatever the order of arrival, both compute the same, and no text is lost silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor_desk.domain.anchor import Whole, to_json
from assessor_desk.domain.late import carried_over, late_entries, taken_over
from assessor_desk.domain.review import (
    Draft,
    Entry,
    EntryKind,
    Review,
    TextField,
    fold,
    in_order,
    replaced_by,
    seal_withdrawn,
    standing_seals,
    undoable_step,
)
from assessor_desk.domain.superseded import superseded_words

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RATIONALE, NOTES = TextField.RATIONALE, TextField.NOTES
SEALED = {"packet_digest": "ab" * 32, "recommendation": "earned"}


@dataclass
class Device:
    """What one device has of a review, and what it writes."""

    name: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def review(self) -> Review:
        return fold("r", self.entries)

    def do(self, kind: EntryKind, data: dict[str, Any], step: str = "") -> Entry:
        counter = max((one.counter for one in self.entries), default=0) + 1
        own_id = f"{self.name}-{counter}"
        at = START + timedelta(minutes=counter)
        self.entries.append(Entry(own_id, "r", kind, data, at, self.name, counter, step or own_id))
        return self.entries[-1]

    def write(self, text: str, criterion: str = "c", seen: tuple[str, ...] | None = None) -> Entry:
        seen = self.review.seen(RATIONALE, criterion) if seen is None else seen
        told = {"field": "rationale", "criterion": criterion, "text": text, "replaces": list(seen)}
        return self.do(EntryKind.TEXT_WRITTEN, told)

    def score(self, level: str, criterion: str = "c") -> Entry:
        return self.choose(EntryKind.SCORE_RECORDED, {"criterion": criterion, "level": level})

    def choose(self, kind: EntryKind, data: dict[str, Any]) -> Entry:
        told = Entry("", "r", kind, data, START, self.name, 0, "")
        return self.do(kind, {**data, "replaces": list(replaced_by(self.review, told))})

    def undo(self) -> None:
        if step := undoable_step(self.entries):
            self.do(EntryKind.UNDONE, {"undoes": step})

    def seal(self, digest: str = "ab" * 32) -> Entry:
        covers = [one.id for one in self.entries]
        return self.do(EntryKind.SEALED, {**SEALED, "packet_digest": digest, "covers": covers})

    def hear(self, other: Device) -> None:
        self.entries = list({one.id: one for one in (*self.entries, *other.entries)}.values())


def _texts(review: Review, criterion: str = "c") -> list[str]:
    return [one.text for one in review.wordings.get((RATIONALE, criterion), ())]


def _twice(review: Review) -> list[list[Any]]:
    return [[one.says for one in stand] for stand in review.chosen_twice.values()]


def _two() -> tuple[Device, Device]:
    return Device("a"), Device("b")


def test_a_text_that_saw_the_other_replaces_it() -> None:
    a, b = _two()
    a.write("Waits.")
    b.hear(a)
    b.write("Waits for a third hand.")
    a.hear(b)
    assert a.review.disputed == {}
    assert a.review.text(RATIONALE, "c") == "Waits for a third hand."


def test_two_texts_that_did_not_see_each_other_both_stand_until_the_person_chooses() -> None:
    a, b = _two()
    a.write("Waits.")
    b.hear(a)
    a.write("Waits long.")
    b.write("Waits for a third hand.")
    a.hear(b)
    b.hear(a)
    assert a.review == b.review
    assert _texts(a.review) == _texts(b.review) == ["Waits long.", "Waits for a third hand."]
    a.write("Waits long, for a third hand.")
    b.hear(a)
    assert b.review.disputed == {}
    a.undo()
    assert len(a.review.disputed) == 1, "choosing is a step that can be undone"


def test_the_same_words_on_both_are_no_dispute() -> None:
    a, b = _two()
    a.write("Waits.")
    b.write("Waits.")
    a.hear(b)
    assert a.review.disputed == {}
    assert len(a.review.seen(RATIONALE, "c")) == 2


def test_a_text_that_one_device_emptied_and_the_other_changed_is_in_dispute() -> None:
    a, b = _two()
    a.write("Waits.")
    b.hear(a)
    a.write("")
    b.write("Waits long.")
    a.hear(b)
    assert _texts(a.review) == ["", "Waits long."]


def test_undoing_what_a_text_replaced_does_not_bring_up_what_that_had_replaced() -> None:
    a, b = _two()
    a.write("One.")
    second = a.write("Two.")
    b.hear(a)
    b.do(EntryKind.UNDONE, {"undoes": second.step})
    a.write("Three.")
    a.hear(b)
    assert _texts(a.review) == ["Three."]


def test_entries_from_before_there_were_two_devices_replace_what_came_before_them() -> None:
    a = Device("a")
    for text in ("One.", "Two."):
        a.do(EntryKind.TEXT_WRITTEN, {"field": "rationale", "criterion": "c", "text": text})
    assert _texts(a.review) == ["Two."]
    a.write("Three.")
    assert _texts(a.review) == ["Three."]
    a.undo()
    assert _texts(a.review) == ["Two."]


def test_two_levels_chosen_without_seeing_each_other_both_stand_until_one_is_kept() -> None:
    a, b = _two()
    a.score("low")
    b.hear(a)
    a.score("high")
    b.score("middle")
    a.hear(b)
    b.hear(a)
    assert a.review == b.review
    assert _twice(a.review) == _twice(b.review) == [[("high",), ("middle",)]]
    a.score("high")
    b.hear(a)
    assert (_twice(b.review), b.review.levels) == ([], {"c": "high"})
    a.undo()
    assert len(_twice(a.review)) == 1, "settling is a step that can be undone"


def test_a_level_that_saw_the_other_or_says_the_same_is_no_dispute() -> None:
    a, b = _two()
    a.score("low")
    b.hear(a)
    b.score("high")
    a.hear(b)
    assert _twice(a.review) == []
    a.score("low")
    b.score("low")
    a.hear(b)
    assert _twice(a.review) == []


_CHOICES: list[tuple[EntryKind, dict[str, Any], dict[str, Any]]] = [
    (EntryKind.COMPLETENESS_CHECKED, {"incomplete": []}, {"incomplete": ["unreadable"]}),
    (EntryKind.ANCHOR_NAMED, {"anchor": "x", "note": "Three hands"}, {"anchor": "x", "note": "Two hands"}),
    (
        EntryKind.CHECK_KEPT,
        {"check": "F7", "subject": "c", "reason": "A quotation"},
        {"check": "F7", "subject": "c", "reason": "It fits"},
    ),
    (
        EntryKind.EARLIER_STEP_MARKED,
        {"criterion": "c", "addressed": "partly"},
        {"criterion": "c", "addressed": "not"},
    ),
]


@pytest.mark.parametrize(("kind", "here", "there"), _CHOICES)
def test_two_answers_given_without_seeing_each_other_both_stand(
    kind: EntryKind, here: dict[str, Any], there: dict[str, Any]
) -> None:
    a, b = _two()
    place = {"id": "x", "artifact": "plan", "selector": {"type": "whole"}, "note": ""}
    a.choose(EntryKind.ANCHOR_PLACED, {"anchor": place})
    b.hear(a)
    a.choose(kind, here)
    b.choose(kind, there)
    a.hear(b)
    b.hear(a)
    assert a.review.chosen_twice == b.review.chosen_twice
    assert len(_twice(a.review)) == 1
    a.choose(kind, here)
    assert _twice(a.review) == []


def test_a_late_level_that_did_not_see_the_sealed_one_stands_beside_it() -> None:
    a, b = _two()
    a.score("high")
    b.score("low")
    a.seal()
    b.hear(a)
    assert _twice(_next_revision(b)) == [[("high",), ("low",)]]


def test_of_levels_from_before_there_were_two_devices_the_last_counts() -> None:
    a = Device("a")
    for level in ("low", "high"):
        a.do(EntryKind.SCORE_RECORDED, {"criterion": "c", "level": level})
    assert (a.review.levels, _twice(a.review)) == ({"c": "high"}, [])


def test_a_seal_freezes_what_it_covers_and_the_rest_opens_the_next_revision() -> None:
    a, b = _two()
    a.score("high")
    a.write("Waits.")
    b.hear(a)
    b.write("Waits long.")
    b.score("low")
    a.seal()
    for one, other in ((a, b), (b, a)):
        one.hear(other)
        assert (one.review.levels, one.review.text(RATIONALE, "c")) == ({"c": "high"}, "Waits.")
        assert [late.device for late in late_entries(one.entries)] == ["b", "b"]
        assert superseded_words(one.entries) == []
    first, second = _next_revision(a), _next_revision(b)
    assert first == second
    assert (first.levels, _texts(first)) == ({"c": "low"}, ["Waits long."]), "it had seen what was sealed"


def test_a_late_text_that_did_not_see_the_sealed_one_stands_beside_it() -> None:
    a, b = _two()
    b.write("From home.")
    a.write("From school.")
    a.seal()
    b.hear(a)
    assert _texts(_next_revision(b)) == ["From school.", "From home."]


def _next_revision(device: Device) -> Review:
    told = [
        (EntryKind.SCORE_RECORDED, {"criterion": "c", "level": device.review.levels.get("c")}),
        (
            EntryKind.TEXT_WRITTEN,
            {"field": "rationale", "criterion": "c", "text": device.review.text(RATIONALE, "c")},
        ),
    ]
    carried = carried_over("next", device.review, told)
    return fold("next", [*taken_over("next", device.entries, carried), *carried])


def test_undoing_on_one_device_what_the_other_sealed_opens_nothing() -> None:
    a, b = _two()
    a.score("high")
    b.hear(a)
    b.undo()
    a.seal()
    a.hear(b)
    assert a.review.levels == {"c": "high"}
    assert late_entries(a.entries) == []


def test_looking_at_evidence_elsewhere_opens_no_revision() -> None:
    a, b = _two()
    a.score("high")
    b.do(EntryKind.EVIDENCE_SHOWN, {"artifact": "clip", "shown": "small"})
    a.seal()
    a.hear(b)
    assert late_entries(a.entries) == []


def test_of_two_seals_one_counts_and_nothing_opens_until_the_other_is_withdrawn() -> None:
    a, b = _two()
    a.score("high")
    b.score("low")
    a.seal("aa" * 32)
    b.seal("bb" * 32)
    a.hear(b)
    b.hear(a)
    assert a.review == b.review
    assert a.review.seal is not None
    assert a.review.seal.packet_digest == "aa" * 32
    assert late_entries(a.entries) == []
    a.do(EntryKind.SEAL_WITHDRAWN, {"packet_digest": "aa" * 32})
    assert a.review.seal is not None
    assert a.review.seal.packet_digest == "bb" * 32
    assert [one.device for one in late_entries(a.entries)] == ["a"]


def test_a_seal_that_two_devices_withdraw_at_once_is_withdrawn_by_one_entry() -> None:
    a, b = _two()
    a.score("high")
    b.score("low")
    first, second = a.seal("aa" * 32), b.seal("bb" * 32)
    a.hear(b)
    b.hear(a)
    b.write("Something more.")
    for one in (a, b):
        one.entries.append(seal_withdrawn(first, second))
    a.hear(b)
    b.hear(a)
    assert in_order(a.entries) == in_order(b.entries)
    assert [one.kind for one in a.entries].count(EntryKind.SEAL_WITHDRAWN) == 1
    assert standing_seals(a.entries) == [second]


def test_of_two_withdrawals_that_contradict_each_other_a_seal_stays() -> None:
    a, b = _two()
    first, second = a.seal("aa" * 32), b.seal("bb" * 32)
    withdrawn = [seal_withdrawn(first, second), seal_withdrawn(second, first)]
    stay = [standing_seals([first, second, *some]) for some in (withdrawn, withdrawn[::-1])]
    assert len(stay[0]) == 1
    assert stay[0] == stay[1]
    assert standing_seals([first, withdrawn[0]]) == [first], "the other has not come yet"


def test_while_entries_that_a_seal_covers_are_on_their_way_nothing_opens() -> None:
    a, b = _two()
    first = a.score("high")
    b.score("low")
    a.seal()
    b.hear(a)
    b.entries.remove(first)
    assert late_entries(b.entries) == []


def test_a_draft_does_not_change_what_is_sealed() -> None:
    a = Device("a")
    a.write("Waits.")
    a.seal()
    assert fold("r", a.entries, [Draft("r", RATIONALE, "c", "More")]).text(RATIONALE, "c") == "Waits."


_ACTS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(("write", "score", "undo", "hear"))), max_size=25
)


def _played(acts: Sequence[tuple[int, str]]) -> tuple[Device, Device]:
    devices = _two()
    for number, (who, what) in enumerate(acts):
        own = devices[who]
        match what:
            case "write":
                own.write(f"text {number}", criterion="cd"[number % 2])
            case "score":
                own.score(f"level {number}")
            case "undo":
                own.undo()
            case _:
                own.hear(devices[1 - who])
    return devices


@given(acts=_ACTS, seed=st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_any_order_of_arrival_gives_the_same_review(acts: list[tuple[int, str]], seed: Any) -> None:
    a, b = _played(acts)
    every = [*a.entries, *b.entries]
    expected = fold("r", every)
    for _ in range(3):
        seed.shuffle(every)
        found = fold("r", [*every, *every[: len(every) // 2]])
        assert (found, found.wordings, found.choices) == (expected, expected.wordings, expected.choices)


@given(acts=_ACTS)
@settings(max_examples=80, deadline=None)
def test_nothing_goes_that_its_successor_had_not_seen(acts: list[tuple[int, str]]) -> None:
    a, b = _played([one for one in acts if one[1] != "undo"])
    known = {one.id: one for one in (*a.entries, *b.entries)}
    replaced = {gone for one in known.values() for gone in one.data["replaces"]}
    review = fold("r", [*a.entries, *b.entries])
    standing = (*review.wordings.values(), *review.choices.values())
    assert {one.entry_id for each in standing for one in each} == set(known) - replaced


@given(acts=_ACTS, who=st.integers(0, 1))
@settings(max_examples=60, deadline=None)
def test_both_open_the_same_next_revision(acts: list[tuple[int, str]], who: int) -> None:
    devices = _played(acts)
    devices[who].seal()
    for one, other in (devices, reversed(devices)):
        one.hear(other)
    a, b = devices
    assert a.review == b.review
    first, second = _next_revision(a), _next_revision(b)
    assert (first, first.wordings, first.choices) == (second, second.wordings, second.choices)
    assert replace(a.review, id="") == replace(b.review, id="")


def _moved(device: Device, to: str, of: str = "1", reworded: tuple[str, ...] = ("c",)) -> Entry:
    told = {"assigned": "1", "from": of, "to": to, "again": [], "reworded": list(reworded)}
    return device.do(EntryKind.RUBRIC_MOVED, told)


def _scored(device: Device, level: str, by: str, criterion: str = "c") -> Entry:
    return device.choose(EntryKind.SCORE_RECORDED, {"criterion": criterion, "level": level, "by": by})


def test_a_level_by_the_words_before_does_not_count_under_those_that_another_computer_moved_to() -> None:
    a, b = Device("a"), Device("b")
    _scored(a, "low", "1")
    b.hear(a)
    _moved(a, "2")
    for _ in range(3):  # later than the move, in the order of both
        b.write("Not heard of the move.", "other")
    _scored(b, "high", "1")
    _scored(b, "middle", "1", "same words")
    a.hear(b)
    b.hear(a)
    for one in (a.review, b.review):
        assert one.levels == {"same words": "middle"}
        assert one.moved is not None
        assert dict(one.moved.levels_before) == {"c": "high"}
        assert one == a.review
    _scored(a, "high", "2")
    assert a.review.levels["c"] == "high"


def test_moved_to_one_version_on_both_what_was_chosen_since_stands() -> None:
    a, b = Device("a"), Device("b")
    _scored(a, "low", "1")
    b.hear(a)
    _moved(a, "2")
    _scored(a, "high", "2")
    for _ in range(4):
        b.write("Not heard of the move.", "other")
    _moved(b, "2")
    a.hear(b)
    b.hear(a)
    assert a.review.levels == b.review.levels == {"c": "high"}


def test_moved_to_two_versions_what_either_words_otherwise_is_chosen_anew() -> None:
    a, b = Device("a"), Device("b")
    _moved(a, "2", reworded=("c",))
    _scored(a, "high", "2")
    _scored(a, "high", "2", "d")
    for _ in range(4):
        b.write("Not heard of the move.", "other")
    _moved(b, "3", reworded=("d",))
    a.hear(b)
    b.hear(a)
    assert a.review.levels == b.review.levels == {}
    assert a.review.moved == b.review.moved
    assert a.review.moved is not None
    assert a.review.moved.version == "3"


@pytest.mark.parametrize("first", ["anchor", "declared"])
def test_an_anchor_given_on_one_computer_outlives_that_no_evidence_was_found_on_the_other(first: str) -> None:
    a, b = Device("a"), Device("b")
    a.do(
        EntryKind.ANCHOR_PLACED,
        {"anchor": {"id": "n", "artifact": "f", "selector": to_json(Whole())}, "replaces": []},
    )
    b.hear(a)
    giving, declaring = (a, b) if first == "anchor" else (b, a)
    for _ in range(3):
        b.write("Later.", "other")
    giving.do(EntryKind.ANCHOR_GIVEN, {"anchor": "n", "criterion": "c"})
    declaring.choose(EntryKind.NO_EVIDENCE_DECLARED, {"criterion": "c", "absent": True})
    a.hear(b)
    b.hear(a)
    assert a.review.work("c") == b.review.work("c")
    assert (a.review.work("c").anchors, a.review.work("c").no_evidence) == (("n",), False)
