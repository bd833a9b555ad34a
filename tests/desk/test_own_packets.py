"""What another computer sealed comes here, whatever was answered in its place the first time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from tests.desk.test_own_devices import Pair, connected, issuer, made_issuer, opened, pair, server

from assessor_desk.desk import Desk
from assessor_desk.desk.connecting import source_of
from assessor_desk.desk.own_packets import fetch_own_packets
from assessor_desk.domain.errors import Refused
from assessor_desk.sync.hub_devices import HubDevices
from assessor_desk.sync.source import NotEnrolled

__all__ = ["connected", "issuer", "made_issuer", "opened", "pair", "server"]


@pytest.fixture
def sealed(pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]) -> str:
    """What was sealed at school and delivered; home has not heard of it."""
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    digest = pair.school.seal_packet(pair.own_id, "demo", attestations).digest
    assert pair.school.sync().delivered == 1
    pair.school.sync()
    return digest


def _came(desk: Desk, digest: str) -> bool:
    with desk.store.reading() as view:
        line = view.outbox_named(digest)
    return line is not None and line.came


def _declines(*_: Any) -> bytes:
    raise NotEnrolled("This computer is not enrolled here")


def _has_it_not(*_: Any) -> bytes:
    raise Refused("You delivered no packet of that name here")


def _changed(*_: Any) -> bytes:
    return b"not what was sent"


def test_a_packet_is_asked_for_again_by_a_computer_that_the_hub_did_not_know_for_a_while(
    pair: Pair, sealed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(HubDevices, "own_packet", _declines)
        with pytest.raises(NotEnrolled):
            pair.home.sync()
    assert not _came(pair.home, sealed)
    pair.home.sync()
    assert _came(pair.home, sealed)


@pytest.mark.parametrize("answer", [_has_it_not, _changed])
def test_a_packet_that_was_not_handed_back_is_asked_for_again_a_day_later(
    pair: Pair, sealed: str, monkeypatch: pytest.MonkeyPatch, answer: Callable[..., bytes]
) -> None:
    """A hub that was put back has it again once the other computer was there; what arrived changed may come whole."""
    with monkeypatch.context() as patch:
        patch.setattr(HubDevices, "own_packet", answer)
        pair.home.sync()
    pair.home.sync()
    assert not _came(pair.home, sealed), "it is not asked for with every round"
    desk = pair.home._surroundings
    now, outbox = desk.clock(), desk.store.path.parent / "outbox"
    with closing(source_of(desk, pair.identity)) as source:
        assert isinstance(source, HubDevices)
        known = (desk.store, source, pair.identity, outbox)
        assert fetch_own_packets(*known, now + timedelta(hours=20)) == 0
        assert fetch_own_packets(*known, now + timedelta(days=1)) == 1
    assert _came(pair.home, sealed)
