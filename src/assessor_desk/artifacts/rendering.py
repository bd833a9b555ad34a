"""Making a rendition of a recording: in a worker that reads hostile bytes, sealed as its bytes come out.

What the worker writes is kept, under a key that only this process has, until its length is known; then it is sealed.
Neither the recording nor the rendition is ever in the open on a disk.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, Self, cast

from assessor_desk.artifacts.child import command, environment
from assessor_desk.artifacts.pipe import receive, send
from assessor_desk.artifacts.sealed_stream import Source
from assessor_desk.artifacts.vault import Sealed
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable

if TYPE_CHECKING:
    from assessor_desk.artifacts.media.rendition import RenditionFacts

WORKER_MODULE = "assessor_desk.artifacts.rendering_worker"
WORKER_FLAG = "--rendering-worker"
_POLL = 0.2
_KINDS: dict[str, type[DeskError]] = {each.__name__: each for each in (Refused, Damaged, Unavailable)}

Told = Callable[[int], None]


class Keeping(Protocol):
    """Where renditions are kept: a vault, or a hub's files."""

    @property
    def spool(self) -> Path:
        """A folder for what is on its way."""

    def write(self, source: Source, size: int, sha256: str = "") -> Sealed:
        """Seal and keep."""


def render_small(
    path: Path, key: bytes, name: str, vault: Keeping, stop: threading.Event, told: Told = lambda _: None
) -> tuple[Sealed, RenditionFacts]:
    """A small rendition of the recording at `path`, sealed into `vault`; `told` how many milliseconds are done.

    Raises Damaged or Refused where it cannot be rendered, Unavailable when `stop` ended it or its worker died.
    """
    return _render(path, key, name, vault, stop, told, "small")


def render_playable(
    path: Path, key: bytes, name: str, vault: Keeping, stop: threading.Event, told: Told = lambda _: None
) -> tuple[Sealed, RenditionFacts]:
    """The same, in full size, of a recording that cannot be played reliably. Raises as `render_small` does."""
    return _render(path, key, name, vault, stop, told, "playable")


def _render(
    path: Path, key: bytes, name: str, vault: Keeping, stop: threading.Event, told: Told, purpose: str
) -> tuple[Sealed, RenditionFacts]:
    from assessor_desk.artifacts.media.rendition import RenditionFacts

    process = subprocess.Popen(
        command(WORKER_MODULE, WORKER_FLAG),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    finished = threading.Event()
    watch = threading.Thread(target=_end_when_stopped, args=(process, stop, finished), daemon=True)
    watch.start()
    try:
        with _Spool(vault.spool) as spool:
            question = {"path": str(path), "name": name, "purpose": purpose}
            facts = RenditionFacts(**_listened(process, question, key, spool, told))
            return vault.write(spool, spool.rewind()), facts
    finally:
        finished.set()
        process.kill()
        process.wait()
        watch.join()
        for stream in (process.stdin, process.stdout):
            _close(stream)


def _end_when_stopped(process: Any, stop: threading.Event, finished: threading.Event) -> None:
    while not finished.wait(_POLL):
        if stop.is_set():
            process.kill()
            return


def _listened(
    process: Any, question: dict[str, Any], key: bytes, spool: _Spool, told: Told
) -> dict[str, Any]:
    """The facts at the end. What the worker says is not believed further than its form."""
    gone = Unavailable(f"The rendition of “{question['name']}” was not finished. It is made again later.")
    try:
        send(cast("BinaryIO", process.stdin), question, key)
        while (message := receive(cast("BinaryIO", process.stdout))) is not None:
            match message.header.get("event"):
                case "piece":
                    spool.write(bytes(message.payload))
                case "told":
                    told(int(message.header["ms"]))
                case "done":
                    return dict(message.header["facts"])
                case "trouble":
                    raise _KINDS[message.header["kind"]](str(message.header["sentence"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise gone from error
    raise gone


def _close(stream: Any) -> None:
    try:
        stream.close()
    except OSError:
        return  # closing flushes, which fails when the other end is gone


class _Spool:
    """A file that nobody else can read: what is written first, then read once from the beginning."""

    def __init__(self, folder: Path) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        self._path = folder / f"{secrets.token_hex(16)}.incoming"
        cipher = Cipher(algorithms.AES256(secrets.token_bytes(32)), modes.CTR(secrets.token_bytes(16)))
        self._closing, self._opening = cipher.encryptor(), cipher.decryptor()
        self._length = 0
        descriptor = os.open(
            self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        self._file = os.fdopen(descriptor, "w+b")

    def write(self, piece: bytes) -> None:
        self._file.write(self._closing.update(piece))
        self._length += len(piece)

    def rewind(self) -> int:
        """Begin to read; how many bytes there are."""
        self._file.seek(0)
        return self._length

    def read(self, size: int = -1, /) -> bytes:
        return self._opening.update(self._file.read(size))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)
