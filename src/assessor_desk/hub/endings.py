"""What was ended and must stay so, whatever a hub is restored to: enrolments, consent, who may see what, badges.

With them the holds that keep evidence: without those, what consent was withdrawn for would be destroyed under one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk.hub import tables as t


@dataclass(frozen=True, slots=True)
class Endings:
    """Rows with an end: people, computers and badges that were revoked, submissions without consent, recusals; and the
    holds that stand, as they are.
    """

    people: tuple[dict[str, Any], ...]
    devices: tuple[dict[str, Any], ...]
    submissions: tuple[dict[str, Any], ...]
    assignments: tuple[dict[str, Any], ...]
    badges: tuple[dict[str, Any], ...] = ()
    holds: tuple[dict[str, Any], ...] = ()


def endings_of(work: sa.Connection, authority: Path | None = None) -> Endings:
    """What has ended by this database; with the authority's folder also the computers whose certificate was revoked."""
    people, devices = t.people.c, t.devices.c
    submissions, assignments, badges = t.submissions.c, t.assignments.c, t.badges.c
    ended = Endings(
        _rows(work, sa.select(people.number, people.revoked_at).where(people.revoked_at.is_not(None))),
        _rows(
            work,
            sa.select(devices.id, devices.revoked_at, devices.revoked_for).where(
                devices.revoked_at.is_not(None)
            ),
        ),
        _rows(
            work,
            sa.select(submissions.id, submissions.consent_withdrawn_at).where(
                submissions.consent_withdrawn_at.is_not(None)
            ),
        ),
        _rows(
            work,
            sa.select(
                assignments.submission_id,
                assignments.person,
                assignments.withdrawn_at,
                assignments.withdrawn_for,
            ).where(assignments.withdrawn_for != ""),
        ),
        _rows(
            work,
            sa.select(badges.id, badges.revoked_at, badges.reason).where(badges.revoked_at.is_not(None)),
        ),
        _rows(work, sa.select(t.retention_holds).where(t.retention_holds.c.released_at.is_(None))),
    )
    return ended if authority is None else _with_revoked(work, ended, authority)


def carry_over(work: sa.Connection, ended: Endings) -> None:
    """Let these stand ended, as far as they are in this database; holds that it lacks stand in it again."""
    for row in ended.holds:
        if (
            work.execute(sa.select(t.retention_holds).where(t.retention_holds.c.id == row["id"])).first()
            is None
        ):
            work.execute(sa.insert(t.retention_holds).values(**row))
    for table, key, rows in (
        (t.people, "number", ended.people),
        (t.devices, "id", ended.devices),
        (t.submissions, "id", ended.submissions),
        (t.badges, "id", ended.badges),
    ):
        for row in rows:
            values = {name: value for name, value in row.items() if name != key}
            work.execute(sa.update(table).where(table.c[key] == row[key]).values(**values))
    own = t.assignments.c
    for row in ended.assignments:
        which = (own.submission_id == row["submission_id"], own.person == row["person"])
        values = {name: row[name] for name in ("withdrawn_at", "withdrawn_for")}
        work.execute(sa.update(t.assignments).where(*which).values(**values))
    revoked = [row["number"] for row in ended.people]
    work.execute(sa.delete(t.codes).where(t.codes.c.person.in_(revoked)))
    gone = [row["id"] for row in ended.submissions]
    work.execute(
        sa.update(t.assignments)
        .where(own.submission_id.in_(gone), own.withdrawn_at.is_(None))
        .values(
            withdrawn_at=sa.select(t.submissions.c.consent_withdrawn_at)
            .where(t.submissions.c.id == own.submission_id)
            .scalar_subquery(),
            withdrawn_for="consent_withdrawn",
        )
    )


def _with_revoked(work: sa.Connection, ended: Endings, authority: Path) -> Endings:
    """The database may be older than the authority's list: a computer whose own certificate is on it was revoked."""
    try:
        lines = {line["serial"]: line for line in json.loads((authority / "revoked.json").read_bytes())}
    except FileNotFoundError:
        return ended
    own = t.devices.c
    query = sa.select(own.id, own.serial).where(own.serial.in_([*lines]), own.revoked_at.is_(None))
    more = tuple(
        {"id": row.id, "revoked_at": _at(lines[row.serial]), "revoked_for": lines[row.serial]["reason"]}
        for row in work.execute(query)
    )
    return replace(ended, devices=(*ended.devices, *more))


def _at(line: dict[str, str]) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(line["at"])


def _rows(work: sa.Connection, query: sa.Select[Any]) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row) for row in work.execute(query).mappings())
