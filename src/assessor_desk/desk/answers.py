"""What the desk answers: plain facts for window, commands and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.domain.changes import WithdrawalReason
from assessor_desk.domain.sizes import bytes_in_words
from assessor_desk.store.lines import ENDED, QUARANTINE, RETENTION

if TYPE_CHECKING:
    from assessor_desk.desk.changes import Changes
    from assessor_desk.desk.rubric_versions import RubricOffer
    from assessor_desk.domain.changes import Held, PassedBack
    from assessor_desk.domain.coaching import CoachingNotes
    from assessor_desk.domain.decision import Decision, DeliveredReview
    from assessor_desk.domain.feedback import Finding
    from assessor_desk.domain.policy import Policy
    from assessor_desk.domain.preflight import ArtifactFinding
    from assessor_desk.domain.replaced import ArtifactReplaced
    from assessor_desk.domain.review import Review, Sheet
    from assessor_desk.domain.roles import Role
    from assessor_desk.domain.rubric import Rubric
    from assessor_desk.domain.submission import Assignment, Submission

    # What a round answers and tells on its way, for window and commands, which do not know the room it comes from.
    from assessor_desk.sync.engine import Progress as Progress
    from assessor_desk.sync.engine import RoundResult as RoundResult


@dataclass(frozen=True, slots=True)
class Profile:
    """Who this desk belongs to, by the source's number for them, and where the work comes from."""

    person: str
    programme: str
    roles: tuple[Role, ...]
    source_title: str
    source_address: str
    certificate_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArtifactState:
    """How far the bytes of one artifact have come; `trouble` is a sentence, empty where there is none.

    `removed` says in a clause why they were taken away and are not to come back, empty where they were not. Where a
    recording has a small rendition, that is what is told of, and `later_bytes` are the recording's own while it is not
    here, of which `later_here` are; `asked` says that it was asked for. `freed`: a person let go of it to save room.
    `damaged`: it was here, and its bytes had changed.
    """

    here: bool
    bytes_here: int
    bytes_total: int
    trouble: str = ""
    removed: str = ""
    later_bytes: int = 0
    later_here: int = 0
    asked: bool = False
    freed: bool = False
    damaged: bool = False


