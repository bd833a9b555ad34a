"""What a look at a file found before anybody assesses it: facts, things to look at, things that block.

A finding names no person: where a file gives somebody away, it says where, never whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .submission import ReasonCode, Submission


class Severity(StrEnum):
    """`blocks`: it cannot be assessed. `look`: somebody should. `fact`: how long, how large."""

    BLOCKS = "blocks"
    LOOK = "look"
    FACT = "fact"


class Judged(StrEnum):
    """What an assessor made of a finding."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


GIVEN_UP = "given_up"
"""Its reader did not get through in time, or ended: nothing is known of the file, and it may be looked at again."""

TRIES = 2
"""How often a desk looks at such a file of itself: when it came, and after the next round."""

#: The reason code that a finding speaks for, if it is accepted; those that speak for none are absent.
REASON_FOR: Mapping[str, ReasonCode] = {
    "empty": ReasonCode.MISSING_PART,
    "locked": ReasonCode.UNREADABLE,
    "cut_short": ReasonCode.UNREADABLE,
    "damaged": ReasonCode.UNREADABLE,
    GIVEN_UP: ReasonCode.UNREADABLE,
    "not_opened": ReasonCode.UNREADABLE,
    "silent": ReasonCode.UNREADABLE,
    "nearly_silent": ReasonCode.UNREADABLE,
    "no_sound": ReasonCode.UNREADABLE,
    "blank": ReasonCode.UNREADABLE,
    "blank_pages": ReasonCode.UNREADABLE,
    "duplicate": ReasonCode.DUPLICATE,
    "same_picture": ReasonCode.DUPLICATE,
    "name_in_file_name": ReasonCode.NAMES_EXPOSED,
    "name_in_properties": ReasonCode.NAMES_EXPOSED,
    "place_in_properties": ReasonCode.NAMES_EXPOSED,
}


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """One thing found. `id` names its kind, of which a file has at most one; `facts` are for programs."""

    id: str
    severity: Severity
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> ReasonCode | None:
        """The reason code it suggests when it is accepted."""
        return REASON_FOR.get(self.id)

    @property
    def tries(self) -> int:
        """How often the file was given up; 0 where it was looked through."""
        return int(self.facts.get("tries", 1)) if self.id == GIVEN_UP else 0

    def to_json(self) -> dict[str, Any]:
        """As it is kept and sent."""
        return {
            "id": self.id,
            "severity": self.severity.value,
            "sentence": self.sentence,
            "facts": dict(self.facts),
        }


def finding_from_json(data: Mapping[str, Any]) -> PreflightFinding:
    """The inverse of `PreflightFinding.to_json`. A severity that is not known yet is one to look at."""
    known = {each.value for each in Severity}
    severity = Severity(data["severity"]) if data["severity"] in known else Severity.LOOK
    return PreflightFinding(str(data["id"]), severity, str(data["sentence"]), dict(data.get("facts", {})))


@dataclass(frozen=True, slots=True)
class ArtifactFinding:
    """A finding on one artifact of a submission, and what the assessor made of it so far."""

    artifact_id: str
    finding: PreflightFinding
    judged: Judged | None = None

    @property
    def to_judge(self) -> bool:
        """Whether there is anything to accept or dismiss."""
        return self.finding.severity is not Severity.FACT


def merged(own: Iterable[PreflightFinding], told: Iterable[PreflightFinding]) -> tuple[PreflightFinding, ...]:
    """What was found here, and what only the source could find: it sees other submissions and knows the names.

    That the source's reader gave the file up says nothing more, once this desk has looked.
    """
    here = {each.id: each for each in own}
    known = {*here, GIVEN_UP} if here else set()
    return (*here.values(), *(each for each in told if each.id not in known))


def with_judgements(
    submission: Submission, found: Mapping[str, Iterable[PreflightFinding]], judged: Sequence[ArtifactFinding]
) -> tuple[ArtifactFinding, ...]:
    """What was found in each artifact, in their order, as the person judged it."""
    verdicts = {(one.artifact_id, one.finding.id): one.judged for one in judged}
    return tuple(
        ArtifactFinding(artifact.id, finding, verdicts.get((artifact.id, finding.id)))
        for artifact in submission.artifacts
        for finding in found.get(artifact.id, ())
    )


MOST_DIFFERENT = 45
"""Bits of 1024 that may differ between two copies of one picture. Copies: 0 to 40; like worksheets: 68 and more."""


_DIGITS = 256
"""Of a hash; a SHA-256 has fewer."""


def same_picture(one: str, other: str) -> bool:
    """Whether two hashes, in hexadecimal, are of one picture. What is none, such as an empty one, is like no other."""
    first, second = picture_bits(one), picture_bits(other)
    return first is not None and second is not None and alike(first, second)


def picture_bits(likeness: str) -> int | None:
    """The hash of a picture as a number, to be compared with many; None for what is no such hash."""
    return int(likeness, 16) if len(likeness) == _DIGITS else None


def alike(one: int, other: int) -> bool:
    """Whether these are hashes of one picture."""
    return (one ^ other).bit_count() <= MOST_DIFFERENT
