"""Why a source was not reached, told apart; and how fast bytes may pass."""

import errno
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from tests.sync import faulty
from tests.sync.conftest import Bench

from assessor_desk.domain.errors import Unavailable
from assessor_desk.sync import unreached
from assessor_desk.sync.pace import Pace
from assessor_desk.sync.source import Busy
from assessor_desk.sync.unreached import Reaching, Unreached, Why

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HUB = Reaching("Lakeside hub", "https://hub.example.org", NOW)


def _trouble(cause: Exception) -> Unreached:
    error = httpx.ConnectError("no")
    error.__cause__ = cause
    return HUB.trouble(error)


def _certificate(code: int) -> ssl.SSLError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("cause", "why", "words"),
    [
        (OSError(errno.ENETUNREACH, "no way"), Why.OFFLINE, "This computer is offline"),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), Why.OFFLINE, "finds no names (hub.example.org)"),
        (socket.gaierror(socket.EAI_NONAME, "none"), Why.NAME, "nobody knows the name hub.example.org"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), Why.NOBODY, "nothing answers there"),
        (_certificate(10), Why.CLOCK, "has expired by this computer's clock"),
        (_certificate(9), Why.CLOCK, "is not valid yet by this computer's clock"),
        (_certificate(62), Why.CERTIFICATE, "its certificate is for another name"),
        (_certificate(18), Why.CERTIFICATE, "does not trust"),
        (ssl.SSLError(1, "wrong version number"), Why.CERTIFICATE, "No secure connection"),
    ],
)
def test_what_keeps_a_source_from_being_reached_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, cause: Exception, why: Why, words: str
) -> None:
    monkeypatch.setattr(Reaching, "sign_in_instead", lambda self: None)
    told = _trouble(cause)
    assert (told.why, words in str(told)) == (why, True)


def test_silence_and_a_cut_are_told_apart() -> None:
    assert HUB.trouble(httpx.ReadTimeout("slow")).why is Why.SILENT
    assert HUB.trouble(httpx.RemoteProtocolError("cut")).why is Why.CUT


@contextmanager
def _hotel(status: int, location: str) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert "authorization" not in self.headers
            self.send_response(status)
            self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "location", "page"),
    [
        (302, "http://login.hotel.example/", "http://login.hotel.example/"),
        (511, "http://login.hotel.example/", "http://login.hotel.example/"),
        (301, "https://localtest.example/", ""),
        (404, "", ""),
    ],
)
def test_where_tls_fails_a_log_in_page_in_between_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, status: int, location: str, page: str
) -> None:
    monkeypatch.setattr(unreached, "is_loopback", lambda host: False)
    host = "localtest.example"
    monkeypatch.setattr(Reaching, "host", property(lambda self: "127.0.0.1"))
    with _hotel(status, location.replace(host, "127.0.0.1")) as port:
        monkeypatch.setattr(unreached, "_PLAIN_PORT", port)
        told = _trouble(_certificate(62))
    assert (told.why is Why.SIGN_IN, told.page) == (bool(page), page)


@pytest.mark.parametrize("status", [200, 302, 511])
def test_a_log_in_page_in_place_of_an_answer_is_named(bench: Bench, status: int) -> None:
    where = {"location": "http://login.hotel.example/"} if status == 302 else {}
    bench.network.fault = faulty.status(status, b"<html>Room number</html>", "text/html", **where)
    with pytest.raises(Unreached, match="wants you to sign in") as caught:
        bench.source.counts()
    assert caught.value.why is Why.SIGN_IN
    assert caught.value.page.startswith("http://")


@pytest.mark.parametrize("status", [401, 403, 404, 409, 413])
def test_what_a_box_on_the_way_refuses_is_not_the_hub_s_refusal(bench: Bench, status: int) -> None:
    bench.network.fault = faulty.status(status, b"<html>No</html>", "text/html")
    with pytest.raises(Unavailable):
        bench.source.counts()


def test_busy_is_a_reason_of_its_own() -> None:
    assert Busy("Later", 9).why is Why.BUSY


def test_a_pace_makes_bytes_wait_and_none_where_there_is_no_bound() -> None:
    waited = list[float]()

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return False

    most = 1000
    pace = Pace(lambda: most, clock=lambda: 100.0)
    for _ in range(4):
        pace.take(500, Stop())
    assert waited == [0.25, 0.75, 1.25, 1.75]
    most = 0
    pace.take(10**9, Stop())
    assert len(waited) == 4
