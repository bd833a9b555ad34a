"""The inbox's order: one statement, one index, every line under its heading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessor_desk.store.first_page import _ORDER, read_inbox, read_order, read_rows
from assessor_desk.store.lines import InboxSection
from assessor_desk.store.times import stamp

NOW = datetime.now().astimezone().replace(hour=12)


def put(file: Any, own_id: str, **given: Any) -> None:
    row = {
        "submission_id": own_id, "source": "s", "key": own_id.upper(), "title": "Title", "short_title": "",
        "attempt": 1,
        "due_at": stamp(NOW.astimezone(UTC)), "scored": 0, "criteria": 4, "state": "new", "set_aside": 0, "rank": 0,
        "ready_bytes": 0, "total_bytes": 0, "role": "assessor", "draft": 0, "search_text": f"{own_id}\nstraße",
    } | given  # fmt: skip
    names, places = ", ".join(row), ", ".join("?" for _ in row)
    file.execute(f"INSERT INTO inbox ({names}) VALUES ({places})", list(row.values()))


@pytest.mark.parametrize(
    ("days", "given", "section"),
    [
        (0, {}, InboxSection.DUE_TODAY),
        (-1, {}, InboxSection.OVERDUE),
        (1, {}, InboxSection.THIS_WEEK),
        (6, {}, InboxSection.THIS_WEEK),
        (7, {}, InboxSection.LATER),
        (-1, {"state": "passed_back"}, InboxSection.PASSED_BACK),
        (0, {"due_at": None}, InboxSection.NO_DUE_DATE),
        (0, {"draft": 1}, InboxSection.DRAFTS),
        (0, {"role": "coach"}, InboxSection.DRAFTS),
        (0, {"role": "reviewer"}, InboxSection.QUEUE),
        (0, {"role": "reviewer", "state": "released"}, InboxSection.QUEUE),
        (0, {"state": "sealed_waiting"}, InboxSection.SEALED),
        (0, {"state": "delivered", "draft": 1}, InboxSection.SEALED),
        (0, {"state": "delivered", "role": "coach"}, InboxSection.HANDED_BACK),
        (0, {"set_aside": 1}, InboxSection.SET_ASIDE),
        (0, {"set_aside": 1, "role": "reviewer"}, InboxSection.SET_ASIDE),
    ],
)
def test_a_line_stands_where_one_looks_for_it(
    file: Any, days: int, given: dict[str, Any], section: InboxSection
) -> None:
    due = stamp((NOW + timedelta(days=days)).astimezone(UTC))
    put(file, "one", **({"due_at": due} | given))
    assert read_order(file, "", NOW).sections == {section: ["one"]}


@pytest.mark.parametrize("edge", [timedelta(microseconds=-1), timedelta()])
def test_a_day_begins_at_midnight_where_the_person_is(file: Any, edge: timedelta) -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    put(file, "one", due_at=stamp(midnight + edge))
    wanted = InboxSection.OVERDUE if edge else InboxSection.DUE_TODAY
    assert list(read_order(file, "", NOW).sections) == [wanted]


def test_within_a_heading_what_is_due_first_comes_first_and_what_waits_to_be_sent_before_what_is_sent(
    file: Any,
) -> None:
    for number, own_id in enumerate(["b", "a", "c"]):
        put(file, own_id, due_at=stamp((NOW + timedelta(minutes=number)).astimezone(UTC)))
    put(file, "sent", state="delivered", rank=2)
    put(file, "to-send", state="sealed_waiting", rank=1, due_at=None)
    put(file, "never", due_at=None)
    order = read_order(file, "", NOW)
    assert order.sections == {
        InboxSection.DUE_TODAY: ["b", "a", "c"],
        InboxSection.NO_DUE_DATE: ["never"],
        InboxSection.SEALED: ["to-send", "sent"],
    }
    assert order.count == 6
    listed = [row.submission_id for row in read_inbox(file, "")]
    assert listed == ["b", "a", "c", "never", "to-send", "sent"]


def test_a_search_finds_words_whatever_their_case_and_takes_signs_as_they_are(file: Any) -> None:
    put(file, "one")
    put(file, "two", search_text="two\n100 % done")
    assert read_order(file, " STRASSE ", NOW).count == 0, "what is kept here was not folded"
    put(file, "three", search_text="three\nStraße".casefold())
    assert read_order(file, " STRAßE ", NOW).sections == {InboxSection.DUE_TODAY: ["three"]}
    assert read_order(file, "%", NOW).sections == {InboxSection.DUE_TODAY: ["two"]}
    assert read_order(file, "_", NOW).count == 0
    assert read_order(file, "nothing of it", NOW).sections == {}


def test_an_empty_inbox_has_no_headings(file: Any) -> None:
    assert read_order(file, "", NOW).sections == {}


def test_lines_that_are_not_here_any_more_are_left_out(file: Any) -> None:
    put(file, "one, two")
    assert list(read_rows(file, ["gone", "one, two"])) == ["one, two"]
    assert read_rows(file, []) == {}


@pytest.mark.parametrize("search", ["", "7f3a"])
def test_the_order_comes_out_of_its_index_alone_without_sorting(file: Any, search: str) -> None:
    """Where 100,000 lines would be sorted, or the table behind them decrypted, the inbox would take seconds."""
    days = {"today": "2026", "tomorrow": "2027", "in_a_week": "2028"}
    plan = [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {_ORDER}", {"search": search, **days})]
    assert [step for step in plan if "inbox" in step] == ["SCAN inbox USING COVERING INDEX inbox_in_order"]
    assert not any("TEMP" in step for step in plan)
