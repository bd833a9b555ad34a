"""A network in which anything may happen: a TCP proxy before a real hub, whose faults a seeded generator chooses.

It stands between httpx and uvicorn and touches bytes, not messages: an answer may end at any of them. What it did is
counted, so that a test can say how many of which fault were survived; what it let through is noted byte by byte, so
that it can say that nothing was fetched twice. A fault never makes up data that only a hub could have signed or named:
TLS keeps a network from that.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_ENDS = (OSError, ConnectionError, EOFError)
_LOG_IN = b"<html><h1>Welcome to the Harbour Hotel</h1><form>Room number</form></html>"
_RANGE = re.compile(rb"(?im)^content-range: bytes (\d+)-(\d+)/(\d+)\r")
_BLOB = re.compile(r"/v1/blobs/([0-9a-f]{64})")
#: What a proxy, a firewall or an overloaded hub says in place of an answer; some in JSON, which is still no hub's.
STATUSES = (401, 403, 404, 409, 413, 429, 500, 502, 503)


@dataclass(frozen=True)
class Request:
    """One request as it came: its head, and its body."""

    method: str
    path: str
    head: bytes
    body: bytes

    @property
    def blob(self) -> str:
        """The digest of the file it asks for, empty for any other request."""
        found = _BLOB.match(self.path)
        return found[1] if found and self.method == "GET" else ""


@dataclass
class Storm:
    """The network. `chance` of a fault in each exchange; `era` is the hub's version: same, older or newer."""

    hub: Callable[[], tuple[str, int]]
    chooser: random.Random
    chance: float = 0.0
    era: str = "same"
    #: Seconds of silence where an answer is withheld: longer than a client's patience.
    silence: float = 1.5
    url: str = ""
    done: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    #: What stands behind the cursors that an older hub gave out.
    cursors: dict[str, str] = field(default_factory=dict)
    #: Bytes of each file that reached the client, as stretches; and how many of these it had had before.
    seen: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    twice: int = 0
    interrupted: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, digest: str, start: int, count: int) -> None:
        """That bytes of a file went to the client."""
        with self._lock:
            fresh = [(start, start + count)]
            for low, high in self.seen[digest]:
                fresh = [
                    part
                    for a, b in fresh
                    for part in ((a, min(b, low)), (max(a, high), b))
                    if part[0] < part[1]
                ]
            self.sent += count
            self.twice += count - sum(b - a for a, b in fresh)
            self.seen[digest] += fresh

    # -- one connection ------------------------------------------------------------------------------------------

    def serve(self, client: socket.socket) -> None:
        """Answer requests on one connection until something ends it."""
        with client, contextlib.suppress(*_ENDS):
            client.settimeout(20)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pending = b""
            while True:
                request, pending, fault = self._read(client, pending)
                with self._lock:
                    self.requests += 1
                    self.done[fault] += fault != ""
                if not getattr(self, f"_{fault}" if fault else "_peace")(client, request):
                    return

    def _read(self, client: socket.socket, pending: bytes) -> tuple[Request, bytes, str]:
        while b"\r\n\r\n" not in pending:
            pending += _received(client)
        head, _, rest = pending.partition(b"\r\n\r\n")
        length = _length(head)
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        fault = self._chosen(method, path, length)
        if fault == "half_a_request":
            stop = self.chooser.randrange(length + 1)
            while len(rest) < stop:
                rest += _received(client)
            return Request(method, path, head, rest[:stop]), b"", fault
        while len(rest) < length:
            rest += _received(client)
        return Request(method, path, head, rest[:length]), rest[length:], fault

    def _chosen(self, method: str, path: str, length: int) -> str:
        with self._lock:
            if self.chooser.random() >= self.chance:
                return ""
            faults = [
                "lost_request",
                "lost_answer",
                "cut",
                "cut",
                "cut",
                "delayed",
                "portal",
                "status",
                "status",
                "hung_up",
            ]
            faults += ["doubled"] * (method != "GET") + ["half_a_request"] * 2 * (length > 0)
            faults += ["wrong_bytes"] * ("/blobs/" in path)
            faults += ["silent"] * (self.chooser.random() < 0.05)
            return self.chooser.choice(faults)

    # -- faults: each says whether the connection goes on --------------------------------------------------------

    def _peace(self, client: socket.socket, request: Request) -> bool:
        self._send(client, request, self._asked(request))
        return True

    def _lost_request(self, _client: socket.socket, _request: Request) -> bool:
        return False

    def _half_a_request(self, _client: socket.socket, request: Request) -> bool:
        with contextlib.suppress(*_ENDS), self._upstream() as hub:
            hub.sendall(request.head + b"\r\n\r\n" + request.body)
        return False

    def _lost_answer(self, _client: socket.socket, request: Request) -> bool:
        self._asked(request)
        return False

    def _doubled(self, client: socket.socket, request: Request) -> bool:
        self._asked(request)
        return self._peace(client, request)

    def _delayed(self, client: socket.socket, request: Request) -> bool:
        time.sleep(self.chooser.random() * 0.05)
        return self._peace(client, request)

    def _hung_up(self, client: socket.socket, request: Request) -> bool:
        self._peace(client, request)
        return False

    def _silent(self, _client: socket.socket, request: Request) -> bool:
        self._asked(request)
        time.sleep(self.silence)
        return False

    def _cut(self, client: socket.socket, request: Request) -> bool:
        answer = self._asked(request)
        self._send(client, request, answer[: self.chooser.randrange(len(answer))])
        if request.blob:
            with self._lock:
                self.interrupted += 1
        return False

    def _wrong_bytes(self, client: socket.socket, request: Request) -> bool:
        head, between, body = self._asked(request).partition(b"\r\n\r\n")
        if body and b" 20" in head[:12]:
            place = self.chooser.randrange(len(body))
            body = body[:place] + bytes([body[place] ^ (1 << self.chooser.randrange(8))]) + body[place + 1 :]
            with self._lock:
                self.interrupted += 1
        self._send(client, request, head + between + body)
        return True

    def _portal(self, client: socket.socket, _request: Request) -> bool:
        status, more = self.chooser.choice(
            [(200, ""), (302, "Location: http://login.hotel.example/\r\n"), (511, "")]
        )
        client.sendall(_answer(status, _LOG_IN, "text/html", more))
        return False

    def _status(self, client: socket.socket, request: Request) -> bool:
        status = self.chooser.choice(STATUSES)
        more = ""
        if status in (429, 503):
            seconds = self.chooser.choice([0, 60, 600])
            date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
            more = f"Retry-After: {self.chooser.choice([str(seconds), date]) if seconds else 0}\r\n"
        body, kind = self.chooser.choice(
            [
                (b"<html>No</html>", "text/html"),
                (b"", "text/plain"),
                (b'{"detail": "No"}', "application/json"),
            ]
        )
        client.sendall(_answer(status, b"" if request.method == "HEAD" else body, kind, more))
        return False

    # -- to and from the hub -------------------------------------------------------------------------------------

    def _upstream(self) -> socket.socket:
        return socket.create_connection(self.hub(), timeout=20)

    def _asked(self, request: Request) -> bytes:
        """The hub's answer, whole."""
        if (denied := self._of_an_older_hub(request)) is not None:
            return denied
        lines = [line for line in request.head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        if self.era == "older":
            lines[0] = re.sub(rb"&most=\d+", b"", self._with_whole_cursor(lines[0]))
            lines = [
                line for line in lines if not line.lower().startswith((b"if-none-match", b"repr-digest"))
            ]
        with self._upstream() as hub:
            hub.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + request.body)
            answer = b""
            while piece := hub.recv(1 << 16):
                answer += piece
        answer = re.sub(rb"(?i)\r\nconnection: close", b"", answer, count=1)
        return self._reworded(request, answer)

    def _with_whole_cursor(self, line: bytes) -> bytes:
        """An older hub's cursors were numbers alone; the one behind it is asked with what it gave out."""
        found = re.search(rb"cursor=(\d+)", line)
        whole = self.cursors.get(found[1].decode()) if found else None
        return line.replace(b"cursor=" + found[1], b"cursor=" + whole.encode()) if found and whole else line

    def _of_an_older_hub(self, request: Request) -> bytes | None:
        if self.era == "older" and (request.method == "HEAD" or request.path.startswith("/v1/deliveries")):
            body = b'{"error": "This cannot be asked"}'
            return _answer(405, b"" if request.method == "HEAD" else body, "application/json")
        return None

    def _reworded(self, request: Request, answer: bytes) -> bytes:
        """As a hub of another version would say it."""
        head, between, body = answer.partition(b"\r\n\r\n")
        if self.era == "same" or not request.path.startswith("/v1/changes") or b" 200 " not in head[:20]:
            return answer
        told = json.loads(body)
        if self.era == "older":
            told.pop("counts", None), told.pop("anew", None)
            whole, told["cursor"] = told["cursor"], told["cursor"].split(".")[1]
            self.cursors[told["cursor"]] = whole
        else:
            told["from_the_future"] = {"what": ["nobody", "knows"]}
            for one in (*told["submissions"], *told["assignments"]):
                one["colour"] = "blue"
        body = json.dumps(told).encode()
        return re.sub(rb"(?i)content-length: \d+", b"content-length: %d" % len(body), head) + between + body

    def _send(self, client: socket.socket, request: Request, answer: bytes) -> None:
        head, _, body = answer.partition(b"\r\n\r\n")
        if request.blob and body and re.match(rb"HTTP/1.1 20[06] ", head):
            part = _RANGE.search(head + b"\r")
            self.note(request.blob, int(part[1]) if part else 0, len(body))
        client.sendall(answer)


def _received(connection: socket.socket) -> bytes:
    piece = connection.recv(1 << 16)
    if not piece:
        raise EOFError
    return piece


def _length(head: bytes) -> int:
    found = re.search(rb"(?im)^content-length: (\d+)\r?$", head)
    return int(found[1]) if found else 0


def _answer(status: int, body: bytes, kind: str, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\nConnection: close"
    return head.encode() + b"\r\n\r\n" + body


@contextlib.contextmanager
def storm_before(hub: Callable[[], tuple[str, int]], seed: int) -> Iterator[Storm]:
    """A network before the hub that listens where `hub` says; the same seed brings the same faults."""
    storm = Storm(hub, random.Random(seed))
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    listening.settimeout(0.1)
    storm.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    over, going = threading.Event(), list[threading.Thread]()

    def accept() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = listening.accept()
                going.append(threading.Thread(target=storm.serve, args=(client,)))
                going[-1].start()
                going[:] = [one for one in going if one.is_alive()]

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield storm
    finally:
        over.set()
        accepting.join()
        listening.close()
        for one in going:
            one.join(25)
