"""Messages of the hub's `/v1` as Pydantic models, and their way to and from the domain.

Unknown fields are ignored, so that an older desk understands a newer hub; a missing or malformed one is refused.
Binary values are base64 (RFC 4648 §4); times are ISO 8601 with an offset.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from assessor_desk.domain import changes
from assessor_desk.domain.earlier import EarlierAttempt, EarlierCriterion, EarlierFeedback
from assessor_desk.domain.policy import Blindness
from assessor_desk.domain.preflight import finding_from_json
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission

#: The version of the protocol, and the prefix of every address.
PREFIX = "/v1"
#: The largest page of changes that a hub gives at once, in rows, to a desk that does not say how many it takes.
PAGE = 200
#: The largest that it gives to any desk: some eight megabytes.
LARGEST_PAGE = 2000
#: What is longer than this, as a badge with its pictures, counts in a page as so many rows.
ROW_BYTES = 4096
#: How many deliveries a desk asks after at once.
DIGESTS_AT_ONCE = 500

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, lower-case hexadecimal")]


def _decoded(value: Any) -> Any:
    """Base64 as the wire has it; bytes, as this program has them, are left alone."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


Binary = Annotated[
    bytes,
    BeforeValidator(_decoded),
    PlainSerializer(lambda value: base64.b64encode(value).decode(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "byte"}),
]


class Message(BaseModel):
    """What all messages share: they are never changed after they were made."""

    model_config = ConfigDict(frozen=True, extra="ignore")


#: `Problem.reason` where a device that was enrolled is so no more: its desk removes the evidence.
ENROLMENT_REVOKED = changes.WithdrawalReason.ENROLMENT_REVOKED.value
#: `Problem.reason` where a hub cannot go on with an upload: the desk sends it as a whole.
BEGIN_AGAIN = "begin_again"
#: `Problem.reason` where a hub looked at what was delivered, or at its size, and will not take it.
NOT_TAKEN = "not_taken"
#: `Problem.reason` where a hub never gave out that cursor: the desk leaves it out.
UNKNOWN_CURSOR = "unknown_cursor"


class Problem(Message):
    """Every answer of status 400 and above: one sentence that a person can act on.

    `reason` is for the program, and mostly empty: `enrolment_revoked`, `begin_again`, `not_taken` or `unknown_cursor`.
    """

    error: str
    reason: str = ""


class Greeting(Message):
    """What a hub says of itself to anyone."""

    title: str
    programme: str
    identity: str = Field(description="The hub's own unchanging address; submission ids are made from it")
    protocol: int = 1
    program: str
    marks_refusals: bool = Field(
        default=False,
        description="It refuses what it looked at of deliveries with the reason `not_taken`",
    )


class EnrolRequest(Message):
    """A one-time code and a certificate request for a key that never leaves the device."""

    code: str = Field(min_length=1, max_length=64)
    csr: str = Field(min_length=1, max_length=8192, description="PKCS#10, PEM")
    device: str = Field(default="", max_length=100, description="What the person calls this computer")


class EnrolAnswer(Message):
    """A device's token and certificate, and what is needed to check others'."""

    person: str
    programme: str
    roles: tuple[Role, ...]
    identity: str
    title: str
    token: str
    certificate: str
    chain: str
    trust: dict[str, Binary]

    def enrolment(self) -> changes.Enrolment:
        """As the desk keeps it."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return changes.Enrolment(**fields)


class RenewRequest(Message):
    """A certificate request for a device's next key, signed with its present one."""

    csr: str = Field(min_length=1, max_length=8192, description="PKCS#10, PEM")
    proof: Binary = Field(description="Detached CMS over the request's bytes, by the certificate in force")


class RenewAnswer(Message):
    """The next certificate of the same person, and what goes beside it."""

    certificate: str
    chain: str


class ArtifactMessage(Message):
    """One piece of evidence; names as far as the policy lets this person see them."""

    id: str
    part: Part
    name: str
    label: str = ""
    media_type: str = ""
    size: int = Field(default=0, ge=0)
    sha256: str = ""
    link: str = ""
    captions: str = ""


class EarlierCriterionMessage(Message):
    """What the educator read on one criterion of an earlier attempt."""

    criterion: str
    title: str
    level_title: str
    passed: bool
    strength: str = ""
    next_step: str = ""
    would_show: str = ""


