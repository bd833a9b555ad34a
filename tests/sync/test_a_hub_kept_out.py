"""A hub that its own store or database does not let in refuses no delivery: it waits, and goes when that is mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from tests import homes
from tests.hub.processes import empty_folder
from tests.sync.conftest import Bench

from assessor_desk.domain.errors import Unavailable
from assessor_desk.hub.serve import Server
from assessor_desk.hub.whereabouts import keep_whereabouts, whereabouts_of
from assessor_desk.sync.hub_source import HubSource

pytestmark = [pytest.mark.both_homes, pytest.mark.parametrize("home", [homes.BEYOND], indirect=True)]


def _put_in_outbox(bench: Bench, folder: Path) -> str:
    bench.sync()
    packet, digest = bench.device.seal(folder)
    bench.put_in_outbox(packet, digest)
    return digest


@contextmanager
def _asking(bench: Bench, server: Server) -> Iterator[None]:
    """The bench's desk asks another process of its hub for once."""
    usual = bench.source
    bench.source = HubSource(server.url, usual._token, usual.identity, usual.title)
    try:
        yield
    finally:
        bench.source.close()
        bench.source = usual


def _waits(bench: Bench, digest: str) -> bool:
    """Whether it goes out with the next round, and nobody has refused it."""
    return [(line.digest, line.refused) for line in bench.store.outbox_waiting()] == [(digest, False)]


def test_a_packet_waits_while_the_store_does_not_let_the_hub_in(bench: Bench, tmp_path: Path) -> None:
    digest = _put_in_outbox(bench, tmp_path / "packets")
    folder, told = empty_folder(bench.hub.folder, tmp_path / "other"), whereabouts_of(bench.hub.folder)
    assert told.blobs is not None
    keep_whereabouts(folder, replace(told, blobs=replace(told.blobs, secret_access_key="another")))
    with Server(folder) as server, _asking(bench, server):
        troubles = bench.sync().troubles
    assert "does not let the hub in" in " ".join(troubles)
    assert _waits(bench, digest)
    assert bench.sync().troubles == ()
    assert bench.store.outbox_waiting() == []


@pytest.fixture
def own_role(bench: Bench) -> Iterator[psycopg.Connection]:
    """The server as the hub's own role sees it, and another role there, “changing”, whose password is “before”."""
    with psycopg.connect(whereabouts_of(bench.hub.folder).database, autocommit=True) as server:
        server.execute("CREATE ROLE changing LOGIN SUPERUSER PASSWORD 'before'")
        yield server
        server.execute("DROP ROLE changing")


def test_a_packet_waits_and_the_cursor_counts_while_the_database_does_not_let_the_hub_in(
    bench: Bench, tmp_path: Path, own_role: psycopg.Connection
) -> None:
    digest = _put_in_outbox(bench, tmp_path / "packets")
    folder, told = empty_folder(bench.hub.folder, tmp_path / "other"), whereabouts_of(bench.hub.folder)
    as_another = sa.make_url(told.database).set(username="changing", password="before")
    keep_whereabouts(folder, replace(told, database=as_another.render_as_string(hide_password=False)))
    cursor = bench.store.cursor(bench.source.identity)
    with Server(folder) as server, _asking(bench, server):
        assert bench.source.counts().assignments
        own_role.execute("ALTER ROLE changing PASSWORD 'after'")
        own_role.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE usename = 'changing'"
        )
        with pytest.raises(Unavailable, match="does not let the hub in"):
            bench.sync()
    assert _waits(bench, digest)
    assert bench.store.cursor(bench.source.identity) == cursor
    assert bench.sync().troubles == ()
    assert bench.store.outbox_waiting() == []
