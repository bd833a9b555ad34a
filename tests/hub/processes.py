"""A hub as it runs in earnest: several processes, each with a folder of its own, and a balancer before them."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from assessor_desk.hub.whereabouts import KEY_FILE, WHEREABOUTS_FILE


def empty_folder(hub: Path, folder: Path) -> Path:
    """What a container of a hub beyond one machine begins with: its key, and where all else is."""
    folder.mkdir(mode=0o700)
    for name in (KEY_FILE, WHEREABOUTS_FILE):
        shutil.copy(hub / name, folder)
    return folder


@dataclass
class Process:
    """`hub serve` in a process of its own."""

    running: subprocess.Popen[str]
    url: str

    @classmethod
    def start(cls, folder: Path, port: int = 0) -> Process:
        command = [sys.executable, "-m", "assessor_desk", "hub", "--at", str(folder), "--json", "serve"]
        command += ["--port", str(port), "--while-open", "--no-renditions"]
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert running.stdout is not None
        told = "".join(itertools.takewhile(lambda line: line.strip() != "}", running.stdout))
        return cls(running, json.loads(told + "}")["url"])

    def kill(self) -> None:
        """As by a power cut of its machine."""
        self.running.kill()
        self._close()

    def stop(self) -> None:
        """As by its operator: what is under way is answered."""
        assert self.running.stdin is not None
        self.running.stdin.close()
        self._close()

    def _close(self) -> None:
        self.running.wait(60)
        for stream in (self.running.stdin, self.running.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()


@contextlib.contextmanager
def running(folders: list[Path]) -> Iterator[list[Process]]:
    """One for each folder, stopped at the end; what takes the place of one that was killed is put in its place."""
    processes = [Process.start(folder) for folder in folders]
    try:
        yield processes
    finally:
        for each in processes:
            each.stop()


@dataclass
class Balancer:
    """Passes each connection to the next process that answers; one that dies takes its connections with it."""

    backends: list[str]
    url: str = ""
    _next: Iterator[int] = field(default_factory=itertools.count)

    def connect(self) -> socket.socket | None:
        """A connection to one of them, None where none answers."""
        for _ in range(len(self.backends)):
            place = urlsplit(self.backends[next(self._next) % len(self.backends)])
            with contextlib.suppress(OSError):
                connected = socket.create_connection((place.hostname, place.port), timeout=5)
                connected.settimeout(None)  # an answer takes as long as it takes
                return connected
        return None


@contextlib.contextmanager
def balancing(*urls: str) -> Iterator[Balancer]:
    """A balancer before these processes; `backends` may be changed while it works."""
    balancer = Balancer(list(urls))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        balancer.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        accepting = threading.Thread(target=_accept, args=(listening, balancer))
        accepting.start()
        try:
            yield balancer
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listening: socket.socket, balancer: Balancer) -> None:
    pumps: list[threading.Thread] = []
    sides: list[socket.socket] = []
    with contextlib.suppress(OSError):
        while True:
            desk, _ = listening.accept()
            hub = balancer.connect()
            if hub is None:
                desk.close()
                continue
            sides += [desk, hub]
            pumps += [threading.Thread(target=_pump, args=pair) for pair in ((desk, hub), (hub, desk))]
            for pump in pumps[-2:]:
                pump.start()
    for side in sides:  # of a desk that was not closed
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
    for pump in pumps:
        pump.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Whichever side ends, both end."""
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for side in (source, target):
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
        if side is target:
            source.close()
