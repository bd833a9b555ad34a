"""Which files are being downloaded in this process: none by two at once, and each can be given up by itself."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class GivenUp(Exception):
    """Nobody wants the file any more that is being downloaded."""


class Downloads:
    """Downloads under way, by the digest of what is downloaded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, threading.Event] = {}

    @contextlib.contextmanager
    def one(self, digest: str) -> Iterator[threading.Event | None]:
        """Download a file: the event is set once it is not wanted any more. None where somebody is at it already."""
        given_up = threading.Event()
        with self._lock:
            mine = self._under_way.setdefault(digest, given_up) is given_up
        try:
            yield given_up if mine else None
        finally:
            if mine:
                with self._lock:
                    del self._under_way[digest]

    def under_way(self, digest: str) -> bool:
        """Whether a file is being downloaded."""
        with self._lock:
            return digest in self._under_way

    def give_up(self, digest: str) -> None:
        """Have a download end soon; what came so far stays, to go on with. None under way is no fault."""
        with self._lock:
            event = self._under_way.get(digest)
        if event is not None:
            event.set()
