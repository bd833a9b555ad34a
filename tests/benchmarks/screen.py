"""A screen of our own (Xvfb) whose pixels can be read at any time without asking anybody: they are a file in memory."""

import contextlib
import mmap
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

POLL_SECONDS = 0.001


def missing() -> str:
    """What is not installed here, in words; empty where all is."""
    return "" if shutil.which("Xvfb") else "Xvfb is not installed, so nothing was held against other programs"


class Screen:
    """Looks for a colour, as a person would for the page."""

    def __init__(self, display: str, memory: mmap.mmap) -> None:
        self.surroundings = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "GDK_BACKEND": "x11",
        }
        self._memory = memory

    def shows(self, colour: tuple[int, int, int]) -> bool:
        """Whether there is a row of pixels of this red, green, blue."""
        red, green, blue = colour
        return self._memory.find(bytes((blue, green, red)) + b"\0" + bytes((blue, green, red))) >= 0 or (
            self._memory.find(bytes((blue, green, red, 255)) * 2) >= 0
        )

    def wait(self, colour: tuple[int, int, int], shown: bool = True, seconds: float = 30) -> float:
        """When the colour is there (or is there no more); raises where it never is."""
        end = time.perf_counter() + seconds
        while self.shows(colour) is not shown:
            if time.perf_counter() > end:
                raise RuntimeError(f"the page was {'never' if shown else 'always'} seen")
            time.sleep(POLL_SECONDS)
        return time.perf_counter()


@contextlib.contextmanager
def screen(folder: Path) -> Iterator[Screen]:
    """A screen of 1366 × 768, as long as it is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    read, write = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(write),
        "-screen",
        "0",
        "1366x768x24",
        "-fbdir",
        str(folder),
        "-nolisten",
        "tcp",
    ]
    process = subprocess.Popen(
        command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = ":" + told.readline().strip()
        with (folder / "Xvfb_screen0").open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            yield Screen(display, memory)
    finally:
        process.terminate()
        process.wait()
