"""Documents that are signed: their bytes must be the same wherever they are made."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.submission import Assignment

#: The largest document that a person hands in beside packets: a coach's notes, a concern.
LARGEST_DOCUMENT = 4 << 20


def canonical(document: Any) -> bytes:
    """A document as RFC 8785 canonical JSON. Raises Refused for a text with half a character in it."""
    import rfc8785

    try:
        return bytes(rfc8785.dumps(document))
    except (UnicodeEncodeError, rfc8785.CanonicalizationError) as trouble:
        words = "A text holds something that is no character; delete what looks odd in it and type it again"
        raise Refused(words) from trouble


def instant(at: datetime) -> str:
    """`at` in ISO 8601, UTC, with `Z`, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def assignment_json(assignment: Assignment) -> dict[str, Any]:
    """An assignment as a packet's `data/assignment.json` states it."""
    return {
        "id": assignment.id,
        "submission": assignment.submission_id,
        "person": assignment.person,
        "role": assignment.role.value,
        "purpose": assignment.purpose.value,
        "rubric": {"id": assignment.rubric_id, "version": assignment.rubric_version},
        "policy": {"id": assignment.policy_id, "version": assignment.policy_version},
        "blindness": asdict(assignment.blindness),
        "due_at": None if assignment.due_at is None else instant(assignment.due_at),
        "assigned_at": None if assignment.assigned_at is None else instant(assignment.assigned_at),
    }


def assignment_bytes(assignment: Assignment, rules: tuple[bytes, bytes] | None = None) -> bytes:
    """The RFC 8785 canonical form of `assignment_json`: what an issuer signs and a packet carries.

    With `rules`, the rubric and the policy as they were published, it names their SHA-256 as well: a name and a version
    alone would let whoever was assigned word them anew.
    """
    import rfc8785

    stated = assignment_json(assignment)
    if rules is not None:
        rubric, policy = (hashlib.sha256(one).hexdigest() for one in rules)
        stated["digests"] = {"rubric": rubric, "policy": policy}
    return bytes(rfc8785.dumps(stated))


def receipt_bytes(
    *,
    packet: str,
    person: str,
    hub: str,
    at: datetime,
    certificate_status: str,
    crl: tuple[int, datetime] | None = None,
) -> bytes:
    """The content of a receipt (RFC 8785): which packet came, from whom, to which hub, when, and how the
    signer's certificate stood then (`good`, `revoked` or `unknown`), by the revocation list of that number and time."""
    import rfc8785

    content: dict[str, Any] = {
        "packet": packet,
        "person": person,
        "hub": hub,
        "received_at": instant(at),
        "certificate_status": certificate_status,
    }
    if crl is not None:
        content["crl"] = {"number": crl[0], "issued_at": instant(crl[1])}
    return bytes(rfc8785.dumps(content))
