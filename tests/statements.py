"""A statement is compiled once in a process, however many files are opened in it.

SQLAlchemy keeps what it compiled with each engine, and nearly every test opens a hub or a desk anew: a seventh of the
time of such a test went into compiling the same statements again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

_LARGEST = 5000


class _OfAllFiles(LRUCache[Any, Any]):
    """Compiled statements by what they are compiled for, which for SQLite's files is the driver alone."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_for_any_file(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_for_any_file(key), compiled)


def _for_any_file(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """SQLAlchemy's key with what its first part, an engine's own dialect, has in common with others'."""
    dialect, *statement = key
    return type(dialect), dialect.dbapi, *statement


def compile_once() -> None:
    """Let all engines on files that are made from now on share what they compile.

    A server's keep theirs: what is compiled for one seals columns with the key of its hub, which its dialect has.
    """
    shared = {"compiled_cache": _OfAllFiles(_LARGEST)}
    make: Any = sa.create_engine

    def make_sharing(url: str | sa.URL, **options: Any) -> sa.Engine:
        sharing = {"execution_options": shared} if sa.make_url(url).get_backend_name() == "sqlite" else {}
        engine: sa.Engine = make(url, **sharing, **options)
        return engine

    replaced: Any = make_sharing
    sa.create_engine = replaced
