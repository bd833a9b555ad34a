"""Hears of everything that Python does beyond reading files: an audit hook (PEP 578)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_STARTS = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile")
_REACHES = ("socket.", "urllib.", "ftplib.", "http.", "smtplib.", "webbrowser.")
_CHANGES = (
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate",
    "os.utime", "shutil.", "tempfile.",
)  # fmt: skip
_RUNS = ("exec", "compile", "pickle.find_class", "ctypes.dlopen")


class Watch:
    """Notes what is done beyond reading while it is on; an audit hook, once set, stays until the process ends."""

    def __init__(self) -> None:
        self._on = False
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event == "open" and _only_reads(arguments):
            return
        if event == "open" or event.startswith((*_STARTS, *_REACHES, *_CHANGES)) or event in _RUNS:
            self.seen.append(f"{event} {arguments!r:.200}")

    @contextmanager
    def on(self) -> Iterator[None]:
        self.seen.clear()
        self._on = True
        try:
            yield
        finally:
            self._on = False


def _only_reads(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    return not (set(mode or "") & set("wax+")) and not (isinstance(flags, int) and flags & writing)
