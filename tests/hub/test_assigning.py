"""Who may be asked to do what, and by when."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from tests.hub.making import ARTIFACT_ROWS, ROWS, StandingClock, import_quickly, write_rows

from assessor_desk.domain.due import due_at
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import DueRule
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.hub import assigning
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, assign_all, withdraw, withdraw_consent
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, revoke
from assessor_desk.hub.retention_holds import HoldKind, place_hold
from assessor_desk.keys.cms import sign_detached
from assessor_desk.rubric_files.calendars import working_days


@pytest.fixture
def assessor(hub: Hub, incoming: object) -> str:
    """An assessor on a hub with submissions."""
    import_quickly(hub, incoming)  # type: ignore[arg-type]
    return add_person(hub, "Lan", [Role.ASSESSOR])


@pytest.mark.parametrize(
    ("rule", "assigned", "due"),
    [
        (DueRule(5, "business", "US"), "2026-11-20T09:00", "2026-11-30"),  # Thanksgiving is on the 26th
        (DueRule(5, "business", "DE"), "2026-11-20T09:00", "2026-11-27"),
        (DueRule(1, "business", "US-AR"), "2026-11-20T23:30", "2026-11-23"),
        (DueRule(7, "calendar", "US"), "2026-11-20T09:00", "2026-11-27"),
    ],
)
def test_due_days_leave_out_weekends_and_the_calendars_holidays(
    rule: DueRule, assigned: str, due: str
) -> None:
    at = datetime.fromisoformat(assigned).replace(tzinfo=UTC)
    found = due_at(rule, at, working_days(rule.calendar))
    assert found == datetime.fromisoformat(due).replace(hour=23, minute=59, tzinfo=UTC)


def test_a_policy_may_set_no_time_and_must_name_a_known_calendar() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert due_at(DueRule(0), now, working_days("US")) is None
    with pytest.raises(Refused, match="calendar “Atlantis”"):
        working_days("Atlantis")


def test_an_assignment_binds_the_newest_rubric_and_the_one_policy_that_fits(
    hub: Hub, assessor: str, clock: StandingClock
) -> None:
    clock.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    done = assign(hub, "91BB-02", assessor)
    assert (done.purpose, done.due_at) == (Purpose.ASSESS, datetime(2026, 11, 30, 23, 59, tzinfo=UTC))


def test_assigning_again_changes_nothing(hub: Hub, assessor: str, clock: StandingClock) -> None:
    first = assign(hub, "91BB-02", assessor)
    clock.move(days=3)
    again = assign(hub, "91BB-02", assessor)
    assert (first.new, again.new) == (True, False)
    assert again.due_at == first.due_at


def test_all_that_nobody_has_goes_to_whom_it_suits(hub: Hub, assessor: str) -> None:
    coach = add_person(hub, "Minh", [Role.COACH])
    assign(hub, "91BB-02", assessor)
    assert [each.key for each in assign_all(hub, assessor)] == ["7F3A-21"]
    assert [(each.key, each.purpose) for each in assign_all(hub, coach)] == [("E5D2-11", Purpose.COACH)]
    assert assign_all(hub, assessor) == []


def test_a_role_that_a_person_lacks_is_refused(hub: Hub, assessor: str) -> None:
    with pytest.raises(Refused, match="not enrolled as coach"):
        assign(hub, "E5D2-11", assessor)
    with pytest.raises(Refused, match="not enrolled as reviewer"):
        assign(hub, "91BB-02", assessor, Purpose.APPEAL)


def test_a_draft_is_coached_and_never_assessed(hub: Hub, assessor: str) -> None:
    with pytest.raises(Refused, match="is a draft"):
        assign(hub, "E5D2-11", assessor, Purpose.ASSESS)


def test_nobody_judges_an_educator_whom_they_coached_or_the_other_way_round(
    hub: Hub, incoming: object
) -> None:
    same = ROWS["E5D2-11"].replace("E-3", "E-2")
    write_rows(incoming, [ROWS["91BB-02"], same], [*ARTIFACT_ROWS["91BB-02"], *ARTIFACT_ROWS["E5D2-11"]])  # type: ignore[arg-type]
    import_quickly(hub, incoming)  # type: ignore[arg-type]
    both = add_person(hub, "Lan", [Role.ASSESSOR, Role.COACH])
    assign(hub, "E5D2-11", both)
    with pytest.raises(Refused, match="coached the educator"):
        assign(hub, "91BB-02", both)
    withdraw(hub, "E5D2-11", both)
    with pytest.raises(Refused, match="coached the educator"):
        assign(hub, "91BB-02", both)
    other = add_person(hub, "Minh", [Role.ASSESSOR, Role.COACH])
    assign(hub, "91BB-02", other)
    with pytest.raises(Refused, match="must not coach"):
        assign(hub, "E5D2-11", other)


def test_unknown_submissions_people_and_policies_are_refused(hub: Hub, assessor: str) -> None:
    with pytest.raises(Refused, match="There is no submission “7F3A” here; there are 7F3A-21, 91BB-02"):
        assign(hub, "7F3A", assessor)
    with pytest.raises(Refused, match="There is no person P-77"):
        assign(hub, "7F3A-21", "P-77")
    with pytest.raises(
        Refused, match="policy “gone” is not published here; those that are: default, draft-coaching"
    ):
        assign(hub, "7F3A-21", assessor, policy_id="gone")
    revoke(hub, assessor)
    with pytest.raises(Refused, match="There is no person"):
        assign(hub, "7F3A-21", assessor)


def test_a_policy_is_not_passed_over_where_the_submission_is_assigned_already(
    hub: Hub, assessor: str
) -> None:
    assign(hub, "7F3A-21", assessor)
    with pytest.raises(Refused, match="policy “gone” is not published here"):
        assign(hub, "7F3A-21", assessor, policy_id="gone")
    with pytest.raises(
        Refused, match=r"is assigned to P-1001 under the policy “default”\. Withdraw it first"
    ):
        assign(hub, "7F3A-21", assessor, policy_id="draft-coaching")
    assert not assign(hub, "7F3A-21", assessor, policy_id="default").new


def test_only_what_is_assigned_can_be_withdrawn(hub: Hub, assessor: str) -> None:
    assign(hub, "7F3A-21", assessor)
    assert withdraw(hub, "7F3A-21", assessor) == 1
    with pytest.raises(Refused, match="is not assigned to"):
        withdraw(hub, "7F3A-21", assessor)


def test_whoever_is_recused_is_not_assigned_the_submission_again(hub: Hub, assessor: str) -> None:
    assign(hub, "7F3A-21", assessor)
    assert withdraw(hub, "7F3A-21", assessor, recused=True) == 1
    with pytest.raises(Refused, match="P-1001 is recused from 7F3A-21"):
        assign(hub, "7F3A-21", assessor)
    assert [each.key for each in assign_all(hub, assessor)] == ["91BB-02"]
    other = add_person(hub, "Minh", [Role.ASSESSOR])
    assert assign(hub, "7F3A-21", other).new


def test_a_recusal_may_be_said_of_what_was_withdrawn_before(hub: Hub, assessor: str) -> None:
    assign(hub, "7F3A-21", assessor)
    withdraw(hub, "7F3A-21", assessor)
    assert withdraw(hub, "7F3A-21", assessor, recused=True) == 1
    with pytest.raises(Refused, match="is not assigned to"):
        withdraw(hub, "7F3A-21", assessor, recused=True)


def test_without_the_educators_consent_a_submission_is_withdrawn_from_all_and_assigned_to_nobody(
    hub: Hub, assessor: str, incoming: object
) -> None:
    other = add_person(hub, "Minh", [Role.ASSESSOR])
    assign(hub, "7F3A-21", assessor)
    assign(hub, "7F3A-21", other)
    assert withdraw_consent(hub, "7F3A-21") == 2
    assert withdraw_consent(hub, "7F3A-21") == 0
    with pytest.raises(Refused, match="withdrew their consent to 7F3A-21"):
        assign(hub, "7F3A-21", other)
    assert [each.key for each in assign_all(hub, assessor)] == ["91BB-02"]
    assert "7F3A-21" in import_quickly(hub, incoming).unchanged  # type: ignore[arg-type]


# -- what others do between looking and writing ---------------------------------------------------------------


Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Let something happen, once, while the next assignment is signed."""

    def happens(act: Callable[[], object]) -> None:
        acts = [act]

        def signed(*given: object) -> object:
            while acts:
                acts.pop()()
            return sign_detached(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(assigning, "sign_detached", signed)

    return happens


def _who_has(hub: Hub, key: str) -> list[str]:
    own, s = t.assignments.c, t.submissions.c
    query = sa.select(own.person).join(t.submissions, s.id == own.submission_id)
    with hub.database.reading() as view:
        return sorted(view.execute(query.where(s.key == key, own.withdrawn_at.is_(None))).scalars())


@pytest.mark.both_homes
def test_two_who_are_given_everything_at_once_do_not_both_get_it(
    hub: Hub, assessor: str, meanwhile: Meanwhile
) -> None:
    other = add_person(hub, "Minh", [Role.ASSESSOR])
    meanwhile(lambda: assign(hub, "7F3A-21", other))
    assert [each.key for each in assign_all(hub, assessor)] == ["91BB-02"]
    assert (_who_has(hub, "7F3A-21"), _who_has(hub, "91BB-02")) == ([other], [assessor])


@pytest.mark.both_homes
def test_what_is_assigned_to_the_same_person_meanwhile_stands_once(
    hub: Hub, assessor: str, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda: assign(hub, "7F3A-21", assessor))
    assert not assign(hub, "7F3A-21", assessor).new
    assert _who_has(hub, "7F3A-21") == [assessor]


@pytest.mark.both_homes
def test_consent_that_is_withdrawn_meanwhile_leaves_nothing_assigned(
    hub: Hub, assessor: str, meanwhile: Meanwhile
) -> None:
    place_hold(hub, "7F3A-21", HoldKind.COMPLAINT, "The educator complained", "Pat")
    meanwhile(lambda: withdraw_consent(hub, "7F3A-21"))
    with pytest.raises(Refused, match="withdrew their consent to 7F3A-21"):
        assign(hub, "7F3A-21", assessor)
    assert _who_has(hub, "7F3A-21") == []


@pytest.mark.both_homes
def test_all_that_is_free_is_assigned_though_consent_to_one_of_it_is_withdrawn_meanwhile(
    hub: Hub, assessor: str, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda: withdraw_consent(hub, "7F3A-21"))
    assert [each.key for each in assign_all(hub, assessor)] == ["91BB-02"]


def _reopening(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen, once, between finding what was withdrawn before and letting it stand again."""
    acts, due_again = [act], assigning._due_again

    def found(*given: object) -> object:
        while acts:
            acts.pop()()
        return due_again(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(assigning, "_due_again", found)


@pytest.mark.both_homes
@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda hub, person: withdraw(hub, "7F3A-21", person, recused=True), "is recused from 7F3A-21"),
        (lambda hub, _: withdraw_consent(hub, "7F3A-21"), "withdrew their consent to 7F3A-21"),
    ],
)
def test_what_was_withdrawn_does_not_stand_again_against_what_is_said_meanwhile(
    hub: Hub,
    assessor: str,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Hub, str], object],
    words: str,
) -> None:
    assign(hub, "7F3A-21", assessor)
    withdraw(hub, "7F3A-21", assessor)
    _reopening(monkeypatch, lambda: act(hub, assessor))
    for _ in range(2):  # it is still so afterwards
        with pytest.raises(Refused, match=words):
            assign(hub, "7F3A-21", assessor)
    assert _who_has(hub, "7F3A-21") == []
