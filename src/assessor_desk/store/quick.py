"""What a key press needs, by the driver alone: each statement prepared once, all of one act in one small commit.

Going through SQLAlchemy takes longer than the commit itself. Only these few statements are worth doing without it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assessor_desk.store.first_page import KEEP_FACT
from assessor_desk.store.lines import RANK, InboxState, ReviewLine
from assessor_desk.store.times import stamp

if TYPE_CHECKING:
    from assessor_desk.domain.review import Draft, Entry
    from assessor_desk.store.witness import Witness

_DRAFT = """INSERT INTO drafts (review_id, field, criterion, text, at, seen) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (review_id, field, criterion) DO UPDATE SET text = excluded.text, at = excluded.at,
    seen = excluded.seen"""
_NO_DRAFT = "DELETE FROM drafts WHERE review_id = ? AND field = ? AND criterion = ?"
_REVIEW = """INSERT INTO reviews (id, submission_id, assignment_id, revision, purpose, opened_at)
    VALUES (?, ?, ?, ?, ?, ?)"""
_ENTRY = """INSERT INTO entries (id, review_id, kind, data, at, device, counter, step)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_PROGRESS = """UPDATE inbox SET scored = ?, criteria = ?, state = ?, rank = CASE WHEN set_aside THEN ? ELSE ? END
    WHERE submission_id = ?"""


class Quick:
    """One turn. Nothing counts before `commit`."""

    def __init__(self, connection: Any, witness: Witness) -> None:
        self._connection = connection
        self._witness = witness

    def commit(self) -> None:
        """Make everything durable; without a change there is nothing to do."""
        if self._connection.in_transaction:
            self._witness.commit(self._connection, lambda: self._connection.execute("COMMIT"))

    def roll_back(self) -> None:
        """Undo what was not committed. SQLite itself may have done so already, as when the disk is full."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def open_review(self, line: ReviewLine) -> None:
        """Begin a revision of a review."""
        opened = stamp(line.opened_at)
        row = (line.id, line.submission_id, line.assignment_id, line.revision, line.purpose.value, opened)
        self._run(_REVIEW, row)

    def record(self, entries: Iterable[Entry]) -> None:
        """Append what a person did."""
        for one in entries:
            data = json.dumps(dict(one.data))
            self._run(
                _ENTRY,
                (
                    one.id,
                    one.review_id,
                    one.kind.value,
                    data,
                    stamp(one.at),
                    one.device,
                    one.counter,
                    one.step,
                ),
            )

    def write_draft(self, draft: Draft, at: datetime) -> None:
        """Keep a text as it stands; it takes the place of what was kept of it before."""
        seen = None if draft.seen is None else json.dumps(draft.seen)
        place = (draft.review_id, draft.field.value, draft.criterion)
        self._run(_DRAFT, (*place, draft.text, stamp(at), seen))

    def drop_drafts(self, drafts: Iterable[Draft]) -> None:
        """Forget texts that have become entries, or were replaced."""
        for draft in drafts:
            self._run(_NO_DRAFT, (draft.review_id, draft.field.value, draft.criterion))

    def set_progress(self, submission_id: str, scored: int, state: InboxState, criteria: int) -> None:
        """How far a submission has come, as its line in the inbox shows it."""
        ranks = (RANK[InboxState.SET_ASIDE], RANK.get(state, 0))
        self._run(_PROGRESS, (scored, criteria, state.value, *ranks, submission_id))

    def keep_fact(self, name: str, value: Any) -> None:
        """Keep a small fact under a name."""
        self._run(KEEP_FACT, (name, json.dumps(value)))

    def _run(self, statement: str, values: tuple[Any, ...]) -> None:
        if not self._connection.in_transaction:
            self._witness.watch(self._connection)
            self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(statement, values)
