"""Badges that the source told of, kept among what it published: one to a submission, the newest."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import datetime

from assessor_desk.domain.changes import ToldBadge
from assessor_desk.domain.errors import Damaged

KIND = "badge"
_FILES = ("credential", "png", "svg")


def badge_to_bytes(badge: ToldBadge) -> bytes:
    """A badge as one document."""
    files = {name: b64encode(getattr(badge, name)).decode() for name in _FILES}
    revoked = badge.revoked_at.isoformat() if badge.revoked_at else ""
    told = {
        "id": badge.id,
        "submission_id": badge.submission_id,
        "decision": badge.decision,
        "issued_at": badge.issued_at.isoformat(),
        "revoked_at": revoked,
    }
    return json.dumps({**told, **files}).encode()


def badge_from_bytes(content: bytes) -> ToldBadge:
    """A badge as it was kept. Raises Damaged where it cannot be read."""
    try:
        told = json.loads(content)
        return ToldBadge(
            told["id"],
            told["submission_id"],
            told["decision"],
            datetime.fromisoformat(told["issued_at"]),
            datetime.fromisoformat(told["revoked_at"]) if told["revoked_at"] else None,
            *(b64decode(told[name]) for name in _FILES),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged("A badge kept on this desk cannot be read; sync again") from error
