"""Letting one of several computers go: the others get the next key, whatever is cut short on the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
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
from assessor_desk.hub.serve import Server
from assessor_desk.keys.person_key import KeyNotHere, SealedBatch, open_batch, public_of
from assessor_desk.sync.bond import Bond, bond_of
from assessor_desk.sync.device_letters import letter_from
from assessor_desk.sync.hub_source import HubSource

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


def _read(desk: Desk, pair: Pair) -> str:
    return desk.case(pair.own_id).review.overall


def _all_sync(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            assert desk.sync().troubles == ()


@pytest.mark.parametrize("step", ["remove_device", "keep_keys"])
@pytest.mark.parametrize("ends", [Unavailable, _Killed])
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
