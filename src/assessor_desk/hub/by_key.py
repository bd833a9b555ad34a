"""Submissions by the key that people know them by."""

from __future__ import annotations

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t


def refuse_unknown(view: sa.Connection, key: str) -> str:
    """The id of the submission with that key. Raises Refused, naming some there are, for an unknown one."""
    found = view.execute(sa.select(t.submissions.c.id).where(t.submissions.c.key == key)).scalar()
    if found is None:
        some = view.execute(sa.select(t.submissions.c.key).order_by(t.submissions.c.key).limit(5)).scalars()
        raise Refused(f"There is no submission “{key}” here; there are {', '.join(some) or 'none yet'}")
    return str(found)
