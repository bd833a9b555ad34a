"""Whoever asks too much is told when to come back; whoever was revoked is sent nothing more."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import anyio
import httpx
import pytest
import sqlalchemy as sa
from starlette.types import Message, Receive, Scope, Send
from tests.conftest import ExpectedLog
from tests.hub.conftest import Answering, answering_from
from tests.hub.making import Device, import_quickly, write_rows

from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.allowance import Allowance, Turnstile
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.limits import Limits, limits_of, set_limits
from assessor_desk.hub.people import caller_of, revoke
from assessor_desk.hub.watching import EnrolmentEnded, WhileEnrolled, not_a_fault
from assessor_desk.sync.source import Busy, EnrolmentRevoked


class Seconds:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def _refusals(ask: Callable[[], object], times: int) -> list[int | None]:
    """After how many seconds those that were refused may come back."""
    found = []
    for _ in range(times):
        try:
            ask()
        except Declined as error:
            found.append(error.retry_after if error.status == 429 else None)
    return found


def test_a_computer_has_a_minutes_worth_at_once_and_gets_it_back_evenly(hub: Hub, seconds: Seconds) -> None:
    set_limits(hub, requests_per_device=6)
    allowance = Allowance(hub, seconds)

    def ask() -> None:
        allowance.refuse_device("one")

    assert _refusals(ask, 8) == [10, 10]
    allowance.refuse_device("another")
    seconds.now += 9
    assert _refusals(ask, 1) == [1]
    seconds.now += 1
    assert _refusals(ask, 2) == [10]
    seconds.now += 3600
    assert _refusals(ask, 7) == [10]


def test_coming_back_when_told_is_never_too_early(hub: Hub, seconds: Seconds) -> None:
    set_limits(hub, requests_per_device=7)
    allowance, waited, begun = Allowance(hub, seconds), 0, seconds.now
    for _ in range(100):
        try:
            allowance.refuse_device("one")
        except Declined as error:
            waited += 1
            seconds.now += error.retry_after or 0
            allowance.refuse_device("one")
    assert waited > 10
    assert seconds.now - begun < 100 / 7 * 60 + 60, "and nobody waits much longer than the limit asks for"


def test_an_address_is_bounded_a_network_of_ipv6_as_one_and_this_computer_not(
    hub: Hub, seconds: Seconds
) -> None:
    set_limits(hub, requests_per_address=2)
    allowance = Allowance(hub, seconds)
    asked = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8::3"]
    assert [anyio.run(allowance.wait_of_address, address) for address in asked] == [0, 0, 30, 0, 0, 0, 30]
    assert {anyio.run(allowance.wait_of_address, "127.0.0.1") for _ in range(10)} == {0}


def test_whoever_has_not_asked_for_long_is_not_remembered(hub: Hub, seconds: Seconds) -> None:
    allowance = Allowance(hub, seconds)

    async def ask() -> None:
        for number in range(10_000):
            await allowance.wait_of_address(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        seconds.now += 60
        await allowance.wait_of_address("192.0.2.1")

    anyio.run(ask)
    assert len(allowance._accounts) == 1


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whoever was counted in the database, each time."""
    told: list[str] = []
    add = Allowance._add

    def noted(self: Allowance, who: str, seconds: float) -> float:
        told.append(who)
        return add(self, who, seconds)

    monkeypatch.setattr(Allowance, "_add", noted)
    return told


def test_whoever_asks_little_costs_no_write_and_whoever_asks_much_one_for_many(
    hub: Hub, seconds: Seconds, told: list[str]
) -> None:
    allowance = Allowance(hub, seconds)
    for _ in range(50):  # 250 requests at once, again and again
        for _ in range(250):
            allowance.refuse_device("one")
        seconds.now += 10
    assert told == []
    for _ in range(1000):
        allowance.refuse_device("another")
    assert told == ["device another"] * 3


@pytest.mark.both_homes
def test_processes_count_together_to_within_a_block_of_each(hub: Hub, seconds: Seconds) -> None:
    set_limits(hub, requests_per_device=100)
    processes = [Allowance(hub, seconds) for _ in range(4)]
    let_in = 0
    for process in processes * 100:
        let_in += not _refusals(partial(process.refuse_device, "one"), 1)
    assert 100 <= let_in <= 100 + 4 * 5
    seconds.now += 60
    assert _refusals(lambda: processes[0].refuse_device("one"), 1) == []
    with hub.database.reading() as view:
        rows = view.execute(sa.select(t.allowances)).all()
    assert [row.who for row in rows] == ["device one"]


@pytest.mark.both_homes
def test_of_a_small_limit_each_request_counts_at_once_for_all(hub: Hub, seconds: Seconds) -> None:
    set_limits(hub, requests_per_device=3)
    one, other = Allowance(hub, seconds), Allowance(hub, seconds)
    for process in (one, other, one):
        process.refuse_device("one")
    assert _refusals(lambda: one.refuse_device("one"), 1) == [20]
    assert _refusals(lambda: other.refuse_device("one"), 2) in ([20, 20], [20])


def test_a_clock_that_is_put_back_a_year_locks_nobody_out(hub: Hub, seconds: Seconds) -> None:
    set_limits(hub, requests_per_device=2)
    allowance = Allowance(hub, seconds)
    seconds.now += 365 * 86400
    allowance.refuse_device("one")
    seconds.now -= 365 * 86400
    assert _refusals(lambda: allowance.refuse_device("one"), 1) == [30]
    seconds.now += 60
    allowance.refuse_device("one")


