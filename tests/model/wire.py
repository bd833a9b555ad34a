"""The way between desks and their hub in one process: the hub's own application, and what a network does to messages.

A desk's `HubSource` asks through httpx as ever; where httpx would open a connection, `Wire` hands the request to the
application. Nothing waits: what a server does on threads of its own is done at once, so that a scenario takes
milliseconds and goes the same way each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import anyio.from_thread
import anyio.to_thread
import httpx
import pytest
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache
from starlette.types import ASGIApp

from assessor_desk.sync import downloading

#: No hub's word: what something between says in its place.
STATUSES = (401, 403, 404, 409, 413, 429, 500, 503)
#: What may happen to one message; `status` stands for each of `STATUSES`.
KINDS = (
    *(
        "request lost",
        "answer lost",
        "sent twice",
        "answer cut",
        "request cut",
        "late",
        "portal",
    ),
    *(f"status {status}" for status in STATUSES),
)
_PORTAL = b"<html><h1>Welcome to the Harbour Hotel</h1><form>Room number</form></html>"
_COMPILED: LRUCache[Any, Any] = LRUCache(2000)
_UNREAD = {"host", "connection", "accept-encoding"}


@dataclass(frozen=True)
class Fault:
    """What happens to the request with that number in a round. `share`: of a hundred parts, where it is cut."""

    number: int
    kind: str
    share: int = 50

    def __str__(self) -> str:
        where = f" after {self.share} %" if self.kind.endswith("cut") else ""
        return f"request {self.number}: {self.kind}{where}"


@dataclass(frozen=True)
class Asked:
    """A request as it left a desk."""

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @classmethod
    def of(cls, request: httpx.Request) -> Asked:
        """The same, read to its end."""
        told = [(name.lower(), value) for name, value in request.headers.raw]
        kept = tuple((name, value) for name, value in told if name.decode() not in _UNREAD)
        return cls(request.method, request.url.path, request.url.query, kept, request.read())


@dataclass(frozen=True)
class Answer:
    """What the hub said."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class _Cut(httpx.SyncByteStream):
    """A body that ends too early."""

    def __init__(self, body: bytes, whole: bool) -> None:
        self._body, self._whole = body, whole

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        if not self._whole:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


@dataclass
class Wire(httpx.BaseTransport):
    """The network. `app` is the hub's application, None while it is down; `now` its clock."""

    now: Callable[[], datetime]
    app: ASGIApp | None = None
    faults: dict[int, Fault] = field(default_factory=dict)
    #: Requests of this round.
    number: int = 0
    requests: int = 0
    #: What did happen, by its name; and in the round under way, as a person would tell it.
    happened: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    _late: list[Asked] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def weather(self, faults: Sequence[Fault]) -> None:
        """What is to happen in the round that begins."""
        self.faults, self.number = {one.number: one for one in faults}, 0
        self.told.clear()

    def settle(self) -> None:
        """Let what was held up arrive."""
        with self._turn:
            self._deliver_late()

    def shut(self) -> None:
        """Of no use any more."""
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """In place of a connection."""
        asked = Asked.of(request)
        with self._turn:
            self.number += 1
            self.requests += 1
            late, self._late = self._late, []
            fault = self.faults.pop(self.number, None)
            if fault is not None:
                self.happened[fault.kind] += 1
                self.told.append(f"{fault} ({asked.method} {asked.path.removeprefix('/v1')[:24]})")
            try:
                return self._peace(asked) if fault is None else self._met(fault, asked)
            finally:
                for one in late:  # overtaken by the one just answered
                    self._asked(one)

    def _met(self, fault: Fault, asked: Asked) -> httpx.Response:
        match fault.kind:
            case "request lost":
                raise httpx.ConnectTimeout("timed out")
            case "answer lost":
                self._asked(asked)
                raise httpx.ReadError("connection reset by peer")
            case "sent twice":
                self._asked(asked)
                return self._peace(asked)
            case "answer cut":
                answer = self._asked(asked)
                return _response(answer, len(answer.body) * fault.share // 100)
            case "request cut":
                self._asked(asked, len(asked.body) * fault.share // 100)
                raise httpx.WriteError("broken pipe")
            case "late":
                self._late.append(asked)
                raise httpx.ReadTimeout("timed out")
            case "portal":
                return httpx.Response(
                    200,
                    headers={"content-type": "text/html"},
                    stream=_Cut(_PORTAL, True),
                )
        return _instead(int(fault.kind.removeprefix("status ")), fault.share)

    def _peace(self, asked: Asked) -> httpx.Response:
        answer = self._asked(asked)
        return _response(answer, len(answer.body))

    def _deliver_late(self) -> None:
        late, self._late = self._late, []
        for one in late:
            self._asked(one)

    def _asked(self, asked: Asked, sent: int | None = None) -> Answer:
        if self.app is None:
            raise httpx.ConnectError("connection refused")
        return self.loop.run_until_complete(self._answer(self.app, asked, sent))

    async def _answer(self, app: ASGIApp, asked: Asked, sent: int | None) -> Answer:
        begun: list[dict[str, Any]] = []
        body = bytearray()
        coming = [
            {
                "type": "http.request",
                "body": asked.body[:sent],
                "more_body": sent is not None,
            }
        ]

        async def receive() -> dict[str, Any]:
            return coming.pop() if coming else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
            else:
                body.extend(message.get("body", b""))

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method,
            "scheme": "http", "path": asked.path, "raw_path": asked.path.encode(), "query_string": asked.query,
            "headers": list(asked.headers), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1), "state": {},
        }  # fmt: skip
        await app(scope, receive, send)
        date = format_datetime(self.now(), usegmt=True).encode()
        headers = (
            *((bytes(name), bytes(value)) for name, value in begun[0]["headers"]),
            (b"date", date),
        )
        return Answer(begun[0]["status"], headers, bytes(body))


