"""The JSON of a packet: what is meant for the educator, what is meant for reviewers, and the annotations.

All of it RFC 8785 canonical. The private notes are in none of them. Schemas: `docs/schemas/`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from assessor_desk.domain.anchor import Anchor, to_json
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.preflight import ArtifactFinding
from assessor_desk.domain.review import TextField
from assessor_desk.domain.rubric import Criterion
from assessor_desk.domain.submission import Artifact, ReasonCode, reasons_in_words
from assessor_desk.protocol import web_annotations
from assessor_desk.protocol.documents import canonical, instant
from assessor_desk.verdict.layout import signature_files

from .facts import AssignedFacts, PacketFacts, moved_from, sha256

FEEDBACK_FORMAT = "assessor-desk/feedback/1"
REVIEW_FORMAT = "assessor-desk/review/1"


def reasons(facts: PacketFacts) -> list[dict[str, Any]]:
    """Why the submission is incomplete: codes with their sentences, empty where it is complete.

    What says that a part is missing names the parts, where the assessor did.
    """
    codes, missing = facts.review.completeness or (), facts.review.missing_parts
    told: list[dict[str, Any]] = [
        {"code": code, "sentence": words} for code, words in zip(codes, reasons_in_words(codes, missing))
    ]
    for one in told:
        if one["code"] == ReasonCode.MISSING_PART and missing:
            one["parts"] = list(missing)
    return told


def feedback(facts: PacketFacts) -> dict[str, Any]:
    """`data/feedback.json`: recommendation, levels and feedback, the only content meant for the educator."""
    scored = [] if facts.review.incomplete else facts.rubric.criteria
    return {
        "format": FEEDBACK_FORMAT,
        "review": facts.review.id,
        "submission": _submission_name(facts),
        "rubric": {"id": facts.rubric.id, "version": facts.rubric.version, "title": facts.rubric.title},
        "language": facts.submission.language,
        "recommendation": facts.recommendation.value,
        "reasons": reasons(facts),
        "overall": facts.review.overall,
        "criteria": [_criterion_feedback(facts, criterion) for criterion in scored],
    }


def review(facts: PacketFacts, feedback_json: bytes) -> dict[str, Any]:
    """`data/review.json`: how the recommendation came about."""
    scored = [] if facts.review.incomplete else facts.rubric.criteria
    return {
        "format": REVIEW_FORMAT,
        "id": facts.review.id,
        "purpose": facts.review.purpose.value,
        "programme": facts.programme,
        "person": facts.assignment.person,
        "role": facts.assignment.role.value,
        "assignment": facts.assignment.id,
        "sealed_at": instant(facts.at),
        "program": {"name": "assessor-desk", "version": facts.program_version},
        "submission": _submission(facts),
        "rubric": {"id": facts.rubric.id, "version": facts.rubric.version},
        "policy": {"id": facts.policy.id, "version": facts.policy.version},
        "recommendation": facts.recommendation.value,
        "reasons": reasons(facts),
        "criteria": [_criterion_work(facts, criterion) for criterion in scored],
        "anchors": [_anchor(anchor) for anchor in facts.review.anchors],
        "checks": [_check(finding) for finding in facts.findings],
        "preflight": [_found(one) for one in facts.review.judged],
        "shown": [
            {"artifact": artifact, "as": list(shown)}
            for artifact, shown in sorted(facts.review.shown.items())
        ],
        "attestations": [{"id": one.id, "sentence": one.sentence} for one in facts.attested_sentences],
        "blindness": {"hidden_from_signer": asdict(facts.assignment.blindness)},
        "entries": list(facts.covers),
        "digests": {
            "feedback": sha256(feedback_json),
            "rubric": sha256(facts.rubric_json),
            "policy": sha256(facts.policy_json),
            **({"evidence": sha256(facts.evidence_pdf)} if facts.evidence_pdf else {}),
        },
        **_copies(facts),
        **rubric_moved(facts),
        "supersedes": None if facts.supersedes is None else {"packet": facts.supersedes},
        "signatures": _signatures(facts),
    }


def rubric_moved(facts: AssignedFacts) -> dict[str, Any]:
    """From which version of the rubric, the assigned one, it was moved; nothing where it was not."""
    before = moved_from(facts)
    return {"rubric_moved": {"from": before}} if before else {}


def _copies(facts: PacketFacts) -> dict[str, Any]:
    """Which artifacts left the desk as copies, and when; nothing where none did."""
    made = [{"artifact": one.artifact_id, "at": instant(one.at)} for one in facts.review.copies]
    return {"copies": made} if made else {}


def sealed_json(facts: PacketFacts) -> tuple[bytes, bytes]:
    """`data/feedback.json` and `data/review.json`, which names the former's digest, as they stand in a packet."""
    feedback_json = canonical(feedback(facts))
    return feedback_json, canonical(review(facts, feedback_json))


