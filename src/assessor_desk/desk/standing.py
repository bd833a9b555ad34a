"""How one submission stands: all that the store knows of it in one view, and the review that this amounts to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from assessor_desk.desk.answers import ArtifactState, Case, Delivery, why_removed
from assessor_desk.desk.surroundings import BARE
from assessor_desk.domain import feedback
from assessor_desk.domain.changes import Vouching, WithdrawalReason
from assessor_desk.domain.checking import Surroundings
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.review import Draft, Entry, Review, fold, followed_by, redoable_step, undoable_step
from assessor_desk.domain.rubric import Rubric
from assessor_desk.domain.submission import Assignment, Submission, review_id
from assessor_desk.store.lines import ArtifactLine, InboxState, OutboxLine, ReviewLine

if TYPE_CHECKING:
    from assessor_desk.store.reading import Reading

#: What a correction takes over from the revision before is one step that cannot be undone.
CARRIED = "carried"


class Shelf:
    """Rubrics and policies that were read already: a published version never changes."""

    def __init__(self) -> None:
        self._rubrics: dict[tuple[str, str], Rubric] = {}
        self._policies: dict[tuple[str, str], Policy] = {}

    def rubric(self, view: Reading, assignment: Assignment) -> Rubric:
        """The rubric an assignment names. Raises Refused where the source has not published it."""
        from assessor_desk.rubric_files import rubric_from_json

        which = (assignment.rubric_id, assignment.rubric_version)
        if which not in self._rubrics:
            self._rubrics[which] = rubric_from_json(_published(view, "rubric", *which))
        return self._rubrics[which]

    def policy(self, view: Reading, assignment: Assignment) -> Policy:
        """The policy an assignment names. Raises Refused where the source has not published it."""
        from assessor_desk.rubric_files import policy_from_json

        which = (assignment.policy_id, assignment.policy_version)
        if which not in self._policies:
            self._policies[which] = policy_from_json(_published(view, "policy", *which))
        return self._policies[which]


def _published(view: Reading, kind: str, id: str, version: str) -> bytes:  # noqa: A002
    found = view.published(kind, id, version)
    if found is None:
        raise Refused(f"The {kind} “{id}” in version {version} has not come from the source yet; sync first")
    return found.canonical


def _cautions(view: Reading, assignment: Assignment) -> Iterator[str]:
    """What is to be said of a rubric or policy that is not, byte for byte, what an issuer signed."""
    documents = (
        ("rubric", assignment.rubric_id, assignment.rubric_version),
        ("policy", assignment.policy_id, assignment.policy_version),
    )
    for kind, own_id, version in documents:
        published = view.published(kind, own_id, version)
        if published is not None and published.vouching in _UNVOUCHED:
            yield f"The {kind} “{own_id}” in version {version} {_UNVOUCHED[published.vouching]}"


_UNVOUCHED = {
    Vouching.UNSIGNED: "carries no issuer’s signature: it may not be the one that the issuer published.",
    Vouching.UNCHECKED: "came before its issuer’s signature was checked: whether it holds is not known.",
    Vouching.ALTERED: "was changed on this computer since it came: it is not the one that the issuer signed.",
}


@dataclass(frozen=True)
class Standing:
    """One submission, its assignment and rules, and the newest revision of the person's review."""

    submission: Submission
    assignment: Assignment
    set_aside: bool
    rubric: Rubric
    policy: Policy
    line: ReviewLine
    opened: bool
    entries: Sequence[Entry]
    drafts: Sequence[Draft]
    saved_at: datetime | None
    delivery: OutboxLine | None
    artifacts: Sequence[ArtifactLine]
    supersedes: str
    aside_for: WithdrawalReason | None
    cautions: tuple[str, ...]
    around: Surroundings = BARE

    @classmethod
    def of(cls, view: Reading, shelf: Shelf, submission_id: str, now: datetime) -> Standing:
        """Read it all. Raises Refused for an unknown submission or one never assigned."""
        submission = view.submission(submission_id)
        assignments = view.assignments(submission_id)
        if submission is None or not assignments:
            raise Refused(f"There is no submission “{submission_id}” on this desk")
        assignment, set_aside = assignments[-1]
        revisions = [line for line in view.reviews(submission_id) if line.assignment_id == assignment.id]
        line = revisions[-1] if revisions else first_revision(assignment, now)
        before = view.outbox_of(revisions[-2].id) if len(revisions) > 1 else None
        return cls(
            submission, assignment, set_aside, shelf.rubric(view, assignment), shelf.policy(view, assignment), line,
            bool(revisions), view.entries(line.id), view.drafts(line.id), view.saved_at(line.id),
            view.outbox_of(line.id), view.artifacts(submission_id), before.digest if before else "",
            view.aside_for(submission_id), tuple(_cautions(view, assignment)),
        )  # fmt: skip

    @cached_property
    def review(self) -> Review:
        """The review with the texts still being typed."""
        return fold(self.line.id, self.entries, self.drafts, self.line.purpose)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks find."""
        return feedback.findings(self.review, self.rubric, self.policy, self.submission, self.around)

    @property
    def version_changed(self) -> bool:
        """Whether the evidence is another than this review looked at."""
        return bool(self.review.version_seen) and self.review.version_seen != self.submission.version

    @property
    def undoable(self) -> str | None:
        """The step that undo would take back."""
        return undoable_step(self._own_entries)

    @property
    def redoable(self) -> str | None:
        """The step that redo would bring back."""
        return redoable_step(self._own_entries)

    @property
    def state(self) -> InboxState:
        """How far the review has come."""
        return state_of(self.review, bool(self._own_entries or self.drafts), self.findings, self.delivery)

    @property
    def _own_entries(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.step.startswith(CARRIED)]

    def followed_by(self, entries: Sequence[Entry]) -> Standing:
        """How it stands after some entries more. The review is carried on where it need not be folded anew."""
        after = replace(self, entries=(*self.entries, *entries))
        if "review" in self.__dict__ and not self.drafts:
            review = followed_by(self.review, entries)
            if review is not None:
                after.__dict__["review"] = review
        return after

    def saved(self, at: datetime) -> Standing:
        """The same, having reached the disk at that time; what was worked out about it is kept."""
        after = replace(self, saved_at=at)
        worked_out = ("review", "findings")
        after.__dict__.update({name: self.__dict__[name] for name in worked_out if name in self.__dict__})
        return after

    def following(self, now: datetime) -> Standing:
        """How it stands when the next revision is about to be opened, superseding this one's packet."""
        line = revision_of(self.assignment, self.line.revision + 1, now)
        supersedes = self.delivery.digest if self.delivery else ""
        return replace(
            self, line=line, opened=False, entries=(), drafts=(), delivery=None, supersedes=supersedes
        )

    def require_open(self) -> None:
        """Raise Refused where nothing can be changed any more."""
        if self.review.sealed:
            raise Refused(
                f"The review of {self.submission.key} is sealed and stays as it is. Begin a correction to change it"
            )
        if self.set_aside:
            raise Refused(
                f"{self.submission.key} was set aside by its source: what was written can be read and exported, "
                "not changed"
            )

    def case(self, partial: dict[str, int]) -> Case:
        """As window and commands see it; `partial` counts the bytes of downloads under way, by digest."""
        return Case(
            submission=self.submission, assignment=self.assignment, rubric=self.rubric, policy=self.policy,
            review=self.review, findings=self.findings, can_undo=self._changeable and self.undoable is not None,
            can_redo=self._changeable and self.redoable is not None, saved_at=self.saved_at,
            delivery=_delivery(self.delivery),
            artifact_states={line.artifact_id: _artifact_state(line, partial) for line in self.artifacts},
            revision=self.line.revision, version_changed=self.version_changed, set_aside=self.set_aside,
            supersedes=self.supersedes, aside_for=self.aside_for, cautions=self.cautions,
        )  # fmt: skip

    @property
    def _changeable(self) -> bool:
        return not (self.review.sealed or self.set_aside)


