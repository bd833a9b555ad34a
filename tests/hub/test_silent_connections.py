"""Whoever holds connections open, silent or slow, keeps nobody else out, and is let go; by real sockets."""

import asyncio
import base64
import contextlib
import hashlib
import os
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.hub.conftest import Answering, answering_from
from tests.hub.making import Device, import_quickly
from tests.hub.test_network import _tls

from assessor_desk.domain.roles import Role
from assessor_desk.hub import app, connections, gate
from assessor_desk.hub.allowance import network_of
from assessor_desk.hub.feed import counts_for
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.serve import Server, Tls

KEY = "7F3A-21"
HELLO = b"GET /v1/hello HTTP/1.1\r\nHost: hub\r\n\r\n"
#: A message of a stranger whose end does not come.
HALF_A_BODY = b'POST /v1/enrolments HTTP/1.1\r\nHost: hub\r\nContent-Length: 60\r\n\r\n{"code":'
SHORT = 0.6

Connect = Callable[..., socket.socket]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes half a minute and more takes less than a second."""
    for name in ("_HEADER_SECONDS", "_BODY_SECONDS"):
        monkeypatch.setattr(connections, name, SHORT)
    monkeypatch.setattr(connections, "_LOOK_SECONDS", SHORT / 10)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests may be worked on at once, by hubs begun from now on: a test names this before `answering`."""
    monkeypatch.setattr(gate, "_MOST_AT_ONCE", 2)


