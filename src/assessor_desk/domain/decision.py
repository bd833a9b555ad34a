"""A reviewer's decision on delivered reviews: confirmed as prepared, adjudicated, or passed back with a reason.

A decision is the fold of entries like a review (DESIGN §2), by a table of its own. It never changes a sealed review: it
names the packets it rests on by digest. With a policy of one assessor it is prepared from the sole review and
confirmed; of several assessors' reviews, each criterion names the level decided, why, and whose feedback goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from .errors import Refused
from .review import (
    Draft,
    Entry,
    EntryKind,
    Review,
    Sheet,
    Table,
    folded,
    in_order,
    shared_table,
    standing_seals,
    with_work,
)
from .rubric import Outcome, Rubric
from .submission import Assignment, Submission


class DecisionKind(StrEnum):
    """How a decision came about. A pass-back decides nothing yet: the assessor's next revision comes back here."""

    CONFIRMED = "confirmed"
    ADJUDICATED = "adjudicated"
    PASSED_BACK = "passed_back"


@dataclass(frozen=True, slots=True)
class DeliveredReview:
    """A sealed review as its packet states it.

    `packet` is the packet's digest, `supersedes` that of the one it corrects.
    `review` is sealed, holds what the packet says, and never the private notes. `held` is whether the packet was
    verified when it came, `verdict` the verdict's sentence.
    """

    packet: str
    submission: Submission
    assignment: Assignment
    person: str
    review: Review
    recommendation: Outcome
    sealed_at: datetime
    received_at: datetime | None = None
    supersedes: str = ""
    held: bool = False
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class DecisionSeal:
    """When it was decided and sealed, as which bag (SHA-256 of its tagmanifest), and the entries it covers."""

    at: datetime
    digest: str
    kind: DecisionKind
    outcome: Outcome | None
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Sheet):
    """The state of one decision.

    `bases` are the digests of the packets it rests on. `feedback_from` says, criterion by criterion, whose packet's
    feedback goes on; the empty criterion stands for the overall feedback. Levels and reasons of an adjudication are
    `works`; `reason` is why a review is passed back.
    """

    bases: tuple[str, ...] = ()
    feedback_from: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    seal: DecisionSeal | None = None

    @property
    def closed(self) -> bool:
        """A sealed decision can be changed no more."""
        return self.seal is not None

    @property
    def levels(self) -> dict[str, str]:
        """Criterion id → level id, of those that the reviewer decided."""
        return {criterion: work.level for criterion, work in self.works.items() if work.level}


def newest(delivered: Iterable[DeliveredReview]) -> tuple[DeliveredReview, ...]:
    """The reviews that count: verified, and not corrected by a later packet of the same person. Oldest first."""
    held = sorted((one for one in delivered if one.held), key=lambda one: (one.sealed_at, one.packet))
    corrected = {(one.supersedes, one.person) for one in held if one.supersedes}
    return tuple(one for one in held if (one.packet, one.person) not in corrected)


def prepared_outcome(reviews: Sequence[DeliveredReview]) -> Outcome | None:
    """What concurring reviews amount to; None where there are none or they differ, for a person to adjudicate."""
    outcomes = {one.recommendation for one in reviews}
    return outcomes.pop() if len(outcomes) == 1 else None


def outcome_of(decision: Decision, rubric: Rubric, reviews: Sequence[DeliveredReview]) -> Outcome | None:
    """What a decision says as it stands: levels decided count before those of the reviews."""
    prepared = prepared_outcome(reviews)
    if not decision.levels:
        return prepared
    agreed: dict[str, str] = dict(reviews[0].review.levels) if len(reviews) == 1 else {}
    return rubric.outcome({**agreed, **decision.levels})


def refuse_unready(
    decision: Decision, rubric: Rubric, reviews: Sequence[DeliveredReview], wanted: int
) -> None:
    """Raise Refused saying what keeps `decision` from being sealed; `wanted` is how many assessors policy asks for."""
    if not reviews:
        raise Refused("No review has been delivered yet; sync, or wait for the assessor")
    if len(reviews) < wanted:
        raise Refused(f"The policy asks for {wanted} reviews; {len(reviews)} came so far")
    if outcome_of(decision, rubric, reviews) is None:
        raise Refused("The reviews differ. Decide the level of each criterion on which they do")
    for criterion in decision.levels:
        rubric.criterion(criterion)


def fold_decision(decision_id: str, entries: Iterable[Entry], drafts: Iterable[Draft] = ()) -> Decision:
    """The decision that these entries, and texts still being typed, amount to. Sealed, it is what its seal covers.

    Of two seals made without knowing of each other a decision counts before a pass-back, as it does at the source, then
    the first, until it is withdrawn.
    """
    entries = in_order(entries)
    seals = standing_seals(entries)
    if seals:  # what another computer wrote before it heard of the seal is not in what was signed
        seal = min(seals, key=lambda one: not one.data["outcome"])
        covers = {*seal.data["covers"]}
        entries, drafts = [one for one in entries if one.id in covers or one.step == seal.step], ()
    return folded(Decision(decision_id), entries, drafts, _APPLY)


def _bases_taken(decision: Decision, entry: Entry) -> Decision:
    return replace(decision, bases=tuple(entry.data["packets"]))


def _score_recorded(decision: Decision, entry: Entry) -> Decision:
    return with_work(decision, entry.data["criterion"], level=entry.data["level"])


def _feedback_chosen(decision: Decision, entry: Entry) -> Decision:
    chosen = {**decision.feedback_from, entry.data["criterion"]: entry.data["packet"]}
    return replace(decision, feedback_from=chosen)


def _decided(decision: Decision, entry: Entry) -> Decision:
    data = entry.data
    outcome = Outcome(data["outcome"]) if data["outcome"] else None
    seal = DecisionSeal(entry.at, data["digest"], DecisionKind(data["kind"]), outcome, tuple(data["covers"]))
    return replace(decision, seal=seal)


_APPLY: Table[Decision] = {
    **shared_table(),
    EntryKind.BASES_TAKEN: _bases_taken,
    EntryKind.SCORE_RECORDED: _score_recorded,
    EntryKind.FEEDBACK_CHOSEN: _feedback_chosen,
    EntryKind.DECIDED: _decided,
}
