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
from assessor_desk.keys.file_turns import PATIENCE, busy

#: Of one process. What a server is set up for, 100, is enough for four.
_CONNECTIONS, _MORE_IN_A_RUSH = 6, 14
_CONNECT_SECONDS = 10
#: How the server is to plan for the hub. Of statements that come again it would make one plan for everybody's
#: average, by which somebody with little waits as long as somebody with much; and compiling them takes longer than
#: they do. What somebody has lies in a few places of large tables: on discs without arms reading there costs
#: little more than in rows.
_PLANNING = "-c plan_cache_mode=force_custom_plan -c jit=off -c random_page_cost=1.1"
#: A machine that dies says nothing: within a minute or so the other side gives a connection to it up, the server with
#: its locks and the hub with its question. Else it takes a system's own patience, two hours.
_ALIVE = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_ALIVE_THERE = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
#: A writer is at work all the time, so one that says nothing for so many seconds stands still, and others wait for it.
_STANDS_STILL_SECONDS = 120
#: A connection that nobody used for so many seconds is asked whether it still is one before it is used.
_IDLE_SECONDS = 30.0
#: What the server says where somebody else has a lock (SQLSTATE).
_LOCK_NOT_AVAILABLE = "55P03"
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
        with self._waited_for("writing", PATIENCE) as left, self.engine.connect() as connection:
            yield connection.execution_options(hub_writes=left)

    @contextlib.contextmanager
    def turn(self, name: str, patience: float | None = None) -> Iterator[None]:
        """A lock that the server gives back by itself when this process dies, or its machine."""
        number = {"number": _number(name)}
        with (
            self._waited_for(f"turn {name}", patience) as left,
            self.telling(),
            self._lasting() as connection,
        ):
            # Each turn says how long it waits: the connection may have been another's.
            take = "SELECT set_config('lock_timeout', :waits, false), pg_advisory_lock(:number)"
            connection.execute(sa.text(take), {**number, "waits": _lock_timeout(left)})
            try:
                yield
            finally:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:number)"), number)

    @contextlib.contextmanager
    def _waited_for(self, what: str, patience: float | None) -> Iterator[float | None]:
        """This process's own lock; how much of the patience is left for those of others. Raises Unavailable."""
        begun, own = time.monotonic(), self._turns[what]
        if not own.acquire(timeout=-1 if patience is None else patience):
            raise busy(self.place)
        try:
            yield None if patience is None else max(0.0, patience - (time.monotonic() - begun))
        finally:
            own.release()

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
        except (sa.exc.OperationalError, sa.exc.InternalError) as error:
            if isinstance(error, sa.exc.InternalError) and not error.connection_invalidated:
                raise  # a defect, and not a server that ended the connection
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                raise busy(self.place) from error
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
    own = {**_ALIVE, "options": f"{_PLANNING} {_ALIVE_THERE} -c tcp_user_timeout=60000"}
    # hide_parameters: names and keys must not reach a traceback.
    engine = sa.create_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_IN_A_RUSH,
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "assessor-desk hub",
            **{name: value for name, value in own.items() if name not in url.query},
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
    how = connection.get_execution_options()
    if "hub_writes" in how:
        waits, idles = _lock_timeout(how["hub_writes"]), f"{_STANDS_STILL_SECONDS}s"
        connection.exec_driver_sql(
            f"SELECT set_config('lock_timeout', '{waits}', true), "
            f"set_config('idle_in_transaction_session_timeout', '{idles}', true), "
            f"pg_advisory_xact_lock({_number('writing')})"
        )


def _lock_timeout(seconds: float | None) -> str:
    """As PostgreSQL takes it, where nothing would be for ever, too."""
    return "0" if seconds is None else f"{max(1, round(seconds * 1000))}ms"


def _number(name: str) -> int:
    """The same for the same name in every process: 63 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(f"assessor-desk hub {name}".encode()).digest()[:8]) >> 1
