"""Which files a packet, a decision and a case file hold (DESIGN §6). Shared by whoever builds and checks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
AWARD = "data/award.json"
AWARD_SIGNATURE = "data/award.p7s"
BADGE = "data/badge.json"
RUBRIC_SIGNATURE = "data/rubric.p7s"
READ_FIRST = "READ-FIRST.pdf"

SIGNATURES = "signatures/"
BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

#: Tag files besides the two manifests and bagit.txt, in the order they are written.
TAG_FILES = (BAG_INFO, VERIFY, CHAIN)
#: Absent together where the source has no issuer.
FROM_THE_ISSUER = frozenset({ASSIGNMENT, ASSIGNMENT_SIGNATURE})
#: The issuer's signature over the rubric: there where it is another version than was assigned.
WHERE_MOVED = frozenset({RUBRIC_SIGNATURE})
#: There only where the policy lets the evidence leave the desk; `data/review.json` names its digest.
BY_POLICY = frozenset({EVIDENCE})

SIGNATURE_NAME = re.compile(r"signatures/(?P<role>[a-z]+)-(?P<number>[1-9][0-9]?)\.p7s")
ADDED_NAME = re.compile(r"(?P<signature>signatures/[a-z]+-[1-9][0-9]?)(?:\.p7s\.tst|\.receipt\.p7s)")
TOP_NAME = re.compile(r"(?P<kind>packet|decision|case)-[0-9A-Za-z][0-9A-Za-z-]{7,63}")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a kind of bag holds. `stated` is the document that says what it is about; `signers` may sign it first.

    `record` is the signed PDF that carries `stated`, where there is one; `contained` matches the names of the bags that
    a case file holds. `format` is what this program writes and the newest that it knows, counted up by
    additions (docs/decisions/0111); `bag-info.txt` names a bag's by `format_label`.
    """

    kind: str
    stated: str
    payload: tuple[str, ...]
    optional: frozenset[str]
    signers: frozenset[str]
    record: str = ""
    tags: tuple[str, ...] = TAG_FILES
    contained: re.Pattern[str] | None = None
    format_label: str = "Packet-Format"
    format: tuple[int, int] = (1, 1)

    @property
    def required(self) -> tuple[str, ...]:
        """The files that must be there."""
        every = (BAGIT, *self.tags, MANIFEST, TAG_MANIFEST, *self.payload)
        return tuple(name for name in every if name not in self.optional)

    @property
    def about(self) -> str:
        """What it states: a review, a decision or an award."""
        return self.stated.removeprefix("data/").removesuffix(".json")

    @property
    def title(self) -> str:
        """What a person calls such a bag."""
        return "case file" if self.contained else self.kind

    def may_hold(self, name: str) -> bool:
        """Whether a file of that name belongs in `data/`."""
        return name in self.payload or bool(self.contained and self.contained.fullmatch(name))

    def top_folder(self, own_id: str) -> str:
        """The bag's one top directory."""
        return f"{self.kind}-{own_id}"


PACKET = Layout(
    "packet",
    REVIEW,
    (FEEDBACK, REVIEW, RUBRIC, RUBRIC_SIGNATURE, POLICY, ASSIGNMENT, ASSIGNMENT_SIGNATURE, ANNOTATIONS,
     ARTIFACT_DIGESTS, EVIDENCE, RECORD_PDF, RECORD_DOCX),
    FROM_THE_ISSUER | BY_POLICY | WHERE_MOVED,
    frozenset({"assessor", "reviewer"}),
    RECORD_PDF,
)  # fmt: skip
#: A decision that passes a review back has no feedback for the educator.
DECISION_BAG = Layout(
    "decision",
    DECISION,
    (FEEDBACK, DECISION, RUBRIC, RUBRIC_SIGNATURE, POLICY, ASSIGNMENT, ASSIGNMENT_SIGNATURE),
    FROM_THE_ISSUER | WHERE_MOVED | {FEEDBACK},
    frozenset({"reviewer"}),
)
#: What the issuer hands to whoever recognises an award: the decision, its packets, and who it is about.
CASE_FILE = Layout(
    "case",
    AWARD,
    (AWARD, AWARD_SIGNATURE, BADGE),
    frozenset({BADGE}),
    frozenset({"issuer"}),
    READ_FIRST,
    (READ_FIRST, *TAG_FILES),
    re.compile(r"data/(?P<folder>packets|decisions)/[0-9A-Za-z][0-9A-Za-z._-]{0,119}\.zip"),
    "Case-Format",
    (1, 0),
)
_LAYOUTS = {layout.kind: layout for layout in (PACKET, DECISION_BAG, CASE_FILE)}


def layout_of(top: str) -> Layout:
    """The layout that a bag's top directory announces; a packet's for any name that announces none."""
    found = TOP_NAME.fullmatch(top)
    return _LAYOUTS[found["kind"]] if found else PACKET


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


def is_signature_file(name: str, found: Mapping[str, bytes]) -> bool:
    """Whether a file of that name belongs in `signatures/`, beside those found with it."""
    if added := ADDED_NAME.fullmatch(name):
        return f"{added['signature']}.p7s" in found
    return SIGNATURE_NAME.fullmatch(name) is not None


def top_folder(review_id: str) -> str:
    """The packet's one top directory."""
    return PACKET.top_folder(review_id)
