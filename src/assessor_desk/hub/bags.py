"""What a sealed packet or decision must be to be taken: whole, signed by whom it should be, in its right place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.policy import MovePolicy
from assessor_desk.domain.review import FEEDBACK_FIELDS
from assessor_desk.domain.roles import Purpose
from assessor_desk.hub import tables as t
from assessor_desk.hub.blindness import Identifying, recognised_in
from assessor_desk.hub.deliveries import Accepted
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.holds import refuse_held
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.people import Caller
from assessor_desk.hub.publishing import published_policy, published_rubric
from assessor_desk.hub.reasoning import refuse_unfounded_decision, refuse_unfounded_review
from assessor_desk.hub.shapes import refuse_misshapen
from assessor_desk.hub.taking_up import take_up_again
from assessor_desk.rubric_files import policy_from_json, rubric_from_json
from assessor_desk.verdict.archive import Archive, parse_archive
from assessor_desk.verdict.documents import moved_from
from assessor_desk.verdict.facts import FactId, Standing, Verdict
from assessor_desk.verdict.layout import ASSIGNMENT, DECISION_BAG, FEEDBACK, POLICY, RUBRIC, Layout, layout_of
from assessor_desk.verdict.packet import verify_bytes
from assessor_desk.verdict.trust import TrustList, newest_crl

#: What must be good before a bag is taken; nothing at all may be bad.
_NEEDED = (FactId.SIGNATURE, FactId.SIGNER, FactId.CHAIN, FactId.REVOCATION)


@dataclass(frozen=True, slots=True)
class _Bag:
    """A bag that holds, what it states, and the caller's assignment that it answers."""

    digest: str
    layout: Layout
    stated: Mapping[str, Any]
    feedback: Mapping[str, Any]
    assignment: Any
    certificate_status: str

    @property
    def supersedes(self) -> str:
        """The digest of what it corrects."""
        return str((self.stated.get("supersedes") or {}).get("packet", ""))


def judge_bag(hub: Hub, caller: Caller, digest: str, data: bytes) -> Accepted:
    """What a packet or decision is. Raises Declined: 422 with the failing fact for one that does not hold, 403 for one
    that another person sealed, 404 where its assignment is none of the caller's, 409 where it was withdrawn, is on
    hold, or another bag is in its place.
    """
    # Made for the occasion: a list from before the signature could not say whether its certificate was revoked.
    trust = TrustList.parse(hub.authority.trust_list())
    verdict = verify_bytes(data, digest, trust, hub.clock())
    _refuse_bad(verdict, digest)
    archive = parse_archive(data)
    layout = layout_of(archive.top)
    if verdict.subject.person != caller.person:
        raise Declined(
            403, f"This {layout.kind} was sealed by {verdict.subject.person}, not by {caller.person}"
        )
    assignment = _assignment(hub, caller, verdict, archive.files, layout)
    refuse_misshapen(archive.files, layout)
    stated = _json(archive, layout.stated)
    _refuse_reworded(hub, assignment, archive.files, stated, layout)
    status = verdict.fact(FactId.REVOCATION).standing.value
    bag = _Bag(digest, layout, stated, _json(archive, FEEDBACK), assignment, status)
    keep = _keep_decision if layout is DECISION_BAG else _keep_packet
    rubric = rubric_from_json(archive.files[RUBRIC])
    if layout is DECISION_BAG:
        wanted = policy_from_json(archive.files[POLICY]).assessors_per_submission
        refuse_unfounded_decision(hub, bag.stated, rubric, wanted)
        _refuse_named(hub, bag)
    else:
        refuse_unfounded_review(bag.stated, bag.feedback, rubric)
    return Accepted(layout.kind, assignment.id, partial(keep, bag), bag.supersedes, status, newest_crl(trust))