def test_with_its_database_away_a_hub_counts_by_itself(
    hub: Hub, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> float:
        raise Unavailable("The database cannot be reached")

    set_limits(hub, requests_per_device=2)
    allowance = Allowance(hub, seconds)
    monkeypatch.setattr(Allowance, "_add", away)
    assert _refusals(lambda: allowance.refuse_device("one"), 3) == [30]


def test_new_limits_reach_a_process_that_serves(hub: Hub, seconds: Seconds) -> None:
    allowance = Allowance(hub, seconds)
    set_limits(hub, requests_per_device=1)
    allowance.refuse_device("one")
    allowance.refuse_device("one")
    seconds.now += 16
    allowance.refuse_device("one")
    assert _refusals(lambda: allowance.refuse_device("one"), 1) == [60]


def test_limits_are_kept_and_one_that_lets_nobody_in_is_refused(hub: Hub) -> None:
    assert limits_of(hub) == Limits()
    assert set_limits(hub, wrong_codes=3) == limits_of(hub) == Limits(wrong_codes=3)
    with pytest.raises(Refused, match="from 1 on"):
        set_limits(hub, wrong_codes=0)
    assert limits_of(hub).wrong_codes == 3


def test_the_turnstile_answers_in_a_sentence_and_looks_at_nothing(hub: Hub, seconds: Seconds) -> None:
    set_limits(hub, requests_per_address=1)
    reached: list[str] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    turnstile = Turnstile(app, Allowance(hub, seconds))
    scope = {"type": "http", "path": "/v1/hello", "client": ("192.0.2.1", 1), "headers": [], "method": "GET"}
    for _ in range(2):
        anyio.run(turnstile, scope, receive, send)
    assert reached == ["/v1/hello"]
    assert sent[0]["status"] == 429
    assert (b"retry-after", b"60") in sent[0]["headers"]
    assert b"This address asked too much within a minute. Try again later." in sent[1]["body"]


def test_a_desk_that_asks_too_much_is_told_when_to_come_back(answering: Answering) -> None:
    set_limits(answering.hub, requests_per_device=3)
    with answering_from(answering.hub) as bounded:
        lan, minh = bounded.enrol(Role.ASSESSOR, "7F3A-21"), bounded.enrol(Role.ASSESSOR, "91BB-02")
        for _ in range(3):
            lan.changes()
        with pytest.raises(Busy, match="This computer asked too much within a minute") as busy:
            lan.changes()
        assert 1 <= busy.value.seconds <= 20
        minh.changes()


# -- revoked at once -----------------------------------------------------------------------------------------


LARGE = 64 << 20


@pytest.fixture
def large(hub: Hub, tmp_path: Path) -> Iterator[tuple[Answering, Device]]:
    """A hub with a large artifact, and whoever may fetch it."""
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "long.txt").write_bytes(b"x" * LARGE)
    write_rows(folder, ["L-1,E-L,Anna Berg,positive-relationships,1,no,D,en,yes,"], ["L-1,work,long.txt,,"])
    import_quickly(hub, folder)
    with answering_from(hub) as answering:
        yield answering, answering.enrol(Role.ASSESSOR, "L-1")


@pytest.mark.in_a_folder(
    reason="the hub itself sends the bytes; from a store a desk has them by an address that holds for two minutes"
)
def test_a_download_under_way_ends_and_the_next_request_is_refused(
    large: tuple[Answering, Device], expected_log: ExpectedLog
) -> None:
    answering, device = large
    blob = device.changes().blobs[0]
    headers = {"Authorization": f"Bearer {device.source._token}"}
    came, began = 0, time.monotonic()
    with (
        expected_log("Exception in ASGI application") as records,
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream("GET", f"{answering.url}/v1/blobs/{blob.digest}", headers=headers) as response,
    ):
        for piece in response.iter_raw(64 << 10):
            if not came:
                revoke(answering.hub, device.person)
            came += len(piece)
            time.sleep(0.005)
            assert time.monotonic() - began < 20
    assert 0 < came < LARGE
    assert [not_a_fault(record) for record in records] == [False]
    assert not_a_fault in logging.getLogger("uvicorn.error").filters
    with pytest.raises(EnrolmentRevoked):
        device.changes()


def test_an_answer_looks_about_once_a_second_and_only_an_ended_enrolment_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import assessor_desk.hub.watching as watching

    sent: list[bytes] = []
    looks = iter([True, True, False])
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.0)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for piece in (b"1", b"2", b"3", b"4"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message["body"])

    answer = WhileEnrolled(app, lambda: next(looks))  # type: ignore[arg-type]
    with pytest.raises(EnrolmentEnded):
        anyio.run(answer, {"type": "http"}, receive, send)
    assert sent == [b"1", b"2"]


def test_ending_a_download_on_purpose_is_not_logged_as_a_fault() -> None:
    for error, told in ((EnrolmentEnded(), False), (RuntimeError(), True)):
        record = logging.LogRecord("x", logging.ERROR, "", 0, "fault", None, (type(error), error, None))
        assert not_a_fault(record) is told


def test_a_delivery_that_ends_after_its_computer_was_revoked_is_not_taken(
    answering: Answering, tmp_path: Path
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    packet, digest = lan.seal(tmp_path / "sealed")
    host, port = answering.url.removeprefix("http://").split(":")
    head = (
        f"PUT /v1/packets/{digest} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {lan.source._token}\r\n"
        f"Content-Length: {len(packet)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + packet[:1000])
        time.sleep(0.3)
        revoke(answering.hub, lan.person)
        connection.sendall(packet[1000:])
        answer = connection.recv(65536)
    assert b" 401 " in answer.partition(b"\r\n")[0]
    with answering.hub.database.reading() as view:
        assert view.exec_driver_sql("SELECT count(*) FROM packets").scalar() == 0
    assert list(answering.hub.packets.stored()) == []
    with pytest.raises(Declined, match="revoked"):
        caller_of(answering.hub, lan.source._token)
