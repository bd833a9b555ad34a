"""A concern as the document that goes through a source: `assessor-desk/concern/1`, RFC 8785 canonical JSON."""

from __future__ import annotations

import json
from datetime import datetime

from assessor_desk.domain.concern import Concern, ConcernKind
from assessor_desk.domain.errors import Damaged

from .documents import canonical, instant

CONCERN_FORMAT = "assessor-desk/concern/1"
LONGEST_WORDS = 20_000


def concern_bytes(concern: Concern) -> bytes:
    """The document; its SHA-256 is the name by which it is delivered. Raises Refused for half a character."""
    return canonical(
        {
            "format": CONCERN_FORMAT,
            "id": concern.id,
            "submission": concern.submission_id,
            "artifact": concern.artifact_id,
            "kind": concern.kind.value,
            "words": concern.words,
            "raised_at": instant(concern.raised_at),
            "person": concern.person,
        }
    )


def read_concern(document: bytes) -> Concern:
    """Read what `concern_bytes` wrote. Raises Damaged for anything else."""
    try:
        data = json.loads(document)
        concern = Concern(
            str(data["id"]),
            str(data["submission"]),
            ConcernKind(data["kind"]),
            str(data["words"])[:LONGEST_WORDS],
            datetime.fromisoformat(data["raised_at"]),
            str(data["person"]),
            str(data["artifact"]),
        )
        whole = concern_bytes(concern) == document
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Damaged("The concern cannot be read; raise it once more") from error
    if not whole:
        raise Damaged("The concern cannot be read as it was written; raise it once more")
    return concern
