"""The hub's database on a PostgreSQL server, shared by any number of processes.

Every writing transaction first takes the hub's one advisory lock, which PostgreSQL gives back after the commit can be
seen. So writers come one after another, as SQLite has it, and two things hold that PostgreSQL alone does not give:
what a transaction looked at still stands when it writes, and the numbers in `changes` can be seen in their order. A
sequence gives its numbers before the commit: without the lock a desk may read number 8 before number 7 is there, keep
8 as its cursor, and never hear of 7.
"""

from __future__ import annotations

import contextlib
import hashlib
import select
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.errors import Unavailable
from assessor_desk.hub.secret_columns import Cipher, use_cipher

#: Of one process. What a server is set up for, 100, is enough for four.
_CONNECTIONS, _MORE_IN_A_RUSH = 6, 14
_CONNECT_SECONDS = 10
#: How the server is to plan for the hub. Of statements that come again it would make one plan for everybody's
#: average, by which somebody with little waits as long as somebody with much; and compiling them takes longer than
#: they do. What somebody has lies in a few places of large tables: on discs without arms reading there costs
#: little more than in rows.
_PLANNING = "-c plan_cache_mode=force_custom_plan -c jit=off -c random_page_cost=1.1"
_WRITING: dict[str, Any] = {"hub_writes": True}
#: A connection that nobody used for so many seconds is asked whether it still is one before it is used.
_IDLE_SECONDS = 30.0
_VIEW: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class ServerHome:
    """A database at a PostgreSQL address, and the key for what is encrypted in it."""

    shared = True

    def __init__(self, address: str, key: str) -> None:
        url = sa.make_url(address).set(drivername="postgresql+psycopg")
        self.place = f"the database {url.database} on {url.host or 'this computer'}"
        self.engine = _engine(url)
        use_cipher(self.engine.dialect, Cipher(bytes.fromhex(key)))
        self._views = self.engine.execution_options(**_VIEW)
        self._looks = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def close(self) -> None:
        """What a thread still uses is closed when it is given back: the server counts every connection."""
        sa.event.listen(self.engine, "checkin", lambda _, record: record.close())
        self.engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read-only transaction whose statements all see the same."""
        with self._views.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def looking(self) -> Iterator[sa.Connection]:
        """No transaction, and so one question for one statement."""
        with self._looks.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Threads wait for each other before they take a connection, or the waiting would use them all up."""
        with self._turns["writing"], self.engine.connect() as connection:
            yield connection.execution_options(**_WRITING)

    @contextlib.contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """A lock that the server gives back by itself when this process dies."""
        number = {"number": _number(name)}
        with self._turns[f"turn {name}"], self.telling(), self._lasting() as connection:
            connection.execute(sa.text("SELECT pg_advisory_lock(:number)"), number)
            try:
                yield
            finally:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:number)"), number)

    @contextlib.contextmanager
    def try_turn(self, name: str) -> Iterator[bool]:
        """The same lock, if it is free; given back with the connection."""
        number, own = {"number": _number(name)}, self._turns[f"turn {name}"]
        if not own.acquire(blocking=False):
            yield False
            return
        try:
            with self.telling(), self._lasting() as connection:
                mine = bool(
                    connection.execute(sa.text("SELECT pg_try_advisory_lock(:number)"), number).scalar()
                )
                try:
                    yield mine
                finally:
                    if mine:  # a connection that was lost meanwhile has given it back
                        with contextlib.suppress(sa.exc.OperationalError):
                            connection.execute(sa.text("SELECT pg_advisory_unlock(:number)"), number)
        finally:
            own.release()

    @contextlib.contextmanager
    def _lasting(self) -> Iterator[sa.Connection]:
        """A connection for a lock that outlives transactions."""
        with self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Say in a sentence that the server cannot be reached or has no room; it has rolled back by then."""
        try:
            yield
        except sa.exc.TimeoutError as error:
            raise Unavailable(
                "Too much is asked of the hub at once. Nothing was changed; try again"
            ) from error
        except sa.exc.OperationalError as error:
            words = str(error.orig).strip().partition("\n")[0]
            if "authentication failed" in words or "does not exist" in words:
                # Not Refused: whoever asks the hub meanwhile is to come again, and keeps what was to be delivered.
                raise Unavailable(f"{self.place} does not let the hub in ({words})") from error
            raise Unavailable(
                f"{self.place} cannot be reached, or gave up ({words}). Nothing was changed"
            ) from error

    def keep_before(self, version: str, now: datetime) -> None:
        """Nothing: a migration is one transaction there, and the server's own back-ups are its operator's."""


def _engine(url: sa.URL) -> sa.Engine:
    # hide_parameters: names and keys must not reach a traceback.
    engine = sa.create_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_IN_A_RUSH,
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "assessor-desk hub",
            **({} if "options" in url.query else {"options": _PLANNING}),
        },
    )
    sa.event.listen(engine, "begin", _begin)
    sa.event.listen(engine, "checkin", lambda _, record: record.info.update(used=time.monotonic()))
    sa.event.listen(engine, "checkout", lambda driver, record, _: _refuse_lost(engine, driver, record))
    return engine


def _refuse_lost(engine: sa.Engine, driver: Any, record: Any) -> None:
    """A server that was started again has ended its connections, and said so: that takes no question to notice. Of one
    that said nothing it is asked after a while. Raises InvalidatePoolError, upon which the pool makes new ones.
    """
    used = record.info.get("used")
    if used is None:  # just made
        return
    silent = not select.select([driver.fileno()], [], [], 0)[0]
    if silent and time.monotonic() - used < _IDLE_SECONDS:
        return
    try:
        engine.dialect.do_ping(driver)
    except Exception as error:
        raise sa.exc.InvalidatePoolError from error


def _begin(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("hub_writes"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_number('writing')})")


def _number(name: str) -> int:
    """The same for the same name in every process: 63 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(f"assessor-desk hub {name}".encode()).digest()[:8]) >> 1
