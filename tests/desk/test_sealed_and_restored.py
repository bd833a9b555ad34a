"""A packet that was sealed without a hub, through everything that may happen before the hub is back."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.desk.test_with_a_hub import Issuer, fresh, issuer, made_issuer

from assessor_desk.desk import Desk, InboxState
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.review import TextField
from assessor_desk.hub import tables as t
from assessor_desk.hub.serve import Server
from assessor_desk.store.snapshots import Why

__all__ = ["fresh", "issuer", "made_issuer"]


def _packets(issuer: Issuer) -> list[str]:
    def read(hub: object) -> list[str]:
        with hub.database.reading() as view:  # type: ignore[attr-defined]
            return list(view.execute(sa.select(t.packets.c.digest)).scalars())

    found = issuer.do(read)
    assert isinstance(found, list)
    return found


def _elsewhere(desk: Desk, url: str) -> None:
    (source,) = desk.store.fact("sources")
    desk.store.set_fact("sources", [{**source, "address": url}])


def _restored_from_the_first(folder: Path) -> str:
    """From the oldest snapshot that there is; what that says beforehand."""
    with Desk.closed(folder, "demo") as closed:
        oldest = closed.snapshots()[-1].id
        told = closed.preview(oldest)
        closed.restore(oldest)
    return " ".join(f"{one.comes_back} {one.kept} {one.lost}" for one in told.submissions)


def test_what_was_sealed_without_the_hub_goes_once_after_an_end_and_a_restore_from_before_the_seal(
    fresh: Desk, issuer: Issuer, finish: Callable[[Desk, str], tuple[str, ...]], tmp_path: Path
) -> None:
    with Server(issuer.folder) as server:
        fresh.connect(server.url, issuer.code(), "demo")
        fresh.sync()
    own_id = fresh.find("7F3A-00")
    attestations = finish(fresh, own_id)
    fresh.store.take_snapshot(Why.HOURLY)
    sealed = fresh.seal_packet(own_id, "demo", attestations, unheard=True)
    with pytest.raises(Unavailable):
        fresh.sync()
    # What lies on the disk while it is open is what a program that is killed leaves there.
    folder = tmp_path / "after the end"
    shutil.copytree(fresh.folder, folder)
    fresh.close()

    assert "1 sealed packet" in _restored_from_the_first(folder)
    with Server(issuer.folder) as server:
        with Desk.open(folder, "demo") as desk:
            assert desk.case(own_id).review.sealed
            assert desk.ledger().waiting_to_send == 1
            _elsewhere(desk, server.url)
            assert desk.sync().delivered == 1
            assert desk.sync().delivered == 0
        assert _packets(issuer) == [sealed.digest]

        _restored_from_the_first(folder)
        with Desk.open(folder, "demo") as desk:
            _elsewhere(desk, server.url)
            result = desk.sync()
            assert (result.delivered, result.troubles) == (0, ())
            [row] = desk.inbox()
            assert row.state is InboxState.DELIVERED
            assert desk.case(own_id).review.sealed
    assert _packets(issuer) == [sealed.digest]


def test_a_seal_whose_journal_does_not_reach_the_disk_stands_and_goes_with_the_next_round(
    fresh: Desk,
    issuer: Issuer,
    finish: Callable[[Desk, str], tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database's own commit is on the disk by then; the journal is flushed with the next transaction."""
    failed, flushed, flush = [], [], os.fsync

    def once_over_quota(file: int) -> None:
        if file != fresh.store._journal._file:
            return flush(file)
        if not failed:
            failed.append(file)
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        flushed.append(file)
        return flush(file)

    with Server(issuer.folder) as server:
        fresh.connect(server.url, issuer.code(), "demo")
        fresh.sync()
        own_id = fresh.find("7F3A-00")
        attestations = finish(fresh, own_id)
        monkeypatch.setattr(os, "fsync", once_over_quota)
        sealed = fresh.seal_packet(own_id, "demo", attestations)
        assert failed
        assert sealed.path.is_file()
        assert fresh.case(own_id).review.sealed
        with pytest.raises(Refused, match="sealed"):
            fresh.write_text(own_id, TextField.NOTES, "As if nothing had been sealed.")
        fresh.store.set_fact("something small", 1)
        assert flushed
        assert fresh.sync().delivered == 1
    assert _packets(issuer) == [sealed.digest]
