"""A desk with submissions assigned to it, as a round with a hub leaves it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from assessor_desk import places
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Published, SourceChanges
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission, submission_id
from assessor_desk.rubric_files import load_policy, load_rubric, policy_to_json, rubric_to_json

PASSPHRASE = "bench"
SOURCE = "urn:uuid:7b1f3f8e-62c0-4d6e-8a52-7d8d4b1f0a11"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def make_desk(folder: Path, submissions: int) -> Desk:
    """A new desk, open, with that many submissions to assess."""
    desk, _recovery_key = Desk.create(folder, PASSPHRASE)
    desk.store.accept(page(submissions))
    return desk


def page(count: int) -> SourceChanges:
    """That many submissions of two artifacts each, with rubric, policy and assignments."""
    rubric = load_rubric(places.rubrics() / "formative-assessment-math.yaml")
    policy = load_policy(places.resources() / "policies" / "default.yaml")
    found = tuple(_submission(number, rubric.id) for number in range(count))
    assignments = tuple(
        Assignment(
            f"assignment-{one.key}", one.id, "p-17", Role.ASSESSOR, Purpose.ASSESS, rubric.id, rubric.version,
            policy.id, policy.version, NOW + timedelta(hours=number),
        )
        for number, one in enumerate(found)
    )  # fmt: skip
    return SourceChanges(
        "c1",
        rubrics=(Published(rubric.id, rubric.version, rubric_to_json(rubric)),),
        policies=(Published(policy.id, policy.version, policy_to_json(policy)),),
        submissions=found,
        assignments=assignments,
    )


def _submission(number: int, rubric_id: str) -> Submission:
    artifacts = (
        Artifact("video", Part.WORK, "lesson.mp4", "The lesson", "video/mp4", 900, "aa" * 32),
        Artifact("plan", Part.OVERVIEW, "plan.pdf", "Lesson plan", "application/pdf", 90, "bb" * 32),
    )
    own_id = submission_id(SOURCE, str(number))
    return Submission(own_id, SOURCE, f"7F3A-{number:04}", rubric_id, 1, artifacts, submitted_at=NOW)