class EarlierFeedbackMessage(Message):
    """What was released to the educator on an earlier attempt."""

    outcome: str
    overall: str
    criteria: tuple[EarlierCriterionMessage, ...] = ()
    released_at: AwareDatetime | None = None

    def feedback(self) -> EarlierFeedback:
        """The feedback it tells of."""
        criteria = tuple(EarlierCriterion(**dict(one)) for one in self.criteria)
        return EarlierFeedback(**{**dict(self), "criteria": criteria})


class EarlierAttemptMessage(Message):
    """The attempt before, where the policy shows it; the bytes of its artifacts come as blobs of this submission."""

    attempt: int = Field(ge=1)
    artifacts: tuple[ArtifactMessage, ...] = ()
    feedback: EarlierFeedbackMessage | None = None

    def earlier(self) -> EarlierAttempt:
        """The attempt it tells of."""
        artifacts = tuple(Artifact(**dict(artifact)) for artifact in self.artifacts)
        return EarlierAttempt(self.attempt, artifacts, self.feedback.feedback() if self.feedback else None)


class SubmissionMessage(Message):
    """A submission as one person may see it. `attempt` is 0 where the policy hides it."""

    id: str
    source: str
    key: str
    rubric_id: str
    attempt: int = Field(ge=0)
    artifacts: tuple[ArtifactMessage, ...]
    draft: bool = False
    language: str = "en"
    permission_attested: bool = False
    educator: str = ""
    school: str = ""
    submitted_at: AwareDatetime | None = None
    source_attempt: str = ""
    name_words: tuple[str, ...] = ()
    previous: str = ""
    earlier: EarlierAttemptMessage | None = None

    @classmethod
    def of(cls, submission: Submission) -> SubmissionMessage:
        """The message for a submission; whoever sends it has blinded it before."""
        return cls.model_validate(submission, from_attributes=True)

    def submission(self) -> Submission:
        """The submission it tells of."""
        artifacts = tuple(Artifact(**vars(artifact)) for artifact in self.artifacts)
        earlier = self.earlier.earlier() if self.earlier else None
        return Submission(**{**vars(self), "artifacts": artifacts, "earlier": earlier})


class BlindnessMessage(Message):
    """What the person is not shown; true means hidden."""

    name: bool
    school: bool
    attempt: bool
    earlier_scores: bool
    co_assessor: bool
    coach: bool


class AssignmentMessage(Message):
    """An assignment, with the document the issuer signed."""

    id: str
    submission_id: str
    person: str
    role: Role
    purpose: Purpose
    rubric_id: str
    rubric_version: str
    policy_id: str
    policy_version: str
    due_at: AwareDatetime | None = None
    blindness: BlindnessMessage
    assigned_at: AwareDatetime | None = None
    document: Binary = b""
    signature: Binary = b""

    def assignment(self) -> Assignment:
        """The assignment it tells of."""
        own = {**vars(self), "blindness": Blindness(**vars(self.blindness))}
        del own["document"], own["signature"]
        return Assignment(**own)

    def attested(self) -> changes.Attested:
        """The issuer's attestation of it."""
        return changes.Attested(self.id, self.document, self.signature)


class PublishedMessage(Message):
    """A rubric, policy or phrase bank: canonical JSON and the issuer's detached signature."""

    id: str
    version: str
    canonical: Binary
    signature: Binary = b""

    def published(self) -> changes.Published:
        """As the desk keeps it."""
        return changes.Published(self.id, self.version, self.canonical, self.signature)


class BlobMessage(Message):
    """How to fetch and open an artifact: sealed in the vault's format, it is at `/v1/blobs/{digest}`."""

    submission_id: str
    artifact_id: str
    digest: Digest
    length: int = Field(ge=0)
    key: Binary

    def blob(self) -> changes.Blob:
        """As the desk keeps it."""
        return changes.Blob(self.submission_id, self.artifact_id, self.digest, self.length, self.key)


class RenditionMessage(BlobMessage):
    """A recording's small rendition, for bad networks; `artifact_id` is the recording's, which stays the evidence."""

    media_type: str = ""


class FindingMessage(Message):
    """One thing that a look at an artifact found: `blocks`, `look` or `fact`."""

    id: str
    severity: str
    sentence: str
    facts: dict[str, Any] = Field(default_factory=dict)


class FindingsMessage(Message):
    """What the hub's look at an artifact found. Another submission's copy is told of, never whose it is."""

    submission_id: str
    artifact_id: str
    findings: tuple[FindingMessage, ...]

    def told(self) -> changes.ToldFindings:
        """As the desk keeps it."""
        findings = tuple(finding_from_json(each.model_dump()) for each in self.findings)
        return changes.ToldFindings(self.submission_id, self.artifact_id, findings)


