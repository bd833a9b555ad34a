"""A network that goes wrong: a small server in front of a real hub, which does to its answers what a test asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


@dataclass(frozen=True)
class Answer:
    """An answer on its way: `length` is what is announced, `pause` seconds of silence before each `piece` bytes."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int | None = None
    pause: float = 0.0
    piece: int = 1000


Fault = Callable[[str, Answer], Answer]


def none(_path: str, answer: Answer) -> Answer:
    """Nothing goes wrong."""
    return answer


def status(code: int, body: bytes = b"Oh dear", kind: str = "text/plain", **headers: str) -> Fault:
    """Every answer is this one instead."""
    return lambda _path, _answer: Answer(code, {"content-type": kind, **headers}, body)


def page(_path: str, _answer: Answer) -> Answer:
    """A network's log-in page, with status 200."""
    return Answer(200, {"content-type": "text/html"}, b"<html><h1>Welcome to the Harbour Hotel</h1></html>")


def cut(at: int, of: str = "/blobs/") -> Fault:
    """Answers end after `at` bytes, though more were announced."""
    return lambda path, answer: (
        replace(answer, body=answer.body[:at], length=len(answer.body)) if of in path else answer
    )


def changed(of: str = "/blobs/") -> Fault:
    """One byte in the middle is another."""

    def change(path: str, answer: Answer) -> Answer:
        middle = len(answer.body) // 2
        body = (
            answer.body[:middle] + bytes([answer.body[middle] ^ 1]) + answer.body[middle + 1 :]
            if answer.body
            else b""
        )
        return replace(answer, body=body) if of in path else answer

    return change


@dataclass
class Network:
    """The server. `fault` may be changed at any time; `asked` lists method, path and range of what came."""

    hub: str
    fault: Fault = none
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""
    tokens: list[str] = field(default_factory=list)

    def first(self, times: int, fault: Fault, of: str = "") -> None:
        """Only the first answers whose path has `of` in it go wrong."""
        left = [times]

        def sometimes(path: str, answer: Answer) -> Answer:
            if of in path and left[0] > 0:
                left[0] -= 1
                return fault(path, answer)
            return answer

        self.fault = sometimes

    def ranges(self) -> list[str]:
        """The ranges asked for, in order."""
        return [asked for _, path, asked in self.asked if "/blobs/" in path]


@contextmanager
def network_before(hub: str) -> Iterator[Network]:
    """A network in front of the hub at that address."""
    network = Network(hub)
    # A hub may send to where its files are; that is behind this network too.
    with httpx.Client(base_url=hub, timeout=30, follow_redirects=True, verify=False) as client:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(network, client))
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        network.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield network
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


_OF_THE_CONNECTION = ("content-length", "connection", "date", "transfer-encoding", "server")


def _handler(network: Network, client: httpx.Client) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def do_HEAD(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            network.asked.append((self.command, self.path, self.headers.get("range", "")))
            network.tokens.append(self.headers.get("authorization", ""))
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            passed = {
                k: v
                for k, v in self.headers.items()
                if k.lower() not in ("host", "content-length", "connection", "accept-encoding")
            }
            real = client.request(self.command, self.path, content=body, headers=passed)
            kept = {k: v for k, v in real.headers.items() if k not in _OF_THE_CONNECTION}
            answer = Answer(real.status_code, kept, real.content)
            self._send(answer if self.command == "HEAD" else network.fault(self.path, answer))

        def _send(self, answer: Answer) -> None:
            # Of itself this server tells the time; a test may have it tell another.
            (self.send_response_only if "date" in answer.headers else self.send_response)(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header(
                "content-length", str(len(answer.body) if answer.length is None else answer.length)
            )
            self.end_headers()
            try:
                for start in range(0, len(answer.body), answer.piece):
                    time.sleep(answer.pause)
                    self.wfile.write(answer.body[start : start + answer.piece])
            except (BrokenPipeError, ConnectionResetError):
                pass

    return Handler
