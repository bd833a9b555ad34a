"""What a person may be enrolled as, and why a review is made."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may be enrolled as."""

    ASSESSOR = "assessor"
    COACH = "coach"
    REVIEWER = "reviewer"


class Purpose(StrEnum):
    """Why a review is made (DESIGN §2)."""

    CHECK = "check"
    ASSESS = "assess"
    BACK_READ = "back-read"
    APPEAL = "appeal"
    COACH = "coach"
    DECIDE = "decide"
