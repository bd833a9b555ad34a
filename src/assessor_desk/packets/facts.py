"""Everything a packet is made from, handed in: this room asks no store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from assessor_desk.domain.changes import Attested
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.policy import Attestation, Policy
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.review import Review
from assessor_desk.domain.rubric import Outcome, Rubric
from assessor_desk.domain.submission import Assignment, Submission
from assessor_desk.verdict.layout import PACKET, Layout


class BagFacts(Protocol):
    """What every bag states of itself, whatever it holds."""

    @property
    def layout(self) -> Layout:
        """A packet's, a decision's or a case file's."""

    @property
    def own_id(self) -> str:
        """The review's or decision's id, which names the bag's folder."""

    @property
    def person(self) -> str:
        """The issuer's number for whoever signs."""

    @property
    def role(self) -> str:
        """What they sign as."""

    @property
    def programme(self) -> str:
        """For whom."""

    @property
    def at(self) -> datetime:
        """When it is sealed, aware."""

    @property
    def program_version(self) -> str:
        """Of this program."""


class AssignedFacts(BagFacts, Protocol):
    """What a bag states that answers an assignment."""

    @property
    def rubric(self) -> Rubric:
        """The rubric that it is by."""

    @property
    def rubric_signature(self) -> bytes:
        """The issuer's signature over it, empty where there is none."""

    @property
    def assignment(self) -> Assignment:
        """What the signer was asked to do."""

    @property
    def attested(self) -> Attested | None:
        """The same, signed by the issuer."""


def moved_from(facts: AssignedFacts) -> str:
    """The version of the rubric that was assigned, where it is by another; else empty."""
    assigned = facts.assignment.rubric_version
    return "" if assigned == facts.rubric.version else assigned


def role_title(facts: BagFacts) -> str:
    """The signer as a person would say it: “assessor A-1184”."""
    return f"{facts.role} {facts.person}"


def signer_title(facts: BagFacts) -> str:
    """The same at the start of a sentence: “Assessor A-1184”."""
    title = role_title(facts)
    return title[0].upper() + title[1:]


@dataclass(frozen=True, slots=True)
class PacketFacts:
    """What is sealed. `rubric_json` and `policy_json` are the canonical bytes as the issuer published them.

    `covers` are the ids of the entries sealed; `findings` what the checks say at the seal, with the reasons for
    those kept; `attestations` ids of the policy's; `supersedes` the digest of the packet that this corrects.
    `attested` is the issuer's signed assignment, None where the source has no issuer. `evidence_pdf` is the evidence
    booklet, empty where the policy keeps the evidence on the desk. `rubric_signature` is the issuer's over
    `rubric_json`, which goes along where the rubric is another version than was assigned.
    """

    review: Review
    covers: tuple[str, ...]
    submission: Submission
    assignment: Assignment
    rubric: Rubric
    rubric_json: bytes
    policy: Policy
    policy_json: bytes
    findings: tuple[Finding, ...]
    attestations: tuple[str, ...]
    programme: str
    at: datetime
    program_version: str
    attested: Attested | None = None
    supersedes: str | None = None
    evidence_pdf: bytes = b""
    look: ProgrammeLook | None = None
    rubric_signature: bytes = b""

    def __post_init__(self) -> None:
        self.recommendation  # noqa: B018 - refuses a review that is not ready
        self.attested_sentences  # noqa: B018 - refuses an unknown attestation

    @property
    def recommendation(self) -> Outcome:
        """What the review recommends. Raises Refused while a level is missing."""
        outcome = self.review.recommendation(self.rubric)
        if outcome is None:
            raise Refused("A criterion has no level yet; choose one for each criterion before sealing")
        return outcome

    @property
    def attested_sentences(self) -> tuple[Attestation, ...]:
        """The attestations made, in the policy's order. Raises Refused for one that the policy does not have."""
        known = {attestation.id for attestation in self.policy.attestations}
        for unknown in set(self.attestations) - known:
            raise Refused(f"“{unknown}” is no attestation of this programme: {', '.join(sorted(known))}")
        return tuple(one for one in self.policy.attestations if one.id in self.attestations)

    @property
    def layout(self) -> Layout:
        """A packet's."""
        return PACKET

    @property
    def own_id(self) -> str:
        """The review's id."""
        return self.review.id

    @property
    def person(self) -> str:
        """Whoever the review was assigned to."""
        return self.assignment.person

    @property
    def role(self) -> str:
        """As the assignment says."""
        return self.assignment.role.value


@dataclass(frozen=True, slots=True)
class BuiltPacket:
    """A packet on disk; `digest` is the SHA-256 of its tagmanifest, by which others name it."""

    path: Path
    digest: str


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
