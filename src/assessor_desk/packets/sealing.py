"""Building and sealing a packet: documents, bag, signature, archive (DESIGN §6)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from assessor_desk.domain.errors import Refused
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import Signer
from assessor_desk.protocol.documents import canonical
from assessor_desk.reports.content import RecordContent
from assessor_desk.reports.docx import record_docx
from assessor_desk.reports.pdf import Attachment, record_pdf
from assessor_desk.verdict.layout import (
    ANNOTATIONS,
    ARTIFACT_DIGESTS,
    ASSIGNMENT,
    ASSIGNMENT_SIGNATURE,
    EVIDENCE,
    FEEDBACK,
    POLICY,
    RECORD_DOCX,
    RECORD_PDF,
    REVIEW,
    RUBRIC,
    RUBRIC_SIGNATURE,
    TAG_MANIFEST,
    signature_files,
    top_folder,
)

from . import documents
from .archive import write_whole, zip_bytes
from .bag import bag
from .facts import AssignedFacts, BagFacts, BuiltPacket, PacketFacts, moved_from, sha256, signer_title
from .instructions import instructions
from .pades import sign_record
from .record import record_content


def build_packet(facts: PacketFacts, signer: Signer, folder: Path) -> BuiltPacket:
    """Seal a review: the packet is in `folder`, whole and on disk, when this returns.

    Raises Refused where the certificate is another person's or not valid at the time, or the review is not ready.
    """
    content, digest = packet_bytes(facts, signer)
    path = folder / f"{top_folder(facts.review.id)}.zip"
    write_whole(path, content)
    return BuiltPacket(path, digest)


def packet_bytes(facts: PacketFacts, signer: Signer) -> tuple[bytes, str]:
    """The packet and its digest, for whoever keeps it encrypted; raises what `build_packet` raises."""
    refuse_another_signer(facts, signer)
    return sealed_bag(facts, _payload(facts, signer), signer, instructions(facts))


def sealed_bag(
    facts: BagFacts, payload: Mapping[str, bytes], signer: Signer, instructions: str, first: bytes = b""
) -> tuple[bytes, str]:
    """A bag around `payload`, its list of contents signed, as one archive; and its digest.

    `instructions` are its VERIFY.txt, `first` is the page that a case file is opened with.
    """
    files = bag(facts, payload, instructions.encode(), _chain(signer), first)
    list_of_contents = files[TAG_MANIFEST]
    signature = sign_detached(list_of_contents, signer.key, signer.certificate, facts.at)
    files[signature_files(facts.role).name] = signature
    return zip_bytes(facts.layout.top_folder(facts.own_id), files), sha256(list_of_contents)


def refuse_another_signer(facts: BagFacts, signer: Signer) -> None:
    """Raise Refused where the certificate is not the assigned person's, or not valid at the time."""
    if signer.number != facts.person:
        raise Refused(
            f"The certificate is {signer.number}'s and the assignment {facts.person}'s; "
            "connect this desk again"
        )
    certificate = signer.certificate
    if not certificate.not_valid_before_utc <= facts.at <= certificate.not_valid_after_utc:
        raise Refused(
            f"The certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} to "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}, not now; check this computer's clock or connect again"
        )


def _payload(facts: PacketFacts, signer: Signer) -> dict[str, bytes]:
    feedback, review = documents.sealed_json(facts)
    pdf, docx = _records(facts, record_content(facts), signer, review)
    return {
        FEEDBACK: feedback,
        REVIEW: review,
        RUBRIC: facts.rubric_json,
        POLICY: facts.policy_json,
        **assignment_files(facts),
        ANNOTATIONS: canonical(documents.annotation_page(facts)),
        ARTIFACT_DIGESTS: documents.artifact_digests(facts),
        **({EVIDENCE: facts.evidence_pdf} if facts.evidence_pdf else {}),
        RECORD_PDF: pdf,
        RECORD_DOCX: docx,
    }


def assignment_files(facts: AssignedFacts) -> Mapping[str, bytes]:
    """The assignment as the issuer signed it; nothing where the source has no issuer.

    With it goes the issuer's signature over a rubric of another version: the assignment names the assigned one alone.
    """
    signed = (
        {RUBRIC_SIGNATURE: facts.rubric_signature} if moved_from(facts) and facts.rubric_signature else {}
    )
    if facts.attested is None:
        return signed
    return {ASSIGNMENT: facts.attested.canonical, ASSIGNMENT_SIGNATURE: facts.attested.signature, **signed}


def _records(
    facts: PacketFacts, content: RecordContent, signer: Signer, review: bytes
) -> tuple[bytes, bytes]:
    """PDF and DOCX side by side: typst works outside Python's lock."""
    with ThreadPoolExecutor(1, "record") as other_thread:
        docx = other_thread.submit(record_docx, content)
        described = "The review as data: levels, rationale, anchors, checks, attestations"
        pdf = record_pdf(content, (Attachment("review.json", "application/json", described, review),))
        signed = sign_record(pdf, signer, facts.at, signer_title(facts))
        return signed, docx.result()


def _chain(signer: Signer) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in signer.chain)
