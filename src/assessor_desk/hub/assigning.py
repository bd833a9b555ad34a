"""Asking people to assess, and withdrawing that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

import sqlalchemy as sa

from assessor_desk.domain.changes import WithdrawalReason
from assessor_desk.domain.due import due_at
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import Blindness, Policy
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Assignment
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.destroying import end_without_consent
from assessor_desk.hub.endings import recused_from
from assessor_desk.hub.endings_kept import keep_soon
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.parts import in_parts
from assessor_desk.hub.publishing import (
    newest_policy,
    newest_rubric,
    policy_for,
    published_policy,
    published_rubric,
)
from assessor_desk.hub.resubmissions import tell_later_attempts
from assessor_desk.hub.retention_holds import place_for_appeal
from assessor_desk.keys.cms import sign_detached
from assessor_desk.protocol.documents import assignment_bytes
from assessor_desk.rubric_files import policy_from_json
from assessor_desk.rubric_files.calendars import working_days

#: The role that each purpose asks for.
ROLE_OF: dict[Purpose, Role] = {
    Purpose.CHECK: Role.ASSESSOR,
    Purpose.ASSESS: Role.ASSESSOR,
    Purpose.BACK_READ: Role.REVIEWER,
    Purpose.APPEAL: Role.REVIEWER,
    Purpose.COACH: Role.COACH,
    Purpose.DECIDE: Role.REVIEWER,
}


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assignment as `hub assign` tells of it; `new` is False where the person has it already.

    `reopened`: it was withdrawn before, and stands again with the work that was done on it. `due_moved`: what they have
    already is due on another day from now on.
    """

    key: str
    person: str
    purpose: Purpose
    due_at: datetime | None
    new: bool
    reopened: bool = False
    due_moved: bool = False


def assign(
    hub: Hub,
    key: str,
    person: str,
    purpose: Purpose | None = None,
    policy_id: str = "",
    due: datetime | None = None,
) -> Assigned:
    """Ask `person` to work on the submission `key`: by default to coach a draft, and for anything else to assess it,
    or to decide on it where they are a reviewer and no assessor.

    Assigning the same again changes nothing but, where it is given, the day it is `due`. What was merely withdrawn from
    this person before stands again, with the rubric and policy that it had: their work on it comes back to them.
    Raises Refused for an unknown submission or person, a role they lack, a policy that is not published or is another
    than they have the submission under, and for an assessor who coached this educator, or the other way round (DOMAIN:
    roles).
    """
    while (done := _assign(hub, key, person, purpose, policy_id, due)) is None:
        pass  # it changed between looking and writing: as it stands now
    return done


def _assign(
    hub: Hub,
    key: str,
    person: str,
    purpose: Purpose | None,
    policy_id: str,
    due: datetime | None,
    *,
    unasked: bool = False,
) -> Assigned | None:
    """As `assign`; None, with nothing written, where somebody else assigned or withdrew it between looking and writing,
    or where it goes to whoever has room, `unasked`, and somebody has it by now.
    """
    with hub.database.reading() as view:
        submission = _submission(view, key)
        wanted = purpose or _usual_purpose(bool(submission["draft"]), _roles(view, person))
        if unasked and not _is_free(view, submission, person, wanted):
            return None
        _refuse_unfit(view, submission, person, wanted)
        named = newest_policy(view, policy_id) if policy_id else None
        known = _standing(view, submission["id"], person, wanted)
        if known is not None:
            _refuse_another_policy(known, key, named)
        before = known or _withdrawn_before(view, submission["id"], person, wanted, named)
    if before is not None:
        return _again(hub, before, key, due, unasked)
    with hub.database.reading() as view:
        policy = named or policy_for(view, bool(submission["draft"]))
        rubric = newest_rubric(view, submission["rubric_id"])
    now = hub.clock().replace(microsecond=0)
    assignment = Assignment(
        id=str(uuid4()),
        submission_id=submission["id"],
        person=person,
        role=ROLE_OF[wanted],
        purpose=wanted,
        rubric_id=rubric.id,
        rubric_version=rubric.version,
        policy_id=policy.id,
        policy_version=policy.version,
        due_at=due or due_at(policy.due, now, working_days(policy.due.calendar)),
        blindness=policy.blindness,
        assigned_at=now,
    )
    if not _write(hub, assignment, key, unasked):
        return None
    return Assigned(key, person, wanted, assignment.due_at, new=True)


