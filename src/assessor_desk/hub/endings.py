"""What was ended and must stay so, whatever a hub is restored to: enrolments, consent, who may see what, badges.

With them the holds that keep evidence: without those, what consent was withdrawn for would be destroyed under one.

What a restored hub has no row of is newer than its back-up. Its ending is written down by itself (`tables.endings`),
for whoever brings the thing again and for the next restore (docs/decisions/0284).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.changes import WithdrawalReason
from assessor_desk.hub import tables as t
from assessor_desk.hub.parts import in_parts


@dataclass(frozen=True, slots=True)
class Endings:
    """Rows with an end: people, computers and badges that were revoked, submissions without consent, recusals, holds
    that were released; and the holds that stand, as they are.
    """

    people: tuple[dict[str, Any], ...]
    devices: tuple[dict[str, Any], ...]
    submissions: tuple[dict[str, Any], ...]
    assignments: tuple[dict[str, Any], ...]
    badges: tuple[dict[str, Any], ...] = ()
    holds: tuple[dict[str, Any], ...] = ()
    released: tuple[dict[str, Any], ...] = ()


def endings_of(work: sa.Connection, authority: Path | None = None) -> Endings:
    """What has ended by this database; with the authority's folder also the computers whose certificate was revoked."""
    people, devices = t.people.c, t.devices.c
    submissions, assignments, badges = t.submissions.c, t.assignments.c, t.badges.c
    holds = t.retention_holds.c
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
            sa.select(badges.id, badges.revoked_at, badges.reason, badges.list, badges.place).where(
                badges.revoked_at.is_not(None)
            ),
        ),
        _rows(work, sa.select(t.retention_holds).where(holds.released_at.is_(None))),
        _rows(
            work,
            sa.select(holds.id, holds.released_at, holds.released_by).where(holds.released_at.is_not(None)),
        ),
    )
    ended = _with_those_not_here(work, ended)
    return ended if authority is None else _with_revoked(work, ended, authority)


def carry_over(work: sa.Connection, ended: Endings) -> None:
    """Let these stand ended in this database, also what it has no row of; holds that it lacks stand in it again."""
    for row in ended.holds:
        if (
            work.execute(sa.select(t.retention_holds).where(t.retention_holds.c.id == row["id"])).first()
            is None
        ):
            work.execute(sa.insert(t.retention_holds).values(**row))
    for kind, (table, key) in {**_ROWS, "released": (t.retention_holds, "id")}.items():
        for row in getattr(ended, kind):
            values = {name: value for name, value in row.items() if name != key}
            change = sa.update(table).where(table.c[key] == row[key])
            if table is t.people:  # not somebody who was given the number since
                change = change.where(t.people.c.joined_at <= row["revoked_at"])
            work.execute(change.values(**values))
    own = t.assignments.c
    for row in ended.assignments:
        which = (own.submission_id == row["submission_id"], own.person == row["person"])
        values = {name: row[name] for name in ("withdrawn_at", "withdrawn_for")}
        work.execute(sa.update(t.assignments).where(*which).values(**values))
    revoked = sa.select(t.people.c.number).where(t.people.c.revoked_at.is_not(None))
    work.execute(sa.delete(t.codes).where(t.codes.c.person.in_(revoked)))
    withdrawn_at = sa.select(t.submissions.c.consent_withdrawn_at).where(
        t.submissions.c.id == own.submission_id
    )
    values = {"withdrawn_at": withdrawn_at.scalar_subquery(), "withdrawn_for": "consent_withdrawn"}
    for some in in_parts([row["id"] for row in ended.submissions]):
        which = (own.submission_id.in_(some), own.withdrawn_at.is_(None))
        work.execute(sa.update(t.assignments).where(*which).values(**values))
    _write_those_not_here(work, ended)


def consent_ended(view: sa.Connection, submission_id: str) -> datetime | None:
    """When consent was withdrawn for a submission that was here before a restore and has no row now; else None."""
    own = t.endings.c
    query = sa.select(own.told).where(own.kind == "submissions", own.subject == submission_id)
    told = view.execute(query).scalar()
    return None if told is None else with_times(told)["consent_withdrawn_at"]


