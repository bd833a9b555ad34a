"""Two processes over one PostgreSQL and one object store: nothing that counts is in either of them alone."""

import base64
import hashlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.beyond import missing
from tests.homes import BEYOND, Homes
from tests.hub.making import Device, enrol, import_quickly, submissions_folder
from tests.hub.processes import Process, empty_folder

from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, verify
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.limits import set_limits
from assessor_desk.hub.people import revoke

KEY = "7F3A-21"
#: Requests of one computer in a minute: blocks of two.
LIMIT = 40


@dataclass
class Pair:
    """A hub, open here as a command at the hub has it, and two processes that serve it."""

    hub: Hub
    one: Process
    other: Process

    def enrol(self, *keys: str) -> Device:
        """Somebody new, by the first process."""
        return enrol(self.hub, self.one.url, Role.ASSESSOR, *keys)


@pytest.fixture(scope="module")
def pair(homes: Homes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Started once: each takes seconds."""
    if why := missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{why}. Run: python3 dev.py test")
    place = tmp_path_factory.mktemp("pair")
    homes.beyond.copy(homes.template(BEYOND), place / "hub")
    hub = Hub.open(place / "hub")
    import_quickly(hub, submissions_folder(place / "incoming"))
    set_limits(hub, requests_per_device=LIMIT)
    with ThreadPoolExecutor(2) as both:
        started = both.map(
            Process.start, [empty_folder(hub.folder, place / name) for name in ("one", "other")]
        )
        one, other = started
    yield Pair(hub, one, other)
    for process in (one, other):
        process.stop()
    hub.close()
    homes.beyond.forget(hub.folder)


@pytest.fixture
def device(pair: Pair) -> Iterator[Device]:
    device = pair.enrol(KEY)
    yield device
    device.source.close()


def _breaking(content: bytes, at: int) -> Iterator[bytes]:
    yield content[:at]
    time.sleep(0.2)
    raise ConnectionError


def _as(device: Device) -> dict[str, str]:
    return {"Authorization": f"Bearer {device.source._token}"}


def test_a_delivery_begun_at_one_process_ends_at_the_other(
    pair: Pair, device: Device, tmp_path: Path
) -> None:
    packet, digest = device.seal(tmp_path / "packets")
    half = len(packet) // 2
    whole = base64.b64encode(hashlib.sha256(packet).digest()).decode()
    headers = {**_as(device), "Repr-Digest": f"sha-256=:{whole}:"}
    with pytest.raises(ConnectionError):
        httpx.put(
            f"{pair.one.url}/v1/packets/{digest}",
            headers={**headers, "Content-Length": str(len(packet))},
            content=_breaking(packet, half),
        )
    offset, there = 0, f"{pair.other.url}/v1/packets/{digest}"
    for _ in range(20):  # the first process hears of the end a moment later
        answer = httpx.head(there, headers={**headers, "Upload-Length": str(len(packet))})
        if offset := int(answer.headers["Upload-Offset"]):
            break
        time.sleep(0.2)
    assert 0 < offset <= half
    span = f"bytes {offset}-{len(packet) - 1}/{len(packet)}"
    ended = httpx.put(there, headers={**headers, "Content-Range": span}, content=packet[offset:])
    assert (ended.status_code, ended.json()["packet_digest"]) == (201, digest)
    again = httpx.head(
        f"{pair.one.url}/v1/packets/{digest}", headers={**headers, "Upload-Length": str(len(packet))}
    )
    assert again.headers["Upload-Complete"] == "?1"


def test_what_a_computer_asks_of_both_is_counted_together(pair: Pair, device: Device) -> None:
    began, answers = time.monotonic(), []
    with httpx.Client(headers=_as(device)) as desk:
        for number in range(2 * LIMIT):
            url = (pair.one.url, pair.other.url)[number % 2]
            answers.append(desk.get(f"{url}/v1/counts").status_code)
    assert set(answers) == {200, 429}
    given_back = (time.monotonic() - began) * LIMIT / 60 + 1
    assert LIMIT - 3 <= answers.count(200) <= LIMIT + 2 * 2 + given_back


def test_whoever_was_revoked_is_refused_by_both_at_once(pair: Pair, device: Device) -> None:
    urls = [f"{each.url}/v1/counts" for each in (pair.one, pair.other)]
    assert [httpx.get(url, headers=_as(device)).status_code for url in urls] == [200, 200]
    revoke(pair.hub, device.person)
    assert [httpx.get(url, headers=_as(device)).status_code for url in urls] == [401, 401]


def test_the_audit_log_is_one_chain_whoever_writes(pair: Pair, device: Device) -> None:
    before = verify(pair.hub).lines

    def fetch(number: int) -> int:
        url = (pair.one.url, pair.other.url)[number % 2]
        return httpx.get(f"{url}/v1/changes", headers=_as(device)).status_code

    with ThreadPoolExecutor(4) as desks:
        assert set(desks.map(fetch, range(16))) == {200}
    after = verify(pair.hub)
    assert after.faults == ()
    assert after.lines >= before + 16, "each page with keys is a line"
    with pair.hub.database.reading() as view:
        acts = view.execute(
            sa.select(t.audit.c.act).where(t.audit.c.device == _device_of(view, device))
        ).scalars()
        assert list(acts).count(Act.TOLD_KEYS.value) >= 16


def _device_of(view: sa.Connection, device: Device) -> str:
    return str(
        view.execute(sa.select(t.devices.c.id).where(t.devices.c.person == device.person)).scalar_one()
    )