@pytest.fixture
def elsewhere_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """This computer counts as any other, and may have three connections."""
    monkeypatch.setattr(connections, "is_loopback", lambda _: False)
    monkeypatch.setattr(connections, "_MOST_OF_ONE", 3)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connections on which something was sent; closed at the end."""
    with contextlib.ExitStack() as opened:

        def connected(url: str, sent: bytes = b"", room: int = 0) -> socket.socket:
            one = opened.enter_context(socket.socket())
            if room:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
            one.settimeout(20)
            place = urlsplit(url)
            one.connect((place.hostname, place.port))
            one.sendall(sent)
            return one

        yield connected


def _all_of(connection: socket.socket) -> bytes:
    """What comes until the other side ends it."""
    return b"".join(iter(partial(connection.recv, 65536), b""))


def _greeted(url: str) -> int:
    return httpx.get(f"{url}/v1/hello", timeout=20).status_code


# -- silence ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", b"GET /v1/hello HT", HELLO[:-2]])
def test_a_connection_without_a_whole_header_is_ended(
    short: None, answering: Answering, connect: Connect, sent: bytes
) -> None:
    begun = time.monotonic()
    assert _all_of(connect(answering.url, sent)) == b""
    assert SHORT * 0.9 < time.monotonic() - begun < 10


def test_a_header_that_comes_byte_by_byte_has_no_longer(
    short: None, answering: Answering, connect: Connect
) -> None:
    trickling, sent = connect(answering.url, HELLO[:-4]), 0
    with contextlib.suppress(ConnectionError):
        for sent in range(200):
            trickling.sendall(b"\r\nx: 1" if sent % 2 else b"\r\ny: 2")
            time.sleep(SHORT / 10)
    assert sent < 100


def test_half_a_header_after_an_answer_is_ended_too(
    short: None, answering: Answering, connect: Connect
) -> None:
    again = connect(answering.url, HELLO)
    assert again.recv(65536).startswith(b"HTTP/1.1 200 OK")
    again.sendall(HELLO[:-2])
    assert b"HTTP/1.1" not in _all_of(again)


def test_a_small_body_that_stops_half_way_is_ended(
    short: None, answering: Answering, connect: Connect
) -> None:
    begun = time.monotonic()
    assert b" 201 " not in _all_of(connect(answering.url, HALF_A_BODY))
    assert SHORT * 0.9 < time.monotonic() - begun < 10


def test_a_body_that_goes_on_slowly_is_waited_for(
    short: None, answering: Answering, connect: Connect
) -> None:
    head, _, body = HALF_A_BODY.partition(b"\r\n\r\n")
    slow = connect(answering.url, head.replace(b"60", b"12") + b"\r\n\r\n" + body[:2])
    for _ in range(10):
        time.sleep(SHORT / 3)
        slow.sendall(b"x")
    assert slow.recv(65536).startswith(b"HTTP/1.1 422 ")


def test_who_asks_again_and_again_on_one_connection_is_not_ended(short: None, answering: Answering) -> None:
    with httpx.Client(limits=httpx.Limits(max_connections=1), timeout=20) as client:
        ports = set()
        for _ in range(20):
            with client.stream("GET", f"{answering.url}/v1/hello") as answer:
                assert answer.read()
                ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
            time.sleep(SHORT / 6)
    assert len(ports) == 1


def test_silence_after_the_handshake_of_https_is_ended(
    short: None, answering: Answering, connect: Connect, tmp_path: Path
) -> None:
    certificate, key = _tls(tmp_path)
    with Server(answering.hub.folder, tls=Tls(certificate, key)) as server:
        context = ssl.create_default_context(cafile=str(certificate))
        with context.wrap_socket(connect(server.url), server_hostname="127.0.0.1") as silent:
            assert silent.recv(1) == b""


# -- others -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", HELLO[:-2], HALF_A_BODY])
def test_more_silent_connections_than_are_worked_on_at_once_keep_nobody_out(
    few: None, answering: Answering, connect: Connect, sent: bytes
) -> None:
    for _ in range(30):
        connect(answering.url, sent)
    for _ in range(5):
        assert _greeted(answering.url) == 200


@pytest.fixture
def at_work(few: None, answering: Answering, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """The hub has as much to do as it can, from when this is called until the test ends or calls it again, which waits
    until that is done.
    """
    lan, begun, go_on = answering.enrol(Role.ASSESSOR), threading.Semaphore(0), threading.Event()
    asked = list[Future[httpx.Response]]()

    def slowly(*given: object) -> object:
        begun.release()
        go_on.wait(20)
        return counts_for(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(app, "counts_for", slowly)
    ask = partial(httpx.get, headers={"Authorization": f"Bearer {lan.source._token}"}, timeout=20)
    with ThreadPoolExecutor(2) as pool:

        def work() -> None:
            if asked:
                go_on.set()
                assert [one.result(20).status_code for one in asked] == [200, 200]
                return
            asked[:] = [pool.submit(ask, f"{answering.url}/v1/counts") for _ in range(2)]
            assert [begun.acquire(timeout=20) for _ in range(2)] == [True, True]

        yield work
        go_on.set()


def test_what_is_more_than_is_worked_on_at_once_is_told_to_come_back(
    few: None, answering: Answering, at_work: Callable[[], None]
) -> None:
    at_work()
    refused = httpx.get(f"{answering.url}/v1/hello", timeout=20)
    assert (refused.status_code, int(refused.headers["retry-after"])) == (503, 5)
    assert refused.json() == {"error": "The hub has as much to do as it can. Try again later."}
    at_work()
    assert _greeted(answering.url) == 200


def test_an_upload_that_is_turned_away_is_not_sent_for_nothing(
    few: None, answering: Answering, connect: Connect, at_work: Callable[[], None]
) -> None:
    at_work()
    head = b"PUT /v1/packets/00 HTTP/1.1\r\nHost: hub\r\nContent-Length: 60000000\r\n\r\n"
    answer = _all_of(connect(answering.url, head))
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("done", [True, False])
def test_a_body_that_came_meanwhile_is_worked_on_when_its_turn_comes_or_told_to_come_back(
    few: None, answering: Answering, connect: Connect, at_work: Callable[[], None], done: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(gate, "_WAITING_SECONDS", 20 if done else SHORT)
    begun = connect(answering.url, HALF_A_BODY)
    time.sleep(SHORT)
    at_work()
    begun.sendall(b"x" * 52)
    begun.settimeout(SHORT / 2)
    with pytest.raises(TimeoutError):
        begun.recv(1)
    if done:
        at_work()
    begun.settimeout(20)
    assert begun.recv(65536).split()[1] == (b"422" if done else b"503")


@pytest.mark.in_a_folder(reason="it looks at the parts in the hub's own folder")
@pytest.mark.parametrize("told", [True, False])
def test_more_slow_uploads_than_there_are_threads_keep_nobody_out_and_go_on(
    answering: Answering, connect: Connect, told: bool
) -> None:
    """Whether they may be gone on with or not, of a destruction that needs no token, and of reports."""
    token, packet = answering.enrol(Role.ASSESSOR, KEY).source._token, b"no packet" * 10_000
    digest = f"Repr-Digest: sha-256=:{base64.b64encode(hashlib.sha256(packet).digest()).decode()}:\r\n"
    head = f"Host: hub\r\nAuthorization: Bearer {token}\r\n{digest if told else ''}"
    slow = [
        connect(
            answering.url,
            f"PUT /v1/{what} HTTP/1.1\r\n{head}Content-Length: {length}\r\n\r\n".encode()
            + packet[: length - 9],
        )
        for number in range(25)
        for what, length in (
            (f"packets/{number:064x}", len(packet)),
            (f"destructions/{number:064x}", 60),
            (f"releases/{number:064x}?how=hub", len(packet)),
        )
    ]
    time.sleep(0.5)
    began = time.monotonic()
    assert _greeted(answering.url) == 200
    assert time.monotonic() - began < 10
    for one in slow:
        one.sendall(packet[-9:])
    statuses = Counter(one.recv(65536).split()[1].decode() for one in slow)
    assert statuses == {"422": 50, "404": 25}, statuses
    assert not list((answering.hub.folder / "uploads").iterdir())


def _large(hub: Hub, incoming: Path, megabytes: int) -> None:
    (incoming / "reflection.md").write_bytes(os.urandom(megabytes << 19).hex().encode())
    import_quickly(hub, incoming)


def _download(connect: Connect, url: str, device: Device) -> tuple[socket.socket, str]:
    """One of the largest file that has begun, and goes no further before it is read; and the file's digest."""
    blob = max(device.changes().blobs, key=lambda one: one.length)
    token = device.source._token
    ask = f"GET /v1/blobs/{blob.digest} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n\r\n"
    begun = connect(url, ask.encode(), 4096)
    assert begun.recv(1, socket.MSG_PEEK) == b"H"
    return begun, blob.digest