class DeliveredPacketMessage(Message):
    """An assessor's packet for whoever decides: sealed in the vault's format, it is at `/v1/blobs/{blob}`."""

    digest: Digest
    submission_id: str
    assignment_id: str
    person: str
    received_at: AwareDatetime
    blob: Digest
    length: int = Field(ge=0)
    key: Binary
    receipt: Binary
    time_stamp: Binary = b""

    def packet(self) -> changes.DeliveredPacket:
        """As the desk keeps it."""
        return changes.DeliveredPacket(**dict(self))


class TimeStampMessage(Message):
    """The token of a time-stamping authority (RFC 3161) over the signature of what the caller delivered."""

    packet: Digest
    token: Binary

    def time_stamp(self) -> changes.TimeStamp:
        """As the desk keeps it."""
        return changes.TimeStamp(self.packet, self.token)


class PassedBackMessage(Message):
    """A reviewer passed the caller's packet back."""

    decision: Digest
    assignment_id: str
    packet: Digest
    reason: str
    at: AwareDatetime

    def passed_back(self) -> changes.PassedBack:
        """As the desk keeps it."""
        return changes.PassedBack(**dict(self))


class HeldMessage(Message):
    """A submission is on hold for a concern, or was until `lifted_at`.

    `kind`, `words` and `artifact_id` are empty for those who neither raised it nor decide on the submission.
    """

    id: Digest
    submission_id: str
    kind: str
    words: str
    raised_at: AwareDatetime
    artifact_id: str = ""
    lifted_at: AwareDatetime | None = None

    def held(self) -> changes.Held:
        """As the desk keeps it."""
        return changes.Held(**dict(self))


class WithheldMessage(Message):
    """A file that nobody may fetch while a concern about it stands. Its blob comes again once that is lifted."""

    submission_id: str
    artifact_id: str


class RecipientMessage(Message):
    """Who is to get the report on a submission that the caller decided."""

    submission_id: str
    educator_key: str
    name: str
    email: str = ""
    district: str = ""
    disclosure_agreed: bool = False

    def recipient(self) -> changes.Recipient:
        """As the desk keeps it."""
        return changes.Recipient(**dict(self))


class BadgeMessage(Message):
    """The badge that the issuer issued for a decision of the caller's: the credential, and in pictures."""

    id: str
    submission_id: str
    decision: Digest
    issued_at: AwareDatetime
    revoked_at: AwareDatetime | None = None
    credential: Binary
    png: Binary
    svg: Binary

    def badge(self) -> changes.ToldBadge:
        """As the desk keeps it."""
        return changes.ToldBadge(**dict(self))


class ReleaseAnswer(Message):
    """That a decision's report was released, when, and how (`folder`, or `hub` where the hub keeps it to hand on)."""

    decision: Digest
    released_at: AwareDatetime
    how: str


class CountsAnswer(Message):
    """What the hub holds for this person now."""

    assignments: int = Field(ge=0)
    artifacts: int = Field(ge=0)
    bytes: int = Field(ge=0)

    def counts(self) -> changes.SourceCounts:
        """As the desk compares it."""
        return changes.SourceCounts(self.assignments, self.artifacts, self.bytes)


