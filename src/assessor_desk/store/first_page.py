"""What is read at the start, by the driver alone.

The inbox is shown before anything else, and importing SQLAlchemy takes as long as two bare windows.
"""

from __future__ import annotations

import json
from typing import Any

from assessor_desk.domain.roles import Role
from assessor_desk.store.lines import InboxRow, InboxState
from assessor_desk.store.times import unstamp

_INBOX = """
    SELECT submission_id, key, title, short_title, attempt, due_at, scored, criteria,
           CASE WHEN set_aside THEN 'set_aside' ELSE state END, ready_bytes, total_bytes, role, draft,
           CASE WHEN state IN ('sealed_waiting', 'delivered', 'released') THEN (
               SELECT waiting_since || ' ' || coalesce(delivered_at, '') FROM outbox
               JOIN reviews ON reviews.id = outbox.review_id WHERE reviews.submission_id = inbox.submission_id
               ORDER BY waiting_since DESC LIMIT 1) END,
           (SELECT group_concat(DISTINCT kind) FROM holds
               WHERE holds.submission_id = inbox.submission_id AND lifted_at IS NULL), later_bytes
    FROM inbox WHERE :search = '' OR search_text LIKE :pattern ESCAPE '\\'
    ORDER BY rank, due_at IS NULL, due_at, key"""


def read_inbox(connection: Any, search: str) -> list[InboxRow]:
    """The inbox in its order, or of it what contains `search` in key, title or educator, whatever the case."""
    words = search.strip().casefold()
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return [
        _row(*found) for found in connection.execute(_INBOX, {"search": words, "pattern": f"%{escaped}%"})
    ]


def _row(
    submission_id: str, key: str, title: str, short: str, attempt: int, due: str | None, scored: int, criteria: int,
    state: str, ready: int, total: int, role: str, draft: int, times: str | None, holds: str | None, later: int,
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
    )


KEEP_FACT = """INSERT INTO facts (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""


def kept_fact(connection: Any, name: str) -> Any:
    """A small fact kept under a name; None where there is none."""
    found = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if found is None else json.loads(found[0])


def keep_fact(connection: Any, name: str, value: Any) -> None:
    """Keep a small fact under a name."""
    connection.execute(KEEP_FACT, (name, json.dumps(value)))
