"""A badge is issued for what was earned and released, once, and says nothing about who earned or assessed it."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from tests.badges.conftest import ADDRESS, EDUCATOR, KEY, Issued
from tests.hub.making import StandingClock

from assessor_desk.domain.badge import Identity
from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.badge_papers import STATUS_FILE, papers, set_up_badges
from assessor_desk.hub.badges import badge_for, badges, issue_badge, revoke_badge, waiting_for_badges
from assessor_desk.hub.hub import Hub
from assessor_desk.keys.badge_key import open_badge_key
from assessor_desk.packets.badge import Educator, Issuing, badge_for_decision
from assessor_desk.places import rubrics
from assessor_desk.protocol.status_list import is_set
from assessor_desk.rubric_files import load_rubric


def test_no_badge_before_wallets_know_where_to_ask(decided: Hub) -> None:
    with pytest.raises(Refused, match="hub badge setup"):
        issue_badge(decided, KEY)


@pytest.mark.parametrize(
    "address", ["http://badges.example.org", "badges.example.org", "https://", "ftp://x.y"]
)
def test_an_address_that_wallets_cannot_use_is_refused(decided: Hub, address: str) -> None:
    with pytest.raises(Refused, match="no address that wallets reach"):
        set_up_badges(decided, address)


def test_what_was_earned_and_released_waits_for_a_badge(decided: Hub, hub: Hub) -> None:
    assert waiting_for_badges(decided) == [KEY]
    assert waiting_for_badges(hub) == []


def test_nothing_that_is_undecided_gets_a_badge(hub: Hub) -> None:
    with pytest.raises(Refused, match="not decided yet"):
        issue_badge(hub, "7F3A-21")


def test_the_educator_hears_of_the_decision_first(hub: Hub) -> None:
    with hub.database.writing() as work:
        work.execute(sa.delete(t.releases))
    with pytest.raises(Refused, match="not released yet"):
        issue_badge(hub, KEY)


def test_what_was_not_earned_gets_no_badge(hub: Hub) -> None:
    with hub.database.writing() as work:
        work.execute(sa.update(t.decisions).values(outcome="not_yet"))
    with pytest.raises(Refused, match="decided not yet"):
        issue_badge(hub, KEY)


def test_a_badge_that_stands_is_not_issued_twice(hub: Hub) -> None:
    (first,) = badges(hub)
    assert issue_badge(hub, KEY) == first.id
    assert len(badges(hub)) == 1


def test_a_revoked_badge_can_be_issued_anew(hub: Hub) -> None:
    old = revoke_badge(hub, KEY, "The title was wrong")
    assert issue_badge(hub, KEY) != old
    assert [one.revoked_at is None for one in badges(hub)] == [False, True]


def test_badges_issued_anew_within_one_second_stay_in_their_order(hub: Hub) -> None:
    for _ in range(8):
        revoke_badge(
            hub, KEY, "The title was wrong"
        )  # the newest of those with this key: the others are revoked
        newest = issue_badge(hub, KEY)
        with hub.database.writing() as work:
            work.execute(sa.update(t.badges).values(issued_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC)))

        assert badges(hub)[-1].id == newest


def test_the_badge_names_the_decision_by_digest_and_nobody(issued: Issued) -> None:
    assert issued.credential["evidence"][0]["id"] == f"urn:sha256:{issued.decision}"
    for secret in (EDUCATOR, EDUCATOR.split()[1], "E-2", KEY, "North Prairie", "board.md", "video.example"):
        assert secret.encode() not in issued.json


def test_whoever_knows_the_number_recognises_the_badge(issued: Issued) -> None:
    (identity,) = issued.credential["credentialSubject"]["identifier"]
    digest = hashlib.sha256(f"E-2{identity['salt']}".encode()).hexdigest()
    assert (identity["hashed"], identity["identityHash"]) == (True, f"sha256${digest}")


@pytest.mark.parametrize(
    ("identity", "kinds"),
    [
        (Identity.HASHED, ["emailAddress"]),
        (Identity.NUMBER, ["identifier"]),
        (Identity.NAME, ["name", "identifier"]),
    ],
)
def test_policy_says_how_the_educator_is_named(issued: Issued, identity: Identity, kinds: list[str]) -> None:
    rubric = load_rubric(rubrics() / "formative-assessment-math.yaml")
    educator = Educator("E-1", "Nhung", "nhung.n@example.org")
    badge = badge_for_decision(_issuing(issued, educator, identity), rubric, _passing(rubric), "00" * 32)
    told = badge["credentialSubject"]["identifier"]
    assert [one["identityType"] for one in told] == kinds
    assert ("nhung.n@" in json.dumps(told)) is False


def test_each_criterion_has_its_level_among_the_rubrics(issued: Issued) -> None:
    subject = issued.credential["credentialSubject"]
    described = {one["id"]: one for one in subject["achievement"]["resultDescription"]}
    assert len(subject["result"]) == len(described) == 5
    for result in subject["result"]:
        of_criterion = described[result["resultDescription"]]
        levels = [one["id"] for one in of_criterion["rubricCriterionLevel"]]
        assert levels.index(result["achievedLevel"]) == levels.index(of_criterion["requiredLevel"])


def test_a_decision_without_a_level_is_refused(issued: Issued) -> None:
    rubric = load_rubric(rubrics() / "formative-assessment-math.yaml")
    with pytest.raises(Refused, match="says no level"):
        badge_for_decision(_issuing(issued, Educator("E-1", ""), Identity.HASHED), rubric, {}, "00" * 32)


def test_a_badge_counts_as_long_as_the_policy_says(issued: Issued) -> None:
    begin, end = (issued.credential[name] for name in ("validFrom", "validUntil"))
    assert int(end[:4]) - int(begin[:4]) == 5


def test_the_case_file_gets_the_badge_that_stands(hub: Hub, issued: Issued) -> None:
    assert badge_for(hub, issued.decision) == issued.json
    revoke_badge(hub, KEY, "Issued by mistake")
    assert badge_for(hub, issued.decision) is None


def test_a_revocation_needs_a_reason_and_happens_once(hub: Hub) -> None:
    with pytest.raises(Refused, match="Say why"):
        revoke_badge(hub, KEY, " ")
    revoke_badge(hub, KEY, "Issued by mistake")
    with pytest.raises(Refused, match="already"):
        revoke_badge(hub, KEY, "Again")


def test_the_status_list_sets_one_place_of_many(hub: Hub, issued: Issued) -> None:
    place = int(issued.credential["credentialStatus"]["statusListIndex"])
    revoke_badge(hub, KEY, "Issued by mistake")
    bits = json.loads(papers(hub)[STATUS_FILE])["credentialSubject"]["encodedList"]
    assert is_set(bits, place)
    assert not is_set(bits, place ^ 1)


def test_a_status_list_is_made_anew_each_day(hub: Hub, clock: StandingClock) -> None:
    before = papers(hub)[STATUS_FILE]
    assert papers(hub)[STATUS_FILE] == before
    clock.move(days=2)
    assert papers(hub)[STATUS_FILE] != before


def test_the_address_stays_once_badges_name_it(hub: Hub) -> None:
    with pytest.raises(Refused, match="must go on answering there"):
        set_up_badges(hub, "https://elsewhere.example.org")
    assert set_up_badges(hub, ADDRESS + "/").startswith("did:key:z6Mk")


def test_the_key_is_wrapped_like_the_authoritys(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("authority")
    key = open_badge_key(folder, "long words of mine")
    assert open_badge_key(folder, "long words of mine").did == key.did
    assert (folder / "badge.key.json").exists()
    for passphrase in (None, "other words"):
        with pytest.raises(Refused):
            open_badge_key(folder, passphrase)


def _issuing(issued: Issued, educator: Educator, identity: Identity) -> Issuing:
    from datetime import UTC, datetime
    from uuid import UUID

    did = issued.credential["issuer"]["id"]
    return Issuing(
        UUID(int=1), did, "Lakeside hub", ADDRESS, f"{ADDRESS}/v1/badges/status/1", 7, educator, identity, b"picture",
        datetime(2026, 5, 1, tzinfo=UTC),
    )  # fmt: skip


def _passing(rubric: object) -> dict[str, str]:
    return {one.id: one.passing for one in rubric.criteria}  # type: ignore[attr-defined]
