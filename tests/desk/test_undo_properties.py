"""Whatever is done and in whatever order it arrives, a review comes out the same; undo takes back one step."""

import random
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor_desk.desk import Desk
from assessor_desk.domain.review import TextField, fold

CRITERIA = (0, 1)
ACT = st.one_of(
    st.tuples(st.just("score"), st.sampled_from(CRITERIA), st.sampled_from([0, 1, None])),
    st.tuples(st.just("draft"), st.sampled_from(CRITERIA), st.text("ab", max_size=3)),
    st.tuples(st.just("write"), st.sampled_from(CRITERIA), st.text("ab", max_size=3)),
    st.tuples(st.just("undo"), st.just(0), st.none()),
    st.tuples(st.just("redo"), st.just(0), st.none()),
)


def do(desk: Desk, own_id: str, act: tuple[str, int, Any]) -> None:
    verb, place, value = act
    case = desk.case(own_id)
    criterion = case.rubric.criteria[place]
    if verb == "score":
        desk.record_score(own_id, criterion.id, None if value is None else criterion.levels[value].id)
    elif verb in ("draft", "write"):
        write = desk.draft_text if verb == "draft" else desk.write_text
        write(own_id, TextField.RATIONALE, value, criterion.id)
    elif verb == "undo" and case.can_undo:
        desk.undo(own_id)
    elif verb == "redo" and case.can_redo:
        desk.redo(own_id)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACT, max_size=8), st.integers(0, 2**32))
def test_undoing_everything_gives_an_empty_review_and_redoing_gives_it_back(
    desk: Desk, own_id: str, acts: list[tuple[str, int, Any]], seed: int
) -> None:
    for act in acts:
        do(desk, own_id, act)
    desk.settle_drafts(own_id)
    full, steps = desk.case(own_id).review, 0
    while desk.case(own_id).can_undo:
        desk.undo(own_id)
        steps += 1
    emptied = desk.case(own_id).review
    assert emptied.levels == {}
    assert not any(work.text(TextField.RATIONALE) for work in emptied.works.values())
    for _ in range(steps):
        desk.redo(own_id)
    again = desk.case(own_id).review
    assert (again.levels, _texts(again.works)) == (full.levels, _texts(full.works))
    with desk.store.reading() as view:
        entries = view.entries(again.id)
    assert fold(again.id, entries) == again, "what is kept in memory is what the file amounts to"
    shuffled = entries * 2
    # Drawn numbers would depend on how many entries earlier examples left on this desk.
    random.Random(seed).shuffle(shuffled)
    assert fold(again.id, shuffled) == fold(again.id, entries)
    while desk.case(own_id).can_undo:
        desk.undo(own_id)


def _texts(works: Any) -> dict[str, str]:
    return {criterion: text for criterion, work in works.items() if (text := work.text(TextField.RATIONALE))}


def test_two_devices_of_one_person_come_to_the_same_review_by_either_order(
    desk: Desk, own_id: str, tmp_path: Path
) -> None:
    criterion = desk.case(own_id).rubric.criteria[0]
    desk.record_score(own_id, criterion.id, criterion.levels[0].id)
    desk.write_text(own_id, TextField.RATIONALE, "on the laptop", criterion.id)
    with desk.store.reading() as view:
        (line,) = view.reviews(own_id)
        mine = view.entries(line.id)
    theirs = [
        type(one)(
            f"other-{one.id}",
            one.review_id,
            one.kind,
            one.data,
            one.at,
            "another device",
            one.counter,
            f"o-{one.step}",
        )
        for one in mine
    ]
    desk.store.record(theirs)
    with desk.store.reading() as view:
        merged = view.entries(line.id)
    assert fold(line.id, [*theirs, *mine]) == fold(line.id, [*mine, *theirs]) == fold(line.id, merged)
