"""Of three computers one does not come back: what it wrote, and one of the others has, is told all the same."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from tests.desk.test_own_devices import (
    Pair,
    _batches,
    connected,
    issuer,
    let_in,
    made_issuer,
    opened,
    pair,
    server,
)
from tests.desk.test_removing_a_computer import _all_sync, _bond, _id, _read, _spoil, _write

from assessor_desk.desk import Desk
from assessor_desk.desk.devices import Devices
from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.review import TextField
from assessor_desk.hub import tables as t
from assessor_desk.hub.people import revoke
from assessor_desk.hub.serve import Server
from assessor_desk.sync.hub_source import HubSource

__all__ = ["connected", "issuer", "made_issuer", "opened", "pair", "server"]


def _three(pair: Pair, opened: Callable[[str], Desk]) -> Desk:
    third = opened("third")
    let_in(pair.school, third)
    _all_sync(pair.school, pair.home, third)
    return third


def test_at_a_hub_that_was_put_back_whoever_has_it_tells_the_others(
    pair: Pair, opened: Callable[[str], Desk]
) -> None:
    third = _three(pair, opened)
    _write(third, pair, "Written on the third.")
    pair.school.sync()

    def put_back(hub: Any) -> None:
        with hub.database.writing() as work:
            work.execute(sa.delete(t.entry_batches).where(t.entry_batches.c.seq == _batches(hub)[-1].seq))

    pair.issuer.do(put_back)
    pair.school.sync()
    assert pair.home.sync().troubles == ()
    assert _read(pair.home, pair) == "Written on the third."


def test_what_came_damaged_of_a_removed_computer_is_told_by_who_removed_it(
    pair: Pair, opened: Callable[[str], Desk]
) -> None:
    third = _three(pair, opened)
    _write(third, pair, "Written on the third.")
    pair.school.sync()
    pair.issuer.do(_spoil)
    assert any("was changed on its way" in one for one in pair.home.sync().troubles)
    assert any("has not come through" in one for one in pair.home.sync().troubles)
    pair.school.remove_device(_id(pair.school, "Third desktop"), "demo")
    pair.school.sync()
    assert pair.home.sync().troubles == ()
    assert _read(pair.home, pair) == "Written on the third."


def test_what_is_missing_on_the_computer_that_removes_its_writer_is_told_by_the_other(
    pair: Pair, opened: Callable[[str], Desk]
) -> None:
    third = _three(pair, opened)
    _write(third, pair, "Written on the third.")
    pair.school.sync()
    pair.issuer.do(_spoil)
    assert any("was changed on its way" in one for one in pair.home.sync().troubles)
    pair.home.remove_device(_id(pair.home, "Third desktop"), "demo")
    for desk in (pair.home, pair.school):
        desk.sync()
    assert pair.home.sync().troubles == ()
    assert _read(pair.home, pair) == "Written on the third."


def test_while_everything_is_being_told_once_more_what_is_missing_is_missing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.sync()
    for words in ("One.", "Two."):
        _write(pair.school, pair, words)
    pair.issuer.do(_spoil)
    pair.home.sync()
    sent, times = HubSource.send_batch, [0]

    def cut(own: HubSource, *told: Any) -> int:
        times[0] += 1
        if times[0] > 1:
            raise Unavailable("The connection ended")
        return sent(own, *told)

    with monkeypatch.context() as patch:
        patch.setattr("assessor_desk.sync.exchange._AT_ONCE", 1)
        patch.setattr(HubSource, "send_batch", cut)
        with pytest.raises(Unavailable):
            pair.school.sync()
    assert times[0] == 2
    assert any("has not come through" in one for one in pair.home.sync().troubles)
    pair.school.sync()
    assert pair.home.sync().troubles == ()
    assert _read(pair.home, pair) == "Two."


def _both_lost(pair: Pair, opened: Callable[[str], Desk]) -> Desk:
    """The other one of two new computers, which share anew: of the two before, nobody has the key.

    With programs that made a second key beside a first (docs/decisions/0296), or a hub that hides that there is one.
    """
    pair.sync()
    for number in range(5):
        _write(pair.school, pair, f"Before both were lost, {number}.")
    third = opened("third")
    pair.home.store.set_fact(f"devices {pair.identity}", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Devices, "_others_share", lambda *_: False)
        let_in(third, pair.home)
    return third


def test_what_lies_under_a_key_that_nobody_has_any_more_stands_in_nobody_s_way(
    pair: Pair, opened: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    third = _both_lost(pair, opened)
    gone = _id(third, "School desktop")
    pair.issuer.do(lambda hub: revoke(hub, hub_person(hub, gone), "keyCompromise", gone))
    asked, devices = [0], HubSource.devices

    def counted(own: HubSource) -> Any:
        asked[0] += 1
        return devices(own)

    with monkeypatch.context() as patch:
        patch.setattr(HubSource, "devices", counted)
        told = [desk.sync().told for desk in (third, pair.home, third, pair.home)]
    assert asked[0] <= 6, "not for each of the batches"
    assert [any("is passed over" in words for words in one) for one in told] == [False, True, True, False]
    _write(third, pair, "Written on the third.")
    assert (pair.home.sync().troubles, third.sync().troubles) == ((), ())
    assert _read(pair.home, pair) == "Written on the third."
    assert not any("passed over" in words for words in (*third.sync().told, *pair.home.sync().told))


def test_who_is_connected_again_after_something_was_passed_over_goes_on_sharing(
    pair: Pair, opened: Callable[[str], Desk], server: Server
) -> None:
    third = _both_lost(pair, opened)
    gone = _id(third, "School desktop")
    pair.issuer.do(lambda hub: revoke(hub, hub_person(hub, gone), "keyCompromise", gone))
    for desk in (third, pair.home, third, pair.home):
        desk.sync()
    for desk in (third, pair.home):
        assert not desk.waits_for_key()
        desk.connect(server.url, pair.issuer.code(), "demo")
    _all_sync(third, pair.home, third)
    _write(third, pair, "Written on the third.")
    assert pair.home.sync().troubles == ()
    assert _read(pair.home, pair) == "Written on the third."


def test_while_a_computer_is_in_use_that_may_have_the_key_it_is_waited_for(
    pair: Pair, opened: Callable[[str], Desk]
) -> None:
    third = _both_lost(pair, opened)
    for _ in range(2):
        assert any("was not given yet" in one for one in third.sync().troubles)
        pair.home.sync()


def hub_person(hub: Any, device: str) -> str:
    """Whose it is."""
    with hub.database.reading() as view:
        return str(view.execute(sa.select(t.devices.c.person).where(t.devices.c.id == device)).scalar_one())


def test_who_lacks_the_beginning_itself_closes_nobody_s_gap(
    pair: Pair, opened: Callable[[str], Desk]
) -> None:
    """A chain whose first batches the hub kept no longer is not here, though its number is known."""
    third = _three(pair, opened)
    _write(third, pair, "Written on the third.")
    bond = _bond(pair.school, pair)
    chain = next(iter(bond.whole))
    assert chain in bond.anew("another").tells
    assert chain not in replace(bond, skipped=(chain,)).anew("another").tells


@pytest.mark.parametrize("how", ["damaged", "put back"])
def test_what_the_hub_kept_no_longer_is_asked_for_again_where_the_request_was_lost(
    pair: Pair, opened: Callable[[str], Desk], how: str
) -> None:
    pair.sync()
    pair.school.write_text(pair.own_id, TextField.NOTES, "From long ago.")
    pair.sync()
    _write(pair.school, pair, "From yesterday.")
    pair.sync()

    def let_go(hub: Any) -> None:
        kept = {row.chain: row.seq for row in _batches(hub)}
        with hub.database.writing() as work:
            work.execute(sa.delete(t.entry_batches).where(t.entry_batches.c.seq.not_in(kept.values())))

    pair.issuer.do(let_go)
    third = opened("third")
    let_in(pair.home, third)
    before = pair.issuer.do(lambda hub: _batches(hub)[-1].seq)
    third.sync()
    assert third.case(pair.own_id).review.notes == "", "it asks the others"

    def lose(hub: Any) -> None:
        batches = t.entry_batches
        gone = {"damaged": sa.update(batches).values(sealed=b"damaged"), "put back": sa.delete(batches)}[how]
        with hub.database.writing() as work:
            work.execute(gone.where(batches.c.seq > before))

    pair.issuer.do(lose)
    for _ in range(3):
        for desk in (pair.school, pair.home, third):
            desk.sync()
    assert third.case(pair.own_id).sheet == pair.school.case(pair.own_id).sheet
    assert third.case(pair.own_id).review.notes == "From long ago."
    quiet = pair.issuer.do(lambda hub: _batches(hub)[-1].seq)
    _all_sync(pair.school, pair.home, third)
    assert pair.issuer.do(lambda hub: _batches(hub)[-1].seq) == quiet
