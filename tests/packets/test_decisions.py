"""A decision is a bag of the packet's layout: it names the packets, carries the educator's feedback, and verifies."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.packets.building import (
    GIVEN,
    NOW,
    PROGRAMME,
    Laboratory,
    a_review,
    a_submission,
    an_assignment,
    shipped_policy,
    shipped_rubric,
)
from tests.packets.following import faults
from tests.packets.test_checking_with_other_tools import Recipient

from assessor_desk.domain.decision import Decision, DecisionKind, newest
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.review import CriterionWork, TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.rubric import Outcome
from assessor_desk.domain.submission import Assignment
from assessor_desk.keys.signing import Signer
from assessor_desk.packets.decision import Basis, DecisionFacts, decision_bytes
from assessor_desk.packets.facts import BuiltPacket, PacketFacts
from assessor_desk.packets.reading import assignment_of, read_basis
from assessor_desk.rubric_files import policy_to_json, rubric_to_json
from assessor_desk.verdict import FactId, Standing, TrustList
from assessor_desk.verdict.packet import verify_bytes

REVIEWER = "R-0207"
DECISION_ID = "d0d0d0d0-1111-5222-8333-444444444444"


def deciding() -> Assignment:
    """The issuer asks the reviewer to decide on the sample submission."""
    return replace(an_assignment(REVIEWER, Role.REVIEWER), id="as-decide-7f3a-21", purpose=Purpose.DECIDE)


@pytest.fixture(scope="module")
def reviewer(lab: Laboratory) -> Signer:
    return lab.enrolled(REVIEWER, "reviewer")


@pytest.fixture(scope="module")
def trust_list(lab: Laboratory) -> TrustList:
    return TrustList.load(lab.trust(timedelta(days=2)))


def basis_of(packet: BuiltPacket) -> Basis:
    return read_basis(packet.path.read_bytes(), a_submission(), deciding(), NOW, held=True)


@pytest.fixture(scope="module")
def basis(packet: BuiltPacket) -> Basis:
    return basis_of(packet)


def facts_of(lab: Laboratory, *bases: Basis, **changes: Any) -> DecisionFacts:
    """A decision that confirms; keyword arguments replace any of its facts."""
    facts = DecisionFacts(
        decision=Decision(DECISION_ID, bases=tuple(one.delivered.packet for one in bases)),
        passes_back=False,
        bases=bases,
        covers=("e9",),
        submission=a_submission(),
        assignment=deciding(),
        rubric=shipped_rubric(),
        rubric_json=rubric_to_json(shipped_rubric()),
        policy=shipped_policy(),
        policy_json=policy_to_json(shipped_policy()),
        programme=PROGRAMME,
        at=NOW + timedelta(hours=3),
        program_version="0.1.0",
        attested=lab.attested(deciding()),
    )
    return replace(facts, **changes)


def files_in(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def test_a_packet_is_read_back_as_the_review_it_states(packet: BuiltPacket, basis: Basis) -> None:
    review, written = basis.delivered.review, a_review("x")

    assert review.levels == written.levels
    assert review.anchors == written.anchors
    assert review.overall == written.overall
    assert {c: review.work(c).anchors for c in GIVEN} == dict(GIVEN)
    for criterion in shipped_rubric().criteria:
        for field in (TextField.RATIONALE, TextField.STRENGTH, TextField.NEXT_STEP):
            assert review.text(field, criterion.id) == written.text(field, criterion.id)
    assert review.notes == ""
    assert review.sealed
    assert basis.delivered.packet == packet.digest
    assert basis.delivered.recommendation is Outcome.NOT_YET
    assert assignment_of(packet.path.read_bytes()) == an_assignment().id


def test_a_packet_about_another_submission_is_not_read_as_this_ones(packet: BuiltPacket) -> None:
    other = replace(a_submission(), id="another", key="91BB-02")

    with pytest.raises(Damaged, match="91BB-02"):
        read_basis(packet.path.read_bytes(), other, deciding())


def test_a_confirmed_decision_verifies_and_says_what_it_decides(
    lab: Laboratory, reviewer: Signer, basis: Basis, trust_list: TrustList
) -> None:
    content, digest = decision_bytes(facts_of(lab, basis), reviewer)
    verdict = verify_bytes(content, "decision.zip", trust_list, NOW + timedelta(days=1))

    assert verdict.digest == digest
    assert not verdict.bad
    assert verdict.exit_code({"assignment", "revocation"}) == 0
    assert verdict.subject.sentence.endswith("decides not yet")
    assert verdict.subject.person == REVIEWER
    assert FactId.RECORD not in {fact.id for fact in verdict.facts}


def test_its_documents_follow_their_schemas(lab: Laboratory, reviewer: Signer, basis: Basis) -> None:
    files = files_in(decision_bytes(facts_of(lab, basis), reviewer)[0])

    for name in ("decision", "feedback", "assignment"):
        assert faults(json.loads(files[f"data/{name}.json"]), name) == []


def test_its_feedback_is_the_packets_with_the_outcome_and_no_word_for_reviewers(
    lab: Laboratory, reviewer: Signer, basis: Basis
) -> None:
    content, _ = decision_bytes(facts_of(lab, basis), reviewer)
    files = files_in(content)
    feedback = json.loads(files["data/feedback.json"])

    assert feedback["outcome"] == "not_yet"
    assert "recommendation" not in feedback
    assert feedback["criteria"] == basis.feedback["criteria"]
    rationale = a_review("x").text(TextField.RATIONALE, "elicits-evidence").encode()
    assert all(rationale not in one for one in files.values())


def test_a_review_is_passed_back_with_a_reason_and_without_feedback(
    lab: Laboratory, reviewer: Signer, basis: Basis, trust_list: TrustList
) -> None:
    said = "Criterion 2 cites a moment at which nobody answers; look again at 06:20."
    back = facts_of(lab, basis, passes_back=True, decision=Decision(DECISION_ID, reason=said))
    content, _ = decision_bytes(back, reviewer)
    files = files_in(content)
    verdict = verify_bytes(content, "decision.zip", trust_list, NOW + timedelta(days=1))

    assert "data/feedback.json" not in files
    stated = json.loads(files["data/decision.json"])
    assert (stated["kind"], stated["outcome"], stated["reason"]) == ("passed_back", None, said)
    assert faults(stated, "decision") == []
    assert not verdict.bad
    assert verdict.subject.sentence.endswith("decides passed back")


def test_nothing_is_passed_back_without_a_reason(lab: Laboratory, reviewer: Signer, basis: Basis) -> None:
    with pytest.raises(Refused, match="Say why"):
        decision_bytes(facts_of(lab, basis, passes_back=True), reviewer)


def second_review(lab: Laboratory) -> BuiltPacket:
    """Another assessor finds every criterion demonstrated."""
    other = lab.enrolled("A-2051")
    assignment = replace(an_assignment("A-2051"), id="as-second")

    def by_another(facts: PacketFacts) -> PacketFacts:
        review = a_review("3c1f6f8e-0000-5000-8000-00000000000b", below="")
        return replace(facts, review=review, assignment=assignment, attested=lab.attested(assignment))

    kept, lab.signer = lab.signer, other
    try:
        return lab.packet(by_another)
    finally:
        lab.signer = kept


def test_reviews_that_differ_are_not_confirmed(lab: Laboratory, reviewer: Signer, basis: Basis) -> None:
    with pytest.raises(Refused, match="The reviews differ"):
        decision_bytes(facts_of(lab, basis, basis_of(second_review(lab))), reviewer)


def test_an_adjudication_names_level_reason_and_whose_feedback_goes_on(
    lab: Laboratory, reviewer: Signer, basis: Basis, trust_list: TrustList
) -> None:
    second = basis_of(second_review(lab))
    why = {TextField.RATIONALE: "The whiteboards at 06:16 show every answer."}
    decision = Decision(
        DECISION_ID,
        works={one.id: CriterionWork("demonstrated", why) for one in shipped_rubric().criteria},
        feedback_from={"elicits-evidence": second.delivered.packet},
    )
    content, _ = decision_bytes(facts_of(lab, basis, second, decision=decision), reviewer)
    files = files_in(content)
    stated, feedback = json.loads(files["data/decision.json"]), json.loads(files["data/feedback.json"])

    assert (stated["kind"], stated["outcome"], feedback["outcome"]) == ("adjudicated", "earned", "earned")
    assert [one["packet"] for one in stated["bases"]] == [basis.delivered.packet, second.delivered.packet]
    decided = {one["criterion"]: one for one in stated["criteria"]}
    assert decided["elicits-evidence"]["feedback_from"] == second.delivered.packet
    assert decided["plans-checks"]["feedback_from"] == basis.delivered.packet
    assert all(one["passed"] for one in feedback["criteria"])
    assert faults(stated, "decision") == []
    assert not verify_bytes(content, "decision.zip", trust_list, NOW + timedelta(days=1)).bad


def test_an_assessor_cannot_seal_a_decision(lab: Laboratory, basis: Basis, trust_list: TrustList) -> None:
    own = replace(deciding(), person="A-1184", role=Role.ASSESSOR)
    content, _ = decision_bytes(facts_of(lab, basis, assignment=own, attested=lab.attested(own)), lab.signer)
    verdict = verify_bytes(content, "decision.zip", trust_list, NOW + timedelta(days=1))

    assert verdict.fact(FactId.SIGNER).standing is Standing.BAD
    assert "No assessor may sign a decision" in verdict.headline
    assert verdict.exit_code() == 4


@pytest.mark.parametrize(
    "name", ["data/decision.json", "data/feedback.json", "data/rubric.json", "VERIFY.txt"]
)
def test_a_changed_or_missing_file_is_named(
    name: str, lab: Laboratory, reviewer: Signer, basis: Basis, trust_list: TrustList
) -> None:
    content, _ = decision_bytes(facts_of(lab, basis), reviewer)
    for changed in (lambda data: bytes([data[0] ^ 1]) + data[1:], lambda data: None):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
            for info in old.infolist():
                data = old.read(info)
                kept = changed(data) if info.filename.endswith(name) else data
                if kept is not None:
                    new.writestr(info, kept)
        verdict = verify_bytes(out.getvalue(), "decision.zip", trust_list, NOW + timedelta(days=1))

        assert verdict.exit_code() == 4
        assert any(name in fact.sentence or name in fact.detail for fact in verdict.bad)


def test_the_lines_of_its_instructions_succeed_as_printed(
    lab: Laboratory, reviewer: Signer, basis: Basis, tmp_path: Path
) -> None:
    content, digest = decision_bytes(facts_of(lab, basis), reviewer)
    path = tmp_path / f"decision-{DECISION_ID}.zip"
    path.write_bytes(content)
    (tmp_path / "got").mkdir()

    said = Recipient(tmp_path / "got", BuiltPacket(path, digest), lab.trust()).types_all()

    assert sum(one == "CAdES Verification successful\n" for one in said.values()) == 2


def test_of_two_packets_of_one_assessor_only_the_correction_counts(lab: Laboratory, basis: Basis) -> None:
    corrected = replace(
        basis.delivered,
        packet="f" * 64,
        supersedes=basis.delivered.packet,
        sealed_at=NOW + timedelta(hours=1),
    )
    unverified = replace(basis.delivered, packet="e" * 64, held=False)

    assert newest([corrected, basis.delivered, unverified]) == (corrected,)
    assert DecisionKind("passed_back") is DecisionKind.PASSED_BACK