def _again(hub: Hub, row: Any, key: str, due: datetime | None, unasked: bool) -> Assigned | None:
    """An assignment that stands, or stands again, with another due date where one is given; None as in `_assign`.

    The document that the issuer signed stays as it is: it names the day that was set first.
    """
    reopened = row.withdrawn_at is not None
    at = due or (_due_again(hub, row) if reopened else row.due_at)
    moved = at != row.due_at
    if reopened or moved:
        with hub.database.writing() as work:
            if not _stands_as(
                work, None if reopened else row.id, key, row.person, Purpose(row.purpose), unasked
            ):
                return None
            own = sa.update(t.assignments).where(t.assignments.c.id == row.id)
            work.execute(own.values(withdrawn_at=None, withdrawn_for="", due_at=at))
            note_change(work, "assignment", row.id, row.person)
            when = f", due {at:%Y-%m-%d}" if moved and at else ""
            told = f"to {row.person} ({row.purpose}){' again' if reopened else ''}{when}"
            append(work, hub.clock(), Line(Act.ASSIGNED, row.id, row.submission_id, detail=told))
    return Assigned(key, row.person, Purpose(row.purpose), at, reopened, reopened, moved)


def _stands_as(
    work: sa.Connection, known: str | None, key: str, person: str, purpose: Purpose, unasked: bool
) -> bool:
    """Whether what this person has of the submission for this purpose still is the assignment `known`, or nothing.

    Asked by whoever writes: while one was signed, others may have assigned it. Raises Refused as `assign`, since
    consent may have been withdrawn, or the person recused, as well.
    """
    submission = _submission(work, key)
    if unasked and not _is_free(work, submission, person, purpose):
        return False
    _refuse_unfit(work, submission, person, purpose)
    standing = _standing(work, submission["id"], person, purpose)
    return known == (None if standing is None else standing.id)


def _due_again(hub: Hub, row: Any) -> datetime | None:
    """The day that was set, unless it passed while nobody had the work: then as if it were assigned now."""
    now = hub.clock().replace(microsecond=0)
    if row.due_at is None or row.due_at > now:
        return cast("datetime | None", row.due_at)
    with hub.database.reading() as view:
        content = published_policy(view, row.policy_id, row.policy_version)
    assert content is not None
    rule = policy_from_json(content).due
    return due_at(rule, now, working_days(rule.calendar))


def _withdrawn_before(
    view: sa.Connection, submission: str, person: str, purpose: Purpose, named: Policy | None
) -> Any:
    """The newest assignment of this kind that was withdrawn without a reason that keeps it away; by this policy where
    one is named.
    """
    own = t.assignments.c
    query = sa.select(t.assignments).where(
        own.submission_id == submission,
        own.person == person,
        own.purpose == purpose.value,
        own.withdrawn_at.is_not(None),
        own.withdrawn_for == "",
    )
    if named is not None:
        query = query.where(own.policy_id == named.id)
    return view.execute(query.order_by(own.assigned_at.desc(), own.id)).first()


def _refuse_another_policy(known: Any, key: str, named: Policy | None) -> None:
    if named is not None and named.id != known.policy_id:
        raise Refused(
            f"{key} is assigned to {known.person} under the policy “{known.policy_id}”. "
            f"Withdraw it first to assign it under “{named.id}”"
        )


def assign_all(hub: Hub, person: str, policy_id: str = "", due: datetime | None = None) -> list[Assigned]:
    """Assign to `person` everything that nobody has yet and that suits their roles, in order of key.

    A reviewer is given what nobody decides on yet, and never what they assess themselves. What somebody else is given
    meanwhile is passed over.
    """
    with hub.database.reading() as view:
        roles = _roles(view, person)
        wanted: dict[str, Purpose] = {}
        for role, purpose, draft in _BY_ROLE:
            if role in roles:
                wanted = {**dict.fromkeys(_unassigned(view, person, purpose, draft), purpose), **wanted}
    each = (
        _assign(hub, key, person, purpose, policy_id, due, unasked=True)
        for key, purpose in sorted(wanted.items())
    )
    return [one for one in each if one is not None]


#: What is given to a role unasked, and whether that is drafts.
_BY_ROLE = (
    (Role.COACH, Purpose.COACH, True),
    (Role.ASSESSOR, Purpose.ASSESS, False),
    (Role.REVIEWER, Purpose.DECIDE, False),
)


def _usual_purpose(draft: bool, roles: set[Role]) -> Purpose:
    if draft:
        return Purpose.COACH
    return Purpose.DECIDE if roles == {Role.REVIEWER} else Purpose.ASSESS


def _is_free(view: sa.Connection, submission: dict[str, Any], person: str, purpose: Purpose) -> bool:
    return bool(_unassigned(view, person, purpose, bool(submission["draft"]), submission["id"]))