@pytest.mark.in_a_folder(reason="the bytes come from the store there, and not from the hub")
def test_downloads_that_take_long_are_not_worked_on_and_turn_nobody_away(
    few: None, hub: Hub, incoming: Path, connect: Connect
) -> None:
    _large(hub, incoming, 16)
    with answering_from(hub) as answering:
        lan = answering.enrol(Role.ASSESSOR, KEY)
        under_way = [_download(connect, answering.url, lan) for _ in range(6)]
        assert _greeted(answering.url) == 200
        for one, digest in under_way[:2]:
            one.sendall(b"GET /v1/hello HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n")
            head, _, rest = _all_of(one).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK")
            body, _, _ = rest.rpartition(b"HTTP/1.1 200 OK")
            assert hashlib.sha256(body).hexdigest() == digest
        for one, _ in under_way:
            one.close()


@pytest.mark.in_a_folder(reason="the bytes come from the store there, and not from the hub")
def test_an_answer_of_which_nothing_is_taken_is_ended_at_last(
    short: None, hub: Hub, incoming: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_UNREAD_SECONDS", SHORT)
    _large(hub, incoming, 16)
    with answering_from(hub) as answering:
        stuck, _ = _download(connect, answering.url, answering.enrol(Role.ASSESSOR, KEY))
        time.sleep(SHORT * 4)
        came = 0
        with contextlib.suppress(ConnectionError):
            while piece := stuck.recv(65536):
                came += len(piece)
        assert came < 16 << 20


@contextlib.contextmanager
def _by_https(hub: Hub, folder: Path) -> Iterator[tuple[Server, ssl.SSLContext]]:
    """The hub, by https, with little room in the system for what is sent and a second for what is asked next."""
    certificate, key = _tls(folder)
    server = Server(hub.folder, tls=Tls(certificate, key))
    server._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    server._server.config.timeout_keep_alive = 1
    with server:
        yield server, ssl.create_default_context(cafile=str(certificate))


@pytest.mark.in_a_folder(reason="the bytes come from the store there, and not from the hub")
@pytest.mark.parametrize("asks", ["", "Connection: close\r\n"])
@pytest.mark.parametrize("takes", [True, False])
def test_by_https_who_takes_slowly_gets_all_of_it_and_who_takes_nothing_is_ended(
    short: None, hub: Hub, incoming: Path, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    takes: bool, asks: str,
) -> None:  # fmt: skip
    """Also the last of it, which is here for longer than connections are that ask nothing, or that are to end."""
    monkeypatch.setattr(connections, "_UNREAD_SECONDS", SHORT)
    monkeypatch.setattr(asyncio.constants, "SSL_SHUTDOWN_TIMEOUT", SHORT)
    (incoming / "reflection.md").write_bytes(os.urandom(1 << 20).hex().encode())
    import_quickly(hub, incoming)
    with answering_from(hub) as answering, _by_https(hub, tmp_path) as (server, context):
        lan = answering.enrol(Role.ASSESSOR, KEY)
        blob = max(lan.changes().blobs, key=lambda one: one.length)
        told = f"Host: hub\r\n{asks}Authorization: Bearer {lan.source._token}"
        ask = f"GET /v1/blobs/{blob.digest} HTTP/1.1\r\n{told}\r\n\r\n"
        with context.wrap_socket(connect(server.url, room=4096), server_hostname="127.0.0.1") as slow:
            slow.sendall(ask.encode())
            if not takes:
                time.sleep(SHORT * 4)
            came = b""
            with contextlib.suppress(ConnectionError, ssl.SSLEOFError):
                while piece := slow.recv(16384):
                    came += piece
                    time.sleep(0.05 if takes else 0)
        whole = hashlib.sha256(came.partition(b"\r\n\r\n")[2]).hexdigest() == blob.digest
        assert whole is takes, len(came)


@pytest.mark.in_a_folder(reason="of https, which is the same before either home")
def test_by_https_who_took_all_of_it_and_does_not_end_the_connection_is_ended(
    short: None, hub: Hub, connect: Connect, tmp_path: Path
) -> None:
    with _by_https(hub, tmp_path) as (server, context):
        asking = context.wrap_socket(connect(server.url), server_hostname="127.0.0.1")
        asking.sendall(HELLO[:-2] + b"Connection: close\r\n\r\n")
        assert _all_of(asking).startswith(b"HTTP/1.1 200 OK")
        begun = time.monotonic()
        with socket.socket(fileno=asking.detach()) as below:
            below.settimeout(20)
            with contextlib.suppress(ConnectionError):
                assert _all_of(below) == b""
        assert SHORT * 0.5 < time.monotonic() - begun < 10


# -- one address ------------------------------------------------------------------------------------------


def test_one_address_has_so_many_connections_and_others_once_it_lets_go(
    elsewhere_too: None, answering: Answering, connect: Connect
) -> None:
    held = [connect(answering.url, HELLO) for _ in range(3)]
    assert all(one.recv(15) == b"HTTP/1.1 200 OK" for one in held)
    refused = httpx.get(f"{answering.url}/v1/hello", timeout=20)
    assert (refused.status_code, int(refused.headers["retry-after"])) == (503, 10)
    assert refused.json() == {"error": "This address has too many connections at once. Try again later."}
    held[0].close()
    give_up = time.monotonic() + 20
    while _greeted(answering.url) != 200:
        assert time.monotonic() < give_up


def test_a_balancer_that_was_named_has_any_number(
    elsewhere_too: None, answering: Answering, connect: Connect
) -> None:
    with Server(answering.hub.folder, behind="192.0.2.0/24, 127.0.0.0/8") as server:
        for _ in range(10):
            assert connect(server.url, HELLO).recv(15) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_an_address_is_counted_with_all_that_its_owner_has(address: str, network: str) -> None:
    assert network_of(address) == network
