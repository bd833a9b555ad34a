"""Taking up again an assignment that a restored hub has lost: what answers it carries it, signed by the issuer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.endings import recused_from
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.people import Caller
from assessor_desk.verdict.facts import FactId, Standing, Verdict
from assessor_desk.verdict.layout import ASSIGNMENT, ASSIGNMENT_SIGNATURE


def take_up_again(hub: Hub, caller: Caller, verdict: Verdict, files: Mapping[str, bytes]) -> Any | None:
    """The row of the assignment that a packet carries, made anew; None where the hub would not have made it now.

    Only a hub that was restored to before it was made lacks one that its issuer signed. One that stands here, also
    withdrawn, is another matter, and so is a submission that is not here, or not for this person to see any more.
    """
    if verdict.fact(FactId.ASSIGNMENT).standing is not Standing.GOOD:
        return None
    row = _row(files)
    with hub.database.writing() as work:
        if row["person"] != caller.person or not _is_missing(work, row):
            return None
        work.execute(sa.insert(t.assignments).values(**row))
        note_change(work, "assignment", row["id"], caller.person)
        told = f"to {caller.person} ({row['purpose']}), taken up again from what answers it"
        append(work, hub.clock(), Line(Act.ASSIGNED, row["id"], row["submission_id"], detail=told))
        return work.execute(sa.select(t.assignments).where(t.assignments.c.id == row["id"])).one()


def _row(files: Mapping[str, bytes]) -> dict[str, Any]:
    """As `protocol.documents.assignment_json` states it; that it is such a document has been verified."""
    told = json.loads(files[ASSIGNMENT])
    return {
        "id": told["id"],
        "submission_id": told["submission"],
        "person": told["person"],
        "role": told["role"],
        "purpose": told["purpose"],
        "rubric_id": told["rubric"]["id"],
        "rubric_version": told["rubric"]["version"],
        "policy_id": told["policy"]["id"],
        "policy_version": told["policy"]["version"],
        "blindness": told["blindness"],
        "due_at": _instant(told["due_at"]),
        "assigned_at": _instant(told["assigned_at"]),
        "document": files[ASSIGNMENT],
        "signature": files[ASSIGNMENT_SIGNATURE],
    }


def _instant(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def _is_missing(work: sa.Connection, row: Mapping[str, Any]) -> bool:
    own, submissions = t.assignments.c, t.submissions.c
    here = sa.select(submissions.id).where(
        submissions.id == row["submission_id"], submissions.consent_withdrawn_at.is_(None)
    )
    known = sa.select(own.id).where(own.id == row["id"])
    found = [work.execute(query).first() is not None for query in (here, known)]
    recused = set(work.execute(recused_from(row["person"])).scalars())
    return found == [True, False] and row["submission_id"] not in recused
