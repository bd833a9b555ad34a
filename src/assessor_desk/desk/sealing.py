"""Sealing: nothing may be missing, the passphrase opens the signing key, and the packet waits encrypted in the outbox.

Building and signing take half a second and happen outside any transaction. The last step, which makes the seal
an entry, refuses when anything was written meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk import __version__
from assessor_desk.desk import booklet
from assessor_desk.desk.answers import SealedPacket
from assessor_desk.desk.booklet import Making
from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.evidence import Evidence
from assessor_desk.desk.outgoing import outgoing
from assessor_desk.desk.pen import Pen
from assessor_desk.desk.programmes import signer_for
from assessor_desk.desk.shown import Shown, refuse_unshown
from assessor_desk.desk.standing import Standing
from assessor_desk.domain.changes import Attested, DeliveryKind, Published
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.republished import counted
from assessor_desk.domain.review import EntryKind
from assessor_desk.packets.facts import PacketFacts
from assessor_desk.packets.sealing import packet_bytes
from assessor_desk.rubric_files import look_of
from assessor_desk.store.lines import InboxState, OutboxLine

if TYPE_CHECKING:
    from assessor_desk.store.reading import Reading


@dataclass(frozen=True)
class _Material:
    """One submission as it stands with what was published about it."""

    standing: Standing
    rubric: Published
    policy: Published
    attested: Attested | None
    programme: str

    @classmethod
    def of(cls, view: Reading, pen: Pen, submission_id: str) -> _Material:
        standing = Standing.of(view, pen.shelf, submission_id, pen.clock())
        assignment, source = standing.assignment, standing.submission.source
        rubric = view.published("rubric", assignment.rubric_id, standing.rubric.version, source)
        policy = view.published("policy", assignment.policy_id, assignment.policy_version, source)
        signed = view.published("assignment", assignment.id, "")
        attested = None if signed is None else Attested(signed.id, signed.canonical, signed.signature)
        if rubric is None or policy is None:
            raise Refused("Rubric or policy have not come from the source yet; sync first")
        return cls(standing, rubric, policy, attested, standing.policy.programme)

    def facts(self, pen: Pen, attestations: Sequence[str]) -> PacketFacts:
        """Everything the packet is made from. Raises Refused while a level is missing."""
        standing = self.standing
        return PacketFacts(
            review=counted(standing.own_review, standing.rubric), covers=tuple(entry.id for entry in standing.entries),
            submission=standing.submission, assignment=standing.assignment, rubric=standing.rubric,
            rubric_json=self.rubric.canonical, policy=standing.policy, policy_json=self.policy.canonical,
            findings=standing.findings, attestations=tuple(attestations), programme=self.programme,
            at=pen.clock().replace(microsecond=0), program_version=__version__, attested=self.attested,
            supersedes=standing.supersedes or None, look=look_of(self.programme),
            rubric_signature=self.rubric.signature,
        )  # fmt: skip


def facts_of(pen: Pen, submission_id: str, attestations: Sequence[str] = ()) -> PacketFacts:
    """The review as a packet would state it now, sealed or not."""
    with pen.store.reading() as view:
        material = _Material.of(view, pen, submission_id)
    return material.facts(pen, attestations)


@dataclass(frozen=True)
class Sealing:
    """Where a seal finds the identity and leaves the packet, and how the evidence booklet is made where one belongs."""

    identity: Path
    outbox: Path
    evidence: Callable[[str], Evidence]
    making: Making


def seal_packet(
    pen: Pen,
    submission_id: str,
    passphrase: str,
    attestations: Sequence[str],
    sealing: Sealing,
    shown: Shown | None = None,
) -> SealedPacket:
    """Seal the review. Raises Refused, with nothing changed, saying all that is missing, or that it was stopped.

    ChangedElsewhere where it is another than was `shown`.
    """
    pen.settle(submission_id)
    with pen.store.reading() as view:
        material = _Material.of(view, pen, submission_id)
    refuse_unshown(material.standing, shown)
    refuse_unless_ready(material.standing, attestations)
    source = material.standing.submission.source
    signer = signer_for(pen.store, sealing.identity, source, passphrase, pen.clock())
    facts = material.facts(pen, attestations)
    if booklet.wanted(facts):
        made = booklet.evidence_booklet(facts, sealing.evidence, sealing.making)
        facts = replace(facts, evidence_pdf=made)
    content, digest = packet_bytes(facts, signer)
    at = pen.clock()
    with outgoing(sealing.outbox, source, DeliveryKind.PACKET, facts.review.id, content, digest, at) as line:
        _record_seal(pen, facts, line)
    changes = Changes.of(Kind.INBOX, Kind.REVIEW, Kind.OUTBOX, Kind.LEDGER, submission=submission_id)
    return SealedPacket(changes, line.path, digest)


def refuse_unless_ready(standing: Standing, attestations: Sequence[str]) -> None:
    """Raise Refused saying everything that keeps the review from being sealed."""
    standing.require_open()
    key = standing.submission.key
    if standing.own_review.completeness is None:
        raise Refused(f"{key} cannot be sealed before its completeness check is recorded")
    if standing.version_changed:
        raise Refused(
            f"The evidence of {key} was replaced since this review began. Look at it again before sealing"
        )
    if standing.must_move:
        raise Refused(
            f"The rubric of {key} was published anew, and the programme asks that its review is moved to the new "
            "version before it is sealed. Look at what would change, then move it"
        )
    if needed := standing.needed:
        raise Refused(f"Needed before sealing {key}: {'; '.join(needed)}")
    asked = standing.policy.attestations_of(incomplete=standing.own_review.incomplete)
    missing = [one for one in asked if one.id not in attestations]
    if missing:
        sentences = "; ".join(f"{one.id} (“{one.sentence}”)" for one in missing)
        raise Refused(f"To seal {key}, attest {sentences}")


def _record_seal(pen: Pen, facts: PacketFacts, line: OutboxLine) -> None:
    """The seal as an entry, its outbox line and the inbox's line, in one transaction."""
    submission_id = facts.submission.id
    with pen.store.transaction() as work:
        standing = Standing.of(work, pen.shelf, submission_id, pen.clock())
        if standing.drafts or tuple(entry.id for entry in standing.entries) != facts.covers:
            raise Refused(
                f"The review of {facts.submission.key} was changed while it was being sealed. Seal it again"
            )
        standing.require_open()
        sealed = {
            "packet_digest": line.digest,
            "recommendation": facts.recommendation.value,
            "covers": list(facts.covers),
        }
        seal = pen.entries(facts.review.id, [(EntryKind.SEALED, sealed)], work.highest_counter())
        work.record([replace(seal[0], at=facts.at)], [line])
        work.set_progress(submission_id, standing.done, InboxState.SEALED_WAITING)
        work.commit()
