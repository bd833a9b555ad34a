"""A time-stamp over what another computer sealed proves nothing before the packet is here to check it with."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.desk.test_own_devices import Pair, connected, issuer, made_issuer, opened, pair, server
from tests.desk.test_stamped import office, until
from tests.hub.stamping_office import StampingOffice

from assessor_desk.desk import Desk
from assessor_desk.desk.stamped import why_unconfirmed
from assessor_desk.domain.changes import SourceChanges, TimeStamp
from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.policy import Confirmation
from assessor_desk.hub import stamping
from assessor_desk.hub import tables as t
from assessor_desk.store.lines import OutboxLine
from assessor_desk.sync.hub_devices import HubDevices

__all__ = ["connected", "issuer", "made_issuer", "office", "opened", "pair", "server"]


class _Timed:
    release_needs = Confirmation.TIME_STAMP


def _line(desk: Desk, digest: str) -> OutboxLine:
    with desk.store.reading() as view:
        line = view.outbox_named(digest)
    assert line is not None
    return line


def _listed_as_stamped(desk: Desk, own_id: str) -> bool:
    with desk.store.reading() as view:
        return own_id in view.deciding.stamped([own_id])


@pytest.fixture
def stamped(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]], office: StampingOffice
) -> tuple[str, bytes]:
    """What was sealed at school and stamped, and the token; home has heard of neither."""
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    pair.issuer.do(lambda hub: stamping.configure(hub, office.url, office.certificate))
    digest = pair.school.seal_packet(pair.own_id, "demo", attestations).digest
    assert pair.school.sync().delivered == 1
    until(lambda: pair.issuer.do(lambda hub: stamping.stamp_due(hub).waiting) == 0)
    pair.school.sync()
    return digest, _line(pair.school, digest).time_stamp


def _out_of_reach(*_: Any) -> bytes:
    raise Unavailable("The hub cannot be reached")


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("early", [True, False])
def test_a_time_stamp_is_checked_once_the_packet_is_here_and_proves_nothing_before(
    pair: Pair,
    stamped: tuple[str, bytes],
    office: StampingOffice,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    holds: bool,
    early: bool,
) -> None:
    digest, token = stamped
    assert token
    if not holds:
        strange = stamping.ask_authority(office.url, hashlib.sha256(b"something else").digest())
        token = stamping.only_own_certificate(strange, (office.certificate,))
        pair.issuer.do(lambda hub: _lie(hub, digest, token))
    if early:  # before the other computer told that it delivered
        pair.home.store.accept(SourceChanges("", time_stamps=(TimeStamp(digest, token),)))
    with monkeypatch.context() as patch:
        patch.setattr(HubDevices, "own_packet", _out_of_reach)
        for _ in range(2):
            with pytest.raises(Unavailable):
                pair.home.sync()
    line = _line(pair.home, digest)
    assert (line.came, line.time_stamp) == (False, token)
    assert "cannot be checked before" in why_unconfirmed(_Timed(), line)  # type: ignore[arg-type]
    assert not _listed_as_stamped(pair.home, pair.own_id)

    troubles = " ".join(pair.home.sync().troubles)
    line = _line(pair.home, digest)
    assert line.came
    assert (line.time_stamp == token, "over another signature" in troubles) == (holds, not holds)
    assert _listed_as_stamped(pair.home, pair.own_id) is holds
    assert bool(why_unconfirmed(_Timed(), line)) is not holds  # type: ignore[arg-type]
    [packet] = pair.home.export(pair.own_id, tmp_path / "out")
    with zipfile.ZipFile(packet) as bag:
        assert any(name.endswith(".tst") for name in bag.namelist()) is holds


def _lie(hub: Any, digest: str, token: bytes) -> None:
    with hub.database.writing() as work:
        work.execute(sa.update(t.stamps).where(t.stamps.c.digest == digest).values(token=token))