def _unassigned(view: sa.Connection, person: str, purpose: Purpose, draft: bool, one: str = "") -> list[str]:
    """Keys of what nobody has for this purpose yet, that `person` has nothing of and may be given; of the submission
    `one` alone, if that is named.
    """
    own, submissions = t.assignments.c, t.submissions.c
    held = sa.select(own.submission_id).where(own.withdrawn_at.is_(None))
    if purpose is Purpose.DECIDE:
        held = held.where(sa.or_(own.purpose == purpose.value, own.person == person))
    if one:
        held = held.where(own.submission_id == one)
    query = sa.select(submissions.key).where(
        submissions.draft == draft,
        submissions.id.not_in(held),
        submissions.id.not_in(recused_from(person)),
        submissions.consent_withdrawn_at.is_(None),
    )
    if one:
        query = query.where(submissions.id == one)
    return list(view.execute(query.order_by(submissions.key)).scalars())


def withdraw(hub: Hub, key: str, person: str, *, recused: bool = False) -> int:
    """Withdraw all that `person` has of the submission `key`; their desk sets it aside. Returns how many.

    Where they are `recused` their desk also removes the evidence at once, and the submission is not assigned to them
    again; that may be said of what was withdrawn before. Raises Refused where they have nothing of it.
    """
    own = t.assignments.c
    reason = WithdrawalReason.RECUSAL if recused else WithdrawalReason.UNASSIGNED
    with hub.database.writing() as work:
        theirs = (own.submission_id == refuse_unknown(work, key), own.person == person)
        count = _withdraw(work, hub.clock(), reason, *theirs)
    if not count:
        raise Refused(f"{key} is not assigned to {person}")
    if recused:
        keep_soon(hub)
    return count


def withdraw_consent(hub: Hub, key: str) -> int:
    """The educator has withdrawn their consent: nobody is to look at the submission `key` any more.

    Every desk that has or had it removes the evidence, and so does the hub, unless a hold keeps it; it is assigned to
    nobody again. Returns how many assignments that concerns; saying it again concerns none.
    """
    with hub.database.writing() as work:
        own_id, now = refuse_unknown(work, key), hub.clock()
        submissions = t.submissions.c
        first = sa.update(t.submissions).where(
            submissions.id == own_id, submissions.consent_withdrawn_at.is_(None)
        )
        work.execute(first.values(consent_withdrawn_at=now))
        tell_later_attempts(work, own_id)
        append(work, now, Line(Act.CONSENT_WITHDRAWN, submission=own_id))
        of_it = t.assignments.c.submission_id == own_id
        count = _withdraw(work, now, WithdrawalReason.CONSENT_WITHDRAWN, of_it)
    keep_soon(hub)
    end_without_consent(hub, own_id)
    return count


def _withdraw(
    work: sa.Connection, now: datetime, reason: WithdrawalReason, *which: sa.ColumnElement[bool]
) -> int:
    """Withdraw assignments, and tell their people. A reason that removes evidence reaches what was merely unassigned
    before too: the evidence may still lie on a desk.
    """
    own = t.assignments.c
    concerned: sa.ColumnElement[bool] = own.withdrawn_at.is_(None)
    if reason.removes_evidence:
        concerned = sa.or_(concerned, own.withdrawn_for == "")
    rows = work.execute(sa.select(own.id, own.person, own.submission_id).where(*which, concerned)).all()
    for some in in_parts([row.id for row in rows]):
        change = sa.update(t.assignments).where(own.id.in_(some))
        work.execute(change.where(own.withdrawn_at.is_(None)).values(withdrawn_at=now))
        work.execute(change.values(withdrawn_for=reason.value if reason.removes_evidence else ""))
    for row in rows:
        note_change(work, "assignment", row.id, row.person)
    why = f" ({reason.value})" if reason.removes_evidence else ""
    lines = (Line(Act.WITHDREW, row.id, row.submission_id, detail=f"from {row.person}{why}") for row in rows)
    append(work, now, *lines)
    return len(rows)


def assignment_of(row: Any) -> Assignment:
    """The assignment in a row of the table."""
    return Assignment(
        id=row.id,
        submission_id=row.submission_id,
        person=row.person,
        role=Role(row.role),
        purpose=Purpose(row.purpose),
        rubric_id=row.rubric_id,
        rubric_version=row.rubric_version,
        policy_id=row.policy_id,
        policy_version=row.policy_version,
        due_at=row.due_at,
        blindness=Blindness(**row.blindness),
        assigned_at=row.assigned_at,
    )