def _json(archive: Archive, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(archive.files.get(name, b"{}"))
    return found


def _refuse_bad(verdict: Verdict, digest: str) -> None:
    """Raises Declined (422) with the fact that keeps the bag from being taken: the bad one that says most, if any."""
    if verdict.newer and not verdict.bad:
        words = verdict.fact(FactId.FORMAT).sentence
        raise Declined(422, f"{words}. Bring the hub up to date, then send it again")
    needed = (fact for fact in verdict.facts if fact.id in _NEEDED or fact.id is FactId.RECORD)
    missing = (fact for fact in needed if fact.standing is not Standing.GOOD)
    if (failing := next(iter((*verdict.bad, *missing)), None)) is not None:
        raise Declined(422, f"The packet does not hold. {failing.title}: {failing.sentence}")
    if verdict.digest != digest:
        raise Declined(422, f"The packet is {verdict.digest}, not {digest}")


def _refuse_reworded(
    hub: Hub, assignment: Any, files: Mapping[str, bytes], stated: Mapping[str, Any], layout: Layout
) -> None:
    """Raises Declined (422) where rubric or policy are not, word for word, what was published and assigned, or what a
    review was moved to, or a decision's reviews were made by.
    """
    version, moved = assignment.rubric_version, moved_from(stated)
    if moved and moved == version:
        version = str(stated["rubric"]["version"])
    with hub.database.reading() as view:
        published = {
            RUBRIC: published_rubric(view, assignment.rubric_id, version),
            POLICY: published_policy(view, assignment.policy_id, assignment.policy_version),
        }
    for name, content in published.items():
        if files.get(name) != content:
            raise Declined(422, f"The packet does not hold. {name} is not as it was published here")
    policy = policy_from_json(files[POLICY])
    if moved and layout is not DECISION_BAG and policy.republished_rubric is MovePolicy.NEVER:
        raise Declined(
            422,
            f"The policy keeps reviews on the version of the rubric that was assigned, {moved}. Move it back",
        )


def _assignment(
    hub: Hub, caller: Caller, verdict: Verdict, files: Mapping[str, bytes], layout: Layout
) -> Any:
    """The caller's assignment that the bag's document is, byte for byte."""
    own, document = t.assignments.c, files.get(ASSIGNMENT, b"")
    query = sa.select(t.assignments).where(own.person == caller.person, own.document == document)
    with hub.database.reading() as view:
        row = view.execute(query).first()
    row = row or take_up_again(hub, caller, verdict, files)
    if row is None:
        raise Declined(404, f"The {layout.kind}'s assignment is none of yours here, or was changed")
    if row.withdrawn_at is not None:
        raise Declined(
            409, f"The assignment was withdrawn on {row.withdrawn_at:%Y-%m-%d}. Write to the issuer"
        )
    if (row.purpose == Purpose.DECIDE.value) != (layout is DECISION_BAG):
        raise Declined(422, f"The assignment is to {row.purpose}: a {layout.kind} does not answer it")
    return row


def _keep_packet(bag: _Bag, work: sa.Connection, at: datetime) -> None:
    """Let everybody who decides on the submission hear of it. Raises Declined for a second that corrects none."""
    packets = t.packets.c
    others = (packets.assignment_id == bag.assignment.id, packets.digest != bag.digest)
    query = sa.select(packets.digest, packets.supersedes).where(*others, packets.kind == "packet")
    _refuse_unrelated(_standing(work.execute(query)), bag.supersedes)
    for person in _deciders(work, bag.assignment.submission_id):
        note_change(work, "packet", bag.digest, person)


def _keep_decision(bag: _Bag, work: sa.Connection, at: datetime) -> None:
    """Write the decision down; a pass-back goes to whoever sealed the packets, anything else ends the blindness."""
    stated, submission_id = bag.stated, bag.assignment.submission_id
    refuse_held(work, submission_id)
    bases = [one["packet"] for one in stated["bases"]]
    assignments = _answered(work, submission_id, bases)
    _refuse_second_decision(work, bag)
    row = {
        "digest": bag.digest,
        "submission_id": submission_id,
        "kind": stated["kind"],
        "outcome": stated["outcome"] or "",
        "bases": bases,
        "reason": stated["reason"],
    }
    work.execute(sa.insert(t.decisions).values(**row))
    if stated["kind"] == DecisionKind.PASSED_BACK.value:
        for assignment in assignments:
            note_change(work, "passed_back", bag.digest, assignment.person)
    else:
        note_change(work, "recipient", submission_id, bag.assignment.person)


def _answered(work: sa.Connection, submission_id: str, bases: Iterable[str]) -> list[Any]:
    """The assignments whose newest packets a decision rests on. Raises Declined (409) for any other packet."""
    found = []
    for digest in bases:
        query = (
            sa.select(t.assignments.c.id, t.assignments.c.person)
            .join(t.packets, t.packets.c.assignment_id == t.assignments.c.id)
            .where(t.packets.c.digest == digest, t.packets.c.kind == "packet")
            .where(t.assignments.c.submission_id == submission_id)
        )
        row = work.execute(query).first()
        if row is None:
            raise Declined(409, f"The decision rests on {digest}, which is no packet of this submission here")
        corrected = sa.select(t.packets.c.digest).where(t.packets.c.supersedes == digest)
        if work.execute(corrected).first() is not None:
            raise Declined(409, f"Packet {digest} was corrected since. Sync, and decide on the newer one")
        found.append(row)
    return found


def _refuse_second_decision(work: sa.Connection, bag: _Bag) -> None:
    """After a pass-back anything may follow; after a decision only one that says it replaces it."""
    query = (
        sa.select(t.packets.c.digest, t.packets.c.supersedes)
        .join(t.decisions, t.packets.c.digest == t.decisions.c.digest)
        .where(t.decisions.c.submission_id == bag.assignment.submission_id)
        .where(t.decisions.c.kind != DecisionKind.PASSED_BACK.value)
    )
    _refuse_unrelated(_standing(work.execute(query)), bag.supersedes, "submission")


def _refuse_named(hub: Hub, bag: _Bag) -> None:
    """F10 once more, by who knows the names. Raises Declined (422) with the words, unless a reason was given."""
    if any(one["check"] == "F10" for one in bag.stated["kept"]):
        return
    with hub.database.reading() as view:
        query = sa.select(t.submissions).where(t.submissions.c.id == bag.assignment.submission_id)
        row = view.execute(query).one()
    who = Identifying(row.educator_name, row.email, row.district)
    if words := recognised_in(" ".join(_texts(bag.feedback)), who):
        listed = ", ".join(f"“{word}”" for word in words[:5])
        raise Declined(
            422,
            f"F10: {listed} in the feedback may identify somebody. Pass the review back, or say why it may stand",
        )


def _texts(feedback: Mapping[str, Any]) -> Iterator[str]:
    """All that the educator will read of what people wrote."""
    yield str(feedback.get("overall", ""))
    for criterion in feedback.get("criteria", ()):
        yield from (str(criterion[field]) for field in FEEDBACK_FIELDS)
        yield from (str(one["place"]) for one in criterion["evidence"])


def _standing(rows: Iterable[Any]) -> str:
    """The digest of the one that none replaced, told by what each supersedes: two may have come in the same second."""
    known = {row.digest: row.supersedes for row in rows}
    return next((digest for digest in known if digest not in known.values()), "")


def _refuse_unrelated(standing: str, supersedes: str, what: str = "assignment") -> None:
    """A further bag for the same thing must say that it corrects the one that stands."""
    if standing and supersedes != standing:
        raise Declined(409, f"{standing} is here for this {what}: a correction must supersede it")
    if supersedes and not standing:
        raise Declined(409, f"It corrects {supersedes}, which is not here yet. Deliver that one first")


def _deciders(work: sa.Connection, submission_id: str) -> list[str]:
    own = t.assignments.c
    query = sa.select(own.person).where(
        own.submission_id == submission_id, own.purpose == Purpose.DECIDE.value, own.withdrawn_at.is_(None)
    )
    return list(work.execute(query).scalars())
