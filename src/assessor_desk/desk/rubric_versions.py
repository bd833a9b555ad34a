"""The versions of a rubric that are on this desk: which one a review is made by, and whether a newer one is offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assessor_desk.domain.policy import MovePolicy
from assessor_desk.domain.republished import moving
from assessor_desk.domain.review import EntryKind, Review, RubricMoved, with_work
from assessor_desk.domain.roles import Purpose
from assessor_desk.store.lines import newest_rubrics

if TYPE_CHECKING:
    from assessor_desk.desk.standing import Shelf, Standing
    from assessor_desk.domain.policy import Policy
    from assessor_desk.domain.republished import RubricMove
    from assessor_desk.domain.rubric import Rubric
    from assessor_desk.packets.decision import Basis
    from assessor_desk.store.reading import Reading


@dataclass(frozen=True)
class RubricVersions:
    """Versions beside the assigned one, by their names; `newest` is the one that the source published last."""

    others: Mapping[str, Rubric] = field(default_factory=dict)
    newest: Rubric | None = None

    def of_review(self, review: Review, assigned: Rubric) -> Rubric:
        """The version that a review is made by."""
        return assigned if review.moved is None else self.others.get(review.moved.version, assigned)

    def of_reviews(self, delivered: Sequence[Basis], assigned: Rubric) -> Rubric:
        """The version that delivered reviews were made by; the assigned one where they differ, or it is not here."""
        versions = {one.feedback["rubric"]["version"] for one in delivered}
        return self.others.get(versions.pop(), assigned) if len(versions) == 1 else assigned


NO_OTHERS = RubricVersions()


@dataclass(frozen=True)
class RubricOffer:
    """That a review can be moved to a rubric published since (`move` says what that would do), or was moved.

    `move` is None where there is nothing newer. `policy` is what the programme says of it. `moved` and `done` tell of a
    review that was moved, and what that did; its texts on criteria that are gone are in there.
    """

    policy: MovePolicy
    move: RubricMove | None = None
    moved: RubricMoved | None = None
    done: RubricMove | None = None
    closed: bool = False

    @property
    def allowed(self) -> bool:
        """Whether it can be moved now."""
        return self.move is not None and self.policy is not MovePolicy.NEVER and not self.closed

    @property
    def must(self) -> bool:
        """Whether the programme demands it before the seal."""
        return self.allowed and self.policy is MovePolicy.MUST


def versions_at_hand(view: Reading, shelf: Shelf, standing: Standing) -> RubricVersions:
    """The versions that a review was moved to or may be, or that the reviews to decide on were made by."""
    own_id, assigned = standing.assignment.rubric_id, standing.assignment.rubric_version
    told = view.fact(newest_rubrics(standing.submission.source), {}).get(own_id, "")
    named = {one.feedback["rubric"]["version"] for one in standing.delivered}
    named |= {one.data["to"] for one in standing.entries if one.kind is EntryKind.RUBRIC_MOVED}
    source = standing.submission.source
    found = {
        version: shelf.version(view, own_id, version, source) for version in {*named, told} - {"", assigned}
    }
    others = {version: rubric for version, rubric in found.items() if rubric is not None}
    newest = standing.assigned_rubric if told == assigned else others.get(told)
    return RubricVersions(others, newest)


def offer_of(
    versions: RubricVersions, review: Review, now: Rubric, assigned: Rubric, policy: Policy
) -> RubricOffer | None:
    """What is to be said of other versions than the one a review is made by; None where there is nothing."""
    newer = versions.newest
    if review.purpose in (Purpose.COACH, Purpose.DECIDE):
        return None
    move = moving(review, now, newer) if newer is not None and newer.version != now.version else None
    if move is None and review.moved is None:
        return None
    done = None if review.moved is None else moving(_as_before(review, review.moved), assigned, now)
    return RubricOffer(policy.republished_rubric, move, review.moved, done, review.closed)


def _as_before(review: Review, moved: RubricMoved) -> Review:
    """The review with the levels that had been chosen before it was moved, where none was chosen since."""
    for criterion, level in moved.levels_before.items():
        review = with_work(review, criterion, level=level)
    return review
