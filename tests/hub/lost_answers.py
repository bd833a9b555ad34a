"""A commit that is done, and whose answer never comes: the connection to the database breaks in between."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

_SAID = "disk I/O error: server closed the connection unexpectedly"


def lose_answers(monkeypatch: pytest.MonkeyPatch, table: str) -> list[str]:
    """Lose the answer to each commit of a transaction that inserts into `table`; the list says how often it was so."""
    execute, commit = DefaultDialect.do_execute, DefaultDialect.do_commit
    inserting, lost = set[int](), list[str]()

    def executing(own: Any, cursor: Any, statement: str, *more: Any) -> None:
        if statement.startswith(f"INSERT INTO {table} "):
            inserting.add(threading.get_ident())
        execute(own, cursor, statement, *more)

    def committing(own: Any, connection: Any) -> None:
        commit(own, connection)
        if threading.get_ident() in inserting:
            inserting.discard(threading.get_ident())
            lost.append(table)
            raise own.loaded_dbapi.OperationalError(_SAID)

    monkeypatch.setattr(DefaultDialect, "do_execute", executing)
    monkeypatch.setattr(DefaultDialect, "do_commit", committing)
    return lost
