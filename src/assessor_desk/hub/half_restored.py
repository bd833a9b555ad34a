"""The mark in a database on a server while it is filled from a back-up.

PostgreSQL's tool fills it in one transaction, and only then does the hub learn who was revoked since. Killed between
the two, what is there would let them in again: with the mark nobody opens it, and the next restore begins anew. A hub
in a folder takes its place by one renaming and needs none (docs/decisions/0278).
"""

from __future__ import annotations

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused

_MARK = sa.Table("restore_unfinished", sa.MetaData(), sa.Column("one", sa.Integer))


def mark(work: sa.Connection) -> None:
    """From now on nobody may use what is there."""
    _MARK.create(work)


def unmark(work: sa.Connection) -> None:
    """All of it is there, and what ended since has ended."""
    _MARK.drop(work)


def is_marked(view: sa.Connection) -> bool:
    """Whether a restore into this database is under way, or was cut short."""
    return sa.inspect(view).has_table(_MARK.name)


def refuse_marked(view: sa.Connection, place: str) -> None:
    """Raises Refused, saying what to do, where a restore did not come to its end."""
    if is_marked(view):
        raise Refused(
            f"{place} is being filled from a back-up, or that was cut short, so nobody may use it yet. Wait, or run "
            "“assessor-desk hub restore” once more: it begins anew. For something else name another database"
        )


def empty(work: sa.Connection) -> None:
    """Nothing is there any more."""
    there = sa.MetaData()
    there.reflect(work)
    there.drop_all(work)
    work.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_to_change_audit()")
