"""Statements made once for the program, and rows handed to the driver as it takes them.

A first round writes ten thousands of rows. SQLAlchemy takes longer to bring each into the driver's form than SQLite
takes to write it, so whoever writes many does that by themselves: JSON and times are text in these rows.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

Row = dict[str, Any]

#: Stands for any number of ids in a statement that stays the same for each; `named` tells which.
IDS = sa.select(sa.func.json_each(sa.bindparam("ids", type_=sa.String)).table_valued("value").c.value)


def named(ids: Iterable[str]) -> dict[str, str]:
    """These ids, for a statement with `IDS`."""
    return {"ids": json.dumps(list(ids))}


def run_many(connection: sa.Connection, statement: sa.Executable, rows: Sequence[Row]) -> None:
    """Carry out a statement for each row. Each names all that the table has no default of its own for."""
    if rows:
        words, fixed = _words(statement, tuple(rows[0]))
        connection.exec_driver_sql(words, [{**fixed, **row} for row in rows] if fixed else list(rows))


@functools.cache
def _words(statement: Any, names: tuple[str, ...]) -> tuple[str, Row]:
    """A statement in SQL, and what it says in every row."""
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"), column_keys=list(names))
    fixed = {name: value for name, value in compiled.params.items() if name not in names}
    return str(compiled), fixed
