"""Whoever is enrolled can sign anything with a program of their own. What makes no sense is refused, in words."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.hub.conftest import Answering
from tests.hub.making import Device
from tests.verdict.altering import Sealed

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assignment_of
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.reasoning import refuse_unfounded_review
from assessor_desk.keys.cms import sign_detached
from assessor_desk.protocol.documents import assignment_bytes, canonical
from assessor_desk.rubric_files import rubric_from_json

KEY = "7F3A-21"
REVIEW, DECISION, FEEDBACK = "data/review.json", "data/decision.json", "data/feedback.json"
RUBRIC, TAGS = "data/rubric.json", "tagmanifest-sha256.txt"


def _signed_anew(
    bag: bytes,
    stated: str,
    signing: Device,
    changes: Mapping[str, Any],
    others: Mapping[str, Any] | None = None,
) -> tuple[bytes, str]:
    """The bag as its signer would make it with these changes, digests and signature fitting."""
    files = Sealed(bag, "").files
    document = {**json.loads(files[stated]), **changes}
    written = {name: canonical(content) for name, content in (others or {}).items()}
    for name, content in written.items():
        key = name.removeprefix("data/").removesuffix(".json")
        document["digests"] = {**document["digests"], key: hashlib.sha256(content).hexdigest()}
    altered = Sealed(
        Sealed(bag, "").with_manifests_written_again({**written, stated: canonical(document)}), ""
    )
    listed, at = altered.files[TAGS], datetime.fromisoformat(document["sealed_at"])
    signature = sign_detached(listed, signing.signer.key, signing.signer.certificate, at)
    name = f"signatures/{document['role']}-1.p7s"
    return altered.with_files({name: signature}), hashlib.sha256(listed).hexdigest()


@pytest.fixture
def packet(answering: Answering, tmp_path: Path) -> tuple[Device, bytes, str]:
    """An assessor, and a packet of theirs that hands the submission back as incomplete."""
    assessor = answering.enrol(Role.ASSESSOR, KEY)
    return assessor, *assessor.seal(tmp_path / "packets")


@pytest.fixture
def decision(answering: Answering, packet: tuple[Device, bytes, str]) -> tuple[Device, bytes]:
    """A reviewer, and their decision on that packet."""
    assessor, content, digest = packet
    reviewer = answering.enrol(Role.REVIEWER, KEY)
    assessor.deliver(content, digest)
    return reviewer, reviewer.decide(KEY)[0]


def _easier(bag: bytes) -> dict[str, Any]:
    rubric: dict[str, Any] = json.loads(Sealed(bag, "").files[RUBRIC])
    return {**rubric, "criteria": rubric["criteria"][:1]}


def test_a_decision_by_a_rubric_worded_anew_is_refused(decision: tuple[Device, bytes]) -> None:
    reviewer, content = decision
    altered = _signed_anew(content, DECISION, reviewer, {}, {RUBRIC: _easier(content)})
    with pytest.raises(Refused, match="assigns another rubric's wording"):
        reviewer.deliver(*altered)


def test_it_is_refused_too_under_an_assignment_that_names_no_digests(
    answering: Answering, decision: tuple[Device, bytes]
) -> None:
    reviewer, hub = decision[0], answering.hub
    issuer, own = hub.authority.issuer_signer(), t.assignments.c
    with hub.database.writing() as work:
        row = work.execute(sa.select(t.assignments).where(own.person == reviewer.person)).one()
        document = assignment_bytes(assignment_of(row))
        signature = sign_detached(document, issuer.key, issuer.certificate, hub.clock())
        change = sa.update(t.assignments).where(own.id == row.id)
        work.execute(change.values(document=document, signature=signature))
    content, _ = reviewer.decide(KEY)
    altered = _signed_anew(content, DECISION, reviewer, {}, {RUBRIC: _easier(content)})
    with pytest.raises(Refused, match=r"data/rubric\.json is not as it was published here"):
        reviewer.deliver(*altered)


def test_a_decision_of_another_shape_than_decisions_have_is_refused(decision: tuple[Device, bytes]) -> None:
    reviewer, content = decision
    odd: dict[str, object] = {"bases": 5, "kind": "weird", "kept": None, "supersedes": ["x"], "outcome": [1]}
    for name, value in odd.items():
        feedback = {**json.loads(Sealed(content, "").files[FEEDBACK]), "outcome": value}
        others = {FEEDBACK: feedback} if name == "outcome" else {}
        with pytest.raises(Refused, match=rf"data/decision\.json is not as it should be: \$\.{name}"):
            reviewer.deliver(*_signed_anew(content, DECISION, reviewer, {name: value}, others))


def test_a_decision_that_rests_on_nothing_is_refused(decision: tuple[Device, bytes]) -> None:
    reviewer, content = decision
    with pytest.raises(Refused, match=r"data/decision\.json is not as it should be: \$\.bases"):
        reviewer.deliver(*_signed_anew(content, DECISION, reviewer, {"bases": []}))


def test_a_decision_that_confirms_another_outcome_than_its_review_is_refused(
    decision: tuple[Device, bytes],
) -> None:
    reviewer, content = decision
    feedback = {**json.loads(Sealed(content, "").files[FEEDBACK]), "outcome": "earned"}
    altered = _signed_anew(content, DECISION, reviewer, {"outcome": "earned"}, {FEEDBACK: feedback})
    with pytest.raises(Refused, match="does not follow from the reviews"):
        reviewer.deliver(*altered)


def test_a_decision_that_quotes_a_review_wrongly_is_refused(decision: tuple[Device, bytes]) -> None:
    reviewer, content = decision
    files = Sealed(content, "").files
    bases = [{**one, "recommendation": "earned"} for one in json.loads(files[DECISION])["bases"]]
    feedback = {**json.loads(files[FEEDBACK]), "outcome": "earned"}
    changes = {"outcome": "earned", "bases": bases}
    with pytest.raises(Refused, match="says something else"):
        reviewer.deliver(*_signed_anew(content, DECISION, reviewer, changes, {FEEDBACK: feedback}))


def test_a_recommendation_must_follow_from_its_levels(packet: tuple[Device, bytes, str]) -> None:
    files = Sealed(packet[1], "").files
    review, feedback = json.loads(files[REVIEW]), json.loads(files[FEEDBACK])
    rubric = rubric_from_json(files[RUBRIC])
    refuse_unfounded_review(review, feedback, rubric)
    with pytest.raises(Declined, match="Its feedback says something else"):
        refuse_unfounded_review({**review, "recommendation": "earned"}, feedback, rubric)
    earned = {"recommendation": "earned"}
    with pytest.raises(Declined, match="does not follow from its levels"):
        refuse_unfounded_review({**review, **earned}, {**feedback, **earned}, rubric)
