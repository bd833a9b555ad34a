"""How one submission stands: all that the store knows of it in one view, and what the person made of it.

That is a review, a coach's notes or a reviewer's decision, as the assignment asks; they never turn into one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, cast

from assessor_desk.desk.answers import BadgeLine, Case, Delivery, Released, Sealing
from assessor_desk.desk.artifact_states import states_of
from assessor_desk.desk.rubric_versions import (
    NO_OTHERS,
    RubricOffer,
    RubricVersions,
    offer_of,
    versions_at_hand,
)
from assessor_desk.desk.surroundings import BARE
from assessor_desk.domain import feedback
from assessor_desk.domain.changes import Held, PassedBack, ToldBadge, Vouching, WithdrawalReason
from assessor_desk.domain.checking import Surroundings
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.preflight import ArtifactFinding, PreflightFinding, with_judgements
from assessor_desk.domain.replaced import ArtifactReplaced, replaced
from assessor_desk.domain.republished import with_known_levels
from assessor_desk.domain.review import (
    Draft,
    Entry,
    EntryKind,
    Review,
    Sheet,
    fold,
    followed_by,
    redoable_step,
    standing_seals,
    undoable_step,
)
from assessor_desk.domain.roles import Purpose
from assessor_desk.domain.rubric import Rubric
from assessor_desk.domain.submission import Assignment, Submission, review_id
from assessor_desk.store.badges import KIND as BADGE
from assessor_desk.store.badges import badge_from_bytes
from assessor_desk.store.lines import ArtifactLine, InboxState, OutboxLine, ReviewLine

if TYPE_CHECKING:
    from assessor_desk.desk.neighbours import Neighbours
    from assessor_desk.domain.coaching import CoachingNotes
    from assessor_desk.domain.decision import Decision
    from assessor_desk.packets.decision import Basis
    from assessor_desk.store.deciding import ReleaseLine
    from assessor_desk.store.reading import Reading

#: The fact that has this desk's own name among the person's devices.
OWN_NAME = "device"


class Shelf:
    """Rubrics and policies that were read already: a published version never changes; and what checks compare with.

    Two programmes may word one version otherwise: each source's own are read for its submissions.
    """

    def __init__(self, neighbours: Neighbours | None = None) -> None:
        self.neighbours = neighbours
        self._rubrics: dict[tuple[str, str, str], Rubric] = {}
        self._policies: dict[tuple[str, str, str], Policy] = {}

    def rubric(self, view: Reading, assignment: Assignment, source: str) -> Rubric:
        """The rubric an assignment names. Raises Refused where the source has not published it."""
        from assessor_desk.rubric_files import rubric_from_json

        which = (assignment.rubric_id, assignment.rubric_version, source)
        if which not in self._rubrics:
            self._rubrics[which] = rubric_from_json(_published(view, "rubric", *which))
        return self._rubrics[which]

    def version(self, view: Reading, rubric_id: str, version: str, source: str) -> Rubric | None:
        """Another version of a rubric; None where it is not here."""
        from assessor_desk.rubric_files import rubric_from_json

        which = (rubric_id, version, source)
        if which not in self._rubrics:
            found = view.published("rubric", *which)
            if found is None:
                return None
            self._rubrics[which] = rubric_from_json(found.canonical)
        return self._rubrics[which]

    def policy(self, view: Reading, assignment: Assignment, source: str) -> Policy:
        """The policy an assignment names. Raises Refused where the source has not published it."""
        from assessor_desk.rubric_files import policy_from_json

        which = (assignment.policy_id, assignment.policy_version, source)
        if which not in self._policies:
            self._policies[which] = policy_from_json(_published(view, "policy", *which))
        return self._policies[which]


def _published(view: Reading, kind: str, id: str, version: str, source: str) -> bytes:  # noqa: A002
    found = view.published(kind, id, version, source)
    if found is None:
        raise Refused(f"The {kind} “{id}” in version {version} has not come from the source yet; sync first")
    return found.canonical


def _cautions(view: Reading, assignment: Assignment, source: str) -> Iterator[str]:
    """What is to be said of a rubric or policy that is not, byte for byte, what an issuer signed."""
    documents = (
        ("rubric", assignment.rubric_id, assignment.rubric_version),
        ("policy", assignment.policy_id, assignment.policy_version),
    )
    for kind, own_id, version in documents:
        published = view.published(kind, own_id, version, source)
        if published is not None and published.vouching in _UNVOUCHED:
            yield f"The {kind} “{own_id}” in version {version} {_UNVOUCHED[published.vouching]}"


_UNVOUCHED = {
    Vouching.UNSIGNED: "carries no issuer’s signature: it may not be the one that the issuer published.",
    Vouching.UNCHECKED: "came before its issuer’s signature was checked: whether it holds is not known.",
    Vouching.ALTERED: "was changed on this computer since it came: it is not the one that the issuer signed.",
}


@dataclass(frozen=True)
class Standing:
    """One submission, its assignment and rules, and the newest revision of what the person makes of it.

    `delivered` are the reviews that a reviewer decides on, the newest packet of each assessor; `previous` the coach's
    notes on the educator's draft before this one, with that draft. `worked_before` are other assignments of the
    submission that the person wrote under.
    """

    submission: Submission
    assignment: Assignment
    set_aside: bool
    assigned_rubric: Rubric
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
    neighbours: Neighbours | None = None
    delivered: tuple[Basis, ...] = ()
    previous: tuple[CoachingNotes, Submission] | None = None
    passed_back: tuple[PassedBack, ...] = ()
    holds: tuple[Held, ...] = ()
    hold_lifted_at: datetime | None = None
    released: ReleaseLine | None = None
    badge: ToldBadge | None = None
    found: Mapping[str, tuple[PreflightFinding, ...]] = field(default_factory=dict)
    earlier: tuple[tuple[int, OutboxLine | None], ...] = ()
    worked_before: tuple[str, ...] = ()
    versions: RubricVersions = NO_OTHERS

    @classmethod
    def of(
        cls, view: Reading, shelf: Shelf, submission_id: str, now: datetime, assignment_id: str = ""
    ) -> Standing:
        """Read it all, of the assignment that stands and came last, or of `assignment_id`.

        Raises Refused for an unknown submission or one never assigned.
        """
        submission = view.submission(submission_id)
        assignments = view.assignments(submission_id)
        if submission is None or not assignments:
            raise Refused(f"There is no submission “{submission_id}” on this desk")
        assignment, set_aside = next(
            (one for one in assignments if one[0].id == assignment_id), assignments[-1]
        )
        reviews = view.reviews(submission_id)
        revisions = [line for line in reviews if line.assignment_id == assignment.id]
        written = {line.assignment_id for line in reviews}
        others = (one.id for one, _ in assignments if one.id in written and one.id != assignment.id)
        line = revisions[-1] if revisions else first_revision(assignment, now)
        corrects = len(revisions) > 1 and assignment.purpose is not Purpose.DECIDE
        earlier = tuple((one.revision, view.outbox_of(one.id)) for one in revisions[:-1])
        standing = cls(
            submission, assignment, set_aside, shelf.rubric(view, assignment, submission.source),
            shelf.policy(view, assignment, submission.source), line,
            bool(revisions), view.entries(line.id), view.drafts(line.id), view.saved_at(line.id),
            view.outbox_of(line.id), view.artifacts(submission_id),
            _superseded(view, revisions, earlier) if corrects else "",
            view.aside_for(submission_id, assignment_id), tuple(_cautions(view, assignment, submission.source)),
            neighbours=shelf.neighbours,
            delivered=_delivered_to(view, submission, assignment),
            passed_back=tuple(view.deciding.passed_back(assignment.id)),
            holds=tuple(view.deciding.holds(submission_id)),
            hold_lifted_at=view.deciding.last_lifted(submission_id),
            previous=_earlier_notes(view, submission, assignment),
            released=next(iter(view.deciding.releases(submission_id)), None),
            badge=_told_badge(view, submission_id),
            found=view.preflights.of(submission_id), earlier=earlier, worked_before=tuple(others),
        )  # fmt: skip
        standing = replace(standing, versions=versions_at_hand(view, shelf, standing))
        if standing.decision is None:
            return standing
        standing = standing.with_its_delivery(view)
        # Under an assignment of before nothing is decided anew: it is read as it was left, also where its reviews went.
        return standing if assignment_id else standing.after_a_pass_back(now)

    @cached_property
    def sheet(self) -> Sheet:
        """The review, notes or decision, with the texts still being typed."""
        match self.line.purpose:
            case Purpose.COACH:
                from assessor_desk.domain.coaching import fold_notes

                return fold_notes(self.line.id, self.entries, self.drafts)
            case Purpose.DECIDE:
                from assessor_desk.domain.decision import fold_decision

                return fold_decision(self.line.id, self.entries, self.drafts)
            case purpose:
                review = fold(self.line.id, self.entries, self.drafts, purpose)
                return with_known_levels(review, self.versions.of_review(review, self.assigned_rubric))

    @property
    def rubric(self) -> Rubric:
        """The rubric that it is made by: the assigned one, or the version that the review was moved to.

        A decision is by the version of the reviews it rests on.
        """
        if self.line.purpose is Purpose.DECIDE:
            return self.versions.of_reviews(self.delivered, self.assigned_rubric)
        sheet = self.sheet
        return (
            self.versions.of_review(sheet, self.assigned_rubric)
            if isinstance(sheet, Review)
            else self.assigned_rubric
        )

    @property
    def offer(self) -> RubricOffer | None:
        """That the programme has published its rubric anew since this review began, or that it was moved; else None."""
        sheet = self.sheet
        if not isinstance(sheet, Review) or self.set_aside:
            return None
        return offer_of(self.versions, sheet, self.rubric, self.assigned_rubric, self.policy)

    @property
    def review(self) -> Review:
        """The person's own review, for a reviewer the one delivered last. Empty where there is none."""
        if isinstance(self.sheet, Review):
            return self.sheet
        return self.delivered[-1].delivered.review if self.delivered else Review(self.line.id)

    @property
    def notes(self) -> CoachingNotes | None:
        """A coach's notes; None for anybody else."""
        return cast("CoachingNotes", self.sheet) if self.line.purpose is Purpose.COACH else None

    @property
    def decision(self) -> Decision | None:
        """A reviewer's decision; None for anybody else."""
        return cast("Decision", self.sheet) if self.line.purpose is Purpose.DECIDE else None

    @property
    def own_review(self) -> Review:
        """The review that the person makes. Raises Refused for a coach and for a reviewer, who make none."""
        if isinstance(self.sheet, Review):
            return self.sheet
        does = "coach" if self.line.purpose is Purpose.COACH else "decide on"
        raise Refused(f"You {does} {self.submission.key}; whoever does that does not score")

    @property
    def around(self) -> Surroundings:
        """What the checks compare with."""
        return self.neighbours.of(self.submission) if self.neighbours else BARE

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks find."""
        return feedback.findings(self.sheet, self.rubric, self.policy, self.submission, self.around)

    @property
    def must_move(self) -> bool:
        """Whether the programme demands that the review is moved to the newest rubric before it is sealed."""
        offer = self.offer
        return offer is not None and offer.must

    @property
    def needed(self) -> list[str]:
        """What the checks want before it is sealed or handed back, a clause each."""
        titles = {criterion.id: criterion.title for criterion in self.rubric.criteria}
        return [
            f"{f'“{titles[one.subject]}”: ' if one.subject in titles else ''}"
            f"{one.sentence.rstrip('.')} ({one.check})"
            for one in self.findings
            if one.blocks
        ]

    @property
    def version_changed(self) -> bool:
        """Whether the evidence is another than this review looked at."""
        return bool(self.sheet.version_seen) and self.sheet.version_seen != self.submission.version

    @property
    def replaced_artifacts(self) -> tuple[ArtifactReplaced, ...]:
        """What is another than this review looked at."""
        return replaced(self.sheet.artifacts_seen, self.submission) if self.version_changed else ()

    @property
    def undoable(self) -> str | None:
        """The step that undo would take back."""
        return undoable_step(self.own_entries)

    @property
    def redoable(self) -> str | None:
        """The step that redo would bring back."""
        return redoable_step(self.own_entries)

    @property
    def state(self) -> InboxState:
        """How far the review has come."""
        begun = bool(self.own_entries or self.drafts)
        match self.sheet:
            case Review() as review:
                if self.sent_back is not None:
                    return InboxState.PASSED_BACK
                state = state_of(review, begun, self.findings, self.delivery)
                hindered = self.version_changed or self.must_move
                return InboxState.IN_REVIEW if hindered and state is InboxState.READY_TO_SEAL else state
            case _ if self.notes is not None:
                return notes_state(
                    begun, self.notes.handed_back is not None and not self.changed_since, self.delivery
                )
            case _:
                if self.released is not None:
                    return InboxState.RELEASED
                return decision_state(self.sheet.closed, bool(self.delivered), self.delivery)

    @property
    def changed_since(self) -> bool:
        """Whether a coach's notes were changed after they went back."""
        if self.notes is None or self.notes.handed_back is None:
            return False
        covered = set(self.notes.handed_back.covers)
        others = (entry for entry in self.entries if entry.kind is not EntryKind.HANDED_BACK)
        return bool(self.drafts) or any(entry.id not in covered for entry in others)

    @property
    def done(self) -> int:
        """How many criteria have a level, or of a coach something to say about them."""
        if self.notes is not None:
            return sum(1 for one in self.rubric.criteria if self.notes.speaks_of(one.id))
        return self.review.scored(self.rubric)

    @property
    def own_entries(self) -> list[Entry]:
        """All that was done here, without what was carried over from a revision before."""
        return [entry for entry in self.entries if not entry.carried]

    def followed_by(self, entries: Sequence[Entry]) -> Standing:
        """How it stands after some entries more. The review is carried on where it need not be folded anew."""
        after = replace(self, entries=(*self.entries, *entries))
        sheet = self.__dict__.get("sheet")
        if isinstance(sheet, Review) and not self.drafts:
            review = followed_by(sheet, entries)
            if review is not None:
                after.__dict__["sheet"] = review
        return after

    def saved(self, at: datetime) -> Standing:
        """The same, having reached the disk at that time; what was worked out about it is kept."""
        after = replace(self, saved_at=at)
        worked_out = ("sheet", "findings")
        after.__dict__.update({name: self.__dict__[name] for name in worked_out if name in self.__dict__})
        return after

    def following(self, now: datetime) -> Standing:
        """How it stands when the next revision is about to be opened, superseding this one's packet."""
        line = revision_of(self.assignment, self.line.revision + 1, now)
        after = self._opened(line)
        seal = (
            self.own_review.seal if self.delivery is None else None
        )  # sealed on another device of this person's
        return replace(after, supersedes=seal.packet_digest if seal else _replaced(after.earlier))

    def with_its_delivery(self, view: Reading) -> Standing:
        """A decision with what was sent of it: made on two computers, something else may have gone out last."""
        seal = self.decision.seal if self.decision else None
        if seal is None or self.delivery is None or self.delivery.digest == seal.digest:
            return self
        sent = (line for line in view.all_outbox_of(self.line.id) if line.digest == seal.digest)
        return replace(self, delivery=next(sent, None))

    def after_a_pass_back(self, now: datetime) -> Standing:
        """How a decision stands: a review that was passed back and came again is decided anew."""
        seal = self.decision.seal if self.decision else None
        if seal is None or seal.outcome is not None or not self.decision:
            return self
        if self.decision.bases == tuple(one.delivered.packet for one in self.delivered):
            return self
        return self.decided_anew(now)

    def decided_anew(self, now: datetime) -> Standing:
        """How a decision stands when it is about to be taken once more; the one before stays as it was sealed."""
        line = revision_of(self.assignment, self.line.revision + 1, now)
        return self._opened(line)

    def _opened(self, line: ReviewLine) -> Standing:
        """The same at a revision of which nothing is written yet."""
        earlier = (*self.earlier, (self.line.revision, self.delivery))
        return replace(self, line=line, opened=False, entries=(), drafts=(), delivery=None, earlier=earlier)

    @property
    def sent_back(self) -> PassedBack | None:
        """Why a reviewer sent the sealed review back, until its correction is begun."""
        sealed = self.delivery.digest if self.delivery else None
        return next((one for one in reversed(self.passed_back) if one.packet == sealed), None)

    def require_open(self) -> None:
        """Raise Refused where nothing can be changed any more."""
        self.require_unsealed()
        if self.set_aside:
            raise Refused(
                f"{self.submission.key} was set aside by its source: what was written can be read and exported, "
                "not changed"
            )

    def require_unsealed(self) -> None:
        """Raise Refused for what is sealed."""
        if self.sheet.closed:
            if isinstance(self.sheet, Review):
                words = f"The review of {self.submission.key} is sealed and stays as it is."
                raise Refused(f"{words} Begin a correction to change it")
            raise Refused(f"The decision on {self.submission.key} is sealed and stays as it is")

    def case(self, partial: dict[str, int]) -> Case:
        """As window and commands see it; `partial` counts the bytes of downloads under way, by digest."""
        undoable = self.undoable
        return Case(
            submission=self.submission, assignment=self.assignment, rubric=self.rubric, policy=self.policy,
            sheet=self.sheet, review=self.review, findings=self.findings,
            can_undo=self._changeable and undoable is not None,
            can_redo=self._changeable and self.redoable is not None, saved_at=self.saved_at,
            undoable=undoable or "", redoable=self.redoable or "", delivery=_delivery(self.delivery),
            artifact_states=states_of(self.artifacts, partial), preflight=self.preflight,
            revision=self.line.revision, version_changed=self.version_changed, set_aside=self.set_aside,
            supersedes=self.supersedes, aside_for=self.aside_for, cautions=self.cautions, notes=self.notes,
            decision=self.decision, delivered=tuple(one.delivered for one in self.delivered), previous=self.previous,
            sent_back=self.sent_back, holds=self.holds, hold_lifted_at=self.hold_lifted_at,
            released=_released(self.released), badge=self._badge,
            changed_since=self.changed_since, sealings=self._sealings, offer=self.offer,
            replaced=self.replaced_artifacts, worked_before=self.worked_before,
        )  # fmt: skip

    @property
    def _badge(self) -> BadgeLine | None:
        """The badge for the decision as it was sealed; one for an earlier decision is not this one's."""
        seal = self.decision.seal if self.decision else None
        if self.badge is None or seal is None or seal.digest != self.badge.decision:
            return None
        return BadgeLine(self.badge.id, self.badge.issued_at, self.badge.revoked_at, self.badge.png)

    @property
    def _sealings(self) -> tuple[Sealing, ...]:
        """What was sealed, oldest first; a coach's notes are handed back instead."""
        if self.notes is not None:
            return ()
        lines = (*self.earlier, (self.line.revision, self.delivery))
        sealed = ((revision, _delivery(line)) for revision, line in lines)
        return tuple(Sealing(revision, delivery) for revision, delivery in sealed if delivery is not None)

    @property
    def preflight(self) -> tuple[ArtifactFinding, ...]:
        """What was found in the artifacts, and what the person made of it; nothing where others judge."""
        judged = self.sheet.judged if isinstance(self.sheet, Review) else ()
        return with_judgements(self.submission, self.found, judged)

    @property
    def _changeable(self) -> bool:
        return not (self.sheet.closed or self.set_aside)


