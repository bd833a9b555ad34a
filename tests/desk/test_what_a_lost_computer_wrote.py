"""Of three computers one does not come back: what it wrote, and one of the others has, is told all the same."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

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
from tests.desk.test_removing_a_computer import _all_sync, _bond, _id, _read, _write

from assessor_desk.desk import Desk
from assessor_desk.hub import tables as t

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

    def spoil(hub: Any) -> None:
        last = _batches(hub)[-1]
        with hub.database.writing() as work:
            which = t.entry_batches.c.seq == last.seq
            work.execute(sa.update(t.entry_batches).where(which).values(sealed=last.sealed[:-1] + b"x"))

    pair.issuer.do(spoil)
    assert any("was changed on its way" in one for one in pair.home.sync().troubles)
    assert any("has not come through" in one for one in pair.home.sync().troubles)
    pair.school.remove_device(_id(pair.school, "Third desktop"), "demo")
    pair.school.sync()
    assert pair.home.sync().troubles == ()
    assert _read(pair.home, pair) == "Written on the third."


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
