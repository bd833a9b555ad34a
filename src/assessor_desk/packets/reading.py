"""Reading a delivered packet back into what its review says, for whoever decides on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assessor_desk.domain.anchor import Anchor, from_json
from assessor_desk.domain.decision import DeliveredReview
from assessor_desk.domain.earlier import Addressed
from assessor_desk.domain.errors import Damaged, DeskError
from assessor_desk.domain.review import FEEDBACK_FIELDS, CriterionWork, Review, Seal, TextField
from assessor_desk.domain.roles import Purpose
from assessor_desk.domain.rubric import Outcome
from assessor_desk.domain.submission import Assignment, Submission
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import ASSIGNMENT, FEEDBACK, REVIEW, TAG_MANIFEST

from .decision import Basis
from .facts import sha256

Document = Mapping[str, Any]


def read_basis(
    packet: bytes,
    submission: Submission,
    assignment: Assignment,
    received_at: datetime | None = None,
    held: bool = False,
    verdict: str = "",
) -> Basis:
    """The review that a packet states, with the feedback it has for the educator.

    `assignment` is whose rules the reviewer reads it by. Raises Damaged for anything but a packet about `submission`.
    """
    stated = stated_of(packet)
    digest = sha256(parse_archive(packet).files[TAG_MANIFEST])
    return read_stated(stated, submission, assignment, digest, received_at, verdict, held)


def stated_of(packet: bytes) -> dict[str, Any]:
    """What a packet states: its `review` and `feedback` documents. Raises Damaged for anything else."""
    files = parse_archive(packet).files
    try:
        return {"review": json.loads(files[REVIEW]), "feedback": json.loads(files[FEEDBACK])}
    except (KeyError, ValueError, RecursionError) as trouble:
        raise Damaged("The packet cannot be read; ask the hub for it again") from trouble


def read_stated(
    stated: Document,
    submission: Submission,
    assignment: Assignment,
    digest: str,
    received_at: datetime | None = None,
    verdict: str = "",
    held: bool = True,
) -> Basis:
    """The same of what `stated_of` gave before; `digest` is the packet's."""
    try:
        if stated["review"]["submission"]["id"] != submission.id:
            raise Damaged(f"The packet is about another submission than {submission.key}")
        review = _review(stated["review"], stated["feedback"], digest)
    except Damaged:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, DeskError) as trouble:
        raise Damaged(f"The packet of {submission.key} cannot be read; ask the hub for it again") from trouble
    assert review.seal is not None
    delivered = DeliveredReview(
        packet=digest,
        submission=submission,
        assignment=assignment,
        person=stated["review"]["person"],
        review=review,
        recommendation=review.seal.recommendation,
        sealed_at=review.seal.at,
        received_at=received_at,
        supersedes=(stated["review"]["supersedes"] or {}).get("packet", ""),
        held=held,
        verdict=verdict,
    )
    return Basis(delivered, stated["feedback"])


def assignment_of(packet: bytes) -> str:
    """The id of the assignment that a packet answers; empty where it names none."""
    files = parse_archive(packet).files
    return str(json.loads(files[ASSIGNMENT]).get("id", "")) if ASSIGNMENT in files else ""


def _review(stated: Document, feedback: Document, digest: str) -> Review:
    at = datetime.fromisoformat(stated["sealed_at"])
    outcome = Outcome(stated["recommendation"])
    return Review(
        stated["id"],
        purpose=Purpose(stated["purpose"]),
        completeness=tuple(one["code"] for one in stated["reasons"]),
        missing_parts=tuple(part for one in stated["reasons"] for part in one.get("parts", ())),
        works=_works(stated, feedback),
        overall=feedback["overall"],
        anchors=tuple(
            Anchor(one["id"], one["artifact"], from_json(one["selector"]), one["note"])
            for one in stated["anchors"]
        ),
        kept={(one["check"], one["subject"]): one["kept"] for one in stated["checks"] if one["kept"]},
        version_seen=stated["submission"]["version"],
        seal=Seal(at, digest, outcome, tuple(stated["entries"])),
        earlier_steps={
            one["criterion"]: Addressed(one["earlier_step"])
            for one in stated["criteria"]
            if one.get("earlier_step")
        },
    )


def _works(stated: Document, feedback: Document) -> dict[str, CriterionWork]:
    told = {one["criterion"]: one for one in feedback["criteria"]}
    return {one["criterion"]: _work(one, told[one["criterion"]]) for one in stated["criteria"]}


def _work(one: Document, told: Document) -> CriterionWork:
    texts = {field: told[field.value] for field in FEEDBACK_FIELDS}
    return CriterionWork(
        level=one["level"],
        texts={TextField.RATIONALE: one["rationale"], **texts},
        anchors=tuple(one["anchors"]),
        no_evidence=one["no_evidence"],
    )
