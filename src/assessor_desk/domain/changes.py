"""What a source of submissions hands to a desk, and what it answers to a packet: plain facts, no wire format.

A source (a hub, a folder, a learning platform) is asked for *changes since a cursor*. An answer names what is new or
different, and what was withdrawn. That something is absent from an answer means nothing: work is set aside only when a
source says so (DESIGN §2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from .preflight import PreflightFinding
from .renditions import Shown, rendition_id
from .roles import Role
from .submission import Assignment, Submission


class WithdrawalReason(StrEnum):
    """Why an assignment is withdrawn. All but the first take the evidence's keys with them at once (DESIGN §2)."""

    UNASSIGNED = "unassigned"
    RECUSAL = "recusal"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ENROLMENT_REVOKED = "enrolment_revoked"
    #: A reason that this program does not know yet: the careful reading is that the evidence must go.
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls("other") if isinstance(value, str) else None

    @property
    def removes_evidence(self) -> bool:
        """Whether the evidence must not be opened any more."""
        return self is not WithdrawalReason.UNASSIGNED

    @property
    def words(self) -> str:
        """The reason as a clause."""
        return _WHY[self]


_WHY = {
    WithdrawalReason.UNASSIGNED: "the source has withdrawn this assignment",
    WithdrawalReason.RECUSAL: "you are recused from this submission",
    WithdrawalReason.CONSENT_WITHDRAWN: "the educator has withdrawn their consent",
    WithdrawalReason.ENROLMENT_REVOKED: "the enrolment of this computer was revoked",
    WithdrawalReason.OTHER: "the source has recalled this submission",
}


class Vouching(StrEnum):
    """Who vouches for the bytes of something published on this desk."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    UNCHECKED = "unchecked"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Published:
    """A rubric, policy or phrase bank as its issuer published it.

    `canonical` is its RFC 8785 JSON, kept byte for byte: packets carry it and digests are taken of it. `signature` is
    the issuer's detached CMS over these bytes, empty where the source has none. `vouched` is the SHA-256 of the bytes
    that the signature was found to hold for when they arrived, empty while nobody has looked.
    """

    id: str
    version: str
    canonical: bytes
    signature: bytes = b""
    vouched: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def vouching(self) -> Vouching:
        """How these bytes stand now: an edit made here since they arrived shows."""
        if self.vouched:
            return Vouching.SIGNED if self.vouched == self.digest else Vouching.ALTERED
        return Vouching.UNCHECKED if self.signature else Vouching.UNSIGNED


@dataclass(frozen=True, slots=True)
class Attested:
    """An assignment as its issuer attested it: canonical JSON and the issuer's detached CMS over it."""

    assignment_id: str
    canonical: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Blob:
    """Where the bytes of an artifact are: SHA-256 and length of the *sealed* file, and the key that opens it.

    A source that keeps plain files says so by an empty `key`; `digest` is then its own name for the content, `length`
    counts plain bytes, and the bytes are sealed as they arrive.
    """

    submission_id: str
    artifact_id: str
    digest: str
    length: int
    key: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class ToldFindings:
    """What the source's own look at an artifact found, and copies of it among other submissions."""

    submission_id: str
    artifact_id: str
    findings: tuple[PreflightFinding, ...]


class DeliveryKind(StrEnum):
    """What a desk delivers and gets a receipt for."""

    PACKET = "packet"
    DECISION = "decision"
    NOTES = "notes"
    CONCERN = "concern"
    DESTRUCTION = "destruction"


@dataclass(frozen=True, slots=True)
class DeliveredPacket:
    """An assessor's sealed packet, for whoever decides on the submission.

    `digest` names the packet; the sealed file that holds it is `blob` (SHA-256) of `length` bytes, opened by `key`.
    `receipt` is the source's own, `time_stamp` an outside authority's (RFC 3161), empty while there is none.
    """

    digest: str
    submission_id: str
    assignment_id: str
    person: str
    received_at: datetime
    blob: str
    length: int
    key: bytes = field(repr=False, default=b"")
    receipt: bytes = field(repr=False, default=b"")
    time_stamp: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """An outside authority's token (RFC 3161, DER) over the signature of what this desk delivered as `packet`."""

    packet: str
    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PassedBack:
    """A reviewer sends a sealed review back: `packet` is what the assessor delivered, `reason` the reviewer's words."""

    decision: str
    assignment_id: str
    packet: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A submission on hold for a concern: nothing of it is decided or released until the programme lifts it.

    What it is about and what was written is empty where this person neither raised it nor decides on the submission.
    """

    id: str
    submission_id: str
    kind: str
    words: str
    raised_at: datetime
    artifact_id: str = ""
    lifted_at: datetime | None = None

    @property
    def concern(self) -> str:
        """What was raised, in words: its kind where that is told."""
        return f"a {self.kind} concern" if self.kind else "a concern"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is to get the report on a submission; told to whoever decided, once they have.

    `disclosure_agreed` is whether they let others than the programme see what was decided, whatever it was.
    """

    submission_id: str
    educator_key: str
    name: str
    email: str = ""
    district: str = ""
    disclosure_agreed: bool = False


