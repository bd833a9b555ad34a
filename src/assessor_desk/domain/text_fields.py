"""The texts of a review, of notes and of a decision, and whom each is for (DOMAIN.md: never mixed)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

#: Characters of one text, whoever's it is. In any script it fits what a computer tells the others of its person at once
#: (`sync.exchange`, docs/decisions/0261).
LONGEST_TEXT = 100_000


class TextField(StrEnum):
    """The texts, never mixed: notes are private, rationale is for reviewers, the rest is for the educator.

    The last four are a coach's on a draft, and the reason for which a reviewer passes a review back.
    """

    NOTES = "notes"
    RATIONALE = "rationale"
    STRENGTH = "strength"
    NEXT_STEP = "next_step"
    WOULD_SHOW = "would_show"
    EXTENSION = "extension"
    OVERALL = "overall"
    PRESENT = "present"
    TRY_NEXT = "try_next"
    QUESTION = "question"
    REASON = "reason"


#: What a coach writes on a criterion of a draft.
COACHING_FIELDS = (TextField.PRESENT, TextField.TRY_NEXT, TextField.QUESTION)
#: The texts that leave with the report, per criterion; `OVERALL` is for the educator too.
FEEDBACK_FIELDS = (TextField.STRENGTH, TextField.NEXT_STEP, TextField.WOULD_SHOW, TextField.EXTENSION)

#: Whom a text is for, in the words shown beside its field.
AUDIENCE: Mapping[TextField, str] = {
    TextField.NOTES: "only you",
    TextField.RATIONALE: "for reviewers",
    TextField.STRENGTH: "for the educator",
    TextField.NEXT_STEP: "for the educator",
    TextField.WOULD_SHOW: "for the educator",
    TextField.EXTENSION: "for the educator",
    TextField.OVERALL: "for the educator",
    TextField.PRESENT: "for the educator",
    TextField.TRY_NEXT: "for the educator",
    TextField.QUESTION: "for the educator",
    TextField.REASON: "for the assessor",
}

TITLES: Mapping[TextField, str] = {
    TextField.NOTES: "Notes",
    TextField.RATIONALE: "Rationale",
    TextField.STRENGTH: "Strength",
    TextField.NEXT_STEP: "Next step",
    TextField.WOULD_SHOW: "Evidence that would show it",
    TextField.EXTENSION: "If you like (extension)",
    TextField.OVERALL: "Overall feedback",
    TextField.PRESENT: "What is there",
    TextField.TRY_NEXT: "What to try next",
    TextField.QUESTION: "A question",
    TextField.REASON: "Why it is passed back",
}


def too_long(length: int) -> str:
    """What is said of a text that would have so many characters."""
    return f"A text has {LONGEST_TEXT:,} characters at most; this one would have {length:,}"
