"""Two devices of one person at a hub, in either of its homes: batches, letting one in, keys, packets handed back."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.conftest import Answering
from tests.hub.making import Device

from assessor_desk.domain.errors import DeskError
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.entries_kept import let_go_of_batches
from assessor_desk.keys.person_key import SealedBatch
from assessor_desk.protocol.device_messages import LARGEST_BATCH
from assessor_desk.sync.hub_devices import OutOfOrder

pytestmark = pytest.mark.both_homes


def send(device: Device, number: int, previous: str, chain: str = "one") -> str:
    batch = SealedBatch(chain, number, previous, "key", f"sealed {number}".encode())
    digest = batch.digest("source", device.person)
    device.source.send_batch(batch, digest)
    return digest


def test_what_one_sends_the_other_takes_and_the_hub_lets_go_of_what_had_its_time(
    answering: Answering, tmp_path: Path
) -> None:
    lan = answering.enrol()
    home = answering.another_device(lan.person)
    digest = ""
    for number in range(1, 4):
        digest = send(lan, number, digest)
    with pytest.raises(OutOfOrder):
        send(lan, 9, digest)
    page = home.source.batches(0, "other")
    assert [batch.sealed for _, batch, _ in page.batches] == [b"sealed 1", b"sealed 2", b"sealed 3"]
    assert (page.first, page.last) == ({}, 3)
    hub = answering.hub
    later = replace(hub, clock=lambda: hub.clock() + timedelta(days=60))
    assert let_go_of_batches(later) == 0, "the other has not said that it has them, and work is open"
    with hub.database.writing() as work:
        work.execute(sa.update(t.assignments).values(withdrawn_at=hub.clock()))
    home.source.batches(2, "other")
    assert let_go_of_batches(hub) == 0, "the policy's days"
    assert let_go_of_batches(later) == 2
    page = home.source.batches(0, "other")
    assert ([one[0] for one in page.batches], page.first, page.last) == ([3], {"one": 3}, 3)
    assert send(lan, 4, digest)


def test_a_batch_as_large_as_there_may_be_comes_through_whole(answering: Answering) -> None:
    lan = answering.enrol()
    home = answering.another_device(lan.person)
    batch = SealedBatch("one", 1, "", "key", random.Random(20261123).randbytes(LARGEST_BATCH))
    lan.source.send_batch(batch, batch.digest("source", lan.person))
    ((_, came, _),) = home.source.batches(0, "other").batches
    assert came.sealed == batch.sealed


def test_a_device_is_let_in_and_keys_are_kept(answering: Answering) -> None:
    lan = answering.enrol()
    home = answering.another_device(lan.person)
    home.source.ask_to_join("wish", "ab" * 32)
    lan.source.say("wish", "answer", "mine")
    home.source.say("wish", "reveal", "theirs")
    lan.source.say("wish", "welcome", "come in")
    (wish,) = home.source.joins()
    assert (wish.answer, wish.reveal, wish.welcome) == ("mine", "theirs", "come in")
    home.source.end_join("wish")
    assert lan.source.joins() == ()
    lan.source.keep_keys("wrapped")
    assert home.source.kept_keys() == "wrapped"
    assert sorted(one.this for one in lan.source.devices()) == [False, True]


def test_a_packet_comes_back_as_it_was_delivered_to_each_of_the_persons_devices(
    answering: Answering, tmp_path: Path
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    home, stranger = answering.another_device(lan.person), answering.enrol()
    packet, digest = lan.seal(tmp_path / "sealed")
    lan.deliver(packet, digest)
    assert home.source.own_packet(digest) == packet
    with pytest.raises(DeskError, match="no packet of that name"):
        stranger.source.own_packet(digest)
