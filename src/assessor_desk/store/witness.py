"""Sees what every transaction changes, and writes it into the journal before the file commits it.

Triggers that live in the connection alone (`CREATE TEMP TRIGGER`) hand each row changed to a function, whoever wrote
it and by which statement. So the journal cannot forget what some later statement writes.

The journal comes first: it may be one transaction ahead of a file whose program ended in between, never behind one
whose program ended. The file carries the number of its last transaction, so that both can be compared.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.domain.errors import Restorable, Unavailable
from assessor_desk.store.connection import Changed, Connection
from assessor_desk.store.journal import Change, Journal, Record

Columns = tuple[tuple[str, ...], tuple[str, ...]]
"""All columns of a table, and those of its key."""

#: Kept by SQLite and the migrations; what a full-text index holds is made from other tables.
_NOT_OURS = ("sqlite_", "alembic_version", "review_texts")

#: What was sealed cannot be typed again: the journal is on the disk before anybody hears that it is done.
_FLUSHED = frozenset({"outbox"})


class Witness:
    """One desk's file and its journal. Whoever commits has the one turn of the file."""

    def __init__(self, journal: Journal, number: int, clock: Callable[[], datetime], *, whole: bool) -> None:
        self.journal = journal
        self.number = number
        self._clock = clock
        self._whole = whole
        self._to_flush = False
        self._before_commit: list[Callable[[Connection], None]] = []
        self._columns: dict[str, Columns] = {}

    def with_the_next(self, act: Callable[[Connection], None]) -> None:
        """Have something written within the next transaction that is committed."""
        self._before_commit.append(act)

    def watch(self, connection: Connection) -> None:
        """A transaction is about to begin on a connection."""
        if connection.changed is None:
            self._columns = self._columns or tables_of(connection)
            _place_triggers(connection, self._columns)
        connection.changed = {}

    def commit(self, connection: Connection, commit: Callable[[], object]) -> None:
        """Commit what a connection changed since `watch`, after the journal heard of it.

        Raises Unavailable, with nothing changed, where the journal cannot be written. Where it alone cannot reach the
        disk any more, the transaction came to pass all the same, and the next one tries again.
        """
        if not connection.changed:
            commit()
            return
        for act in self._before_commit:
            act(connection)
        number = self.number + 1
        connection.execute(f"PRAGMA user_version = {number}")
        self.journal.append(number, self._told(connection.changed), self._clock(), whole=self._whole)
        try:
            commit()
        except BaseException:
            self.journal.take_back()
            raise
        self.number, self._whole, self._before_commit = number, False, []
        self._to_flush |= not _FLUSHED.isdisjoint({table for table, _ in connection.changed})
        connection.changed = {}
        if self._to_flush:
            # The file's own commit is on the disk: whoever heard of a failure now would undo what is done.
            with contextlib.suppress(Unavailable):
                self.journal.flush()
                self._to_flush = False

    def _told(self, changed: Changed) -> list[Change]:
        known = self._columns
        return [
            (table, dict(zip(known[table][1], key)), True)
            if row is None
            else (table, dict(zip(known[table][0], row)), False)
            for (table, key), row in changed.items()
        ]


def number_of(connection: Any) -> int:
    """How many transactions a file has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def catch_up(connection: Any, journal: Journal, number: int) -> int:
    """Bring a file of that number up to what can be read of the journal; the number of its last transaction then.

    Raises Restorable where the journal does not go back as far.
    """
    records = list(journal.records(number))
    if not records:
        return number
    if [one.number for one in records] != list(range(number + 1, number + 1 + len(records))):
        raise Restorable(
            f"The database in {journal.folder.parent} is older than what was saved there last. “Restore” puts it "
            "together again from a snapshot and from what was saved since"
        )
    replay(connection, records)
    return number_of(connection)


def replay(connection: Any, records: Iterable[Record]) -> None:
    """Do once more what these transactions did; nothing, where any of it fails for the disk."""
    columns = tables_of(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        last = 0
        for record in records:
            for change in record.changes:
                put(connection, columns, change)
            last = record.number
        if last:
            connection.execute(f"PRAGMA user_version = {last}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def put(connection: Any, columns: dict[str, Columns], change: Change, *, new_only: bool = False) -> bool:
    """Write a row as it is told, or remove it; whether that changed anything. With `new_only` none that is there.

    What another version of the file does not know is left out.
    """
    table, told, gone = change
    if table not in columns:
        return False
    known, key = columns[table]
    if gone:
        where = " AND ".join(f"{name} IS ?" for name in key)
        return _ran(connection, f"DELETE FROM {table} WHERE {where}", [told.get(name) for name in key])  # noqa: S608 (names of our own tables)
    names = [name for name in known if name in told]
    others = [name for name in names if name not in key]
    update = "NOTHING"
    if others and not new_only:
        differs = " OR ".join(f"{table}.{name} IS NOT excluded.{name}" for name in others)
        update = f"UPDATE SET {', '.join(f'{one} = excluded.{one}' for one in others)} WHERE {differs}"
    places = ", ".join("?" for _ in names)
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places}) ON CONFLICT ({', '.join(key)}) DO {update}"  # noqa: S608 (names of our own tables)
    return _ran(connection, statement, [told[name] for name in names])


def _ran(connection: Any, statement: str, values: Sequence[Any]) -> bool:
    try:
        return bool(connection.execute(statement, values).rowcount > 0)
    except sqlcipher.IntegrityError:
        # The file's own rules: an entry is never changed, a revision never opened twice. What stands there stays.
        return False


def tables_of(connection: Any) -> dict[str, Columns]:
    """The tables whose rows are the desk's, with their columns."""
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not name.startswith(_NOT_OURS)
    ]
    found = {}
    for name in names:
        told = connection.execute(f"PRAGMA table_info({name})").fetchall()
        key = sorted((place, column) for _, column, _, _, _, place in told if place)
        found[name] = (tuple(row[1] for row in told), tuple(column for _, column in key))
    return found


def _place_triggers(connection: Connection, columns: dict[str, Columns]) -> None:
    key_of = {table: _picked([names.index(one) for one in key]) for table, (names, key) in columns.items()}

    def row_written(table: str, *values: Any) -> None:
        changed = connection.changed
        assert changed is not None
        own = (table, key_of[table](values))
        changed.pop(own, None)  # the last comes last
        changed[own] = values

    def row_removed(table: str, *key: Any) -> None:
        changed = connection.changed
        assert changed is not None
        changed.pop((table, key), None)
        changed[table, key] = None

    connection.create_function("row_written", -1, row_written)
    connection.create_function("row_removed", -1, row_removed)
    for table, (names, key) in columns.items():
        new, old = (", ".join(f"{which}.{one}" for one in of) for which, of in (("NEW", names), ("OLD", key)))
        for verb in ("INSERT", "UPDATE"):
            connection.execute(
                f"CREATE TEMP TRIGGER witness_{verb}_{table} AFTER {verb} ON main.{table} "
                f"BEGIN SELECT row_written('{table}', {new}); END"
            )
        connection.execute(
            f"CREATE TEMP TRIGGER witness_delete_{table} AFTER DELETE ON main.{table} "
            f"BEGIN SELECT row_removed('{table}', {old}); END"
        )


def _picked(places: Sequence[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """What stands in these places of a row."""
    if len(places) == 1:
        (place,) = places
        return lambda row: (row[place],)
    return itemgetter(*places)
