"""A decision as a bag (DESIGN §6): what was decided on which packets, and the feedback that goes to the educator.

`data/decision.json` names the packets by digest. `data/feedback.json` is theirs with the outcome in place of the
recommendation; where a review is passed back nothing is decided, so there is none. Schemas: `docs/schemas/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from assessor_desk.domain.changes import Attested
from assessor_desk.domain.decision import Decision, DecisionKind, DeliveredReview, outcome_of
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.review import TextField
from assessor_desk.domain.rubric import Criterion, Outcome, Rubric
from assessor_desk.domain.submission import Assignment, Submission
from assessor_desk.keys.signing import Signer
from assessor_desk.protocol.documents import canonical, instant
from assessor_desk.verdict.layout import DECISION, DECISION_BAG, FEEDBACK, POLICY, RUBRIC, Layout

from .documents import rubric_moved
from .facts import sha256
from .instructions import instructions
from .sealing import assignment_files, refuse_another_signer, sealed_bag

DECISION_FORMAT = "assessor-desk/decision/1"


@dataclass(frozen=True, slots=True)
class Basis:
    """A packet that a decision rests on: the review it states, and its `data/feedback.json`."""

    delivered: DeliveredReview
    feedback: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """What is sealed. `covers` are the ids of the entries sealed, `supersedes` the digest of an earlier decision.

    `passes_back` makes it a decision that sends the sole review back with the decision's `reason`.
    """

    decision: Decision
    passes_back: bool
    bases: tuple[Basis, ...]
    covers: tuple[str, ...]
    submission: Submission
    assignment: Assignment
    rubric: Rubric
    rubric_json: bytes
    policy: Policy
    policy_json: bytes
    programme: str
    at: datetime
    program_version: str
    attested: Attested | None = None
    supersedes: str | None = None
    rubric_signature: bytes = b""

    @property
    def layout(self) -> Layout:
        """A decision's."""
        return DECISION_BAG

    @property
    def own_id(self) -> str:
        """The decision's id."""
        return self.decision.id

    @property
    def person(self) -> str:
        """Whoever was asked to decide."""
        return self.assignment.person

    @property
    def role(self) -> str:
        """As the assignment says."""
        return self.assignment.role.value

    @property
    def kind(self) -> DecisionKind:
        """How the decision came about."""
        if self.passes_back:
            return DecisionKind.PASSED_BACK
        return DecisionKind.ADJUDICATED if self.decision.levels else DecisionKind.CONFIRMED

    @property
    def outcome(self) -> Outcome | None:
        """What is decided; None for a pass-back. Raises Refused where the reviews differ and no levels were decided."""
        if self.passes_back:
            return None
        outcome = outcome_of(self.decision, self.rubric, [basis.delivered for basis in self.bases])
        if outcome is None:
            raise Refused("The reviews differ. Decide the level of each criterion on which they do")
        return outcome


def decision_bytes(facts: DecisionFacts, signer: Signer) -> tuple[bytes, str]:
    """The sealed decision and its digest.

    Raises Refused where it is not ready or the certificate is another person's.
    """
    refuse_another_signer(facts, signer)
    if facts.passes_back and not facts.decision.reason.strip():
        raise Refused("Say why the review is passed back; the assessor reads it word for word")
    feedback = None if facts.passes_back else canonical(decided_feedback(facts))
    payload = {
        **({} if feedback is None else {FEEDBACK: feedback}),
        DECISION: canonical(decision(facts, feedback)),
        RUBRIC: facts.rubric_json,
        POLICY: facts.policy_json,
        **assignment_files(facts),
    }
    return sealed_bag(facts, payload, signer, instructions(facts))


def decision(facts: DecisionFacts, feedback_json: bytes | None) -> dict[str, Any]:
    """`data/decision.json`: what was decided, on what, why."""
    outcome = facts.outcome
    return {
        "format": DECISION_FORMAT,
        "id": facts.decision.id,
        "kind": facts.kind.value,
        "purpose": facts.assignment.purpose.value,
        "programme": facts.programme,
        "person": facts.assignment.person,
        "role": facts.assignment.role.value,
        "assignment": facts.assignment.id,
        "sealed_at": instant(facts.at),
        "program": {"name": "assessor-desk", "version": facts.program_version},
        "submission": {
            "id": facts.submission.id,
            "key": facts.submission.key,
            "version": facts.submission.version,
            **({"attempt": facts.submission.attempt} if facts.submission.attempt else {}),
        },
        "rubric": {"id": facts.rubric.id, "version": facts.rubric.version},
        "policy": {"id": facts.policy.id, "version": facts.policy.version},
        "outcome": None if outcome is None else outcome.value,
        "reason": facts.decision.reason if facts.passes_back else "",
        "bases": [_basis(basis.delivered) for basis in facts.bases],
        "criteria": [_decided(facts, criterion) for criterion in facts.decision.levels],
        "kept": [
            {"check": check, "subject": subject, "reason": reason}
            for (check, subject), reason in facts.decision.kept.items()
        ],
        "blindness": {"hidden_from_signer": asdict(facts.assignment.blindness)},
        "entries": list(facts.covers),
        "digests": {
            "feedback": None if feedback_json is None else sha256(feedback_json),
            "rubric": sha256(facts.rubric_json),
            "policy": sha256(facts.policy_json),
        },
        **rubric_moved(facts),
        "supersedes": None if facts.supersedes is None else {"packet": facts.supersedes},
    }


def decided_feedback(facts: DecisionFacts) -> dict[str, Any]:
    """`data/feedback.json` of the decision: the only content meant for the educator."""
    outcome = facts.outcome
    assert outcome is not None
    first = dict(_source(facts, "").feedback)
    first.pop("recommendation", None)
    incomplete = outcome is Outcome.INCOMPLETE
    return {
        **first,
        "review": facts.decision.id if facts.decision.levels else first["review"],
        "outcome": outcome.value,
        "criteria": [] if incomplete else [_criterion(facts, one) for one in facts.rubric.criteria],
        "reasons": first["reasons"] if incomplete else [],
    }


def _basis(delivered: DeliveredReview) -> dict[str, Any]:
    return {
        "packet": delivered.packet,
        "person": delivered.person,
        "review": delivered.review.id,
        "recommendation": delivered.recommendation.value,
        "sealed_at": instant(delivered.sealed_at),
    }


def _decided(facts: DecisionFacts, criterion: str) -> dict[str, Any]:
    work = facts.decision.work(criterion)
    return {
        "criterion": criterion,
        "level": work.level,
        "why": work.text(TextField.RATIONALE),
        "feedback_from": _source(facts, criterion).delivered.packet,
    }


def _source(facts: DecisionFacts, criterion: str) -> Basis:
    """Whose feedback goes on for a criterion, or where empty for the whole: the one chosen, else the first."""
    chosen = facts.decision.feedback_from.get(criterion, "")
    return next((basis for basis in facts.bases if basis.delivered.packet == chosen), facts.bases[0])


def _criterion(facts: DecisionFacts, criterion: Criterion) -> dict[str, Any]:
    """A criterion's feedback as its assessor wrote it, with the level decided."""
    written = {one["criterion"]: one for one in _source(facts, criterion.id).feedback["criteria"]}
    if criterion.id not in written:
        raise Refused(
            f"No review says anything to the educator about “{criterion.title}”; choose another's feedback"
        )
    told: dict[str, Any] = dict(written[criterion.id])
    level = criterion.level(facts.decision.levels.get(criterion.id, told["level"]))
    return {
        **told,
        "level": level.id,
        "level_title": level.title,
        "descriptor": level.descriptor,
        "passed": criterion.passes(level.id),
    }