def first_revision(assignment: Assignment, now: datetime) -> ReviewLine:
    """The review of an assignment before anything was done."""
    return revision_of(assignment, 1, now)


def revision_of(assignment: Assignment, revision: int, now: datetime) -> ReviewLine:
    """One revision of the review of an assignment; its id follows from person, assignment and number."""
    own_id = review_id(assignment.person, assignment.id, revision)
    return ReviewLine(own_id, assignment.submission_id, assignment.id, revision, assignment.purpose, now)


def state_of(
    review: Review, begun: bool, findings: Sequence[Finding], delivery: OutboxLine | None
) -> InboxState:
    """How far a review has come, in the inbox's words."""
    if review.sealed:
        delivered = delivery is not None and delivery.delivered_at is not None
        return InboxState.DELIVERED if delivered else InboxState.SEALED_WAITING
    if review.completeness is None:
        return InboxState.CHECKING if begun else InboxState.NEW
    if not any(finding.blocks for finding in findings):
        return InboxState.READY_TO_SEAL
    return InboxState.INCOMPLETE if review.incomplete else InboxState.IN_REVIEW


def _delivery(line: OutboxLine | None) -> Delivery | None:
    if line is None:
        return None
    return Delivery(line.digest, line.waiting_since, line.delivered_at, bool(line.receipt), line.last_trouble)


def _artifact_state(line: ArtifactLine, partial: dict[str, int]) -> ArtifactState:
    bytes_here = line.length if line.here else min(line.length, partial.get(line.blob_digest, 0))
    return ArtifactState(line.here, bytes_here, line.length, line.trouble, why_removed(line.removed))
