"""Packets: verified before they are taken, taken once, and answered by a receipt that anyone can check."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.hub.conftest import Answering
from tests.hub.lost_answers import lose_answers
from tests.hub.making import Device, kept

from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import withdraw
from assessor_desk.hub.deliveries import LARGEST_PACKET
from assessor_desk.hub.overview import overview
from assessor_desk.hub.people import revoke
from assessor_desk.keys.signing import roles
from assessor_desk.verdict.detached import verify_with_content
from assessor_desk.verdict.trust import TrustList, newest_crl


@dataclass
class Sealed:
    """A packet on its way from a device."""

    device: Device
    packet: bytes
    digest: str


@pytest.fixture
def sealed(answering: Answering, tmp_path: Path) -> Sealed:
    """An assessor's packet on the first submission."""
    device = answering.enrol(Role.ASSESSOR, "7F3A-21")
    return Sealed(device, *device.seal(tmp_path / "packets"))


def _kept(answering: Answering) -> list[bytes]:
    return list(kept(answering.hub.packets).values())


def _authoritys(answering: Answering, name: str) -> bytes:
    return (answering.hub.folder / "authority" / name).read_bytes()


@pytest.mark.both_homes
def test_a_packet_is_answered_by_a_receipt_that_the_hub_signed(answering: Answering, sealed: Sealed) -> None:
    receipt = sealed.device.deliver(sealed.packet, sealed.digest)
    trust = TrustList.parse(
        b"".join(_authoritys(answering, name) for name in ("root.pem", "issuing.pem", "issuing.crls.pem"))
    )
    signed = verify_with_content(receipt.signed, trust, datetime.now(UTC))
    assert roles(signed.certificate) == ("hub",)
    newest = newest_crl(trust)
    assert newest is not None
    assert json.loads(signed.content) == {
        "crl": {"number": newest[0], "issued_at": newest[1].strftime("%Y-%m-%dT%H:%M:%SZ")},
        "packet": sealed.digest,
        "person": sealed.device.person,
        "hub": answering.hub.identity,
        "received_at": receipt.received_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "certificate_status": "good",
    }


def test_what_was_delivered_is_kept_sealed(answering: Answering, sealed: Sealed) -> None:
    sealed.device.deliver(sealed.packet, sealed.digest)
    [lies_there] = _kept(answering)
    assert b"The reflection is missing" in sealed.packet
    assert b"The reflection is missing" not in lies_there


def test_delivering_again_gives_the_same_receipt_and_keeps_one_packet(
    answering: Answering, sealed: Sealed
) -> None:
    first = sealed.device.deliver(sealed.packet, sealed.digest)
    assert sealed.device.deliver(sealed.packet, sealed.digest) == first
    assert answering.another_device(sealed.device.person).deliver(sealed.packet, sealed.digest) == first
    assert (overview(answering.hub).packets, len(_kept(answering))) == (1, 1)


@pytest.mark.both_homes
def test_the_same_delivery_from_four_sides_at_once_leaves_one_packet(
    answering: Answering, sealed: Sealed
) -> None:
    devices = [sealed.device, *(answering.another_device(sealed.device.person) for _ in range(3))]
    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda device: device.deliver(sealed.packet, sealed.digest), devices))
    assert len({receipt.signed for receipt in receipts}) == 1
    assert (overview(answering.hub).packets, len(_kept(answering))) == (1, 1)