class ChangesAnswer(Message):
    """One page of what is new or different for this person since a cursor."""

    cursor: str
    more: bool
    anew: bool = Field(
        default=False,
        description="The cursor was of a hub that was restored since: this page begins from the beginning. "
        "A desk then asks `/v1/deliveries` what of its own is not here any more, and delivers that again",
    )
    counts: CountsAnswer | None = Field(
        default=None, description="On the last page, where it was asked for: what `/v1/counts` says"
    )
    rubrics: tuple[PublishedMessage, ...] = ()
    policies: tuple[PublishedMessage, ...] = ()
    submissions: tuple[SubmissionMessage, ...] = ()
    blobs: tuple[BlobMessage, ...] = ()
    assignments: tuple[AssignmentMessage, ...] = ()
    withdrawn: tuple[str, ...] = ()
    withdrawn_for: dict[str, str] = Field(
        default_factory=dict,
        description="Why, by assignment, where it is more than unassigned: recusal, consent_withdrawn. "
        "A desk destroys the evidence's keys at once, also for a reason it does not know",
    )
    withdrawn_from: dict[str, str] = Field(
        default_factory=dict,
        description="By assignment, the submission, where this computer was given keys of its evidence and has not "
        "said that it destroyed them. A desk that has nothing of it answers with a receipt of destruction of no pieces",
    )
    trust: dict[str, Binary] = Field(default_factory=dict)
    packets: tuple[DeliveredPacketMessage, ...] = ()
    passed_back: tuple[PassedBackMessage, ...] = ()
    holds: tuple[HeldMessage, ...] = ()
    recipients: tuple[RecipientMessage, ...] = ()
    withheld: tuple[WithheldMessage, ...] = ()
    evidence_ended: tuple[str, ...] = Field(
        default=(),
        description="Submissions whose evidence the hub keeps no longer: their files are among `withheld` for good",
    )
    phrase_banks: tuple[PublishedMessage, ...] = Field(
        default=(), description="A programme's phrases; each takes the place of the version before"
    )
    phrase_banks_withdrawn: tuple[str, ...] = ()
    renditions: tuple[RenditionMessage, ...] = Field(
        default=(), description="Small renditions of recordings, fetched before the recordings themselves"
    )
    badges: tuple[BadgeMessage, ...] = Field(
        default=(), description="Badges issued for what the caller decided, or revoked since"
    )
    findings: tuple[FindingsMessage, ...] = Field(
        default=(),
        description="What the hub found as the artifacts arrived; the desk looks for itself as well",
    )
    time_stamps: tuple[TimeStampMessage, ...] = ()
    newest_rubrics: dict[str, str] = Field(
        default_factory=dict,
        description="By id, the version published last of rubrics that something assigned is by; it is among "
        "`rubrics`. A review that is open stays on its own version, and can be moved",
    )

    def changes(self) -> changes.SourceChanges:
        """As the desk takes it."""
        return changes.SourceChanges(
            cursor=self.cursor,
            more=self.more,
            anew=self.anew,
            counts=None if self.counts is None else self.counts.counts(),
            rubrics=tuple(each.published() for each in self.rubrics),
            policies=tuple(each.published() for each in self.policies),
            submissions=tuple(each.submission() for each in self.submissions),
            blobs=tuple(each.blob() for each in self.blobs),
            assignments=tuple(each.assignment() for each in self.assignments),
            attested=tuple(each.attested() for each in self.assignments if each.signature),
            withdrawn=self.withdrawn,
            withdrawn_for={
                own_id: changes.WithdrawalReason(reason) for own_id, reason in self.withdrawn_for.items()
            },
            withdrawn_from=dict(self.withdrawn_from),
            trust=dict(self.trust),
            packets=tuple(each.packet() for each in self.packets),
            passed_back=tuple(each.passed_back() for each in self.passed_back),
            holds=tuple(each.held() for each in self.holds),
            recipients=tuple(each.recipient() for each in self.recipients),
            withheld=tuple((each.submission_id, each.artifact_id) for each in self.withheld),
            evidence_ended=self.evidence_ended,
            phrase_banks=tuple(each.published() for each in self.phrase_banks),
            phrase_banks_withdrawn=self.phrase_banks_withdrawn,
            renditions=tuple(each.blob() for each in self.renditions),
            findings=tuple(each.told() for each in self.findings),
            time_stamps=tuple(each.time_stamp() for each in self.time_stamps),
            badges=tuple(each.badge() for each in self.badges),
            newest_rubrics=dict(self.newest_rubrics),
        )


class HeldRequest(Message):
    """Digests of what a desk delivered."""

    digests: tuple[Digest, ...] = Field(max_length=DIGESTS_AT_ONCE)


class HeldAnswer(Message):
    """Those of the digests asked for that the hub has from the caller, and decisions among them that are released."""

    held: tuple[Digest, ...]
    released: tuple[Digest, ...] = ()


class ReceiptAnswer(Message):
    """The hub's answer to a packet: `signed` is a CMS whose content repeats the other fields."""

    packet_digest: Digest
    received_at: AwareDatetime
    certificate_status: str
    signed: Binary = Field(min_length=1)

    @classmethod
    def of(cls, receipt: changes.Receipt) -> Self:
        """The answer that carries a receipt."""
        return cls(
            packet_digest=receipt.packet_digest,
            received_at=receipt.received_at,
            certificate_status=receipt.certificate_status,
            signed=receipt.signed,
        )

    def receipt(self) -> changes.Receipt:
        """As the desk keeps it, once the signature has been verified."""
        return changes.Receipt(self.packet_digest, self.received_at, self.certificate_status, self.signed)
