"""A hub may say that its files are elsewhere: a desk follows once, safely, and believes only what it can check."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assessor_desk.domain.changes import Blob
from assessor_desk.domain.errors import Damaged, Unavailable
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.source import Busy, EnrolmentRevoked

CONTENT = bytes(range(256)) * 4
BLOB = Blob("submission", "artifact", "ab" * 32, len(CONTENT), b"k" * 32)


@dataclass
class Place:
    """A server that answers every question alike, and keeps what it was asked and with which headers."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def answering(place: Place) -> Iterator[Place]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.asked.append({name.lower(): value for name, value in self.headers.items()})
            start = int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
            body = place.body[start:] if place.status == 200 else place.body
            self.send_response(206 if start and place.status == 200 else place.status)
            if start and place.status == 200:
                whole = len(place.body)
                self.send_header("content-range", f"bytes {start}-{whole - 1}/{whole}")
            for name, value in place.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    place.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def store() -> Iterator[Place]:
    """Where the files are."""
    with answering(Place(body=CONTENT, headers={"content-type": "application/octet-stream"})) as place:
        yield place


@pytest.fixture
def hub(store: Place) -> Iterator[Place]:
    """A hub that sends there."""
    with answering(Place(307, {"location": f"{store.url}/files/abc?signed=yes"})) as place:
        yield place


@pytest.fixture
def source(hub: Place) -> Iterator[HubSource]:
    """An enrolled desk's."""
    source = HubSource(hub.url, "a token", "urn:uuid:1", "Lakeside hub")
    yield source
    source.close()


def _fetch(source: HubSource, offset: int = 0) -> bytes:
    return b"".join(source.fetch(BLOB, offset))


def test_bytes_come_from_there_and_the_token_stays_here(source: HubSource, hub: Place, store: Place) -> None:
    assert _fetch(source) == CONTENT
    assert hub.asked[0]["authorization"] == "Bearer a token"
    assert "authorization" not in store.asked[0]
    assert "cookie" not in store.asked[0]


def test_a_download_goes_on_where_it_stopped(source: HubSource, store: Place) -> None:
    assert _fetch(source, 1000) == CONTENT[1000:]
    assert store.asked[0]["range"] == "bytes=1000-"


def test_another_length_is_not_believed(source: HubSource, store: Place) -> None:
    store.body = CONTENT[:-1]
    with pytest.raises(Damaged, match="another length"):
        _fetch(source)


def test_another_part_than_the_one_asked_for_is_not_believed(source: HubSource, store: Place) -> None:
    store.status, store.body = 206, CONTENT[:24]
    store.headers["content-range"] = f"bytes 0-23/{len(CONTENT)}"
    with pytest.raises(Damaged, match="another part of the file"):
        _fetch(source, len(CONTENT) - 24)
    store.headers["content-range"] = f"bytes {len(CONTENT) - 24}-{len(CONTENT) - 1}/{len(CONTENT)}"
    assert _fetch(source, len(CONTENT) - 24) == CONTENT[:24]


def test_a_file_that_was_exchanged_while_it_was_away_is_not_gone_on_with(
    source: HubSource, store: Place
) -> None:
    store.headers["etag"] = f'"{"cd" * 32}"'
    with pytest.raises(Damaged, match="another file than was asked for"):
        _fetch(source, 1000)
    store.headers["etag"] = f'"{BLOB.digest}"'
    assert _fetch(source, 1000) == CONTENT[1000:]


@pytest.mark.parametrize(
    "address",
    ["http://files.example.org/abc", "ftp://127.0.0.1/abc", "file:///etc/passwd", "//files.example.org/abc"],
)
def test_an_address_that_is_not_encrypted_is_not_followed(
    source: HubSource, hub: Place, store: Place, address: str
) -> None:
    hub.headers["location"] = address
    with pytest.raises(Unavailable, match="a page instead of data"):
        _fetch(source)
    assert store.asked == []


def test_a_hub_elsewhere_makes_no_desk_ask_on_its_own_computer(store: Place) -> None:
    import httpx

    source = HubSource("https://hub.example.org", "a token")
    request = httpx.Request("GET", "https://hub.example.org/v1/blobs/x")
    answer = httpx.Response(307, headers={"location": store.url}, request=request)
    with pytest.raises(Unavailable):
        source._elsewhere(request, answer)
    source.close()


def test_it_is_followed_once(source: HubSource, hub: Place, store: Place) -> None:
    store.status, store.headers = 307, {"location": hub.headers["location"]}
    with pytest.raises(Unavailable, match="could not be fetched where it keeps them"):
        _fetch(source)
    assert len(store.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_an_error_there_is_no_word_of_the_hub_and_is_tried_again(
    source: HubSource, store: Place, status: int
) -> None:
    store.status, store.headers = status, {"content-type": "application/json"}
    store.body = b'{"error": "You are revoked.", "reason": "enrolment_revoked"}'
    with pytest.raises(Unavailable, match="Try again later") as told:
        _fetch(source)
    assert not isinstance(told.value, EnrolmentRevoked)


def test_a_busy_store_says_when_to_come_back(source: HubSource, store: Place) -> None:
    store.status, store.headers = 503, {"retry-after": "7"}
    with pytest.raises(Busy) as told:
        _fetch(source)
    assert told.value.seconds == 7.0


def test_a_log_in_page_there_is_no_file(source: HubSource, store: Place) -> None:
    store.headers["content-type"] = "text/html"
    with pytest.raises(Unavailable, match="a page instead of data"):
        _fetch(source)
