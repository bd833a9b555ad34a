"""Raise a concern: safety, integrity or privacy, one act away for everyone (DOMAIN: many are mandated reporters)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConcernKind(StrEnum):
    """What a concern is about."""

    SAFETY = "safety"
    INTEGRITY = "integrity"
    PRIVACY = "privacy"


CONCERN_TITLES: Mapping[ConcernKind, str] = {
    ConcernKind.SAFETY: "Safety",
    ConcernKind.INTEGRITY: "Integrity",
    ConcernKind.PRIVACY: "Privacy",
}

#: What each kind is for, in words shown before one chooses.
CONCERN_HINTS: Mapping[ConcernKind, str] = {
    ConcernKind.SAFETY: "Somebody in the evidence may be hurt or in danger, or says so.",
    ConcernKind.INTEGRITY: "The evidence may be another's, staged or made up, or somebody should not be assessing it.",
    ConcernKind.PRIVACY: "Somebody is shown or named who should not be, or without permission.",
}


@dataclass(frozen=True, slots=True)
class Concern:
    """What one person raised about a submission, and what it asks for.

    `artifact_id` names the file that a privacy concern quarantines, empty for the whole submission; every concern holds
    the decision until the programme lifts it.
    """

    id: str
    submission_id: str
    kind: ConcernKind
    words: str
    raised_at: datetime
    person: str
    artifact_id: str = ""
