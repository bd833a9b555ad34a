"""What a hub holds, counted."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import PHRASES


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers that `hub status` tells; what was revoked, removed or withdrawn does not count."""

    title: str
    programme: str
    identity: str
    rubrics: int
    policies: int
    phrase_banks: int
    people: int
    devices: int
    submissions: int
    artifacts: int
    assignments: int
    packets: int
    unstamped: int


def overview(hub: Hub) -> Overview:
    """Count everything in one consistent view."""
    with hub.database.reading() as view:

        def count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
            return view.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one()

        return Overview(
            title=hub.title,
            programme=hub.programme,
            identity=hub.identity,
            rubrics=count(t.documents, t.documents.c.kind == "rubric"),
            policies=count(t.documents, t.documents.c.kind == "policy"),
            phrase_banks=_standing_banks(view),
            people=count(t.people, t.people.c.revoked_at.is_(None)),
            devices=count(t.devices, t.devices.c.revoked_at.is_(None)),
            submissions=count(t.submissions),
            artifacts=count(t.artifacts, sa.not_(t.artifacts.c.removed), t.artifacts.c.blob.is_not(None)),
            assignments=count(t.assignments, t.assignments.c.withdrawn_at.is_(None)),
            packets=count(t.packets),
            unstamped=count(t.stamps, t.stamps.c.token.is_(None)),
        )


def _standing_banks(view: sa.Connection) -> int:
    documents = t.documents.c
    standing = (documents.kind == PHRASES, documents.withdrawn_at.is_(None))
    return view.execute(sa.select(sa.func.count(documents.id.distinct())).where(*standing)).scalar_one()
