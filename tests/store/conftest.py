"""A store on real SQLCipher, and a page of changes as a source would hand it over."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessor_desk.domain.changes import Blob, Published, SourceChanges
from assessor_desk.domain.review import Entry, EntryKind
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission, review_id, submission_id
from assessor_desk.rubric_files import load_policy, load_rubric, policy_to_json, rubric_to_json
from assessor_desk.store.connection import connect
from assessor_desk.store.store import Store
from assessor_desk.store.upgrading import migrate

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SOURCE = "urn:uuid:7b1f3f8e-62c0-4d6e-8a52-7d8d4b1f0a11"

_KEY = bytes(range(32))

MakePage = Callable[..., SourceChanges]
MakeEntry = Callable[..., Entry]


@pytest.fixture(scope="session")
def published(root: Path) -> tuple[Published, Published]:
    """A rubric and a policy as an issuer publishes them."""
    rubric = load_rubric(root / "rubrics" / "formative-assessment-math.yaml")
    policy = load_policy(root / "resources" / "policies" / "default.yaml")
    return (
        Published(rubric.id, rubric.version, rubric_to_json(rubric)),
        Published(policy.id, policy.version, policy_to_json(policy)),
    )


@pytest.fixture
def page(published: tuple[Published, Published]) -> MakePage:
    """`page(3)`: three assigned submissions of two artifacts each, due on the days after."""
    rubric, policy = published

    def make(count: int = 1, cursor: str = "c1", due_first: int = 1) -> SourceChanges:
        submissions = tuple(_submission(number, rubric.id) for number in range(count))
        return SourceChanges(
            cursor,
            rubrics=(rubric,),
            policies=(policy,),
            submissions=submissions,
            blobs=tuple(_blob(one, place) for one in submissions for place in (0, 1)),
            assignments=tuple(
                Assignment(
                    f"assignment-{one.key}", one.id, "p-17", Role.ASSESSOR, Purpose.ASSESS, rubric.id, rubric.version,
                    policy.id, policy.version, NOW + timedelta(days=due_first + number),
                )
                for number, one in enumerate(submissions)
            ),
        )  # fmt: skip

    return make


def _submission(number: int, rubric_id: str) -> Submission:
    artifacts = (
        Artifact("video", Part.WORK, "lesson.mp4", "The lesson", "video/mp4", 900, "aa" * 32),
        Artifact("plan", Part.OVERVIEW, "plan.pdf", "Lesson plan", "application/pdf", 90, "bb" * 32),
    )
    own_id = submission_id(SOURCE, str(number))
    return Submission(own_id, SOURCE, f"7F3A-{number:02}", rubric_id, 1, artifacts, submitted_at=NOW)


def _blob(submission: Submission, place: int) -> Blob:
    artifact = submission.artifacts[place]
    digest = f"{int(submission.key[-2:]) * 2 + place:064x}"
    return Blob(submission.id, artifact.id, digest, artifact.size + 50, bytes([place + 1]) * 32)


@pytest.fixture
def key() -> bytes:
    """A data key."""
    return os.urandom(32)


@pytest.fixture
def store(tmp_path: Path, key: bytes) -> Iterator[Store]:
    """An open store, empty."""
    opened = Store.open(tmp_path / "desk.db", key, lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def entry() -> MakeEntry:
    """`entry(3)`: the third act of one review."""

    def make(number: int, **data: object) -> Entry:
        written = data or {"field": "notes", "criterion": "", "text": f"text {number}"}
        own_review = review_id("p-17", "assignment-7F3A-00", 1)
        return Entry(
            f"entry-{number}",
            own_review,
            EntryKind.TEXT_WRITTEN,
            written,
            NOW,
            "device-a",
            number,
            f"s{number}",
        )

    return make


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk's database with nothing in it, under a key of its own."""
    path = tmp_path_factory.mktemp("empty") / "desk.db"
    migrate(path, _KEY)
    return path


@pytest.fixture
def file(empty: Path) -> Iterator[Any]:
    """A desk's file in which nothing lasts."""
    with closing(connect(empty, _KEY)) as connection:
        connection.execute("BEGIN")
        yield connection
        connection.execute("ROLLBACK")
