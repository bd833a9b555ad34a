"""Drafts to coach, as a hub would have brought them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.gui.assessing.making import PERSON, Given, Template, fill_vault, vouched

from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Published, SourceChanges
from assessor_desk.domain.policy import CoachingLimits
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Assignment
from assessor_desk.rubric_files import load_policy, policy_to_json

PRESENT = "Page 1 of the plan has pupils mark their own exit tickets, and the quokka waits until they have."
TRY = "On the third slide, let every pupil write an answer before the first one is heard, and read them all."
QUESTION = "Which of the exit tickets would change what you teach on the next day, and how would you know it?"
OVERALL = (
    "Your plan begins with what pupils think and lets them mark it themselves, as the quokka shows. The next thing to "
    "try is on the third slide, where every pupil could write before anybody speaks, so that you see all answers."
)


TWELVE_NOTES = CoachingLimits(notes_at_most=12)


def coaching_policy(root: Path, limits: CoachingLimits = TWELVE_NOTES) -> Published:
    """The programme's rules for drafts, with these limits."""
    policy = load_policy(root / "resources" / "policies" / "draft-coaching.yaml")
    limited = replace(policy, version="2026.9", coaching=limits)
    return vouched(Published(limited.id, limited.version, policy_to_json(limited)))


def give_draft(
    desk: Desk, template: Template, given: Given, policy: Published, attempt: int = 1, previous: str = ""
) -> str:
    """Give a draft to coach to the desk as a round would; the id it has there."""
    submission = replace(given.submission(template.rubric.id), draft=True, attempt=attempt, previous=previous)
    assignment = Assignment(
        f"assignment-{given.key}", submission.id, PERSON, Role.COACH, Purpose.COACH, template.rubric.id,
        template.rubric.version, policy.id, policy.version, datetime.now(UTC) + timedelta(days=4),
    )  # fmt: skip
    desk.store.accept(
        SourceChanges(
            f"c-{given.key}", rubrics=(template.rubric,), policies=(policy,), submissions=(submission,),
            assignments=(assignment,),
        )
    )  # fmt: skip
    fill_vault(desk, submission, given)
    return submission.id
