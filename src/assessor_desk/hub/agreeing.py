"""What an educator agrees to: that a recipient which sees earned ones alone sees theirs all the same (DOMAIN: policy).

It is imported with a submission (`disclosure agreed`), and given or withdrawn later; whoever decided hears of it at
their next round. Nobody has agreed until somebody says so.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.hub import Hub, tell_deciders


def record_agreement(hub: Hub, keys: Iterable[str], *, agreed: bool) -> list[str]:
    """Record that the educators of these submissions agree to disclosure, or do not any more.

    Returns the keys of those for which that is new. Raises Refused, with nothing recorded, for an unknown submission.
    """
    own = t.submissions.c
    changed = []
    with hub.database.writing() as work:
        for key in dict.fromkeys(keys):
            own_id = refuse_unknown(work, key)
            other = sa.update(t.submissions).where(own.id == own_id, own.disclosure_agreed.is_not(agreed))
            if work.execute(other.values(disclosure_agreed=agreed)).rowcount:
                tell_deciders(work, own_id)
                said = "given" if agreed else "withdrawn"
                append(work, hub.clock(), Line(Act.AGREEMENT, submission=own_id, detail=said))
                changed.append(key)
    return changed
