"""Conditions on what was sent of a review, in words of SQL: whether its assignment stands, and what came after it."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import sqlalchemy as sa

from assessor_desk.store import tables as t


@cache
def kept_back() -> sa.ColumnElement[bool]:
    """Whether a line of the outbox is of a review whose assignment was withdrawn."""
    r, a = t.reviews.c, t.assignments.c
    withdrawn = sa.exists().where(r.id == t.outbox.c.review_id, a.id == r.assignment_id, a.set_aside)
    return withdrawn.correlate(t.outbox)


@cache
def later_delivered() -> sa.ScalarSelect[datetime | None]:
    """When a later revision of the review that a query is about was delivered."""
    later, sent = t.reviews.alias("later"), t.outbox.alias("sent")
    follows = (later.c.assignment_id == t.reviews.c.assignment_id, later.c.revision > t.reviews.c.revision)
    delivered = sa.select(sa.func.min(sent.c.delivered_at, type_=t.Instant)).select_from(
        later.join(sent, sent.c.review_id == later.c.id)
    )
    return delivered.where(*follows).correlate(t.reviews).scalar_subquery()
