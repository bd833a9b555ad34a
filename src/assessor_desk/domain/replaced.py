"""What differs in a submission that was replaced while somebody worked on it (DESIGN §2: a second look)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .submission import Artifact, Submission


class ArtifactChange(StrEnum):
    """What became of an artifact since it was looked at."""

    ADDED = "added"
    REPLACED = "replaced"
    RENAMED = "renamed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class SeenArtifact:
    """An artifact as it was when somebody looked: `content` is its digest, or the link that nobody captured."""

    id: str
    title: str
    content: str

    @classmethod
    def of(cls, artifact: Artifact) -> SeenArtifact:
        """An artifact as it is now."""
        return cls(artifact.id, artifact.label or artifact.name, artifact.sha256 or artifact.link)


@dataclass(frozen=True, slots=True)
class ArtifactReplaced:
    """One artifact that differs; `title` is the present one where it is still there."""

    id: str
    title: str
    change: ArtifactChange


def seen_in(submission: Submission) -> tuple[SeenArtifact, ...]:
    """The artifacts of a submission as they are now, its caption files too."""
    return tuple(map(SeenArtifact.of, submission.artifacts))


def replaced(seen: Iterable[SeenArtifact], submission: Submission) -> tuple[ArtifactReplaced, ...]:
    """What differs from what was `seen`, in the order of the submission, what is gone last.

    Nothing is known, and nothing told, where nothing was written down of what was seen.
    """
    before = {one.id: one for one in seen}
    if not before:
        return ()
    now = seen_in(submission)
    told = [
        ArtifactReplaced(one.id, one.title, change)
        for one in now
        if (change := _change(before.get(one.id), one)) is not None
    ]
    here = {one.id for one in now}
    return (
        *told,
        *(
            ArtifactReplaced(one.id, one.title, ArtifactChange.GONE)
            for one in before.values()
            if one.id not in here
        ),
    )


def _change(before: SeenArtifact | None, now: SeenArtifact) -> ArtifactChange | None:
    if before is None:
        return ArtifactChange.ADDED
    if before.content != now.content:
        return ArtifactChange.REPLACED
    return None if before.title == now.title else ArtifactChange.RENAMED


def to_json(seen: Iterable[SeenArtifact]) -> list[dict[str, str]]:
    """As an entry carries it."""
    return [{"id": one.id, "title": one.title, "content": one.content} for one in seen]


def from_json(data: Iterable[Mapping[str, Any]]) -> tuple[SeenArtifact, ...]:
    """The inverse of `to_json`."""
    return tuple(SeenArtifact(one["id"], one["title"], one["content"]) for one in data)
