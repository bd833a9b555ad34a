"""mpv, told what to do over its socket: how long it takes to show a moment of a plain file.

Software decoding, no window, exact seeks. With `--vo=null` it decodes pictures and throws them away. Given the size of
a window, it also scales them to that and turns them into the colours of a window, as we do.
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

OPTIONS = (
    "--no-config",
    "--idle",
    "--pause",
    "--hr-seek=yes",
    "--vo=null",
    "--ao=null",
    "--hwdec=no",
    "--keep-open=yes",
    "--no-terminal",
)
_PAINTED = "lavfi=[scale={}:{}:flags=bilinear,format=bgra]"
WAIT_SECONDS = 30.0


def installed() -> bool:
    """Whether there is one to compare with."""
    return shutil.which("mpv") is not None


class Mpv:
    """One running mpv. `show` and `begin` give seconds."""

    def __init__(self, folder: Path, window: tuple[int, int] | None = None) -> None:
        address = folder / ("mpv" if window is None else "mpv-scaling")
        painted = () if window is None else (f"--vf={_PAINTED.format(*window)}",)
        self._process = subprocess.Popen(["mpv", *OPTIONS, *painted, f"--input-ipc-server={address}"])
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(WAIT_SECONDS)
        end = time.monotonic() + WAIT_SECONDS
        while self._socket.connect_ex(str(address)):
            if time.monotonic() > end:
                raise RuntimeError("mpv did not start")
            time.sleep(0.02)
        self._events = self._lines()

    def begin(self, path: Path) -> float:
        """Open a file and show its first picture."""
        return self._until_shown("loadfile", str(path))

    def show(self, ms: int) -> float:
        """Show the picture at a moment."""
        return self._until_shown("seek", ms / 1000, "absolute+exact")

    def stop(self) -> None:
        """Let go of the file."""
        self._tell("stop")
        self._await("idle")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()

    def _until_shown(self, *command: Any) -> float:
        start = time.perf_counter()
        self._tell(*command)
        self._await("playback-restart")
        return time.perf_counter() - start

    def _tell(self, *command: Any) -> None:
        self._socket.sendall(json.dumps({"command": command}).encode() + b"\n")

    def _await(self, name: str) -> None:
        while next(self._events).get("event") != name:
            pass

    def _lines(self) -> Iterator[dict[str, Any]]:
        pending = b""
        while piece := self._socket.recv(65536):
            *lines, pending = (pending + piece).split(b"\n")
            yield from map(json.loads, lines)
        raise RuntimeError("mpv ended")
