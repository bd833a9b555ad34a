"""What a source of submissions hands to a desk, and what it answers to a packet: plain facts, no wire format.

A source (a hub, a folder, a learning platform) is asked for *changes since a cursor*. An answer names what is new or
different, and what was withdrawn. That something is absent from an answer means nothing: work is set aside only when a
source says so (DESIGN §2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .roles import Role
from .submission import Assignment, Submission


@dataclass(frozen=True, slots=True)
class Published:
    """A rubric or policy as its issuer published it.

    `canonical` is its RFC 8785 JSON, kept byte for byte: packets carry it and digests are taken of it. `signature` is
    the issuer's detached CMS over these bytes, empty where the source has none.
    """

    id: str
    version: str
    canonical: bytes
    signature: bytes = b""


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
class SourceCounts:
    """What a source holds for this person now; compared with what the desk has after each round."""

    assignments: int
    artifacts: int
    bytes: int


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """One page of changes. Taking the same page twice changes nothing the second time.

    Things come before what names them: a page may be accepted in one transaction, in the order of the fields.
    `cursor` is the place after this page; `more` says that another page waits.
    """

    cursor: str
    more: bool = False
    rubrics: tuple[Published, ...] = ()
    policies: tuple[Published, ...] = ()
    submissions: tuple[Submission, ...] = ()
    blobs: tuple[Blob, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    attested: tuple[Attested, ...] = ()
    withdrawn: tuple[str, ...] = ()  # assignment ids
    trust: Mapping[str, bytes] = field(default_factory=dict)  # file name (trust.pem, trust.pem.p7s) → bytes

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