def why_removed(word: str) -> str:
    """The ledger's word for why evidence was taken away, as a clause; empty for an empty one."""
    if word == RETENTION:
        return "it was kept for as long as the policy says"
    if word == ENDED:
        return "the programme keeps it no longer"
    if word == QUARANTINE:
        return "a concern about it was raised; it comes again once the programme lifts that"
    return WithdrawalReason(word).words if word else ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A sealed packet on its way: waiting since, then delivered at. `receipted`: the source signed for it.

    `refused`: the source answered that it will not take it, and `last_trouble` is why.
    """

    digest: str
    waiting_since: datetime | None
    delivered_at: datetime | None = None
    receipted: bool = False
    last_trouble: str = ""
    refused: bool = False

    @property
    def turned_away(self) -> bool:
        """Whether the source refused it and never had it, so that a correction replaces nothing there."""
        return self.refused and not self.receipted


@dataclass(frozen=True, slots=True)
class Released:
    """That the report on a decision was released: when, and whether into a `folder` or through the `hub`."""

    at: datetime
    how: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Sealing:
    """One packet or decision that was sealed here, and how far it came; each later one replaces those before it."""

    revision: int
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class BadgeLine:
    """That the issuer issued a badge for the decision; `picture` is a PNG that holds it."""

    id: str
    issued_at: datetime
    revoked_at: datetime | None
    picture: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one submission that is needed to work on it.

    `sheet` is what the person makes of it, texts still being typed too: a `review`, a coach's `notes` or a reviewer's
    `decision`, for which `delivered` are the reviews to decide on and `review` the one looked at first. `previous` are
    the coach's notes on the educator's draft before this one, with that draft. `saved_at` is when anything of it last
    reached the disk. `version_changed`: the evidence was replaced since this review first looked;
    `confirm_second_look` says it was looked at again. `supersedes` is the digest of the packet that this revision
    corrects. `aside_for` is why the source took it back, None while it stands; `cautions` are sentences on a rubric or
    policy nobody vouches for. `sent_back` is why a reviewer passed the sealed review back, until a correction is
    begun; `preflight` is what was found in the artifacts; `holds` are the concerns that keep it from being decided, and
    `hold_lifted_at` is when the last such was lifted.
    `changed_since`: a coach's notes were carried on after they went back. `sealings` are what was sealed, oldest first.
    `offer`: the rubric was published anew since, or the review was moved to another version of it. `replaced` is what
    differs in the evidence since it was last looked at, as far as that was written down. `worked_before` are other
    assignments of the submission that the person wrote under, by id: that work is kept (`Desk.work_before`).
    `undoable` is the step that undo takes back, `redoable` the one that redo brings back; empty where there is none.
    """

    submission: Submission
    assignment: Assignment
    rubric: Rubric
    policy: Policy
    sheet: Sheet
    review: Review
    findings: tuple[Finding, ...]
    can_undo: bool
    can_redo: bool
    saved_at: datetime | None
    delivery: Delivery | None
    artifact_states: Mapping[str, ArtifactState]
    revision: int = 1
    version_changed: bool = False
    set_aside: bool = False
    supersedes: str = ""
    aside_for: WithdrawalReason | None = None
    cautions: tuple[str, ...] = ()
    notes: CoachingNotes | None = None
    decision: Decision | None = None
    delivered: tuple[DeliveredReview, ...] = ()
    previous: tuple[CoachingNotes, Submission] | None = None
    sent_back: PassedBack | None = None
    holds: tuple[Held, ...] = ()
    hold_lifted_at: datetime | None = None
    released: Released | None = None
    badge: BadgeLine | None = None
    changed_since: bool = False
    preflight: tuple[ArtifactFinding, ...] = ()
    sealings: tuple[Sealing, ...] = ()
    offer: RubricOffer | None = None
    replaced: tuple[ArtifactReplaced, ...] = ()
    worked_before: tuple[str, ...] = ()
    undoable: str = ""
    redoable: str = ""

    @property
    def marked(self) -> Sheet:
        """Whose anchors stand in the evidence: a coach's notes, for anybody else the review."""
        return self.notes or self.review

    @property
    def cites(self) -> bool:
        """Whether anchors go to criteria: not before the completeness check, nor where competence is not scored."""
        return self.notes is not None or self.review.completeness == ()

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed: sealed, or set aside."""
        return self.sheet.closed or self.set_aside

    @property
    def anchoring(self) -> bool:
        """Whether this person places anchors: not in what is closed, nor in what somebody else wrote."""
        return not self.read_only and self.decision is None

    @property
    def turned_away(self) -> bool:
        """Whether the packet of this review was sealed, and its source would not take it."""
        own = self.decision is None and self.notes is None and self.review.sealed
        return own and self.delivery is not None and self.delivery.turned_away

    @property
    def to_be_corrected(self) -> bool:
        """Whether a correction is asked for: the reviewer passed the review back, or its packet was turned away."""
        return not self.set_aside and (self.sent_back is not None or self.turned_away)

    @property
    def evidence_removed(self) -> str:
        """Why none of the evidence is on this computer any more, as a clause; empty where any is, or is to come."""
        reasons = [state.removed for state in self.artifact_states.values()]
        return reasons[0] if reasons and all(reasons) else ""

    @property
    def looked_at(self) -> DeliveredReview | None:
        """Of the delivered reviews the one that `review` is; None where there is none to decide on."""
        own = self.review.seal.packet_digest if self.review.seal else ""
        return next((one for one in self.delivered if one.packet == own), None)

    def looking_at(self, packet: str) -> Case:
        """The same, `review` being that of this delivered packet; unchanged where there is no such packet."""
        chosen = next((one for one in self.delivered if one.packet == packet), None)
        return self if chosen is None else replace(self, review=chosen.review)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What is needed before sealing."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def hindrances(self) -> tuple[str, ...]:
        """What keeps it from being sealed although nothing is missing in it, a sentence each."""
        told = []
        if self.version_changed:
            told.append(
                "The evidence was replaced since you last looked. Say that you have looked at it again."
            )
        if self.offer is not None and self.offer.must:
            told.append("The programme asks that the review is moved to the rubric’s newest version.")
        return tuple(told)

    @property
    def parts_open(self) -> tuple[str, ...]:
        """Titles of the parts that the seal waits for, out of the completeness check, each criterion, the whole review.

        Counted like this, the number only falls while one works: choosing a level may want more texts, but of a part
        that was open before. The whole review stays open until every level is chosen, as some checks look at all.
        """
        if self.review.incomplete:
            return ("The whole review",) if self.blocking or self.hindrances else ()
        unscored = self.review.scored(self.rubric) < len(self.rubric.criteria)
        subjects = {finding.subject for finding in self.blocking}
        open_now = [("Completeness check", self.review.completeness is None)]
        open_now += [
            (one.title, not self.review.work(one.id).level or one.id in subjects)
            for one in self.rubric.criteria
        ]
        open_now.append(("The whole review", unscored or "" in subjects or bool(self.hindrances)))
        return tuple(title for title, still in open_now if still)


@dataclass(frozen=True, slots=True)
class Ledger:
    """How much of what was assigned is on this computer, and how much waits to be sent. Bytes are of sealed files."""

    ready: int
    total: int
    bytes_to_go: int
    bytes_total: int
    waiting_to_send: int
    last_round_at: datetime | None = None
    offline_reason: str = ""
    """Why a source was not reached, or broke the last round off; empty where all have been since."""
    later_bytes: int = 0
    """Of recordings that come on demand, since small renditions of them do."""
    by_stick: bool = False
    """Whether every source is reached by stick alone: what waits to be sent lies on it, or waits for it."""
    parked: int = 0
    """Files that are not here because evidence takes as much of this disk as it may, of `parked_bytes`."""
    parked_bytes: int = 0
    closing: tuple[str, ...] = ()
    """A sentence for each source whose evidence closes soon without contact, or is closed."""
    away: bool = False
    """Whether `offline_reason` is that nothing answered, and not what the source answered."""

    @property
    def no_room(self) -> str:
        """What was not fetched, and why; empty where all was."""
        if not self.parked:
            return ""
        files = "1 file" if self.parked == 1 else f"{self.parked} files"
        return (
            f"{files} ({bytes_in_words(self.parked_bytes)}) not fetched: evidence takes as much room as it may on this "
            "computer. What is due first is here."
        )


@dataclass(frozen=True, slots=True)
class SealedPacket:
    """A sealed packet: its digest (SHA-256 of its tagmanifest) and the encrypted file that waits in the outbox."""

    changes: Changes = field(repr=False)
    path: Path
    digest: str
