"""Stacks: how far an educator's badges go towards a larger micro-credential, and its own badge once they are enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.badge import Earned, Identity, Stack, StackStanding, standing_of
from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.badges import Grounds, begin, keep, pictured
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import STACK, newest_stack, policies_for_decisions, stack_ids
from assessor_desk.packets.badge import PartEarned, badge_for_stack


@dataclass(frozen=True, slots=True)
class Checked:
    """One educator's standing. `badge` is the id of the stack's own badge, empty where none stands."""

    educator: str
    standing: StackStanding
    badge: str = ""


def check_stack(hub: Hub, stack_id: str, educator: str = "") -> tuple[Stack, list[Checked]]:
    """How far each educator is who holds a badge that counts towards a stack, or one of them, by number.

    Raises Refused for a stack that was never published, and for an educator without a badge here.
    """
    with hub.database.reading() as view:
        stack = newest_stack(view, stack_id)
        rows = view.execute(sa.select(t.badges).order_by(t.badges.c.issued_at)).all()
    wanted = {one for part in stack.parts for one in part.accepted}
    people = sorted(
        {row.educator_key for row in rows if row.kind == "decision" and row.achievement in wanted}
    )
    if educator and educator not in people:
        raise Refused(f"{educator} holds no badge that counts towards “{stack.title}”")
    return stack, [_checked(hub, stack, one, rows) for one in people if not educator or one == educator]


def issue_stack(hub: Hub, stack_id: str, educator: str) -> str:
    """Issue a stack's own badge; its id. One that stands already is not issued twice.

    Raises Refused, saying what is open, while the stack is not earned.
    """
    stack, (checked,) = check_stack(hub, stack_id, educator)
    if checked.badge:
        return checked.badge
    if not checked.standing.complete:
        raise Refused(f"{educator}: {checked.standing.sentence}")
    parts = _parts(hub, checked.standing)
    row = _newest_submission(hub, educator)
    subject = f"{stack.id}/{stack.version}"
    award = Grounds(
        STACK, subject, stack.id, stack.title, _identity(hub), stack.valid_years, row, submission_id=None
    )
    picture = pictured(hub, stack)
    issuing = begin(hub, award, picture)
    return keep(hub, award, issuing, picture, badge_for_stack(issuing, stack, parts))


def earned_stacks(hub: Hub) -> list[tuple[str, str]]:
    """Every stack that is earned and has no badge yet, with the educator's number."""
    with hub.database.reading() as view:
        stacks = sorted(stack_ids(view))
    return [
        (stack, one.educator)
        for stack in stacks
        for one in check_stack(hub, stack)[1]
        if one.standing.complete and not one.badge
    ]


def _checked(hub: Hub, stack: Stack, educator: str, rows: Any) -> Checked:
    own = [row for row in rows if row.educator_key == educator]
    earned = [
        Earned(row.id, row.achievement, row.issued_at, row.valid_until, row.revoked_at is not None)
        for row in own
        if row.kind == "decision"
    ]
    subject = f"{stack.id}/{stack.version}"
    badge = next((row.id for row in own if row.subject == subject and row.revoked_at is None), "")
    return Checked(educator, standing_of(stack, earned, hub.clock()), badge)


def _parts(hub: Hub, standing: StackStanding) -> list[PartEarned]:
    """The badges that made the stack, each by the title it was issued under."""
    with hub.database.reading() as view:
        rows = view.execute(sa.select(t.badges.c.id, t.badges.c.title)).all()
    titles = {row.id: row.title for row in rows}
    return [PartEarned(part, titles[one.badge], one.badge) for part, one in standing.fulfilled.items()]


def _newest_submission(hub: Hub, educator: str) -> Any:
    """Name and address as they were given last."""
    own = t.submissions.c
    query = sa.select(t.submissions).where(own.educator_key == educator).order_by(own.imported_at.desc())
    with hub.database.reading() as view:
        return view.execute(query).first()


def _identity(hub: Hub) -> Identity:
    """The most reticent that any published policy asks for: a stack rests on several decisions."""
    with hub.database.reading() as view:
        asked = {policy.badge.identity for policy in policies_for_decisions(view)}
    return next((one for one in Identity if one in asked), Identity.HASHED)
