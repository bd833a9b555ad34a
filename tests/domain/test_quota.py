"""What fits and what goes: due first stays, delivered goes first, what is open or kept never."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assessor_desk.domain.contact import Contact, closing_words
from assessor_desk.domain.quota import Coming, Letting, Space, plan, space

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def coming(name: str, length: int, days: int | None, kept: bool = False) -> Coming:
    return Coming(name, "a", length, None if days is None else NOW + timedelta(days), kept)


def letting(name: str, length: int, days: int | None, over: bool = False) -> Letting:
    return Letting(name, "a", name, length, None if days is None else NOW + timedelta(days), over)


def names(found: tuple[Coming, ...] | tuple[Letting, ...]) -> list[str]:
    return [one.submission_id for one in found]


def test_what_is_due_first_comes_and_the_rest_is_left_out() -> None:
    made = plan(
        Space(100, 0, 1000), [coming("soon", 70, 1), coming("later", 50, 9), coming("small", 20, 10)], []
    )
    assert (names(made.fetch), names(made.left_out)) == (["soon", "small"], ["later"])


def test_delivered_evidence_goes_before_what_nobody_has_begun_and_that_only_for_what_is_due_before_it() -> (
    None
):
    here = [letting("next week", 40, 7), letting("done", 40, 1, over=True), letting("far off", 40, 30)]
    made = plan(Space(120, 120, 1000), [coming("today", 70, 0)], here)
    assert (names(made.fetch), names(made.let_go)) == (["today"], ["done", "far off"])
    made = plan(Space(120, 120, 1000), [coming("much later", 70, 60)], here)
    assert (names(made.fetch), names(made.let_go)) == ([], []), "for nothing, nothing goes"


def test_where_evidence_takes_more_than_it_may_what_is_delivered_goes_and_nothing_else() -> None:
    here = [letting("done", 40, 1, over=True), letting("to do", 40, 7)]
    assert names(plan(Space(50, 80, 1000), [], here).let_go) == ["done"]


def test_what_a_person_wants_offline_makes_others_go_that_are_due_before_it() -> None:
    made = plan(Space(100, 100, 1000), [coming("mine", 50, 60, kept=True)], [letting("due", 60, 1)])
    assert (names(made.fetch), names(made.let_go)) == (["mine"], ["due"])


def test_the_disk_itself_is_a_bound_too_and_of_itself_a_part_of_it_stays_free() -> None:
    assert space(used=10, free=90, total=100, chosen=0) == Space(95, 10, 90)
    assert space(used=10, free=90, total=100, chosen=400).left == 90
    assert space(used=10 * 10**9, free=20 * 10**9, total=500 * 10**9, chosen=0).limit == 25 * 10**9


sizes, days = st.integers(0, 60), st.none() | st.integers(0, 30)
anything = st.lists(st.builds(coming, st.text("ab", min_size=1), sizes, days, st.booleans()), max_size=8)
held = st.lists(st.builds(letting, st.text("cd", min_size=1), sizes, days, st.booleans()), max_size=8)


@given(st.integers(0, 200), st.integers(0, 200), anything, held)
def test_a_plan_never_takes_more_than_there_is(
    limit: int, used: int, wanted: list[Coming], here: list[Letting]
) -> None:
    room = Space(limit, used, 1000)
    made = plan(room, wanted, here)
    after = used - sum(one.length for one in made.let_go) + sum(one.length for one in made.fetch)
    assert after <= max(limit, used - sum(one.length for one in made.let_go))
    assert sorted([*names(made.fetch), *names(made.left_out)]) == sorted(names(tuple(wanted)))


def test_contact_is_counted_in_days_begun_and_said_three_days_before() -> None:
    def left(days: float) -> int | None:
        return Contact(NOW, NOW + timedelta(days=days)).days_left(14)

    assert [left(each) for each in (0, 10.9, 11, 12.5, 13.2, 14, 20)] == [None, None, 3, 2, 1, 0, 0]
    assert Contact(NOW, NOW + timedelta(days=14)).closed(14)
    assert not Contact(NOW, NOW + timedelta(days=900)).closed(0)
    assert "in 3 days" in closing_words("Lakeside", 3)
    assert "tomorrow" in closing_words("Lakeside", 1)
    assert "closed until" in closing_words("Lakeside", 0)
