"""What a reviewer does: delivered packets are read and verified, decided on, passed back, and their reports released.

Reading happens once, when a packet has come: what it states is kept, its words are indexed, its verdict with it. The
packet itself stays sealed in the vault and can be verified and exported again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk import __version__
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk.answers import SealedPacket
from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.outgoing import outgoing
from assessor_desk.desk.programmes import signer_for, trust_list
from assessor_desk.desk.shown import Shown, refuse_unshown
from assessor_desk.domain.changes import Attested, DeliveryKind, Held, Published
from assessor_desk.domain.decision import newest, refuse_unready
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.review import EntryKind
from assessor_desk.domain.submission import Assignment, Submission
from assessor_desk.packets.decision import Basis, DecisionFacts, decision_bytes
from assessor_desk.packets.reading import read_stated, stated_of
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.store.lines import InboxState, OutboxLine
from assessor_desk.verdict import TrustList, Verdict
from assessor_desk.verdict.packet import verify_bytes

if TYPE_CHECKING:
    from assessor_desk.desk.pen import Pen
    from assessor_desk.desk.standing import Standing
    from assessor_desk.store.deciding import DeliveredLine
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

#: What of a packet is searched: the words people wrote.
_CRITERION_TEXTS = ("rationale", "strength", "next_step", "would_show", "extension")


def take_in(pen: Pen, vault: Vault) -> Changes:
    """Read packets that have come: verify each, keep what it states, index its words, and say so in the inbox."""
    with pen.store.reading() as view:
        unread = view.deciding.unread()
    changes = Changes()
    for line in unread:
        changes |= _take_in(pen, vault, line)
    return changes


def _take_in(pen: Pen, vault: Vault, line: DeliveredLine) -> Changes:
    packet = packet_bytes(vault, line)
    verdict = _verified(packet, line, _trust_on(pen.store, line), pen.clock())
    stated: dict[str, Any] | None = None
    try:
        stated = stated_of(packet)
        held = verdict.exit_code() == 0 and verdict.digest == line.digest
    except Damaged:
        held = False
    texts = tuple(_texts(stated)) if stated is not None and held else ()
    with pen.store.transaction() as work:
        work.deciding.read(line.digest, stated, held, verdict.headline, texts)
        standing = pen.look(work, line.submission_id)
        work.set_progress(line.submission_id, standing.done, standing.state)
        work.commit()
    return Changes.of(Kind.INBOX, Kind.REVIEW, submission=line.submission_id)


def packet_bytes(vault: Vault, line: DeliveredLine) -> bytes:
    """A delivered packet as it was sealed."""
    with open_sealed(vault.path(line.blob), line.key, "the delivered packet") as reader:
        return reader.read()


def verdict_on(store: Store, vault: Vault, digest: str, now: datetime) -> Verdict:
    """The verdict on a delivered packet, as of now. Raises Refused for an unknown one."""
    with store.reading() as view:
        line = view.deciding.packet(digest)
    if line is None or not line.here:
        raise Refused(f"There is no packet {digest[:8]}… on this desk. Sync to fetch it")
    return _verified(packet_bytes(vault, line), line, _trust_on(store, line), now)


def _trust_on(store: Store, line: DeliveredLine) -> TrustList | None:
    """Whose word counts on a packet: that of the programme whose source it came from."""
    with store.reading() as view:
        submission = view.submission(line.submission_id)
    return trust_list(store, "" if submission is None else submission.source)


def _verified(packet: bytes, line: DeliveredLine, trust: TrustList | None, now: datetime) -> Verdict:
    """With the hub's receipt beside the signature, which says when the packet came and how the certificate stood."""
    whole = packet
    if line.receipt:
        with suppress(Damaged):  # whoever cannot take a receipt is found wanting below
            whole = with_receipt(packet, line.receipt, line.time_stamp or None)
    return verify_bytes(whole, line.digest, trust, now)


