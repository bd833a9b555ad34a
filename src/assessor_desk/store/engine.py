"""SQLAlchemy over the encrypted file.

The driver's own transactions are off (`isolation_level=None`); BEGIN is sent here. Left to itself the driver
begins only at the first INSERT, so that a failing migration leaves tables behind, and a read that turns into a
write may fail half-way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from assessor_desk.store.connection import connect

#: Execution options of a connection that will write: it asks for the file's one write lock at once.
WRITING: dict[str, Any] = {"assessor_desk_writes": True}


def engine_of(path: Path, key: bytes) -> sa.Engine:
    """An engine whose connections are opened with the raw key; the key is in no URL."""
    engine = sa.create_engine(
        "sqlite+pysqlite://",
        module=sqlcipher,
        creator=lambda: connect(path, key),
        poolclass=QueuePool,
        pool_size=3,
    )
    sa.event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("assessor_desk_writes")
    # By the driver itself: what SQLAlchemy does around a statement takes three times as long as beginning.
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
