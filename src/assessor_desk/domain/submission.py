"""What an educator handed in, and to whom it was assigned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from .anchor import Anchor, TimeSpan, words
from .earlier import EarlierAttempt, News
from .policy import Blindness
from .roles import Purpose, Role


class Part(StrEnum):
    """The three parts of a submission (Digital Promise, NEA)."""

    OVERVIEW = "overview"
    WORK = "work"
    REFLECTION = "reflection"


class ReasonCode(StrEnum):
    """Why a submission is incomplete (DOMAIN.md)."""

    MISSING_PART = "missing_part"
    UNREADABLE = "unreadable"
    WRONG_TEMPLATE = "wrong_template"
    OUTSIDE_LENGTH_OR_DATE = "outside_length_or_date"
    LINK_NOT_CAPTURED = "link_not_captured"
    NO_PERMISSION = "no_permission"
    NAMES_EXPOSED = "names_exposed"
    AUTHENTICITY = "authenticity"
    DUPLICATE = "duplicate"
    SAFETY = "safety"
    LANGUAGE = "language"


REASONS: dict[ReasonCode, str] = {
    ReasonCode.MISSING_PART: "A part is missing",
    ReasonCode.UNREADABLE: "Unreadable, inaudible or unplayable",
    ReasonCode.WRONG_TEMPLATE: "Wrong template",
    ReasonCode.OUTSIDE_LENGTH_OR_DATE: "Outside the length or the dates asked for",
    ReasonCode.LINK_NOT_CAPTURED: "A link was not captured",
    ReasonCode.NO_PERMISSION: "No permission on record",
    ReasonCode.NAMES_EXPOSED: "Names are exposed",
    ReasonCode.AUTHENTICITY: "Doubts about authenticity",
    ReasonCode.DUPLICATE: "A duplicate of another submission",
    ReasonCode.SAFETY: "A safety concern",
    ReasonCode.LANGUAGE: "In a language I do not read",
}


#: The parts as an educator and an assessor call them.
PARTS: dict[Part, str] = {
    Part.OVERVIEW: "overview",
    Part.WORK: "work examples",
    Part.REFLECTION: "reflection",
}


def reasons_in_words(codes: Iterable[str], missing: Iterable[str] = ()) -> list[str]:
    """Why a submission is incomplete, a sentence for each code; `missing` names the parts of “A part is missing”."""
    parts = ", ".join(PARTS[Part(one)] for one in missing)
    return [
        REASONS[ReasonCode(code)] + (f": {parts}" if parts and code == ReasonCode.MISSING_PART else "")
        for code in codes
    ]


@dataclass(frozen=True, slots=True)
class Artifact:
    """One piece of evidence. `sha256` is of its plain bytes; `link` instead of bytes where the source
    captured none.

    `captions` is the id of the artifact holding this one's captions (WebVTT or SRT); such artifacts are not
    shown as tabs.
    """

    id: str
    part: Part
    name: str
    label: str = ""
    media_type: str = ""
    size: int = 0
    sha256: str = ""
    link: str = ""
    captions: str = ""

    @property
    def captured(self) -> bool:
        """Whether its bytes were captured by the source."""
        return bool(self.sha256)

    @property
    def plays(self) -> bool:
        """Whether it has moments, being sound or moving pictures, by what the source says it is."""
        return self.media_type.startswith(("audio/", "video/"))


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in once.

    `key` is the short id people say ("7F3A-21"); names are absent where the policy is blind. `previous` is the id of
    the same educator's earlier draft of this micro-credential, where the same coach had it; `earlier` the attempt
    before this one, as far as policy shows it.
    """

    id: str
    source: str
    key: str
    rubric_id: str
    attempt: int
    artifacts: tuple[Artifact, ...]
    draft: bool = False
    language: str = "en"
    permission_attested: bool = False
    educator: str = ""
    school: str = ""
    submitted_at: datetime | None = None
    source_attempt: str = ""
    name_words: tuple[str, ...] = field(default=(), repr=False)
    previous: str = ""
    earlier: EarlierAttempt | None = None

    @property
    def version(self) -> str:
        """Digest of the artifact list; a review binds to the version it looked at."""
        return artifact_list_digest(self.artifacts)

    def artifact(self, artifact_id: str) -> Artifact | None:
        """The artifact with that id or, where exactly one has it, that file name."""
        by_id = [a for a in self.artifacts if a.id == artifact_id]
        by_name = [a for a in self.artifacts if a.name == artifact_id]
        found = by_id or by_name
        return found[0] if len(found) == 1 else None

    def piece(self, artifact_id: str) -> Artifact | None:
        """An artifact of this submission, or one of the attempt before."""
        found = self.artifact(artifact_id)
        return self.earlier.artifact(artifact_id) if found is None and self.earlier else found

    def news_of(self, artifact: Artifact) -> News | None:
        """How an artifact stands to the attempt before; None where there was none, or it is not shown."""
        return self.earlier.news_of(artifact) if self.earlier else None

    def title_of(self, artifact_id: str) -> str:
        """What people call an artifact: its label, else its file's name."""
        artifact = self.artifact(artifact_id)
        return (artifact.label or artifact.name) if artifact else artifact_id

    def place(self, anchor: Anchor) -> str:
        """Where an anchor is, for people: “Lesson video 02:13–02:41”, “Lesson plan, page 2”."""
        between = " " if isinstance(anchor.selector, TimeSpan) else ", "
        return f"{self.title_of(anchor.artifact_id)}{between}{words(anchor.selector)}"

    @property
    def shown(self) -> tuple[Artifact, ...]:
        """The artifacts an assessor opens: all but caption files.

        On a resubmission, what is new or changed comes first.
        """
        captions = {a.captions for a in self.artifacts if a.captions}
        shown = tuple(a for a in self.artifacts if a.id not in captions)
        return tuple(sorted(shown, key=lambda a: self.news_of(a) is News.SAME))


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who is asked to do what with a submission, by when, seeing what."""

    id: str
    submission_id: str
    person: str
    role: Role
    purpose: Purpose
    rubric_id: str
    rubric_version: str
    policy_id: str
    policy_version: str
    due_at: datetime | None = None
    blindness: Blindness = field(default_factory=Blindness)
    assigned_at: datetime | None = None


def submission_id(source_address: str, own_id: str) -> str:
    """UUIDv5 of the source's normalised address and its own id, so that two sources never clash."""
    return str(uuid5(uuid5(NAMESPACE_URL, source_address.rstrip("/").lower()), own_id))


def review_id(person: str, assignment_id: str, revision: int) -> str:
    """A review belongs to one person × one assignment × one revision; its id follows from these."""
    return str(uuid5(UUID("6b0c8f0e-5f0c-5e0e-9b39-2f4f9a7a5d11"), f"{person}\n{assignment_id}\n{revision}"))


def artifact_list_digest(artifacts: Iterable[Artifact]) -> str:
    """SHA-256 over part, name, link and digest of each artifact, in order of id."""
    lines = (
        f"{a.id}\t{a.part}\t{a.name}\t{a.link}\t{a.sha256}" for a in sorted(artifacts, key=lambda a: a.id)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