@pytest.mark.both_homes
def test_a_packet_is_kept_whose_commit_was_done_and_the_answer_to_it_lost(
    answering: Answering, sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as breaking:
        lost = lose_answers(breaking, "packets")
        with pytest.raises(Unavailable):
            sealed.device.deliver(sealed.packet, sealed.digest)
    assert lost
    assert sealed.device.deliver(sealed.packet, sealed.digest).packet_digest == sealed.digest
    with answering.hub.database.reading() as view:
        row = view.execute(sa.select(t.packets)).one()
    with answering.hub.packets.open(row.file, row.file_key, "the packet") as reader:
        assert reader.read() == sealed.packet


def test_an_altered_packet_is_refused_with_the_fact_that_fails(answering: Answering, sealed: Sealed) -> None:
    at = sealed.packet.index(b"The reflection is missing")
    altered = sealed.packet[:at] + b"t" + sealed.packet[at + 1 :]
    with pytest.raises(Refused, match=r"The packet does not hold\. \w+: ") as caught:
        sealed.device.deliver(altered, sealed.digest)
    assert "feedback.json" in str(caught.value)
    assert (overview(answering.hub).packets, _kept(answering)) == (0, [])
    assert sealed.device.deliver(sealed.packet, sealed.digest).packet_digest == sealed.digest


@pytest.mark.parametrize("body", [b"", b"PK\x05\x06" + bytes(18), b"not a packet at all"])
def test_anything_but_a_packet_is_refused(answering: Answering, sealed: Sealed, body: bytes) -> None:
    with pytest.raises(Refused, match="The packet does not hold"):
        sealed.device.deliver(body, sealed.digest)
    assert _kept(answering) == []


def test_a_packet_under_another_digest_is_refused(sealed: Sealed) -> None:
    with pytest.raises(Refused, match=f"The packet is {sealed.digest}, not {'0' * 64}"):
        sealed.device.deliver(sealed.packet, "0" * 64)


def test_another_persons_packet_is_refused_whatever_their_role(answering: Answering, sealed: Sealed) -> None:
    others = [
        answering.enrol(Role.ASSESSOR, "7F3A-21"),
        answering.enrol(Role.COACH),
        answering.enrol(Role.REVIEWER),
    ]
    for other in others:
        with pytest.raises(Refused, match="was sealed by P-1001"):
            other.deliver(sealed.packet, sealed.digest)
    sealed.device.deliver(sealed.packet, sealed.digest)
    for other in others:
        with pytest.raises(Refused, match="was sealed by P-1001"):
            other.deliver(sealed.packet, sealed.digest)


def test_a_packet_for_withdrawn_work_is_refused(answering: Answering, sealed: Sealed) -> None:
    withdraw(answering.hub, "7F3A-21", sealed.device.person)
    with pytest.raises(Refused, match="The assignment was withdrawn on"):
        sealed.device.deliver(sealed.packet, sealed.digest)


def test_a_packet_with_a_changed_assignment_is_none_of_theirs(answering: Answering, sealed: Sealed) -> None:
    with answering.hub.database.writing() as work:
        work.execute(sa.update(t.assignments).values(document=b"{}"))
    with pytest.raises(Refused, match="none of yours here, or was changed"):
        sealed.device.deliver(sealed.packet, sealed.digest)


def test_a_packet_signed_with_a_revoked_certificate_is_refused(answering: Answering, sealed: Sealed) -> None:
    other = answering.another_device(sealed.device.person)
    with answering.hub.database.reading() as view:
        first = view.execute(sa.select(t.devices.c.id).order_by(t.devices.c.enrolled_at)).scalars().first()
    revoke(answering.hub, sealed.device.person, "keyCompromise", first or "")
    with pytest.raises(Refused, match="The packet does not hold"):
        other.deliver(sealed.packet, sealed.digest)


def test_a_second_packet_must_supersede_the_first(
    answering: Answering, sealed: Sealed, tmp_path: Path
) -> None:
    correction = sealed.device.seal(tmp_path / "second", supersedes=sealed.digest)
    with pytest.raises(Refused, match="Deliver that one first"):
        sealed.device.deliver(*correction)
    sealed.device.deliver(sealed.packet, sealed.digest)
    unrelated = sealed.device.seal(tmp_path / "third")
    with pytest.raises(Refused, match="a correction must supersede it"):
        sealed.device.deliver(*unrelated)
    assert sealed.device.deliver(*correction).packet_digest == correction[1]
    with answering.hub.database.reading() as view:
        superseded = dict(view.execute(sa.select(t.packets.c.digest, t.packets.c.supersedes)).all())  # type: ignore[arg-type]
    assert superseded == {sealed.digest: "", correction[1]: sealed.digest}


def test_a_packet_cut_off_on_its_way_leaves_nothing(answering: Answering, sealed: Sealed) -> None:
    def half() -> Iterator[bytes]:
        yield sealed.packet[: len(sealed.packet) // 2]
        raise ConnectionError

    headers = {
        "Authorization": f"Bearer {sealed.device.source._token}",
        "Content-Length": str(len(sealed.packet)),
    }
    with pytest.raises(ConnectionError):
        httpx.put(f"{answering.url}/v1/packets/{sealed.digest}", content=half(), headers=headers)
    assert sealed.device.deliver(sealed.packet, sealed.digest).packet_digest == sealed.digest
    assert len(_kept(answering)) == 1


def test_a_packet_beyond_the_limit_is_turned_away_by_its_announced_length(
    answering: Answering, sealed: Sealed
) -> None:
    """Nothing of the body is sent: the answer comes on the announcement alone."""
    asking = HTTPConnection(answering.url.removeprefix("http://"), timeout=10)
    asking.putrequest("PUT", f"/v1/packets/{sealed.digest}")
    asking.putheader("Authorization", f"Bearer {sealed.device.source._token}")
    asking.putheader("Content-Length", str(LARGEST_PACKET + 1))
    asking.endheaders()
    answer = asking.getresponse()
    assert answer.status == 413
    told = {"error": f"At most {LARGEST_PACKET} bytes are taken here.", "reason": "not_taken"}
    assert json.loads(answer.read()) == told
    asking.close()
