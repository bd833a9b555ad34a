"""Somebody enrolled who was not asked cannot pass a decision, or a review, off as theirs to make."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import rfc8785
from tests.packets.building import NOW, PERSON, Laboratory, an_assignment, packet_facts
from tests.packets.test_decisions import REVIEWER, basis_of, deciding, facts_of
from tests.verdict.altering import Sealed

from assessor_desk.domain.changes import Attested
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import Signer
from assessor_desk.packets.decision import decision_bytes
from assessor_desk.packets.sealing import packet_bytes
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict
from assessor_desk.verdict.packet import verify_bytes

#: Enrolled as a reviewer, and never asked to decide on this submission.
OTHER = "R-0666"


@pytest.fixture(scope="module")
def trust(lab: Laboratory) -> TrustList:
    return TrustList.load(lab.trust(timedelta(days=2)))


@pytest.fixture(scope="module")
def other(lab: Laboratory) -> Signer:
    return lab.enrolled(OTHER, "reviewer")


@pytest.fixture(scope="module")
def decide(lab: Laboratory, packet: Any) -> Callable[..., bytes]:
    """`decide(signer, assignment, attested)`: a decision on the sample submission as that signer would seal it."""
    basis = basis_of(packet)

    def sealed(signer: Signer, assignment: Any, attested: Attested | None, **changes: Any) -> bytes:
        facts = facts_of(lab, basis, assignment=assignment, attested=attested, **changes)
        return decision_bytes(facts, signer)[0]

    return sealed


def judged(content: bytes, trust: TrustList) -> Verdict:
    return verify_bytes(content, "decision.zip", trust, NOW + timedelta(days=3))


def test_a_decision_without_an_assignment_is_not_good_enough(
    decide: Callable[..., bytes], other: Signer, trust: TrustList
) -> None:
    verdict = judged(decide(other, replace(deciding(), person=OTHER), None), trust)

    assert verdict.fact(FactId.CHAIN).standing is Standing.GOOD
    assert verdict.exit_code() == 4
    assert [fact.id for fact in verdict.unmet()] == [FactId.ASSIGNMENT]
    assert "Not attested: that the issuer asked for it." in verdict.headline


def test_a_decision_with_anothers_assignment_is_bad(
    decide: Callable[..., bytes], lab: Laboratory, other: Signer, trust: TrustList
) -> None:
    """The other reviewer's own document, put into a decision that says it is the thief's."""
    verdict = judged(decide(other, replace(deciding(), person=OTHER), lab.attested(deciding())), trust)

    assert "assigns another person than data/decision.json says" in verdict.headline
    assert verdict.exit_code() == 4


def test_a_decision_that_says_it_is_anothers_is_bad(
    decide: Callable[..., bytes], lab: Laboratory, other: Signer, trust: TrustList
) -> None:
    """Everything as the reviewer who was asked would have it, sealed with another's key."""
    honest = decide(lab.enrolled(REVIEWER, "reviewer"), deciding(), lab.attested(deciding()))
    sealed = Sealed(honest, "")
    list_of_contents = sealed.files["tagmanifest-sha256.txt"]
    forged = sign_detached(list_of_contents, other.key, other.certificate, NOW + timedelta(hours=3))

    verdict = judged(sealed.with_files({"signatures/reviewer-1.p7s": forged}), trust)

    assert f"is reviewer {REVIEWER}'s, the signature Reviewer {OTHER}'s" in verdict.headline


@pytest.mark.parametrize(
    "altered",
    [
        {"person": OTHER},
        {"role": "assessor"},
        {"purpose": "assess"},
        {"submission": "another"},
        {"blindness": {}},
    ],
    ids=lambda altered: next(iter(altered)),
)
def test_an_assignment_altered_to_fit_loses_the_issuers_signature(
    decide: Callable[..., bytes], lab: Laboratory, other: Signer, trust: TrustList, altered: dict[str, Any]
) -> None:
    genuine = lab.attested(deciding())
    written = rfc8785.dumps({**json.loads(genuine.canonical), **altered})
    forged = replace(genuine, canonical=bytes(written))

    verdict = judged(decide(other, replace(deciding(), person=OTHER), forged), trust)

    assert "data/assignment.p7s was made over other content" in verdict.headline


def test_an_assignment_that_one_signs_oneself_is_bad(
    decide: Callable[..., bytes], lab: Laboratory, other: Signer, trust: TrustList
) -> None:
    own = replace(deciding(), person=OTHER)
    document = lab.attested(own).canonical
    signature = sign_detached(document, other.key, other.certificate, NOW)

    verdict = judged(decide(other, own, Attested(own.id, document, signature)), trust)

    assert "is signed by nobody who may assign" in verdict.headline


def test_being_asked_to_assess_is_no_leave_to_decide(
    decide: Callable[..., bytes], lab: Laboratory, other: Signer, trust: TrustList
) -> None:
    back_reading = replace(an_assignment(OTHER, Role.REVIEWER), purpose=Purpose.BACK_READ)

    verdict = judged(decide(other, back_reading, lab.attested(back_reading)), trust)

    assert "asks for something else than data/decision.json" in verdict.headline


def test_being_asked_to_decide_is_no_leave_to_assess(
    lab: Laboratory, other: Signer, trust: TrustList
) -> None:
    own = replace(deciding(), person=OTHER)
    facts = packet_facts(lab.attested(own), assignment=own)
    facts = replace(facts, review=replace(facts.review, purpose=Purpose.DECIDE))

    verdict = judged(packet_bytes(facts, other)[0], trust)

    assert "asks for something else than data/review.json" in verdict.headline


def test_a_reviews_role_cannot_be_altered_either(lab: Laboratory, trust: TrustList) -> None:
    """An assessor who is a reviewer too, and was asked as an assessor, seals as a reviewer."""
    both = lab.enrolled(PERSON, "reviewer")
    as_reviewer = an_assignment(PERSON, Role.REVIEWER)
    facts = packet_facts(lab.attested(an_assignment()), assignment=as_reviewer)

    verdict = judged(packet_bytes(facts, both)[0], trust)

    assert "assigns another role than data/review.json says" in verdict.headline


def test_a_packet_without_an_assignment_says_that_nobody_attests_it(
    lab: Laboratory, trust: TrustList
) -> None:
    verdict = judged(packet_bytes(packet_facts(None), lab.signer)[0], trust)

    assert "Not attested: that the issuer asked for it." in verdict.headline
    assert (verdict.exit_code(), verdict.exit_code({"assignment"})) == (0, 4)
