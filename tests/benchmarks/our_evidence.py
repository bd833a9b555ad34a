"""Our window with evidence as a child process, told what to do."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

WINDOW = Path(__file__).with_name("evidence_window.py")


class Window:
    """Acts on one window, one after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid

    def say(self, act: str) -> None:
        """Ask for an act that is seen on the screen."""
        assert self._process.stdin is not None
        self._process.stdin.write(act + "\n")
        self._process.stdin.flush()

    def do(self, act: str) -> None:
        """Ask for an act that has an end, and wait for it."""
        self.say(act)
        self.until_done()

    def until_done(self) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "done":
            raise RuntimeError("the window ended before it was done")


@contextlib.contextmanager
def our_window(folder: Path, key: bytes, surroundings: Mapping[str, str]) -> Iterator[Window]:
    """The program with that desk, from its start to its end."""
    with subprocess.Popen(
        [sys.executable, str(WINDOW), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(surroundings),
    ) as process:
        window = Window(process)
        try:
            window.say(key.hex())
            yield window
            window.say("quit")
            process.wait(60)
        finally:
            process.kill()
