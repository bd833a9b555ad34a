"""The phrases a person keeps, the banks that sources publish, and how often each phrase was used, whosever it is.

Handed out by a view (`Reading.phrases`); its writing verbs count within a transaction only, like all of that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from assessor_desk.domain.changes import Published, SourceChanges
from assessor_desk.domain.phrases import Phrase, Scope
from assessor_desk.store import tables as t


class Phrases:
    """The phrase bank's part of one view or transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self) -> list[Phrase]:
        """Every phrase kept here, with its use."""
        kept = self._connection.execute(sa.select(t.phrases).order_by(t.phrases.c.id)).all()
        return self.with_use(_phrase(row) for row in kept)

    def with_use(self, phrases: Iterable[Phrase]) -> list[Phrase]:
        """These phrases, each with how often and when last it was used here."""
        use = {row.phrase: row for row in self._connection.execute(sa.select(t.phrase_use)).all()}
        return [
            replace(one, used=use[one.id].used, last_used=use[one.id].last_used) if one.id in use else one
            for one in phrases
        ]

    def keep(self, phrases: Iterable[Phrase]) -> None:
        """Keep phrases; each takes the place of an older one with its id. Their use, where known, comes along."""
        for one in phrases:
            row: dict[str, Any] = {
                "id": one.id, "text": one.text, "rubric": one.rubric, "criterion": one.criterion, "level": one.level,
                "scope": one.scope.value, "tags": list(one.tags),
            }  # fmt: skip
            kept = insert(t.phrases).values(**row)
            self._run(kept.on_conflict_do_update(index_elements=["id"], set_={**row}))
            self._keep_use(one)

    def remove(self, phrase_id: str) -> None:
        """Remove a phrase with its use."""
        self._run(sa.delete(t.phrases).where(t.phrases.c.id == phrase_id))
        self._run(sa.delete(t.phrase_use).where(t.phrase_use.c.phrase == phrase_id))

    def banks(self) -> list[Published]:
        """The banks that sources publish, in their order; two sources may publish under one id."""
        b = t.phrase_banks.c
        rows = self._connection.execute(
            sa.select(t.phrase_banks).where(sa.not_(b.withdrawn)).order_by(b.source, b.id)
        )
        return [Published(row.id, row.version, row.content, row.signature, row.vouched) for row in rows]

    def bank_ids(self) -> set[str]:
        """Ids of all banks that a source ever published here, those withdrawn since too."""
        return set(self._connection.execute(sa.select(t.phrase_banks.c.id)).scalars())

    def accept(self, changes: SourceChanges, source: str) -> None:
        """Take the banks of a page, each in the place of its older version, and let go of those withdrawn."""
        for bank in changes.phrase_banks:
            row = {
                "source": source, "id": bank.id, "version": bank.version, "content": bank.canonical,
                "signature": bank.signature, "vouched": bank.vouched, "withdrawn": False,
            }  # fmt: skip
            kept = insert(t.phrase_banks).values(**row)
            self._run(kept.on_conflict_do_update(index_elements=["source", "id"], set_=row))
        gone = (t.phrase_banks.c.source == source, t.phrase_banks.c.id.in_(changes.phrase_banks_withdrawn))
        self._withdraw(*gone)

    def end_enrolment(self, source: str) -> None:
        """Let go of every bank of a source."""
        self._withdraw(t.phrase_banks.c.source == source)

    def _withdraw(self, *which: sa.ColumnElement[bool]) -> None:
        nothing = {"content": b"", "signature": b"", "vouched": "", "withdrawn": True}
        self._run(sa.update(t.phrase_banks).where(*which).values(**nothing))

    def use(self, phrase_id: str, at: datetime) -> None:
        """Count one more use of a phrase."""
        own = t.phrase_use.c
        once = insert(t.phrase_use).values(phrase=phrase_id, used=1, last_used=at)
        more = {"used": own.used + 1, "last_used": at}
        self._run(once.on_conflict_do_update(index_elements=["phrase"], set_=more))

    def _keep_use(self, phrase: Phrase) -> None:
        """What a file says of a phrase's use counts where it says more than is known here."""
        if not phrase.used:
            return
        row = {"phrase": phrase.id, "used": phrase.used, "last_used": phrase.last_used}
        kept = insert(t.phrase_use).values(**row)
        fewer = t.phrase_use.c.used < kept.excluded.used
        self._run(kept.on_conflict_do_update(index_elements=["phrase"], set_=row, where=fewer))

    def _run(self, statement: sa.Executable) -> None:
        self._connection.execute(statement)


def _phrase(row: sa.Row[Any]) -> Phrase:
    return Phrase(row.id, row.text, row.rubric, row.criterion, row.level, Scope(row.scope), tuple(row.tags))