def _write(hub: Hub, assignment: Assignment, key: str, unasked: bool) -> bool:
    """Sign and write it; False, with nothing written, where somebody else was faster."""
    with hub.database.reading() as view:
        rubric = published_rubric(view, assignment.rubric_id, assignment.rubric_version)
        policy = published_policy(view, assignment.policy_id, assignment.policy_version)
    assert rubric is not None
    assert policy is not None
    document = assignment_bytes(assignment, (rubric, policy))
    issuer = hub.authority.issuer_signer()
    signature = sign_detached(document, issuer.key, issuer.certificate, hub.clock())
    row = {**asdict(assignment), "role": assignment.role.value, "purpose": assignment.purpose.value}
    with hub.database.writing() as work:
        if not _stands_as(work, None, key, assignment.person, assignment.purpose, unasked):
            return False
        work.execute(sa.insert(t.assignments).values(**row, document=document, signature=signature))
        note_change(work, "assignment", assignment.id, assignment.person)
        told = f"to {assignment.person} ({assignment.purpose.value})"
        append(work, hub.clock(), Line(Act.ASSIGNED, assignment.id, assignment.submission_id, detail=told))
        if assignment.purpose is Purpose.APPEAL:
            place_for_appeal(hub, work, assignment.submission_id)
    if assignment.purpose is Purpose.APPEAL:
        keep_soon(hub)
    return True


def _submission(view: sa.Connection, key: str) -> dict[str, Any]:
    own_id = refuse_unknown(view, key)
    return dict(view.execute(sa.select(t.submissions).where(t.submissions.c.id == own_id)).mappings().one())


def _roles(view: sa.Connection, person: str) -> set[Role]:
    row = view.execute(sa.select(t.people).where(t.people.c.number == person)).first()
    if row is None or row.revoked_at is not None:
        raise Refused(f"There is no person {person} who could be assigned anything. See “hub people”")
    return set(map(Role, row.roles))


def _refuse_unfit(view: sa.Connection, submission: dict[str, Any], person: str, purpose: Purpose) -> None:
    role = ROLE_OF[purpose]
    if role not in _roles(view, person):
        raise Refused(f"{person} is not enrolled as {role}, which “{purpose}” asks for")
    if submission["draft"] and purpose is not Purpose.COACH:
        raise Refused(f"{submission['key']} is a draft: a coach may annotate it, and nobody assesses it")
    if submission["consent_withdrawn_at"] is not None:
        raise Refused(
            f"The educator withdrew their consent to {submission['key']}: it is assigned to nobody any more"
        )
    if _is_recused(view, submission["id"], person):
        raise Refused(f"{person} is recused from {submission['key']}. Assign it to somebody else")
    others = _purposes_for_educator(view, submission["educator_key"], person)
    if purpose is not Purpose.COACH and Purpose.COACH in others:
        raise Refused(f"{person} coached the educator of {submission['key']} and must not judge their work")
    if _is_both(purpose, _purposes_for(view, submission["id"], person)):
        raise Refused(f"{person} cannot both assess {submission['key']} and decide on it")
    if purpose is Purpose.COACH and others - {Purpose.COACH}:
        raise Refused(f"{person} judges work of the educator of {submission['key']} and must not coach them")


def _purposes_for_educator(view: sa.Connection, educator_key: str, person: str) -> set[Purpose]:
    query = (
        sa.select(t.assignments.c.purpose)
        .join(t.submissions, t.submissions.c.id == t.assignments.c.submission_id)
        .where(t.submissions.c.educator_key == educator_key, t.assignments.c.person == person)
    )
    return {Purpose(purpose) for purpose in view.execute(query).scalars()}


def _purposes_for(view: sa.Connection, submission_id: str, person: str) -> set[Purpose]:
    own = t.assignments.c
    query = sa.select(own.purpose).where(
        own.submission_id == submission_id, own.person == person, own.withdrawn_at.is_(None)
    )
    return {Purpose(purpose) for purpose in view.execute(query).scalars()}


def _is_both(purpose: Purpose, others: set[Purpose]) -> bool:
    """Whether somebody would judge a submission and then the judgement (DOMAIN: roles)."""
    both = others | {purpose}
    return Purpose.DECIDE in both and bool(both & {Purpose.ASSESS, Purpose.CHECK})


def _is_recused(view: sa.Connection, submission_id: str, person: str) -> bool:
    return submission_id in set(view.execute(recused_from(person)).scalars())


def _standing(view: sa.Connection, submission: str, person: str, purpose: Purpose) -> Any:
    own = t.assignments.c
    query = sa.select(t.assignments).where(
        own.submission_id == submission,
        own.person == person,
        own.purpose == purpose.value,
        own.withdrawn_at.is_(None),
    )
    return view.execute(query).first()
