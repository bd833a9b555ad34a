"""Case files: made by the issuer of a released decision, kept, good by themselves, and the only place with a name."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.hub.conftest import Answering
from tests.hub.making import Device, StandingClock
from tests.hub.test_deciding import KEY, assessor, concern_of, delivered, passed_to, reviewer

from assessor_desk.domain.award import Use, UseKind
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Refused
from assessor_desk.hub.agreeing import record_agreement
from assessor_desk.hub.case_files import CaseFile, awards, make_case, write_case
from assessor_desk.hub.holds import lift_holds
from assessor_desk.hub.trail import trail
from assessor_desk.places import resources
from assessor_desk.rubric_files import policy_from_json
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import AWARD
from assessor_desk.verdict.packet import verify_bytes

__all__ = ["assessor", "delivered", "reviewer"]  # fixtures


@pytest.fixture
def decided(reviewer: Device, delivered: str) -> str:
    return decide(reviewer)


@pytest.fixture
def released(reviewer: Device, decided: str) -> str:
    reviewer.source.release(decided, None, 0)
    return decided


def decide(reviewer: Device, supersedes: str | None = None) -> str:
    decision, digest = reviewer.decide(supersedes=supersedes)
    reviewer.deliver(decision, digest, DeliveryKind.DECISION)
    return digest


def judged(answering: Answering, case: CaseFile, years: float = 0) -> Verdict:
    answering.hub.renew_trust()
    trust = TrustList.load(answering.hub.folder / "trust.pem")
    now = datetime.now(UTC) + timedelta(days=365 * years, seconds=5)
    return verify_bytes(case.content, case.name, trust, now)


def test_the_case_file_of_a_released_decision_is_good_and_receipted(
    answering: Answering, released: str, delivered: str
) -> None:
    case = make_case(answering.hub, KEY, for_appeal=True)

    verdict = judged(answering, case)

    assert verdict.bad == ()
    assert verdict.fact(FactId.CONTAINED).standing is Standing.GOOD
    assert [one.digest for one in verdict.contained] == [released, delivered]
    assert [one.fact(FactId.TIME).standing for one in verdict.contained] == [Standing.GOOD] * 2
    assert verdict.subject.holder == "Nguyễn Thị Hồng Nhung"
    assert case.name == f"{KEY}-case-{case.award.issued_at:%Y-%m-%d}.zip"


def test_it_is_good_in_ten_years_without_the_hub(answering: Answering, released: str) -> None:
    case = make_case(answering.hub, KEY, for_appeal=True)

    verdict = judged(answering, case, years=10)

    assert verdict.bad == ()
    assert verdict.exit_code(frozenset({"revocation", "time"})) == 0


def test_only_the_award_record_holds_the_name(answering: Answering, released: str) -> None:
    files = parse_archive(make_case(answering.hub, KEY, for_appeal=True).content).files

    told = json.loads(files.pop(AWARD))
    del files["READ-FIRST.pdf"]  # says it in words, compressed
    assert told["holder"]["name"] == "Nguyễn Thị Hồng Nhung"
    assert not [name for name, content in files.items() if b"Nhung" in content]


def test_the_state_educator_id_comes_with_the_import(
    answering: Answering, released: str, edit: Callable[[str, str, str], None], incoming: Path
) -> None:
    from tests.hub.making import import_quickly

    edit("submissions.csv", "permission attested,e-mail", "permission attested,e-mail,state educator id")
    edit("submissions.csv", "nhung.n@example.org", "nhung.n@example.org,WI-204-118")
    import_quickly(answering.hub, incoming)

    assert make_case(answering.hub, KEY, for_appeal=True).award.holder.state_educator_id == "WI-204-118"


def test_where_the_evidence_is_held_and_until_when_follows_the_policy(
    answering: Answering, released: str, reviewer: Device
) -> None:
    award = make_case(answering.hub, KEY, for_appeal=True).award

    policy = policy_from_json(reviewer.changes().policies[0].canonical)
    days = policy.retention.evidence_with_programme
    assert award.evidence.by == "Lakeside hub"
    assert award.evidence.until == (datetime.now(UTC) + timedelta(days=days)).date()


def test_an_earlier_decision_that_was_replaced_is_in_it(
    answering: Answering, released: str, reviewer: Device
) -> None:
    later = decide(reviewer, supersedes=released)
    with pytest.raises(Refused, match="not released yet"):
        make_case(answering.hub, KEY, for_appeal=True)
    reviewer.source.release(later, None, 0)

    case = make_case(answering.hub, KEY, for_appeal=True)

    assert (case.award.decision, case.award.replaced) == (later, (released,))
    assert judged(answering, case).fact(FactId.CONTAINED).standing is Standing.GOOD


def test_nothing_is_made_of_what_is_not_decided_or_not_released(
    answering: Answering, delivered: str, reviewer: Device
) -> None:
    with pytest.raises(Refused, match="not decided yet"):
        make_case(answering.hub, KEY)
    decide(reviewer)
    with pytest.raises(Refused, match="not released yet"):
        make_case(answering.hub, KEY)
    with pytest.raises(Refused, match="no submission “0000-00”"):
        make_case(answering.hub, "0000-00")
    assert awards(answering.hub) == []


def test_what_was_not_earned_is_told_only_for_an_appeal_or_with_agreement(
    answering: Answering, released: str
) -> None:
    with pytest.raises(Refused, match="--appeal"):
        make_case(answering.hub, KEY)
    record_agreement(answering.hub, [KEY], agreed=True)
    make_case(answering.hub, KEY)

    with pytest.raises(Refused, match="nothing can be awarded"):
        make_case(answering.hub, KEY, [Use(UseKind.SALARY)])


def test_nothing_is_made_while_a_concern_stands(
    answering: Answering, released: str, reviewer: Device
) -> None:
    passed_to(reviewer, DeliveryKind.CONCERN, concern_of(reviewer))
    with pytest.raises(Refused, match="on hold"):
        make_case(answering.hub, KEY, for_appeal=True)
    lift_holds(answering.hub, KEY)

    assert make_case(answering.hub, KEY, for_appeal=True).digest


def test_what_was_made_is_listed(answering: Answering, released: str, clock: StandingClock) -> None:
    first = make_case(answering.hub, KEY, for_appeal=True)
    clock.move(days=1)
    second = make_case(answering.hub, KEY, for_appeal=True)

    assert [one.digest for one in awards(answering.hub)] == [first.digest, second.digest]
    assert [(one.key, one.outcome, one.uses) for one in awards(answering.hub)] == [
        (KEY, "incomplete", ())
    ] * 2


def test_the_trail_of_a_submission_says_what_replaced_what(
    answering: Answering, released: str, reviewer: Device, delivered: str
) -> None:
    later = decide(reviewer, supersedes=released)

    found = trail(answering.hub, KEY)

    assert [(one.digest, one.kind, one.says) for one in found] == [
        (delivered, "packet", ""),
        (released, "decision", "incomplete"),
        (later, "decision", "incomplete"),
    ]
    assert [(one.replaces, one.replaced_by) for one in found] == [("", ""), ("", later), (released, "")]
    assert [one.certificate_status for one in found] == ["good"] * 3
    assert [one.released_at is not None for one in found] == [False, True, False]


def test_the_first_page_is_written_as_docx_beside_it_in_the_hubs_own_look(
    answering: Answering, released: str, tmp_path: Path
) -> None:
    hub, looks = answering.hub, resources() / "looks"
    shutil.copy(looks / "lakeside.svg", hub.folder)
    shutil.copy(looks / "lakeside.yaml", hub.folder / "look.yaml")

    made = make_case(hub, KEY, for_appeal=True, word=True)
    path = write_case(made, tmp_path / "out")

    assert sorted(one.suffix for one in path.parent.iterdir()) == [".docx", ".zip"]
    with zipfile.ZipFile(path.with_suffix(".docx")) as word:
        assert any(name.startswith("word/media/") for name in word.namelist())
    with zipfile.ZipFile(path) as case:
        assert not any(name.endswith(".docx") for name in case.namelist())
