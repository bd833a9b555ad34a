"""Deliveries that go on where the connection broke: the hub keeps what came, sealed, and believes only the whole."""

import base64
import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.beyond import Beyond
from tests.homes import BEYOND
from tests.hub.conftest import Answering
from tests.hub.making import SECRET, Device

from assessor_desk.domain.errors import Damaged, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import deliveries, upload_parts
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.object_store import Bucket
from assessor_desk.hub.uploads import LIFE, Upload, sweep
from assessor_desk.hub.whereabouts import whereabouts_of

KEY = b"u" * 32


@pytest.fixture
def upload(hub: Hub) -> Upload:
    return Upload(hub.unfinished, "name", 400_000, KEY)


def _bytes(count: int) -> bytes:
    return hashlib.shake_256(b"a packet").digest(count)


def _breaking(content: bytes, at: int) -> Iterator[bytes]:
    for start in range(0, at, 10_000):
        yield content[start : min(start + 10_000, at)]
    raise ConnectionError


def _send(upload: Upload, content: bytes, start: int, at: int) -> None:
    with pytest.raises(ConnectionError):
        for _ in _keeping(upload, _breaking(content[start:], at - start), start):
            pass


def _keeping(upload: Upload, pieces: Iterator[bytes], start: int = 0) -> Iterator[None]:
    """One connection's, piece after piece."""
    attempt = upload.attempt(start)
    try:
        for piece in pieces:
            yield attempt.write(piece)
    finally:
        attempt.end()


@pytest.mark.both_homes
def test_what_came_is_kept_to_the_last_byte_and_read_again(upload: Upload) -> None:
    content = _bytes(400_000)
    assert upload.kept == 0
    _send(upload, content, 0, 123_457)
    assert upload.kept == 123_457
    _send(upload, content, 123_457, 300_001)
    assert upload.kept == 300_001
    assert b"".join(upload.read(300_001)) == content[:300_001]
    assert b"".join(upload.read(200_000)) == content[:200_000]
    upload.forget()
    assert upload.kept == 0


@pytest.mark.both_homes
def test_of_a_long_delivery_what_came_is_here_before_it_breaks_off(hub: Hub) -> None:
    long = Upload(hub.unfinished, "long", 5_000_000, KEY)
    content = _bytes(5_000_000)
    coming = _keeping(long, _breaking(content, 5_000_000))
    for _ in range(310):
        next(coming)
    assert 2 << 20 <= long.kept <= 3_100_000, "as it is when the process is killed now"
    assert b"".join(long.read(long.kept)) == content[: long.kept]
    with contextlib.suppress(ConnectionError):
        coming.throw(ConnectionError)
    assert long.kept == 3_100_000
    _send(long, content, 3_100_000, 4_000_000)
    assert b"".join(long.read(4_000_000)) == content[:4_000_000]


@pytest.mark.both_homes
def test_an_attempt_that_hangs_beside_a_newer_one_does_no_harm(upload: Upload) -> None:
    content = _bytes(400_000)
    hanging = _keeping(upload, _breaking(content, 400_000))
    for _ in range(20):
        next(hanging)
    _send(upload, content, upload.kept, 350_000)
    hanging.close()
    assert b"".join(upload.read(upload.kept)) == content[: upload.kept]


@pytest.mark.in_a_folder(
    reason="cuts off the file that grows; in a store each part is whole, and the next test looks at one"
)
def test_it_is_sealed_and_a_torn_end_is_not_counted(hub: Hub, upload: Upload) -> None:
    content = (SECRET.encode() * 20_000)[:400_000]
    _send(upload, content, 0, 300_000)
    (part,) = (hub.folder / "uploads" / "name").iterdir()
    assert SECRET.encode() not in part.read_bytes()
    os.truncate(part, part.stat().st_size - 7)
    kept = upload.kept
    assert 0 < kept < 300_000
    assert b"".join(upload.read(kept)) == content[:kept]


@pytest.mark.both_homes
@pytest.mark.parametrize("home", [BEYOND], indirect=True)
def test_in_a_store_it_is_sealed_and_what_was_changed_there_is_not_believed(
    hub: Hub, upload: Upload, beyond: Beyond
) -> None:
    content = (SECRET.encode() * 20_000)[:400_000]
    _send(upload, content, 0, 300_000)
    (part,) = hub.unfinished.of("name")
    told = whereabouts_of(hub.folder).blobs
    assert told is not None
    store = Bucket(told, "uploads")
    sealed = store.get(part.place)
    assert SECRET.encode() not in sealed
    store.put(part.place, sealed[:100_000] + bytes([sealed[100_000] ^ 1]) + sealed[100_001:])
    with pytest.raises(Damaged, match="Send it as a whole"):
        list(upload.read(300_000))