def recused_from(person: str) -> sa.CompoundSelect[Any]:
    """Ids of the submissions that nobody may give to this person (again), since they are recused from them."""
    had, own = t.assignments.c, t.endings.c
    return sa.union_all(
        sa.select(had.submission_id).where(had.person == person, had.withdrawn_for == _RECUSED),
        sa.select(own.subject).where(own.kind == "assignments", own.person == person),
    )


def numbers_ended(view: sa.Connection) -> set[str]:
    """Numbers of people who were revoked or recused before a restore and may have no row now: nobody is given them."""
    own = t.endings.c
    people = sa.select(own.subject).where(own.kind == "people")
    recused = sa.select(own.person).where(own.person != "")
    return set(view.execute(sa.union(people, recused)).scalars())


def places_revoked(view: sa.Connection, number: int) -> set[int]:
    """Places in that status list of badges which were revoked before a restore and have no row now."""
    told = view.execute(sa.select(t.endings.c.told).where(t.endings.c.kind == "badges")).scalars()
    return {row["place"] for row in told if row.get("list") == number}  # earlier files do not tell the list


def as_text(value: datetime) -> str:
    """A time in rows as they are told; for `json.dumps`."""
    return value.isoformat()


def with_times(row: dict[str, Any]) -> dict[str, Any]:
    """A row that was told, with its times as times."""
    return {
        name: datetime.fromisoformat(value) if value and name.endswith(("_at", "until")) else value
        for name, value in row.items()
    }


# -- what this database has no row of ----------------------------------------------------------------------------


_RECUSED = WithdrawalReason.RECUSAL.value
#: The table of each kind whose rows have a key of their own, and that key's name.
_ROWS = {
    "people": (t.people, "number"),
    "devices": (t.devices, "id"),
    "submissions": (t.submissions, "id"),
    "badges": (t.badges, "id"),
}


def _with_those_not_here(view: sa.Connection, ended: Endings) -> Endings:
    told = view.execute(sa.select(t.endings.c.kind, t.endings.c.told)).all()
    more = {
        one.name: tuple(with_times(row) for kind, row in told if kind == one.name) for one in fields(Endings)
    }
    return replace(ended, **{kind: (*getattr(ended, kind), *rows) for kind, rows in more.items() if rows})


def _write_those_not_here(work: sa.Connection, ended: Endings) -> None:
    own = t.endings.c
    written = {tuple(line) for line in work.execute(sa.select(own.kind, own.subject, own.person))}
    for kind, subject, person, row in _not_here(work, ended):
        if (kind, subject, person) not in written:
            written.add((kind, subject, person))
            told = {
                name: as_text(value) if isinstance(value, datetime) else value for name, value in row.items()
            }
            work.execute(sa.insert(t.endings).values(kind=kind, subject=subject, person=person, told=told))


def _not_here(view: sa.Connection, ended: Endings) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for kind, (table, key) in _ROWS.items():
        here = set(view.execute(sa.select(table.c[key])).scalars())
        yield from ((kind, row[key], "", row) for row in getattr(ended, kind) if row[key] not in here)
    # Of assignments a recusal alone says more than its submission: somebody is not to have it again.
    own = t.assignments.c
    recused = sa.select(own.submission_id, own.person).where(own.withdrawn_for == _RECUSED)
    standing = {tuple(pair) for pair in view.execute(recused)}
    for row in ended.assignments:
        pair = (row["submission_id"], row["person"])
        if row["withdrawn_for"] == _RECUSED and pair not in standing:
            yield ("assignments", *pair, row)


def _with_revoked(work: sa.Connection, ended: Endings, authority: Path) -> Endings:
    """The database may be older than the authority's list: a computer whose own certificate is on it was revoked."""
    try:
        lines = {line["serial"]: line for line in json.loads((authority / "revoked.json").read_bytes())}
    except FileNotFoundError:
        return ended
    own = t.devices.c
    query = sa.select(own.id, own.serial).where(own.revoked_at.is_(None))
    more = tuple(
        {"id": row.id, "revoked_at": _at(lines[row.serial]), "revoked_for": lines[row.serial]["reason"]}
        for some in in_parts([*lines])
        for row in work.execute(query.where(own.serial.in_(some)))
    )
    return replace(ended, devices=(*ended.devices, *more))


def _at(line: dict[str, str]) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(line["at"])


def _rows(work: sa.Connection, query: sa.Select[Any]) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row) for row in work.execute(query).mappings())
