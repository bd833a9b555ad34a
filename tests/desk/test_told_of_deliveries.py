"""What one computer of a person delivered is known to the others, whatever the clock of the one said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.desk.test_own_devices import Pair, connected, issuer, opened, pair
from tests.desk.test_with_a_hub import made_issuer, server

from assessor_desk.desk import Desk, InboxState
from assessor_desk.sync.bond import bond_of

__all__ = ["connected", "issuer", "made_issuer", "opened", "pair", "server"]

Finish = Callable[[Desk, str], tuple[str, ...]]


def _delivered(desk: Desk) -> set[str]:
    with desk.store.reading() as view:
        reviews = [one.id for one in view.reviews(desk.find("7F3A-00"))]
        return {line.digest for one in reviews for line in view.all_outbox_of(one) if line.delivered_at}


def _untold(desk: Desk, identity: str) -> int:
    with desk.store.reading() as view:
        return len(view.travelling.deliveries_to_send(identity, 100))


@pytest.mark.parametrize(("first", "then"), [(0, -4), (10, 0)], ids=["set back", "ahead once"])
def test_a_delivery_is_told_whatever_the_clock_said_before(
    pair: Pair, finish: Finish, monkeypatch: pytest.MonkeyPatch, first: int, then: int
) -> None:
    days, store = [first], pair.school.store
    deliver = store.outbox_delivered

    def by_that_clock(line_id: str, receipt: bytes, at: datetime) -> None:
        deliver(line_id, receipt, at + timedelta(days=days[0]))

    monkeypatch.setattr(store, "outbox_delivered", by_that_clock)
    attestations = finish(pair.school, pair.own_id)
    sealed = [pair.school.seal_packet(pair.own_id, "demo", attestations).digest]
    pair.sync()
    assert _delivered(pair.home) == set(sealed)
    days[0] = then
    pair.school.begin_correction(pair.own_id)
    sealed.append(pair.school.seal_packet(pair.own_id, "demo", attestations).digest)
    pair.sync()
    assert _delivered(pair.school) == _delivered(pair.home) == set(sealed)
    assert pair.home.inbox()[0].state is InboxState.DELIVERED
    assert _untold(pair.school, pair.identity) == _untold(pair.home, pair.identity) == 0


def test_a_chain_begun_anew_tells_of_every_delivery_again(pair: Pair, finish: Finish) -> None:
    attestations = finish(pair.school, pair.own_id)
    sealed = pair.school.seal_packet(pair.own_id, "demo", attestations)
    pair.sync()
    assert _untold(pair.school, pair.identity) == 0
    chain = bond_of(pair.school.store, pair.identity).chain  # type: ignore[union-attr]
    with pair.home.store.transaction() as work:  # as from a back-up of before
        work.travelling.drop_packet(next(iter(_lines(pair.home, sealed.digest))))
        work.commit()
    pair.school.store.device = "another computer"
    pair.sync()
    assert bond_of(pair.school.store, pair.identity).chain != chain  # type: ignore[union-attr]
    assert _delivered(pair.home) == {sealed.digest}


def _lines(desk: Desk, digest: str) -> list[str]:
    with desk.store.reading() as view:
        line = view.outbox_named(digest)
    return [] if line is None else [line.id]
