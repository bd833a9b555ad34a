"""The lists of reports to release and released: read at once, however many decisions there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from tests.desk.many_decided import fill
from tests.reports.cohort_rows import MATHS, POLICY, shipped, some_rows

from assessor_desk.desk import Desk
from assessor_desk.domain.policy import Confirmation
from assessor_desk.store import tables as t

_WAITING = 8
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Whatever is asked of a file meanwhile."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def _decided(desk: Desk, count: int) -> None:
    """So many decisions on the hub, of which `_WAITING` wait for a time-stamp and the others were released."""
    rows = some_rows(count, incomplete=0)
    waits, done = rows[:_WAITING], rows[_WAITING:]
    told = [replace(one, released_at=None) for one in waits] + [replace(one, released_at=NOW) for one in done]
    fill(desk, told, [shipped(MATHS)], replace(POLICY, id="timed", release_needs=Confirmation.TIME_STAMP))
    with desk.store.transaction() as work:
        work._connection.execute(
            sa.insert(t.inbox),
            [
                {
                    "submission_id": f"s-{number}", "source": "source", "key": f"K-{number}", "title": "T",
                    "short_title": "T", "attempt": 1, "criteria": 5, "rank": 1, "role": "reviewer", "search_text": "",
                    "state": "delivered" if number < _WAITING else "released",
                }
                for number in range(count)
            ],
        )  # fmt: skip
        work.commit()


def _went_out(desk: Desk, number: int, stamp: bytes, at: datetime = NOW) -> None:
    with desk.store.transaction() as work:
        line = {
            "id": f"o-{number}-{at:%H}", "source": "source", "kind": "decision", "review_id": f"d-{number}", "file": "",
            "length": 1, "file_key": b"k", "digest": f"{number}-{at:%H}", "waiting_since": at, "delivered_at": at,
            "receipt": b"r", "time_stamp": stamp,
        }  # fmt: skip
        work._connection.execute(sa.insert(t.outbox), [line])
        work.commit()


def test_the_lists_ask_as_often_for_two_hundred_decisions_as_for_a_handful(desk: Desk) -> None:
    _decided(desk, 200)
    with statements() as asked:
        waiting, released = desk.queue.reports()

    assert (len(waiting), len(released)) == (_WAITING, 192)
    assert {one.to for one in waiting} == {f"E-{number}" for number in range(_WAITING)}
    assert len([one for one in asked if one.lstrip().startswith(("SELECT", "WITH"))]) <= 5


def test_only_the_newest_that_went_out_of_a_decision_brings_its_time_stamp(desk: Desk) -> None:
    _decided(desk, _WAITING)
    _went_out(desk, 1, b"token")
    _went_out(desk, 2, b"token")
    _went_out(desk, 2, b"", NOW.replace(hour=5))
    _went_out(desk, 3, b"")

    waiting, _ = desk.queue.reports()

    assert [one.key for one in waiting if not one.why_not] == ["K-1"]
    assert len([one for one in waiting if "asks for a time-stamp" in one.why_not]) == _WAITING - 1