@pytest.fixture
def sealed(answering: Answering, tmp_path: Path) -> tuple[Device, bytes, str]:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    return lan, *lan.seal(tmp_path / "packets")


def _names(hub: Hub) -> list[str]:
    """Where unfinished deliveries are."""
    told = whereabouts_of(hub.folder).blobs
    if told is None:
        return [path.name for path in (hub.folder / "uploads").glob("*")]
    return [one.name for one in Bucket(told, "uploads").under("")]


def _put(
    answering: Answering,
    device: Device,
    digest: str,
    packet: bytes,
    start: int,
    sent: bytes | Iterator[bytes],
) -> httpx.Response:
    told = base64.b64encode(hashlib.sha256(packet).digest()).decode()
    left = len(packet) - start
    headers = {
        "Authorization": f"Bearer {device.source._token}",
        "Repr-Digest": f"sha-256=:{told}:",
        "Content-Length": str(left),
    }
    if start:
        span = f"{start}-{len(packet) - 1}" if left else "*"
        headers["Content-Range"] = f"bytes {span}/{len(packet)}"
    return httpx.put(f"{answering.url}/v1/packets/{digest}", headers=headers, content=sent, timeout=30)


@pytest.mark.both_homes
def test_a_packet_that_broke_off_goes_on_and_counts_only_as_a_whole(
    answering: Answering, sealed: tuple[Device, bytes, str]
) -> None:
    device, packet, digest = sealed
    half = len(packet) // 2
    with pytest.raises((httpx.HTTPError, ConnectionError)):
        _put(answering, device, digest, packet, 0, _breaking(packet, half))
    told = {"Repr-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(packet).digest()).decode()}:"}
    for _ in range(100):  # the hub hears of the end a moment later
        offset = device.source._offset(f"/packets/{digest}", len(packet), told)
        if offset:
            break
    assert 0 < offset <= half
    changed = bytes([packet[offset] ^ 1]) + packet[offset + 1 :]
    refused = _put(answering, device, digest, packet, offset, changed)
    assert (refused.status_code, refused.json()["reason"]) == (409, "begin_again")
    gone = _put(answering, device, digest, packet, offset, packet[offset:])
    assert (gone.status_code, gone.json()["reason"]) == (409, "begin_again")
    assert device.deliver(packet, digest).packet_digest == digest
    whole = _put(answering, device, digest, packet, len(packet), b"")
    assert (whole.status_code, whole.json()["packet_digest"]) == (200, digest)
    assert not _names(answering.hub)


@pytest.mark.in_a_folder(
    reason="fills the disk that the parts are on; a store says itself that it has no room"
)
def test_a_hub_without_room_for_what_comes_in_says_so_and_takes_it_later(
    answering: Answering, sealed: tuple[Device, bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    device, packet, digest = sealed

    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(upload_parts, "seal_record", full)
    refused = _put(answering, device, digest, packet, 0, packet)
    assert (refused.status_code, refused.json()["error"][:19]) == (507, "The hub has no room")
    monkeypatch.undo()
    assert device.deliver(packet, digest).packet_digest == digest


@pytest.mark.both_homes
def test_what_came_whole_and_could_not_be_taken_then_is_not_sent_again(
    answering: Answering, sealed: tuple[Device, bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    device, packet, digest = sealed

    def away(*_: object) -> None:
        raise Unavailable("The store is out of reach")

    monkeypatch.setattr(deliveries, "_spool", away)
    assert _put(answering, device, digest, packet, 0, packet).status_code == 503
    monkeypatch.undo()
    whole = _put(answering, device, digest, packet, len(packet), b"")
    assert (whole.status_code, whole.json()["packet_digest"]) == (201, digest)
    assert not _names(answering.hub)


@pytest.mark.parametrize("told", ["bytes 0-9", "bytes 5-9/10", "items 0-9/10", "bytes 0-99/100"])
def test_a_part_that_is_no_rest_of_anything_is_400(
    answering: Answering, sealed: tuple[Device, bytes, str], told: str
) -> None:
    device, _, digest = sealed
    headers = {
        "Authorization": f"Bearer {device.source._token}",
        "Content-Range": told,
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:",
    }
    answer = httpx.put(f"{answering.url}/v1/packets/{digest}", headers=headers, content=b"0123456789"[:9])
    assert answer.status_code == 400


@pytest.mark.both_homes
def test_what_nobody_comes_back_for_is_swept(hub: Hub) -> None:
    own = Upload(hub.unfinished, "ab", 100_000, KEY)
    _send(own, _bytes(100_000), 0, 90_000)
    now = hub.clock()
    assert sweep(hub, now) == 0
    assert own.kept == 90_000
    assert sweep(hub, now + LIFE + timedelta(hours=1)) == 1
    assert own.kept == 0