def _superseded(
    view: Reading, revisions: Sequence[ReviewLine], earlier: Sequence[tuple[int, OutboxLine | None]]
) -> str:
    """As `_replaced`; what was sealed on another device may be at the source without its word having come yet."""
    if earlier and earlier[-1][1] is None:
        before = view.entries(revisions[-2].id)
        elsewhere = [one for one in standing_seals(before) if one.device != view.fact(OWN_NAME)]
        if elsewhere:
            return str(elsewhere[0].data["packet_digest"])
    return _replaced(earlier)


def _replaced(earlier: Sequence[tuple[int, OutboxLine | None]]) -> str:
    """The digest of the newest packet that its source has, or may yet take: what it turned away never was its own."""
    lines = (line for _, line in reversed(earlier))
    return next((line.digest for line in lines if line is not None and not line.turned_away), "")


def _delivered_to(view: Reading, submission: Submission, assignment: Assignment) -> tuple[Basis, ...]:
    """The reviews that a reviewer decides on; none for anybody else."""
    if assignment.purpose is not Purpose.DECIDE:
        return ()
    from assessor_desk.desk.deciding import bases_of

    return bases_of(view, submission, assignment)


def _earlier_notes(
    view: Reading, submission: Submission, assignment: Assignment
) -> tuple[CoachingNotes, Submission] | None:
    """A coach's notes on the draft before, with that draft; None for anybody else."""
    if assignment.purpose is not Purpose.COACH:
        return None
    from assessor_desk.desk.coaching import earlier_notes

    return earlier_notes(view, submission)


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


