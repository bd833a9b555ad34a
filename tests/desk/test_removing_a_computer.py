"""Letting one of several computers go: the others get the next key, whatever is cut short on the way."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.desk.test_own_devices import (
    OVERALL,
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

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.hub import tables as t
from assessor_desk.hub.people import revoke
from assessor_desk.hub.serve import Server
from assessor_desk.keys.person_key import KeyNotHere, SealedBatch, open_batch, public_of
from assessor_desk.sync.bond import Bond, bond_of
from assessor_desk.sync.device_letters import letter_from
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.source import NotEnrolled

__all__ = ["connected", "issuer", "made_issuer", "opened", "pair", "server"]


class _Killed(BaseException):
    """The program ends here."""


def _id(desk: Desk, title: str) -> str:
    return next(one.id for one in desk.devices() if one.title == title)


def _bond(desk: Desk, pair: Pair) -> Bond:
    bond = bond_of(desk.store, pair.identity)
    assert bond is not None
    return bond


def _write(desk: Desk, pair: Pair, words: str) -> None:
    desk.write_text(pair.own_id, OVERALL, words)
    desk.sync()


def _spoil(hub: Any) -> None:
    """Damage what was sent last."""
    last = _batches(hub)[-1]
    with hub.database.writing() as work:
        which = t.entry_batches.c.seq == last.seq
        work.execute(sa.update(t.entry_batches).where(which).values(sealed=last.sealed[:-1] + b"x"))


def _read(desk: Desk, pair: Pair) -> str:
    return desk.case(pair.own_id).review.overall


def _all_sync(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            assert desk.sync().troubles == ()


def test_a_copy_of_the_key_that_goes_with_a_removal_is_told_until_another_is_left(pair: Pair) -> None:
    words = "five words taken by chance"
    pair.school.leave_key_copy(words)
    assert (pair.school.key_copy_kept(), pair.school.key_copy_gone()) == (True, "")
    pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    assert not pair.school.key_copy_kept()
    assert "leave a new copy" in pair.school.key_copy_gone()
    with pytest.raises(Refused, match="Give the passphrase"):
        pair.school.leave_key_copy("")
    pair.school.leave_key_copy(words)
    with pytest.raises(Refused, match="Nothing was changed"):
        pair.school.leave_key_copy("")
    assert (pair.school.key_copy_kept(), pair.school.key_copy_gone()) == (True, "")
    pair.school.take_back_key_copy()
    assert (pair.school.key_copy_kept(), pair.school.key_copy_gone()) == (False, "")


def test_a_removal_where_no_copy_of_the_key_lay_at_the_hub_tells_of_none(pair: Pair) -> None:
    pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    assert pair.school.key_copy_gone() == ""


@pytest.mark.parametrize("step", ["remove_device", "keep_keys"])
@pytest.mark.parametrize("ends", [Unavailable, NotEnrolled, _Killed])
def test_a_removal_that_was_cut_short_is_finished_by_the_next_round(
    pair: Pair,
    opened: Callable[[str], Desk],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    ends: type[BaseException],
) -> None:
    third = opened("third")
    let_in(pair.school, third)
    _all_sync(pair.school, pair.home, third)
    pair.school.leave_key_copy("five words taken by chance")
    lost, before = _id(pair.school, "Home desktop"), _bond(pair.school, pair).ring

    def cut(*_: Any) -> None:
        raise ends("The connection ended")

    with monkeypatch.context() as patch:
        patch.setattr(HubSource, step, cut)
        with pytest.raises(ends):
            pair.school.remove_device(lost, "demo")
        with pytest.raises(ends):
            pair.school.sync()
    after = _bond(pair.school, pair).ring
    assert len(after.keys) == len(before.keys) + 1
    pair.school.write_text(pair.own_id, OVERALL, "Written after it was lost.")
    result = pair.school.sync()
    assert (result.troubles, "“Home desktop” was removed" in " ".join(result.told)) == ((), True)
    assert "The copy of your key that lay at the hub was deleted" in " ".join(result.told)
    assert [one.title for one in pair.school.devices() if one.revoked_at] == ["Home desktop"]
    assert not any("removed" in one for one in pair.school.sync().told)
    assert _bond(pair.school, pair).ring == after, "one key for one removal"
    third.sync()
    assert (_read(third, pair), _bond(third, pair).ring) == ("Written after it was lost.", after)
    third.store.set_fact(f"devices {pair.identity}", None)
    with pytest.raises(Refused, match="left a copy"):
        third.join_with_passphrase("five words taken by chance")


def test_a_computer_that_the_hub_does_not_let_go_is_not_let_go_here_either(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.sync()

    def refuse(*_: Any) -> None:
        raise Refused("The hub says: The signature on this does not hold")

    with monkeypatch.context() as patch:
        patch.setattr(HubSource, "remove_device", refuse)
        with pytest.raises(Refused, match="does not hold"):
            pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    for desk, words in ((pair.school, "From school."), (pair.home, "From home, after school.")):
        for _ in range(2):
            pair.school.sync()
            pair.home.sync()
        _write(desk, pair, words)
    for desk in (pair.school, pair.home):
        assert desk.sync().troubles == ()
    assert {_read(pair.school, pair), _read(pair.home, pair)} == {"From home, after school."}


def test_two_computers_removed_one_after_the_other_leave_the_fourth_with_the_key_in_use(
    pair: Pair,
    opened: Callable[[str], Desk],
    new_desk: tuple[Path, bytes],
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    third = opened("third")
    shutil.copytree(new_desk[0], tmp_path / "fourth")
    with Desk.open_with_key(tmp_path / "fourth", new_desk[1]) as fourth:
        fourth.connect(server.url, pair.issuer.code(), "demo")
        fourth.call_device("Fourth desktop")
        fourth.sync()
        for desk in (third, fourth):
            let_in(pair.school, desk)
        _all_sync(pair.school, pair.home, third, fourth)
        pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")

        def lost(*_: Any) -> int:
            raise Unavailable("The connection ended")

        with monkeypatch.context() as patch:
            patch.setattr(HubSource, "send_batch", lost)
            with pytest.raises(Unavailable):
                pair.school.sync()
        pair.school.remove_device(_id(pair.school, "Third desktop"), "demo")
        _write(pair.school, pair, "Written once two were gone.")
        assert fourth.sync().troubles == ()
        assert _read(fourth, pair) == "Written once two were gone."
        _write(fourth, pair, "And answered by the fourth.")
        assert pair.school.sync().troubles == ()
        assert _read(pair.school, pair) == "And answered by the fourth."
        assert _bond(fourth, pair).ring == _bond(pair.school, pair).ring


@pytest.mark.parametrize("by_passphrase", [False, True])
def test_a_computer_that_was_not_heard_before_another_was_removed_is_handed_the_key_once_it_is(
    pair: Pair, opened: Callable[[str], Desk], by_passphrase: bool
) -> None:
    third = opened("third")
    if by_passphrase:
        pair.school.leave_key_copy("five words taken by chance")
        third.join_with_passphrase("five words taken by chance")
    else:
        let_in(pair.school, third)
    pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    _write(pair.school, pair, "Written before the third was heard.")
    assert any("key that this one was not given yet" in one for one in third.sync().troubles)
    assert third.sync().troubles != ()
    for desk in (pair.school, third, pair.school):
        assert desk.sync().troubles == ()
    assert _read(third, pair) == "Written before the third was heard."
    _write(third, pair, "Written by the third.")
    _write(pair.school, pair, _read(pair.school, pair) + " And then at school.")
    _all_sync(pair.school, third)
    assert third.case(pair.own_id).sheet == pair.school.case(pair.own_id).sheet


@pytest.mark.parametrize("by_passphrase", [False, True])
def test_who_is_let_in_by_one_that_did_not_hear_of_a_removal_yet_writes_under_no_key_that_the_removed_one_has(
    pair: Pair, opened: Callable[[str], Desk], server: Server, by_passphrase: bool
) -> None:
    third = opened("third")
    let_in(pair.school, third)
    _all_sync(pair.school, pair.home, third)
    lost = _bond(third, pair).ring
    pair.school.remove_device(_id(pair.school, "Third desktop"), "demo")
    pair.school.sync()
    _connect_again(third, pair, server)
    third.sync()
    if by_passphrase:
        pair.home.leave_key_copy("five words taken by chance")
        third.join_with_passphrase("five words taken by chance")
    else:
        let_in(pair.home, third)
    _write(third, pair, "Written by the third.")
    assert pair.issuer.do(lambda hub: _batches(hub)[-1].key_name) not in lost.names
    _all_sync(pair.school, pair.home, third)
    assert _read(pair.school, pair) == "Written by the third."


def test_what_a_removed_computer_sent_just_before_brings_it_no_key(
    pair: Pair, opened: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    third = opened("third")
    let_in(pair.school, third)
    _all_sync(pair.school, pair.home, third)
    lost, old = _id(pair.school, "Home desktop"), _bond(pair.home, pair)
    remove = HubSource.remove_device

    def amid(own: HubSource, device: str, proof: bytes) -> None:
        _write(pair.home, pair, "Sent just before.")
        remove(own, device, proof)

    with monkeypatch.context() as patch:
        patch.setattr(HubSource, "remove_device", amid)
        pair.school.remove_device(lost, "demo")
    _write(pair.school, pair, "Under the next key.")
    for desk in (third, pair.school, third):
        assert desk.sync().troubles == ()
    box, opened_by_it = public_of(old.box).hex(), 0
    for row in pair.issuer.do(_batches):  # type: ignore[attr-defined]
        batch = SealedBatch(row.chain, row.number, row.previous, row.key_name, row.sealed)
        try:
            content = open_batch(
                old.ring, pair.identity, str(pair.school.store.fact("profile")["person"]), batch
            )
        except KeyNotHere:
            continue
        opened_by_it += 1
        assert box not in letter_from(content).keys
    assert opened_by_it
    assert _read(third, pair) == _read(pair.school, pair)


@pytest.mark.parametrize("by_passphrase", [False, True])
def test_what_is_written_by_one_let_in_after_it_removed_another_is_sealed_with_a_key_that_one_has_not(
    pair: Pair, opened: Callable[[str], Desk], by_passphrase: bool
) -> None:
    third = opened("third")
    pair.sync()
    pair.school.leave_key_copy("five words taken by chance")
    lost = _bond(pair.home, pair)
    third.remove_device(_id(third, "Home desktop"), "demo")
    assert third.key_copy_kept(), "it may be the only way in"
    if by_passphrase:
        third.join_with_passphrase("five words taken by chance")
    else:
        let_in(pair.school, third)
    told = third.sync().told
    assert "The copy of your key that lay at the hub was deleted" in " ".join(told)
    assert (third.key_copy_kept(), "leave a new copy" in third.key_copy_gone()) == (False, True)
    _all_sync(pair.school, third)
    for desk, words in ((third, "Written by the third."), (pair.school, "Written at school.")):
        _write(desk, pair, words)
        _all_sync(pair.school, third)
        assert {_read(pair.school, pair), _read(third, pair)} == {words}
        assert pair.issuer.do(lambda hub: _batches(hub)[-1].key_name) not in lost.ring.names
    assert _bond(third, pair).ring == _bond(pair.school, pair).ring
    assert _bond(third, pair).let_go("another name", public_of(lost.box).hex())


# -- connected again with the same desk folder ---------------------------------------------------------------


def _connect_again(desk: Desk, pair: Pair, server: Server) -> None:
    desk.connect(server.url, pair.issuer.code(), "demo")


@pytest.mark.parametrize("knows", [True, False], ids=["and knows that it was removed", "and does not know"])
def test_a_removed_computer_that_is_connected_again_is_let_in_again_and_nothing_is_lost(
    pair: Pair, server: Server, knows: bool
) -> None:
    pair.sync()
    box = _bond(pair.home, pair).box
    pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    pair.home.write_text(pair.own_id, OVERALL, "Written at home, once it was removed.")
    if knows:
        with pytest.raises(Refused, match="revoked"):
            pair.home.sync()
    _write(pair.school, pair, "Written at school, under the next key.")
    _connect_again(pair.home, pair, server)
    if knows:
        result = pair.home.sync()
        assert (result.troubles, "until one of them lets it in" in " ".join(result.told)) == ((), True)
    else:
        [this] = [one for one in pair.home.devices() if one.this]
        assert not this.shares
    assert not pair.home.shares_entries()
    pair.home.call_device("Home desktop again")
    let_in(pair.school, pair.home)
    assert _bond(pair.home, pair).box != box
    _all_sync(pair.school, pair.home)
    assert pair.home.case(pair.own_id).sheet == pair.school.case(pair.own_id).sheet
    (stand,) = pair.school.case(pair.own_id).sheet.disputed.values()
    assert {one.text for one in stand} == {
        "Written at home, once it was removed.", "Written at school, under the next key.",
    }  # fmt: skip
    pair.home.choose_text(pair.own_id, OVERALL, "Chosen at home.")
    _all_sync(pair.home, pair.school)
    _write(pair.school, pair, "Answered at school.")
    pair.home.sync()
    assert _read(pair.home, pair) == "Answered at school."
    assert _bond(pair.home, pair).ring == _bond(pair.school, pair).ring
    for desk in (pair.school, pair.home):
        shares = {one.title: one.shares for one in desk.devices() if one.revoked_at is None}
        assert shares == {"School desktop": True, "Home desktop again": True, "Third desktop": False}


def test_what_was_missing_of_a_removed_computer_comes_once_it_is_let_in_again(
    pair: Pair, server: Server
) -> None:
    pair.sync()
    _write(pair.home, pair, "Written at home, and damaged on its way.")
    pair.issuer.do(_spoil)
    assert any("was changed on its way" in one for one in pair.school.sync().troubles)
    pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    _connect_again(pair.home, pair, server)
    pair.home.sync()
    let_in(pair.school, pair.home)
    for desk in (pair.home, pair.school):
        desk.sync()
    _all_sync(pair.home, pair.school)
    assert _read(pair.school, pair) == "Written at home, and damaged on its way."


def test_a_computer_that_lost_its_place_at_the_hub_and_is_connected_again_goes_on_sharing(
    pair: Pair, server: Server
) -> None:
    """It was not revoked: whoever removes what it was before, as it stands in the list twice, does not cut it off."""
    pair.sync()
    before = _id(pair.school, "Home desktop")
    _connect_again(pair.home, pair, server)
    pair.home.call_device("Home desktop again")
    assert pair.home.shares_entries()
    own = next(one.id for one in pair.home.devices() if one.this)
    assert _bond(pair.home, pair).device == own != before
    pair.school.remove_device(before, "demo")
    _write(pair.school, pair, "Under the next key.")
    for desk in (pair.home, pair.school):
        desk.sync()
    _all_sync(pair.home, pair.school)
    assert _read(pair.home, pair) == "Under the next key."
    assert _bond(pair.home, pair).ring == _bond(pair.school, pair).ring


def test_a_key_on_its_way_to_a_computer_that_is_connected_again_is_taken_though_its_writer_is_gone(
    pair: Pair, opened: Callable[[str], Desk], server: Server
) -> None:
    third = opened("third")
    let_in(pair.school, third)
    _all_sync(pair.school, pair.home, third)
    pair.school.remove_device(_id(pair.school, "Third desktop"), "demo")
    _write(pair.school, pair, "Under the next key, and then it was lost.")
    _connect_again(pair.home, pair, server)
    assert pair.home.sync().troubles == ()
    assert _read(pair.home, pair) == "Under the next key, and then it was lost."


def test_what_was_asked_before_connecting_again_is_asked_no_more(
    pair: Pair, opened: Callable[[str], Desk], server: Server
) -> None:
    third = opened("third")
    third.ask_to_join()
    _connect_again(third, pair, server)
    assert third.joining() is None
    assert pair.school.joins() == third.joins() == ()
    let_in(pair.school, third)
    assert third.joining() is None


def test_who_removed_another_and_was_removed_itself_keeps_what_lies_under_its_own_next_key(
    pair: Pair, opened: Callable[[str], Desk], server: Server
) -> None:
    third = opened("third")
    let_in(pair.school, third)
    _all_sync(pair.school, pair.home, third)
    pair.home.remove_device(_id(pair.home, "Third desktop"), "demo")
    _write(pair.home, pair, "Under the key that home made.")
    pair.issuer.do(
        lambda hub: revoke(hub, pair.issuer.person, "keyCompromise", _id(pair.school, "Home desktop"))
    )
    with pytest.raises(Refused, match="revoked"):
        pair.home.sync()
    _connect_again(pair.home, pair, server)
    pair.home.sync()
    let_in(pair.school, pair.home)
    for desk in (pair.home, pair.school):
        desk.sync()
    _all_sync(pair.home, pair.school)
    assert _read(pair.school, pair) == "Under the key that home made."
    rings = [_bond(desk, pair).ring for desk in (pair.school, pair.home)]
    assert set(rings[0].keys) == set(rings[1].keys)


def _as_an_older_program_left_it(desk: Desk, pair: Pair, **otherwise: str) -> None:
    """Connected again without a note of that, and with nothing kept of whether the bond has ended."""
    desk.store.set_fact(f"connected again {pair.identity}", None)
    name = f"devices {pair.identity}"
    kept = {one: value for one, value in desk.store.fact(name).items() if one != "ended"}
    desk.store.set_fact(name, {**kept, **otherwise})


def test_who_was_removed_and_connected_again_by_an_older_program_is_let_in_again(
    pair: Pair, server: Server
) -> None:
    pair.sync()
    pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    _write(pair.school, pair, "Under the next key.")
    _connect_again(pair.home, pair, server)
    _as_an_older_program_left_it(pair.home, pair)
    result = pair.home.sync()
    assert (result.troubles, "until one of them lets it in" in " ".join(result.told)) == ((), True)
    let_in(pair.school, pair.home)
    _all_sync(pair.home, pair.school)
    assert _read(pair.home, pair) == "Under the next key."


@pytest.mark.parametrize("again", [False, True], ids=["asks", "is connected a third time, and asks"])
def test_who_was_cut_off_by_an_older_program_that_kept_its_new_name_asks_to_be_let_in_again(
    pair: Pair, server: Server, again: bool
) -> None:
    pair.sync()
    pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    _write(pair.school, pair, "Under the next key.")
    _connect_again(pair.home, pair, server)
    token = pair.home.store.fact("sources")[0]["token"]
    with closing(HubSource(server.url, token, pair.identity, "")) as hub:
        own = next(one.id for one in hub.devices() if one.this)
    _as_an_older_program_left_it(pair.home, pair, device=own)
    assert "key that this one was not given yet" in " ".join(pair.home.sync().troubles)
    assert pair.home.waits_for_key()
    if again:
        _connect_again(pair.home, pair, server)
        for desk in (pair.home, pair.school, pair.home):
            desk.sync()
        assert not pair.home.shares_entries(), "nobody compared a code"
    let_in(pair.school, pair.home)
    assert not pair.home.waits_for_key()
    _all_sync(pair.home, pair.school)
    assert _read(pair.home, pair) == "Under the next key."


def test_who_is_let_in_amid_a_round_has_the_key_after_it(
    pair: Pair, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.sync()
    pair.school.remove_device(_id(pair.school, "Home desktop"), "demo")
    _write(pair.school, pair, "Under the next key.")
    _connect_again(pair.home, pair, server)
    token = pair.home.store.fact("sources")[0]["token"]
    with closing(HubSource(server.url, token, pair.identity, "")) as hub:
        own = next(one.id for one in hub.devices() if one.this)
    _as_an_older_program_left_it(pair.home, pair, device=own)
    pair.home.sync()
    entering, devices = list[threading.Thread](), HubSource.devices

    def enters_meanwhile(source: HubSource) -> Any:
        found = devices(source)
        if not entering and threading.current_thread() is round_in:
            monkeypatch.setattr(HubSource, "devices", devices)
            entering.append(threading.Thread(target=let_in, args=(pair.school, pair.home)))
            entering[0].start()
            entering[0].join(2)
        return found

    monkeypatch.setattr(HubSource, "devices", enters_meanwhile)
    round_in = threading.current_thread()
    pair.home.sync()
    entering[0].join(20)
    _all_sync(pair.home, pair.school)
    assert _read(pair.home, pair) == "Under the next key."
