"""Which files a packet holds, and a decision (DESIGN §6). Shared by whoever builds them and whoever checks them."""

from __future__ import annotations

import re
from dataclasses import dataclass

BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
VERIFY = "VERIFY.txt"
CHAIN = "certs/chain.pem"

FEEDBACK = "data/feedback.json"
REVIEW = "data/review.json"
DECISION = "data/decision.json"
RUBRIC = "data/rubric.json"
POLICY = "data/policy.json"
ASSIGNMENT = "data/assignment.json"
ASSIGNMENT_SIGNATURE = "data/assignment.p7s"
ANNOTATIONS = "data/annotations.jsonld"
ARTIFACT_DIGESTS = "data/artifacts.sha256"
EVIDENCE = "data/evidence.pdf"
RECORD_PDF = "data/record.pdf"
RECORD_DOCX = "data/record.docx"

SIGNATURES = "signatures/"
BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

#: Tag files besides the two manifests and bagit.txt, in the order they are written.
TAG_FILES = (BAG_INFO, VERIFY, CHAIN)
#: Absent together where the source has no issuer.
FROM_THE_ISSUER = frozenset({ASSIGNMENT, ASSIGNMENT_SIGNATURE})
#: There only where the policy lets the evidence leave the desk; `data/review.json` names its digest.
BY_POLICY = frozenset({EVIDENCE})

SIGNATURE_NAME = re.compile(r"signatures/(?P<role>[a-z]+)-(?P<number>[1-9][0-9]?)\.p7s")
ADDED_NAME = re.compile(r"(?P<signature>signatures/[a-z]+-[1-9][0-9]?)(?:\.p7s\.tst|\.receipt\.p7s)")
TOP_NAME = re.compile(r"(?P<kind>packet|decision)-[0-9A-Za-z][0-9A-Za-z-]{7,63}")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a kind of bag holds. `stated` is the document that says what it is about; `signers` may sign it first."""

    kind: str
    stated: str
    payload: tuple[str, ...]
    optional: frozenset[str]
    signers: frozenset[str]

    @property
    def required(self) -> tuple[str, ...]:
        """The files that must be there."""
        every = (BAGIT, *TAG_FILES, MANIFEST, TAG_MANIFEST, *self.payload)
        return tuple(name for name in every if name not in self.optional)

    @property
    def about(self) -> str:
        """What it states: a review or a decision."""
        return self.stated.removeprefix("data/").removesuffix(".json")

    @property
    def has_record(self) -> bool:
        """Whether a signed record belongs to it."""
        return RECORD_PDF in self.payload

    def top_folder(self, own_id: str) -> str:
        """The bag's one top directory."""
        return f"{self.kind}-{own_id}"


PACKET = Layout(
    "packet",
    REVIEW,
    (FEEDBACK, REVIEW, RUBRIC, POLICY, ASSIGNMENT, ASSIGNMENT_SIGNATURE, ANNOTATIONS, ARTIFACT_DIGESTS, EVIDENCE,
     RECORD_PDF, RECORD_DOCX),
    FROM_THE_ISSUER | BY_POLICY,
    frozenset({"assessor", "reviewer"}),
)  # fmt: skip
#: A decision that passes a review back has no feedback for the educator.
DECISION_BAG = Layout(
    "decision",
    DECISION,
    (FEEDBACK, DECISION, RUBRIC, POLICY, ASSIGNMENT, ASSIGNMENT_SIGNATURE),
    FROM_THE_ISSUER | {FEEDBACK},
    frozenset({"reviewer"}),
)


def layout_of(top: str) -> Layout:
    """The layout that a bag's top directory announces; a packet's for any name that announces none."""
    found = TOP_NAME.fullmatch(top)
    return DECISION_BAG if found and found["kind"] == DECISION_BAG.kind else PACKET


@dataclass(frozen=True, slots=True)
class SignatureFiles:
    """One signer's files: the signature, and what was added to it later."""

    role: str
    name: str

    @property
    def token(self) -> str:
        """The RFC 3161 time-stamp token over the signature."""
        return f"{self.name}.tst"

    @property
    def receipt(self) -> str:
        """The hub's receipt."""
        return f"{self.name.removesuffix('.p7s')}.receipt.p7s"


def signature_files(role: str, number: int = 1) -> SignatureFiles:
    """The files of a role's n-th signer."""
    return SignatureFiles(role, f"{SIGNATURES}{role}-{number}.p7s")


def top_folder(review_id: str) -> str:
    """The packet's one top directory."""
    return PACKET.top_folder(review_id)