def _response(answer: Answer, length: int) -> httpx.Response:
    stream = _Cut(answer.body[:length], length == len(answer.body))
    return httpx.Response(answer.status, headers=list(answer.headers), stream=stream)


def _instead(status: int, share: int) -> httpx.Response:
    """In HTML or in JSON that no hub wrote; who is too busy says for how long."""
    headers = {"content-type": "text/html" if share % 2 else "application/json"}
    if status in (429, 503):
        headers["retry-after"] = "0" if share < 30 else "600"
    body = b"<html>No</html>" if share % 2 else b'{"detail": "No"}'
    return httpx.Response(status, headers=headers, stream=_Cut(body, True))


@contextlib.contextmanager
def _running(
    loop: asyncio.AbstractEventLoop | None,
) -> Iterator[asyncio.AbstractEventLoop | None]:
    """As if this thread ran that loop, or none, as where blocking work belongs on a thread of its own."""
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(loop)
    try:
        yield before
    finally:
        asyncio._set_running_loop(before)


def _at_once(wire: Wire) -> Callable[..., Any]:
    async def work(task: Callable[..., Any], *arguments: Any, **_options: Any) -> Any:
        with _running(None):
            return task(*arguments)

    return work


def _without_waiting(wire: Wire) -> Callable[..., Any]:
    def ask(task: Callable[..., Any], *arguments: Any) -> Any:
        """What is asked here never waits: all of a body is at hand."""
        going = task(*arguments)
        with _running(wire.loop):
            try:
                going.send(None)
            except StopIteration as done:
                return done.value
        raise AssertionError(f"{task} waits for something")

    return ask


@contextlib.contextmanager
def wired(wire: Wire) -> Iterator[None]:
    """Every request of this process goes by `wire`, the hub's blocking work is done where it stands, and files are
    fetched one after the other: a scenario is to go the same way again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._client.HTTPTransport", lambda **_: wire)
        patch.setattr(anyio.to_thread, "run_sync", _at_once(wire))
        patch.setattr(anyio.from_thread, "run", _without_waiting(wire))
        patch.setattr(downloading, "AT_ONCE", 1)
        patch.setattr(downloading, "_PAUSE_SECONDS", 0.0)
        # Statements compiled for one database serve all of the kind; a scenario opens a dozen.
        patch.setattr(SQLiteDialect_pysqlite, "__hash__", lambda own: hash(type(own)))
        patch.setattr(
            SQLiteDialect_pysqlite,
            "__eq__",
            lambda own, other: type(own) is type(other),
        )
        patch.setattr(
            Engine,
            "_compiled_cache",
            property(lambda _: _COMPILED, lambda *_: None),
            raising=False,
        )
        yield
