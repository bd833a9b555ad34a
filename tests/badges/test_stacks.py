"""Several micro-credentials make a larger one, by a rule that is data."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.badges.conftest import ADDRESS, KEY
from tests.hub.making import StandingClock

from assessor_desk.domain.badge import Earned, Stack, StackPart, standing_of, years_after
from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.badge_papers import papers
from assessor_desk.hub.badges import badge_files, badges, revoke_badge
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.stacks import check_stack, earned_stacks, issue_stack
from assessor_desk.places import resources
from assessor_desk.rubric_files import FaultyFile, load_stack, stack_from_json, stack_to_json
from assessor_desk.verdict import BadgePapers, TrustList
from assessor_desk.verdict.badge import verify_badge

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SHIPPED = resources() / "stacks" / "responsive-teaching.yaml"


def a_stack(**other: object) -> Stack:
    parts = (StackPart("a"), StackPart("b", ("b2",)), StackPart("c"))
    return Stack("s", "1", "A stack", "Issuer", "Can do it.", **{"parts": parts, **other})  # type: ignore[arg-type]


def earned(rubric: str, days: int = 1, **other: object) -> Earned:
    return Earned(f"urn:{rubric}", rubric, NOW - timedelta(days=days), **other)  # type: ignore[arg-type]


def test_all_parts_make_the_stack() -> None:
    assert standing_of(a_stack(), [earned("a"), earned("b"), earned("c")], NOW).complete
    short = standing_of(a_stack(), [earned("a"), earned("c")], NOW)
    assert (short.complete, short.open) == (False, ("b",))
    assert short.sentence == "“A stack” is not earned yet: 2 of 3 parts. Open: b."


def test_so_many_of_the_parts_make_the_stack() -> None:
    stack = a_stack(rule="at_least", count=2)
    assert standing_of(stack, [earned("a"), earned("c")], NOW).complete
    assert "1 of b, c" in standing_of(stack, [earned("a")], NOW).sentence


def test_a_substitute_stands_in_for_its_part_alone() -> None:
    assert standing_of(a_stack(), [earned("a"), earned("b2"), earned("c")], NOW).complete
    assert not standing_of(a_stack(), [earned("b"), earned("b2"), earned("c")], NOW).complete


def test_revoked_and_expired_badges_do_not_count() -> None:
    past = NOW - timedelta(days=1)
    for one in (earned("a", revoked=True), earned("a", valid_until=past)):
        assert standing_of(a_stack(), [one, earned("b"), earned("c")], NOW).open == ("a",)


def test_parts_must_lie_close_enough() -> None:
    stack = a_stack(within_years=2)
    assert standing_of(stack, [earned("a", 800), earned("b"), earned("c")], NOW).open == ("a",)
    assert standing_of(stack, [earned("a", 700), earned("b"), earned("c")], NOW).complete


def test_of_two_badges_for_a_part_the_newer_counts() -> None:
    stack = a_stack(within_years=2)
    both = [earned("a", 800), earned("a", 10), earned("b"), earned("c")]
    assert standing_of(stack, both, NOW).complete


def test_a_leap_day_has_its_anniversary() -> None:
    assert years_after(datetime(2028, 2, 29, tzinfo=UTC), 1) == datetime(2029, 3, 1, tzinfo=UTC)


def test_a_stack_survives_being_published() -> None:
    stack = load_stack(SHIPPED)
    assert stack_from_json(stack_to_json(stack)) == stack


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("rule: all", "rule: some", "is not one of all, at_least"),
        ("rule: all", "rule: at_least", "is missing"),
        ("rule: all", "rule: at_least\ncount: 3", "asks for 3 of its 2 parts"),
        ("id: positive-relationships", "id: formative-assessment-math", "twice"),
        ("within_years: 5", "within_days: 5", "is not a key that belongs here"),
    ],
)
def test_a_faulty_stack_is_told_by_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(FaultyFile, match=fault):
        load_stack(path)


def test_a_stack_of_what_nobody_published_is_refused(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    text = SHIPPED.read_text(encoding="utf-8").replace("id: positive-relationships", "id: juggling")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match="“juggling” is no micro-credential published here"):
        publish(hub, path)


def with_both_parts(hub: Hub) -> None:
    """Give the educator of the one badge the other part too, as a second badge would."""
    with hub.database.writing() as work:
        (row,) = work.execute(sa.select(t.badges)).all()
        other = {**row._mapping, "id": "urn:uuid:00000000-0000-4000-8000-000000000002", "subject": "another"}
        place = row.place ^ 1
        work.execute(
            sa.insert(t.badges).values({**other, "achievement": "positive-relationships", "place": place})
        )


def test_a_stack_is_not_issued_before_it_is_earned(hub: Hub) -> None:
    _, (checked,) = check_stack(hub, "responsive-teaching")
    assert (checked.educator, checked.standing.open) == ("E-2", ("positive-relationships",))
    with pytest.raises(Refused, match="Open: positive-relationships"):
        issue_stack(hub, "responsive-teaching", "E-2")
    with pytest.raises(Refused, match="no badge that counts"):
        issue_stack(hub, "responsive-teaching", "E-9")


def test_an_earned_stack_has_a_badge_of_its_own(hub: Hub, clock: StandingClock) -> None:
    with_both_parts(hub)
    assert earned_stacks(hub) == [("responsive-teaching", "E-2")]

    own = issue_stack(hub, "responsive-teaching", "E-2")

    assert issue_stack(hub, "responsive-teaching", "E-2") == own
    assert earned_stacks(hub) == []
    verdict = verify_badge(
        badge_files(hub, own).png, "stack.png", TrustList.parse(hub.trust()["trust.pem"]),
        BadgePapers.of(papers(hub)), clock(),
    )  # fmt: skip
    assert verdict.exit_code(frozenset({"revocation"})) == 0
    assert verdict.subject.micro_credential == "Responsive Teaching"
    assert b"E-2" not in badge_files(hub, own).json
    assert ADDRESS.encode() + b"/v1/badges/stacks/responsive-teaching/2026.1" in badge_files(hub, own).json


def test_with_a_part_revoked_the_stack_is_open_again(hub: Hub) -> None:
    with_both_parts(hub)
    issue_stack(hub, "responsive-teaching", "E-2")
    revoke_badge(
        hub, next(one.id for one in badges(hub) if one.key == KEY and "0002" not in one.id), "Mistake"
    )
    _, (checked,) = check_stack(hub, "responsive-teaching")
    assert checked.badge
    assert not checked.standing.complete