def _texts(stated: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Field, criterion and words of everything that was written; of anchors their lines and the words they quote."""
    yield "overall", "", stated["feedback"]["overall"]
    for part in (stated["review"]["criteria"], stated["feedback"]["criteria"]):
        for one in part:
            yield from ((which, one["criterion"], one[which]) for which in _CRITERION_TEXTS if one.get(which))
    for one in stated["review"]["anchors"]:
        if words := "\n".join(filter(None, (one["note"], one["selector"].get("exact", "")))):
            yield "anchor", "", words


def bases_of(view: Reading, submission: Submission, assignment: Assignment) -> tuple[Basis, ...]:
    """The packets that count for a decision: verified, the newest of each assessor, oldest first."""
    bases = [
        read_stated(line.stated, submission, assignment, line.digest, line.received_at, line.verdict)
        for line in view.deciding.of(submission.id)
        if line.stated is not None and line.held
    ]
    by_packet = {one.delivered.packet: one for one in bases}
    return tuple(by_packet[one.packet] for one in newest(one.delivered for one in bases))


@dataclass(frozen=True)
class _Material:
    """A decision as it stands with what was published about it."""

    standing: Standing
    rubric: Published
    policy: Published
    attested: Attested | None
    replaced: str

    @classmethod
    def of(cls, view: Reading, pen: Pen, submission_id: str) -> _Material:
        standing = pen.look(view, submission_id)
        assignment, source = standing.assignment, standing.submission.source
        rubric = view.published("rubric", assignment.rubric_id, standing.rubric.version, source)
        policy = view.published("policy", assignment.policy_id, assignment.policy_version, source)
        signed = view.published("assignment", assignment.id, "")
        attested = None if signed is None else Attested(signed.id, signed.canonical, signed.signature)
        if rubric is None or policy is None:
            raise Refused("Rubric or policy have not come from the source yet; sync first")
        return cls(standing, rubric, policy, attested, standing.supersedes)

    def facts(self, pen: Pen, passes_back: bool) -> DecisionFacts:
        standing = self.standing
        assert standing.decision is not None
        return DecisionFacts(
            decision=standing.decision, passes_back=passes_back, bases=standing.delivered,
            covers=tuple(entry.id for entry in standing.entries), submission=standing.submission,
            assignment=standing.assignment, rubric=standing.rubric, rubric_json=self.rubric.canonical,
            policy=standing.policy, policy_json=self.policy.canonical, programme=standing.policy.programme,
            at=pen.clock().replace(microsecond=0), program_version=__version__, attested=self.attested,
            supersedes=self.replaced or None, rubric_signature=self.rubric.signature,
        )  # fmt: skip


def decision_facts(pen: Pen, submission_id: str) -> DecisionFacts:
    """The decision on a submission as it would be sealed now. Raises Refused where none is to be made."""
    with pen.store.reading() as view:
        material = _Material.of(view, pen, submission_id)
    standing = material.standing
    if standing.decision is None or not standing.delivered:
        raise Refused(f"There is no review of {standing.submission.key} to decide on yet")
    return material.facts(pen, passes_back=False)


def decide(
    pen: Pen,
    submission_id: str,
    passphrase: str,
    identity: Path,
    outbox: Path,
    *,
    reason: str | None = None,
    shown: Shown | None = None,
) -> SealedPacket:
    """Seal the decision on a submission, or send its review back with the `reason` that was written.

    Raises Refused, with nothing changed, for whatever is missing, a hold, and a wrong passphrase; ChangedElsewhere
    where that is another than was `shown`.
    """
    pen.settle(submission_id)
    with pen.store.reading() as view:
        material = _Material.of(view, pen, submission_id)
        held = view.deciding.holds(submission_id)
    refuse_unshown(material.standing, shown, reason)
    pass_back = reason is not None
    _require_ready(material.standing, held, pass_back=pass_back)
    facts = material.facts(pen, pass_back)
    source, at = facts.submission.source, pen.clock()
    signer = signer_for(pen.store, identity, source, passphrase, at)
    content, digest = decision_bytes(facts, signer)
    with outgoing(outbox, source, DeliveryKind.DECISION, facts.decision.id, content, digest, at) as line:
        _record_decision(pen, facts, line)
    changes = Changes.of(Kind.INBOX, Kind.REVIEW, Kind.OUTBOX, Kind.LEDGER, submission=submission_id)
    return SealedPacket(changes, line.path, digest)


def _require_ready(standing: Standing, held: Sequence[Held], *, pass_back: bool) -> None:
    """Raise Refused, naming it, for whatever keeps a decision from being sealed, or a review from being sent back."""
    key, reviews = standing.submission.key, [one.delivered for one in standing.delivered]
    standing.require_open()
    if standing.decision is None:
        raise Refused(f"{key} is not assigned to you to decide on")
    if held:
        raise Refused(f"{key} is on hold: {held[0].concern} was raised. The programme lifts it")
    if pass_back:
        if not reviews:
            raise Refused("No review has been delivered yet, so there is none to pass back")
        return
    _refuse_mixed_versions(standing)
    refuse_unready(standing.decision, standing.rubric, reviews, standing.policy.assessors_per_submission)
    if needed := [finding.sentence for finding in standing.findings if finding.blocks]:
        raise Refused(f"Needed before deciding on {key}: {'; '.join(needed)}")


def _refuse_mixed_versions(standing: Standing) -> None:
    """Raise Refused where a review was moved to another version of the rubric and another was not."""
    versions = sorted({one.feedback["rubric"]["version"] for one in standing.delivered})
    if len(versions) > 1:
        raise Refused(
            f"The reviews of {standing.submission.key} were made by different versions of the rubric "
            f"({', '.join(versions)}). Pass one back, so that it is moved to the other’s"
        )
    if versions and versions[0] != standing.rubric.version:
        raise Refused(
            f"The review of {standing.submission.key} was made by version {versions[0]} of the rubric, which has not "
            "come from the source yet; sync first"
        )


def _record_decision(pen: Pen, facts: DecisionFacts, line: OutboxLine) -> None:
    """The decision as an entry, its outbox line and the inbox's line, in one transaction."""
    submission_id = facts.submission.id
    with pen.store.transaction() as work:
        standing = pen.look(work, submission_id)
        bases = [one.delivered.packet for one in standing.delivered]
        told = tuple(entry.id for entry in standing.entries)
        if standing.drafts or told != facts.covers or bases != [one.delivered.packet for one in facts.bases]:
            raise Refused(
                f"Something about {facts.submission.key} changed while it was being decided. Look at it again"
            )
        # As a pass-back that crossed with the correction it asks for.
        work.drop_refused_decisions(submission_id)
        if not standing.opened:
            work.open_review(standing.line)
        decided = {
            "digest": line.digest,
            "kind": facts.kind.value,
            "outcome": facts.outcome.value if facts.outcome else "",
            "covers": list(facts.covers),
        }
        entries = pen.entries(
            facts.decision.id,
            [(EntryKind.BASES_TAKEN, {"packets": bases}), (EntryKind.DECIDED, decided)],
            work.highest_counter(),
        )
        work.record(entries, [line])
        work.set_progress(submission_id, standing.done, InboxState.SEALED_WAITING)
        work.commit()