@dataclass(frozen=True, slots=True)
class ToldBadge:
    """The badge for a decision, as JSON and in pictures that hold it (Open Badges 3.0)."""

    id: str
    submission_id: str
    decision: str
    issued_at: datetime
    revoked_at: datetime | None
    credential: bytes = field(repr=False)
    png: bytes = field(repr=False)
    svg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """What a source holds for this person now; compared with what the desk has after each round."""

    assignments: int
    artifacts: int
    bytes: int


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """One page of changes. Taking the same page twice changes nothing the second time.

    Things come before what names them: a page may be accepted in one transaction, in the order of the fields.
    `cursor` is the place after this page; `more` says that another page waits. `anew`: the source has another past than
    it had, having been restored from a back-up, and tells everything from the beginning. `counts` may come with the
    last page, `told_at` is the source's own clock where it shows one.
    """

    cursor: str
    more: bool = False
    anew: bool = False
    counts: SourceCounts | None = None
    told_at: datetime | None = None
    rubrics: tuple[Published, ...] = ()
    policies: tuple[Published, ...] = ()
    submissions: tuple[Submission, ...] = ()
    blobs: tuple[Blob, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    attested: tuple[Attested, ...] = ()
    withdrawn: tuple[str, ...] = ()  # assignment ids
    withdrawn_for: Mapping[str, WithdrawalReason] = field(
        default_factory=dict
    )  # where it is more than unassigned
    withdrawn_from: Mapping[str, str] = field(
        default_factory=dict
    )  # assignment → submission, where keys were given to this desk and no receipt of destruction came
    trust: Mapping[str, bytes] = field(default_factory=dict)  # file name (trust.pem, trust.pem.p7s) → bytes
    packets: tuple[DeliveredPacket, ...] = ()
    passed_back: tuple[PassedBack, ...] = ()
    holds: tuple[Held, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    withheld: tuple[
        tuple[str, str], ...
    ] = ()  # submission and artifact ids of files that a concern keeps back
    phrase_banks: tuple[Published, ...] = ()  # each takes the place of the version before
    phrase_banks_withdrawn: tuple[str, ...] = ()  # ids of banks
    renditions: tuple[Blob, ...] = ()  # small ones of recordings; `artifact_id` is the recording's
    findings: tuple[ToldFindings, ...] = ()
    time_stamps: tuple[TimeStamp, ...] = ()
    badges: tuple[ToldBadge, ...] = ()
    evidence_ended: tuple[str, ...] = ()  # ids of submissions whose evidence the source keeps no longer
    newest_rubrics: Mapping[str, str] = field(default_factory=dict)  # id → the version published last
    worded_apart: tuple[
        tuple[str, Published], ...
    ] = ()  # `rubric` or `policy`, here in another programme's words

    @property
    def ledger_blobs(self) -> tuple[Blob, ...]:
        """All bytes that the page names, renditions under the ids that they have in the ledger."""
        small = (
            replace(one, artifact_id=rendition_id(one.artifact_id, Shown.SMALL)) for one in self.renditions
        )
        return (*self.blobs, *small)

    @property
    def empty(self) -> bool:
        """Whether the page brings nothing."""
        parts = (
            self.rubrics,
            self.policies,
            self.submissions,
            self.blobs,
            self.assignments,
            self.withdrawn,
            self.trust,
            self.packets,
            self.passed_back,
            self.holds,
            self.recipients,
            self.withheld,
            self.phrase_banks,
            self.phrase_banks_withdrawn,
            self.renditions,
            self.findings,
            self.time_stamps,
            self.badges,
            self.evidence_ended,
            self.newest_rubrics,
            self.worded_apart,
        )
        return not any(parts)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a source gives a person who enrols a device.

    `person` is the issuer's number for them, `identity` the source's own unchanging address, which submission ids are
    made from. `token` is secret. Certificate and chain are PEM; both empty where a source issues none.
    """

    person: str
    programme: str
    roles: tuple[Role, ...]
    identity: str
    title: str
    token: str = field(repr=False, default="")
    certificate: str = ""
    chain: str = ""
    trust: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A source's answer to a packet.

    `signed` is a CMS with its content (packet digest, time, certificate status), empty where a source cannot sign:
    such a delivery is *sent*, never *on the hub*.
    """

    packet_digest: str
    received_at: datetime
    certificate_status: str
    signed: bytes = field(repr=False, default=b"")
