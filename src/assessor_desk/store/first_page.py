"""What is read at the start, by the driver alone.

The inbox is shown before anything else, and importing SQLAlchemy takes as long as two bare windows. However much is in
it, two things are read: the order, ids under headings, out of one index that holds all it takes; and of its lines
those that are looked at. See `docs/decisions/0199-the-order-whole-the-lines-by-pages.md`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from assessor_desk.domain.roles import Role
from assessor_desk.store.lines import InboxOrder, InboxRow, InboxSection, InboxState
from assessor_desk.store.times import stamp, unstamp

#: Where a line stands whatever the day, and when: what is due at no time comes after all that is. The index
#: `inbox_in_order` is over these very words; with others the order would be sorted anew each time.
_PLACE = (
    "CASE WHEN set_aside THEN 6 WHEN role = 'reviewer' THEN 3 WHEN state = 'passed_back' THEN 0 "
    "WHEN state IN ('sealed_waiting', 'delivered', 'released') THEN CASE role WHEN 'coach' THEN 5 ELSE 4 END "
    "WHEN draft OR role = 'coach' THEN 2 ELSE 1 END"
)
_DUE = "coalesce(due_at, '~')"
#: One letter a line, in the order of `InboxSection`: `str.count` counts a hundred thousand in no time.
_SECTION = f"""CASE {_PLACE} WHEN 0 THEN 'a' WHEN 1 THEN
    CASE WHEN {_DUE} < :today THEN 'b' WHEN {_DUE} < :tomorrow THEN 'c' WHEN {_DUE} < :in_a_week THEN 'd'
         WHEN {_DUE} < '~' THEN 'e' ELSE 'f' END
    WHEN 2 THEN 'g' WHEN 3 THEN 'h' WHEN 4 THEN 'i' WHEN 5 THEN 'j' ELSE 'k' END"""
_LETTERS = dict(zip(InboxSection, "abcdefghijk", strict=True))
_ORDER = f"""SELECT json_group_array(submission_id), group_concat(letter, '') FROM (
    SELECT submission_id, {_SECTION} AS letter FROM inbox WHERE :search = '' OR instr(search_text, :search)
    ORDER BY {_PLACE}, rank, {_DUE}, key)"""  # noqa: S608 (our own words)

_ROWS = """
    SELECT submission_id, key, title, short_title, attempt, due_at, scored, criteria,
           CASE WHEN set_aside THEN 'set_aside' ELSE state END, ready_bytes, total_bytes, role, draft,
           CASE WHEN state IN ('sealed_waiting', 'delivered', 'released') THEN (
               SELECT waiting_since || ' ' || coalesce(delivered_at, '') FROM outbox
               JOIN reviews ON reviews.id = outbox.review_id WHERE reviews.submission_id = inbox.submission_id
               ORDER BY waiting_since DESC LIMIT 1) END,
           (SELECT group_concat(DISTINCT kind) FROM holds
               WHERE holds.submission_id = inbox.submission_id AND lifted_at IS NULL), later_bytes,
           parked_bytes, offline
    FROM inbox WHERE """
_ALL = f"{_ROWS} :search = '' OR instr(search_text, :search) ORDER BY rank, {_DUE}, key"
_SOME = f"{_ROWS} submission_id IN (SELECT value FROM json_each(?))"  # noqa: S608 (our own words)

_KEYS = "SELECT submission_id FROM inbox INDEXED BY inbox_in_order WHERE instr(search_text, :letters) = 1"


def read_inbox(connection: Any, search: str) -> list[InboxRow]:
    """The inbox in its order, or of it what contains `search` in key, title or educator, whatever the case."""
    return [_row(*found) for found in connection.execute(_ALL, {"search": _words(search)})]


def read_order(connection: Any, search: str, now: datetime) -> InboxOrder:
    """What is in the inbox, or of it what contains `search`, under its headings as of the local day of `now`."""
    words = {"search": _words(search), **_days(now)}
    told, letters = connection.execute(_ORDER, words).fetchone()
    ids: Iterator[str] = iter(json.loads(told))
    counts = {section: (letters or "").count(letter) for section, letter in _LETTERS.items()}
    return InboxOrder({section: list(islice(ids, count)) for section, count in counts.items() if count})


def read_rows(connection: Any, ids: Sequence[str]) -> dict[str, InboxRow]:
    """The lines of these submissions, those left out that are not here."""
    return {found[0]: _row(*found) for found in connection.execute(_SOME, (json.dumps(ids),))}


def read_keys(connection: Any, letters: str) -> set[str]:
    """The submissions whose keys begin with these letters, whatever their case: keys come first in what is searched."""
    found = connection.execute(_KEYS, {"letters": letters.casefold()})
    return {submission_id for (submission_id,) in found}


def _words(search: str) -> str:
    return search.strip().casefold()


def _days(now: datetime) -> dict[str, str]:
    """Where this local day, the next and this week end, by the clock on the wall: a day may have 23 hours."""
    today = now.astimezone().date()
    begins = {"today": 0, "tomorrow": 1, "in_a_week": 7}
    return {
        name: stamp(datetime.combine(today + timedelta(days), time()).astimezone())
        for name, days in begins.items()
    }


def _row(
    submission_id: str, key: str, title: str, short: str, attempt: int, due: str | None, scored: int, criteria: int,
    state: str, ready: int, total: int, role: str, draft: int, times: str | None, holds: str | None, later: int,
    parked: int, offline: str,
) -> InboxRow:  # fmt: skip
    sealed, _, delivered = (times or "").rpartition(" ")
    due_at = None if due is None else unstamp(due)
    return InboxRow(
        submission_id,
        key,
        title,
        short,
        attempt,
        due_at,
        scored,
        criteria,
        InboxState(state),
        ready,
        total,
        Role(role),
        bool(draft),
        unstamp(sealed) if sealed else None,
        unstamp(delivered) if delivered else None,
        tuple(sorted(holds.split(","))) if holds is not None else (),
        later,
        parked,
        offline,
    )


KEPT_FACT = "SELECT value FROM facts WHERE name = ?"
KEEP_FACT = """INSERT INTO facts (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""


def kept_fact(connection: Any, name: str) -> Any:
    """A small fact kept under a name; None where there is none."""
    found = connection.execute(KEPT_FACT, (name,)).fetchone()
    return None if found is None else json.loads(found[0])


def keep_fact(connection: Any, name: str, value: Any) -> None:
    """Keep a small fact under a name."""
    connection.execute(KEEP_FACT, (name, json.dumps(value)))
