"""Files that others took the place of once somebody was heard on them, or while a hold stood: they are kept.

Each has a row of its own beside that of the file that came, removed, so that nobody is sent it. It is destroyed with
the rest of the evidence. What a hold alone kept goes with the next sweep after it (docs/decisions/0285).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from assessor_desk.hub import tables as t

#: What the ids of such rows begin with; no part of a submission is called so.
_HELD = "held-"


def kept_beside() -> sa.ColumnElement[bool]:
    """Rows of `tables.artifacts` of files that others took the place of, and that stay with the evidence."""
    return t.artifacts.c.id.startswith(_HELD, autoescape=True)


def keep_replaced(work: sa.Connection, submission_id: str, coming: Iterable[Mapping[str, Any]]) -> set[str]:
    """Before these rows are written: keep the file of each that another takes the place of. Returns their ids.

    A content that is kept already is not kept twice.
    """
    query = sa.select(t.artifacts).where(t.artifacts.c.submission_id == submission_id)
    here = {row["id"]: dict(row) for row in work.execute(query).mappings()}
    replaced = [here[one["id"]] for one in coming if _takes_the_place(one, here.get(one["id"]))]
    for row in replaced:
        own_id = f"{_HELD}{row['id']}-{row['sha256'][:16]}"
        if own_id not in here:
            work.execute(sa.insert(t.artifacts).values(**row | {"id": own_id, "removed": True}))
    return {row["id"] for row in replaced}


def _takes_the_place(coming: Mapping[str, Any], here: Mapping[str, Any] | None) -> bool:
    return here is not None and here["blob"] not in (None, coming["blob"])