def annotation_page(facts: PacketFacts) -> dict[str, Any]:
    """`data/annotations.jsonld`: the anchors as a W3C Web Annotation page."""
    review = facts.review
    return web_annotations.annotation_page(
        review.id,
        (
            web_annotations.annotation(
                review.id, facts.submission, anchor, "assessing", review.criteria_citing(anchor.id)
            )
            for anchor in review.anchors
        ),
    )


def artifact_digests(facts: PacketFacts) -> bytes:
    """`data/artifacts.sha256`: for `sha256sum -c` beside the artifacts; a link that was not captured has no digest."""
    captured = (artifact for artifact in facts.submission.artifacts if artifact.captured)
    return "".join(f"{a.sha256}  {_file_name(facts, a)}\n" for a in captured).encode()


def anchors_of(facts: PacketFacts, criterion_id: str) -> tuple[Anchor, ...]:
    """The anchors given to a criterion, in the order given."""
    placed = (facts.review.anchor(anchor_id) for anchor_id in facts.review.work(criterion_id).anchors)
    return tuple(anchor for anchor in placed if anchor is not None)


def _submission_name(facts: PacketFacts) -> dict[str, Any]:
    shown = {} if facts.assignment.blindness.attempt else {"attempt": facts.submission.attempt}
    return {"key": facts.submission.key, **shown}


def _submission(facts: PacketFacts) -> dict[str, Any]:
    submission, blindness = facts.submission, facts.assignment.blindness
    known = {
        "educator": "" if blindness.name else submission.educator,
        "school": "" if blindness.school else submission.school,
    }
    return {
        **_submission_name(facts),
        "id": submission.id,
        "version": submission.version,
        "language": submission.language,
        "permission_attested": submission.permission_attested,
        **{key: value for key, value in known.items() if value},
        "artifacts": [_artifact(artifact) for artifact in submission.artifacts],
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    described = {key: value for key, value in asdict(artifact).items() if value != ""}
    missing = {} if artifact.captured else {"captured": False}
    return {**described, "part": artifact.part.value, **missing}


def _criterion_feedback(facts: PacketFacts, criterion: Criterion) -> dict[str, Any]:
    work = facts.review.work(criterion.id)
    level = criterion.level(work.level or "")
    return {
        "criterion": criterion.id,
        "title": criterion.title,
        "level": level.id,
        "level_title": level.title,
        "descriptor": level.descriptor,
        "passed": criterion.passes(level.id),
        "strength": work.text(TextField.STRENGTH),
        "next_step": work.text(TextField.NEXT_STEP),
        "would_show": work.text(TextField.WOULD_SHOW),
        "extension": work.text(TextField.EXTENSION),
        "evidence": [_evidence(facts, anchor) for anchor in anchors_of(facts, criterion.id)],
    }


def _evidence(facts: PacketFacts, anchor: Anchor) -> dict[str, Any]:
    return {
        "artifact": anchor.artifact_id,
        "place": facts.submission.place(anchor),
        "selector": to_json(anchor.selector),
    }


def _criterion_work(facts: PacketFacts, criterion: Criterion) -> dict[str, Any]:
    work, step = facts.review.work(criterion.id), facts.review.earlier_steps.get(criterion.id)
    return {
        "criterion": criterion.id,
        "level": work.level,
        "rationale": work.text(TextField.RATIONALE),
        "anchors": [anchor.id for anchor in anchors_of(facts, criterion.id)],
        "no_evidence": work.no_evidence,
        **({"earlier_step": step.value} if step else {}),
    }


def _anchor(anchor: Anchor) -> dict[str, Any]:
    return {
        "id": anchor.id,
        "artifact": anchor.artifact_id,
        "selector": to_json(anchor.selector),
        "note": anchor.note,
    }


def _check(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "state": finding.state.value,
        "subject": finding.subject,
        "field": None if finding.field is None else finding.field.value,
        "sentence": finding.sentence,
        "kept": finding.kept,
    }


def _found(one: ArtifactFinding) -> dict[str, Any]:
    """Something found before anybody looked, and what the assessor made of it."""
    return {
        "artifact": one.artifact_id,
        "finding": one.finding.id,
        "severity": one.finding.severity.value,
        "sentence": one.finding.sentence,
        "judged": None if one.judged is None else one.judged.value,
    }


def _signatures(facts: PacketFacts) -> dict[str, Any]:
    """Where the signature and what may be added later stand; `co_signers` are signatures still to be asked for."""
    files = signature_files(facts.assignment.role.value)
    return {"signature": files.name, "time_token": files.token, "receipt": files.receipt, "co_signers": []}


def _file_name(facts: PacketFacts, artifact: Artifact) -> str:
    """The artifact's file name, told apart by its id where several have it, escaped as sha256sum reads it."""
    alike = sum(other.name == artifact.name for other in facts.submission.artifacts) > 1
    name = f"{artifact.id}/{artifact.name}" if alike else artifact.name
    return " ".join(name.replace("\\", "/").split("\n"))
