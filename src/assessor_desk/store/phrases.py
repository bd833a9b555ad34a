"""The phrases a person keeps, and how often each phrase was used, their own and the programme's alike.

Handed out by a view (`Reading.phrases`); its writing verbs count within a transaction only, like all of that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

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
