"""A reviewer's queue in its order: one statement, indexes that hold all it takes, every line under its heading."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from assessor_desk.domain.due import DayCount, calendar_days, overdue_before
from assessor_desk.domain.policy import DueRule
from assessor_desk.store.lines import QueueSection, QueueState
from assessor_desk.store.queue import (
    _ORDER,
    QueueEnd,
    QueueFilter,
    read_decided,
    read_queue,
    read_queue_lines,
)
from assessor_desk.store.times import stamp

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
EVERYTHING = QueueFilter()
ENDS = (QueueEnd("p", "1", "", NOW - timedelta(days=5)),)


def insert(file: Any, table: str, **row: Any) -> None:
    names, places = ", ".join(row), ", ".join("?" for _ in row)
    file.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(row.values()))


def put(file: Any, own_id: str, state: str = "to_decide", *, waits: int | None = None, **given: Any) -> None:
    """A submission to decide on; `waits` for so many days, None: no review of it came."""
    rubric = given.pop("rubric", "r")
    assigned, assigned_aside = given.pop("assigned", NOW - timedelta(days=90)), given.pop("assigned_aside", 0)
    insert(file, "inbox", **{
        "submission_id": own_id, "source": "s", "key": own_id.upper(), "title": f"About {rubric}", "short_title": "",
        "attempt": 1, "due_at": None, "scored": 0, "criteria": 4, "state": state, "set_aside": 0, "rank": 0,
        "ready_bytes": 0, "total_bytes": 0, "role": "reviewer", "draft": 0, "search_text": own_id,
    } | given)  # fmt: skip
    insert(file, "submissions", id=own_id, source="s", key=own_id, version="1",
           content=json.dumps({"rubric_id": rubric}))  # fmt: skip
    content = {"role": "reviewer", "rubric_id": rubric, "policy_id": "p", "policy_version": "1",
               "assigned_at": stamp(assigned)}  # fmt: skip
    insert(file, "assignments", id=f"a-{own_id}", submission_id=own_id, set_aside=assigned_aside,
           content=json.dumps(content))  # fmt: skip
    if waits is not None:
        insert(file, "delivered", digest=f"d-{own_id}", submission_id=own_id, assignment_id="x", person="p",
               source="s", received_at=stamp(NOW - timedelta(days=waits)), receipt=b"", blob="b", blob_key=b"",
               length=1, here=1, held=1, verdict="holds")  # fmt: skip


def decide(file: Any, own_id: str, kind: str, outcome: str, revision: int = 1) -> None:
    review = f"{own_id}-{revision}"
    insert(file, "reviews", id=review, submission_id=own_id, assignment_id=f"a-{own_id}", revision=revision,
           purpose="review", opened_at=stamp(NOW))  # fmt: skip
    insert(file, "entries", id=review, review_id=review, kind="decided", at=stamp(NOW), device="d", counter=revision,
           step="s", data=json.dumps({"kind": kind, "outcome": outcome}))  # fmt: skip


def sections(file: Any, wanted: QueueFilter = EVERYTHING, search: str = "") -> dict[QueueSection, list[str]]:
    return {one: list(ids) for one, ids in read_queue(file, search, wanted, ENDS).sections.items()}


def test_every_state_stands_under_its_heading(file: Any) -> None:
    put(file, "late", waits=6)
    put(file, "fresh", waits=1)
    put(file, "held", waits=9)
    insert(
        file, "holds", id="h", submission_id="held", kind="", words="", raised_at=stamp(NOW), artifact_id=""
    )
    put(file, "awaited", "awaited")
    put(file, "back", "delivered", waits=2)
    decide(file, "back", "passed_back", "")
    put(file, "to-send", "sealed_waiting", waits=2)
    decide(file, "to-send", "decided", "earned")
    put(file, "sent", "delivered", waits=2)
    decide(file, "sent", "passed_back", "")
    decide(file, "sent", "decided", "not_yet", revision=2)
    put(file, "released", "released", waits=2)
    put(file, "aside", waits=6, set_aside=1)
    put(file, "mine", role="assessor")
    assert sections(file) == {
        QueueSection.OVERDUE: ["late"],
        QueueSection.TO_DECIDE: ["fresh"],
        QueueSection.ON_HOLD: ["held"],
        QueueSection.AWAITED: ["awaited"],
        QueueSection.PASSED_BACK: ["back"],
        QueueSection.DECIDED: ["sent", "to-send"],
        QueueSection.RELEASED: ["released"],
    }
    told = {one.submission_id: (one.state, one.outcome) for one in read_decided(file)}
    assert told == {
        "back": (QueueState.PASSED_BACK, ""),
        "to-send": (QueueState.SEALED_WAITING, "earned"),
        "sent": (QueueState.ON_HUB, "not_yet"),
    }


def test_what_waits_longest_comes_first_and_what_was_assigned_later_waits_since_then(file: Any) -> None:
    put(file, "two", waits=2)
    put(file, "four", waits=4)
    put(file, "assigned", waits=60, assigned=NOW - timedelta(days=3))
    assert sections(file) == {QueueSection.TO_DECIDE: ["four", "assigned", "two"]}
    [line] = read_queue_lines(file, ["assigned", "unknown"])
    assert line.since == NOW - timedelta(days=3)


def test_what_is_wanted_is_shown_and_micro_credentials_are_named_all_the_same(file: Any) -> None:
    put(file, "late", waits=6)
    put(file, "fresh", waits=1, rubric="other")
    put(file, "awaited", "awaited")
    assert sections(file, QueueFilter(overdue=True)) == {QueueSection.OVERDUE: ["late"]}
    assert sections(file, QueueFilter(frozenset({QueueState.AWAITED}))) == {QueueSection.AWAITED: ["awaited"]}
    assert sections(file, QueueFilter(rubric_id="other")) == {QueueSection.TO_DECIDE: ["fresh"]}
    assert sections(file, search="WAIT") == {QueueSection.AWAITED: ["awaited"]}
    named = read_queue(file, "", QueueFilter(rubric_id="other"), ENDS).titles
    assert named == {"r": "About r", "other": "About other"}


def test_a_programme_that_words_a_policy_otherwise_has_its_own_end(file: Any) -> None:
    put(file, "theirs", waits=6)
    longer = QueueEnd("p", "1", "s", NOW - timedelta(days=30))
    assert list(read_queue(file, "", EVERYTHING, (*ENDS, longer)).sections) == [QueueSection.TO_DECIDE]


def test_what_stands_assigned_no_more_awaits_a_review_in_the_list(file: Any) -> None:
    put(file, "left", "awaited", assigned_aside=1)
    assert sections(file) == {QueueSection.AWAITED: ["left"]}
    [line] = read_queue_lines(file, ["left"])
    assert (line.rubric_id, line.policy_id, line.since) == ("", "", None)


def test_the_queue_comes_out_of_its_indexes_without_a_look_into_the_tables(file: Any) -> None:
    """Where packets, or assignments, were decrypted for each of 100,000 lines, it would take seconds."""
    asked = {"search": "", "states": "[]", "rubric": "", "late": False, "ends": "[]"}
    plan = [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {_ORDER}", asked)]
    assert "SCAN i USING COVERING INDEX queue_in_order" in plan
    assert any(step.startswith("SEARCH a USING INDEX assignments_to_decide") for step in plan)
    assert any("INDEX packets_verified" in step for step in plan)


class Weekdays:
    """No holidays."""

    def is_working_day(self, key: date) -> bool:
        return key.weekday() < 5


@pytest.mark.parametrize("unit", ["calendar", "business"])
@pytest.mark.parametrize("days", [1, 4, 5, 11])
def test_what_began_to_wait_before_the_end_is_what_the_count_of_days_calls_overdue(
    unit: str, days: int
) -> None:
    rule, first = DueRule(days, unit, "US"), NOW - timedelta(days=40)
    count = DayCount(Weekdays(), first, NOW)
    end = overdue_before(rule, NOW, None if unit == "calendar" else Weekdays())
    assert end is not None
    for hours in range(24 * 40):
        since = first + timedelta(hours=hours)
        day = calendar_days((since,), (NOW,))[0] if unit == "calendar" else count.between(since, NOW)
        assert (since < end) == (day > days)


def test_a_rule_without_days_makes_nothing_overdue() -> None:
    assert overdue_before(DueRule(0, "business", "US"), NOW, Weekdays()) is None