def notes_state(begun: bool, back: bool, delivery: OutboxLine | None) -> InboxState:
    """How far a coach's notes have come; after they went back they may be carried on."""
    if back:
        delivered = delivery is not None and delivery.delivered_at is not None
        return InboxState.DELIVERED if delivered else InboxState.SEALED_WAITING
    return InboxState.IN_REVIEW if begun else InboxState.NEW


def decision_state(sealed: bool, delivered_to_us: bool, delivery: OutboxLine | None) -> InboxState:
    """How far a decision has come: it waits for a review, for the reviewer, to be sent."""
    if sealed:
        delivered = delivery is not None and delivery.delivered_at is not None
        return InboxState.DELIVERED if delivered else InboxState.SEALED_WAITING
    return InboxState.TO_DECIDE if delivered_to_us else InboxState.AWAITED


def _told_badge(view: Reading, submission_id: str) -> ToldBadge | None:
    kept = view.published(BADGE, submission_id, "")
    return None if kept is None else badge_from_bytes(kept.canonical)


def _released(line: ReleaseLine | None) -> Released | None:
    return None if line is None else Released(line.at, line.how, line.folder)


def _delivery(line: OutboxLine | None) -> Delivery | None:
    if line is None:
        return None
    return Delivery(
        line.digest,
        line.waiting_since,
        line.delivered_at,
        bool(line.receipt),
        line.last_trouble,
        line.refused,
    )
